/** What a derived rule is: a named, pure function from facts to adjustments of a criterion's points. */
import type { z } from 'zod'
import type { CivilDate } from '../../time.ts'
import { lapseAfter } from '../dates.ts'
import type { Fact, FactKind, FactOf, OfficeFacts } from '../facts.ts'
import type { Hundredths } from '../points.ts'

/** How a line stands: only `counted` and `disputed` lines move points. */
export type LineState = 'counted' | 'disputed' | 'suspended' | 'overturned' | 'expired'

/** The moment a rating looks at. */
export interface Moment {
  /** Last millisecond that had happened. */
  readonly bound: number
  /** The Shanghai day of it. */
  readonly date: CivilDate
}

/** One line a rule asks for. The ledger clips it, so that a criterion stays between 0 and its maximum. */
export interface Adjustment {
  /** The fact it rests on; absent where it is the lack of one. */
  readonly fact?: Fact
  /** Negative for what costs, positive for a merit, 0 for what is only shown. */
  readonly points: Hundredths
  readonly state: LineState
  /** In words. */
  readonly reason: string
  readonly from?: CivilDate
  /** The first day it no longer counts. */
  readonly until?: CivilDate
  /** The next day on which it certainly changes by the passing of time alone; what {@link nextChange} tries. */
  readonly changes?: CivilDate
  /** Why it does not count, where a later holiday notice is the reason. */
  readonly cause?: 'calendar'
}

export interface RuleInput<Parameters> {
  readonly facts: OfficeFacts
  readonly at: Moment
  /** The most the criterion can give. */
  readonly max: Hundredths
  readonly parameters: Parameters
}

export interface Rule<Parameters> {
  /** Stable name; schemes refer to it. */
  readonly name: string
  /** Rule ids and law it puts into practice. */
  readonly source: string
  /** The kinds of facts it looks at, whatever its parameters. */
  readonly reads: readonly FactKind[]
  readonly parameters: z.ZodType<Parameters>
  /** The rule in one Chinese sentence. */
  readonly words: (parameters: Parameters) => string
  readonly evaluate: (input: RuleInput<Parameters>) => Adjustment[]
}

/** A rule of unknown parameters, as the registry holds it; `schemes` parse parameters before they reach it. */
export type AnyRule = Rule<never>

/** Declares a rule with its parameters inferred from the schema. */
export function rule<Schema extends z.ZodType>(definition: {
  name: string
  source: string
  reads: readonly FactKind[]
  parameters: Schema
  words: (parameters: z.output<Schema>) => string
  evaluate: (input: RuleInput<z.output<Schema>>) => Adjustment[]
}): AnyRule {
  return definition as unknown as AnyRule
}

/** How disputed lines are treated: 行政处罚法 73 lets them count; a scheme may say otherwise. */
export type DisputedPolicy = 'counts' | 'does-not-count'

/** How a fact stands at a moment, time windows apart. An overturned fact is so at every moment. */
export function standing(fact: Fact, at: Moment): Exclude<LineState, 'expired'> {
  if (fact.overturned || (fact.replacedFrom !== undefined && fact.replacedFrom <= at.bound)) return 'overturned'
  let disputed = false
  for (const dispute of fact.disputes ?? []) {
    if (dispute.from > at.bound || (dispute.to !== undefined && dispute.to <= at.bound)) continue
    if (dispute.suspended) return 'suspended'
    disputed = true
  }
  return disputed ? 'disputed' : 'counted'
}

/** Whether lines of that state move points. */
export const moves = (state: LineState, disputed: DisputedPolicy = 'counts'): boolean =>
  state === 'counted' || (state === 'disputed' && disputed === 'counts')

/**
 * The adjustment of a fact that counts in the window (T − `months`, T] and costs (or earns) `points` there.
 */
export function windowed(
  fact: Fact,
  at: Moment,
  months: number,
  points: Hundredths,
  reason: string,
  disputed: DisputedPolicy = 'counts',
): Adjustment {
  const until = lapseAfter(fact.date, months)
  const stands = standing(fact, at)
  const state = stands !== 'overturned' && at.date >= until ? 'expired' : stands
  return {
    fact,
    points: moves(state, disputed) ? points : 0,
    state,
    reason,
    from: fact.date,
    until,
    ...(state === 'expired' || state === 'overturned' ? {} : { changes: until }),
  }
}

/** The facts that mend others, by the event they mend: the earliest that stands. */
export function mended(facts: OfficeFacts, at: Moment): ReadonlyMap<string, FactOf<'rectified'>> {
  const found = new Map<string, FactOf<'rectified'>>()
  for (const fact of facts.until('rectified', at.bound))
    if (!fact.overturned && !found.has(fact.of)) found.set(fact.of, fact)
  return found
}

/** All of a criterion's points lost, or none: what a rule of yes or no costs. */
export const allOrNothing = (passes: boolean, max: Hundredths): Hundredths => (passes ? 0 : -max)

/** Whether `part` ÷ `whole` reaches a percentage of two decimals, without division. */
export const reaches = (part: number, whole: number, percent: Hundredths): boolean => part * 10_000 >= percent * whole
