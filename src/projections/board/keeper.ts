/**
 * The live board: one row a clock, in a file of its own, kept beside the projections. A row holds the moments at which its light changes
 * (yellow from, due), derived from the clock and the rules known now; when rules change, rows are derived again in
 * short slices while commands go on. The light itself is computed on reading.
 */
import type { DatabaseSync } from 'node:sqlite'
import { boardFacts } from '../../domain/board-subjects.ts'
import type { Clock } from '../../domain/clock.ts'
import { categoryOf, type Recorded } from '../../domain/event.ts'
import { isCorrection } from '../../domain/history.ts'
import type { EventLog } from '../../store/port.ts'
import { readStream } from '../decoding.ts'
import { Follower } from '../follower.ts'
import type { DeciderOf } from '../projection.ts'
import { foldAll, foldEvent, foldStream, type StreamFold } from '../streams.ts'
import { Deriver } from './derive.ts'
import { type BoardRules, bareClock, runs } from './items.ts'
import { BoardRows, type BoardView, type Row, SCHEMA, VERSION } from './rows.ts'

/** Folds kept in memory, so that the next event of a stream costs one step. */
const KEPT = 20_000
/** Streams whose rows are written in one slice, of those that waited. */
const SETTLED = 250
/** How long one slice of deriving again may keep everything else waiting; milliseconds. */
const SLICE_MS = 8
/** Rows read at once in such a slice. */
const READ = 64

/** The rules known now, and what they are made of. */
export interface KnownRules extends BoardRules {
  /** Ids of notices, local days and policies in force: where they differ, due dates may. */
  readonly ids: readonly string[]
  /** A digest of where organisations and offices lie and what stands above them. */
  readonly places: string
  /** The last notice: speaks for a change that adds nothing. */
  readonly latest: string
}

export interface BoardKeeperOptions {
  readonly path: string
  readonly log: EventLog
  readonly deciders: DeciderOf
  readonly rules: () => KnownRules
  readonly now: () => number
  readonly onError?: (error: unknown) => void
  /** Distance from the log's end beyond which rows wait in memory; events in one transaction. Defaults of the follower. */
  readonly far?: number
  readonly batch?: number
  /** Called after rows changed, with the highest event index taken. */
  readonly onChange?: (size: number) => void
}

/** How far rows are derived under the rules known now: first those that run, then those that ended, each by number. */
interface Ruled {
  readonly digest: string
  /** What is new in these rules. */
  readonly because: string
  /** 1 while running rows are derived, then 0; null when all are done. */
  readonly running: 0 | 1 | null
  readonly after: number
}

export class BoardKeeper {
  readonly follower: Follower
  readonly #options: BoardKeeperOptions
  readonly #folds = new Map<string, StreamFold>()
  /** Streams whose rows are to be written, while the log's end is far. */
  readonly #waiting = new Set<string>()
  /** Streams with an event that cannot be folded. */
  readonly #parked = new Set<string>()
  readonly #rows: BoardRows
  #ruled: Ruled | undefined
  /** Rows not yet derived under the rules known now; unknown where undefined. */
  #left: number | undefined
  /** Used through a whole pass of deriving again. */
  #deriver: Deriver | undefined
  #changed = false

