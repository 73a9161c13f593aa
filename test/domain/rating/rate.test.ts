import t from 'tap'
import type { Recorded } from '../../../src/domain/event.ts'
import { canonicalJson, canonicalRun } from '../../../src/domain/rating/canonical.ts'
import { compileScheme, type OfficeRating, type Run, rate, rateOffice } from '../../../src/domain/rating/rate.ts'
import type { Scheme } from '../../../src/domain/rating/scheme-schema.ts'
import { bandsScheme, starScheme } from '../../../src/domain/rating/schemes/shipped.ts'
import { fiveStars, published, quash, sanction } from './county.ts'
import { Log } from './helpers.ts'

const rated = (log: Log, at = '2025-12-31', scheme: Scheme = starScheme, office = 'a'): OfficeRating =>
  rateOffice(log.base().of(office), compileScheme(scheme), at)
const criterion = (rating: OfficeRating, id: string) =>
  rating.categories.flatMap((category) => category.criteria).find((one) => one.id === id)!
const rescore = (log: Log, id: string, points: number, at = '2025-11-07') =>
  log.add('rating-a', 'OfficialScoresRecorded', at, { scores: [{ criterion: id, points }], scorers: ['p1'] })
const started = (): Log => {
  const log = new Log()
  fiveStars(log, 'a')
  return log
}

t.test('S0-4.1c: five categories at 90 and more are five stars', (t) => {
  const rating = rated(started())
  t.equal(rating.computedLevel, 5)
  t.equal(rating.points, 500)
  t.equal(rating.formalLevel, null, 'nothing was ever published')
  t.equal(rating.needsReevaluation, false)
  t.same(
    rating.categories.map(({ earned, points }) => [earned, points]),
    Array(5).fill([true, 100]),
  )
  t.end()
})

t.test('S0-4.1b: exactly 90 earns the star, 89.99 does not', (t) => {
  const log = started()
  rescore(log, 'S0-5.4.1', 10)
  t.match(rated(log), { computedLevel: 5, categories: [{}, {}, {}, { points: 90, earned: true }] })
  rescore(log, 'S0-5.4.1', 9.99, '2025-11-08')
  t.match(rated(log), { computedLevel: 4, categories: [{}, {}, {}, { points: 89.99, earned: false }] })
  t.end()
})

t.test('sums of two-decimal scores are exact', (t) => {
  const log = started()
  for (const [id, points] of [
    ['S0-5.4.1', 17.97],
    ['S0-5.4.2', 18.01],
    ['S0-5.4.3', 17.99],
    ['S0-5.4.4', 18.02],
    ['S0-5.4.5', 18.01],
  ] as const)
    rescore(log, id, points)
  t.match(rated(log).categories[3], { points: 90, earned: true })
  t.end()
})

t.test('the last official score counts, the one before stays as expired', (t) => {
  const log = started()
  rescore(log, 'S0-5.3.1', 12)
  const { lines, points } = criterion(rated(log), 'S0-5.3.1')
  t.equal(points, 12)
  t.match(lines, [
    { state: 'expired', points: 0, from: '2025-11-06', until: '2025-11-07' },
    { state: 'counted', points: 12, from: '2025-11-07', until: null },
  ])
  t.equal(criterion(rated(log, '2025-11-06'), 'S0-5.3.1').points, 20, 'not yet on the 6th')
  t.equal(criterion(rated(log, '2025-11-05'), 'S0-5.3.1').points, 0, 'nobody had scored it')
  t.end()
})

t.test("a scheme's next version reads the scores given under the one before", (t) => {
  const next = { ...structuredClone(starScheme), version: 2 }
  t.equal(rated(started(), '2025-12-31', next).computedLevel, 5)
  t.end()
})

t.test('a sanction costs the integrity star; its line names the event, the period, and the rule in words', (t) => {
  const log = started()
  const event = sanction(log, 'a', '2025-06-10')
  const rating = rated(log)
  t.equal(rating.computedLevel, 4)
  t.match(criterion(rating, 'S0-5.2.4'), {
    points: 0,
    max: 20,
    lines: [
      { event: null, points: 20 },
      {
        event,
        index: log.events.length - 1,
        points: -20,
        from: '2025-06-10',
        until: '2028-06-10',
        state: 'counted',
        reason: '受到行政处罚，自送达之日起计 3 年',
      },
    ],
  })
  t.match(rating.nextChange, { date: '2028-06-10', level: 5, because: [{ criterion: 'S0-5.2.4', event }] })
  t.end()
})

