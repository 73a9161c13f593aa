/** The rules of the evaluation cycle and of measures, on the events themselves (S0-4). */
import { isLate } from '../calendar/deadline.ts'
import { type Refusal, refusal } from '../decider.ts'
import { dateOf } from '../time.ts'
import { scoreDefect } from './plan.ts'
import { type RatingEvents, type RatingStep, ratingEvents, type vetoFacts } from './rating-events.ts'
import { authorityOf, type Participation, type RatingState, type Result, yearOf } from './rating-state.ts'

const no = (code: Refusal['code'], step: RatingStep, more: Parameters<typeof refusal>[2] = {}) =>
  refusal(code, ratingEvents[step.type].rule, more)

/** Surveys that an on-site visit contains (S0-4.3: 群众满意度、服务对象满意率测评). */
export const visitSurveys = ['PUBLIC', 'CLIENTS'] as const

type Of<Type extends keyof RatingEvents> = Extract<RatingStep, { type: Type }>

function scores(current: Participation, step: Of<'SelfAssessmentSubmitted'> | Of<'OfficialScoresRecorded'>) {
  const defect = scoreDefect(current.plan, step.data.scores)
  return defect && no(defect.code, step, { pointer: `/scores/${defect.place}/${defect.field}` })
}

function enrol(state: RatingState, step: Of<'OfficeEnrolled'>): Refusal | undefined {
  const { current, published } = state
  if (current && current.cycle === step.data.cycle)
    return no(current.vetoed ? 'vetoed-this-cycle' : 'already-enrolled', step)
  const running = current !== undefined && current.publication !== 'published' && !current.vetoed
  // An older cycle that ended without a publication gives way to the next one.
  if (running && step.data.plan.selfAssessmentFrom <= current.plan.inspectionUntil) return no('already-enrolled', step)
  if (published) {
    const due = yearOf(published.plan.selfAssessmentFrom) + published.plan.everyYears
    if (yearOf(step.data.plan.selfAssessmentFrom) < due) return no('cycle-not-due', step, { detail: { due } })
  }
  return undefined
}

const sameResult = (a: Result, b: Result | undefined): boolean =>
  a.level === b?.level && a.points === b.points && a.run.digest === b.run.digest

/** Steps of the running cycle. */
function cycleStep(current: Participation, step: RatingStep): Refusal | undefined {
  const { publication, plan, appeal } = current
  switch (step.type) {
    case 'SelfAssessmentSubmitted': {
      const day = dateOf(step.effectiveAt)
      if (current.visited || day >= plan.inspectionFrom || publication !== 'none')
        return no('self-score-after-closing', step)
      if (day < plan.selfAssessmentFrom) return no('cycle-phase', step)
      return scores(current, step)
    }
    case 'OnSiteVisitRecorded':
      if (publication !== 'none') return no('scores-closed', step)
      return dateOf(step.effectiveAt) < plan.inspectionFrom ? no('cycle-phase', step) : undefined
    case 'SatisfactionSurveyed': {
      if (publication !== 'none') return no('scores-closed', step)
      const { asked, reached, answered, satisfied } = step.data
      return reached > asked || answered > reached || satisfied > answered
        ? no('survey-numbers-inconsistent', step)
        : undefined
    }
    case 'OfficialScoresRecorded':
      if (publication !== 'none') return no('scores-closed', step)
      return current.visited ? scores(current, step) : no('site-visit-missing', step)
    case 'OverallAssessmentMade': {
      if (publication !== 'none') return no('scores-closed', step)
      if (!current.visited) return no('site-visit-missing', step)
      const survey = visitSurveys.find((kind) => !current.surveys.includes(kind))
      if (survey) return no('survey-missing', step, { detail: { survey } })
      const missing = plan.inspected.find((criterion) => !current.scored.includes(criterion.id))
      if (missing) return no('criterion-missing', step, { detail: { criterion: missing.id } })
      return step.data.run.scheme === plan.scheme && step.data.level <= plan.maxLevel
        ? undefined
        : no('scheme-not-published', step, { pointer: '/run/scheme' })
    }
    case 'ResultNotified':
      return publication === 'computed' ? undefined : no('cycle-phase', step)
    case 'AppealFiled':
      if (publication !== 'notified') return no('cycle-phase', step)
      if (appeal === 'pending') return no('appeal-pending', step)
      if (appeal !== 'none') return no('appeal-window-over', step)
      return isLate(step.effectiveAt, step.data.judged.due) ? no('appeal-window-over', step) : undefined
    case 'AppealWaived':
      return publication === 'notified' && appeal === 'none' ? undefined : no('cycle-phase', step)
    case 'AppealDecided':
      if (appeal !== 'pending') return no('appeal-none', step)
      return current.involved.includes(step.data.decidedBy)
        ? no('decider-involved', step, { pointer: '/decidedBy' })
        : undefined
    case 'PublicNoticeStarted': {
      if (publication !== 'notified') return no('cycle-phase', step)
      if (appeal === 'pending') return no('appeal-pending', step)
      if (appeal === 'waived' || appeal === 'dismissed') return undefined
      const { judged } = step.data
      return judged && dateOf(step.effectiveAt) > judged.due ? undefined : no('appeal-window-open', step)
    }
    case 'ObjectionRaised':
      if (publication !== 'notice') return no(publication === 'cleared' ? 'notice-over' : 'notice-not-started', step)
      return isLate(step.effectiveAt, step.data.judged.due) ? no('notice-over', step) : undefined
    case 'ObjectionResolved':
      return current.objections.includes(step.data.of) ? undefined : no('objection-unknown', step, { pointer: '/of' })
    case 'PublicNoticeClosed':
      if (publication !== 'notice') return no('notice-not-started', step)
      if (current.objections.length > 0) return no('objection-open', step)
      return dateOf(step.effectiveAt) > step.data.judged.due ? undefined : no('notice-running', step)
    case 'RatingPublished':
      if (publication !== 'cleared') return no(publication === 'notice' ? 'notice-running' : 'cycle-phase', step)
      if (step.data.cycle !== current.cycle) return no('cycle-phase', step, { pointer: '/cycle' })
      // What is published is what was assessed, notified and shown to the public.
      return sameResult(step.data, current.result) ? undefined : no('result-not-as-noticed', step, { pointer: '/run' })
    default:
      return undefined
  }
}

