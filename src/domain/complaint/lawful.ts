/**
 * Whether a kind of step is lawful in a state at all, whatever it says: the order of the chain. It gives "what comes
 * next", and `guard` starts with it.
 */
import { type Refusal, refusal } from '../decider.ts'
import { type ComplaintEventType, complaintEvents } from './events.ts'
import type { ComplaintState, ComplaintStatus } from './state.ts'

const intake: readonly ComplaintStatus[] = ['received', 'supplement-pending']
const working: readonly ComplaintStatus[] = ['accepted', 'investigating']
const beforeDecision: readonly ComplaintStatus[] = [...working, 'concluded', 'director-opinion', 'reported-to-leader']
const afterDecision: readonly ComplaintStatus[] = ['decided', 'replied', 'review', 're-review', 'closed']
const sideExits: readonly ComplaintStatus[] = ['not-accepted', 'transferred', 'withdrawn', 'merged', 'terminated']
const open: readonly ComplaintStatus[] = [
  ...intake,
  ...beforeDecision,
  'suspended',
  'decided',
  'replied',
  'review',
  're-review',
  ...sideExits,
]
const opened: readonly ComplaintStatus[] = [...open, 'closed', 'archived']

/** The statuses in which a step of each type may stand. */
const standsIn: Readonly<Record<ComplaintEventType, readonly ComplaintStatus[]>> = {
  ComplaintRegistered: ['none'],
  CaseImported: ['none'],
  RespondentIdentified: [...intake, ...working],
  RepeatFound: [...intake, ...working],
  RepeatJoined: open,
  SupplementRequested: intake,
  SupplementReceived: ['supplement-pending'],
  ComplaintAccepted: ['received'],
  ComplaintNotAccepted: intake,
  ComplaintTransferred: [...intake, 'accepted'],
  TransferObjected: ['received', 'transferred'],
  TransferObjectionDecided: ['received', 'transferred'],
  ComplainantNotified: [...open, 'closed'],
  InvestigatorsAssigned: working,
  HandlerReportRequested: working,
  HandlerReminded: working,
  HandlerReportSubmitted: working,
  HandlerReportAbsent: working,
  DefenceSubmitted: beforeDecision,
  DefenceWaived: beforeDecision,
  RecusalRequested: [...beforeDecision, 'suspended'],
  RecusalDecided: [...beforeDecision, 'suspended'],
  InvestigationSuspended: beforeDecision,
  InvestigationResumed: ['suspended'],
  EvidenceAdded: open,
  NoteAdded: open,
  InvestigationConcluded: ['investigating'],
  DirectorOpinionGiven: ['concluded'],
  ReportedToLeader: ['director-opinion'],
  ReturnedForInvestigation: ['concluded', 'director-opinion', 'reported-to-leader'],
  OfficeMeetingDecided: ['reported-to-leader'],
  RectificationVerified: afterDecision,
  PenaltyCaseOpened: afterDecision,
  PenaltyProposalForwarded: afterDecision,
  ReferredToCommittee: afterDecision,
  ReplyGiven: ['decided'],
  ComplaintReportSubmitted: afterDecision,
  ReviewRequested: ['replied', 'closed', 'archived'],
  ReviewDecided: ['review'],
  ReReviewRequested: ['replied', 'closed', 'archived'],
  ReReviewDecided: ['re-review'],
  DecisionQuashed: opened,
  ComplaintWithdrawn: [...intake, ...beforeDecision, 'suspended'],
  ComplaintMerged: [...intake, ...working],
  AnsweredThroughMain: ['merged'],
  ComplaintTerminated: [...beforeDecision, 'suspended'],
  ComplaintClosed: open,
  ComplaintArchived: ['closed'],
  ArchivedCaseOpened: ['archived'],
  ComplaintReopened: ['closed', 'archived', 'not-accepted', 'transferred', 'withdrawn', 'terminated'],
  FirstContactBreachConfirmed: [...open, 'closed'],
  DelayReported: open,
  ExtensionRequested: open,
  ExtensionDecided: open,
  ReadersNamed: opened,
  ImportedMilestone: ['received', 'accepted', 'replied', 'closed'],
  ImportedFieldsAdded: opened,
  ImportedFieldsChanged: opened,
}

const ruleOf = (type: ComplaintEventType): string => complaintEvents[type].rule

/** Whether the person who complained has the answer that the case's ending owes him (S1-5.2a). */
function unanswered(state: ComplaintState): boolean {
  if (state.anonymous || state.repliedAt !== undefined) return false
  switch (state.status) {
    case 'withdrawn':
      return false
    case 'not-accepted':
      return !state.notified.includes('non-acceptance')
    case 'transferred':
      return !state.notified.includes('transfer')
    case 'terminated':
      return !state.notified.includes('termination')
    default:
      return true
  }
}

const substantiated = (state: ComplaintState): boolean =>
  state.outcome === 'substantiated' || state.outcome === 'partly-substantiated'

