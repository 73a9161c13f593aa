/** 回访 and 质量评价: the month's plan, the visits, the quality cards, and what they say together (S1-7). */
import type { Clock } from '../clock.ts'
import type { Decider } from '../decider.ts'
import { returnVisitActions } from './actions.ts'
import {
  evolve,
  guard,
  initialReturnVisit,
  type ReturnVisitEvents,
  type ReturnVisitState,
  returnVisitEvents,
} from './visit.ts'

/** A return visit from its assignment to its closing. */
export const returnVisitDecider: Decider<ReturnVisitState, ReturnVisitEvents> = {
  category: 'returnvisit',
  events: returnVisitEvents,
  initial: initialReturnVisit,
  evolve,
  guard,
  actions: returnVisitActions,
}

/** Every clock of the visit. */
export const returnVisitClocks = (state: ReturnVisitState): readonly Clock[] => state.clocks

export type { ReturnVisitActionName } from './actions.ts'
export { type CardState, qualityCardDecider, qualityCardStream } from './card.ts'
export { casesToVisit, type PlanFacts, type PlanState, planSeed, returnPlanDecider, returnPlanStream } from './plan.ts'
export { type Chosen, chooseCases, populationBytes, sampleCases, sampleSize } from './sample.ts'
export {
  cardFigures,
  type SatisfactionFigures,
  type SatisfactionRate,
  satisfactionRate,
  scoreSums,
  sumFigures,
  visitFigures,
} from './satisfaction.ts'
export { isDissatisfied, type ReturnVisitState, type ReturnVisitStep } from './visit.ts'
