/** The supervision board (督办看板): everything that has a clock, by time left, for whoever may see it, live or at any moment. */
import { createHash } from 'node:crypto'
import { decideAccess, type Principal } from '../domain/access.ts'
import { boardFacts } from '../domain/board-subjects.ts'
import { deciderOf } from '../domain/categories.ts'
import { type Refusal, refusal } from '../domain/decider.ts'
import { categoryOf } from '../domain/event.ts'
import { lightsFor } from '../domain/policy.ts'
import { escalationDue, practiceFor } from '../domain/practice.ts'
import type { Level } from '../domain/supervision/fields.ts'
import { levelReached, type SupervisionState } from '../domain/supervision/index.ts'
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
import { BoardKeeper, type KnownRules } from '../projections/board/keeper.ts'
import { boardAt, type PastItem } from '../projections/board/past.ts'
import {
  type BoardFilter,
  type BoardScopes,
  findItems,
  liveBoard,
  movedDeadlines,
  type OverdueClock,
  overdueClocks,
  watchBoard,
} from '../projections/board/query.ts'
import type { Directory } from '../projections/directory.ts'
import { decodeCursor, encodeCursor } from '../projections/queries/cursor.ts'
import { resolveAsOf, resolveEffectiveAt, type Scope, scopeFor } from '../projections/queries/index.ts'
import type { RuleBook, Rules } from '../projections/rulebook.ts'
import type { EventLog } from '../store/port.ts'
import { sourceOf } from './bulk.ts'
import type { CommandPorts, Execute } from './execute.ts'
import type { AskedBounds } from './reading.ts'

export interface BoardPorts {
  /** File of the live board. */
  readonly path: string
  readonly log: EventLog
  readonly people: Directory
  readonly book: RuleBook
  readonly holderOf: CommandPorts['holderOf']
  readonly now: () => number
  readonly nextActions: Execute['nextActions']
  /** Open supervision items about these cases that the person may see: case stream to item stream. */
  readonly itemsAbout: (streams: readonly string[], principal: Principal) => ReadonlyMap<string, string>
  /** Numbers of cases as people write them, as of a log size. */
  readonly numbersOf: (streams: readonly string[], asOf?: number) => ReadonlyMap<string, string>
  /** Address of a case. */
  readonly hrefOf: (category: string, id: string) => string
  readonly onError?: (error: unknown) => void
}

/** What a light leads to: one step from the board. */
export interface BoardActions {
  /** The case. */
  readonly file: string
  /** Chases the open supervision item on it. */
  readonly chase?: string
  /** Opens a supervision item on this clock. */
  readonly openSupervision?: { readonly href: string; readonly body: object }
}

/** An item as answered; `next` and `actions` stand on the live board only. */
export type ShownItem = Omit<BoardItem, 'stream'> & {
  readonly case: string
  /** As people write it; null where the case has none. */
  readonly number: string | null
  /** What this person may lawfully do next with the case. */
  readonly next?: readonly string[]
  readonly actions?: BoardActions
  /** Of an overdue task: the level of escalation that is due by the practice. A person issues the card and names who answers for it. */
  readonly levelDue?: Level
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
  readonly items: readonly ShownItem[]
  readonly next?: string
}

type Answer = { readonly ok: true; readonly value: Board } | { readonly ok: false; readonly refusal: Refusal }

/** Persons whose scopes are kept. */
const KEPT_SCOPES = 1_000
/** Overdue clocks read in one turn. */
const OVERDUE_PAGE = 200
/** Past boards kept for paging, newest use last; each is an array of items. */
const KEPT_BOARDS = 3

const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1)

