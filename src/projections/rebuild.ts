/** A build beside the live one: from nothing to the head in memory-bounded slices, then compared, then switched. */
import type { DatabaseSync } from 'node:sqlite'
import type { Recorded } from '../domain/event.ts'
import type { EventLog } from '../store/port.ts'
import { compareBuilds, type TableDifference } from './compare.ts'
import { FreshDirectory } from './directory-keeper.ts'
import { Member } from './member.ts'
import type { DeciderOf, DirectoryModel, Projection } from './projection.ts'

/** What a rebuild found. `tables` is empty where nothing stood there to compare with. */
export interface RebuildReport {
  readonly name: string
  readonly version: number
  readonly events: number
  /** Whether every row that can be compared is the same. */
  readonly equal: boolean
  readonly tables: readonly TableDifference[]
}

/** Rows that may wait in memory while a build is far from the head. */
const KEEP_WAITING = 20_000
/** Rows written in one slice once the head is reached. */
const FLUSH_STEP = 250

export type RebuildPhase = 'building' | 'flushing' | 'following' | 'comparing' | 'done'

export class Rebuild {
  phase: RebuildPhase = 'building'
  /** Number of events taken. */
  at = 0
  lastEvent = ''
  readonly names: readonly string[]
  readonly reports: RebuildReport[] = []
  readonly done: Promise<RebuildReport[]>
  members: Member[] = []
  /** A second directory, filled beside the live one; undefined where it is not rebuilt. */
  directory: FreshDirectory | undefined
  resolve: (reports: RebuildReport[]) => void = () => undefined
  reject: (error: unknown) => void = () => undefined
  #keep = KEEP_WAITING
  readonly #projections: readonly Projection[]
  readonly #freshDirectory: (() => DirectoryModel) | undefined

  constructor(projections: readonly Projection[], freshDirectory: (() => DirectoryModel) | undefined) {
    this.#projections = projections
    this.#freshDirectory = freshDirectory
    this.names = [...projections.map(({ name }) => name), ...(freshDirectory ? ['directory'] : [])]
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    // Whoever does not wait for a rebuild finds its failure in `status`.
    this.done.catch(() => undefined)
  }

  /** Begins, or begins again after a rolled back slice; inside a transaction. */
  begin(db: DatabaseSync, generation: number, log: EventLog, deciders: DeciderOf): void {
    this.at = 0
    this.phase = 'building'
    this.#keep = KEEP_WAITING
    this.members = this.#projections.map((projection) => Member.begin(db, projection, generation, log, deciders))
    this.directory = this.#freshDirectory && new FreshDirectory(this.#freshDirectory())
  }

  deliver(event: Recorded): void {
    for (const member of this.members) member.deliver(event)
    this.directory?.deliver(event)
    this.at++
    this.lastEvent = event.id
  }

  /** Keeps memory bounded after a slice of events. */
  relieve(): void {
    for (const member of this.members) member.flush(KEEP_WAITING)
  }

  /** One slice of the last writing; true when no row waits any more and the checkpoints are stored. */
  flushSlice(): boolean {
    this.phase = 'flushing'
    this.#keep = Math.max(0, this.#keep - FLUSH_STEP)
    for (const member of this.members) member.flush(this.#keep)
    if (this.#keep > 0) return false
    for (const member of this.members) member.storeCheckpoint(this.at, this.lastEvent)
    return true
  }

  /** Compares every member with its live build, in slices. */
  *compare(path: string, live: (name: string, checkpoint: number) => number | undefined): Generator<void, void> {
    for (const { projection, generation, checkpoint } of this.members) {
      const old = live(projection.name, checkpoint)
      const tables = old === undefined ? [] : yield* compareBuilds(path, projection, old, generation)
      const equal = tables.every((table) => table.onlyLive + table.onlyNew + table.different === 0)
      this.reports.push({ name: projection.name, version: projection.version, events: checkpoint, equal, tables })
    }
  }
}
