/** A disciplinary case as its steps have made it: plain JSON, and no sealed value in it. */
import type { Clock } from '../clock.ts'
import { type EffectiveTime, sortKey } from '../time.ts'
import type { CommitteeMember, DisciplineMeasure } from './events.ts'

export const disciplineStatuses = [
  'none',
  'referred',
  'convened',
  'summoned',
  'heard',
  'decided',
  'served',
  'review',
  'quashed',
  'withdrawn',
  'closed',
  'archived',
] as const
export type DisciplineStatus = (typeof disciplineStatuses)[number]

export interface CommitteeDecision {
  /** What an annulment names. */
  readonly event: string
  readonly at: EffectiveTime
  readonly measure: DisciplineMeasure
  readonly months?: number | undefined
  readonly document: string
  readonly present: readonly string[]
  readonly servedAt?: EffectiveTime | undefined
  /** The event that annulled it. */
  readonly quashedBy?: string | undefined
}

export interface DisciplineState {
  readonly status: DisciplineStatus
  readonly subject?: string | undefined
  readonly organisation: string
  readonly source?: string | undefined
  readonly respondent: 'office' | 'worker'
  /** The office where the act happened (Q18). */
  readonly respondentOffice?: string | undefined
  readonly respondentWorker?: string | undefined
  readonly kind?: string | undefined
  readonly referredBy?: string | undefined
  readonly members: readonly CommitteeMember[]
  readonly chair?: string | undefined
  readonly quorum: number
  readonly recused: readonly string[]
  readonly recusalPending: readonly string[]
  readonly hearingAt?: EffectiveTime | undefined
  readonly evidence: number
  readonly decisions: readonly CommitteeDecision[]
  /** What a review said and is not carried out yet. */
  readonly mustQuash?: 'changed' | 'revoked' | undefined
  readonly reviewed: boolean
  readonly closedAt?: EffectiveTime | undefined
  readonly lastStepAt?: EffectiveTime | undefined
  readonly clocks: readonly Clock[]
}

export const initialDiscipline: DisciplineState = {
  status: 'none',
  organisation: '',
  respondent: 'office',
  members: [],
  quorum: 1,
  recused: [],
  recusalPending: [],
  evidence: 0,
  decisions: [],
  reviewed: false,
  clocks: [],
}

/** The decision that stands: the last one, unless it was quashed. */
export function standing(state: DisciplineState): CommitteeDecision | undefined {
  const last = state.decisions.at(-1)
  return last && last.quashedBy === undefined ? last : undefined
}

/** Members who sit: those convened and not recused. */
export const sitting = (state: DisciplineState): readonly CommitteeMember[] =>
  state.members.filter(({ person }) => !state.recused.includes(person))

export const laterOf = (a: EffectiveTime | undefined, b: EffectiveTime): EffectiveTime =>
  a !== undefined && sortKey(a) > sortKey(b) ? a : b