/** Measures, only by the authority that awarded (S0-4.6f). */
function measure(state: RatingState, step: RatingStep): Refusal | undefined {
  const { published, inspection, ladder } = state
  if (!published) return no('rating-not-published', step)
  if (authorityOf(step) !== published.authority) return no('not-awarding-authority', step)
  switch (step.type) {
    case 'StarWarningIssued':
    case 'OtherMeasureTaken':
      return inspection?.stage === 'confirmed' ? undefined : no('inspection-step-missing', step)
    case 'StarDowngraded': {
      if (ladder.level === 0) return no('measure-not-allowed', step)
      if (step.data.cause === 'TWO_WARNINGS')
        return ladder.streak >= published.plan.warningsToDowngrade ? undefined : no('measure-not-allowed', step)
      return inspection?.stage === 'confirmed' ? undefined : no('inspection-step-missing', step)
    }
    case 'OneVoteVetoApplied': {
      if (!published.plan.veto) return no('measure-not-allowed', step)
      if (!state.plaque) return no('plaque-not-held', step)
      const missing = missingVetoFact(step.data.facts)
      return missing ? no('veto-facts-incomplete', step, { pointer: `/facts/${missing}` }) : undefined
    }
    case 'PlaqueWithdrawn':
      if (!state.plaque) return no('plaque-not-held', step)
      return ladder.level < published.plan.plaqueFrom ? undefined : no('measure-not-allowed', step)
    default:
      return undefined
  }
}

/** The first of the four facts that has no evidence; the last is met by impact or by loss. */
export function missingVetoFact(facts: (typeof vetoFacts)['_output']): string | undefined {
  const shown = (papers: readonly string[] | undefined) => papers !== undefined && papers.length > 0
  for (const name of ['subjectiveFault', 'substantiatedComplaint', 'notActivelyHandled'] as const)
    if (!shown(facts[name])) return name
  return shown(facts.graveSocialImpact) || shown(facts.graveLoss) ? undefined : 'graveSocialImpact'
}

/** The yearly special inspection (S0-4.6a, b, c). */
function inspect(state: RatingState, step: RatingStep): Refusal | undefined {
  const { inspection, published } = state
  const stage = inspection?.stage
  switch (step.type) {
    case 'SpecialInspectionScheduled': {
      if (!published) return no('rating-not-published', step)
      if (!state.plaque) return no('plaque-not-held', step)
      if (inspection) return no('inspection-open', step)
      const next = (state.inspectedYear ?? 0) + published.plan.specialInspectionEveryYears
      return step.data.year < next ? no('inspection-too-early', step, { detail: { next } }) : undefined
    }
    case 'SpecialInspectionCompleted':
      return stage === 'scheduled' ? undefined : no('inspection-none', step)
    case 'NonconformityFound':
      // A finding may also come from elsewhere, between two inspections.
      if (!state.plaque) return no('plaque-not-held', step)
      if (!inspection) return undefined
      return stage === 'inspected' && !inspection.conforming ? undefined : no('inspection-open', step)
    case 'PreliminaryCheckDone':
      return stage === 'found' ? undefined : no('inspection-step-missing', step)
    case 'FindingConfirmed':
      return stage === 'checked' ? undefined : no('inspection-step-missing', step)
    case 'MeasureAnnounced':
      return stage === 'measured' ? undefined : no('inspection-step-missing', step)
    case 'SpecialInspectionClosed':
      if (!inspection) return no('inspection-none', step)
      if (stage === 'announced' || (stage === 'inspected' && inspection.conforming)) return undefined
      return no(stage === 'measured' ? 'measure-unannounced' : 'inspection-step-missing', step)
    default:
      return undefined
  }
}

