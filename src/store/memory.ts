/**
 * The reference: the store's contract in the fewest words, for tests and for reading. Its positions are neither dense
 * nor ordered as text, so that nobody comes to lean on either.
 */
import type { Envelope } from '../domain/event.ts'
import { checkAppend } from './append.ts'
import { decodeEnvelope } from './envelope.ts'
import { Commits, follow } from './follow.ts'
import {
  type AppendResult,
  type EventLog,
  type EventStore,
  type EventToAppend,
  type ExpectedRevision,
  type IndexedEnvelope,
  type Page,
  type Position,
  type StoredEvent,
  StoreError,
  type StreamSlice,
  type SubscriptionMessage,
} from './port.ts'
import { recordedMsOf } from './recorded-at.ts'

type Stored = StoredEvent & { readonly index: number }

const FORMAT = /^m([1-9]\d{0,14})$/
const STEP = 7
const positionOf = (index: number): Position => `m${(index + 1) * STEP}`

/** How many events stand at or before a position. */
function countUpTo(position: Position | undefined): number {
  if (position === undefined) return 0
  const match = FORMAT.exec(position)
  if (!match) throw new RangeError(`no position: ${JSON.stringify(position)}`)
  return Math.floor(Number(match[1]) / STEP)
}

/** The in-memory store and its log in one. */
export class MemoryStore implements EventStore, EventLog {
  readonly #all: Stored[] = []
  /** Running maximum of `recordedAt` in milliseconds, by index. */
  readonly #recorded: number[] = []
  readonly #streams = new Map<string, Stored[]>()
  readonly #commits = new Commits()
  readonly #closing = new AbortController()

  async append(stream: string, events: readonly EventToAppend[], expected: ExpectedRevision): Promise<AppendResult> {
    this.#refuseClosed()
    checkAppend(stream, events, expected)
    const before = this.#streams.get(stream) ?? []
    const last = before.length - 1
    const first = expected === 'no_stream' ? 0 : expected + 1
    if (first !== before.length) {
      const again = before.slice(first, first + events.length)
      if (again.length === events.length && again.every((event, place) => event.id === events[place]!.id)) {
        const { revision, position, index } = again.at(-1)!
        return { ok: true, revision, position, index, repeated: true }
      }
      return { ok: false, reason: 'wrong-revision', actual: last < 0 ? 'no_stream' : last }
    }
    for (const { id, type, bytes } of events) {
      const index = this.#all.length
      const copy = Uint8Array.from(bytes)
      const event = { id, stream, revision: before.length, type, bytes: copy, position: positionOf(index), index }
      before.push(event)
      this.#all.push(event)
      this.#recorded.push(Math.max(this.#recorded.at(-1) ?? 0, recordedMsOf(bytes) ?? 0))
    }
    this.#streams.set(stream, before)
    this.#commits.announce()
    const { revision, position, index } = before.at(-1)!
    return { ok: true, revision, position, index, repeated: false }
  }

  async readStream(stream: string, options: { from?: number; limit?: number } = {}): Promise<StreamSlice> {
    this.#refuseClosed()
    const all = this.#streams.get(stream) ?? []
    const { from = 0, limit = all.length } = options
    return { exists: all.length > 0, lastRevision: all.length - 1, events: all.slice(from, from + limit) }
  }

  async readAll(after: Position | undefined, limit: number): Promise<Page> {
    this.#refuseClosed()
    return this.#page(after, limit)
  }

  subscribe(after: Position | undefined, signal: AbortSignal): AsyncIterable<SubscriptionMessage> {
    this.#refuseClosed()
    const followed = {
      page: (checkpoint: Position | undefined) => this.#page(checkpoint, 100),
      hasMore: (checkpoint: Position | undefined) => countUpTo(checkpoint) < this.#all.length,
      wait: (until: AbortSignal) => this.#commits.next(until),
    }
    return follow(followed, after, AbortSignal.any([signal, this.#closing.signal]))
  }

  async head(): Promise<Position | undefined> {
    this.#refuseClosed()
    return this.#all.at(-1)?.position
  }

  comparePositions(a: Position, b: Position): number {
    return countUpTo(a) - countUpTo(b)
  }

  isPosition(text: string): boolean {
    return FORMAT.test(text)
  }

  async close(): Promise<void> {
    this.#closing.abort()
  }

  size(): number {
    return this.#all.length
  }

  read(from: number, limit: number, to = this.#all.length): readonly StoredEvent[] {
    return this.#all.slice(from, Math.min(from + limit, to))
  }

  envelopes(from: number, limit: number, to?: number): readonly Envelope[] {
    return this.read(from, limit, to).map((event) => decodeEnvelope(event.bytes))
  }

  envelopesOf(types: readonly string[], from: number, to: number): readonly IndexedEnvelope[] {
    return this.#all
      .slice(from, to)
      .filter(({ type }) => types.includes(type))
      .map(({ index, bytes }) => ({ index, envelope: decodeEnvelope(bytes) }))
  }

  stream(name: string, to = this.#all.length): readonly StoredEvent[] {
    return (this.#streams.get(name) ?? []).filter((event) => event.index < to)
  }

  sizeAt(recordedMs: number): number {
    const later = this.#recorded.findIndex((recorded) => recorded > recordedMs)
    return later < 0 ? this.#recorded.length : later
  }

  /** Running maximum of `recordedAt` at the head, in milliseconds; undefined in an empty store. */
  lastRecordedMs(): number | undefined {
    return this.#recorded.at(-1)
  }

  #page(after: Position | undefined, limit: number): Page {
    const from = countUpTo(after)
    const events = this.#all.slice(from, from + limit)
    return { events, checkpoint: events.at(-1)?.position ?? after, atHead: from + events.length >= this.#all.length }
  }

  #refuseClosed(): void {
    if (this.#closing.signal.aborted) throw new StoreError('store-unavailable', 'the store is closed')
  }
}
