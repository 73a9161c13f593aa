/**
 * Whether a kind of step is lawful in a state at all, whatever it says: the order of the procedure. It gives "what comes next", and
 * `guard` starts with it.
 */
import { type Refusal, refusal } from '../decider.ts'
import { type PenaltyEventType, penaltyEvents } from './events.ts'
import { debtOf, overpaid, sumOf, unpaid } from './money.ts'
import { type PenaltyState, type PenaltyStatus, runningRemedy, standing } from './state.ts'

const beforeNotice: readonly PenaltyStatus[] = ['filed', 'investigating', 'concluded']
const beforeDecision: readonly PenaltyStatus[] = [...beforeNotice, 'forwarded', 'noticed']
const inForce: readonly PenaltyStatus[] = ['served', 'under-reconsideration', 'under-litigation']
const open: readonly PenaltyStatus[] = [...beforeDecision, 'decided', ...inForce, 'quashed']
const ended: readonly PenaltyStatus[] = ['closed', 'archived']

/** The statuses in which a step of each type may stand. */
const standsIn: Readonly<Record<PenaltyEventType, readonly PenaltyStatus[]>> = {
  PenaltyCaseFiled: ['none'],
  OnTheSpotPenaltyDecided: ['none'],
  OnTheSpotReported: inForce,
  OfficersAssigned: ['filed', 'investigating', 'concluded', 'noticed'],
  RecusalRequested: beforeDecision,
  RecusalDecided: beforeDecision,
  InquiryRecorded: ['investigating'],
  EvidenceAdded: open,
  NoteAdded: open,
  EvidencePreserved: ['investigating'],
  EvidencePreservationDecided: open,
  CorrectionOrdered: [...beforeDecision, 'decided', ...inForce],
  CorrectionVerified: [...open, 'closed'],
  EarlierFineFound: beforeDecision,
  PenaltyInvestigationConcluded: ['investigating'],
  ReturnedForInvestigation: ['concluded', 'noticed'],
  PenaltyProposalForwarded: ['concluded'],
  CityCaseTaken: ['forwarded'],
  ProposalReturned: ['forwarded'],
  PriorNoticeServed: ['concluded', 'noticed'],
  DefenceFiled: ['noticed'],
  DefenceHeard: ['noticed'],
  DefenceWaived: ['noticed'],
  HearingRequested: ['noticed'],
  HearingAnnounced: ['noticed'],
  HearingHeld: ['noticed'],
  HearingAbandoned: ['noticed'],
  LegalReviewPassed: ['concluded', 'noticed'],
  LegalReviewFailed: ['concluded', 'noticed'],
  CollectiveDiscussionHeld: ['concluded', 'noticed'],
  PenaltyDecided: ['concluded', 'noticed'],
  ServiceOfDocument: ['decided'],
  PaymentReceived: inForce,
  PaymentDeferred: inForce,
  RefundMade: [...open, ...ended],
  PaymentUrged: inForce,
  EnforcementApplied: inForce,
  EnforcementEnded: inForce,
  PenaltyExecuted: inForce,
  DecisionPublished: [...inForce, 'closed'],
  PublicationWithdrawn: [...open, ...ended],
  ReconsiderationFiled: ['served', ...ended],
  ReconsiderationReplied: ['under-reconsideration'],
  ReconsiderationDecided: ['under-reconsideration'],
  LitigationFiled: ['served', ...ended],
  LitigationDecided: ['under-litigation'],
  ExecutionSuspended: ['under-reconsideration', 'under-litigation'],
  ExecutionResumed: ['under-reconsideration', 'under-litigation'],
  DecisionQuashed: ['decided', 'served', ...ended],
  DecisionChanged: ['decided', 'served', ...ended],
  PenaltyCaseClosed: ['served', 'quashed'],
  PenaltyCaseTerminated: [...beforeDecision, 'decided', 'served', 'quashed'],
  PenaltyCaseArchived: ['closed', 'terminated'],
  ArchivedCaseOpened: ['archived'],
}

const ruleOf = (type: PenaltyEventType): string => penaltyEvents[type].rule

const debt = (state: PenaltyState) => debtOf(standing(state)?.penalties ?? [])
const owes = (state: PenaltyState): boolean => unpaid(state.paid, debt(state)) > 0
const noDecision = (rule: string) => refusal('no-penalty-decision', rule)

