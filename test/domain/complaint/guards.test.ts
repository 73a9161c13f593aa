import t from 'tap'
import { complaintDecider } from '../../../src/domain/complaint/index.ts'
import { given } from '../../support/scenario.ts'
import * as stage from './stages.ts'

t.test('every item gets an outcome and a reply: no closing without a reply (S1-5.2a)', async () => {
  for (const at of [stage.received, stage.accepted, stage.investigating, stage.concluded, stage.decided])
    at().when('close').then({ code: 'close-without-reply', rule: 'S1-5.2a' })
  stage
    .replied()
    .when('close')
    .then([{ type: 'ComplaintClosed' }])
})

t.test(
  'what was not accepted, transferred or terminated closes once the complainant was told so (S1-5.2a)',
  async () => {
    const refusedCase = stage.received().did('decline', { ground: 'out-of-scope', reason: '不属于受理范围' })
    refusedCase.when('close').then('close-without-reply')
    refusedCase.did('notify', { about: 'acceptance', method: 'letter' }).when('close').then('close-without-reply')
    refusedCase
      .did('notify', { about: 'non-acceptance', method: 'letter' })
      .when('close')
      .then([{ type: 'ComplaintClosed' }])
    const sent = stage.received().did('transfer', { mode: 'transfer', toName: '市场监督管理局', reason: '不属管辖' })
    sent.when('close').then('close-without-reply')
    sent
      .did('notify', { about: 'transfer', method: 'phone' })
      .when('close')
      .then([{ type: 'ComplaintClosed' }])
  },
)

t.test('no reply while one of the six parts is empty, unless a reason stands for it (S2-4.4.3)', async () => {
  const reply = { method: 'letter', text: '答复' }
  for (const part of ['result', 'basis']) {
    const incomplete = stage.decided({ [part]: undefined })
    incomplete
      .when('reply', reply)
      .then({ code: 'report-incomplete', rule: 'S2-4.4.3', detail: { missing: part, count: 1 } })
    incomplete.when('reply', { ...reply, [part]: '补写' }).then([{ type: 'ReplyGiven' }])
    incomplete.when('reply', { ...reply, incompleteBecause: '依据待查' }).then([{ type: 'ReplyGiven' }])
    incomplete.when('submitReport', { to: 'city' }).then('report-incomplete')
    incomplete
      .when('submitReport', { to: 'city', incompleteBecause: '先行上报' })
      .then([{ type: 'ComplaintReportSubmitted' }])
  }
  stage
    .decided()
    .when('reply', reply)
    .then([{ type: 'ReplyGiven' }])
})

t.test('all that is missing is asked for once, and again only if the facts changed (S1-4)', async () => {
  const asked = stage.received().did('requestSupplement', { items: ['收据'] })
  const again = { items: ['合同'] }
  asked.when('requestSupplement', again).then({ code: 'supplement-already-requested', rule: 'S1-4' })
  asked.did('receiveSupplement').when('requestSupplement', again).then('supplement-already-requested')
  asked
    .did('receiveSupplement')
    .when('requestSupplement', { ...again, factsChanged: '补充了新的被投诉人' })
    .then([{ type: 'SupplementRequested' }])
  asked.when('accept').then('complaint-step-out-of-order')
})

t.test('two investigators at least', async () => {
  const rule = '公证执业活动投诉处理办法 21'
  stage
    .accepted()
    .when('assignInvestigators', { investigators: ['investigator-1'] })
    .then({ code: 'fewer-than-two-investigators', rule })
  const oneLeft = stage
    .reported()
    .did('requestRecusal', { person: 'investigator-2', by: 'respondent', ground: 'kinship', reason: '近亲属' })
    .did('decideRecusal', { person: 'investigator-2', granted: true }, { by: 'leader' })
  oneLeft
    .when('conclude', stage.conclusion, { by: 'investigator-1' })
    .then({ code: 'fewer-than-two-investigators', rule })
  stage
    .reported()
    .when('conclude', { ...stage.conclusion, investigators: ['investigator-1'] }, { by: 'investigator-1' })
    .then({ code: 'fewer-than-two-investigators', pointer: '/investigators' })
})

