/**
 * Follows the log into a file of its own, beside the projections and never slowing them: for what is derived from more than
 * the events (a board's due dates) or must be apart (a search index). The file is disposable: another version begins anew.
 */
import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Recorded } from '../domain/event.ts'
import type { EventLog } from '../store/port.ts'
import { makePrivate } from '../store/private-file.ts'
import { Burst } from './burst.ts'
import { eventLifter, readableEnvelopes } from './decoding.ts'
import type { DeciderOf } from './projection.ts'

export interface FollowerOptions {
  /** The file; `:memory:` for tests. */
  readonly path: string
  /** Raised with every change of the tables or of what is in them. */
  readonly version: number
  readonly schema: string
  readonly log: EventLog
  readonly deciders: DeciderOf
  /** Takes events in log order inside one transaction. Far from the log's end, where there is `settle`, rows may wait in memory. */
  readonly take: (db: DatabaseSync, events: readonly Recorded[], far: boolean) => void | Promise<void>
  /** Writes a slice of the rows that wait; true while there are more. Only then is it stored how far the file is. */
  readonly settle?: (db: DatabaseSync) => boolean
  /** Work that is left when the log is followed, a slice at a time; true while there is more. Inside a transaction. */
  readonly idle?: (db: DatabaseSync) => boolean
  /** Called in the same turn after what was written is committed, and how far the file is. */
  readonly onCommit?: () => void
  readonly onError?: (error: unknown) => void
  /** So many events before the log's end rows are worth waiting for their next change; default 5,000. */
  readonly far?: number
  /** Events in one transaction; default 1,000. */
  readonly batch?: number
  /** The file holds readable text: what is deleted is overwritten. */
  readonly overwrites?: true
  /** Asked before events are taken; while false nothing is, and it is asked again a moment later. */
  readonly ready?: () => Promise<boolean>
}

