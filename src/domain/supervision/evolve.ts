/** Folds one step into the state of a supervision item. Total: any step on any state gives a state, and nothing throws. */
import type { Clock } from '../clock.ts'
import { laterOf, personOf } from '../complaint/evolve.ts'
import { withMiss } from '../deadline-missed.ts'
import {
  answerClock,
  cancel,
  cancelAll,
  cancelTask,
  change,
  runningClock,
  type SupervisionClockKind,
  start,
  stop,
} from './clocks.ts'
import type { SupervisionStep } from './events.ts'
import type { Answer } from './fields.ts'
import {
  type Card,
  initialSupervision,
  isOpenTask,
  type SupervisionState,
  type SupervisionStatus,
  type Task,
  taskOf,
} from './state.ts'

type StepOfType<Type extends SupervisionStep['type']> = Extract<SupervisionStep, { type: Type }>

/** Where the item stands by its tasks. */
function statusOf(tasks: readonly Task[]): SupervisionStatus {
  const given = tasks.filter((task) => task.status !== 'cancelled')
  if (given.length === 0) return 'opened'
  return given.some(isOpenTask) ? 'assigned' : 'answered'
}

function withTask(
  state: SupervisionState,
  id: string,
  step: SupervisionStep,
  edit: Partial<Task>,
  clocks: readonly Clock[] = state.clocks,
): SupervisionState {
  const tasks = state.tasks.map((task) =>
    task.id === id ? { ...task, ...edit, lastStepAt: laterOf(task.lastStepAt, step.effectiveAt) } : task,
  )
  return { ...state, tasks, status: statusOf(tasks), clocks, lastStepAt: laterOf(state.lastStepAt, step.effectiveAt) }
}

const withCard = (state: SupervisionState, id: string, edit: Partial<Card>): SupervisionState => ({
  ...state,
  cards: state.cards.map((card) => (card.id === id ? { ...card, ...edit } : card)),
})

/** Who owes what on a task. */
const holder = ({ id, unit, handler }: Task) => ({ of: id, organisation: unit, person: handler })

/** An answer is given: what waited for it stops. */
function answered(state: SupervisionState, task: Task, step: SupervisionStep, more: Partial<Task>): SupervisionState {
  const at = step.effectiveAt
  const settled: readonly SupervisionClockKind[] = ['supervision.reply', 'supervision.holding', 'supervision.plan']
  let clocks = stop(state.clocks, at, task.id, ...settled)
  clocks = cancel(clocks, at, task.id, 'supervision.next-chase')
  clocks = start(clocks, 'supervision.review', step, {
    of: task.id,
    organisation: state.organisation,
    person: state.officer,
  })
  return withTask(
    state,
    task.id,
    step,
    { status: 'replied', repliedAt: at, answeredBy: personOf(step.actor), extension: undefined, ...more },
    clocks,
  )
}

function accepted(state: SupervisionState, task: Task, step: SupervisionStep): SupervisionState {
  let clocks = stop(state.clocks, step.effectiveAt, task.id, 'supervision.review')
  if (task.answer === 'planned' && task.plannedUntil !== undefined) {
    clocks = start(clocks, 'supervision.plan', step, { ...holder(task), due: task.plannedUntil })
    return withTask(state, task.id, step, { status: 'planned' }, clocks)
  }
  clocks = cancelTask(clocks, step.effectiveAt, task.id)
  const next = withTask(state, task.id, step, { status: 'settled' }, clocks)
  if (next.status !== 'answered' || next.importance !== 'major' || next.circulars > 0) return next
  const owner = { organisation: state.organisation, person: state.officer }
  return { ...next, clocks: start(next.clocks, 'supervision.circular', step, owner) }
}

function transferred(state: SupervisionState, task: Task, step: StepOfType<'TaskTransferred'>): SupervisionState {
  const at = step.effectiveAt
  const { unit, leader, handler, limit, due } = step.data
  let { clocks } = state
  const total = answerClock(clocks, task.id)
  // The first holder's own time is known only now that there is a second one.
  if (task.transfers === 0 && total)
    clocks = start(clocks, 'supervision.holding', step, {
      ...holder(task),
      limit: total.limit,
      due: total.dueAt,
      always: true,
      startedAt: total.startedAt,
    })
  clocks = cancel(clocks, at, task.id, 'supervision.holding', 'supervision.sign-for', 'supervision.coordination')
  const next = { ...task, unit, leader, handler }
  clocks = change(clocks, total?.id, ({ person: _person, ...clock }) => ({
    ...clock,
    organisation: unit,
    ...(handler ? { person: handler } : {}),
  }))
  clocks = start(clocks, 'supervision.sign-for', step, holder(next))
  if (total) clocks = start(clocks, 'supervision.holding', step, { ...holder(next), limit, due, always: true })
  const edit = {
    unit,
    leader,
    handler,
    signedAt: undefined,
    status: 'assigned',
    transfers: task.transfers + 1,
  } as const
  return withTask(state, task.id, step, { ...edit, coordination: undefined }, clocks)
}

