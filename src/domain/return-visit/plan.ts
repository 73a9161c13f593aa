/**
 * 回访计划: the month's return visits (S1-7.2), one stream an organisation and month (`returnplan-<organisation>.<month>`). The seed is made of the
 * population itself, so that nobody chooses it and anybody can draw again; the event keeps what the draw was made from.
 */
import { z } from 'zod'
import { identifier, reason, subjectId } from '../complaint/fields.ts'
import { type AnyAction, accepted, action, type Decider, type Refusal, refusal, refused } from '../decider.ts'
import type { EventMap, NewEventOf, StepOf } from '../event.ts'
import { defaultPractice, LOWEST_RATE, type PracticeInForce } from '../practice.ts'
import { dateOf, type EffectiveTime } from '../time.ts'
import { month, sha256 } from './fields.ts'
import { type Chosen, chooseCases, sampleSize } from './sample.ts'

/** Ids that one event holds at most; more stand in further events of the same append. */
export const CHOSEN_PER_EVENT = 500

const chosen = z.array(z.strictObject({ case: identifier, ground: z.enum(['sample', 'substantiated']) }))
const event = <Schema extends z.ZodType>(rule: string, data: Schema) => ({ version: 1, rule, data }) as const

export const planEvents = {
  ReturnVisitPlanned: event(
    'S1-7.2',
    z.strictObject({
      month,
      seed: z.string().min(1).max(300),
      /** Percent of the population, rounded up. */
      percent: z.int().min(1).max(100),
      policy: z.string().min(1).max(100),
      /** Cases closed in the month: how many, and the SHA-256 of their ids. */
      population: z.strictObject({ count: z.int().min(0), digest: sha256 }),
      substantiated: z.int().min(0),
      /** The index and moment the population was read at. */
      asOf: z.int().min(-1),
      chosenCount: z.int().min(0),
      chosen: chosen.max(CHOSEN_PER_EVENT),
    }),
  ),
  /** The rest of a large plan. */
  MoreVisitsPlanned: event('S1-7.2', z.strictObject({ chosen: chosen.min(1).max(CHOSEN_PER_EVENT) })),
  /** A case of the plan that is not visited after all. */
  PlannedVisitDropped: event('S1-7.2', z.strictObject({ subject: subjectId, case: identifier, reason })),
} as const satisfies EventMap

export type PlanEvents = typeof planEvents
type PlanStep = StepOf<PlanEvents>
type PlanEvent = NewEventOf<PlanEvents>

export interface PlanState {
  readonly month?: string | undefined
  readonly seed?: string | undefined
  readonly percent?: number | undefined
  readonly population: number
  readonly chosenCount: number
  readonly plannedAt?: EffectiveTime | undefined
  readonly chosen: readonly Chosen[]
  readonly dropped: readonly string[]
}
const initial: PlanState = { population: 0, chosenCount: 0, chosen: [], dropped: [] }

function evolve(state: PlanState, step: PlanStep): PlanState {
  switch (step.type) {
    case 'ReturnVisitPlanned': {
      const { month, seed, percent, population, chosenCount, chosen } = step.data
      const plannedAt = step.effectiveAt
      return { ...initial, month, seed, percent, population: population.count, chosenCount, chosen, plannedAt }
    }
    case 'MoreVisitsPlanned':
      return { ...state, chosen: [...state.chosen, ...step.data.chosen] }
    case 'PlannedVisitDropped':
      return { ...state, dropped: [...state.dropped, step.data.case] }
    default:
      return state
  }
}

function repeats(known: readonly Chosen[], more: readonly Chosen[]): Refusal | undefined {
  const ids = [...known, ...more].map((each) => each.case)
  return new Set(ids).size === ids.length ? undefined : refusal('visit-planned-twice', 'S1-7.2', { pointer: '/chosen' })
}

