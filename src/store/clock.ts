/** The writer's clock: what is stamped never runs backward (architecture, "Clocks"). */
import { StoreError } from './port.ts'
import type { RecordingClock } from './recorder.ts'

/** A step back up to this many milliseconds is clamped; a larger one refuses writes. */
export const MAX_STEP_BACK_MS = 5_000

/** What an operator sees of the clock. */
export interface ClockState {
  /** How far the clock stands behind the last stamp, in milliseconds; 0 when it does not. */
  readonly behindMs: number
  /** Whether writes are refused until {@link ClampedClock.confirm}. */
  readonly refusing: boolean
}

/**
 * Stamps with the clock, but never before the last stamp. After a step back of more than {@link MAX_STEP_BACK_MS} it refuses
 * until an operator confirms that the clock is right now; then it clamps until time catches up with the last stamp. Another
 * such step after a confirmation has to be confirmed again.
 */
export class ClampedClock implements RecordingClock {
  readonly #now: () => number
  #last: number
  /** The highest reading that was accepted: steps back are measured from here. */
  #reference: number

  /**
   * @param now milliseconds since 1970
   * @param last running maximum of `recordedAt` in the log, in milliseconds; undefined in an empty one
   */
  constructor(now: () => number, last: number | undefined) {
    this.#now = now
    this.#last = last ?? Number.NEGATIVE_INFINITY
    this.#reference = this.#last
  }

  stamp(): number {
    const now = Math.floor(this.#now())
    if (this.#stepsBack(now)) {
      const message = `the clock reads ${iso(now)}, ${this.#reference - now} ms before ${iso(this.#reference)}`
      throw new StoreError('clock-skew', message)
    }
    this.#reference = Math.max(this.#reference, now)
    this.#last = Math.max(this.#last, now)
    return this.#last
  }

  /** An operator says that the clock is right as it reads now. */
  confirm(): void {
    this.#reference = Math.floor(this.#now())
  }

  get state(): ClockState {
    const now = Math.floor(this.#now())
    return { behindMs: Math.max(0, this.#last - now), refusing: this.#stepsBack(now) }
  }

  #stepsBack(now: number): boolean {
    return now < this.#reference - MAX_STEP_BACK_MS
  }
}

const iso = (ms: number): string => new Date(ms).toISOString()
