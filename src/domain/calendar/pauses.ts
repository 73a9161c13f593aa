/** Pauses of a clock as plain intervals, so that overlap, a second stop or a second resume can add nothing. */
import type { Pause } from '../clock.ts'
import { dateOf, dayNumber, type EffectiveTime, sortKey } from '../time.ts'

/** Day numbers, for limits in days and longer; milliseconds, for hours and fixed instants. */
export type Scale = 'days' | 'ms'

/** Sorted, disjoint, not empty [from, to); `to` is infinite while the clock stands. */
export type Spans = readonly (readonly [from: number, to: number])[]

export const noPauses: Spans = []

/** Where a time lies on the scale: its Shanghai day, or its instant. */
export const placeOn = (time: EffectiveTime, scale: Scale): number =>
  scale === 'ms' ? sortKey(time) : dayNumber(dateOf(time))

/** Pauses on a scale: overlapping ones are their union, and one that begins and ends at the same place is none. */
export function mergePauses(pauses: readonly Pause[], scale: Scale): Spans {
  if (pauses.length === 0) return noPauses
  const spans = pauses
    .map(
      ({ from, to }) =>
        [placeOn(from, scale), to === undefined ? Number.POSITIVE_INFINITY : placeOn(to, scale)] as const,
    )
    .filter(([from, to]) => to > from)
    .sort((a, b) => a[0] - b[0])
  const merged: [number, number][] = []
  for (const [from, to] of spans) {
    const last = merged.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else merged.push([from, to])
  }
  return merged
}

/** How a unit is stepped and counted on day numbers. */
export interface Ruler {
  /** The `count`-th unit after `at`; negative: before. */
  readonly add: (at: number, count: number) => number
  /** Units in (`after`, `upTo`]. */
  readonly between: (after: number, upTo: number) => number
}

/** Where a count ended, or where an open pause stopped it, with the units left. */
export interface Ended {
  readonly at: number
  readonly left: number
  readonly open: boolean
}

/** Steps `count` unpaused units from `start`. */
export function stepDays(ruler: Ruler, start: number, count: number, pauses: Spans): Ended {
  let at = start
  let left = count
  for (const [from, to] of pauses) {
    if (left === 0) break
    if (to <= at + 1) continue
    if (ruler.add(at, left) < from) break
    const before = Math.max(at, from - 1)
    left -= ruler.between(at, before)
    if (to === Number.POSITIVE_INFINITY) return { at: before, left, open: true }
    at = Math.max(before, to - 1)
  }
  return { at: ruler.add(at, left), left: 0, open: false }
}

/** Runs a length of time from an instant; a pause takes its own length. Milliseconds. */
export function stepMs(start: number, length: number, pauses: Spans): Ended {
  let end = start + length
  for (const [from, to] of pauses) {
    if (to <= start) continue
    if (from >= end) break
    const begun = Math.max(start, from)
    if (to === Number.POSITIVE_INFINITY) return { at: begun, left: end - begun, open: true }
    end += to - begun
  }
  return { at: end, left: 0, open: false }
}
