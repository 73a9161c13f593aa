/** The supervision board (督办看板): everything that has a clock, by time left, for whoever may see it, live or at any moment. */
import { decideAccess, type Principal } from '../domain/access.ts'
import { boardFacts } from '../domain/board-subjects.ts'
import { deciderOf } from '../domain/categories.ts'
import { type Refusal, refusal } from '../domain/decider.ts'
import { lightsFor } from '../domain/policy.ts'
import { dateOf, type EffectiveTime, instantOfMs } from '../domain/time.ts'
import {
  type BoardCounts,
  type BoardItem,
  type BoardRules,
  countsOf,
  dueMsOf,
  isOpen,
  onTimeRate,
} from '../projections/board/items.ts'
import { BoardKeeper } from '../projections/board/keeper.ts'
import { boardAt, type PastItem } from '../projections/board/past.ts'
import {
  type BoardFilter,
  type BoardScopes,
  type ClosedCounts,
  liveBoard,
  type OverdueClock,
  overdueClocks,
} from '../projections/board/query.ts'
import type { Directory } from '../projections/directory.ts'
import { decodeCursor, encodeCursor } from '../projections/queries/cursor.ts'
import { resolveAsOf, resolveEffectiveAt, type Scope, scopeFor } from '../projections/queries/index.ts'
import type { RuleBook, Rules } from '../projections/rulebook.ts'
import type { EventLog } from '../store/port.ts'
import type { CommandPorts } from './execute.ts'
import type { AskedBounds } from './reading.ts'

export interface BoardPorts {
  /** File of the live board. */
  readonly path: string
  readonly log: EventLog
  readonly people: Directory
  readonly book: RuleBook
  readonly holderOf: CommandPorts['holderOf']
  readonly now: () => number
  readonly onError?: (error: unknown) => void
}

/** A board as answered. */
export interface Board {
  readonly asOf: number
  readonly effectiveAt: EffectiveTime
  readonly counts: BoardCounts
  /** Closed on time ÷ (closed with a deadline + overdue); null where nothing has been due. */
  readonly onTimeRate: number | null
  /** Items that match the light too; counts do not depend on it. */
  readonly total: number
  readonly items: readonly (Omit<BoardItem, 'stream'> & { readonly case: string })[]
  readonly next?: string
}

type Answer = { readonly ok: true; readonly value: Board } | { readonly ok: false; readonly refusal: Refusal }

/** Past boards kept for paging, newest use last; each is an array of items. */
const KEPT_BOARDS = 3

const shown = ({ stream, ...item }: PastItem) => {
  const { readers: _readers, charged: _charged, ...rest } = item
  return { case: stream.slice(stream.indexOf('-') + 1), ...rest }
}

