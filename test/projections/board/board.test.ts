/** The live board against the board folded from the log: the same items, lights and counts, whatever was recorded and corrected. */
import fc from 'fast-check'
import t from 'tap'
import { shippedNotices } from '../../../src/domain/calendar/shipped.ts'
import { calendarSource } from '../../../src/domain/calendar/source.ts'
import { defaultLights } from '../../../src/domain/calendar/status.ts'
import { instantOfMs } from '../../../src/domain/time.ts'
import { type BoardItem, type BoardRules, countsOf, isOpen } from '../../../src/projections/board/items.ts'
import { BoardKeeper } from '../../../src/projections/board/keeper.ts'
import { boardAt, type PastItem } from '../../../src/projections/board/past.ts'
import {
  type BoardFilter,
  type BoardQuestion,
  type BoardScopes,
  liveBoard,
} from '../../../src/projections/board/query.ts'
import type { EventLog } from '../../../src/store/port.ts'
import { History, knownDeciders } from '../history.ts'
import { limitedLog } from '../support.ts'

const DAY_MS = 86_400_000
const calendars = calendarSource(shippedNotices)
const rules: BoardRules = { calendars, lights: () => defaultLights, divisionOf: () => undefined }
const LIVE = ['open', 'dueSoon', 'overdue', 'paused', 'noDeadline'] as const
const ENDED = ['closedOnTime', 'closedLate', 'closedNoDeadline'] as const

const keep = (log: EventLog, now: number, source = rules) =>
  new BoardKeeper({
    path: ':memory:',
    log,
    deciders: knownDeciders,
    rules: () => ({ ...source, ids: ['first'], places: '', latest: 'first' }),
    now: () => now,
  })

/** One object for all questions, as a reader's scopes are while nothing changes them: what was found for it is found again. */
const everything = { complaint: undefined }

const question = (filter: BoardFilter, now: number, more: Partial<BoardQuestion> = {}): BoardQuestion => ({
  filter,
  scopes: everything,
  now,
  limit: 7,
  calendars: () => calendars.at(instantOfMs(now).slice(0, 10)),
  ...more,
})

/** Every item that a filter shows, page by page. */
function walk(keeper: BoardKeeper, filter: BoardFilter, now: number, scopes: BoardScopes = everything): BoardItem[] {
  const found: BoardItem[] = []
  for (let cursor: string | undefined; ; ) {
    const page = liveBoard(keeper.view, question(filter, now, { scopes, ...(cursor === undefined ? {} : { cursor }) }))
    found.push(...page.items)
    cursor = page.next
    if (cursor === undefined) return found
  }
}

const key = ({ stream, clock }: BoardItem) => `${stream} ${clock}`
const plain = (item: PastItem) => {
  const { readers: _readers, charged: _charged, recused: _recused, ...rest } = item
  return rest
}
const sorted = (items: readonly PastItem[]) =>
  items.map(plain).sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))

const history = fc.record({
  seed: fc.integer({ min: 0, max: 1_000_000 }),
  events: fc.integer({ min: 1, max: 150 }),
  /** Days between the last event and the moment of looking. */
  later: fc.integer({ min: 0, max: 80 }),
})

t.test('property: at every prefix the live board is the board folded from the log', async (t) => {
  await fc.assert(
    fc.asyncProperty(history, async ({ seed, events, later }) => {
      const past = new History({ seed })
      await past.grow(events)
      const log = limitedLog(past.memory)
      log.limit = 0
      const now = past.now + later * DAY_MS
      const keeper = keep(log, now)
      for (let size = 1; size <= past.count; size += 1 + (seed % 5)) {
        log.limit = size
        keeper.wake()
        await keeper.follower.caughtUp()
        const live = [...LIVE, ...ENDED].flatMap((state) => walk(keeper, { state }, now))
        t.strictSame(sorted(live), sorted(await boardAt(log, knownDeciders, size, instantOfMs(now), rules)))
      }
      await keeper.close()
    }),
    { numRuns: 12, seed: 20261122 },
  )
})

