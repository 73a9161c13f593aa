/** The two bounds of every view: what was recorded (`asOf`) and what had happened (`effectiveAt`). */
import { type Refusal, refusal } from '../../domain/decider.ts'
import { boundMs, type EffectiveTime, isEffectiveTime } from '../../domain/time.ts'
import type { EventLog } from '../../store/port.ts'

/** A view's bounds. Absent: the head, now. */
export interface Bounds {
  /** Number of events recorded: the view knows the indexes below it. */
  readonly asOf?: number
  /** A date includes its whole day. */
  readonly effectiveAt?: EffectiveTime
}

export type Resolved<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal }

/**
 * Reads `asOf` as people write it: digits are an index, which is included; a date is its end; a time is itself. Answers the
 * number of events.
 */
export function resolveAsOf(text: string | undefined, log: EventLog): Resolved<number> {
  const size = log.size()
  if (text === undefined) return { ok: true, value: size }
  if (/^\d{1,15}$/.test(text)) {
    const index = Number(text)
    if (index < size) return { ok: true, value: index + 1 }
    return { ok: false, refusal: refusal('index-beyond-head', undefined, { detail: { index, head: size - 1 } }) }
  }
  if (!isEffectiveTime(text)) return { ok: false, refusal: refusal('as-of-invalid', undefined, { pointer: '/asOf' }) }
  return { ok: true, value: log.sizeAt(boundMs(text)) }
}

/** Reads `effectiveAt`: a date or a time that exists. */
export function resolveEffectiveAt(text: string | undefined): Resolved<EffectiveTime | undefined> {
  if (text === undefined || isEffectiveTime(text)) return { ok: true, value: text }
  return { ok: false, refusal: refusal('effective-time-invalid', undefined, { pointer: '/effectiveAt' }) }
}
