/**
 * The live board: one row a clock, in a file of its own, kept beside the projections. A row holds the moments at which its light changes
 * (yellow from, due), derived from the clock and the rules known now; when rules change, rows are derived again in small
 * slices while commands go on. The light itself is computed on reading.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { boardFacts } from '../../domain/board-subjects.ts'
import type { LightPolicy } from '../../domain/calendar/status.ts'
import { clockStatus } from '../../domain/calendar/status.ts'
import type { Clock } from '../../domain/clock.ts'
import { categoryOf, type Recorded } from '../../domain/event.ts'
import { boundMs, dateOf, type EffectiveTime, type Instant, instantOfMs } from '../../domain/time.ts'
import type { EventLog } from '../../store/port.ts'
import { readStream } from '../decoding.ts'
import { Follower } from '../follower.ts'
import type { DeciderOf } from '../projection.ts'
import { foldAll, foldEvent, type StreamFold } from '../streams.ts'
import { type BoardRules, bareClock, runs, yellowFrom } from './items.ts'

/** Raised with every change of the table or of how rows are derived. */
const VERSION = 3

const SCHEMA = `
CREATE TABLE items (
  id INTEGER PRIMARY KEY,
  stream TEXT NOT NULL,
  clock TEXT NOT NULL,
  category TEXT NOT NULL,
  kind TEXT NOT NULL,
  organisation TEXT NOT NULL,
  owner TEXT NOT NULL,
  person TEXT,
  office TEXT,
  importance TEXT,
  readers TEXT,
  charged TEXT,
  json TEXT NOT NULL,
  running INTEGER NOT NULL,
  judged TEXT,
  paused INTEGER NOT NULL,
  due TEXT,
  due_ms INTEGER,
  yellow_ms INTEGER,
  provisional INTEGER NOT NULL,
  rules INTEGER NOT NULL,
  UNIQUE (stream, clock)
) STRICT;
CREATE INDEX items_due ON items (due_ms, id) WHERE running = 1;
CREATE INDEX items_owner ON items (owner, due_ms, id) WHERE running = 1;
CREATE INDEX items_rules ON items (rules);
CREATE INDEX items_judged ON items (owner, judged) WHERE running = 0;
CREATE TABLE moved (id INTEGER PRIMARY KEY, stream TEXT NOT NULL, clock TEXT NOT NULL, old_due TEXT, new_due TEXT, because TEXT NOT NULL);
CREATE TABLE ruled (one INTEGER PRIMARY KEY CHECK (one = 1), generation INTEGER NOT NULL, digest TEXT NOT NULL, because TEXT NOT NULL);
INSERT INTO ruled VALUES (1, 0, '[]', '')`

/** Folds kept in memory, so that the next event of a stream costs one step. */
const KEPT = 20_000
/** Streams whose rows are written in one slice, of those that waited. */
const SETTLED = 250
/** Rows derived again in one slice. */
const SLICE = 500

export interface BoardKeeperOptions {
  readonly path: string
  readonly log: EventLog
  readonly deciders: DeciderOf
  /** The rules known now; `digest`: JSON lists of the ids of what they are made of; `latest`: the last of them. */
  readonly rules: () => BoardRules & { readonly digest: string; readonly latest: string }
  readonly now: () => number
  readonly onError?: (error: unknown) => void
  /** Distance from the log's end beyond which rows wait in memory; events in one transaction. Defaults of the follower. */
  readonly far?: number
  readonly batch?: number
  /** Called after rows changed, with the highest event index taken. */
  readonly onChange?: (size: number) => void
}

/** What a row is derived to. */
interface Derived {
  readonly judged: string | null
  readonly paused: number
  readonly due: EffectiveTime | null
  readonly dueMs: number | null
  readonly yellowMs: number | null
  readonly provisional: number
}

/** What the rows of a stream were made of. */
interface Written {
  /** Everything but the clocks. */
  readonly shared: string
  readonly clocks: ReadonlyMap<string, Clock>
}

/** What is the same for all rows derived in one slice, found once. */
interface Moment {
  readonly at: Instant
  readonly rules: BoardRules
  readonly owners: Map<string, { readonly lights: LightPolicy; readonly division: string | undefined }>
}

/** A clock that did not change is mostly the very same value. */
const isSame = (a: Clock, b: Clock): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

