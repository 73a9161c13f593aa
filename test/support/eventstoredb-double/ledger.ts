/** What a cluster has committed: one log over all streams, with a server's rules of appending. */

/** Appends above this many bytes are refused. */
export const MAX_APPEND = 1024 * 1024

export interface Proposed {
  readonly id: string
  readonly type: string
  readonly contentType: string
  readonly data: Uint8Array
}

export interface Committed extends Proposed {
  readonly stream: string
  readonly revision: number
  /** Commit and prepare position alike. */
  readonly position: bigint
  readonly createdMs: number
}

/** `any` and `stream_exists` are what other programs may ask; ours asks for `no_stream` or a number. */
export type Expected = number | 'no_stream' | 'any' | 'stream_exists'

export type Outcome =
  | { readonly kind: 'success'; readonly revision: number; readonly position: bigint }
  | { readonly kind: 'wrong-version'; readonly current: number | undefined }
  | { readonly kind: 'too-large' }

/** Kept by all nodes of one double: what is here has a quorum. */
export class Ledger {
  readonly all: Committed[] = []
  readonly #streams = new Map<string, Committed[]>()
  readonly #watchers = new Set<() => void>()
  #position = 0n
  /** Milliseconds since 1970. */
  now: () => number = Date.now

  constructor() {
    // A real log begins with the server's own events.
    this.append('$users', [foreign('$User')], 'any')
    this.append('$settings', [foreign('$metadata')], 'any')
  }

  /** Events of a stream; undefined where it does not exist. */
  stream(name: string): readonly Committed[] | undefined {
    return this.#streams.get(name)
  }

  append(stream: string, events: readonly Proposed[], expected: Expected): Outcome {
    if (events.reduce((sum, { data }) => sum + data.length, 0) > MAX_APPEND) return { kind: 'too-large' }
    const before = this.#streams.get(stream) ?? []
    const current = before.length - 1
    const wrong: Outcome = { kind: 'wrong-version', current: before.length === 0 ? undefined : current }
    if (expected === 'stream_exists' && before.length === 0) return wrong
    if (typeof expected === 'number' || expected === 'no_stream') {
      const first = expected === 'no_stream' ? 0 : expected + 1
      if (first > before.length) return wrong
      if (first < before.length) {
        // The same ids at the same place are an earlier append again; content is not compared.
        const again = before.slice(first, first + events.length)
        const same = again.length === events.length && again.every(({ id }, place) => id === events[place]!.id)
        const last = again.at(-1)
        return same && last ? { kind: 'success', revision: last.revision, position: last.position } : wrong
      }
    }
    for (const event of events) {
      const committed = {
        ...event,
        stream,
        revision: before.length,
        position: this.#next(event),
        createdMs: this.now(),
      }
      before.push(committed)
      this.all.push(committed)
    }
    this.#streams.set(stream, before)
    for (const watcher of [...this.#watchers]) watcher()
    const last = before.at(-1)!
    return { kind: 'success', revision: last.revision, position: last.position }
  }

  /** Index in {@link all} of the first event at or after a position. */
  at(position: bigint): number {
    let [low, high] = [0, this.all.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.all[middle]!.position < position) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Calls back after every append. @returns ends it */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** Positions are places in a log of records: they have gaps. */
  #next({ data, type }: Proposed): bigint {
    const position = this.#position
    this.#position += BigInt(data.length + type.length + 133)
    return position
  }
}

/** An event that is none of ours. */
export const foreign = (type: string, data = '{}'): Proposed => ({
  id: crypto.randomUUID(),
  type,
  contentType: 'application/json',
  data: Buffer.from(data),
})
