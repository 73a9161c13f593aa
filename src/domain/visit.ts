/** 来访: visits, calls, letters, consultations and suggestions that are no complaint (S1-2.1, S1-3, S1-4, S1-6.2, S1-7.3). */
import { z } from 'zod'
import type { Clock, Limit } from './clock.ts'
import { laterOf } from './complaint/evolve.ts'
import {
  breachKinds,
  breachMeasures,
  contactMethods,
  identifier,
  narrative,
  organisationName,
  personEntered,
  personSealed,
  persons,
  reason,
  reference,
  subjectId,
} from './complaint/fields.ts'
import {
  type AnyAction,
  accepted,
  action,
  type DecideContext,
  type Decider,
  type Refusal,
  refusal,
  refused,
} from './decider.ts'
import type { EventMap, NewEventOf, StepOf } from './event.ts'
import { type EffectiveTime, isEarlier } from './time.ts'

export const visitChannels = ['visit', 'call', 'letter', 'online'] as const
/** The six service items of S1-1.2a. */
export const serviceItems = [
  'legal-consultation',
  'legal-aid-application',
  'notary-and-mediation-guidance',
  'complaints-and-suggestions',
  'publicity-and-education',
  'coordination-and-guidance',
] as const
/** The four ways to refer of S1-3.2b: explain, lead there, ring them up, give number or address. */
export const referralModes = ['explained', 'led-there', 'contacted-by-phone', 'number-or-address-given'] as const
export const suggestionForms = ['written', 'oral'] as const

/** Kinds of clocks of a visit: rule and default limit. */
export const visitClockKinds = {
  /** Whoever is first asked sees to an answer (首问负责): from the registration until there is one. */
  'visit.first-contact': { rule: 'S1-3.2 S1-3.3', limit: '1wd' },
  'consultation.phone-reply': { rule: 'S1-6.2', limit: '3d' },
  'suggestion.answer': { rule: 'S1-7.3', limit: undefined },
} as const satisfies Readonly<Record<string, { rule: string; limit: Limit | undefined }>>
type VisitClockKind = keyof typeof visitClockKinds

const intake = {
  channel: z.enum(visitChannels),
  item: z.enum(serviceItems),
  matter: narrative,
}
const event = <Schema extends z.ZodType>(rule: string, data: Schema) => ({ version: 1, rule, data }) as const

export const visitEvents = {
  VisitRegistered: event(
    'S1-2.1 S1-3.2',
    z.strictObject({
      /** The visit's own subject: seals its texts. */
      subject: subjectId,
      ...intake,
      visitor: personSealed.optional(),
      /** The one person first asked, who stays responsible. */
      firstContact: identifier,
    }),
  ),
  HandledOnTheSpot: event('S1-1.2d S1-3.2b', z.strictObject({ result: narrative })),
  ReferralMade: event(
    'S1-3.2b',
    z.strictObject({ mode: z.enum(referralModes), reason, toName: organisationName.optional() }),
  ),
  InstructionRequested: event('S1-3.2c', z.strictObject({ leader: identifier, question: reason })),
  ComplexConsultationOpened: event('S1-6.2', z.strictObject({ handler: identifier, question: narrative })),
  /** An attempt; only a call that reached the person stops the three days. */
  PhoneReplyMade: event('S1-6.2', z.strictObject({ reached: z.boolean(), text: narrative })),
  SuggestionReceived: event('S1-7.3', z.strictObject({ form: z.enum(suggestionForms), text: narrative })),
  PanelFormed: event('S1-7.3', z.strictObject({ members: persons })),
  SuggestionAnswered: event(
    'S1-7.3',
    z.strictObject({ method: z.enum(contactMethods), text: narrative, document: reference.optional() }),
  ),
  /** It turned out to be a complaint and goes on as that case. */
  ComplaintOpened: event('S1-1.2a', z.strictObject({ complaint: identifier })),
  FirstContactBreachConfirmed: event(
    'S1-3.3',
    z.strictObject({
      person: identifier,
      kind: z.enum(breachKinds),
      serious: z.boolean(),
      measure: z.enum(breachMeasures),
      facts: narrative,
    }),
  ),
  VisitClosed: event('S1-5.2a S1-8', z.strictObject({ note: reason.optional() })),
} as const satisfies EventMap

export type VisitEvents = typeof visitEvents
export type VisitStep = StepOf<VisitEvents>
export type VisitEvent = NewEventOf<VisitEvents>
type VisitEventType = keyof VisitEvents