/** The official re-rating: proposal, notice, reply, decision, supersession. */
function rerate(state: RatingState, step: RatingStep): Refusal | undefined {
  const { published, rerating } = state
  if (!published) return no('rating-not-published', step)
  switch (step.type) {
    case 'AffectedConfirmed':
    case 'AffectedDismissed':
    case 'ReratingProposed':
      if (step.data.award !== published.event) return no('rating-not-published', step, { pointer: '/award' })
      return step.type === 'ReratingProposed' && rerating ? no('rerating-open', step) : undefined
    case 'ReratingNotified':
      if (!rerating) return no('rerating-none', step)
      return rerating.stage === 'proposed' ? undefined : no('rerating-step', step)
    case 'ReratingReplyRecorded':
    case 'ReratingReplyWaived':
      if (!rerating) return no('rerating-none', step)
      return rerating.stage === 'notified' ? undefined : no('rerating-step', step)
    case 'ReratingDecided': {
      if (!rerating) return no('rerating-none', step)
      if (step.data.decidedBy === rerating.proposedBy) return no('same-person', step, { pointer: '/decidedBy' })
      if (rerating.stage === 'heard') return undefined
      if (rerating.stage !== 'notified') return no('rerating-step', step)
      const { judged } = step.data
      return judged && dateOf(step.effectiveAt) > judged.due ? undefined : no('appeal-window-open', step)
    }
    case 'RatingSuperseded':
      if (rerating?.stage !== 'adopted') return no(rerating ? 'rerating-step' : 'rerating-none', step)
      if (authorityOf(step) !== published.authority) return no('not-awarding-authority', step)
      if (step.data.award !== rerating.award) return no('rerating-step', step, { pointer: '/award' })
      return sameResult(step.data, rerating.result) ? undefined : no('result-not-as-noticed', step, { pointer: '/run' })
    default:
      return undefined
  }
}

export function guardRating(state: RatingState, step: RatingStep): Refusal | undefined {
  const { current, published } = state
  switch (step.type) {
    case 'OfficeEnrolled':
      return enrol(state, step)
    case 'PlaqueIssued':
      if (!published) return no('rating-not-published', step)
      if (state.plaque) return no('plaque-held', step)
      if (authorityOf(step) !== published.authority) return no('not-awarding-authority', step)
      if (current?.vetoed) return no('vetoed-this-cycle', step)
      return state.ladder.level >= published.plan.plaqueFrom ? undefined : no('level-too-low', step)
    case 'OfficeCommended':
      if (!published) return no('rating-not-published', step)
      return state.ladder.level >= published.plan.commendationFrom ? undefined : no('level-too-low', step)
    case 'StarWarningIssued':
    case 'StarDowngraded':
    case 'OneVoteVetoApplied':
    case 'OtherMeasureTaken':
    case 'PlaqueWithdrawn':
      return measure(state, step)
    case 'MeasureQuashed': {
      const target = state.measures.find(({ event }) => event === step.data.of)
      if (!target) return no('record-target-unknown', step, { pointer: '/of' })
      return target.quashed ? no('record-target-settled', step, { pointer: '/of' }) : undefined
    }
    case 'SpecialInspectionScheduled':
    case 'SpecialInspectionCompleted':
    case 'NonconformityFound':
    case 'PreliminaryCheckDone':
    case 'FindingConfirmed':
    case 'MeasureAnnounced':
    case 'SpecialInspectionClosed':
      return inspect(state, step)
    case 'AffectedConfirmed':
    case 'AffectedDismissed':
    case 'ReratingProposed':
    case 'ReratingNotified':
    case 'ReratingReplyRecorded':
    case 'ReratingReplyWaived':
    case 'ReratingDecided':
    case 'RatingSuperseded':
      return rerate(state, step)
    default:
      if (!current) return no('cycle-phase', step)
      if (current.vetoed) return no('vetoed-this-cycle', step)
      return cycleStep(current, step)
  }
}
