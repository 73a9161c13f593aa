/**
 * The table of exact envelopes by index, and all reading from it: the embedded store's own table and the mirror of a
 * cluster's node have this one layout.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Envelope } from '../../domain/event.ts'
import { type EventLog, type IndexedEnvelope, type Position, type StoredEvent, StoreError } from '../port.ts'
import { RecentEvents } from './recent.ts'

/** Version of the layout below, in the file's `user_version`. */
export const LAYOUT = 1
/** Marks a file as ours: 'duba' as a number. */
const APPLICATION = 0x64756261

const schema = `
  CREATE TABLE streams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE events (
    idx INTEGER PRIMARY KEY,          -- place among all events: 0, 1, 2, … without gaps
    stream INTEGER NOT NULL,          -- streams.id
    revision INTEGER NOT NULL,
    type TEXT NOT NULL,
    id TEXT NOT NULL,                 -- not indexed: random ids would halve the write rate
    recorded_max INTEGER NOT NULL,    -- running maximum of recordedAt, milliseconds since 1970
    position TEXT,                    -- the store's own; NULL: the index is the position
    bytes BLOB NOT NULL               -- the envelope, exactly as written
  ) STRICT;
  CREATE UNIQUE INDEX events_by_stream ON events (stream, revision);
  PRAGMA application_id = ${APPLICATION};
  PRAGMA user_version = ${LAYOUT}`

/**
 * Creates the layout in an empty file, and checks it in any other.
 * @throws StoreError `store-format-unknown` for a file that is not ours or that a newer program laid out
 */
export function prepareEventTables(db: DatabaseSync): void {
  const header = db
    .prepare('SELECT application_id, user_version FROM pragma_application_id, pragma_user_version')
    .get()!
  const { application_id: application, user_version: layout } = header
  if (application === 0 && layout === 0 && db.prepare('SELECT 1 FROM sqlite_schema').get() === undefined) {
    if (db.prepare('PRAGMA query_only').get()?.query_only === 1)
      throw new StoreError('data-directory-missing', 'the file of events is empty: it was not initialised')
    db.exec(`BEGIN IMMEDIATE; ${schema}; COMMIT`)
  } else if (application !== APPLICATION || layout !== LAYOUT)
    throw new StoreError(
      'store-format-unknown',
      `events of application ${application}, layout ${layout}; this program has ${LAYOUT}`,
    )
}

type Row = [
  idx: number,
  stream: number,
  revision: number,
  type: string,
  id: string,
  position: string | null,
  bytes: Uint8Array,
]

const COLUMNS = 'idx, stream, revision, type, id, position, bytes'
/** Names of streams kept in memory, so that a scan does not look up one for every row. */
const NAMES = 100_000

/** Reads the table over one connection, synchronously. */
export class EventTable implements EventLog {
  readonly #names = new Map<number, string>()
  /** Kept by the one writer of this process; undefined where another process may write. */
  #recent: RecentEvents | undefined
  readonly #size: StatementSync
  readonly #page: StatementSync
  readonly #texts: StatementSync
  readonly #typed: StatementSync
  readonly #name: StatementSync
  readonly #streamId: StatementSync
  readonly #last: StatementSync
  readonly #slice: StatementSync
  readonly #below: StatementSync
  readonly #recorded: StatementSync
  readonly #positions: StatementSync