/** How long the loop rests between two looks; milliseconds. */
const REST_MS = 1_000
/** How long after a slice of many commands the next begins, unless somebody waits; milliseconds. */
const BURST_MS = 100
/** How long it waits before it asks again whether it may take events; milliseconds. */
const UNREADY_MS = 200

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function openFile({ path, version, schema, overwrites }: FollowerOptions): DatabaseSync {
  const open = () => {
    makePrivate(path)
    const db = new DatabaseSync(path, { timeout: 5_000 })
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;
      PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000; PRAGMA secure_delete = ${overwrites ? 'ON' : 'OFF'}`)
    return db
  }
  let db = open()
  let found: number
  try {
    found = (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version
  } catch {
    found = -1
  }
  if (found !== version) {
    db.close()
    if (path !== ':memory:') for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
    db = open()
    db.exec(
      `BEGIN; CREATE TABLE followed (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, last_event TEXT);
       INSERT INTO followed VALUES (1, 0, NULL); ${schema}; PRAGMA user_version = ${version}; COMMIT`,
    )
  }
  return db
}

export class Follower {
  readonly db: DatabaseSync
  readonly #options: FollowerOptions
  #size: number
  /** Whether rows wait in memory: the file says less than `size`. */
  #unsettled = false
  #lastEvent = ''
  #closing = false
  #woken: (() => void) | undefined
  readonly #burst = new Burst(BURST_MS)
  #awake = false
  readonly #waiters = new Set<() => void>()
  readonly #exclusive: (() => Promise<void>)[] = []
  readonly #loop: Promise<void>

  constructor(options: FollowerOptions) {
    this.#options = options
    let db = openFile(options)
    const followed = () =>
      db.prepare('SELECT size, last_event FROM followed').get() as { size: number; last_event: string | null }
    let { size, last_event: last } = followed()
    // A file that followed another log, or a longer one, is of no use.
    if (size > options.log.size() || (size > 0 && options.log.read(size - 1, 1)[0]?.id !== last)) {
      db.close()
      for (const suffix of ['', '-wal', '-shm']) rmSync(options.path + suffix, { force: true })
      db = openFile(options)
      ;({ size, last_event: last } = followed())
    }
    this.db = db
    this.#size = size
    this.#loop = this.#run()
  }

  /** Number of events taken. */
  get size(): number {
    return this.#size
  }

  /** Says that there is something to do. */
  wake(): void {
    this.#awake = true
    this.#woken?.()
  }

  /** Resolves when everything recorded so far is taken and no idle work is left. */
  async caughtUp(): Promise<void> {
    const wanted = this.#options.log.size()
    while (!this.#closing && (this.#size < wanted || this.#unsettled || this.#awake)) {
      this.wake()
      await new Promise<void>((resolve) => {
        this.#waiters.add(resolve)
        this.#burst.hurry()
      })
    }
  }

  /** Runs between two slices, outside any transaction: for changes that no event makes. */
  exclusive<Result>(run: (db: DatabaseSync) => Result | Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#closing) return reject(new Error('closed'))
      this.#exclusive.push(async () => {
        try {
          resolve(await run(this.db))
        } catch (error) {
          if (this.db.isTransaction) this.db.exec('ROLLBACK')
          reject(error)
        }
      })
      this.wake()
      this.#burst.hurry()
    })
  }

  async close(): Promise<void> {
    this.#closing = true
    this.wake()
    this.#burst.hurry()
    await this.#loop
    this.db.close()
  }

  async #run(): Promise<void> {
    const lift = eventLifter(this.#options.log, this.#options.deciders)
    await turn()
    while (!this.#closing) {
      await this.#burst.gather(() => this.#mayWait())
      this.#awake = false
      let worked: boolean | 'unready' = false
      try {
        for (const run of this.#exclusive.splice(0)) await run()
        worked = await this.#slice(lift)
      } catch (error) {
        if (this.db.isTransaction) this.db.exec('ROLLBACK')
        if (this.#unsettled) {
          // What waited is lost with the slice: it is taken again from where the file is.
          this.#size = (this.db.prepare('SELECT size FROM followed').get() as { size: number }).size
          this.#unsettled = false
        }
        this.#options.onError?.(error)
        await this.#rest(2_000)
        continue
      }
      if (worked === 'unready') {
        // Whoever waits for the log's end goes on waiting, and does not hurry this.
        await new Promise((resolve) => setTimeout(resolve, UNREADY_MS))
        continue
      }
      for (const waiter of this.#waiters) waiter()
      this.#waiters.clear()
      if (worked) {
        this.#awake = true
        await turn()
      } else await this.#rest(REST_MS)
    }
    for (const run of this.#exclusive.splice(0)) await run()
    for (const waiter of this.#waiters) waiter()
  }

  async #slice(lift: ReturnType<typeof eventLifter>): Promise<boolean | 'unready'> {
    const { log, take, settle, idle, ready, onCommit, far: away = 5_000, batch = 1_000 } = this.#options
    const far = settle !== undefined && log.size() - this.#size > away
    if (settle && this.#unsettled && !far) {
      this.db.exec('BEGIN IMMEDIATE')
      const more = settle(this.db)
      if (!more) this.#storeSize(this.#size, this.#lastEvent)
      this.db.exec('COMMIT')
      this.#unsettled = more
      onCommit?.()
      return true
    }
    if (this.#size >= log.size()) {
      if (!idle) return false
      this.db.exec('BEGIN IMMEDIATE')
      const more = idle(this.db)
      this.db.exec('COMMIT')
      onCommit?.()
      return more
    }
    if (ready && !(await ready())) return 'unready'
    const { envelopes, damage } = readableEnvelopes(log, this.#size, batch)
    if (envelopes.length === 0) throw damage ?? new Error('nothing to read')
    const events = envelopes.map((envelope, place) => lift(envelope, this.#size + place))
    this.db.exec('BEGIN IMMEDIATE')
    // What is taken at once is committed in the same turn: nobody reads what may yet be rolled back.
    const taking = take(this.db, events, far)
    if (taking) await taking
    const size = this.#size + events.length
    this.#lastEvent = events.at(-1)!.id
    if (far) this.#unsettled = true
    else this.#storeSize(size, this.#lastEvent)
    this.db.exec('COMMIT')
    this.#size = size
    this.#burst.worked(events.length)
    onCommit?.()
    return true
  }

  /** Whether a few events have come that nobody waits for. */
  #mayWait(): boolean {
    const { log, batch = 1_000 } = this.#options
    const left = log.size() - this.#size
    return left > 0 && left < batch && !this.#unsettled && this.#waiters.size === 0 && this.#exclusive.length === 0
  }

  #storeSize(size: number, lastEvent: string): void {
    this.db.prepare('UPDATE followed SET size = ?, last_event = ?').run(size, lastEvent)
  }

  async #rest(ms: number): Promise<void> {
    if (this.#awake || this.#closing) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#woken = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#woken = undefined
  }
}
