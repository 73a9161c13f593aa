/**
 * Facts of the registry: ordered by (own effective time, type rank, event id) and bounded by their own time alone, so that the
 * order of recording cannot change what held at a date.
 */
import { boundMs, type EffectiveTime, isEarlier, sortKey } from '../time.ts'

/** One fact. `rank` orders different kinds at the same moment. */
export interface Fact {
  /** Id of the step it stands in. */
  readonly id: string
  readonly at: EffectiveTime
  readonly rank: number
}

const compare = (a: Fact, b: Fact): number =>
  sortKey(a.at) - sortKey(b.at) || a.rank - b.rank || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** The facts with one more, in order. */
export function withFact<F extends Fact>(facts: readonly F[], fact: F): readonly F[] {
  let place = facts.length
  while (place > 0 && compare(facts[place - 1]!, fact) > 0) place--
  return [...facts.slice(0, place), fact, ...facts.slice(place)]
}

/** The facts that had happened by a bound (a date includes its whole day). */
export function factsUntil<F extends Fact>(facts: readonly F[], bound: EffectiveTime): readonly F[] {
  const limit = boundMs(bound)
  return facts.filter((fact) => sortKey(fact.at) <= limit)
}

/** A fact that is certainly later than a time, if any. */
export const laterThan = <F extends Fact>(facts: readonly F[], at: EffectiveTime): F | undefined =>
  facts.find((fact) => isEarlier(at, fact.at))
