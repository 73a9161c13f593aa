/** On-time rate of the deadlines the office itself owed (S2-4.4.1, S1-5.3d). */
import { z } from 'zod'
import { ruleWords } from '../../catalogue/rating-rules.ts'
import { sortKey } from '../../time.ts'
import { lapseAfter } from '../dates.ts'
import { hundredths, twoDecimals } from '../points.ts'
import { type Adjustment, allOrNothing, moves, reaches, rule, standing } from './rule.ts'

/**
 * On time ÷ all deadlines that were met or missed in the window (T − n months, T] is at least p %. A miss that a later holiday notice cures, or
 * that was taken back, counts as neither. Too few deadlines: the criterion passes as not judged, or fails.
 */
export const onTimeRate = rule({
  name: 'on-time-rate',
  source: 'S1-5.3d',
  reads: ['deadline'],
  parameters: z.strictObject({
    atLeast: twoDecimals.max(100),
    minimumSample: z.int().min(1).max(1_000_000).default(1),
    months: z.int().min(1).max(120).default(12),
    /** Kinds of clocks that count, as `complaint.handler-report`; those of supervision where absent. */
    clocks: z.array(z.string().min(1)).min(1).optional(),
    tooFew: z.enum(['fails', 'not-judged']).default('not-judged'),
  }),
  words: (p) => ruleWords.onTime(hundredths(p.atLeast)!, p.months),
  evaluate: ({ facts, at, max, parameters: p }) => {
    const lines: Adjustment[] = []
    let [met, all] = [0, 0]
    for (const fact of facts.until('deadline', at.bound)) {
      if (p.clocks ? !p.clocks.includes(fact.clock) : !fact.clock.startsWith('supervision.')) continue
      const until = lapseAfter(fact.date, p.months)
      if (at.date >= until) continue
      if (fact.cured && sortKey(fact.cured.at) <= at.bound) {
        const reason = ruleWords.deadlineCured
        lines.push({ fact, points: 0, state: 'overturned', reason, from: fact.date, until, cause: 'calendar' })
        continue
      }
      const state = standing(fact, at)
      if (!fact.onTime) {
        const reason = state === 'overturned' ? ruleWords.deadlineOverturned : ruleWords.deadlineMissed
        lines.push({ fact, points: 0, state, reason, from: fact.date, until })
      }
      if (!moves(state)) continue
      all++
      if (fact.onTime) met++
    }
    if (all < p.minimumSample) {
      const fails = p.tooFew === 'fails'
      const reason = ruleWords.onTimeTooFew(all, p.minimumSample, fails)
      return [...lines, { points: allOrNothing(!fails, max), state: 'counted', reason }]
    }
    const percent = hundredths(p.atLeast)!
    const passes = reaches(met, all, percent)
    const reason = ruleWords.onTimeResult(met, all, percent, passes)
    return [...lines, { points: allOrNothing(passes, max), state: 'counted', reason }]
  },
})
