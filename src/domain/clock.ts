/** A clock of a case: what the deadline engine needs to derive its due date. A due date is never stored. */
import type { CivilDate, EffectiveTime } from './time.ts'

/** `5wd` working days, `15d` calendar days, `2mo` months, `1y` years, `24h` hours; negative counts backward. */
export type Limit = string

/** A pause [from, to); open-ended while the clock stands. */
export interface Pause {
  readonly from: EffectiveTime
  readonly to?: EffectiveTime
  /** Why, as a rule id or term key. */
  readonly reason: string
}

export interface Clock {
  /** Unique in its case. */
  readonly id: string
  /** Key into limits and terms: `complaint.acceptance`, `supervision.reply`. */
  readonly kind: string
  readonly startedAt: EffectiveTime
  /** The limit valid when the clock started; absent where the due time is given or there is no deadline. */
  readonly limit?: Limit
  /** A due time fixed from outside: an instant is over at that instant, a date at 24:00 of that date. */
  readonly dueAt?: EffectiveTime
  /** Whether the last day rolls to the next working day; default: as the unit's rule says. */
  readonly roll?: boolean
  readonly pauses: readonly Pause[]
  /** Limits granted on top, counted from the unrolled base date. */
  readonly extensions: readonly Limit[]
  /** The most that extensions may add together, from the unrolled base date. */
  readonly extensionCap?: Limit
  /** When what the clock waited for happened. */
  readonly stoppedAt?: EffectiveTime
  /** When it ended without that: withdrawn, merged, terminated. */
  readonly cancelledAt?: EffectiveTime
  /** Rule ids and legal citation. */
  readonly rule: string
  /** Organisation that owes it. */
  readonly organisation: string
  /** Person who owes it, where one is named. */
  readonly person?: string
  /** Calendar bound when it was decided: a stopped clock keeps the calendar of that day. */
  readonly decidedCalendar?: CivilDate
}
