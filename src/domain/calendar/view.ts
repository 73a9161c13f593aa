/**
 * The working-day calendar as one moment knew it: the notices published by a date, and local days off. Every question
 * about a day is answered from tables, so that a deadline costs the same however long it is.
 */
import { calendarTerms } from '../catalogue/calendar.ts'
import { type CivilDate, dayNumber } from '../time.ts'
import { firstDayOfYear, yearOfDay } from './limit.ts'

/** A day a notice names. */
export interface NamedDay {
  readonly date: CivilDate
  /** The holiday it belongs to: 春节. */
  readonly name: string
}

/** A State Council notice on one year's holidays, whole: an amending notice gives the year's arrangement anew. */
export interface HolidayNotice {
  /** `cn-<year>@<publication date>`; names the calendar in receipts and in `basis`. */
  readonly id: string
  readonly year: number
  /** Number of the notice, 国办发明电〔2025〕7号. */
  readonly number: string
  readonly publishedOn: CivilDate
  readonly offDays: readonly NamedDay[]
  /** Make-up working days on weekends (补班). */
  readonly workDays: readonly NamedDay[]
  /** Where the notice can be read. */
  readonly source?: string
}

/** Days off in one place, declared in an emergency. */
export interface LocalDays {
  readonly id: string
  /** Division code: holds there and below. */
  readonly division: string
  readonly declaredOn: CivilDate
  readonly offDays: readonly CivilDate[]
  readonly reason: string
  /** The document that declared them. */
  readonly notice: string
}

/** What a day is. `make-up` is a weekend day worked in exchange for a holiday. */
export type DayKind = 'workday' | 'make-up' | 'weekend' | 'holiday' | 'local'

interface Entry {
  readonly kind: 'make-up' | 'holiday' | 'local'
  readonly name: string
}

/** 1970-01-01 was a Thursday. Monday is 0. */
const weekday = (day: number): number => (((day + 3) % 7) + 7) % 7
const isWeekend = (day: number): boolean => weekday(day) > 4

/** Number of Mondays to Fridays before the day, counted from a Monday far in the past; only differences mean anything. */
function weekdaysBefore(day: number): number {
  const shifted = day + 3
  const weeks = Math.floor(shifted / 7)
  return weeks * 5 + Math.min(shifted - weeks * 7, 5)
}

/** The day that has exactly `index` Mondays to Fridays before it and is one itself. */
function weekdayAt(index: number): number {
  const weeks = Math.floor(index / 5)
  return weeks * 7 + (index - weeks * 5) - 3
}

/** The notices in force by a date: of each year the one published last. */
export function noticesInForce(notices: readonly HolidayNotice[], bound: CivilDate): HolidayNotice[] {
  const latest = new Map<number, HolidayNotice>()
  for (const notice of notices) {
    if (notice.publishedOn > bound) continue
    const held = latest.get(notice.year)
    if (!held || notice.publishedOn >= held.publishedOn) latest.set(notice.year, notice)
  }
  return [...latest.values()].sort((a, b) => a.year - b.year)
}

/** A calendar at a moment. Days are day numbers. Immutable; build it once and keep it ({@link CalendarSource}). */
export class CalendarView {
  /** Notices published after this date are not in it. */
  readonly bound: CivilDate
  readonly notices: readonly HolidayNotice[]
  readonly local: readonly LocalDays[]
  readonly #entries = new Map<number, Entry>()
  readonly #years = new Set<number>()
  /** First day of the tables, and the first after them. */
  readonly #low: number
  readonly #high: number
  /** Working days before each day of the tables, on the scale of `weekdaysBefore`. */
  readonly #before: Int32Array
  /** The working days of the tables, in order. */
  readonly #workdays: Int32Array
  readonly #spans: readonly { readonly id: string; readonly from: number; readonly to: number }[]