  constructor(options: BoardKeeperOptions) {
    this.#options = options
    this.follower = new Follower({
      path: options.path,
      version: VERSION,
      schema: SCHEMA,
      log: options.log,
      deciders: options.deciders,
      take: (db, events, far) => this.#take(db, events, far),
      settle: () => this.#settle(),
      idle: (db) => this.#deriveAgain(db),
      onCommit: () => {
        if (this.#changed) options.onChange?.(this.follower.size)
        this.#changed = false
      },
      ...(options.far === undefined ? {} : { far: options.far }),
      ...(options.batch === undefined ? {} : { batch: options.batch }),
      onError: (error) => {
        // The slice was rolled back: its events are folded again, its rows written again, what is in memory read again.
        this.#folds.clear()
        this.#waiting.clear()
        this.#parked.clear()
        this.#rows.forget()
        this.#ruled = undefined
        this.#left = undefined
        this.#deriver = undefined
        this.#changed = false
        options.onError?.(error)
      },
    })
    this.#rows = new BoardRows(this.follower.db)
  }

  /** Says that events or rules are new. */
  wake(): void {
    this.follower.wake()
  }

  /** What questions to the live board are answered from. Good until something else runs. */
  get view(): BoardView {
    return this.#rows.view
  }

  /** How many rows wait to be derived again. */
  pending(): number {
    const { db } = this.follower
    const { running, after } = this.#checkRules(db)
    if (running === null) return 0
    const count = (sql: string) => (db.prepare(`SELECT count(*) AS n FROM items ${sql}`).get() as { n: number }).n
    this.#left ??=
      running === 1
        ? count(`WHERE running = 1 AND id > ${after}`) + count('WHERE running = 0')
        : count(`WHERE running = 0 AND id > ${after}`)
    return this.#left
  }

  close(): Promise<void> {
    return this.follower.close()
  }

  /** The fold of a stream as far as the board has followed it: from memory, else from the log. Undefined for one it has not met. */
  foldOf(stream: string): StreamFold | undefined {
    const known = this.#folds.get(stream)
    if (known) {
      this.#folds.delete(stream)
      this.#folds.set(stream, known)
      return known
    }
    const { log, deciders } = this.#options
    const decider = deciders(categoryOf(stream))
    const events = decider && readStream(log, deciders, stream, this.follower.size)
    const fold = events && foldStream(decider, events)
    // Reading must not drive out what waits to be written.
    if (fold && this.#waiting.size === 0) this.#keep(stream, fold)
    return fold
  }

  #checkRules(db: DatabaseSync): Ruled {
    const { ids, places, latest } = this.#options.rules()
    const digest = JSON.stringify([ids, places])
    if (digest === this.#ruled?.digest) return this.#ruled
    let ruled = db.prepare('SELECT digest, because, running, after FROM ruled').get() as unknown as Ruled
    if (ruled.digest === '') ruled = this.#storeRuled(db, { digest, because: latest, running: null, after: 0 })
    else if (ruled.digest !== digest) {
      const known = new Set((JSON.parse(ruled.digest) as [string[]])[0])
      const added = ids.filter((id) => !known.has(id))
      // What is withdrawn by a correction adds nothing; the latest that is left speaks for it.
      const because = added.length > 0 ? added.join(', ') : latest
      ruled = this.#storeRuled(db, { digest, because, running: 1, after: 0 })
    }
    this.#ruled = ruled
    this.#left = undefined
    this.#deriver = undefined
    return ruled
  }

  #storeRuled(db: DatabaseSync, ruled: Ruled): Ruled {
    const { digest, because, running, after } = ruled
    db.prepare('UPDATE ruled SET digest = ?, because = ?, running = ?, after = ?').run(digest, because, running, after)
    this.#ruled = ruled
    return ruled
  }

  #take(db: DatabaseSync, events: readonly Recorded[], far: boolean): void {
    this.#checkRules(db)
    const touched = new Map<string, StreamFold>()
    for (const event of events) {
      const category = categoryOf(event.stream)
      if (!Object.hasOwn(boardFacts, category)) continue
      const fold = this.#foldNext(event, touched.get(event.stream) ?? this.#folds.get(event.stream))
      if (fold) touched.set(event.stream, fold)
    }
    const deriver = this.#newDeriver()
    for (const [stream, fold] of touched) {
      this.#keep(stream, fold, deriver)
      if (far) this.#waiting.add(stream)
      else this.#writeRows(stream, fold, deriver)
    }
  }

  /**
   * The fold of a stream with its next event. One that cannot be folded shows its case as it stood before, until a correction
   * mends it: undefined, and nobody else's rows wait for it.
   */
  #foldNext(event: Recorded, before: StreamFold | undefined): StreamFold | undefined {
    const { log, deciders } = this.#options
    const { stream } = event
    if (this.#parked.has(stream) && !isCorrection(event)) return undefined
    const decider = deciders(categoryOf(stream))!
    // What cannot be read is another matter: the slice fails and is taken again.
    const all =
      isCorrection(event) || (before === undefined && event.revision > 0)
        ? readStream(log, deciders, stream, event.index! + 1)
        : undefined
    try {
      const fold = all ? foldAll(decider, all)! : foldEvent(decider, before, event, () => [])
      this.#parked.delete(stream)
      return fold
    } catch (error) {
      this.#parked.add(stream)
      this.#options.onError?.(error)
      return undefined
    }
  }

