import t from 'tap'
import {
  cardFigures,
  type ReturnVisitState,
  returnVisitDecider,
  satisfactionRate,
  scoreSums,
  sumFigures,
  visitFigures,
} from '../../../src/domain/return-visit/index.ts'
import { given } from '../../support/scenario.ts'

const facts = { handlers: ['investigator-1', 'investigator-2', 'clerk', 'director'] }
const task = {
  case: 'c1',
  office: 'office-1',
  ground: 'substantiated',
  plan: 'returnplan-bureau.2026-01',
  visitor: 'visitor',
}
const visitor = { by: 'visitor' }
const scores = { attitude: 5, efficiency: 4, policy: 5, competence: 3 }
const limits = { 'returnvisit.visit': '10d', 'returnvisit.follow-up': '3wd', 'returnvisit.suggestion': '15d' }

const assigned = () => given(returnVisitDecider).did('assign', task, { by: 'officer', facts, limits })
const reached = () => assigned().did('attempt', { method: 'phone', reached: true }, visitor)
const recorded = (body: object) => reached().did('record', body, { ...visitor, limits })
const dissatisfied = () => recorded({ outcome: 'not-solved', satisfied: false, text: '未退费' })

t.test('a visit is assigned, attempted, answered and closed (S1-7.2)', async (t) => {
  const closed = given(returnVisitDecider)
    .when('assign', task, { by: 'officer', facts, limits })
    .then([{ type: 'ReturnVisitAssigned', data: { category: 'complaint', handlers: facts.handlers, attempts: 2 } }])
    .when('attempt', { method: 'phone', reached: false, note: '无人接听' }, visitor)
    .then([{ type: 'VisitAttempted' }])
    .when('attempt', { method: 'phone', reached: true }, visitor)
    .then([{ type: 'VisitAttempted' }])
    .when('record', { outcome: 'solved', satisfied: true, scores }, visitor)
    .then([{ type: 'ReturnVisitRecorded', data: { outcome: 'solved' } }])
    .when('close')
    .then([{ type: 'ReturnVisitClosed' }])
  t.match(closed.state, { status: 'closed', attempts: 2, satisfied: true, scores })
  t.ok(closed.state.clocks.every((clock) => clock.stoppedAt !== undefined))
  closed.when('attempt', { method: 'phone', reached: true }, visitor).then('case-closed')
})

t.test('whoever ever handled the case does not visit (S1-7.2)', async () => {
  const none = given(returnVisitDecider)
  none
    .when('assign', { ...task, visitor: 'investigator-2' }, { facts })
    .then({ code: 'visitor-handled-the-case', rule: 'S1-7.2', pointer: '/visitor' })
  assigned().when('changeVisitor', { visitor: 'director', reason: '调整' }, { facts }).then('visitor-handled-the-case')
  // Who handled it is looked up, not told.
  none.when('assign', task).then({ code: 'facts-missing', detail: { facts: 'handlers' } })
  assigned().when('changeVisitor', { visitor: 'other', reason: '调整' }).then('facts-missing')
})

t.test('only the visitor visits', async (t) => {
  assigned().when('attempt', { method: 'phone', reached: true }, { by: 'officer' }).then('not-the-visitor')
  reached().when('record', { outcome: 'solved', satisfied: true }, { by: 'officer' }).then('not-the-visitor')
  const changed = assigned().did('changeVisitor', { visitor: 'other', reason: '调整' }, { facts })
  changed.when('attempt', { method: 'phone', reached: true }, visitor).then('not-the-visitor')
  t.equal(changed.state.clocks[0]?.person, 'other')
})

t.test('nobody is unreachable who was reached, nor before enough attempts', async () => {
  const tried = assigned().did('attempt', { method: 'phone', reached: false }, visitor)
  tried
    .when('record', { outcome: 'unreachable' }, visitor)
    .then({ code: 'too-few-attempts', detail: { attempts: 1, needed: 2 } })
  tried
    .did('attempt', { method: 'phone', reached: false }, visitor)
    .when('record', { outcome: 'unreachable' }, visitor)
    .then([{ type: 'ReturnVisitRecorded' }])
  reached().when('record', { outcome: 'unreachable' }, visitor).then('return-visit-was-reached')
  for (const outcome of ['solved', 'partly', 'not-solved'])
    tried.when('record', { outcome, satisfied: true }, visitor).then('return-visit-not-reached')
  tried.when('record', { outcome: 'declined' }, visitor).then('return-visit-not-reached')
  recorded({ outcome: 'declined' })
    .when('record', { outcome: 'declined' }, visitor)
    .then('return-visit-already-recorded')
})

t.test('only an answer says whether somebody is satisfied', async () => {
  reached().when('record', { outcome: 'partly' }, visitor).then('satisfaction-missing')
  reached().when('record', { outcome: 'declined', satisfied: true }, visitor).then('satisfaction-without-answer')
  reached()
    .when('record', { outcome: 'declined', scores }, visitor)
    .then({ code: 'satisfaction-without-answer', pointer: '/scores' })
})

t.test('points are whole, from one to five, in all four dimensions', async (t) => {
  for (const wrong of [0, 6, 2.5])
    t.throws(() =>
      reached().when('record', { outcome: 'solved', satisfied: true, scores: { ...scores, policy: wrong } }),
    )
  t.throws(() => reached().when('record', { outcome: 'solved', satisfied: true, scores: { attitude: 5 } }))
})

t.test('no step is dated before the one it follows', async () => {
  assigned()
    .when('attempt', { method: 'phone', reached: true }, { ...visitor, at: '2026-01-04' })
    .then('step-before-its-predecessor')
  given(returnVisitDecider)
    .when('assign', { ...task, due: '2026-01-04' }, { facts })
    .then('due-before-start')
})

