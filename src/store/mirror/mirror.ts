/**
 * A node's mirror: the exact envelopes of the cluster in the embedded store's table layout, counted from 0 in `$all` order, so
 * that an event's index is the same on every node.
 *
 * States: checking (what is here against the cluster) → catching-up → live; halted for good where the cluster has another
 * event at an index, or other bytes. Reading works in every state.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Envelope } from '../../domain/event.ts'
import { syncDirectory } from '../durable-file.ts'
import { ClusterError, messageOf } from '../eventstoredb/errors.ts'
import type { Foreign } from '../eventstoredb/records.ts'
import {
  type EventLog,
  type EventStore,
  type IndexedEnvelope,
  type Position,
  type StoredEvent,
  StoreError,
} from '../port.ts'
import { openForWriting, storeErrorOf } from '../sqlite/connection.ts'
import { EventTable, prepareEventTables } from '../sqlite/event-table.ts'
import { ownDirectory } from '../sqlite/owner.ts'
import { MirrorWriter } from './writer.ts'

/** Events and bytes of one commit at most. */
const GROUP_EVENTS = 1_000
const GROUP_BYTES = 4 * 1024 * 1024
/** How long an event waits for others before it is committed, in milliseconds. */
const GROUP_MS = 2
/** Pause before trying again what may pass: a cluster that is away, a full disk. */
const RETRY_MS = 500
/** So many of the last events are compared with the cluster on start, and the first one. */
const CHECKED_TAIL = 64

export interface MirrorState {
  readonly state: 'checking' | 'catching-up' | 'live' | 'halted' | 'closed'
  /** Number of events here. */
  readonly size: number
  /** Position of the last one. */
  readonly position: Position | undefined
  /** Why it halted, or what it is waiting to pass. */
  readonly reason?: string
}

export interface MirrorOptions {
  /** A directory of its own; the file in it is events.db. */
  readonly directory: string
  readonly store: EventStore
  /** Told once when the mirror halts. */
  readonly onHalt?: (error: ClusterError) => void
  /** Told of missing revisions. */
  readonly onForeign?: (foreign: Foreign) => void
  /** Told after every commit: the number of events here. */
  readonly onGrown?: (size: number) => void
}

interface Waiter {
  readonly position: Position
  readonly reached: (size: number) => void
}

export class Mirror implements EventLog {
  readonly #db: DatabaseSync
  readonly #table: EventTable
  readonly #writer: MirrorWriter
  readonly #options: MirrorOptions
  readonly #disown: () => void
  readonly #closing = new AbortController()
  readonly #waiters = new Set<Waiter>()
  readonly #live = Promise.withResolvers<void>()
  #running: Promise<void> = Promise.resolve()
  #state: MirrorState['state'] = 'checking'
  #reason: string | undefined
  #halted: ClusterError | undefined
  #group: StoredEvent[] = []
  #groupBytes = 0
  #timer: NodeJS.Timeout | undefined
  #last: Position | undefined

