/**
 * The evaluation cycle as a whole (S0-4): opened, closed, its results announced. Stream `cycle-<id>`. What happens to one office of it stands
 * in that office's own stream, so that an objection holds one office while the others proceed.
 */
import { z } from 'zod'
import { accepted, action, type Decider, type Refusal, refusal } from '../decider.ts'
import type { NewEventOf, StepOf } from '../event.ts'
import type { OfficeView } from '../registry/office.ts'
import { type CivilDate, dateOf } from '../time.ts'
import { type CyclePlan, document, planSchema } from './plan.ts'

export const cycleEvents = {
  CycleOpened: {
    version: 1,
    rule: 'S0-4.2a S0-4.5b',
    data: z.strictObject({
      name: z.string().trim().min(1).max(120),
      year: z.int().min(2000).max(2200),
      plan: planSchema,
    }),
  },
  /** The overall results told through the media (S0-4.5a). */
  ResultsAnnounced: {
    version: 1,
    rule: 'S0-4.5a',
    data: z.strictObject({ channels: z.array(z.string().trim().min(1).max(100)).min(1).max(20), document }),
  },
  CycleClosed: { version: 1, rule: 'S0-4.5b', data: z.strictObject({ document: document.optional() }) },
} as const
type Events = typeof cycleEvents
type New = NewEventOf<Events>

export interface CycleState {
  readonly plan?: CyclePlan
  readonly name?: string
  readonly year?: number
  readonly announced: boolean
  readonly closed: boolean
}

export const cycleDecider: Decider<CycleState, Events> = {
  category: 'cycle',
  events: cycleEvents,
  initial: { announced: false, closed: false },
  evolve(state, step) {
    if (step.type === 'CycleOpened') return { ...state, ...step.data }
    if (step.type === 'ResultsAnnounced') return { ...state, announced: true }
    return { ...state, closed: true }
  },
  guard(state, step: StepOf<Events>): Refusal | undefined {
    if (step.type === 'CycleOpened') return state.plan ? refusal('cycle-phase', 'S0-4.5b') : undefined
    if (!state.plan) return refusal('cycle-phase', 'S0-4.2a')
    if (state.closed) return refusal('cycle-closed', 'S0-4.5b')
    if (step.type === 'CycleClosed' && !state.announced) return refusal('cycle-phase', 'S0-4.5a')
    return undefined
  },
  actions: {
    open: action<CycleState, New, typeof cycleEvents.CycleOpened.data>({
      rule: 'S0-4.2a',
      creates: true,
      body: cycleEvents.CycleOpened.data,
      decide: (body) =>
        accepted({ type: 'CycleOpened', data: body, basis: { scheme: body.plan.scheme, rule: 'S0-4.2a' } }),
    }),
    announce: action<CycleState, New, typeof cycleEvents.ResultsAnnounced.data>({
      rule: 'S0-4.5a',
      body: cycleEvents.ResultsAnnounced.data,
      when: (state) => (state.closed ? refusal('cycle-closed', 'S0-4.5b') : undefined),
      decide: (body) => accepted({ type: 'ResultsAnnounced', data: body }),
    }),
    close: action<CycleState, New, typeof cycleEvents.CycleClosed.data>({
      rule: 'S0-4.5b',
      body: cycleEvents.CycleClosed.data,
      when: (state) =>
        state.closed
          ? refusal('cycle-closed', 'S0-4.5b')
          : state.announced
            ? undefined
            : refusal('cycle-phase', 'S0-4.5a'),
      decide: (body) => accepted({ type: 'CycleClosed', data: body }),
    }),
  },
}

/**
 * Rules of opening and enrolling that look beyond the stream, for the command path to ask with what it has looked up.
 * @param previous the day the organisation's last cycle opened, where there was one
 */
export function mayOpen(plan: CyclePlan, year: number, previous: CivilDate | undefined): Refusal | undefined {
  if (previous === undefined) return undefined
  const due = Number(previous.slice(0, 4)) + plan.everyYears
  return year < due ? refusal('cycle-not-due', 'S0-4.5b', { pointer: '/year', detail: { due } }) : undefined
}

/** Only an active registered grassroots legal service office takes part (S0-2.1), in an open cycle, on that cycle's plan. */
export function mayEnrol(
  office: OfficeView | undefined,
  cycle: CycleState,
  given: CyclePlan,
  at: string,
): Refusal | undefined {
  if (!office?.active || office.kind !== 'legal-service-office')
    return refusal('cycle-office-not-eligible', 'S0-2.1', { pointer: '/office' })
  if (!cycle.plan) return refusal('cycle-phase', 'S0-4.2a', { pointer: '/cycle' })
  if (cycle.closed) return refusal('cycle-closed', 'S0-4.5b', { pointer: '/cycle' })
  if (JSON.stringify(planSchema.parse(given)) !== JSON.stringify(planSchema.parse(cycle.plan)))
    return refusal('cycle-phase', 'S0-4.2a', { pointer: '/plan' })
  if (dateOf(at) >= cycle.plan.inspectionFrom) return refusal('cycle-phase', 'S0-4.3', { pointer: '/cycle' })
  return undefined
}
