/**
 * The board's rows: the table in the file, and beside it in memory what counts and pages are answered from. Both are written together,
 * inside the follower's transaction; when that is rolled back, what is in memory is read anew from the file.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { EffectiveTime } from '../../domain/time.ts'
import { GROUPS_SCHEMA, Groups, type GroupTraits, type Verdict } from './groups.ts'
import { PAUSED, type Place, RunningRows, UNDATED } from './running.ts'

/** Raised with every change of the tables or of how rows are derived. */
export const VERSION = 4

export const SCHEMA = `
CREATE TABLE items (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  stream TEXT NOT NULL,
  clock TEXT NOT NULL,
  grp INTEGER NOT NULL,
  json TEXT NOT NULL,
  running INTEGER NOT NULL,
  judged TEXT,
  paused INTEGER NOT NULL,
  due TEXT,
  due_ms INTEGER,
  yellow_ms INTEGER,
  provisional INTEGER NOT NULL,
  UNIQUE (stream, clock)
) STRICT;
CREATE INDEX items_running ON items (id) WHERE running = 1;
CREATE INDEX items_ended ON items (grp, judged, due_ms, id) WHERE running = 0;
${GROUPS_SCHEMA};
CREATE TABLE moved (id INTEGER PRIMARY KEY, item INTEGER NOT NULL, old_due TEXT, new_due TEXT, because TEXT NOT NULL) STRICT;
CREATE TABLE ruled (
  one INTEGER PRIMARY KEY CHECK (one = 1), digest TEXT NOT NULL, because TEXT NOT NULL,
  running INTEGER, after INTEGER NOT NULL
) STRICT;
INSERT INTO ruled VALUES (1, '', '', NULL, 0)`

/** What a row is derived to from its clock and the rules. */
export interface Derived {
  /** How it ended; null while it runs. */
  readonly judged: string | null
  readonly paused: number
  readonly due: EffectiveTime | null
  readonly due_ms: number | null
  readonly yellow_ms: number | null
  readonly provisional: number
}

/** A row as it stands in the file. */
export interface Row extends Derived {
  readonly id: number
  readonly stream: string
  /** Clock id; empty for a case without a clock to judge. */
  readonly clock: string
  /** Number of its group. */
  readonly grp: number
  /** The clock. */
  readonly json: string
  readonly running: number
}

/** What counts and pages know of a row. */
type Known = Pick<Row, 'id' | 'grp' | 'running' | 'judged' | 'paused' | 'due_ms' | 'yellow_ms'>

const placeOf = ({ id, grp, paused, due_ms, yellow_ms }: Known): Place =>
  due_ms === null || paused === 1
    ? { id, group: grp, due: UNDATED, yellow: paused === 1 ? PAUSED : UNDATED }
    : { id, group: grp, due: due_ms, yellow: yellow_ms ?? UNDATED }

/** What is read from memory: true of the file as it was last committed. */
export interface BoardView {
  readonly db: DatabaseSync
  readonly groups: Groups
  readonly running: RunningRows
}

export class BoardRows {
  readonly #db: DatabaseSync
  readonly #ofStream: StatementSync
  readonly #insert: StatementSync
  readonly #update: StatementSync
  readonly #derived: StatementSync
  readonly #delete: StatementSync
  readonly #moved: StatementSync
  /** Changes so far in this process. */
  #changes = 0
  /** Undefined until it is read from the file. */
  #memory: { readonly groups: Groups; readonly running: RunningRows } | undefined