t.test(
  'a dissatisfied answer is followed up and review or reopening is offered before the visit is closed',
  async (t) => {
    const unhappy = dissatisfied()
    t.match(
      unhappy.state.clocks.find(({ kind }) => kind === 'returnvisit.follow-up'),
      { limit: '3wd', stoppedAt: undefined },
    )
    unhappy.when('close').then('follow-up-missing')
    const followed = unhappy.did('openFollowUp', { item: 'supervision-1' })
    followed.when('openFollowUp', { item: 'supervision-2' }).then('follow-up-already-opened')
    followed.when('close').then({ code: 'remedy-not-offered', rule: '信访工作条例 35' })
    const offered = followed.did('offerRemedy', { remedy: 'review', method: 'phone', wanted: false })
    t.strictSame(offered.state.remedies, ['review'])
    t.ok(offered.state.clocks.find(({ kind }) => kind === 'returnvisit.follow-up')?.stoppedAt)
    offered.did('close')
    const happy = recorded({ outcome: 'solved', satisfied: true })
    happy.when('openFollowUp', { item: 'supervision-1' }).then('not-dissatisfied')
    happy.when('offerRemedy', { remedy: 'reopening', method: 'phone' }).then('not-dissatisfied')
    reached().when('close').then('return-visit-without-outcome')
  },
)

t.test('a suggestion goes to a panel and is answered (S1-7.3)', async (t) => {
  assigned().when('receiveSuggestion', { form: 'oral', text: '延长服务时间' }).then('return-visit-not-reached')
  const received = recorded({ outcome: 'solved', satisfied: true }).did(
    'receiveSuggestion',
    { form: 'oral', text: '延长服务时间' },
    { limits },
  )
  t.match(
    received.state.clocks.find(({ kind }) => kind === 'returnvisit.suggestion'),
    { limit: '15d' },
  )
  received.when('close').then('visit-answer-pending')
  received.when('receiveSuggestion', { form: 'oral', text: '再提' }).then('suggestion-already-received')
  received.when('answerSuggestion', { method: 'phone', text: '已采纳' }).then('panel-missing')
  received.when('formPanel', { members: ['a'] }).then('panel-of-one')
  const answered = received
    .did('formPanel', { members: ['a', 'b'] })
    .did('answerSuggestion', { method: 'phone', text: '已采纳' })
  t.ok(answered.state.clocks.find(({ kind }) => kind === 'returnvisit.suggestion')?.stoppedAt)
  answered.when('answerSuggestion', { method: 'phone', text: '再答' }).then('suggestion-missing')
  answered.did('close')
  reached()
    .when('formPanel', { members: ['a', 'b'] })
    .then('suggestion-missing')
})

t.test('a missed visit is recorded once', async (t) => {
  const miss = {
    ...{ clock: 'returnvisit.visit', kind: 'returnvisit.visit', due: '2026-01-04', organisation: 'bureau' },
    ...{ calendarBound: '2026-01-05', calendars: [] },
  }
  assigned().when('recordMiss', miss).then('deadline-before-start')
  assigned()
    .when('recordMiss', { ...miss, due: '2026-01-15' })
    .then('deadline-not-missed-yet')
  t.match(
    assigned()
      .did('attempt', { method: 'phone', reached: false }, visitor)
      .when('recordMiss', { ...miss, due: '2026-01-05T09:30:00+08:00' })
      .then([{ type: 'DeadlineMissed', effectiveAt: '2026-01-05T01:30:00.001Z' }]).state.misses,
    [{ clock: 'returnvisit.visit' }],
  )
})

t.test('satisfaction figures always say whom they count', async (t) => {
  const visit = (more: Partial<ReturnVisitState>) => ({ ...assigned().state, ...more })
  const figures = sumFigures(
    [
      visit({}),
      visit({ attempts: 2, reached: false, outcome: 'unreachable' }),
      visit({ attempts: 1, reached: true, outcome: 'declined' }),
      visit({ attempts: 1, reached: true }),
      visit({ attempts: 1, reached: true, outcome: 'solved', satisfied: true }),
      visit({ attempts: 1, reached: true, outcome: 'not-solved', satisfied: false }),
    ].map(visitFigures),
  )
  t.strictSame(figures, { asked: 5, reached: 4, answered: 2, satisfied: 1 })
  t.strictSame(satisfactionRate(figures, 'answered'), { ...figures, of: 'answered', rate: 0.5 })
  t.strictSame(satisfactionRate(figures, 'asked'), { ...figures, of: 'asked', rate: 0.2 })
  t.equal(satisfactionRate(sumFigures([]), 'answered').rate, null, 'nobody answered: no rate, not zero and not one')
})

t.test('unreachable never counts as satisfied, whatever else is recorded', async (t) => {
  t.equal(visitFigures({ attempts: 3, reached: true, outcome: 'unreachable', satisfied: true }).satisfied, 0)
  t.equal(visitFigures({ attempts: 3, reached: false, outcome: 'solved', satisfied: true }).satisfied, 0)
  t.strictSame(cardFigures({ status: 'issued', satisfied: true }), { asked: 1, reached: 0, answered: 0, satisfied: 0 })
  t.strictSame(cardFigures({ status: 'returned', satisfied: true }), {
    asked: 1,
    reached: 1,
    answered: 1,
    satisfied: 1,
  })
  t.strictSame(scoreSums([scores, { ...scores, attitude: 1 }]).attitude, { points: 6, answers: 2 })
})
