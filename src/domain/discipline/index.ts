/** 行业惩戒: the mixed committee of court, police and justice (S4-4.5a). */
import type { Decider } from '../decider.ts'
import { disciplineActions } from './actions.ts'
import { type DisciplineEvents, disciplineEvents } from './events.ts'
import { evolve } from './evolve.ts'
import { guard } from './guard.ts'
import { type DisciplineState, initialDiscipline } from './state.ts'

export const disciplineDecider: Decider<DisciplineState, DisciplineEvents> = {
  category: 'discipline',
  events: disciplineEvents,
  initial: initialDiscipline,
  evolve,
  guard,
  actions: disciplineActions,
}

export { type DisciplineActionName, disciplineClockKinds, disciplineClocks } from './actions.ts'
export type { DisciplineEvent, DisciplineEvents, DisciplineEventType, DisciplineStep } from './events.ts'
export { disciplineSource } from './facts.ts'
export { type DisciplineState, type DisciplineStatus, disciplineStatuses } from './state.ts'
