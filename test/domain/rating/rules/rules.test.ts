import t from 'tap'
import type { Fact } from '../../../../src/domain/rating/facts.ts'
import { rules } from '../../../../src/domain/rating/rules/registry.ts'
import { bandsScheme, starScheme } from '../../../../src/domain/rating/schemes/shipped.ts'
import { apply, fact, left, states } from '../helpers.ts'

const served = (at: string, more = {}, data = {}) =>
  fact('sanction', at, { nature: 'ADMINISTRATIVE_PENALTY', kinds: ['WARNING'], case: 'penalty-1', ...data }, more)

t.test('no sanction within three years: the window (T − 3 years, T] from the service of the decision', (t) => {
  const sanction = [served('2024-03-02')]
  const vectors: [at: string, points: number, state?: string][] = [
    ['2024-03-01', 2000],
    ['2024-03-02', 0, 'counted'],
    ['2027-03-01', 0, 'counted'],
    ['2027-03-02', 2000, 'expired'],
    ['2027-03-03', 2000, 'expired'],
  ]
  for (const [at, points, state] of vectors) {
    t.equal(left('no-sanction', { years: 3 }, sanction, at), points, at)
    t.same(states(apply('no-sanction', { years: 3 }, sanction, at)), state ? [state] : [], at)
  }
  t.match(apply('no-sanction', { years: 3 }, sanction, '2025-01-01')[0], { from: '2024-03-02', until: '2027-03-02' })
  t.end()
})

t.test('the leap day: 29 February leaves the window on 1 March, 28 February on 28 February', (t) => {
  const at = (day: string, years: number, now: string) => left('no-sanction', { years }, [served(day)], now)
  t.equal(at('2024-02-29', 3, '2027-02-28'), 0)
  t.equal(at('2024-02-29', 3, '2027-03-01'), 2000)
  t.equal(at('2024-02-29', 4, '2028-02-28'), 0)
  t.equal(at('2024-02-29', 4, '2028-02-29'), 2000)
  t.equal(at('2021-02-28', 3, '2024-02-27'), 0)
  t.equal(at('2021-02-28', 3, '2024-02-28'), 2000)
  t.end()
})

t.test('the Shanghai day of an instant decides on both ends', (t) => {
  const late = [served('2024-03-01T16:30:00Z')]
  t.equal(left('no-sanction', { years: 3 }, late, '2024-03-01T16:29:59Z'), 2000, 'not yet served')
  t.equal(left('no-sanction', { years: 3 }, late, '2024-03-01T16:30:00Z'), 0, 'served to the second')
  t.equal(left('no-sanction', { years: 3 }, late, '2027-03-01T15:59:59Z'), 0, 'still 1 March in Shanghai')
  t.equal(left('no-sanction', { years: 3 }, late, '2027-03-01T16:00:00Z'), 2000, '2 March in Shanghai')
  t.end()
})

t.test('penalties count beside 行政处分 and 行业处分 unless the scheme leaves them out (Q17)', (t) => {
  const natures = ['ADMINISTRATIVE_SANCTION', 'INDUSTRY_DISCIPLINE'] as const
  t.equal(left('no-sanction', { years: 3 }, [served('2025-01-01')], '2025-06-01'), 0)
  t.equal(left('no-sanction', { years: 3, natures }, [served('2025-01-01')], '2025-06-01'), 2000)
  for (const nature of natures)
    t.equal(left('no-sanction', { years: 3, natures }, [served('2025-01-01', {}, { nature })], '2025-06-01'), 0, nature)
  t.end()
})

t.test('a disputed sanction counts, marked; suspended execution does not; the scheme may say otherwise', (t) => {
  const span = (suspended: boolean) => ({
    disputes: [
      { from: Date.parse('2025-02-01T00:00:00+08:00'), to: Date.parse('2025-04-01T00:00:00+08:00'), suspended },
    ],
  })
  const rated = (at: string, suspended: boolean, disputed?: string) => {
    const parameters = { years: 3, ...(disputed ? { disputed } : {}) }
    const facts = [served('2025-01-01', span(suspended))]
    return [left('no-sanction', parameters, facts, at), ...states(apply('no-sanction', parameters, facts, at))]
  }
  t.same(rated('2025-01-31', false), [0, 'counted'])
  t.same(rated('2025-02-01', false), [0, 'disputed'])
  t.same(rated('2025-03-31', false), [0, 'disputed'])
  t.same(rated('2025-04-01', false), [0, 'counted'], 'the remedy ended')
  t.same(rated('2025-02-01', true), [2000, 'suspended'])
  t.same(rated('2025-04-01', true), [0, 'counted'])
  t.same(rated('2025-02-01', false, 'does-not-count'), [2000, 'disputed'])
  t.end()
})