t.test('who investigates is named on the case, and only he concludes', async () => {
  const stranger = { ...stage.conclusion, investigators: ['investigator-1', 'stranger'] }
  stage.reported().when('conclude', stranger, { by: 'investigator-1' }).then('not-an-investigator')
  stage.reported().when('conclude', stage.conclusion, { by: 'director' }).then('not-an-investigator')
  stage
    .reported()
    .when('conclude', stage.conclusion, { by: { operator: true } })
    .then('not-an-investigator')
})

t.test('reception is not investigation: who registered does not investigate', async () => {
  stage
    .accepted()
    .when('assignInvestigators', { investigators: ['clerk', 'investigator-1'] })
    .then({ code: 'registrar-investigates', pointer: '/investigators/0' })
})

t.test('who registered or investigated does not vote (S1-7.4d)', async () => {
  const before = stage.beforeLeader()
  const vote = (attendees: string[]) => before.when('decideAtMeeting', { ...stage.meeting, attendees })
  vote(['leader', 'clerk']).then({ code: 'registrar-votes', rule: 'S1-7.4d', pointer: '/attendees/1' })
  vote(['investigator-1', 'leader']).then({ code: 'investigator-votes', rule: 'S1-7.4d', pointer: '/attendees/0' })
  vote(['leader', 'director']).then([{ type: 'OfficeMeetingDecided' }])
})

t.test('who investigated and was replaced does not vote either', async () => {
  const replaced = stage
    .reported()
    .did('assignInvestigators', { investigators: ['investigator-2', 'investigator-3'], reason: '工作调整' })
    .did(
      'conclude',
      { ...stage.conclusion, investigators: ['investigator-2', 'investigator-3'] },
      { by: 'investigator-2' },
    )
    .did('giveOpinion', { opinion: '属实', proposed: 'substantiated' }, { by: 'director' })
    .did('reportToLeader', { leader: 'leader' }, { by: 'director' })
  replaced
    .when('decideAtMeeting', { ...stage.meeting, attendees: ['leader', 'investigator-1'] })
    .then('investigator-votes')
})

t.test('no single person decides (S1-7.4d)', async () => {
  stage
    .beforeLeader()
    .when('decideAtMeeting', { ...stage.meeting, attendees: ['leader'] })
    .then({ code: 'meeting-of-one', rule: 'S1-7.4d' })
})

t.test('the director who received it may give the opinion (S1-7.4a, c)', async (t) => {
  const received = stage.nothing().did('register', stage.intake, { by: 'director' })
  const concluded = received
    .did('accept', {}, { by: 'director' })
    .did('assignInvestigators', { investigators: stage.people.investigators }, { by: 'director' })
    .did('fileHandlerReport', { report: '服务过程' }, { by: 'office-clerk' })
    .did('conclude', stage.conclusion, { by: 'investigator-1' })
  const given = concluded
    .when('giveOpinion', { opinion: '属实', proposed: 'substantiated' }, { by: 'director' })
    .then([{ type: 'DirectorOpinionGiven' }])
  t.match(given.state, { registeredBy: 'director', director: 'director' })
})

