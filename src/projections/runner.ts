/**
 * The read models of one process: kept by it, or read beside the process that keeps them. docs/adr/0004-read-models.md.
 */
import type { EventLog } from '../store/port.ts'
import { ProjectionReader } from './beside.ts'
import type { DeciderOf, DirectoryModel, Parked, Projection } from './projection.ts'
import type { RebuildPhase, RebuildReport } from './rebuild.ts'
import type { ReadModels } from './tables.ts'
import { ProjectionWriter } from './writer.ts'

export interface ProjectionOptions {
  /** File of the read models. */
  readonly path: string
  readonly log: EventLog
  readonly deciders: DeciderOf
  readonly projections: readonly Projection[]
  readonly directory?: DirectoryModel
  /** Makes an empty directory, so that it too can be rebuilt beside the live one. */
  readonly newDirectory?: () => DirectoryModel
  /** Reads beside the process that keeps the file; nothing is written. */
  readonly beside?: boolean
  /** Called once when an event stops the runner. */
  readonly onHalt?: (halt: Halt) => void
  /** Called on failures of the file (a full disk …); the runner tries again by itself. */
  readonly onError?: (error: unknown) => void
  /** Milliseconds of work between two turns of the event loop; default 25. */
  readonly sliceMs?: number
  /** Events in one transaction at most; default 5,000. */
  readonly batch?: number
  /** Milliseconds between looks at the log without a `wake`; default 1,000. */
  readonly pollMs?: number
  /** Milliseconds to wait after a failure; default 1,000. */
  readonly retryMs?: number
}

/** An event that this program does not know or cannot read: everything after it waits for a newer program. */
export interface Halt {
  readonly index: number
  readonly type: string
  readonly version?: number
  readonly reason: string
}

export interface ProjectionStatus {
  readonly name: string
  readonly version: number
  /** Number of events in the rows that readers see. */
  readonly checkpoint: number
  /** Number of events in the log. */
  readonly head: number
  readonly lag: number
  readonly parked: readonly Parked[]
  readonly halted?: Halt
  /** The last failure of the file, until a batch succeeds again. */
  readonly failure?: string
  /** How far a build beside the live one is. */
  readonly rebuilding?: { readonly phase: RebuildPhase; readonly at: number }
}

/** What the program asks of its read models, whoever keeps them. */
export interface Projections {
  /** Reading of the live rows. */
  readonly models: ReadModels
  /** Says that the log has grown. */
  wake(): void
  /**
   * Resolves when everything recorded so far is in the read models.
   * @throws UnknownEvent when the runner has halted; `behind` where another process keeps them and does not get on
   */
  catchUp(): Promise<void>
  /** Whether the read models hold the first `size` events within the time given. */
  waitFor(size: number, timeoutMs: number): Promise<boolean>
  /** One entry a projection, the directory included. */
  status(): ProjectionStatus[]
  /**
   * Builds one projection (or all, the directory included) again beside the live rows, compares, and switches.
   * @throws RangeError for a name that is no projection; UnknownEvent when the runner halts; StoreError
   * `store-owned-elsewhere` beside another process
   */
  rebuild(name?: string): Promise<RebuildReport[]>
  /** Stops after the slice in hand, keeps the directory's snapshot, closes the file. */
  close(): Promise<void>
}

export const Projections = {
  /**
   * Opens the file (a missing or corrupt one begins anew), drops what was half built, restores the directory, and goes to
   * work; with `beside` it only reads.
   */
  open: (options: ProjectionOptions): Projections =>
    options.beside ? new ProjectionReader(options) : ProjectionWriter.open(options),
}
