/** What a node knows of the mark of its cluster's installation: asked from the leader before the first append, and whenever it was written. */
import type { Mark } from '../eventstoredb/installation.ts'
import { type Installation, refusalOf } from '../installation.ts'
import type { StoreError } from '../port.ts'

export class MarkWatch {
  readonly #read: () => Promise<Mark>
  #known: Mark | undefined
  /** Counts the marks told of: an answer from before the last one is none. */
  #written = 0
  #asking: Promise<Mark> | undefined

  /** @param read asks the leader */
  constructor(read: () => Promise<Mark>) {
    this.#read = read
  }

  /** The mark as far as it is known; undefined before a leader has answered. */
  get installation(): Installation | undefined {
    return this.#known?.installation
  }

  /** The refusal an append would meet, as far as it is known. */
  refusal(): StoreError | undefined {
    return this.#known && refusalOf(this.#known.installation)
  }

  /** Forgets what is known, since a mark was written, and asks again. A leader that does not answer now is asked by the next append. */
  renew(): void {
    this.#written++
    this.#known = undefined
    this.#ask().catch(() => {})
  }

  /** @throws StoreError where the installation takes no writes, and `store-unavailable` where nobody says whether it does */
  async mayWrite(): Promise<void> {
    const { installation } = this.#known ?? (await this.#ask())
    const refusal = refusalOf(installation)
    if (refusal) throw refusal
  }

  /** All who ask at the same time share one question. */
  #ask(): Promise<Mark> {
    this.#asking ??= this.#answer().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #answer(): Promise<Mark> {
    for (;;) {
      const written = this.#written
      const mark = await this.#read()
      if (written !== this.#written) continue
      this.#known = mark
      return mark
    }
  }
}
