/** How a clock stands at a moment: one answer for boards, ratings, feeds and people. */
import type { Clock } from '../clock.ts'
import { boundMs, type CivilDate, dateOf, dayNumber, type EffectiveTime, sortKey } from '../time.ts'
import { type Deadline, deadline, isLate, lastMoment } from './deadline.ts'
import type { CalendarSource } from './source.ts'

/**
 * Open: `open`, `dueSoon`, `overdue`, `paused`, `noDeadline`. Ended: `closedOnTime`, `closedLate`, `closedNoDeadline`, and
 * `cancelled` for what ended otherwise (withdrawn, merged, terminated) and has no verdict.
 */
export type ClockState =
  | 'open'
  | 'dueSoon'
  | 'overdue'
  | 'paused'
  | 'noDeadline'
  | 'closedOnTime'
  | 'closedLate'
  | 'closedNoDeadline'
  | 'cancelled'

/** Grey: paused or ended. Computed, never stored. */
export type Light = 'green' | 'yellow' | 'red' | 'grey'

/** When the light turns yellow. */
export interface LightPolicy {
  /** Working days left, the due day included and today not. */
  readonly yellowWorkdays: number
}
export const defaultLights: LightPolicy = { yellowWorkdays: 3 }

export interface ClockStatus {
  readonly state: ClockState
  readonly light: Light
  readonly deadline: Deadline
  /** Working days from tomorrow to the due day; negative: working days since it. Absent without a due time. */
  readonly workdaysLeft?: number
  /** The calendar bound it was judged by. */
  readonly calendarBound: CivilDate
}

/** The light of each state. */
export const lightOf: Readonly<Record<ClockState, Light>> = {
  open: 'green',
  noDeadline: 'green',
  dueSoon: 'yellow',
  overdue: 'red',
  paused: 'grey',
  closedOnTime: 'grey',
  closedLate: 'grey',
  closedNoDeadline: 'grey',
  cancelled: 'grey',
}

/**
 * The clock as it was at a moment: what happened later has not happened yet. A date includes its whole day. Extensions
 * carry no date of their own and must come from a state folded to the same moment.
 */
export function clockAt(clock: Clock, at: EffectiveTime): Clock {
  const bound = boundMs(at)
  const later = (time: EffectiveTime | undefined) => time !== undefined && sortKey(time) > bound
  if (!later(clock.stoppedAt) && !later(clock.cancelledAt) && !clock.pauses.some((p) => later(p.from) || later(p.to)))
    return clock
  return {
    ...clock,
    pauses: clock.pauses
      .filter((pause) => !later(pause.from))
      .map((pause) => (later(pause.to) ? { from: pause.from, reason: pause.reason } : pause)),
    stoppedAt: later(clock.stoppedAt) ? undefined : clock.stoppedAt,
    cancelledAt: later(clock.cancelledAt) ? undefined : clock.cancelledAt,
  }
}

/**
 * How a clock stands at a moment. A clock that runs is judged by the calendar of that moment; one that has ended keeps the
 * calendar of the day it ended, so that a later notice leaves it alone.
 * @param division where local days off count
 */
export function clockStatus(
  asKnown: Clock,
  at: EffectiveTime,
  calendars: CalendarSource,
  policy: LightPolicy = defaultLights,
  division?: string,
): ClockStatus {
  const clock = clockAt(asKnown, at)
  const ended = clock.stoppedAt ?? clock.cancelledAt
  const calendarBound = ended === undefined ? dateOf(at) : (clock.decidedCalendar ?? dateOf(ended))
  const view = calendars.at(calendarBound, division)
  const found = deadline(ended === undefined ? clock : closePauses(clock, ended), view)
  const dueDay = found.due === undefined ? undefined : dayNumber(dateOf(found.due))
  const today = dayNumber(dateOf(at))
  const left =
    dueDay === undefined
      ? undefined
      : dueDay >= today
        ? view.workdaysBetween(today, dueDay)
        : -view.workdaysBetween(dueDay, today)
  const state = stateOf(clock, at, found, left ?? 0, policy)
  return {
    state,
    light: lightOf[state],
    deadline: found,
    ...(left === undefined ? {} : { workdaysLeft: left }),
    calendarBound,
  }
}

/** A pause ends with the clock: what ended while it stood was within the limit if the units before it were. */
const closePauses = (clock: Clock, ended: EffectiveTime): Clock =>
  clock.pauses.some((pause) => pause.to === undefined)
    ? { ...clock, pauses: clock.pauses.map((pause) => (pause.to === undefined ? { ...pause, to: ended } : pause)) }
    : clock

function stateOf(clock: Clock, at: EffectiveTime, found: Deadline, left: number, policy: LightPolicy): ClockState {
  if (clock.stoppedAt !== undefined) {
    if (found.due === undefined) return 'closedNoDeadline'
    return isLate(clock.stoppedAt, found.due) ? 'closedLate' : 'closedOnTime'
  }
  if (clock.cancelledAt !== undefined) return 'cancelled'
  if (found.paused) return 'paused'
  if (found.due === undefined) return 'noDeadline'
  if (boundMs(at) > lastMoment(found.due)) return 'overdue'
  return left <= policy.yellowWorkdays ? 'dueSoon' : 'open'
}