export interface VisitState {
  readonly status: 'none' | 'open' | 'closed'
  readonly organisation: string
  readonly subject?: string | undefined
  readonly visitor?: string | undefined
  readonly channel?: (typeof visitChannels)[number] | undefined
  readonly item?: (typeof serviceItems)[number] | undefined
  readonly firstContact?: string | undefined
  readonly registeredBy?: string | undefined
  readonly registeredAt?: EffectiveTime | undefined
  readonly closedAt?: EffectiveTime | undefined
  /** When the consultation, the suggestion and its panel began: what answers them cannot be certainly earlier. */
  readonly consultedAt?: EffectiveTime | undefined
  readonly suggestedAt?: EffectiveTime | undefined
  readonly panelAt?: EffectiveTime | undefined
  /** Time of the latest step: the closing cannot be certainly earlier. */
  readonly lastStepAt?: EffectiveTime | undefined
  /** Whether the person has got an answer: on the spot, by referral, by phone, in writing, or as a complaint. */
  readonly answered: boolean
  readonly consultation: 'none' | 'open' | 'answered'
  readonly handler?: string | undefined
  readonly suggestion: 'none' | 'received' | 'panel-formed' | 'answered'
  readonly panel: readonly string[]
  readonly complaint?: string | undefined
  readonly breaches: number
  readonly clocks: readonly Clock[]
}

const initial: VisitState = {
  status: 'none',
  organisation: '',
  answered: false,
  consultation: 'none',
  suggestion: 'none',
  panel: [],
  breaches: 0,
  clocks: [],
}

const personOf = (step: VisitStep): string | undefined => ('person' in step.actor ? step.actor.person : undefined)

function started(state: VisitState, kind: VisitClockKind, step: VisitStep, person?: string): readonly Clock[] {
  const limit = step.basis?.limits?.[kind]
  if (limit === undefined) return state.clocks
  const { rule } = visitClockKinds[kind]
  const common = { startedAt: step.effectiveAt, limit, pauses: [], extensions: [], rule }
  return [
    ...state.clocks,
    { id: kind, kind, ...common, organisation: state.organisation, ...(person ? { person } : {}) },
  ]
}
const stopped = (clocks: readonly Clock[], kind: VisitClockKind, at: EffectiveTime): readonly Clock[] =>
  clocks.map((clock) => (clock.kind === kind && clock.stoppedAt === undefined ? { ...clock, stoppedAt: at } : clock))

/** There is an answer: ends the time of whoever was first asked, and of what waited for just this. */
const answeredAt = (state: VisitState, at: EffectiveTime, ...kinds: VisitClockKind[]): VisitState => ({
  ...state,
  answered: true,
  clocks: kinds.reduce((clocks, kind) => stopped(clocks, kind, at), stopped(state.clocks, 'visit.first-contact', at)),
})

/** Folds one step; total. */
function evolve(before: VisitState, step: VisitStep): VisitState {
  const state = { ...before, lastStepAt: laterOf(before.lastStepAt, step.effectiveAt) }
  switch (step.type) {
    case 'VisitRegistered': {
      const registered: VisitState = {
        ...initial,
        status: 'open',
        organisation: step.organisation,
        subject: step.data.subject,
        visitor: step.data.visitor?.subject,
        channel: step.data.channel,
        item: step.data.item,
        firstContact: step.data.firstContact,
        registeredBy: personOf(step),
        registeredAt: step.effectiveAt,
        lastStepAt: step.effectiveAt,
      }
      return { ...registered, clocks: started(registered, 'visit.first-contact', step, step.data.firstContact) }
    }
    case 'HandledOnTheSpot':
    case 'ReferralMade':
      return answeredAt(state, step.effectiveAt)
    case 'InstructionRequested':
      return state
    case 'ComplexConsultationOpened': {
      const { handler } = step.data
      return {
        ...state,
        consultation: 'open',
        consultedAt: step.effectiveAt,
        handler,
        clocks: started(state, 'consultation.phone-reply', step, handler),
      }
    }
    case 'PhoneReplyMade':
      if (!step.data.reached) return state
      return { ...answeredAt(state, step.effectiveAt, 'consultation.phone-reply'), consultation: 'answered' }
    case 'SuggestionReceived':
      return {
        ...state,
        suggestion: 'received',
        suggestedAt: step.effectiveAt,
        clocks: started(state, 'suggestion.answer', step),
      }
    case 'PanelFormed':
      return { ...state, suggestion: 'panel-formed', panel: step.data.members, panelAt: step.effectiveAt }
    case 'SuggestionAnswered':
      return { ...answeredAt(state, step.effectiveAt, 'suggestion.answer'), suggestion: 'answered' }
    case 'ComplaintOpened':
      return { ...answeredAt(state, step.effectiveAt), complaint: step.data.complaint }
    case 'FirstContactBreachConfirmed':
      return { ...before, breaches: before.breaches + 1 }
    case 'VisitClosed':
      return { ...state, status: 'closed', closedAt: step.effectiveAt }
    default:
      return before
  }
}