t.test('a quashed sanction is overturned at every date, and earns no next change', (t) => {
  const overturned = { event: 'q', index: 9, at: '2026-01-01' }
  const quashed: Fact = { ...served('2025-01-01'), overturned }
  for (const at of ['2025-01-01', '2025-12-31', '2026-02-01', '2029-01-01']) {
    const [line] = apply('no-sanction', { years: 3 }, [quashed], at)
    t.match(line, { points: 0, state: 'overturned' }, at)
    t.equal(line?.changes, undefined)
  }
  t.end()
})

t.test('criminal liability: intentional crimes within three years, all where the scheme says so', (t) => {
  const crime = (intentional: boolean) => [fact('criminal', '2025-05-05', { intentional })]
  const rated = (intentional: boolean, at: string, intentionalOnly = true) =>
    left('no-criminal-liability', { years: 3, intentionalOnly }, crime(intentional), at)
  t.equal(rated(true, '2025-05-04'), 2000)
  t.equal(rated(true, '2025-05-05'), 0)
  t.equal(rated(true, '2028-05-04'), 0)
  t.equal(rated(true, '2028-05-05'), 2000)
  t.equal(rated(false, '2025-05-05'), 2000)
  t.equal(rated(false, '2025-05-05', false), 0)
  t.end()
})

const round = (at: string, answered: number, satisfied: number, survey = 'CLIENTS') =>
  fact('survey', at, { survey, asked: answered + 5, reached: answered + 2, answered, satisfied })

t.test('satisfaction: 以上 includes the number; exact at two decimals', (t) => {
  const parameters = { survey: 'CLIENTS', atLeast: 80, minimumSample: 10 }
  const rated = (answered: number, satisfied: number, more = {}) =>
    left('satisfaction', { ...parameters, ...more }, [round('2026-01-10', answered, satisfied)], '2026-06-01')
  t.equal(rated(10, 8), 2000, 'exactly 80 %')
  t.equal(rated(10, 7), 0)
  t.equal(rated(100_000, 79_999), 0, '79.999 %')
  t.equal(rated(3, 2, { atLeast: 66.66, minimumSample: 3 }), 2000)
  t.equal(rated(3, 2, { atLeast: 66.67, minimumSample: 3 }), 0)
  t.end()
})

t.test('satisfaction: minimum sample, named survey, window, rounds added up', (t) => {
  const parameters = { survey: 'CLIENTS', atLeast: 80, minimumSample: 10, months: 12 }
  const rated = (facts: Fact[], more = {}, at = '2026-06-01') =>
    left('satisfaction', { ...parameters, ...more }, facts, at)
  t.equal(rated([round('2026-01-10', 9, 9)]), 0, 'nine answers are too few')
  t.equal(rated([round('2026-01-10', 9, 9)], { tooSmall: 'not-judged' }), 2000)
  t.equal(rated([]), 0, 'no survey at all')
  t.equal(rated([round('2026-01-10', 20, 20, 'PARTY_ORGANISATION')]), 0, 'another survey answers another question')
  t.equal(rated([round('2026-01-10', 5, 3), round('2026-02-10', 5, 5)]), 2000, 'two rounds, 8 of 10')
  t.equal(rated([round('2025-06-01', 20, 20)]), 0, 'a year ago is out')
  t.equal(rated([round('2025-06-02', 20, 20)]), 2000, 'a day less is in')
  t.equal(
    rated([
      { ...round('2026-01-10', 20, 0), overturned: { event: 'x', index: 1, at: '2026-02-01' } },
      round('2026-01-11', 10, 8),
    ]),
    2000,
  )
  t.end()
})

const graded = (year: number, grade: 'QUALIFIED' | 'UNQUALIFIED' = 'QUALIFIED', at = `${year + 1}-05-20`) =>
  fact('assessment', at, { year, grade })

