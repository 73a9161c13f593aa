/**
 * Legal service bodies: grassroots legal service offices (基层法律服务所, Order 137), and as reference data law firms, notary offices,
 * legal aid agencies and forensic institutions. Stream `office-<id>`.
 */
import { z } from 'zod'
import { accepted, action, type Decider, refusal } from '../decider.ts'
import type { NewEventOf, StepOf } from '../event.ts'
import { type EffectiveTime, isEarlier } from '../time.ts'
import { address, date, division, documentNumber, event, id, name, notBefore, note, notFuture } from './fields.ts'
import { type Fact, factsUntil, laterThan, withFact } from './timeline.ts'

export const officeKinds = [
  'legal-service-office',
  'law-firm',
  'notary-office',
  'legal-aid-agency',
  'forensic-institution',
] as const
export type OfficeKind = (typeof officeKinds)[number]

const registration = {
  kind: z.enum(officeKinds),
  name,
  division,
  licence: documentNumber,
  /** Organisation that supervises it. */
  organisation: id,
  /** Day of registration by its licence; the event's effective time. */
  registeredOn: date,
  address: address.optional(),
}

export const officeEvents = {
  OfficeRegistered: event('基层法律服务所管理办法 7', z.strictObject(registration)),
  OfficeRenamed: event('S0-5.1.2', z.strictObject({ name })),
  /** Other premises, perhaps in another division (S4-4.5b: an unauthorised move is a violation). */
  OfficeMoved: event('S4-4.5b', z.strictObject({ division, address: address.optional() })),
  OfficeSuspended: event('基层法律服务所管理办法', z.strictObject({ reason: note.optional() })),
  OfficeResumed: event('基层法律服务所管理办法', z.strictObject({})),
  OfficeDeregistered: event('基层法律服务所管理办法', z.strictObject({ reason: note.optional() })),
}
type Events = typeof officeEvents
type New = NewEventOf<Events>
type OfficeEventType = keyof Events

interface OfficeFact extends Fact {
  readonly type: OfficeEventType
  readonly name?: string
  readonly division?: string
  readonly address?: string | undefined
}

export interface OfficeState {
  readonly registered?: {
    readonly kind: OfficeKind
    readonly licence: string
    /** Organisation that supervises it. */
    readonly organisation: string
    readonly at: EffectiveTime
  }
  /** Everything that held from some time on, by time. */
  readonly facts: readonly OfficeFact[]
}

/** An office as it was at a time. */
export interface OfficeView {
  readonly kind: OfficeKind
  readonly licence: string
  readonly organisation: string
  readonly name: string
  readonly division: string
  readonly address?: string
  /** Registered and practising: only such an office can be enrolled in a cycle (S0-2.1). */
  readonly active: boolean
  readonly status: 'active' | 'suspended' | 'deregistered'
}

const RANK: Readonly<Record<OfficeEventType, number>> = {
  OfficeRegistered: 0,
  OfficeRenamed: 1,
  OfficeMoved: 2,
  OfficeSuspended: 3,
  OfficeResumed: 4,
  OfficeDeregistered: 5,
}

const initial: OfficeState = { facts: [] }

function evolve(state: OfficeState, step: StepOf<Events>): OfficeState {
  const rank = RANK[step.type]
  if (rank === undefined) return state
  const fact: OfficeFact = { id: step.id, at: step.effectiveAt, rank, type: step.type, ...pick(step) }
  const facts = withFact(state.facts, fact)
  if (step.type !== 'OfficeRegistered') return { ...state, facts }
  const { kind, licence, organisation } = step.data
  return { registered: { kind, licence, organisation, at: step.effectiveAt }, facts }
}

function pick(step: StepOf<Events>): Partial<OfficeFact> {
  switch (step.type) {
    case 'OfficeRegistered':
      return { name: step.data.name, division: step.data.division, address: step.data.address }
    case 'OfficeRenamed':
      return { name: step.data.name }
    case 'OfficeMoved':
      return { division: step.data.division, address: step.data.address }
    default:
      return {}
  }
}

/** The office at a time, as its facts by then say; undefined before it was registered. */
export function officeAt(state: OfficeState, bound: EffectiveTime): OfficeView | undefined {
  const facts = factsUntil(state.facts, bound)
  const first = facts.find((fact) => fact.type === 'OfficeRegistered')
  if (!state.registered || !first) return undefined
  let { name = '', division = '', address } = first
  let status: OfficeView['status'] = 'active'
  for (const fact of facts) {
    if (fact.type === 'OfficeRenamed') name = fact.name!
    else if (fact.type === 'OfficeMoved') {
      division = fact.division!
      address = fact.address
    } else if (status === 'deregistered') continue
    else if (fact.type === 'OfficeSuspended') status = 'suspended'
    else if (fact.type === 'OfficeResumed') status = 'active'
    else if (fact.type === 'OfficeDeregistered') status = 'deregistered'
  }
  const { kind, licence, organisation } = state.registered
  const view = { kind, licence, organisation, name, division, active: status === 'active', status }
  return address === undefined ? view : { ...view, address }
}

