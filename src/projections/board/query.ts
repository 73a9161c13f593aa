/** Questions to the live board: counts that equal the list, and pages by time left. Lights are computed for the moment asked. */
import type { DatabaseSync } from 'node:sqlite'
import type { CalendarSource } from '../../domain/calendar/source.ts'
import { type ClockState, type Light, lightOf } from '../../domain/calendar/status.ts'
import type { Clock } from '../../domain/clock.ts'
import { dateOf, dayNumber, type EffectiveTime, instantOfMs } from '../../domain/time.ts'
import { overlaps } from '../queries/conditions.ts'
import { decodeCursor, encodeCursor } from '../queries/cursor.ts'
import type { Scope } from '../queries/scope.ts'
import { type BoardCounts, type BoardItem, boardCounts, isOpen } from './items.ts'

/** What a board is narrowed by; every condition given must hold. */
export interface BoardFilter {
  readonly organisations?: readonly string[]
  readonly person?: string
  readonly office?: string
  readonly category?: string
  readonly kind?: string
  readonly importance?: string
  readonly light?: Light
  readonly state?: ClockState
}

export interface BoardPage {
  readonly counts: BoardCounts
  /** Items that match, the light included; counts do not depend on the light. */
  readonly total: number
  readonly items: readonly BoardItem[]
  readonly next?: string
}

/** The scope of each category a reader may see; a category that is not here is not shown. */
export type BoardScopes = Readonly<Record<string, Scope | undefined>>

interface Condition {
  readonly sql: string
  readonly values: readonly (string | number)[]
}

const among = (column: string, values: readonly string[]): Condition => ({
  sql: `${column} IN (SELECT value FROM json_each(?))`,
  values: [JSON.stringify(values)],
})

/** One category's scope over board rows. What only the case's own row knows (who registered it, referral) is not on the board. */
function scopeCondition(category: string, scope: Scope | undefined): Condition {
  const own: Condition = { sql: 'category = ?', values: [category] }
  if (!scope) return own
  const clauses = scope.anyOf.flatMap((clause): Condition[] => {
    if (clause.registeredBy || clause.referred || clause.divisions) return []
    const all: Condition[] = []
    if (clause.organisations) all.push(among('owner', clause.organisations))
    if (clause.charged) all.push(overlaps('charged', clause.charged))
    if (clause.offices) all.push(among('office', clause.offices))
    if (clause.persons) all.push(among('person', clause.persons))
    if (!clause.despiteReaders)
      all.push({
        sql: '(readers IS NULL OR EXISTS (SELECT 1 FROM json_each(readers) WHERE value = ?))',
        values: [scope.person ?? ''],
      })
    return [{ sql: all.map(({ sql }) => sql).join(' AND ') || '1', values: all.flatMap(({ values }) => values) }]
  })
  if (clauses.length === 0) return { sql: '0', values: [] }
  return {
    sql: `(category = ? AND (${clauses.map(({ sql }) => `(${sql})`).join(' OR ')}))`,
    values: [category, ...clauses.flatMap(({ values }) => values)],
  }
}

function conditionOf(filter: BoardFilter, scopes: BoardScopes): Condition {
  const all: Condition[] = []
  const equal = (column: string, value: string | undefined) => {
    if (value !== undefined) all.push({ sql: `${column} = ?`, values: [value] })
  }
  if (filter.organisations) all.push(among('organisation', filter.organisations))
  equal('person', filter.person)
  equal('office', filter.office)
  equal('category', filter.category)
  equal('kind', filter.kind)
  equal('importance', filter.importance)
  const scoped = Object.entries(scopes).map(([category, scope]) => scopeCondition(category, scope))
  all.push({
    sql: scoped.length === 0 ? '0' : `(${scoped.map(({ sql }) => sql).join(' OR ')})`,
    values: scoped.flatMap(({ values }) => values),
  })
  return { sql: all.map(({ sql }) => sql).join(' AND '), values: all.flatMap(({ values }) => values) }
}

/** Which rows are in a state at a moment, as SQL over the moments kept in the row. */
const stateCondition: Readonly<Record<'open' | 'dueSoon' | 'overdue' | 'paused' | 'noDeadline', string>> = {
  overdue: 'running = 1 AND paused = 0 AND due_ms < :now',
  dueSoon: 'running = 1 AND paused = 0 AND due_ms >= :now AND yellow_ms <= :now',
  open: 'running = 1 AND paused = 0 AND due_ms >= :now AND yellow_ms > :now',
  paused: 'running = 1 AND paused = 1',
  noDeadline: 'running = 1 AND paused = 0 AND due_ms IS NULL',
}
const statesOfLight: Readonly<Record<Light, readonly ClockState[]>> = {
  red: ['overdue'],
  yellow: ['dueSoon'],
  green: ['open', 'noDeadline'],
  grey: ['paused', 'closedOnTime', 'closedLate', 'closedNoDeadline'],
}

