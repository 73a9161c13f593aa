import t from 'tap'
import { clocks } from '../../../src/domain/complaint/clocks.ts'
import type { ComplaintState } from '../../../src/domain/complaint/state.ts'
import * as stage from './stages.ts'

const { limits } = stage
/** `kind: running | stopped | cancelled | paused`, one line a clock. */
const standing = ({ state }: { state: ComplaintState }) =>
  clocks(state).map((clock) => {
    const paused = clock.pauses.some((pause) => pause.to === undefined)
    const end = clock.stoppedAt ? 'stopped' : clock.cancelledAt ? 'cancelled' : paused ? 'paused' : 'running'
    return `${clock.id}: ${end}`
  })

t.test('the limit valid when a clock starts stays with it', async (t) => {
  const { state } = stage.accepted()
  const reply = clocks(state).find((clock) => clock.kind === 'complaint.reply')
  t.match(reply, { limit: '60d', rule: '信访工作条例 34', organisation: 'bureau', startedAt: state.acceptedAt })
  const later = stage.received().did('accept', {}, { limits: { 'complaint.reply': '30d' } })
  t.equal(clocks(later.state).find((clock) => clock.kind === 'complaint.reply')?.limit, '30d')
})

t.test('a procedure or a channel may have limits of its own', async (t) => {
  const limitOf = (more: object) =>
    clocks(stage.accepted(more).state).find((clock) => clock.kind === 'complaint.reply')?.limit
  t.equal(limitOf({ procedure: 'legal-aid' }), '45d')
  t.equal(limitOf({ channel: 'hotline-12345' }), '13wd')
  t.equal(limitOf({ procedure: 'petition' }), '60d')
})

t.test('no limit in the policy, no clock', async (t) => {
  t.same(standing(stage.nothing().did('register', stage.intake)), [])
})

t.test(
  'acceptance and notice run from the receipt, pause for the supplement, and stop each by its own step',
  async (t) => {
    const received = stage.received()
    t.same(standing(received), ['complaint.acceptance: running', 'complaint.notice: running'])
    const asked = received.did('requestSupplement', { items: ['收据'] }, { limits })
    t.same(standing(asked), [
      'complaint.acceptance: paused',
      'complaint.notice: paused',
      'complaint.supplement: running',
    ])
    const accepted = asked.did('receiveSupplement').did('accept', {}, { limits })
    t.same(standing(accepted), [
      'complaint.acceptance: stopped',
      'complaint.notice: running',
      'complaint.supplement: stopped',
      'complaint.investigation: running',
      'complaint.reply: running',
    ])
    const pauses = clocks(accepted.state)[0]!.pauses
    t.match(pauses, [
      { from: asked.events.at(-1)!.effectiveAt, to: accepted.events.at(-2)!.effectiveAt, reason: 'S1-4' },
    ])
    const told = accepted.did('notify', { about: 'acceptance', method: 'sms' })
    t.equal(standing(told)[1], 'complaint.notice: stopped')
  },
)

t.test('asked for again while the first supplement is out, acceptance pauses once', async (t) => {
  const asked = stage.received().did('requestSupplement', { items: ['收据'] }, { limits })
  const again = asked.did('requestSupplement', { items: ['合同'], factsChanged: '有变化' }, { limits })
  t.equal(clocks(again.state)[0]!.pauses.length, 1)
  t.ok(standing(again).includes('complaint.supplement: cancelled'))
  const back = again.did('receiveSupplement')
  t.ok(standing(back).includes('complaint.acceptance: running'))
  t.ok(standing(back).includes('complaint.supplement#2: stopped'))
})

t.test('suspension pauses what runs and resuming lets it run again, never two pauses at once', async (t) => {
  const suspended = stage.investigating().did('suspend', { ground: 'review-pending', reason: '公证复查' })
  t.ok(standing(suspended).includes('complaint.reply: paused'))
  const resumed = suspended.did('resume')
  t.ok(standing(resumed).includes('complaint.reply: running'))
  suspended.when('suspend', { ground: 'other', reason: '其他' }).then('clock-already-paused')
  resumed.when('resume').then('clock-not-paused')
  resumed
    .when('suspend', { ground: 'other', reason: '其他' }, { at: suspended.state.lastStepAt! })
    .then({ code: 'pauses-overlap', pointer: '/effectiveAt' })
  const twice = resumed.did('suspend', { ground: 'other', reason: '其他' }).did('resume')
  const reply = clocks(twice.state).find((clock) => clock.kind === 'complaint.reply')!
  t.equal(reply.pauses.length, 2)
  t.ok(reply.pauses.every((pause) => pause.to !== undefined))
})

