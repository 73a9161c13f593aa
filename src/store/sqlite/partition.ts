/**
 * A share of a log for one of several threads that read it at the same time: each thread gets whole streams, and only the bytes of the types it asks for
 * leave the table.
 */
import type { Envelope } from '../../domain/event.ts'
import type { IndexedEnvelope } from '../port.ts'
import { openForReading } from './connection.ts'
import { EventTable } from './event-table.ts'

/**
 * Which share of how many a stream belongs to: by the first and last character of its id alone, so that streams of one office, whatever they record of
 * it, are together. Ids are random, so these are; {@link IN_SHARE} says the same in SQL.
 */
export const shareOf = (id: string, shares: number): number =>
  (id.codePointAt(0)! * 7 + id.codePointAt(id.length - 1)!) % shares
const IN_SHARE = `(unicode(substr(name, instr(name, '-') + 1, 1)) * 7 + unicode(substr(name, -1))) % :shares = :share`

export interface PartitionOptions {
  readonly path: string
  readonly share: number
  readonly shares: number
  /** The categories of streams that are read: by the one share they fall to, or by every share. */
  readonly reads: readonly { readonly category: string; readonly by: 'share' | 'all' }[]
  /** Event types to read. */
  readonly types: readonly string[]
}

export interface Partition {
  /** The whole table, for what has to be looked up. */
  readonly log: EventTable
  /** Envelopes of this share with index in [from, to), in order. */
  envelopes(from: number, to: number): IndexedEnvelope[]
  close(): void
}

/** Opens a share for reading beside whoever owns the file. @throws StoreError */
export function openPartition({ path, share, shares, reads, types }: PartitionOptions): Partition {
  const db = openForReading(path)
  const log = new EventTable(db)
  // The connection's own temporary tables; the file itself stays read only.
  db.exec(`PRAGMA query_only = OFF; PRAGMA temp_store = MEMORY;
    CREATE TEMP TABLE mine (id INTEGER PRIMARY KEY) STRICT; CREATE TEMP TABLE wanted (type TEXT PRIMARY KEY) STRICT, WITHOUT ROWID`)
  db.exec('BEGIN')
  const mine = db.prepare(
    `INSERT INTO temp.mine SELECT id FROM main.streams WHERE name >= :from AND name < :to AND ${IN_SHARE}`,
  )
  for (const { category, by } of reads)
    mine.run({
      from: `${category}-`,
      to: `${category}.`,
      ...(by === 'all' ? { shares: 1, share: 0 } : { shares, share }),
    })
  const wanted = db.prepare('INSERT INTO temp.wanted VALUES (?)')
  for (const type of new Set(types)) wanted.run(type)
  db.exec('COMMIT; PRAGMA query_only = ON')
  // By rows in order, whatever the planner thinks of the index by stream: what is wanted lies all over the file.
  const page = db.prepare(`SELECT idx, CAST(bytes AS TEXT) FROM main.events WHERE idx >= ? AND idx < ?
    AND +stream IN (SELECT id FROM temp.mine) AND +type IN (SELECT type FROM temp.wanted) ORDER BY idx`)
  page.setReturnArrays(true)
  return {
    log,
    envelopes: (from, to) =>
      (page.all(from, to) as unknown as [number, string][]).map(([index, text]) => ({
        index,
        envelope: JSON.parse(text) as Envelope,
      })),
    close: () => db.close(),
  }
}
