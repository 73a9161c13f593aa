/** A supervision item from its opening to its closing: tasks, sign-for, closing, and what ends it (S1-5.1, S1-5.2a, S1-5.3a). */
import t from 'tap'
import { lawfulActions } from '../../../src/domain/decider.ts'
import { chargedUnits, supervisionDecider } from '../../../src/domain/supervision/index.ts'
import * as stage from './stages.ts'

const { clockOf: clock, lead, limits, of, second } = stage

t.test('an item runs from the opening over lead and co-handling units to the closing', async (t) => {
  const done = stage
    .nothing()
    .when(
      'open',
      { source: 'complaint', about: { category: 'complaint', case: 'c1' }, importance: 'important' },
      { by: 'officer' },
    )
    .then([{ type: 'SupervisionOpened', data: { subject: 'id-0.subject', rules: { policy: 'practice@0' } } }])
    .when(
      'assignTasks',
      {
        tasks: [
          { unit: 'unit-2', role: 'co-handling' },
          { unit: 'unit-1', role: 'lead' },
        ],
      },
      { by: 'officer', limits },
    )
    .then([
      { type: 'SupervisionTaskAssigned', data: { unit: 'unit-1', role: 'lead' }, basis: { policy: 'limits@1' } },
      { type: 'SupervisionTaskAssigned', data: { unit: 'unit-2', role: 'co-handling' } },
    ])
    .when('sign', { task: lead }, { by: of('unit-1') })
    .then([{ type: 'TaskSigned' }])
    .when(
      'chase',
      { task: lead, method: 'door-visit', whom: 'handler-1', result: '承诺三日内反馈', next: '2026-01-09' },
      { by: 'officer' },
    )
    .then([{ type: 'SupervisionActionTaken', data: { result: '承诺三日内反馈' } }])
    .when('reportProgress', { task: lead, text: '正在整改' }, { by: of('unit-1') })
    .then([{ type: 'ProgressReported' }])
    .when('reply', { task: lead, text: '已整改' }, { by: of('unit-1') })
    .then([{ type: 'SupervisionReplied' }])
    .when('acceptReply', { task: lead }, { by: 'officer' })
    .then([{ type: 'ReplyAccepted' }])
    .when('sign', { task: second }, { by: of('unit-2') })
    .then([{ type: 'TaskSigned' }])
    .when('declineTask', { task: second, reason: '政策所限' }, { by: of('unit-2') })
    .then([{ type: 'TaskDeclinedWithReason' }])
    .when('acceptReply', { task: second }, { by: 'officer' })
    .then([{ type: 'ReplyAccepted' }])
    .when('reportSummary', { leader: 'leader', text: '已全部落实' }, { by: 'officer' })
    .then([{ type: 'SummaryReported' }])
    .when('close', {}, { by: 'officer' })
    .then([{ type: 'SupervisionClosed' }])
  t.match(done.state, { status: 'closed', chases: 1, summaries: 1 })
  t.strictSame(chargedUnits(done.state), ['unit-1', 'unit-2'])
  t.ok(
    done.state.clocks.every((each) => (each.stoppedAt ?? each.cancelledAt) !== undefined),
    'no clock is left running',
  )
  t.strictSame(lawfulActions(supervisionDecider, done.state), [
    'issueCircular',
    'reportSummary',
    'restrictReaders',
    'recordMiss',
  ])
})

t.test('what next: an item without tasks is first divided', async (t) => {
  const next = lawfulActions(supervisionDecider, stage.opened().state)
  t.ok(next.includes('assignTasks'))
  t.notOk(next.includes('sign') || next.includes('reply') || next.includes('close'))
})

t.test('an item says what it is about (S1-5.1)', async () => {
  stage.nothing().when('open', { source: 'complaint', matter: '督办' }).then('supervision-about-missing')
  stage.nothing().when('open', { source: 'other' }).then('supervision-matter-missing')
  stage
    .nothing()
    .when('open', { source: 'other', matter: '督办', limit: '5d', due: '2026-02-01' })
    .then({ code: 'limit-and-due', pointer: '/due' })
  stage.nothing().when('open', { source: 'other', matter: '督办', due: '2026-01-04' }).then('due-before-start')
  stage.opened().when('open', { source: 'other', matter: '督办' }).then('case-already-opened')
})

t.test('one unit leads, the others cooperate (S1-5.2d, S1-5.3a)', async () => {
  stage
    .opened()
    .when('assignTasks', { tasks: [{ unit: 'unit-2', role: 'co-handling' }] })
    .then({ code: 'supervision-lead-missing', rule: 'S1-5.2d' })
  stage
    .assigned()
    .when('assignTasks', { tasks: [{ unit: 'unit-3', role: 'lead' }] })
    .then({ code: 'supervision-second-lead', rule: 'S1-5.2d' })
  stage
    .assigned()
    .when('assignTasks', { tasks: [{ unit: 'unit-2', role: 'co-handling' }] })
    .then('supervision-unit-already-charged')
  stage
    .assigned()
    .did('cancelTask', { task: lead, reason: '职责调整' })
    .when('assignTasks', { tasks: [{ unit: 'unit-3', role: 'lead' }] })
    .then([{ type: 'SupervisionTaskAssigned' }])
})

