/** Field schemas and closed lists of complaints and visits. Chinese terms: catalogue/complaint-terms.ts. */
import { z } from 'zod'
import { sealedText } from '../sealed.ts'
import { isCivilDate, isEffectiveTime, isInstant } from '../time.ts'

/** Id of a person, organisation, office, worker, case or event: opaque, never personal data itself. */
export const identifier = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/)
/** Id of a subject in the vault: whose key seals a field. */
export const subjectId = identifier
/** A day in Asia/Shanghai. */
export const civilDate = z.string().refine(isCivilDate, { error: 'effective-time-invalid' }).meta({ format: 'date' })
/** A civil date or an instant. */
export const effectiveTime = z
  .string()
  .refine(isEffectiveTime, { error: 'effective-time-invalid' })
  .meta({ format: 'date or date-time' })
export const instant = z.string().refine(isInstant, { error: 'effective-time-invalid' }).meta({ format: 'date-time' })
/** `5wd`, `15d`, `2mo`, `1y`, `24h`. */
export const limit = z.string().regex(/^[1-9]\d{0,3}(wd|d|mo|y|h)$/)
/** Any free text about a case. */
export const narrative = sealedText('narrative')
/** A short free text: a reason, a remark. */
export const reason = sealedText('narrative', 2000)
/** Name of an organisation: public, stays plain. */
export const organisationName = z.string().trim().min(1).max(200)
/** A number given by somebody's ledger, file or meeting register; no personal data. */
export const reference = z.string().trim().min(1).max(100)
const distinct = (ids: readonly string[]) => new Set(ids).size === ids.length
/** Ids of persons, none twice. */
export const persons = z.array(identifier).max(50).refine(distinct, { error: 'the same person twice' })

/** How it came in. */
export const channels = ['letter', 'visit', 'phone', 'online', 'hotline-12345', 'transferred'] as const
/** 投诉 by somebody concerned; 举报 of a violation without own interest. */
export const natures = ['complaint', 'report'] as const
/** Which procedure sets the limits: the bureau's own, 信访工作条例, or the legal aid complaint measures (Order 149). */
export const procedures = ['complaint', 'petition', 'legal-aid'] as const
/**
 * What is complained of: the four violations of S4-4.5b first, then the listed acts of Order 138 Art. 46 and Order 137
 * Art. 36, then service quality.
 */
export const violationKinds = [
  'unauthorised-move',
  'unregistered-reception-point',
  'unfair-competition',
  'private-acceptance-or-fees',
  'out-of-scope-practice',
  'improper-solicitation',
  'posing-as-lawyer',
  'practising-at-two-offices',
  'refusing-legal-aid',
  'representing-both-sides',
  'neglect-of-duty',
  'false-annual-assessment',
  'leaking-secrets',
  'bribery',
  'collusion',
  'false-evidence',
  'fees-not-published',
  'no-receipt',
  'poor-service',
  'other',
] as const
export const nonAcceptanceGrounds = [
  'out-of-scope',
  'no-jurisdiction',
  'no-standing',
  'respondent-unidentified',
  'no-concrete-facts',
  'other-procedure',
  'same-facts-exhausted',
  'supplement-not-provided',
  'time-barred',
] as const
/** 移送, 转办, 交办. */
export const transferModes = ['transfer', 'forward', 'assign-with-report'] as const
export const contactMethods = ['letter', 'phone', 'in-person', 'online', 'sms'] as const
/** What the person who complained was told. */
export const noticeSubjects = [
  'acceptance',
  'non-acceptance',
  'transfer',
  'merger',
  'suspension',
  'resumption',
  'extension',
  'termination',
] as const
export const recusalGrounds = ['direct-interest', 'kinship', 'acquaintance', 'earlier-handling', 'other'] as const
export const parties = ['complainant', 'respondent', 'person-concerned', 'bureau', 'other'] as const
export const suspensionGrounds = [
  'other-procedure-pending',
  'review-pending',
  'force-majeure',
  'party-unreachable',
  'other',
] as const
export const terminationGrounds = [
  'respondent-ceased',
  'complainant-uncooperative',
  'other-procedure-decided',
  'facts-cannot-be-pursued',
  'other',
] as const
/** What the bureau's office meeting may find (Q14). */
export const outcomes = ['substantiated', 'partly-substantiated', 'unsubstantiated', 'unverifiable'] as const
/** What the meeting may order; one decision may start several. */
export const measureKinds = [
  'penalty-case',
  'penalty-proposal',
  'industry-discipline',
  'star-finding',
  'rectification-order',
  'integrity-file',
  'criticism-and-education',
  'refund-advised',
  'none',
] as const
/** 行政处罚法 Art. 9 as far as it reaches legal service offices and workers. */
export const penaltyKinds = ['warning', 'public-criticism', 'fine', 'confiscation', 'suspension', 'revocation'] as const
/** The six parts of the complaint investigation report (S2-4.4.3). */
export const reportParts = ['matter', 'investigators', 'grounds', 'verifiedFacts', 'result', 'basis'] as const
export const reviewOutcomes = ['upheld', 'changed', 'revoked'] as const
export const quashingBodies = ['review', 're-review', 'reconsideration', 'court', 'superior'] as const
export const reopeningGrounds = ['new-facts', 'superior-instruction', 'own-error', 'complainant-dissatisfied'] as const
export const archivePurposes = [
  'audit',
  'review',
  'litigation',
  'reconsideration',
  'related-case',
  'statistics',
  'other',
] as const
export const retentions = ['permanent', '30y', '10y'] as const
/** S1-3.3: education; criticism or a measure where serious. */
export const breachMeasures = ['education', 'criticism', 'measure'] as const
export const breachKinds = ['refusal', 'buck-passing', 'delay', 'rudeness'] as const
export const milestones = ['received', 'accepted', 'replied', 'closed'] as const

export type Channel = (typeof channels)[number]
export type Nature = (typeof natures)[number]
export type Procedure = (typeof procedures)[number]
export type ViolationKind = (typeof violationKinds)[number]
export type Outcome = (typeof outcomes)[number]
export type MeasureKind = (typeof measureKinds)[number]
export type ReportPart = (typeof reportParts)[number]
export type NoticeSubject = (typeof noticeSubjects)[number]
export type Milestone = (typeof milestones)[number]
export type ReviewOutcome = (typeof reviewOutcomes)[number]

const contactFields = {
  name: sealedText('identity', 100).optional(),
  identityNumber: sealedText('identity', 40).optional(),
  phone: sealedText('contact', 40).optional(),
  address: sealedText('contact', 300).optional(),
}

/** A natural person as entered: `subject` only where reception has confirmed that he is the same as an earlier one. */
export const personEntered = z.strictObject({
  subject: subjectId.optional(),
  ...contactFields,
  name: sealedText('identity', 100),
})

/** A natural person as stored, sealed under his own subject. */
export const personSealed = z.strictObject({ subject: subjectId, ...contactFields })
