/** What a person may do with a return visit. Rules about the step itself stand in visit.ts. */
import { z } from 'zod'
import { effectiveTime, identifier, reason, reference } from '../complaint/fields.ts'
import { deadlineMissed, decideMiss } from '../deadline-missed.ts'
import { type AnyAction, accepted, action, type DecideContext, type Refusal, refusal } from '../decider.ts'
import { defaultPractice, type PracticeInForce } from '../practice.ts'
import { visitGrounds } from './fields.ts'
import {
  lawful,
  type ReturnVisitClockKind,
  type ReturnVisitEvent,
  type ReturnVisitEvents,
  type ReturnVisitEventType,
  type ReturnVisitState,
  returnVisitEvents,
} from './visit.ts'

type VisitAction = AnyAction<ReturnVisitState, ReturnVisitEvent>
type DataOf<Type extends ReturnVisitEventType> = z.output<ReturnVisitEvents[Type]['data']>

const limitsFixedBy: Partial<Record<ReturnVisitEventType, ReturnVisitClockKind>> = {
  ReturnVisitAssigned: 'returnvisit.visit',
  ReturnVisitRecorded: 'returnvisit.follow-up',
  SuggestionReceived: 'returnvisit.suggestion',
}

function eventOf<Type extends ReturnVisitEventType>(
  type: Type,
  data: DataOf<Type>,
  context: DecideContext,
): ReturnVisitEvent {
  const kind = limitsFixedBy[type]
  const limit = kind && context.limit(kind)
  const basis = kind && limit ? { basis: { policy: context.policy, limits: { [kind]: limit } } } : {}
  return { type, data, ...basis } as ReturnVisitEvent
}

function records<Type extends ReturnVisitEventType>(type: Type): VisitAction {
  const { rule, data } = returnVisitEvents[type]
  return action<ReturnVisitState, ReturnVisitEvent, z.ZodType<DataOf<Type>>>({
    rule,
    body: data as unknown as z.ZodType<DataOf<Type>>,
    when: (state) => lawful(state, type),
    decide: (body, _, context) => accepted(eventOf(type, body, context)),
  })
}

/** Everybody who ever had the case in hand, as the application found them (`facts.handlers`); never what the person says. */
function handlersOf(context: DecideContext): { handlers: string[] } | { refusal: Refusal } {
  const handlers = context.facts?.handlers
  return Array.isArray(handlers)
    ? { handlers: [...new Set(handlers as string[])] }
    : { refusal: refusal('facts-missing', 'S1-7.2', { detail: { facts: 'handlers' } }) }
}

const assignBody = z.strictObject({
  category: z
    .string()
    .regex(/^[a-z]{1,30}$/)
    .default('complaint'),
  case: identifier,
  office: identifier.optional(),
  ground: z.enum(visitGrounds),
  plan: reference.optional(),
  visitor: identifier,
  due: effectiveTime.optional(),
})
const assign = action<ReturnVisitState, ReturnVisitEvent, typeof assignBody>({
  rule: 'S1-7.2',
  creates: true,
  body: assignBody,
  when: (state) => lawful(state, 'ReturnVisitAssigned'),
  decide(body, _, context) {
    const found = handlersOf(context)
    if ('refusal' in found) return { ok: false, refusal: found.refusal }
    const { practice } = (context.facts?.practice as PracticeInForce | undefined) ?? { practice: defaultPractice }
    const data = { subject: context.newId('subject'), ...body, ...found, attempts: practice.visitAttempts }
    return accepted(eventOf('ReturnVisitAssigned', data, context))
  },
})

const changeBody = z.strictObject({ visitor: identifier, reason })
const changeVisitor = action<ReturnVisitState, ReturnVisitEvent, typeof changeBody>({
  rule: 'S1-7.2',
  body: changeBody,
  when: (state) => lawful(state, 'VisitorChanged'),
  decide(body, _, context) {
    const found = handlersOf(context)
    if ('refusal' in found) return { ok: false, refusal: found.refusal }
    return accepted(eventOf('VisitorChanged', { ...body, ...found }, context))
  },
})

/** What a sweeper records, dated at the legal moment. */
const recordMiss = action<ReturnVisitState, ReturnVisitEvent, typeof deadlineMissed.data>({
  rule: deadlineMissed.rule,
  body: deadlineMissed.data,
  when: (state) => lawful(state, 'DeadlineMissed'),
  decide: (body, state, context) => decideMiss(body, state.clocks, state.misses, context),
})

/** Every action by name; the route is the name in kebab case. */
export const returnVisitActions = {
  assign,
  changeVisitor,
  attempt: records('VisitAttempted'),
  record: records('ReturnVisitRecorded'),
  receiveSuggestion: records('SuggestionReceived'),
  formPanel: records('PanelFormed'),
  answerSuggestion: records('SuggestionAnswered'),
  openFollowUp: records('FollowUpOpened'),
  offerRemedy: records('RemedyOffered'),
  recordMiss,
  close: records('ReturnVisitClosed'),
} as const satisfies Readonly<Record<string, VisitAction>>

export type ReturnVisitActionName = keyof typeof returnVisitActions
