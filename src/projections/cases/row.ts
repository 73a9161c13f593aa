/** The row of one complaint: what lists, filters and rights need. No readable personal text: subjects are opaque ids. */
import { clocks } from '../../domain/complaint/clocks.ts'
import type { ComplaintState } from '../../domain/complaint/state.ts'
import { type EffectiveTime, sortKey } from '../../domain/time.ts'
import type { TableDefinition } from '../projection.ts'
import type { StreamFold } from '../streams.ts'

/** Sorts cases whose receipt is unknown after all others. */
export const UNKNOWN_RECEIPT_MS = -8_640_000_000_000_000

/** Columns in the order of the values of {@link caseValues}. */
export const caseColumns = [
  'stream',
  'present',
  'number_organisation',
  'number_kind',
  'number_year',
  'number_sequence',
  'number_index',
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
export type Cell = string | number | null
export type CaseValues = readonly Cell[]

const INTEGERS = new Set<CaseColumn>([
  'present',
  'number_year',
  'number_sequence',
  'number_index',
  'anonymous',
  'received_ms',
  'through_fault',
  'imported',
  'revision',
  'last_index',
])

export const casesTable: TableDefinition = {
  columns: caseColumns
    .map(
      (column) => `${column} ${INTEGERS.has(column) ? 'INTEGER' : 'TEXT'}${column === 'stream' ? ' PRIMARY KEY' : ''}`,
    )
    .join(', '),
  key: ['stream'],
  // Only rows that lists show: the partial indexes count them without touching the wide rows.
  indexes: {
    received: '(received_ms DESC, stream) WHERE present = 1',
    status: '(status, received_ms DESC, stream) WHERE present = 1',
    organisation: '(organisation, received_ms DESC, stream) WHERE present = 1',
    office: '(respondent_office, received_ms DESC, stream) WHERE present = 1',
    number: '(number_year, number_sequence) WHERE present = 1',
    ledger: '(ledger_number) WHERE present = 1 AND ledger_number IS NOT NULL',
  },
}

/** Who works or registered a case: found from the person. */
export const casePeopleTable: TableDefinition = {
  columns: 'person TEXT NOT NULL, relation TEXT NOT NULL, stream TEXT NOT NULL, PRIMARY KEY (person, relation, stream)',
  key: ['person', 'relation', 'stream'],
  options: 'WITHOUT ROWID',
}

/** A case's place in a series, and the index of the event that allocated it. Its text depends on the directory. */
export interface SeriesNumber {
  readonly organisation: string
  readonly kind: string
  readonly year: number
  /** From 1. */
  readonly sequence: number
  readonly index: number
}

const time = (value: EffectiveTime | undefined): Cell => value ?? null
const flag = (value: boolean | undefined): Cell => (value === undefined ? null : value ? 1 : 0)
const list = (values: readonly string[]): string => (values.length === 0 ? '[]' : JSON.stringify(values))

/** The values of one row. A case of which nothing stands keeps its number in a row that no list shows. */
export function caseValues(stream: string, fold: StreamFold | undefined, number: SeriesNumber | undefined): Cell[] {
  const series = number
    ? [number.organisation, number.kind, number.year, number.sequence, number.index]
    : [null, null, null, null, null]
  if (!fold || fold.steps === 0) {
    const bare = new Array<Cell>(caseColumns.length).fill(null)
    bare[0] = stream
    bare[1] = 0
    return bare.toSpliced(2, series.length, ...series)
  }
  const state = fold.state as ComplaintState
  const { imported } = state
  return [
    stream,
    1,
    ...series,
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
