import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import type { AnyDecider } from '../../src/domain/decider.ts'
import { auditProjection } from '../../src/projections/audit.ts'
import { casesProjection } from '../../src/projections/cases/projection.ts'
import type { Projection } from '../../src/projections/projection.ts'
import { CaseQueries } from '../../src/projections/queries/index.ts'
import { type ProjectionOptions, Projections } from '../../src/projections/runner.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { History, knownDeciders } from './history.ts'
import { flatDirectory, limitedLog, numberText } from './support.ts'

const directory = mkdtempSync(join(tmpdir(), 'duban-runner-'))
t.teardown(() => rmSync(directory, { recursive: true }))
let files = 0
const newPath = () => join(directory, `${files++}.db`)

const grown = async (events: number, seed = 7) => {
  const history = new History({ seed })
  await history.grow(events)
  return history
}

const open = (history: History, more: Partial<ProjectionOptions> = {}) =>
  Projections.open({
    path: newPath(),
    log: history.memory,
    deciders: knownDeciders,
    projections: [casesProjection, auditProjection],
    ...more,
  })

const listOf = (projections: Projections, history: History) =>
  new CaseQueries({
    models: projections.models,
    log: history.memory,
    deciders: knownDeciders,
    directory: flatDirectory,
    numberText,
  }).listCases({}, {})

/** The complaint decider, but for one event that it cannot fold. */
const failingOn = (id: () => string | undefined) => (category: string) => {
  const decider = knownDeciders(category)
  if (category !== 'complaint' || !decider) return decider
  const failing: AnyDecider = {
    ...decider,
    evolve: (state, step) => {
      if (step.id === id()) throw new Error('cannot be folded')
      return decider.evolve(state, step)
    },
  }
  return failing
}

t.test('an event that cannot be applied parks the rest of its stream and no other', async (t) => {
  const history = await grown(150)
  const kase = history.cases.find(({ events }) => events.length > 4 && events.every((each) => !each.corrects))!
  const poison = kase.events[2]!
  const deciders = failingOn(() => poison.id)
  const path = newPath()
  const projections = open(history, { path, deciders })
  await projections.catchUp()
  const [cases] = projections.status()
  t.strictSame(cases!.parked, [{ stream: kase.stream, index: poison.index, reason: 'cannot be folded' }])
  t.equal(cases!.lag, 0)
  const healthy = open(history)
  await healthy.catchUp()
  const others = (list: ReturnType<typeof listOf>) => list.items.filter(({ stream }) => stream !== kase.stream)
  t.strictSame(others(listOf(projections, history)), others(listOf(healthy, history)))
  t.equal(listOf(projections, history).items.find(({ stream }) => stream === kase.stream)!.revision, 1)
  await projections.close()

  t.test('parked streams are still parked after a restart', async (t) => {
    const again = open(history, { path, deciders })
    await again.catchUp()
    t.strictSame(again.status()[0]!.parked, cases!.parked)
    await again.close()
  })

  t.test('a past list stops at the same event', async (t) => {
    const again = open(history, { path, deciders })
    await again.catchUp()
    const ports = { models: again.models, log: history.memory, deciders, directory: flatDirectory, numberText }
    const queries = new CaseQueries(ports)
    t.strictSame(await queries.listCasesAsOf({}, {}, {}), queries.listCases({}, {}))
    await again.close()
  })

  t.test('rebuilding with a program that can apply it brings the stream back', async (t) => {
    let poisoned: string | undefined = poison.id
    const again = open(history, { path, deciders: failingOn(() => poisoned) })
    await again.catchUp()
    poisoned = undefined
    const reports = await again.rebuild('cases')
    t.strictSame(again.status()[0]!.parked, [])
    t.strictSame(listOf(again, history), listOf(healthy, history))
    t.equal(reports[0]!.equal, false)
    const table = reports[0]!.tables.find(({ table }) => table === 'cases')!
    t.match(table, { sameShape: true, onlyLive: 0, onlyNew: 0, different: 1, examples: [[kase.stream]] })
    await again.close()
  })
  await healthy.close()
})

t.test('a correction that takes the failing event out brings the stream back', async (t) => {
  const history = await grown(60)
  const kase = history.cases.find(({ events, state }) => events.length > 2 && state.status !== 'none')!
  const poison = kase.events.at(-1)!
  const deciders = failingOn(() => poison.id)
  const projections = open(history, { deciders })
  await projections.catchUp()
  t.equal(projections.status()[0]!.parked.length, 1)
  const data = { reason: 'by mistake' }
  await history.put(kase.stream, kase.events.length, 'StepVoided', data, {
    corrects: { event: poison.id, mode: 'void' },
  })
  projections.wake()
  await projections.catchUp()
  t.strictSame(projections.status()[0]!.parked, [])
  const rebuilt = await projections.rebuild('cases')
  t.ok(rebuilt[0]!.equal)
  await projections.close()
})

