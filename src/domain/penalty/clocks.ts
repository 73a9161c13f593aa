/** The clocks of a penalty case: which step fixes which limits, and how clocks start, pause and end. Due dates are derived elsewhere. */
import { deadline } from '../calendar/deadline.ts'
import { shippedCalendars } from '../calendar/shipped.ts'
import type { Clock, Limit } from '../clock.ts'
import { clockChanges, isRunning, startClock } from '../clock-set.ts'
import type { DecideContext } from '../decider.ts'
import type { Basis } from '../event.ts'
import { limitFor } from '../policy.ts'
import { type CivilDate, dateOf, type EffectiveTime } from '../time.ts'
import type { Judged, PenaltyEventType } from './events.ts'
import type { LimitationClass } from './fields.ts'
import type { PenaltyState } from './state.ts'

/** Kinds of clocks with their rule; the limits are policy data (policy-defaults.ts). */
export const penaltyClockKinds = {
  'penalty.decision': '行政处罚法 60',
  'penalty.evidence-preservation': '行政处罚法 56',
  /** The respondent owes it by the day of the order. */
  'penalty.correction': '行政处罚法 28',
  /** Statement and defence, until the day the notice sets. */
  'penalty.defence': '行政处罚法 44',
  'penalty.hearing-request': '行政处罚法 64',
  /** Until the day of the hearing. */
  'penalty.hearing': '行政处罚法 64',
  'penalty.service': '行政处罚法 61',
  'penalty.payment': '行政处罚法 67',
  'penalty.publication': '行政处罚法 48',
  'penalty.publication-withdrawal': '行政处罚法 48',
  'penalty.reconsideration': '行政复议法 20',
  'penalty.litigation': '行政诉讼法 46',
  'penalty.litigation-after-reconsideration': '行政诉讼法 45',
  'reconsideration.reply': '行政复议法 48',
  'reconsideration.decision': '行政复议法 62',
} as const
export type PenaltyClockKind = keyof typeof penaltyClockKinds

/** Clocks of rights of the respondent: that they run out is no miss of anybody's. */
export const penaltyRightClocks: ReadonlySet<string> = new Set<PenaltyClockKind>([
  'penalty.defence',
  'penalty.hearing-request',
  'penalty.reconsideration',
  'penalty.litigation',
  'penalty.litigation-after-reconsideration',
])

const decisionClocks = ['penalty.service', 'penalty.publication', 'penalty.publication-withdrawal'] as const
const serviceClocks = ['penalty.payment', 'penalty.reconsideration', 'penalty.litigation'] as const

/** Which limits are fixed when an event of the type is recorded. */
const limitsFixedBy: Partial<Record<PenaltyEventType, readonly PenaltyClockKind[]>> = {
  PenaltyCaseFiled: ['penalty.decision'],
  OnTheSpotPenaltyDecided: [...serviceClocks, 'penalty.publication'],
  EvidencePreserved: ['penalty.evidence-preservation'],
  PriorNoticeServed: ['penalty.hearing-request'],
  PenaltyDecided: decisionClocks,
  DecisionChanged: decisionClocks,
  DecisionQuashed: ['penalty.publication-withdrawal', 'penalty.decision'],
  ServiceOfDocument: serviceClocks,
  ReconsiderationFiled: ['reconsideration.reply', 'reconsideration.decision'],
  ReconsiderationDecided: ['penalty.litigation-after-reconsideration'],
}

/** The limit valid now: the organisation's policy, else the shipped one. */
export const limitOf = (kind: string, context: Pick<DecideContext, 'limit' | 'effectiveAt'>): Limit | undefined =>
  context.limit(kind) ?? shippedLimit(kind, dateOf(context.effectiveAt))

const shippedLimit = (kind: string, on: CivilDate, category?: string): Limit | undefined =>
  limitFor([], [], { kind, ...(category ? { category } : {}) }, on)?.limit

/** The limits and policy to keep with an event that starts clocks; nothing where it starts none. */
export function basisFor(
  type: PenaltyEventType,
  context: Pick<DecideContext, 'limit' | 'policy' | 'effectiveAt'>,
): Basis | undefined {
  const limits: Record<string, Limit> = {}
  for (const kind of limitsFixedBy[type] ?? []) {
    const limit = limitOf(kind, context)
    if (limit !== undefined) limits[kind] = limit
  }
  return Object.keys(limits).length === 0 ? undefined : { policy: context.policy, limits }
}

const bare = { id: 'penalty', pauses: [], extensions: [], organisation: '' } as const

const counted = (clock: Clock, context: Pick<DecideContext, 'due' | 'effectiveAt'>) =>
  context.due?.(clock) ?? deadline(clock, shippedCalendars.at(dateOf(context.effectiveAt)))

/** When a clock is due; nothing while it stands. */
export const dueOf = (clock: Clock, context: Pick<DecideContext, 'due' | 'effectiveAt'>): EffectiveTime | undefined =>
  counted(clock, context).due

/**
 * The last day of a period by the calendars the command path knows, else by those shipped and published by the day of the decision.
 * Of a clock that stands, the day itself: the period has not run out.
 */
export function judge(clock: Clock, context: Pick<DecideContext, 'due' | 'effectiveAt'>): Judged {
  const { due, calendars } = counted(clock, context)
  return { due: due ?? context.effectiveAt, calendars: [...calendars] }
}

/** {@link judge} for a limit from a start. */
export const judgeFrom = (
  startedAt: EffectiveTime,
  kind: PenaltyClockKind | 'penalty.hearing-announcement',
  limit: Limit,
  context: Pick<DecideContext, 'due' | 'effectiveAt'>,
): Judged => judge({ ...bare, kind, startedAt, limit, rule: kind }, context)

/**
 * The last day on which an act could still be found out and punished (行政处罚法 36): two years, or five, from the day of the act or of
 * its end; the law's own limit, which no policy changes and no holiday moves.
 */
export function limitationEnds(actOn: CivilDate, limitation: LimitationClass): CivilDate {
  const limit = shippedLimit('penalty.limitation', actOn, limitation)
  const clock = { ...bare, kind: 'penalty.limitation', startedAt: actOn, roll: false, rule: '行政处罚法 36' }
  const { due } = deadline({ ...clock, limit: limit as Limit }, shippedCalendars.at())
  return dateOf(due as EffectiveTime)
}

export const { stop, stopOne, cancel, cancelExcept, pause, unpause } = clockChanges<string>()
export { isRunning, startClock as start }

/** Every clock of the case, ended ones too. */
export const penaltyClocks = (state: PenaltyState): Clock[] => [...state.clocks]