  constructor(db: DatabaseSync) {
    this.#db = db
    this.#ofStream = db.prepare('SELECT * FROM items WHERE stream = ?')
    this.#insert = db.prepare(
      `INSERT INTO items (grp, json, running, judged, paused, due, due_ms, yellow_ms, provisional, stream, clock)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    )
    this.#update = db.prepare(
      `UPDATE items SET grp = ?, json = ?, running = ?, judged = ?, paused = ?, due = ?, due_ms = ?, yellow_ms = ?, provisional = ?
       WHERE id = ?`,
    )
    this.#derived = db.prepare(
      'UPDATE items SET judged = ?, paused = ?, due = ?, due_ms = ?, yellow_ms = ?, provisional = ? WHERE id = ?',
    )
    this.#delete = db.prepare('DELETE FROM items WHERE id = ?')
    this.#moved = db.prepare('INSERT INTO moved (item, old_due, new_due, because) VALUES (?, ?, ?, ?)')
  }

  /** What questions are answered from. */
  get view(): BoardView {
    const { groups, running } = this.#read()
    return { db: this.#db, groups, running }
  }

  /** Says that a transaction was rolled back. */
  forget(): void {
    this.#memory = undefined
  }

  groupOf(traits: GroupTraits): number {
    return this.#read().groups.of(traits).id
  }

  groupOfRow({ grp }: Row): GroupTraits {
    return this.#read().groups.get(grp)
  }

  /** By clock. */
  ofStream(stream: string): Map<string, Row> {
    const rows = this.#ofStream.all(stream) as unknown as Row[]
    return new Map(rows.map((row) => [row.clock, row]))
  }

  /** Puts a row in the place of the one with the same stream and clock, or beside the others. */
  put(before: Row | undefined, row: Omit<Row, 'id'>): void {
    const { grp, json, running, judged, paused, due, due_ms, yellow_ms, provisional } = row
    const values = [grp, json, running, judged, paused, due, due_ms, yellow_ms, provisional] as const
    if (before) this.#update.run(...values, before.id)
    const { id } = before ?? (this.#insert.get(...values, row.stream, row.clock) as { id: number })
    this.#note(before, { ...row, id })
  }

  /** Takes what a row was derived to anew; what moved is listed with its reason. False where nothing changed: then nothing is written. */
  derive(before: Row, derived: Derived, because: string): boolean {
    const { judged, paused, due, due_ms, yellow_ms, provisional } = derived
    if (before.running === 1 && before.due !== due) this.#moved.run(before.id, before.due, due, because)
    if (
      before.judged === judged &&
      before.paused === paused &&
      before.due === due &&
      before.due_ms === due_ms &&
      before.yellow_ms === yellow_ms &&
      before.provisional === provisional
    )
      return false
    this.#derived.run(judged, paused, due, due_ms, yellow_ms, provisional, before.id)
    this.#note(before, { ...before, ...derived })
    return true
  }

  remove(row: Row): void {
    this.#delete.run(row.id)
    this.#note(row, undefined)
  }

  #note(before: Known | undefined, after: Known | undefined): void {
    const { groups, running } = this.#read()
    const change = ++this.#changes
    for (const row of [before, after]) if (row) groups.get(row.grp).changed = change
    if (before?.running === 1) running.remove(placeOf(before))
    else if (before) groups.get(before.grp).ended[before.judged as Verdict]--
    if (after?.running === 1) running.add(placeOf(after))
    else if (after) groups.get(after.grp).ended[after.judged as Verdict]++
  }

  #read(): { groups: Groups; running: RunningRows } {
    if (this.#memory) return this.#memory
    const db = this.#db
    const rows = db.prepare('SELECT id, grp, running, judged, paused, due_ms, yellow_ms FROM items WHERE running = 1')
    const places = (rows.all() as unknown as Known[]).map(placeOf)
    const ended = db
      .prepare('SELECT grp, judged, count(*) AS n FROM items WHERE running = 0 GROUP BY grp, judged')
      .all() as unknown as { grp: number; judged: Verdict; n: number }[]
    const groups = new Groups(db, new Set([...places.map(({ group }) => group), ...ended.map(({ grp }) => grp)]))
    const running = new RunningRows()
    // By time left each goes behind the last: nothing has to make room.
    places.sort((a, b) => (a.due === b.due ? a.id - b.id : a.due < b.due ? -1 : 1))
    for (const place of places) running.add(place)
    for (const { grp, judged, n } of ended) groups.get(grp).ended[judged] = n
    this.#memory = { groups, running }
    return this.#memory
  }
}
