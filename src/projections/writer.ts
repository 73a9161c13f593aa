/**
 * Runs the projections: one loop that keeps the live builds and the directory at the head, and works at rebuilds beside them,
 * in slices short enough that commands are not kept waiting. docs/adr/0004-read-models.md.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { Recorded } from '../domain/event.ts'
import { UnknownEvent } from '../store/envelope.ts'
import type { EventLog } from '../store/port.ts'
import { Burst } from './burst.ts'
import { eventLifter, type LiftEvent, readableEnvelopes } from './decoding.ts'
import { DirectoryKeeper, type DirectoryRow, type FreshDirectory } from './directory-keeper.ts'
import { allBuilds, dropTables, forgetBuild, inTransaction, keepOnly, nextGeneration, switchTo } from './generations.ts'
import { Member } from './member.ts'
import type { Parked, Projection } from './projection.ts'
import { Rebuild, type RebuildReport } from './rebuild.ts'
import type { Halt, ProjectionOptions, ProjectionStatus, Projections } from './runner.ts'
import { type BuildRow, isCorrupt, openForWriting, ReadModels } from './tables.ts'

interface Waiter {
  readonly size: number
  readonly settle: (reached: boolean, why?: unknown) => void
}

/** How long a loop turn may take before the event loop gets its own. */
const SLICE_MS = 25
/** How long after a slice of many commands the next begins, unless somebody waits; milliseconds. */
const BURST_MS = 50
const BATCH = 5_000
const LEAST_SLICE = 50

export class ProjectionWriter implements Projections {
  /** Reading of the live rows. */
  readonly models: ReadModels
  readonly #options: ProjectionOptions
  readonly #log: EventLog
  readonly #lift: LiftEvent
  #db: DatabaseSync
  #live = new Map<string, Member>()
  /** Live rows of another version of a projection: shown as they are until the new version is built. */
  #frozen = new Map<string, BuildRow>()
  #keeper: DirectoryKeeper | undefined
  #rebuilds: Rebuild[] = []
  #comparing: Generator<void, void> | undefined
  #halted: Halt | undefined
  #failure: unknown
  #waiters = new Set<Waiter>()
  #closing = false
  #timer: NodeJS.Timeout | undefined
  #woken: (() => void) | undefined
  readonly #burst = new Burst(BURST_MS)
  /** Events that fit into a slice, as the last ones showed. */
  #sliceEvents = 500
  readonly #loop: Promise<void>

  private constructor(options: ProjectionOptions) {
    this.#options = options
    this.#log = options.log
    this.#lift = eventLifter(options.log, options.deciders)
    this.#db = openForWriting(options.path)
    this.models = new ReadModels(options.path, options.projections)
    try {
      this.#takeUp()
    } catch (error) {
      this.#db.close()
      throw error
    }
    this.#loop = this.#run()
  }

  /**
   * Opens the file (a missing or corrupt one begins anew), drops what was half built, restores the directory, and
   * goes to work.
   */
  static open(options: ProjectionOptions): ProjectionWriter {
    return new ProjectionWriter(options)
  }

  /** Says that the log has grown. */
  wake(): void {
    this.#woken?.()
  }