export class BoardKeeper {
  readonly follower: Follower
  readonly #options: BoardKeeperOptions
  readonly #folds = new Map<string, StreamFold>()
  /** Of streams in {@link #folds}, where their rows were written since. */
  readonly #written = new Map<string, Written>()
  /** Streams whose rows are to be written, while the log's end is far. */
  readonly #waiting = new Set<string>()
  readonly #drop: StatementSync
  readonly #dropOne: StatementSync
  readonly #put: StatementSync
  #generation = 0
  #digest: string | undefined
  /** What is new in the rules of this generation. */
  #because = ''

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
      ...(options.far === undefined ? {} : { far: options.far }),
      ...(options.batch === undefined ? {} : { batch: options.batch }),
      onError: (error) => {
        // The slice was rolled back: its events are folded again, its rows written again.
        this.#folds.clear()
        this.#written.clear()
        this.#waiting.clear()
        this.#digest = undefined
        options.onError?.(error)
      },
    })
    const { db } = this.follower
    this.#drop = db.prepare('DELETE FROM items WHERE stream = ?')
    this.#dropOne = db.prepare('DELETE FROM items WHERE stream = ? AND clock = ?')
    this.#put = db.prepare(
      'INSERT OR REPLACE INTO items VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    )
  }

  /** Says that events or rules are new. */
  wake(): void {
    this.follower.wake()
  }

  /** How many rows wait to be derived again. */
  pending(): number {
    this.#checkRules(this.follower.db)
    const row = this.follower.db.prepare('SELECT count(*) AS n FROM items WHERE rules < ?').get(this.#generation)
    return (row as { n: number }).n
  }

  close(): Promise<void> {
    return this.follower.close()
  }

  /** The fold of a stream as far as the board has followed it: from memory, else from the log. Undefined for one it has not met. */
  foldOf(stream: string): StreamFold | undefined {
    const known = this.#folds.get(stream)
    if (known) return known
    const { log, deciders } = this.#options
    const decider = deciders(categoryOf(stream))
    const fold = decider && foldAll(decider, readStream(log, deciders, stream, this.follower.size))
    if (fold) this.#keep(stream, fold)
    return fold
  }

  #checkRules(db: DatabaseSync): void {
    const { digest } = this.#options.rules()
    if (digest === this.#digest) return
    const ruled = db.prepare('SELECT generation, digest, because FROM ruled').get() as {
      generation: number
      digest: string
      because: string
    }
    if (ruled.digest === digest) {
      this.#generation = ruled.generation
      this.#because = ruled.because
    } else {
      const before = new Set((JSON.parse(ruled.digest) as string[][]).flat())
      const added = (JSON.parse(digest) as string[][]).flat().filter((id) => !before.has(id))
      this.#generation = ruled.generation + 1
      // What is withdrawn by a correction adds nothing; the latest that is left speaks for it.
      this.#because = added.length > 0 ? added.join(', ') : this.#options.rules().latest
      db.prepare('UPDATE ruled SET generation = ?, digest = ?, because = ?').run(
        this.#generation,
        digest,
        this.#because,
      )
    }
    this.#digest = digest
  }

  #take(db: DatabaseSync, events: readonly Recorded[], far: boolean): void {
    this.#checkRules(db)
    const touched = new Map<string, StreamFold>()
    for (const event of events) {
      const category = categoryOf(event.stream)
      if (!Object.hasOwn(boardFacts, category)) continue
      const { log, deciders } = this.#options
      const decider = deciders(category)!
      const all = () => readStream(log, deciders, event.stream, event.index! + 1)
      const before = touched.get(event.stream) ?? this.#folds.get(event.stream)
      const fold =
        before === undefined && event.revision > 0 ? foldAll(decider, all())! : foldEvent(decider, before, event, all)
      touched.set(event.stream, fold)
    }
    const moment = this.#moment()
    for (const [stream, fold] of touched) {
      this.#keep(stream, fold, moment)
      if (far) this.#waiting.add(stream)
      else this.#writeRows(stream, fold, moment)
    }
    if (touched.size > 0) this.#options.onChange?.(events.at(-1)!.index! + 1)
  }

  /** Writes a slice of the rows that waited; true while there are more. */
  #settle(): boolean {
    const moment = this.#moment()
    let left = SETTLED
    for (const stream of this.#waiting) {
      if (left-- === 0) break
      this.#writeRows(stream, this.#folds.get(stream)!, moment)
    }
    this.#options.onChange?.(this.follower.size)
    return this.#waiting.size > 0
  }

  /** Writes what changed in the rows of a stream. */
  #writeRows(stream: string, fold: StreamFold, moment: Moment): void {
    this.#waiting.delete(stream)
    const category = categoryOf(stream)
    const facts = fold.steps === 0 ? undefined : boardFacts[category]!(fold.state as never)
    const organisation = facts?.organisation ?? fold.organisation
    const { office = null, importance = null } = facts ?? {}
    const readers = facts?.readers ? JSON.stringify(facts.readers) : null
    const charged = facts?.charged ? JSON.stringify(facts.charged) : null
    const shared = JSON.stringify([organisation, fold.organisation, office, importance, readers, charged])
    const last = this.#written.get(stream)
    const known = last?.shared === shared ? last.clocks : undefined
    if (!known) this.#drop.run(stream)
    const clocks = new Map<string, Clock>()
    if (facts) {
      const bare = bareClock({ stream, category, organisation, open: facts.open, clocks: facts.clocks })
      for (const clock of bare ? [...facts.clocks, bare] : facts.clocks) clocks.set(clock.id, clock)
    }
    if (known) for (const id of known.keys()) if (!clocks.has(id)) this.#dropOne.run(stream, id)
    for (const clock of clocks.values()) {
      const before = known?.get(clock.id)
      if (before && isSame(before, clock)) continue
      const owes = clock.organisation || organisation
      const derived = this.#derive(clock, owes, moment)
      if (derived.judged === 'cancelled') {
        if (before) this.#dropOne.run(stream, clock.id)
        continue
      }
      this.#put.run(
        stream,
        clock.id,
        category,
        clock.kind,
        owes,
        fold.organisation,
        clock.person ?? null,
        office,
        importance,
        readers,
        charged,
        JSON.stringify(clock),
        runs(clock) ? 1 : 0,
        derived.judged,
        derived.paused,
        derived.due,
        derived.dueMs,
        derived.yellowMs,
        derived.provisional,
        this.#generation,
      )
    }
    this.#written.set(stream, { shared, clocks })
  }

  #keep(stream: string, fold: StreamFold, moment?: Moment): void {
    this.#folds.delete(stream)
    this.#folds.set(stream, fold)
    if (this.#folds.size <= KEPT) return
    const [oldest, forgotten] = this.#folds.entries().next().value!
    if (this.#waiting.has(oldest)) this.#writeRows(oldest, forgotten, moment ?? this.#moment())
    this.#folds.delete(oldest)
    this.#written.delete(oldest)
  }

  #moment(): Moment {
    return { at: instantOfMs(this.#options.now()), rules: this.#options.rules(), owners: new Map() }
  }

  #derive(clock: Clock, organisation: string, { at, rules, owners }: Moment): Derived {
    let owner = owners.get(organisation)
    if (!owner) {
      owner = { lights: rules.lights(organisation, at), division: rules.divisionOf(organisation) }
      owners.set(organisation, owner)
    }
    const { lights, division } = owner
    const { state, deadline } = clockStatus(clock, at, rules.calendars, lights, division)
    const { due } = deadline
    const running = runs(clock)
    const calendar = rules.calendars.at(dateOf(at), division)
    return {
      judged: running ? null : state,
      paused: state === 'paused' ? 1 : 0,
      due: due ?? null,
      dueMs: due === undefined ? null : boundMs(due),
      yellowMs: due === undefined || !running ? null : yellowFrom(due, lights, (day) => calendar.isWorkday(day)),
      provisional: deadline.provisional ? 1 : 0,
    }
  }

  /** Derives rows that were derived under earlier rules, a slice at a time; says which due dates moved, and why. */
  #deriveAgain(db: DatabaseSync): boolean {
    this.#checkRules(db)
    const rows = db
      .prepare('SELECT id, stream, clock, organisation, json, due, running FROM items WHERE rules < ? LIMIT ?')
      .all(this.#generation, SLICE) as unknown as {
      id: number
      stream: string
      clock: string
      organisation: string
      json: string
      due: string | null
      running: number
    }[]
    if (rows.length === 0) return false
    const put = db.prepare(
      'UPDATE items SET judged = ?, paused = ?, due = ?, due_ms = ?, yellow_ms = ?, provisional = ?, rules = ? WHERE id = ?',
    )
    const moment = this.#moment()
    const move = db.prepare('INSERT INTO moved VALUES (NULL, ?, ?, ?, ?, ?)')
    for (const row of rows) {
      const derived = this.#derive(JSON.parse(row.json) as Clock, row.organisation, moment)
      put.run(
        derived.judged,
        derived.paused,
        derived.due,
        derived.dueMs,
        derived.yellowMs,
        derived.provisional,
        this.#generation,
        row.id,
      )
      if (row.running === 1 && row.due !== derived.due)
        move.run(row.stream, row.clock, row.due, derived.due, this.#because)
    }
    this.#options.onChange?.(this.follower.size)
    return true
  }
}
