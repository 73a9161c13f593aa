import t from 'tap'
import { deadline } from '../../../src/domain/calendar/deadline.ts'
import { shippedCalendars } from '../../../src/domain/calendar/shipped.ts'
import { lawfulActions } from '../../../src/domain/decider.ts'
import { chargedUnits, levelReached, supervisionDecider } from '../../../src/domain/supervision/index.ts'
import * as stage from './stages.ts'

const { lead, limits, of, second } = stage
const clock = (scenario: ReturnType<typeof stage.opened>, id: string) =>
  scenario.state.clocks.find((each) => each.id === id)
const due = (scenario: ReturnType<typeof stage.opened>, id: string) =>
  deadline(clock(scenario, id)!, shippedCalendars.at('2026-06-01')).due

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

t.test(
  'it is chased by phone, on site, in a meeting, at the door: with whom, result and next date (S1-5.3b)',
  async (t) => {
    for (const method of ['phone', 'on-site', 'meeting', 'door-visit'])
      stage.signed().did('chase', { task: lead, method, whom: 'p', result: '已催' })
    stage
      .signed()
      .when('chase', { task: lead, method: 'fax', whom: 'p', result: '已催' })
      .then({ code: 'chase-method-unknown', rule: 'S1-5.3b' })
    stage.signed().when('chase', { task: lead, method: 'phone', result: '已催' }).then('chase-without-whom')
    stage
      .signed()
      .when('chase', { task: lead, method: 'phone', whom: 'p', result: '已催', next: '2026-01-04' })
      .then('date-before-step')
    const chased = stage
      .signed()
      .did(
        'chase',
        { task: lead, method: 'phone', whomInWords: '经办人', result: '已催', next: '2026-01-09' },
        { by: 'officer' },
      )
    t.match(clock(chased, `supervision.next-chase:${lead}`), { dueAt: '2026-01-09', person: 'officer' })
    const again = chased.did('chase', { task: lead, method: 'phone', whom: 'p', result: '已办', next: '2026-01-12' })
    t.ok(clock(again, `supervision.next-chase:${lead}`)?.stoppedAt)
    t.match(clock(again, `supervision.next-chase:${lead}#2`), { dueAt: '2026-01-12', stoppedAt: undefined })
  },
)

t.test('methods are policy data: the practice in force when the item is opened says which', async () => {
  const practice = {
    policy: 'practice-bureau@1',
    practice: {
      methods: [{ key: 'video', name: '视频督办' }],
      levels: [{ level: 'notice', overdueWorkdays: 0 }],
      extensions: 0,
      extensionCap: '5d',
      samplePercent: 20,
      visitAttempts: 3,
    },
  }
  const item = stage
    .nothing()
    .did('open', { source: 'other', matter: '督办' }, { facts: { practice } })
    .did('assignTasks', { tasks: [{ unit: 'unit-1', role: 'lead' }] }, { limits })
  item.did('chase', { method: 'video', whom: 'p', result: '已催' })
  item.when('chase', { method: 'phone', whom: 'p', result: '已催' }).then('chase-method-unknown')
  item
    .when('issueCard', { task: 'id-1.tasks.0', level: 'yellow-card', responsible: 'p', reason: '逾期' })
    .then({ code: 'card-out-of-order', detail: { next: 'notice' } })
  item
    .did('sign', { task: 'id-1.tasks.0' })
    .when('requestExtension', { task: 'id-1.tasks.0', by: '3d', reason: '取证' })
    .then('extensions-used-up')
})

