/** How far this machine's clock is from the server's, told by events that arrive live. */

/** Samples older than this say nothing any more, in milliseconds. */
const WINDOW_MS = 120_000

/**
 * An event that arrives live was written a moment ago, by the server's clock. The least difference seen lately is the
 * skew and the shortest way here.
 */
export class SkewMeter {
  readonly #now: () => number
  #samples: { readonly at: number; readonly difference: number }[] = []

  /** @param now milliseconds since 1970 */
  constructor(now: () => number) {
    this.#now = now
  }

  sample(createdMs: number): void {
    const at = this.#now()
    const difference = at - createdMs
    // Later and smaller makes the earlier ones worthless; what is left ascends, and the first is the least.
    while (this.#samples.length > 0 && this.#samples.at(-1)!.difference >= difference) this.#samples.pop()
    this.#samples.push({ at, difference })
    this.#forget(at)
  }

  /** Milliseconds by which this machine's clock is ahead; negative: behind; undefined: nothing arrived lately. */
  read(): number | undefined {
    this.#forget(this.#now())
    return this.#samples[0]?.difference
  }

  #forget(now: number): void {
    while (this.#samples.length > 0 && Math.abs(now - this.#samples[0]!.at) > WINDOW_MS) this.#samples.shift()
  }
}