t.test('property: counts equal the list for any filter, and each light is what its item says', async (t) => {
  const filters = fc.record(
    {
      organisations: fc.subarray(['org-a', 'org-b', 'org-c'], { minLength: 1 }),
      office: fc.constantFrom('office-1', 'office-2'),
      person: fc.constantFrom('p1', 'p3'),
      kind: fc.constantFrom('complaint.acceptance', 'complaint.reply', 'complaint.none'),
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(history, filters, async ({ seed, events, later }, filter) => {
      const past = new History({ seed })
      await past.grow(events)
      const now = past.now + later * DAY_MS
      const keeper = keep(past.memory, now)
      await keeper.follower.caughtUp()
      const { counts } = liveBoard(keeper.view, question(filter, now))
      const all = [...LIVE, ...ENDED].flatMap((state) => walk(keeper, { ...filter, state }, now))
      t.strictSame(counts, countsOf(all))
      const open = walk(keeper, filter, now)
      t.equal(open.length, counts.open, 'without a state the list is what is open')
      t.strictSame(
        open.map(({ due }) => due ?? '9'),
        open
          .map(({ due }) => due ?? '9')
          .sort((a, b) => (a.slice(0, 10) < b.slice(0, 10) ? -1 : a.slice(0, 10) > b.slice(0, 10) ? 1 : 0)),
        'by time left',
      )
      for (const light of ['red', 'yellow', 'green', 'grey'] as const) {
        const lit = walk(keeper, { ...filter, light }, now)
        t.ok(lit.every((item) => item.light === light))
        t.equal(lit.length, all.filter((item) => item.light === light).length, light)
      }
      for (const { state, workdaysLeft } of all.filter((item) => isOpen(item.state) && item.due !== undefined)) {
        if (state === 'dueSoon') t.ok(workdaysLeft! >= 0 && workdaysLeft! <= defaultLights.yellowWorkdays)
        if (state === 'open') t.ok(workdaysLeft! > defaultLights.yellowWorkdays)
      }
      await keeper.close()
    }),
    { numRuns: 25, seed: 20261123 },
  )
})

t.test('property: a reader sees what is in his scope, however the board grew under him', async (t) => {
  const person = 'p3'
  const scopes = {
    complaint: {
      person,
      anyOf: [
        { organisations: ['org-a'] },
        { offices: ['office-1'], organisations: ['org-c'] },
        { organisations: ['org-b'], despiteReaders: true },
        { organisations: ['org-c'], registeredBy: [person] },
      ],
    },
  } satisfies BoardScopes
  const mayRead = ({ owner, office, readers, recused }: PastItem): boolean => {
    if (recused?.includes(person)) return false
    if (owner === 'org-b') return true
    return (owner === 'org-a' || (owner === 'org-c' && office === 'office-1')) && (readers?.includes(person) ?? true)
  }
  let hidden = 0
  await fc.assert(
    fc.asyncProperty(history, async ({ seed, events, later }) => {
      const past = new History({ seed, straying: 0.6 })
      await past.grow(events)
      const log = limitedLog(past.memory)
      log.limit = 0
      const now = past.now + later * DAY_MS
      const keeper = keep(log, now)
      for (let size = 1; size <= past.count; size += 7) {
        log.limit = size
        keeper.wake()
        await keeper.follower.caughtUp()
        const all = await boardAt(log, knownDeciders, size, instantOfMs(now), rules)
        const expected = all.filter(mayRead)
        hidden += all.filter(({ owner, readers, recused }) => owner !== 'org-c' && (readers || recused)).length
        t.strictSame(
          sorted([...LIVE, ...ENDED].flatMap((state) => walk(keeper, { state }, now, scopes))),
          sorted(expected),
        )
        t.strictSame(liveBoard(keeper.view, question({}, now, { scopes })).counts, countsOf(expected))
      }
      await keeper.close()
    }),
    { numRuns: 10, seed: 20261129 },
  )
  t.ok(hidden > 0, 'need-to-know lists and people who stepped aside were among them')
})

t.test('rules that change move open deadlines, say why, and leave ended ones', async (t) => {
  const past = new History({ seed: 7, corrections: 0 })
  await past.grow(120)
  const now = past.now + 5 * DAY_MS
  let ids = ['first']
  let current = rules
  const keeper = new BoardKeeper({
    path: ':memory:',
    log: past.memory,
    deciders: knownDeciders,
    rules: () => ({ ...current, ids, places: '', latest: 'second' }),
    now: () => now,
  })
  await keeper.follower.caughtUp()
  const before = new Map(
    [...LIVE, ...ENDED].flatMap((state) => walk(keeper, { state }, now)).map((item) => [key(item), item]),
  )
  const off = Array.from({ length: 14 }, (_, day) => instantOfMs(now + (day - 5) * DAY_MS).slice(0, 10))
  const local = { id: 'second', division: '', declaredOn: off[0]!, offDays: off, reason: '防汛' }
  current = { ...rules, calendars: calendarSource(shippedNotices, [local as never]), divisionOf: () => '990121' }
  ids = ['first', 'second']
  t.ok(keeper.pending() > 0)
  keeper.wake()
  await keeper.follower.caughtUp()
  t.equal(keeper.pending(), 0)
  const after = [...LIVE, ...ENDED].flatMap((state) => walk(keeper, { state }, now))
  const moved = keeper.follower.db
    .prepare('SELECT stream, clock, old_due, new_due, because FROM moved JOIN items ON items.id = moved.item')
    .all() as unknown as {
    stream: string
    clock: string
    old_due: string
    new_due: string
    because: string
  }[]
  const changed = after.filter((item) => before.get(key(item))!.due !== item.due)
  t.strictSame(
    moved.map((move) => ({ ...move })).sort((a, b) => (`${a.stream} ${a.clock}` < `${b.stream} ${b.clock}` ? -1 : 1)),
    changed
      .map((item) => ({
        stream: item.stream,
        clock: item.clock,
        old_due: before.get(key(item))!.due!,
        new_due: item.due!,
        because: 'second',
      }))
      .sort((a, b) => (`${a.stream} ${a.clock}` < `${b.stream} ${b.clock}` ? -1 : 1)),
  )
  t.ok(changed.length > 0, 'something moved')
  t.ok(
    changed.every((item) => isOpen(item.state)),
    'nothing that had ended',
  )
  await keeper.close()
})

t.test('a case with an event that cannot be folded keeps its place, and nobody else waits for it', async (t) => {
  const past = new History({ seed: 5, corrections: 0 })
  await past.grow(80)
  const kase = past.cases.find(({ events }) => events.length > 3 && events.at(-1)!.index! < past.count - 20)!
  const poison = kase.events.at(-1)!
  const deciders = ((category: string) => {
    const decider = knownDeciders(category)
    return (
      decider && {
        ...decider,
        evolve: (state: never, step: { readonly id: string }) => {
          if (step.id === poison.id) throw new Error('cannot be folded')
          return decider.evolve(state, step as never)
        },
      }
    )
  }) as typeof knownDeciders
  const failures: unknown[] = []
  const now = past.now + 9 * DAY_MS
  const log = limitedLog(past.memory)
  const keeper = new BoardKeeper({
    path: ':memory:',
    log,
    deciders,
    rules: () => ({ ...rules, ids: [], places: '', latest: '' }),
    now: () => now,
    onError: (error) => failures.push(error),
  })
  const shown = () => [...LIVE, ...ENDED].flatMap((state) => walk(keeper, { state }, now))
  await keeper.follower.caughtUp()
  t.equal(failures.length, 1, 'it is said')
  t.equal(keeper.follower.size, past.count, 'the rest is followed')
  t.strictSame(sorted(shown()), sorted(await boardAt(log, deciders, past.count, instantOfMs(now), rules)))
  t.ok(keeper.foldOf(kase.stream), 'its last good state can be asked for')
  await past.put(
    kase.stream,
    kase.events.length,
    'StepVoided',
    { reason: 'by mistake' },
    {
      corrects: { event: poison.id, mode: 'void' },
      organisation: kase.organisation,
    },
  )
  log.limit = past.count
  await keeper.follower.caughtUp()
  t.strictSame(
    sorted(shown()),
    sorted(await boardAt(log, knownDeciders, past.count, instantOfMs(now), rules)),
    'mended',
  )
  await keeper.close()
})