t.test('annual assessment passed three years running', (t) => {
  const rated = (facts: Fact[], at: string) => left('assessments-passed', { years: 3, dueBy: '06-30' }, facts, at)
  const good = [graded(2022), graded(2023), graded(2024)]
  t.equal(rated(good, '2025-05-19'), 0, 'before the third result: 2021 to 2023, and 2021 is missing')
  t.equal(rated(good, '2025-05-20'), 2000)
  t.equal(rated(good, '2026-06-30'), 2000, '2025 may still be assessed today')
  t.equal(rated(good, '2026-07-01'), 0, '2025 is due and missing')
  t.equal(rated([graded(2022), graded(2023, 'UNQUALIFIED'), graded(2024)], '2025-06-01'), 0)
  t.equal(rated([graded(2021, 'UNQUALIFIED'), ...good], '2025-06-01'), 2000, 'four years ago does not matter')
  t.equal(rated([graded(2022), graded(2024)], '2025-06-01'), 0, 'a gap is not running')
  const quashed = {
    ...graded(2023, 'UNQUALIFIED', '2024-05-01'),
    overturned: { event: 'q', index: 1, at: '2024-06-01' },
  }
  t.equal(rated([...good, quashed], '2025-06-01'), 2000)
  t.ok(states(apply('assessments-passed', { years: 3 }, [...good, quashed], '2025-06-01')).includes('overturned'))
  t.equal(
    rated([...good, graded(2024, 'UNQUALIFIED', '2025-06-10')], '2025-06-11'),
    0,
    'the later result of a year holds',
  )
  t.end()
})

t.test('on-time rate: at least p %, cured misses count as neither', (t) => {
  const due = (onTime: boolean, number: number, more: object = {}): Fact =>
    ({
      ...fact('deadline', `2026-01-${String(number).padStart(2, '0')}`, { clock: 'supervision.reply', onTime }),
      ...more,
    }) as Fact
  const list = (met: number, missed: number) => [
    ...Array.from({ length: met }, (_, place) => due(true, 1 + (place % 28))),
    ...Array.from({ length: missed }, (_, place) => due(false, 1 + (place % 28))),
  ]
  const rated = (facts: Fact[], more = {}, at = '2026-06-01') =>
    left('on-time-rate', { atLeast: 95, minimumSample: 5, ...more }, facts, at)
  t.equal(rated(list(19, 1)), 2000, '95 % exactly')
  t.equal(rated(list(18, 1)), 0, '94.7 %')
  t.equal(rated([...list(18, 1), due(false, 3, { cured: { event: 'cal', index: 1, at: '2026-02-01' } })]), 0)
  t.equal(rated([...list(19, 1), due(false, 3, { cured: { event: 'cal', index: 1, at: '2026-02-01' } })]), 2000)
  t.equal(rated(list(0, 4)), 2000, 'too few to judge')
  t.equal(rated(list(0, 4), { tooFew: 'fails' }), 0)
  t.equal(rated(list(0, 5)), 0)
  t.equal(rated(list(0, 5), { clocks: ['complaint.report'] }), 2000, 'other clocks')
  t.equal(
    rated([due(false, 1), due(false, 1), due(false, 1), due(false, 1), due(false, 1)], {}, '2027-01-01'),
    2000,
    'a year later',
  )
  t.equal(rated([due(false, 2), due(false, 2), due(false, 2), due(false, 2), due(false, 2)], {}, '2027-01-01'), 0)
  t.end()
})

const decided = (at: string, data: object, more = {}) =>
  fact('complaint', at, { case: 'complaint-1', outcome: 'substantiated', throughFault: true, ...data }, more)

t.test('cooperation: each failure costs, rectification afterwards gives back, for two years', (t) => {
  const parameters = { months: 24, reportLate: 3, materialsWithheld: 5, notRectified: 8, rectifiedLater: 4 }
  const rated = (facts: Fact[], at = '2026-06-01') => left('cooperation', parameters, facts, at)
  t.equal(rated([decided('2026-01-01', { reportInTime: true, materialsHandedOver: true, rectified: true })]), 2000)
  t.equal(rated([decided('2026-01-01', { reportInTime: false })]), 1700)
  t.equal(rated([decided('2026-01-01', { materialsHandedOver: false })]), 1500)
  t.equal(rated([decided('2026-01-01', { rectified: false })]), 1200)
  t.equal(rated([decided('2026-01-01', { reportInTime: false, materialsHandedOver: false, rectified: false })]), 400)
  t.equal(rated([decided('2026-01-01', {})]), 2000, 'not assessed costs nothing')
  const bad = decided('2026-01-01', { rectified: false }, { id: 'd1' })
  const mend = fact('rectified', '2026-03-01', { of: 'd1' })
  t.equal(rated([bad, mend]), 1600, 'rectified later')
  t.equal(rated([bad, mend], '2026-02-28'), 1200, 'not before it was')
  t.equal(rated([bad, fact('rectified', '2026-03-01', { of: 'other' })]), 1200)
  t.equal(rated([bad, mend], '2028-01-01'), 2000)
  t.equal(rated([bad], '2027-12-31'), 1200)
  t.end()
})

