/** What a person may do with a complaint: bodies, when, decide. Rules about the step itself stand in guard.ts and lawful.ts. */
import { z } from 'zod'
import { openingArchived } from '../archive.ts'
import { type AnyAction, accepted, action, type DecideContext, refused } from '../decider.ts'
import { roughDays } from '../policy.ts'
import { basisFor, extensionFor } from './clocks.ts'
import { type ComplaintEvent, type ComplaintEvents, type ComplaintEventType, complaintEvents } from './events.ts'
import {
  channels,
  identifier,
  narrative,
  natures,
  organisationName,
  personEntered,
  procedures,
  reason,
  reference,
  violationKinds,
} from './fields.ts'
import { lawful } from './lawful.ts'
import { personOf } from './moves.ts'
import type { ComplaintState } from './state.ts'

type ComplaintAction = AnyAction<ComplaintState, ComplaintEvent>
type DataOf<Type extends ComplaintEventType> = z.output<ComplaintEvents[Type]['data']>

/** A new event with the limits it fixes for the clocks it starts. */
function eventOf<Type extends ComplaintEventType>(
  type: Type,
  data: DataOf<Type>,
  about: Pick<ComplaintState, 'procedure' | 'channel'>,
  context: DecideContext,
): ComplaintEvent {
  const basis = basisFor(type, about, context)
  return { type, data, ...(basis ? { basis } : {}) } as ComplaintEvent
}

/** An action whose body is the fact itself. */
function records<Type extends ComplaintEventType>(type: Type): ComplaintAction {
  const { rule, data } = complaintEvents[type]
  return action<ComplaintState, ComplaintEvent, z.ZodType<DataOf<Type>>>({
    rule,
    body: data as unknown as z.ZodType<DataOf<Type>>,
    when: (state) => lawful(state, type),
    decide: (body, state, context) => accepted(eventOf(type, body, state, context)),
  })
}

/** Gives a person entered his subject: the confirmed one, or a new one for this command and field. */
const sealedPerson = (entered: z.output<typeof personEntered>, path: string, context: DecideContext) => ({
  ...entered,
  subject: entered.subject ?? context.newId(`${path}/subject`),
})

const registerBody = z.strictObject({
  channel: z.enum(channels),
  nature: z.enum(natures).default('complaint'),
  procedure: z.enum(procedures).default('complaint'),
  kind: z.enum(violationKinds).default('other'),
  respondentOffice: identifier.optional(),
  respondentWorker: identifier.optional(),
  /** Only where the worker is not registered. */
  respondentPerson: personEntered.optional(),
  complainant: personEntered.optional(),
  anonymous: z.boolean().default(false),
  matter: narrative,
  request: narrative.optional(),
  /** Default: the person who registers. */
  firstContact: identifier.optional(),
  transferredFrom: organisationName.optional(),
  externalNumber: reference.optional(),
})

const register = action<ComplaintState, ComplaintEvent, typeof registerBody>({
  rule: 'S1-7.4a S1-3.2',
  creates: true,
  body: registerBody,
  when: (state) => lawful(state, 'ComplaintRegistered'),
  decide(body, _, context) {
    const { complainant, respondentPerson, ...plain } = body
    const firstContact = body.firstContact ?? personOf(context.actor)
    if (firstContact === undefined) return refused('first-contact-missing', 'S1-3.2', { pointer: '/firstContact' })
    const data = {
      subject: context.newId('subject'),
      ...plain,
      firstContact,
      ...(respondentPerson ? { respondentPerson: sealedPerson(respondentPerson, 'respondentPerson', context) } : {}),
      ...(complainant ? { complainant: sealedPerson(complainant, 'complainant', context) } : {}),
    }
    return accepted(eventOf('ComplaintRegistered', data, body, context))
  },
})

const identifyBody = z.strictObject({
  respondentOffice: identifier.optional(),
  respondentWorker: identifier.optional(),
  respondentPerson: personEntered.optional(),
  reason: reason.optional(),
})

const identifyRespondent = action<ComplaintState, ComplaintEvent, typeof identifyBody>({
  rule: '法律援助投诉处理办法 8',
  body: identifyBody,
  when: (state) => lawful(state, 'RespondentIdentified'),
  decide({ respondentPerson, ...plain }, state, context) {
    const data = {
      ...plain,
      ...(respondentPerson ? { respondentPerson: sealedPerson(respondentPerson, 'respondentPerson', context) } : {}),
    }
    return accepted(eventOf('RespondentIdentified', data, state, context))
  },
})

/** The annulment of the meeting's decision, naming it. */
function quashing(data: DataOf<'DecisionQuashed'>, state: ComplaintState, context: DecideContext): ComplaintEvent[] {
  if (!state.decision || state.decision.quashed) return []
  const event = eventOf('DecisionQuashed', data, state, context)
  return [{ ...event, corrects: { event: state.decision.event, mode: 'annul' } }]
}

