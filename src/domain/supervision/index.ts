/** 督查督办: an item that the office sees through to an answer, from its opening to its closing (S1-5). */
import type { Clock } from '../clock.ts'
import type { Decider } from '../decider.ts'
import { supervisionActions } from './actions.ts'
import { type SupervisionEvents, supervisionEvents } from './events.ts'
import { evolve } from './evolve.ts'
import { guard } from './guard.ts'
import { initialSupervision, type SupervisionState } from './state.ts'

export const supervisionDecider: Decider<SupervisionState, SupervisionEvents> = {
  category: 'supervision',
  events: supervisionEvents,
  initial: initialSupervision,
  evolve,
  guard,
  actions: supervisionActions,
}

/** Every clock of the item, ended ones too. */
export const supervisionClocks = (state: SupervisionState): readonly Clock[] => state.clocks

/** Organisations charged with the item besides its owner: what rights look at, for as long as a task is theirs. */
export const chargedUnits = (state: SupervisionState): readonly string[] => [
  ...new Set(state.tasks.filter((task) => task.status !== 'cancelled').map(({ unit }) => unit)),
]

export type { SupervisionActionName } from './actions.ts'
export { type SupervisionClockKind, supervisionClockKinds } from './clocks.ts'
export {
  type SupervisionEvent,
  type SupervisionEvents,
  type SupervisionEventType,
  type SupervisionStep,
  supervisionEvents,
} from './events.ts'
export { routeFor } from './guard.ts'
export { levelReached, type SupervisionState, type SupervisionStatus, supervisionStatuses } from './state.ts'
