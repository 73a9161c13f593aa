/** Questions to the live board: counts that equal the list, and pages by time left. Lights are computed for the moment asked. */
import type { CalendarSource } from '../../domain/calendar/source.ts'
import { type ClockState, type Light, lightOf } from '../../domain/calendar/status.ts'
import type { Clock } from '../../domain/clock.ts'
import { dateOf, dayNumber, type EffectiveTime, instantOfMs } from '../../domain/time.ts'
import { decodeCursor, encodeCursor } from '../queries/cursor.ts'
import { type BoardScopes, type Group, type GroupTraits, type TraitFilter, VERDICTS, type Verdict } from './groups.ts'
import { type BoardCounts, type BoardItem, boardCounts, isOpen } from './items.ts'
import type { BoardView, Row } from './rows.ts'
import { PAUSED, type Place, stateOf, UNDATED } from './running.ts'

export type { BoardScopes } from './groups.ts'

/** What a board is narrowed by; every condition given must hold. */
export interface BoardFilter extends TraitFilter {
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

/** The counts of a reader's whole board. */
export interface BoardWatch {
  readonly counts: BoardCounts
  /** Differs from an earlier one where rows that the reader may see have changed since; good for one process. */
  readonly change: number
}

const OPEN_STATES = ['open', 'dueSoon', 'overdue', 'paused', 'noDeadline'] as const satisfies readonly ClockState[]
const statesOfLight: Readonly<Record<Light, readonly ClockState[]>> = {
  red: ['overdue'],
  yellow: ['dueSoon'],
  green: ['open', 'noDeadline'],
  grey: ['paused', ...VERDICTS],
}

function stateOfRow({ running, judged, paused, due_ms, yellow_ms }: Row, now: number): ClockState {
  if (running === 0) return judged as Verdict
  return stateOf(due_ms ?? UNDATED, paused === 1 ? PAUSED : (yellow_ms ?? UNDATED), now)
}

export interface BoardQuestion {
  readonly filter: BoardFilter
  readonly scopes: BoardScopes
  /** Milliseconds. */
  readonly now: number
  readonly limit: number
  readonly cursor?: string
  readonly calendars: (organisation: string) => ReturnType<CalendarSource['at']>
}

/** Where a row stands in a list: by due moment, among equals by number. What has none, or is paused, comes last. */
type Standing = Pick<Place, 'due' | 'id'>

const cursorOf = ({ due, id }: Standing): string => encodeCursor(due === UNDATED ? [1, 0, id] : [0, due, id])

/** @throws CursorInvalid */
function standingOf(cursor: string): Standing {
  const [undated, due, id] = decodeCursor(cursor, ['number', 'number', 'number']).map(Number) as [
    number,
    number,
    number,
  ]
  return { due: undated === 1 ? UNDATED : due, id }
}

/** How many rows of the groups shown are in each state. */
function countStates({ groups, running }: BoardView, shown: Uint8Array, now: number): Record<ClockState, number> {
  const by = { ...running.count(shown, now), closedOnTime: 0, closedLate: 0, closedNoDeadline: 0, cancelled: 0 }
  for (const { ended } of groups.among(shown)) for (const verdict of VERDICTS) by[verdict] += ended[verdict]
  return by
}

/** What a reader is told of that changes by itself. */
export function watchBoard(view: BoardView, scopes: BoardScopes, now: number): BoardWatch {
  const shown = view.groups.shown({}, scopes)
  let change = 0
  for (const { changed } of view.groups.among(shown)) change = Math.max(change, changed)
  return { change, counts: boardCounts(countStates(view, shown, now)) }
}

/**
 * The live board. Closed clocks are shown only when a closed state or the grey light is asked for.
 * @throws CursorInvalid
 */
export function liveBoard(view: BoardView, question: BoardQuestion): BoardPage {
  const { filter, now, limit, cursor, calendars } = question
  const shown = view.groups.shown(filter, question.scopes)
  const by = countStates(view, shown, now)
  const states: readonly ClockState[] = filter.state
    ? [filter.state]
    : filter.light
      ? statesOfLight[filter.light]
      : OPEN_STATES
  const total = states.reduce((sum, state) => sum + by[state], 0)
  const after = cursor === undefined ? undefined : standingOf(cursor)
  const wanted = limit + 1
  const running = view.running.take({ shown, states: new Set(states), now, limit: wanted, after })
  const ended = VERDICTS.filter((verdict) => states.includes(verdict) && by[verdict] > 0)
  const found: Standing[] = ended.length === 0 ? running : firstEnded(view, shown, ended, running, wanted, after)
  const page = found.slice(0, limit)
  const read = view.db.prepare('SELECT * FROM items WHERE id IN (SELECT value FROM json_each(?))')
  const rows = read.all(JSON.stringify(page.map(({ id }) => id))) as unknown as Row[]
  const row = new Map(rows.map((each) => [each.id, each]))
  return {
    counts: boardCounts(by),
    total,
    items: page.map(({ id }) => itemOf(row.get(id)!, view.groups.get(row.get(id)!.grp), now, calendars)),
    ...(found.length > limit ? { next: cursorOf(page.at(-1)!) } : {}),
  }
}

/** The first rows by time left of those given and of the ended ones; each group is asked for no more than can still be among them. */
function firstEnded(
  { db, groups }: BoardView,
  shown: Uint8Array,
  verdicts: readonly Verdict[],
  running: readonly Standing[],
  limit: number,
  after: Standing | undefined,
): Standing[] {
  const dated = db.prepare(
    `SELECT due_ms AS due, id FROM items WHERE running = 0 AND grp = ? AND judged = ? AND (due_ms, id) > (?, ?) AND due_ms <= ?
     ORDER BY due_ms, id LIMIT ?`,
  )
  const undated = db.prepare(
    'SELECT id FROM items WHERE running = 0 AND grp = ? AND judged = ? AND due_ms IS NULL AND id > ? ORDER BY id LIMIT ?',
  )
  let first = [...running]
  for (const group of groups.among(shown))
    for (const verdict of verdicts) {
      if (group.ended[verdict] === 0) continue
      const last = first.length < limit ? UNDATED : first.at(-1)!.due
      let more: Standing[]
      if (verdict !== 'closedNoDeadline') {
        if (after?.due === UNDATED) continue
        const { due, id } = after ?? { due: Number.MIN_SAFE_INTEGER, id: 0 }
        const until = Math.min(last, Number.MAX_SAFE_INTEGER)
        more = dated.all(group.id, verdict, due, id, until, limit) as unknown as Standing[]
      } else {
        if (last !== UNDATED) continue
        const behind = after?.due === UNDATED ? after.id : 0
        more = (undated.all(group.id, verdict, behind, limit) as { id: number }[]).map(({ id }) => ({
          due: UNDATED,
          id,
        }))
      }
      if (more.length > 0) first = [...first, ...more].sort(byStanding).slice(0, limit)
    }
  return first
}

const byStanding = (a: Standing, b: Standing): number => (a.due === b.due ? a.id - b.id : a.due < b.due ? -1 : 1)

function itemOf(row: Row, group: Group, now: number, calendars: BoardQuestion['calendars']): BoardItem {
  const clock = JSON.parse(row.json) as Clock
  const state = stateOfRow(row, now)
  const today = dayNumber(dateOf(instantOfMs(now)))
  const dueDay = row.due === null ? undefined : dayNumber(dateOf(row.due))
  const view = dueDay === undefined || !isOpen(state) ? undefined : calendars(group.organisation)
  const left =
    view === undefined || dueDay === undefined
      ? undefined
      : dueDay >= today
        ? view.workdaysBetween(today, dueDay)
        : -view.workdaysBetween(dueDay, today)
  return {
    stream: row.stream,
    clock: row.clock,
    ...shownTraits(group),
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

/** What of a group is told; who may read it is not. */
const shownTraits = ({ category, kind, organisation, owner, person, office, importance }: GroupTraits) => ({
  category,
  kind,
  organisation,
  owner,
  ...(person === undefined ? {} : { person }),
  ...(office === undefined ? {} : { office }),
  ...(importance === undefined ? {} : { importance }),
})

/** A clock of a case, as the board names it. */
export interface ItemRef {
  readonly stream: string
  readonly clock: string
}

/** The rows named, as far as the scopes go: undefined where there is none, in the order asked for. */
export function findItems(
  { db, groups }: BoardView,
  refs: readonly ItemRef[],
  scopes: BoardScopes,
  now: number,
  calendars: BoardQuestion['calendars'],
): (BoardItem | undefined)[] {
  const shown = groups.shown({}, scopes)
  const find = db.prepare('SELECT * FROM items WHERE stream = ? AND clock = ?')
  return refs.map(({ stream, clock }) => {
    const row = find.get(stream, clock) as unknown as Row | undefined
    return row && shown[row.grp] === 1 ? itemOf(row, groups.get(row.grp), now, calendars) : undefined
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
  { db, groups }: BoardView,
  scopes: BoardScopes,
  page: { readonly limit: number; readonly cursor?: string },
  notice?: string,
): { total: number; items: Move[]; next?: string } {
  const shown = groups.shown({}, scopes)
  const from = 'FROM moved JOIN items ON items.id = moved.item'
  const where = notice === undefined ? '1' : 'instr(because, ?) > 0'
  const values = notice === undefined ? [] : [notice]
  const counted = db.prepare(`SELECT grp, count(*) AS n ${from} WHERE ${where} GROUP BY grp`).all(...values)
  const total = (counted as { grp: number; n: number }[]).reduce(
    (sum, { grp, n }) => sum + (shown[grp] === 1 ? n : 0),
    0,
  )
  const place = page.cursor === undefined ? undefined : Number(decodeCursor(page.cursor, ['number'])[0])
  const moves = db
    .prepare(
      `SELECT moved.id AS move, grp, stream, clock, old_due AS "from", new_due AS "to", because
       ${from} WHERE ${where}${place === undefined ? '' : ` AND moved.id < ${place}`} ORDER BY moved.id DESC`,
    )
    .iterate(...values) as Iterable<unknown> as Iterable<
    Pick<Move, 'stream' | 'clock' | 'from' | 'to' | 'because'> & { move: number; grp: number }
  >
  const items: Move[] = []
  let last = 0
  for (const { move, grp, stream, clock, from, to, because } of moves) {
    if (shown[grp] !== 1) continue
    if (items.length === page.limit) return { total, items, next: encodeCursor([last]) }
    const { kind, organisation } = groups.get(grp)
    items.push({ stream, clock, kind, organisation, from, to, because })
    last = move
  }
  return { total, items }
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

const OVERDUE = new Set(['overdue'])

/** Running clocks past their due moment, longest overdue first, at most so many behind a place. */
export function overdueClocks(
  { db, groups, running }: BoardView,
  now: number,
  limit: number,
  after?: Standing,
): { clocks: OverdueClock[]; last?: Standing } {
  const places = running.take({ states: OVERDUE, now, limit, after })
  const read = db.prepare('SELECT * FROM items WHERE id = ?')
  const clocks = places.map(({ id }): OverdueClock => {
    const { stream, grp, due, json } = read.get(id) as unknown as Row
    const { organisation, owner } = groups.get(grp)
    return { stream, organisation, owner, due: due!, clock: JSON.parse(json) as Clock }
  })
  const last = places.at(-1)
  return { clocks, ...(last && places.length === limit ? { last } : {}) }
}
