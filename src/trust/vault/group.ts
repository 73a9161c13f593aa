/** Group commit: callers of the same moment, and those that come while a commit runs, share the next one. */

/** Runs batches one after another; each holds everything that was submitted since the one before began. */
export class Group<Item, Result> {
  readonly #run: (items: readonly Item[]) => Promise<Result>
  #items: Item[] = []
  #next: Promise<Result> | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(run: (items: readonly Item[]) => Promise<Result>) {
    this.#run = run
  }

  /** Answers what the whole batch answered. */
  submit(items: readonly Item[]): Promise<Result> {
    for (const item of items) this.#items.push(item)
    this.#next ??= this.#start()
    return this.#next
  }

  async #start(): Promise<Result> {
    const before = this.#last
    const ended = Promise.withResolvers<void>()
    this.#last = ended.promise
    await before
    // One turn of the event loop lets the other callers of this moment join.
    await new Promise(setImmediate)
    const items = this.#items
    this.#items = []
    this.#next = undefined
    try {
      return await this.#run(items)
    } finally {
      ended.resolve()
    }
  }

  /** When everything submitted so far has been answered. */
  async idle(): Promise<void> {
    await this.#last
  }
}

/** Keeps the values used last, at most so many. */
export class Recent<Value> {
  readonly #max: number
  readonly #values = new Map<string, Value>()
  constructor(max: number) {
    this.#max = max
  }
  get(key: string): Value | undefined {
    const value = this.#values.get(key)
    if (value === undefined) return undefined
    this.#values.delete(key)
    this.#values.set(key, value)
    return value
  }
  set(key: string, value: Value): void {
    this.#values.delete(key)
    this.#values.set(key, value)
    if (this.#values.size > this.#max) this.#values.delete(this.#values.keys().next().value!)
  }
  get size(): number {
    return this.#values.size
  }
}