/** Steps on a task that is there. */
function evolveTask(state: SupervisionState, task: Task, step: SupervisionStep): SupervisionState {
  const at = step.effectiveAt
  const { id } = task
  const give = (answer: Answer, more: Partial<Task> = {}) => answered(state, task, step, { answer, ...more })
  switch (step.type) {
    case 'TaskSigned': {
      const handler = step.data.handler ?? task.handler
      let clocks = stop(state.clocks, at, id, 'supervision.sign-for')
      if (handler !== undefined)
        for (const kind of ['supervision.reply', 'supervision.holding', 'supervision.plan'] as const)
          clocks = change(clocks, runningClock(clocks, kind, id)?.id, (clock) => ({ ...clock, person: handler }))
      const status = runningClock(state.clocks, 'supervision.plan', id) ? 'planned' : 'signed'
      return withTask(state, id, step, { status, signedAt: at, handler }, clocks)
    }
    case 'TaskTransferred':
      return transferred(state, task, step)
    case 'TaskCancelled':
      return withTask(state, id, step, { status: 'cancelled', extension: undefined }, cancelTask(state.clocks, at, id))
    case 'ProgressReported':
      return withTask(state, id, step, {})
    case 'CoordinationRequested': {
      const { route, leader } = step.data
      const owner =
        route === 'supervision-office'
          ? { of: id, organisation: state.organisation, person: state.officer }
          : { of: id, organisation: task.unit, person: leader }
      const clocks = start(state.clocks, 'supervision.coordination', step, owner)
      return withTask(state, id, step, { coordination: { route, leader } }, clocks)
    }
    case 'CoordinationDone':
      return withTask(
        state,
        id,
        step,
        { coordination: undefined },
        stop(state.clocks, at, id, 'supervision.coordination'),
      )
    case 'TaskPlanned':
      return give('planned', { plannedUntil: step.data.until })
    case 'TaskDeclinedWithReason':
      return give('declined')
    case 'SupervisionReplied':
      return give('done')
    case 'DelayReported':
      return withTask(state, id, step, { delayReported: true })
    case 'ExtensionRequested': {
      const { by, most } = step.data
      return withTask(state, id, step, { extension: { by, most, asker: personOf(step.actor) } })
    }
    case 'ExtensionDecided': {
      const { granted } = step.data
      if (!granted)
        return withTask(state, id, step, { extension: undefined, extensionsRefused: task.extensionsRefused + 1 })
      const by = step.data.by ?? task.extension?.by
      if (by === undefined) return withTask(state, id, step, { extension: undefined })
      const cap = task.extension?.most
      const clocks = change(state.clocks, answerClock(state.clocks, id)?.id, (clock) => ({
        ...clock,
        extensions: [...clock.extensions, by],
        ...(cap === undefined ? {} : { extensionCap: cap }),
      }))
      return withTask(state, id, step, { extension: undefined, extended: [...task.extended, by] }, clocks)
    }
    case 'ReplyAccepted':
      return accepted(state, task, step)
    case 'ReplyReturned': {
      const { limit, due } = step.data
      let clocks = stop(state.clocks, at, id, 'supervision.review')
      clocks = start(clocks, 'supervision.reply', step, { ...holder(task), limit, due })
      const edit = { status: 'signed', answer: undefined, plannedUntil: undefined, repliedAt: undefined } as const
      return withTask(state, id, step, { ...edit, returned: task.returned + 1 }, clocks)
    }
    default:
      return state
  }
}

function opened(step: StepOfType<'SupervisionOpened'>): SupervisionState {
  const { subject, source, about, leader, importance, officer, limit, due, rules } = step.data
  const owner = { organisation: step.organisation, person: officer }
  const clocks = start([], 'supervision.item', step, { ...owner, limit, due })
  return {
    ...initialSupervision,
    status: 'opened',
    organisation: step.organisation,
    subject,
    source,
    about,
    leader,
    importance,
    officer,
    openedBy: personOf(step.actor),
    rules,
    openedAt: step.effectiveAt,
    lastStepAt: step.effectiveAt,
    clocks: start(clocks, 'supervision.assignment', step, owner),
  }
}

