/**
 * What can happen in a statutory penalty case (行政处罚法, 2021). It has nothing to do with the warning of the star scheme.
 * Free text is sealed; enums, ids, dates and money (fen) are plain.
 */
import { z } from 'zod'
import { archivedCaseOpened } from '../archive.ts'
import {
  civilDate,
  effectiveTime,
  identifier,
  narrative,
  organisationName,
  persons,
  penaltyKinds as proposedKinds,
  reason,
  recusalGrounds,
  reference,
  retentions,
  subjectId,
  violationKinds,
} from '../complaint/fields.ts'
import type { EventMap, NewEventOf, StepOf } from '../event.ts'
import { evidenceAdded } from '../evidence.ts'
import {
  adoptions,
  caps,
  closedHearingGrounds,
  decisionOutcomes,
  fen,
  inquiryKinds,
  legalReviewCases,
  levels,
  limitationClasses,
  litigationResults,
  paymentTargets,
  penaltyItems,
  penaltyLaws,
  preservationOutcomes,
  quashedBy,
  reconsiderationResults,
  recusalParties,
  respondents,
  serviceMethods,
  signatures,
  sources,
  terminationGrounds,
} from './fields.ts'

const event = <Schema extends z.ZodType>(rule: string, data: Schema) => ({ version: 1, rule, data }) as const

/** The last day of a period as the calendars of the day gave it; kept in the event that was judged by it. */
export const judged = z.strictObject({ due: effectiveTime, calendars: z.array(z.string()).max(50) })
export type Judged = z.output<typeof judged>

/** Whom and what a case is about. */
const matterFields = {
  respondent: z.enum(respondents),
  /** The office where the act happened: there it counts, also when the worker has moved since (Q18). */
  respondentOffice: identifier,
  respondentWorker: identifier.optional(),
  /** What kind of act it is (S4-4.5b, Orders 137 and 138). */
  kind: z.enum(violationKinds),
  law: z.enum(penaltyLaws),
  /** Day of the act, or of its end where it continued (行政处罚法 36). */
  actOn: civilDate,
  continuing: z.boolean(),
  /** Day on which the organ learned of it, by a complaint or an inspection; default: the filing. */
  discoveredOn: civilDate.optional(),
  limitation: z.enum(limitationClasses),
  /** Level of the organ that acts. */
  level: z.enum(levels),
}

/** The document of a decision with its six items (行政处罚法 59), each optional here so that each missing one is named. */
const documentFields = {
  document: reference,
  party: narrative.optional(),
  facts: narrative.optional(),
  legalBasis: narrative.optional(),
  performance: narrative.optional(),
  /** Remedies and their periods; mandatory in every decision of a penalty. */
  remedies: narrative.optional(),
  organ: organisationName.optional(),
  stamped: z.boolean(),
}

const remedyFiled = {
  judgedBy: judged,
  /** Why a late application was admitted (行政复议法 20, 行政诉讼法 48). */
  lateBecause: reason.optional(),
}

