import t from 'tap'
import { complaintDecider } from '../../../src/domain/complaint/index.ts'
import { lawfulActions } from '../../../src/domain/decider.ts'
import * as stage from './stages.ts'

const next = (scenario: ReturnType<typeof stage.received>) => lawfulActions(complaintDecider, scenario.state)

/** Plain JSON and no sealed value in it, which would open only at its place in its event. */
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function' && typeof value !== 'symbol'
  const prototype = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === Array.prototype) && Object.values(value).every(isPlain)
}

t.test('a complaint runs from registration to the archive: one case, one file', async (t) => {
  const archived = stage
    .nothing()
    .when('register', stage.intake, { by: 'clerk', limits: stage.limits })
    .then([
      {
        type: 'ComplaintRegistered',
        data: {
          channel: 'visit',
          anonymous: false,
          firstContact: 'clerk',
          matter: '私自收费',
          complainant: { name: '甲' },
        },
        basis: { policy: 'limits@1', limits: { 'complaint.acceptance': '15d', 'complaint.notice': '15d' } },
      },
    ])
    .when('requestSupplement', { items: ['收据', '委托合同'] })
    .then([{ type: 'SupplementRequested', data: { items: ['收据', '委托合同'] } }])
    .when('receiveSupplement')
    .then([{ type: 'SupplementReceived' }])
    .when('accept', {}, { by: 'director', limits: stage.limits })
    .then([{ type: 'ComplaintAccepted', basis: { limits: { 'complaint.reply': '60d' } } }])
    .when('notify', { about: 'acceptance', method: 'letter', document: '受〔2026〕1号' })
    .then([{ type: 'ComplainantNotified' }])
    .when('assignInvestigators', { investigators: ['investigator-1', 'investigator-2'] }, { by: 'director' })
    .then([{ type: 'InvestigatorsAssigned' }])
    .when('requestHandlerReport', {}, { by: 'investigator-1', limits: stage.limits })
    .then([{ type: 'HandlerReportRequested' }])
    .when('fileHandlerReport', { worker: 'worker-1', report: '服务过程' }, { by: 'office-clerk' })
    .then([{ type: 'HandlerReportSubmitted' }])
    .when('waiveDefence', { worker: 'worker-1' }, { by: 'office-clerk' })
    .then([{ type: 'DefenceWaived' }])
    .when('conclude', stage.conclusion, { by: 'investigator-2' })
    .then([{ type: 'InvestigationConcluded', data: { verifiedFacts: '查证事实' } }])
    .when('giveOpinion', { opinion: '属实', proposed: 'substantiated' }, { by: 'director' })
    .then([{ type: 'DirectorOpinionGiven' }])
    .when('reportToLeader', { leader: 'leader' }, { by: 'director' })
    .then([{ type: 'ReportedToLeader' }])
    .when('decideAtMeeting', stage.meeting, { by: 'leader', limits: stage.limits })
    .then([{ type: 'OfficeMeetingDecided', data: { outcome: 'substantiated' } }])
    .when('openPenaltyCase', { case: 'penalty-1' }, { by: 'leader' })
    .then([{ type: 'PenaltyCaseOpened' }])
    .when('proposePenalty', { to: 'city', kinds: ['fine'] }, { by: 'leader' })
    .then([{ type: 'PenaltyProposalForwarded' }])
    .when('referToCommittee', { committee: 'committee', reason: '违反执业纪律' }, { by: 'leader' })
    .then([{ type: 'ReferredToCommittee' }])
    .when('submitReport', { to: 'city' }, { by: 'director' })
    .then([{ type: 'ComplaintReportSubmitted' }])
    .when('reply', { method: 'letter', text: '答复意见' }, { by: 'director' })
    .then([{ type: 'ReplyGiven' }])
    .when('verifyRectification', { rectified: true }, { by: 'investigator-1' })
    .then([{ type: 'RectificationVerified' }])
    .when('close', {}, { by: 'director' })
    .then([{ type: 'ComplaintClosed' }])
    .when('archive', { fileNumber: '2026-001', retention: '30y' }, { by: 'director' })
    .then([{ type: 'ComplaintArchived' }])
  const { state } = archived
  t.match(state, {
    status: 'archived',
    subject: 'id-0.subject',
    complainant: 'id-0.complainant.subject',
    registeredBy: 'clerk',
    director: 'director',
    leader: 'leader',
    investigators: ['investigator-1', 'investigator-2'],
    outcome: 'substantiated',
    throughFault: true,
    rectified: true,
    penaltyCases: ['penalty-1'],
    penaltyProposedTo: 'city',
    committee: 'committee',
    reportSubmissions: [{ complete: true }],
  })
  t.ok(isPlain(state), 'a read model can store it')
})