t.test('a recused person acts no more, whatever he does (信访工作条例 28)', async () => {
  const asked = stage.investigating().did('requestRecusal', {
    person: 'investigator-2',
    by: 'complainant',
    ground: 'direct-interest',
    reason: '利害关系',
  })
  asked.when('addNote', { text: '仍可办理' }, { by: 'investigator-2' }).then([{ type: 'NoteAdded' }])
  asked
    .when('decideRecusal', { person: 'investigator-2', granted: true }, { by: 'investigator-2' })
    .then({ code: 'recusal-decided-by-himself', rule: '行政处罚法 43' })
  const kept = asked.did('decideRecusal', { person: 'investigator-2', granted: false }, { by: 'leader' })
  kept.when('addNote', { text: '继续' }, { by: 'investigator-2' }).then([{ type: 'NoteAdded' }])

  const recused = asked.did('decideRecusal', { person: 'investigator-2', granted: true }, { by: 'leader' })
  for (const [action, body] of Object.entries({
    addNote: { text: '办理' },
    fileHandlerReport: { report: '服务过程' },
    suspend: { ground: 'other', reason: '其他' },
    assignInvestigators: { investigators: ['investigator-1', 'investigator-3'] },
    withdraw: { inWriting: true },
  }))
    recused.when(action, body, { by: 'investigator-2' }).then({ code: 'recused-person-acts', rule: '信访工作条例 28' })
  recused
    .when('assignInvestigators', { investigators: ['investigator-1', 'investigator-2'] }, { by: 'director' })
    .then({ code: 'recused-person-assigned', pointer: '/investigators/1' })
  recused
    .when('requestRecusal', { person: 'investigator-2', by: 'complainant', ground: 'other', reason: '再次' })
    .then('already-recused')
})

t.test('a recused person does not vote, whoever he is', async () => {
  stage
    .beforeLeader()
    .did('requestRecusal', { person: 'deputy', by: 'complainant', ground: 'kinship', reason: '近亲属' })
    .did('decideRecusal', { person: 'deputy', granted: true }, { by: 'leader' })
    .when('decideAtMeeting', stage.meeting, { by: 'leader' })
    .then({ code: 'recused-person-votes', pointer: '/attendees/1' })
})

t.test('a recusal is decided once it was asked for, and asked for once', async () => {
  stage
    .investigating()
    .when('decideRecusal', { person: 'investigator-1', granted: true }, { by: 'leader' })
    .then('recusal-not-requested')
  const request = { person: 'investigator-1', by: 'complainant', ground: 'other', reason: '其他' }
  stage.investigating().did('requestRecusal', request).when('requestRecusal', request).then('recusal-already-requested')
})

t.test('the handler must report; silence is recorded only after a reminder (S1-7.4b, Q13)', async () => {
  const open = stage.investigating()
  const conclude = { by: 'investigator-1' }
  open.when('conclude', stage.conclusion, conclude).then({ code: 'handler-report-missing', rule: 'S1-7.4b' })
  open.when('recordMissingHandlerReport', { reason: '未提交' }).then({ code: 'handler-not-reminded', rule: 'Q13' })
  open.when('remindHandler', { method: 'phone' }).then('handler-report-not-requested')
  const requested = open.did('requestHandlerReport')
  requested.when('recordMissingHandlerReport', { reason: '未提交' }).then('handler-not-reminded')
  requested
    .did('remindHandler', { method: 'phone', supervisionItem: 'supervision-1' })
    .did('recordMissingHandlerReport', { reason: '催告后仍未提交' })
    .when('conclude', stage.conclusion, conclude)
    .then([{ type: 'InvestigationConcluded' }])
  stage.reported().when('fileHandlerReport', { report: '再次' }).then('handler-report-already-there')
})

t.test('a defence is free: submitted or waived, but not waived once made (S1-7.4b)', async () => {
  const defended = stage.investigating().did('fileDefence', { text: '申辩' })
  defended.when('waiveDefence').then({ code: 'defence-already-submitted', rule: 'S1-7.4b' })
  stage
    .investigating()
    .did('waiveDefence')
    .when('fileDefence', { text: '改为申辩' })
    .then([{ type: 'DefenceSubmitted' }])
})

