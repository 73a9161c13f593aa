/**
 * A share of a log for one of several threads that read it at the same time: each thread gets whole streams, and only the bytes of the types it asks for
 * leave the table.
 */
import type { Envelope } from '../../domain/event.ts'
import { openForReading } from './connection.ts'
import { EventTable } from './event-table.ts'

/** Which share of how many a stream belongs to: by its id alone, so that streams of one office, whatever they record of it, are together. */
export function shareOf(id: string, shares: number): number {
  // FNV-1a over UTF-16 code units: even enough, and the same everywhere.
  let hash = 0x811c9dc5
  for (let place = 0; place < id.length; place++) hash = Math.imul(hash ^ id.charCodeAt(place), 0x01000193)
  return (hash >>> 0) % shares
}

export interface PartitionOptions {
  readonly path: string
  readonly share: number
  readonly shares: number
  /** Whether streams of a category are read: not at all, by the one share they fall to, or by every share. */
  readonly reads: (category: string) => 'none' | 'share' | 'all'
  /** Event types to read. */
  readonly types: readonly string[]
}

export interface Partition {
  /** The whole table, for what has to be looked up. */
  readonly log: EventTable
  /** Envelopes of this share with index in [from, to), in order. */
  envelopes(from: number, to: number): { readonly index: number; readonly envelope: Envelope }[]
  close(): void
}

/** Opens a share for reading beside whoever owns the file. @throws StoreError */
export function openPartition({ path, share, shares, reads, types }: PartitionOptions): Partition {
  const db = openForReading(path)
  const log = new EventTable(db)
  // The connection's own temporary tables; the file itself stays read only.
  db.exec(`PRAGMA query_only = OFF; PRAGMA temp_store = MEMORY;
    CREATE TEMP TABLE mine (id INTEGER PRIMARY KEY) STRICT; CREATE TEMP TABLE wanted (type TEXT PRIMARY KEY) STRICT, WITHOUT ROWID`)
  const mine = db.prepare('INSERT INTO temp.mine VALUES (?)')
  const names = db.prepare('SELECT id, name FROM main.streams')
  names.setReturnArrays(true)
  const answers = new Map<string, 'none' | 'share' | 'all'>()
  db.exec('BEGIN')
  for (const [id, name] of names.all() as unknown as [number, string][]) {
    const at = name.indexOf('-')
    const category = name.slice(0, at)
    const answer = answers.get(category) ?? reads(category)
    answers.set(category, answer)
    if (answer === 'all' || (answer === 'share' && shareOf(name.slice(at + 1), shares) === share)) mine.run(id)
  }
  const wanted = db.prepare('INSERT INTO temp.wanted VALUES (?)')
  for (const type of new Set(types)) wanted.run(type)
  db.exec('COMMIT; PRAGMA query_only = ON')
  const page = db.prepare(`SELECT idx, CAST(bytes AS TEXT) FROM main.events WHERE idx >= ? AND idx < ?
    AND type IN (SELECT type FROM temp.wanted) AND stream IN (SELECT id FROM temp.mine) ORDER BY idx`)
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
