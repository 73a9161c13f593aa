/** The list of visits: filters, scope, paging. */
import type { Clock } from '../../domain/clock.ts'
import type { EffectiveTime } from '../../domain/time.ts'
import { type Cell, relations } from '../stream-rows.ts'
import type { VisitColumn } from '../visits/projection.ts'
import {
  type CommonFilter,
  commonConditions,
  every,
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

export interface VisitFilter extends CommonFilter {
  readonly status?: string
  readonly channel?: string
  readonly item?: string
  /** A person who was first asked, handles the question or sits on the panel. */
  readonly person?: string
}

/** One row of the list; no readable personal text. */
export interface VisitItem {
  readonly id: string
  readonly stream: string
  readonly number: string | null
  readonly organisation: string
  readonly division: string
  readonly status: string
  readonly channel: string | null
  readonly item: string | null
  readonly registeredAt: EffectiveTime | null
  readonly closedAt: EffectiveTime | null
  readonly answered: boolean
  readonly consultation: string
  readonly suggestion: string
  /** The complaint it became. */
  readonly complaint: string | null
  readonly subject: string | null
  readonly visitor: string | null
  readonly firstContact: string | null
  readonly registeredBy: string | null
  readonly handler: string | null
  readonly clocks: readonly Clock[]
  readonly revision: number
  readonly lastIndex: number
  readonly recordedAt: string
}

const shape: ListShape = {}

/**
 * A page of the list, newest first.
 * @throws CursorInvalid
 */
export function listVisitRows(
  rows: RowTables,
  filter: VisitFilter,
  page: PageRequest,
  scope: Scope | undefined,
  tree: OrganisationTree,
  numberText: NumberText,
  totals?: Totals,
): PageOf<VisitItem> {
  const all = commonConditions(filter, rows, shape, tree)
  for (const column of ['status', 'channel', 'item'] as const) {
    const value = filter[column]
    if (value !== undefined) all.push({ sql: `${column} = ?`, values: [value] })
  }
  if (filter.person !== undefined) all.push(tied(rows.people, relations.works, [filter.person]))
  const where = every([...all, ...scopeConditions(scope, rows, shape, tree)])
  const found = pageOfRows<Readonly<Record<VisitColumn, Cell>>>(rows, where, page, totals)
  return {
    ...found,
    items: found.items.map((row): VisitItem => {
      const text = (column: VisitColumn) => row[column] as string | null
      const stream = row.stream as string
      return {
        id: stream.slice(stream.indexOf('-') + 1),
        stream,
        number: seriesNumber(row, numberText),
        organisation: row.organisation as string,
        division: holderOf(tree, row.organisation as string).division,
        status: row.status as string,
        channel: text('channel'),
        item: text('item'),
        registeredAt: text('registered_at'),
        closedAt: text('closed_at'),
        answered: row.answered === 1,
        consultation: row.consultation as string,
        suggestion: row.suggestion as string,
        complaint: text('complaint'),
        subject: text('subject'),
        visitor: text('visitor'),
        firstContact: text('first_contact'),
        registeredBy: text('registered_by'),
        handler: text('handler'),
        clocks: JSON.parse(row.clocks as string) as Clock[],
        revision: row.revision as number,
        lastIndex: row.last_index as number,
        recordedAt: row.recorded_at as string,
      }
    }),
  }
}
