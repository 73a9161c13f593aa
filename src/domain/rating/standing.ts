/** The formal level: the last published award less the measures since. */
import type { FactOf, OfficeFacts } from './facts.ts'
import type { Moment } from './rules/rule.ts'

/** What an office may put on its wall. */
export interface FormalStanding {
  readonly level: number
  /** The award it goes back to. */
  readonly award: FactOf<'award'>
  /** Measures since that stand, in order. */
  readonly measures: readonly FactOf<'measure'>[]
}

/**
 * The formal standing at a moment; nothing where nothing was published. A measure that was quashed
 * on appeal takes nothing.
 */
export function formalStanding(facts: OfficeFacts, at: Moment): FormalStanding | undefined {
  const award = facts.until('award', at.bound).findLast((fact) => !fact.overturned)
  if (!award) return undefined
  // Of one time the award comes first, as facts are ordered.
  const measures = facts.until('measure', at.bound).filter((fact) => !fact.overturned && fact.key >= award.key)
  let level = award.level
  for (const { measure, taken } of measures) {
    if (measure === 'VETO') level = 0
    else level = Math.max(0, level - taken)
  }
  return { level, award, measures }
}
