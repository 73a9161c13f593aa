/** Answers of the units: plans, reviews, rework, and what is told of a delay or asked for in time (S1-5.2b, S1-5.2c, S1-5.3d). */
import t from 'tap'
import { deadline } from '../../../src/domain/calendar/deadline.ts'
import { shippedCalendars } from '../../../src/domain/calendar/shipped.ts'
import { sampleFile } from '../../support/sample-file.ts'
import * as stage from './stages.ts'

const { clockOf: clock, lead, limits, of, second } = stage
const due = (scenario: ReturnType<typeof stage.opened>, id: string) =>
  deadline(clock(scenario, id)!, shippedCalendars.at('2026-06-01')).due

t.test(
  'what cannot be done soon goes on a plan that is reviewed, and is then owed by the plan’s day (S1-5.2b)',
  async (t) => {
    stage
      .signed()
      .when('plan', { task: lead, until: '2026-01-04', plan: '分步办理' }, { by: of('unit-1') })
      .then('date-before-step')
    const planned = stage
      .signed()
      .did('plan', { task: lead, until: '2026-06-30', plan: '分步办理' }, { by: of('unit-1') })
      .did('acceptReply', { task: lead }, { by: 'officer' })
    t.match(planned.state.tasks[0], { status: 'planned', plannedUntil: '2026-06-30' })
    t.match(clock(planned, `supervision.plan:${lead}`), { dueAt: '2026-06-30', organisation: 'unit-1' })
    planned.when('close').then('supervision-tasks-open')
    const done = planned
      .did('reply', { task: lead, text: '已办' }, { by: of('unit-1') })
      .did('acceptReply', { task: lead }, { by: 'officer' })
    t.equal(done.state.tasks[0]?.status, 'settled')
    t.ok(clock(done, `supervision.plan:${lead}`)?.stoppedAt)
  },
)

t.test('a delay is reported before the limit ends, not after (S1-5.2c)', async () => {
  // Five working days from Monday 5 January end on Monday 12 January.
  stage
    .signed()
    .when('reportDelay', { task: lead, reason: '鉴定未出' }, { by: of('unit-1'), at: '2026-01-12T23:00:00+08:00' })
    .then([{ type: 'DelayReported', data: { due: '2026-01-12' } }])
  stage
    .signed()
    .when('reportDelay', { task: lead, reason: '鉴定未出' }, { by: of('unit-1'), at: '2026-01-13' })
    .then({ code: 'delay-reported-too-late', rule: 'S1-5.2c', detail: { due: '2026-01-12' } })
  stage
    .signed()
    .when('reportDelay', { task: lead, reason: '鉴定未出', expectedBy: '2026-01-04' }, { by: of('unit-1') })
    .then('date-before-step')
  stage
    .replied()
    .when('reportDelay', { task: lead, reason: '鉴定未出' }, { by: of('unit-1') })
    .then('clock-not-running')
})

t.test('an extension is asked for before expiry, approved by another, within the cap (S1-5.2c)', async (t) => {
  const ask = { task: lead, by: '5d', reason: '鉴定未出' }
  const asked = stage.signed().did('requestExtension', ask, { by: of('unit-1', 'asker'), limits })
  asked.when('requestExtension', ask, { limits }).then('extension-already-requested')
  asked.when('decideExtension', { task: lead, granted: true }, { by: 'asker' }).then('approver-is-applicant')
  asked
    .when('decideExtension', { task: lead, granted: false }, { by: 'leader' })
    .then('extension-refused-without-reason')
  asked
    .when('decideExtension', { task: lead, granted: true, by: '11d' }, { by: 'leader' })
    .then({ code: 'extension-over-cap', detail: { most: '10d' } })
  const granted = asked.did('decideExtension', { task: lead, granted: true }, { by: 'leader' })
  t.equal(
    due(granted, `supervision.reply:${lead}`),
    '2026-01-19',
    'five days from the unrolled 12th are the 17th, a Saturday',
  )
  granted.when('requestExtension', ask, { limits }).then({ code: 'extensions-used-up', detail: { times: 1 } })

  const refused = asked.did('decideExtension', { task: lead, granted: false, reason: '理由不足' }, { by: 'leader' })
  t.match(refused.state.tasks[0], { extensionsRefused: 1, extended: [] })
  t.equal(due(refused, `supervision.reply:${lead}`), '2026-01-12')

  stage
    .signed()
    .when('requestExtension', ask, { by: of('unit-1'), at: '2026-01-13', limits })
    .then({ code: 'extension-after-expiry', rule: 'S1-5.2c' })
  stage
    .signed()
    .when('requestExtension', { ...ask, by: '11d' }, { limits })
    .then({ code: 'extension-over-cap', detail: { most: '10d' } })
  stage
    .signed()
    .when('requestExtension', { ...ask, by: '16d' })
    .then({ code: 'extension-over-cap', detail: { most: '15d' } })
  stage.replied().when('requestExtension', ask).then('clock-not-running')
  stage.signed().when('decideExtension', { task: lead, granted: true }).then('extension-not-requested')
})

