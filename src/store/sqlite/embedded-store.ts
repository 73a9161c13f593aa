/** The embedded store: one writer, concurrent appends committed in groups with one fsync for many callers. */
import type { DatabaseSync } from 'node:sqlite'
import { checkAppend } from '../append.ts'
import { Commits, follow } from '../follow.ts'
import {
  type AppendResult,
  type EventStore,
  type EventToAppend,
  type ExpectedRevision,
  type Page,
  type Position,
  StoreError,
  type StreamSlice,
  type SubscriptionMessage,
} from '../port.ts'
import { storeErrorOf } from './connection.ts'
import type { EventTable } from './event-table.ts'
import { EventWriter } from './event-writer.ts'

export interface EmbeddedStoreOptions {
  /** Appends that may wait for their turn; beyond it `store-busy`. Default 10,000. */
  readonly maxQueued?: number
  /** Bytes that may wait for their turn; beyond it `store-busy`. Default 64 MiB. */
  readonly maxQueuedBytes?: number
  /** A refusal every append meets; reads go on. */
  readonly readOnly?: StoreError
  /** How often a reader beside the owner looks for new events, in milliseconds; absent in the owner's own process. */
  readonly pollMs?: number
  /** Runs once the file is closed. */
  readonly onClosed?: () => void
}

/** Appends and bytes of one commit at most: bounds how long other work of the process waits. */
const GROUP_APPENDS = 1_024
const GROUP_BYTES = 8 * 1024 * 1024
/** Events a subscription reads at a time. */
const SUBSCRIPTION_PAGE = 256
const FORMAT = /^(0|[1-9]\d{0,14})$/

interface Pending {
  readonly stream: string
  readonly events: readonly EventToAppend[]
  readonly expected: ExpectedRevision
  readonly size: number
  readonly resolve: (result: AppendResult) => void
  readonly reject: (error: StoreError) => void
}

/** Index of the first event after a position. */
function indexAfter(position: Position | undefined): number {
  if (position === undefined) return 0
  if (!FORMAT.test(position)) throw new RangeError(`no position: ${JSON.stringify(position)}`)
  return Number(position) + 1
}

/**
 * {@link EventStore} over one connection. States: open → failed (an I/O error left a commit's outcome unknown: reads stay,
 * appends are refused `store-unavailable` until the store is opened again) → closed.
 */
export class EmbeddedStore implements EventStore {
  readonly #db: DatabaseSync
  readonly #table: EventTable
  readonly #writer: EventWriter | undefined
  readonly #maxQueued: number
  readonly #maxQueuedBytes: number
  readonly #pollMs: number | undefined
  readonly #onClosed: (() => void) | undefined
  readonly #commits = new Commits()
  readonly #closing = new AbortController()
  #queue: Pending[] = []
  #queuedBytes = 0
  #scheduled = false
  /** Why appends are refused, if they are. */
  #refusal: StoreError | undefined

  constructor(db: DatabaseSync, table: EventTable, options: EmbeddedStoreOptions = {}) {
    this.#db = db
    this.#table = table
    this.#writer = options.readOnly ? undefined : new EventWriter(db, table)
    this.#refusal = options.readOnly
    this.#maxQueued = options.maxQueued ?? 10_000
    this.#maxQueuedBytes = options.maxQueuedBytes ?? 64 * 1024 * 1024
    this.#pollMs = options.pollMs
    this.#onClosed = options.onClosed
  }

