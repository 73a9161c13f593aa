/** Folds one step into the state of a complaint. Total: any step on any state gives a state, and nothing throws. */
import { cancel, cancelExcept, extend, pause, start, stop, unpause } from './clocks.ts'
import type { ComplaintStep } from './events.ts'
import { evolveImported } from './evolve-imported.ts'
import { add, moved, partsIn, personOf, without, worksAgain } from './moves.ts'
import { type ComplaintState, initialComplaint } from './state.ts'

export { laterOf, personOf } from './moves.ts'

export function evolve(state: ComplaintState, step: ComplaintStep): ComplaintState {
  const at = step.effectiveAt
  switch (step.type) {
    case 'ComplaintRegistered': {
      const { data } = step
      const owner = { organisation: step.organisation }
      let clocks = start([], 'complaint.acceptance', step, owner)
      if (!data.anonymous) clocks = start(clocks, 'complaint.notice', step, owner)
      if (data.channel === 'transferred') clocks = start(clocks, 'complaint.transfer-objection', step, owner)
      return {
        ...initialComplaint,
        status: 'received',
        organisation: step.organisation,
        subject: data.subject,
        complainant: data.complainant?.subject,
        channel: data.channel,
        nature: data.nature,
        procedure: data.procedure,
        kind: data.kind,
        anonymous: data.anonymous,
        respondentOffice: data.respondentOffice,
        respondentWorker: data.respondentWorker,
        respondentPerson: data.respondentPerson?.subject,
        firstContact: data.firstContact,
        registeredBy: personOf(step.actor),
        receivedAt: at,
        lastStepAt: at,
        clocks,
      }
    }
    case 'RespondentIdentified':
      return {
        ...state,
        respondentOffice: step.data.respondentOffice ?? state.respondentOffice,
        respondentWorker: step.data.respondentWorker ?? state.respondentWorker,
        respondentPerson: step.data.respondentPerson?.subject ?? state.respondentPerson,
      }
    case 'RepeatFound':
      return {
        ...state,
        repeats: step.data.case,
        repeatsExhausted: step.data.exhausted && step.data.newFacts === undefined,
      }
    case 'RepeatJoined':
      return { ...state, joined: add(state.joined, step.data.case) }
    case 'SupplementRequested':
      return {
        ...moved(state, step, 'supplement-pending'),
        supplementRequests: state.supplementRequests + 1,
        clocks: start(
          pause(
            cancel(state.clocks, at, 'complaint.supplement'),
            at,
            'S1-4',
            'complaint.acceptance',
            'complaint.notice',
          ),
          'complaint.supplement',
          step,
          state,
        ),
      }
    case 'SupplementReceived':
      return {
        ...moved(state, step, 'received'),
        clocks: unpause(stop(state.clocks, at, 'complaint.supplement'), at, 'S1-4'),
      }
    case 'ComplaintAccepted': {
      let clocks = stop(state.clocks, at, 'complaint.acceptance')
      clocks = cancel(clocks, at, 'complaint.transfer-objection')
      clocks = start(clocks, 'complaint.investigation', step, state)
      if (!state.anonymous) clocks = start(clocks, 'complaint.reply', step, state)
      return { ...moved(state, step, 'accepted'), acceptedAt: at, clocks }
    }
    case 'ComplaintNotAccepted':
      return {
        ...moved(state, step, 'not-accepted'),
        clocks: cancel(
          stop(unpause(state.clocks, at, 'S1-4'), at, 'complaint.acceptance'),
          at,
          'complaint.supplement',
          'complaint.transfer-objection',
        ),
      }
    case 'ComplaintTransferred':
      return {
        ...moved(state, step, 'transferred'),
        transferObjected: false,
        clocks: cancelExcept(
          stop(unpause(state.clocks, at, 'S1-4'), at, 'complaint.acceptance'),
          at,
          'complaint.notice',
        ),
      }
    case 'TransferObjected':
      return { ...state, transferObjected: true, clocks: stop(state.clocks, at, 'complaint.transfer-objection') }
    case 'TransferObjectionDecided': {
      const settled = { ...state, transferObjected: false }
      if (!step.data.upheld) return settled
      if (state.status === 'transferred')
        return {
          ...moved(settled, step, 'received'),
          clocks: start(state.clocks, 'complaint.acceptance', step, state),
        }
      return { ...moved(settled, step, 'transferred'), clocks: stop(state.clocks, at, 'complaint.acceptance') }
    }
    case 'ComplainantNotified': {
      const { about } = step.data
      const answers = about === 'acceptance' || about === 'non-acceptance' || about === 'transfer' || about === 'merger'
      return {
        ...state,
        notified: add(state.notified, about),
        clocks: answers ? stop(state.clocks, at, 'complaint.notice') : state.clocks,
      }
    }
    case 'InvestigatorsAssigned': {
      const { investigators } = step.data
      const known = { investigators, everInvestigated: add(state.everInvestigated, ...investigators) }
      return { ...moved(state, step, state.status === 'accepted' ? 'investigating' : state.status), ...known }
    }
    case 'HandlerReportRequested':
      return {
        ...state,
        handlerReport: 'requested',
        clocks: start(cancel(state.clocks, at, 'complaint.handler-report'), 'complaint.handler-report', step, {
          organisation: state.respondentOffice ?? state.organisation,
          person: step.data.worker ?? state.respondentWorker,
        }),
      }
    case 'HandlerReminded':
      return { ...state, handlerReport: 'reminded' }
    case 'HandlerReportSubmitted':
      return { ...state, handlerReport: 'submitted', clocks: stop(state.clocks, at, 'complaint.handler-report') }
    case 'HandlerReportAbsent':
      return { ...state, handlerReport: 'absent', clocks: cancel(state.clocks, at, 'complaint.handler-report') }
    case 'DefenceSubmitted':
      return { ...state, defence: 'submitted' }
    case 'DefenceWaived':
      return { ...state, defence: 'waived' }
    case 'RecusalRequested':
      return { ...state, recusalPending: add(state.recusalPending, step.data.person) }
    case 'RecusalDecided': {
      const { person, granted } = step.data
      const recusalPending = without(state.recusalPending, person)
      if (!granted) return { ...state, recusalPending }
      return {
        ...state,
        recusalPending,
        recused: add(state.recused, person),
        investigators: without(state.investigators, person),
      }
    }
    case 'InvestigationSuspended':
      return {
        ...moved(state, step, 'suspended'),
        suspendedFrom: state.status === 'suspended' ? state.suspendedFrom : state.status,
        clocks: pause(
          state.clocks,
          at,
          '公证执业活动投诉处理办法 23',
          'complaint.reply',
          'complaint.investigation',
          'complaint.handler-report',
        ),
      }
    case 'InvestigationResumed':
      return {
        ...moved(state, step, state.suspendedFrom ?? state.status),
        suspendedFrom: undefined,
        clocks: unpause(state.clocks, at, '公证执业活动投诉处理办法 23'),
      }
    case 'EvidenceAdded':
      return { ...state, evidence: state.evidence + 1 }
    case 'NoteAdded':
    case 'DelayReported':
      return state
    case 'InvestigationConcluded':
      return {
        ...moved(state, step, 'concluded'),
        reportParts: ['matter', 'investigators', 'grounds', 'verifiedFacts'],
        clocks: stop(state.clocks, at, 'complaint.investigation'),
      }
    case 'DirectorOpinionGiven':
      return { ...moved(state, step, 'director-opinion'), director: personOf(step.actor) }
    case 'ReportedToLeader':
      return { ...moved(state, step, 'reported-to-leader'), leader: step.data.leader }
    case 'ReturnedForInvestigation':
      return {
        ...moved(state, step, 'investigating'),
        director: undefined,
        leader: undefined,
        reportParts: [],
        clocks: start(state.clocks, 'complaint.investigation', step, state),
      }
    case 'OfficeMeetingDecided': {
      const { data } = step
      let clocks = state.clocks
      if (!state.anonymous) clocks = start(clocks, 'complaint.result-notice', step, state)
      clocks = start(clocks, 'complaint.report', step, state)
      const owner = { organisation: state.respondentOffice ?? state.organisation }
      for (const { kind, due } of data.measures)
        if (kind === 'rectification-order' && due !== undefined)
          clocks = start(clocks, 'complaint.rectification', step, owner, due)
      return {
        ...moved(state, step, 'decided'),
        decidedAt: at,
        outcome: data.outcome,
        throughFault: data.throughFault,
        rectified: undefined,
        reportParts: add(state.reportParts, ...partsIn({ result: data.result, basis: data.basis })),
        decision: {
          event: step.id,
          at,
          meetingNumber: data.meetingNumber,
          attendees: data.attendees,
          outcome: data.outcome,
          throughFault: data.throughFault,
          subjectiveFault: data.subjectiveFault,
          graveSocialImpact: data.graveSocialImpact,
          graveLoss: data.graveLoss,
          cooperation: data.cooperation,
          measures: data.measures.map(({ kind, due }) => ({ kind, ...(due === undefined ? {} : { due }) })),
          quashed: false,
        },
        clocks,
      }
    }
    case 'RectificationVerified': {
      const { rectified } = step.data
      return {
        ...state,
        rectified,
        clocks: rectified ? stop(state.clocks, at, 'complaint.rectification') : state.clocks,
      }
    }
    case 'PenaltyCaseOpened':
      return { ...state, penaltyCases: add(state.penaltyCases, step.data.case) }
    case 'PenaltyProposalForwarded':
      return { ...state, penaltyProposedTo: step.data.to }
    case 'ReferredToCommittee':
      return { ...state, committee: step.data.committee }
    case 'ReplyGiven':
      return {
        ...moved(state, step, 'replied'),
        repliedAt: at,
        reportParts: add(state.reportParts, ...partsIn(step.data)),
        clocks: stop(state.clocks, at, 'complaint.reply', 'complaint.result-notice'),
      }
    case 'ComplaintReportSubmitted':
      return {
        ...state,
        reportSubmissions: [...state.reportSubmissions, { at, complete: state.reportParts.length === 6 }],
        clocks: stop(state.clocks, at, 'complaint.report'),
      }
    case 'ReviewRequested':
      return {
        ...moved(state, step, 'review'),
        review: 'pending',
        closedAt: undefined,
        archivedAt: undefined,
        clocks: start(state.clocks, 'complaint.review', step, state),
      }
    case 'ReReviewRequested':
      return {
        ...moved(state, step, 're-review'),
        reReview: 'pending',
        closedAt: undefined,
        archivedAt: undefined,
        clocks: start(state.clocks, 'complaint.re-review', step, state),
      }
    case 'ReviewDecided':
    case 'ReReviewDecided': {
      const { result, outcome, throughFault } = step.data
      const first = step.type === 'ReviewDecided'
      const decided: ComplaintState = {
        ...state,
        ...(first ? { review: result } : { reReview: result, exhausted: result !== 'revoked' }),
        clocks: stop(state.clocks, at, first ? 'complaint.review' : 'complaint.re-review'),
      }
      if (result === 'revoked')
        return {
          ...worksAgain(decided, step),
          review: undefined,
          reReview: undefined,
          outcome: undefined,
          throughFault: undefined,
        }
      if (result === 'upheld' || outcome === undefined) return moved(decided, step, 'replied')
      return { ...moved(decided, step, 'replied'), outcome, throughFault: throughFault ?? false }
    }
    case 'DecisionQuashed': {
      const quashed: ComplaintState = {
        ...state,
        decision: state.decision && { ...state.decision, quashed: true },
        outcome: undefined,
        throughFault: undefined,
        clocks: cancel(state.clocks, at, 'complaint.rectification'),
      }
      // A case that is worked again already goes on where it stands.
      if (state.decidedAt === undefined) return moved(quashed, step, state.status)
      return { ...worksAgain(quashed, step), review: undefined, reReview: undefined }
    }
    case 'ComplaintWithdrawn':
      return { ...moved(state, step, 'withdrawn'), suspendedFrom: undefined, clocks: cancel(state.clocks, at) }
    case 'ComplaintMerged': {
      const stopped = stop(unpause(state.clocks, at, 'S1-4'), at, 'complaint.acceptance')
      const kept = cancelExcept(stopped, at, 'complaint.reply', 'complaint.notice')
      const replyRuns = kept.some((clock) => clock.kind === 'complaint.reply' && !clock.stoppedAt && !clock.cancelledAt)
      return {
        ...moved(state, step, 'merged'),
        mergedInto: step.data.into,
        clocks: replyRuns || state.anonymous ? kept : start(kept, 'complaint.reply', step, state),
      }
    }
    case 'AnsweredThroughMain':
      return {
        ...moved(state, step, state.status),
        repliedAt: at,
        clocks: stop(state.clocks, at, 'complaint.reply', 'complaint.notice'),
      }
    case 'ComplaintTerminated':
      return { ...moved(state, step, 'terminated'), suspendedFrom: undefined, clocks: cancel(state.clocks, at) }
    case 'ComplaintClosed':
      return {
        ...moved(state, step, 'closed'),
        closedAt: at,
        suspendedFrom: undefined,
        clocks: cancelExcept(state.clocks, at, 'complaint.report', 'complaint.rectification'),
      }
    case 'ComplaintArchived':
      return { ...moved(state, step, 'archived'), archivedAt: at }
    case 'ArchivedCaseOpened':
      return { ...state, archiveOpenings: state.archiveOpenings + 1 }
    case 'ComplaintReopened': {
      const again = worksAgain(state, step)
      return { ...again, reopened: state.reopened + 1, exhausted: false, review: undefined, reReview: undefined }
    }
    case 'FirstContactBreachConfirmed':
      return { ...state, firstContactBreaches: state.firstContactBreaches + 1 }
    case 'ExtensionRequested': {
      const { clock, by } = step.data
      return {
        ...state,
        extensionsPending: [...state.extensionsPending, { clock, by, asker: personOf(step.actor) }],
      }
    }
    case 'ExtensionDecided': {
      const { clock, granted, by } = step.data
      const asked = state.extensionsPending.find((pending) => pending.clock === clock)
      const more = granted ? (by ?? asked?.by) : undefined
      return {
        ...state,
        extensionsPending: state.extensionsPending.filter((pending) => pending.clock !== clock),
        clocks: more === undefined ? state.clocks : extend(state.clocks, clock, more),
      }
    }
    case 'ReadersNamed':
      return { ...state, readers: step.data.readers.length === 0 ? undefined : step.data.readers }
    case 'CaseImported':
    case 'ImportedMilestone':
    case 'ImportedFieldsAdded':
    case 'ImportedFieldsChanged':
      return evolveImported(state, step)
    default:
      return state
  }
}