t.test('anonymous complaints are clues: no complainant, no reply duty (Q15)', async (t) => {
  stage
    .nothing()
    .when('register', { ...stage.intake, anonymous: true })
    .then({ code: 'anonymous-with-complainant', rule: 'Q15' })
  stage
    .nothing()
    .when('register', { ...stage.intake, complainant: undefined })
    .then('complainant-missing')
  const clue = stage.clue()
  t.match(clue.state, { anonymous: true, complainant: undefined })
  clue.when('notify', { about: 'acceptance', method: 'letter' }).then({ code: 'anonymous-cannot-be-told', rule: 'Q15' })
  clue.when('withdraw', { inWriting: true }).then('anonymous-cannot-withdraw')
  clue.when('close').then({ code: 'clue-closed-without-reason', rule: 'S1-5.2a' })
  clue.when('close', { reason: '线索不具体' }).then([{ type: 'ComplaintClosed' }])
  stage
    .decided({}, { complainant: undefined, anonymous: true })
    .when('close')
    .then([{ type: 'ComplaintClosed' }])
})

t.test('exactly one person was first asked (S1-3.2)', async (t) => {
  stage
    .nothing()
    .when('register', stage.intake, { by: { reactor: 'mail' } })
    .then({ code: 'first-contact-missing', rule: 'S1-3.2' })
  const { body } = complaintDecider.actions.register!
  t.notOk(body.safeParse({ ...stage.intake, firstContact: ['clerk', 'other'] }).success, 'one, not a list')
})

t.test('a complaint without a respondent is not accepted before he is identified', async () => {
  const vague = stage.received({ respondentOffice: undefined, respondentWorker: undefined })
  vague.when('accept').then({ code: 'respondent-unidentified', rule: '法律援助投诉处理办法 8' })
  vague.when('identifyRespondent').then('respondent-unidentified')
  vague
    .did('identifyRespondent', { respondentOffice: 'office-2' })
    .when('accept')
    .then([{ type: 'ComplaintAccepted' }])
})

t.test('after re-review the same facts are not taken up again (信访工作条例 36)', async () => {
  const done = stage.exhausted()
  const rule = '信访工作条例 36'
  done.when('requestReview', { reason: '再次' }).then({ code: 'same-facts-exhausted', rule })
  done.when('requestReReview', { reason: '再次' }).then({ code: 'same-facts-exhausted', rule })
  const closed = done.did('close')
  closed
    .when('reopen', { ground: 'complainant-dissatisfied', reason: '不服' })
    .then({ code: 'same-facts-exhausted', rule })
  closed.when('reopen', { ground: 'new-facts', reason: '新证据' }).then([{ type: 'ComplaintReopened' }])
  const repeat = stage.received().did('noteRepeat', { case: 'case-0', exhausted: true })
  repeat.when('accept').then({ code: 'same-facts-exhausted', rule })
  stage
    .received()
    .did('noteRepeat', { case: 'case-0', exhausted: true, newFacts: '新证据' })
    .when('accept')
    .then([{ type: 'ComplaintAccepted' }])
})

t.test('review follows a reply, re-review follows a review', async () => {
  stage.decided().when('requestReview', { reason: '不服' }).then('complaint-step-out-of-order')
  stage
    .replied()
    .when('requestReReview', { reason: '不服' })
    .then({ code: 'review-not-decided', rule: '信访工作条例 36' })
  stage.reviewed().when('requestReview', { reason: '再次' }).then('review-already-requested')
  stage.replied().did('requestReview', { reason: '不服' }).when('close').then({ code: 'review-pending' })
  stage
    .replied()
    .did('requestReview', { reason: '不服' })
    .when('decideReview', { organ: '市司法局', result: 'changed', text: '变更' })
    .then({ code: 'review-change-without-outcome', pointer: '/outcome' })
  const clue = stage.decided({}, { complainant: undefined, anonymous: true }).did('close')
  clue.when('requestReview', { reason: '不服' }).then('review-without-reply')
})

t.test(
  'fault is found only where the complaint is proved, subjective fault only where there is fault (S0-4.6e)',
  async () => {
    const decide = (decision: object) => stage.beforeLeader().when('decideAtMeeting', { ...stage.meeting, ...decision })
    const none = { measures: [] }
    decide({ ...none, outcome: 'unsubstantiated' }).then({ code: 'fault-not-substantiated', pointer: '/throughFault' })
    decide({ ...none, throughFault: false }).then({ code: 'fault-not-substantiated', pointer: '/subjectiveFault' })
    const notProved = { outcome: 'unverifiable', throughFault: false, subjectiveFault: false }
    decide({ ...notProved, measures: [{ kind: 'penalty-case' }] }).then({
      code: 'complaint-not-substantiated',
      pointer: '/measures/0/kind',
    })
    decide({ ...notProved, measures: [{ kind: 'rectification-order' }] }).then([{ type: 'OfficeMeetingDecided' }])
  },
)

