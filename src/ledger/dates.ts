/** Dates of ledgers: serials, text in the shapes that occur, and local time of a zone into instants. */
import { DAY_MS, type EffectiveTime } from '../domain/time.ts'
import type { Cell, LocalTime } from './cell.ts'
import { cleanText } from './cell.ts'

/** Order of day, month and year in dates whose year does not come first. */
export type DateOrder = 'ymd' | 'mdy' | 'dmy'

export type DateFault = 'date-unreadable' | 'date-impossible' | 'date-out-of-range'

/** A local time as read, with the offset where the text itself gives one. */
export interface ReadTime extends LocalTime {
  /** Minutes east of UTC. */
  readonly offset?: number
}

const FIRST_YEAR = 1900
const LAST_YEAR = 2199

/**
 * The local time of a spreadsheet's serial number, to the second. A whole number shows a time of day only where the
 * cell's format does; a fraction always is one. Serials below 61 are refused: 1900 was no leap year, spreadsheets think so.
 */
export function serialTime(
  serial: number,
  { date1904 = false, showsTime = false }: { date1904?: boolean; showsTime?: boolean } = {},
): LocalTime | undefined {
  const days = date1904 ? serial + 1462 : serial
  if (!(days >= 61 && days < 109_575)) return undefined
  const seconds = Math.round(days * 86_400)
  const at = new Date(Date.UTC(1899, 11, 30) + seconds * 1000)
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()]
  if (seconds % 86_400 === 0 && !showsTime) return { year, month, day }
  return {
    year,
    month,
    day,
    time: { hour: at.getUTCHours(), minute: at.getUTCMinutes(), second: at.getUTCSeconds(), ms: 0 },
  }
}

const DATE_FIRST = /^(\d{4})(?:-|\/|\.|年)(\d{1,2})(?:-|\/|\.|月)(\d{1,2})日?(?:号)?/
const DATE_LAST = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})/
const COMPACT = /^(\d{4})(\d{2})(\d{2})(?=$|[ T])/
const SERIAL = /^\d{5}(?:\.\d{1,12})?$/
const TIME =
  /^[ T,]*(上午|下午|AM|PM)? ?(\d{1,2})(?::|时|点)(\d{1,2})?(?:(?::|分)(\d{1,2})(?:[.](\d{1,9}))?)?[分秒]? ?(AM|PM)?(?: ?(Z|[+-]\d{2}:?\d{2}))?$/i
const WEEKDAY = /[ ,]*[(（]?(?:星期|周)[一二三四五六日天][)）]?/

/**
 * Reads a date or a date with a time of day. Years have four digits; `order` says how dates read whose year stands last; a bare
 * number of five digits is a spreadsheet's serial.
 */
export function readTime(text: string, order: DateOrder = 'ymd'): ReadTime | DateFault {
  const plain = cleanText(text, 'collapse').normalize('NFKC').replace(WEEKDAY, '')
  if (SERIAL.test(plain)) return serialTime(Number(plain)) ?? 'date-out-of-range'
  let match = DATE_FIRST.exec(plain) ?? COMPACT.exec(plain)
  let [year, month, day] = match ? [Number(match[1]), Number(match[2]), Number(match[3])] : [0, 0, 0]
  if (!match) {
    match = DATE_LAST.exec(plain)
    if (!match || order === 'ymd') return 'date-unreadable'
    year = Number(match[3])
    const [first, second] = [Number(match[1]), Number(match[2])]
    ;[month, day] = order === 'mdy' ? [first, second] : [second, first]
  }
  const rest = plain.slice(match[0].length)
  const date = new Date(Date.UTC(year, month - 1, day))
  if (month < 1 || month > 12 || date.getUTCDate() !== day || date.getUTCMonth() !== month - 1) return 'date-impossible'
  if (year < FIRST_YEAR || year > LAST_YEAR) return 'date-out-of-range'
  if (rest === '') return { year, month, day }
  const clock = TIME.exec(rest)
  if (!clock || (/^\d/.test(rest) && !plain.includes('日'))) return 'date-unreadable'
  const half = (clock[1] ?? clock[6] ?? '').toUpperCase()
  let hour = Number(clock[2])
  if (clock[3] === undefined && !/[时点]/.test(rest)) return 'date-unreadable'
  const minute = Number(clock[3] ?? 0)
  const second = Number(clock[4] ?? 0)
  if (half !== '') {
    if (hour > 12 && (half === 'AM' || half === 'PM')) return 'date-impossible'
    if ((half === 'PM' || half === '下午') && hour < 12) hour += 12
    else if ((half === 'AM' || half === '上午') && hour === 12) hour = 0
  }
  if (hour > 23 || minute > 59 || second > 59) return 'date-impossible'
  const ms = Number((clock[5] ?? '').padEnd(3, '0').slice(0, 3))
  const offset = offsetMinutes(clock[7])
  if (offset === null) return 'date-impossible'
  return { year, month, day, time: { hour, minute, second, ms }, ...(offset === undefined ? {} : { offset }) }
}

