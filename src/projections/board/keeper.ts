/**
 * The live board: one row a clock, in a file of its own, kept beside the projections. A row holds the moments at which its light changes
 * (yellow from, due), derived from the clock and the rules known now; when rules change, rows are derived again in small
 * slices while commands go on. The light itself is computed on reading.
 */
import type { DatabaseSync } from 'node:sqlite'
import { boardFacts } from '../../domain/board-subjects.ts'
import { clockStatus } from '../../domain/calendar/status.ts'
import type { Clock } from '../../domain/clock.ts'
import { categoryOf, type Recorded } from '../../domain/event.ts'
import { boundMs, dateOf, type EffectiveTime } from '../../domain/time.ts'
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

export class BoardKeeper {
  readonly follower: Follower
  readonly #options: BoardKeeperOptions
  readonly #folds = new Map<string, StreamFold>()
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
      take: (db, events) => this.#take(db, events),
      idle: (db) => this.#deriveAgain(db),
      ...(options.onError ? { onError: options.onError } : {}),
    })
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

  #take(db: DatabaseSync, events: readonly Recorded[]): void {
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
    const drop = db.prepare('DELETE FROM items WHERE stream = ?')
    const put = db.prepare(
      'INSERT INTO items VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    )
    for (const [stream, fold] of touched) {
      this.#keep(stream, fold)
      const category = categoryOf(stream)
      drop.run(stream)
      const facts = fold.steps === 0 ? undefined : boardFacts[category]!(fold.state as never)
      if (!facts) continue
      const organisation = facts.organisation ?? fold.organisation
      const subject = { stream, category, organisation, open: facts.open, clocks: facts.clocks }
      const bare = bareClock(subject)
      for (const clock of bare ? [...facts.clocks, bare] : facts.clocks) {
        const owes = clock.organisation || organisation
        const derived = this.#derive(clock, owes)
        if (derived.judged === 'cancelled') continue
        put.run(
          stream,
          clock.id,
          category,
          clock.kind,
          owes,
          fold.organisation,
          clock.person ?? null,
          facts.office ?? null,
          facts.importance ?? null,
          facts.readers ? JSON.stringify(facts.readers) : null,
          facts.charged ? JSON.stringify(facts.charged) : null,
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
    }
    if (touched.size > 0) this.#options.onChange?.(events.at(-1)!.index! + 1)
  }

  #keep(stream: string, fold: StreamFold): void {
    this.#folds.delete(stream)
    this.#folds.set(stream, fold)
    if (this.#folds.size > KEPT) this.#folds.delete(this.#folds.keys().next().value!)
  }

  #derive(clock: Clock, organisation: string): Derived {
    const rules = this.#options.rules()
    const at = new Date(this.#options.now()).toISOString()
    const lights = rules.lights(organisation, at)
    const division = rules.divisionOf(organisation)
    const { state, deadline } = clockStatus(clock, at, rules.calendars, lights, division)
    const { due } = deadline
    const running = runs(clock)
    return {
      judged: running ? null : state,
      paused: state === 'paused' ? 1 : 0,
      due: due ?? null,
      dueMs: due === undefined ? null : boundMs(due),
      yellowMs:
        due === undefined || !running
          ? null
          : yellowFrom(due, lights, (day) => rules.calendars.at(dateOf(at), division).isWorkday(day)),
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
    const move = db.prepare('INSERT INTO moved VALUES (NULL, ?, ?, ?, ?, ?)')
    for (const row of rows) {
      const derived = this.#derive(JSON.parse(row.json) as Clock, row.organisation)
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
