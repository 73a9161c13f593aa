/** The clocks of one case: started, stopped, cancelled, paused and extended by its steps. Pure; each answers a new list. */
import type { Clock, Limit } from './clock.ts'
import type { Step } from './event.ts'
import { type EffectiveTime, isEarlier } from './time.ts'

/** Whether it has neither stopped nor been cancelled; a paused clock runs. */
export const isRunning = (clock: Clock): boolean => clock.stoppedAt === undefined && clock.cancelledAt === undefined

/** Whether a pause of one of the clocks ends after this moment: another that begins then would overlap it. */
export const pausedBeyond = (clocks: readonly Clock[], at: EffectiveTime): boolean =>
  clocks.some(({ pauses }) => pauses.some(({ to }) => to !== undefined && isEarlier(at, to)))

/** Starts a clock if its event fixed a limit for it, or it has a due time of its own. A second of a kind is `kind#2`. */
export function startClock(
  clocks: readonly Clock[],
  kind: string,
  rule: string,
  step: Pick<Step, 'basis' | 'effectiveAt'>,
  owner: { readonly organisation: string; readonly person?: string | undefined },
  dueAt?: EffectiveTime,
): readonly Clock[] {
  const limit = step.basis?.limits?.[kind]
  if (limit === undefined && dueAt === undefined) return clocks
  const earlier = clocks.filter((clock) => clock.kind === kind).length
  return [
    ...clocks,
    {
      id: earlier === 0 ? kind : `${kind}#${earlier + 1}`,
      kind,
      startedAt: step.effectiveAt,
      ...(dueAt === undefined ? { limit: limit as Limit } : { dueAt }),
      pauses: [],
      extensions: [],
      rule,
      organisation: owner.organisation,
      ...(owner.person ? { person: owner.person } : {}),
    },
  ]
}

/** A clock that has ended; an open pause ends with it. */
const ended = (clock: Clock, end: 'stoppedAt' | 'cancelledAt', at: EffectiveTime): Clock => ({
  ...clock,
  pauses: clock.pauses.map((pause) => (pause.to === undefined ? { ...pause, to: at } : pause)),
  [end]: at,
})

const change = (
  clocks: readonly Clock[],
  concerns: (clock: Clock) => boolean,
  edit: (clock: Clock) => Clock,
): readonly Clock[] => clocks.map((clock) => (isRunning(clock) && concerns(clock) ? edit(clock) : clock))

const all = () => true

/** Changes of a case's clocks, with its own kinds checked by the compiler. */
export const clockChanges = <Kind extends string>() => {
  const among = (kinds: readonly Kind[]) => (clock: Clock) => (kinds as readonly string[]).includes(clock.kind)
  return {
    /** Stops running clocks of these kinds: what they waited for happened. */
    stop: (clocks: readonly Clock[], at: EffectiveTime, ...kinds: readonly Kind[]): readonly Clock[] =>
      change(clocks, among(kinds), (clock) => ended(clock, 'stoppedAt', at)),

    /** Stops one running clock by its id. */
    stopOne: (clocks: readonly Clock[], at: EffectiveTime, id: string): readonly Clock[] =>
      change(
        clocks,
        (clock) => clock.id === id,
        (clock) => ended(clock, 'stoppedAt', at),
      ),

    /** Ends running clocks without that; all of them where no kind is named. */
    cancel: (clocks: readonly Clock[], at: EffectiveTime, ...kinds: readonly Kind[]): readonly Clock[] =>
      change(clocks, kinds.length === 0 ? all : among(kinds), (clock) => ended(clock, 'cancelledAt', at)),

    /** Ends every running clock but those of the kinds named. */
    cancelExcept: (clocks: readonly Clock[], at: EffectiveTime, ...kept: readonly Kind[]): readonly Clock[] =>
      change(
        clocks,
        (clock) => !among(kept)(clock),
        (clock) => ended(clock, 'cancelledAt', at),
      ),

    /** Pauses running clocks that are not paused already; all of them where no kind is named. */
    pause: (clocks: readonly Clock[], from: EffectiveTime, why: string, ...kinds: readonly Kind[]): readonly Clock[] =>
      change(clocks, kinds.length === 0 ? all : among(kinds), (clock) =>
        clock.pauses.some((open) => open.to === undefined)
          ? clock
          : { ...clock, pauses: [...clock.pauses, { from, reason: why }] },
      ),

    /** Lets clocks run again that were paused for this reason, or for any. */
    unpause: (clocks: readonly Clock[], to: EffectiveTime, why?: string): readonly Clock[] =>
      change(clocks, all, (clock) => ({
        ...clock,
        pauses: clock.pauses.map((open) =>
          open.to === undefined && (why === undefined || open.reason === why) ? { ...open, to } : open,
        ),
      })),

    /** Grants more time on a running clock. */
    extend: (clocks: readonly Clock[], id: string, by: Limit): readonly Clock[] =>
      change(
        clocks,
        (clock) => clock.id === id,
        (clock) => ({ ...clock, extensions: [...clock.extensions, by] }),
      ),
  }
}