  /**
   * Opens or creates the file. Nothing is followed before {@link follow}.
   * @throws StoreError `store-owned-elsewhere`, `data-directory-kind`, `store-format-unknown`, `sqlite-too-old`, `disk-full`, `store-unavailable`
   */
  constructor(options: MirrorOptions) {
    const { directory } = options
    this.#options = options
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    this.#disown = ownDirectory(directory)
    let db: DatabaseSync | undefined
    try {
      db = openForWriting(join(directory, 'events.db'))
      prepareEventTables(db)
      syncDirectory(directory)
      this.#db = db
      this.#table = new EventTable(db)
      if (this.#table.isMirror() === false)
        throw new StoreError('data-directory-kind', `${directory} holds events of its own, not those of a cluster`)
      this.#writer = new MirrorWriter(db, this.#table)
    } catch (error) {
      db?.close()
      this.#disown()
      throw storeErrorOf(error)
    }
    this.#last = this.#table.positionAt(this.#table.size() - 1)
    this.#live.promise.catch(() => {})
  }

  size(): number {
    return this.#table.size()
  }

  read(from: number, limit: number, to?: number): readonly StoredEvent[] {
    return this.#table.read(from, limit, to)
  }

  envelopes(from: number, limit: number, to?: number): readonly Envelope[] {
    return this.#table.envelopes(from, limit, to)
  }

  envelopesOf(types: readonly string[], from: number, to: number): readonly IndexedEnvelope[] {
    return this.#table.envelopesOf(types, from, to)
  }

  stream(name: string, to?: number): readonly StoredEvent[] {
    return this.#table.stream(name, to)
  }

  sizeAt(recordedMs: number): number {
    return this.#table.sizeAt(recordedMs)
  }

  /** Events of one stream from a revision, at most `limit`. */
  slice(name: string, from: number, limit: number): readonly StoredEvent[] {
    return this.#table.slice(name, from, limit)
  }

  /** Running maximum of `recordedAt` at the head, in milliseconds since 1970; undefined in an empty mirror. */
  lastRecordedMs(): number | undefined {
    return this.#table.lastRecordedMs()
  }

  state(): MirrorState {
    const state = { state: this.#state, size: this.size(), position: this.#last }
    return this.#reason === undefined ? state : { ...state, reason: this.#reason }
  }

  /** Why this node may not go on as if it were whole; undefined while it is. */
  halted(): ClusterError | undefined {
    return this.#halted
  }

  /** The cluster was lost: what is here is behind from now on, until it says again that it has caught up. */
  interrupted(reason: string): void {
    if (this.#state === 'halted' || this.#state === 'closed') return
    if (this.#state === 'live') this.#state = 'catching-up'
    this.#reason = reason
  }

  /** Begins to follow the cluster. */
  follow(): void {
    this.#running = this.#run()
  }

  /** Resolves when it has caught up for the first time. @throws ClusterError when it halts, StoreError when it is closed */
  live(): Promise<void> {
    return this.#live.promise
  }

  /** Number of events at or before a position, as far as they are here. */
  sizeAtPosition(position: Position): number {
    let [low, high] = [0, this.size()]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#options.store.comparePositions(this.#table.positionAt(middle)!, position) <= 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /**
   * Waits until everything up to a position is here.
   * @returns the number of events up to it; undefined when the time, in milliseconds, was over first
   * @throws RangeError for a text that is no position
   */
  async waitForPosition(position: Position, timeoutMs: number): Promise<number | undefined> {
    if (this.#has(position)) return this.sizeAtPosition(position)
    if (this.#state === 'halted' || this.#state === 'closed') return undefined
    const { promise, resolve } = Promise.withResolvers<number | undefined>()
    const waiter: Waiter = { position, reached: resolve }
    const timer = setTimeout(() => resolve(undefined), timeoutMs)
    this.#waiters.add(waiter)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#waiters.delete(waiter)
    }
  }

  /** Commits what it has and closes the file. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return
    this.#closing.abort()
    await this.#running
    clearTimeout(this.#timer)
    this.#state = 'closed'
    this.#live.reject(new StoreError('store-unavailable', 'the mirror is closed'))
    try {
      this.#db.close()
    } finally {
      this.#disown()
    }
  }

  #has(position: Position): boolean {
    return this.#last !== undefined && this.#options.store.comparePositions(position, this.#last) <= 0
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    try {
      while (!signal.aborted && !(await this.#isSame())) await sleep(RETRY_MS, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      this.#state = 'catching-up'
      for await (const message of this.#options.store.subscribe(this.#last, signal)) {
        if (message.kind === 'event') this.#collect(message.event)
        else {
          await this.#commit()
          this.#state = 'live'
          this.#reason = undefined
          this.#live.resolve()
        }
        if (this.#isFull()) await this.#commit()
        if (this.#failure()) break
      }
      if (this.#failure() === undefined) await this.#commit()
    } catch (error) {
      this.#halt(error)
    }
  }

  #failure(): string | undefined {
    return this.#state === 'halted' ? this.#reason : undefined
  }

  /**
   * Compares the first and the last events here with the cluster's.
   * @returns false where the cluster does not answer
   * @throws ClusterError `mirror-diverged`
   */
  async #isSame(): Promise<boolean> {
    const size = this.size()
    if (size === 0) return true
    const from = Math.max(0, size - CHECKED_TAIL)
    try {
      await this.#compare(0, undefined, 1)
      await this.#compare(from, from === 0 ? undefined : this.#table.positionAt(from - 1), size - from)
      this.#reason = undefined
      return true
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      this.#reason = messageOf(error)
      return false
    }
  }

  async #compare(from: number, after: Position | undefined, count: number): Promise<void> {
    const mine = this.read(from, count)
    const { events: theirs } = await this.#options.store.readAll(after, count)
    for (const [place, event] of mine.entries()) {
      const other = theirs[place]
      if (!other) throw new ClusterError('mirror-diverged', `the cluster ends before index ${event.index}`)
      if (!isSameEvent(event, other)) {
        const [here, there] = [event, other].map(({ stream, revision, id, position }) =>
          [`${stream}@${revision}`, id, position].join(' '),
        )
        throw new ClusterError('mirror-diverged', `index ${event.index} is ${here} here and ${there} in the cluster`)
      }
    }
  }

  #collect(event: StoredEvent): void {
    this.#group.push(event)
    this.#groupBytes += event.bytes.length
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      try {
        this.#write()
      } catch (error) {
        // A full disk is tried again when the group is committed; anything else will not pass.
        if (!passes(error)) this.#halt(error)
      }
    }, GROUP_MS)
  }

  #isFull(): boolean {
    return this.#group.length >= GROUP_EVENTS || this.#groupBytes >= GROUP_BYTES
  }

