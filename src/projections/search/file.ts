/**
 * The file of the search index: two full-text tables (narrative, identity) without content, and beside them what they are
 * filled from, so that an entry can be taken out again to the last byte. Besides the vault's own answers it is the only place
 * where sealed text can be read: a file of its own, for its owner only, in no backup.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { tokensOf } from './text.ts'

/** Raised with every change of the tables, of how texts are written, or of what rights look at. */
export const VERSION = 2

/** Texts a case may have: a text's id is its case's times this, and its place. */
export const TEXTS_A_CASE = 65_536

export const kinds = ['narrative', 'identity'] as const
/** `narrative`: sealed under the case's own subject; `identity`: under that of a person. */
export type Kind = (typeof kinds)[number]

export const SCHEMA = `
CREATE TABLE streams (
  id INTEGER PRIMARY KEY,
  stream TEXT NOT NULL UNIQUE,
  category TEXT NOT NULL,
  resource INTEGER,
  sequence INTEGER,
  year INTEGER,
  series TEXT,
  ledger TEXT,
  texts INTEGER NOT NULL DEFAULT 0,
  changed INTEGER NOT NULL
) STRICT;
CREATE INDEX streams_changed ON streams (changed);
CREATE INDEX streams_number ON streams (sequence, year) WHERE sequence IS NOT NULL;
CREATE INDEX streams_ledger ON streams (ledger) WHERE ledger IS NOT NULL;
CREATE TABLE resources (id INTEGER PRIMARY KEY, json TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE texts (
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  subject TEXT NOT NULL,
  event TEXT NOT NULL,
  path TEXT NOT NULL,
  canon TEXT
) STRICT;
CREATE INDEX texts_subject ON texts (subject);
${kinds
  .map(
    (kind) => `CREATE VIRTUAL TABLE ${kind} USING fts5(body, content = '', tokenize = 'ascii');
INSERT INTO ${kind} (${kind}, rank) VALUES ('secure-delete', 1);
INSERT INTO ${kind} (${kind}, rank) VALUES ('hashsize', 4194304);
INSERT INTO ${kind} (${kind}, rank) VALUES ('automerge', 8);
CREATE VIRTUAL TABLE ${kind}_words USING fts5vocab(${kind}, 'row');`,
  )
  .join('\n')}`

/** Where a text comes from: the event that holds it, and the path below that event's data. */
export interface TextPlace {
  readonly event: string
  readonly path: readonly string[]
}

export interface TextRow extends TextPlace {
  readonly id: number
  readonly kind: Kind
  readonly subject: string
  /** Null where the text is left out: its subject is erased or restricted, or it did not open. */
  readonly canon: string | null
}

/** Pages of a full-text table merged in one slice of cleaning. */
const MERGE_PAGES = 500

/** Writing texts; every call inside a transaction of the caller's. */
export class TextTables {
  readonly #db: DatabaseSync
  readonly #put: StatementSync
  readonly #set: StatementSync
  readonly #drop: StatementSync
  readonly #index: Readonly<Record<Kind, StatementSync>>
  readonly #unindex: Readonly<Record<Kind, StatementSync>>
  constructor(db: DatabaseSync) {
    this.#db = db
    this.#put = db.prepare('INSERT INTO texts VALUES (?, ?, ?, ?, ?, ?)')
    this.#set = db.prepare('UPDATE texts SET canon = ? WHERE id = ?')
    this.#drop = db.prepare('DELETE FROM texts WHERE id = ?')
    const each = (sql: (kind: Kind) => string) =>
      Object.fromEntries(kinds.map((kind) => [kind, db.prepare(sql(kind))])) as Record<Kind, StatementSync>
    this.#index = each((kind) => `INSERT INTO ${kind} (rowid, body) VALUES (?, ?)`)
    this.#unindex = each((kind) => `INSERT INTO ${kind} (${kind}, rowid, body) VALUES ('delete', ?, ?)`)
  }

  /** Adds one text. Adding in the order of ids is fastest. */
  add({ id, kind, subject, event, path, canon }: TextRow): void {
    this.#put.run(id, kinds.indexOf(kind), subject, event, JSON.stringify(path), canon)
    if (canon) this.#index[kind].run(id, tokensOf(canon))
  }