export function createBoard(ports: BoardPorts) {
  const { log, people, book, holderOf } = ports
  const rulesOf = (rules: Rules): BoardRules => ({
    calendars: rules.calendars,
    lights: (organisation, at) => lightsFor(rules.policies, [organisation, ...people.above(organisation)], dateOf(at)),
    divisionOf: (unit) => holderOf(unit).division || people.office(unit)?.division,
  })
  let known: { rules: Rules; board: BoardRules & { readonly digest: string; readonly latest: string } } | undefined
  const currentRules = () => {
    const rules = book.rules()
    if (known?.rules !== rules) {
      const { notices, local } = rules.calendars
      const latest = notices.at(-1)?.id ?? ''
      const digest = JSON.stringify([
        notices.map(({ id }) => id),
        local.map(({ id }) => id),
        rules.policies.map(({ id }) => id),
      ])
      known = { rules, board: { ...rulesOf(rules), digest, latest } }
    }
    return known.board
  }
  const closed: ClosedCounts = new Map()
  const listeners = new Set<(size: number) => void>()
  let running: BoardKeeper | undefined
  /** The live board starts with the first question to it, or with the service: a single command does without. */
  const keeper = (): BoardKeeper => {
    running ??= newKeeper()
    return running
  }
  const newKeeper = () =>
    new BoardKeeper({
      path: ports.path,
      log,
      deciders: deciderOf,
      rules: currentRules,
      now: ports.now,
      ...(ports.onError ? { onError: ports.onError } : {}),
      onChange: (size) => {
        closed.clear()
        for (const listener of listeners) listener(size)
      },
    })
  const past = new Map<string, Promise<PastItem[]>>()

  /** Scopes of the categories with clocks that the person may read at all. */
  function scopesFor(principal: Principal): BoardScopes {
    const scopes: Record<string, Scope | undefined> = {}
    for (const category of Object.keys(boardFacts)) {
      const scope = scopeFor(principal, category, people)
      if (scope === undefined || scope.anyOf.length > 0) scopes[category] = scope
    }
    return scopes
  }

  function mayList(principal: Principal, item: PastItem): boolean {
    return decideAccess(principal, {
      permission: `${item.category}.list`,
      resource: {
        ...holderOf(item.owner),
        ...(item.charged === undefined
          ? {}
          : { charged: item.charged.map((unit) => holderOf(unit)).filter(({ division }) => division !== '') }),
        ...(item.office === undefined ? {} : { respondentOffice: item.office }),
        ...(item.person === undefined ? {} : { investigators: [item.person] }),
        ...(item.readers === undefined ? {} : { readers: item.readers }),
      },
    }).allow
  }

  async function pastItems(size: number, at: EffectiveTime): Promise<PastItem[]> {
    const key = `${size} ${at}`
    const items = past.get(key) ?? boardAt(log, deciderOf, size, at, rulesOf(book.rules(size)))
    past.delete(key)
    past.set(key, items)
    items.catch(() => past.delete(key))
    if (past.size > KEPT_BOARDS) past.delete(past.keys().next().value!)
    return items
  }

  return {
    /** Begins to follow the log. */
    start: () => {
      keeper()
    },
    wake: () => running?.wake(),
    /** Rows of the live board that wait to be derived again under newer rules; 0 before it has started. */
    pending: (): number => running?.pending() ?? 0,
    /** Resolves when the live board holds everything recorded so far. */
    caughtUp: () => keeper().follower.caughtUp(),
    /** The rules known now, as boards judge by them. */
    rules: (): BoardRules => currentRules(),
    /** The rules known below a log size. */
    rulesAt: (size: number): BoardRules => rulesOf(book.rules(size)),
    /** Running clocks past their due moment, longest overdue first. */
    overdue: (now: number): OverdueClock[] => overdueClocks(keeper().follower.db, now),
    /** Calls back after the live board changed; answers how to stop. */
    onChange(listener: (size: number) => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    /**
     * The board of a person: counts that equal the list, items by time left.
     * @throws CursorInvalid, UnknownEvent
     */
    async board(
      principal: Principal,
      filter: BoardFilter,
      page: { limit: number; cursor?: string },
      asked: AskedBounds,
    ): Promise<Answer> {
      const asOf = resolveAsOf(asked.asOf, log)
      if (!asOf.ok) return asOf
      const effectiveAt = resolveEffectiveAt(asked.effectiveAt)
      if (!effectiveAt.ok) return effectiveAt
      const scopes = scopesFor(principal)
      if (Object.keys(scopes).length === 0) return { ok: false, refusal: refusal('forbidden') }
      if (asked.asOf === undefined && asked.effectiveAt === undefined) {
        const now = ports.now()
        const rules = currentRules()
        const live = keeper()
        // The first question finds an empty board; later ones find it at most a moment behind.
        if (live.follower.size === 0) await live.follower.caughtUp()
        const found = liveBoard(
          live.follower.db,
          {
            filter,
            scopes,
            now,
            ...page,
            calendars: (organisation) => rules.calendars.at(dateOf(instantOfMs(now)), rules.divisionOf(organisation)),
          },
          closed,
        )
        const { counts, total, items, next } = found
        return {
          ok: true,
          value: {
            asOf: asOf.value - 1,
            effectiveAt: instantOfMs(now),
            counts,
            onTimeRate: onTimeRate(counts) ?? null,
            total,
            items: items.map(shown),
            ...(next === undefined ? {} : { next }),
          },
        }
      }
      const at = effectiveAt.value ?? instantOfMs(ports.now())
      const all = (await pastItems(asOf.value, at)).filter((item) => matches(item, filter) && mayList(principal, item))
      const counts = countsOf(all)
      const wanted = all
        .filter((item) =>
          filter.state ? item.state === filter.state : filter.light ? item.light === filter.light : isOpen(item.state),
        )
        .sort(byTimeLeft)
      const from = page.cursor === undefined ? 0 : Number(decodeCursor(page.cursor, ['number'])[0])
      const items = wanted.slice(from, from + page.limit)
      return {
        ok: true,
        value: {
          asOf: asOf.value - 1,
          effectiveAt: at,
          counts,
          onTimeRate: onTimeRate(counts) ?? null,
          total: wanted.length,
          items: items.map(shown),
          ...(from + page.limit < wanted.length ? { next: encodeCursor([from + page.limit]) } : {}),
        },
      }
    },

    close: async () => running?.close(),
  }
}

function matches(item: PastItem, filter: BoardFilter): boolean {
  return (
    (filter.organisations === undefined || filter.organisations.includes(item.organisation)) &&
    (filter.person === undefined || item.person === filter.person) &&
    (filter.office === undefined || item.office === filter.office) &&
    (filter.category === undefined || item.category === filter.category) &&
    (filter.kind === undefined || item.kind === filter.kind) &&
    (filter.importance === undefined || item.importance === filter.importance)
  )
}

/** Longest overdue first; what is paused or has no deadline last. */
const byTimeLeft = (a: PastItem, b: PastItem): number => {
  const [left, right] = [rankOf(a), rankOf(b)]
  if (left !== right) return left < right ? -1 : 1
  return a.stream < b.stream ? -1 : a.stream > b.stream ? 1 : a.clock < b.clock ? -1 : 1
}
const rankOf = (item: PastItem): number => (item.state === 'paused' ? Number.POSITIVE_INFINITY : dueMsOf(item.due))

export type BoardReading = ReturnType<typeof createBoard>
