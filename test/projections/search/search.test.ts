/** The index against a search through every text that a reader may open, one by one. */
import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import t from 'tap'
import { decideAccess, type Principal, type Role } from '../../../src/domain/access.ts'
import { deciderOf } from '../../../src/domain/categories.ts'
import { categoryOf } from '../../../src/domain/event.ts'
import { correctedSteps, fold } from '../../../src/domain/history.ts'
import { isCiphertext } from '../../../src/domain/sealed.ts'
import { readStream } from '../../../src/projections/decoding.ts'
import { canonical } from '../../../src/projections/search/text.ts'
import type { EventLog } from '../../../src/store/port.ts'
import { History } from '../history.ts'
import { limitedLog, numberText } from '../support.ts'
import { categories, holderOf, offices, searchOver, textAt } from './support.ts'

type Path = readonly string[]
function leaves(value: unknown, path: Path, found: { path: Path; sub: string }[]): void {
  if (isCiphertext(value)) found.push({ path, sub: value.sub })
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) leaves(item, [...path, key], found)
}

/** Every case as the log has it, with the places of its texts. */
function standing(log: EventLog) {
  const numbers = new Map<string, string[]>()
  const streams = new Set<string>()
  for (const event of log.envelopes(0, log.size())) {
    if (categoryOf(event.stream) === 'complaint') streams.add(event.stream)
    const sequence = event.revision + 1
    if (event.type === 'NumberAllocated')
      numbers.set((event.data as { case: string }).case, [String(sequence), `${event.stream.slice(-4)}-${sequence}`])
  }
  return [...streams].flatMap((stream) => {
    const events = readStream(log, deciderOf, stream)
    const steps = correctedSteps(events)
    if (steps.length === 0) return []
    const { decider, resource, subject } = categories.complaint!
    const state = fold(decider, steps) as { respondentOffice?: string; imported?: { ledgerNumber?: string } }
    const texts = steps.flatMap((step) => {
      const found: { path: Path; sub: string }[] = []
      leaves(step.data, [], found)
      const { event, path: before } = step.sealedBy
      return found.map(({ path, sub }) => ({ sub, text: textAt({ event, path: [...before, ...path] }) }))
    })
    return [
      {
        id: stream.slice(10),
        texts,
        subject: subject(state as never),
        resource: { ...resource(state as never, stream.slice(10)), ...holderOf(events.at(-1)!.organisation) },
        office: offices.find(({ id }) => id === state.respondentOffice)?.name ?? '',
        numbers: numbers.get(stream) ?? [],
        ledger: state.imported?.ledgerNumber ?? '',
      },
    ]
  })
}

/** What each case shows this reader: its texts that he may open, its office's name, its number. */
function visible(all: ReturnType<typeof standing>, principal: Principal, erased: ReadonlySet<string>) {
  return new Map(
    all.flatMap(({ texts, resource, ...kase }) => {
      const access = decideAccess(principal, { permission: 'complaint.list', resource })
      if (!access.allow) return []
      const may = ({ sub }: { sub: string }) =>
        !erased.has(sub) && (access.seal === 'open' || (access.seal === 'case-only' && sub === kase.subject))
      return [[kase.id, { ...kase, texts: texts.filter(may).map(({ text }) => text) }]]
    }),
  )
}

/** One run of characters or one word, as people look for it: no phrase over several runs here. */
const contains = (text: string, term: string): boolean =>
  canonical(text)
    .split(' ')
    .some((run) => (/^[a-z0-9]/.test(term) ? run.startsWith(term) : run.includes(term)))

const TERMS = [
  '收费',
  '费',
  '张三',
  '不开收据',
  'abc',
  'ab',
  '138',
  '援',
  '法律援助',
  '青石',
  '公证',
  '3',
  '2024-2',
  'L-2',
  '无此词',
]
const query = fc.record({
  all: fc.array(fc.constantFrom(...TERMS), { minLength: 1, maxLength: 2 }),
  none: fc.array(fc.constantFrom(...TERMS), { maxLength: 1 }),
})

