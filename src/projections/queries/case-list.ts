/** The case list: filters, scope, keyset paging and totals, the same over the live rows and over a past list. */
import type { Clock } from '../../domain/clock.ts'
import type { EffectiveTime } from '../../domain/time.ts'
import type { CaseColumn } from '../cases/row.ts'
import { type Cell, relations } from '../stream-rows.ts'
import {
  type CommonFilter,
  type Condition,
  commonConditions,
  every,
  inList,
  type ListShape,
  type NumberText,
  pageOfRows,
  type RowTables,
  scopeConditions,
  seriesNumber,
  type Totals,
  tied,
} from './conditions.ts'
import type { PageOf, PageRequest } from './cursor.ts'
import { holderOf, type OrganisationTree, type Scope } from './scope.ts'

/** What a list is narrowed by; every condition given must hold. */
export interface CaseFilter extends CommonFilter {
  readonly status?: readonly string[]
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

const shape: ListShape = { ledger_number: true, respondent_office: true, committee: true, readers: true, recused: true }

/** Everything a list is narrowed by, as SQL over the case rows. */
function conditionsOf(
  filter: CaseFilter,
  scope: Scope | undefined,
  rows: RowTables,
  tree: OrganisationTree,
): Condition {
  const all = commonConditions(filter, rows, shape, tree)
  const equal = (column: CaseColumn, value: string | undefined) => {
    if (value !== undefined) all.push({ sql: `${column} = ?`, values: [value] })
  }
  const flag = (column: CaseColumn, value: boolean | undefined) => {
    if (value !== undefined) all.push({ sql: `${column} = ?`, values: [value ? 1 : 0] })
  }
  if (filter.status) all.push(inList('status', filter.status))
  equal('respondent_office', filter.office)
  equal('respondent_worker', filter.worker)
  equal('channel', filter.channel)
  equal('nature', filter.nature)
  equal('kind', filter.kind)
  equal('outcome', filter.outcome)
  flag('anonymous', filter.anonymous)
  flag('imported', filter.imported)
  if (filter.investigator !== undefined) all.push(tied(rows.people, relations.works, [filter.investigator]))
  return every([...all, ...scopeConditions(scope, rows, shape, tree)])
}

type Row = Readonly<Record<CaseColumn, Cell>>

/** A row as people's lists show it. */
export function itemOf(row: Row, tree: OrganisationTree, numberText: NumberText): CaseItem {
  const text = (column: CaseColumn) => row[column] as string | null
  const organisation = row.organisation as string
  return {
    id: (row.stream as string).slice((row.stream as string).indexOf('-') + 1),
    stream: row.stream as string,
    number: text('ledger_number') ?? seriesNumber(row, numberText),
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

/**
 * A page of the list, newest receipt first, then by stream.
 * @throws CursorInvalid
 */
export function listRows(
  rows: RowTables,
  filter: CaseFilter,
  page: PageRequest,
  scope: Scope | undefined,
  tree: OrganisationTree,
  numberText: NumberText,
  totals?: Totals,
): PageOf<CaseItem> {
  // Conditions that name thousands of cases are no keys to keep.
  const known = filter.found && filter.found.streams.length > 0 ? undefined : totals
  const found = pageOfRows<Row>(rows, conditionsOf(filter, scope, rows, tree), page, known)
  return { ...found, items: found.items.map((row) => itemOf(row, tree, numberText)) }
}

/** Counts by status of what a person may see: a summary that names nobody. */
export function countByStatus(
  rows: RowTables,
  filter: CaseFilter,
  scope: Scope | undefined,
  tree: OrganisationTree,
): Record<string, number> {
  const where = conditionsOf(filter, scope, rows, tree)
  const found = rows.db
    .prepare(`SELECT status, count(*) AS n FROM ${rows.main} WHERE ${where.sql} GROUP BY status ORDER BY status`)
    .all(...where.values) as unknown as { status: string; n: number }[]
  return Object.fromEntries(found.map(({ status, n }) => [status, n]))
}
