/** A deadline: the due date of a clock under a calendar. */
import { boundMs, type CivilDate, dateOf, type EffectiveTime, type Instant } from '../time.ts'
import { type Count, count, type Remaining, type Running } from './count.ts'
import { dateText } from './limit.ts'
import type { CalendarView } from './view.ts'

/** When a clock is due. Derived, never stored. */
export interface Deadline {
  /** A date (late means after it) or an instant (over at that instant). Absent while paused, and without a deadline. */
  readonly due?: EffectiveTime
  /** The last day before it rolled, where it did: whoever works to this date is safe under either reading of the law. */
  readonly warnOn?: CivilDate
  /** Whether a year was needed whose holidays are not published, so that the date may still move. */
  readonly provisional: boolean
  /** Present while the clock stands. */
  readonly paused?: { readonly since: EffectiveTime; readonly remaining: Remaining }
  /** Ids of the holiday notices and local days that lie in the period. */
  readonly calendars: readonly string[]
}

/** An instant as people here read it, in Shanghai time. */
export function shanghaiInstant(ms: number): Instant {
  const text = new Date(ms + 8 * 3_600_000).toISOString()
  return `${text.endsWith('.000Z') ? text.slice(0, 19) : text.slice(0, 23)}+08:00`
}

/** The last millisecond that is in time for a due date or instant. */
export const lastMoment = (due: EffectiveTime): number => boundMs(due)

/** Whether something that happened `at` is late for `due`. A date against an instant of the same day is not. */
export function isLate(at: EffectiveTime, due: EffectiveTime): boolean {
  if (at.length === 10 || due.length === 10) return dateOf(at) > dateOf(due)
  return Date.parse(at) > Date.parse(due)
}

/** The deadline a count came to. */
export function deadlineOf(clock: Running, counted: Count | undefined, view: CalendarView): Deadline {
  if (!counted) return { provisional: false, calendars: [] }
  const { scale, base, due, remaining } = counted
  if (scale === 'ms') {
    if (remaining) return { provisional: false, calendars: [], paused: { since: shanghaiInstant(due), remaining } }
    // A due time nobody moved stays as it was written.
    const given = clock.dueAt !== undefined && Date.parse(clock.dueAt) === due
    return { due: given ? clock.dueAt : shanghaiInstant(due), provisional: false, calendars: [] }
  }
  const asked = daysAsked(counted)
  const provisional = asked !== undefined && !view.coveredBetween(asked[0], asked[1])
  const calendars = asked === undefined ? [] : view.calendarsBetween(asked[0], asked[1])
  if (remaining) {
    const since = clock.pauses.find((pause) => pause.to === undefined)?.from ?? dateText(base + 1)
    return { provisional, calendars, paused: { since, remaining } }
  }
  return { due: dateText(due), ...(due === base ? {} : { warnOn: dateText(base) }), provisional, calendars }
}

/** The days of which the count had to know whether they are worked. */
function daysAsked(counted: Count): readonly [number, number] | undefined {
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  for (const leg of counted.legs) {
    if (leg.limit.unit !== 'wd' || leg.limit.count === 0) continue
    from = Math.min(from, leg.to < leg.from ? leg.to : leg.from + 1)
    to = Math.max(to, leg.to < leg.from ? leg.from - 1 : leg.to)
  }
  if (counted.rolls && !counted.remaining) {
    from = Math.min(from, counted.base, counted.due)
    to = Math.max(to, counted.base, counted.due)
  }
  return from <= to ? [from, to] : undefined
}

/** When a clock is due under a calendar. */
export const deadline = (clock: Running, view: CalendarView): Deadline => deadlineOf(clock, count(clock, view), view)
