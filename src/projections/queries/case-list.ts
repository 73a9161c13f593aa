/** The case list: filters, scope, keyset paging and totals, the same over the live rows and over a past list. */
import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../domain/clock.ts'
import { boundMs, type EffectiveTime, sortKey } from '../../domain/time.ts'
import { relations } from '../cases/projection.ts'
import { type CaseColumn, type Cell, UNKNOWN_RECEIPT_MS } from '../cases/row.ts'
import { decodeCursor, encodeCursor, type PageOf, type PageRequest } from './cursor.ts'
import { holderOf, type OrganisationTree, organisationsWithin, type Scope, type ScopeClause } from './scope.ts'

/** What a list is narrowed by; every condition given must hold. */
export interface CaseFilter {
  readonly status?: readonly string[]
  /** Division codes: the organisations in and below them. */
  readonly divisions?: readonly string[]
  readonly organisations?: readonly string[]
  readonly office?: string
  readonly worker?: string
  /** A person who investigates it. */
  readonly investigator?: string
  readonly channel?: string
  readonly nature?: string
  readonly kind?: string
  readonly outcome?: string
  readonly anonymous?: boolean
  readonly imported?: boolean
  /** Receipt from and to; dates include their whole day. A case whose receipt is unknown is in neither. */
  readonly receivedFrom?: EffectiveTime
  readonly receivedTo?: EffectiveTime
  /** Part of a number: `蜀司〔2026〕投字第00012号`, `2026-12`, `12`, or a ledger's own. */
  readonly query?: string
}

/** One row of the list. Holds no readable personal text; subjects are opaque ids to open names by. */
export interface CaseItem {
  readonly id: string
  readonly stream: string
  /** As people write it; null until it is allocated. An imported case shows its ledger's. */
  readonly number: string | null
  readonly organisation: string
  /** Of the organisation that holds its duties now. */
  readonly division: string
  readonly status: string
  readonly respondentOffice: string | null
  readonly respondentWorker: string | null
  readonly channel: string | null
  readonly nature: string | null
  readonly procedure: string | null
  readonly kind: string | null
  readonly anonymous: boolean
  readonly receivedAt: EffectiveTime | null
  readonly acceptedAt: EffectiveTime | null
  readonly decidedAt: EffectiveTime | null
  readonly repliedAt: EffectiveTime | null
  readonly closedAt: EffectiveTime | null
  readonly archivedAt: EffectiveTime | null
  readonly outcome: string | null
  readonly throughFault: boolean | null
  readonly imported: boolean
  /** Name of the ledger it was imported from, and the ledger's own word for where it stands. */
  readonly ledger: string | null
  readonly ledgerStatus: string | null
  readonly subject: string | null
  readonly complainant: string | null
  readonly firstContact: string | null
  readonly registeredBy: string | null
  readonly investigators: readonly string[]
  readonly recused: readonly string[]
  readonly readers: readonly string[] | null
  readonly committee: string | null
  readonly mergedInto: string | null
  readonly review: string | null
  readonly clocks: readonly Clock[]
  readonly revision: number
  /** Index of the last event. */
  readonly lastIndex: number
  /** When the last event was recorded. */
  readonly recordedAt: string
}

/** How a number reads: the abbreviation in it is the organisation's of now. */
export type NumberText = (organisation: string, kind: string, year: number, sequence: number) => string

/** Rows to ask: a connection and the physical names of the two tables. */
export interface CaseRows {
  readonly db: DatabaseSync
  readonly cases: string
  readonly people: string
}

interface Condition {
  readonly sql: string
  readonly values: readonly (string | number)[]
}

const inList = (column: CaseColumn, values: readonly string[]): Condition =>
  values.length === 1
    ? { sql: `${column} = ?`, values: [values[0]!] }
    : { sql: `${column} IN (SELECT value FROM json_each(?))`, values: [JSON.stringify(values)] }

const tied = (people: string, relation: string, persons: readonly string[]): Condition => ({
  sql: `stream IN (SELECT stream FROM ${people} WHERE relation = '${relation}' AND person IN (SELECT value FROM json_each(?)))`,
  values: [JSON.stringify(persons)],
})

