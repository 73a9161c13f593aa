/**
 * 逾期: a deadline that was missed, recorded once for a clock and its due time, as an event dated at the legal moment that names the
 * calendar it was judged by. Boards never read it; ratings ignore it where a later calendar cures it. Any category with clocks can
 * add the event to its own: the id that makes it happen once on every node is the reactor's.
 */
import { z } from 'zod'
import { lastMoment } from './calendar/deadline.ts'
import type { Clock } from './clock.ts'
import { civilDate, effectiveTime, identifier, reference } from './complaint/fields.ts'
import { accepted, type DecideContext, type Decision, type Refusal, refusal, refused } from './decider.ts'
import { type EffectiveTime, type Instant, instantOfMs, isEarlier, sortKey } from './time.ts'

/** The event's definition, to stand in a category's map as `DeadlineMissed`. */
export const deadlineMissed = {
  version: 1,
  rule: '民法典 203 S1-5.2c',
  data: z.strictObject({
    /** Id of the clock in its case. */
    clock: reference,
    kind: reference,
    /** The last moment in time: a date is over at its 24:00, an instant at that instant. */
    due: effectiveTime,
    /** Who owed it then. */
    organisation: identifier,
    person: identifier.optional(),
    /** The date whose knowledge of calendars it was judged by, and the notices that said something about the period. */
    calendarBound: civilDate,
    calendars: z.array(reference).max(40),
  }),
} as const

export type DeadlineMissedData = z.output<typeof deadlineMissed.data>

/** A miss as a state keeps it. */
export interface Miss {
  readonly clock: string
  readonly due: EffectiveTime
}

/** The moment from which a deadline is missed: the first that is late. */
export const missedAt = (due: EffectiveTime): Instant => instantOfMs(lastMoment(due) + 1)

/** Whether the miss of this clock by this due time, or a later one, is recorded: only a deadline moved later can be missed again. */
export const isMissKnown = (misses: readonly Miss[], data: Miss): boolean =>
  misses.some((known) => known.clock === data.clock && sortKey(known.due) >= sortKey(data.due))

/** Whether a miss can stand: of a clock of the case, with a due time after its start, once. */
export function judgeMiss(
  data: DeadlineMissedData,
  clocks: readonly Clock[],
  misses: readonly Miss[],
): Refusal | undefined {
  const clock = clocks.find((each) => each.id === data.clock)
  if (!clock) return refusal('deadline-clock-unknown', deadlineMissed.rule, { pointer: '/clock' })
  if (isEarlier(data.due, clock.startedAt))
    return refusal('deadline-before-start', deadlineMissed.rule, { pointer: '/due' })
  return isMissKnown(misses, data)
    ? refusal('deadline-miss-known', deadlineMissed.rule, { pointer: '/clock', detail: { clock: data.clock } })
    : undefined
}

/** Whether what the clock waited for, or its cancelling, came in time, so that there is nothing missed to record. */
export function cameInTime(clock: Clock, due: EffectiveTime): boolean {
  const ended = clock.stoppedAt ?? clock.cancelledAt
  return ended !== undefined && sortKey(ended) <= lastMoment(due)
}

/** The misses with one more. */
export const withMiss = (misses: readonly Miss[], { clock, due }: Miss): readonly Miss[] => [...misses, { clock, due }]

/** A recorded miss as a new event. */
export interface NewMiss {
  readonly type: 'DeadlineMissed'
  readonly data: DeadlineMissedData
  readonly effectiveAt: Instant
}

/** What a sweeper's command yields: nothing where the miss is recorded already or what was waited for came in time after all; never before the legal moment. */
export function decideMiss(
  data: DeadlineMissedData,
  clocks: readonly Clock[],
  misses: readonly Miss[],
  context: Pick<DecideContext, 'now'>,
): Decision<NewMiss> {
  const clock = clocks.find(({ id }) => id === data.clock)
  if (isMissKnown(misses, data) || (clock && cameInTime(clock, data.due))) return accepted()
  const at = missedAt(data.due)
  return Date.parse(at) > Date.parse(context.now)
    ? refused('deadline-not-missed-yet', deadlineMissed.rule, { detail: { due: data.due } })
    : accepted({ type: 'DeadlineMissed', data, effectiveAt: at })
}
