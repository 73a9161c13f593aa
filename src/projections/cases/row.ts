/** The row of one complaint: what lists, filters and rights need. No readable personal text: subjects are opaque ids. */
import { clocks } from '../../domain/complaint/clocks.ts'
import type { ComplaintState } from '../../domain/complaint/state.ts'
import { type EffectiveTime, sortKey } from '../../domain/time.ts'
import type { TableDefinition } from '../projection.ts'
import {
  type Cell,
  columnsOfRows,
  leadingColumns,
  leadingValues,
  relations,
  type SeriesNumber,
  type StreamRows,
} from '../stream-rows.ts'
import type { StreamFold } from '../streams.ts'

/** Sorts cases whose receipt is unknown after all others. */
export const UNKNOWN_RECEIPT_MS = -8_640_000_000_000_000

/** Columns in the order of the values of a row. */
export const caseColumns = [
  ...leadingColumns,
  'organisation',
  'status',
  'respondent_office',
  'respondent_worker',
  'channel',
  'nature',
  'procedure',
  'kind',
  'anonymous',
  'received_ms',
  'received_at',
  'accepted_at',
  'decided_at',
  'replied_at',
  'closed_at',
  'archived_at',
  'outcome',
  'through_fault',
  'imported',
  'ledger',
  'ledger_number',
  'ledger_status',
  'subject',
  'complainant',
  'first_contact',
  'registered_by',
  'investigators',
  'recused',
  'readers',
  'committee',
  'merged_into',
  'review',
  'clocks',
  'revision',
  'last_index',
  'recorded_at',
] as const
export type CaseColumn = (typeof caseColumns)[number]

const INTEGERS = new Set<string>([
  'anonymous',
  'received_ms',
  'through_fault',
  'imported',
  'revision',
  'last_index',
] satisfies CaseColumn[])

export const casesTable: TableDefinition = {
  columns: columnsOfRows(caseColumns, INTEGERS),
  key: ['stream'],
  // Only rows that lists show. By organisation also what rights and the usual filters look at: totals are counted in the index
  // alone, ten times as fast as over the wide rows.
  indexes: {
    received: '(received_ms DESC, stream) WHERE present = 1',
    status: '(status, received_ms DESC, stream) WHERE present = 1',
    organisation:
      '(organisation, received_ms DESC, stream, status, channel, readers, recused, committee) WHERE present = 1',
    office: '(respondent_office, received_ms DESC, stream) WHERE present = 1',
    number: '(number_sequence, number_year) WHERE present = 1',
    ledger: '(ledger_number) WHERE present = 1 AND ledger_number IS NOT NULL',
  },
}

const time = (value: EffectiveTime | undefined): Cell => value ?? null
const flag = (value: boolean | undefined): Cell => (value === undefined ? null : value ? 1 : 0)
const list = (values: readonly string[]): string => (values.length === 0 ? '[]' : JSON.stringify(values))

/** Investigators and who registered it. */
function peopleOf(fold: StreamFold | undefined): readonly string[] {
  if (!fold || fold.steps === 0) return []
  const { investigators, registeredBy } = fold.state as ComplaintState
  const people = investigators.map((person) => `${relations.works} ${person}`)
  if (registeredBy !== undefined) people.push(`${relations.registered} ${registeredBy}`)
  return people
}

function valuesOf(stream: string, fold: StreamFold | undefined, number: SeriesNumber | undefined): readonly Cell[] {
  const leading = leadingValues(stream, fold !== undefined && fold.steps > 0, number, peopleOf(fold))
  if (!fold || fold.steps === 0) return [...leading, ...new Array<Cell>(caseColumns.length - leading.length).fill(null)]
  const state = fold.state as ComplaintState
  const { imported } = state
  return [
    ...leading,
    state.organisation || fold.organisation,
    state.status,
    state.respondentOffice ?? null,
    state.respondentWorker ?? null,
    state.channel ?? null,
    state.nature ?? null,
    state.procedure ?? null,
    state.kind ?? null,
    flag(state.anonymous),
    state.receivedAt === undefined ? UNKNOWN_RECEIPT_MS : sortKey(state.receivedAt),
    time(state.receivedAt),
    time(state.acceptedAt),
    time(state.decidedAt),
    time(state.repliedAt),
    time(state.closedAt),
    time(state.archivedAt),
    state.outcome ?? null,
    flag(state.throughFault),
    imported ? 1 : 0,
    imported?.source ?? null,
    imported?.ledgerNumber ?? null,
    imported?.status ?? null,
    state.subject ?? null,
    state.complainant ?? null,
    state.firstContact ?? null,
    state.registeredBy ?? null,
    list(state.investigators),
    list(state.recused),
    state.readers ? list(state.readers) : null,
    state.committee ?? null,
    state.mergedInto ?? null,
    state.review ?? null,
    JSON.stringify(clocks(state)),
    fold.revision,
    fold.lastIndex,
    fold.recordedAt,
  ]
}

/** The rows of complaints. */
export const caseRows: StreamRows = {
  categories: new Set(['complaint']),
  table: 'cases',
  columns: caseColumns,
  values: valuesOf,
  people: peopleOf,
}
