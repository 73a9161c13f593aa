/**
 * Satisfaction: always the four numbers together. Whoever was not reached, or did not answer, is in no numerator; and a rate names what it
 * is a share of.
 */
import type { CardState } from './card.ts'
import { type Dimension, dimensions, isAnswer, type Scores } from './fields.ts'
import type { ReturnVisitState } from './visit.ts'

/** asked ≥ reached ≥ answered ≥ satisfied. */
export interface SatisfactionFigures {
  readonly asked: number
  readonly reached: number
  readonly answered: number
  readonly satisfied: number
}

/** Nobody asked. */
export const noFigures: SatisfactionFigures = { asked: 0, reached: 0, answered: 0, satisfied: 0 }

export const addFigures = (a: SatisfactionFigures, b: SatisfactionFigures): SatisfactionFigures => ({
  asked: a.asked + b.asked,
  reached: a.reached + b.reached,
  answered: a.answered + b.answered,
  satisfied: a.satisfied + b.satisfied,
})

type Visited = Pick<ReturnVisitState, 'attempts' | 'reached' | 'outcome' | 'satisfied'>

/** One visit's part: a visit nobody has attempted yet has asked nobody. */
export function visitFigures({ attempts, reached, outcome, satisfied }: Visited): SatisfactionFigures {
  if (attempts === 0) return noFigures
  const answered = reached && outcome !== undefined && isAnswer(outcome)
  return {
    asked: 1,
    reached: Number(reached),
    answered: Number(answered),
    satisfied: Number(answered && satisfied === true),
  }
}

/** One card's part: whoever returns it was reached and has answered. */
export function cardFigures({ status, satisfied }: Pick<CardState, 'status' | 'satisfied'>): SatisfactionFigures {
  if (status === 'none') return noFigures
  const answered = Number(status === 'returned')
  return { asked: 1, reached: answered, answered, satisfied: Number(status === 'returned' && satisfied === true) }
}

/** The figures of many visits, or of many cards. */
export const sumFigures = (parts: Iterable<SatisfactionFigures>): SatisfactionFigures => {
  let total = noFigures
  for (const part of parts) total = addFigures(total, part)
  return total
}

/** A share with what it is a share of; `rate` is null where nobody is in the denominator. */
export interface SatisfactionRate extends SatisfactionFigures {
  readonly of: 'asked' | 'reached' | 'answered'
  readonly rate: number | null
}

/** Satisfied among those asked, reached or answered: the caller says which, and the answer repeats it with all four numbers. */
export const satisfactionRate = (figures: SatisfactionFigures, of: SatisfactionRate['of']): SatisfactionRate => ({
  ...figures,
  of,
  rate: figures[of] === 0 ? null : figures.satisfied / figures[of],
})

/** Points given in each dimension and by how many; the mean is points ÷ answers. */
export function scoreSums(given: Iterable<Scores>): Record<Dimension, { points: number; answers: number }> {
  const sums = Object.fromEntries(dimensions.map((name) => [name, { points: 0, answers: 0 }])) as Record<
    Dimension,
    { points: number; answers: number }
  >
  for (const scores of given)
    for (const name of dimensions) {
      sums[name].points += scores[name]
      sums[name].answers += 1
    }
  return sums
}