function guard(state: PlanState, step: PlanStep): Refusal | undefined {
  if (step.type === 'ReturnVisitPlanned') {
    if (state.month !== undefined)
      return refusal('visits-already-planned', 'S1-7.2', { pointer: '/month', detail: { month: state.month } })
    const { month, percent, population, chosenCount, chosen } = step.data
    // What is closed later in the month could not be drawn any more.
    if (month >= dateOf(step.effectiveAt).slice(0, 7))
      return refusal('plan-month-not-over', 'S1-7.2', { pointer: '/month' })
    if (percent < LOWEST_RATE)
      return refusal('sample-rate-too-low', 'S1-7.2', { pointer: '/percent', detail: { least: LOWEST_RATE } })
    const least = sampleSize(population.count, percent)
    if (chosenCount < least || chosen.length > chosenCount)
      return refusal('sample-too-small', 'S1-7.2', { pointer: '/chosen', detail: { least, chosen: chosenCount } })
    return repeats([], chosen)
  }
  if (state.month === undefined) return refusal('visits-not-planned', 'S1-7.2')
  if (step.type === 'MoreVisitsPlanned') {
    const count = state.chosen.length + step.data.chosen.length
    if (count > state.chosenCount)
      return refusal('sample-too-small', 'S1-7.2', { pointer: '/chosen', detail: { chosen: state.chosenCount } })
    return repeats(state.chosen, step.data.chosen)
  }
  const planned = state.chosen.some((each) => each.case === step.data.case)
  if (!planned || state.dropped.includes(step.data.case))
    return refusal('visit-not-planned', 'S1-7.2', { pointer: '/case' })
  return undefined
}

/** What the application looks up to plan a month: ids of the cases closed in it, the substantiated ones among complaints, and where it read them. */
export interface PlanFacts {
  readonly closed: readonly string[]
  readonly substantiated: readonly string[]
  /** SHA-256, lower-case hex, of `populationBytes(closed)`. */
  readonly digest: string
  /** Index it was read at; −1 in an empty log. */
  readonly asOf: number
  readonly practice?: PracticeInForce
}

/** The seed of a draw: made of what is drawn from, so that it is nobody's choice. */
export const planSeed = (organisation: string, month: string, digest: string): string =>
  `${organisation}/${month}/${digest}`

type PlanAction = AnyAction<PlanState, PlanEvent>
const planBody = z.strictObject({ month })
const plan = action<PlanState, PlanEvent, typeof planBody>({
  rule: 'S1-7.2',
  creates: true,
  body: planBody,
  when: (state) => (state.month === undefined ? undefined : refusal('visits-already-planned', 'S1-7.2')),
  decide(body, _, context) {
    const facts = context.facts?.plan as PlanFacts | undefined
    if (!facts) return refused('facts-missing', 'S1-7.2', { detail: { facts: 'plan' } })
    const { policy, practice } = facts.practice ?? { policy: 'practice@0', practice: defaultPractice }
    const percent = Math.max(LOWEST_RATE, practice.samplePercent)
    const seed = planSeed(context.organisation, body.month, facts.digest)
    const all = chooseCases(seed, percent, facts.closed, facts.substantiated)
    const rest: PlanEvent[] = []
    for (let from = CHOSEN_PER_EVENT; from < all.length; from += CHOSEN_PER_EVENT)
      rest.push({ type: 'MoreVisitsPlanned', data: { chosen: all.slice(from, from + CHOSEN_PER_EVENT) } })
    const data = {
      ...{ month: body.month, seed, percent, policy },
      population: { count: new Set(facts.closed).size, digest: facts.digest },
      substantiated: new Set(facts.substantiated).size,
      asOf: facts.asOf,
      chosenCount: all.length,
      chosen: all.slice(0, CHOSEN_PER_EVENT),
    }
    return accepted<PlanEvent>({ type: 'ReturnVisitPlanned', data, basis: { policy } }, ...rest)
  },
})

const dropBody = z.strictObject({ case: identifier, reason })
const drop = action<PlanState, PlanEvent, typeof dropBody>({
  rule: 'S1-7.2',
  body: dropBody,
  when: (state) => (state.month === undefined ? refusal('visits-not-planned', 'S1-7.2') : undefined),
  decide: (body, _, context) =>
    accepted<PlanEvent>({ type: 'PlannedVisitDropped', data: { subject: context.newId('subject'), ...body } }),
})

export const planActions = { plan, drop } as const satisfies Readonly<Record<string, PlanAction>>

/** The month's plan of return visits. */
export const returnPlanDecider: Decider<PlanState, PlanEvents> = {
  category: 'returnplan',
  events: planEvents,
  initial,
  evolve,
  guard,
  actions: planActions,
}

/** The stream of an organisation's month. */
export const returnPlanStream = (organisation: string, month: string): string => `returnplan-${organisation}.${month}`

/** What is visited: the cases of the plan that were not dropped. */
export const casesToVisit = (state: PlanState): readonly Chosen[] =>
  state.chosen.filter((each) => !state.dropped.includes(each.case))
