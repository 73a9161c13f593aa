import t from 'tap'
import type { Fact } from '../../../../src/domain/rating/facts.ts'
import { apply, fact, left } from '../helpers.ts'

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