const person = fc.constantFrom('p0', 'p1', 'p2', 'p4', 'outsider')
const grants = fc.array(
  fc.record({
    role: fc.constantFrom<Role[]>(
      'bureau-leader',
      'bureau-leader',
      'auditor',
      'reception',
      'investigator',
      'centre-director',
      'bureau-leader',
      'supervision-officer',
      'auditor',
      'administrator',
      'office-account',
      'leading-group',
      'disciplinary-committee',
    ),
    organisation: fc.constantFrom('org-a', 'org-b', 'org-c'),
  }),
  { minLength: 1, maxLength: 2 },
)
const principals = fc.record({ person, grants }).map(
  ({ person, grants }): Principal => ({
    person,
    grants: grants.map(({ role, organisation }) => ({
      role,
      organisation,
      division: holderOf(organisation).division,
      ...(role === 'office-account' ? { office: 'office-1' } : {}),
    })),
  }),
)

t.test('at every prefix of random histories each reader finds exactly the cases whose texts he may open', async (t) => {
  for (const seed of [1, 2, 3]) {
    const history = new History({ seed, corrections: 0.25 })
    await history.grow(260)
    const log = limitedLog(history.memory)
    log.limit = 0
    const { search, vault, errors } = searchOver(t, log)
    let hits = 0
    const erased: string[] = []
    while (log.limit < history.memory.size()) {
      log.limit = Math.min(history.memory.size(), log.limit + 45)
      if (log.limit > 90 && erased.length < 3) {
        const subject = history.cases[erased.length * 2]!.subject
        erased.push(subject)
        vault.erased.add(subject)
        await search.forget([subject])
      }
      const now = standing(log)
      await fc.assert(
        fc.asyncProperty(principals, query, async (principal, { all, none }) => {
          const cases = visible(now, principal, vault.erased)
          const matches = (id: string, term: string) => {
            const { texts, office, numbers, ledger } = cases.get(id)!
            const numbered = numbers.includes(term) || ledger.includes(term)
            return texts.some((text) => contains(text, canonical(term))) || contains(office, term) || numbered
          }
          const expected = [...cases.keys()]
            .filter((id) => all.every((term) => matches(id, term)) && !none.some((term) => matches(id, term)))
            .sort()
          const text = [...all, ...none.map((term) => `-${term}`)].join(' ')
          const found: string[] = []
          let cursor: string | undefined
          let order = Number.POSITIVE_INFINITY
          do {
            const asked = { text }
            const page = await search.search(principal, asked, {
              limit: 4,
              ...(cursor === undefined ? {} : { cursor }),
            })
            if (!page.ok) throw new Error(page.refusal.code)
            if (page.value.total !== expected.length)
              throw new Error(`${text}: total ${page.value.total}, not ${expected.length}`)
            for (const item of page.value.items) {
              if (item.score > order) throw new Error('not by rank')
              order = item.score
              found.push(item.case)
              for (const { text, marks } of item.matches) {
                if (!cases.get(item.case)!.texts.some((whole) => whole.includes(text)))
                  throw new Error('a text he may not open')
                if (marks.length === 0) throw new Error('no mark')
              }
            }
            cursor = page.value.next
          } while (cursor !== undefined)
          hits += found.length
          if (JSON.stringify(found.toSorted()) !== JSON.stringify(expected))
            throw new Error(`${text}: ${found} not ${expected}`)
        }),
        { numRuns: 40, seed },
      )
    }
    t.ok(hits > 150, `${hits} hits compared`)
    t.same(errors, [])
  }
})

const officer: Principal = {
  person: 'outsider',
  grants: [{ role: 'bureau-leader', organisation: 'org-a', division: '511702' }],
}