t.test('penalty, proposal to the city and committee need a complaint that was proved', async () => {
  const notProved = { outcome: 'unsubstantiated', throughFault: false, subjectiveFault: false, measures: [] }
  const decided = stage.decided(notProved)
  decided
    .when('openPenaltyCase', { case: 'penalty-1' })
    .then({ code: 'complaint-not-substantiated', rule: '行政处罚法 57' })
  decided.when('proposePenalty', { to: 'city', kinds: ['fine'] }).then('complaint-not-substantiated')
  decided
    .when('referToCommittee', { committee: 'c', reason: '移送' })
    .then({ code: 'complaint-not-substantiated', rule: 'S4-4.5a' })
  decided.when('verifyRectification', { rectified: true }).then({ code: 'rectification-not-ordered', rule: 'S0-5.2.3' })
})

t.test('opening an archived case needs a recorded purpose (S2-4.4.6); nothing else is done with it', async (t) => {
  const archived = stage.archived()
  archived.when('openArchived').then({ code: 'archive-purpose-missing', rule: 'S2-4.4.6', pointer: '/purpose' })
  archived.when('openArchived', { purpose: 'audit' }).then({ code: 'archive-purpose-missing', pointer: '/text' })
  const opened = archived
    .when('openArchived', { purpose: 'audit', text: '年度检查' }, { by: 'auditor' })
    .then([{ type: 'ArchivedCaseOpened', data: { purpose: 'audit', text: '年度检查' } }])
  t.match(opened.state, { status: 'archived', archiveOpenings: 1 })
  opened.when('addNote', { text: '补记' }).then({ code: 'case-archived', rule: 'S2-4.4.6' })
  stage.closed().when('addNote', { text: '补记' }).then('case-closed')
  stage.closed().when('openArchived', { purpose: 'audit', text: '年度检查' }).then('case-closed')
})

t.test('steps keep the order of the chain', async () => {
  stage.received().when('conclude', stage.conclusion, { by: 'investigator-1' }).then('complaint-step-out-of-order')
  stage
    .concluded()
    .when('reportToLeader', { leader: 'leader' })
    .then({ code: 'complaint-step-out-of-order', rule: 'S1-7.4c' })
  stage
    .withOpinion()
    .when('decideAtMeeting', stage.meeting)
    .then({ code: 'complaint-step-out-of-order', rule: 'S1-7.4d' })
  stage.beforeLeader().when('reply', { method: 'letter', text: '答复' }).then('complaint-step-out-of-order')
  stage.replied().when('archive', { retention: '10y' }).then('complaint-step-out-of-order')
  stage.replied().when('reply', { method: 'letter', text: '再答' }).then('already-answered')
  stage.received().when('register', stage.intake).then('case-already-opened')
  stage.nothing().when('accept').then('case-not-opened')
})

t.test('no step of the chain is earlier than the one before; the hour of a date is not known', async () => {
  const received = stage.nothing().did('register', stage.intake, { at: '2026-01-04T10:00:00+08:00' })
  received
    .when('accept', {}, { at: '2026-01-03' })
    .then({ code: 'step-before-its-predecessor', pointer: '/effectiveAt' })
  received.when('accept', {}, { at: '2026-01-04T09:59:00+08:00' }).then('step-before-its-predecessor')
  received.when('accept', {}, { at: '2026-01-04' }).then([{ type: 'ComplaintAccepted' }])
  received.when('addNote', { text: '此前来电' }, { at: '2026-01-02' }).then([{ type: 'NoteAdded' }])
})

