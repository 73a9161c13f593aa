/**
 * Lets work that follows commands wait for more of it while many come at once: then what each of them changed is written together. Whoever
 * sends his next command when the last was answered is never kept waiting, nor is anything that somebody waits for.
 */
export class Burst {
  readonly #ms: number
  /** When the last piece of work ended, of `performance.now()`, and how many events it had. */
  #last = 0
  #events = 0
  #hurried: (() => void) | undefined

  /** @param ms time from the end of one piece of work to the next, at most, in milliseconds */
  constructor(ms: number) {
    this.#ms = ms
  }

  /** Says that a piece of work with so many events has ended. */
  worked(events: number): void {
    this.#last = performance.now()
    this.#events = events
  }

  /** Waits until the next piece is due, or somebody is in a hurry; not at all after a small piece, or where `mayWait` says no. */
  async gather(mayWait: () => boolean): Promise<void> {
    const rest = this.#last + this.#ms - performance.now()
    if (rest <= 0 || this.#events < MANY || !mayWait()) return
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

/** More events than one command makes. */
const MANY = 8