t.test("the handler's report is owed by the worker at his office", async (t) => {
  const requested = stage.investigating().did('requestHandlerReport', {}, { limits })
  const clock = () => clocks(requested.state).find(({ kind }) => kind === 'complaint.handler-report')
  t.match(clock(), { organisation: 'office-1', person: 'worker-1', limit: '7d' })
  t.ok(standing(requested.did('fileHandlerReport', { report: '过程' })).includes('complaint.handler-report: stopped'))
  const silent = requested
    .did('remindHandler', { method: 'phone' })
    .did('recordMissingHandlerReport', { reason: '未提交' })
  t.ok(standing(silent).includes('complaint.handler-report: cancelled'))
})

t.test('the decision starts the submission to the superior and the rectification it orders', async (t) => {
  const decided = stage.decided()
  t.ok(standing(decided).includes('complaint.report: running'))
  const rectification = clocks(decided.state).find(({ kind }) => kind === 'complaint.rectification')
  t.match(rectification, { dueAt: '2026-06-30', organisation: 'office-1' })
  const closed = decided.did('reply', { method: 'letter', text: '答复' }).did('close')
  t.ok(standing(closed).includes('complaint.reply: stopped'))
  t.ok(standing(closed).includes('complaint.report: running'), 'still owed after closing (S2-4.4.3)')
  const failed = closed.did('verifyRectification', { rectified: false })
  t.ok(standing(failed).includes('complaint.rectification: running'))
  t.ok(standing(failed.did('verifyRectification', { rectified: true })).includes('complaint.rectification: stopped'))
  t.ok(standing(closed.did('submitReport', { to: 'city' })).includes('complaint.report: stopped'))
})

t.test('a withdrawn or terminated complaint leaves no clock running', async (t) => {
  const ended = [
    stage.investigating().did('withdraw', { inWriting: true }),
    stage.investigating().did('terminate', { ground: 'respondent-ceased', reason: '注销' }),
    stage
      .investigating()
      .did('suspend', { ground: 'other', reason: '其他' })
      .did('terminate', { ground: 'other', reason: '其他' }),
  ]
  for (const scenario of ended) t.notOk(standing(scenario).some((line) => /running|paused/.test(line)))
})

t.test('a merged repeat keeps its own clock beside that of the main case until it is answered', async (t) => {
  const early = stage.received().did('merge', { into: 'main' }, { limits })
  t.same(standing(early), ['complaint.acceptance: stopped', 'complaint.notice: running', 'complaint.reply: running'])
  const late = stage.accepted().did('merge', { into: 'main' }, { limits })
  t.equal(clocks(late.state).filter(({ kind }) => kind === 'complaint.reply').length, 1, 'the one it had runs on')
  const answered = late.did('answerThroughMain', { method: 'letter' })
  t.notOk(standing(answered).some((line) => line.endsWith('running')))
})

t.test('a clue has no clock for a reply nor for a notice', async (t) => {
  const clue = stage.clue().did('accept', {}, { limits })
  t.same(standing(clue), ['complaint.acceptance: stopped', 'complaint.investigation: running'])
})

t.test('review and re-review each have their thirty days', async (t) => {
  const requested = stage.replied().did('requestReview', { reason: '不服' }, { limits })
  t.ok(standing(requested).includes('complaint.review: running'))
  const decided = requested.did('decideReview', { organ: '市司法局', result: 'upheld', text: '维持' })
  t.ok(standing(decided).includes('complaint.review: stopped'))
  t.ok(
    standing(decided.did('requestReReview', { reason: '不服' }, { limits })).includes('complaint.re-review: running'),
  )
})

t.test('five working days to object where a complaint was transferred here', async (t) => {
  const here = stage.received({ channel: 'transferred' })
  t.match(clocks(here.state)[2], { kind: 'complaint.transfer-objection', limit: '5wd' })
  t.ok(standing(here.did('objectToTransfer', { reason: '异议' })).includes('complaint.transfer-objection: stopped'))
  t.ok(standing(here.did('accept', {}, { limits })).includes('complaint.transfer-objection: cancelled'))
})

t.test('a reopened case starts a new limit and is not overdue at once', async (t) => {
  const reopened = stage.archived().did('reopen', { ground: 'own-error', reason: '自行纠错' }, { limits })
  t.ok(standing(reopened).includes('complaint.reply#2: running'))
  const refusedCase = stage.received().did('decline', { ground: 'out-of-scope', reason: '不属于' })
  const again = refusedCase.did('reopen', { ground: 'superior-instruction', reason: '上级要求' }, { limits })
  t.equal(again.state.status, 'received')
  t.ok(standing(again).includes('complaint.acceptance#2: running'))
})