  /**
   * @param bound the date whose knowledge it is
   * @param notices any notices; those published later are left out
   * @param local local days of the place asked about; those declared later are left out
   */
  constructor(bound: CivilDate, notices: readonly HolidayNotice[], local: readonly LocalDays[] = []) {
    this.bound = bound
    this.notices = noticesInForce(notices, bound)
    this.local = local.filter((days) => days.declaredOn <= bound)
    const spans: { id: string; from: number; to: number }[] = []
    for (const notice of this.notices) {
      this.#years.add(notice.year)
      const span = { id: notice.id, from: firstDayOfYear(notice.year), to: firstDayOfYear(notice.year + 1) - 1 }
      const enter = (named: NamedDay, kind: 'holiday' | 'make-up') => {
        const day = dayNumber(named.date)
        this.#entries.set(day, { kind, name: named.name })
        span.from = Math.min(span.from, day)
        span.to = Math.max(span.to, day)
      }
      for (const day of notice.offDays) enter(day, 'holiday')
      for (const day of notice.workDays) enter(day, 'make-up')
      spans.push(span)
    }
    for (const days of this.local)
      for (const date of days.offDays) {
        const day = dayNumber(date)
        this.#entries.set(day, { kind: 'local', name: days.reason })
        spans.push({ id: days.id, from: day, to: day })
      }
    this.#spans = spans
    this.#low = spans.reduce((low, span) => Math.min(low, span.from), Number.POSITIVE_INFINITY)
    this.#high = spans.reduce((high, span) => Math.max(high, span.to + 1), Number.NEGATIVE_INFINITY)
    if (spans.length === 0) this.#low = this.#high = 0
    this.#before = new Int32Array(this.#high - this.#low + 1)
    const workdays: number[] = []
    const first = weekdaysBefore(this.#low)
    for (let day = this.#low; day < this.#high; day++) {
      this.#before[day - this.#low] = first + workdays.length
      if (this.isWorkday(day)) workdays.push(day)
    }
    this.#before[this.#high - this.#low] = first + workdays.length
    this.#workdays = Int32Array.from(workdays)
  }

  isWorkday(day: number): boolean {
    const entry = this.#entries.get(day)
    return entry ? entry.kind === 'make-up' : !isWeekend(day)
  }

  kind(day: number): DayKind {
    return this.#entries.get(day)?.kind ?? (isWeekend(day) ? 'weekend' : 'workday')
  }

  /** What the day is, for people: 工作日, 周末, 春节, 补班（春节）, or the reason of a local day. */
  reason(day: number): string {
    const entry = this.#entries.get(day)
    if (!entry) return isWeekend(day) ? calendarTerms.weekend : calendarTerms.workday
    return entry.kind === 'make-up' ? calendarTerms.makeUp(entry.name) : entry.name
  }

  /** The holiday or local reason that makes the day special; empty for a plain day. */
  name(day: number): string {
    return this.#entries.get(day)?.name ?? ''
  }

  /** Whether the year's arrangement is published. Days of an unpublished year are taken as plain weekdays. */
  covered(year: number): boolean {
    return this.#years.has(year)
  }

  /** Whether every year the days from `from` to `to` lie in is published. */
  coveredBetween(from: number, to: number): boolean {
    const last = yearOfDay(to)
    for (let year = yearOfDay(from); year <= last; year++) if (!this.#years.has(year)) return false
    return true
  }

  /** Ids of the notices that say something about the days from `from` to `to`. */
  calendarsBetween(from: number, to: number): string[] {
    const ids: string[] = []
    for (const span of this.#spans) if (span.from <= to && span.to >= from && !ids.includes(span.id)) ids.push(span.id)
    return ids
  }

  /** Number of working days in (`after`, `upTo`]; 0 where `upTo` is not later. */
  workdaysBetween(after: number, upTo: number): number {
    return upTo <= after ? 0 : this.#countBefore(upTo + 1) - this.#countBefore(after + 1)
  }

  /** The `count`-th working day after `day`, or before it where negative; `day` itself for 0. */
  addWorkdays(day: number, count: number): number {
    if (count === 0) return day
    return count > 0 ? this.#at(this.#countBefore(day + 1) + count - 1) : this.#at(this.#countBefore(day) + count)
  }

  /** The day, or the next working day after it; with direction −1 the last before it. */
  roll(day: number, direction: 1 | -1 = 1): number {
    return direction === 1 ? this.#at(this.#countBefore(day)) : this.#at(this.#countBefore(day + 1) - 1)
  }

  #countBefore(day: number): number {
    if (day <= this.#low) return weekdaysBefore(day)
    if (day <= this.#high) return this.#before[day - this.#low]!
    return weekdaysBefore(day) + this.#shift()
  }

  #at(index: number): number {
    const first = this.#before[0]!
    if (index < first) return weekdayAt(index)
    if (index < first + this.#workdays.length) return this.#workdays[index - first]!
    return weekdayAt(index - this.#shift())
  }

  /** How many working days more (or fewer) the tables hold than there are weekdays in them. */
  #shift(): number {
    return this.#before[this.#high - this.#low]! - weekdaysBefore(this.#high)
  }
}