t.test('an event that this program does not know stops the runner before it and says so', async (t) => {
  const cases = [
    { stream: 'spaceship-1', type: 'Launched', version: 1 },
    { stream: 'visit-1', type: 'VisitTeleported', version: 1 },
    { stream: 'numbers-org-a:complaint:2030', type: 'NumberAllocated', version: 99 },
  ]
  for (const { stream, type, version } of cases) {
    const history = await grown(40)
    const halts: unknown[] = []
    const head = history.count
    await history.put(stream, 0, type, { case: 'x' }, { version })
    await history.grow(head + 20)
    const projections = open(history, { onHalt: (halt) => halts.push(halt) })
    await t.rejects(projections.catchUp(), { name: 'UnknownEvent', type })
    t.match(halts, [{ index: head, type, version }])
    for (const status of projections.status()) t.match(status, { halted: { index: head, type } })
    t.equal(await projections.waitFor(head + 1, 5), false)
    await t.rejects(projections.rebuild(), { name: 'UnknownEvent' })
    await projections.close()
  }
  t.test('what came before it is shown once the rows were there', async (t) => {
    const history = await grown(40)
    const projections = open(history)
    await projections.catchUp()
    const before = listOf(projections, history)
    const head = history.count
    await history.put('spaceship-1', 0, 'Launched', {})
    projections.wake()
    await t.rejects(projections.catchUp(), { name: 'UnknownEvent' })
    t.strictSame(listOf(projections, history), before)
    t.equal(projections.status()[0]!.checkpoint, head)
    await projections.close()
  })
})

t.test('stopping between any two batches loses nothing and repeats nothing', async (t) => {
  const history = await grown(200)
  const log = limitedLog(history.memory)
  log.limit = 20
  const path = newPath()
  for (log.limit = 20; ; log.limit = Math.min(history.count, log.limit + 23)) {
    const projections = open(history, { path, log, batch: 5 })
    // Stopped wherever the loop is: before the first batch, or after some.
    if (log.limit % 2 === 0) await projections.waitFor(log.limit - 7, 5_000)
    await projections.close()
    if (log.limit === history.count) break
  }
  const projections = open(history, { path })
  await projections.catchUp()
  const whole = open(history)
  await whole.catchUp()
  t.strictSame(listOf(projections, history), listOf(whole, history))
  const reports = await projections.rebuild()
  t.ok(reports.every(({ equal }) => equal))
  await Promise.all([projections.close(), whole.close()])
})

t.test('a half-built side is dropped at the next start, and the live rows are not', async (t) => {
  const history = await grown(300)
  const path = newPath()
  const projections = open(history, { path })
  await projections.catchUp()
  const list = listOf(projections, history)
  await projections.close()
  const slow = open(history, { path, batch: 10 })
  const rebuild = slow.rebuild()
  while (!slow.status()[0]!.rebuilding?.at) await new Promise((resolve) => setImmediate(resolve))
  await slow.close()
  await t.rejects(rebuild)
  const again = open(history, { path })
  t.strictSame(listOf(again, history), list)
  await again.catchUp()
  t.equal(again.status()[0]!.rebuilding, undefined)
  const db = new DatabaseSync(path, { readOnly: true })
  const tables = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE '%\\_g%' ESCAPE '\\'")
    .all()
  t.strictSame(tables.map(({ name }) => name).sort(), [
    'audit_g1_audit',
    'audit_g1_words',
    'cases_g1_cases',
    'cases_g1_people',
  ])
  db.close()
  await again.close()
})

t.test('a rebuild goes on beside appends, and readers see whole lists only', async (t) => {
  const history = await grown(300)
  const projections = open(history, { batch: 20 })
  await projections.catchUp()
  const rebuild = projections.rebuild()
  let done = false
  void rebuild.then(() => {
    done = true
  })
  let turns = 0
  let total = listOf(projections, history).total
  while (!done) {
    await history.turn()
    projections.wake()
    await new Promise((resolve) => setImmediate(resolve))
    const now = listOf(projections, history).total
    t.ok(now >= total - 1, 'no list is shorter than the one before but by a voided case')
    total = now
    turns++
  }
  t.ok(turns > 5, 'appends went on during the rebuild')
  const reports = await rebuild
  t.ok(
    reports.every(({ equal }) => equal),
    JSON.stringify(reports),
  )
  await projections.catchUp()
  const whole = open(history)
  await whole.catchUp()
  t.strictSame(listOf(projections, history), listOf(whole, history))
  await Promise.all([projections.close(), whole.close()])
})