export function createBoard(ports: BoardPorts) {
  /** Items as people see them, with the numbers their cases had within `asOf` (default: now). */
  const shown = (items: readonly PastItem[], asOf?: number) => {
    const numbers = ports.numbersOf([...new Set(items.map(({ stream }) => stream))], asOf)
    return items.map(({ stream, readers: _readers, charged: _charged, recused: _recused, ...rest }) => ({
      case: idOf(stream),
      number: numbers.get(stream) ?? null,
      ...rest,
    }))
  }
  const { log, people, book, holderOf } = ports
  const rulesOf = (rules: Rules): BoardRules => ({
    calendars: rules.calendars,
    lights: (organisation, at) => lightsFor(rules.policies, [organisation, ...people.above(organisation)], dateOf(at)),
    divisionOf: (unit) => holderOf(unit).division || people.office(unit)?.division,
  })
  let places = { changes: -1, digest: '' }
  /** Where organisations and offices lie, and what stands above them: local days off and lights depend on it. */
  const placesNow = (): string => {
    const { changes } = people
    if (places.changes !== changes) {
      const organisations = people.organisations().map(({ id }) => [id, holderOf(id).division, people.above(id)])
      const offices = people.offices().map(({ id, division }) => [id, division])
      const digest = createHash('sha256')
        .update(JSON.stringify([organisations, offices]))
        .digest('base64url')
      places = { changes, digest }
    }
    return places.digest
  }
  let known: { rules: Rules; today: string; places: string; board: KnownRules } | undefined
  const currentRules = (): KnownRules => {
    const rules = book.rules()
    const today = dateOf(instantOfMs(ports.now()))
    const where = placesNow()
    if (known?.rules !== rules || known.today !== today || known.places !== where) {
      const { notices, local } = rules.calendars
      const inForce = rules.policies.filter(
        ({ validFrom, validUntil }) => validFrom <= today && (validUntil === undefined || validUntil >= today),
      )
      const ids = [...notices, ...local, ...inForce].map(({ id }) => id)
      const board = { ...rulesOf(rules), ids, places: where, latest: notices.at(-1)?.id ?? '' }
      known = { rules, today, places: where, board }
    }
    return known.board
  }
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
        for (const listener of listeners) listener(size)
      },
    })
  const past = new Map<string, Promise<PastItem[]>>()

  let scopesKnown = { changes: -1, of: new Map<string, BoardScopes>() }
  /** Scopes of the categories with clocks that the person may read at all; the same object while nothing changes them. */
  function scopesFor(principal: Principal): BoardScopes {
    if (scopesKnown.changes !== people.changes || scopesKnown.of.size > KEPT_SCOPES)
      scopesKnown = { changes: people.changes, of: new Map() }
    const key = JSON.stringify(principal)
    const known = scopesKnown.of.get(key)
    if (known) return known
    const scopes: Record<string, Scope | undefined> = {}
    for (const category of Object.keys(boardFacts)) {
      const scope = scopeFor(principal, category, people)
      if (scope === undefined || scope.anyOf.length > 0) scopes[category] = scope
    }
    scopesKnown.of.set(key, scopes)
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
        ...(item.recused === undefined ? {} : { recused: item.recused }),
      },
    }).allow
  }

  /** The calendar of a unit as known at a moment. */
  const viewOf = (now: number) => (organisation: string) => {
    const rules = currentRules()
    return rules.calendars.at(dateOf(instantOfMs(now)), rules.divisionOf(organisation))
  }

  function levelDue(item: BoardItem, folded: unknown): Level | undefined {
    if (item.category !== 'supervision' || item.state !== 'overdue') return undefined
    const state = folded as SupervisionState
    const { practice } = practiceFor(
      book.rules().practices,
      [item.owner, ...people.above(item.owner)],
      dateOf(instantOfMs(ports.now())),
    )
    return escalationDue(practice, levelReached(state, item.organisation), -(item.workdaysLeft ?? 0))
  }

  /** Live items with what this person may do about each. */
  function withActions(principal: Principal, items: readonly BoardItem[]): ShownItem[] {
    const live = keeper()
    const supervised = ports.itemsAbout([...new Set(items.map(({ stream }) => stream))], principal)
    const mayOpen = new Map<string, boolean>()
    const opens = (owner: string): boolean => {
      let may = mayOpen.get(owner)
      if (may === undefined) {
        may = decideAccess(principal, { permission: 'supervision.open', resource: holderOf(owner) }).allow
        mayOpen.set(owner, may)
      }
      return may
    }
    const known = new Map<string, readonly string[]>()
    const seen = shown(items)
    return items.map((item, place): ShownItem => {
      const id = idOf(item.stream)
      const fold = live.foldOf(item.stream)
      let next = known.get(item.stream)
      if (!next) {
        next = fold ? ports.nextActions(item.category, id, fold.state, fold.organisation, principal) : []
        known.set(item.stream, next)
      }
      const chased = item.category === 'supervision' ? item.stream : supervised.get(item.stream)
      const chase = chased === undefined ? undefined : `${ports.hrefOf('supervision', idOf(chased))}/chase`
      const open =
        chased === undefined && isOpen(item.state) && opens(item.owner)
          ? {
              href: '/api/v1/supervisions',
              body: {
                source: sourceOf(item),
                about: { category: item.category, case: id, ...(item.clock === '' ? {} : { clock: item.clock }) },
              },
            }
          : undefined
      const level = fold && levelDue(item, fold.state)
      return {
        ...seen[place]!,
        ...(level === undefined ? {} : { levelDue: level }),
        next,
        actions: {
          file: ports.hrefOf(item.category, id),
          ...(chase === undefined ? {} : { chase }),
          ...(open === undefined ? {} : { openSupervision: open }),
        },
      }
    })
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
    /** Running clocks past their due moment, longest overdue first. Others have their turn meanwhile. */
    async *overdue(now: number): AsyncGenerator<OverdueClock> {
      for (let after: Parameters<typeof overdueClocks>[3]; ; ) {
        const { clocks, last } = overdueClocks(keeper().view, now, OVERDUE_PAGE, after)
        yield* clocks
        if (!last) return
        after = last
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    /** Calls back after the live board changed; answers how to stop. */
    onChange(listener: (size: number) => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    /** Live items that match, by time left, at most so many. */
    select(principal: Principal, filter: BoardFilter, limit: number): BoardItem[] {
      const now = ports.now()
      const question = { filter, scopes: scopesFor(principal), now, limit, calendars: viewOf(now) }
      return [...liveBoard(keeper().view, question).items]
    },
    /** What changes for a person: counts, and a number that differs when rows he may see have changed. Undefined where he may see none. */
    async watched(principal: Principal) {
      const scopes = scopesFor(principal)
      if (Object.keys(scopes).length === 0) return undefined
      const live = keeper()
      if (live.follower.size === 0) await live.follower.caughtUp()
      const { counts, change } = watchBoard(live.view, scopes, ports.now())
      return { asOf: live.follower.size - 1, change, counts, onTimeRate: onTimeRate(counts) ?? null }
    },
    /** These items, as far as the person may see them: undefined for the others. */
    find(principal: Principal, refs: readonly { category: string; case: string; clock: string }[]) {
      const now = ports.now()
      const named = refs.map(({ category, case: id, clock }) => ({ stream: `${category}-${id}`, clock }))
      return findItems(keeper().view, named, scopesFor(principal), now, viewOf(now))
    },
    /**
     * Deadlines that calendars moved, the latest first, of what the person may see.
     * @throws CursorInvalid
     */
    moves(principal: Principal, page: { limit: number; cursor?: string }, notice?: string) {
      const found = movedDeadlines(keeper().view, scopesFor(principal), page, notice)
      return {
        ...found,
        items: found.items.map(({ stream, ...move }) => ({
          category: categoryOf(stream),
          case: idOf(stream),
          ...move,
        })),
      }
    },

    /**
     * The board of a person: counts that equal the list, items by time left.
     * @throws CursorInvalid, UnknownEvent
     */
    async board(
      principal: Principal,
      filter: BoardFilter,
      page: { limit: number; cursor?: string; actions?: boolean },
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
        const live = keeper()
        // The first question finds an empty board; later ones find it at most a moment behind.
        if (live.follower.size === 0) await live.follower.caughtUp()
        const found = liveBoard(live.view, { filter, scopes, now, ...page, calendars: viewOf(now) })
        const { counts, total, items, next } = found
        return {
          ok: true,
          value: {
            asOf: asOf.value - 1,
            effectiveAt: instantOfMs(now),
            counts,
            onTimeRate: onTimeRate(counts) ?? null,
            total,
            items: page.actions ? withActions(principal, items) : shown(items),
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
          items: shown(items, asOf.value),
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
