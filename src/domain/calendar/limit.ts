/**
 * Limits: a number and a unit, `5wd`, `15d`, `2mo`, `1y`, `24h`; negative counts backward. Days are day numbers
 * (days since 1970-01-01) throughout the engine; texts stand only at its edges.
 */
import type { Limit } from '../clock.ts'
import { civilDate, DAY_MS } from '../time.ts'

/** Working days, calendar days, months, years, hours. */
export type Unit = 'wd' | 'd' | 'mo' | 'y' | 'h'

export interface ParsedLimit {
  /** Whole units; negative counts backward. */
  readonly count: number
  readonly unit: Unit
}

const LIMIT = /^(-?\d{1,5})(wd|d|mo|y|h)$/
const parsed = new Map<string, ParsedLimit>()

/** A limit's number and unit, or nothing where the text is no limit. */
export function parseLimit(text: Limit): ParsedLimit | undefined {
  const known = parsed.get(text)
  if (known) return known
  const match = LIMIT.exec(text)
  if (!match) return undefined
  const limit: ParsedLimit = { count: Number(match[1]) + 0, unit: match[2] as Unit }
  // Bounded, since a caller's text ends up here.
  if (parsed.size < 1000) parsed.set(text, limit)
  return limit
}

/** A limit known to be well-formed, as events and policies hold them. A malformed one is a programming error. */
export function mustParseLimit(text: Limit): ParsedLimit {
  const limit = parseLimit(text)
  if (!limit) throw new TypeError(`not a limit: ${text}`)
  return limit
}

/** Whether the text is a limit. */
export const isLimit = (text: string): text is Limit => parseLimit(text) !== undefined

export const formatLimit = (limit: ParsedLimit): Limit => `${limit.count}${limit.unit}`

/** Whether the last day of such a limit rolls to a working day when nobody says otherwise (民法典 203). */
export const rollsByDefault = (unit: Unit): boolean => unit !== 'wd' && unit !== 'h'

/**
 * The corresponding day `months` later (negative: earlier); where the month has no such day, its last (民法典 202).
 */
export function addMonths(day: number, months: number): number {
  const date = new Date(day * DAY_MS)
  const month = date.getUTCMonth() + months
  const first = Date.UTC(date.getUTCFullYear(), month, 1)
  const last = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate()
  return first / DAY_MS + Math.min(date.getUTCDate(), last) - 1
}

/** The calendar year of a day number. */
export const yearOfDay = (day: number): number => new Date(day * DAY_MS).getUTCFullYear()

/** Day number of 1 January. */
export const firstDayOfYear = (year: number): number => Date.UTC(year, 0, 1) / DAY_MS

const texts: string[] = []
const CACHED_DAYS = 36_525

/** {@link civilDate}, remembered for the days between 1970 and 2069: receipts print many of them. */
export function dateText(day: number): string {
  if (day < 0 || day >= CACHED_DAYS) return civilDate(day)
  const known = texts[day]
  if (known !== undefined) return known
  const text = civilDate(day)
  texts[day] = text
  return text
}
