/** Refusals as the tests of penalties provoke them, and which of the table's codes each test file answers for. */
import t from 'tap'
import { penaltyErrors } from '../../../src/domain/catalogue/penalty.ts'
import type { Refusal } from '../../../src/domain/decider.ts'
import type { Circumstances } from '../../support/scenario.ts'
import type * as s from './stages.ts'

export type Case = ReturnType<typeof s.filed>
/** Codes that the running file has provoked. */
const seen = new Set<string>()

/** The action is refused with this code under this rule. */
export function refuses(
  given: Case,
  action: string,
  body: object,
  circumstances: Circumstances,
  code: Refusal['code'],
  rule?: string,
): void {
  seen.add(code)
  given.when(action, body, circumstances).then({ code, ...(rule ? { rule } : {}) } as Partial<Refusal>)
}

/** Refusals of the steps around the decision. */
const ofDecision = [
  'no-hearing-right',
  'hearing-not-requested',
  'hearing-already-requested',
  'hearing-request-late',
  'hearing-announced-late',
  'hearing-not-announced',
  'hearing-before-its-day',
  'hearing-not-held',
  'hearing-already-over',
  'hearing-period-runs',
  'closed-hearing-without-ground',
  'decision-without-hearing-record',
  'officer-chairs',
  'not-the-chair',
  'officer-reviews',
  'not-the-reviewer',
  'legal-review-missing',
  'legal-review-failed',
  'collective-discussion-missing',
  'discussion-of-one',
  'officer-discusses',
  'officer-decides',
  'decision-incomplete',
  'decision-without-seal',
  'outcome-without-penalty',
  'penalty-without-outcome',
  'minor-but-not-corrected',
  'not-on-the-spot',
  'facts-not-certain',
  'on-the-spot-kind',
  'on-the-spot-amount',
  'on-the-spot-not-reported',
  'on-the-spot-already-reported',
  'document-unknown',
]
/** Refusals of what follows it. */
const ofAftermath = [
  'preserved-evidence-open',
  'same-decision-again',
  'no-penalty-decision',
  'nothing-to-pay',
  'payment-exceeds-debt',
  'receipt-already-recorded',
  'deferral-in-past',
  'nothing-to-refund',
  'refund-exceeds-payment',
  'refund-outstanding',
  'penalty-unpaid',
  'penalty-not-executed',
  'surcharge-unpaid',
  'nothing-to-execute',
  'payment-not-urged',
  'remedy-period-runs',
  'enforcement-already-applied',
  'enforcement-not-applied',
  'publication-without-impact',
  'publication-not-redacted',
  'already-published',
  'nothing-published',
  'publication-not-withdrawn',
  'remedy-pending',
  'remedy-late',
  'already-reconsidered',
  'already-litigated',
  'litigation-chosen',
  'execution-already-suspended',
  'execution-not-suspended',
  'change-without-content',
  'heavier-on-review',
  'quash-without-ruling',
  'ruling-not-carried-out',
]
/** Refusals before the committee: test/domain/discipline. */
export const ofCommittee = [
  'discipline-step-out-of-order',
  'committee-not-mixed',
  'member-twice',
  'not-a-member',
  'chair-not-a-member',
  'referrer-judges',
  'quorum-too-low',
  'no-quorum',
  'recusal-undecided',
  'respondent-not-heard',
  'hearing-without-record',
  'votes-do-not-add-up',
  'no-majority',
  'discipline-months',
  'discipline-reviewed',
  'discipline-without-ruling',
  'no-discipline-decision',
]

/** Every code of the table that a file answers for was provoked in it; the first file answers for all that no other does. */
export function answersFor(part: 'notice' | 'decision' | 'aftermath'): void {
  const others = new Set<string>([...ofDecision, ...ofAftermath, ...ofCommittee])
  const mine = {
    notice: Object.keys(penaltyErrors).filter((code) => !others.has(code)),
    decision: ofDecision,
    aftermath: ofAftermath,
  }[part]
  t.test(`every refusal this file answers for was provoked (${part})`, async (t) =>
    t.same(
      mine.filter((code) => !seen.has(code)),
      [],
    ),
  )
}
