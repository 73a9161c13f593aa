/** Conditions of lists as SQL: filters every list has, and what a person may see. */
import type { DatabaseSync } from 'node:sqlite'
import { boundMs, type EffectiveTime, sortKey } from '../../domain/time.ts'
import { UNKNOWN_RECEIPT_MS } from '../cases/row.ts'
import { type Cell, relations } from '../stream-rows.ts'
import { decodeCursor, encodeCursor, type PageOf, type PageRequest } from './cursor.ts'
import { type OrganisationTree, organisationsWithin, type Scope, type ScopeClause } from './scope.ts'

/** Rows to ask: a connection and the physical names of the two tables. */
export interface RowTables {
  readonly db: DatabaseSync
  readonly main: string
  readonly people: string
}

/** Which of the columns that not every category has stand in the main table. */
export interface ListShape {
  readonly ledger_number?: true
  readonly respondent_office?: true
  readonly committee?: true
  readonly readers?: true
  readonly recused?: true
  readonly charged?: true
}

/** A condition and its values, in the order of the question marks. */
export interface Condition {
  readonly sql: string
  readonly values: readonly (string | number)[]
}

const NOTHING: Condition = { sql: '0', values: [] }

export const inList = (column: string, values: readonly string[]): Condition =>
  values.length === 1
    ? { sql: `${column} = ?`, values: [values[0]!] }
    : { sql: `${column} IN (SELECT value FROM json_each(?))`, values: [JSON.stringify(values)] }

/** A column that holds a JSON list, or null, and shares a value with these. */
export const overlaps = (column: string, values: readonly string[]): Condition => ({
  sql: `EXISTS (SELECT 1 FROM json_each(${column}) WHERE value IN (SELECT value FROM json_each(?)))`,
  values: [JSON.stringify(values)],
})

export const tied = (people: string, relation: string, persons: readonly string[]): Condition => ({
  sql: `stream IN (SELECT stream FROM ${people} WHERE relation = '${relation}' AND person IN (SELECT value FROM json_each(?)))`,
  values: [JSON.stringify(persons)],
})

/** Reads a number as people write it, or takes what was found otherwise; each way to find it goes by its own index. */
function queryCondition(query: string, found: CommonFilter['found'], main: string, shape: ListShape): Condition {
  const text = query.trim()
  const written = /(?:〔|\[|［)?(\d{4})(?:〕|\]|］|-)\D*0*(\d{1,9})\D*$/.exec(text)
  const pattern = `%${text.replaceAll(/[\\%_]/g, (found) => `\\${found}`)}%`
  const ways: Condition[] = []
  if (written)
    ways.push({ sql: 'number_sequence = ? AND number_year = ?', values: [Number(written[2]), Number(written[1])] })
  else if (/^\d{1,9}$/.test(text)) ways.push({ sql: 'number_sequence = ?', values: [Number(text)] })
  if (shape.ledger_number)
    ways.push({ sql: "ledger_number IS NOT NULL AND ledger_number LIKE ? ESCAPE '\\'", values: [pattern] })
  if (found && found.streams.length > 0) ways.push(inList('stream', found.streams))
  if (found && found.offices.length > 0 && shape.respondent_office)
    ways.push(inList('respondent_office', found.offices))
  if (ways.length === 0) return NOTHING
  const selects = ways.map(({ sql }) => `SELECT rowid FROM ${main} WHERE present = 1 AND ${sql}`)
  return { sql: `rowid IN (${selects.join(' UNION ')})`, values: ways.flatMap(({ values }) => values) }
}

const either = (conditions: readonly Condition[]): Condition =>
  conditions.length === 0
    ? NOTHING
    : {
        sql: `(${conditions.map(({ sql }) => `(${sql})`).join(' OR ')})`,
        values: conditions.flatMap(({ values }) => values),
      }

function clauseCondition(
  clause: ScopeClause,
  rows: RowTables,
  shape: ListShape,
  tree: OrganisationTree,
  person: string | undefined,
): Condition {
  const all: Condition[] = []
  if (clause.organisations) all.push(inList('organisation', clause.organisations))
  if (clause.divisions) all.push(inList('organisation', organisationsWithin(tree, clause.divisions)))
  if (clause.offices) all.push(shape.respondent_office ? inList('respondent_office', clause.offices) : NOTHING)
  if (clause.charged) all.push(shape.charged ? overlaps('charged', clause.charged) : NOTHING)
  if (clause.persons) all.push(tied(rows.people, relations.works, clause.persons))
  if (clause.registeredBy) all.push(tied(rows.people, relations.registered, clause.registeredBy))
  if (clause.referred) all.push(shape.committee ? { sql: 'committee IS NOT NULL', values: [] } : NOTHING)
  if (shape.readers && person !== undefined && !clause.despiteReaders)
    all.push({
      sql: '(readers IS NULL OR EXISTS (SELECT 1 FROM json_each(readers) WHERE value = ?))',
      values: [person],
    })
  return { sql: all.map(({ sql }) => sql).join(' AND ') || '1', values: all.flatMap(({ values }) => values) }
}

