/** Opens the embedded store of a data directory: as its one owner, or for reading beside the owner. */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { syncDirectory } from '../durable-file.ts'
import { type Installation, readInstallation, refusalOf } from '../installation.ts'
import { type EventLog, type EventStore, StoreError } from '../port.ts'
import { openForReading, openForWriting, storeErrorOf } from './connection.ts'
import { EmbeddedStore, type EmbeddedStoreOptions } from './embedded-store.ts'
import { EventTable, prepareEventTables } from './event-table.ts'
import { ownDirectory } from './owner.ts'

/** File of the events in a data directory. */
export const EVENTS_FILE = 'events.db'

/** An open data directory. */
export interface Embedded {
  readonly store: EventStore
  /** The same events by index, read synchronously. */
  readonly log: EventLog
  /** Whether these are the mirrored events of a cluster; an empty file does not tell. */
  readonly isMirror: boolean
  /** What the directory's mark says, as of opening. */
  readonly installation: Installation
  /** Running maximum of `recordedAt` at the head, in milliseconds since 1970; undefined in an empty store. */
  lastRecordedMs(): number | undefined
  /** Appends that wait for their turn. */
  queued(): number
  /** The refusal an append would meet now; undefined where it would be taken. */
  refusal(): StoreError | undefined
  /** Commits what is waiting, closes the file and gives the directory back. */
  close(): Promise<void>
}

/**
 * Opens a data directory for this process alone, and creates what is missing. In a directory marked as moved appends are
 * refused `data-directory-moved`, in one that a move has not filled yet `migration-unfinished`; reading stays.
 * @throws StoreError `store-owned-elsewhere`, `data-directory-kind` for the mirror of a cluster's node, `sqlite-too-old`, `store-format-unknown`, `disk-full`, `store-unavailable`
 */
export function openEmbeddedStore(
  directory: string,
  options: Pick<EmbeddedStoreOptions, 'maxQueued' | 'maxQueuedBytes'> & {
    /** Opened by a move, which writes whatever the mark says. */
    readonly moving?: boolean
  } = {},
): Embedded {
  if (!existsSync(directory)) mkdirSync(directory, { recursive: true, mode: 0o700 })
  const installation = readInstallation(directory)
  const { moving, ...limits } = options
  const readOnly = moving ? undefined : refusalOf(installation)
  const disown = ownDirectory(directory)
  try {
    const db = openForWriting(join(directory, EVENTS_FILE))
    try {
      prepareEventTables(db)
      syncDirectory(directory)
      const table = new EventTable(db)
      if (table.isMirror())
        throw new StoreError('data-directory-kind', `${directory} is the mirror of a cluster's node`)
      return embedded(new EmbeddedStore(db, table, { ...limits, readOnly, onClosed: disown }), table, installation)
    } catch (error) {
      db.close()
      throw error
    }
  } catch (error) {
    disown()
    throw storeErrorOf(error)
  }
}

/**
 * Opens a data directory for reading, beside the process that owns it or without one. Subscriptions look for new events
 * every `pollMs` milliseconds (default 250).
 * @throws StoreError `data-directory-missing` where there are no events, `sqlite-too-old`, `store-format-unknown`
 */
export function openEmbeddedReader(directory: string, options: { pollMs?: number } = {}): Embedded {
  const path = join(directory, EVENTS_FILE)
  if (!existsSync(path)) throw new StoreError('data-directory-missing', `no events in ${directory}`)
  const db = openForReading(path)
  try {
    prepareEventTables(db)
    const table = new EventTable(db)
    const readOnly = new StoreError('internal', 'opened for reading only')
    const store = new EmbeddedStore(db, table, { readOnly, pollMs: options.pollMs ?? 250 })
    return embedded(store, table, readInstallation(directory))
  } catch (error) {
    db.close()
    throw storeErrorOf(error)
  }
}

const embedded = (store: EmbeddedStore, table: EventTable, installation: Installation): Embedded => ({
  store,
  log: table,
  isMirror: table.isMirror() === true,
  installation,
  lastRecordedMs: () => table.lastRecordedMs(),
  queued: () => store.queued,
  refusal: () => store.refusal(),
  close: () => store.close(),
})
