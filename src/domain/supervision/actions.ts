/** What a person may do with a supervision item: bodies, when, decide. Rules about the step itself stand in guard.ts and lawful.ts. */
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import { civilDate, identifier, limit, narrative, reason } from '../complaint/fields.ts'
import { deadlineMissed, decideMiss } from '../deadline-missed.ts'
import { type AnyAction, accepted, action, type DecideContext, type Decision, type Refusal } from '../decider.ts'
import { defaultPractice, itemRulesOf, type PracticeInForce } from '../practice.ts'
import type { EffectiveTime } from '../time.ts'
import { answerClock, basisFor, dueOf, limitFor, type SupervisionClockKind } from './clocks.ts'
import {
  openFields,
  ownTime,
  type SupervisionEvent,
  type SupervisionEvents,
  type SupervisionEventType,
  supervisionEvents,
  taskFields,
} from './events.ts'
import { importances, levels, routes } from './fields.ts'
import { routeFor } from './guard.ts'
import { lawful } from './lawful.ts'
import { type SupervisionState, taskOf } from './state.ts'

type SupervisionAction = AnyAction<SupervisionState, SupervisionEvent>
type DataOf<Type extends SupervisionEventType> = z.output<SupervisionEvents[Type]['data']>

/** Which limits are fixed when an event of the type is recorded. */
const limitsFixedBy: Partial<Record<SupervisionEventType, readonly SupervisionClockKind[]>> = {
  SupervisionOpened: ['supervision.item', 'supervision.assignment'],
  SupervisionTaskAssigned: ['supervision.sign-for', 'supervision.reply'],
  TaskTransferred: ['supervision.sign-for'],
  CoordinationRequested: ['supervision.coordination'],
  TaskPlanned: ['supervision.review'],
  TaskDeclinedWithReason: ['supervision.review'],
  SupervisionReplied: ['supervision.review'],
  ReplyAccepted: ['supervision.circular'],
  ReplyReturned: ['supervision.reply'],
  CardObjected: ['supervision.objection'],
}

function eventOf<Type extends SupervisionEventType>(
  type: Type,
  data: DataOf<Type>,
  importance: SupervisionState['importance'],
  context: DecideContext,
): SupervisionEvent {
  return { type, data, ...basisFor(limitsFixedBy[type] ?? [], importance, context) } as SupervisionEvent
}

/** An action whose body is the fact itself. */
function records<Type extends SupervisionEventType>(type: Type): SupervisionAction {
  const { rule, data } = supervisionEvents[type]
  return action<SupervisionState, SupervisionEvent, z.ZodType<DataOf<Type>>>({
    rule,
    body: data as unknown as z.ZodType<DataOf<Type>>,
    when: (state) => lawful(state, type),
    decide: (body, state, context) => accepted(eventOf(type, body, state.importance, context)),
  })
}

/** An action that completes its body from state and context before it is a fact. */
function completes<Type extends SupervisionEventType, Schema extends z.ZodType>(
  type: Type,
  body: Schema,
  complete: (
    body: z.output<Schema>,
    state: SupervisionState,
    context: DecideContext,
  ) => DataOf<Type> | { readonly refusal: Refusal },
  more: { creates?: true } = {},
): SupervisionAction {
  return action<SupervisionState, SupervisionEvent, Schema>({
    rule: supervisionEvents[type].rule,
    ...more,
    body,
    when: (state) => lawful(state, type),
    decide(asked, state, context): Decision<SupervisionEvent> {
      const data = complete(asked, state, context)
      if ('refusal' in (data as object)) return { ok: false, refusal: (data as { refusal: Refusal }).refusal }
      const { importance } = type === 'SupervisionOpened' ? (data as DataOf<'SupervisionOpened'>) : state
      return accepted(eventOf(type, data as DataOf<Type>, importance, context))
    },
  })
}

/** The practice the application found to be in force (`facts.practice`), or the shipped one. */
const practiceOf = (context: DecideContext): PracticeInForce =>
  (context.facts?.practice as PracticeInForce | undefined) ?? { policy: 'practice@0', practice: defaultPractice }

const openBody = z.strictObject({ ...openFields, importance: z.enum(importances).default('normal') })
const open = completes(
  'SupervisionOpened',
  openBody,
  (body, _, context) => ({ subject: context.newId('subject'), ...body, rules: itemRulesOf(practiceOf(context)) }),
  { creates: true },
)

const assignBody = z.strictObject({ tasks: z.array(z.strictObject(taskFields)).min(1).max(30) })
/** 责任分解: the lead unit first, whatever order they are entered in. */
const assignTasks = action<SupervisionState, SupervisionEvent, typeof assignBody>({
  rule: supervisionEvents.SupervisionTaskAssigned.rule,
  body: assignBody,
  when: (state) => lawful(state, 'SupervisionTaskAssigned'),
  decide({ tasks }, state, context) {
    const named = tasks.map((task, place) => ({ task: context.newId(`tasks/${place}`), ...task }))
    const ordered = [...named.filter(({ role }) => role === 'lead'), ...named.filter(({ role }) => role !== 'lead')]
    return accepted(...ordered.map((data) => eventOf('SupervisionTaskAssigned', data, state.importance, context)))
  },
})

