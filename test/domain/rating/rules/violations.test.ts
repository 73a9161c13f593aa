import t from 'tap'
import type { Fact } from '../../../../src/domain/rating/facts.ts'
import { rules } from '../../../../src/domain/rating/rules/registry.ts'
import { apply, fact, left, states } from '../helpers.ts'

const served = (at: string, more = {}, data = {}) =>
  fact('sanction', at, { nature: 'ADMINISTRATIVE_PENALTY', kinds: ['WARNING'], case: 'penalty-1', ...data }, more)

const decided = (at: string, data: object, more = {}) =>
  fact('complaint', at, { case: 'complaint-1', outcome: 'substantiated', throughFault: true, ...data }, more)

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
  t.equal(apply('fault-complaints', parameters, one, '2024-05-01')[0]?.until, '2027-04-10', 'shown until its last step')
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

t.test(
  'a merit gives back at most what the violation that it mends costs, and nothing of what else went wrong',
  (t) => {
    const bad = decided('2026-01-01', { reportInTime: false, rectified: false }, { id: 'd9' })
    const mend = fact('rectified', '2026-02-01', { of: 'd9' })
    const cooperation = { months: 24, reportLate: 3, materialsWithheld: 5, notRectified: 4, rectifiedLater: 8 }
    t.equal(left('cooperation', cooperation, [bad, mend], '2026-06-01'), 1700, 'the late report stays late')
    const notices = { months: 12, circular: 4, yellowCard: 2, redCard: 9, rectifiedLater: 5 }
    const circular = fact('notice', '2026-01-01', { form: 'CIRCULAR' })
    const card = fact('notice', '2026-02-01', { form: 'YELLOW_CARD' }, { id: 'd10' })
    const mended = fact('rectified', '2026-03-01', { of: 'd10' })
    t.equal(left('supervision-notices', notices, [circular, card, mended], '2026-06-01'), 1600)
    t.end()
  },
)

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
