/**
 * Whether a step can stand on a state: the rules of the law on the event itself, so that they judge new steps and the steps after a
 * correction alike. Rights by role stand in access.ts; who may not do what because of what he did before stands here.
 */
import { pausedBeyond } from '../clock-set.ts'
import { personOf } from '../complaint/evolve.ts'
import { type Refusal, refusal } from '../decider.ts'
import type { Actor } from '../event.ts'
import { dateOf, isEarlier } from '../time.ts'
import { limitationEnds } from './clocks.ts'
import type { PenaltyEventType, PenaltyStep } from './events.ts'
import { aftermathRules } from './guard-aftermath.ts'
import { decisionRules } from './guard-decision.ts'
import { lawful } from './lawful.ts'
import { onTheSpotCap, powerOf } from './powers.ts'
import { documentComplete, type Rule, type Rules, type SharedRule, withinCaps, withinPower } from './rules.ts'
import { competent, type PenaltyState } from './state.ts'

const organisationOf = (actor: Actor): string | undefined => ('organisation' in actor ? actor.organisation : undefined)

/** Steps that move the procedure: none can be certainly earlier than the one before. */
const chain: ReadonlySet<PenaltyEventType> = new Set<PenaltyEventType>([
  ...(['OfficersAssigned', 'PenaltyInvestigationConcluded', 'ReturnedForInvestigation'] as const),
  ...(['PenaltyProposalForwarded', 'CityCaseTaken', 'ProposalReturned', 'PriorNoticeServed'] as const),
  ...(['DefenceFiled', 'DefenceHeard', 'DefenceWaived', 'HearingRequested', 'HearingAnnounced'] as const),
  ...(['HearingHeld', 'HearingAbandoned', 'LegalReviewPassed', 'LegalReviewFailed'] as const),
  ...(['CollectiveDiscussionHeld', 'PenaltyDecided', 'ServiceOfDocument', 'EnforcementApplied'] as const),
  ...(['ReconsiderationFiled', 'ReconsiderationDecided', 'LitigationFiled', 'LitigationDecided'] as const),
  ...(['DecisionQuashed', 'DecisionChanged', 'ExecutionSuspended', 'ExecutionResumed', 'PaymentReceived'] as const),
  ...(['PenaltyCaseClosed', 'PenaltyCaseTerminated', 'PenaltyCaseArchived'] as const),
])

/** Steps of the organ that decides: after the city took the case, the city's alone. */
const ofTheCompetent: ReadonlySet<PenaltyEventType> = new Set<PenaltyEventType>([
  ...(['PriorNoticeServed', 'HearingAnnounced', 'HearingHeld', 'LegalReviewPassed', 'LegalReviewFailed'] as const),
  ...(['CollectiveDiscussionHeld', 'PenaltyDecided'] as const),
])

/** What an organisation may do that neither owns the case nor took it over: be asked, supervise, audit, or speak for the respondent. */
const ofOthers: ReadonlySet<PenaltyEventType> = new Set<PenaltyEventType>([
  ...(['PenaltyCaseFiled', 'OnTheSpotPenaltyDecided', 'CityCaseTaken', 'ProposalReturned'] as const),
  ...(['DecisionQuashed', 'DecisionChanged', 'DefenceFiled', 'DefenceWaived'] as const),
  ...(['HearingRequested', 'HearingAbandoned', 'ArchivedCaseOpened'] as const),
])

const LIMITATION = '行政处罚法 36'

/** Nothing after the limitation ran out before it was found (行政处罚法 36). */
const filed: SharedRule<'PenaltyCaseFiled' | 'OnTheSpotPenaltyDecided'> = (data, _, step) => {
  if (data.respondent === 'worker' && data.respondentWorker === undefined)
    return refusal('respondent-worker-missing', '行政处罚法 40', { pointer: '/respondentWorker' })
  const today = dateOf(step.effectiveAt)
  if (data.actOn > today) return refusal('act-after-filing', LIMITATION, { pointer: '/actOn' })
  const found = data.discoveredOn ?? today
  // A continuing act can be found out before it ends.
  if (found > today || (found < data.actOn && !data.continuing))
    return refusal('discovery-date-invalid', LIMITATION, { pointer: '/discoveredOn' })
  const last = limitationEnds(data.actOn, data.limitation)
  return found > last ? refusal('penalty-time-barred', LIMITATION, { pointer: '/actOn', detail: { last } }) : undefined
}