  constructor(db: DatabaseSync) {
    const rows = (sql: string) => {
      const statement = db.prepare(sql)
      statement.setReturnArrays(true)
      return statement
    }
    this.#size = rows('SELECT max(idx) + 1 FROM events')
    this.#page = rows(`SELECT ${COLUMNS} FROM events WHERE idx >= ? AND idx < ? ORDER BY idx`)
    this.#texts = rows('SELECT CAST(bytes AS TEXT) FROM events WHERE idx >= ? AND idx < ? ORDER BY idx')
    this.#typed = rows(`SELECT idx, CAST(bytes AS TEXT) FROM events WHERE idx >= ? AND idx < ?
      AND type IN (SELECT value FROM json_each(?)) ORDER BY idx`)
    this.#name = rows('SELECT name FROM streams WHERE id = ?')
    this.#streamId = rows('SELECT id FROM streams WHERE name = ?')
    this.#last = rows('SELECT max(revision) FROM events WHERE stream = ?')
    this.#slice = rows(`SELECT ${COLUMNS} FROM events WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT ?`)
    this.#below = rows(`SELECT ${COLUMNS} FROM events WHERE stream = ? AND idx < ? ORDER BY revision`)
    this.#recorded = rows('SELECT recorded_max FROM events WHERE idx = ?')
    this.#positions = rows('SELECT position FROM events WHERE idx = ?')
  }

  /** Begins to keep what is recent in memory: for the writer of this table, which says what it committed. */
  keepRecent(): RecentEvents {
    this.#recent = new RecentEvents(this.size())
    return this.#recent
  }

  /** Reads everything from the file again. */
  forgetRecent(): void {
    this.#recent = undefined
  }

  size(): number {
    return this.#recent?.size ?? first<number | null>(this.#size.get()) ?? 0
  }

  read(from: number, limit: number, to = Number.MAX_SAFE_INTEGER): readonly StoredEvent[] {
    const end = Math.min(from + limit, to)
    return this.#events(this.#page.all(from, end))
  }

  envelopes(from: number, limit: number, to = Number.MAX_SAFE_INTEGER): readonly Envelope[] {
    const end = Math.min(from + limit, to)
    const recent = this.#recent?.envelopes(from, Math.min(end, this.#recent.size))
    if (recent) return recent
    const rows = this.#texts.all(from, end) as unknown as [text: string][]
    return rows.map(([text]) => JSON.parse(text) as Envelope)
  }

  envelopesOf(types: readonly string[], from: number, to: number): readonly IndexedEnvelope[] {
    const rows = this.#typed.all(from, to, JSON.stringify(types)) as unknown as [number, string][]
    return rows.map(([index, text]) => ({ index, envelope: JSON.parse(text) as Envelope }))
  }

  stream(name: string, to = Number.MAX_SAFE_INTEGER): readonly StoredEvent[] {
    const known = this.#recent?.stream(name)
    if (known) return to > known.at(-1)!.index! ? known : known.filter(({ index }) => index! < to)
    const id = this.streamId(name)
    if (id === undefined) return []
    const events = this.#events(this.#below.all(id, to), name)
    if (to >= this.size()) this.#recent?.keep(name, events)
    return events
  }

  sizeAt(recordedMs: number): number {
    // The running maximum never decreases: halve the range.
    let [low, high] = [0, this.size()]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#recordedMax(middle)! <= recordedMs) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Running maximum of `recordedAt` at the head, in milliseconds; undefined in an empty table. */
  lastRecordedMs(): number | undefined {
    return this.#recordedMax(this.size() - 1)
  }

  /** Events of one stream from a revision, at most `limit`, those of the running transaction included. */
  slice(name: string, from: number, limit: number): readonly StoredEvent[] {
    const id = this.streamId(name)
    return id === undefined ? [] : this.#events(this.#slice.all(id, from, limit), name)
  }

  /** Number a stream's name is kept under; undefined where there is no such stream. */
  streamId(name: string): number | undefined {
    return first<number>(this.#streamId.get(name))
  }

  /** Revision of a stream's last event; -1 where it has none. */
  lastRevision(streamId: number): number {
    return first<number | null>(this.#last.get(streamId)) ?? -1
  }

  /** The store's own position of the event at an index; undefined where there is none. */
  positionAt(index: number): Position | undefined {
    const position = first<string | null>(this.#positions.get(index))
    return position === null ? String(index) : position
  }

  /** Whether this is a mirror, whose events have positions in another store; undefined where nothing tells. */
  isMirror(): boolean | undefined {
    const position = first<string | null>(this.#positions.get(0))
    return position === undefined ? undefined : position !== null
  }

  #recordedMax(index: number): number | undefined {
    return first<number>(this.#recorded.get(index))
  }

  #events(found: unknown, name?: string): StoredEvent[] {
    const rows = found as Row[]
    const events = new Array<StoredEvent>(rows.length)
    for (let place = 0; place < rows.length; place++) {
      const [index, stream, revision, type, id, position, bytes] = rows[place]!
      events[place] = {
        id,
        stream: name ?? this.#nameOf(stream),
        revision,
        type,
        bytes,
        position: position ?? String(index),
        index,
      }
    }
    return events
  }

  #nameOf(id: number): string {
    const known = this.#names.get(id)
    if (known !== undefined) return known
    const name = first<string>(this.#name.get(id))!
    if (this.#names.size >= NAMES) this.#names.clear()
    this.#names.set(id, name)
    return name
  }
}

/** First column of a row that was read as an array. */
function first<Value>(row: unknown): Value | undefined {
  return (row as Value[] | undefined)?.[0]
}