function assigned(state: SupervisionState, step: StepOfType<'SupervisionTaskAssigned'>): SupervisionState {
  const { task: id, unit, role, leader, handler, limit, due } = step.data
  const at = step.effectiveAt
  const task: Task = {
    ...{ id, unit, role, leader, handler, status: 'assigned', assignedAt: at, lastStepAt: at },
    ...{ returned: 0, transfers: 0, chases: 0, delayReported: false, extended: [], extensionsRefused: 0 },
  }
  const tasks = [...state.tasks, task]
  let clocks = stop(state.clocks, at, undefined, 'supervision.assignment')
  clocks = cancel(clocks, at, undefined, 'supervision.circular')
  clocks = start(clocks, 'supervision.sign-for', step, holder(task))
  clocks = start(clocks, 'supervision.reply', step, { ...holder(task), limit, due })
  return { ...state, tasks, status: statusOf(tasks), clocks, lastStepAt: laterOf(state.lastStepAt, at) }
}

function chased(state: SupervisionState, step: StepOfType<'SupervisionActionTaken'>): SupervisionState {
  const { task: id, next, by } = step.data
  let clocks = stop(state.clocks, step.effectiveAt, id, 'supervision.next-chase')
  if (next !== undefined)
    clocks = start(clocks, 'supervision.next-chase', step, {
      of: id,
      organisation: state.organisation,
      person: by ?? state.officer ?? personOf(step.actor),
      due: next,
    })
  return {
    ...state,
    clocks,
    chases: state.chases + 1,
    tasks: state.tasks.map((task) => (task.id === id ? { ...task, chases: task.chases + 1 } : task)),
  }
}

export function evolve(state: SupervisionState, step: SupervisionStep): SupervisionState {
  const at = step.effectiveAt
  switch (step.type) {
    case 'SupervisionOpened':
      return opened(step)
    case 'ImportanceChanged':
      return { ...state, importance: step.data.importance }
    case 'SupervisionTaskAssigned':
      return assigned(state, step)
    case 'SupervisionActionTaken':
      return chased(state, step)
    case 'CardIssued': {
      const { card: id, level, task, responsible } = step.data
      const unit = taskOf(state, task)?.unit ?? ''
      const card = { id, level, task, unit, responsible, at, issuer: personOf(step.actor) }
      return { ...state, cards: [...state.cards, card] }
    }
    case 'CardObjected': {
      const { card } = step.data
      const clocks = start(state.clocks, 'supervision.objection', step, { of: card, organisation: state.organisation })
      const objection = { by: personOf(step.actor), outcome: 'pending' } as const
      return withCard({ ...state, clocks }, card, { objection })
    }
    case 'CardObjectionDecided': {
      const { card, upheld } = step.data
      const by = state.cards.find((each) => each.id === card)?.objection?.by
      const clocks = stop(state.clocks, at, card, 'supervision.objection')
      return withCard({ ...state, clocks }, card, { objection: { by, outcome: upheld ? 'upheld' : 'rejected' } })
    }
    case 'WrittenCircularIssued':
      return {
        ...state,
        circulars: state.circulars + 1,
        clocks: stop(state.clocks, at, undefined, 'supervision.circular'),
      }
    case 'SummaryReported':
      return { ...state, summaries: state.summaries + 1 }
    case 'EvidenceAdded':
      return { ...state, evidence: state.evidence + 1 }
    case 'OfficerChanged':
      return { ...state, officer: step.data.officer }
    case 'ReadersNamed':
      return { ...state, readers: step.data.readers.length === 0 ? undefined : step.data.readers }
    case 'DeadlineMissed':
      return { ...state, misses: withMiss(state.misses, step.data) }
    case 'SupervisionClosed':
    case 'SupervisionWithdrawn': {
      const done = step.type === 'SupervisionClosed'
      const clocks = done ? stop(state.clocks, at, undefined, 'supervision.item') : state.clocks
      const closedAt = done ? { closedAt: at } : {}
      const lastStepAt = laterOf(state.lastStepAt, at)
      return { ...state, ...closedAt, lastStepAt, status: done ? 'closed' : 'withdrawn', clocks: cancelAll(clocks, at) }
    }
    default: {
      const task = taskOf(state, step.data.task)
      return task ? evolveTask(state, task, step) : state
    }
  }
}