t.test('substantiated fault complaints decay by steps', (t) => {
  const parameters = {
    steps: [
      { months: 12, points: 6 },
      { months: 24, points: 3 },
      { months: 36, points: 1 },
    ],
  }
  const rated = (facts: Fact[], at: string, more = {}) =>
    left('fault-complaints', { ...parameters, ...more }, facts, at)
  const one = [decided('2024-04-10', {}, { id: 'd2' })]
  const vectors: [string, number][] = [
    ['2024-04-09', 2000],
    ['2024-04-10', 1400],
    ['2025-04-09', 1400],
    ['2025-04-10', 1700],
    ['2026-04-09', 1700],
    ['2026-04-10', 1900],
    ['2027-04-09', 1900],
    ['2027-04-10', 2000],
  ]
  for (const [at, points] of vectors) t.equal(rated(one, at), points, at)
  t.same(states(apply('fault-complaints', parameters, one, '2027-04-10')), ['expired'])
  t.equal(
    apply('fault-complaints', parameters, one, '2024-05-01')[0]?.changes,
    '2025-04-10',
    'the next step is certain',
  )
  t.equal(rated([decided('2024-04-10', { throughFault: false })], '2024-05-01'), 2000)
  t.equal(rated([decided('2024-04-10', { outcome: 'unsubstantiated' })], '2024-05-01'), 2000)
  t.equal(rated([decided('2024-04-10', { outcome: 'partly-substantiated' })], '2024-05-01'), 1400)
  t.equal(
    rated([decided('2024-04-10', { outcome: 'partly-substantiated' })], '2024-05-01', { outcomes: ['substantiated'] }),
    2000,
  )
  const mend = fact('rectified', '2024-05-01', { of: 'd2' })
  t.equal(rated([...one, mend], '2024-06-01', { rectifiedLater: 2 }), 1600)
  t.equal(rated([...one, mend], '2026-06-01', { rectifiedLater: 2 }), 2000, 'a merit never exceeds what the line costs')
  t.equal(
    rated(
      Array.from({ length: 5 }, () => decided('2024-04-10', {})),
      '2024-05-01',
    ),
    0,
    'never below nothing',
  )
  const replaced = [decided('2024-04-10', {}, { replacedFrom: Date.parse('2024-06-01T00:00:00+08:00') })]
  t.equal(rated(replaced, '2024-05-31'), 1400)
  t.equal(rated(replaced, '2024-06-01'), 2000, 'a later decision stands in its place')
  t.end()
})

t.test('circulars and cards within a year', (t) => {
  const parameters = { months: 12, circular: 2, yellowCard: 1, redCard: 3, rectifiedLater: 0.5 }
  const rated = (facts: Fact[], at = '2026-06-01') => left('supervision-notices', parameters, facts, at, 500)
  t.equal(rated([fact('notice', '2026-01-01', { form: 'CIRCULAR' })]), 300)
  t.equal(rated([fact('notice', '2026-01-01', { form: 'YELLOW_CARD' })]), 400)
  t.equal(rated([fact('notice', '2026-01-01', { form: 'RED_CARD' })]), 200)
  t.equal(rated([fact('notice', '2025-06-01', { form: 'RED_CARD' })]), 500)
  t.equal(rated([fact('notice', '2025-06-02', { form: 'RED_CARD' })]), 200)
  t.equal(
    rated([
      fact('notice', '2026-01-01', { form: 'RED_CARD' }, { id: 'n' }),
      fact('rectified', '2026-02-01', { of: 'n' }),
    ]),
    250,
  )
  t.end()
})

