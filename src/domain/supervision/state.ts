/** A supervision item as its steps have made it: plain JSON, and no sealed value in it. */
import type { Clock, Limit } from '../clock.ts'
import type { Miss } from '../deadline-missed.ts'
import type { EffectiveTime } from '../time.ts'
import type { Answer, Importance, ItemRules, Level, Route, Source, TaskRole } from './fields.ts'

/** `answered`: every task is settled, so that the item can be closed. */
export const supervisionStatuses = ['none', 'opened', 'assigned', 'answered', 'closed', 'withdrawn'] as const
export type SupervisionStatus = (typeof supervisionStatuses)[number]

/**
 * `planned`: put on a plan that the office accepted, to be answered by its day. `replied`: an answer waits for review. `settled`: its answer
 * was accepted.
 */
export const taskStatuses = ['assigned', 'signed', 'planned', 'replied', 'settled', 'cancelled'] as const
export type TaskStatus = (typeof taskStatuses)[number]

export interface Task {
  readonly id: string
  readonly unit: string
  readonly role: TaskRole
  readonly status: TaskStatus
  /** Leader in charge of the unit. */
  readonly leader?: string | undefined
  readonly handler?: string | undefined
  readonly assignedAt: EffectiveTime
  readonly signedAt?: EffectiveTime | undefined
  readonly repliedAt?: EffectiveTime | undefined
  /** What the answer given says, and who gave it. */
  readonly answer?: Answer | undefined
  readonly answeredBy?: string | undefined
  /** Last day of the plan. */
  readonly plannedUntil?: string | undefined
  /** Times its answer was returned for rework. */
  readonly returned: number
  readonly transfers: number
  readonly chases: number
  readonly delayReported: boolean
  /** A difficulty that waits for coordination. */
  readonly coordination?: { readonly route: Route; readonly leader?: string | undefined } | undefined
  readonly extension?: { readonly by: Limit; readonly most: Limit; readonly asker?: string | undefined } | undefined
  /** Extensions granted over the whole task, and how many were refused. */
  readonly extended: readonly Limit[]
  readonly extensionsRefused: number
  /** Time of its last step: the next one cannot be certainly earlier. */
  readonly lastStepAt: EffectiveTime
}

/** A card and what became of it. */
export interface Card {
  readonly id: string
  readonly level: Level
  readonly task: string
  readonly unit: string
  readonly responsible: string
  readonly at: EffectiveTime
  readonly issuer?: string | undefined
  readonly objection?:
    | { readonly by?: string | undefined; readonly outcome: 'pending' | 'upheld' | 'rejected' }
    | undefined
}

export interface SupervisionState {
  readonly status: SupervisionStatus
  readonly organisation: string
  /** The item's own subject in the vault. */
  readonly subject?: string | undefined
  readonly source?: Source | undefined
  readonly about?: { readonly category: string; readonly case: string; readonly clock?: string | undefined } | undefined
  readonly leader?: string | undefined
  readonly importance: Importance
  readonly officer?: string | undefined
  readonly openedBy?: string | undefined
  readonly rules?: ItemRules | undefined
  readonly openedAt?: EffectiveTime | undefined
  readonly closedAt?: EffectiveTime | undefined
  readonly lastStepAt?: EffectiveTime | undefined
  readonly tasks: readonly Task[]
  readonly cards: readonly Card[]
  readonly chases: number
  /** Written circulars of the matter. */
  readonly circulars: number
  readonly summaries: number
  /** Files added. */
  readonly evidence: number
  readonly readers?: readonly string[] | undefined
  readonly misses: readonly Miss[]
  /** In the order of their starts. */
  readonly clocks: readonly Clock[]
}

export const initialSupervision: SupervisionState = {
  status: 'none',
  organisation: '',
  importance: 'normal',
  tasks: [],
  cards: [],
  chases: 0,
  circulars: 0,
  summaries: 0,
  evidence: 0,
  misses: [],
  clocks: [],
}

/** Whether anything is still owed on the task. */
export const isOpenTask = (task: Task): boolean => task.status !== 'settled' && task.status !== 'cancelled'

export const taskOf = (state: SupervisionState, id: string): Task | undefined =>
  state.tasks.find((task) => task.id === id)

/** Whether the card still stands: an objection that was upheld takes it away. */
export const stands = (card: Card): boolean => card.objection?.outcome !== 'upheld'

/** The highest level that stands against a unit, by the item's own order. */
export function levelReached(state: SupervisionState, unit: string): Level | undefined {
  const order = state.rules?.levels ?? []
  let highest: Level | undefined
  for (const card of state.cards)
    if (card.unit === unit && stands(card) && order.indexOf(card.level) > (highest ? order.indexOf(highest) : -1))
      highest = card.level
  return highest
}
