import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import {
  casesToVisit,
  chooseCases,
  planSeed,
  populationBytes,
  returnPlanDecider,
  returnPlanStream,
  sampleCases,
  sampleSize,
} from '../../../src/domain/return-visit/index.ts'
import { given } from '../../support/scenario.ts'

const digestOf = (ids: readonly string[]) => createHash('sha256').update(populationBytes(ids)).digest('hex')
const caseIds = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,12}$/), { maxLength: 120 })
const seeds = fc.string({ minLength: 1, maxLength: 40 })
const percents = fc.integer({ min: 10, max: 100 })

t.test('property: the same seed draws the same cases, in whatever order they come', async () => {
  fc.assert(
    fc.property(seeds, percents, caseIds, (seed, percent, ids) => {
      const drawn = sampleCases(seed, percent, ids)
      const again = sampleCases(seed, percent, [...ids].reverse().concat(ids))
      return JSON.stringify(drawn) === JSON.stringify(again)
    }),
  )
})

t.test('property: the sample is drawn from the population, without repeats, and reaches its rate', async () => {
  fc.assert(
    fc.property(seeds, percents, caseIds, (seed, percent, ids) => {
      const drawn = sampleCases(seed, percent, ids)
      const exact = drawn.length === sampleSize(ids.length, percent)
      return (
        exact &&
        drawn.length * 100 >= ids.length * percent &&
        new Set(drawn).size === drawn.length &&
        drawn.every((id) => ids.includes(id))
      )
    }),
  )
})

t.test('property: every substantiated complaint is chosen, drawn or not, and no case twice', async () => {
  fc.assert(
    fc.property(seeds, percents, caseIds, caseIds, (seed, percent, closed, substantiated) => {
      const chosen = chooseCases(seed, percent, closed, substantiated)
      const ids = new Set(chosen.map((each) => each.case))
      const drawn = chosen.filter(({ ground }) => ground === 'sample').length
      return (
        ids.size === chosen.length &&
        substantiated.every((id) => ids.has(id)) &&
        drawn === sampleSize(closed.length, percent)
      )
    }),
  )
})

t.test('the draw is fixed for good: a plan of years ago can be drawn again', async (t) => {
  const ids = Array.from({ length: 40 }, (_, place) => `c${String(place).padStart(2, '0')}`)
  const drawn = ['c02', 'c03', 'c18', 'c32']
  t.strictSame(sampleCases('bureau/2026-01', 10, ids), drawn)
  t.strictNotSame(sampleCases('bureau/2026-02', 10, ids), drawn, 'another month, another draw')
})

t.test('every case is as likely as any other', async (t) => {
  const ids = Array.from({ length: 10 }, (_, place) => `c${place}`)
  const hits = new Map<string, number>()
  for (let seed = 0; seed < 5000; seed++)
    for (const id of sampleCases(`seed-${seed}`, 20, ids)) hits.set(id, (hits.get(id) ?? 0) + 1)
  // 1000 expected each; five standard deviations are about 141.
  for (const id of ids) t.ok(Math.abs((hits.get(id) ?? 0) - 1000) < 141, `${id}: ${hits.get(id)}`)
})

t.test('the digest of a population does not depend on its order', async (t) => {
  t.equal(digestOf(['b', 'a', 'b']), digestOf(['a', 'b']))
  t.not(digestOf(['a', 'b']), digestOf(['ab']))
})

const closed = Array.from({ length: 25 }, (_, place) => `case-${place}`)
const facts = (more: object = {}) => ({
  plan: { closed, substantiated: ['case-3', 'case-7'], digest: digestOf(closed), asOf: 90, ...more },
})
const none = () => given(returnPlanDecider)

t.test('the month is planned once: at least a tenth and every substantiated complaint (S1-7.2)', async (t) => {
  const planned = none()
    .when('plan', { month: '2025-12' }, { facts: facts() })
    .then([
      {
        type: 'ReturnVisitPlanned',
        data: {
          month: '2025-12',
          percent: 10,
          seed: planSeed('bureau', '2025-12', digestOf(closed)),
          population: { count: 25, digest: digestOf(closed) },
          substantiated: 2,
          asOf: 90,
        },
        basis: { policy: 'practice@0' },
      },
    ])
  const { chosen, seed } = planned.state
  t.strictSame(chosen, chooseCases(seed!, 10, closed, ['case-3', 'case-7']), 'drawn again from what the event keeps')
  t.ok(chosen.some((each) => each.case === 'case-3') && chosen.some((each) => each.case === 'case-7'))
  planned.when('plan', { month: '2025-12' }, { facts: facts() }).then('visits-already-planned')
  t.equal(returnPlanStream('bureau', '2026-01'), 'returnplan-bureau.2026-01')
})

