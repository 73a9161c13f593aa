/** Whether a step can stand on a state: the rules of S1-5 on the event itself, so that they judge new steps and corrections alike. */
import { isLate } from '../calendar/deadline.ts'
import { personOf } from '../complaint/evolve.ts'
import { judgeMiss } from '../deadline-missed.ts'
import { type Refusal, refusal } from '../decider.ts'
import { roughDays } from '../policy.ts'
import { dateOf, isEarlier } from '../time.ts'
import { answerClock } from './clocks.ts'
import type { SupervisionEventType, SupervisionStep } from './events.ts'
import type { Importance, Route } from './fields.ts'
import { lawful } from './lawful.ts'
import { isOpenTask, levelReached, type SupervisionState, type Task, taskOf } from './state.ts'

type StepOfType<Type extends SupervisionEventType> = Extract<SupervisionStep, { type: Type }>
type Rule<Type extends SupervisionEventType> = (
  state: SupervisionState,
  step: StepOfType<Type>,
  /** The task the step names, where it names one that is there. */
  task: Task,
) => Refusal | undefined

/** Who coordinates a difficulty (S1-5.3c): the office a normal matter, the leader in charge of the unit an important one. */
export const routeFor = (importance: Importance): Route =>
  importance === 'normal' ? 'supervision-office' : 'leader-in-charge'

const both = (step: { data: { limit?: unknown; due?: unknown } }): Refusal | undefined =>
  step.data.limit !== undefined && step.data.due !== undefined
    ? refusal('limit-and-due', 'S1-5.3d', { pointer: '/due' })
    : undefined

/** A last day of its own that lies before the step. */
function dueInPast(step: SupervisionStep & { data: { due?: string | undefined } }): Refusal | undefined {
  const { due } = step.data
  return due !== undefined && isEarlier(due, step.effectiveAt)
    ? refusal('due-before-start', 'S1-5.3d', { pointer: '/due' })
    : undefined
}

const times = (step: SupervisionStep & { data: { limit?: string | undefined; due?: string | undefined } }) =>
  both(step) ?? dueInPast(step)

function onlyOnce(state: SupervisionState, unit: string): Refusal | undefined {
  return state.tasks.some((task) => task.unit === unit && isOpenTask(task))
    ? refusal('supervision-unit-already-charged', 'S1-5.3a', { pointer: '/unit' })
    : undefined
}

/** Whether the answer can be given now: signed for, and not given already. */
function answerable(task: Task): Refusal | undefined {
  if (task.status === 'assigned') return refusal('reply-without-sign-for', 'S1-5.3a', { pointer: '/task' })
  return task.status === 'replied' ? refusal('answer-waits-for-review', 'S1-5.3d', { pointer: '/task' }) : undefined
}

function reviewable(_: SupervisionState, step: SupervisionStep, task: Task): Refusal | undefined {
  if (task.status !== 'replied') return refusal('answer-missing', 'S1-5.3d', { pointer: '/task' })
  const actor = personOf(step.actor)
  return actor !== undefined && actor === task.answeredBy ? refusal('reviewer-is-replier', 'S1-5.3d') : undefined
}

const sum = (limits: readonly string[]): number => limits.reduce((days, limit) => days + roughDays(limit), 0)

/** Steps that a unit does itself: another unit that is charged with the item cannot do them for it. */
const byTheUnit: ReadonlySet<SupervisionEventType> = new Set<SupervisionEventType>([
  'TaskSigned',
  'ProgressReported',
  'CoordinationRequested',
  'TaskPlanned',
  'TaskDeclinedWithReason',
  'DelayReported',
  'ExtensionRequested',
  'EvidenceAdded',
  'SupervisionReplied',
])

/** Steps on a task that has ended already. */
const onEndedTask: ReadonlySet<SupervisionEventType> = new Set<SupervisionEventType>(['CardIssued'])

