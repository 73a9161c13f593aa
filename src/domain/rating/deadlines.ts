/** Deadlines that an office owed, as facts: met or missed, by the calendars; a miss that a later notice cures counts as neither. */
import { deadline, isLate, lastMoment } from '../calendar/deadline.ts'
import type { CalendarSource } from '../calendar/source.ts'
import type { Clock } from '../clock.ts'
import type { DeadlineMissedData } from '../deadline-missed.ts'
import type { Step } from '../event.ts'
import { dateOf, type EffectiveTime } from '../time.ts'
import { type Fact, factOf, type Overturned } from './facts.ts'

/**
 * The first later publication by which the clock was not yet due when it was counted as missed; nothing where no calendar moved it.
 */
export function curedBy(
  clock: Clock,
  miss: { readonly due: EffectiveTime; readonly calendarBound: string },
  calendars: CalendarSource,
): Overturned | undefined {
  const dueBy = (bound: string) => {
    const { due } = deadline(clock, calendars.at(bound))
    return due === undefined ? undefined : lastMoment(due)
  }
  const judged = dueBy(miss.calendarBound)
  if (judged === undefined) return undefined
  const later = [
    ...calendars.notices.map((notice) => ({ id: notice.id, at: notice.publishedOn })),
    ...calendars.local.map((local) => ({ id: local.id, at: local.declaredOn })),
  ]
    .filter(({ at }) => at > miss.calendarBound)
    .sort((a, b) => (a.at < b.at || (a.at === b.at && a.id < b.id) ? -1 : 1))
  for (const { id, at } of later) {
    const due = dueBy(at)
    if (due !== undefined && due > judged && due > lastMoment(miss.due)) return { event: id, index: null, at }
  }
  return undefined
}

/** A recorded miss; `cured` tells whether it still is one. */
export function missFact(
  step: Step,
  clock: Clock | undefined,
  annulled: ReadonlyMap<string, Overturned>,
  calendars: CalendarSource,
): { readonly fact: Fact; readonly cured: boolean } {
  const { kind, organisation, due, calendarBound } = step.data as DeadlineMissedData
  const cured = clock && curedBy(clock, { due, calendarBound }, calendars)
  const data = { clock: kind, onTime: false, ...(cured ? { cured } : {}) }
  return { fact: factOf('deadline', step, organisation, data, { annulled }), cured: cured !== undefined }
}

/**
 * What the step that stopped a clock says of its deadline, whether or not a miss was recorded: late by the calendars known on that day is late,
 * unless a later notice cures it. Nothing where the clock has no deadline.
 */
export function stopFact(step: Step, clock: Clock, calendars: CalendarSource): Fact | undefined {
  if (clock.limit === undefined && clock.dueAt === undefined) return undefined
  const at = clock.stoppedAt ?? step.effectiveAt
  const calendarBound = dateOf(at)
  const { due } = deadline(clock, calendars.at(calendarBound))
  const late = due !== undefined && isLate(at, due)
  const cured = late ? curedBy(clock, { due, calendarBound }, calendars) : undefined
  return factOf('deadline', step, clock.organisation, {
    clock: clock.kind,
    onTime: !late,
    ...(cured ? { cured } : {}),
  })
}
