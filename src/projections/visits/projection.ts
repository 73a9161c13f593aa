/** The list of visits and consultations that are no complaint (S1-2.1): one row a visit. */
import type { EffectiveTime } from '../../domain/time.ts'
import { sortKey } from '../../domain/time.ts'
import type { VisitState } from '../../domain/visit.ts'
import type { Projection, TableDefinition } from '../projection.ts'
import {
  type Cell,
  columnsOfRows,
  leadingColumns,
  leadingValues,
  peopleTable,
  relations,
  type StreamRows,
  StreamRowsBuild,
} from '../stream-rows.ts'
import type { StreamFold } from '../streams.ts'

/** Columns in the order of the values of a row. */
export const visitColumns = [
  ...leadingColumns,
  'organisation',
  'status',
  'channel',
  'item',
  'received_ms',
  'registered_at',
  'closed_at',
  'answered',
  'consultation',
  'suggestion',
  'complaint',
  'subject',
  'visitor',
  'first_contact',
  'registered_by',
  'handler',
  'clocks',
  'revision',
  'last_index',
  'recorded_at',
] as const
export type VisitColumn = (typeof visitColumns)[number]

export const visitsTable: TableDefinition = {
  columns: columnsOfRows(
    visitColumns,
    new Set<string>(['received_ms', 'answered', 'revision', 'last_index'] satisfies VisitColumn[]),
  ),
  key: ['stream'],
  indexes: {
    received: '(received_ms DESC, stream) WHERE present = 1',
    organisation: '(organisation, received_ms DESC, stream) WHERE present = 1',
    number: '(number_sequence, number_year) WHERE present = 1',
  },
}

/** Who handles the question or sits on the panel, who was first asked, who registered it. */
function peopleOf(fold: StreamFold | undefined): readonly string[] {
  if (!fold || fold.steps === 0) return []
  const { handler, panel, firstContact, registeredBy } = fold.state as VisitState
  const working = new Set([...(handler === undefined ? [] : [handler]), ...panel])
  if (firstContact !== undefined) working.add(firstContact)
  const people = [...working].map((person) => `${relations.works} ${person}`)
  if (registeredBy !== undefined) people.push(`${relations.registered} ${registeredBy}`)
  return people
}

const time = (value: EffectiveTime | undefined): Cell => value ?? null

export const visitRows: StreamRows = {
  categories: new Set(['visit']),
  table: 'visits',
  columns: visitColumns,
  people: peopleOf,
  values(stream, fold, number) {
    const leading = leadingValues(stream, fold !== undefined && fold.steps > 0, number, peopleOf(fold))
    if (!fold || fold.steps === 0)
      return [...leading, ...new Array<Cell>(visitColumns.length - leading.length).fill(null)]
    const state = fold.state as VisitState
    return [
      ...leading,
      state.organisation || fold.organisation,
      state.status,
      state.channel ?? null,
      state.item ?? null,
      state.registeredAt === undefined ? 0 : sortKey(state.registeredAt),
      time(state.registeredAt),
      time(state.closedAt),
      state.answered ? 1 : 0,
      state.consultation,
      state.suggestion,
      state.complaint ?? null,
      state.subject ?? null,
      state.visitor ?? null,
      state.firstContact ?? null,
      state.registeredBy ?? null,
      state.handler ?? null,
      JSON.stringify(state.clocks),
      fold.revision,
      fold.lastIndex,
      fold.recordedAt,
    ]
  },
}

export const visitsProjection: Projection = {
  name: 'visits',
  version: 1,
  tables: { visits: visitsTable, people: peopleTable },
  handles: (category) => category === 'visit' || category === 'numbers',
  open: (context) => new StreamRowsBuild(context, visitRows),
}