const rules: { readonly [Type in SupervisionEventType]?: Rule<Type> } = {
  SupervisionOpened(_, step) {
    const { source, about } = step.data
    if (source !== 'instruction' && source !== 'other' && about === undefined)
      return refusal('supervision-about-missing', 'S1-5.1', { pointer: '/about' })
    if (about === undefined && step.data.matter === undefined)
      return refusal('supervision-matter-missing', 'S1-5.1', { pointer: '/matter' })
    return times(step)
  },
  SupervisionTaskAssigned(state, step) {
    const { task, role, unit } = step.data
    if (taskOf(state, task)) return refusal('supervision-task-known', 'S1-5.3a', { pointer: '/task' })
    const lead = state.tasks.some((each) => each.role === 'lead' && each.status !== 'cancelled')
    if (role === 'lead' && lead) return refusal('supervision-second-lead', 'S1-5.2d', { pointer: '/role' })
    if (role === 'co-handling' && !lead) return refusal('supervision-lead-missing', 'S1-5.2d', { pointer: '/role' })
    return onlyOnce(state, unit) ?? times(step)
  },
  TaskSigned: (_, __, task) =>
    task.status === 'assigned' ? undefined : refusal('supervision-already-signed', 'S1-5.3a', { pointer: '/task' }),
  TaskTransferred(state, step, task) {
    if (task.status === 'replied') return refusal('answer-waits-for-review', 'S1-5.3d', { pointer: '/task' })
    return onlyOnce(state, step.data.unit) ?? times(step)
  },
  SupervisionActionTaken(state, step) {
    const { method, whom, whomInWords, next } = step.data
    if (!state.rules?.methods.includes(method))
      return refusal('chase-method-unknown', 'S1-5.3b', { pointer: '/method', detail: { method } })
    if (whom === undefined && whomInWords === undefined)
      return refusal('chase-without-whom', 'S1-5.3b', { pointer: '/whom' })
    return next !== undefined && next < dateOf(step.effectiveAt)
      ? refusal('date-before-step', 'S1-5.3b', { pointer: '/next' })
      : undefined
  },
  CoordinationRequested(state, step, task) {
    const { route, leader } = step.data
    if (task.coordination) return refusal('coordination-already-requested', 'S1-5.3c', { pointer: '/task' })
    const right = routeFor(state.importance)
    if (route !== right)
      return refusal('coordination-misrouted', 'S1-5.3c', { pointer: '/route', detail: { route: right } })
    if (right === 'supervision-office') return undefined
    if (leader === undefined) return refusal('coordination-leader-missing', 'S1-5.3c', { pointer: '/leader' })
    return task.leader !== undefined && task.leader !== leader
      ? refusal('coordination-misrouted', 'S1-5.3c', { pointer: '/leader', detail: { route: right } })
      : undefined
  },
  CoordinationDone: (_, __, task) =>
    task.coordination ? undefined : refusal('coordination-not-requested', 'S1-5.3c', { pointer: '/task' }),
  TaskPlanned: (_, step, task) =>
    answerable(task) ??
    (step.data.until < dateOf(step.effectiveAt)
      ? refusal('date-before-step', 'S1-5.2b', { pointer: '/until' })
      : undefined),
  TaskDeclinedWithReason: (_, __, task) => answerable(task),
  /** What is about no task is the item's own office's to add. */
  EvidenceAdded: (_, step) => (step.data.task === undefined ? forAnother(step, step.organisation) : undefined),
  SupervisionReplied: (_, __, task) => answerable(task),
  DelayReported(state, step, task) {
    if (!answerClock(state.clocks, task.id)) return refusal('clock-not-running', 'S1-5.2c', { pointer: '/task' })
    const { due, expectedBy } = step.data
    if (isLate(step.effectiveAt, due)) return refusal('delay-reported-too-late', 'S1-5.2c', { detail: { due } })
    return expectedBy !== undefined && expectedBy < dateOf(step.effectiveAt)
      ? refusal('date-before-step', 'S1-5.2c', { pointer: '/expectedBy' })
      : undefined
  },
  ExtensionRequested(state, step, task) {
    if (!answerClock(state.clocks, task.id)) return refusal('clock-not-running', 'S1-5.2c', { pointer: '/task' })
    if (task.extension) return refusal('extension-already-requested', 'S1-5.2c', { pointer: '/task' })
    const { by, due, most } = step.data
    if (isLate(step.effectiveAt, due)) return refusal('extension-after-expiry', 'S1-5.2c', { detail: { due } })
    const times = state.rules?.extensions ?? 0
    if (task.extended.length >= times)
      return refusal('extensions-used-up', 'S1-5.2c', { pointer: '/task', detail: { times } })
    return sum([...task.extended, by]) > roughDays(most)
      ? refusal('extension-over-cap', 'S1-5.2c', { pointer: '/by', detail: { most } })
      : undefined
  },
  ExtensionDecided(state, step, task) {
    if (!task.extension) return refusal('extension-not-requested', 'S1-5.2c', { pointer: '/task' })
    const { by, most, asker } = task.extension
    const actor = personOf(step.actor)
    if (actor !== undefined && actor === asker) return refusal('approver-is-applicant', 'S1-5.2c')
    if (!step.data.granted)
      return step.data.reason === undefined
        ? refusal('extension-refused-without-reason', 'S1-5.2c', { pointer: '/reason' })
        : undefined
    if (!answerClock(state.clocks, task.id)) return refusal('clock-not-running', 'S1-5.2c', { pointer: '/task' })
    return sum([...task.extended, step.data.by ?? by]) > roughDays(most)
      ? refusal('extension-over-cap', 'S1-5.2c', { pointer: '/by', detail: { most } })
      : undefined
  },
  ReplyAccepted: reviewable,
  ReplyReturned: (state, step, task) => reviewable(state, step, task) ?? times(step),
  CardIssued(state, step, task) {
    const { card, level } = step.data
    const order = state.rules?.levels ?? []
    if (state.cards.some(({ id }) => id === card)) return refusal('card-known', 'S1-5.3e', { pointer: '/card' })
    if (task.status === 'cancelled') return refusal('supervision-task-ended', 'S1-5.3e', { pointer: '/task' })
    const reached = levelReached(state, task.unit)
    const next = order[reached === undefined ? 0 : order.indexOf(reached) + 1]
    if (level === next) return undefined
    const detail = { ...(reached ? { reached } : {}), ...(next ? { next } : {}) }
    return refusal('card-out-of-order', 'S1-5.3e', { pointer: '/level', detail })
  },
  CardObjected(state, step) {
    const card = state.cards.find(({ id }) => id === step.data.card)
    if (!card) return refusal('card-unknown', 'S1-5.3e', { pointer: '/card' })
    if (card.objection) return refusal('card-objection-repeated', 'S1-5.3e', { pointer: '/card' })
    const early = notBefore(step, card.at)
    return early ?? forAnother(step, card.unit)
  },
  CardObjectionDecided(state, step) {
    const card = state.cards.find(({ id }) => id === step.data.card)
    if (!card) return refusal('card-unknown', 'S1-5.3e', { pointer: '/card' })
    if (card.objection?.outcome !== 'pending') return refusal('card-objection-missing', 'S1-5.3e', { pointer: '/card' })
    const actor = personOf(step.actor)
    if (actor !== undefined && (actor === card.issuer || actor === card.objection.by || actor === card.responsible))
      return refusal('card-objection-judge-involved', 'S1-5.3e')
    return notBefore(step, card.at)
  },
  WrittenCircularIssued(state, step) {
    const { criticised = [], reason } = step.data
    const charged = new Set(state.tasks.map(({ unit }) => unit))
    const stranger = criticised.findIndex((unit) => !charged.has(unit))
    if (stranger >= 0) return refusal('supervision-unit-not-charged', 'S1-5.3e', { pointer: `/criticised/${stranger}` })
    return state.importance !== 'major' && reason === undefined
      ? refusal('circular-without-reason', 'S1-5.3e', { pointer: '/reason' })
      : undefined
  },
  DeadlineMissed: (state, step) => judgeMiss(step.data, state.clocks, state.misses),
  SupervisionClosed: (state, step) => notBefore(step, state.lastStepAt),
  SupervisionWithdrawn: (state, step) => notBefore(step, state.lastStepAt),
}