t.test('a unit signs for its task once, and no other unit for it (S1-5.3a)', async (t) => {
  stage
    .signed()
    .when('sign', { task: lead }, { by: of('unit-1') })
    .then('supervision-already-signed')
  stage
    .assigned()
    .when('sign', { task: lead }, { by: of('unit-2') })
    .then('acts-for-another-unit')
  stage.assigned().when('sign', { task: 'unheard-of' }).then('supervision-task-unknown')
  stage.opened().when('sign', { task: lead }).then('supervision-nothing-to-sign')
  t.equal(
    stage.signed().state.clocks.find(({ id }) => id === `supervision.sign-for:${lead}`)?.stoppedAt !== undefined,
    true,
  )
})

t.test('sign-for comes before the answer', async () => {
  for (const [action, body] of [
    ['reply', { text: '已办' }],
    ['plan', { until: '2026-06-30', plan: '分步办理' }],
    ['declineTask', { reason: '政策所限' }],
  ] as const)
    stage
      .assigned()
      .when(action, { task: lead, ...body }, { by: of('unit-1') })
      .then({ code: 'reply-without-sign-for', rule: 'S1-5.3a' })
})

t.test('no step is dated before the one it follows', async () => {
  stage
    .assigned()
    .when('sign', { task: lead }, { by: of('unit-1'), at: '2026-01-04' })
    .then('step-before-its-predecessor')
  stage
    .signed()
    .when('reply', { task: lead, text: '已办' }, { by: of('unit-1'), at: '2026-01-05T10:30:00+08:00' })
    .then('step-before-its-predecessor')
  stage.answered().when('close', {}, { at: '2026-01-04' }).then('step-before-its-predecessor')
  stage.answered().when('withdraw', { reason: '撤销' }, { at: '2026-01-04' }).then('step-before-its-predecessor')
})

t.test('nothing is closed while tasks are open or without the lead’s answer (S1-5.2a)', async () => {
  stage.opened().when('close').then({ code: 'supervision-close-without-reply', rule: 'S1-5.2a' })
  stage
    .signed()
    .when('close')
    .then({ code: 'supervision-tasks-open', detail: { count: 2 } })
  stage
    .assigned()
    .did('cancelTask', { task: lead, reason: '调整' })
    .did('cancelTask', { task: second, reason: '调整' })
    .when('close')
    .then('supervision-close-without-reply')
  stage.answered().did('close')
})

t.test('a task passes to another unit: the total clock goes on, each holder has his own', async (t) => {
  const passed = stage
    .signed()
    .did(
      'transfer',
      { task: lead, unit: 'unit-3', handler: 'handler-3', limit: '3wd', reason: '职责在该单位' },
      { by: 'officer', limits },
    )
  t.match(passed.state.tasks[0], { unit: 'unit-3', status: 'assigned', transfers: 1, signedAt: undefined })
  const total = clock(passed, `supervision.reply:${lead}`)
  t.match(total, { limit: '5wd', organisation: 'unit-3', person: 'handler-3', stoppedAt: undefined })
  t.equal(total?.startedAt, clock(stage.signed(), `supervision.reply:${lead}`)?.startedAt)
  t.match(clock(passed, `supervision.holding:${lead}`), { organisation: 'unit-1', limit: '5wd', person: 'handler-1' })
  t.ok(clock(passed, `supervision.holding:${lead}`)?.cancelledAt)
  t.match(clock(passed, `supervision.holding:${lead}#2`), { organisation: 'unit-3', limit: '3wd' })
  passed.when('reply', { task: lead, text: '已办' }, { by: of('unit-3') }).then('reply-without-sign-for')
  passed.when('sign', { task: lead }, { by: of('unit-1') }).then('acts-for-another-unit')
  const done = passed
    .did('sign', { task: lead }, { by: of('unit-3') })
    .did('reply', { task: lead, text: '已办' }, { by: of('unit-3') })
  t.ok(clock(done, `supervision.reply:${lead}`)?.stoppedAt)
  t.ok(clock(done, `supervision.holding:${lead}#2`)?.stoppedAt)
  stage
    .signed()
    .when('transfer', { task: lead, unit: 'unit-2', reason: '调整' })
    .then('supervision-unit-already-charged')
  stage.replied().when('transfer', { task: lead, unit: 'unit-3', reason: '调整' }).then('answer-waits-for-review')
})

t.test('an item that is withdrawn or closed takes no further step of the chain', async () => {
  const withdrawn = stage.signed().did('withdraw', { reason: '重复立项' })
  withdrawn
    .when('reply', { task: lead, text: '已办' })
    .then({ code: 'supervision-ended', detail: { status: 'withdrawn' } })
  withdrawn.when('close').then('supervision-ended')
  stage
    .answered()
    .did('close')
    .when('assignTasks', { tasks: [{ unit: 'unit-3', role: 'lead' }] })
    .then('supervision-ended')
})

t.test('a correction that would leave a later step without ground is refused', async (t) => {
  const replied = stage.replied()
  const refused = replied.correcting({
    type: 'StepVoided',
    data: { reason: '误记' },
    corrects: { event: 'event-3', mode: 'void' },
  })
  t.match(refused, { code: 'correction-breaks-later-step', detail: { because: 'reply-without-sign-for' } })
  t.equal(
    replied.correcting({ type: 'StepVoided', data: { reason: '误记' }, corrects: { event: 'event-4', mode: 'void' } }),
    undefined,
  )
})