t.test('per head: office total ÷ average active headcount of the year (Q11)', (t) => {
  const staff = (at: string, workers: number) => fact('staffing', at, { workers, fullTime: workers, bachelors: 0 })
  const hours = (amount: number, year = 2025) => fact('publicService', '2025-12-31', { year, hours: amount * 100 })
  const rated = (facts: Fact[], at = '2026-03-01') => left('public-service-hours', { perHead: 36 }, facts, at, 500)
  t.equal(rated([staff('2024-01-01', 3), hours(108)]), 500, '3 × 36 exactly')
  t.equal(rated([staff('2024-01-01', 3), hours(107.99)]), 0)
  t.equal(rated([staff('2025-07-02', 3), hours(54.15)]), 500, 'half a year (183 days of 365): 54.148 are owed')
  t.equal(rated([staff('2025-07-02', 3), hours(54.14)]), 0)
  t.equal(rated([staff('2024-01-01', 2), staff('2025-12-31', 100), hours(81.67)]), 500, 'one day of a hundred')
  t.equal(rated([staff('2024-01-01', 2), staff('2025-12-31', 100), hours(81.66)]), 0)
  t.equal(rated([hours(500)]), 0, 'no headcount known')
  t.equal(rated([staff('2024-01-01', 3), hours(200, 2024)]), 0, 'another year')
  t.equal(rated([staff('2024-01-01', 3), hours(108)], '2025-12-31'), 0, 'the year before the running one is looked at')
  const member = (worker: string, at: string, joined: boolean) => fact('membership', at, { worker, joined })
  t.equal(
    rated([member('w1', '2020-01-01', true), staff('2024-01-01', 30), hours(36)]),
    500,
    'the register comes before staffing',
  )
  t.equal(
    rated([
      member('w1', '2020-01-01', true),
      member('w2', '2020-01-01', true),
      member('w2', '2024-12-31', false),
      hours(36),
    ]),
    500,
  )
  const cases = (count: number) => fact('aidCases', '2025-12-31', { year: 2025, cases: count })
  t.equal(left('aid-cases', { perHead: 5 }, [staff('2024-01-01', 3), cases(15)], '2026-03-01', 500), 500)
  t.equal(left('aid-cases', { perHead: 5 }, [staff('2024-01-01', 3), cases(14)], '2026-03-01', 500), 0)
  t.end()
})

t.test('training hours of each worker of the whole year', (t) => {
  const hours = (worker: string, amount: number, year = 2025) =>
    fact('training', '2025-11-01', { worker, year, hours: amount * 100 })
  const rated = (facts: Fact[]) => left('training-hours', { hours: 40, perWorker: 1 }, facts, '2026-03-01', 500)
  t.equal(rated([hours('w1', 40)]), 500)
  t.equal(rated([hours('w1', 39.99)]), 400)
  t.equal(rated([hours('w1', 20), hours('w1', 20)]), 500, 'sessions add up')
  t.equal(rated([hours('w1', 40), hours('w2', 10)]), 400)
  t.equal(rated([hours('w1', 40, 2024)]), 0, 'nothing recorded for the year')
  const joined = (worker: string, at: string) => fact('membership', at, { worker, joined: true })
  t.equal(rated([joined('w1', '2025-01-01'), joined('w2', '2024-05-01'), hours('w1', 40)]), 400, 'w2 has none')
  t.equal(
    rated([joined('w1', '2025-01-01'), joined('w2', '2025-01-02'), hours('w1', 40)]),
    500,
    'w2 came during the year',
  )
  t.equal(
    rated([
      joined('w1', '2024-01-01'),
      joined('w2', '2024-01-01'),
      fact('membership', '2025-12-31', { worker: 'w2', joined: false }),
      hours('w1', 40),
    ]),
    500,
    'w2 left',
  )
  t.end()
})

t.test('monthly study: the complete months before, from registration on', (t) => {
  const held = (month: string, day = '15') => fact('study', `${month}-${day}`, { month })
  const all = ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12'].map((month) =>
    held(`2025-${month}`),
  )
  const rated = (facts: Fact[], at = '2026-01-20', more = {}) =>
    left('monthly-study', { perMonth: 1, months: 12, perMiss: 2, ...more }, facts, at)
  t.equal(rated(all), 2000, 'the running month is not owed yet')
  t.equal(rated(all, '2026-01-31'), 2000)
  t.equal(rated(all, '2026-02-01'), 1800, 'January passed without')
  t.equal(rated(all.slice(1)), 1800)
  t.equal(rated(all.slice(3)), 1400)
  t.equal(rated([]), 0)
  t.equal(rated(all, '2026-01-20', { perMonth: 2 }), 0)
  t.equal(rated([...all.slice(1), { ...all[0]!, overturned: { event: 'x', index: 1, at: '2026-01-01' } }]), 1800)
  const registered = (at: string) => fact('registration', at, { active: true })
  t.equal(rated([registered('2025-12-01')]), 1800, 'only December is owed')
  t.equal(rated([registered('2025-12-02')]), 2000, 'a begun month is not')
  t.end()
})