const onTheSpot: Rule<'OnTheSpotPenaltyDecided'> = (data, state, step) => {
  const no = filed(data, state, step)
  if (no) return no
  const rule = '行政处罚法 51'
  if (data.officers.length < 2)
    return refusal('fewer-than-two-officers', '行政处罚法 42', { pointer: '/officers', detail: { count: 1 } })
  if (!data.credentialsShown) return refusal('credentials-not-shown', '行政处罚法 52', { pointer: '/credentialsShown' })
  if (!data.factsCertain) return refusal('facts-not-certain', rule, { pointer: '/factsCertain' })
  if (!data.rightsTold) return refusal('rights-not-told', '行政处罚法 44', { pointer: '/rightsTold' })
  if (!data.defenceHeard) return refusal('defence-not-heard', '行政处罚法 62', { pointer: '/defenceHeard' })
  const most = onTheSpotCap[data.respondent]
  for (const [place, item] of data.penalties.entries()) {
    const pointer = `/penalties/${place}`
    if (item.kind !== 'warning' && item.kind !== 'fine') return refusal('on-the-spot-kind', rule, { pointer })
    if ('amount' in item && item.amount > most)
      return refusal('on-the-spot-amount', rule, { pointer: `${pointer}/amount`, detail: { most } })
  }
  const as = {
    ...state,
    law: data.law,
    level: data.level,
    respondent: data.respondent,
    illegalGains: data.illegalGains,
  }
  return withinPower(data.penalties, as) ?? withinCaps(data.penalties, as, data.caps) ?? documentComplete(data)
}

