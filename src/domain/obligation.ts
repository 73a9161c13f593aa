/**
 * Recurring duties (每日、每周、每月、每季、每年 …): what the policy repeats becomes occurrences, each with a clock, opened by a reactor and met by
 * an event elsewhere or waived with a reason. Stream `obligation-<organisation>.<duty>.<first day>[.<about>]`.
 */
import { z } from 'zod'
import { deadline } from './calendar/deadline.ts'
import { parseLimit } from './calendar/limit.ts'
import type { CalendarView } from './calendar/view.ts'
import type { Clock, Limit } from './clock.ts'
import { personOf } from './complaint/evolve.ts'
import { civilDate, effectiveTime, identifier, reason, reference, subjectId } from './complaint/fields.ts'
import { deadlineMissed, decideMiss, judgeMiss, type Miss, withMiss } from './deadline-missed.ts'
import { type AnyAction, accepted, action, type Decider, type Refusal, refusal, refused } from './decider.ts'
import type { EventMap, NewEventOf, StepOf } from './event.ts'
import type { LimitEntry } from './policy.ts'
import { type CivilDate, DAY_MS, dateOf, civilDate as dateOfDay, dayNumber, type EffectiveTime } from './time.ts'

/** One occurrence of a duty: a period, to be met by its last day. */
export interface Occurrence {
  /** Kind of the policy entry, `duty.monthly-bulletin`. */
  readonly duty: string
  /** First and last day of the period. */
  readonly from: CivilDate
  readonly until: CivilDate
  /** The last day in time: the period's, or the next working day. */
  readonly due: CivilDate
  /** Whether the due day lies in a year whose holidays are not published. */
  readonly provisional: boolean
  readonly roll: boolean
  readonly every: Limit
  readonly citation: string
}

/** The first day of the month with that index (year × 12 + month). */
const firstOfMonth = (index: number): number => Date.UTC(Math.floor(index / 12), ((index % 12) + 12) % 12, 1) / DAY_MS

/**
 * Periods of a length that together cover the days. Without an anchor they are aligned to the calendar: weeks begin on Monday, months and years
 * where the year divides; other lengths count from 1970-01-01. With one, a period begins on its day, or in its month. Nothing for hours.
 */
function* periodsOf(
  every: Limit,
  from: number,
  until: number,
  anchor?: CivilDate,
): Generator<readonly [number, number]> {
  const parsed = parseLimit(every)
  if (!parsed || parsed.count < 1 || parsed.unit === 'h') return
  const { count, unit } = parsed
  const monthIndex = (day: number) => {
    const date = new Date(day * DAY_MS)
    return date.getUTCFullYear() * 12 + date.getUTCMonth()
  }
  if (unit === 'mo' || unit === 'y') {
    const months = unit === 'y' ? count * 12 : count
    const origin = anchor === undefined ? 0 : monthIndex(dayNumber(anchor))
    let index = Math.floor((monthIndex(from) - origin) / months) * months + origin
    for (; firstOfMonth(index) <= until; index += months) yield [firstOfMonth(index), firstOfMonth(index + months) - 1]
    return
  }
  // 1970-01-05 was a Monday.
  const origin = anchor === undefined ? (count % 7 === 0 ? 4 : 0) : dayNumber(anchor)
  let start = Math.floor((from - origin) / count) * count + origin
  for (; start <= until; start += count) yield [start, start + count - 1]
}

/** The clock of an occurrence: its last day, rolled by whatever calendar is known when it is asked. */
export const occurrenceClock = (
  { duty, from, until, roll, citation }: Pick<Occurrence, 'duty' | 'from' | 'until' | 'roll' | 'citation'>,
  organisation: string,
): Clock => ({
  id: duty,
  kind: duty,
  startedAt: from,
  dueAt: until,
  roll,
  pauses: [],
  extensions: [],
  rule: citation,
  organisation,
})

/**
 * Every occurrence of the recurring entries whose period has a day in [`from`, `until`], in order of first day and duty. A daily duty falls on working days only: on the others nobody is there to owe it.
 * @param entries a policy's entries; those without `every` do not recur
 * @param anchors where the periods of a kind begin, if not with the calendar: the award of a plaque, the first cycle
 */