t.test('two sanctions: the criterion loses its points once, and the level comes back with the later one', (t) => {
  const log = started()
  const first = sanction(log, 'a', '2025-06-10')
  const second = sanction(log, 'a', '2025-08-10', 'D2')
  t.match(
    criterion(rated(log), 'S0-5.2.4').lines.map(({ points }) => points),
    [20, -20, 0],
  )
  t.equal(rated(log).nextChange?.date, '2028-08-10')
  quash(log, 'a', '2025-09-01', first)
  t.match(criterion(rated(log), 'S0-5.2.4').lines, [
    { points: 20 },
    { event: first, points: 0, state: 'overturned' },
    { event: second, points: -20, state: 'counted' },
  ])
  t.end()
})

t.test('a quashed sanction counts at no date, the days before its quashing included', (t) => {
  const log = started()
  const event = sanction(log, 'a', '2025-06-10')
  quash(log, 'a', '2025-12-01', event)
  for (const at of ['2025-07-01', '2025-12-31']) t.equal(criterion(rated(log, at), 'S0-5.2.4').points, 20, at)
  const before = rateOffice(log.base().of('a', log.events.length - 2), compileScheme(starScheme), '2025-12-31')
  t.equal(criterion(before, 'S0-5.2.4').points, 0, 'as recorded before the quashing')
  t.end()
})

t.test('a voided sanction never was; a replaced one is as if recorded right at first', (t) => {
  const log = started()
  const event = sanction(log, 'a', '2025-06-10')
  const correct = (mode: 'void' | 'replace', more: Partial<Recorded> & { data: object }): Log => {
    const next = new Log()
    for (const old of log.events) next.add(old.stream, old.type, old.effectiveAt, old.data, { id: old.id })
    const { data, effectiveAt, ...rest } = more
    next.add('record-a', mode === 'void' ? 'StepVoided' : 'StepReplaced', effectiveAt ?? '2025-12-01', data, {
      ...rest,
      corrects: { event, mode },
    })
    return next
  }
  t.equal(criterion(rated(correct('void', { data: {} })), 'S0-5.2.4').lines.length, 1)
  const data = { nature: 'ADMINISTRATIVE_PENALTY', kinds: ['WARNING'], authority: '市司法局', document: 'D1' }
  const moved = rated(correct('replace', { data: { version: 1, data }, effectiveAt: '2025-05-10' }))
  t.match(criterion(moved, 'S0-5.2.4').lines[1], { event, from: '2025-05-10', until: '2028-05-10' })
  t.end()
})

t.test('reconsideration marks the line disputed; suspended execution takes it out until the remedy ends', (t) => {
  const log = started()
  const of = sanction(log, 'a', '2025-06-10')
  log.add('record-a', 'RemedyFiled', '2025-07-01', { of, remedy: 'RECONSIDERATION' })
  log.add('record-a', 'ExecutionSuspended', '2025-08-01', { of })
  log.add('record-a', 'RemedyEnded', '2025-09-01', { of, result: 'UPHELD' })
  const at = (day: string) => {
    const { points, lines } = criterion(rated(log, day), 'S0-5.2.4')
    return [points, lines[1]?.state]
  }
  t.same(at('2025-06-30'), [0, 'counted'])
  t.same(at('2025-07-01'), [0, 'disputed'])
  t.same(at('2025-08-01'), [20, 'suspended'])
  t.same(at('2025-09-01'), [0, 'counted'])
  t.end()
})

