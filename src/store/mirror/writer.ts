/** Writing a mirror's table: the same layout as the embedded store's, with the cluster's own revisions and positions. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { ClusterError } from '../eventstoredb/errors.ts'
import type { StoredEvent } from '../port.ts'
import { recordedMsOf } from '../recorded-at.ts'
import type { EventTable } from '../sqlite/event-table.ts'

/** Where a stream stands: the number of its name and the revision of its last event. */
interface StreamHead {
  readonly id: number
  readonly last: number
}

/** Heads of so many streams are kept in memory, those last written. */
const HEADS = 50_000

/** Revisions that the cluster does not have. */
export interface Gap {
  readonly stream: string
  /** First missing revision, and the first that is there again. */
  readonly from: number
  readonly to: number
}

/** The one writer of a mirror. */
export class MirrorWriter {
  readonly #db: DatabaseSync
  readonly #table: EventTable
  readonly #heads = new Map<string, StreamHead>()
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #addStream: StatementSync
  readonly #addEvent: StatementSync
  #next: number
  #recordedMax: number

  constructor(db: DatabaseSync, table: EventTable) {
    this.#db = db
    this.#table = table
    this.#begin = db.prepare('BEGIN IMMEDIATE')
    this.#commit = db.prepare('COMMIT')
    this.#addStream = db.prepare('INSERT INTO streams (name) VALUES (?)')
    this.#addEvent = db.prepare(
      'INSERT INTO events (idx, stream, revision, type, id, recorded_max, position, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    this.#next = table.size()
    this.#recordedMax = table.lastRecordedMs() ?? 0
  }

  /**
   * Adds events in `$all` order, in one durable transaction; if anything throws, none of them.
   * @returns gaps in the revisions of their streams
   * @throws ClusterError `mirror-diverged` where a stream has another event at a revision already
   */
  add(events: readonly StoredEvent[]): Gap[] {
    const [next, recordedMax] = [this.#next, this.#recordedMax]
    const gaps: Gap[] = []
    try {
      this.#begin.run()
      for (const event of events) this.#addOne(event, gaps)
      this.#commit.run()
      return gaps
    } catch (error) {
      this.#next = next
      this.#recordedMax = recordedMax
      this.#heads.clear()
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }

  #addOne(event: StoredEvent, gaps: Gap[]): void {
    const { stream, revision, type, id, position, bytes } = event
    const head = this.#head(stream) ?? { id: Number(this.#addStream.run(stream).lastInsertRowid), last: -1 }
    if (revision <= head.last)
      throw new ClusterError(
        'mirror-diverged',
        `${stream}@${revision} came as index ${this.#next}, but is there already`,
      )
    if (revision > head.last + 1) gaps.push({ stream, from: head.last + 1, to: revision })
    this.#recordedMax = Math.max(this.#recordedMax, recordedMsOf(bytes) ?? 0)
    this.#addEvent.run(this.#next, head.id, revision, type, id, this.#recordedMax, position, bytes)
    this.#next++
    this.#keep(stream, { id: head.id, last: revision })
  }

  #head(stream: string): StreamHead | undefined {
    const known = this.#heads.get(stream)
    if (known) return known
    const id = this.#table.streamId(stream)
    return id === undefined ? undefined : { id, last: this.#table.lastRevision(id) }
  }

  #keep(stream: string, head: StreamHead): void {
    this.#heads.delete(stream)
    this.#heads.set(stream, head)
    if (this.#heads.size <= HEADS) return
    for (const oldest of this.#heads.keys()) {
      this.#heads.delete(oldest)
      return
    }
  }
}
