/** The clocks of a complaint: which step starts, pauses and stops which, and under which rule. Due dates are derived elsewhere. */
import type { Clock, Limit } from '../clock.ts'
import { clockChanges, isRunning, startClock } from '../clock-set.ts'
import type { DecideContext } from '../decider.ts'
import type { Basis, Step } from '../event.ts'
import type { EffectiveTime } from '../time.ts'
import type { ComplaintEventType } from './events.ts'
import type { Milestone } from './fields.ts'
import type { ComplaintState } from './state.ts'

/**
 * Kinds of complaint clocks: their rule, and the limits of seeds and statutes, which policies of an organisation replace.
 * A limit may be set apart for a procedure or a channel: `complaint.reply.legal-aid`, `complaint.reply.hotline-12345`.
 * Kinds without a default run only where a policy sets a limit.
 */
export const complaintClockKinds = {
  /** To decide on acceptance. */
  'complaint.acceptance': { rule: '信访工作条例 23', limit: '15d' },
  /** To tell the complainant of acceptance, refusal or transfer. */
  'complaint.notice': { rule: '信访工作条例 23', limit: '15d' },
  /** To object to jurisdiction over a complaint transferred here. */
  'complaint.transfer-objection': { rule: '信访工作条例 23', limit: '5wd' },
  /** For the complainant to hand in what is missing. */
  'complaint.supplement': { rule: 'S1-4', limit: undefined },
  /** From acceptance to the conclusion of the investigation. */
  'complaint.investigation': { rule: 'S1-7.4c', limit: undefined },
  /** For the handler's mandatory report. */
  'complaint.handler-report': { rule: 'S1-7.4b', limit: undefined },
  /** From acceptance to the reply. */
  'complaint.reply': { rule: '信访工作条例 34', limit: '60d' },
  /** From the decision to the reply. */
  'complaint.result-notice': { rule: '法律援助投诉处理办法', limit: undefined },
  /** To submit the result to the superior. */
  'complaint.report': { rule: 'S2-4.4.3', limit: '5wd' },
  /** A rectification ordered by the meeting; the office owes it by the day of the order. */
  'complaint.rectification': { rule: 'S0-5.2.3', limit: undefined },
  'complaint.review': { rule: '信访工作条例 35', limit: '30d' },
  'complaint.re-review': { rule: '信访工作条例 36', limit: '30d' },
  /** The clock of an imported ledger, by its own due times. */
  'complaint.imported': { rule: 'S1-2.1', limit: undefined },
  /** Refinements of the above. */
  'complaint.acceptance.legal-aid': { rule: '法律援助投诉处理办法', limit: '5wd' },
  'complaint.notice.legal-aid': { rule: '法律援助投诉处理办法', limit: '5wd' },
  'complaint.reply.legal-aid': { rule: '法律援助投诉处理办法', limit: '45d' },
  'complaint.result-notice.legal-aid': { rule: '法律援助投诉处理办法', limit: '5wd' },
  'complaint.reply.hotline-12345': { rule: '12345', limit: '13wd' },
  /** The longest extension of the reply that may be granted. */
  'complaint.reply.extension': { rule: '信访工作条例 34', limit: '30d' },
} as const satisfies Readonly<Record<string, { rule: string; limit: Limit | undefined }>>

export type ComplaintClockKind = keyof typeof complaintClockKinds

/** Which limits are fixed when an event of the type is recorded. */
const limitsFixedBy: Partial<Record<ComplaintEventType, readonly ComplaintClockKind[]>> = {
  ComplaintRegistered: ['complaint.acceptance', 'complaint.notice', 'complaint.transfer-objection'],
  SupplementRequested: ['complaint.supplement'],
  ComplaintAccepted: ['complaint.reply', 'complaint.investigation'],
  TransferObjectionDecided: ['complaint.acceptance'],
  HandlerReportRequested: ['complaint.handler-report'],
  ReturnedForInvestigation: ['complaint.investigation'],
  OfficeMeetingDecided: ['complaint.result-notice', 'complaint.report'],
  ComplaintMerged: ['complaint.reply'],
  ReviewRequested: ['complaint.review'],
  ReReviewRequested: ['complaint.re-review'],
  ReviewDecided: ['complaint.reply'],
  ReReviewDecided: ['complaint.reply'],
  DecisionQuashed: ['complaint.reply'],
  ComplaintReopened: ['complaint.acceptance', 'complaint.reply'],
}

