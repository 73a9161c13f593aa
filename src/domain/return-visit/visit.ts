/**
 * 回访: one return visit to the person of a case (S1-7.2): assigned to somebody who never handled the case, attempted, answered, and followed up
 * where the person is not satisfied.
 */
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import { laterOf, personOf } from '../complaint/evolve.ts'
import {
  contactMethods,
  effectiveTime,
  identifier,
  narrative,
  persons,
  reason,
  reference,
  subjectId,
} from '../complaint/fields.ts'
import { deadlineMissed, judgeMiss, type Miss, withMiss } from '../deadline-missed.ts'
import { type Refusal, refusal } from '../decider.ts'
import type { EventMap, NewEventOf, Step, StepOf } from '../event.ts'
import { type EffectiveTime, isEarlier } from '../time.ts'
import { suggestionForms } from '../visit.ts'
import {
  isAnswer,
  remedies,
  type Scores,
  scores,
  type VisitGround,
  type VisitOutcome,
  visitGrounds,
  visitMethods,
  visitOutcomes,
} from './fields.ts'

/** Kinds of return visit clocks and their rules; their limits are policy data. */
export const returnVisitClockKinds = {
  /** From the assignment to the outcome. */
  'returnvisit.visit': { rule: 'S1-7.2' },
  /** From a suggestion to its answer. */
  'returnvisit.suggestion': { rule: 'S1-7.3' },
  /** From a dissatisfied answer to the follow-up. */
  'returnvisit.follow-up': { rule: 'S1-7.2 S1-5.2a' },
} as const satisfies Readonly<Record<string, { rule: string }>>
export type ReturnVisitClockKind = keyof typeof returnVisitClockKinds

const event = <Schema extends z.ZodType>(rule: string, data: Schema) => ({ version: 1, rule, data }) as const

/** Whom a visit is given to. `handlers` is everybody who ever had the case in hand, as the application found them. */
export const assignment = { visitor: identifier, handlers: persons }

export const returnVisitEvents = {
  ReturnVisitAssigned: event(
    'S1-7.2',
    z.strictObject({
      /** The visit's own subject: seals its texts. */
      subject: subjectId,
      /** The case visited: its category and id. */
      category: z.string().regex(/^[a-z]{1,30}$/),
      case: identifier,
      /** The office the case is about: whose satisfaction it counts for. */
      office: identifier.optional(),
      ground: z.enum(visitGrounds),
      /** The plan it was drawn in. */
      plan: reference.optional(),
      ...assignment,
      /** Last day of the visit, where the plan sets one. */
      due: effectiveTime.optional(),
      /** Attempts after which the person may be recorded as unreachable. */
      attempts: z.int().min(1).max(10),
    }),
  ),
  VisitorChanged: event('S1-7.2', z.strictObject({ ...assignment, reason })),
  VisitAttempted: event(
    'S1-7.2',
    z.strictObject({ method: z.enum(visitMethods), reached: z.boolean(), note: reason.optional() }),
  ),
  ReturnVisitRecorded: event(
    'S1-7.2',
    z.strictObject({
      outcome: z.enum(visitOutcomes),
      /** What the person said; only an answer has it. */
      satisfied: z.boolean().optional(),
      scores: scores.optional(),
      text: narrative.optional(),
    }),
  ),
  SuggestionReceived: event('S1-7.3', z.strictObject({ form: z.enum(suggestionForms), text: narrative })),
  PanelFormed: event('S1-7.3', z.strictObject({ members: persons })),
  SuggestionAnswered: event(
    'S1-7.3',
    z.strictObject({ method: z.enum(contactMethods), text: narrative, document: reference.optional() }),
  ),
  /** The supervision item that follows the dissatisfaction up. */
  FollowUpOpened: event('S1-7.2 S1-5.2a', z.strictObject({ item: identifier })),
  /** Review or reopening was offered; whether it was taken is seen in the case. */
  RemedyOffered: event(
    '信访工作条例 35',
    z.strictObject({ remedy: z.enum(remedies), method: z.enum(contactMethods), wanted: z.boolean().optional() }),
  ),
  DeadlineMissed: deadlineMissed,
  ReturnVisitClosed: event('S1-7.2', z.strictObject({ note: reason.optional() })),
} as const satisfies EventMap

export type ReturnVisitEvents = typeof returnVisitEvents
export type ReturnVisitStep = StepOf<ReturnVisitEvents>
export type ReturnVisitEvent = NewEventOf<ReturnVisitEvents>
export type ReturnVisitEventType = keyof ReturnVisitEvents

