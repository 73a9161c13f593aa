/** The part of `evolve` from the decision on: service, money, publication, remedies, quashing. */
import type { Clock } from '../clock.ts'
import type { EffectiveTime } from '../time.ts'
import { cancel, type PenaltyClockKind, penaltyClockKinds, start, stop, unpause } from './clocks.ts'
import type { PenaltyStep } from './events.ts'
import { paymentTargets } from './fields.ts'
import { debtOf, unpaid, withPayment, withRefund } from './money.ts'
import {
  competent,
  type Decision,
  moved,
  type PenaltyState,
  type Remedy,
  runningRemedy,
  standing,
  unheard,
} from './state.ts'

type Owner = { readonly organisation: string; readonly person?: string | undefined }

const begin = (
  clocks: readonly Clock[],
  kind: PenaltyClockKind,
  step: PenaltyStep,
  owner: Owner,
  dueAt?: EffectiveTime,
): readonly Clock[] => start(clocks, kind, penaltyClockKinds[kind], step, owner, dueAt)

/** Who owes payment and holds the remedies. */
const respondentOf = (state: PenaltyState): Owner => ({
  organisation: state.respondentOffice ?? state.organisation,
  person: state.respondentWorker,
})
const bureauOf = (state: PenaltyState): Owner => ({ organisation: competent(state) })

const remedyClocks = [
  'penalty.reconsideration',
  'penalty.litigation',
  'penalty.litigation-after-reconsideration',
  'reconsideration.reply',
  'reconsideration.decision',
] as const
const ofDecision = ['penalty.service', 'penalty.payment', 'penalty.publication'] as const

const currentDebt = (state: PenaltyState) => debtOf(standing(state)?.penalties ?? [])

/** The last decision, edited. */
const withLast = (state: PenaltyState, edit: (decision: Decision) => Decision): readonly Decision[] => {
  const last = state.decisions.at(-1)
  return last ? [...state.decisions.slice(0, -1), edit(last)] : state.decisions
}

/** The decision served: payment and remedies begin. */
function served(state: PenaltyState, step: PenaltyStep): PenaltyState {
  const decision = standing(state)
  const at = step.effectiveAt
  let clocks = stop(state.clocks, at, 'penalty.service')
  if (decision?.outcome === 'penalty') {
    if (unpaid(state.paid, debtOf(decision.penalties)) > 0)
      clocks = begin(clocks, 'penalty.payment', step, respondentOf(state))
    const reviewed = decision.changedBy === 'reconsideration' || decision.changedBy === 'court'
    if (!reviewed) {
      clocks = begin(clocks, 'penalty.reconsideration', step, respondentOf(state))
      clocks = begin(clocks, 'penalty.litigation', step, respondentOf(state))
    }
  }
  const decisions = withLast(state, (last) => ({ ...last, servedAt: at }))
  return { ...moved(state, step, 'served'), decisions, clocks }
}

/** A remedy ended: what was suspended because of it runs again. */
function ended(state: PenaltyState, step: PenaltyStep, result: Remedy['result']): PenaltyState {
  const running = runningRemedy(state)
  const remedies = state.remedies.map((one) => (one === running ? { ...one, to: step.effectiveAt, result } : one))
  return {
    ...moved(state, step, running?.before ?? state.status),
    remedies,
    executionSuspended: false,
    clocks: unpause(state.clocks, step.effectiveAt),
  }
}

function annulled(
  state: PenaltyState,
  step: Extract<PenaltyStep, { type: 'DecisionQuashed' | 'DecisionChanged' }>,
): PenaltyState {
  const at = step.effectiveAt
  const onProcedure = step.type === 'DecisionQuashed' && step.data.onProcedure === true
  const decisions = withLast(state, (last) =>
    last.quashed ? last : { ...last, quashed: { event: step.id, by: step.data.by, onProcedure } },
  )
  const left = cancel(state.clocks, at, ...ofDecision)
  const clocks = state.published ? begin(left, 'penalty.publication-withdrawal', step, bureauOf(state)) : left
  return { ...state, decisions, clocks, mustQuash: undefined, mustQuashBy: undefined, executed: false }
}