/** A review that revokes the decision annuls it in the same append. */
function decideReview(type: 'ReviewDecided' | 'ReReviewDecided'): ComplaintAction {
  const { rule, data } = complaintEvents[type]
  return action<ComplaintState, ComplaintEvent, typeof data>({
    rule,
    body: data,
    when: (state) => lawful(state, type),
    decide(body, state, context) {
      const decided = eventOf(type, body, state, context)
      if (body.result !== 'revoked') return accepted(decided)
      const { organ, document, text } = body
      const by = type === 'ReviewDecided' ? 'review' : 're-review'
      const annulment = { by, organ, ...(document === undefined ? {} : { document }), reason: text } as const
      return accepted(decided, ...quashing(annulment, state, context))
    },
  })
}

const quashData = complaintEvents.DecisionQuashed.data
const quashDecision = action<ComplaintState, ComplaintEvent, typeof quashData>({
  rule: complaintEvents.DecisionQuashed.rule,
  body: quashData,
  when: (state) => lawful(state, 'DecisionQuashed'),
  decide: (body, state, context) => accepted(...quashing(body, state, context)),
})

const extensionData = complaintEvents.ExtensionRequested.data
const requestExtension = action<ComplaintState, ComplaintEvent, typeof extensionData>({
  rule: complaintEvents.ExtensionRequested.rule,
  body: extensionData,
  when: (state) => lawful(state, 'ExtensionRequested'),
  decide(body, state, context) {
    const clock = state.clocks.find((candidate) => candidate.id === body.clock)
    if (clock) {
      const most = extensionFor(clock.kind, state, context)
      if (most === undefined) return refused('extension-not-provided', clock.rule, { pointer: '/clock' })
      if (roughDays(body.by) > roughDays(most))
        return refused('extension-over-cap', clock.rule, { pointer: '/by', detail: { most } })
    }
    return accepted(eventOf('ExtensionRequested', body, state, context))
  },
})

/** Every action by name; the route is the name in kebab case. */
export const complaintActions = {
  register,
  identifyRespondent,
  noteRepeat: records('RepeatFound'),
  joinRepeat: records('RepeatJoined'),
  requestSupplement: records('SupplementRequested'),
  receiveSupplement: records('SupplementReceived'),
  accept: records('ComplaintAccepted'),
  decline: records('ComplaintNotAccepted'),
  transfer: records('ComplaintTransferred'),
  objectToTransfer: records('TransferObjected'),
  decideTransferObjection: records('TransferObjectionDecided'),
  notify: records('ComplainantNotified'),
  assignInvestigators: records('InvestigatorsAssigned'),
  requestHandlerReport: records('HandlerReportRequested'),
  remindHandler: records('HandlerReminded'),
  fileHandlerReport: records('HandlerReportSubmitted'),
  recordMissingHandlerReport: records('HandlerReportAbsent'),
  fileDefence: records('DefenceSubmitted'),
  waiveDefence: records('DefenceWaived'),
  requestRecusal: records('RecusalRequested'),
  decideRecusal: records('RecusalDecided'),
  suspend: records('InvestigationSuspended'),
  resume: records('InvestigationResumed'),
  addEvidence: records('EvidenceAdded'),
  addNote: records('NoteAdded'),
  conclude: records('InvestigationConcluded'),
  giveOpinion: records('DirectorOpinionGiven'),
  reportToLeader: records('ReportedToLeader'),
  returnForInvestigation: records('ReturnedForInvestigation'),
  decideAtMeeting: records('OfficeMeetingDecided'),
  verifyRectification: records('RectificationVerified'),
  openPenaltyCase: records('PenaltyCaseOpened'),
  proposePenalty: records('PenaltyProposalForwarded'),
  referToCommittee: records('ReferredToCommittee'),
  reply: records('ReplyGiven'),
  submitReport: records('ComplaintReportSubmitted'),
  requestReview: records('ReviewRequested'),
  decideReview: decideReview('ReviewDecided'),
  requestReReview: records('ReReviewRequested'),
  decideReReview: decideReview('ReReviewDecided'),
  quashDecision,
  withdraw: records('ComplaintWithdrawn'),
  merge: records('ComplaintMerged'),
  answerThroughMain: records('AnsweredThroughMain'),
  terminate: records('ComplaintTerminated'),
  close: records('ComplaintClosed'),
  archive: records('ComplaintArchived'),
  openArchived: openingArchived<ComplaintState, ComplaintEvent>((state) => lawful(state, 'ArchivedCaseOpened')),
  reopen: records('ComplaintReopened'),
  confirmFirstContactBreach: records('FirstContactBreachConfirmed'),
  reportDelay: records('DelayReported'),
  requestExtension,
  decideExtension: records('ExtensionDecided'),
  restrictReaders: records('ReadersNamed'),
} as const satisfies Readonly<Record<string, ComplaintAction>>

export type ComplaintActionName = keyof typeof complaintActions
