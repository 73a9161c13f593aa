/** One list for every category besides complaints and visits: one row a stream. */
import { categoryOf } from '../../domain/event.ts'
import { boundMs } from '../../domain/time.ts'
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
import { matterCategories, matterFacts } from './facts.ts'

/** Columns in the order of the values of a row. */
export const matterColumns = [
  ...leadingColumns,
  'category',
  'organisation',
  'status',
  'kind',
  'respondent_office',
  'worker',
  'importance',
  'about',
  'period_from',
  'period_until',
  'received_ms',
  'opened_at',
  'closed_at',
  'outer_key',
  'registered_by',
  'readers',
  'charged',
  'recused',
  'revision',
  'last_index',
  'recorded_at',
] as const
export type MatterColumn = (typeof matterColumns)[number]

export const mattersTable: TableDefinition = {
  columns: columnsOfRows(
    matterColumns,
    new Set<string>(['received_ms', 'revision', 'last_index'] satisfies MatterColumn[]),
  ),
  key: ['stream'],
  indexes: {
    received: '(category, received_ms DESC, stream) WHERE present = 1',
    organisation: '(category, organisation, received_ms DESC, stream) WHERE present = 1',
    about: '(about) WHERE about IS NOT NULL',
    outer_key: '(outer_key) WHERE outer_key IS NOT NULL',
    number: '(number_sequence, number_year) WHERE present = 1',
  },
}

const factsOf = (category: string, fold: StreamFold | undefined) =>
  fold === undefined || fold.steps === 0 ? undefined : matterFacts[category]!(fold.state as never)

function peopleOf(stream: string, fold: StreamFold | undefined): readonly string[] {
  const facts = factsOf(categoryOf(stream), fold)
  if (!facts) return []
  const people = (facts.works ?? []).map((person) => `${relations.works} ${person}`)
  return facts.registeredBy === undefined ? people : [...people, `${relations.registered} ${facts.registeredBy}`]
}

const json = (list: readonly string[] | undefined): Cell => (list === undefined ? null : JSON.stringify(list))

export const matterRows: StreamRows = {
  categories: matterCategories,
  table: 'matters',
  columns: matterColumns,
  people: (fold, stream) => peopleOf(stream, fold),
  values(stream, fold, number) {
    const category = categoryOf(stream)
    const facts = factsOf(category, fold)
    const leading = leadingValues(stream, facts !== undefined, number, peopleOf(stream, fold))
    if (!fold || !facts)
      return [...leading, category, ...new Array<Cell>(matterColumns.length - leading.length - 1).fill(null)]
    return [
      ...leading,
      category,
      fold.organisation,
      facts.status,
      facts.kind ?? null,
      facts.office ?? null,
      facts.worker ?? null,
      facts.importance ?? null,
      facts.about ?? null,
      facts.from ?? null,
      facts.until ?? null,
      facts.openedAt === undefined ? 0 : boundMs(facts.openedAt),
      facts.openedAt ?? null,
      facts.closedAt ?? null,
      facts.key ?? null,
      facts.registeredBy ?? null,
      json(facts.readers),
      json(facts.charged),
      JSON.stringify(facts.recused ?? []),
      fold.revision,
      fold.lastIndex,
      fold.recordedAt,
    ]
  },
}

export const mattersProjection: Projection = {
  name: 'matters',
  version: 1,
  tables: { matters: mattersTable, people: peopleTable },
  handles: (category) => matterCategories.has(category) || category === 'numbers',
  open: (context) => new StreamRowsBuild(context, matterRows),
}
