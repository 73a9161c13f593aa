/** Writing into the event table: transactions, indexes without gaps, the running maximum of `recordedAt`. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { EventToAppend, Position, StoredEvent } from '../port.ts'
import { recordedMsOf } from '../recorded-at.ts'
import type { EventTable } from './event-table.ts'
import type { RecentEvents } from './recent.ts'

/** Where a stream stands: the number of its name and the revision of its last event. */
export interface StreamHead {
  readonly id: number
  readonly last: number
}

/** By default the heads of so many streams are kept in memory, those last written. */
const HEADS = 50_000

/** The one writer of an event table. */
export class EventWriter {
  readonly #db: DatabaseSync
  readonly #table: EventTable
  readonly #heads = new Map<string, StreamHead>()
  readonly #kept: number
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #addStream: StatementSync
  readonly #addEvent: StatementSync
  #recent: RecentEvents | undefined
  /** Events of the running transaction. */
  #added: StoredEvent[] = []
  #next: number
  #recordedMax: number

  /** @param kept streams whose heads are kept in memory */
  constructor(db: DatabaseSync, table: EventTable, kept = HEADS) {
    this.#db = db
    this.#table = table
    this.#kept = kept
    this.#begin = db.prepare('BEGIN IMMEDIATE')
    this.#commit = db.prepare('COMMIT')
    this.#addStream = db.prepare('INSERT INTO streams (name) VALUES (?)')
    this.#addEvent = db.prepare(
      'INSERT INTO events (idx, stream, revision, type, id, recorded_max, position, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    this.#next = table.size()
    this.#recordedMax = table.lastRecordedMs() ?? 0
  }

  /** Index of the next event. */
  get next(): number {
    return this.#next
  }

  /**
   * Runs `work` in one transaction and returns when it is durable. If anything throws, nothing of it stays, neither in the
   * file nor in memory.
   */
  write<Result>(work: () => Result): Result {
    const [next, recordedMax] = [this.#next, this.#recordedMax]
    this.#recent ??= this.#table.keepRecent()
    try {
      this.#begin.run()
      const result = work()
      this.#commit.run()
      this.#recent.committed(this.#added)
      return result
    } catch (error) {
      this.#next = next
      this.#recordedMax = recordedMax
      this.#heads.clear()
      // What a commit that failed left in the file only the file can tell.
      this.#recent = undefined
      this.#table.forgetRecent()
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    } finally {
      this.#added = []
    }
  }

  /** Where a stream stands, events of the running transaction included; undefined where it does not exist. */
  head(stream: string): StreamHead | undefined {
    const known = this.#heads.get(stream)
    if (known) return known
    const id = this.#table.streamId(stream)
    return id === undefined ? undefined : { id, last: this.#table.lastRevision(id) }
  }

  /**
   * Adds the next event of a stream; only inside {@link write}.
   * @param position the position in another store that this table mirrors
   * @returns its index
   */
  add(stream: string, event: EventToAppend, position?: Position): number {
    const head = this.head(stream) ?? { id: Number(this.#addStream.run(stream).lastInsertRowid), last: -1 }
    const index = this.#next
    const revision = head.last + 1
    this.#recordedMax = Math.max(this.#recordedMax, recordedMsOf(event.bytes) ?? 0)
    this.#addEvent.run(index, head.id, revision, event.type, event.id, this.#recordedMax, position ?? null, event.bytes)
    this.#added.push({ ...event, stream, revision, index, position: position ?? String(index) })
    this.#next = index + 1
    this.#keep(stream, { id: head.id, last: revision })
    return index
  }

  #keep(stream: string, head: StreamHead): void {
    // Moving a stream to the end costs; it matters only once there are streams to drop.
    if (this.#heads.size >= this.#kept) this.#heads.delete(stream)
    this.#heads.set(stream, head)
    if (this.#heads.size <= this.#kept) return
    for (const oldest of this.#heads.keys()) {
      this.#heads.delete(oldest)
      return
    }
  }
}
