/** The event store on an EventStoreDB cluster. */
import { checkAppend } from '../append.ts'
import type { Installation } from '../installation.ts'
import type {
  AppendResult,
  EventStore,
  EventToAppend,
  ExpectedRevision,
  Page,
  Position,
  StreamSlice,
  SubscriptionMessage,
} from '../port.ts'
import { append, Lanes, Turns } from './appending.ts'
import { Connection, TIMEOUTS, type Timeouts } from './connection.ts'
import { type Mark, readMark, writeMark } from './installation.ts'
import { compareLog, isPosition, parsePosition, positionText } from './positions.ts'
import { HeadFinder, readPage, readStream } from './reading.ts'
import type { Foreign } from './records.ts'
import { type Calls, refuseClosed } from './retrying.ts'
import { SkewMeter } from './skew.ts'
import { type SubscriptionNotice, subscribe } from './subscribing.ts'
import type { ClusterAddress } from './url.ts'

export interface ClusterStoreOptions {
  readonly address: ClusterAddress
  readonly timeouts?: Partial<Timeouts>
  /** Told of events of others in our streams and of missing revisions. */
  readonly onForeign?: (foreign: Foreign) => void
  /** Told whenever a subscription begins again. */
  readonly onNotice?: (notice: SubscriptionNotice) => void
  /** Told by a subscription that the mark of the installation was written. */
  readonly onMark?: () => void
  /** Monotonic clock in milliseconds. */
  readonly clock?: () => number
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/** {@link EventStore} over `@eventstore/db-client`, wrapping its defects (docs/adr/0005-cluster.md). */
export class ClusterStore implements EventStore {
  readonly #calls: Calls
  readonly #closing = new AbortController()
  readonly #turns = new Turns()
  readonly #lanes = new Lanes()
  readonly #head: HeadFinder
  readonly #onForeign: (foreign: Foreign) => void
  readonly #onNotice: (notice: SubscriptionNotice) => void
  readonly #onMark: () => void
  readonly #skew: SkewMeter

  constructor(options: ClusterStoreOptions) {
    const clock = options.clock ?? (() => performance.now())
    this.#calls = {
      connection: new Connection(options.address, clock),
      timeouts: { ...TIMEOUTS, ...options.timeouts },
      closing: this.#closing.signal,
      clock,
    }
    this.#head = new HeadFinder(this.#calls)
    this.#onForeign = options.onForeign ?? (() => {})
    this.#onNotice = options.onNotice ?? (() => {})
    this.#onMark = options.onMark ?? (() => {})
    this.#skew = new SkewMeter(options.now ?? Date.now)
  }

  /** How far this machine's clock stands before (positive) or behind the server's, in milliseconds; undefined: not known. */
  skewMs(): number | undefined {
    return this.#skew.read()
  }

  /** Appends that wait for their turn, behind those under way. */
  get queued(): number {
    return this.#turns.queued
  }

  async append(stream: string, events: readonly EventToAppend[], expected: ExpectedRevision): Promise<AppendResult> {
    refuseClosed(this.#calls)
    checkAppend(stream, events, expected)
    const { budget } = this.#calls.timeouts
    return this.#lanes.run(stream, budget, async () => {
      await this.#turns.take(budget)
      try {
        return await append(this.#calls, stream, events, expected, (name, from, limit) =>
          readStream(this.#calls, name, { from, limit }, this.#onForeign),
        )
      } finally {
        this.#turns.give()
      }
    })
  }

  async readStream(stream: string, options: { from?: number; limit?: number } = {}): Promise<StreamSlice> {
    refuseClosed(this.#calls)
    return readStream(this.#calls, stream, options, this.#onForeign)
  }

  async readAll(after: Position | undefined, limit: number): Promise<Page> {
    refuseClosed(this.#calls)
    return readPage(this.#calls, after, limit, this.#onForeign)
  }

  subscribe(after: Position | undefined, signal: AbortSignal): AsyncIterable<SubscriptionMessage> {
    refuseClosed(this.#calls)
    if (after !== undefined) parsePosition(after)
    const tools = {
      head: this.#head,
      report: this.#onForeign,
      notice: this.#onNotice,
      live: (createdMs: number) => this.#skew.sample(createdMs),
      marked: this.#onMark,
    }
    return subscribe(this.#calls, tools, after, AbortSignal.any([signal, this.#closing.signal]))
  }

  async head(): Promise<Position | undefined> {
    refuseClosed(this.#calls)
    const head = await this.#head.find()
    return head && positionText(head)
  }

  /** The mark of the installation, from the leader. @throws StoreError `store-unavailable`, `internal` for a damaged one */
  async readMark(): Promise<Mark> {
    refuseClosed(this.#calls)
    return readMark(this.#calls)
  }

  /** Writes the mark that follows one that was read. @throws StoreError `store-busy` where another was first, `store-unavailable` */
  async writeMark(before: Mark, id: string, installation: Installation): Promise<void> {
    refuseClosed(this.#calls)
    await writeMark(this.#calls, before, id, installation)
  }

  comparePositions(a: Position, b: Position): number {
    return compareLog(parsePosition(a), parsePosition(b))
  }

  isPosition(text: string): boolean {
    return isPosition(text)
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    await this.#calls.connection.close()
  }
}
