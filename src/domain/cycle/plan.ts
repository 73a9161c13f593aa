/** What a cycle fixes for every office in it when it opens: dates, criteria, periods and the ladder, from one version of a scheme. */
import { z } from 'zod'
import { deadline } from '../calendar/deadline.ts'
import { shippedCalendars } from '../calendar/shipped.ts'
import type { Clock } from '../clock.ts'
import type { DecideContext } from '../decider.ts'
import { hundredths } from '../rating/points.ts'
import { type Scheme, schemeRef } from '../rating/scheme-schema.ts'
import { type CivilDate, civilDate, dateOf, dayNumber, type EffectiveTime, isCivilDate } from '../time.ts'

const date = z.string().refine(isCivilDate, { error: 'effective-time-invalid' })
export const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/)
export const document = z.string().trim().min(1).max(100)

export const planSchema = z.strictObject({
  /** `ID@VERSION`. */
  scheme: z.string(),
  maxLevel: z.int().min(1),
  /** Criteria that inspectors score, with their maximum in points. */
  inspected: z.array(z.strictObject({ id: z.string(), max: z.number() })),
  /** Criteria that follow from recorded facts alone. */
  derived: z.array(z.string()),
  selfAssessmentFrom: date,
  /** Last day on which a self-assessment is in time. */
  selfAssessmentDue: date,
  /** From this day on self scores are closed. */
  inspectionFrom: date,
  inspectionUntil: date,
  notice: z.string(),
  appeal: z.string(),
  roll: z.boolean(),
  everyYears: z.int().min(1),
  specialInspectionEveryYears: z.int().min(1),
  warningsToDowngrade: z.int().min(1),
  downgradeBy: z.int().min(1),
  veto: z.boolean(),
  plaqueFrom: z.int().min(1),
  commendationFrom: z.int().min(1),
})
export type CyclePlan = z.output<typeof planSchema>

/** The plan of a cycle that opens in a year. 10月21日前 is read literally unless the scheme includes the day (Q3). */
export function planOf(scheme: Scheme, year: number): CyclePlan {
  const { calendar, measures, periods } = scheme
  const day = (monthDay: string): CivilDate => `${year}-${monthDay}`
  const before = day(calendar.selfAssessmentBefore)
  const criteria = scheme.categories.flatMap((category) => category.criteria)
  return {
    scheme: schemeRef(scheme),
    maxLevel: scheme.maxLevel,
    inspected: criteria
      .filter(({ evidence }) => evidence.kind === 'inspected')
      .map(({ id, points }) => ({ id, max: points })),
    derived: criteria.filter(({ evidence }) => evidence.kind === 'derived').map((criterion) => criterion.id),
    selfAssessmentFrom: day(calendar.selfAssessmentFrom),
    selfAssessmentDue: calendar.selfAssessmentInclusive ? before : civilDate(dayNumber(before) - 1),
    inspectionFrom: day(calendar.inspectionFrom),
    inspectionUntil: day(calendar.inspectionUntil),
    notice: periods.notice,
    appeal: periods.appeal,
    roll: periods.roll,
    everyYears: calendar.everyYears,
    specialInspectionEveryYears: calendar.specialInspectionEveryYears,
    warningsToDowngrade: measures.warningsToDowngrade,
    downgradeBy: measures.downgradeBy,
    veto: measures.veto,
    plaqueFrom: measures.plaqueFrom,
    commendationFrom: measures.commendationFrom,
  }
}

/** What a period was judged by: its last day and the notices that moved it. Kept in the event that relied on it. */
export const judgedSchema = z.strictObject({ due: date, calendars: z.array(z.string()).max(50) })
export type Judged = z.output<typeof judgedSchema>

/**
 * Last day of a period that began at a time: by the calendars the command path knows, else by those that ship with the program as published by
 * the day of the decision.
 */
export function judge(startedAt: EffectiveTime, limit: string, roll: boolean, context: DecideContext): Judged {
  const clock: Clock = {
    id: 'cycle',
    kind: 'star.period',
    startedAt,
    limit,
    // Working days never roll: their last day is one.
    ...(limit.endsWith('wd') ? {} : { roll }),
    pauses: [],
    extensions: [],
    rule: 'S0-4.4a',
    organisation: context.organisation,
  }
  const { due, calendars } = context.due?.(clock) ?? deadline(clock, shippedCalendars.at(dateOf(context.effectiveAt)))
  if (due === undefined) throw new TypeError('a running period has a due date')
  return { due: dateOf(due), calendars: [...calendars] }
}

/** A score as people give it: its defects are refusals of their own, with a path. */
export const scoreSchema = z.strictObject({
  criterion: z.string().min(1).max(60),
  /** Judged by {@link scoreDefect}. */
  points: z.number(),
  /** References of the evidence kept. */
  evidence: z.array(document).max(20).optional(),
})
export type Score = z.output<typeof scoreSchema>

/** What is wrong with the first score that cannot stand under a plan. */
export function scoreDefect(
  plan: CyclePlan,
  scores: readonly Score[],
):
  | {
      code: 'criterion-unknown' | 'criterion-derived' | 'score-too-precise' | 'score-out-of-range'
      place: number
      field: string
    }
  | undefined {
  for (const [place, { criterion, points }] of scores.entries()) {
    const found = plan.inspected.find((one) => one.id === criterion)
    if (!found) {
      const code = plan.derived.includes(criterion) ? 'criterion-derived' : 'criterion-unknown'
      return { code, place, field: 'criterion' }
    }
    if (points < 0 || points > found.max) return { code: 'score-out-of-range', place, field: 'points' }
    if (hundredths(points) === undefined) return { code: 'score-too-precise', place, field: 'points' }
  }
  return undefined
}
