/**
 * 月通报, 季督查 and the weekly statistics (S4-4.3b, S1-2.3): reports issued as events that carry their figures, and the index and moment
 * they were computed at, so that anybody can compute them again from the log. Stream `report-<kind>.<organisation>.<period>`: one report a period.
 */
import { z } from 'zod'
import type { Clock } from './clock.ts'
import { personOf } from './complaint/evolve.ts'
import {
  civilDate,
  effectiveTime,
  identifier,
  narrative,
  organisationName,
  reference,
  subjectId,
} from './complaint/fields.ts'
import {
  type AnyAction,
  accepted,
  action,
  type DecideContext,
  type Decider,
  type Decision,
  type Refusal,
  refusal,
  refused,
} from './decider.ts'
import type { EventMap, NewEventOf, StepOf } from './event.ts'
import {
  type CivilDate,
  DAY_MS,
  dateOf,
  civilDate as dateOfDay,
  dayNumber,
  type EffectiveTime,
  isEarlier,
} from './time.ts'

export const reportKinds = ['weekly', 'monthly', 'quarterly'] as const
export type ReportKind = (typeof reportKinds)[number]
/** 局长 and 分管领导: each reads the weekly statistics (S1-2.3). */
export const readerRoles = ['director-general', 'leader-in-charge'] as const

/**
 * Counts of one unit, or of all where no unit is named, by name: whole numbers only. Rates are computed from them when shown and never
 * stored, so that nobody sees a share without what it is a share of.
 */
const row = z.strictObject({
  unit: identifier.optional(),
  /** Or of one person who owes what is counted. */
  person: identifier.optional(),
  name: organisationName.optional(),
  counts: z.record(z.string().regex(/^[a-z][a-zA-Z0-9]{0,39}(\.[a-z][a-zA-Z0-9]{0,39})*$/), z.int().min(0)),
})
export type FigureRow = z.output<typeof row>

const figures = {
  /** The log up to this index (−1: empty) and what had happened by this moment gave the figures. */
  asOf: z.int().min(-1),
  computedAt: effectiveTime,
  /** What computed them, `board@1`: whoever computes them again needs the same. */
  method: z.string().regex(/^[a-z][a-z0-9-]*@\d+$/),
  rows: z.array(row).min(1).max(400),
}
/** Figures as the application computes them. */
export interface ReportFigures {
  readonly asOf: number
  readonly computedAt: EffectiveTime
  readonly method: string
  readonly rows: readonly FigureRow[]
}

const period = { from: civilDate, until: civilDate }
const event = <Schema extends z.ZodType>(rule: string, data: Schema) => ({ version: 1, rule, data }) as const

export const reportEvents = {
  WeeklyReportSubmitted: event(
    'S1-2.3',
    z.strictObject({ subject: subjectId, ...period, ...figures, text: narrative.optional() }),
  ),
  WeeklyReportReviewed: event('S1-2.3', z.strictObject({ as: z.enum(readerRoles), comment: narrative.optional() })),
  BulletinIssued: event(
    'S4-4.3b',
    z.strictObject({
      subject: subjectId,
      ...period,
      ...figures,
      document: reference.optional(),
      text: narrative.optional(),
    }),
  ),
  QuarterlyInspectionIssued: event(
    'S4-4.3b',
    z.strictObject({
      subject: subjectId,
      ...period,
      ...figures,
      document: reference.optional(),
      text: narrative.optional(),
      /** What was found where; a finding to be mended becomes a supervision item. */
      findings: z
        .array(z.strictObject({ office: identifier, finding: narrative, item: identifier.optional() }))
        .max(60),
    }),
  ),
} as const satisfies EventMap

export type ReportEvents = typeof reportEvents
type ReportStep = StepOf<ReportEvents>
type ReportEvent = NewEventOf<ReportEvents>
type IssueType = 'WeeklyReportSubmitted' | 'BulletinIssued' | 'QuarterlyInspectionIssued'

const kindOf: Readonly<Record<IssueType, ReportKind>> = {
  WeeklyReportSubmitted: 'weekly',
  BulletinIssued: 'monthly',
  QuarterlyInspectionIssued: 'quarterly',
}