  /** Writes a slice of the rows that waited; true while there are more. */
  #settle(): boolean {
    const deriver = this.#newDeriver()
    let left = SETTLED
    for (const stream of this.#waiting) {
      if (left-- === 0) break
      this.#writeRows(stream, this.#folds.get(stream)!, deriver)
    }
    return this.#waiting.size > 0
  }

  /** Writes what changed in the rows of a stream. */
  #writeRows(stream: string, fold: StreamFold, deriver: Deriver): void {
    this.#waiting.delete(stream)
    const left = this.#rows.ofStream(stream)
    const category = categoryOf(stream)
    const facts = fold.steps === 0 ? undefined : boardFacts[category]!(fold.state as never)
    if (facts) {
      const { organisation: named, open, clocks, ...traits } = facts
      const owner = fold.organisation
      const bare = bareClock({ stream, category, organisation: named ?? owner, open, clocks })
      for (const clock of bare ? [...clocks, bare] : clocks) {
        const { id, kind, person, cancelledAt } = clock
        // What was withdrawn, merged or terminated is on no board.
        if (cancelledAt !== undefined && clock.stoppedAt === undefined) continue
        const organisation = clock.organisation || named || owner
        const grp = this.#rows.groupOf({
          ...traits,
          category,
          kind,
          organisation,
          owner,
          ...(person === undefined ? {} : { person }),
        })
        const json = JSON.stringify(clock)
        const before = left.get(id)
        left.delete(id)
        if (before?.grp === grp && before.json === json) continue
        const derived = deriver.derive(clock, organisation)
        this.#rows.put(before, { stream, clock: id, grp, json, running: runs(clock) ? 1 : 0, ...derived })
        this.#changed = true
      }
    }
    for (const gone of left.values()) {
      this.#rows.remove(gone)
      this.#changed = true
    }
  }

  #keep(stream: string, fold: StreamFold, deriver?: Deriver): void {
    this.#folds.delete(stream)
    this.#folds.set(stream, fold)
    if (this.#folds.size <= KEPT) return
    const [oldest, forgotten] = this.#folds.entries().next().value!
    if (this.#waiting.has(oldest)) this.#writeRows(oldest, forgotten, deriver ?? this.#newDeriver())
    this.#folds.delete(oldest)
  }

  #newDeriver(): Deriver {
    return new Deriver(this.#options.rules(), this.#options.now())
  }

  /** Derives rows that were derived under earlier rules, a short slice at a time; says which due dates moved, and why. */
  #deriveAgain(db: DatabaseSync): boolean {
    const { digest, because, running, after: begun } = this.#checkRules(db)
    if (running === null) return false
    this.#deriver ??= this.#newDeriver()
    const read = db.prepare(
      `SELECT * FROM items${running === 1 ? ' INDEXED BY items_running' : ''} WHERE running = ${running} AND id > ? ORDER BY id LIMIT ${READ}`,
    )
    let after = begun
    let next: 0 | 1 | null = running
    for (const until = performance.now() + SLICE_MS; performance.now() < until; ) {
      const rows = read.all(after) as unknown as Row[]
      for (const row of rows) {
        const { organisation } = this.#rows.groupOfRow(row)
        if (this.#rows.derive(row, this.#deriver.derive(JSON.parse(row.json) as Clock, organisation), because))
          this.#changed = true
      }
      if (this.#left !== undefined) this.#left = Math.max(0, this.#left - rows.length)
      if (rows.length === READ) after = rows.at(-1)!.id
      else {
        // Those that run come first: what moves is seen soonest.
        next = running === 1 ? 0 : null
        after = 0
        break
      }
    }
    if (next === null) this.#deriver = undefined
    this.#storeRuled(db, { digest, because, running: next, after })
    return next !== null
  }
}
