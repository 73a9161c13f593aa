/** Monthly duties: group study (S0-5.2.2) and submissions (S4-5.3b). Months before the office was registered owe nothing. */
import { z } from 'zod'
import { ruleWords } from '../../catalogue/rating-rules.ts'
import { completeMonths, type Month } from '../dates.ts'
import type { OfficeFacts } from '../facts.ts'
import { hundredths, twoDecimals } from '../points.ts'
import { type Adjustment, type Moment, moves, rule, standing } from './rule.ts'

/** The complete months before the moment that the office existed for from their first day on. */
function owedMonths(facts: OfficeFacts, at: Moment, count: number): Month[] {
  const first = facts.until('registration', at.bound).find((fact) => fact.active)
  return completeMonths(at.date, count).filter((month) => !first || first.date <= `${month}-01`)
}

/** At least `perMonth` recorded group studies in each of the last n complete months; each month short costs `perMiss`. */
export const monthlyStudy = rule({
  name: 'monthly-study',
  source: 'S0-5.2.2',
  reads: ['study', 'registration'],
  parameters: z.strictObject({
    perMonth: z.int().min(1).max(31).default(1),
    months: z.int().min(1).max(60).default(12),
    perMiss: twoDecimals,
  }),
  words: (p) => ruleWords.study(p.perMonth, p.months),
  evaluate: ({ facts, at, parameters: p }) => {
    const months = owedMonths(facts, at, p.months)
    const held = new Map<Month, number>()
    const lines: Adjustment[] = []
    for (const fact of facts.until('study', at.bound)) {
      if (!months.includes(fact.month)) continue
      const state = standing(fact, at)
      if (moves(state)) held.set(fact.month, (held.get(fact.month) ?? 0) + 1)
      else lines.push({ fact, points: 0, state, reason: ruleWords.study(p.perMonth, p.months), from: fact.date })
    }
    const short = months.filter((month) => (held.get(month) ?? 0) < p.perMonth)
    for (const month of short)
      lines.push({
        points: -hundredths(p.perMiss)!,
        state: 'counted',
        reason: ruleWords.studyShort(month, held.get(month) ?? 0, p.perMonth),
        from: `${month}-01`,
      })
    if (short.length === 0) lines.push({ points: 0, state: 'counted', reason: ruleWords.monthlyMet(months.length) })
    return lines
  },
})

/** At least `news` items and `typicalCases` in each of the last n complete months; each month short costs `perMiss`. */
export const monthlySubmissions = rule({
  name: 'monthly-submissions',
  source: 'S4-5.3b',
  reads: ['submissions', 'registration'],
  parameters: z.strictObject({
    news: z.int().min(0).max(1000),
    typicalCases: z.int().min(0).max(1000),
    months: z.int().min(1).max(60).default(12),
    perMiss: twoDecimals,
  }),
  words: (p) => ruleWords.submissions(p.news, p.typicalCases, p.months),
  evaluate: ({ facts, at, parameters: p }) => {
    const months = owedMonths(facts, at, p.months)
    const sent = new Map<Month, { news: number; typicalCases: number }>()
    const lines: Adjustment[] = []
    for (const fact of facts.until('submissions', at.bound)) {
      if (!months.includes(fact.month)) continue
      const state = standing(fact, at)
      if (moves(state)) {
        const sum = sent.get(fact.month) ?? { news: 0, typicalCases: 0 }
        sent.set(fact.month, { news: sum.news + fact.news, typicalCases: sum.typicalCases + fact.typicalCases })
      } else {
        const reason = ruleWords.submissions(p.news, p.typicalCases, p.months)
        lines.push({ fact, points: 0, state, reason, from: fact.date })
      }
    }
    let short = 0
    for (const month of months) {
      const { news, typicalCases } = sent.get(month) ?? { news: 0, typicalCases: 0 }
      if (news >= p.news && typicalCases >= p.typicalCases) continue
      short++
      lines.push({
        points: -hundredths(p.perMiss)!,
        state: 'counted',
        reason: ruleWords.submissionsShort(month, news, typicalCases),
        from: `${month}-01`,
      })
    }
    if (short === 0) lines.push({ points: 0, state: 'counted', reason: ruleWords.monthlyMet(months.length) })
    return lines
  },
})