t.test('the file is for its owner only and survives a restart; another version begins anew', async (t) => {
  const history = new History({ seed: 5 })
  await history.grow(120)
  const { search, path, again } = searchOver(t, history.memory)
  const before = await search.search(officer, { text: '费' }, {})
  await search.close()
  t.equal(statSync(path).mode & 0o777, 0o600)
  const other = again()
  other.start()
  t.same(await other.search(officer, { text: '费' }, {}), before)
  await other.close()
  const db = new DatabaseSync(path)
  db.exec('PRAGMA user_version = 1')
  db.close()
  const third = again()
  t.same(await third.search(officer, { text: '费' }, {}), before)
  t.equal(statSync(path).mode & 0o777, 0o600)
})

t.test('while the vault is closed nothing is indexed, asking says so, and nothing is missing afterwards', async (t) => {
  const history = new History({ seed: 6 })
  await history.grow(100)
  const { search, vault } = searchOver(t, history.memory)
  vault.isReady = false
  search.start()
  const refused = await search.search(officer, { text: '费' }, {})
  t.equal(!refused.ok && refused.refusal.code, 'vault-unavailable')
  vault.isReady = true
  const found = await search.search(officer, { text: '费' }, {})
  t.ok(found.ok && found.value.total > 0)
})

t.test('what a lifted restriction opens is found again', async (t) => {
  const history = new History({ seed: 8 })
  await history.grow(100)
  const { search, vault } = searchOver(t, history.memory)
  const total = async () => {
    const found = await search.search(officer, { text: '全' }, { limit: 1 })
    return found.ok ? found.value.total : Number.NaN
  }
  const all = await total()
  const subjects = history.cases.map(({ subject }) => subject)
  for (const subject of subjects) vault.erased.add(subject)
  t.ok((await search.forget(subjects)) > 0)
  const without = await total()
  t.ok(without < all)
  vault.erased.clear()
  t.ok((await search.refresh(subjects)) > 0)
  t.equal(await total(), all)
})

t.test('whoever shows a text is written down with whose it was; who is shown none is not', async (t) => {
  const history = new History({ seed: 9 })
  await history.grow(80)
  const { search, opened } = searchOver(t, history.memory)
  const found = await search.search(officer, { text: '全' }, {})
  t.ok(found.ok && found.value.items.some(({ matches }) => matches.length > 0))
  t.ok(opened.length > 0 && opened.every(({ person, subjects }) => person === 'outsider' && subjects.length > 0))
  opened.length = 0
  await search.search(
    { person: 'x', grants: [{ role: 'leading-group', organisation: 'org-a', division: '511702' }] },
    { text: '全' },
    {},
  )
  t.same(opened, [])
})

t.test('numbers read as people write them', async (t) => {
  const history = new History({ seed: 10 })
  await history.grow(150)
  const { search } = searchOver(t, history.memory)
  const everybody: Principal = {
    person: 'outsider',
    grants: ['org-a', 'org-b', 'org-c'].map((organisation) => ({
      role: 'bureau-leader',
      organisation,
      division: holderOf(organisation).division,
    })),
  }
  const text = numberText('org-a', 'complaint', 2024, 1)
  const found = await search.search(everybody, { text }, {})
  t.ok(found.ok && found.value.items.some(({ number }) => number === text))
})

t.test('a process beside reads the index that the owner keeps, and says so where it is behind', async (t) => {
  const history = new History({ seed: 11 })
  await history.grow(120)
  const { search, again } = searchOver(t, history.memory)
  const impatient = again({ beside: true, patience: 60 })
  const none = await impatient.search(officer, { text: '费' }, {})
  t.equal(!none.ok && none.refusal.code, 'behind', 'there is no index yet')
  const owned = await search.search(officer, { text: '费' }, {})
  t.ok(owned.ok && owned.value.total > 0)
  const beside = again({ beside: true })
  t.same(await beside.search(officer, { text: '费' }, {}), owned)
  await search.close()
  await history.grow(history.count + 5)
  const late = await impatient.search(officer, { text: '费' }, {})
  t.equal(!late.ok && late.refusal.code, 'behind')
})