t.test('every stage says what may come next, and only that', async (t) => {
  t.same(next(stage.nothing()), [], 'nothing but opening actions, which are not listed')
  t.ok(next(stage.received()).includes('accept'))
  t.notOk(next(stage.received()).includes('conclude'))
  t.notOk(next(stage.investigating()).includes('conclude'), 'not before the handler has reported')
  t.ok(next(stage.reported()).includes('conclude'))
  t.notOk(next(stage.decided()).includes('close'), 'not before the reply')
  t.ok(next(stage.replied()).includes('close'))
  t.same(next(stage.archived()), ['requestReview', 'quashDecision', 'openArchived', 'reopen', 'restrictReaders'])
})

t.test('the person first asked is the one who registers, unless another is named', async () => {
  stage
    .nothing()
    .when('register', { ...stage.intake, firstContact: 'receptionist' })
    .then([{ type: 'ComplaintRegistered', data: { firstContact: 'receptionist' } }])
})

t.test('a subject that reception confirmed is kept, a new person gets a new one', async () => {
  const known = { ...stage.intake, complainant: { name: '甲', subject: 'subject-7' } }
  stage
    .nothing()
    .when('register', known)
    .then([{ type: 'ComplaintRegistered', data: { complainant: { subject: 'subject-7' } } }])
  const unregistered = { ...stage.intake, respondentWorker: undefined, respondentPerson: { name: '乙' } }
  stage
    .nothing()
    .when('register', unregistered)
    .then([
      {
        type: 'ComplaintRegistered',
        data: { respondentPerson: { subject: 'id-0.respondentPerson.subject', name: '乙' } },
      },
    ])
})

t.test('a respondent identified later is added to what is known', async (t) => {
  const office = stage
    .received({ respondentWorker: undefined })
    .did('identifyRespondent', { respondentWorker: 'worker-2' })
  t.match(office.state, { respondentOffice: 'office-1', respondentWorker: 'worker-2' })
})

t.test('suspended work resumes where it stood', async (t) => {
  for (const at of [stage.accepted, stage.investigating, stage.concluded, stage.withOpinion, stage.beforeLeader]) {
    const before = at()
    const suspended = before.did('suspend', { ground: 'review-pending', reason: '公证复查' }, { by: 'director' })
    t.equal(suspended.state.status, 'suspended')
    suspended.when('fileHandlerReport', { report: '服务过程' }).then('complaint-step-out-of-order')
    t.equal(suspended.did('resume', {}, { by: 'director' }).state.status, before.state.status)
  }
})

t.test('the leader may send a case back for more facts', async (t) => {
  const back = stage.beforeLeader().did('returnForInvestigation', { reason: '事实不清' }, { by: 'leader' })
  t.match(back.state, { status: 'investigating', director: undefined, reportParts: [] })
  back.when('conclude', stage.conclusion, { by: 'investigator-1' }).then([{ type: 'InvestigationConcluded' }])
})

t.test('what a transfer that was objected to comes back to', async (t) => {
  const sent = stage.received().did('transfer', { mode: 'transfer', to: 'other-bureau', reason: '不属管辖' })
  const objected = sent.did('objectToTransfer', { reason: '也不属我局' })
  objected.when('close').then({ code: 'transfer-objection-open', rule: '信访工作条例 23' })
  t.equal(objected.did('decideTransferObjection', { upheld: true }).state.status, 'received')
  t.equal(objected.did('decideTransferObjection', { upheld: false }).state.status, 'transferred')

  const here = stage.received({ channel: 'transferred', transferredFrom: '市信访局' })
  const ours = here.did('objectToTransfer', { reason: '不属管辖' })
  ours.when('accept').then('transfer-objection-open')
  t.equal(ours.did('decideTransferObjection', { upheld: true }).state.status, 'transferred', 'it went back')
  t.equal(ours.did('decideTransferObjection', { upheld: false }).did('accept').state.status, 'accepted')
})

t.test('a reply that only the review changes keeps its case answered; a revoked one is worked again', async (t) => {
  const requested = stage.replied().did('requestReview', { reason: '不服' })
  const changed = requested.did('decideReview', {
    ...{ organ: '市司法局', result: 'changed', outcome: 'unsubstantiated', throughFault: false, text: '变更' },
  })
  t.match(changed.state, { status: 'replied', outcome: 'unsubstantiated', throughFault: false, review: 'changed' })
  const decision = requested.state.decision?.event
  const revoked = requested
    .when('decideReview', { organ: '市司法局', result: 'revoked', text: '撤销' }, { limits: stage.limits })
    .then([
      { type: 'ReviewDecided', data: { result: 'revoked' } },
      { type: 'DecisionQuashed', data: { by: 'review' }, corrects: { event: decision, mode: 'annul' } },
    ])
  t.match(revoked.state, { status: 'investigating', decision: { quashed: true }, repliedAt: undefined })
  t.equal(revoked.state.outcome, undefined)
  t.equal(revoked.state.clocks.filter((clock) => clock.kind === 'complaint.reply').length, 2, 'one new limit to reply')
})

