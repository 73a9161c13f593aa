import t from 'tap'
import { lawfulActions } from '../../src/domain/decider.ts'
import { visitClocks, visitDecider } from '../../src/domain/visit.ts'
import { given } from '../support/scenario.ts'

const limits = { 'consultation.phone-reply': '3d', 'suggestion.answer': '15d' }
const intake = {
  channel: 'visit',
  item: 'legal-consultation',
  matter: '咨询',
  visitor: { name: '甲', phone: '13000000000' },
}
const visit = () => given(visitDecider).did('register', intake)
const consultation = () =>
  visit().did('openComplexConsultation', { handler: 'lawyer-1', question: '案情复杂' }, { limits })
const suggestion = () => visit().did('receiveSuggestion', { form: 'written', text: '建议' }, { limits })

t.test(
  'the daily register has one first-contact person, the one who registers unless another is named (S1-2.1, S1-3.2)',
  async (t) => {
    given(visitDecider)
      .when('register', intake)
      .then([
        {
          type: 'VisitRegistered',
          data: { firstContact: 'clerk', visitor: { name: '甲', subject: 'id-0.visitor.subject' } },
        },
      ])
    given(visitDecider)
      .when('register', { ...intake, firstContact: 'receptionist' }, { by: { operator: true } })
      .then([{ type: 'VisitRegistered', data: { firstContact: 'receptionist' } }])
    given(visitDecider)
      .when('register', intake, { by: { operator: true } })
      .then({ code: 'first-contact-missing', rule: 'S1-3.2' })
    t.notOk(visitDecider.actions.register!.body.safeParse({ ...intake, firstContact: ['a', 'b'] }).success)
    visit().when('register', intake).then('visit-already-registered')
    given(visitDecider).when('close').then('visit-not-registered')
    t.match(visit().state, { status: 'open', organisation: 'bureau', registeredBy: 'clerk', subject: 'id-0.subject' })
  },
)

t.test('every call, visit and letter is answered before it is closed (S1-8)', async () => {
  visit().when('close').then({ code: 'visit-answer-pending' })
  visit()
    .did('requestInstruction', { leader: 'director', question: '不清楚' })
    .when('close')
    .then('visit-answer-pending')
  visit()
    .did('handleOnTheSpot', { result: '已解答' })
    .when('close')
    .then([{ type: 'VisitClosed' }])
  visit()
    .did('linkComplaint', { complaint: 'complaint-1' })
    .when('close')
    .then([{ type: 'VisitClosed' }])
})

t.test('a referral is one of four acts, with its reason (S1-3.2b)', async (t) => {
  for (const mode of ['explained', 'led-there', 'contacted-by-phone', 'number-or-address-given'])
    visit()
      .did('refer', { mode, reason: '不属于职责范围' })
      .when('close')
      .then([{ type: 'VisitClosed' }])
  const { body } = visitDecider.actions.refer!
  t.notOk(body.safeParse({ mode: 'sent-away', reason: '推诿' }).success)
  t.notOk(body.safeParse({ mode: 'explained' }).success, 'the reason is told')
})

t.test(
  'a complex consultation is answered by phone in three days; only a call that reached the person counts (S1-6.2)',
  async (t) => {
    const open = consultation()
    t.match(visitClocks(open.state), [
      { kind: 'consultation.phone-reply', limit: '3d', person: 'lawyer-1', rule: 'S1-6.2', stoppedAt: undefined },
    ])
    open.when('close').then('visit-answer-pending')
    const missed = open.did('replyByPhone', { reached: false, text: '无人接听' })
    t.equal(visitClocks(missed.state)[0]?.stoppedAt, undefined)
    missed.when('close').then('visit-answer-pending')
    const reached = missed.did('replyByPhone', { reached: true, text: '已答复' })
    t.equal(visitClocks(reached.state)[0]?.stoppedAt, reached.events.at(-1)!.effectiveAt)
    reached.when('replyByPhone', { reached: true, text: '再次' }).then('consultation-not-open')
    reached.when('close').then([{ type: 'VisitClosed' }])
    open.when('openComplexConsultation', { handler: 'lawyer-2', question: '再次' }).then('consultation-already-open')
    visit().when('replyByPhone', { reached: true, text: '答复' }).then('consultation-not-open')
  },
)

