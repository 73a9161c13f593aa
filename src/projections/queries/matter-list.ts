/** The lists of supervision items, return visits, reports, duties, penalties and discipline: live, or as they were. */
import { DatabaseSync } from 'node:sqlite'
import { categoryOf, type Recorded } from '../../domain/event.ts'
import type { EffectiveTime } from '../../domain/time.ts'
import type { EventLog } from '../../store/port.ts'
import { eventLifter } from '../decoding.ts'
import { type MatterColumn, matterColumns, matterRows, mattersTable } from '../matters/projection.ts'
import type { DeciderOf } from '../projection.ts'
import { allocatedNumber, type Cell, peopleTable, relationOf, relations, type SeriesNumber } from '../stream-rows.ts'
import { foldAll } from '../streams.ts'
import { createTable } from '../tables.ts'
import {
  type CommonFilter,
  commonConditions,
  every,
  inList,
  type ListShape,
  type NumberText,
  pageOfRows,
  type RowTables,
  scopeConditions,
  seriesNumber,
  tied,
} from './conditions.ts'
import type { PageOf, PageRequest } from './cursor.ts'
import { holderOf, type OrganisationTree, type Scope } from './scope.ts'

export interface MatterFilter extends CommonFilter {
  readonly status?: readonly string[]
  readonly kind?: string
  readonly office?: string
  readonly importance?: string
  /** Stream of the case it is about. */
  readonly about?: string
  /** A person who works on it. */
  readonly person?: string
}

/** One row of a list; no readable personal text. */
export interface MatterItem {
  readonly id: string
  readonly stream: string
  /** As people write it; null for what has none. */
  readonly number: string | null
  readonly organisation: string
  readonly division: string
  readonly status: string
  readonly kind: string | null
  readonly office: string | null
  readonly worker: string | null
  readonly importance: string | null
  readonly about: string | null
  readonly from: string | null
  readonly until: string | null
  readonly openedAt: EffectiveTime | null
  readonly closedAt: EffectiveTime | null
  readonly revision: number
  readonly lastIndex: number
  readonly recordedAt: string
}

const shape: ListShape = { respondent_office: true, readers: true, charged: true, recused: true }

/**
 * A page of one category's list, newest first.
 * @throws CursorInvalid
 */
export function listMatterRows(
  rows: RowTables,
  category: string,
  filter: MatterFilter,
  page: PageRequest,
  scope: Scope | undefined,
  tree: OrganisationTree,
  numberText: NumberText,
): PageOf<MatterItem> {
  const all = [{ sql: 'category = ?', values: [category] as string[] }, ...commonConditions(filter, rows, shape, tree)]
  const equal = (column: MatterColumn, value: string | undefined) => {
    if (value !== undefined) all.push({ sql: `${column} = ?`, values: [value] })
  }
  if (filter.status)
    all.push({ sql: 'status IN (SELECT value FROM json_each(?))', values: [JSON.stringify(filter.status)] })
  equal('kind', filter.kind)
  equal('respondent_office', filter.office)
  equal('importance', filter.importance)
  equal('about', filter.about)
  if (filter.person !== undefined) all.push(tied(rows.people, relations.works, [filter.person]))
  const where = every([...all, ...scopeConditions(scope, rows, shape, tree)])
  const found = pageOfRows<Readonly<Record<MatterColumn, Cell>>>(rows, where, page)
  return {
    ...found,
    items: found.items.map((row): MatterItem => {
      const text = (column: MatterColumn) => row[column] as string | null
      const stream = row.stream as string
      return {
        id: stream.slice(stream.indexOf('-') + 1),
        stream,
        number: seriesNumber(row, numberText),
        organisation: row.organisation as string,
        division: holderOf(tree, row.organisation as string).division,
        status: row.status as string,
        kind: text('kind'),
        office: text('respondent_office'),
        worker: text('worker'),
        importance: text('importance'),
        about: text('about'),
        from: text('period_from'),
        until: text('period_until'),
        openedAt: text('opened_at'),
        closedAt: text('closed_at'),
        revision: row.revision as number,
        lastIndex: row.last_index as number,
        recordedAt: row.recorded_at as string,
      }
    }),
  }
}

/** Open supervision items about these cases, as far as the scope goes: case stream to item stream, the latest where there are several. */
export function supervisionsAbout(
  rows: RowTables,
  about: readonly string[],
  scope: Scope | undefined,
  tree: OrganisationTree,
): Map<string, string> {
  const where = every([
    { sql: "present = 1 AND category = 'supervision' AND status NOT IN ('closed', 'withdrawn')", values: [] },
    inList('about', about),
    ...scopeConditions(scope, rows, shape, tree),
  ])
  const found = rows.db
    .prepare(`SELECT about, stream FROM ${rows.main} WHERE ${where.sql} ORDER BY received_ms, stream`)
    .all(...where.values) as unknown as { about: string; stream: string }[]
  return new Map(found.map(({ about, stream }) => [about, stream]))
}

const PAGE = 1_000
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/**
 * One category's rows as they were: folded from the first `asOf` events as far as they had happened by `effectiveAt`.
 * @throws UnknownEvent
 */
export async function pastMatters(
  log: EventLog,
  deciders: DeciderOf,
  category: string,
  asOf: number,
  effectiveAt: EffectiveTime | undefined,
): Promise<RowTables> {
  const lift = eventLifter(log, deciders)
  const streams = new Map<string, Recorded[]>()
  const numbers = new Map<string, SeriesNumber>()
  for (let from = 0; from < asOf; from += PAGE) {
    for (const [place, envelope] of log.envelopes(from, PAGE, asOf).entries()) {
      if (envelope.type === 'NumberAllocated') {
        const allocated = allocatedNumber(lift(envelope, from + place))
        if (allocated && !numbers.has(allocated.stream)) numbers.set(allocated.stream, allocated.number)
      }
      if (categoryOf(envelope.stream) !== category) continue
      const event = lift(envelope, from + place)
      const events = streams.get(envelope.stream)
      if (events) events.push(event)
      else streams.set(envelope.stream, [event])
    }
    await turn()
  }
  const db = new DatabaseSync(':memory:')
  createTable(db, 'matters', { ...mattersTable, indexes: {} })
  createTable(db, 'people', peopleTable)
  const put = db.prepare(`INSERT INTO matters VALUES (${matterColumns.map(() => '?').join(', ')})`)
  const addPerson = db.prepare('INSERT OR IGNORE INTO people VALUES (?, ?, ?)')
  for (const [stream, events] of streams) {
    const fold = foldAll(deciders(category)!, events, effectiveAt)
    if (!fold || fold.steps === 0) continue
    put.run(...matterRows.values(stream, fold, numbers.get(stream)))
    for (const one of matterRows.people(fold, stream)) addPerson.run(one.slice(2), relationOf(one), stream)
  }
  return { db, main: 'matters', people: 'people' }
}