interface Row {
  readonly id: number
  readonly stream: string
  readonly clock: string
  readonly category: string
  readonly kind: string
  readonly organisation: string
  readonly owner: string
  readonly person: string | null
  readonly office: string | null
  readonly importance: string | null
  readonly json: string
  readonly running: number
  readonly judged: string | null
  readonly paused: number
  readonly due: string | null
  readonly due_ms: number | null
  readonly yellow_ms: number | null
  readonly provisional: number
}

function stateOfRow(row: Row, now: number): ClockState {
  if (row.running === 0) return (row.judged ?? 'closedNoDeadline') as ClockState
  if (row.paused === 1) return 'paused'
  if (row.due_ms === null) return 'noDeadline'
  if (row.due_ms < now) return 'overdue'
  return (row.yellow_ms ?? Number.POSITIVE_INFINITY) <= now ? 'dueSoon' : 'open'
}

export interface BoardQuestion {
  readonly filter: BoardFilter
  readonly scopes: BoardScopes
  readonly now: number
  readonly limit: number
  readonly cursor?: string
  /** Closed clocks are shown only when a closed state or the grey light is asked for. */
  readonly calendars: (organisation: string) => ReturnType<CalendarSource['at']>
}

/** Counts of closed rows already known, by condition; dropped when rows change. */
export type ClosedCounts = Map<string, Readonly<Record<string, number>>>

/**
 * The live board.
 * @throws CursorInvalid
 */
export function liveBoard(db: DatabaseSync, question: BoardQuestion, closed: ClosedCounts): BoardPage {
  const { filter, now, limit } = question
  const where = conditionOf(filter, question.scopes)
  const named = (sql: string) => sql.replaceAll(':now', String(Math.floor(now)))
  const key = JSON.stringify(where)
  let ended = closed.get(key)
  if (!ended) {
    const rows = db
      .prepare(`SELECT judged, count(*) AS n FROM items WHERE running = 0 AND ${where.sql} GROUP BY judged`)
      .all(...where.values) as unknown as { judged: string; n: number }[]
    ended = Object.fromEntries(rows.map(({ judged, n }) => [judged, n]))
    if (closed.size > 200) closed.clear()
    closed.set(key, ended)
  }
  const live = db
    .prepare(
      named(`SELECT coalesce(sum(paused = 1), 0) AS paused, coalesce(sum(paused = 0 AND due_ms IS NULL), 0) AS noDeadline,
        coalesce(sum(paused = 0 AND due_ms < :now), 0) AS overdue,
        coalesce(sum(paused = 0 AND due_ms >= :now AND yellow_ms <= :now), 0) AS dueSoon,
        coalesce(sum(paused = 0 AND due_ms >= :now AND yellow_ms > :now), 0) AS open
        FROM items WHERE running = 1 AND ${where.sql}`),
    )
    .get(...where.values) as Record<'paused' | 'noDeadline' | 'overdue' | 'dueSoon' | 'open', number>
  const by: Record<ClockState, number> = {
    ...live,
    closedOnTime: ended.closedOnTime ?? 0,
    closedLate: ended.closedLate ?? 0,
    closedNoDeadline: ended.closedNoDeadline ?? 0,
    cancelled: 0,
  }

  const states: readonly ClockState[] = filter.state
    ? [filter.state]
    : filter.light
      ? statesOfLight[filter.light]
      : ['open', 'dueSoon', 'overdue', 'paused', 'noDeadline']
  const total = states.reduce((sum, state) => sum + by[state], 0)
  const wanted = states
    .map((state) =>
      state in stateCondition
        ? `(${named(stateCondition[state as keyof typeof stateCondition])})`
        : `(running = 0 AND judged = '${state}')`,
    )
    .join(' OR ')
  // Paused and undated rows come last; among equals the order of ids keeps pages apart.
  const order = 'CASE WHEN paused = 1 OR due_ms IS NULL THEN 1 ELSE 0 END, due_ms, id'
  const plain = states.every((state) => state === 'overdue' || state === 'dueSoon' || state === 'open')
  const place =
    question.cursor === undefined ? undefined : decodeCursor(question.cursor, ['number', 'number', 'number'])
  const after = place
    ? ` AND (CASE WHEN paused = 1 OR due_ms IS NULL THEN 1 ELSE 0 END, coalesce(due_ms, 0), id) > (${place.map(Number).join(', ')})`
    : ''
  const rows = db
    .prepare(
      `SELECT * FROM items WHERE (${wanted}) AND ${where.sql}${after} ORDER BY ${plain ? 'due_ms, id' : order.replace('due_ms, id', 'coalesce(due_ms, 0), id')} LIMIT ?`,
    )
    .all(...where.values, limit + 1) as unknown as Row[]
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    counts: boardCounts(by),
    total,
    items: shown.map((row) => itemOfRow(row, now, question.calendars)),
    ...(last && rows.length > limit
      ? { next: encodeCursor([last.paused === 1 || last.due_ms === null ? 1 : 0, last.due_ms ?? 0, last.id]) }
      : {}),
  }
}