/** Kinds that need an act of execution of their own; a warning is executed by its service, money by its payment. */
const executedApart: ReadonlySet<string> = new Set(['suspension', 'business-suspension', 'revocation'])

/** What still has to be done before the case ends (结案). */
function unfinished(state: PenaltyState): Refusal | undefined {
  const decision = standing(state)
  if (state.preserved.length > 0) return refusal('preserved-evidence-open', '行政处罚法 56')
  if (state.published !== undefined && state.published !== decision?.event)
    return refusal('publication-not-withdrawn', '行政处罚法 48')
  if (sumOf(overpaid(state.paid, debt(state))) > 0) return refusal('refund-outstanding', '行政复议法 64')
  if (!decision) return undefined
  if (state.summary && !state.summaryReported) return refusal('on-the-spot-not-reported', '行政处罚法 52')
  const enforced = state.enforcement === 'enforced' || state.enforcement === 'ended'
  if (owes(state) && !enforced)
    return refusal('penalty-unpaid', '行政处罚法 66', { detail: { fen: unpaid(state.paid, debt(state)) } })
  if (!state.executed && !enforced && decision.penalties.some(({ kind }) => executedApart.has(kind)))
    return refusal('penalty-not-executed', '行政处罚法 66')
  return undefined
}

const hearingOpen = (state: PenaltyState): Refusal | undefined =>
  state.notice?.hearing ? undefined : refusal('no-hearing-right', '行政处罚法 63')

