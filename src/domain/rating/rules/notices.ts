/** Circulars and yellow and red cards of supervision (S1-5.3e, S4-4.3b). */
import { z } from 'zod'
import { noticeFormTerms, ruleWords } from '../../catalogue/rating-rules.ts'
import { hundredths, twoDecimals } from '../points.ts'
import { type Adjustment, mended, rule, windowed } from './rule.ts'

/** Each circular and card in the window (T − n months, T] costs points by its form; what is put right gives `rectifiedLater` back. */
export const supervisionNotices = rule({
  name: 'supervision-notices',
  source: 'S1-5.3e',
  reads: ['notice', 'rectified'],
  parameters: z.strictObject({
    months: z.int().min(1).max(240),
    circular: twoDecimals,
    yellowCard: twoDecimals,
    redCard: twoDecimals,
    rectifiedLater: twoDecimals.default(0),
    disputed: z.enum(['counts', 'does-not-count']).default('counts'),
  }),
  words: (p) => ruleWords.notices(p.months),
  evaluate: ({ facts, at, parameters: p }) => {
    const cost = { CIRCULAR: p.circular, YELLOW_CARD: p.yellowCard, RED_CARD: p.redCard }
    const mends = mended(facts, at)
    const lines: Adjustment[] = []
    for (const fact of facts.until('notice', at.bound)) {
      const reason = ruleWords.notice(noticeFormTerms[fact.form], p.months)
      const line = windowed(fact, at, p.months, -hundredths(cost[fact.form])!, reason, p.disputed)
      lines.push(line)
      const mend = mends.get(fact.event)
      if (!mend || p.rectifiedLater === 0) continue
      lines.push({
        ...line,
        fact: mend,
        from: mend.date,
        points: Math.min(-line.points, hundredths(p.rectifiedLater)!),
        reason: ruleWords.rectifiedLater,
      })
    }
    return lines
  },
})