export interface ReturnVisitState {
  readonly status: 'none' | 'assigned' | 'recorded' | 'closed'
  readonly organisation: string
  readonly subject?: string | undefined
  readonly category?: string | undefined
  readonly case?: string | undefined
  readonly office?: string | undefined
  readonly ground?: VisitGround | undefined
  readonly plan?: string | undefined
  readonly visitor?: string | undefined
  readonly handlers: readonly string[]
  readonly attemptsNeeded: number
  readonly attempts: number
  readonly reached: boolean
  readonly outcome?: VisitOutcome | undefined
  readonly satisfied?: boolean | undefined
  readonly scores?: Scores | undefined
  readonly suggestion: 'none' | 'received' | 'panel-formed' | 'answered'
  readonly panel: readonly string[]
  readonly followUp?: string | undefined
  readonly remedies: readonly string[]
  readonly assignedAt?: EffectiveTime | undefined
  readonly recordedAt?: EffectiveTime | undefined
  readonly lastStepAt?: EffectiveTime | undefined
  readonly misses: readonly Miss[]
  readonly clocks: readonly Clock[]
}

export const initialReturnVisit: ReturnVisitState = {
  status: 'none',
  organisation: '',
  handlers: [],
  attemptsNeeded: 1,
  attempts: 0,
  reached: false,
  suggestion: 'none',
  panel: [],
  remedies: [],
  misses: [],
  clocks: [],
}

/** Whether the person was reached, answered and is not satisfied, so that a follow-up and an offer are owed. */
export const isDissatisfied = (state: ReturnVisitState): boolean => state.satisfied === false

function started(
  state: ReturnVisitState,
  kind: ReturnVisitClockKind,
  step: Step,
  more: { person?: string | undefined; due?: EffectiveTime | undefined } = {},
): readonly Clock[] {
  const limit = step.basis?.limits?.[kind]
  if (limit === undefined && more.due === undefined) return state.clocks
  return [
    ...state.clocks,
    {
      ...{ id: kind, kind, startedAt: step.effectiveAt, pauses: [], extensions: [] },
      ...(more.due === undefined ? { limit: limit! } : { dueAt: more.due }),
      rule: returnVisitClockKinds[kind].rule,
      organisation: state.organisation,
      ...(more.person ? { person: more.person } : {}),
    },
  ]
}

const stopped = (clocks: readonly Clock[], kind: ReturnVisitClockKind, at: EffectiveTime): readonly Clock[] =>
  clocks.map((clock) =>
    clock.kind === kind && clock.stoppedAt === undefined && clock.cancelledAt === undefined
      ? { ...clock, stoppedAt: at }
      : clock,
  )

/** Folds one step; total. */
export function evolve(before: ReturnVisitState, step: ReturnVisitStep): ReturnVisitState {
  const at = step.effectiveAt
  if (step.type === 'DeadlineMissed') return { ...before, misses: withMiss(before.misses, step.data) }
  const state = { ...before, lastStepAt: laterOf(before.lastStepAt, at) }
  switch (step.type) {
    case 'ReturnVisitAssigned': {
      const { data } = step
      const opened: ReturnVisitState = {
        ...initialReturnVisit,
        status: 'assigned',
        organisation: step.organisation,
        subject: data.subject,
        category: data.category,
        case: data.case,
        office: data.office,
        ground: data.ground,
        plan: data.plan,
        visitor: data.visitor,
        handlers: data.handlers,
        attemptsNeeded: data.attempts,
        assignedAt: at,
        lastStepAt: at,
      }
      const owed = { person: data.visitor, due: data.due }
      return { ...opened, clocks: started(opened, 'returnvisit.visit', step, owed) }
    }
    case 'VisitorChanged': {
      const { visitor, handlers } = step.data
      const clocks = state.clocks.map((clock) =>
        clock.kind === 'returnvisit.visit' && clock.stoppedAt === undefined ? { ...clock, person: visitor } : clock,
      )
      return { ...state, visitor, handlers, clocks }
    }
    case 'VisitAttempted':
      return { ...state, attempts: state.attempts + 1, reached: state.reached || step.data.reached }
    case 'ReturnVisitRecorded': {
      const { outcome, satisfied, scores } = step.data
      const clocks = stopped(state.clocks, 'returnvisit.visit', at)
      const recorded = { ...state, status: 'recorded', outcome, satisfied, scores, recordedAt: at, clocks } as const
      if (!isDissatisfied(recorded)) return recorded
      return { ...recorded, clocks: started(recorded, 'returnvisit.follow-up', step) }
    }
    case 'SuggestionReceived':
      return { ...state, suggestion: 'received', clocks: started(state, 'returnvisit.suggestion', step) }
    case 'PanelFormed':
      return { ...state, suggestion: 'panel-formed', panel: step.data.members }
    case 'SuggestionAnswered':
      return { ...state, suggestion: 'answered', clocks: stopped(state.clocks, 'returnvisit.suggestion', at) }
    case 'FollowUpOpened':
      return { ...state, followUp: step.data.item, clocks: stopped(state.clocks, 'returnvisit.follow-up', at) }
    case 'RemedyOffered':
      return { ...state, remedies: [...new Set([...state.remedies, step.data.remedy])] }
    case 'ReturnVisitClosed':
      return { ...state, status: 'closed' }
    default:
      return before
  }
}

