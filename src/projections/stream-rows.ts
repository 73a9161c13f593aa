/**
 * Rows of one category of cases: one row a stream, kept by folding it, its number from the series' own stream. Which columns a row has
 * is the category's.
 */
import type { StatementSync } from 'node:sqlite'
import { categoryOf, type Recorded } from '../domain/event.ts'
import { isCorrection } from '../domain/history.ts'
import { readStream } from './decoding.ts'
import { isDatabaseError } from './member.ts'
import type { Build, BuildContext, Parked, TableDefinition } from './projection.ts'
import { foldAll, foldEvent, foldWithParking, type StreamFold } from './streams.ts'

export type Cell = string | number | null

/** A case's place in a series, and the index of the event that allocated it. Its text depends on the directory. */
export interface SeriesNumber {
  readonly organisation: string
  readonly kind: string
  readonly year: number
  /** From 1. */
  readonly sequence: number
  readonly index: number
}

/** How the rows of one category, or of several in one table, are made. */
export interface StreamRows {
  readonly categories: ReadonlySet<string>
  /** Name of the main table; beside it stands `people`. */
  readonly table: string
  /** Columns in the order of the values: `stream` first, then {@link leadingColumns}. */
  readonly columns: readonly string[]
  /** Values of one row; a case of which nothing stands keeps its number in a row that no list shows. */
  readonly values: (stream: string, fold: StreamFold | undefined, number: SeriesNumber | undefined) => readonly Cell[]
  /** People of a case as `relation person`. */
  readonly people: (fold: StreamFold | undefined, stream: string) => readonly string[]
}

/** The columns that every main table begins with. */
export const leadingColumns = [
  'stream',
  'present',
  'number_organisation',
  'number_kind',
  'number_year',
  'number_sequence',
  'number_index',
  'people',
] as const

/** Columns that hold integers. */
const INTEGERS = new Set(['present', 'number_year', 'number_sequence', 'number_index'])

/** The values of {@link leadingColumns}. */
export const leadingValues = (
  stream: string,
  present: boolean,
  number: SeriesNumber | undefined,
  people: readonly string[],
): Cell[] => [
  stream,
  present ? 1 : 0,
  ...(number ? [number.organisation, number.kind, number.year, number.sequence, number.index] : NO_NUMBER),
  people.length === 0 ? null : JSON.stringify(people),
]
const NO_NUMBER: readonly Cell[] = [null, null, null, null, null]

/** The DDL of a main table. */
export const columnsOfRows = (columns: readonly string[], integers: ReadonlySet<string>): string =>
  columns
    .map((column) => {
      const type = INTEGERS.has(column) || integers.has(column) ? 'INTEGER' : 'TEXT'
      return `${column} ${type}${column === 'stream' ? ' PRIMARY KEY' : ''}`
    })
    .join(', ')

/** Who works or registered a case: found from the person. */
export const peopleTable: TableDefinition = {
  columns: 'person TEXT NOT NULL, relation TEXT NOT NULL, stream TEXT NOT NULL, PRIMARY KEY (person, relation, stream)',
  key: ['person', 'relation', 'stream'],
  options: 'WITHOUT ROWID',
}

/** How a person is tied to a case, as the people table says it. */
export const relations = { works: 'i', registered: 'r' } as const

interface Entry {
  readonly stream: string
  fold: StreamFold | undefined
  number: SeriesNumber | undefined
  /** `relation person` as the people table has them. */
  people: readonly string[]
}

/** What a row tells of a case that is no longer in memory. */
const FOUND = 'number_organisation, number_kind, number_year, number_sequence, number_index, people'
interface FoundRow {
  readonly number_organisation: string | null
  readonly number_kind: string | null
  readonly number_year: number | null
  readonly number_sequence: number | null
  readonly number_index: number | null
  readonly people: string | null
}

/** Folded cases kept in memory after their rows were written, so that the next event costs one step. */
const KEEP_FOLDED = 5_000

/** The relation in a `relation person`. */
export const relationOf = (one: string): string => one[0]!

/** The number that an event of a series allocates, and to which case; undefined for other events. */
export function allocatedNumber(event: Recorded): { stream: string; number: SeriesNumber } | undefined {
  if (event.type !== 'NumberAllocated') return undefined
  const [, organisation = '', kind = '', year = ''] = /^numbers-(.*):([^:]*):([^:]*)$/.exec(event.stream) ?? []
  const stream = (event.data as { case: string }).case
  return {
    stream,
    number: { organisation, kind, year: Number(year), sequence: event.revision + 1, index: event.index! },
  }
}

export class StreamRowsBuild implements Build {
  readonly #context: BuildContext
  readonly #find: StatementSync
  readonly #put: StatementSync
  readonly #addPerson: StatementSync
  readonly #removePerson: StatementSync
  /** Rows to be written, oldest touch first. */
  #waiting = new Map<string, Entry>()
  #written = new Map<string, Entry>()

  readonly #rows: StreamRows

