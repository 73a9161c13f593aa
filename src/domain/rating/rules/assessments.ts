/** Annual assessment passed n years running (S0-5.3.5). */
import { z } from 'zod'
import { ruleWords } from '../../catalogue/rating-rules.ts'
import type { FactOf } from '../facts.ts'
import { type Adjustment, moves, rule, standing } from './rule.ts'

/**
 * The n latest years that are due, each QUALIFIED. A year is due once it has been assessed, or once `dueBy` of the following year is over;
 * a due year without a result that stands fails. Of several results for a year the last one in time holds.
 */
export const assessmentsPassed = rule({
  name: 'assessments-passed',
  source: 'S0-5.3.5',
  reads: ['assessment'],
  parameters: z.strictObject({
    years: z.int().min(1).max(20),
    /** Last day, in the following year, by which a year must have been assessed: `MM-DD`. */
    dueBy: z
      .string()
      .regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/)
      .default('06-30'),
    disputed: z.enum(['counts', 'does-not-count']).default('counts'),
  }),
  words: (p) => ruleWords.assessments(p.years),
  evaluate: ({ facts, at, max, parameters: p }) => {
    const results = new Map<number, FactOf<'assessment'>>()
    const overturned: FactOf<'assessment'>[] = []
    const running = Number(at.date.slice(0, 4))
    let latest = at.date.slice(5) > p.dueBy ? running - 1 : running - 2
    for (const fact of facts.until('assessment', at.bound)) {
      if (fact.overturned) overturned.push(fact)
      else {
        results.set(fact.year, fact)
        latest = Math.max(latest, fact.year)
      }
    }
    const lines: Adjustment[] = []
    for (const fact of overturned) {
      if (fact.year <= latest - p.years || fact.year > latest) continue
      const words = fact.grade === 'QUALIFIED' ? ruleWords.assessmentPassed : ruleWords.assessmentFailed
      lines.push({ fact, points: 0, state: 'overturned', reason: words(fact.year), from: fact.date })
    }
    for (let year = latest - p.years + 1; year <= latest; year++) {
      const fact = results.get(year)
      if (!fact) lines.push({ points: -max, state: 'counted', reason: ruleWords.assessmentMissing(year) })
      else {
        const passed = fact.grade === 'QUALIFIED'
        const state = standing(fact, at)
        lines.push({
          fact,
          points: !passed && moves(state, p.disputed) ? -max : 0,
          state,
          reason: passed ? ruleWords.assessmentPassed(year) : ruleWords.assessmentFailed(year),
          from: fact.date,
        })
      }
    }
    return lines
  },
})