/** What the state forbids whatever the step says. */
function lawful(state: VisitState, type: VisitEventType): Refusal | undefined {
  const { rule } = visitEvents[type]
  if (type === 'VisitRegistered') return state.status === 'none' ? undefined : refusal('visit-already-registered', rule)
  if (state.status === 'none') return refusal('visit-not-registered', rule)
  if (type === 'FirstContactBreachConfirmed') return undefined
  if (state.status === 'closed') return refusal('visit-not-open', rule)
  switch (type) {
    case 'ComplexConsultationOpened':
      return state.consultation === 'none' ? undefined : refusal('consultation-already-open', rule)
    case 'PhoneReplyMade':
      return state.consultation === 'open' ? undefined : refusal('consultation-not-open', rule)
    case 'SuggestionReceived':
      return state.suggestion === 'none' ? undefined : refusal('suggestion-already-received', rule)
    case 'PanelFormed':
      return state.suggestion === 'received' || state.suggestion === 'panel-formed'
        ? undefined
        : refusal('suggestion-missing', rule)
    case 'SuggestionAnswered':
      if (state.suggestion === 'none') return refusal('suggestion-missing', rule)
      return state.suggestion === 'panel-formed' ? undefined : refusal('panel-missing', rule)
    case 'VisitClosed': {
      const owed =
        state.consultation === 'open' || state.suggestion === 'received' || state.suggestion === 'panel-formed'
      return state.answered && !owed ? undefined : refusal('visit-answer-pending', rule)
    }
    default:
      return undefined
  }
}

/** What a step follows, besides the registration that every one does. */
function predecessorOf(state: VisitState, type: VisitEventType): EffectiveTime | undefined {
  switch (type) {
    case 'PhoneReplyMade':
      return state.consultedAt
    case 'PanelFormed':
      return state.suggestedAt
    case 'SuggestionAnswered':
      return state.panelAt
    case 'VisitClosed':
      return state.lastStepAt
    default:
      return state.registeredAt
  }
}

function guard(state: VisitState, step: VisitStep): Refusal | undefined {
  const not = lawful(state, step.type)
  if (not) return not
  const predecessor = predecessorOf(state, step.type)
  if (predecessor !== undefined && isEarlier(step.effectiveAt, predecessor))
    return refusal('step-before-its-predecessor', visitEvents[step.type].rule, {
      pointer: '/effectiveAt',
      detail: { effectiveAt: step.effectiveAt, predecessor },
    })
  if (step.type === 'PanelFormed' && step.data.members.length < 2)
    return refusal('panel-of-one', 'S1-7.3', { pointer: '/members', detail: { count: step.data.members.length } })
  return undefined
}

const limitsFixedBy: Partial<Record<VisitEventType, VisitClockKind>> = {
  VisitRegistered: 'visit.first-contact',
  ComplexConsultationOpened: 'consultation.phone-reply',
  SuggestionReceived: 'suggestion.answer',
}

function eventOf<Type extends VisitEventType>(
  type: Type,
  data: z.output<VisitEvents[Type]['data']>,
  context: DecideContext,
): VisitEvent {
  const kind = limitsFixedBy[type]
  const limit = kind && context.limit(kind)
  const basis = kind && limit ? { basis: { policy: context.policy, limits: { [kind]: limit } } } : {}
  return { type, data, ...basis } as VisitEvent
}

type VisitAction = AnyAction<VisitState, VisitEvent>

function records<Type extends VisitEventType>(type: Type): VisitAction {
  type Data = z.output<VisitEvents[Type]['data']>
  return action<VisitState, VisitEvent, z.ZodType<Data>>({
    rule: visitEvents[type].rule,
    body: visitEvents[type].data as unknown as z.ZodType<Data>,
    when: (state) => lawful(state, type),
    decide: (body, _, context) => accepted(eventOf(type, body, context)),
  })
}

const registerBody = z.strictObject({
  ...intake,
  visitor: personEntered.optional(),
  /** Default: the person who registers. */
  firstContact: identifier.optional(),
})

const register = action<VisitState, VisitEvent, typeof registerBody>({
  rule: visitEvents.VisitRegistered.rule,
  creates: true,
  body: registerBody,
  when: (state) => lawful(state, 'VisitRegistered'),
  decide({ visitor, ...plain }, _, context) {
    const firstContact = plain.firstContact ?? ('person' in context.actor ? context.actor.person : undefined)
    if (firstContact === undefined) return refused('first-contact-missing', 'S1-3.2', { pointer: '/firstContact' })
    const subject = visitor && (visitor.subject ?? context.newId('visitor/subject'))
    const data = {
      subject: context.newId('subject'),
      ...plain,
      firstContact,
      ...(visitor && subject ? { visitor: { ...visitor, subject } } : {}),
    }
    return accepted(eventOf('VisitRegistered', data, context))
  },
})

export const visitActions = {
  register,
  handleOnTheSpot: records('HandledOnTheSpot'),
  refer: records('ReferralMade'),
  requestInstruction: records('InstructionRequested'),
  openComplexConsultation: records('ComplexConsultationOpened'),
  replyByPhone: records('PhoneReplyMade'),
  receiveSuggestion: records('SuggestionReceived'),
  formPanel: records('PanelFormed'),
  answerSuggestion: records('SuggestionAnswered'),
  linkComplaint: records('ComplaintOpened'),
  confirmFirstContactBreach: records('FirstContactBreachConfirmed'),
  close: records('VisitClosed'),
} as const satisfies Readonly<Record<string, VisitAction>>

/** A visit from its registration to its closing. */
export const visitDecider: Decider<VisitState, VisitEvents> = {
  category: 'visit',
  events: visitEvents,
  initial,
  evolve,
  guard,
  actions: visitActions,
}

/** Every clock of the visit. */
export const visitClocks = (state: VisitState): readonly Clock[] => state.clocks