  /** Writes the group, waiting for a full disk to have space again. */
  async #commit(): Promise<void> {
    while (!this.#closing.signal.aborted || this.#group.length > 0) {
      try {
        this.#write()
        return
      } catch (error) {
        if (!passes(error) || this.#closing.signal.aborted) throw error
        this.#reason = messageOf(error)
        await sleep(RETRY_MS, undefined, { signal: this.#closing.signal }).catch(() => {})
      }
    }
  }

  #write(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#group.length === 0 || this.#state === 'halted') return
    let gaps: ReturnType<MirrorWriter['add']>
    try {
      gaps = this.#writer.add(this.#group)
    } catch (error) {
      throw error instanceof ClusterError ? error : storeErrorOf(error)
    }
    this.#last = this.#group.at(-1)!.position
    this.#group = []
    this.#groupBytes = 0
    this.#reason = undefined
    for (const { stream, from, to } of gaps) {
      const detail = `revisions ${from} to ${to - 1} are missing, or of another program`
      this.#options.onForeign?.({ kind: 'gap', stream, revision: from, detail })
    }
    for (const waiter of this.#waiters)
      if (this.#has(waiter.position)) waiter.reached(this.sizeAtPosition(waiter.position))
    this.#options.onGrown?.(this.size())
  }

  #halt(error: unknown): void {
    if (this.#state === 'halted') return
    const known =
      error instanceof ClusterError
        ? error
        : new ClusterError('mirror-failed', `the mirror cannot be written: ${messageOf(error)}`, { cause: error })
    this.#state = 'halted'
    this.#halted = known
    this.#reason = known.message
    this.#live.reject(known)
    this.#options.onHalt?.(known)
  }
}

/** Whether the cause may go away by itself. */
const passes = (error: unknown): boolean =>
  error instanceof StoreError && (error.code === 'disk-full' || error.code === 'store-busy')

const isSameEvent = (a: StoredEvent, b: StoredEvent): boolean =>
  a.id === b.id &&
  a.stream === b.stream &&
  a.revision === b.revision &&
  a.type === b.type &&
  a.position === b.position &&
  Buffer.compare(a.bytes, b.bytes) === 0
