/** 行业惩戒: the mixed committee of court, police and justice on a worker or an office (S4-4.5a). Free text is sealed. */
import { z } from 'zod'
import { archivedCaseOpened } from '../archive.ts'
import {
  effectiveTime,
  identifier,
  narrative,
  organisationName,
  persons,
  reason,
  recusalGrounds,
  reference,
  retentions,
  subjectId,
  violationKinds,
} from '../complaint/fields.ts'
import type { EventMap, NewEventOf, StepOf } from '../event.ts'
import { evidenceAdded } from '../evidence.ts'
import { recusalParties, respondents, serviceMethods } from '../penalty/fields.ts'

const event = <Schema extends z.ZodType>(rule: string, data: Schema) => ({ version: 1, rule, data }) as const

/** The bodies whose responsible persons sit on the committee (S4-4.5a). */
export const committeeBodies = ['court', 'police', 'justice', 'other'] as const
/** 训诫, 警告, 通报批评, 公开谴责, 中止会员权利, 取消会员资格; `none`: no discipline. */
export const disciplineMeasures = [
  'admonition',
  'warning',
  'public-criticism',
  'public-reprimand',
  'rights-suspended',
  'membership-ended',
  'none',
] as const
export const reviewResults = ['upheld', 'changed', 'revoked'] as const
export type CommitteeBody = (typeof committeeBodies)[number]
export type DisciplineMeasure = (typeof disciplineMeasures)[number]

export const committeeMember = z.strictObject({ person: identifier, body: z.enum(committeeBodies) })
export type CommitteeMember = z.output<typeof committeeMember>

const votes = z.strictObject({
  for: z.int().min(0).max(99),
  against: z.int().min(0).max(99),
  abstained: z.int().min(0).max(99),
})

const decision = {
  document: reference,
  /** Who was present and voted. */
  present: persons,
  votes,
  measure: z.enum(disciplineMeasures),
  /** How long a member's rights are suspended: one month to less than a year. */
  months: z.int().min(1).max(11).optional(),
  facts: narrative,
  reasons: narrative,
}

export const disciplineEvents = {
  ReferredToCommittee: event(
    'S4-4.5a',
    z.strictObject({
      subject: subjectId,
      /** The complaint or penalty case it came from. */
      source: identifier.optional(),
      respondent: z.enum(respondents),
      /** The office where the act happened (Q18). */
      respondentOffice: identifier,
      respondentWorker: identifier.optional(),
      kind: z.enum(violationKinds),
      matter: narrative,
    }),
  ),
  /** The committee that hears this case, whole. */
  CommitteeConvened: event(
    'S4-4.5a',
    z.strictObject({
      members: z.array(committeeMember).min(1).max(50),
      chair: identifier,
      /** How many must be present; never less than a majority. */
      quorum: z.int().min(1).max(50),
    }),
  ),
  RecusalRequested: event(
    'S4-4.5a',
    z.strictObject({ person: identifier, by: z.enum(recusalParties), ground: z.enum(recusalGrounds), reason }),
  ),
  RecusalDecided: event(
    'S4-4.5a',
    z.strictObject({ person: identifier, granted: z.boolean(), reason: reason.optional() }),
  ),
  RespondentSummoned: event('S4-4.5a', z.strictObject({ heardAt: effectiveTime, document: reference })),
  /** What the bureau hands over with the case, and what comes in. */
  EvidenceAdded: evidenceAdded('S4-4.5a', {}),
  /** The respondent spoke, or stayed away although summoned. */
  RespondentHeard: event(
    'S4-4.5a',
    z.strictObject({ appeared: z.boolean(), record: narrative.optional(), written: narrative.optional() }),
  ),
  CommitteeDecisionMade: event('S4-4.5a', z.strictObject(decision)),
  DisciplineServed: event(
    'S4-4.5a',
    z.strictObject({ document: reference, method: z.enum(serviceMethods), consent: z.boolean().optional() }),
  ),
  DisciplineReviewRequested: event('S4-4.5a', z.strictObject({ reason: narrative })),
  DisciplineReviewDecided: event(
    'S4-4.5a',
    z.strictObject({ organ: organisationName, result: z.enum(reviewResults), document: reference, text: narrative }),
  ),
  /** Annuls the decision it names in `corrects`. */
  DisciplineQuashed: event(
    'S4-4.5a',
    z.strictObject({ organ: organisationName, document: reference.optional(), reason: narrative }),
  ),
  /** In the place of the decision it annuls and names in `corrects`. */
  DisciplineChanged: event(
    'S4-4.5a',
    z.strictObject({
      organ: organisationName,
      document: reference,
      measure: z.enum(disciplineMeasures),
      months: z.int().min(1).max(11).optional(),
      reason: narrative,
    }),
  ),
  DisciplineWithdrawn: event('S4-4.5a', z.strictObject({ reason })),
  DisciplineClosed: event('S4-4.5a', z.strictObject({ note: reason.optional() })),
  DisciplineArchived: event(
    'S4-4.5a',
    z.strictObject({ fileNumber: reference.optional(), retention: z.enum(retentions) }),
  ),
  ArchivedCaseOpened: archivedCaseOpened,
} as const satisfies EventMap

export type DisciplineEvents = typeof disciplineEvents
export type DisciplineStep = StepOf<DisciplineEvents>
export type DisciplineEvent = NewEventOf<DisciplineEvents>
export type DisciplineEventType = keyof DisciplineEvents
