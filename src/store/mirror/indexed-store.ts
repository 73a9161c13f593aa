/** The cluster's store with what only a mirror knows: indexes, and whether an append was a repetition. */
import type {
  AppendResult,
  EventStore,
  EventToAppend,
  ExpectedRevision,
  Page,
  Position,
  StoredEvent,
  StreamSlice,
  SubscriptionMessage,
} from '../port.ts'
import type { Mirror } from './mirror.ts'

/**
 * {@link EventStore} that answers an append once this node's mirror has it, bounded: then its index is known, and whether
 * the bytes stored are these. A server does not tell a repetition from a first append; two nodes that run one command at the
 * same moment share its ids, and only one of them wrote the bytes.
 */
export class IndexedStore implements EventStore {
  readonly #store: EventStore
  readonly #mirror: Mirror
  readonly #mayWrite: () => Promise<void>
  readonly #waitMs: number

  /**
   * @param mayWrite throws where the installation takes no writes
   * @param waitMs longest wait of an append for the mirror, in milliseconds; without it the answer has no index
   */
  constructor(store: EventStore, mirror: Mirror, mayWrite: () => Promise<void>, waitMs = 2_000) {
    this.#store = store
    this.#mirror = mirror
    this.#mayWrite = mayWrite
    this.#waitMs = waitMs
  }

  /** @throws ClusterError where the mirror has halted: what this node knows is not the cluster's, and nothing may be decided on it */
  async append(stream: string, events: readonly EventToAppend[], expected: ExpectedRevision): Promise<AppendResult> {
    const halted = this.#mirror.halted()
    if (halted) throw halted
    await this.#mayWrite()
    const result = await this.#store.append(stream, events, expected)
    if (!result.ok) return result
    const size = await this.#mirror.waitForPosition(result.position, this.#waitMs)
    const first = result.revision - events.length + 1
    if (size !== undefined) {
      const stored = this.#mirror.slice(stream, first, events.length)
      return { ...result, index: size - 1, repeated: !sameBytes(stored, events) }
    }
    try {
      const { events: stored } = await this.#store.readStream(stream, { from: first, limit: events.length })
      return { ...result, repeated: !sameBytes(stored, events) }
    } catch {
      // It is stored; by whom is not known now. A caller told of a repetition reads what is there.
      return { ...result, repeated: true }
    }
  }

  /** From the leader, with the indexes of those events that the mirror has. */
  async readStream(stream: string, options: { from?: number; limit?: number } = {}): Promise<StreamSlice> {
    const slice = await this.#store.readStream(stream, options)
    const [first] = slice.events
    if (!first) return slice
    const mirrored = this.#mirror.slice(stream, first.revision, slice.events.length)
    const indexes = new Map(mirrored.map(({ revision, index }) => [revision, index]))
    const events = slice.events.map((event) => {
      const index = indexes.get(event.revision)
      return index === undefined ? event : { ...event, index }
    })
    return { ...slice, events }
  }

  readAll(after: Position | undefined, limit: number): Promise<Page> {
    return this.#store.readAll(after, limit)
  }

  subscribe(after: Position | undefined, signal: AbortSignal): AsyncIterable<SubscriptionMessage> {
    return this.#store.subscribe(after, signal)
  }

  head(): Promise<Position | undefined> {
    return this.#store.head()
  }

  comparePositions(a: Position, b: Position): number {
    return this.#store.comparePositions(a, b)
  }

  isPosition(text: string): boolean {
    return this.#store.isPosition(text)
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}

const sameBytes = (stored: readonly StoredEvent[], events: readonly EventToAppend[]): boolean =>
  stored.length === events.length &&
  events.every(({ id, bytes }, place) => id === stored[place]!.id && Buffer.compare(bytes, stored[place]!.bytes) === 0)
