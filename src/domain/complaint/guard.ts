/**
 * Whether a step can stand on a state: the rules of the live chain on the event itself, so that they judge new steps and
 * the steps after a correction alike. Who may do what in a case stands here; rights by role stand in access.ts.
 */
import { pausedBeyond } from '../clock-set.ts'
import { type Refusal, refusal } from '../decider.ts'
import { roughDays } from '../policy.ts'
import { isEarlier } from '../time.ts'
import { isRunning } from './clocks.ts'
import { type ComplaintEventType, type ComplaintStep, complaintEvents } from './events.ts'
import { reportParts } from './fields.ts'
import { lawful } from './lawful.ts'
import { partsIn, personOf } from './moves.ts'
import type { ComplaintState } from './state.ts'

type Data<Type extends ComplaintEventType> = Extract<ComplaintStep, { type: Type }>['data']
type StepOfType<Type extends ComplaintEventType> = Extract<ComplaintStep, { type: Type }>
type Rule<Type extends ComplaintEventType> = (
  data: Data<Type>,
  state: ComplaintState,
  step: StepOfType<Type>,
) => Refusal | undefined

/** Steps that move the chain: none can be certainly earlier than the one before. */
const chain: ReadonlySet<ComplaintEventType> = new Set<ComplaintEventType>([
  'SupplementRequested',
  'SupplementReceived',
  'ComplaintAccepted',
  'ComplaintNotAccepted',
  'ComplaintTransferred',
  'InvestigatorsAssigned',
  'InvestigationSuspended',
  'InvestigationResumed',
  'InvestigationConcluded',
  'DirectorOpinionGiven',
  'ReportedToLeader',
  'ReturnedForInvestigation',
  'OfficeMeetingDecided',
  'ReplyGiven',
  'ReviewRequested',
  'ReviewDecided',
  'ReReviewRequested',
  'ReReviewDecided',
  'DecisionQuashed',
  'ComplaintWithdrawn',
  'ComplaintMerged',
  'AnsweredThroughMain',
  'ComplaintTerminated',
  'ComplaintClosed',
  'ComplaintArchived',
  'ComplaintReopened',
])

const TWO_INVESTIGATORS = '公证执业活动投诉处理办法 21'

/** No reply and no submission while one of the six parts is empty, unless a reason stands for it (S2-4.4.3). */
function sixParts(
  data: Data<'ReplyGiven'> | Data<'ComplaintReportSubmitted'>,
  state: ComplaintState,
): Refusal | undefined {
  const there = new Set([...state.reportParts, ...partsIn(data as Data<'ReplyGiven'>)])
  const missing = reportParts.filter((part) => !there.has(part))
  if (missing.length === 0 || data.incompleteBecause !== undefined) return undefined
  return refusal('report-incomplete', 'S2-4.4.3', { detail: { missing: missing.join(', '), count: missing.length } })
}

const reviewOutcome = (data: Data<'ReviewDecided'>): Refusal | undefined =>
  data.result === 'changed' && data.outcome === undefined
    ? refusal('review-change-without-outcome', '信访工作条例 35', { pointer: '/outcome' })
    : undefined

/** Who sits in the meeting, and whether what it finds agrees with itself. */
const meeting: Rule<'OfficeMeetingDecided'> = (data, state) => {
  if (data.attendees.length < 2)
    return refusal('meeting-of-one', 'S1-7.4d', { pointer: '/attendees', detail: { count: data.attendees.length } })
  for (const [place, person] of data.attendees.entries()) {
    const pointer = `/attendees/${place}`
    if (state.recused.includes(person)) return refusal('recused-person-votes', '信访工作条例 28', { pointer })
    if (person === state.registeredBy) return refusal('registrar-votes', 'S1-7.4d', { pointer })
    if (state.everInvestigated.includes(person)) return refusal('investigator-votes', 'S1-7.4d', { pointer })
  }
  const proved = data.outcome === 'substantiated' || data.outcome === 'partly-substantiated'
  if (!proved && data.throughFault) return refusal('fault-not-substantiated', 'S0-4.6e', { pointer: '/throughFault' })
  if (data.subjectiveFault && !data.throughFault)
    return refusal('fault-not-substantiated', 'S0-4.6e', { pointer: '/subjectiveFault' })
  for (const [place, { kind }] of data.measures.entries()) {
    const needsProof = kind === 'penalty-case' || kind === 'penalty-proposal' || kind === 'star-finding'
    if (!proved && needsProof)
      return refusal('complaint-not-substantiated', '行政处罚法 57', { pointer: `/measures/${place}/kind` })
  }
  return undefined
}

const runningClock = (id: string, state: ComplaintState): Refusal | undefined =>
  state.clocks.some((clock) => clock.id === id && isRunning(clock))
    ? undefined
    : refusal('clock-not-running', '信访工作条例 34', { pointer: '/clock', detail: { clock: id } })

