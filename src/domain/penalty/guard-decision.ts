/** Rules of the steps from the prior notice to the decision's service (行政处罚法 44–65). */
import { isLate } from '../calendar/deadline.ts'
import { personOf } from '../complaint/evolve.ts'
import { type Refusal, refusal } from '../decider.ts'
import { dateOf, isEarlier } from '../time.ts'
import type { PenaltyItem } from './fields.ts'
import { givesHearing, isHeavier, powerOf } from './powers.ts'
import {
  actorHasHandled,
  documentComplete,
  hasHandled,
  type Rule,
  type Rules,
  type SharedRule,
  type StepOfType,
  serviceConsent,
  withinCaps,
  withinPower,
} from './rules.ts'
import { type PenaltyState, standing } from './state.ts'

/** No second fine for one act (行政处罚法 29). */
const notFinedTwice = (penalties: readonly PenaltyItem[], state: PenaltyState): Refusal | undefined => {
  const place = state.finedElsewhere ? penalties.findIndex(({ kind }) => kind === 'fine') : -1
  return place < 0 ? undefined : refusal('fined-twice', '行政处罚法 29', { pointer: `/penalties/${place}` })
}

const notice: Rule<'PriorNoticeServed'> = (data, state, step) => {
  for (const part of ['facts', 'reasons', 'legalBasis'] as const)
    if (data[part] === undefined) return refusal('notice-incomplete', '行政处罚法 44', { pointer: `/${part}` })
  const { rights, penalties } = data
  if (!rights.statement || !rights.defence)
    return refusal('rights-not-told', '行政处罚法 44', {
      pointer: rights.statement ? '/rights/defence' : '/rights/statement',
    })
  if (!rights.hearing && givesHearing(penalties, state.respondent, data.hearingFrom))
    return refusal('hearing-right-not-told', '行政处罚法 63', { pointer: '/rights/hearing' })
  if (data.defenceUntil <= dateOf(step.effectiveAt))
    return refusal('no-time-for-defence', '行政处罚法 44', { pointer: '/defenceUntil' })
  const beyond =
    withinPower(penalties, state) ?? withinCaps(penalties, state, data.caps) ?? notFinedTwice(penalties, state)
  if (beyond) return beyond
  if (state.notice && data.newFacts === undefined && isHeavier(penalties, state.notice.penalties))
    return refusal('heavier-without-new-facts', '行政处罚法 45', { pointer: '/newFacts' })
  return serviceConsent(data)
}

/** What a penalty needs before it can be decided. */
function ripe(data: StepOfType<'PenaltyDecided'>['data'], state: PenaltyState, step: StepOfType<'PenaltyDecided'>) {
  const { notice: given } = state
  if (state.status !== 'noticed' || !given) return refusal('no-prior-notice', '行政处罚法 44 62')
  const today = dateOf(step.effectiveAt)
  if (state.defence === 'filed') return refusal('defence-not-heard', '行政处罚法 62')
  if (state.defence === 'none' && today <= given.defenceUntil)
    return refusal('defence-period-runs', '行政处罚法 62', { detail: { until: given.defenceUntil } })
  if (state.hearing === 'requested' || state.hearing === 'announced')
    return refusal('hearing-not-held', '行政处罚法 63')
  if (given.hearing && state.hearing === 'none') {
    const { hearingPeriod } = data
    if (!hearingPeriod || today <= dateOf(hearingPeriod.due))
      return refusal('hearing-period-runs', '行政处罚法 64', { detail: { until: hearingPeriod?.due ?? '' } })
  }
  if (state.hearing === 'held' && data.followsHearingRecord !== true)
    return refusal('decision-without-hearing-record', '行政处罚法 65', { pointer: '/followsHearingRecord' })
  if (state.legalReview === 'failed') return refusal('legal-review-failed', '行政处罚法 58')
  if ((state.legalReviewCases.length > 0 || state.hearing === 'held') && state.legalReview !== 'passed')
    return refusal('legal-review-missing', '行政处罚法 58')
  if (state.complexOrMajor && !state.discussed) return refusal('collective-discussion-missing', '行政处罚法 57')
  return state.correction === 'none' ? refusal('correction-not-ordered', '行政处罚法 28') : undefined
}

/** After an annulment on the substance the same is not decided again on the same facts (行政诉讼法 71, 行政复议法 64). */
function sameAgain(penalties: readonly PenaltyItem[], state: PenaltyState): Refusal | undefined {
  const last = state.decisions.at(-1)
  if (!last?.quashed || last.quashed.onProcedure || last.quashed.by === 'own-correction') return undefined
  const same = !isHeavier(penalties, last.penalties) && !isHeavier(last.penalties, penalties)
  return same && !state.notice?.newFacts ? refusal('same-decision-again', '行政诉讼法 71') : undefined
}