function notBefore(step: SupervisionStep, predecessor: string | undefined): Refusal | undefined {
  return predecessor !== undefined && isEarlier(step.effectiveAt, predecessor)
    ? refusal('step-before-its-predecessor', 'S1-5.3', {
        pointer: '/effectiveAt',
        detail: { effectiveAt: step.effectiveAt, predecessor },
      })
    : undefined
}

/** Whether the person acts for a unit that is not his, nor the item's own office. */
function forAnother(step: SupervisionStep, unit: string): Refusal | undefined {
  if (!('organisation' in step.actor)) return undefined
  const { organisation } = step.actor
  return organisation !== unit && organisation !== step.organisation
    ? refusal('acts-for-another-unit', 'S1-5.3a', { pointer: '/task' })
    : undefined
}

/** What holds for every step that names a task. */
function onTask(state: SupervisionState, step: SupervisionStep, task: Task): Refusal | undefined {
  if (!isOpenTask(task) && !onEndedTask.has(step.type))
    return refusal('supervision-task-ended', 'S1-5.3a', { pointer: '/task', detail: { status: task.status } })
  if (byTheUnit.has(step.type)) {
    const not = forAnother(step, task.unit)
    if (not) return not
  }
  return (
    notBefore(step, step.type === 'CardIssued' ? task.assignedAt : task.lastStepAt) ?? notBefore(step, state.openedAt)
  )
}

/** Whether the step can stand on the state; the refusal with its rule if not. */
export function guard(state: SupervisionState, step: SupervisionStep): Refusal | undefined {
  const not = lawful(state, step.type)
  if (not) return not
  if (step.type !== 'SupervisionOpened' && step.type !== 'DeadlineMissed') {
    const early = notBefore(step, state.openedAt)
    if (early) return early
  }
  const named = 'task' in step.data && step.type !== 'SupervisionTaskAssigned' ? step.data.task : undefined
  const task = named === undefined ? undefined : taskOf(state, named)
  if (named !== undefined && !task) return refusal('supervision-task-unknown', 'S1-5.3a', { pointer: '/task' })
  const wrong = task && onTask(state, step, task)
  if (wrong) return wrong
  const rule = rules[step.type] as Rule<SupervisionEventType> | undefined
  return rule?.(state, step as never, task as Task)
}
