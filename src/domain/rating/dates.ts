/** Windows of years and months on civil dates, as look-backs (Q18) and monthly duties count them. */
import type { CivilDate } from '../time.ts'

const pad = (value: number) => String(value).padStart(2, '0')
const daysIn = (year: number, month: number) => new Date(Date.UTC(year, month, 0)).getUTCDate()

/** A calendar month, `YYYY-MM`. */
export type Month = string

/** The month `by` months later (earlier where negative). */
export function addMonths(month: Month, by: number): Month {
  const count = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 + by
  return `${String(Math.floor(count / 12)).padStart(4, '0')}-${pad((count % 12) + 1)}`
}

/**
 * The first day T on which something of that day is no longer in the window (T − `months`, T]: the corresponding day, or the first
 * of the month after where there is none.
 */
export function lapseAfter(date: CivilDate, months: number): CivilDate {
  const month = addMonths(date.slice(0, 7), months)
  const day = Number(date.slice(8, 10))
  if (day <= daysIn(Number(month.slice(0, 4)), Number(month.slice(5, 7)))) return `${month}-${pad(day)}`
  return `${addMonths(month, 1)}-01`
}

/** The last `count` calendar months that are over on that day, oldest first. */
export function completeMonths(date: CivilDate, count: number): Month[] {
  const current = date.slice(0, 7)
  return Array.from({ length: count }, (_, place) => addMonths(current, place - count))
}

/** The last calendar year that is over on that day. */
export const completeYear = (date: CivilDate): number => Number(date.slice(0, 4)) - 1
