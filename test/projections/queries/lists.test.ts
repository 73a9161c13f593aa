import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { decideAccess, type Principal, type Role, roles } from '../../../src/domain/access.ts'
import type { ComplaintState } from '../../../src/domain/complaint/index.ts'
import { projections } from '../../../src/projections/index.ts'
import {
  type CaseFile,
  type CaseItem,
  CaseQueries,
  CursorInvalid,
  resolveAsOf,
  scopeFor,
} from '../../../src/projections/queries/index.ts'
import { Projections } from '../../../src/projections/runner.ts'
import { History, knownDeciders } from '../history.ts'
import { flatDirectory, numberText } from '../support.ts'

const directory = mkdtempSync(join(tmpdir(), 'duban-lists-'))
t.teardown(() => rmSync(directory, { recursive: true }))

const history = new History({ seed: 11 })
await history.grow(900)
const log = history.memory
const path = join(directory, 'readmodels.db')
const runner = Projections.open({ path, log, deciders: knownDeciders, projections })
await runner.catchUp()
t.teardown(() => runner.close())
const queries = new CaseQueries({
  models: runner.models,
  log,
  deciders: knownDeciders,
  directory: flatDirectory,
  numberText,
})
const everything = queries.listCases({}, {})

t.test('pages of any size put together are the whole list, and the total does not depend on them', async (t) => {
  t.equal(everything.total, everything.items.length)
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 60 }), async (limit) => {
      const items: CaseItem[] = []
      for (let cursor: string | undefined; ; ) {
        const page = queries.listCases({}, { limit, ...(cursor === undefined ? {} : { cursor }) })
        t.equal(page.total, everything.total)
        items.push(...page.items)
        cursor = page.next
        if (cursor === undefined) break
      }
      t.strictSame(items, everything.items)
    }),
    { numRuns: 8 },
  )
})

t.test('the newest receipt comes first, and an unknown one last', async (t) => {
  const known = everything.items.filter(({ receivedAt }) => receivedAt !== null)
  const unknown = everything.items.length - known.length
  t.ok(unknown > 0)
  t.strictSame(everything.items.slice(0, known.length), known)
})

t.test('a filter shows the rows that match it and no others', async (t) => {
  const matching = (test: (item: CaseItem) => boolean) => everything.items.filter(test)
  const some = everything.items.find(({ investigators, outcome }) => investigators.length > 0 && outcome)!
  const day = everything.items[40]!.receivedAt!.slice(0, 10)
  const cases: [Parameters<CaseQueries['listCases']>[0], (item: CaseItem) => boolean][] = [
    [{ status: ['archived', 'closed'] }, ({ status }) => status === 'archived' || status === 'closed'],
    [{ organisations: ['org-b'] }, ({ organisation }) => organisation === 'org-b'],
    [{ divisions: ['511700'] }, ({ organisation }) => organisation === 'org-a' || organisation === 'org-b'],
    [{ divisions: ['510000'] }, () => true],
    [{ divisions: ['120000'] }, () => false],
    [{ office: 'office-2' }, ({ respondentOffice }) => respondentOffice === 'office-2'],
    [{ investigator: 'p3' }, ({ investigators }) => investigators.includes('p3')],
    [{ channel: 'phone' }, ({ channel }) => channel === 'phone'],
    [{ kind: 'no-receipt' }, ({ kind }) => kind === 'no-receipt'],
    [{ outcome: some.outcome! }, ({ outcome }) => outcome === some.outcome],
    [{ imported: true }, ({ imported }) => imported],
    [{ anonymous: true }, ({ anonymous }) => anonymous],
    [
      { receivedFrom: day, receivedTo: day },
      ({ receivedAt }) => receivedAt !== null && shanghaiDay(receivedAt) === day,
    ],
    [{ query: '2024-3' }, ({ number }) => /〔2024〕.*0003号$/.test(number ?? '')],
    [{ query: 'L-' }, ({ number }) => number?.startsWith('L-') === true],
  ]
  for (const [filter, test] of cases) {
    const found = queries.listCases(filter, {})
    t.strictSame(found.items, matching(test), JSON.stringify(filter))
    t.equal(found.total, found.items.length)
    t.strictSame(await queries.listCasesAsOf(filter, {}, {}), found, `past list ${JSON.stringify(filter)}`)
  }
})