export function dueOccurrences(
  entries: readonly LimitEntry[],
  from: CivilDate,
  until: CivilDate,
  calendar: CalendarView,
  anchors: Readonly<Record<string, CivilDate>> = {},
): Occurrence[] {
  const found: Occurrence[] = []
  for (const entry of entries) {
    const { every } = entry
    if (every === undefined) continue
    const daily = every === '1d' || every === '1wd'
    for (const [first, last] of periodsOf(every, dayNumber(from), dayNumber(until), anchors[entry.kind])) {
      if (last < dayNumber(from) || (daily && !calendar.isWorkday(first))) continue
      const period = { duty: entry.kind, from: dateOfDay(first), until: dateOfDay(last), roll: entry.roll ?? true }
      const { due, provisional } = deadline(occurrenceClock({ ...period, citation: entry.citation }, ''), calendar)
      found.push({ ...period, due: dateOf(due ?? period.until), provisional, every, citation: entry.citation })
    }
  }
  const order = (a: Occurrence, b: Occurrence) =>
    a.from < b.from ? -1 : a.from > b.from ? 1 : a.duty < b.duty ? -1 : a.duty > b.duty ? 1 : 0
  return found.sort(order)
}

/** Which events meet which duty, where an event here does: what a reactor looks for. Duties without a row are met by hand. */
export const metBy: Readonly<Record<string, readonly string[]>> = {
  'duty.weekly-statistics': ['WeeklyReportReviewed'],
  'duty.return-visits': ['ReturnVisitPlanned'],
  'duty.monthly-bulletin': ['BulletinIssued'],
  'duty.quarterly-inspection': ['QuarterlyInspectionIssued'],
  'duty.group-study': ['StudyHeld'],
  'duty.news-and-cases': ['SubmissionsCounted'],
  'duty.annual-assessment': ['AnnualAssessmentGraded'],
}

const duty = z.string().regex(/^[a-z][a-z0-9.-]{0,99}$/)
const event = <Schema extends z.ZodType>(citation: string, data: Schema) =>
  ({ version: 1, rule: citation, data }) as const

const occurrence = {
  duty,
  from: civilDate,
  until: civilDate,
  roll: z.boolean(),
  citation: reference,
  /** The policy version that repeats it. */
  policy: reference,
  /** The office or plaque it is owed for, where it is owed for each. */
  about: identifier.optional(),
  person: identifier.optional(),
}

export const obligationEvents = {
  ObligationDue: event('S1-2.3 S4-4.3b', z.strictObject(occurrence)),
  ObligationMet: event(
    'S1-2.3 S4-4.3b',
    z.strictObject({
      /** The stream and event that meet it, or a document. */
      stream: z.string().min(3).max(200).optional(),
      event: identifier.optional(),
      document: reference.optional(),
      /** When it was met, where that was before this is recorded. */
      metAt: effectiveTime.optional(),
    }),
  ),
  ObligationWaived: event('S1-2.3 S4-4.3b', z.strictObject({ subject: subjectId, reason })),
  DeadlineMissed: deadlineMissed,
} as const satisfies EventMap

export type ObligationEvents = typeof obligationEvents
type ObligationStep = StepOf<ObligationEvents>
type ObligationEvent = NewEventOf<ObligationEvents>
type ObligationEventType = keyof ObligationEvents

export interface ObligationState {
  readonly status: 'none' | 'due' | 'met' | 'waived'
  readonly organisation: string
  readonly duty?: string | undefined
  readonly from?: CivilDate | undefined
  readonly until?: CivilDate | undefined
  readonly about?: string | undefined
  readonly endedAt?: EffectiveTime | undefined
  readonly by?: string | undefined
  readonly misses: readonly Miss[]
  readonly clocks: readonly Clock[]
}
const initial: ObligationState = { status: 'none', organisation: '', misses: [], clocks: [] }

const end = (clocks: readonly Clock[], how: 'stoppedAt' | 'cancelledAt', at: EffectiveTime): readonly Clock[] =>
  clocks.map((clock) => ({ ...clock, [how]: at }))

function evolve(state: ObligationState, step: ObligationStep): ObligationState {
  const at = step.effectiveAt
  switch (step.type) {
    case 'ObligationDue': {
      const { duty, from, until, about, person } = step.data
      const clock = { ...occurrenceClock(step.data, step.organisation), ...(person ? { person } : {}) }
      return { ...initial, status: 'due', organisation: step.organisation, duty, from, until, about, clocks: [clock] }
    }
    case 'ObligationMet': {
      const metAt = step.data.metAt ?? at
      const clocks = end(state.clocks, 'stoppedAt', metAt)
      return { ...state, status: 'met', endedAt: metAt, by: personOf(step.actor), clocks }
    }
    case 'ObligationWaived':
      return {
        ...state,
        ...{ status: 'waived', endedAt: at, by: personOf(step.actor) },
        clocks: end(state.clocks, 'cancelledAt', at),
      }
    case 'DeadlineMissed':
      return { ...state, misses: withMiss(state.misses, step.data) }
    default:
      return state
  }
}