function offsetMinutes(text: string | undefined): number | undefined | null {
  if (text === undefined) return undefined
  if (text.toUpperCase() === 'Z') return 0
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(-2))]
  if (hours > 14 || minutes > 59) return null
  return (text[0] === '-' ? -1 : 1) * (hours * 60 + minutes)
}

/** The time a cell holds. Date cells say it themselves, whatever their format; texts and numbers are read. */
export function cellTime(cell: Cell, order: DateOrder = 'ymd'): ReadTime | DateFault {
  if (cell.kind === 'date') return cell.at
  if (cell.kind === 'text') return readTime(cell.text, order)
  if (cell.kind === 'number') {
    if (/^\d{8}$/.test(cell.text)) return readTime(cell.text, order)
    return cell.value >= 10_000 && cell.value < 100_000
      ? (serialTime(cell.value) ?? 'date-out-of-range')
      : 'date-unreadable'
  }
  return 'date-unreadable'
}

/** Whether the text names an IANA zone that this machine knows. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone })
    return /^[A-Za-z]/.test(zone)
  } catch {
    return false
  }
}

/** Minutes east of UTC in a zone at an instant. */
export type OffsetAt = (ms: number) => number

/**
 * Offsets of a zone. Asia/Shanghai is +08:00 at all times, as everywhere in this program. Days on which nothing changes are
 * looked up once.
 */
export function zoneOffsets(zone: string): OffsetAt {
  if (zone === 'Asia/Shanghai') return () => 480
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset', year: 'numeric' })
  const exact = (ms: number): number => {
    const name = format.formatToParts(ms).find((part) => part.type === 'timeZoneName')!.value
    const match = /GMT([+-])(\d{2}):(\d{2})/.exec(name)
    return match ? (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) : 0
  }
  const starts = new Map<number, number>()
  const atStart = (day: number): number => {
    let offset = starts.get(day)
    if (offset === undefined) {
      offset = exact(day * DAY_MS)
      starts.set(day, offset)
    }
    return offset
  }
  return (ms) => {
    const day = Math.floor(ms / DAY_MS)
    const offset = atStart(day)
    return offset === atStart(day + 1) ? offset : exact(ms)
  }
}

const two = (value: number) => String(value).padStart(2, '0')
const dateText = (at: LocalTime) => `${at.year}-${two(at.month)}-${two(at.day)}`

/**
 * A local time as effective time: a civil date where only the day is known, else an instant with the zone's offset. Where clocks
 * are set back and a time comes twice, the first of the two is meant; where they are set forward and a time does not exist,
 * it is read as that much later (02:30 becomes 03:30). An offset in the text itself goes before the zone.
 */
export function effectiveTime(at: ReadTime, offsetAt: OffsetAt): EffectiveTime {
  if (!at.time) return dateText(at)
  const { hour, minute, second, ms } = at.time
  const local = Date.UTC(at.year, at.month - 1, at.day, hour, minute, second, ms)
  if (at.offset !== undefined) return instantText(local, at.offset)
  const [before, after] = [offsetAt(local - DAY_MS), offsetAt(local + DAY_MS)]
  // Both guesses agree but around a change: then the one that is true of its own instant, the earlier first.
  for (const offset of [Math.max(before, after), Math.min(before, after)])
    if (offsetAt(local - offset * 60_000) === offset)
      return `${dateText(at)}T${clockText(at.time)}${offsetText(offset)}`
  const gap = before
  return instantText(local + (after - gap) * 60_000, after)
}

/** The instant at which a civil date is over in a zone: the next day's first moment. */
export function endOfDay(at: LocalTime, offsetAt: OffsetAt): EffectiveTime {
  const next = new Date(Date.UTC(at.year, at.month - 1, at.day + 1))
  return effectiveTime(
    {
      year: next.getUTCFullYear(),
      month: next.getUTCMonth() + 1,
      day: next.getUTCDate(),
      time: { hour: 0, minute: 0, second: 0, ms: 0 },
    },
    offsetAt,
  )
}

const clockText = ({ hour, minute, second, ms }: NonNullable<LocalTime['time']>): string =>
  `${two(hour)}:${two(minute)}:${two(second)}${ms === 0 ? '' : `.${String(ms).padStart(3, '0')}`}`

function offsetText(offset: number): string {
  const minutes = Math.abs(offset)
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

function instantText(local: number, offset: number): EffectiveTime {
  const text = new Date(local).toISOString()
  return `${text.endsWith('.000Z') ? text.slice(0, 19) : text.slice(0, 23)}${offsetText(offset)}`
}

/** The civil date of an effective time in a zone: how ledgers compare days. */
export function localDate(time: EffectiveTime, offsetAt: OffsetAt): string {
  if (time.length === 10) return time
  const ms = Date.parse(time)
  return new Date(ms + offsetAt(ms) * 60_000).toISOString().slice(0, 10)
}