  /** Resolves when everything recorded so far is in the read models. @throws UnknownEvent when the runner has halted */
  catchUp(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (reached: boolean, why?: unknown) => (reached ? resolve() : reject(why))
      this.#wait({ size: this.#log.size(), settle })
    })
  }

  /** Whether the read models hold the first `size` events within the time given. */
  waitFor(size: number, timeoutMs: number): Promise<boolean> {
    if (this.#reached(size)) return Promise.resolve(true)
    return new Promise((resolve) => {
      const waiter: Waiter = {
        size,
        settle: (reached) => {
          clearTimeout(timer)
          resolve(reached)
        },
      }
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter)
        resolve(false)
      }, timeoutMs)
      this.#wait(waiter)
    })
  }

  /** One entry a projection, the directory included. */
  status(): ProjectionStatus[] {
    const head = this.#log.size()
    const common = {
      head,
      ...(this.#halted ? { halted: this.#halted } : {}),
      ...(this.#failure ? { failure: String((this.#failure as Error).message ?? this.#failure) } : {}),
    }
    const entry = (name: string, version: number, checkpoint: number, parked: Iterable<Parked>): ProjectionStatus => {
      const rebuild = this.#rebuilds.find(({ names }) => names.includes(name))
      const rebuilding = rebuild ? { rebuilding: { phase: rebuild.phase, at: rebuild.at } } : {}
      return { name, version, checkpoint, lag: head - checkpoint, parked: [...parked], ...common, ...rebuilding }
    }
    const entries = this.#options.projections.map(({ name, version }) => {
      const member = this.#live.get(name)
      if (member) return entry(name, version, member.checkpoint, member.parked.values())
      return entry(name, version, this.#frozen.get(name)?.checkpoint ?? 0, [])
    })
    if (this.#keeper)
      entries.push(entry('directory', this.#keeper.version, this.#keeper.at, this.#keeper.parked.values()))
    return entries
  }

  /**
   * Builds one projection (or all, the directory included) again beside the live rows, compares, and switches.
   * @throws RangeError for a name that is no projection; UnknownEvent when the runner halts
   */
  async rebuild(name?: string): Promise<RebuildReport[]> {
    const { projections, newDirectory } = this.#options
    const chosen = projections.filter((projection) => name === undefined || projection.name === name)
    const fresh =
      this.#keeper && newDirectory && (name === undefined || name === 'directory') ? newDirectory : undefined
    if (chosen.length === 0 && !fresh) throw new RangeError(`no projection ${name}`)
    if (this.#halted) throw haltError(this.#halted)
    const rebuild = new Rebuild(chosen, fresh)
    this.#rebuilds.push(rebuild)
    this.wake()
    this.#burst.hurry()
    return rebuild.done
  }

  /** Stops after the slice in hand, keeps the directory's snapshot, closes the file. */
  async close(): Promise<void> {
    this.#closing = true
    this.wake()
    this.#burst.hurry()
    await this.#loop
    for (const waiter of this.#waiters) waiter.settle(false, new Error('closed'))
    this.#waiters.clear()
    for (const rebuild of this.#rebuilds) rebuild.reject(new Error('closed'))
    if (!this.#failure) inTransaction(this.#db, () => this.#keeper?.store(this.#db))
    this.models.close()
    this.#db.close()
  }

  /** Reads what the file says, drops half-built tables, and queues what has to be built. */
  #takeUp(): void {
    const db = this.#db
    this.#live.clear()
    this.#frozen.clear()
    const rows = allBuilds(db)
    const missing: Projection[] = []
    const kept: BuildRow[] = []
    for (const projection of this.#options.projections) {
      const row = rows.find((candidate) => candidate.name === projection.name && candidate.live === 1)
      if (!row || !this.#matchesLog(row)) {
        missing.push(projection)
        continue
      }
      kept.push(row)
      if (row.version === projection.version) {
        this.#live.set(projection.name, Member.resume(db, projection, row, this.#log, this.#options.deciders))
        continue
      }
      this.#frozen.set(projection.name, row)
      missing.push(projection)
    }
    inTransaction(db, () => keepOnly(db, kept))
    const { directory } = this.#options
    if (this.#keeper) this.#keeper.invalidate()
    else if (directory) {
      const row = db.prepare('SELECT * FROM directory').get() as unknown as DirectoryRow | undefined
      this.#keeper = new DirectoryKeeper(directory, row && this.#matchesLog(row) ? row : undefined)
    }
    if (missing.length > 0) this.#rebuilds = [new Rebuild(missing, undefined), ...this.#rebuilds]
  }

  /** Whether a checkpoint was made over this log: the event it ends with is there at that place. */
  #matchesLog({ checkpoint, last_event }: Pick<BuildRow, 'checkpoint' | 'last_event'>): boolean {
    if (checkpoint === 0) return true
    return checkpoint <= this.#log.size() && this.#log.read(checkpoint - 1, 1)[0]?.id === last_event
  }

  async #run(): Promise<void> {
    await turn()
    while (!this.#closing) {
      await this.#burst.gather(() => this.#mayWait())
      let worked = false
      try {
        worked = this.#halted === undefined && this.#work()
        if (worked) this.#failure = undefined
      } catch (error) {
        this.#fail(error)
        await this.#pause(this.#options.retryMs ?? 1000, false)
        continue
      }
      this.#notify()
      if (worked) await turn()
      else await this.#pause(this.#options.pollMs ?? 1000, true)
    }
  }

  /** One slice of whatever is to be done; false when there is nothing. */
  #work(): boolean {
    const forward = this.#advance()
    const rebuild = this.#rebuilds[0]
    if (!rebuild || this.#halted) return forward
    this.#advanceRebuild(rebuild)
    return true
  }

  /** Builds that follow the head: the live ones, and a rebuilt one until it is switched. */
  #followers(): Member[] {
    const rebuild = this.#rebuilds[0]
    const following = rebuild && (rebuild.phase === 'following' || rebuild.phase === 'comparing') ? rebuild.members : []
    return [...this.#live.values(), ...following]
  }

  #advance(): boolean {
    const members = this.#followers()
    const keeper = this.#keeper
    const rebuild = this.#rebuilds[0]
    // A first build takes the directory along, so that the log is decoded once and not twice.
    if (members.length === 0 && rebuild?.phase === 'building' && (!keeper || rebuild.at === keeper.at)) return false
    const from = Math.min(...members.map(({ checkpoint }) => checkpoint), keeper?.at ?? Number.POSITIVE_INFINITY)
    if (from >= this.#log.size()) {
      if (keeper?.due(true)) inTransaction(this.#db, () => keeper.store(this.#db))
      return false
    }
    let to = from
    let last = ''
    const started = performance.now()
    inTransaction(this.#db, () => {
      to = this.#slice(from, (event) => {
        for (const member of members) if (event.index! >= member.checkpoint) member.deliver(event)
        keeper?.deliver(event)
        last = event.id
      })
      for (const member of members)
        if (to > member.checkpoint) {
          member.flush(0)
          member.storeCheckpoint(to, last)
        }
      if (keeper?.due(false)) keeper.store(this.#db)
    })
    for (const member of members) member.checkpoint = Math.max(member.checkpoint, to)
    this.#burst.worked(to - from)
    this.#learn(to - from, started)
    return to > from
  }

  /**
   * Hands on a slice of events, as many as the time of a slice is likely to hold, up to one that cannot be read; answers
   * the size reached.
   */
  #slice(from: number, deliver: (event: Recorded) => void): number {
    const limit = Math.min(this.#sliceEvents, this.#options.batch ?? BATCH)
    const { envelopes, damage } = readableEnvelopes(this.#log, from, limit)
    let at = from
    for (const envelope of envelopes) {
      let event: Recorded
      try {
        event = this.#lift(envelope, at)
      } catch (error) {
        if (!(error instanceof UnknownEvent)) throw error
        this.#halt({ index: at, type: error.type, version: error.version, reason: error.message })
        return at
      }
      deliver(event)
      at++
    }
    if (damage) this.#halt({ index: at, type: '', reason: damage.message })
    return at
  }

  /** Learns from a slice, its writing included, how many events fit into one. */
  #learn(events: number, started: number): void {
    if (events < Math.min(this.#sliceEvents, this.#options.batch ?? BATCH)) return
    const fitting = (events * (this.#options.sliceMs ?? SLICE_MS)) / Math.max(0.1, performance.now() - started)
    this.#sliceEvents = Math.max(LEAST_SLICE, Math.min(BATCH, Math.round((this.#sliceEvents + fitting) / 2)))
  }

  #advanceRebuild(rebuild: Rebuild): void {
    const { log, deciders, path } = { ...this.#options }
    if (rebuild.members.length === 0 && !rebuild.directory) {
      inTransaction(this.#db, () => rebuild.begin(this.#db, nextGeneration(this.#db), log, deciders))
      return
    }
    if (rebuild.phase === 'building') {
      if (rebuild.at < log.size()) {
        const [from, started] = [rebuild.at, performance.now()]
        inTransaction(this.#db, () => {
          this.#slice(from, (event) => {
            this.#keeper?.deliver(event)
            rebuild.deliver(event)
          })
          rebuild.relieve()
        })
        this.#learn(rebuild.at - from, started)
      }
      if (rebuild.at >= log.size()) rebuild.phase = 'flushing'
      return
    }
    if (rebuild.phase === 'flushing') {
      const finished = inTransaction(this.#db, () => rebuild.flushSlice())
      if (!finished) return
      for (const member of rebuild.members) member.checkpoint = rebuild.at
      rebuild.phase = 'following'
      return
    }
    if (rebuild.phase === 'following') {
      // The live builds may be a slice ahead or behind: compare at one and the same checkpoint only.
      const live = rebuild.members.map(({ projection }) => this.#live.get(projection.name))
      if (rebuild.members.some(({ checkpoint }, place) => live[place] && live[place].checkpoint !== checkpoint)) return
      const comparable = (name: string, checkpoint: number) => {
        const frozen = this.#frozen.get(name)
        return this.#live.get(name)?.generation ?? (frozen?.checkpoint === checkpoint ? frozen.generation : undefined)
      }
      this.#comparing = rebuild.compare(path, comparable)
      rebuild.phase = 'comparing'
    }
    if (this.#comparing?.next().done === false) return
    this.#switch(rebuild)
  }

  /** Puts the new builds in the place of the live ones, in one transaction; then drops the old tables. */
  #switch(rebuild: Rebuild): void {
    const fresh = rebuild.members.map(({ projection, generation }) => ({ name: projection.name, generation }))
    const old = inTransaction(this.#db, () => switchTo(this.#db, fresh, rebuild.reports))
    for (const member of rebuild.members) {
      this.#live.set(member.projection.name, member)
      this.#frozen.delete(member.projection.name)
    }
    if (rebuild.directory && this.#keeper) rebuild.reports.push(this.#switchDirectory(rebuild, rebuild.directory))
    this.#comparing = undefined
    rebuild.phase = 'done'
    this.#rebuilds.shift()
    for (const build of old) inTransaction(this.#db, () => dropTables(this.#db, build))
    rebuild.resolve(rebuild.reports)
  }

  #switchDirectory(rebuild: Rebuild, fresh: FreshDirectory): RebuildReport {
    const keeper = this.#keeper!
    for (const [place, envelope] of this.#log.envelopes(rebuild.at, keeper.at - rebuild.at).entries())
      fresh.deliver(this.#lift(envelope, rebuild.at + place))
    const equal = keeper.replaceBy(fresh.model, [...fresh.parked.values()])
    return { name: 'directory', version: keeper.version, events: keeper.at, equal, tables: [] }
  }

  /** What a slice left in memory is dropped; a corrupt file begins anew; the loop tries again. */
  #fail(error: unknown): void {
    this.#failure = error
    this.#options.onError?.(error)
    this.#comparing = undefined
    if (isCorrupt(error)) {
      this.#db.close()
      this.models.close()
      this.#db = openForWriting(this.#options.path)
      // The first rebuild restarts with the new file; the directory in memory is whole and stays.
      const [, ...later] = this.#rebuilds
      this.#rebuilds[0]?.reject(error)
      this.#rebuilds = later
      this.#takeUp()
      return
    }
    for (const member of this.#live.values()) member.forget()
    const rebuild = this.#rebuilds[0]
    if (!rebuild) return
    for (const { projection, generation } of rebuild.members) this.#discard(projection.name, generation)
    rebuild.members = []
    rebuild.directory = undefined
    rebuild.phase = 'building'
    rebuild.at = 0
  }

  /** Drops a half-built generation as far as the file lets it; the next start drops the rest. */
  #discard(name: string, generation: number): void {
    try {
      inTransaction(this.#db, () => {
        forgetBuild(this.#db, { name, generation })
        dropTables(this.#db, { name, generation })
      })
    } catch (error) {
      this.#options.onError?.(error)
    }
  }

  #halt(halt: Halt): void {
    this.#halted = halt
    this.#options.onHalt?.(halt)
    for (const rebuild of this.#rebuilds) rebuild.reject(haltError(halt))
  }

  #wait(waiter: Waiter): void {
    this.#waiters.add(waiter)
    this.#timer?.ref()
    this.#notify()
    this.wake()
    this.#burst.hurry()
  }

  /** Whether a few events have come that nobody waits for. */
  #mayWait(): boolean {
    const left = this.#log.size() - (this.#keeper?.at ?? 0)
    const few = left > 0 && left < this.#sliceEvents
    return few && this.#waiters.size === 0 && this.#rebuilds.length === 0 && !this.#halted
  }

  #reached(size: number): boolean {
    const projections = this.#options.projections
    if (projections.some(({ name }) => (this.#live.get(name)?.checkpoint ?? -1) < size)) return false
    return this.#keeper === undefined || this.#keeper.at >= size
  }

  #notify(): void {
    for (const waiter of this.#waiters) {
      const reached = this.#reached(waiter.size)
      if (!reached && !this.#halted) continue
      this.#waiters.delete(waiter)
      waiter.settle(reached, this.#halted && haltError(this.#halted))
    }
  }

  #pause(ms: number, wakeable: boolean): Promise<void> {
    if (this.#closing) return turn()
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer)
        this.#timer = undefined
        this.#woken = undefined
        resolve()
      }
      const timer = setTimeout(finish, ms)
      this.#timer = timer
      // Waiting for nothing in particular does not keep a process alive; somebody who waits for a result does.
      if (this.#waiters.size === 0 && (this.#rebuilds.length === 0 || this.#halted)) timer.unref()
      this.#woken = () => {
        if (wakeable || this.#closing) finish()
      }
    })
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const haltError = (halt: Halt): Error =>
  halt.version === undefined ? new Error(halt.reason) : new UnknownEvent(halt.type, halt.version)