  append(stream: string, events: readonly EventToAppend[], expected: ExpectedRevision): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      this.#refuseClosed()
      const size = checkAppend(stream, events, expected)
      if (this.#refusal) throw this.#refusal
      if (this.#queue.length >= this.#maxQueued || this.#queuedBytes + size > this.#maxQueuedBytes)
        throw new StoreError('store-busy', `${this.#queue.length} appends are waiting`)
      this.#queue.push({ stream, events, expected, size, resolve, reject })
      this.#queuedBytes += size
      this.#schedule()
    })
  }

  async readStream(stream: string, options: { from?: number; limit?: number } = {}): Promise<StreamSlice> {
    return this.#reading(() => {
      if (options.from === undefined && options.limit === undefined) {
        const events = this.#table.stream(stream)
        return { exists: events.length > 0, lastRevision: events.at(-1)?.revision ?? -1, events }
      }
      const id = this.#table.streamId(stream)
      const lastRevision = id === undefined ? -1 : this.#table.lastRevision(id)
      const { from = 0, limit = lastRevision + 1 } = options
      return { exists: lastRevision >= 0, lastRevision, events: this.#table.slice(stream, from, limit) }
    })
  }

  async readAll(after: Position | undefined, limit: number): Promise<Page> {
    return this.#reading(() => this.#page(after, limit))
  }

  subscribe(after: Position | undefined, signal: AbortSignal): AsyncIterable<SubscriptionMessage> {
    this.#refuseClosed()
    const followed = {
      page: (checkpoint: Position | undefined) => this.#reading(() => this.#page(checkpoint, SUBSCRIPTION_PAGE)),
      hasMore: (checkpoint: Position | undefined) => this.#reading(() => indexAfter(checkpoint) < this.#table.size()),
      wait: (until: AbortSignal) => this.#change(until),
    }
    return follow(followed, after, AbortSignal.any([signal, this.#closing.signal]))
  }

  async head(): Promise<Position | undefined> {
    return this.#reading(() => {
      const size = this.#table.size()
      return size === 0 ? undefined : String(size - 1)
    })
  }

  comparePositions(a: Position, b: Position): number {
    return indexAfter(a) - indexAfter(b)
  }

  isPosition(text: string): boolean {
    return FORMAT.test(text)
  }

  /** Commits what is waiting, ends the subscriptions and closes the file. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    while (this.#queue.length > 0) this.#commitGroup()
    this.#closing.abort()
    try {
      this.#db.close()
    } finally {
      this.#onClosed?.()
    }
  }

  /** Appends that wait for their turn. */
  get queued(): number {
    return this.#queue.length
  }

  /** The refusal an append would meet now, found out without one: the write lock is taken and given back. */
  refusal(): StoreError | undefined {
    if (this.#closing.signal.aborted) return new StoreError('store-unavailable', 'the store is closed')
    if (this.#refusal) return this.#refusal
    try {
      this.#db.exec('BEGIN IMMEDIATE')
      this.#db.exec('ROLLBACK')
      return undefined
    } catch (error) {
      return storeErrorOf(error)
    }
  }

  #page(after: Position | undefined, limit: number): Page {
    const from = indexAfter(after)
    const events = this.#table.read(from, limit)
    return { events, checkpoint: events.at(-1)?.position ?? after, atHead: from + events.length >= this.#table.size() }
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#commitGroup()
      if (this.#queue.length > 0) this.#schedule()
    })
  }

  /** Takes from the head of the queue what fits one commit. */
  #takeGroup(): Pending[] {
    let [count, bytes] = [0, 0]
    for (const { size } of this.#queue) {
      if (count === GROUP_APPENDS || (count > 0 && bytes + size > GROUP_BYTES)) break
      count++
      bytes += size
    }
    const group = this.#queue
    this.#queue = group.splice(count)
    this.#queuedBytes -= bytes
    return group
  }

  #commitGroup(): void {
    const group = this.#takeGroup()
    if (group.length === 0) return
    try {
      if (this.#refusal) throw this.#refusal
      const results = this.#writer!.write(() => group.map((pending) => this.#place(pending)))
      for (let place = 0; place < group.length; place++) group[place]!.resolve(results[place]!)
      this.#commits.announce()
    } catch (error) {
      const mapped = storeErrorOf(error)
      // After a failed write or fsync neither the file's state nor what a later fsync tells can be trusted.
      if (mapped.code === 'store-unavailable' || this.#db.isTransaction) this.#refusal = mapped
      for (const { reject } of group) reject(mapped)
    }
  }

  /** Places one append in the running transaction. A wrong revision is a result of its own and leaves the group alone. */
  #place({ stream, events, expected }: Pending): AppendResult {
    const writer = this.#writer!
    const head = writer.head(stream)
    const last = head?.last ?? -1
    const first = expected === 'no_stream' ? 0 : expected + 1
    if (first === last + 1) {
      let index = 0
      for (const event of events) index = writer.add(stream, event)
      return { ok: true, revision: last + events.length, position: String(index), index, repeated: false }
    }
    if (first + events.length <= last + 1) {
      const again = this.#table.slice(stream, first, events.length)
      if (again.every((event, place) => event.id === events[place]!.id)) {
        const { revision, position, index } = again.at(-1)!
        return { ok: true, revision, position, index, repeated: true }
      }
    }
    return { ok: false, reason: 'wrong-revision', actual: last < 0 ? 'no_stream' : last }
  }

  /** Waits for the next commit: announced in the owner's process, looked for beside it. */
  async #change(signal: AbortSignal): Promise<void> {
    if (this.#pollMs === undefined) return this.#commits.next(signal)
    const timer = setTimeout(() => this.#commits.announce(), this.#pollMs)
    await this.#commits.next(signal)
    clearTimeout(timer)
  }

  #reading<Result>(read: () => Result): Result {
    this.#refuseClosed()
    try {
      return read()
    } catch (error) {
      if (error instanceof RangeError) throw error
      throw storeErrorOf(error)
    }
  }

  #refuseClosed(): void {
    if (this.#closing.signal.aborted) throw new StoreError('store-unavailable', 'the store is closed')
  }
}