t.test('a missing, corrupt or foreign file is built anew', async (t) => {
  const history = await grown(120)
  const path = newPath()
  const first = open(history, { path })
  await first.catchUp()
  const list = listOf(first, history)
  await first.close()
  writeFileSync(path, Buffer.from('this is no database at all, but it is long enough to be taken for one'.repeat(40)))
  const second = open(history, { path })
  await second.catchUp()
  t.strictSame(listOf(second, history), list)
  await second.close()
  const other = await grown(130, 8)
  const third = open(other, { path })
  await third.catchUp()
  const fresh = open(other)
  await fresh.catchUp()
  t.strictSame(listOf(third, other), listOf(fresh, other), 'rows of another log are not taken for ours')
  await Promise.all([third.close(), fresh.close()])
  const empty = open(new History({ seed: 1 }), { path })
  await empty.catchUp()
  t.equal(listOf(empty, other).total, 0, 'a log that is shorter than the rows')
  await empty.close()
})

t.test('a new version is built beside the old rows, which stay readable where their shape is the same', async (t) => {
  const history = await grown(120)
  const path = newPath()
  const old = open(history, { path })
  await old.catchUp()
  const list = listOf(old, history)
  await old.close()
  const next = casesProjection.version + 1
  const newer: Projection = { ...casesProjection, version: next }
  const projections = open(history, { path, projections: [newer, auditProjection] })
  t.strictSame(listOf(projections, history), list, 'before the new version is built')
  t.match(projections.status()[0], { version: next, checkpoint: history.count, rebuilding: { phase: 'building' } })
  await projections.catchUp()
  t.strictSame(listOf(projections, history), list)
  t.equal(projections.status()[0]!.rebuilding, undefined)
  await projections.close()
  const { cases, people } = casesProjection.tables as { cases: never; people: never }
  const wider = { ...(cases as object), columns: `${(cases as { columns: string }).columns}, extra TEXT` } as never
  const other: Projection = { ...casesProjection, version: next + 1, tables: { cases: wider, people } }
  const reshaped = open(history, { path, projections: [other, auditProjection] })
  t.throws(() => listOf(reshaped, history), { code: 'behind' })
  await reshaped.close()
})

t.test('another process reads the rows and the directory beside the one that keeps them', async (t) => {
  const history = await grown(100)
  const path = newPath()
  const keeper = open(history, { path })
  await keeper.catchUp()
  const reader = open(history, { path, beside: true })
  await reader.catchUp()
  t.strictSame(listOf(reader, history), listOf(keeper, history))
  t.match(reader.status(), [{ name: 'cases', lag: 0 }, { name: 'audit' }])
  await history.grow(140)
  keeper.wake()
  t.ok(await reader.waitFor(history.count, 5_000))
  t.strictSame(listOf(reader, history), listOf(keeper, history))
  await t.rejects(reader.rebuild(), { code: 'store-owned-elsewhere' })
  await Promise.all([keeper.close(), reader.close()])
  const alone = open(history, { path: join(directory, 'missing.db'), beside: true })
  t.throws(() => listOf(alone, history), { code: 'behind' })
  t.notOk(readdirSync(directory).includes('missing.db'), 'reading makes no file')
  await alone.close()
})

t.test('waiting for a size is bounded and answers what was reached', async (t) => {
  const history = await grown(50)
  const projections = open(history)
  t.equal(await projections.waitFor(history.count, 5_000), true)
  t.equal(await projections.waitFor(history.count + 1, 5), false)
  await t.rejects(projections.rebuild('nonesuch'), RangeError)
  await projections.close()
})

t.test('an empty log is caught up at once', async (t) => {
  const projections = Projections.open({
    path: newPath(),
    log: new MemoryStore(),
    deciders: knownDeciders,
    projections: [casesProjection, auditProjection],
  })
  await projections.catchUp()
  t.strictSame(
    projections.status().map(({ lag, checkpoint }) => ({ lag, checkpoint })),
    [
      { lag: 0, checkpoint: 0 },
      { lag: 0, checkpoint: 0 },
    ],
  )
  await projections.close()
})