t.test('a normal difficulty goes to the office, an important one to the leader in charge (S1-5.3c)', async (t) => {
  const ask = { task: lead, difficulty: '涉及其他部门' }
  stage
    .signed()
    .when('requestCoordination', ask, { by: of('unit-1') })
    .then([{ type: 'CoordinationRequested', data: { route: 'supervision-office' } }])
  for (const importance of ['important', 'major']) {
    stage
      .signed({ importance })
      .when('requestCoordination', ask, { by: of('unit-1') })
      .then([{ type: 'CoordinationRequested', data: { route: 'leader-in-charge', leader: 'leader-1' } }])
    stage
      .signed({ importance })
      .when('requestCoordination', { ...ask, route: 'supervision-office' }, { by: of('unit-1') })
      .then({ code: 'coordination-misrouted', rule: 'S1-5.3c' })
    stage
      .signed({ importance })
      .when('requestCoordination', { ...ask, leader: 'leader-2' }, { by: of('unit-1') })
      .then({ code: 'coordination-misrouted', pointer: '/leader' })
    stage
      .signed({ importance }, { leader: undefined })
      .when('requestCoordination', ask, { by: of('unit-1') })
      .then('coordination-leader-missing')
  }
  stage
    .signed()
    .when('requestCoordination', { ...ask, route: 'leader-in-charge', leader: 'leader-1' }, { by: of('unit-1') })
    .then('coordination-misrouted')
  const open = stage.signed().did('requestCoordination', ask, { limits: { 'supervision.coordination': '3wd' } })
  open.when('requestCoordination', ask).then('coordination-already-requested')
  t.match(clock(open, `supervision.coordination:${lead}`), { organisation: 'bureau', limit: '3wd' })
  const done = open.did('recordCoordination', { task: lead, result: '已协调' })
  t.ok(clock(done, `supervision.coordination:${lead}`)?.stoppedAt)
  done.when('recordCoordination', { task: lead, result: '再次' }).then('coordination-not-requested')
})

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

t.test(
  'a major item is closed after its written circular; a circular on any other needs a reason (S1-5.3e)',
  async (t) => {
    const major = stage.answered({ importance: 'major' })
    t.match(clock(major, 'supervision.circular'), { limit: '5wd', organisation: 'bureau' })
    major.when('close').then({ code: 'circular-missing', rule: 'S1-5.3e' })
    const told = major.did('issueCircular', { document: '督〔2026〕1号', text: '通报' })
    t.ok(clock(told, 'supervision.circular')?.stoppedAt)
    told.did('close')
    stage
      .answered()
      .when('issueCircular', { document: '督〔2026〕1号', text: '通报' })
      .then({ code: 'circular-without-reason', rule: 'S1-5.3e' })
    stage.answered().did('issueCircular', { document: '督〔2026〕1号', text: '通报', reason: '典型问题' })
  },
)

t.test('a circular criticises only units that had a task', async () => {
  const circular = { document: '督〔2026〕1号', text: '通报', reason: '典型问题' }
  stage
    .answered()
    .when('issueCircular', { ...circular, criticised: ['unit-1', 'unit-9'] })
    .then({ code: 'supervision-unit-not-charged', pointer: '/criticised/1' })
  stage
    .answered()
    .when('issueCircular', { ...circular, criticised: ['unit-1'] })
    .then([{ type: 'WrittenCircularIssued', data: { criticised: ['unit-1'] } }])
})

t.test('cards go up level by level and name who answers for it (S1-5.3e)', async (t) => {
  const card = { task: lead, responsible: 'head-1', reason: '逾期未办' }
  stage
    .signed()
    .when('issueCard', { ...card, level: 'yellow-card' })
    .then({ code: 'card-out-of-order', detail: { next: 'notice' } })
  t.throws(() => stage.signed().when('issueCard', { task: lead, level: 'notice', reason: '逾期' }), 'nobody named')
  const all = stage
    .signed()
    .did('issueCard', { ...card, level: 'notice' })
    .did('issueCard', { ...card, level: 'yellow-card' })
    .did('issueCard', { ...card, level: 'red-card' })
    .did('issueCard', { ...card, level: 'circular' })
  t.equal(levelReached(all.state, 'unit-1'), 'circular')
  t.equal(levelReached(all.state, 'unit-2'), undefined)
  all.when('issueCard', { ...card, level: 'circular' }).then('card-out-of-order')
  all.when('issueCard', { ...card, task: second, level: 'red-card' }).then('card-out-of-order')
  stage
    .opened()
    .when('issueCard', { ...card, level: 'notice' })
    .then('supervision-without-tasks')
  stage
    .assigned()
    .did('cancelTask', { task: lead, reason: '调整' })
    .when('issueCard', { ...card, level: 'notice' })
    .then('supervision-task-ended')
})