export function evolveDecision(state: PenaltyState, step: PenaltyStep): PenaltyState {
  const at = step.effectiveAt
  switch (step.type) {
    case 'OnTheSpotPenaltyDecided': {
      const { officers, penalties, document, socialImpact, level, illegalGains } = step.data
      const decision: Decision = { event: step.id, at, outcome: 'penalty', level, penalties, document, socialImpact }
      const clocks = socialImpact ? begin([], 'penalty.publication', step, bureauOf(state)) : []
      const decided: PenaltyState = {
        ...state,
        summary: true,
        illegalGains,
        investigators: officers,
        everInvestigated: officers,
        decisions: [decision],
        clocks,
      }
      return served(decided, step)
    }
    case 'PenaltyDecided': {
      const { outcome, level, penalties, document, socialImpact } = step.data
      const decision: Decision = { event: step.id, at, outcome, level, penalties, document, socialImpact }
      let clocks = stop(state.clocks, at, 'penalty.decision')
      clocks = cancel(clocks, at, 'penalty.defence', 'penalty.hearing-request', 'penalty.hearing')
      clocks = begin(clocks, 'penalty.service', step, bureauOf(state))
      if (socialImpact && outcome === 'penalty') clocks = begin(clocks, 'penalty.publication', step, bureauOf(state))
      return { ...moved(state, step, 'decided'), decisions: [...state.decisions, decision], executed: false, clocks }
    }
    case 'ServiceOfDocument':
      return served(state, step)
    case 'PaymentReceived': {
      const { of, amount, receipt } = step.data
      const paid = withPayment(state.paid, of, amount)
      const done = unpaid(paid, currentDebt(state)) === 0
      return {
        ...state,
        paid,
        payments: [...state.payments, { of, amount, receipt, at }],
        receipts: [...state.receipts, receipt],
        clocks: done ? stop(state.clocks, at, 'penalty.payment') : state.clocks,
      }
    }
    case 'PaymentDeferred': {
      const left = cancel(state.clocks, at, 'penalty.payment')
      return { ...state, clocks: begin(left, 'penalty.payment', step, respondentOf(state), step.data.until) }
    }
    case 'RefundMade': {
      const { amount, receipt } = step.data
      const paid = withRefund(state.paid, currentDebt(state), amount)
      const back = paymentTargets
        .map((of) => ({ of, amount: paid[of] - state.paid[of], receipt, at }))
        .filter((entry) => entry.amount !== 0)
      return { ...state, paid, payments: [...state.payments, ...back], receipts: [...state.receipts, receipt] }
    }
    case 'PaymentUrged':
      return { ...state, urgedAt: at }
    case 'EnforcementApplied':
      return { ...moved(state, step, state.status), enforcement: 'applied' }
    case 'EnforcementEnded':
      return { ...state, enforcement: step.data.enforced ? 'enforced' : 'ended' }
    case 'PenaltyExecuted':
      return { ...state, executed: true }
    case 'DecisionPublished':
      return { ...state, published: standing(state)?.event, clocks: stop(state.clocks, at, 'penalty.publication') }
    case 'PublicationWithdrawn':
      return { ...state, published: undefined, clocks: stop(state.clocks, at, 'penalty.publication-withdrawal') }
    case 'ReconsiderationFiled': {
      const remedy: Remedy = remedyOf(state, 'reconsideration', at)
      let clocks = stop(state.clocks, at, 'penalty.reconsideration')
      clocks = begin(clocks, 'reconsideration.reply', step, bureauOf(state))
      const { organisation } = step.data
      if (organisation !== undefined) clocks = begin(clocks, 'reconsideration.decision', step, { organisation })
      return { ...moved(state, step, 'under-reconsideration'), remedies: [...state.remedies, remedy], clocks }
    }
    case 'ReconsiderationReplied':
      return { ...state, clocks: stop(state.clocks, at, 'reconsideration.reply') }
    case 'ReconsiderationDecided': {
      const { result } = step.data
      const over = ended(state, step, result)
      let clocks = stop(over.clocks, at, 'reconsideration.decision')
      clocks = cancel(clocks, at, 'reconsideration.reply')
      if (result === 'withdrawn') return { ...over, clocks }
      clocks = cancel(clocks, at, 'penalty.litigation')
      if (result === 'revoked') return { ...over, clocks, mustQuash: 'revoked', mustQuashBy: 'reconsideration' }
      clocks = begin(clocks, 'penalty.litigation-after-reconsideration', step, respondentOf(state))
      if (result === 'upheld') return { ...over, clocks }
      return { ...over, clocks, mustQuash: 'changed', mustQuashBy: 'reconsideration' }
    }
    case 'LitigationFiled': {
      const remedy: Remedy = remedyOf(state, 'litigation', at)
      let clocks = stop(state.clocks, at, 'penalty.litigation', 'penalty.litigation-after-reconsideration')
      clocks = cancel(clocks, at, 'penalty.reconsideration')
      return { ...moved(state, step, 'under-litigation'), remedies: [...state.remedies, remedy], clocks }
    }
    case 'LitigationDecided': {
      const { result, effective } = step.data
      if (!effective) return moved(state, step, state.status)
      const over = ended(state, step, result)
      if (result === 'upheld' || result === 'withdrawn') return over
      return { ...over, mustQuash: result, mustQuashBy: 'court' }
    }
    case 'DecisionQuashed': {
      const quashed = annulled(state, step)
      const clocks = cancel(quashed.clocks, at, ...remedyClocks)
      if (!step.data.decideAnew) return { ...moved(quashed, step, 'quashed'), clocks }
      return {
        ...moved(quashed, step, 'concluded'),
        ...unheard,
        closedAt: undefined,
        clocks: begin(clocks, 'penalty.decision', step, bureauOf(state)),
      }
    }
    case 'DecisionChanged': {
      const { by, document, penalties } = step.data
      const before = state.decisions.at(-1)
      const changed = annulled(state, step)
      const decision: Decision = {
        event: step.id,
        at,
        outcome: 'penalty',
        level: before?.level ?? state.level,
        penalties,
        document,
        socialImpact: before?.socialImpact ?? false,
        changedBy: by,
      }
      let clocks = begin(changed.clocks, 'penalty.service', step, bureauOf(state))
      if (decision.socialImpact) clocks = begin(clocks, 'penalty.publication', step, bureauOf(state))
      return {
        ...moved(changed, step, 'decided'),
        decisions: [...changed.decisions, decision],
        closedAt: undefined,
        clocks,
      }
    }
    default:
      return state
  }
}

const remedyOf = (state: PenaltyState, kind: Remedy['kind'], at: EffectiveTime): Remedy => ({
  kind,
  decision: state.decisions.at(-1)?.event ?? '',
  before: state.status,
  from: at,
})