  constructor(context: BuildContext, rows: StreamRows) {
    this.#context = context
    this.#rows = rows
    const { db, table } = context
    const [main, people] = [table(rows.table), table('people')]
    this.#find = db.prepare(`SELECT ${FOUND} FROM ${main} WHERE stream = ?`)
    this.#put = db.prepare(
      `INSERT INTO ${main} VALUES (${rows.columns.map(() => '?').join(', ')}) ON CONFLICT (stream) DO UPDATE SET ${rows.columns
        .slice(1)
        .map((column) => `${column} = excluded.${column}`)
        .join(', ')}`,
    )
    this.#addPerson = db.prepare(`INSERT OR IGNORE INTO ${people} VALUES (?, ?, ?)`)
    this.#removePerson = db.prepare(`DELETE FROM ${people} WHERE person = ? AND relation = ? AND stream = ?`)
  }

  apply(event: Recorded): void {
    if (this.#rows.categories.has(categoryOf(event.stream))) {
      const decider = this.#decider(event.stream)
      const entry = this.#entry(event.stream, event, isCorrection(event))
      const { log, deciders } = this.#context
      entry.fold = foldEvent(decider, entry.fold, event, () =>
        readStream(log, deciders, event.stream, event.index! + 1),
      )
      this.#touch(entry)
      return
    }
    const allocated = allocatedNumber(event)
    if (!allocated || !this.#rows.categories.has(categoryOf(allocated.stream))) return
    const entry = this.#entry(allocated.stream, event, false)
    entry.number ??= allocated.number
    this.#touch(entry)
  }

  flush(keep: number): readonly Parked[] {
    const parked: Parked[] = []
    for (const [stream, entry] of this.#waiting) {
      if (this.#waiting.size <= keep) break
      const failed = this.#write(entry)
      this.#waiting.delete(stream)
      if (failed) parked.push(failed)
      else this.#written.set(stream, entry)
      if (this.#written.size > KEEP_FOLDED) this.#written.delete(this.#written.keys().next().value!)
    }
    return parked
  }

  forget(): void {
    this.#waiting.clear()
    this.#written.clear()
  }

  #decider(stream: string) {
    const category = categoryOf(stream)
    const decider = this.#context.deciders(category)
    if (!decider) throw new TypeError(`no decider of ${category}`)
    return decider
  }

  #touch(entry: Entry): void {
    this.#written.delete(entry.stream)
    this.#waiting.delete(entry.stream)
    this.#waiting.set(entry.stream, entry)
  }

  /** The case as it stands before an event: from memory, else from the log and its row. */
  #entry(stream: string, before: Recorded, foldsAnew: boolean): Entry {
    const known = this.#waiting.get(stream) ?? this.#written.get(stream)
    if (known) return known
    const entry: Entry = { stream, fold: undefined, number: undefined, people: [] }
    if (before.revision === 0 && before.stream === stream) return entry
    const row = this.#find.get(stream) as unknown as FoundRow | undefined
    if (row && row.number_index !== null)
      entry.number = {
        organisation: row.number_organisation!,
        kind: row.number_kind!,
        year: row.number_year!,
        sequence: row.number_sequence!,
        index: row.number_index,
      }
    if (row?.people) entry.people = JSON.parse(row.people) as string[]
    if (!foldsAnew) entry.fold = this.#foldFromLog(stream, before.index!, entry.number).fold
    return entry
  }

  #foldFromLog(stream: string, to: number, number: SeriesNumber | undefined) {
    const { log, deciders } = this.#context
    const events = readStream(log, deciders, stream, to)
    try {
      const fold = foldAll(this.#decider(stream), events)
      this.#rows.values(stream, fold, number)
      return { fold, parked: undefined }
    } catch (error) {
      if (isDatabaseError(error)) throw error
      const { outcome, parked } = foldWithParking(this.#decider(stream), events, (fold) =>
        this.#rows.values(stream, fold, number),
      )
      return { fold: outcome?.fold, parked }
    }
  }

  #write(entry: Entry): Parked | undefined {
    const { stream } = entry
    let failed: Parked | undefined
    let values: readonly Cell[]
    try {
      values = this.#rows.values(stream, entry.fold, entry.number)
    } catch {
      const { fold, parked } = this.#foldFromLog(stream, entry.fold!.lastIndex + 1, entry.number)
      const reason = parked?.error instanceof Error ? parked.error.message : String(parked?.error)
      failed = { stream, index: parked?.index ?? entry.fold!.lastIndex, reason: reason.slice(0, 300) }
      entry.fold = fold
      values = this.#rows.values(stream, fold, entry.number)
    }
    this.#put.run(...values)
    const people = this.#rows.people(entry.fold, stream)
    for (const one of entry.people)
      if (!people.includes(one)) this.#removePerson.run(one.slice(2), relationOf(one), stream)
    for (const one of people)
      if (!entry.people.includes(one)) this.#addPerson.run(one.slice(2), relationOf(one), stream)
    entry.people = people
    return failed
  }
}
