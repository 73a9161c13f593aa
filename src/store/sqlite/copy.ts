/** Copies of SQLite files for backups: taken in one snapshot, made one self-contained file, and checked. */
import { closeSync, fchmodSync, fsyncSync, openSync } from 'node:fs'
import { backup, DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { digestEvents, type EventsDigest } from '../digest.ts'
import { storeErrorOf } from './connection.ts'
import { EventTable } from './event-table.ts'

/** All pages in one step: a step is one snapshot, and the writer beside it is never made to wait nor the copy to start again. */
const ALL_PAGES = 0x7fffffff

/**
 * Copies a file as of one moment while its owner goes on writing, through a connection of its own (never through the file
 * system: closing a descriptor of a live file would give up this process's locks on it), and makes the copy one file that needs
 * no log beside it. Durable when it answers.
 * @throws StoreError
 */
export async function copyDatabase(from: string, to: string): Promise<void> {
  let source: DatabaseSync | undefined
  try {
    source = new DatabaseSync(from, { timeout: 5_000 })
    source.exec('PRAGMA query_only = ON; PRAGMA trusted_schema = OFF')
    await backup(source, to, { rate: ALL_PAGES })
    const copy = new DatabaseSync(to)
    try {
      copy.exec('PRAGMA journal_mode = DELETE')
    } finally {
      copy.close()
    }
  } catch (error) {
    throw storeErrorOf(error)
  } finally {
    source?.close()
  }
  const handle = openSync(to, 'r+')
  try {
    // A copy travels: unlike the file it was made from, no closed directory may be around it.
    fchmodSync(handle, 0o600)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** Opens a copy that nobody writes: no locks, no log, and no file is made beside it. */
export function openCopy(path: string): DatabaseSync {
  const url = pathToFileURL(path)
  url.searchParams.set('immutable', '1')
  return new DatabaseSync(url, { readOnly: true })
}

export interface CopyCheck {
  /** `ok`, or what SQLite found wrong. */
  readonly integrity: string
  /** Of a file of events only. */
  readonly events?: EventsDigest
}

/** Checks a copy: pages, indexes and, for events, every envelope. Runs as long as the file is large. */
export async function checkCopyHere(path: string, what: 'events' | 'vault'): Promise<CopyCheck> {
  const db = openCopy(path)
  try {
    const integrity = String(Object.values(db.prepare('PRAGMA integrity_check(1)').get() ?? {})[0])
    if (what === 'vault' || integrity !== 'ok') return { integrity }
    return { integrity, events: await digestEvents(new EventTable(db)) }
  } catch (error) {
    return { integrity: (error as Error).message }
  } finally {
    db.close()
  }
}

/** {@link checkCopyHere} on a thread of its own, so that a service that makes a backup goes on answering. */
export function checkCopy(path: string, what: 'events' | 'vault'): Promise<CopyCheck> {
  const worker = new Worker(new URL('./copy-worker.ts', import.meta.url), { workerData: { path, what } })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the check of a copy ended with ${code}`)))
  })
}
