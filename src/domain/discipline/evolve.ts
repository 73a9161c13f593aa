/** Folds one step into the state of a disciplinary case. Total: nothing throws. */
import { personOf } from '../complaint/evolve.ts'
import { cancel, start, stop } from '../penalty/clocks.ts'
import type { DisciplineStep } from './events.ts'
import {
  type CommitteeDecision,
  type DisciplineState,
  type DisciplineStatus,
  initialDiscipline,
  laterOf,
} from './state.ts'

const moved = (state: DisciplineState, step: DisciplineStep, status: DisciplineStatus): DisciplineState => ({
  ...state,
  status,
  lastStepAt: laterOf(state.lastStepAt, step.effectiveAt),
})

/** The last decision, edited. */
const withLast = (
  state: DisciplineState,
  edit: (decision: CommitteeDecision) => CommitteeDecision,
): readonly CommitteeDecision[] => {
  const last = state.decisions.at(-1)
  return last ? [...state.decisions.slice(0, -1), edit(last)] : state.decisions
}

const begin = (state: DisciplineState, kind: string, step: DisciplineStep) =>
  start(state.clocks, kind, 'S4-4.5a', step, { organisation: state.organisation })

const annulled = (state: DisciplineState, step: DisciplineStep): DisciplineState => ({
  ...state,
  decisions: withLast(state, (last) => (last.quashedBy === undefined ? { ...last, quashedBy: step.id } : last)),
  mustQuash: undefined,
})

export function evolve(state: DisciplineState, step: DisciplineStep): DisciplineState {
  const at = step.effectiveAt
  switch (step.type) {
    case 'ReferredToCommittee': {
      const { data } = step
      const referred: DisciplineState = {
        ...initialDiscipline,
        status: 'referred',
        organisation: step.organisation,
        subject: data.subject,
        source: data.source,
        respondent: data.respondent,
        respondentOffice: data.respondentOffice,
        respondentWorker: data.respondentWorker,
        kind: data.kind,
        referredBy: personOf(step.actor),
        lastStepAt: at,
      }
      return { ...referred, clocks: begin(referred, 'discipline.decision', step) }
    }
    case 'CommitteeConvened': {
      const { members, chair, quorum } = step.data
      return { ...moved(state, step, 'convened'), members, chair, quorum }
    }
    case 'RecusalRequested':
      return { ...state, recusalPending: [...new Set([...state.recusalPending, step.data.person])] }
    case 'RecusalDecided': {
      const { person, granted } = step.data
      const recusalPending = state.recusalPending.filter((other) => other !== person)
      return granted
        ? { ...state, recusalPending, recused: [...new Set([...state.recused, person])] }
        : { ...state, recusalPending }
    }
    case 'EvidenceAdded':
      return { ...state, evidence: state.evidence + 1 }
    case 'RespondentSummoned': {
      const heard = start(
        cancel(state.clocks, at, 'discipline.hearing'),
        'discipline.hearing',
        'S4-4.5a',
        step,
        { organisation: state.organisation },
        step.data.heardAt,
      )
      return { ...moved(state, step, 'summoned'), hearingAt: step.data.heardAt, clocks: heard }
    }
    case 'RespondentHeard':
      return { ...moved(state, step, 'heard'), clocks: stop(state.clocks, at, 'discipline.hearing') }
    case 'CommitteeDecisionMade': {
      const { measure, months, document, present } = step.data
      const decision = { event: step.id, at, measure, months, document, present }
      const done = { ...state, clocks: stop(state.clocks, at, 'discipline.decision') }
      const clocks = begin(done, 'discipline.service', step)
      return { ...moved(done, step, 'decided'), decisions: [...state.decisions, decision], reviewed: false, clocks }
    }
    case 'DisciplineServed': {
      const decisions = withLast(state, (last) => ({ ...last, servedAt: at }))
      const done = { ...state, clocks: stop(state.clocks, at, 'discipline.service') }
      const owner = { organisation: state.respondentOffice ?? state.organisation, person: state.respondentWorker }
      const clocks = start(done.clocks, 'discipline.review-request', 'S4-4.5a', step, owner)
      return { ...moved(done, step, 'served'), decisions, clocks }
    }
    case 'DisciplineReviewRequested': {
      const done = { ...state, clocks: stop(state.clocks, at, 'discipline.review-request') }
      return { ...moved(done, step, 'review'), clocks: begin(done, 'discipline.review', step) }
    }
    case 'DisciplineReviewDecided': {
      const { result } = step.data
      const done = { ...moved(state, step, 'served'), reviewed: true }
      const clocks = stop(state.clocks, at, 'discipline.review')
      return { ...done, clocks, ...(result === 'upheld' ? {} : { mustQuash: result }) }
    }
    case 'DisciplineQuashed': {
      const clocks = cancel(state.clocks, at, 'discipline.service', 'discipline.review-request')
      return { ...moved(annulled(state, step), step, 'quashed'), clocks }
    }
    case 'DisciplineChanged': {
      const { measure, months, document } = step.data
      const changed = annulled(state, step)
      const decision = { event: step.id, at, measure, months, document, present: [] }
      return {
        ...moved(changed, step, 'decided'),
        decisions: [...changed.decisions, decision],
        clocks: begin(state, 'discipline.service', step),
      }
    }
    case 'DisciplineWithdrawn':
      return { ...moved(state, step, 'withdrawn'), clocks: cancel(state.clocks, at) }
    case 'DisciplineClosed':
      return { ...moved(state, step, 'closed'), closedAt: at, clocks: cancel(state.clocks, at) }
    case 'DisciplineArchived':
      return moved(state, step, 'archived')
    default:
      return state
  }
}
