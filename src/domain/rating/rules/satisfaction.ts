/** Satisfaction of a named survey kind (S0-4.3, S0-5.1.4, S4-4.4). */
import { z } from 'zod'
import { ruleWords, surveyTerms } from '../../catalogue/rating-rules.ts'
import { term } from '../../catalogue/terms.ts'
import { lapseAfter } from '../dates.ts'
import { hundredths, twoDecimals } from '../points.ts'
import { type Adjustment, allOrNothing, reaches, rule, standing } from './rule.ts'

/**
 * Satisfied ÷ answered of all rounds of that survey in the window (T − n months, T] together is at least p %. Who was not reached or did not
 * answer never counts as satisfied. Below the minimum sample the criterion fails or is not judged, as the scheme says.
 */
export const satisfaction = rule({
  name: 'satisfaction',
  source: 'S0-5.1.4',
  reads: ['survey'],
  parameters: z.strictObject({
    survey: z.string().regex(/^[A-Z][A-Z_]{1,39}$/),
    atLeast: twoDecimals.max(100),
    minimumSample: z.int().min(1).max(1_000_000),
    months: z.int().min(1).max(120).default(12),
    tooSmall: z.enum(['fails', 'not-judged']).default('fails'),
  }),
  words: (p) => ruleWords.satisfaction(term(surveyTerms, p.survey), hundredths(p.atLeast)!, p.minimumSample),
  evaluate: ({ facts, at, max, parameters: p }) => {
    const lines: Adjustment[] = []
    let [answered, satisfied] = [0, 0]
    for (const fact of facts.until('survey', at.bound)) {
      if (fact.survey !== p.survey) continue
      const until = lapseAfter(fact.date, p.months)
      const state = fact.overturned ? 'overturned' : at.date >= until ? 'expired' : standing(fact, at)
      const reason = ruleWords.surveyRound(fact.asked, fact.reached, fact.answered, fact.satisfied)
      lines.push({ fact, points: 0, state, reason, from: fact.date, until })
      if (state === 'overturned' || state === 'expired' || state === 'suspended') continue
      answered += fact.answered
      satisfied += fact.satisfied
    }
    if (answered < p.minimumSample) {
      const fails = p.tooSmall === 'fails'
      const reason = ruleWords.sampleTooSmall(answered, p.minimumSample, fails)
      return [...lines, { points: allOrNothing(!fails, max), state: 'counted', reason }]
    }
    const percent = hundredths(p.atLeast)!
    const met = reaches(satisfied, answered, percent)
    const reason = ruleWords.satisfactionResult(satisfied, answered, percent, met)
    return [...lines, { points: allOrNothing(met, max), state: 'counted', reason }]
  },
})
