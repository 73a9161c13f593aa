/** The case list: one row a complaint, kept by folding its stream; its number from the series' own stream. */
import type { StatementSync } from 'node:sqlite'
import type { ComplaintState } from '../../domain/complaint/state.ts'
import { categoryOf, type Recorded } from '../../domain/event.ts'
import { isCorrection } from '../../domain/history.ts'
import { readStream } from '../decoding.ts'
import { isDatabaseError } from '../member.ts'
import type { Build, BuildContext, Parked, Projection } from '../projection.ts'
import { foldAll, foldEvent, foldWithParking, type StreamFold } from '../streams.ts'
import { caseColumns, casePeopleTable, casesTable, caseValues, type SeriesNumber } from './row.ts'

interface Entry {
  readonly stream: string
  fold: StreamFold | undefined
  number: SeriesNumber | undefined
  /** `relation person` as the people table has them. */
  people: readonly string[]
}

/** What a row tells of a case that is no longer in memory. */
const FOUND =
  'number_organisation, number_kind, number_year, number_sequence, number_index, present, investigators, registered_by'
interface FoundRow {
  readonly number_organisation: string | null
  readonly number_kind: string | null
  readonly number_year: number | null
  readonly number_sequence: number | null
  readonly number_index: number | null
  readonly present: number
  readonly investigators: string
  readonly registered_by: string | null
}

/** Folded cases kept in memory after their rows were written, so that the next event costs one step. */
const KEEP_FOLDED = 5_000

/** How a person is tied to a case, as the people table says it. */
export const relations = { investigates: 'i', registered: 'r' } as const

/** People of a case as `relation person`. */
export function peopleOf(fold: StreamFold | undefined): readonly string[] {
  if (!fold || fold.steps === 0) return []
  const { investigators, registeredBy } = fold.state as ComplaintState
  const people = investigators.map((person) => `${relations.investigates} ${person}`)
  if (registeredBy !== undefined) people.push(`${relations.registered} ${registeredBy}`)
  return people
}

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

class CasesBuild implements Build {
  readonly #context: BuildContext
  readonly #find: StatementSync
  readonly #put: StatementSync
  readonly #addPerson: StatementSync
  readonly #removePerson: StatementSync
  /** Rows to be written, oldest touch first. */
  #waiting = new Map<string, Entry>()
  #written = new Map<string, Entry>()

  constructor(context: BuildContext) {
    this.#context = context
    const { db, table } = context
    const [cases, people] = [table('cases'), table('people')]
    this.#find = db.prepare(`SELECT ${FOUND} FROM ${cases} WHERE stream = ?`)
    this.#put = db.prepare(
      `INSERT INTO ${cases} VALUES (${caseColumns.map(() => '?').join(', ')}) ON CONFLICT (stream) DO UPDATE SET ${caseColumns
        .slice(1)
        .map((column) => `${column} = excluded.${column}`)
        .join(', ')}`,
    )
    this.#addPerson = db.prepare(`INSERT OR IGNORE INTO ${people} VALUES (?, ?, ?)`)
    this.#removePerson = db.prepare(`DELETE FROM ${people} WHERE person = ? AND relation = ? AND stream = ?`)
  }

  apply(event: Recorded): void {
    if (categoryOf(event.stream) === 'complaint') {
      const decider = this.#decider()
      const entry = this.#entry(event.stream, event, isCorrection(event))
      const { log, deciders } = this.#context
      entry.fold = foldEvent(decider, entry.fold, event, () =>
        readStream(log, deciders, event.stream, event.index! + 1),
      )
      this.#touch(entry)
      return
    }
    const allocated = allocatedNumber(event)
    if (!allocated || categoryOf(allocated.stream) !== 'complaint') return
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

  #decider() {
    const decider = this.#context.deciders('complaint')
    if (!decider) throw new TypeError('no complaint decider')
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
    if (row?.present) {
      const investigators = JSON.parse(row.investigators) as string[]
      entry.people = [
        ...investigators.map((person) => `${relations.investigates} ${person}`),
        ...(row.registered_by === null ? [] : [`${relations.registered} ${row.registered_by}`]),
      ]
    }
    if (!foldsAnew) entry.fold = this.#foldFromLog(stream, before.index!, entry.number).fold
    return entry
  }

  #foldFromLog(stream: string, to: number, number: SeriesNumber | undefined) {
    const { log, deciders } = this.#context
    const events = readStream(log, deciders, stream, to)
    try {
      const fold = foldAll(this.#decider(), events)
      caseValues(stream, fold, number)
      return { fold, parked: undefined }
    } catch (error) {
      if (isDatabaseError(error)) throw error
      const { outcome, parked } = foldWithParking(this.#decider(), events, (fold) => caseValues(stream, fold, number))
      return { fold: outcome?.fold, parked }
    }
  }

  #write(entry: Entry): Parked | undefined {
    const { stream } = entry
    let failed: Parked | undefined
    let values: ReturnType<typeof caseValues>
    try {
      values = caseValues(stream, entry.fold, entry.number)
    } catch {
      const { fold, parked } = this.#foldFromLog(stream, entry.fold!.lastIndex + 1, entry.number)
      const reason = parked?.error instanceof Error ? parked.error.message : String(parked?.error)
      failed = { stream, index: parked?.index ?? entry.fold!.lastIndex, reason: reason.slice(0, 300) }
      entry.fold = fold
      values = caseValues(stream, fold, entry.number)
    }
    this.#put.run(...values)
    const people = peopleOf(entry.fold)
    for (const one of entry.people)
      if (!people.includes(one)) this.#removePerson.run(one.slice(2), relationOf(one), stream)
    for (const one of people)
      if (!entry.people.includes(one)) this.#addPerson.run(one.slice(2), relationOf(one), stream)
    entry.people = people
    return failed
  }
}

export const casesProjection: Projection = {
  name: 'cases',
  version: 1,
  tables: { cases: casesTable, people: casePeopleTable },
  handles: (category) => category === 'complaint' || category === 'numbers',
  open: (context) => new CasesBuild(context),
}