const shanghaiDay = (time: string) =>
  time.length === 10 ? time : new Date(Date.parse(time) + 8 * 3_600_000).toISOString().slice(0, 10)

t.test('a list shows exactly the cases that the one decision on rights lets this person see', async (t) => {
  const places = { 'org-a': '511702', 'org-b': '511703', 'org-c': '511902' } as const
  const organisations = Object.keys(places) as (keyof typeof places)[]
  const grant = fc
    .record({ role: fc.constantFrom<Role>(...roles), organisation: fc.constantFrom(...organisations, 'city') })
    .map(({ role, organisation }) => ({
      role,
      organisation,
      division: organisation === 'city' ? '511700' : places[organisation],
      ...(role === 'office-account' ? { office: 'office-1' } : {}),
    }))
  const principals = fc.record({
    person: fc.constantFrom('p1', 'p2', 'p3', 'p4', 'outsider'),
    grants: fc.array(grant, { maxLength: 3 }),
  })
  let seen = 0
  await fc.assert(
    fc.asyncProperty(principals, async (principal: Principal) => {
      const allowed = everything.items.filter((item) => {
        const { organisation, division, respondentOffice, registeredBy, investigators, recused, readers } = item
        const resource = {
          organisation,
          division,
          investigators,
          recused,
          ...(respondentOffice === null ? {} : { respondentOffice }),
          ...(registeredBy === null ? {} : { registeredBy }),
          ...(readers === null ? {} : { readers }),
          referred: item.committee !== null,
          archived: item.status === 'archived',
        }
        return decideAccess(principal, { permission: 'complaint.list', resource }).allow
      })
      seen += allowed.length
      const listed = queries.listCases({}, {}, scopeFor(principal, 'complaint', flatDirectory))
      t.strictSame(
        listed.items.map(({ stream }) => stream),
        allowed.map(({ stream }) => stream),
        JSON.stringify(principal),
      )
    }),
    { numRuns: 150 },
  )
  t.ok(seen > 0)
})

t.test('each row says what the file of its case says', async (t) => {
  for (const item of everything.items) {
    const { state, revision, lastIndex, clocks, timeline } = queries.caseFile(item.stream) as CaseFile<ComplaintState>
    t.strictSame(
      item,
      {
        ...item,
        revision,
        lastIndex,
        clocks,
        status: state.status,
        receivedAt: state.receivedAt ?? null,
        repliedAt: state.repliedAt ?? null,
        closedAt: state.closedAt ?? null,
        archivedAt: state.archivedAt ?? null,
        investigators: state.investigators,
        recused: state.recused,
        readers: state.readers ?? null,
        outcome: state.outcome ?? null,
        complainant: state.complainant ?? null,
        imported: state.imported !== undefined,
      },
      item.stream,
    )
    t.ok(timeline.some(({ voided }) => !voided))
  }
  const shown = new Set(everything.items.map(({ stream }) => stream))
  const gone = history.cases.filter(({ stream }) => !shown.has(stream))
  t.ok(gone.length > 0, 'some cases were voided to nothing')
  for (const { state } of gone) t.equal(state.status, 'none')
})

t.test('a cursor that is none of ours is refused', async (t) => {
  const bad = ['', 'x', '!!', Buffer.from('{}').toString('base64url'), Buffer.from('["a",1]').toString('base64url')]
  for (const cursor of bad) t.throws(() => queries.listCases({}, { limit: 5, cursor }), CursorInvalid, cursor)
  t.throws(() => queries.auditTrail({}, { limit: 5, cursor: 'nonsense' }), CursorInvalid)
})