/** Reads a number as people write it. */
function numberCondition(query: string): Condition {
  const text = query.trim()
  const written = /(?:〔|\[|［)?(\d{4})(?:〕|\]|］|-)\D*0*(\d{1,9})\D*$/.exec(text)
  const ledger: Condition = {
    sql: "ledger_number LIKE ? ESCAPE '\\'",
    values: [`%${text.replaceAll(/[\\%_]/g, (found) => `\\${found}`)}%`],
  }
  const own: Condition | undefined = written
    ? { sql: 'number_year = ? AND number_sequence = ?', values: [Number(written[1]), Number(written[2])] }
    : /^\d{1,9}$/.test(text)
      ? { sql: 'number_sequence = ?', values: [Number(text)] }
      : undefined
  return own ? either([own, ledger]) : ledger
}

const either = (conditions: readonly Condition[]): Condition =>
  conditions.length === 0
    ? { sql: '0', values: [] }
    : {
        sql: `(${conditions.map(({ sql }) => `(${sql})`).join(' OR ')})`,
        values: conditions.flatMap(({ values }) => values),
      }

function clauseCondition(
  clause: ScopeClause,
  rows: CaseRows,
  tree: OrganisationTree,
  person: string | undefined,
): Condition {
  const all: Condition[] = []
  if (clause.organisations) all.push(inList('organisation', clause.organisations))
  if (clause.divisions) all.push(inList('organisation', organisationsWithin(tree, clause.divisions)))
  if (clause.offices) all.push(inList('respondent_office', clause.offices))
  if (clause.persons) all.push(tied(rows.people, relations.investigates, clause.persons))
  if (clause.registeredBy) all.push(tied(rows.people, relations.registered, clause.registeredBy))
  if (clause.referred) all.push({ sql: 'committee IS NOT NULL', values: [] })
  if (person !== undefined && !clause.despiteReaders)
    all.push({
      sql: '(readers IS NULL OR EXISTS (SELECT 1 FROM json_each(readers) WHERE value = ?))',
      values: [person],
    })
  return { sql: all.map(({ sql }) => sql).join(' AND ') || '1', values: all.flatMap(({ values }) => values) }
}

/** Everything a list is narrowed by, as SQL over the case rows. */
function conditionsOf(filter: CaseFilter, scope: Scope | undefined, rows: CaseRows, tree: OrganisationTree): Condition {
  const all: Condition[] = [{ sql: 'present = 1', values: [] }]
  const equal = (column: CaseColumn, value: string | undefined) => {
    if (value !== undefined) all.push({ sql: `${column} = ?`, values: [value] })
  }
  const flag = (column: CaseColumn, value: boolean | undefined) => {
    if (value !== undefined) all.push({ sql: `${column} = ?`, values: [value ? 1 : 0] })
  }
  if (filter.status) all.push(inList('status', filter.status))
  if (filter.organisations) all.push(inList('organisation', filter.organisations))
  if (filter.divisions) all.push(inList('organisation', organisationsWithin(tree, filter.divisions)))
  equal('respondent_office', filter.office)
  equal('respondent_worker', filter.worker)
  equal('channel', filter.channel)
  equal('nature', filter.nature)
  equal('kind', filter.kind)
  equal('outcome', filter.outcome)
  flag('anonymous', filter.anonymous)
  flag('imported', filter.imported)
  if (filter.investigator !== undefined) all.push(tied(rows.people, relations.investigates, [filter.investigator]))
  if (filter.receivedFrom !== undefined) all.push({ sql: 'received_ms >= ?', values: [sortKey(filter.receivedFrom)] })
  if (filter.receivedTo !== undefined)
    all.push({
      sql: `received_ms <= ? AND received_ms > ${UNKNOWN_RECEIPT_MS}`,
      values: [boundMs(filter.receivedTo)],
    })
  if (filter.query !== undefined && filter.query.trim() !== '') all.push(numberCondition(filter.query))
  if (scope) {
    const { anyOf, person } = scope
    all.push(either(anyOf.map((clause) => clauseCondition(clause, rows, tree, person))))
    if (person !== undefined)
      all.push({
        sql: "(recused = '[]' OR NOT EXISTS (SELECT 1 FROM json_each(recused) WHERE value = ?))",
        values: [person],
      })
  }
  return { sql: all.map(({ sql }) => sql).join(' AND '), values: all.flatMap(({ values }) => values) }
}

type Row = Readonly<Record<CaseColumn, Cell>>

