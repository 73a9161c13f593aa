/** The receipt of a deadline: why this day, one line a day, so that anyone can count it again with a wall calendar. */
import { calendarTerms } from '../catalogue/calendar.ts'
import type { Clock, Limit, Pause } from '../clock.ts'
import type { CivilDate, EffectiveTime } from '../time.ts'
import { type Count, count, type Leg } from './count.ts'
import { type Deadline, deadlineOf, shanghaiInstant } from './deadline.ts'
import { addMonths, dateText } from './limit.ts'
import { type Spans, stepDays } from './pauses.ts'
import type { CalendarView } from './view.ts'

/** A line: a day, or for hours an instant; whether it counts; why. Of days and working days exactly the limit's number count. */
export interface ReceiptLine {
  readonly date: EffectiveTime
  readonly counted: boolean
  readonly reason: string
}

/** A holiday notice or local declaration that lies in the period. */
export interface CitedCalendar {
  readonly id: string
  /** Number of the notice, or the local document. */
  readonly notice: string
  readonly publishedOn: CivilDate
}

export interface Receipt {
  readonly deadline: Deadline
  readonly start: EffectiveTime
  /** Absent where the due time was given. */
  readonly limit?: Limit
  readonly dueAt?: EffectiveTime
  readonly lines: readonly ReceiptLine[]
  readonly pauses: readonly Pause[]
  readonly extensions: readonly Limit[]
  /** Whether the cap cut the extensions. */
  readonly capped: boolean
  /** The rule with its legal citation, as the clock names it. */
  readonly rule: string
  /** Policy version the limit comes from. */
  readonly policy?: string
  /** The calendar is the one known on this date. */
  readonly calendarBound: CivilDate
  readonly calendars: readonly CitedCalendar[]
}

/** The receipt of a clock under a calendar. `policy` is the policy version in the `basis` of the event that started it. */
export function receipt(
  clock: Omit<Clock, 'id' | 'kind' | 'organisation'>,
  view: CalendarView,
  policy?: string,
): Receipt {
  const counted = count(clock, view)
  const deadline = deadlineOf(clock, counted, view)
  return {
    deadline,
    start: clock.startedAt,
    ...(clock.limit === undefined ? {} : { limit: clock.limit }),
    ...(clock.dueAt === undefined ? {} : { dueAt: clock.dueAt }),
    lines: counted ? receiptLines(counted, view, clock.limit === undefined) : [],
    pauses: clock.pauses,
    extensions: clock.extensions,
    capped: counted?.capped ?? false,
    rule: clock.rule,
    ...(policy === undefined ? {} : { policy }),
    calendarBound: view.bound,
    calendars: deadline.calendars.map((id) => cite(id, view)),
  }
}

function cite(id: string, view: CalendarView): CitedCalendar {
  const notice = view.notices.find((each) => each.id === id)
  if (notice) return { id, notice: notice.number, publishedOn: notice.publishedOn }
  const local = view.local.find((each) => each.id === id)!
  return { id, notice: local.notice, publishedOn: local.declaredOn }
}

/**
 * The lines of a count, in the order of counting.
 * @param given whether the due time was given from outside, so that the first stretch is not counted day by day
 */
export function receiptLines(counted: Count, view: CalendarView, given = false): ReceiptLine[] {
  const { legs, scale, direction, base, due, remaining } = counted
  if (scale === 'ms') return instantLines(counted, given)
  const start = legs[0]!.from
  const lines: ReceiptLine[] = [{ date: dateText(start), counted: false, reason: calendarTerms.startNotCounted }]
  for (const [place, leg] of legs.entries()) {
    if (given && place === 0) givenLines(lines, leg, counted)
    else if (leg.limit.unit === 'mo' || leg.limit.unit === 'y') monthLines(lines, leg, counted)
    else dayLines(lines, leg, counted, view)
  }
  if (remaining) lines.push({ date: dateText(base + 1), counted: false, reason: calendarTerms.paused })
  else if (due !== base) {
    const [over, to] =
      direction === 1
        ? [calendarTerms.rolledOver, calendarTerms.rolledTo]
        : [calendarTerms.rolledBackOver, calendarTerms.rolledBackTo]
    const last = lines.at(-1)!
    lines[lines.length - 1] = { ...last, reason: over(view.reason(base)) }
    for (let day = base + direction; day !== due; day += direction)
      lines.push({ date: dateText(day), counted: false, reason: view.reason(day) })
    lines.push({ date: dateText(due), counted: false, reason: to(view.reason(due)) })
  }
  return lines
}

