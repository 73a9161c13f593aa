/**
 * Lets work that follows commands wait for more of it while very many come: then what each of them changed is written together. A person's
 * command is never kept waiting, nor is anything that somebody waits for.
 */
export class Burst {
  readonly #ms: number
  /** When the last piece of work ended, of `performance.now()`. */
  #last = 0
  /** Events lately, those of {@link FADE_MS} ago counted by a third. */
  #lately = 0
  #hurried: (() => void) | undefined

  /** @param ms time from the end of one piece of work to the next, at most, in milliseconds */
  constructor(ms: number) {
    this.#ms = ms
  }

  /** Says that so many events have been dealt with. */
  worked(events: number): void {
    this.#lately = this.#still() + events
    this.#last = performance.now()
  }

  /** Waits until the next piece is due, or somebody is in a hurry; not at all where few come or `mayWait` says no. */
  async gather(mayWait: () => boolean): Promise<void> {
    const rest = this.#last + this.#ms - performance.now()
    if (rest <= 0 || this.#still() < MANY || !mayWait()) return
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

  #still(): number {
    return this.#lately * Math.exp((this.#last - performance.now()) / FADE_MS)
  }
}

const FADE_MS = 100
/** More than the commands of one caller, each sent when the last was answered, ever make. */
const MANY = 30
