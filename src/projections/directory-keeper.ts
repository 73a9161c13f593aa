/** Keeps the directory in memory in step with the log, and a snapshot of it in the file so that starting is quick. */
import type { DatabaseSync } from 'node:sqlite'
import { categoryOf, type Recorded } from '../domain/event.ts'
import type { DirectoryModel, Parked } from './projection.ts'

/** The directory's row in the file. */
export interface DirectoryRow {
  readonly version: number
  readonly checkpoint: number
  readonly last_event: string | null
  readonly snapshot: string
}

/** Events after which a checkpoint is stored although the log is not yet at its head. */
const EVERY_EVENTS = 50_000
/** Milliseconds between two snapshots of a directory that keeps changing. */
const EVERY_MS = 2_000

export class DirectoryKeeper {
  readonly parked = new Map<string, Parked>()
  /** Number of events applied. */
  at = 0
  readonly #directory: DirectoryModel
  #lastEvent: string | null = null
  #storedAt = 0
  #storedTime = Number.NEGATIVE_INFINITY
  #changed = false
  /** The parked streams travel in the snapshot row: they belong to the same checkpoint. */
  constructor(directory: DirectoryModel, row: DirectoryRow | undefined) {
    this.#directory = directory
    if (row && row.version === directory.version) {
      const { content, parked } = JSON.parse(row.snapshot) as { content: unknown; parked: Parked[] }
      directory.restore(content)
      for (const one of parked) this.parked.set(one.stream, one)
      this.at = this.#storedAt = row.checkpoint
      this.#lastEvent = row.last_event
    } else directory.restore(undefined)
  }

  get version(): number {
    return this.#directory.version
  }

  /** Takes the next event; anything before it was taken already, anything after it comes later. */
  deliver(event: Recorded): void {
    if (event.index !== this.at) return
    this.at++
    this.#lastEvent = event.id
    if (!this.#directory.handles(categoryOf(event.stream)) || this.parked.has(event.stream)) return
    this.#changed = true
    try {
      this.#directory.applyEvent(event)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.parked.set(event.stream, { stream: event.stream, index: event.index, reason: reason.slice(0, 300) })
    }
  }

  /** Whether a snapshot or a checkpoint should be stored now; `idle` when the log has nothing new. */
  due(idle: boolean): boolean {
    if (this.at === this.#storedAt) return false
    if (!idle) return this.at - this.#storedAt >= EVERY_EVENTS
    return !this.#changed || performance.now() - this.#storedTime >= EVERY_MS
  }

  /** Stores the checkpoint, with a snapshot where something changed; inside a transaction. */
  store(db: DatabaseSync): void {
    if (this.at === this.#storedAt) return
    if (this.#changed || this.#storedAt === 0) {
      const snapshot = JSON.stringify({ content: this.#directory.snapshot(), parked: [...this.parked.values()] })
      db.prepare('INSERT OR REPLACE INTO directory VALUES (1, ?, ?, ?, ?)').run(
        this.version,
        this.at,
        this.#lastEvent,
        snapshot,
      )
    } else db.prepare('UPDATE directory SET checkpoint = ?, last_event = ?').run(this.at, this.#lastEvent)
    this.#changed = false
    this.#storedAt = this.at
    this.#storedTime = performance.now()
  }

  /** Makes sure that the next `store` writes everything: the file was made anew. */
  invalidate(): void {
    this.#storedAt = 0
    this.#changed = true
  }

  /** Takes a rebuilt directory's content in one step; answers whether it was the same. */
  replaceBy(fresh: DirectoryModel, parked: readonly Parked[]): boolean {
    const content = JSON.stringify(fresh.snapshot())
    const equal = JSON.stringify(this.#directory.snapshot()) === content
    this.#directory.restore(JSON.parse(content))
    this.parked.clear()
    for (const one of parked) this.parked.set(one.stream, one)
    this.#changed = true
    return equal
  }
}

/** A second directory that is filled beside the live one during a rebuild. */
export class FreshDirectory {
  readonly model: DirectoryModel
  readonly parked = new Map<string, Parked>()
  constructor(model: DirectoryModel) {
    this.model = model
  }

  deliver(event: Recorded): void {
    if (!this.model.handles(categoryOf(event.stream)) || this.parked.has(event.stream)) return
    try {
      this.model.applyEvent(event)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.parked.set(event.stream, { stream: event.stream, index: event.index!, reason: reason.slice(0, 300) })
    }
  }
}