export interface ReportState {
  readonly status: 'none' | 'issued' | 'reviewed'
  readonly kind?: ReportKind | undefined
  readonly organisation: string
  readonly subject?: string | undefined
  readonly from?: CivilDate | undefined
  readonly until?: CivilDate | undefined
  readonly figures?: ReportFigures | undefined
  readonly issuedAt?: EffectiveTime | undefined
  readonly reviews: readonly {
    readonly as: (typeof readerRoles)[number]
    readonly by?: string | undefined
    readonly at: EffectiveTime
  }[]
  readonly clocks: readonly Clock[]
}
const initial: ReportState = { status: 'none', organisation: '', reviews: [], clocks: [] }

/** Until both have read the weekly statistics; runs where a policy sets a limit. */
export const REVIEW_CLOCK = 'report.review'

function evolve(state: ReportState, step: ReportStep): ReportState {
  if (step.type === 'WeeklyReportReviewed') {
    const reviews = [...state.reviews, { as: step.data.as, by: personOf(step.actor), at: step.effectiveAt }]
    if (reviews.length < readerRoles.length) return { ...state, reviews }
    const clocks = state.clocks.map((clock) => ({ ...clock, stoppedAt: step.effectiveAt }))
    return { ...state, reviews, status: 'reviewed', clocks }
  }
  const kind = kindOf[step.type]
  if (kind === undefined) return state
  const { subject, from, until, asOf, computedAt, method, rows } = step.data
  const limit = kind === 'weekly' ? step.basis?.limits?.[REVIEW_CLOCK] : undefined
  const common = { startedAt: step.effectiveAt, pauses: [], extensions: [], rule: 'S1-2.3' }
  return {
    ...initial,
    ...{ status: 'issued', kind, organisation: step.organisation, subject, from, until, issuedAt: step.effectiveAt },
    figures: { asOf, computedAt, method, rows },
    clocks:
      limit === undefined
        ? []
        : [{ id: REVIEW_CLOCK, kind: REVIEW_CLOCK, ...common, limit, organisation: step.organisation }],
  }
}

/** The period of a kind that a day lies in: Monday to Sunday, a calendar month, a calendar quarter. */
export function periodOf(kind: ReportKind, day: CivilDate): { from: CivilDate; until: CivilDate } {
  if (kind === 'weekly') {
    const number = dayNumber(day)
    const monday = number - ((((number + 3) % 7) + 7) % 7)
    return { from: dateOfDay(monday), until: dateOfDay(monday + 6) }
  }
  const year = Number(day.slice(0, 4))
  const month = Number(day.slice(5, 7)) - 1
  const length = kind === 'monthly' ? 1 : 3
  const first = month - (month % length)
  const at = (index: number) => Date.UTC(year, index, 1) / DAY_MS
  return { from: dateOfDay(at(first)), until: dateOfDay(at(first + length) - 1) }
}

function guard(state: ReportState, step: ReportStep): Refusal | undefined {
  if (step.type === 'WeeklyReportReviewed') {
    if (state.kind === undefined) return refusal('report-not-issued', 'S1-2.3')
    if (state.kind !== 'weekly') return refusal('report-not-weekly', 'S1-2.3')
    if (state.reviews.some((review) => review.as === step.data.as))
      return refusal('report-already-reviewed', 'S1-2.3', { pointer: '/as', detail: { as: step.data.as } })
    const reader = personOf(step.actor)
    if (reader !== undefined && state.reviews.some((review) => review.by === reader))
      return refusal('report-reader-repeated', 'S1-2.3')
    return state.issuedAt !== undefined && isEarlier(step.effectiveAt, state.issuedAt)
      ? refusal('step-before-its-predecessor', 'S1-2.3', { pointer: '/effectiveAt' })
      : undefined
  }
  const { rule } = reportEvents[step.type]
  if (state.status !== 'none') return refusal('report-already-issued', rule)
  const { from, until, computedAt, rows } = step.data
  const right = periodOf(kindOf[step.type], from)
  if (from !== right.from || until !== right.until) return refusal('report-period-wrong', rule, { pointer: '/from' })
  if (dateOf(computedAt) < from) return refusal('report-period-not-begun', rule, { pointer: '/computedAt' })
  if (isEarlier(step.effectiveAt, computedAt)) return refusal('report-figures-later', rule, { pointer: '/computedAt' })
  const units = rows.map(({ unit, person }) => `${unit ?? ''} ${person ?? ''}`)
  return new Set(units).size < units.length ? refusal('report-unit-repeated', rule, { pointer: '/rows' }) : undefined
}

