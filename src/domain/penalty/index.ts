/** 行政处罚: a statutory penalty case, from filing to the archive (行政处罚法). */
import type { Decider } from '../decider.ts'
import { penaltyActions } from './actions.ts'
import { type PenaltyEvents, penaltyEvents } from './events.ts'
import { evolve } from './evolve.ts'
import { guard } from './guard.ts'
import { initialPenalty, type PenaltyState } from './state.ts'

export const penaltyDecider: Decider<PenaltyState, PenaltyEvents> = {
  category: 'penalty',
  events: penaltyEvents,
  initial: initialPenalty,
  evolve,
  guard,
  actions: penaltyActions,
}

export { type PenaltyActionName, surchargeOwed } from './actions.ts'
export { type PenaltyClockKind, penaltyClockKinds, penaltyClocks, penaltyRightClocks } from './clocks.ts'
export type { PenaltyEvent, PenaltyEvents, PenaltyEventType, PenaltyStep } from './events.ts'
export { penaltyFacts, penaltySource } from './facts.ts'
export { surcharge } from './money.ts'
export { levelOfDivision } from './powers.ts'
export { type PenaltyState, type PenaltyStatus, penaltyStatuses } from './state.ts'
