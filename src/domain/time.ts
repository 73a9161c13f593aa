/**
 * Instants and civil dates. Every civil date is a date in Asia/Shanghai (UTC+8, no daylight saving since 1991),
 * computed by arithmetic and never by the process's own time zone.
 */

/** `YYYY-MM-DD`, a day in Asia/Shanghai. */
export type CivilDate = string
/** RFC 3339 instant with an offset or `Z`. */
export type Instant = string
/** When something happened in the real world: an instant, or a civil date where only the day is known. */
export type EffectiveTime = Instant | CivilDate

/** Length of a day in milliseconds. */
export const DAY_MS = 86_400_000
const SHANGHAI_MS = 8 * 3_600_000
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const INSTANT = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/

/** Whether the text is a day that exists, written `YYYY-MM-DD`. */
export function isCivilDate(text: string): text is CivilDate {
  const match = DATE.exec(text)
  if (!match) return false
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const date = new Date(Date.UTC(year, month - 1, day))
  return year >= 1900 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

/** Whether the text is an RFC 3339 instant with an offset, on a day that exists. */
export function isInstant(text: string): text is Instant {
  const match = INSTANT.exec(text)
  if (!match || !isCivilDate(match[1]!)) return false
  return Number(match[2]) < 24 && Number(match[3]) < 60 && Number(match[4]) < 60 && !Number.isNaN(Date.parse(text))
}

/** Whether the text is an {@link EffectiveTime}. */
export const isEffectiveTime = (text: string): text is EffectiveTime => isCivilDate(text) || isInstant(text)

/** Days since 1970-01-01 of a civil date; the unit of all calendar arithmetic. */
export function dayNumber(date: CivilDate): number {
  return Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)) - 1, Number(date.slice(8, 10))) / DAY_MS
}

/** Texts of days that were asked for: replays ask for the same few thousand days millions of times. */
const dates = new Map<number, CivilDate>()
const MOST_DATES = 50_000

/** The civil date of a day number. */
export function civilDate(day: number): CivilDate {
  let text = dates.get(day)
  if (text === undefined) {
    text = new Date(day * DAY_MS).toISOString().slice(0, 10)
    if (dates.size >= MOST_DATES) dates.clear()
    dates.set(day, text)
  }
  return text
}

/** The Shanghai day on which an instant (milliseconds since 1970) falls. */
export function dateOfMs(ms: number): CivilDate {
  return civilDate(Math.floor((ms + SHANGHAI_MS) / DAY_MS))
}

/** The Shanghai day of an effective time. */
export function dateOf(time: EffectiveTime): CivilDate {
  return time.length === 10 ? time : dateOfMs(Date.parse(time))
}

/** Milliseconds since 1970 of 00:00 Shanghai on that day. */
export function startOfDayMs(date: CivilDate): number {
  return dayNumber(date) * DAY_MS - SHANGHAI_MS
}

/** Where a time sorts: a civil date as 00:00 Asia/Shanghai of that day. Milliseconds since 1970. */
export function sortKey(time: EffectiveTime): number {
  return time.length === 10 ? startOfDayMs(time) : Date.parse(time)
}

/** The last millisecond a bound includes: a date includes its whole day, an instant itself. */
export function boundMs(bound: EffectiveTime): number {
  return bound.length === 10 ? startOfDayMs(bound) + DAY_MS - 1 : Date.parse(bound)
}

/**
 * Whether `a` is certainly earlier than `b`. A date compared with an instant of the same day takes neither as
 * earlier, since the hour of the date is not known.
 */
export function isEarlier(a: EffectiveTime, b: EffectiveTime): boolean {
  if (a.length === 10 || b.length === 10) return dateOf(a) < dateOf(b)
  return Date.parse(a) < Date.parse(b)
}

/** An instant in UTC with milliseconds, as stored. */
export const instantOfMs = (ms: number): Instant => new Date(ms).toISOString()