type ReportAction = AnyAction<ReportState, ReportEvent>

/** The figures the application computed for this report (`facts.figures`): never what the person says. */
function issued<Type extends IssueType>(
  type: Type,
  day: CivilDate,
  more: object,
  context: DecideContext,
): Decision<ReportEvent> {
  const computed = context.facts?.figures as ReportFigures | undefined
  if (!computed) return refused('facts-missing', reportEvents[type].rule, { detail: { facts: 'figures' } })
  const limit = type === 'WeeklyReportSubmitted' ? context.limit(REVIEW_CLOCK) : undefined
  const basis = limit === undefined ? {} : { basis: { policy: context.policy, limits: { [REVIEW_CLOCK]: limit } } }
  const data = { subject: context.newId('subject'), ...periodOf(kindOf[type], day), ...computed, ...more }
  return accepted({ type, data, ...basis } as ReportEvent)
}

const once = (state: ReportState): Refusal | undefined =>
  state.status === 'none' ? undefined : refusal('report-already-issued', 'S4-4.3b')

/** `day`: any day of the week, month or quarter reported on. */
const issueFields = { day: civilDate, text: narrative.optional() }
const weeklyBody = z.strictObject(issueFields)
const monthlyBody = z.strictObject({ ...issueFields, document: reference.optional() })
const quarterlyBody = z.strictObject({
  ...issueFields,
  document: reference.optional(),
  findings: reportEvents.QuarterlyInspectionIssued.data.shape.findings.default([]),
})

export const reportActions = {
  submitWeekly: action<ReportState, ReportEvent, typeof weeklyBody>({
    rule: 'S1-2.3',
    creates: true,
    body: weeklyBody,
    when: once,
    decide: ({ day, ...more }, _, context) => issued('WeeklyReportSubmitted', day, more, context),
  }),
  reviewWeekly: action<ReportState, ReportEvent, typeof reportEvents.WeeklyReportReviewed.data>({
    rule: 'S1-2.3',
    body: reportEvents.WeeklyReportReviewed.data,
    when: (state) =>
      state.kind !== 'weekly'
        ? refusal(state.kind === undefined ? 'report-not-issued' : 'report-not-weekly', 'S1-2.3')
        : state.status === 'reviewed'
          ? refusal('report-already-reviewed', 'S1-2.3')
          : undefined,
    decide: (data) => accepted<ReportEvent>({ type: 'WeeklyReportReviewed', data }),
  }),
  issueBulletin: action<ReportState, ReportEvent, typeof monthlyBody>({
    rule: 'S4-4.3b',
    creates: true,
    body: monthlyBody,
    when: once,
    decide: ({ day, ...more }, _, context) => issued('BulletinIssued', day, more, context),
  }),
  issueInspection: action<ReportState, ReportEvent, typeof quarterlyBody>({
    rule: 'S4-4.3b',
    creates: true,
    body: quarterlyBody,
    when: once,
    decide: ({ day, ...more }, _, context) => issued('QuarterlyInspectionIssued', day, more, context),
  }),
} as const satisfies Readonly<Record<string, ReportAction>>

/** One report of one period. */
export const reportDecider: Decider<ReportState, ReportEvents> = {
  category: 'report',
  events: reportEvents,
  initial,
  evolve,
  guard,
  actions: reportActions,
}

/** The stream of a report: one an organisation, kind and period. */
export const reportStream = (kind: ReportKind, organisation: string, day: CivilDate): string =>
  `report-${kind}.${organisation}.${periodOf(kind, day).from}`