t.test('monthly submissions: news and typical cases, each month', (t) => {
  const sent = (month: string, news: number, typicalCases: number) =>
    fact('submissions', '2026-01-05', { month, news, typicalCases })
  const rated = (facts: Fact[]) =>
    left('monthly-submissions', { news: 3, typicalCases: 1, months: 2, perMiss: 1 }, facts, '2026-01-20', 300)
  t.equal(rated([sent('2025-11', 3, 1), sent('2025-12', 3, 1)]), 300)
  t.equal(rated([sent('2025-11', 3, 1), sent('2025-12', 2, 1)]), 200)
  t.equal(rated([sent('2025-11', 3, 1), sent('2025-12', 3, 0)]), 200)
  t.equal(rated([sent('2025-11', 1, 1), sent('2025-11', 2, 0), sent('2025-12', 3, 1)]), 300, 'parts add up')
  t.equal(rated([sent('2026-01', 9, 9)]), 100)
  t.end()
})

t.test('staffing by the last record', (t) => {
  const staff = (at: string, workers: number, bachelors: number, fullTime = workers) =>
    fact('staffing', at, { workers, fullTime, bachelors })
  const rated = (facts: Fact[], more = {}) =>
    left('staffing', { workers: 3, bachelorPercent: 50, ...more }, facts, '2026-01-20', 400)
  t.equal(rated([staff('2025-01-01', 3, 2)]), 400)
  t.equal(rated([staff('2025-01-01', 2, 2)]), 0)
  t.equal(rated([staff('2025-01-01', 4, 2)]), 400, 'half exactly')
  t.equal(rated([staff('2025-01-01', 5, 2)]), 0)
  t.equal(rated([staff('2025-01-01', 3, 2), staff('2025-06-01', 2, 2)]), 0)
  t.equal(rated([staff('2025-01-01', 4, 3, 2)], { fullTimeOnly: true }), 0)
  t.equal(rated([]), 0)
  t.end()
})

t.test('every rule is used by a shipped scheme and says itself in one Chinese sentence', (t) => {
  const used = new Set<string>()
  for (const scheme of [starScheme, bandsScheme])
    for (const { evidence } of scheme.categories.flatMap((category) => category.criteria))
      for (const one of evidence.kind === 'derived' ? [evidence] : (evidence.checks ?? [])) {
        used.add(one.rule)
        const rule = rules.get(one.rule)!
        t.match(rule.words(rule.parameters.parse(one.parameters) as never), /[一-鿿]{4}/)
      }
  t.same(
    [...rules.keys()].filter((name) => !used.has(name)),
    [],
  )
  t.end()
})

t.test('a rating at an instant sees remedies and replacements to the millisecond', (t) => {
  const ms = (text: string) => Date.parse(text)
  const [from, to] = ['2025-02-01T10:00:00.000Z', '2025-03-01T10:00:00.000Z']
  const disputed = [served('2025-01-01', { disputes: [{ from: ms(from), to: ms(to), suspended: false }] })]
  const at = (day: string) => states(apply('no-sanction', { years: 3 }, disputed, day))[0]
  t.equal(at('2025-02-01T09:59:59.999Z'), 'counted')
  t.equal(at(from), 'disputed')
  t.equal(at('2025-03-01T09:59:59.999Z'), 'disputed')
  t.equal(at(to), 'counted')
  const replaced = [served('2025-01-01', { replacedFrom: ms(from) })]
  const then = (day: string) => states(apply('no-sanction', { years: 3 }, replaced, day))[0]
  t.equal(then('2025-02-01T09:59:59.999Z'), 'counted')
  t.equal(then(from), 'overturned')
  t.end()
})

t.test('only lines that still count announce a change', (t) => {
  const changes = (name: string, parameters: object, facts: Fact[], at: string) =>
    apply(name, parameters, facts, at).map((line) => line.changes)
  const overturned = { event: 'q', index: 1, at: '2025-02-01' }
  t.same(changes('no-sanction', { years: 1 }, [served('2025-01-01')], '2025-06-01'), ['2026-01-01'])
  t.same(changes('no-sanction', { years: 1 }, [served('2025-01-01')], '2026-01-01'), [undefined])
  const cooperation = { months: 12, reportLate: 3, materialsWithheld: 5, notRectified: 8 }
  const late = decided('2025-01-01', { reportInTime: false })
  t.same(changes('cooperation', cooperation, [late], '2025-06-01'), ['2026-01-01'])
  t.same(changes('cooperation', cooperation, [late], '2026-01-01'), [undefined])
  t.same(changes('cooperation', cooperation, [{ ...late, overturned }], '2025-06-01'), [undefined])
  const steps = { steps: [{ months: 12, points: 6 }] }
  t.same(changes('fault-complaints', steps, [{ ...decided('2025-01-01', {}), overturned }], '2025-06-01'), [undefined])
  t.end()
})