t.test('complaints: what the meeting found about cooperation costs, and rectification gives back', (t) => {
  const log = started()
  const stream = 'complaint-1'
  log.add(stream, 'ComplaintRegistered', '2025-08-01', { respondentOffice: 'a', respondentWorker: 'w1' })
  const cooperation = { reportInTime: false, materialsHandedOver: true, rectified: false, activelyHandled: false }
  const event = log.add(stream, 'OfficeMeetingDecided', '2025-09-01', {
    outcome: 'substantiated',
    throughFault: true,
    cooperation,
  })
  t.match(criterion(rated(log), 'S0-5.2.3'), {
    points: 9,
    lines: [{ points: 20 }, { event, points: -3 }, { event, points: -8 }],
  })
  const mend = log.add(stream, 'RectificationVerified', '2025-10-01', { rectified: true })
  t.match(criterion(rated(log), 'S0-5.2.3'), {
    points: 13,
    lines: [{}, {}, { points: -8 }, { event: mend, points: 4 }],
  })
  log.add(stream, 'ReviewRequested', '2025-10-05', {})
  t.equal(criterion(rated(log), 'S0-5.2.3').lines[1]?.state, 'disputed')
  log.add(stream, 'DecisionQuashed', '2025-11-05', { by: 'court' }, { corrects: { event, mode: 'annul' } })
  t.match(criterion(rated(log), 'S0-5.2.3'), { points: 20, lines: [{}, { state: 'overturned', points: 0 }] })
  t.end()
})

t.test('a complaint moved to another respondent leaves the first office alone', (t) => {
  const log = started()
  fiveStars(log, 'b')
  log.add('complaint-1', 'ComplaintRegistered', '2025-08-01', { respondentOffice: 'a' })
  log.add('complaint-1', 'RespondentIdentified', '2025-08-02', { respondentOffice: 'b' })
  const cooperation = { reportInTime: false, materialsHandedOver: true, rectified: true, activelyHandled: true }
  log.add('complaint-1', 'OfficeMeetingDecided', '2025-09-01', {
    outcome: 'substantiated',
    throughFault: true,
    cooperation,
  })
  t.equal(criterion(rated(log, '2025-12-31', starScheme, 'a'), 'S0-5.2.3').points, 20)
  t.equal(criterion(rated(log, '2025-12-31', starScheme, 'b'), 'S0-5.2.3').points, 17)
  t.end()
})

t.test('formal and computed level stand together, and differ until somebody re-rates', (t) => {
  const log = started()
  published(log, 'a', 5)
  t.match(rated(log, '2026-01-01'), { formalLevel: 5, computedLevel: 5, needsReevaluation: false })
  t.equal(rated(log, '2025-12-31').formalLevel, null, 'not yet published')
  sanction(log, 'a', '2026-01-10')
  t.match(rated(log, '2026-01-31'), { formalLevel: 5, computedLevel: 4, needsReevaluation: true })
  log.add('rating-a', 'StarWarningIssued', '2026-02-01', { document: 'W1' })
  t.equal(rated(log, '2026-02-02').formalLevel, 5, 'a warning takes no level')
  const down = log.add('rating-a', 'StarDowngraded', '2026-02-03', { cause: 'TWO_WARNINGS', taken: 1, document: 'W2' })
  t.equal(rated(log, '2026-02-02').formalLevel, 5)
  t.match(rated(log, '2026-02-03'), { formalLevel: 4 })
  log.add(
    'rating-a',
    'MeasureQuashed',
    '2026-03-01',
    { of: down, authority: '法院', document: 'J' },
    { corrects: { event: down, mode: 'annul' } },
  )
  t.equal(rated(log, '2026-02-03').formalLevel, 5)
  log.add('rating-a', 'OneVoteVetoApplied', '2026-04-01', { complaint: 'c', facts: {}, document: 'V' })
  t.equal(rated(log, '2026-04-01').formalLevel, 0)
  t.end()
})