t.test(
  'a transfer names its receiver; jurisdiction is objected to where something was transferred (信访工作条例 22, 23)',
  async () => {
    const rule = '信访工作条例 23'
    stage
      .received()
      .when('transfer', { mode: 'forward', reason: '转办' })
      .then({ code: 'transfer-without-receiver', rule: '信访工作条例 22' })
    stage.received().when('objectToTransfer', { reason: '异议' }).then({ code: 'not-transferred-here', rule })
    const here = stage.received({ channel: 'transferred' })
    here.when('decideTransferObjection', { upheld: true }).then({ code: 'transfer-objection-missing', rule })
    here
      .did('objectToTransfer', { reason: '异议' })
      .when('objectToTransfer', { reason: '再次' })
      .then('transfer-objection-open')
  },
)

t.test(
  'an extension is asked for on a running clock, within the cap, and approved by another person (信访工作条例 34)',
  async (t) => {
    const open = stage.investigating()
    const ask = (body: object, by = 'investigator-1') =>
      open.when('requestExtension', { reason: '案情复杂', ...body }, { by, limits: stage.limits })
    ask({ clock: 'complaint.acceptance', by: '15d' }).then('extension-not-provided')
    ask({ clock: 'complaint.review', by: '15d' }).then('clock-not-running')
    ask({ clock: 'complaint.reply', by: '31d' }).then({ code: 'extension-over-cap', detail: { most: '30d' } })
    ask({ clock: 'complaint.reply', by: '22wd' }).then('extension-over-cap')
    const asked = ask({ clock: 'complaint.reply', by: '30d' }).then([{ type: 'ExtensionRequested' }])
    asked
      .when('requestExtension', { clock: 'complaint.reply', by: '10d', reason: '再次' }, { limits: stage.limits })
      .then('extension-already-requested')
    const grant = { clock: 'complaint.reply', granted: true }
    asked.when('decideExtension', grant, { by: 'investigator-1' }).then('approver-is-applicant')
    asked
      .when('decideExtension', { ...grant, clock: 'complaint.investigation' }, { by: 'leader' })
      .then('extension-not-requested')
    asked.when('decideExtension', { ...grant, by: '31d' }, { by: 'leader' }).then('extension-over-cap')
    const extended = asked.did('decideExtension', grant, { by: 'leader' })
    t.same(extended.state.clocks.find((clock) => clock.id === 'complaint.reply')?.extensions, ['30d'])
    extended
      .when('requestExtension', { clock: 'complaint.reply', by: '10d', reason: '再次' }, { limits: stage.limits })
      .then('already-extended')
    const refusedOne = asked.did('decideExtension', { ...grant, granted: false, reason: '理由不足' }, { by: 'leader' })
    t.same(
      refusedOne.state.clocks.find((clock) => clock.id === 'complaint.reply')?.extensions,
      [],
      'the refusal leaves its trace as an event only',
    )
    open.when('decideExtension', grant, { by: 'leader' }).then('extension-not-requested')
  },
)

t.test('a delay is reported on a clock that still runs (S1-5.2c)', async () => {
  const delay = { clock: 'complaint.reply', reason: '等待鉴定', expectedBy: '2026-04-01' }
  stage
    .investigating()
    .when('reportDelay', delay)
    .then([{ type: 'DelayReported' }])
  stage.received().when('reportDelay', delay).then('clock-not-running')
})

t.test('only an annulment that names the standing decision quashes it', async (t) => {
  const replied = stage.replied()
  const quash = { type: 'DecisionQuashed', data: { by: 'court', organ: '区人民法院', reason: '撤销' } }
  const step = given(complaintDecider, ...replied.events, quash).events.at(-1)!
  const { guard } = complaintDecider
  t.match(guard(replied.state, { ...step, sealedBy: { event: '', path: [] } } as never), {
    code: 'no-decision-to-quash',
  })
  stage.received().when('quashDecision', quash.data).then('no-decision-to-quash')
  replied.did('quashDecision', quash.data).when('quashDecision', quash.data).then('no-decision-to-quash')
})