const decided: Rule<'PenaltyDecided'> = (data, state, step) => {
  const { penalties, outcome } = data
  if (actorHasHandled(state, step)) return refusal('officer-decides', '行政处罚法 57')
  if (data.level !== state.level)
    return refusal('level-mismatch', powerOf(state.law, 'fine').rule, {
      pointer: '/level',
      detail: { level: data.level, competent: state.level },
    })
  if (outcome !== 'penalty') {
    if (penalties.length > 0) return refusal('penalty-without-outcome', '行政处罚法 57', { pointer: '/penalties' })
    if (data.facts === undefined) return refusal('decision-incomplete', '行政处罚法 57', { pointer: '/facts' })
    if (outcome === 'transfer-to-criminal' && data.transferredTo === undefined)
      return refusal('transfer-without-receiver', '行政处罚法 27', { pointer: '/transferredTo' })
    return outcome === 'none-minor' && state.correction === 'not-corrected'
      ? refusal('minor-but-not-corrected', '行政处罚法 33', { pointer: '/outcome' })
      : undefined
  }
  if (penalties.length === 0) return refusal('outcome-without-penalty', '行政处罚法 57', { pointer: '/penalties' })
  const unripe = ripe(data, state, step)
  if (unripe) return unripe
  if (isHeavier(penalties, state.notice?.penalties ?? []))
    return refusal('heavier-than-notice', '行政处罚法 45', { pointer: '/penalties' })
  return (
    withinPower(penalties, state) ??
    withinCaps(penalties, state, data.caps) ??
    notFinedTwice(penalties, state) ??
    sameAgain(penalties, state) ??
    documentComplete(data)
  )
}

const reviewed: SharedRule<'LegalReviewPassed' | 'LegalReviewFailed'> = (data, state, step) => {
  const actor = personOf(step.actor)
  if (actor !== undefined && actor !== data.reviewer)
    return refusal('not-the-reviewer', '行政处罚法 58', { pointer: '/reviewer' })
  if (state.recused.includes(data.reviewer))
    return refusal('recused-person-assigned', '行政处罚法 43', { pointer: '/reviewer' })
  return hasHandled(state, data.reviewer)
    ? refusal('officer-reviews', '行政处罚法 58', { pointer: '/reviewer' })
    : undefined
}

export const decisionRules: Rules = {
  PriorNoticeServed: notice,
  DefenceWaived: (data) =>
    data.express ? undefined : refusal('waiver-not-express', '行政处罚法 62', { pointer: '/express' }),
  HearingRequested: (data, _, step) =>
    isLate(step.effectiveAt, data.judgedBy.due)
      ? refusal('hearing-request-late', '行政处罚法 64', {
          pointer: '/effectiveAt',
          detail: { due: data.judgedBy.due },
        })
      : undefined,
  HearingAnnounced(data, state, step) {
    if (hasHandled(state, data.chair)) return refusal('officer-chairs', '行政处罚法 64', { pointer: '/chair' })
    if (state.recused.includes(data.chair))
      return refusal('recused-person-assigned', '行政处罚法 43', { pointer: '/chair' })
    if (!data.public && data.closedBecause === undefined)
      return refusal('closed-hearing-without-ground', '行政处罚法 64', { pointer: '/closedBecause' })
    return isLate(step.effectiveAt, data.judgedBy.due)
      ? refusal('hearing-announced-late', '行政处罚法 64', {
          pointer: '/heldAt',
          detail: { latest: data.judgedBy.due },
        })
      : undefined
  },
  HearingHeld(data, state, step) {
    if (data.chair !== state.hearingChair) return refusal('not-the-chair', '行政处罚法 64', { pointer: '/chair' })
    const actor = personOf(step.actor)
    if (actor !== undefined && actor !== data.chair) return refusal('not-the-chair', '行政处罚法 64')
    if (hasHandled(state, data.chair)) return refusal('officer-chairs', '行政处罚法 64', { pointer: '/chair' })
    return state.hearingAt !== undefined && isEarlier(step.effectiveAt, state.hearingAt)
      ? refusal('hearing-before-its-day', '行政处罚法 64', {
          pointer: '/effectiveAt',
          detail: { announced: state.hearingAt },
        })
      : undefined
  },
  LegalReviewPassed: reviewed,
  LegalReviewFailed: reviewed,
  CollectiveDiscussionHeld(data, state) {
    if (data.attendees.length < 2)
      return refusal('discussion-of-one', '行政处罚法 57', {
        pointer: '/attendees',
        detail: { count: data.attendees.length },
      })
    for (const [place, person] of data.attendees.entries()) {
      const pointer = `/attendees/${place}`
      if (state.recused.includes(person)) return refusal('recused-person-votes', '行政处罚法 43', { pointer })
      if (hasHandled(state, person)) return refusal('officer-discusses', '行政处罚法 57', { pointer })
    }
    return undefined
  },
  PenaltyDecided: decided,
  ServiceOfDocument: (data, state) =>
    data.document === standing(state)?.document
      ? serviceConsent(data)
      : refusal('document-unknown', '行政处罚法 61', { pointer: '/document' }),
}
