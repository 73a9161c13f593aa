/**
 * Lets work that follows commands wait for more of it: under a stream of commands what each of them changed is written together. The first
 * after a pause is never kept waiting, nor is anything that somebody waits for.
 */
export class Burst {
  readonly #ms: number
  #last = Number.NEGATIVE_INFINITY
  #hurried: (() => void) | undefined

  /** @param ms time from the end of one piece of work to the next, at most, in milliseconds */
  constructor(ms: number) {
    this.#ms = ms
  }

  /** Says that a piece of work has ended now. */
  worked(): void {
    this.#last = performance.now()
  }

  /** Waits until the next piece is due, or somebody is in a hurry; not at all where `mayWait` says no. */
  async gather(mayWait: () => boolean): Promise<void> {
    const rest = this.#last + this.#ms - performance.now()
    if (rest <= 0 || !mayWait()) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, rest)
      this.#hurried = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#hurried = undefined
  }

  /** Somebody waits: the next piece begins at once. */
  hurry(): void {
    this.#hurried?.()
  }
}