const rules: Rules = {
  PenaltyCaseFiled: filed,
  OnTheSpotPenaltyDecided: onTheSpot,
  OfficersAssigned(data, state) {
    if (data.officers.length < 2)
      return refusal('fewer-than-two-officers', '行政处罚法 42', {
        pointer: '/officers',
        detail: { count: data.officers.length },
      })
    const recused = data.officers.findIndex((person) => state.recused.includes(person))
    return recused < 0
      ? undefined
      : refusal('recused-person-assigned', '行政处罚法 43', { pointer: `/officers/${recused}` })
  },
  RecusalRequested(data, state) {
    if (state.recused.includes(data.person)) return refusal('already-recused', '行政处罚法 43', { pointer: '/person' })
    return state.recusalPending.includes(data.person)
      ? refusal('recusal-already-requested', '行政处罚法 43', { pointer: '/person' })
      : undefined
  },
  RecusalDecided(data, state, step) {
    if (!state.recusalPending.includes(data.person))
      return refusal('recusal-not-requested', '行政处罚法 43', { pointer: '/person' })
    const actor = personOf(step.actor)
    if (actor === data.person) return refusal('recusal-decided-by-himself', '行政处罚法 43')
    return actor !== undefined && state.everInvestigated.includes(actor)
      ? refusal('recusal-decided-by-officer', '行政处罚法 43')
      : undefined
  },
  InquiryRecorded(data, state) {
    if (data.officers.length < 2)
      return refusal('fewer-than-two-officers', '行政处罚法 42', {
        pointer: '/officers',
        detail: { count: data.officers.length },
      })
    const stranger = data.officers.findIndex((person) => !state.investigators.includes(person))
    if (stranger >= 0) return refusal('not-an-investigator', '行政处罚法 42', { pointer: `/officers/${stranger}` })
    return data.credentialsShown
      ? undefined
      : refusal('credentials-not-shown', '行政处罚法 55', { pointer: '/credentialsShown' })
  },
  EvidencePreserved(data, state) {
    if (state.preservationLists.includes(data.list))
      return refusal('evidence-list-exists', '行政处罚法 56', { pointer: '/list' })
    return state.everInvestigated.includes(data.approvedBy)
      ? refusal('preservation-approved-by-officer', '行政处罚法 56', { pointer: '/approvedBy' })
      : undefined
  },
  EvidencePreservationDecided: (data, state) =>
    state.preserved.some(({ list }) => list === data.list)
      ? undefined
      : refusal('evidence-not-preserved', '行政处罚法 56', { pointer: '/list' }),
  CorrectionOrdered: (data, _, step) =>
    data.due < dateOf(step.effectiveAt)
      ? refusal('correction-due-in-past', '行政处罚法 28', { pointer: '/due' })
      : undefined,
  PenaltyInvestigationConcluded(data, state, step) {
    if (data.officers.length < 2)
      return refusal('fewer-than-two-officers', '行政处罚法 42', {
        pointer: '/officers',
        detail: { count: data.officers.length },
      })
    const stranger = data.officers.findIndex((person) => !state.investigators.includes(person))
    if (stranger >= 0) return refusal('not-an-investigator', '行政处罚法 42', { pointer: `/officers/${stranger}` })
    const actor = personOf(step.actor)
    return actor === undefined || !state.investigators.includes(actor)
      ? refusal('not-an-investigator', '行政处罚法 42')
      : undefined
  },
  PenaltyProposalForwarded(data, state) {
    const beyond = data.kinds.some((kind) => powerOf(state.law, kind).level !== 'county')
    if (state.level !== 'county' || !beyond)
      return refusal('proposal-not-needed', powerOf(state.law, 'fine').rule, { pointer: '/kinds' })
    return data.to === state.organisation
      ? refusal('proposal-to-itself', powerOf(state.law, 'fine').rule, { pointer: '/to' })
      : undefined
  },
  CityCaseTaken(data, state, step) {
    const { rule } = powerOf(state.law, 'fine')
    if (data.organisation !== state.forwardedTo)
      return refusal('not-the-organ-asked', rule, { pointer: '/organisation' })
    const actor = organisationOf(step.actor)
    if (actor !== undefined && actor !== data.organisation) return refusal('not-the-competent-organ', rule)
    return data.level === 'county' ? refusal('level-mismatch', rule, { pointer: '/level' }) : undefined
  },
  ProposalReturned(_, state, step) {
    const actor = organisationOf(step.actor)
    return actor !== undefined && actor !== state.forwardedTo
      ? refusal('not-the-organ-asked', powerOf(state.law, 'fine').rule)
      : undefined
  },
  ...decisionRules,
  ...aftermathRules,
}

/** Whether the step can stand on the state; the refusal with its rule if not. */
export function guard(state: PenaltyState, step: PenaltyStep): Refusal | undefined {
  const actor = personOf(step.actor)
  if (actor !== undefined && state.recused.includes(actor)) return refusal('recused-person-acts', '行政处罚法 43')
  const not = lawful(state, step.type)
  if (not) return not
  if (step.type === 'ExecutionSuspended' && pausedBeyond(state.clocks, step.effectiveAt))
    return refusal('pauses-overlap', '行政处罚法 73', { pointer: '/effectiveAt' })
  if (chain.has(step.type) && state.lastStepAt !== undefined && isEarlier(step.effectiveAt, state.lastStepAt))
    return refusal('step-before-its-predecessor', '行政处罚法 47', {
      pointer: '/effectiveAt',
      detail: { effectiveAt: step.effectiveAt, predecessor: state.lastStepAt },
    })
  const organisation = organisationOf(step.actor)
  if (organisation !== undefined && organisation !== competent(state)) {
    const own = organisation === state.organisation && !ofTheCompetent.has(step.type)
    if (!own && !ofOthers.has(step.type)) return refusal('not-the-competent-organ', powerOf(state.law, 'fine').rule)
  }
  const rule = rules[step.type] as Rule<PenaltyEventType> | undefined
  return rule?.(step.data as never, state, step as never)
}
