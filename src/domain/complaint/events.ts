/** What can happen to a complaint. Free text and natural persons are sealed; enums, ids, dates and counts are plain. */
import { z } from 'zod'
import { archivedCaseOpened } from '../archive.ts'
import type { EventMap, NewEventOf, StepOf } from '../event.ts'
import { evidenceAdded } from '../evidence.ts'
import {
  breachKinds,
  breachMeasures,
  channels,
  civilDate,
  contactMethods,
  effectiveTime,
  identifier,
  limit,
  measureKinds,
  narrative,
  natures,
  nonAcceptanceGrounds,
  noticeSubjects,
  organisationName,
  outcomes,
  parties,
  penaltyKinds,
  personSealed,
  persons,
  procedures,
  quashingBodies,
  reason,
  recusalGrounds,
  reference,
  reopeningGrounds,
  retentions,
  reviewOutcomes,
  subjectId,
  suspensionGrounds,
  terminationGrounds,
  transferModes,
  violationKinds,
} from './fields.ts'
import { importedEvents } from './imported.ts'

const event = <Schema extends z.ZodType>(rule: string, data: Schema) => ({ version: 1, rule, data }) as const

/** Respondent: office and worker by their registry ids; a worker who is not registered by his sealed name. */
const respondentFields = {
  respondentOffice: identifier.optional(),
  respondentWorker: identifier.optional(),
  respondentPerson: personSealed.optional(),
}

const intake = {
  /** The case's own subject: seals every free text of this stream. */
  subject: subjectId,
  channel: z.enum(channels),
  nature: z.enum(natures),
  procedure: z.enum(procedures),
  kind: z.enum(violationKinds),
  ...respondentFields,
  /** Absent for an anonymous clue (Q15). */
  complainant: personSealed.optional(),
  anonymous: z.boolean(),
  /** The matter and the request, in the words of the complaint. */
  matter: narrative,
  request: narrative.optional(),
  /** The one person first asked, who stays responsible (S1-3.2). */
  firstContact: identifier,
  /** Who sent it here, and under which number, where it was transferred. */
  transferredFrom: organisationName.optional(),
  externalNumber: reference.optional(),
}

/** How the office cooperated (S0-5.2.3); `activelyHandled` answers the veto's 没有积极处理 (S0-4.6e c). */
export const cooperation = z.strictObject({
  reportInTime: z.boolean(),
  materialsHandedOver: z.boolean(),
  rectified: z.boolean(),
  activelyHandled: z.boolean(),
})

export const measure = z.strictObject({
  kind: z.enum(measureKinds),
  /** Last day of a rectification order. */
  due: civilDate.optional(),
  text: reason.optional(),
})

/** Parts of the six-part report that a step writes. */
const writtenParts = {
  matter: narrative.optional(),
  grounds: narrative.optional(),
  verifiedFacts: narrative.optional(),
  result: narrative.optional(),
  basis: narrative.optional(),
}

const decisionFields = {
  outcome: z.enum(outcomes),
  /** Whether it came through the handler's fault, and whether that fault was subjective (S0-4.6e a). */
  throughFault: z.boolean(),
  subjectiveFault: z.boolean(),
  graveSocialImpact: z.boolean(),
  graveLoss: z.boolean(),
}

