/** Changes to a running clock: pausing, resuming, extending, and what a new holiday notice moves. */
import type { Clock, Limit, Pause } from '../clock.ts'
import { type Refusal, refusal } from '../decider.ts'
import { type EffectiveTime, isEarlier } from '../time.ts'
import type { Running } from './count.ts'
import { type Deadline, deadline, isLate } from './deadline.ts'
import { parseLimit } from './limit.ts'
import type { CalendarView } from './view.ts'

type Changed = { readonly ok: true; readonly clock: Clock } | { readonly ok: false; readonly refusal: Refusal }
const no = (code: Refusal['code'], rule: string): Changed => ({ ok: false, refusal: refusal(code, rule) })

const isStopped = (clock: Clock): boolean => clock.stoppedAt !== undefined || clock.cancelledAt !== undefined

/** Stops a clock that runs. A second stop is refused; times may not go back before the start or the last resumption. */
export function pauseClock(clock: Clock, from: EffectiveTime, reason: string): Changed {
  if (isStopped(clock)) return no('clock-stopped', clock.rule)
  if (clock.pauses.some((pause) => pause.to === undefined)) return no('clock-already-paused', clock.rule)
  const since = clock.pauses.at(-1)?.to
  if (isEarlier(from, clock.startedAt) || (since !== undefined && isEarlier(from, since)))
    return no('pauses-overlap', clock.rule)
  return { ok: true, clock: { ...clock, pauses: [...clock.pauses, { from, reason }] } }
}

/** Lets a paused clock run on. A second resumption is refused. */
export function resumeClock(clock: Clock, to: EffectiveTime): Changed {
  if (isStopped(clock)) return no('clock-stopped', clock.rule)
  const last: Pause | undefined = clock.pauses.at(-1)
  if (!last || last.to !== undefined) return no('clock-not-paused', clock.rule)
  if (isEarlier(to, last.from)) return no('pause-invalid', clock.rule)
  return { ok: true, clock: { ...clock, pauses: [...clock.pauses.slice(0, -1), { ...last, to }] } }
}

/**
 * Whether an extension may be asked for: the rule provides one, the limit has not run out, and the cap is not passed.
 * Who may approve it is the case's own rule.
 * @param askedAt when it was asked for
 * @param cap the most that extensions may add together; nothing where the rule knows no extension
 */
export function judgeExtension(
  clock: Clock,
  asked: Limit,
  askedAt: EffectiveTime,
  cap: Limit | undefined,
  view: CalendarView,
): Refusal | undefined {
  if (isStopped(clock)) return refusal('clock-stopped', clock.rule)
  const limit = parseLimit(asked)
  if (!limit || limit.count <= 0) return refusal('limit-invalid', clock.rule, { pointer: '/limit' })
  if (cap === undefined) return refusal('extension-not-provided', clock.rule)
  const { due } = deadline(clock, view)
  if (due !== undefined && isLate(askedAt, due))
    return refusal('extension-after-expiry', clock.rule, { detail: { due } })
  const without: Running = { ...clock, roll: false, extensions: [], pauses: [] }
  const end = (extensions: readonly Limit[]) => deadline({ ...without, extensions }, view).due
  const [longest, wanted] = [end([cap]), end([...clock.extensions, asked])]
  if (longest !== undefined && wanted !== undefined && isLate(wanted, longest))
    return refusal('extension-over-cap', clock.rule, { pointer: '/limit', detail: { cap } })
  return undefined
}

/** What a calendar that changed did to a deadline. */
export interface Moved {
  readonly from: EffectiveTime
  readonly to: EffectiveTime
  /** Whether only the doubt went: the year is published now, and the date stayed. */
  readonly settled: boolean
  /** Ids of the notices that are new. */
  readonly because: readonly string[]
}

/** How a deadline moves from one calendar to the next; nothing where it stays as it was. */
export function movedBy(clock: Running, before: CalendarView, after: CalendarView): Moved | undefined {
  const was: Deadline = deadline(clock, before)
  const is: Deadline = deadline(clock, after)
  if (was.due === undefined || is.due === undefined) return undefined
  if (was.due === is.due && was.provisional === is.provisional) return undefined
  const known = new Set([...before.notices, ...before.local].map((each) => each.id))
  const because = [...after.notices, ...after.local].map((each) => each.id).filter((id) => !known.has(id))
  return { from: was.due, to: is.due, settled: was.due === is.due, because }
}
