/**
 * One office in its evaluation cycles, and what becomes of its stars. Stream `rating-<office id>`. Papers are named by their reference; there is
 * no free text and no person's name here, only ids of officials.
 */
import { z } from 'zod'
import type { EventMap, NewEventOf, StepOf } from '../event.ts'
import { surveyKind } from '../office-record.ts'
import { isEffectiveTime } from '../time.ts'
import { document, id, judgedSchema, planSchema, scoreSchema } from './plan.ts'

const event = <Schema extends z.ZodType>(rule: string, data: Schema) => ({ version: 1, rule, data }) as const
const count = z.int().min(0).max(10_000_000)
const level = z.int().min(0).max(10)
const paper = z.strictObject({ document: document.optional() })
const officials = z.array(id).min(1).max(20)

/** The run a result comes from: anyone can repeat it and gets the same bytes. */
export const runSchema = z.strictObject({
  asOf: z.int().min(0),
  effectiveAt: z.string().refine(isEffectiveTime, { error: 'effective-time-invalid' }),
  scheme: z.string().min(1).max(60),
  /** Lower-case hex SHA-256 of the office's canonical ledger. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
})

const result = {
  level,
  /** Ids of the categories earned. */
  categories: z.array(z.string()).max(20),
  points: z.number().min(0),
  run: runSchema,
}

/** The four facts of the one-vote veto (S0-4.6e), each with the references of its evidence. */
export const vetoFacts = z.strictObject({
  /** (a) subjective fault of a worker. */
  subjectiveFault: z.array(document).max(20).optional(),
  /** (b) a substantiated fault complaint. */
  substantiatedComplaint: z.array(document).max(20).optional(),
  /** (c) the office did not actively handle it. */
  notActivelyHandled: z.array(document).max(20).optional(),
  /** (d) grave social impact, or grave loss to a client. */
  graveSocialImpact: z.array(document).max(20).optional(),
  graveLoss: z.array(document).max(20).optional(),
})

export const ratingEvents = {
  OfficeEnrolled: event('S0-2.1', z.strictObject({ office: id, cycle: id, plan: planSchema })),
  SelfAssessmentSubmitted: event(
    'S0-4.2b',
    z.strictObject({ scores: z.array(scoreSchema).min(1).max(200), late: z.boolean(), document: document.optional() }),
  ),
  OnSiteVisitRecorded: event('S0-4.3', z.strictObject({ inspectors: officials, document: document.optional() })),
  SatisfactionSurveyed: event(
    'S0-4.3',
    z.strictObject({ survey: surveyKind, asked: count, reached: count, answered: count, satisfied: count }),
  ),
  /** Official scores, kept apart from the office's own; the scorer is the actor and those named. */
  OfficialScoresRecorded: event(
    'S0-4.3',
    z.strictObject({ scores: z.array(scoreSchema).min(1).max(200), scorers: officials }),
  ),
  OverallAssessmentMade: event('S0-4.3', z.strictObject({ ...result, assessors: officials })),
  ResultNotified: event('S0-4.3', paper),
  /** Right of reply: what the office said, by the paper's reference. */
  StatementRecorded: event('S0-4.3', z.strictObject({ document })),
  AppealFiled: event('S0-4.3', z.strictObject({ document, judged: judgedSchema })),
  AppealWaived: event('S0-4.3', z.strictObject({ document })),
  /** By somebody who was not involved; upheld sends the office back to scoring. */
  AppealDecided: event('S0-4.3', z.strictObject({ upheld: z.boolean(), decidedBy: id, document })),
  /** `judged`: the appeal window that was waited for, unless it was waived or used. */
  PublicNoticeStarted: event(
    'S0-4.4a',
    z.strictObject({
      channels: z.array(z.string().trim().min(1).max(100)).min(1).max(20),
      judged: judgedSchema.optional(),
    }),
  ),
  ObjectionRaised: event('S0-4.4b', z.strictObject({ document, judged: judgedSchema })),
  /** Not upheld: the notice goes on, or begins anew (Q5). Upheld: back to scoring. */
  ObjectionResolved: event(
    'S0-4.4b',
    z.strictObject({ of: id, upheld: z.boolean(), notice: z.enum(['CONTINUES', 'RESTARTS']), document }),
  ),
  PublicNoticeClosed: event('S0-4.4b', z.strictObject({ judged: judgedSchema })),
  RatingPublished: event('S0-4.4b', z.strictObject({ cycle: id, ...result })),
  PlaqueIssued: event('S0-4.4b', z.strictObject({ number: document })),
  OfficeCommended: event('S0-4.5a', z.strictObject({ document })),

  SpecialInspectionScheduled: event('S0-4.6a', z.strictObject({ year: z.int().min(2000).max(2200) })),
  SpecialInspectionCompleted: event('S0-4.6a', z.strictObject({ inspectors: officials, conforming: z.boolean() })),
  NonconformityFound: event(
    'S0-4.6b',
    z.strictObject({ criterion: z.string().max(60).optional(), category: z.string().max(60).optional(), document }),
  ),
  PreliminaryCheckDone: event('S0-4.6b', z.strictObject({ checkedBy: id, document: document.optional() })),
  FindingConfirmed: event('S0-4.6b', z.strictObject({ confirmed: z.boolean(), document })),
  StarWarningIssued: event('S0-4.6b', z.strictObject({ document })),
  StarDowngraded: event(
    'S0-4.6b S0-4.6d',
    z.strictObject({
      cause: z.enum(['FINDING', 'TWO_WARNINGS']),
      /** Levels taken (Q6), and the category that failed. */
      taken: z.int().min(1).max(10),
      category: z.string().max(60).optional(),
      document,
    }),
  ),
  OneVoteVetoApplied: event('S0-4.6e', z.strictObject({ complaint: id, facts: vetoFacts, document })),
  OtherMeasureTaken: event('S0-4.6b', z.strictObject({ measure: z.string().trim().min(1).max(60), document })),
  PlaqueWithdrawn: event('S0-4.6e', z.strictObject({ number: document.optional(), document })),
  /** The result told to the whole district: needed to close the inspection. */
  MeasureAnnounced: event(
    'S0-4.6c',
    z.strictObject({ channels: z.array(z.string().trim().min(1).max(100)).min(1), document }),
  ),
  SpecialInspectionClosed: event('S0-4.6a', paper),
  /** Annuls the measure it names in `corrects`. */
  MeasureQuashed: event(
    '行政复议法 64',
    z.strictObject({ of: id, authority: z.string().trim().min(1).max(200), document }),
  ),

  AffectedConfirmed: event('S0-4.6b', z.strictObject({ award: id, asOf: z.int().min(0) })),
  AffectedDismissed: event('S0-4.6b', z.strictObject({ award: id, asOf: z.int().min(0), document })),
  ReratingProposed: event(
    'S0-4.6b',
    z.strictObject({ award: id, ...result, proposedBy: id, document: document.optional() }),
  ),
  ReratingNotified: event('S0-4.6b', paper),
  ReratingReplyRecorded: event('S0-4.6b', z.strictObject({ document })),
  ReratingReplyWaived: event('S0-4.6b', z.strictObject({ document })),
  /** `judged`: the time for a reply that was waited for, unless there was one or it was waived. */
  ReratingDecided: event(
    'S0-4.6b',
    z.strictObject({ adopted: z.boolean(), decidedBy: id, document, judged: judgedSchema.optional() }),
  ),
  /** The old rating stays readable; this one holds from now on. */
  RatingSuperseded: event('S0-4.6b', z.strictObject({ award: id, cycle: id, from: level, ...result, document })),
} as const satisfies EventMap

export type RatingEvents = typeof ratingEvents
export type RatingStep = StepOf<RatingEvents>
export type RatingEvent = NewEventOf<RatingEvents>