export const complaintEvents = {
  ComplaintRegistered: event('S1-7.4a S1-3.2', z.strictObject(intake)),
  RespondentIdentified: event(
    '法律援助投诉处理办法 8',
    z.strictObject({ ...respondentFields, reason: reason.optional() }),
  ),
  /** The same matter is already the subject of another case. */
  RepeatFound: event(
    '信访工作条例 17 36',
    z.strictObject({
      case: identifier,
      /** Whether that case went through re-review: the same facts are not accepted again. */
      exhausted: z.boolean(),
      newFacts: reason.optional(),
    }),
  ),
  RepeatJoined: event(
    '法律援助投诉处理办法',
    z.strictObject({ case: identifier, receivedAt: effectiveTime.optional() }),
  ),
  SupplementRequested: event(
    'S1-4',
    z.strictObject({
      /** Everything that is missing, told once. */
      items: z.array(reason).min(1).max(40),
      /** Why it is asked again: the facts changed. */
      factsChanged: reason.optional(),
    }),
  ),
  SupplementReceived: event('S1-4', z.strictObject({ note: reason.optional() })),
  ComplaintAccepted: event('信访工作条例 23', z.strictObject({ note: reason.optional() })),
  ComplaintNotAccepted: event(
    '信访工作条例 23',
    z.strictObject({ ground: z.enum(nonAcceptanceGrounds), reason: narrative }),
  ),
  ComplaintTransferred: event(
    '信访工作条例 22 31',
    z.strictObject({
      mode: z.enum(transferModes),
      /** The receiver: an organisation of the registry, or by name. */
      to: identifier.optional(),
      toName: organisationName.optional(),
      reason: narrative,
    }),
  ),
  TransferObjected: event('信访工作条例 23', z.strictObject({ reason: narrative })),
  TransferObjectionDecided: event(
    '信访工作条例 23',
    z.strictObject({ upheld: z.boolean(), reason: reason.optional() }),
  ),
  ComplainantNotified: event(
    '信访工作条例 23',
    z.strictObject({
      about: z.enum(noticeSubjects),
      method: z.enum(contactMethods),
      /** Written notices carry a document number. */
      document: reference.optional(),
      text: narrative.optional(),
    }),
  ),
  /** The whole list of those who investigate from now on. */
  InvestigatorsAssigned: event(
    '公证执业活动投诉处理办法 21',
    z.strictObject({ investigators: persons.min(1), reason: reason.optional() }),
  ),
  HandlerReportRequested: event('S1-7.4b', z.strictObject({ worker: identifier.optional(), text: reason.optional() })),
  HandlerReminded: event(
    'Q13',
    z.strictObject({ method: z.enum(contactMethods), supervisionItem: identifier.optional(), text: reason.optional() }),
  ),
  HandlerReportSubmitted: event('S1-7.4b', z.strictObject({ worker: identifier.optional(), report: narrative })),
  /** The handler kept silent after the reminder; the director lets the case go on. */
  HandlerReportAbsent: event('Q13', z.strictObject({ reason })),
  DefenceSubmitted: event('S1-7.4b', z.strictObject({ worker: identifier.optional(), text: narrative })),
  DefenceWaived: event('S1-7.4b', z.strictObject({ worker: identifier.optional(), text: reason.optional() })),
  RecusalRequested: event(
    '信访工作条例 28',
    z.strictObject({ person: identifier, by: z.enum(parties), ground: z.enum(recusalGrounds), reason }),
  ),
  RecusalDecided: event(
    '信访工作条例 28',
    z.strictObject({ person: identifier, granted: z.boolean(), reason: reason.optional() }),
  ),
  InvestigationSuspended: event(
    '公证执业活动投诉处理办法 23',
    z.strictObject({ ground: z.enum(suspensionGrounds), reason }),
  ),
  InvestigationResumed: event('公证执业活动投诉处理办法 23', z.strictObject({ note: reason.optional() })),
  EvidenceAdded: evidenceAdded('档案法 37', {}),
  NoteAdded: event('S1-2.2', z.strictObject({ text: narrative })),
  InvestigationConcluded: event(
    'S1-7.4c S2-4.4.3',
    z.strictObject({
      investigators: persons,
      matter: narrative,
      grounds: narrative,
      verifiedFacts: narrative,
      proposed: z.enum(outcomes).optional(),
    }),
  ),
  DirectorOpinionGiven: event('S1-7.4c', z.strictObject({ opinion: narrative, proposed: z.enum(outcomes) })),
  ReportedToLeader: event('S1-7.4c', z.strictObject({ leader: identifier, note: reason.optional() })),
  ReturnedForInvestigation: event('S1-7.4c', z.strictObject({ reason })),
  OfficeMeetingDecided: event(
    'S1-7.4d',
    z.strictObject({
      meetingNumber: reference,
      attendees: persons,
      ...decisionFields,
      cooperation,
      measures: z.array(measure).max(20),
      /** 处理结果 and 依据: exist from the decision on; needed for the reply. */
      result: narrative.optional(),
      basis: narrative.optional(),
    }),
  ),
  RectificationVerified: event('S0-5.2.3', z.strictObject({ rectified: z.boolean(), note: reason.optional() })),
  PenaltyCaseOpened: event('行政处罚法 54', z.strictObject({ case: identifier })),
  /** The county's power ends at a warning: fines and confiscation are the city's (Orders 137/138). */
  PenaltyProposalForwarded: event(
    '基层法律服务工作者管理办法 46',
    z.strictObject({ to: identifier, kinds: z.array(z.enum(penaltyKinds)).min(1), text: narrative.optional() }),
  ),
  ReferredToCommittee: event('S4-4.5a', z.strictObject({ committee: identifier, reason })),
  ReplyGiven: event(
    'S1-5.2a S2-4.4.3',
    z.strictObject({
      method: z.enum(contactMethods),
      document: reference.optional(),
      text: narrative,
      ...writtenParts,
      /** Why it goes out although a part of the report is empty. */
      incompleteBecause: reason.optional(),
    }),
  ),
  ComplaintReportSubmitted: event(
    'S2-4.4.3',
    z.strictObject({ to: identifier, document: reference.optional(), incompleteBecause: reason.optional() }),
  ),
  ReviewRequested: event('信访工作条例 35', z.strictObject({ reason: narrative, organ: organisationName.optional() })),
  ReviewDecided: event(
    '信访工作条例 35',
    z.strictObject({
      organ: organisationName,
      document: reference.optional(),
      result: z.enum(reviewOutcomes),
      /** Where the reviewing organ decides the matter itself. */
      outcome: z.enum(outcomes).optional(),
      throughFault: z.boolean().optional(),
      text: narrative,
    }),
  ),
  ReReviewRequested: event(
    '信访工作条例 36',
    z.strictObject({ reason: narrative, organ: organisationName.optional() }),
  ),
  ReReviewDecided: event(
    '信访工作条例 36',
    z.strictObject({
      organ: organisationName,
      document: reference.optional(),
      result: z.enum(reviewOutcomes),
      outcome: z.enum(outcomes).optional(),
      throughFault: z.boolean().optional(),
      text: narrative,
    }),
  ),
  /** Annuls the decision of the office meeting, which it names in `corrects`. */
  DecisionQuashed: event(
    '行政复议法 64',
    z.strictObject({
      by: z.enum(quashingBodies),
      organ: organisationName,
      document: reference.optional(),
      reason: narrative,
    }),
  ),
  ComplaintWithdrawn: event(
    '公证执业活动投诉处理办法 24',
    z.strictObject({ inWriting: z.boolean(), reason: reason.optional() }),
  ),
  ComplaintMerged: event('法律援助投诉处理办法', z.strictObject({ into: identifier, reason: reason.optional() })),
  AnsweredThroughMain: event(
    'S1-5.2a',
    z.strictObject({ method: z.enum(contactMethods), document: reference.optional(), text: narrative.optional() }),
  ),
  ComplaintTerminated: event(
    '公证执业活动投诉处理办法 24',
    z.strictObject({ ground: z.enum(terminationGrounds), reason: narrative }),
  ),
  ComplaintClosed: event('S1-5.2a', z.strictObject({ reason: reason.optional() })),
  ComplaintArchived: event(
    'S1-2.2',
    z.strictObject({ fileNumber: reference.optional(), retention: z.enum(retentions) }),
  ),
  ArchivedCaseOpened: archivedCaseOpened,
  ComplaintReopened: event('S1-5.2a', z.strictObject({ ground: z.enum(reopeningGrounds), reason: narrative })),
  FirstContactBreachConfirmed: event(
    'S1-3.3',
    z.strictObject({
      person: identifier,
      kind: z.enum(breachKinds),
      serious: z.boolean(),
      measure: z.enum(breachMeasures),
      facts: narrative,
    }),
  ),
  DelayReported: event('S1-5.2c', z.strictObject({ clock: reference, reason, expectedBy: civilDate.optional() })),
  ExtensionRequested: event('信访工作条例 34', z.strictObject({ clock: reference, by: limit, reason })),
  ExtensionDecided: event(
    '信访工作条例 34',
    z.strictObject({ clock: reference, granted: z.boolean(), by: limit.optional(), reason: reason.optional() }),
  ),
  /** Need-to-know list (S1-5.2e); an empty list lifts it. */
  ReadersNamed: event('S1-5.2e', z.strictObject({ readers: persons })),
  ...importedEvents,
} as const satisfies EventMap

export type ComplaintEvents = typeof complaintEvents
export type ComplaintStep = StepOf<ComplaintEvents>
export type ComplaintEvent = NewEventOf<ComplaintEvents>
export type ComplaintEventType = keyof ComplaintEvents
