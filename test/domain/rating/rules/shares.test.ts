import t from 'tap'
import type { Fact } from '../../../../src/domain/rating/facts.ts'
import { apply, fact, left, states } from '../helpers.ts'

const round = (at: string, answered: number, satisfied: number, survey = 'CLIENTS') =>
  fact('survey', at, { survey, asked: answered + 5, reached: answered + 2, answered, satisfied })

const graded = (year: number, grade: 'QUALIFIED' | 'UNQUALIFIED' = 'QUALIFIED', at = `${year + 1}-05-20`) =>
  fact('assessment', at, { year, grade })

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
    ({ ...fact('deadline', '2026-01-05', { clock: 'supervision.reply', onTime }), ...more }) as Fact
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
