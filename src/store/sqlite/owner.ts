/**
 * One process owns a data directory: an exclusive transaction on a small file of its own, held for the process's life. The
 * operating system frees the lock when the process dies, however it dies, and readers of the events never touch it.
 *
 * Locks of files belong to the process: opening and closing this file, or events.db, by any other means than SQLite (a copy of
 * the directory made inside this process, say) would give them up. Backups go through a connection of their own (`copy.ts`).
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../port.ts'
import { makePrivate } from '../private-file.ts'
import { storeErrorOf } from './connection.ts'

/** File whose lock says who owns the directory. Holds nothing. */
export const OWNER_FILE = 'owner.db'

/**
 * Takes the directory for this process.
 * @returns gives it back
 * @throws StoreError `store-owned-elsewhere` while another process, or another store of this process, has it
 */
export function ownDirectory(directory: string): () => void {
  let db: DatabaseSync | undefined
  try {
    makePrivate(join(directory, OWNER_FILE))
    db = new DatabaseSync(join(directory, OWNER_FILE), { timeout: 0 })
    db.exec('PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
  } catch (error) {
    db?.close()
    const mapped = storeErrorOf(error)
    if (mapped.code !== 'store-busy') throw mapped
    const message = `${directory} is in use by another process that writes; stop it, or talk to it over HTTP`
    throw new StoreError('store-owned-elsewhere', message, { cause: error })
  }
  return () => db.close()
}