/** A row as people's lists show it. */
export function itemOf(row: Row, tree: OrganisationTree, numberText: NumberText): CaseItem {
  const text = (column: CaseColumn) => row[column] as string | null
  const organisation = row.organisation as string
  const series =
    row.number_sequence === null
      ? null
      : numberText(
          row.number_organisation as string,
          row.number_kind as string,
          row.number_year as number,
          row.number_sequence as number,
        )
  return {
    id: (row.stream as string).slice((row.stream as string).indexOf('-') + 1),
    stream: row.stream as string,
    number: text('ledger_number') ?? series,
    organisation,
    division: holderOf(tree, organisation).division,
    status: row.status as string,
    respondentOffice: text('respondent_office'),
    respondentWorker: text('respondent_worker'),
    channel: text('channel'),
    nature: text('nature'),
    procedure: text('procedure'),
    kind: text('kind'),
    anonymous: row.anonymous === 1,
    receivedAt: text('received_at'),
    acceptedAt: text('accepted_at'),
    decidedAt: text('decided_at'),
    repliedAt: text('replied_at'),
    closedAt: text('closed_at'),
    archivedAt: text('archived_at'),
    outcome: text('outcome'),
    throughFault: row.through_fault === null ? null : row.through_fault === 1,
    imported: row.imported === 1,
    ledger: text('ledger'),
    ledgerStatus: text('ledger_status'),
    subject: text('subject'),
    complainant: text('complainant'),
    firstContact: text('first_contact'),
    registeredBy: text('registered_by'),
    investigators: JSON.parse(row.investigators as string) as string[],
    recused: JSON.parse(row.recused as string) as string[],
    readers: row.readers === null ? null : (JSON.parse(row.readers as string) as string[]),
    committee: text('committee'),
    mergedInto: text('merged_into'),
    review: text('review'),
    clocks: JSON.parse(row.clocks as string) as Clock[],
    revision: row.revision as number,
    lastIndex: row.last_index as number,
    recordedAt: row.recorded_at as string,
  }
}

/** Counts already known for these rows, by condition; the caller drops it when rows change. */
export type Totals = Map<string, number>

/** Conditions whose totals are kept. */
const MOST_TOTALS = 200

/**
 * A page of the list, newest receipt first, then by stream.
 * @throws CursorInvalid
 */
export function listRows(
  rows: CaseRows,
  filter: CaseFilter,
  page: PageRequest,
  scope: Scope | undefined,
  tree: OrganisationTree,
  numberText: NumberText,
  totals?: Totals,
): PageOf<CaseItem> {
  const { db, cases } = rows
  const where = conditionsOf(filter, scope, rows, tree)
  const key = JSON.stringify(where)
  let total = totals?.get(key)
  if (total === undefined) {
    const counted = db.prepare(`SELECT count(*) AS n FROM ${cases} WHERE ${where.sql}`).get(...where.values)
    total = (counted as { n: number }).n
    if (totals && totals.size >= MOST_TOTALS) totals.clear()
    totals?.set(key, total)
  }
  const place = page.cursor === undefined ? undefined : decodeCursor(page.cursor, ['number', 'string'])
  const after = place ? ' AND received_ms <= ? AND (received_ms < ? OR stream > ?)' : ''
  const values = place ? [...where.values, place[0]!, place[0]!, place[1]!] : [...where.values]
  const limit = page.limit === undefined ? -1 : page.limit + 1
  const found = db
    .prepare(`SELECT * FROM ${cases} WHERE ${where.sql}${after} ORDER BY received_ms DESC, stream LIMIT ?`)
    .all(...values, limit) as unknown as Row[]
  const shown = page.limit === undefined ? found : found.slice(0, page.limit)
  const last = shown.at(-1)
  const more = shown.length < found.length && last
  return {
    total,
    items: shown.map((row) => itemOf(row, tree, numberText)),
    ...(more ? { next: encodeCursor([last.received_ms as number, last.stream as string]) } : {}),
  }
}

/** Counts by status of what a person may see: a summary that names nobody. */
export function countByStatus(
  rows: CaseRows,
  filter: CaseFilter,
  scope: Scope | undefined,
  tree: OrganisationTree,
): Record<string, number> {
  const where = conditionsOf(filter, scope, rows, tree)
  const found = rows.db
    .prepare(`SELECT status, count(*) AS n FROM ${rows.cases} WHERE ${where.sql} GROUP BY status ORDER BY status`)
    .all(...where.values) as unknown as { status: string; n: number }[]
  return Object.fromEntries(found.map(({ status, n }) => [status, n]))
}