t.test('no merit lines where the scheme gives none, nor lines for a complaint in which all was in order', (t) => {
  const bad = decided('2026-01-01', { rectified: false }, { id: 'd9' })
  const mend = fact('rectified', '2026-02-01', { of: 'd9' })
  const none = { months: 24, reportLate: 3, materialsWithheld: 5, notRectified: 8 }
  t.equal(apply('cooperation', none, [bad, mend], '2026-06-01').length, 1)
  t.equal(apply('cooperation', { ...none, rectifiedLater: 4 }, [bad, mend], '2026-06-01').length, 2)
  t.equal(apply('cooperation', none, [decided('2026-01-01', { rectified: true })], '2026-06-01').length, 0)
  const steps = { steps: [{ months: 12, points: 6 }] }
  t.equal(apply('fault-complaints', steps, [bad, mend], '2026-06-01').length, 1)
  t.equal(apply('fault-complaints', { ...steps, rectifiedLater: 1 }, [bad], '2026-06-01').length, 1)
  t.end()
})

t.test('the earliest rectification that stands mends', (t) => {
  const parameters = { months: 24, reportLate: 3, materialsWithheld: 5, notRectified: 8, rectifiedLater: 4 }
  const bad = decided('2026-01-01', { rectified: false }, { id: 'd8' })
  const mend = (at: string, more: object = {}): Fact => ({ ...fact('rectified', at, { of: 'd8' }), ...more }) as Fact
  const lines = (facts: Fact[]) => apply('cooperation', parameters, [bad, ...facts], '2026-06-01')
  t.match(lines([mend('2026-03-01'), mend('2026-02-01')])[1], { from: '2026-02-01' })
  const overturned = { event: 'x', index: 1, at: '2026-02-02' }
  t.match(lines([mend('2026-03-01'), mend('2026-02-01', { overturned })])[1], { from: '2026-03-01' })
  t.equal(lines([mend('2026-02-01', { overturned })]).length, 1)
  t.end()
})

t.test('steps of decay grow longer and never dearer', (t) => {
  const parse = (...steps: [months: number, points: number][]) =>
    rules
      .get('fault-complaints')!
      .parameters.safeParse({ steps: steps.map(([months, points]) => ({ months, points })) }).success
  t.ok(parse([12, 6], [24, 6]))
  t.ok(parse([12, 6], [24, 3]))
  t.notOk(parse([12, 6], [12, 3]), 'as long as the one before')
  t.notOk(parse([12, 6], [24, 7]), 'dearer later')
  t.end()
})

t.test('assessments: overturned results of the years looked at are shown, others not', (t) => {
  const overturned = { event: 'q', index: 1, at: '2025-06-01' }
  const taken = (year: number, grade: 'QUALIFIED' | 'UNQUALIFIED' = 'UNQUALIFIED') => ({
    ...graded(year, grade, `${year + 1}-03-01`),
    overturned,
  })
  const good = [graded(2022), graded(2023), graded(2024)]
  const shown = (...more: Fact[]) =>
    apply('assessments-passed', { years: 3 }, [...good, ...more], '2025-06-01').filter(
      (line) => line.state === 'overturned',
    )
  t.equal(shown(taken(2021)).length, 0)
  t.match(shown(taken(2022)), [{ reason: '2022 年度考核不合格' }])
  t.match(shown(taken(2024, 'QUALIFIED')), [{ reason: '2024 年度考核合格' }])
  const after = (at: string) => left('assessments-passed', { years: 3 }, [...good, graded(2025)], at)
  t.equal(after('2026-07-01'), 2000, 'the year that fell due was assessed')
  t.equal(after('2026-12-31'), 2000)
  t.end()
})