t.test('a suggestion goes to a panel and is answered (S1-7.3)', async (t) => {
  const received = suggestion()
  const answer = { method: 'letter', text: '答复' }
  received.when('answerSuggestion', answer).then({ code: 'panel-missing', rule: 'S1-7.3' })
  received.when('formPanel', { members: ['clerk'] }).then({ code: 'panel-of-one', pointer: '/members' })
  visit()
    .when('formPanel', { members: ['a', 'b'] })
    .then('suggestion-missing')
  visit().when('answerSuggestion', answer).then('suggestion-missing')
  received.when('receiveSuggestion', { form: 'oral', text: '再次' }).then('suggestion-already-received')
  const panel = received.did('formPanel', { members: ['director', 'deputy'] })
  panel.when('close').then('visit-answer-pending')
  const answered = panel.did('answerSuggestion', answer)
  t.match(visitClocks(answered.state), [{ kind: 'suggestion.answer', stoppedAt: answered.events.at(-1)!.effectiveAt }])
  answered.when('close').then([{ type: 'VisitClosed' }])
})

t.test('no step is dated before the one it follows', async () => {
  const early = { at: '2026-01-04' }
  const panel = suggestion().did('formPanel', { members: ['director', 'deputy'] })
  for (const [open, action, body] of [
    [visit(), 'handleOnTheSpot', { result: '已解答' }],
    [visit(), 'refer', { mode: 'explained', reason: '不属于职责范围' }],
    [visit(), 'openComplexConsultation', { handler: 'lawyer-1', question: '案情复杂' }],
    [
      visit(),
      'confirmFirstContactBreach',
      { person: 'c', kind: 'delay', serious: false, measure: 'education', facts: '拖延' },
    ],
    [consultation(), 'replyByPhone', { reached: true, text: '已答复' }],
    [suggestion(), 'formPanel', { members: ['director', 'deputy'] }],
    [panel, 'answerSuggestion', { method: 'letter', text: '答复' }],
    [visit().did('handleOnTheSpot', { result: '已解答' }), 'close', {}],
  ] as const)
    open.when(action, body, early).then({ code: 'step-before-its-predecessor', pointer: '/effectiveAt' })
  // A call within the hour of the consultation, in the order in which they are told, is no contradiction.
  consultation().did('replyByPhone', { reached: true, text: '已答复' }, { at: '2026-01-05' })
})

t.test('nothing is done with a closed visit but confirming a breach of first contact (S1-3.3)', async (t) => {
  const closed = visit().did('handleOnTheSpot', { result: '已解答' }).did('close')
  closed.when('refer', { mode: 'explained', reason: '补充' }).then('visit-not-open')
  t.same(lawfulActions(visitDecider, closed.state), ['confirmFirstContactBreach'])
  const breach = { person: 'clerk', kind: 'rudeness', serious: true, measure: 'criticism', facts: '态度粗暴' }
  t.equal(closed.did('confirmFirstContactBreach', breach).state.breaches, 1)
})

t.test('a visit recorded by mistake is voided with what followed from it', async (t) => {
  const closed = visit().did('handleOnTheSpot', { result: '已解答' }).did('close')
  const voiding = (event: string) => ({ type: 'StepVoided', data: {}, corrects: { event, mode: 'void' } as const })
  const [registered, handled, end] = closed.events.map((event) => voiding(event.id))
  t.match(closed.correcting(handled!), { code: 'correction-breaks-later-step', rule: 'S1-5.2a S1-8' })
  t.equal(closed.correcting(registered!, handled!, end!), undefined)
})
