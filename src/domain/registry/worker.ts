/**
 * Licensed workers (基层法律服务工作者, Order 138), who move between offices. Stream `worker-<id>`. Where somebody worked at a date
 * follows from the facts' own times alone, in whatever order they became known.
 */
import { z } from 'zod'
import { accepted, action, type Decider, refusal } from '../decider.ts'
import type { NewEventOf, StepOf } from '../event.ts'
import { type EffectiveTime, isEarlier } from '../time.ts'
import { date, documentNumber, event, id, name, notBefore, note, notFuture } from './fields.ts'
import { type Fact, factsUntil, laterThan, withFact } from './timeline.ts'

const licensing = {
  name,
  licence: documentNumber,
  /** Office of first practice. */
  office: id,
  /** Day of the licence; the event's effective time. */
  licensedOn: date,
}

export const workerEvents = {
  WorkerLicensed: event('基层法律服务工作者管理办法', z.strictObject(licensing)),
  /** Practises in another office from now on; also after he had left one (S4-1.3 转所). */
  WorkerTransferred: event('S4-1.3', z.strictObject({ to: id })),
  /** Left the office without joining another; filed with the county bureau. */
  WorkerEmploymentEnded: event('基层法律服务工作者管理办法', z.strictObject({ reason: note.optional() })),
  /** The licence is revoked or cancelled: nothing follows. */
  WorkerLicenceRevoked: event(
    '基层法律服务工作者管理办法 46',
    z.strictObject({ kind: z.enum(['revoked', 'cancelled']), reason: note.optional() }),
  ),
}
type Events = typeof workerEvents
type New = NewEventOf<Events>
type WorkerEventType = keyof Events

interface WorkerFact extends Fact {
  readonly type: WorkerEventType
  /** Office he practises in from then on; none after leaving. */
  readonly office?: string
}

export interface WorkerState {
  readonly licensed?: { readonly name: string; readonly licence: string; readonly at: EffectiveTime }
  readonly facts: readonly WorkerFact[]
}

/** A worker as he was at a time. */
export interface WorkerView {
  readonly name: string
  readonly licence: string
  /** Absent while he practises nowhere. */
  readonly office?: string
  readonly licensed: boolean
}

/** Leaving and joining on one day means he ended in the office he joined. */
const RANK: Readonly<Record<WorkerEventType, number>> = {
  WorkerLicensed: 0,
  WorkerEmploymentEnded: 1,
  WorkerTransferred: 2,
  WorkerLicenceRevoked: 3,
}

const initial: WorkerState = { facts: [] }

function evolve(state: WorkerState, step: StepOf<Events>): WorkerState {
  const rank = RANK[step.type]
  if (rank === undefined) return state
  const base = { id: step.id, at: step.effectiveAt, rank, type: step.type }
  if (step.type === 'WorkerLicensed') {
    const { name, licence, office } = step.data
    return { licensed: { name, licence, at: step.effectiveAt }, facts: withFact(state.facts, { ...base, office }) }
  }
  const office = step.type === 'WorkerTransferred' ? { office: step.data.to } : {}
  return { ...state, facts: withFact(state.facts, { ...base, ...office }) }
}

/** The worker at a time; undefined before the licence. */
export function workerAt(state: WorkerState, bound: EffectiveTime): WorkerView | undefined {
  const facts = factsUntil(state.facts, bound)
  if (!state.licensed || !facts.some((fact) => fact.type === 'WorkerLicensed')) return undefined
  const { name, licence } = state.licensed
  if (facts.some((fact) => fact.type === 'WorkerLicenceRevoked')) return { name, licence, licensed: false }
  // The licence opens his history: a move known only by its day may sort before the hour of the licence.
  const moves = facts.filter((fact) => fact.type !== 'WorkerLicensed')
  const office = (moves.at(-1) ?? facts.at(-1))?.office
  return office === undefined ? { name, licence, licensed: true } : { name, licence, office, licensed: true }
}

/** The office a worker practised in at a time, if any. */
export const workerOfficeAt = (state: WorkerState, bound: EffectiveTime): string | undefined =>
  workerAt(state, bound)?.office

function guard(state: WorkerState, step: StepOf<Events>) {
  if (step.type === 'WorkerLicensed') return state.licensed ? refusal('registry-already-registered') : undefined
  if (!state.licensed) return refusal('registry-not-registered')
  const at = step.effectiveAt
  const early = notBefore(state.licensed.at, at)
  if (early) return early
  const end = state.facts.find((fact) => fact.type === 'WorkerLicenceRevoked')
  if (step.type === 'WorkerLicenceRevoked') {
    if (end) return refusal('worker-licence-ended')
    return laterThan(state.facts, at) ? refusal('registry-later-fact-stands') : undefined
  }
  if (end && isEarlier(end.at, at)) return refusal('worker-licence-ended')
  if (step.type === 'WorkerEmploymentEnded') {
    const before = state.facts.findLast((fact) => !isEarlier(at, fact.at))
    return before?.office === undefined ? refusal('worker-not-employed') : undefined
  }
  return undefined
}

const standing = (state: WorkerState) => {
  if (!state.licensed) return refusal('registry-not-registered')
  return state.facts.some((fact) => fact.type === 'WorkerLicenceRevoked') ? refusal('worker-licence-ended') : undefined
}

export const workerDecider: Decider<WorkerState, Events> = {
  category: 'worker',
  events: workerEvents,
  initial,
  evolve,
  guard,
  actions: {
    license: action({
      rule: '基层法律服务工作者管理办法',
      creates: true,
      body: workerEvents.WorkerLicensed.data,
      decide: (body, _state: WorkerState, context) => {
        const no = notFuture(body.licensedOn, context.now, '/licensedOn')
        if (no) return { ok: false, refusal: no }
        return accepted<New>({ type: 'WorkerLicensed', data: body, effectiveAt: body.licensedOn })
      },
    }),
    transfer: action({
      rule: 'S4-1.3',
      body: workerEvents.WorkerTransferred.data,
      when: standing,
      decide: (body, state: WorkerState, { effectiveAt }) =>
        workerOfficeAt(state, effectiveAt) === body.to
          ? accepted<New>()
          : accepted<New>({ type: 'WorkerTransferred', data: body }),
    }),
    endEmployment: action({
      rule: '基层法律服务工作者管理办法',
      body: workerEvents.WorkerEmploymentEnded.data,
      when: standing,
      decide: (body, _state: WorkerState) => accepted<New>({ type: 'WorkerEmploymentEnded', data: body }),
    }),
    revokeLicence: action({
      rule: '基层法律服务工作者管理办法 46',
      body: workerEvents.WorkerLicenceRevoked.data,
      when: standing,
      decide: (body, _state: WorkerState) => accepted<New>({ type: 'WorkerLicenceRevoked', data: body }),
    }),
  },
}