t.test('a second extension stays within the cap of all', async () => {
  const practice = {
    policy: 'practice-bureau@1',
    practice: {
      methods: [{ key: 'phone' }],
      levels: [{ level: 'notice', overdueWorkdays: 0 }],
      ...{ extensions: 2, extensionCap: '10d', samplePercent: 10, visitAttempts: 2 },
    },
  }
  const first = stage
    .nothing()
    .did('open', { source: 'other', matter: '督办' }, { facts: { practice } })
    .did('assignTasks', { tasks: [{ unit: 'unit-1', role: 'lead' }] }, { limits })
    .did('requestExtension', { task: 'id-1.tasks.0', by: '6d', reason: '取证' }, { by: 'a' })
    .did('decideExtension', { task: 'id-1.tasks.0', granted: true }, { by: 'b' })
  first
    .when('requestExtension', { task: 'id-1.tasks.0', by: '5d', reason: '取证' }, { by: 'a' })
    .then({ code: 'extension-over-cap', detail: { most: '10d' } })
  first
    .when('requestExtension', { task: 'id-1.tasks.0', by: '4d', reason: '取证' }, { by: 'a' })
    .then([{ type: 'ExtensionRequested' }])
})

t.test(
  'an answer is reviewed by somebody else, and returned for rework with a limit of its own (S1-5.3d)',
  async (t) => {
    const replied = stage.replied()
    t.match(clock(replied, `supervision.review:${lead}`), { limit: '3wd', organisation: 'bureau', person: 'officer' })
    replied.when('acceptReply', { task: lead }, { by: 'unit-1-clerk' }).then('reviewer-is-replier')
    replied.when('returnReply', { task: lead, reason: '不实' }, { by: 'unit-1-clerk' }).then('reviewer-is-replier')
    replied.when('reply', { task: lead, text: '再报' }, { by: of('unit-1') }).then('supervision-nothing-to-answer')
    replied
      .did('sign', { task: second }, { by: of('unit-2') })
      .when('reply', { task: lead, text: '再报' }, { by: of('unit-1') })
      .then({ code: 'answer-waits-for-review', pointer: '/task' })
    stage.signed().when('acceptReply', { task: lead }).then('answer-missing')
    const returned = replied
      .when('returnReply', { task: lead, reason: '不实' }, { by: 'officer' })
      .then([{ type: 'ReplyReturned', data: { limit: '5wd' } }])
    t.match(returned.state.tasks[0], { status: 'signed', returned: 1 })
    t.match(clock(returned, `supervision.reply:${lead}#2`), { limit: '5wd', stoppedAt: undefined })
    replied
      .when('returnReply', { task: lead, reason: '不实', due: '2026-01-20' }, { by: 'officer' })
      .then([{ type: 'ReplyReturned', data: { due: '2026-01-20', limit: undefined } }])
  },
)

t.test(
  'a unit proves what it did on its own task; what is about the item as a whole the office adds (S1-5.3d)',
  async (t) => {
    const proven = stage.signed().did('addEvidence', { ...sampleFile, task: lead }, { by: of('unit-1') })
    t.equal(proven.state.evidence, 1)
    stage
      .signed()
      .when('addEvidence', { ...sampleFile, task: lead }, { by: of('unit-2') })
      .then({ code: 'acts-for-another-unit', rule: 'S1-5.3a' })
    stage
      .signed()
      .when('addEvidence', sampleFile, { by: of('unit-1') })
      .then('acts-for-another-unit')
    stage.signed().did('addEvidence', sampleFile, { by: 'officer' })
    stage
      .signed()
      .did('withdraw', { reason: '重复立项' })
      .when('addEvidence', sampleFile, { by: 'officer' })
      .then('supervision-ended')
  },
)