/** What the state itself forbids, beyond the order of statuses. */
const forbids: { readonly [Type in ComplaintEventType]?: (state: ComplaintState) => Refusal | undefined } = {
  ComplaintAccepted(state) {
    if (state.transferObjected) return refusal('transfer-objection-open', '信访工作条例 23')
    if (state.repeatsExhausted) return refusal('same-facts-exhausted', '信访工作条例 36')
    const known = state.respondentOffice ?? state.respondentWorker ?? state.respondentPerson
    if (known === undefined && !state.imported) return refusal('respondent-unidentified', '法律援助投诉处理办法 8')
    return undefined
  },
  TransferObjected(state) {
    if (state.transferObjected) return refusal('transfer-objection-open', '信访工作条例 23')
    if (state.status === 'received' && state.channel !== 'transferred')
      return refusal('not-transferred-here', '信访工作条例 23')
    return undefined
  },
  TransferObjectionDecided: (state) =>
    state.transferObjected ? undefined : refusal('transfer-objection-missing', '信访工作条例 23'),
  ComplainantNotified: (state) => (state.anonymous ? refusal('anonymous-cannot-be-told', 'Q15') : undefined),
  HandlerReminded: (state) =>
    state.handlerReport === 'requested' || state.handlerReport === 'reminded'
      ? undefined
      : refusal('handler-report-not-requested', 'Q13'),
  HandlerReportRequested: (state) =>
    state.handlerReport === 'submitted' ? refusal('handler-report-already-there', 'S1-7.4b') : undefined,
  HandlerReportSubmitted: (state) =>
    state.handlerReport === 'submitted' ? refusal('handler-report-already-there', 'S1-7.4b') : undefined,
  HandlerReportAbsent: (state) =>
    state.handlerReport === 'reminded' ? undefined : refusal('handler-not-reminded', 'Q13'),
  DefenceWaived: (state) =>
    state.defence === 'submitted' ? refusal('defence-already-submitted', 'S1-7.4b') : undefined,
  InvestigationConcluded(state) {
    if (state.investigators.length < 2)
      return refusal('fewer-than-two-investigators', '公证执业活动投诉处理办法 21', {
        detail: { count: state.investigators.length },
      })
    if (state.handlerReport !== 'submitted' && state.handlerReport !== 'absent')
      return refusal('handler-report-missing', 'S1-7.4b')
    return undefined
  },
  RectificationVerified: (state) =>
    !state.decision?.quashed && state.decision?.measures.some((measure) => measure.kind === 'rectification-order')
      ? undefined
      : refusal('rectification-not-ordered', 'S0-5.2.3'),
  PenaltyCaseOpened: (state) =>
    substantiated(state) ? undefined : refusal('complaint-not-substantiated', '行政处罚法 57'),
  PenaltyProposalForwarded: (state) =>
    substantiated(state) ? undefined : refusal('complaint-not-substantiated', '行政处罚法 57'),
  ReferredToCommittee: (state) =>
    substantiated(state) ? undefined : refusal('complaint-not-substantiated', 'S4-4.5a'),
  ReviewRequested(state) {
    if (state.exhausted) return refusal('same-facts-exhausted', '信访工作条例 36')
    if (state.repliedAt === undefined) return refusal('review-without-reply', '信访工作条例 35')
    if (state.review !== undefined) return refusal('review-already-requested', '信访工作条例 35')
    return undefined
  },
  ReReviewRequested(state) {
    if (state.exhausted) return refusal('same-facts-exhausted', '信访工作条例 36')
    if (state.review === undefined || state.review === 'pending')
      return refusal('review-not-decided', '信访工作条例 36')
    return undefined
  },
  DecisionQuashed: (state) =>
    state.decision && !state.decision.quashed ? undefined : refusal('no-decision-to-quash', '行政复议法 64'),
  ComplaintWithdrawn: (state) => (state.anonymous ? refusal('anonymous-cannot-withdraw', 'Q15') : undefined),
  AnsweredThroughMain: (state) => (state.repliedAt === undefined ? undefined : refusal('already-answered', 'S1-5.2a')),
  ComplaintClosed(state) {
    if (state.status === 'review' || state.status === 're-review') return refusal('review-pending', '信访工作条例 35')
    if (state.transferObjected) return refusal('transfer-objection-open', '信访工作条例 23')
    return unanswered(state)
      ? refusal('close-without-reply', 'S1-5.2a', { detail: { status: state.status } })
      : undefined
  },
  ExtensionDecided: (state) =>
    state.extensionsPending.length === 0 ? refusal('extension-not-requested', '信访工作条例 34') : undefined,
}

const importedOnly: ReadonlySet<ComplaintEventType> = new Set<ComplaintEventType>([
  'ImportedMilestone',
  'ImportedFieldsAdded',
  'ImportedFieldsChanged',
])

/** Why no step of this type can stand on this state; nothing if one can. */
export function lawful(state: ComplaintState, type: ComplaintEventType): Refusal | undefined {
  if (importedOnly.has(type) && !state.imported) return refusal('case-not-imported', 'S1-2.1')
  const { status } = state
  if (!standsIn[type].includes(status)) {
    if (status === 'none') return refusal('case-not-opened', ruleOf(type))
    if (standsIn[type].includes('none')) return refusal('case-already-opened', ruleOf(type))
    if (status === 'archived') return refusal('case-archived', 'S2-4.4.6')
    if (status === 'closed') return refusal('case-closed', 'S1-5.2a')
    if (type === 'InvestigationSuspended' && status === 'suspended')
      return refusal('clock-already-paused', ruleOf(type))
    if (type === 'InvestigationResumed' && beforeDecision.includes(status))
      return refusal('clock-not-paused', ruleOf(type))
    if (type === 'ReplyGiven' && state.repliedAt !== undefined) return refusal('already-answered', 'S1-5.2a')
    return refusal('complaint-step-out-of-order', ruleOf(type), { detail: { status, step: type } })
  }
  return forbids[type]?.(state)
}