/** Whether at that time suspensions certainly outweigh: the last of suspending and resuming before it was a suspension. */
const suspendedBefore = (state: OfficeState, at: EffectiveTime): boolean =>
  state.facts.findLast(
    (fact) => (fact.type === 'OfficeSuspended' || fact.type === 'OfficeResumed') && !isEarlier(at, fact.at),
  )?.type === 'OfficeSuspended'

function guard(state: OfficeState, step: StepOf<Events>) {
  if (step.type === 'OfficeRegistered') return state.registered ? refusal('registry-already-registered') : undefined
  if (!state.registered) return refusal('registry-not-registered')
  const at = step.effectiveAt
  const early = notBefore(state.registered.at, at)
  if (early) return early
  const end = state.facts.find((fact) => fact.type === 'OfficeDeregistered')
  if (step.type === 'OfficeDeregistered') {
    if (end) return refusal('office-deregistered')
    return laterThan(state.facts, at) ? refusal('registry-later-fact-stands') : undefined
  }
  if (end && isEarlier(end.at, at)) return refusal('office-deregistered')
  if (step.type === 'OfficeSuspended' && suspendedBefore(state, at)) return refusal('office-suspended')
  if (step.type === 'OfficeResumed' && !suspendedBefore(state, at)) return refusal('office-not-suspended')
  return undefined
}

const status = (state: OfficeState) => {
  let last: OfficeView['status'] = 'active'
  for (const { type } of state.facts) {
    if (type === 'OfficeDeregistered') return 'deregistered'
    if (type === 'OfficeSuspended') last = 'suspended'
    else if (type === 'OfficeResumed') last = 'active'
  }
  return last
}

/** Registered and not deregistered, whatever the time. */
const standing = (state: OfficeState) => {
  if (!state.registered) return refusal('registry-not-registered')
  return status(state) === 'deregistered' ? refusal('office-deregistered') : undefined
}

export const officeDecider: Decider<OfficeState, Events> = {
  category: 'office',
  events: officeEvents,
  initial,
  evolve,
  guard,
  actions: {
    register: action({
      rule: '基层法律服务所管理办法 7',
      creates: true,
      body: officeEvents.OfficeRegistered.data,
      decide: (body, _state: OfficeState, context) => {
        const no = notFuture(body.registeredOn, context.now, '/registeredOn')
        if (no) return { ok: false, refusal: no }
        return accepted<New>({ type: 'OfficeRegistered', data: body, effectiveAt: body.registeredOn })
      },
    }),
    rename: action({
      rule: 'S0-5.1.2',
      body: officeEvents.OfficeRenamed.data,
      when: standing,
      decide: (body, state: OfficeState, { effectiveAt }) =>
        officeAt(state, effectiveAt)?.name === body.name
          ? accepted<New>()
          : accepted<New>({ type: 'OfficeRenamed', data: body }),
    }),
    move: action({
      rule: 'S4-4.5b',
      body: officeEvents.OfficeMoved.data,
      when: standing,
      decide: (body, state: OfficeState, { effectiveAt }) => {
        const now = officeAt(state, effectiveAt)
        const same = now?.division === body.division && now.address === body.address
        return same ? accepted<New>() : accepted<New>({ type: 'OfficeMoved', data: body })
      },
    }),
    suspend: action({
      rule: '基层法律服务所管理办法',
      body: officeEvents.OfficeSuspended.data,
      when: standing,
      decide: (body, _state: OfficeState) => accepted<New>({ type: 'OfficeSuspended', data: body }),
    }),
    resume: action({
      rule: '基层法律服务所管理办法',
      body: officeEvents.OfficeResumed.data,
      when: (state: OfficeState) =>
        standing(state) ?? (status(state) === 'suspended' ? undefined : refusal('office-not-suspended')),
      decide: (body) => accepted<New>({ type: 'OfficeResumed', data: body }),
    }),
    deregister: action({
      rule: '基层法律服务所管理办法',
      body: officeEvents.OfficeDeregistered.data,
      when: standing,
      decide: (body, _state: OfficeState) => accepted<New>({ type: 'OfficeDeregistered', data: body }),
    }),
  },
}