/** What the state itself forbids, beyond the order of statuses. */
const forbids: { readonly [Type in PenaltyEventType]?: (state: PenaltyState) => Refusal | undefined } = {
  OnTheSpotReported(state) {
    if (!state.summary) return refusal('not-on-the-spot', '行政处罚法 52')
    return state.summaryReported ? refusal('on-the-spot-already-reported', '行政处罚法 52') : undefined
  },
  EvidencePreservationDecided: (state) =>
    state.preserved.length === 0 ? refusal('evidence-not-preserved', '行政处罚法 56') : undefined,
  CorrectionVerified: (state) =>
    state.correction === 'none' ? refusal('correction-not-ordered', '行政处罚法 28') : undefined,
  RecusalDecided: (state) =>
    state.recusalPending.length === 0 ? refusal('recusal-not-requested', '行政处罚法 43') : undefined,
  PenaltyInvestigationConcluded: (state) =>
    state.investigators.length < 2
      ? refusal('fewer-than-two-officers', '行政处罚法 42', { detail: { count: state.investigators.length } })
      : undefined,
  PenaltyProposalForwarded: (state) =>
    state.takenBy === undefined ? undefined : refusal('already-taken-over', '行政处罚法 25'),
  DefenceHeard: (state) => (state.defence === 'filed' ? undefined : refusal('no-defence-filed', '行政处罚法 45')),
  DefenceWaived: (state) =>
    state.defence === 'none' ? undefined : refusal('defence-already-settled', '行政处罚法 62'),
  HearingRequested: (state) =>
    hearingOpen(state) ??
    (state.hearing === 'none' ? undefined : refusal('hearing-already-requested', '行政处罚法 64')),
  HearingAnnounced: (state) =>
    hearingOpen(state) ??
    (state.hearing === 'requested' || state.hearing === 'announced'
      ? undefined
      : refusal('hearing-not-requested', '行政处罚法 64')),
  HearingHeld: (state) =>
    hearingOpen(state) ??
    (state.hearing === 'announced'
      ? undefined
      : refusal(state.hearing === 'requested' ? 'hearing-not-announced' : 'hearing-not-requested', '行政处罚法 64')),
  HearingAbandoned: (state) =>
    hearingOpen(state) ??
    (state.hearing === 'held' || state.hearing === 'abandoned'
      ? refusal('hearing-already-over', '行政处罚法 64')
      : undefined),
  PaymentReceived: (state) => (debt(state).fine + debt(state).confiscation > 0 ? undefined : noPayment()),
  PaymentDeferred: (state) => (owes(state) ? undefined : noPayment()),
  RefundMade: (state) =>
    sumOf(overpaid(state.paid, debt(state))) > 0 ? undefined : refusal('nothing-to-refund', '行政复议法 64'),
  PaymentUrged: (state) => (owes(state) ? undefined : noPayment()),
  EnforcementApplied(state) {
    if (!owes(state)) return noPayment()
    if (state.enforcement === 'applied') return refusal('enforcement-already-applied', '行政处罚法 72')
    if (runningRemedy(state)) return refusal('remedy-pending', '行政强制法 53')
    return state.urgedAt === undefined ? refusal('payment-not-urged', '行政强制法 54') : undefined
  },
  EnforcementEnded: (state) =>
    state.enforcement === 'applied' ? undefined : refusal('enforcement-not-applied', '行政处罚法 72'),
  PenaltyExecuted: (state) =>
    standing(state)?.penalties.some(({ kind }) => executedApart.has(kind))
      ? undefined
      : refusal('nothing-to-execute', '行政处罚法 66'),
  DecisionPublished(state) {
    const decision = standing(state)
    if (decision?.outcome !== 'penalty') return noDecision('行政处罚法 48')
    if (!decision.socialImpact) return refusal('publication-without-impact', '行政处罚法 48')
    return state.published === undefined ? undefined : refusal('already-published', '行政处罚法 48')
  },
  PublicationWithdrawn: (state) =>
    state.published === undefined ? refusal('nothing-published', '行政处罚法 48') : undefined,
  ReconsiderationFiled(state) {
    const decision = standing(state)
    if (decision?.outcome !== 'penalty') return noDecision('行政复议法 20')
    if (state.remedies.some((one) => one.kind === 'litigation' && one.decision === decision.event))
      return refusal('litigation-chosen', '行政复议法 29')
    const again = state.remedies.some((one) => one.decision === decision.event && one.result !== 'withdrawn')
    return again || decision.changedBy === 'reconsideration' || decision.changedBy === 'court'
      ? refusal('already-reconsidered', '行政复议法 30')
      : undefined
  },
  LitigationFiled(state) {
    const decision = standing(state)
    if (decision?.outcome !== 'penalty') return noDecision('行政诉讼法 45')
    const again = state.remedies.some((one) => one.kind === 'litigation' && one.decision === decision.event)
    return again || decision.changedBy === 'court' ? refusal('already-litigated', '行政诉讼法 49') : undefined
  },
  ReconsiderationReplied: (state) =>
    state.clocks.some(
      ({ kind, stoppedAt, cancelledAt }) => kind === 'reconsideration.reply' && !(stoppedAt ?? cancelledAt),
    )
      ? undefined
      : refusal('already-answered', '行政复议法 48'),
  ExecutionSuspended: (state) =>
    state.executionSuspended ? refusal('execution-already-suspended', '行政处罚法 73') : undefined,
  ExecutionResumed: (state) =>
    state.executionSuspended ? undefined : refusal('execution-not-suspended', '行政处罚法 73'),
  DecisionQuashed: (state) => (standing(state) ? undefined : noDecision('行政复议法 64')),
  DecisionChanged: (state) => (standing(state) ? undefined : noDecision('行政复议法 63')),
  PenaltyCaseClosed: unfinished,
}

function noPayment(): Refusal {
  return refusal('nothing-to-pay', '行政处罚法 67')
}

/** Why no step of this type can stand on this state; nothing if one can. */
export function lawful(state: PenaltyState, type: PenaltyEventType): Refusal | undefined {
  const { status } = state
  if (!standsIn[type].includes(status)) {
    if (status === 'none') return refusal('case-not-opened', ruleOf(type))
    if (standsIn[type].includes('none')) return refusal('case-already-opened', ruleOf(type))
    if (status === 'archived') return refusal('case-archived', ruleOf(type))
    if (status === 'closed' || status === 'terminated') return refusal('case-closed', ruleOf(type))
    if (runningRemedy(state)) return refusal('remedy-pending', ruleOf(type), { detail: { status, step: type } })
    return refusal('penalty-step-out-of-order', ruleOf(type), { detail: { status, step: type } })
  }
  // What a review said is carried out before anything else: nothing may build on a decision that has fallen.
  if (state.mustQuash !== undefined && type !== 'DecisionQuashed' && type !== 'DecisionChanged')
    return refusal('ruling-not-carried-out', '行政复议法 77', { detail: { ruling: state.mustQuash } })
  return forbids[type]?.(state)
}
