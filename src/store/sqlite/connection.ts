/** Connections to SQLite files of events: settings that durability rests on, read back, and errors by their codes. */
import { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../port.ts'
import { makePrivate } from '../private-file.ts'

/** First version without the WAL-reset bug, by which a committed transaction could be lost. */
export const MIN_SQLITE = '3.51.3'
/** How long a statement waits for a lock that a reader beside the owner holds during recovery, in milliseconds. */
const BUSY_MS = 5_000

const one = (db: DatabaseSync, sql: string): unknown => Object.values(db.prepare(sql).get() ?? {})[0]

/** @throws StoreError `sqlite-too-old` below {@link MIN_SQLITE} */
export function assertSqliteVersion(version: string): void {
  const have = version.split('.').map(Number)
  const need = MIN_SQLITE.split('.').map(Number)
  for (const [place, least] of need.entries()) {
    const part = have[place] ?? 0
    if (part > least) return
    if (!(part === least)) throw new StoreError('sqlite-too-old', `SQLite ${version}, at least ${MIN_SQLITE} is needed`)
  }
}

/**
 * Reads the settings back: a pragma that was mistyped, refused or overruled by a build's default is silent otherwise.
 * @throws StoreError `internal` where a commit would not be durable when acknowledged
 */
export function assertDurable(db: DatabaseSync): void {
  const synchronous = one(db, 'PRAGMA synchronous')
  if (synchronous !== 2)
    throw new StoreError('internal', `PRAGMA synchronous is ${String(synchronous)}, FULL (2) is needed`)
  const journal = one(db, 'PRAGMA journal_mode')
  if (journal !== 'wal') throw new StoreError('internal', `PRAGMA journal_mode is ${String(journal)}, wal is needed`)
}

/**
 * Opens a file of events for its one writer; only its owner may read it.
 * @throws StoreError `sqlite-too-old`, `internal` where the settings do not hold
 */
export function openForWriting(path: string): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    makePrivate(path)
    db = new DatabaseSync(path, { timeout: BUSY_MS })
    assertSqliteVersion(String(one(db, 'SELECT sqlite_version()')))
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA mmap_size = 2147418112;
      PRAGMA cache_size = -8192; PRAGMA journal_size_limit = 67108864; PRAGMA trusted_schema = OFF`)
    assertDurable(db)
    return db
  } catch (error) {
    db?.close()
    throw storeErrorOf(error)
  }
}

/** Opens a file of events beside its owner. The connection cannot change it; it may take part in recovery. */
export function openForReading(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: BUSY_MS })
  try {
    assertSqliteVersion(String(one(db, 'SELECT sqlite_version()')))
    db.exec('PRAGMA query_only = ON; PRAGMA mmap_size = 2147418112; PRAGMA trusted_schema = OFF')
    return db
  } catch (error) {
    db.close()
    throw storeErrorOf(error)
  }
}

const primaryCode = (error: unknown): number | undefined => {
  const code = (error as { errcode?: unknown } | null)?.errcode
  return typeof code === 'number' ? code & 0xff : undefined
}

const BUSY = 5
const FULL = 13
const NOT_A_DATABASE = 26
/** ERROR, TOOBIG, CONSTRAINT, MISMATCH, MISUSE, RANGE: the statement was wrong, not the file. */
const FAULTS: readonly (number | undefined)[] = [undefined, 1, 18, 19, 20, 21, 25]

/**
 * A SQLite error as the store's own. Disk full and busy mean that nothing was written; a wrong statement is a fault of
 * this program; anything else (I/O, corruption, permissions) leaves the outcome unknown.
 */
export function storeErrorOf(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const message = error instanceof Error ? error.message : String(error)
  const code = primaryCode(error)
  if (FAULTS.includes(code)) return new StoreError('internal', message, { cause: error })
  switch (code) {
    case FULL:
      return new StoreError('disk-full', message, { cause: error })
    case BUSY:
      return new StoreError('store-busy', message, { cause: error })
    case NOT_A_DATABASE:
      return new StoreError('store-format-unknown', message, { cause: error })
    default:
      return new StoreError('store-unavailable', message, { cause: error })
  }
}
