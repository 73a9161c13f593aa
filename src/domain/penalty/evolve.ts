/** Folds one step into the state of a penalty case. Total: any step on any state gives a state, and nothing throws. */
import { personOf } from '../complaint/evolve.ts'
import { cancel, cancelExcept, pause, penaltyClockKinds, start, stop, stopOne, unpause } from './clocks.ts'
import type { PenaltyStep } from './events.ts'
import { evolveDecision } from './evolve-decision.ts'
import { competent, initialPenalty, moved, type PenaltyState, unheard } from './state.ts'

const add = <T>(list: readonly T[], ...items: readonly T[]): readonly T[] => [...new Set([...list, ...items])]
const without = <T>(list: readonly T[], item: T): readonly T[] => list.filter((other) => other !== item)

const ofNotice = ['penalty.defence', 'penalty.hearing-request', 'penalty.hearing'] as const

export function evolve(state: PenaltyState, step: PenaltyStep): PenaltyState {
  const at = step.effectiveAt
  switch (step.type) {
    case 'PenaltyCaseFiled':
    case 'OnTheSpotPenaltyDecided': {
      const { data } = step
      const filed: PenaltyState = {
        ...initialPenalty,
        status: 'filed',
        organisation: step.organisation,
        subject: data.subject,
        level: data.level,
        filedLevel: data.level,
        respondent: data.respondent,
        respondentOffice: data.respondentOffice,
        respondentWorker: data.respondentWorker,
        kind: data.kind,
        law: data.law,
        actOn: data.actOn,
        limitation: data.limitation,
        filedBy: personOf(step.actor),
        filedAt: at,
        lastStepAt: at,
      }
      if (step.type === 'OnTheSpotPenaltyDecided') return evolveDecision(filed, step)
      const clocks = start([], 'penalty.decision', penaltyClockKinds['penalty.decision'], step, step)
      return { ...filed, complaint: step.data.complaint, clocks }
    }
    case 'OnTheSpotReported':
      return { ...state, summaryReported: true }
    case 'OfficersAssigned': {
      const { officers } = step.data
      const known = { investigators: officers, everInvestigated: add(state.everInvestigated, ...officers) }
      return { ...moved(state, step, state.status === 'filed' ? 'investigating' : state.status), ...known }
    }
    case 'RecusalRequested':
      return { ...state, recusalPending: add(state.recusalPending, step.data.person) }
    case 'RecusalDecided': {
      const { person, granted } = step.data
      const recusalPending = without(state.recusalPending, person)
      if (!granted) return { ...state, recusalPending }
      const investigators = without(state.investigators, person)
      return { ...state, recusalPending, recused: add(state.recused, person), investigators }
    }
    case 'InquiryRecorded':
      return { ...state, inquiries: state.inquiries + 1 }
    case 'EvidenceAdded':
      return { ...state, evidence: state.evidence + 1 }
    case 'NoteAdded':
      return state
    case 'EvidencePreserved': {
      const kind = 'penalty.evidence-preservation'
      const clocks = start(state.clocks, kind, penaltyClockKinds[kind], step, state)
      const clock = clocks.length > state.clocks.length ? clocks.at(-1)!.id : ''
      return {
        ...state,
        clocks,
        preserved: [...state.preserved, { list: step.data.list, clock }],
        preservationLists: add(state.preservationLists, step.data.list),
      }
    }
    case 'EvidencePreservationDecided': {
      const found = state.preserved.find(({ list }) => list === step.data.list)
      return {
        ...state,
        preserved: state.preserved.filter((one) => one !== found),
        clocks: found ? stopOne(state.clocks, at, found.clock) : state.clocks,
      }
    }
    case 'CorrectionOrdered': {
      const kind = 'penalty.correction'
      const owner = { organisation: state.respondentOffice ?? state.organisation, person: state.respondentWorker }
      const earlier = cancel(state.clocks, at, kind)
      const clocks = start(earlier, kind, penaltyClockKinds[kind], step, owner, step.data.due)
      return { ...state, correction: 'ordered', clocks }
    }
    case 'CorrectionVerified': {
      const { corrected } = step.data
      return {
        ...state,
        correction: corrected ? 'corrected' : 'not-corrected',
        clocks: corrected ? stop(state.clocks, at, 'penalty.correction') : state.clocks,
      }
    }
    case 'EarlierFineFound':
      return { ...state, finedElsewhere: true }
    case 'PenaltyInvestigationConcluded': {
      const { proposed, complexOrMajor, legalReview, illegalGains } = step.data
      const concluded = { proposed, complexOrMajor, legalReviewCases: legalReview, illegalGains }
      return { ...moved(state, step, 'concluded'), ...concluded }
    }
    case 'ReturnedForInvestigation':
      return {
        ...moved(state, step, 'investigating'),
        ...unheard,
        // What was announced before stays the measure of what may not become heavier.
        clocks: cancel(state.clocks, at, ...ofNotice),
      }
    case 'PenaltyProposalForwarded':
      return { ...moved(state, step, 'forwarded'), forwardedTo: step.data.to }
    case 'CityCaseTaken':
      return { ...moved(state, step, 'concluded'), takenBy: step.data.organisation, level: step.data.level }
    case 'ProposalReturned':
      return { ...moved(state, step, 'concluded'), forwardedTo: undefined }
    case 'PriorNoticeServed': {
      const { data } = step
      const owner = { organisation: state.respondentOffice ?? state.organisation, person: state.respondentWorker }
      let clocks = cancel(state.clocks, at, ...ofNotice)
      const rule = penaltyClockKinds
      clocks = start(clocks, 'penalty.defence', rule['penalty.defence'], step, owner, data.defenceUntil)
      if (data.rights.hearing)
        clocks = start(clocks, 'penalty.hearing-request', rule['penalty.hearing-request'], step, owner)
      const notice = {
        event: step.id,
        at,
        penalties: data.penalties,
        hearing: data.rights.hearing,
        defenceUntil: data.defenceUntil,
        newFacts: data.newFacts !== undefined,
      }
      return { ...moved(state, step, 'noticed'), ...unheard, notice, clocks }
    }
    case 'DefenceFiled':
      return { ...state, defence: 'filed', clocks: stop(state.clocks, at, 'penalty.defence') }
    case 'DefenceHeard':
      return { ...moved(state, step, state.status), defence: 'heard' }
    case 'DefenceWaived':
      return { ...state, defence: 'waived', clocks: stop(state.clocks, at, 'penalty.defence') }
    case 'HearingRequested':
      return { ...state, hearing: 'requested', clocks: stop(state.clocks, at, 'penalty.hearing-request') }
    case 'HearingAnnounced': {
      const { heldAt, chair } = step.data
      const earlier = cancel(state.clocks, at, 'penalty.hearing')
      const rule = penaltyClockKinds['penalty.hearing']
      const clocks = start(
        earlier,
        'penalty.hearing',
        rule,
        step,
        { organisation: competent(state), person: chair },
        heldAt,
      )
      return {
        ...moved(state, step, state.status),
        hearing: 'announced',
        hearingChair: chair,
        hearingAt: heldAt,
        clocks,
      }
    }
    case 'HearingHeld':
      // Review and discussion weigh the record, and so come after it.
      return {
        ...moved(state, step, state.status),
        hearing: 'held',
        legalReview: 'none',
        discussed: false,
        clocks: stop(state.clocks, at, 'penalty.hearing'),
      }
    case 'HearingAbandoned':
      return {
        ...state,
        hearing: 'abandoned',
        clocks: cancel(state.clocks, at, 'penalty.hearing', 'penalty.hearing-request'),
      }
    case 'LegalReviewPassed':
      return { ...moved(state, step, state.status), legalReview: 'passed' }
    case 'LegalReviewFailed':
      return { ...moved(state, step, state.status), legalReview: 'failed' }
    case 'CollectiveDiscussionHeld':
      return { ...moved(state, step, state.status), discussed: true }
    case 'PenaltyCaseClosed':
      return {
        ...moved(state, step, 'closed'),
        closedAt: at,
        // The respondent's remedies outlive the case's end.
        clocks: cancelExcept(
          state.clocks,
          at,
          'penalty.reconsideration',
          'penalty.litigation',
          'penalty.litigation-after-reconsideration',
        ),
      }
    case 'PenaltyCaseTerminated':
      return { ...moved(state, step, 'terminated'), closedAt: at, clocks: cancel(state.clocks, at) }
    case 'PenaltyCaseArchived':
      return moved(state, step, 'archived')
    case 'ExecutionSuspended':
      return {
        ...state,
        executionSuspended: true,
        clocks: pause(state.clocks, at, '行政处罚法 73', 'penalty.payment'),
      }
    case 'ExecutionResumed':
      return { ...state, executionSuspended: false, clocks: unpause(state.clocks, at) }
    default:
      return evolveDecision(state, step)
  }
}
