/** Spans in which a remedy against an act runs, or its execution stands. */
import type { Step } from '../event.ts'
import { sortKey } from '../time.ts'
import type { Dispute } from './facts.ts'

/** What a step does to the remedies against an act. */
export type RemedyEffect = 'filed' | 'suspended' | 'ended'

const rank: Readonly<Record<RemedyEffect, number>> = { filed: 0, suspended: 1, ended: 2 }

/**
 * The spans by the act they are about, by the remedy steps' own times: a remedy opens a span, suspending execution turns it into a suspended
 * one, and its end closes it.
 * @param effects by event type
 * @param targetOf the act a step is about
 */
export function disputesOf(
  steps: readonly Step[],
  effects: Readonly<Record<string, RemedyEffect>>,
  targetOf: (step: Step) => string | undefined,
): ReadonlyMap<string, readonly Dispute[]> {
  const found = new Map<string, Dispute[]>()
  const relevant = steps.filter(({ type }) => effects[type] !== undefined)
  relevant.sort(
    (a, b) =>
      sortKey(a.effectiveAt) - sortKey(b.effectiveAt) ||
      rank[effects[a.type]!] - rank[effects[b.type]!] ||
      (a.id < b.id ? -1 : 1),
  )
  for (const step of relevant) {
    const target = targetOf(step)
    if (target === undefined) continue
    const at = sortKey(step.effectiveAt)
    const spans = found.get(target) ?? []
    found.set(target, spans)
    const last = spans.at(-1)
    if (last && last.to === undefined) spans[spans.length - 1] = { ...last, to: at }
    const effect = effects[step.type]!
    if (effect !== 'ended') spans.push({ from: at, suspended: effect === 'suspended' })
  }
  return found
}
