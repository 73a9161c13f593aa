/** Whether a kind of step is lawful in a state at all, whatever it says. It gives "what comes next", and `guard` starts with it. */
import { type Refusal, refusal } from '../decider.ts'
import { type SupervisionEventType, supervisionEvents } from './events.ts'
import { isOpenTask, type SupervisionState, type SupervisionStatus, type Task } from './state.ts'

const open: readonly SupervisionStatus[] = ['opened', 'assigned', 'answered']
const ended: readonly SupervisionStatus[] = ['closed', 'withdrawn']

/** Steps that also stand after the item has ended. */
const afterTheEnd: ReadonlySet<SupervisionEventType> = new Set<SupervisionEventType>([
  'CardObjected',
  'CardObjectionDecided',
  'WrittenCircularIssued',
  'SummaryReported',
  'ReadersNamed',
  'DeadlineMissed',
])

const some = (state: SupervisionState, test: (task: Task) => boolean): boolean => state.tasks.some(test)
const worked = (task: Task): boolean => task.status === 'signed' || task.status === 'planned'

/** Whether there is anything a step of the type could be about; the refusal if not. */
const needs: { readonly [Type in SupervisionEventType]?: (state: SupervisionState) => Refusal | undefined } = {
  TaskSigned: (state) =>
    some(state, (task) => task.status === 'assigned') ? undefined : refusal('supervision-nothing-to-sign', 'S1-5.3a'),
  TaskTransferred: openTask,
  TaskCancelled: openTask,
  ProgressReported: openTask,
  CoordinationRequested: openTask,
  CoordinationDone: (state) =>
    some(state, (task) => task.coordination !== undefined)
      ? undefined
      : refusal('coordination-not-requested', 'S1-5.3c'),
  TaskPlanned: workedTask,
  TaskDeclinedWithReason: workedTask,
  SupervisionReplied: workedTask,
  DelayReported: openTask,
  ExtensionRequested: openTask,
  ExtensionDecided: (state) =>
    some(state, (task) => task.extension !== undefined) ? undefined : refusal('extension-not-requested', 'S1-5.2c'),
  ReplyAccepted: repliedTask,
  ReplyReturned: repliedTask,
  CardIssued: (state) =>
    some(state, (task) => task.status !== 'cancelled') ? undefined : refusal('supervision-without-tasks', 'S1-5.3e'),
  CardObjected: (state) =>
    state.cards.some((card) => card.objection === undefined)
      ? undefined
      : refusal(state.cards.length === 0 ? 'card-unknown' : 'card-objection-repeated', 'S1-5.3e'),
  CardObjectionDecided: (state) =>
    state.cards.some((card) => card.objection?.outcome === 'pending')
      ? undefined
      : refusal('card-objection-missing', 'S1-5.3e'),
  SupervisionClosed: closing,
}

function openTask(state: SupervisionState): Refusal | undefined {
  return some(state, isOpenTask) ? undefined : refusal('supervision-without-tasks', 'S1-5.3a')
}

function workedTask(state: SupervisionState): Refusal | undefined {
  const waiting = state.tasks.filter(isOpenTask)
  if (waiting.some(worked)) return undefined
  if (waiting.length === 0) return refusal('supervision-without-tasks', 'S1-5.3d')
  if (waiting.every((task) => task.status === 'assigned')) return refusal('reply-without-sign-for', 'S1-5.3a')
  if (waiting.every((task) => task.status === 'replied')) return refusal('answer-waits-for-review', 'S1-5.3d')
  return refusal('supervision-nothing-to-answer', 'S1-5.3d')
}

function repliedTask(state: SupervisionState): Refusal | undefined {
  return some(state, (task) => task.status === 'replied') ? undefined : refusal('answer-missing', 'S1-5.3d')
}

/** Every item gets an outcome and an answer (S1-5.2a), a major one its circular (S1-5.3e). */
function closing(state: SupervisionState): Refusal | undefined {
  const waiting = state.tasks.filter(isOpenTask).length
  if (waiting > 0) return refusal('supervision-tasks-open', 'S1-5.2a', { detail: { count: waiting } })
  if (!some(state, (task) => task.role === 'lead' && task.status === 'settled'))
    return refusal('supervision-close-without-reply', 'S1-5.2a')
  if (state.cards.some((card) => card.objection?.outcome === 'pending'))
    return refusal('card-objection-open', 'S1-5.3e')
  return state.importance === 'major' && state.circulars === 0 ? refusal('circular-missing', 'S1-5.3e') : undefined
}

/** Why no step of this type can stand on this state; nothing if one can. */
export function lawful(state: SupervisionState, type: SupervisionEventType): Refusal | undefined {
  const { rule } = supervisionEvents[type]
  if (type === 'SupervisionOpened') return state.status === 'none' ? undefined : refusal('case-already-opened', rule)
  if (state.status === 'none') return refusal('case-not-opened', rule)
  if (!open.includes(state.status) && !(ended.includes(state.status) && afterTheEnd.has(type)))
    return refusal('supervision-ended', 'S1-5.2a', { detail: { status: state.status } })
  return needs[type]?.(state)
}