function itemOfRow(row: Row, now: number, calendars: BoardQuestion['calendars']): BoardItem {
  const clock = JSON.parse(row.json) as Clock
  const state = stateOfRow(row, now)
  const today = dayNumber(dateOf(instantOfMs(now)))
  const dueDay = row.due === null ? undefined : dayNumber(dateOf(row.due as EffectiveTime))
  const view = dueDay === undefined || !isOpen(state) ? undefined : calendars(row.organisation)
  const left =
    view === undefined || dueDay === undefined
      ? undefined
      : dueDay >= today
        ? view.workdaysBetween(today, dueDay)
        : -view.workdaysBetween(dueDay, today)
  return {
    stream: row.stream,
    clock: row.clock,
    category: row.category,
    kind: row.kind,
    organisation: row.organisation,
    owner: row.owner,
    ...(row.person === null ? {} : { person: row.person }),
    ...(row.office === null ? {} : { office: row.office }),
    ...(row.importance === null ? {} : { importance: row.importance }),
    ...(row.clock === '' ? {} : { startedAt: clock.startedAt }),
    ...(row.due === null ? {} : { due: row.due }),
    ...(row.running === 1 || row.clock === '' || clock.stoppedAt === undefined ? {} : { stoppedAt: clock.stoppedAt }),
    provisional: row.provisional === 1,
    state,
    light: lightOf[state],
    ...(left === undefined ? {} : { workdaysLeft: left }),
    rule: clock.rule,
    ...(clock.limit === undefined ? {} : { limit: clock.limit }),
  }
}

/** A clock of a case, as the board names it. */
export interface ItemRef {
  readonly stream: string
  readonly clock: string
}

/** The rows named, as far as the scopes go: undefined where there is none, in the order asked for. */
export function findItems(
  db: DatabaseSync,
  refs: readonly ItemRef[],
  scopes: BoardScopes,
  now: number,
  calendars: BoardQuestion['calendars'],
): (BoardItem | undefined)[] {
  const where = conditionOf({}, scopes)
  const find = db.prepare(`SELECT * FROM items WHERE stream = ? AND clock = ? AND ${where.sql}`)
  return refs.map(({ stream, clock }) => {
    const row = find.get(stream, clock, ...where.values) as unknown as Row | undefined
    return row && itemOfRow(row, now, calendars)
  })
}

/** A deadline that a calendar moved. */
export interface Move {
  readonly stream: string
  readonly clock: string
  readonly kind: string
  readonly organisation: string
  /** Null where it had none, as while its clock stood. */
  readonly from: EffectiveTime | null
  readonly to: EffectiveTime | null
  /** The notice that moved it. */
  readonly because: string
}

/**
 * Deadlines that calendars moved, the latest first, of cases within the scopes.
 * @throws CursorInvalid
 */
export function movedDeadlines(
  db: DatabaseSync,
  scopes: BoardScopes,
  page: { readonly limit: number; readonly cursor?: string },
  notice?: string,
): { total: number; items: Move[]; next?: string } {
  const seen = conditionOf({}, scopes)
  const where = `${seen.sql}${notice === undefined ? '' : ' AND instr(because, ?) > 0'}`
  const values = notice === undefined ? seen.values : [...seen.values, notice]
  const from = `(SELECT moved.id AS move, because, old_due, new_due, items.* FROM moved JOIN items ON items.stream = moved.stream AND items.clock = moved.clock)`
  const { n } = db.prepare(`SELECT count(*) AS n FROM ${from} WHERE ${where}`).get(...values) as { n: number }
  const place = page.cursor === undefined ? undefined : Number(decodeCursor(page.cursor, ['number'])[0])
  const rows = db
    .prepare(
      `SELECT move, stream, clock, kind, organisation, old_due AS "from", new_due AS "to", because
       FROM ${from} WHERE ${where}${place === undefined ? '' : ` AND move < ${place}`} ORDER BY move DESC LIMIT ?`,
    )
    .all(...values, page.limit + 1) as unknown as (Move & { move: number })[]
  const shown = rows.slice(0, page.limit)
  return {
    total: n,
    items: shown.map(({ move: _move, ...each }) => each),
    ...(rows.length > page.limit ? { next: encodeCursor([shown.at(-1)!.move]) } : {}),
  }
}

/** A running clock that is past its due moment. */
export interface OverdueClock {
  readonly stream: string
  /** Who owes it. */
  readonly organisation: string
  /** Whose case it is. */
  readonly owner: string
  readonly due: EffectiveTime
  readonly clock: Clock
}

/** Every running clock past its due moment, longest overdue first. */
export function overdueClocks(db: DatabaseSync, now: number): OverdueClock[] {
  const rows = db
    .prepare(
      'SELECT stream, organisation, owner, due, json FROM items WHERE running = 1 AND paused = 0 AND due_ms < ? ORDER BY due_ms, id',
    )
    .all(Math.floor(now)) as unknown as {
    stream: string
    organisation: string
    owner: string
    due: string
    json: string
  }[]
  return rows.map(({ stream, organisation, owner, due, json }) => ({
    stream,
    organisation,
    owner,
    due,
    clock: JSON.parse(json) as Clock,
  }))
}
