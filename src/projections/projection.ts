/**
 * What a projection is: rows kept from events, pure but for its own tables, without side effects. It can be thrown away and
 * replayed at any time; docs/adr/0004-read-models.md says how it is run.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { AnyDecider } from '../domain/decider.ts'
import type { Recorded } from '../domain/event.ts'
import type { EventLog } from '../store/port.ts'

/** Finds the decider of a category; undefined for a category that this program does not know. */
export type DeciderOf = (category: string) => AnyDecider | undefined

/** One table of a projection. Its physical name carries a generation, so that two builds stand side by side. */
export interface TableDefinition {
  /** Columns and constraints as they stand between the parentheses of CREATE TABLE. */
  readonly columns: string
  /** Columns of the primary key, in order: by them a rebuild is compared with the live rows. */
  readonly key: readonly string[]
  /** Text after the parenthesis: `WITHOUT ROWID`, `STRICT`. */
  readonly options?: string
  /** What follows `ON table` of each index, by a name unique in the table. */
  readonly indexes?: Readonly<Record<string, string>>
}

/** What a build of a projection works with. `db` is inside the runner's transaction whenever the build is called. */
export interface BuildContext {
  readonly db: DatabaseSync
  /** Physical name of one of the projection's tables in this build. */
  readonly table: (name: string) => string
  readonly log: EventLog
  readonly deciders: DeciderOf
}

/** An event that could not be applied: it parks the rest of its stream. */
export interface Parked {
  readonly stream: string
  readonly index: number
  readonly reason: string
}

/** One build of a projection: the live one, or the one that is being built beside it. */
export interface Build {
  /**
   * Takes one event; rows may wait in memory until `flush`. A throw parks the rest of the event's stream. A correction
   * in a parked stream is offered again and must start from the log, not from memory.
   */
  apply(event: Recorded): void
  /**
   * Writes rows that wait in memory until at most `keep` do; 0 before a checkpoint is stored. Answers the streams whose
   * rows could not be made.
   */
  flush(keep: number): readonly Parked[]
  /** Drops what is in memory: the transaction it belongs to was rolled back. */
  forget(): void
}

export interface Projection {
  readonly name: string
  /** Raised with every change of tables or rows: the new version is built beside the old one and switched. */
  readonly version: number
  readonly tables: Readonly<Record<string, TableDefinition>>
  /** Whether events of this category matter to it. */
  readonly handles: (category: string) => boolean
  readonly open: (context: BuildContext) => Build
}

/** The directory of organisations, offices and persons: in memory, kept in step with the log by the runner. */
export interface DirectoryModel {
  /** Raised with every change of the snapshot's shape; another version's snapshot is not restored. */
  readonly version: number
  readonly handles: (category: string) => boolean
  applyEvent(event: Recorded): void
  /** A value that JSON can hold. */
  snapshot(): unknown
  /** Takes a snapshot's content in place of its own; undefined empties it. */
  restore(snapshot: unknown): void
}
