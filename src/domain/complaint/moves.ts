/** What many steps of a complaint have in common: one step further, back to work, which parts of the report are written. */
import type { Actor } from '../event.ts'
import { type EffectiveTime, sortKey } from '../time.ts'
import { cancel, start } from './clocks.ts'
import type { ComplaintStep } from './events.ts'
import type { ReportPart } from './fields.ts'
import type { ComplaintState, ComplaintStatus } from './state.ts'

/** The person who acted, if one did. */
export const personOf = (actor: Actor): string | undefined => ('person' in actor ? actor.person : undefined)

export const laterOf = (a: EffectiveTime | undefined, b: EffectiveTime): EffectiveTime =>
  a !== undefined && sortKey(a) > sortKey(b) ? a : b

export const add = <T>(list: readonly T[], ...items: readonly T[]): readonly T[] => [...new Set([...list, ...items])]
export const without = <T>(list: readonly T[], item: T): readonly T[] => list.filter((other) => other !== item)

/** Where a case is worked again: with its investigators, to be given some, or to be accepted first. */
const reworked = (state: ComplaintState): ComplaintStatus =>
  state.acceptedAt === undefined ? 'received' : state.investigators.length > 0 ? 'investigating' : 'accepted'

const writtenParts = ['matter', 'grounds', 'verifiedFacts', 'result', 'basis'] as const

/** Which parts of the six-part report the data of a step writes. */
export const partsIn = (data: { readonly [Part in (typeof writtenParts)[number]]?: unknown }): ReportPart[] =>
  writtenParts.filter((part) => data[part] !== undefined)

/** The state with the chain one step further. */
export function moved(state: ComplaintState, step: ComplaintStep, status: ComplaintStatus): ComplaintState {
  return { ...state, status, lastStepAt: laterOf(state.lastStepAt, step.effectiveAt) }
}

/** Back to work after the decision fell or the case was taken up again. */
export function worksAgain(state: ComplaintState, step: ComplaintStep): ComplaintState {
  const status = reworked(state)
  const ended = cancel(
    state.clocks,
    step.effectiveAt,
    'complaint.result-notice',
    'complaint.report',
    'complaint.review',
    'complaint.re-review',
  )
  const kind = status === 'received' ? 'complaint.acceptance' : 'complaint.reply'
  const running = ended.some((clock) => clock.kind === kind && !clock.stoppedAt && !clock.cancelledAt)
  return {
    ...moved(state, step, status),
    repliedAt: undefined,
    closedAt: undefined,
    archivedAt: undefined,
    decidedAt: undefined,
    suspendedFrom: undefined,
    reportParts: [],
    clocks: running || (state.anonymous && kind === 'complaint.reply') ? ended : start(ended, kind, step, state),
  }
}
