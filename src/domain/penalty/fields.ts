/** Field schemas and closed lists of penalty cases. Chinese terms: catalogue/penalty.ts. Money is in fen, whole numbers. */
import { z } from 'zod'

/** Where a case came from. */
export const sources = [
  'complaint',
  'inspection',
  'annual-assessment',
  'transferred',
  'superior-instruction',
  'other',
] as const
/** Whether the office itself or one of its workers is to be punished. */
export const respondents = ['office', 'worker'] as const
/** The law that provides the penalty; its powers and caps stand in powers.ts. */
export const penaltyLaws = ['order-137', 'order-138', 'lawyers-law', 'notary-law', 'other'] as const
/** Level of the organ: a district of a municipality has the powers of a city (Order 138 Art. 46). */
export const levels = ['county', 'municipal-district', 'city', 'province'] as const
/** 行政处罚法 9 as far as it reaches legal service offices and workers. */
export const penaltyKinds = [
  'warning',
  'public-criticism',
  'fine',
  'confiscation',
  'suspension',
  'business-suspension',
  'revocation',
] as const
/** Two years, or five where life, health or finance suffered harm (行政处罚法 36). */
export const limitationClasses = ['ordinary', 'life-health-finance'] as const
/** 行政处罚法 57. */
export const decisionOutcomes = ['penalty', 'none-minor', 'none-not-proven', 'transfer-to-criminal'] as const
/** The four cases of legal review before the decision (行政处罚法 58). */
export const legalReviewCases = ['public-interest', 'after-hearing', 'complex', 'by-law'] as const
/** The six items of a decision (行政处罚法 59); `stamped`: the organ's seal stands on it. */
export const decisionItems = ['party', 'facts', 'legalBasis', 'performance', 'remedies', 'organ'] as const
export const serviceMethods = [
  'on-the-spot',
  'direct',
  'left-behind',
  'mail',
  'entrusted',
  'public-announcement',
  'fax',
  'email',
] as const
export const inquiryKinds = ['inquiry', 'inspection', 'sampling', 'appraisal'] as const
export const preservationOutcomes = ['returned', 'seized', 'appraised', 'transferred', 'lifted'] as const
/** How the person replied to what he was accused of: adopted where it holds (行政处罚法 45). */
export const adoptions = ['adopted', 'partly-adopted', 'not-adopted'] as const
/** Why a hearing is not public (行政处罚法 64). */
export const closedHearingGrounds = ['state-secret', 'trade-secret', 'privacy'] as const
/** Whether the party signed the record; a refusal is noted on it (行政处罚法 64). */
export const signatures = ['signed', 'refusal-noted'] as const
export const reconsiderationResults = ['upheld', 'changed', 'revoked', 'withdrawn'] as const
export const litigationResults = ['upheld', 'changed', 'revoked', 'withdrawn'] as const
/** Who takes a decision away. */
export const quashedBy = ['reconsideration', 'court', 'superior', 'own-correction'] as const
export const paymentTargets = ['fine', 'confiscation', 'surcharge'] as const
export const terminationGrounds = [
  'respondent-ceased',
  'respondent-died',
  'time-barred',
  'transferred',
  'court-ended-enforcement',
  'other',
] as const
export const recusalParties = ['respondent', 'officer', 'bureau', 'other'] as const

export type PenaltyKind = (typeof penaltyKinds)[number]
export type PenaltyLaw = (typeof penaltyLaws)[number]
export type Level = (typeof levels)[number]
export type DecisionOutcome = (typeof decisionOutcomes)[number]
export type LegalReviewCase = (typeof legalReviewCases)[number]
export type LimitationClass = (typeof limitationClasses)[number]
export type QuashedBy = (typeof quashedBy)[number]
export type PaymentTarget = (typeof paymentTargets)[number]

/** Money in fen (1 yuan = 100 fen), exact. */
export const fen = z.int().min(1).max(1_000_000_000_000)

/** One penalty: money for fines and confiscation, months for suspensions, nothing more for the others. */
export const penaltyItem = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['warning', 'public-criticism', 'revocation']) }),
  z.strictObject({ kind: z.enum(['fine', 'confiscation']), amount: fen }),
  z.strictObject({ kind: z.enum(['suspension', 'business-suspension']), months: z.int().min(1).max(12) }),
])
export type PenaltyItem = z.output<typeof penaltyItem>
export const penaltyItems = z.array(penaltyItem).max(10)

/** Caps of fines by a rule of the place, with its citation; it may only be stricter than the law's (`powers.ts`). */
export const caps = z.strictObject({
  /** Times the illegal gains. */
  gainsMultiple: z.int().min(1).max(100).optional(),
  /** Fen. */
  maxFine: fen,
  citation: z.string().trim().min(1).max(200),
})
export type Caps = z.output<typeof caps>