t.test('nobody chooses the seed, and nobody’s word is taken for the population', async (t) => {
  t.throws(() => none().when('plan', { month: '2025-12', seed: 'mine' }, { facts: facts() }))
  none()
    .when('plan', { month: '2025-12' })
    .then({ code: 'facts-missing', detail: { facts: 'plan' } })
  for (const month of ['2026-01', '2026-02'])
    none().when('plan', { month }, { facts: facts() }).then('plan-month-not-over')
})

t.test('a practice may sample more, never less', async () => {
  const practice = (samplePercent: number) => ({
    policy: 'practice-bureau@1',
    practice: {
      methods: [{ key: 'phone' }],
      levels: [{ level: 'notice', overdueWorkdays: 0 }],
      ...{ extensions: 1, extensionCap: '5d', samplePercent, visitAttempts: 2 },
    },
  })
  for (const [asked, percent] of [
    [40, 40],
    [3, 10],
  ] as const)
    none()
      .when('plan', { month: '2025-12' }, { facts: facts({ practice: practice(asked) }) })
      .then([{ type: 'ReturnVisitPlanned', data: { percent, policy: 'practice-bureau@1' } }])
})

t.test('a plan that does not reach its rate, or says less than it chose, cannot stand', async () => {
  const data = {
    ...{ month: '2025-12', seed: 's', percent: 10, policy: 'practice@0', substantiated: 0, asOf: 1, chosenCount: 1 },
    population: { count: 20, digest: digestOf([]) },
    chosen: [{ case: 'a', ground: 'sample' }],
  }
  const stands = (more: object) =>
    returnPlanDecider.guard(returnPlanDecider.initial, {
      ...{ id: 'e', revision: 0, type: 'ReturnVisitPlanned', effectiveAt: '2026-01-31', recordedAt: '2026-01-31' },
      ...{ actor: { operator: true }, organisation: 'bureau', sealedBy: { event: 'e', path: [] } },
      data: { ...data, ...more },
    } as never)?.code
  t.equal(stands({}), 'sample-too-small', 'one of twenty')
  t.equal(stands({ percent: 5 }), 'sample-rate-too-low')
  t.equal(stands({ population: { count: 10, digest: digestOf([]) } }), undefined)
  t.equal(
    stands({
      chosenCount: 2,
      chosen: [
        { case: 'a', ground: 'sample' },
        { case: 'a', ground: 'sample' },
      ],
    }),
    'visit-planned-twice',
  )
})

t.test('a large plan stands in several events of one append', async (t) => {
  const many = Array.from({ length: 12_000 }, (_, place) => `case-${place}`)
  const planned = none().did('plan', { month: '2025-12' }, { facts: facts({ closed: many, substantiated: [] }) })
  t.strictSame(
    planned.events.map(({ type }) => type),
    ['ReturnVisitPlanned', 'MoreVisitsPlanned', 'MoreVisitsPlanned'],
  )
  t.equal(planned.state.chosen.length, 1200)
  for (const event of planned.events) t.ok(JSON.stringify(event.data).length < 50_000)
})

t.test('a planned visit is dropped with a reason', async (t) => {
  const planned = none().did('plan', { month: '2025-12' }, { facts: facts() })
  const dropped = planned.did('drop', { case: 'case-3', reason: '当事人去世' })
  t.notOk(casesToVisit(dropped.state).some((each) => each.case === 'case-3'))
  dropped.when('drop', { case: 'case-3', reason: '再次' }).then('visit-not-planned')
  planned.when('drop', { case: 'unheard-of', reason: '误' }).then('visit-not-planned')
  none().when('drop', { case: 'case-3', reason: '误' }).then('visits-not-planned')
})