type About = Pick<ComplaintState, 'procedure' | 'channel'>

const variants = (kind: string, { procedure, channel }: About): string[] => [
  ...(procedure ? [`${kind}.${procedure}`] : []),
  ...(channel ? [`${kind}.${channel}`] : []),
  kind,
]

/** The limit valid now: the procedure's own, else the channel's own, else the kind's. */
export function limitFor(kind: string, about: About, context: Pick<DecideContext, 'limit'>): Limit | undefined {
  return variants(kind, about)
    .map(context.limit)
    .find((limit) => limit !== undefined)
}

/** The most an extension of the clock may add; nothing where the rule knows none. */
export function extensionFor(kind: string, about: About, context: Pick<DecideContext, 'limit'>): Limit | undefined {
  const asked = variants(kind, about).map((variant) => `${variant}.extension`)
  return asked.map(context.limit).find((limit) => limit !== undefined)
}

/** The limits and policy to keep with an event that starts clocks; nothing where it starts none. */
export function basisFor(
  type: ComplaintEventType,
  about: About,
  context: Pick<DecideContext, 'limit' | 'policy'>,
): Basis | undefined {
  const limits: Record<string, Limit> = {}
  for (const kind of limitsFixedBy[type] ?? []) {
    const limit = limitFor(kind, about, context)
    if (limit !== undefined) limits[kind] = limit
  }
  return Object.keys(limits).length === 0 ? undefined : { policy: context.policy, limits }
}

/** Starts a clock if its event fixed a limit for it (or it has a due time of its own). */
export const start = (
  clocks: readonly Clock[],
  kind: ComplaintClockKind,
  step: Step,
  owner: { organisation: string; person?: string | undefined },
  dueAt?: EffectiveTime,
): readonly Clock[] => startClock(clocks, kind, complaintClockKinds[kind].rule, step, owner, dueAt)

export const { stop, cancel, cancelExcept, pause, unpause, extend } = clockChanges<ComplaintClockKind>()
export { isRunning }

const milestoneAt = (state: ComplaintState, milestone: Milestone): EffectiveTime | undefined =>
  ({
    received: state.receivedAt,
    accepted: state.acceptedAt,
    replied: state.repliedAt,
    closed: state.closedAt,
  })[milestone]

function importedClock(state: ComplaintState): Clock[] {
  const clock = state.imported?.clock
  if (!clock) return []
  const startedAt = milestoneAt(state, clock.starts)
  if (startedAt === undefined) return []
  const stoppedAt = milestoneAt(state, clock.stops)
  const cancelledAt = stoppedAt === undefined ? state.closedAt : undefined
  return [
    {
      id: 'complaint.imported',
      kind: 'complaint.imported',
      startedAt,
      ...(clock.dueAt !== undefined ? { dueAt: clock.dueAt } : clock.limit !== undefined ? { limit: clock.limit } : {}),
      pauses: [],
      extensions: [],
      ...(stoppedAt === undefined ? {} : { stoppedAt }),
      ...(cancelledAt === undefined ? {} : { cancelledAt }),
      rule: complaintClockKinds['complaint.imported'].rule,
      organisation: state.organisation,
    },
  ]
}

/**
 * Every clock of the case, ended ones too. An imported case has its ledger's clock as soon as the milestone that starts
 * it is known; without a due time or limit it is a clock without deadline.
 */
export const clocks = (state: ComplaintState): Clock[] => [...state.clocks, ...importedClock(state)]