function lawful(state: ObligationState, type: ObligationEventType): Refusal | undefined {
  const { rule } = obligationEvents[type]
  if (type === 'ObligationDue') return state.status === 'none' ? undefined : refusal('obligation-already-due', rule)
  if (state.status === 'none') return refusal('obligation-not-due', rule)
  if (type === 'DeadlineMissed') return undefined
  return state.status === 'due' ? undefined : refusal('obligation-ended', rule, { detail: { status: state.status } })
}

function guard(state: ObligationState, step: ObligationStep): Refusal | undefined {
  const not = lawful(state, step.type)
  if (not) return not
  switch (step.type) {
    case 'ObligationDue':
      return step.data.until < step.data.from
        ? refusal('due-before-start', obligationEvents.ObligationDue.rule, { pointer: '/until' })
        : undefined
    case 'ObligationMet': {
      const { stream, document, metAt } = step.data
      if (stream === undefined && document === undefined)
        return refusal('obligation-met-by-nothing', obligationEvents.ObligationMet.rule, { pointer: '/document' })
      const day = dateOf(metAt ?? step.effectiveAt)
      return state.from !== undefined && day < state.from
        ? refusal('obligation-met-before', obligationEvents.ObligationMet.rule, { pointer: '/metAt' })
        : undefined
    }
    case 'DeadlineMissed':
      return judgeMiss(step.data, state.clocks, state.misses)
    default:
      return undefined
  }
}

type ObligationAction = AnyAction<ObligationState, ObligationEvent>
const dueBody = z.strictObject(occurrence)
const waiveBody = z.strictObject({ reason })
const { data: metBody } = obligationEvents.ObligationMet

export const obligationActions = {
  /** A reactor opens it when the period begins; a second time it is there already. */
  open: action<ObligationState, ObligationEvent, typeof dueBody>({
    rule: obligationEvents.ObligationDue.rule,
    creates: true,
    body: dueBody,
    decide: (data, state, context) =>
      state.status !== 'none'
        ? accepted<ObligationEvent>()
        : data.from > dateOf(context.now)
          ? refused('effective-in-future', undefined, { pointer: '/from' })
          : accepted<ObligationEvent>({
              type: 'ObligationDue',
              data,
              effectiveAt: data.from,
              basis: { policy: data.policy },
            }),
  }),
  meet: action<ObligationState, ObligationEvent, typeof metBody>({
    rule: obligationEvents.ObligationMet.rule,
    body: metBody,
    when: (state) => (state.status === 'met' ? undefined : lawful(state, 'ObligationMet')),
    decide: (data, state) =>
      state.status === 'met' ? accepted<ObligationEvent>() : accepted<ObligationEvent>({ type: 'ObligationMet', data }),
  }),
  waive: action<ObligationState, ObligationEvent, typeof waiveBody>({
    rule: obligationEvents.ObligationWaived.rule,
    body: waiveBody,
    when: (state) => lawful(state, 'ObligationWaived'),
    decide: (body, _, context) =>
      accepted<ObligationEvent>({ type: 'ObligationWaived', data: { subject: context.newId('subject'), ...body } }),
  }),
  recordMiss: action<ObligationState, ObligationEvent, typeof deadlineMissed.data>({
    rule: deadlineMissed.rule,
    body: deadlineMissed.data,
    when: (state) => lawful(state, 'DeadlineMissed'),
    decide: (body, state, context) => decideMiss(body, state.clocks, state.misses, context),
  }),
} as const satisfies Readonly<Record<string, ObligationAction>>

/** One occurrence of a recurring duty. */
export const obligationDecider: Decider<ObligationState, ObligationEvents> = {
  category: 'obligation',
  events: obligationEvents,
  initial,
  evolve,
  guard,
  actions: obligationActions,
}

/** The stream of an occurrence; the same on every node, so that it opens once. */
export const obligationStream = (
  organisation: string,
  { duty, from, about }: { duty: string; from: CivilDate; about?: string },
): string => `obligation-${organisation}.${duty}.${from}${about === undefined ? '' : `.${about}`}`

/** Every clock of the obligation. */
export const obligationClocks = (state: ObligationState): readonly Clock[] => state.clocks