const isPaused = (day: number, pauses: Spans): boolean => {
  for (const [from, to] of pauses) if (day >= from && day < to) return true
  return false
}

/** Working days and calendar days: each day of the stretch. */
function dayLines(lines: ReceiptLine[], leg: Leg, { direction, pauses }: Count, view: CalendarView): void {
  const workdays = leg.limit.unit === 'wd'
  for (let day = leg.from; day !== leg.to; ) {
    day += direction
    const date = dateText(day)
    if (pauses.length > 0 && isPaused(day, pauses)) lines.push({ date, counted: false, reason: calendarTerms.paused })
    else if (workdays) lines.push({ date, counted: view.isWorkday(day), reason: view.reason(day) })
    else lines.push({ date, counted: true, reason: calendarTerms.calendarDay })
  }
}

/** Days of a stretch that a pause took out of it. */
function pausedLines(leg: Leg, pauses: Spans): { day: number; line: ReceiptLine }[] {
  const found: { day: number; line: ReceiptLine }[] = []
  for (const [from, to] of pauses)
    for (let day = Math.max(from, leg.from + 1); day < to && day <= leg.to; day++)
      found.push({ day, line: { date: dateText(day), counted: false, reason: calendarTerms.paused } })
  return found
}

/** Months and years: the corresponding day of each, and the paused days that moved it. */
function monthLines(lines: ReceiptLine[], leg: Leg, { direction, pauses, remaining }: Count): void {
  const size = leg.limit.unit === 'mo' ? 1 : 12
  const text = leg.limit.unit === 'mo' ? calendarTerms.monthCounted : calendarTerms.yearCounted
  const found = pausedLines(leg, pauses)
  for (let n = 1; n <= Math.abs(leg.limit.count); n++) {
    const day = stepDays(
      { add: (at, units) => at + units, between: (after, upTo) => upTo - after },
      leg.from,
      addMonths(leg.from, n * size * direction) - leg.from,
      pauses,
    )
    if (day.open || (remaining && day.at > leg.to)) break
    found.push({ day: day.at, line: { date: dateText(day.at), counted: true, reason: text(n) } })
  }
  found.sort((a, b) => (a.day - b.day) * direction)
  for (const { line } of found) lines.push(line)
}

/** A date given from outside: itself, and the paused days that moved it. */
function givenLines(lines: ReceiptLine[], leg: Leg, { pauses, remaining }: Count): void {
  for (const { line } of pausedLines(leg, pauses)) lines.push(line)
  if (!remaining) lines.push({ date: dateText(leg.to), counted: true, reason: calendarTerms.fixed })
}

/** Hours and given instants: where it begins, what was taken out, where it ends. */
function instantLines({ legs, pauses, due, remaining }: Count, given: boolean): ReceiptLine[] {
  const leg = legs[0]!
  const lines: ReceiptLine[] = [{ date: shanghaiInstant(leg.from), counted: false, reason: calendarTerms.hoursStart }]
  for (const [from, to] of pauses)
    if (to > leg.from && from < leg.to)
      lines.push({ date: shanghaiInstant(Math.max(from, leg.from)), counted: false, reason: calendarTerms.paused })
  if (remaining) lines.push({ date: shanghaiInstant(due), counted: false, reason: calendarTerms.paused })
  else
    lines.push({
      date: shanghaiInstant(due),
      counted: true,
      reason: given ? calendarTerms.fixed : calendarTerms.hoursCounted(leg.limit.count),
    })
  return lines
}