t.test('asOf reads as an index, a date or a time', async (t) => {
  t.strictSame(resolveAsOf(undefined, log), { ok: true, value: log.size() })
  t.strictSame(resolveAsOf('0', log), { ok: true, value: 1 })
  t.match(resolveAsOf(String(log.size()), log), { ok: false, refusal: { code: 'index-beyond-head' } })
  t.match(resolveAsOf('2024-02-30', log), { ok: false, refusal: { code: 'as-of-invalid' } })
  t.match(resolveAsOf('yesterday', log), { ok: false, refusal: { code: 'as-of-invalid' } })
  const first = log.envelopes(0, 1)[0]!.recordedAt
  const sameDay = resolveAsOf(shanghaiDay(first), log) as { value: number }
  t.equal(
    sameDay.value,
    log.envelopes(0, log.size()).filter(({ recordedAt }) => shanghaiDay(recordedAt) === shanghaiDay(first)).length,
  )
  t.strictSame(resolveAsOf('2000-01-01T00:00:00Z', log), { ok: true, value: 0 })
})

t.test('the audit trail is every event, newest first, and pages and filters by index', async (t) => {
  const all = queries.auditTrail({}, {})
  t.equal(all.total, log.size())
  t.strictSame(
    all.items.map(({ index }) => index),
    Array.from({ length: log.size() }, (_, place) => log.size() - 1 - place),
  )
  const filters: [Parameters<CaseQueries['auditTrail']>[0], (item: (typeof all.items)[number]) => boolean][] = [
    [{ actor: 'p2' }, ({ actor }) => 'person' in actor && actor.person === 'p2'],
    [{ actor: 'reactor:numbers' }, ({ actor }) => 'reactor' in actor],
    [{ types: ['StepVoided', 'StepReplaced'] }, ({ corrects }) => corrects !== undefined],
    [{ divisions: ['511700'] }, ({ organisation }) => organisation !== 'org-c'],
    [{ categories: ['numbers'] }, ({ stream }) => stream.startsWith('numbers-')],
    [
      { recordedFrom: '2024-02-01', recordedTo: '2024-02-29' },
      ({ recordedAt }) => /^2024-02/.test(shanghaiDay(recordedAt)),
    ],
    [{ asOf: 100 }, ({ index }) => index < 100],
    [{ actor: 'nobody' }, () => false],
  ]
  for (const [filter, test] of filters) {
    const found = queries.auditTrail(filter, {})
    t.strictSame(found.items, all.items.filter(test), JSON.stringify(filter))
    const page = queries.auditTrail(filter, { limit: 7 })
    t.equal(page.total, found.total)
    const next = page.next === undefined ? [] : queries.auditTrail(filter, { limit: 7, cursor: page.next }).items
    t.strictSame([...page.items, ...next], found.items.slice(0, 14))
  }
  for (const { rule } of all.items) t.ok(rule.length > 0)
})

t.test('a case is found by its id, its number, and its ledger number', async (t) => {
  for (const { id, number, stream } of everything.items.slice(0, 30)) {
    t.strictSame(queries.findCases(id), [stream])
    if (number !== null) t.ok(queries.findCases(number).includes(stream), number)
  }
  t.strictSame(queries.findCases('no such case'), [])
  const numbered = everything.items.find(({ imported }) => !imported)!
  t.equal(queries.numbersOf([numbered.stream], 0).size, 0, 'a view from before it was allocated shows none')
})

t.test('summaries count what the list shows', async (t) => {
  const counts = await queries.summary({}, {})
  t.equal(
    Object.values(counts).reduce((sum, count) => sum + count, 0),
    everything.total,
  )
  t.equal(counts.archived, everything.items.filter(({ status }) => status === 'archived').length)
})

t.test('past lists asked again and out of order are the same', async (t) => {
  const ask = (asOf: number) => queries.listCasesAsOf({}, { limit: 20 }, { asOf })
  const first = await Promise.all([ask(100), ask(300), ask(100), ask(500), ask(700), ask(900)])
  t.strictSame(first[0], first[2])
  t.strictSame(await ask(100), first[0])
  t.strictSame(await ask(700), first[4])
})

t.test('rows hold nothing of the sealed texts', async (t) => {
  const bytes = readFileSync(path).toString('latin1') + readFileSync(`${path}-wal`).toString('latin1')
  t.notOk(bytes.includes('q83vASNFZ4mrze8B'))
})
