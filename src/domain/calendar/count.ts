/**
 * The count behind a deadline, always anew from the facts: nothing of it is stored, so there is no remainder to go wrong.
 *
 * Rules (domain.md 3.2): the first day is not counted (民法典 201); months and years end on the corresponding day, else at
 * the month's end (202); the last day rolls to the next working day, working days and hours never roll (203). Paused
 * units do not count, in the limit's own unit. Extensions run from the unrolled base date.
 */
import type { Clock } from '../clock.ts'
import { dateOf, dayNumber } from '../time.ts'
import { addMonths, mustParseLimit, type ParsedLimit, rollsByDefault, type Unit } from './limit.ts'
import { mergePauses, noPauses, placeOn, type Ruler, type Scale, type Spans, stepDays, stepMs } from './pauses.ts'
import type { CalendarView } from './view.ts'

/** What a count reads of a clock. */
export type Running = Pick<Clock, 'startedAt' | 'limit' | 'dueAt' | 'roll' | 'pauses' | 'extensions' | 'extensionCap'>

/** What is left of a paused limit, in its own unit; of months and years the whole ones, and days. */
export interface Remaining {
  readonly count: number
  readonly unit: Unit
  /** Days beyond the whole months or years. */
  readonly days?: number
}

/** A stretch of the count by one limit: units in (`from`, `to`]. */
export interface Leg {
  readonly limit: ParsedLimit
  readonly from: number
  readonly to: number
}

/** Everything a count went through, on its scale: day numbers, or milliseconds for hours and fixed instants. */
export interface Count {
  readonly scale: Scale
  readonly legs: readonly Leg[]
  readonly pauses: Spans
  readonly direction: 1 | -1
  /** The end before and after rolling; where an open pause stopped the count, both are that place. */
  readonly base: number
  readonly due: number
  /** Whether the last day may roll. */
  readonly rolls: boolean
  /** Whether the extensions asked for more than the cap gave. */
  readonly capped: boolean
  /** Present where an open pause stopped the count. */
  readonly remaining?: Remaining
}

const DAYS: Ruler = { add: (at, count) => at + count, between: (after, upTo) => upTo - after }
const HOUR_MS = 3_600_000
const monthsOf = (unit: Unit): number => (unit === 'mo' ? 1 : unit === 'y' ? 12 : 0)

/** One limit on a scale as a ruler and a number of units from a place. */
function measure(limit: ParsedLimit, from: number, workdays: Ruler): { ruler: Ruler; units: number } {
  if (limit.unit === 'wd') return { ruler: workdays, units: limit.count }
  const months = monthsOf(limit.unit)
  if (months > 0) return { ruler: DAYS, units: addMonths(from, limit.count * months) - from }
  // An extension in hours of a period in days counts begun days: it never gives less than it says.
  return { ruler: DAYS, units: limit.unit === 'h' ? Math.ceil(limit.count / 24) : limit.count }
}

/** What is left, in the limit's own unit, of `units` days or working days after `at`. */
function remainingOf(unit: Unit, at: number, units: number): Remaining {
  const months = monthsOf(unit)
  if (months === 0) return { count: units, unit: unit === 'wd' ? 'wd' : 'd' }
  let whole = 0
  while (addMonths(at, (whole + 1) * months) <= at + units) whole++
  return { count: whole, unit, days: at + units - addMonths(at, whole * months) }
}

function countDays(
  view: CalendarView,
  clock: Running,
  start: number,
  own: ParsedLimit,
  extensions: readonly ParsedLimit[],
  rolls: boolean,
): Count {
  const direction = own.count < 0 ? -1 : 1
  // A period counted backward from a day to come, such as the announcement before a hearing, has nothing to pause.
  const pauses = direction < 0 ? noPauses : mergePauses(clock.pauses, 'days')
  const workdays: Ruler = { add: (at, n) => view.addWorkdays(at, n), between: (a, b) => view.workdaysBetween(a, b) }
  const step = (limit: ParsedLimit, from: number) => {
    const { ruler, units } = measure(limit, from, workdays)
    return stepDays(ruler, from, units, pauses)
  }
  const legs: Leg[] = []
  let at = start
  for (const limit of [own, ...extensions]) {
    const ended = step(limit, at)
    legs.push({ limit, from: at, to: ended.at })
    at = ended.at
    if (ended.open) {
      const remaining = remainingOf(limit.unit, at, ended.left)
      return { scale: 'days', legs, pauses, direction, base: at, due: at, rolls, capped: false, remaining }
    }
  }
  let capped = false
  if (clock.extensionCap !== undefined && extensions.length > 0) {
    const limit = mustParseLimit(clock.extensionCap)
    const from = legs[0]!.to
    const most = step(limit, from)
    if (!most.open && most.at < at) {
      capped = true
      at = most.at
      legs.splice(1, legs.length, { limit, from, to: at })
    }
  }
  return { scale: 'days', legs, pauses, direction, base: at, due: rolls ? view.roll(at, direction) : at, rolls, capped }
}

function countMs(clock: Running, start: number, ownMs: number, extensions: readonly ParsedLimit[]): Count {
  const startDay = dayNumber(dateOf(clock.startedAt))
  const inMs = (limit: ParsedLimit) => {
    if (limit.unit === 'h') return limit.count * HOUR_MS
    const months = monthsOf(limit.unit)
    return 24 * HOUR_MS * (months > 0 ? addMonths(startDay, limit.count * months) - startDay : limit.count)
  }
  const asked = extensions.reduce((sum, limit) => sum + inMs(limit), 0)
  const cap = clock.extensionCap === undefined ? asked : inMs(mustParseLimit(clock.extensionCap))
  const total = ownMs + Math.min(asked, cap)
  const direction = ownMs < 0 ? -1 : 1
  const pauses = direction < 0 ? noPauses : mergePauses(clock.pauses, 'ms')
  const ended = stepMs(start, total, pauses)
  const legs: Leg[] = [{ limit: { count: total / HOUR_MS, unit: 'h' }, from: start, to: ended.at }]
  return {
    scale: 'ms',
    legs,
    pauses,
    direction,
    base: ended.at,
    due: ended.at,
    rolls: false,
    capped: asked > cap,
    ...(ended.open ? { remaining: { count: ended.left / HOUR_MS, unit: 'h' as const } } : {}),
  }
}

/**
 * Counts a clock out; nothing where it has no deadline. A due time given from outside counts as the time from the start
 * to it, so that pauses and extensions work on it as on any limit; by itself it does not roll.
 */
export function count(clock: Running, view: CalendarView): Count | undefined {
  const extensions = clock.extensions.map(mustParseLimit)
  const last = extensions.at(-1)
  if (clock.limit !== undefined) {
    const own = mustParseLimit(clock.limit)
    if (own.unit === 'h') return countMs(clock, placeOn(clock.startedAt, 'ms'), own.count * HOUR_MS, extensions)
    const roll = rollsByDefault((last ?? own).unit) && (clock.roll ?? true)
    return countDays(view, clock, placeOn(clock.startedAt, 'days'), own, extensions, roll)
  }
  if (clock.dueAt === undefined) return undefined
  const scale = clock.dueAt.length > 10 && extensions.every((limit) => limit.unit === 'h') ? 'ms' : 'days'
  const due = placeOn(clock.dueAt, scale)
  const start = Math.min(placeOn(clock.startedAt, scale), due)
  if (scale === 'ms') return countMs(clock, start, due - start, extensions)
  const roll = last ? rollsByDefault(last.unit) && (clock.roll ?? true) : (clock.roll ?? false)
  return countDays(view, clock, start, { count: due - start, unit: 'd' }, extensions, roll)
}