const coordinationBody = z.strictObject({
  task: identifier,
  difficulty: narrative,
  route: z.enum(routes).optional(),
  leader: identifier.optional(),
})
/** Goes to whom it must by importance, unless the person says otherwise and is refused. */
const requestCoordination = completes('CoordinationRequested', coordinationBody, (body, state) => {
  const route = body.route ?? routeFor(state.importance)
  const leader = body.leader ?? (route === 'leader-in-charge' ? taskOf(state, body.task)?.leader : undefined)
  return { ...body, route, ...(leader === undefined ? {} : { leader }) }
})

/** The clock a task is answered by, and when it is due now. */
function dueNow(
  task: string,
  state: SupervisionState,
  context: DecideContext,
): { clock: Clock; due: EffectiveTime } | { refusal: Refusal } {
  if (!taskOf(state, task)) return { refusal: { code: 'supervision-task-unknown', rule: 'S1-5.3a', pointer: '/task' } }
  const clock = answerClock(state.clocks, task)
  const due = clock && dueOf(clock, context)
  return clock && due !== undefined
    ? { clock, due }
    : { refusal: { code: 'clock-not-running', rule: 'S1-5.2c', pointer: '/task' } }
}

const delayBody = z.strictObject({ task: identifier, reason, expectedBy: civilDate.optional() })
const reportDelay = completes('DelayReported', delayBody, (body, state, context) => {
  const found = dueNow(body.task, state, context)
  return 'refusal' in found ? found : { ...body, due: found.due }
})

const extensionBody = z.strictObject({ task: identifier, by: limit, reason })
const requestExtension = completes('ExtensionRequested', extensionBody, (body, state, context) => {
  const found = dueNow(body.task, state, context)
  if ('refusal' in found) return found
  const { importance } = state
  const policy =
    context.limit(`supervision.reply.${importance}.extension`) ?? context.limit('supervision.reply.extension')
  const most = policy ?? state.rules?.extensionCap ?? defaultPractice.extensionCap
  return { ...body, due: found.due, most }
})

const returnBody = z.strictObject({ task: identifier, reason: narrative, ...ownTime })
/** Rework has a limit of its own, or again the one the task had. */
const returnReply = completes('ReplyReturned', returnBody, (body, state, context) => {
  if (body.limit !== undefined || body.due !== undefined) return body
  if (limitFor('supervision.reply', state.importance, context) !== undefined) return body
  const first = state.clocks.find(({ id }) => id === `supervision.reply:${body.task}`)
  return first?.limit === undefined ? body : { ...body, limit: first.limit }
})

const cardBody = z.strictObject({
  task: identifier,
  level: z.enum(levels),
  responsible: identifier,
  document: z.string().trim().min(1).max(100).optional(),
  reason: narrative,
})
const issueCard = completes('CardIssued', cardBody, (body, _, context) => ({ card: context.newId('card'), ...body }))

/** What a sweeper records, dated at the legal moment; what is recorded already, or came in time after all, is nothing to record. */
const recordMiss = action<SupervisionState, SupervisionEvent, typeof deadlineMissed.data>({
  rule: deadlineMissed.rule,
  body: deadlineMissed.data,
  when: (state) => lawful(state, 'DeadlineMissed'),
  decide: (body, state, context) => decideMiss(body, state.clocks, state.misses, context),
})

/** Every action by name; the route is the name in kebab case. */
export const supervisionActions = {
  open,
  changeImportance: records('ImportanceChanged'),
  assignTasks,
  sign: records('TaskSigned'),
  transfer: records('TaskTransferred'),
  cancelTask: records('TaskCancelled'),
  chase: records('SupervisionActionTaken'),
  reportProgress: records('ProgressReported'),
  requestCoordination,
  recordCoordination: records('CoordinationDone'),
  plan: records('TaskPlanned'),
  declineTask: records('TaskDeclinedWithReason'),
  reportDelay,
  requestExtension,
  decideExtension: records('ExtensionDecided'),
  addEvidence: records('EvidenceAdded'),
  reply: records('SupervisionReplied'),
  acceptReply: records('ReplyAccepted'),
  returnReply,
  issueCard,
  objectToCard: records('CardObjected'),
  decideObjection: records('CardObjectionDecided'),
  issueCircular: records('WrittenCircularIssued'),
  reportSummary: records('SummaryReported'),
  changeOfficer: records('OfficerChanged'),
  restrictReaders: records('ReadersNamed'),
  recordMiss,
  close: records('SupervisionClosed'),
  withdraw: records('SupervisionWithdrawn'),
} as const satisfies Readonly<Record<string, SupervisionAction>>

export type SupervisionActionName = keyof typeof supervisionActions