export const penaltyEvents = {
  PenaltyCaseFiled: event(
    '行政处罚法 36 54',
    z.strictObject({
      /** The case's own subject: seals every free text of this stream. */
      subject: subjectId,
      source: z.enum(sources),
      /** The complaint it came from. */
      complaint: identifier.optional(),
      ...matterFields,
      matter: narrative,
      approvedBy: identifier.optional(),
    }),
  ),
  /** On the spot (行政处罚法 51, 52): filed, decided and handed over at once. */
  OnTheSpotPenaltyDecided: event(
    '行政处罚法 51 52',
    z.strictObject({
      subject: subjectId,
      ...matterFields,
      officers: persons.min(1),
      credentialsShown: z.boolean(),
      /** The facts are certain and the law is clear. */
      factsCertain: z.boolean(),
      rightsTold: z.boolean(),
      defenceHeard: z.boolean(),
      illegalGains: z.int().min(0).max(1_000_000_000_000),
      caps: caps.optional(),
      penalties: penaltyItems.min(1),
      ...documentFields,
      socialImpact: z.boolean(),
    }),
  ),
  /** 报所属行政机关备案. */
  OnTheSpotReported: event('行政处罚法 52', z.strictObject({ number: reference.optional() })),
  /** The whole list of those who investigate from now on. */
  OfficersAssigned: event('行政处罚法 42', z.strictObject({ officers: persons.min(1), reason: reason.optional() })),
  RecusalRequested: event(
    '行政处罚法 43',
    z.strictObject({ person: identifier, by: z.enum(recusalParties), ground: z.enum(recusalGrounds), reason }),
  ),
  /** Decided by the head of the organ; until then the investigation goes on. */
  RecusalDecided: event(
    '行政处罚法 43',
    z.strictObject({ person: identifier, granted: z.boolean(), reason: reason.optional() }),
  ),
  InquiryRecorded: event(
    '行政处罚法 55',
    z.strictObject({
      form: z.enum(inquiryKinds),
      officers: persons.min(1),
      credentialsShown: z.boolean(),
      record: narrative,
      signature: z.enum(signatures),
    }),
  ),
  EvidenceAdded: evidenceAdded('行政处罚法 46', {}),
  NoteAdded: event('行政处罚法 47', z.strictObject({ text: narrative })),
  /** 先行登记保存: a list of evidence kept where it is, approved by the head; to be dealt with in seven working days. */
  EvidencePreserved: event(
    '行政处罚法 56',
    z.strictObject({ list: reference, approvedBy: identifier, items: z.array(reason).min(1).max(100) }),
  ),
  EvidencePreservationDecided: event(
    '行政处罚法 56',
    z.strictObject({ list: reference, result: z.enum(preservationOutcomes), reason: reason.optional() }),
  ),
  CorrectionOrdered: event('行政处罚法 28', z.strictObject({ due: civilDate, text: narrative })),
  CorrectionVerified: event('行政处罚法 28', z.strictObject({ corrected: z.boolean(), note: reason.optional() })),
  /** Another organ has already fined the same act (一事不再罚). */
  EarlierFineFound: event(
    '行政处罚法 29',
    z.strictObject({ organ: organisationName, document: reference, amount: fen }),
  ),
  PenaltyInvestigationConcluded: event(
    '行政处罚法 57',
    z.strictObject({
      officers: persons,
      facts: narrative,
      evidence: narrative,
      opinion: narrative,
      proposed: z.enum(decisionOutcomes),
      /** Complex or major: the heads discuss it together before it is decided. */
      complexOrMajor: z.boolean(),
      /** Which of the four cases of legal review it is. */
      legalReview: z.array(z.enum(legalReviewCases)).max(4),
      /** Fen; 0 where there are none. */
      illegalGains: z.int().min(0).max(1_000_000_000_000),
    }),
  ),
  ReturnedForInvestigation: event('行政处罚法 57', z.strictObject({ reason })),
  /** The county's power ends at a warning: fines and confiscation are the city's (Orders 137 and 138). */
  PenaltyProposalForwarded: event(
    '基层法律服务工作者管理办法 46',
    z.strictObject({ to: identifier, kinds: z.array(z.enum(proposedKinds)).min(1), text: narrative.optional() }),
  ),
  /** The superior organ takes the case over and is competent from now on. */
  CityCaseTaken: event(
    '基层法律服务工作者管理办法 46',
    z.strictObject({ organisation: identifier, level: z.enum(levels) }),
  ),
  ProposalReturned: event('基层法律服务工作者管理办法 46', z.strictObject({ reason })),
  /** 行政处罚事先告知书. */
  PriorNoticeServed: event(
    '行政处罚法 44 45 62 63',
    z.strictObject({
      document: reference,
      penalties: penaltyItems.min(1),
      caps: caps.optional(),
      facts: narrative.optional(),
      reasons: narrative.optional(),
      legalBasis: narrative.optional(),
      /** Which rights the party was told of. */
      rights: z.strictObject({ statement: z.boolean(), defence: z.boolean(), hearing: z.boolean() }),
      /** The larger-fine threshold of the place in fen, where it has its own: a fine from there on gives a hearing. */
      hearingFrom: fen.optional(),
      /** Last day for statement and defence as the notice sets it. */
      defenceUntil: civilDate,
      method: z.enum(serviceMethods),
      consent: z.boolean().optional(),
      /** New facts since the notice before: without them no heavier one. */
      newFacts: narrative.optional(),
    }),
  ),
  DefenceFiled: event('行政处罚法 45', z.strictObject({ text: narrative })),
  /** The organ has heard and checked the defence. */
  DefenceHeard: event('行政处罚法 45', z.strictObject({ adoption: z.enum(adoptions), review: narrative })),
  DefenceWaived: event('行政处罚法 62', z.strictObject({ express: z.boolean(), text: reason.optional() })),
  HearingRequested: event('行政处罚法 64', z.strictObject({ judgedBy: judged, text: reason.optional() })),
  HearingAnnounced: event(
    '行政处罚法 64',
    z.strictObject({
      heldAt: effectiveTime,
      place: organisationName,
      chair: identifier,
      public: z.boolean(),
      closedBecause: z.enum(closedHearingGrounds).optional(),
      /** The last day on which it could be announced. */
      judgedBy: judged,
    }),
  ),
  HearingHeld: event(
    '行政处罚法 64 65',
    z.strictObject({ chair: identifier, record: narrative, signature: z.enum(signatures) }),
  ),
  /** Given up, or taken as given up: absent without reason, left without leave (行政处罚法 64). */
  HearingAbandoned: event('行政处罚法 64', z.strictObject({ absent: z.boolean(), reason: reason.optional() })),
  LegalReviewPassed: event('行政处罚法 58', z.strictObject({ reviewer: identifier, opinion: narrative })),
  LegalReviewFailed: event('行政处罚法 58', z.strictObject({ reviewer: identifier, opinion: narrative })),
  CollectiveDiscussionHeld: event(
    '行政处罚法 57',
    z.strictObject({ meetingNumber: reference, attendees: persons, opinion: narrative }),
  ),
  PenaltyDecided: event(
    '行政处罚法 57 59 60',
    z.strictObject({
      outcome: z.enum(decisionOutcomes),
      /** Level of the organ that decides. */
      level: z.enum(levels),
      penalties: penaltyItems,
      caps: caps.optional(),
      ...documentFields,
      /** After a hearing: decided by its record (行政处罚法 65). */
      followsHearingRecord: z.boolean().optional(),
      /** Where nobody asked for the hearing: the last day on which he could. */
      hearingPeriod: judged.optional(),
      socialImpact: z.boolean(),
      /** To whom a crime is transferred. */
      transferredTo: organisationName.optional(),
    }),
  ),
  /** 送达 of the decision: starts payment, remedies, and the look-back of ratings. */
  ServiceOfDocument: event(
    '行政处罚法 61',
    z.strictObject({
      document: reference,
      method: z.enum(serviceMethods),
      /** Signed consent: only with it by fax or e-mail. */
      consent: z.boolean().optional(),
      receiver: reason.optional(),
    }),
  ),
  PaymentReceived: event(
    '行政处罚法 67',
    z.strictObject({ of: z.enum(paymentTargets), amount: fen, receipt: reference }),
  ),
  /** 暂缓 or 分期, on the party's application. */
  PaymentDeferred: event('行政处罚法 66', z.strictObject({ until: civilDate, reason })),
  /** Money that a quashed or lowered decision no longer covers goes back. */
  RefundMade: event('行政复议法 64', z.strictObject({ amount: fen, receipt: reference })),
  /** 催告 before enforcement. */
  PaymentUrged: event('行政强制法 54', z.strictObject({ document: reference })),
  EnforcementApplied: event(
    '行政处罚法 72',
    z.strictObject({ court: organisationName, document: reference, judgedBy: judged }),
  ),
  EnforcementEnded: event('行政处罚法 72', z.strictObject({ enforced: z.boolean(), note: reason.optional() })),
  /** What is not money was carried out: the suspension ran, the licence was withdrawn. */
  PenaltyExecuted: event('行政处罚法 66', z.strictObject({ note: reason.optional() })),
  DecisionPublished: event('行政处罚法 48', z.strictObject({ where: organisationName, redacted: z.boolean() })),
  PublicationWithdrawn: event('行政处罚法 48', z.strictObject({ reason })),
  ReconsiderationFiled: event(
    '行政复议法 20',
    z.strictObject({ organ: organisationName, organisation: identifier.optional(), ...remedyFiled }),
  ),
  ReconsiderationReplied: event('行政复议法 48', z.strictObject({ document: reference.optional() })),
  ReconsiderationDecided: event(
    '行政复议法 62 63 64 68',
    z.strictObject({ result: z.enum(reconsiderationResults), document: reference, text: narrative }),
  ),
  LitigationFiled: event('行政诉讼法 45 46', z.strictObject({ court: organisationName, ...remedyFiled })),
  LitigationDecided: event(
    '行政诉讼法 69 70 77',
    z.strictObject({
      result: z.enum(litigationResults),
      document: reference,
      /** A judgment that is not yet effective changes nothing. */
      effective: z.boolean(),
      text: narrative,
    }),
  ),
  /** Remedies do not stop execution; a suspension is ordered (行政处罚法 73, 行政复议法 42, 行政诉讼法 56). */
  ExecutionSuspended: event('行政处罚法 73', z.strictObject({ organ: organisationName, reason })),
  ExecutionResumed: event('行政处罚法 73', z.strictObject({ reason: reason.optional() })),
  /** Annuls the decision it names in `corrects`: its facts count nowhere at any date, and stay visible. */
  DecisionQuashed: event(
    '行政复议法 64',
    z.strictObject({
      by: z.enum(quashedBy),
      organ: organisationName,
      document: reference.optional(),
      /** Whether the organ has to decide anew. */
      decideAnew: z.boolean(),
      /** Only its procedure was wrong: the same may be decided again (行政诉讼法 71). */
      onProcedure: z.boolean().optional(),
      reason: narrative,
    }),
  ),
  /** A decision in the place of the one it annuls and names in `corrects`, made by who reviewed it. */
  DecisionChanged: event(
    '行政复议法 63',
    z.strictObject({
      by: z.enum(quashedBy),
      organ: organisationName,
      document: reference,
      penalties: penaltyItems.min(1),
      reason: narrative,
    }),
  ),
  PenaltyCaseClosed: event(
    '行政处罚法 47',
    z.strictObject({
      note: reason.optional(),
      /** What late payment had added by then, fen. */
      surchargeOwed: z.int().min(0).optional(),
      /** Why what is left of it is not collected (行政强制法 42). */
      surchargeRemitted: reason.optional(),
    }),
  ),
  PenaltyCaseTerminated: event(
    '行政处罚法 47',
    z.strictObject({ ground: z.enum(terminationGrounds), reason: narrative }),
  ),
  PenaltyCaseArchived: event(
    '行政处罚法 47',
    z.strictObject({ fileNumber: reference.optional(), retention: z.enum(retentions) }),
  ),
  ArchivedCaseOpened: archivedCaseOpened,
} as const satisfies EventMap

export type PenaltyEvents = typeof penaltyEvents
export type PenaltyStep = StepOf<PenaltyEvents>
export type PenaltyEvent = NewEventOf<PenaltyEvents>
export type PenaltyEventType = keyof PenaltyEvents