  /** Puts the text of an entry that was left out. */
  fill({ id, kind }: TextRow, canon: string): void {
    this.#set.run(canon, id)
    if (canon) this.#index[kind].run(id, tokensOf(canon))
  }

  /** Takes the text out; the entry stays, so that it is known to be left out. */
  empty({ id, kind, canon }: TextRow): void {
    if (canon) this.#unindex[kind].run(id, tokensOf(canon))
    this.#set.run(null, id)
  }

  /** Takes text and entry out. */
  remove(row: TextRow): void {
    this.empty(row)
    this.#drop.run(row.id)
  }

  /** The texts of one case. */
  ofCase(id: number): TextRow[] {
    return this.#rows('id >= ? AND id < ?', id * TEXTS_A_CASE, (id + 1) * TEXTS_A_CASE)
  }

  /** The texts sealed under a subject. */
  ofSubject(subject: string): TextRow[] {
    return this.#rows('subject = ?', subject)
  }

  #rows(where: string, ...values: (string | number)[]): TextRow[] {
    const rows = this.#db.prepare(`SELECT * FROM texts WHERE ${where} ORDER BY id`).all(...values)
    return rows.map((row) => rowOf(row as unknown as StoredText))
  }

  /**
   * Words of texts that are gone may still stand as dividers between pages of a full-text table. Where one of these does,
   * the table is written anew, a slice at a time. Outside a transaction; answers true when something was written.
   */
  *scrub(kind: Kind, words: ReadonlySet<string>): Generator<void, boolean> {
    if (!this.#divides(kind, words)) return false
    const db = this.#db
    // A second segment, so that there is something to merge the only one with.
    db.exec(`INSERT INTO ${kind} (rowid, body) VALUES (0, '0')`)
    db.exec(`INSERT INTO ${kind} (${kind}, rank) VALUES ('merge', -${MERGE_PAGES})`)
    for (;;) {
      yield
      const before = this.#changes()
      db.exec(`INSERT INTO ${kind} (${kind}, rank) VALUES ('merge', ${MERGE_PAGES})`)
      if (this.#changes() - before < 2) break
    }
    db.exec(`INSERT INTO ${kind} (${kind}, rowid, body) VALUES ('delete', 0, '0')`)
    return true
  }

  #changes(): number {
    return (this.#db.prepare('SELECT total_changes() AS n').get() as { n: number }).n
  }

  /** Whether a divider is the beginning of a word that is gone and of none that is there. */
  #divides(kind: Kind, words: ReadonlySet<string>): boolean {
    const there = this.#db.prepare(`SELECT term FROM ${kind}_words WHERE term = ?`)
    const gone = [...words].filter((word) => there.get(word) === undefined).map((word) => Buffer.from(word))
    const beginnings = new Set(
      gone.flatMap((word) => Array.from(word, (_byte, i) => word.subarray(0, i + 1).toString('latin1'))),
    )
    if (beginnings.size === 0) return false
    const from = this.#db.prepare(`SELECT term FROM ${kind}_words WHERE term >= ?`)
    const stillBegins = (beginning: Buffer): boolean => {
      // A divider may end inside a character: whole characters to look from, bytes to compare with.
      const whole = beginning.toString('utf8').replace(/\uFFFD+$/, '')
      for (const row of from.iterate(whole)) {
        const word = Buffer.from((row as { term: string }).term)
        if (word.subarray(0, beginning.length).equals(beginning)) return true
        if (Buffer.compare(word.subarray(0, beginning.length), beginning) > 0) return false
      }
      return false
    }
    // The first byte of a divider names the table's index.
    const dividers = this.#db.prepare(`SELECT DISTINCT CAST(term AS BLOB) AS term FROM ${kind}_idx`).all()
    return dividers.some((row) => {
      const divider = Buffer.from((row as { term: Uint8Array | null }).term ?? []).subarray(1)
      return divider.length > 0 && beginnings.has(divider.toString('latin1')) && !stillBegins(divider)
    })
  }
}

interface StoredText {
  readonly id: number
  readonly kind: number
  readonly subject: string
  readonly event: string
  readonly path: string
  readonly canon: string | null
}

export const rowOf = ({ id, kind, subject, event, path, canon }: StoredText): TextRow => ({
  id,
  kind: kinds[kind]!,
  subject,
  event,
  path: JSON.parse(path) as string[],
  canon,
})
