/** Staffing (S4-3.2; 基层法律服务所管理办法 7). */
import { z } from 'zod'
import { ruleWords } from '../../catalogue/rating-rules.ts'
import { hundredths, twoDecimals } from '../points.ts'
import { allOrNothing, reaches, rule, standing } from './rule.ts'

/** By the last recorded staffing: at least `workers` (or full-time workers), and at least p % of all with a bachelor's degree. */
export const staffing = rule({
  name: 'staffing',
  source: 'S4-3.2',
  reads: ['staffing'],
  parameters: z.strictObject({
    workers: z.int().min(1).max(10_000),
    fullTimeOnly: z.boolean().default(false),
    bachelorPercent: twoDecimals.max(100).default(0),
  }),
  words: (p) => ruleWords.staffing(p.workers, hundredths(p.bachelorPercent)!),
  evaluate: ({ facts, at, max, parameters: p }) => {
    const recorded = facts.until('staffing', at.bound)
    const standingOnes = recorded.filter((fact) => !fact.overturned)
    const last = standingOnes[standingOnes.length - 1]
    const lines = recorded
      .filter((fact) => fact.overturned)
      .map((fact) => ({
        fact,
        points: 0,
        state: 'overturned' as const,
        reason: ruleWords.staffingResult(fact.workers, fact.fullTime, fact.bachelors),
        from: fact.date,
      }))
    if (!last) return [...lines, { points: -max, state: 'counted', reason: ruleWords.staffingMissing }]
    const enough = (p.fullTimeOnly ? last.fullTime : last.workers) >= p.workers
    const passes = enough && reaches(last.bachelors, last.workers, hundredths(p.bachelorPercent)!)
    const reason = ruleWords.staffingResult(last.workers, last.fullTime, last.bachelors)
    return [
      ...lines,
      { fact: last, points: allOrNothing(passes, max), state: standing(last, at), reason, from: last.date },
    ]
  },
})