t.test('bands: 75, 80, 85, 90 and 95 are included, and decay brings certain changes step by step', (t) => {
  const scheme = structuredClone(bandsScheme) as Scheme
  for (const [points, level] of [
    [74.99, 0],
    [75, 1],
    [79.99, 1],
    [80, 2],
    [85, 3],
    [89.99, 3],
    [90, 4],
    [94.99, 4],
    [95, 5],
    [100, 5],
  ] as const) {
    const one = {
      ...scheme,
      categories: [
        {
          id: 'all',
          name: '全部',
          points: 100,
          criteria: [{ id: 'all.score', text: '评分', points: 100, evidence: { kind: 'inspected' } }],
        },
      ],
    } as unknown as Scheme
    const log = new Log()
    log.add('rating-a', 'OfficeEnrolled', '2025-01-01', {
      office: 'a',
      cycle: 'c',
      plan: { scheme: 'bands-example@1' },
    })
    log.add('rating-a', 'OfficialScoresRecorded', '2025-02-01', {
      scores: [{ criterion: 'all.score', points }],
      scorers: ['p'],
    })
    t.equal(rated(log, '2025-12-31', one).computedLevel, level, String(points))
  }
  const evidence = {
    kind: 'derived',
    rule: 'fault-complaints',
    parameters: {
      steps: [
        { months: 12, points: 26 },
        { months: 24, points: 21 },
        { months: 36, points: 20.5 },
      ],
    },
  }
  const decaying = {
    ...scheme,
    categories: [
      { id: 'all', name: '全部', points: 100, criteria: [{ id: 'x', text: '投诉', points: 100, evidence }] },
    ],
  } as unknown as Scheme
  const log = new Log()
  log.add('complaint-1', 'ComplaintRegistered', '2025-01-01', { respondentOffice: 'a' })
  log.add('complaint-1', 'OfficeMeetingDecided', '2025-01-31', {
    outcome: 'substantiated',
    throughFault: true,
    cooperation: {},
  })
  t.match(rated(log, '2025-12-31', decaying), {
    computedLevel: 0,
    points: 74,
    nextChange: { date: '2026-01-31', level: 1 },
  })
  t.match(
    rated(log, '2026-01-31', decaying),
    { computedLevel: 1, nextChange: { date: '2028-01-31', level: 5 } },
    'the step in 2027 moves no level',
  )
  t.equal(rated(log, '2028-01-31', decaying).nextChange, null)
  t.end()
})

t.test('canonical JSON: sorted keys, exact numbers, one form', (t) => {
  t.equal(
    canonicalJson({ b: [1, 89.99, -0, null, true], a: '法\n', c: undefined }),
    '{"a":"法\\n","b":[1,89.99,0,null,true]}',
  )
  t.throws(() => canonicalJson({ a: Number.NaN }), TypeError)
  t.throws(() => canonicalJson([undefined]), TypeError)
  t.end()
})

t.test('the fields of a ledger stand in canonical order: its JSON is its canonical form', (t) => {
  const log = started()
  published(log, 'a', 5)
  sanction(log, 'a', '2025-06-01')
  for (const scheme of [starScheme, bandsScheme]) {
    const rating = rated(log, '2026-01-31', scheme)
    t.equal(JSON.stringify(rating), canonicalJson(rating), scheme.id)
  }
  const rating = rated(log, '2026-01-31')
  t.ok(rating.nextChange, 'a change to come is among them')
  t.equal(rating.formalLevel, 5)
  t.end()
})

t.test('a run covers all offices in the order of their ids, whatever order was asked for', (t) => {
  const log = new Log()
  for (const office of ['b', 'a']) fiveStars(log, office)
  const run = (offices?: string[]): Run =>
    rate(log.base(), {
      asOf: log.events.length - 1,
      effectiveAt: '2025-12-31',
      scheme: starScheme,
      ...(offices ? { offices } : {}),
    })
  t.same(
    run().offices.map(({ office }) => office),
    ['a', 'b'],
  )
  t.same(canonicalRun(run(['b', 'a'])), canonicalRun(run()))
  t.equal(run().scheme, 'star@1')
  t.end()
})

t.test('measures before an award are settled by it; one of the same day comes after it', (t) => {
  const log = started()
  const down = (at: string) => log.add('rating-a', 'StarDowngraded', at, { cause: 'FINDING', taken: 1, document: at })
  down('2025-12-31')
  published(log, 'a', 4)
  t.equal(rated(log, '2026-01-01').formalLevel, 4)
  down('2026-01-01')
  t.equal(rated(log, '2026-01-01').formalLevel, 3)
  t.end()
})