/** What a person may see; nothing where the scope is undefined, which is everything. */
export function scopeConditions(
  scope: Scope | undefined,
  rows: RowTables,
  shape: ListShape,
  tree: OrganisationTree,
): Condition[] {
  if (!scope) return []
  const { anyOf, person } = scope
  const seen = either(anyOf.map((clause) => clauseCondition(clause, rows, shape, tree, person)))
  if (person === undefined || !shape.recused) return [seen]
  const notRecused = "(recused = '[]' OR NOT EXISTS (SELECT 1 FROM json_each(recused) WHERE value = ?))"
  return [seen, { sql: notRecused, values: [person] }]
}

/** Filters that every list of cases has. */
export interface CommonFilter {
  /** Division codes: the organisations in and below them. */
  readonly divisions?: readonly string[]
  readonly organisations?: readonly string[]
  /** Part of a number: `蜀司〔2026〕投字第00012号`, `2026-12`, `12`, or a ledger's own. */
  readonly query?: string
  /** What the query finds besides numbers: cases by their texts, offices by their names. */
  readonly found?: { readonly streams: readonly string[]; readonly offices: readonly string[] }
  /** Receipt from and to; dates include their whole day. A case whose receipt is unknown is in neither. */
  readonly receivedFrom?: EffectiveTime
  readonly receivedTo?: EffectiveTime
}

export function commonConditions(
  filter: CommonFilter,
  rows: RowTables,
  shape: ListShape,
  tree: OrganisationTree,
): Condition[] {
  const { organisations, divisions, receivedFrom, receivedTo, query } = filter
  const all: Condition[] = [{ sql: 'present = 1', values: [] }]
  if (organisations) all.push(inList('organisation', organisations))
  if (divisions) all.push(inList('organisation', organisationsWithin(tree, divisions)))
  if (receivedFrom !== undefined) all.push({ sql: 'received_ms >= ?', values: [sortKey(receivedFrom)] })
  if (receivedTo !== undefined)
    all.push({
      sql: `received_ms <= ? AND received_ms > ${UNKNOWN_RECEIPT_MS}`,
      values: [boundMs(receivedTo)],
    })
  if (query !== undefined && query.trim() !== '') all.push(queryCondition(query, filter.found, rows.main, shape))
  return all
}

/** All of the conditions at once. */
export const every = (conditions: readonly Condition[]): Condition => ({
  sql: conditions.map(({ sql }) => sql).join(' AND '),
  values: conditions.flatMap(({ values }) => values),
})

/** Counts already known for these rows, by condition; the caller drops it when rows change. */
export type Totals = Map<string, number>

/** Conditions whose totals are kept. */
const MOST_TOTALS = 200

/**
 * A page of rows, newest receipt first, then by stream.
 * @throws CursorInvalid
 */
export function pageOfRows<Row extends { readonly received_ms: Cell; readonly stream: Cell }>(
  { db, main }: RowTables,
  where: Condition,
  page: PageRequest,
  totals?: Totals,
): PageOf<Row> {
  const key = `${main} ${JSON.stringify(where)}`
  let total = totals?.get(key)
  if (total === undefined) {
    const counted = db.prepare(`SELECT count(*) AS n FROM ${main} WHERE ${where.sql}`).get(...where.values)
    total = (counted as { n: number }).n
    if (totals && totals.size >= MOST_TOTALS) totals.clear()
    totals?.set(key, total)
  }
  const place = page.cursor === undefined ? undefined : decodeCursor(page.cursor, ['number', 'string'])
  const after = place ? ' AND received_ms <= ? AND (received_ms < ? OR stream > ?)' : ''
  const values = place ? [...where.values, place[0]!, place[0]!, place[1]!] : [...where.values]
  const found = db
    .prepare(`SELECT * FROM ${main} WHERE ${where.sql}${after} ORDER BY received_ms DESC, stream LIMIT ?`)
    .all(...values, page.limit === undefined ? -1 : page.limit + 1) as unknown as Row[]
  const items = page.limit === undefined ? found : found.slice(0, page.limit)
  const last = items.at(-1)
  const more = items.length < found.length && last
  return { total, items, ...(more ? { next: encodeCursor([last.received_ms as number, last.stream as string]) } : {}) }
}

/** The number that a row shows: its series' number as people write it; null until it is allocated. */
export function seriesNumber(row: Readonly<Record<string, Cell>>, numberText: NumberText): string | null {
  if (row.number_sequence === null) return null
  const { number_organisation, number_kind, number_year, number_sequence } = row
  return numberText(
    number_organisation as string,
    number_kind as string,
    number_year as number,
    number_sequence as number,
  )
}

/** How a number reads: the abbreviation in it is the organisation's of now. */
export type NumberText = (organisation: string, kind: string, year: number, sequence: number) => string
