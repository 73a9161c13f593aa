/** Yearly duties per head and per worker: public service, aid cases (S4-5.3a, Q11), training (S4-5.1b, Q12). */
import { z } from 'zod'
import { ruleWords } from '../../catalogue/rating-rules.ts'
import { DAY_MS, startOfDayMs } from '../../time.ts'
import { completeYear } from '../dates.ts'
import type { FactOf, OfficeFacts } from '../facts.ts'
import { type Hundredths, hundredths, pointsText, twoDecimals } from '../points.ts'
import { type Adjustment, allOrNothing, type Moment, rule, standing } from './rule.ts'

const yearSpan = (year: number) => ({ from: startOfDayMs(`${year}-01-01`), to: startOfDayMs(`${year + 1}-01-01`) })

/**
 * Days of active headcount in a year as known at the moment: each day counts the workers practising on it. From the register of workers where it
 * names any, else from the recorded staffing; nothing where neither says anything.
 */
export function headcountDays(facts: OfficeFacts, at: Moment, year: number): number | undefined {
  const { from, to } = yearSpan(year)
  const changes: { day: number; heads: number }[] = []
  const members = new Set<string>()
  for (const fact of facts.until('membership', at.bound)) {
    if (fact.joined) members.add(fact.worker)
    else members.delete(fact.worker)
    changes.push({ day: startOfDayMs(fact.date), heads: members.size })
  }
  if (changes.length === 0)
    for (const fact of facts.until('staffing', at.bound))
      if (!fact.overturned) changes.push({ day: startOfDayMs(fact.date), heads: fact.workers })
  if (changes.length === 0) return undefined
  let days = 0
  for (const [place, change] of changes.entries()) {
    const begins = Math.max(from, change.day)
    const ends = Math.min(to, changes[place + 1]?.day ?? to)
    if (ends > begins) days += ((ends - begins) / DAY_MS) * change.heads
  }
  return days === 0 ? undefined : days
}

/** Average headcount with one decimal, for sentences only. */
const headsText = (days: number, year: number) => {
  const { from, to } = yearSpan(year)
  return String(Math.round((days * 10 * DAY_MS) / (to - from)) / 10)
}

/** Lines of a yearly total against an amount per average head: total ÷ (headcount days ÷ days of the year) ≥ perHead. */
function perHead(
  entries: readonly { fact: FactOf<'publicService'> | FactOf<'aidCases'>; amount: Hundredths }[],
  facts: OfficeFacts,
  at: Moment,
  year: number,
  needed: Hundredths,
  max: Hundredths,
): Adjustment[] {
  const lines: Adjustment[] = []
  let total = 0
  for (const { fact, amount } of entries) {
    const state = standing(fact, at)
    const reason = ruleWords.entry(pointsText(amount))
    lines.push({ fact, points: 0, state, reason, from: fact.date })
    if (state === 'counted' || state === 'disputed') total += amount
  }
  const days = headcountDays(facts, at, year)
  if (days === undefined) return [...lines, { points: -max, state: 'counted', reason: ruleWords.noStaffRecorded(year) }]
  const { from, to } = yearSpan(year)
  const met = total * ((to - from) / DAY_MS) >= needed * days
  const reason = ruleWords.perHead(year, pointsText(total), headsText(days, year), met)
  return [...lines, { points: allOrNothing(met, max), state: 'counted', reason }]
}

/** Office total of public-service hours ÷ average active headcount of the last complete year ≥ `perHead` (Q11). */
export const publicServiceHours = rule({
  name: 'public-service-hours',
  source: 'S4-5.3a',
  reads: ['publicService', 'membership', 'staffing'],
  parameters: z.strictObject({ perHead: twoDecimals }),
  words: (p) => ruleWords.publicService(hundredths(p.perHead)!),
  evaluate: ({ facts, at, max, parameters: p }) => {
    const year = completeYear(at.date)
    const entries = facts
      .until('publicService', at.bound)
      .filter((fact) => fact.year === year)
      .map((fact) => ({ fact, amount: fact.hours }))
    return perHead(entries, facts, at, year, hundredths(p.perHead)!, max)
  },
})

/** Office total of legal-aid cases ÷ average active headcount of the last complete year ≥ `perHead` (Q11). */
export const aidCases = rule({
  name: 'aid-cases',
  source: 'S4-5.3a',
  reads: ['aidCases', 'membership', 'staffing'],
  parameters: z.strictObject({ perHead: twoDecimals }),
  words: (p) => ruleWords.aidCases(hundredths(p.perHead)!),
  evaluate: ({ facts, at, max, parameters: p }) => {
    const year = completeYear(at.date)
    const entries = facts
      .until('aidCases', at.bound)
      .filter((fact) => fact.year === year)
      .map((fact) => ({ fact, amount: fact.cases * 100 }))
    return perHead(entries, facts, at, year, hundredths(p.perHead)!, max)
  },
})

/** Workers who practised at the office through the whole year: a part of a year owes nothing whole. */
function wholeYearWorkers(facts: OfficeFacts, at: Moment, year: number): Set<string> | undefined {
  const { from, to } = yearSpan(year)
  let known = false
  const present = new Set<string>()
  for (const fact of facts.until('membership', at.bound)) {
    known = true
    const day = startOfDayMs(fact.date)
    if (fact.joined && day <= from) present.add(fact.worker)
    if (!fact.joined && day < to) present.delete(fact.worker)
  }
  return known ? present : undefined
}

/**
 * Every worker of the whole last complete year has at least `hours` of continuing education; each who has not costs `perWorker`. Who the
 * workers are says the register; where it names nobody, those with recorded hours.
 */
export const trainingHours = rule({
  name: 'training-hours',
  source: 'S4-5.1b',
  reads: ['training', 'membership'],
  parameters: z.strictObject({ hours: twoDecimals, perWorker: twoDecimals }),
  words: (p) => ruleWords.training(hundredths(p.hours)!),
  evaluate: ({ facts, at, max, parameters: p }) => {
    const year = completeYear(at.date)
    const needed = hundredths(p.hours)!
    const hours = new Map<string, Hundredths>()
    const latest = new Map<string, FactOf<'training'>>()
    const lines: Adjustment[] = []
    for (const fact of facts.until('training', at.bound)) {
      if (fact.year !== year) continue
      const state = standing(fact, at)
      if (state === 'counted' || state === 'disputed') {
        hours.set(fact.worker, (hours.get(fact.worker) ?? 0) + fact.hours)
        latest.set(fact.worker, fact)
      } else
        lines.push({ fact, points: 0, state, reason: ruleWords.trainingMet(fact.worker, fact.hours), from: fact.date })
    }
    const workers = [...(wholeYearWorkers(facts, at, year) ?? hours.keys())].sort()
    if (workers.length === 0)
      return [...lines, { points: -max, state: 'counted', reason: ruleWords.trainingNobody(year) }]
    for (const worker of workers) {
      const done = hours.get(worker) ?? 0
      const fact = latest.get(worker)
      const met = done >= needed
      lines.push({
        ...(fact ? { fact, from: fact.date } : {}),
        points: met ? 0 : -hundredths(p.perWorker)!,
        state: 'counted',
        reason: met ? ruleWords.trainingMet(worker, done) : ruleWords.trainingShort(worker, done, needed),
      })
    }
    return lines
  },
})
