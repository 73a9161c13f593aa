/** One deadline from plain texts: what `duban deadline` and the deadline page compute. */
import type { Limit, Pause } from '../clock.ts'
import { type Refusal, refusal } from '../decider.ts'
import { type CivilDate, type EffectiveTime, isCivilDate, isEffectiveTime, sortKey } from '../time.ts'
import { count } from './count.ts'
import { deadlineOf } from './deadline.ts'
import { formatLimit, parseLimit, yearOfDay } from './limit.ts'
import { placeOn } from './pauses.ts'
import { type ReceiptLine, receiptLines } from './receipt.ts'
import type { CalendarSource } from './source.ts'

/** The question, as a person writes it. */
export interface DeadlineQuestion {
  /** A date, or an instant with any offset. Of a date, hours run from its 00:00. */
  readonly from: string
  /** `5wd`, `15d`, `2mo`, `1y`, `24h`; negative counts backward. */
  readonly limit: string
  /** Default: as the unit's rule says. `wd` and `h` never roll. */
  readonly roll?: boolean
  /** `FROM/TO`, each [from, to). */
  readonly pauses?: readonly string[]
  /** Uses the notices published by this date; default: all there are. */
  readonly calendarAsOf?: string
  /** Division code, for local days off. */
  readonly division?: string
}

/** The answer, as command-line.md fixes it. */
export interface DeadlineAnswer {
  /** A date (late means after it); for hours an instant. */
  readonly due: EffectiveTime
  readonly provisional: boolean
  readonly limit: Limit
  /** Ids of the notices used. */
  readonly calendars: readonly string[]
  readonly receipt: readonly ReceiptLine[]
  /** The last day before it rolled, where it did. */
  readonly warnOn?: CivilDate
}

export type Computed =
  | { readonly ok: true; readonly value: DeadlineAnswer }
  | { readonly ok: false; readonly refusal: Refusal }

/** How periods are counted (民法典 200–204). */
const COUNTING = '民法典 200 201'

const no = (code: Refusal['code'], pointer: string, detail?: Refusal['detail']): Computed => ({
  ok: false,
  refusal: refusal(code, COUNTING, { pointer, ...(detail ? { detail } : {}) }),
})

/** Dates beyond this year are typing mistakes, and would leave the four-digit form. */
const LAST_YEAR = 9000

/** Computes one deadline. Refusals: `date-invalid`, `limit-invalid`, `pause-invalid`, `pauses-overlap`. */
export function computeDeadline(question: DeadlineQuestion, calendars: CalendarSource): Computed {
  const { from, roll, calendarAsOf } = question
  if (!isEffectiveTime(from)) return no('date-invalid', '/from')
  if (calendarAsOf !== undefined && !isCivilDate(calendarAsOf)) return no('date-invalid', '/calendarAsOf')
  const limit = parseLimit(question.limit)
  if (!limit) return no('limit-invalid', '/limit')
  const pauses: Pause[] = []
  for (const [place, text] of (question.pauses ?? []).entries()) {
    const pause = parsePause(text)
    if (!pause || limit.count < 0) return no('pause-invalid', `/pauses/${place}`)
    pauses.push(pause)
  }
  const overlap = overlapping(pauses)
  if (overlap !== undefined) return no('pauses-overlap', `/pauses/${overlap}`)
  const clock = {
    startedAt: from,
    limit: formatLimit(limit),
    ...(roll === undefined ? {} : { roll }),
    pauses,
    extensions: [],
  }
  const view = calendars.at(calendarAsOf, question.division)
  const counted = count(clock, view)!
  const year = counted.scale === 'days' ? yearOfDay(counted.due) : new Date(counted.due).getUTCFullYear()
  if (!(year > 1900 && year < LAST_YEAR)) return no('limit-invalid', '/limit')
  const { due, provisional, calendars: ids, warnOn } = deadlineOf(clock, counted, view)
  return {
    ok: true,
    value: {
      due: due!,
      provisional,
      limit: clock.limit,
      calendars: ids,
      receipt: receiptLines(counted, view),
      ...(warnOn === undefined ? {} : { warnOn }),
    },
  }
}

/** A pause written `FROM/TO`; nothing where it is not one, or ends before it begins. */
export function parsePause(text: string): Pause | undefined {
  const [from, to, ...more] = text.split('/')
  if (from === undefined || to === undefined || more.length > 0) return undefined
  if (!isEffectiveTime(from) || !isEffectiveTime(to) || sortKey(to) < sortKey(from)) return undefined
  return { from, to, reason: '' }
}

/** The place of a pause that begins before an earlier one ends; touching ones do not overlap. */
export function overlapping(pauses: readonly Pause[]): number | undefined {
  const order = pauses
    .map((pause, place) => ({ pause, place }))
    .filter(({ pause }) => pause.to === undefined || placeOn(pause.to, 'ms') > placeOn(pause.from, 'ms'))
    .sort((a, b) => sortKey(a.pause.from) - sortKey(b.pause.from))
  for (let i = 1; i < order.length; i++) {
    const before = order[i - 1]!.pause
    if (before.to === undefined || sortKey(order[i]!.pause.from) < sortKey(before.to)) return order[i]!.place
  }
  return undefined
}
