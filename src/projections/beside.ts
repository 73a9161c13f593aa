/** Reads the rows beside the process that keeps them; the directory is restored from its snapshot and followed in memory. */
import { UnknownEvent } from '../store/envelope.ts'
import { type EventLog, StoreError } from '../store/port.ts'
import { eventLifter, type LiftEvent, readableEnvelopes } from './decoding.ts'
import { DirectoryKeeper, type DirectoryRow } from './directory-keeper.ts'
import { isDatabaseError } from './member.ts'
import type { RebuildReport } from './rebuild.ts'
import type { Halt, ProjectionOptions, ProjectionStatus, Projections } from './runner.ts'
import { type BuildRow, NotBuiltYet, ReadModels } from './tables.ts'

/** Milliseconds between two looks at the file. */
const LOOK_MS = 20
/** How long `catchUp` waits for the process that keeps the file. */
const CATCH_UP_MS = 10_000

export class ProjectionReader implements Projections {
  readonly models: ReadModels
  readonly #options: ProjectionOptions
  readonly #log: EventLog
  readonly #lift: LiftEvent
  readonly #keeper: DirectoryKeeper | undefined
  #halted: Halt | undefined

  constructor(options: ProjectionOptions) {
    this.#options = options
    this.#log = options.log
    this.#lift = eventLifter(options.log, options.deciders)
    this.models = new ReadModels(options.path, options.projections)
    if (options.directory) this.#keeper = new DirectoryKeeper(options.directory, this.#snapshot())
    this.wake()
  }

  /** Brings the directory to the head of the log. */
  wake(): void {
    const keeper = this.#keeper
    if (!keeper || this.#halted) return
    while (keeper.at < this.#log.size()) {
      const { envelopes, damage } = readableEnvelopes(this.#log, keeper.at, 1_000)
      for (const envelope of envelopes)
        try {
          keeper.deliver(this.#lift(envelope, keeper.at))
        } catch (error) {
          if (!(error instanceof UnknownEvent)) throw error
          this.#halt({ index: keeper.at, type: error.type, version: error.version, reason: error.message })
          return
        }
      if (damage) {
        this.#halt({ index: keeper.at, type: '', reason: damage.message })
        return
      }
    }
  }

  #halt(halt: Halt): void {
    this.#halted = halt
    this.#options.onHalt?.(halt)
  }

  async catchUp(): Promise<void> {
    if (!(await this.waitFor(this.#log.size(), CATCH_UP_MS))) throw new NotBuiltYet('file')
  }

  async waitFor(size: number, timeoutMs: number): Promise<boolean> {
    const until = performance.now() + timeoutMs
    for (;;) {
      this.wake()
      if (this.#reached(size)) return true
      if (performance.now() >= until || this.#halted) return false
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  }

  status(): ProjectionStatus[] {
    const head = this.#log.size()
    const builds = this.#builds()
    const common = { head, ...(this.#halted ? { halted: this.#halted } : {}) }
    const entries = this.#options.projections.map(({ name, version }): ProjectionStatus => {
      const live = builds.find((row) => row.name === name && row.live === 1)
      const building = builds.find((row) => row.name === name && row.live === 0)
      const checkpoint = live?.checkpoint ?? 0
      return {
        name,
        version,
        checkpoint,
        lag: Math.max(0, head - checkpoint),
        parked: live ? this.models.parked(live) : [],
        ...common,
        ...(building ? { rebuilding: { phase: 'building', at: building.checkpoint } } : {}),
      }
    })
    const keeper = this.#keeper
    if (keeper)
      entries.push({
        name: 'directory',
        version: keeper.version,
        checkpoint: keeper.at,
        lag: Math.max(0, head - keeper.at),
        parked: [...keeper.parked.values()],
        ...common,
      })
    return entries
  }

  async rebuild(): Promise<RebuildReport[]> {
    throw new StoreError('store-owned-elsewhere', 'read models are rebuilt by the process that keeps them')
  }

  async close(): Promise<void> {
    this.models.close()
  }

  #reached(size: number): boolean {
    const builds = this.#builds()
    const live = (name: string, version: number) =>
      builds.find((row) => row.name === name && row.version === version && row.live === 1)?.checkpoint ?? -1
    if (this.#options.projections.some(({ name, version }) => live(name, version) < size)) return false
    return this.#keeper === undefined || this.#keeper.at >= size
  }

  #builds(): BuildRow[] {
    try {
      return this.models.builds()
    } catch (error) {
      if (error instanceof NotBuiltYet || isDatabaseError(error)) return []
      throw error
    }
  }

  /** The directory's snapshot, if it belongs to this log. */
  #snapshot(): DirectoryRow | undefined {
    try {
      const row = this.models.read((db) => db.prepare('SELECT * FROM directory').get()) as unknown as
        | DirectoryRow
        | undefined
      if (!row || row.checkpoint === 0) return row
      return this.#log.read(row.checkpoint - 1, 1)[0]?.id === row.last_event ? row : undefined
    } catch (error) {
      if (error instanceof NotBuiltYet || isDatabaseError(error)) return undefined
      throw error
    }
  }
}
