/** Adds the recording of missed deadlines to a category with clocks: the event, its guard, what the state keeps of it, the sweeper's action. */
import type { Clock } from './clock.ts'
import {
  type DeadlineMissedData,
  deadlineMissed,
  decideMiss,
  judgeMiss,
  type Miss,
  withMiss,
} from './deadline-missed.ts'
import { action, type Decider, type Decision } from './decider.ts'
import type { EventMap, NewEventOf, StepOf } from './event.ts'

type MissEvents = { readonly DeadlineMissed: typeof deadlineMissed }
/** A state that keeps its misses. */
export type WithMisses<State> = State & { readonly misses?: readonly Miss[] }

/**
 * The same decider, which also records misses. No other step changes; the new one changes nothing else.
 * @param clocksOf the clocks of a state
 */
export function withMisses<State extends object, Events extends EventMap>(
  decider: Decider<State, Events>,
  clocksOf: (state: State) => readonly Clock[],
): Decider<WithMisses<State>, Events & MissEvents> {
  type Wide = WithMisses<State>
  type WideStep = StepOf<Events & MissEvents>
  const isMiss = (step: { readonly type: string }): boolean => step.type === 'DeadlineMissed'
  const missesOf = (state: Wide): readonly Miss[] => state.misses ?? []
  const recordMiss = action<Wide, NewEventOf<Events & MissEvents>, typeof deadlineMissed.data>({
    rule: deadlineMissed.rule,
    body: deadlineMissed.data,
    decide: (body, state, context) =>
      decideMiss(body, clocksOf(state), missesOf(state), context) as Decision<NewEventOf<Events & MissEvents>>,
  })
  return {
    category: decider.category,
    events: { ...decider.events, DeadlineMissed: deadlineMissed },
    initial: decider.initial,
    evolve(state, step) {
      if (isMiss(step)) return { ...state, misses: withMiss(missesOf(state), step.data as DeadlineMissedData) }
      const next = decider.evolve(state, step as unknown as StepOf<Events>)
      return state.misses === undefined ? next : { ...next, misses: state.misses }
    },
    guard(state, step: WideStep) {
      if (isMiss(step)) return judgeMiss(step.data as DeadlineMissedData, clocksOf(state), missesOf(state))
      return decider.guard(state, step as unknown as StepOf<Events>)
    },
    actions: { ...decider.actions, recordMiss } as Decider<Wide, Events & MissEvents>['actions'],
  }
}
