/**
 * The global audit trail: one lean row an event, so that it can be filtered and paged over a million events; what is shown
 * comes from the log itself.
 */
import type { StatementSync } from 'node:sqlite'
import type { Actor, Recorded } from '../domain/event.ts'
import { sortKey } from '../domain/time.ts'
import type { Build, BuildContext, Parked, Projection } from './projection.ts'

/** What an actor is called in filters: the person's id, `reactor:<name>`, `operator`. */
export const actorKey = (actor: Actor): string =>
  'person' in actor ? actor.person : 'reactor' in actor ? `reactor:${actor.reactor}` : 'operator'

/** Kinds of words of the audit rows. */
export const wordKinds = { organisation: 0, actor: 1, type: 2, category: 3 } as const

/** Rows written with one statement. */
const ROWS = 64
const COLUMNS = 7

class AuditBuild implements Build {
  readonly #put: StatementSync
  readonly #putMany: StatementSync
  readonly #putWord: StatementSync
  readonly #allWords: StatementSync
  readonly #words: Map<string, number>[] = []
  #next = 1
  /** Values of rows to be written, {@link COLUMNS} a row. */
  #waiting: (number | null)[] = []

  constructor({ db, table }: BuildContext) {
    const row = `(${new Array(COLUMNS).fill('?').join(', ')})`
    this.#put = db.prepare(`INSERT INTO ${table('audit')} VALUES ${row}`)
    this.#putMany = db.prepare(`INSERT INTO ${table('audit')} VALUES ${new Array(ROWS).fill(row).join(', ')}`)
    this.#putWord = db.prepare(`INSERT INTO ${table('words')} VALUES (?, ?, ?)`)
    this.#allWords = db.prepare(`SELECT id, kind, word FROM ${table('words')}`)
    this.forget()
  }

  apply(event: Recorded): void {
    const { stream } = event
    const hyphen = stream.indexOf('-')
    this.#waiting.push(
      event.index!,
      this.#word(wordKinds.organisation, event.organisation),
      this.#word(wordKinds.actor, actorKey(event.actor)),
      this.#word(wordKinds.type, event.type),
      this.#word(wordKinds.category, hyphen < 0 ? stream : stream.slice(0, hyphen)),
      Date.parse(event.recordedAt),
      sortKey(event.effectiveAt),
    )
    if (this.#waiting.length >= ROWS * COLUMNS) {
      this.#putMany.run(...this.#waiting)
      this.#waiting = []
    }
  }

  flush(): readonly Parked[] {
    for (let at = 0; at < this.#waiting.length; at += COLUMNS) this.#put.run(...this.#waiting.slice(at, at + COLUMNS))
    this.#waiting = []
    return []
  }

  forget(): void {
    this.#waiting = []
    this.#next = 1
    for (const kind of Object.values(wordKinds)) this.#words[kind] = new Map()
    for (const row of this.#allWords.all() as unknown as { id: number; kind: number; word: string }[]) {
      this.#words[row.kind]!.set(row.word, row.id)
      this.#next = Math.max(this.#next, row.id + 1)
    }
  }

  #word(kind: number, word: string): number {
    const known = this.#words[kind]!.get(word)
    if (known !== undefined) return known
    const id = this.#next++
    this.#putWord.run(id, kind, word)
    this.#words[kind]!.set(word, id)
    return id
  }
}

export const auditProjection: Projection = {
  name: 'audit',
  version: 1,
  tables: {
    audit: {
      columns: `idx INTEGER PRIMARY KEY, organisation INTEGER NOT NULL, actor INTEGER NOT NULL, type INTEGER NOT NULL,
        category INTEGER NOT NULL, recorded_ms INTEGER NOT NULL, effective_ms INTEGER NOT NULL`,
      key: ['idx'],
    },
    words: { columns: 'id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, word TEXT NOT NULL', key: ['id'] },
  },
  handles: () => true,
  open: (context) => new AuditBuild(context),
}