/** What the state forbids whatever the step says. */
export function lawful(state: ReturnVisitState, type: ReturnVisitEventType): Refusal | undefined {
  const { rule } = returnVisitEvents[type]
  if (type === 'ReturnVisitAssigned') return state.status === 'none' ? undefined : refusal('case-already-opened', rule)
  if (state.status === 'none') return refusal('case-not-opened', rule)
  if (type === 'DeadlineMissed') return undefined
  if (state.status === 'closed') return refusal('case-closed', rule)
  switch (type) {
    case 'VisitorChanged':
    case 'VisitAttempted':
    case 'ReturnVisitRecorded':
      return state.status === 'assigned' ? undefined : refusal('return-visit-already-recorded', rule)
    case 'SuggestionReceived':
      if (!state.reached) return refusal('return-visit-not-reached', rule)
      return state.suggestion === 'none' ? undefined : refusal('suggestion-already-received', rule)
    case 'PanelFormed':
      return state.suggestion === 'received' || state.suggestion === 'panel-formed'
        ? undefined
        : refusal('suggestion-missing', rule)
    case 'SuggestionAnswered':
      if (state.suggestion === 'none' || state.suggestion === 'answered') return refusal('suggestion-missing', rule)
      return state.suggestion === 'panel-formed' ? undefined : refusal('panel-missing', rule)
    case 'FollowUpOpened':
      if (!isDissatisfied(state)) return refusal('not-dissatisfied', rule)
      return state.followUp === undefined ? undefined : refusal('follow-up-already-opened', rule)
    case 'RemedyOffered':
      return isDissatisfied(state) ? undefined : refusal('not-dissatisfied', rule)
    case 'ReturnVisitClosed':
      return closing(state)
    default:
      return undefined
  }
}

/** Nothing is left owed: an outcome, an answer to the suggestion, and to a dissatisfied person a follow-up and an offer. */
function closing(state: ReturnVisitState): Refusal | undefined {
  if (state.status !== 'recorded') return refusal('return-visit-without-outcome', 'S1-7.2')
  if (state.suggestion === 'received' || state.suggestion === 'panel-formed')
    return refusal('visit-answer-pending', 'S1-7.3')
  if (!isDissatisfied(state)) return undefined
  if (state.followUp === undefined) return refusal('follow-up-missing', 'S1-7.2')
  return state.remedies.length === 0 ? refusal('remedy-not-offered', '信访工作条例 35') : undefined
}

/** An outcome fits what was tried, and only an answer says whether somebody is satisfied. */
function judgeOutcome(state: ReturnVisitState, data: z.output<ReturnVisitEvents['ReturnVisitRecorded']['data']>) {
  const { outcome, satisfied, scores } = data
  if (outcome === 'unreachable') {
    if (state.reached) return refusal('return-visit-was-reached', 'S1-7.2', { pointer: '/outcome' })
    if (state.attempts < state.attemptsNeeded)
      return refusal('too-few-attempts', 'S1-7.2', {
        pointer: '/outcome',
        detail: { attempts: state.attempts, needed: state.attemptsNeeded },
      })
  } else if (!state.reached) return refusal('return-visit-not-reached', 'S1-7.2', { pointer: '/outcome' })
  if (isAnswer(outcome))
    return satisfied === undefined ? refusal('satisfaction-missing', 'S1-7.2', { pointer: '/satisfied' }) : undefined
  if (satisfied !== undefined) return refusal('satisfaction-without-answer', 'S1-7.2', { pointer: '/satisfied' })
  return scores === undefined ? undefined : refusal('satisfaction-without-answer', 'S1-7.2', { pointer: '/scores' })
}

/** Whether the step can stand on the state. */
export function guard(state: ReturnVisitState, step: ReturnVisitStep): Refusal | undefined {
  const not = lawful(state, step.type)
  if (not) return not
  if (step.type === 'DeadlineMissed') return judgeMiss(step.data, state.clocks, state.misses)
  if (state.lastStepAt !== undefined && isEarlier(step.effectiveAt, state.lastStepAt))
    return refusal('step-before-its-predecessor', 'S1-7.2', {
      pointer: '/effectiveAt',
      detail: { effectiveAt: step.effectiveAt, predecessor: state.lastStepAt },
    })
  switch (step.type) {
    case 'ReturnVisitAssigned':
    case 'VisitorChanged': {
      const { visitor, handlers } = step.data
      if (handlers.includes(visitor)) return refusal('visitor-handled-the-case', 'S1-7.2', { pointer: '/visitor' })
      const due = 'due' in step.data ? step.data.due : undefined
      return due !== undefined && isEarlier(due, step.effectiveAt)
        ? refusal('due-before-start', 'S1-7.2', { pointer: '/due' })
        : undefined
    }
    case 'VisitAttempted':
    case 'ReturnVisitRecorded': {
      const actor = personOf(step.actor)
      if (actor !== undefined && actor !== state.visitor) return refusal('not-the-visitor', 'S1-7.2')
      return step.type === 'ReturnVisitRecorded' ? judgeOutcome(state, step.data) : undefined
    }
    case 'PanelFormed':
      return step.data.members.length < 2
        ? refusal('panel-of-one', 'S1-7.3', { pointer: '/members', detail: { count: step.data.members.length } })
        : undefined
    default:
      return undefined
  }
}
