/** One year's calendar for people: what `duban calendar show` and the calendar page print. */
import { type Refusal, refusal } from '../decider.ts'
import { type CivilDate, dayNumber } from '../time.ts'
import { dateText, firstDayOfYear } from './limit.ts'
import type { CalendarSource } from './source.ts'
import type { DayKind, HolidayNotice } from './view.ts'

/** A day that is not what its weekday says. */
export interface SpecialDay {
  readonly date: CivilDate
  readonly kind: Exclude<DayKind, 'workday' | 'weekend'>
  readonly name: string
}

export interface CalendarYear {
  readonly year: number
  /** The notice in force. */
  readonly notice: Pick<HolidayNotice, 'id' | 'number' | 'publishedOn' | 'source'>
  /** Earlier notices for the year that it amended, oldest first. */
  readonly amended: readonly Pick<HolidayNotice, 'id' | 'number' | 'publishedOn' | 'source'>[]
  /** Days off, make-up working days and local days off within the year. */
  readonly days: readonly SpecialDay[]
  /** Working days of the year. */
  readonly workdays: number
}

type Shown = { readonly ok: true; readonly value: CalendarYear } | { readonly ok: false; readonly refusal: Refusal }

const cited = ({ id, number, publishedOn, source }: HolidayNotice) => ({
  id,
  number,
  publishedOn,
  ...(source === undefined ? {} : { source }),
})

/**
 * A year as known on a date (without one: with everything there is), for a place if one is given. Refused
 * `calendar-year-unknown` where no notice for the year was published by then.
 */
export function showYear(calendars: CalendarSource, year: number, bound?: CivilDate, division?: string): Shown {
  const view = calendars.at(bound, division)
  const notice = view.notices.find((each) => each.year === year)
  if (!notice) return { ok: false, refusal: refusal('calendar-year-unknown', '民法典 203', { detail: { year } }) }
  const [first, last] = [firstDayOfYear(year), firstDayOfYear(year + 1) - 1]
  const days: SpecialDay[] = []
  for (let day = first; day <= last; day++) {
    const kind = view.kind(day)
    if (kind !== 'workday' && kind !== 'weekend') days.push({ date: dateText(day), kind, name: view.name(day) })
  }
  return {
    ok: true,
    value: {
      year,
      notice: cited(notice),
      amended: calendars.notices
        .filter((each) => each.year === year && dayNumber(each.publishedOn) < dayNumber(notice.publishedOn))
        .sort((a, b) => (a.publishedOn < b.publishedOn ? -1 : 1))
        .map(cited),
      days,
      workdays: view.workdaysBetween(first - 1, last),
    },
  }
}