const rules: { readonly [Type in ComplaintEventType]?: Rule<Type> } = {
  ComplaintRegistered(data) {
    if (data.anonymous && data.complainant) return refusal('anonymous-with-complainant', 'Q15')
    if (!data.anonymous && !data.complainant)
      return refusal('complainant-missing', '信访工作条例 17', { pointer: '/complainant' })
    return undefined
  },
  RespondentIdentified: (data) =>
    (data.respondentOffice ?? data.respondentWorker ?? data.respondentPerson)
      ? undefined
      : refusal('respondent-unidentified', '法律援助投诉处理办法 8'),
  SupplementRequested: (data, state) =>
    state.supplementRequests > 0 && data.factsChanged === undefined
      ? refusal('supplement-already-requested', 'S1-4', { pointer: '/factsChanged' })
      : undefined,
  ComplaintTransferred: (data) =>
    data.to === undefined && data.toName === undefined
      ? refusal('transfer-without-receiver', '信访工作条例 22', { pointer: '/to' })
      : undefined,
  InvestigatorsAssigned(data, state) {
    if (data.investigators.length < 2)
      return refusal('fewer-than-two-investigators', TWO_INVESTIGATORS, {
        pointer: '/investigators',
        detail: { count: data.investigators.length },
      })
    for (const [place, person] of data.investigators.entries()) {
      const pointer = `/investigators/${place}`
      if (person === state.registeredBy) return refusal('registrar-investigates', 'S1-7.4', { pointer })
      if (state.recused.includes(person)) return refusal('recused-person-assigned', '信访工作条例 28', { pointer })
    }
    return undefined
  },
  RecusalRequested(data, state) {
    if (state.recused.includes(data.person))
      return refusal('already-recused', '信访工作条例 28', { pointer: '/person' })
    if (state.recusalPending.includes(data.person))
      return refusal('recusal-already-requested', '信访工作条例 28', { pointer: '/person' })
    return undefined
  },
  RecusalDecided(data, state, step) {
    if (!state.recusalPending.includes(data.person))
      return refusal('recusal-not-requested', '信访工作条例 28', { pointer: '/person' })
    if (personOf(step.actor) === data.person) return refusal('recusal-decided-by-himself', '行政处罚法 43')
    return undefined
  },
  InvestigationConcluded(data, state, step) {
    if (data.investigators.length < 2)
      return refusal('fewer-than-two-investigators', TWO_INVESTIGATORS, {
        pointer: '/investigators',
        detail: { count: data.investigators.length },
      })
    const stranger = data.investigators.findIndex((person) => !state.investigators.includes(person))
    if (stranger >= 0) return refusal('not-an-investigator', 'S1-7.4c', { pointer: `/investigators/${stranger}` })
    const actor = personOf(step.actor)
    if (actor === undefined || !state.investigators.includes(actor)) return refusal('not-an-investigator', 'S1-7.4c')
    return undefined
  },
  OfficeMeetingDecided: meeting,
  ReplyGiven: sixParts,
  ComplaintReportSubmitted: sixParts,
  ReviewDecided: reviewOutcome,
  ReReviewDecided: reviewOutcome,
  DecisionQuashed: (_, state, step) =>
    step.corrects?.mode === 'annul' && step.corrects.event === state.decision?.event
      ? undefined
      : refusal('no-decision-to-quash', '行政复议法 64'),
  ComplaintClosed: (data, state) =>
    state.anonymous && !settled.has(state.status) && data.reason === undefined
      ? refusal('clue-closed-without-reason', 'S1-5.2a', { pointer: '/reason', detail: { status: state.status } })
      : undefined,
  ComplaintReopened: (data, state) =>
    state.exhausted && data.ground !== 'new-facts'
      ? refusal('same-facts-exhausted', '信访工作条例 36', { pointer: '/ground' })
      : undefined,
  DelayReported: (data, state) => runningClock(data.clock, state),
  ExtensionRequested(data, state) {
    const notRunning = runningClock(data.clock, state)
    if (notRunning) return notRunning
    if (state.extensionsPending.some((pending) => pending.clock === data.clock))
      return refusal('extension-already-requested', '信访工作条例 34', { pointer: '/clock' })
    const extended = state.clocks.some((clock) => clock.id === data.clock && clock.extensions.length > 0)
    return extended ? refusal('already-extended', '信访工作条例 34', { pointer: '/clock' }) : undefined
  },
  ExtensionDecided(data, state, step) {
    const asked = state.extensionsPending.find((pending) => pending.clock === data.clock)
    if (!asked) return refusal('extension-not-requested', '信访工作条例 34', { pointer: '/clock' })
    const actor = personOf(step.actor)
    if (actor !== undefined && actor === asked.asker) return refusal('approver-is-applicant', '信访工作条例 34')
    if (data.by !== undefined && roughDays(data.by) > roughDays(asked.by))
      return refusal('extension-over-cap', '信访工作条例 34', { pointer: '/by', detail: { most: asked.by } })
    return data.granted ? runningClock(data.clock, state) : undefined
  },
  ImportedMilestone(data, state) {
    const { milestone } = data
    const known = {
      received: state.receivedAt,
      accepted: state.acceptedAt,
      replied: state.repliedAt,
      closed: state.closedAt,
    }[milestone]
    return known === undefined ? undefined : refusal('milestone-known', 'S1-2.1', { detail: { milestone } })
  },
}

/** Endings after which a clue is closed without more being said. */
const settled: ReadonlySet<string> = new Set([
  'decided',
  'replied',
  'not-accepted',
  'transferred',
  'withdrawn',
  'merged',
  'terminated',
])

/** Whether the step can stand on the state; the refusal with its rule if not. */
export function guard(state: ComplaintState, step: ComplaintStep): Refusal | undefined {
  const actor = personOf(step.actor)
  if (actor !== undefined && state.recused.includes(actor)) return refusal('recused-person-acts', '信访工作条例 28')
  const not = lawful(state, step.type)
  if (not) return not
  if (step.type === 'InvestigationSuspended' && pausedBeyond(state.clocks, step.effectiveAt))
    return refusal('pauses-overlap', complaintEvents.InvestigationSuspended.rule, { pointer: '/effectiveAt' })
  if (chain.has(step.type) && state.lastStepAt !== undefined && isEarlier(step.effectiveAt, state.lastStepAt))
    return refusal('step-before-its-predecessor', 'S1-2.1', {
      pointer: '/effectiveAt',
      detail: { effectiveAt: step.effectiveAt, predecessor: state.lastStepAt },
    })
  const rule = rules[step.type] as Rule<ComplaintEventType> | undefined
  return rule?.(step.data as never, state, step as never)
}