t.test('a deadline whose miss was taken back counts as neither; a cure holds from the moment of its notice', (t) => {
  const deadline = (onTime: boolean, more: object = {}): Fact =>
    ({ ...fact('deadline', '2026-01-05', { clock: 'c', onTime }), ...more }) as Fact
  const overturned = { event: 'x', index: 1, at: '2026-02-01' }
  const parameters = { atLeast: 100, minimumSample: 1 }
  const rated = (facts: Fact[], at = '2026-06-01') => left('on-time-rate', parameters, facts, at)
  t.equal(rated([deadline(true), deadline(false, { overturned })]), 2000)
  t.match(apply('on-time-rate', parameters, [deadline(false, { overturned })], '2026-06-01')[0], {
    reason: '逾期认定已被撤销',
    state: 'overturned',
  })
  t.match(apply('on-time-rate', parameters, [deadline(false)], '2026-06-01')[0], {
    reason: '逾期一次',
    state: 'counted',
  })
  t.equal(
    left('on-time-rate', { ...parameters, tooFew: 'fails' }, [deadline(true, { overturned })], '2026-06-01'),
    0,
    'nothing left to judge',
  )
  const cured = [deadline(true), deadline(false, { cured: { event: 'n', index: null, at: '2026-03-01T02:00:00Z' } })]
  t.equal(rated(cured, '2026-03-01T01:59:59.999Z'), 0)
  t.equal(rated(cured, '2026-03-01T02:00:00Z'), 2000)
  t.end()
})

t.test('per head and training in words; what was taken back is shown and not counted', (t) => {
  const overturned = { event: 'x', index: 1, at: '2026-01-01' }
  const staff = fact('staffing', '2025-07-02', { workers: 3, fullTime: 3, bachelors: 0 })
  const hours = (amount: number, more: object = {}): Fact =>
    ({ ...fact('publicService', '2025-12-31', { year: 2025, hours: amount * 100 }), ...more }) as Fact
  const lines = apply(
    'public-service-hours',
    { perHead: 36 },
    [staff, hours(54), hours(1, { overturned })],
    '2026-03-01',
    500,
  )
  t.same(
    lines.map((line) => [line.reason, line.points, line.state]),
    [
      ['登记 54', 0, 'counted'],
      ['登记 1', 0, 'overturned'],
      ['2025 年合计 54，平均在册 1.5 人，未达到人均要求', -500, 'counted'],
    ],
  )
  const trained = (worker: string, amount: number, more: object = {}): Fact =>
    ({ ...fact('training', '2025-11-01', { worker, year: 2025, hours: amount * 100 }), ...more }) as Fact
  const member = (worker: string, at: string, joined: boolean) => fact('membership', at, { worker, joined })
  const training = (facts: Fact[]) =>
    apply('training-hours', { hours: 40, perWorker: 1 }, facts, '2026-03-01', 500).map((line) => [
      line.reason,
      line.points,
    ])
  t.same(training([member('w1', '2024-01-01', true), trained('w1', 40, { overturned })]), [
    ['工作者 w1 学时 40', 0],
    ['工作者 w1 学时 0，不足 40', -100],
  ])
  t.same(
    training([member('w1', '2024-01-01', true), member('w1', '2026-01-01', false)]),
    [['工作者 w1 学时 0，不足 40', -100]],
    'he left after the year',
  )
  t.end()
})

t.test('monthly duties in words, month by month', (t) => {
  const overturned = { event: 'x', index: 1, at: '2026-01-01' }
  const held = (month: string, more: object = {}): Fact =>
    ({ ...fact('study', `${month}-15`, { month }), ...more }) as Fact
  const study = (...facts: Fact[]) =>
    apply('monthly-study', { perMonth: 2, months: 2, perMiss: 2 }, facts, '2026-01-20').map((line) => [
      line.reason,
      line.points,
    ])
  t.same(study(held('2025-11'), held('2025-11'), held('2025-12')), [['2025-12 集中学习 1 次，不足 2 次', -200]])
  t.same(study(held('2025-11')), [
    ['2025-11 集中学习 1 次，不足 2 次', -200],
    ['2025-12 集中学习 0 次，不足 2 次', -200],
  ])
  t.same(
    study(...['2025-11', '2025-11', '2025-12', '2025-12'].map((month) => held(month)), held('2025-10', { overturned })),
    [['2 个月均达到要求', 0]],
  )
  const sent = (month: string, more: object = {}): Fact =>
    ({ ...fact('submissions', '2026-01-05', { month, news: 3, typicalCases: 1 }), ...more }) as Fact
  const submitted = (...facts: Fact[]) =>
    apply('monthly-submissions', { news: 3, typicalCases: 1, months: 2, perMiss: 1 }, facts, '2026-01-20').map(
      (line) => [line.reason, line.points],
    )
  t.same(submitted(sent('2025-11'), sent('2025-12'), sent('2025-10', { overturned })), [['2 个月均达到要求', 0]])
  t.same(submitted(sent('2025-12')), [['2025-11 报送信息 0 篇、典型案例 0 篇，不足', -100]])
  t.end()
})