t.test('a court may quash the decision even of an archived case, which is then worked again', async (t) => {
  const archived = stage.archived()
  const quashed = archived
    .when('quashDecision', { by: 'court', organ: '区人民法院', reason: '主要证据不足' }, { by: 'city-leader' })
    .then([{ type: 'DecisionQuashed', corrects: { event: archived.state.decision?.event, mode: 'annul' } }])
  t.match(quashed.state, { status: 'investigating', closedAt: undefined, archivedAt: undefined })
})

t.test('a decision quashed while its review runs leaves nothing of it running', async (t) => {
  const pending = stage.replied().did('requestReview', { reason: '不服' }, { limits: stage.limits })
  const quashed = pending.did('quashDecision', { by: 'superior', organ: '市司法局', reason: '撤销' })
  t.match(quashed.state, { status: 'investigating', review: undefined })
  const running = quashed.state.clocks.filter((clock) => !clock.stoppedAt && !clock.cancelledAt)
  t.same(
    running.map(({ kind }) => kind),
    ['complaint.notice'],
    'the notice was never given; review and rectification are over',
  )
  quashed.when('verifyRectification', { rectified: true }).then('complaint-step-out-of-order')
})

t.test('a decision quashed while the case is worked again lets the work go on', async (t) => {
  const again = stage
    .archived()
    .did('reopen', { ground: 'new-facts', reason: '新证据' })
    .did('conclude', stage.conclusion, { by: 'investigator-1' })
  const quashed = again.did('quashDecision', { by: 'court', organ: '区人民法院', reason: '撤销' })
  t.match(quashed.state, { status: 'concluded', decision: { quashed: true }, outcome: undefined })
})

t.test('a review may be asked for after the case was archived', async (t) => {
  const asked = stage.archived().did('requestReview', { reason: '不服' })
  t.match(asked.state, { status: 'review', closedAt: undefined, archivedAt: undefined })
  const decided = asked.did('decideReview', { organ: '市司法局', result: 'upheld', text: '维持' })
  t.equal(decided.did('close').did('archive', { retention: '30y' }).state.status, 'archived')
})

t.test('a reopened case needs a reply of its own before it closes again', async (t) => {
  const reopened = stage
    .archived()
    .did('reopen', { ground: 'new-facts', reason: '新证据' }, { by: 'leader', limits: stage.limits })
  t.match(reopened.state, { status: 'investigating', reopened: 1, repliedAt: undefined })
  reopened.when('close').then({ code: 'close-without-reply', rule: 'S1-5.2a' })
})

t.test('a merged repeat is answered through the main case', async (t) => {
  const merged = stage.received().did('noteRepeat', { case: 'main', exhausted: false }).did('merge', { into: 'main' })
  t.match(merged.state, { status: 'merged', mergedInto: 'main', repeats: 'main' })
  merged.when('close').then('close-without-reply')
  const answered = merged.did('answerThroughMain', { method: 'letter' })
  t.equal(answered.did('close').state.status, 'closed')
  answered.when('answerThroughMain', { method: 'letter' }).then('already-answered')
  t.same(stage.investigating().did('joinRepeat', { case: 'repeat' }).state.joined, ['repeat'])
})

t.test('a withdrawn complaint is closed without a reply, a terminated one once its end was told', async (t) => {
  const withdrawn = stage.investigating().did('withdraw', { inWriting: true })
  t.equal(withdrawn.did('close').state.status, 'closed')
  const terminated = stage.investigating().did('terminate', { ground: 'respondent-ceased', reason: '已注销' })
  terminated.when('close').then('close-without-reply')
  t.equal(terminated.did('notify', { about: 'termination', method: 'letter' }).did('close').state.status, 'closed')
})

t.test('breaches of first contact are counted', async (t) => {
  const breach = { person: 'clerk', kind: 'buck-passing', serious: false, measure: 'education', facts: '推诿' }
  t.equal(stage.received().did('confirmFirstContactBreach', breach).state.firstContactBreaches, 1)
})

t.test('evidence is kept by the hash of its ciphertext and counted', async (t) => {
  const evidence = {
    ...{ sha256: 'a'.repeat(64), size: 12, mediaType: 'application/pdf', submittedBy: 'complainant' },
    ...{ name: '收据.pdf', plaintextSha256: 'b'.repeat(64) },
  }
  t.equal(stage.received().did('addEvidence', evidence).state.evidence, 1)
})

t.test('a need-to-know list holds until an empty one lifts it', async (t) => {
  const named = stage.received().did('restrictReaders', { readers: ['director'] })
  t.same(named.state.readers, ['director'])
  t.equal(named.did('restrictReaders', { readers: [] }).state.readers, undefined)
})
