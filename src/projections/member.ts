/** One build of a projection inside the runner: its rows, its checkpoint, its parked streams. */
import type { DatabaseSync } from 'node:sqlite'
import { categoryOf, type Recorded } from '../domain/event.ts'
import { isCorrection } from '../domain/history.ts'
import { UnknownEvent } from '../store/envelope.ts'
import type { EventLog } from '../store/port.ts'
import type { Build, DeciderOf, Parked, Projection } from './projection.ts'
import { type BuildRow, createTables, physicalName } from './tables.ts'

/** Whether an error is the database's and not the event's: it rolls the batch back and parks nothing. */
export const isDatabaseError = (error: unknown): boolean =>
  (error as { code?: unknown } | undefined)?.code === 'ERR_SQLITE_ERROR'

/** Why an event was parked: the error's own sentence, cut short. Errors of code never quote personal texts. */
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 300)

export class Member {
  readonly projection: Projection
  readonly generation: number
  /** Number of events applied and committed. */
  checkpoint: number
  readonly parked = new Map<string, Parked>()
  readonly #db: DatabaseSync
  readonly #build: Build
  #handled = new Map<string, boolean>()

  private constructor(
    db: DatabaseSync,
    projection: Projection,
    row: Pick<BuildRow, 'generation' | 'checkpoint'>,
    build: Build,
  ) {
    this.#db = db
    this.projection = projection
    this.generation = row.generation
    this.checkpoint = row.checkpoint
    this.#build = build
    this.#loadParked()
  }

  /** Takes up a build that exists. */
  static resume(db: DatabaseSync, projection: Projection, row: BuildRow, log: EventLog, deciders: DeciderOf): Member {
    const table = (name: string) => physicalName(projection.name, row.generation, name)
    return new Member(db, projection, row, projection.open({ db, table, log, deciders }))
  }

  /** Begins a new build with empty tables; inside a transaction. */
  static begin(
    db: DatabaseSync,
    projection: Projection,
    generation: number,
    log: EventLog,
    deciders: DeciderOf,
  ): Member {
    createTables(db, projection, generation)
    const row: BuildRow = {
      name: projection.name,
      generation,
      version: projection.version,
      checkpoint: 0,
      last_event: null,
      live: 0,
    }
    db.prepare('INSERT INTO projection VALUES (?, ?, ?, 0, NULL, 0)').run(row.name, generation, row.version)
    return Member.resume(db, projection, row, log, deciders)
  }

  /** Applies one event, or parks its stream. @throws UnknownEvent, database errors */
  deliver(event: Recorded): void {
    const category = categoryOf(event.stream)
    let handled = this.#handled.get(category)
    if (handled === undefined) {
      handled = this.projection.handles(category)
      this.#handled.set(category, handled)
    }
    if (!handled) return
    const parked = this.parked.size > 0 && this.parked.has(event.stream)
    if (parked && !isCorrection(event)) return
    try {
      this.#build.apply(event)
    } catch (error) {
      if (isDatabaseError(error) || error instanceof UnknownEvent) throw error
      if (!parked) this.#park({ stream: event.stream, index: event.index!, reason: reasonOf(error) })
      return
    }
    if (parked) this.#unpark(event.stream)
  }

  /** Writes rows until at most `keep` wait. */
  flush(keep: number): void {
    for (const parked of this.#build.flush(keep)) this.#park(parked)
  }

  /** Stores how far this build is; the caller commits and then sets `checkpoint`. */
  storeCheckpoint(checkpoint: number, lastEvent: string): void {
    this.#db
      .prepare('UPDATE projection SET checkpoint = ?, last_event = ? WHERE name = ? AND generation = ?')
      .run(checkpoint, lastEvent, this.projection.name, this.generation)
  }

  /** Forgets what a rolled back transaction left in memory. */
  forget(): void {
    this.#build.forget()
    this.#loadParked()
  }

  #loadParked(): void {
    this.parked.clear()
    const rows = this.#db
      .prepare('SELECT stream, idx, reason FROM parked WHERE name = ? AND generation = ? ORDER BY idx')
      .all(this.projection.name, this.generation) as unknown as { stream: string; idx: number; reason: string }[]
    for (const { stream, idx, reason } of rows) this.parked.set(stream, { stream, index: idx, reason })
  }

  #park(parked: Parked): void {
    this.parked.set(parked.stream, parked)
    this.#db
      .prepare('INSERT OR REPLACE INTO parked VALUES (?, ?, ?, ?, ?)')
      .run(this.projection.name, this.generation, parked.stream, parked.index, parked.reason)
  }

  #unpark(stream: string): void {
    this.parked.delete(stream)
    this.#db
      .prepare('DELETE FROM parked WHERE name = ? AND generation = ? AND stream = ?')
      .run(this.projection.name, this.generation, stream)
  }
}
