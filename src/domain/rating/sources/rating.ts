/** Facts of an office's cycles: official scores, surveys of the visit, awards in force, measures. */

import { type RatingStep, ratingEvents } from '../../cycle/rating-events.ts'
import { evolveRating, initialRating, type RatingState } from '../../cycle/rating-state.ts'
import { annulments, type Fact, type FactSource, factOf } from '../facts.ts'
import { hundredths } from '../points.ts'

const idOf = (stream: string) => stream.slice(stream.indexOf('-') + 1)

function factsOf(step: RatingStep, state: RatingState, office: string, more: Parameters<typeof factOf>[4]): Fact[] {
  const { current } = state
  switch (step.type) {
    case 'OfficialScoresRecorded': {
      if (!current) return []
      const { cycle, plan } = current
      return step.data.scores.map(({ criterion, points }) => {
        const data = { cycle, scheme: plan.scheme, criterion, points: hundredths(points) ?? 0 }
        return factOf('score', step, office, data, more)
      })
    }
    case 'SatisfactionSurveyed': {
      const { survey, asked, reached, answered, satisfied } = step.data
      return [factOf('survey', step, office, { survey, asked, reached, answered, satisfied }, more)]
    }
    case 'RatingPublished':
    case 'RatingSuperseded': {
      const { cycle, level, categories, run } = step.data
      const { asOf, effectiveAt } = run
      return [factOf('award', step, office, { cycle, level, categories, scheme: run.scheme, asOf, effectiveAt }, more)]
    }
    case 'AffectedConfirmed':
    case 'AffectedDismissed':
      return [factOf('settled', step, office, { of: step.data.award, asOf: step.data.asOf }, more)]
    case 'ReratingProposed':
      return [factOf('settled', step, office, { of: step.data.award, asOf: step.data.run.asOf }, more)]
    case 'StarWarningIssued':
      return [factOf('measure', step, office, { measure: 'WARNING', taken: 0 }, more)]
    case 'StarDowngraded':
      return [factOf('measure', step, office, { measure: 'DOWNGRADE', taken: step.data.taken }, more)]
    case 'OneVoteVetoApplied':
      return [factOf('measure', step, office, { measure: 'VETO', taken: state.ladder.level }, more)]
    case 'OtherMeasureTaken':
      return [factOf('measure', step, office, { measure: 'OTHER', taken: 0 }, more)]
    default:
      return []
  }
}

/** Steps that change what later facts need to know: the running cycle and the ladder. */
export const ratingSource: FactSource = {
  category: 'rating',
  types: new Set(Object.keys(ratingEvents)),
  kinds: ['score', 'survey', 'award', 'measure', 'settled'],
  offices: (stream) => [idOf(stream)],
  facts: (steps, stream) => {
    const office = idOf(stream)
    const annulled = annulments(steps)
    const facts: Fact[] = []
    let state = initialRating
    for (const one of steps) {
      const step = one as RatingStep
      facts.push(...factsOf(step, state, office, { annulled }))
      state = evolveRating(state, step)
    }
    return facts
  },
}
