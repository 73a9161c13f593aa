/**
 * The event store port. The contract in prose is docs/contract.md; every sentence of it is a test in test/contract/
 * that runs on every store. Nothing here assumes dense positions, one process, or a local clock.
 */
import type { Envelope } from '../domain/event.ts'

/** Opaque place in the store's own commit order. Compare with `comparePositions` of the store, never as text. */
export type Position = string

/** `no_stream`, or the revision of the last event the writer knows. There is no "any". */
export type ExpectedRevision = 'no_stream' | number

/** One event on its way in: its id, its type (as stored: without prefix), its exact bytes. */
export interface EventToAppend {
  readonly id: string
  readonly type: string
  readonly bytes: Uint8Array
}

/** One event as stored. `bytes` are exactly those written. */
export interface StoredEvent {
  readonly id: string
  readonly stream: string
  readonly revision: number
  readonly type: string
  readonly bytes: Uint8Array
  readonly position: Position
  /** Place among all our events; only stores and mirrors that count know it. */
  readonly index?: number
}

/** The outcome of an append, as a value. A transport failure whose outcome is unknown throws `StoreUnavailable`. */
export type AppendResult =
  | {
      readonly ok: true
      /** Revision of the last event of this append. */
      readonly revision: number
      readonly position: Position
      /** Index of the last event, where the store counts. */
      readonly index?: number
      /** Whether the same ids were already there: the first result is given again. */
      readonly repeated: boolean
    }
  | { readonly ok: false; readonly reason: 'wrong-revision'; readonly actual: ExpectedRevision }

export interface StreamSlice {
  readonly exists: boolean
  /** Revision of the stream's last event; -1 where it does not exist. */
  readonly lastRevision: number
  readonly events: readonly StoredEvent[]
}

export interface Page {
  readonly events: readonly StoredEvent[]
  /** Where to resume: after the last event read, foreign events included; undefined before anything was read. */
  readonly checkpoint: Position | undefined
  /** Whether the end of the log was reached. */
  readonly atHead: boolean
}

export type SubscriptionMessage =
  | { readonly kind: 'event'; readonly event: StoredEvent }
  /** Everything that was in the store when this was sent has been delivered; may come again after every gap. */
  | { readonly kind: 'caught-up'; readonly checkpoint: Position | undefined }

export interface EventStore {
  /**
   * Appends atomically and durably, all or nothing. Retrying the same ids at the same expected revision on the
   * same stream returns the first result, also after later events.
   * @throws StoreError `store-busy` (queue full), `store-unavailable` (outcome unknown: retry the same ids),
   * `disk-full`, `event-too-large`
   */
  append(stream: string, events: readonly EventToAppend[], expected: ExpectedRevision): Promise<AppendResult>
  /** Events of one stream in order, from a revision (inclusive, default 0), at most `limit` (default all). */
  readStream(stream: string, options?: { from?: number; limit?: number }): Promise<StreamSlice>
  /** A page of all our events in commit order, after a position (exclusive; undefined: from the start). */
  readAll(after: Position | undefined, limit: number): Promise<Page>
  /** Ordered, unique, complete, resumable; ends when the signal aborts; survives lost connections. */
  subscribe(after: Position | undefined, signal: AbortSignal): AsyncIterable<SubscriptionMessage>
  /** Position of the last event, undefined in an empty store. */
  head(): Promise<Position | undefined>
  /** Negative, zero or positive as `a` is before, at or after `b`. */
  comparePositions(a: Position, b: Position): number
  /** Whether a text from outside (`X-Position`) has the form of this store's positions; the others throw RangeError on such. */
  isPosition(text: string): boolean
  /** Ends the subscriptions; every later call is refused `store-unavailable`. */
  close(): Promise<void>
}

/** An envelope, parsed but not lifted, with its place in the log. */
export interface IndexedEnvelope {
  readonly index: number
  readonly envelope: Envelope
}

/**
 * The local table of exact envelopes by index: the embedded store's own, or a node's mirror. History, ratings, exports and
 * verification read here, synchronously and fast; one code path in both modes.
 */
export interface EventLog {
  /** Index the next event will get, which is the number of events. */
  size(): number
  /** Events by index, from `from` (inclusive) and below `to` (exclusive, default the size), at most `limit`. */
  read(from: number, limit: number, to?: number): readonly StoredEvent[]
  /**
   * The envelopes of the same events, parsed but not lifted; the first has index `from`. Much the fastest way to replay:
   * their texts come out of the table without a copy of the bytes. Proofs read bytes.
   */
  envelopes(from: number, limit: number, to?: number): readonly Envelope[]
  /**
   * Those of the envelopes in [`from`, `to`) whose stored type is one of these, each with its index, in order: the bytes of the others never
   * leave the table.
   */
  envelopesOf(types: readonly string[], from: number, to: number): readonly IndexedEnvelope[]
  /** Events of one stream with index below `to` (default all), in revision order. */
  stream(name: string, to?: number): readonly StoredEvent[]
  /**
   * Number of events recorded by a time: one more than the index of the last event up to which the running maximum of
   * `recordedAt` is at or before it.
   */
  sizeAt(recordedMs: number): number
}

export type StoreErrorCode =
  | 'store-unavailable'
  | 'store-busy'
  | 'store-owned-elsewhere'
  | 'disk-full'
  | 'event-too-large'
  | 'clock-skew'
  | 'sqlite-too-old'
  | 'data-directory-moved'
  | 'data-directory-kind'
  | 'migration-unfinished'
  | 'data-directory-missing'
  | 'store-format-unknown'
  | 'internal'

/** A failure of the store with a stable code; what happened to the append is said by the code's contract. */
export class StoreError extends Error {
  readonly code: StoreErrorCode
  constructor(code: StoreErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'StoreError'
    this.code = code
  }
}

/** Largest envelope in bytes. */
export const MAX_EVENT_BYTES = 60 * 1024