t.test('a card is objected to once, and somebody else decides on it', async (t) => {
  const issued = stage
    .signed()
    .did('issueCard', { task: lead, level: 'notice', responsible: 'head-1', reason: '逾期' }, { by: 'officer' })
  const card = 'id-4.card'
  issued.when('objectToCard', { card: 'unheard-of', reason: '不服' }).then('card-unknown')
  issued.when('objectToCard', { card, reason: '不服' }, { by: of('unit-2') }).then('acts-for-another-unit')
  issued.when('decideObjection', { card, upheld: true, reason: '属实' }).then('card-objection-missing')
  const objected = issued.did(
    'objectToCard',
    { card, reason: '已按时办理' },
    {
      by: of('unit-1', 'head-1'),
      limits: { 'supervision.objection': '5wd' },
    },
  )
  objected.when('objectToCard', { card, reason: '再次' }).then('card-objection-repeated')
  for (const by of ['officer', 'head-1'])
    objected
      .when('decideObjection', { card, upheld: true, reason: '属实' }, { by })
      .then('card-objection-judge-involved')
  const upheld = objected.did('decideObjection', { card, upheld: true, reason: '属实' }, { by: 'leader' })
  t.equal(levelReached(upheld.state, 'unit-1'), undefined, 'the card is gone')
  t.ok(clock(upheld, `supervision.objection:${card}`)?.stoppedAt)
  upheld
    .when('decideObjection', { card, upheld: false, reason: '再议' }, { by: 'leader' })
    .then('card-objection-missing')
  upheld.did('issueCard', { task: lead, level: 'notice', responsible: 'head-1', reason: '仍逾期' })

  const two = objected.did('issueCard', { task: second, level: 'notice', responsible: 'head-2', reason: '逾期' })
  two.when('objectToCard', { card, reason: '再次' }).then({ code: 'card-objection-repeated', rule: 'S1-5.3e' })
  stage
    .answered()
    .did('issueCard', { task: lead, level: 'notice', responsible: 'head-1', reason: '逾期' })
    .did('objectToCard', { card: 'id-9.card', reason: '不服' })
    .when('close')
    .then('card-objection-open')
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

t.test('only those on the list know of a confidential item (S1-5.2e)', async (t) => {
  const listed = stage.opened().did('restrictReaders', { readers: ['officer', 'leader'] })
  t.strictSame(listed.state.readers, ['officer', 'leader'])
  t.equal(listed.did('restrictReaders', { readers: [] }).state.readers, undefined)
})

t.test('a missed deadline is recorded once, dated at the legal moment', async (t) => {
  const item = stage.assigned()
  const miss = {
    clock: `supervision.sign-for:${lead}`,
    kind: 'supervision.sign-for',
    due: '2026-01-05',
    organisation: 'unit-1',
    calendarBound: '2026-01-06',
    calendars: ['cn-2026@2025-11-04'],
  }
  item.when('recordMiss', miss, { by: { reactor: 'sweeper' } }).then('deadline-not-missed-yet')
  // A day later by the recording clock.
  let later = item
  for (let hour = 0; hour < 16; hour++)
    later = later.did('chase', { method: 'phone', whom: 'p', result: '催办' }, { by: 'officer' })
  const recorded = later
    .when('recordMiss', miss, { by: { reactor: 'sweeper' } })
    .then([{ type: 'DeadlineMissed', effectiveAt: '2026-01-05T16:00:00.000Z', data: miss }])
  recorded.when('recordMiss', miss).then([])
  recorded.when('recordMiss', { ...miss, due: '2026-01-04' }).then([])
  t.strictSame(recorded.state.misses, [{ clock: miss.clock, due: miss.due }])
  t.equal(clock(recorded, miss.clock)?.stoppedAt, undefined, 'a miss changes no clock')
  later.when('recordMiss', { ...miss, clock: 'unheard-of' }).then('deadline-clock-unknown')
  // Signed for on the day itself: nothing was missed.
  stage.signed().when('recordMiss', miss).then([])
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
