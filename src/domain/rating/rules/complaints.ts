/** What complaints cost: how the office cooperated (S0-5.2.3), and substantiated fault with step-wise decay. */
import { z } from 'zod'
import { ruleWords } from '../../catalogue/rating-rules.ts'
import { lapseAfter } from '../dates.ts'
import { type Hundredths, hundredths, twoDecimals } from '../points.ts'
import { type Adjustment, type LineState, mended, moves, rule, standing } from './rule.ts'

const months = z.int().min(1).max(240)

/** Merit for a violation put right: never more than the line that it mends costs now. */
const merit = (lost: Hundredths, given: Hundredths): Hundredths => Math.min(-lost, given)

/**
 * Each complaint decision in the window costs for what the office did not do: report in time, hand over materials, rectify. Rectification
 * recorded afterwards is a merit that gives back `rectifiedLater` of what `notRectified` cost.
 */
export const cooperation = rule({
  name: 'cooperation',
  source: 'S0-5.2.3',
  reads: ['complaint', 'rectified'],
  parameters: z.strictObject({
    months: months.default(24),
    reportLate: twoDecimals,
    materialsWithheld: twoDecimals,
    notRectified: twoDecimals,
    rectifiedLater: twoDecimals.default(0),
    disputed: z.enum(['counts', 'does-not-count']).default('counts'),
  }),
  words: (p) => ruleWords.cooperation(p.months),
  evaluate: ({ facts, at, parameters: p }) => {
    const lines: Adjustment[] = []
    const mends = mended(facts, at)
    for (const fact of facts.until('complaint', at.bound)) {
      const failures: [failed: boolean, points: Hundredths, reason: string][] = [
        [fact.reportInTime === false, hundredths(p.reportLate)!, ruleWords.reportLate],
        [fact.materialsHandedOver === false, hundredths(p.materialsWithheld)!, ruleWords.materialsWithheld],
        [fact.rectified === false, hundredths(p.notRectified)!, ruleWords.notRectified],
      ]
      if (!failures.some(([failed]) => failed)) continue
      const until = lapseAfter(fact.date, p.months)
      const stands = standing(fact, at)
      const state: LineState = stands !== 'overturned' && at.date >= until ? 'expired' : stands
      const open = state === 'expired' || state === 'overturned' ? {} : { changes: until }
      for (const [failed, points, reason] of failures) {
        if (!failed) continue
        const lost = moves(state, p.disputed) ? -points : 0
        lines.push({ fact, points: lost, state, reason, from: fact.date, until, ...open })
        const mend = reason === ruleWords.notRectified ? mends.get(fact.event) : undefined
        if (!mend || p.rectifiedLater === 0) continue
        const back = merit(lost, hundredths(p.rectifiedLater)!)
        lines.push({
          fact: mend,
          points: back,
          state,
          reason: ruleWords.rectifiedLater,
          from: mend.date,
          until,
          ...open,
        })
      }
    }
    return lines
  },
})

const decay = z
  .array(z.strictObject({ months, points: twoDecimals }))
  .min(1)
  .max(12)
  .superRefine((steps, context) => {
    for (const [place, step] of steps.entries()) {
      const before = steps[place - 1]
      if (before && step.months <= before.months)
        context.addIssue({ code: 'custom', path: [place, 'months'], message: 'steps must grow longer' })
      if (before && step.points > before.points)
        context.addIssue({ code: 'custom', path: [place, 'points'], message: 'steps must not cost more later' })
    }
  })

/**
 * Each complaint substantiated through fault costs points that decay by steps: until `months` after the decision the step's points, then the
 * next step's, then none. Rectification is a merit.
 */
export const faultComplaints = rule({
  name: 'fault-complaints',
  source: 'S0-4.6e',
  reads: ['complaint', 'rectified'],
  parameters: z.strictObject({
    steps: decay,
    outcomes: z
      .array(z.enum(['substantiated', 'partly-substantiated']))
      .min(1)
      .default(['substantiated', 'partly-substantiated']),
    rectifiedLater: twoDecimals.default(0),
    disputed: z.enum(['counts', 'does-not-count']).default('counts'),
  }),
  words: (p) =>
    ruleWords.faultComplaints(p.steps.map((step) => ({ months: step.months, points: hundredths(step.points)! }))),
  evaluate: ({ facts, at, parameters: p }) => {
    const lines: Adjustment[] = []
    const mends = mended(facts, at)
    const ends = p.steps[p.steps.length - 1]!.months
    for (const fact of facts.until('complaint', at.bound)) {
      if (!fact.throughFault || !p.outcomes.some((outcome) => outcome === fact.outcome)) continue
      const until = lapseAfter(fact.date, ends)
      const step = p.steps.find(({ months: length }) => at.date < lapseAfter(fact.date, length))
      const stands = standing(fact, at)
      const state: LineState = stands !== 'overturned' && !step ? 'expired' : stands
      const cost = step ? hundredths(step.points)! : 0
      const lost = moves(state, p.disputed) ? -cost : 0
      const reason = step ? ruleWords.faultComplaint(cost) : ruleWords.faultComplaintOver
      const open = step && state !== 'overturned' ? { changes: lapseAfter(fact.date, step.months) } : {}
      lines.push({ fact, points: lost, state, reason, from: fact.date, until, ...open })
      const mend = mends.get(fact.event)
      if (!mend || p.rectifiedLater === 0) continue
      const back = merit(lost, hundredths(p.rectifiedLater)!)
      lines.push({ fact: mend, points: back, state, reason: ruleWords.rectifiedLater, from: mend.date, until, ...open })
    }
    return lines
  },
})
