/**
 * Persons whose data is kept, by their opaque subject ids. Two that turn out to be one are linked (stream `subjects-<id>`, a link a
 * stream); erasure (stream `erasure-<id>`) takes all that are linked. No event here holds personal data.
 */
import { z } from 'zod'
import { accepted, action, type Decider, refusal } from '../decider.ts'
import type { NewEventOf, StepOf } from '../event.ts'
import { documentNumber, event, id } from './fields.ts'

/** What showed that two subjects are one person. */
export const linkGrounds = ['identity-number', 'phone', 'name-office', 'confirmed-in-person'] as const

export const subjectEvents = {
  SubjectsLinked: event('个人信息保护法 8', z.strictObject({ a: id, b: id, ground: z.enum(linkGrounds) })),
  /** They are two persons after all, from what came to light later. */
  SubjectsUnlinked: event('个人信息保护法 8', z.strictObject({})),
}
type Events = typeof subjectEvents
type New = NewEventOf<Events>

export interface SubjectsState {
  readonly a?: string
  readonly b?: string
  readonly linked: boolean
}

export const subjectsDecider: Decider<SubjectsState, Events> = {
  category: 'subjects',
  events: subjectEvents,
  initial: { linked: false },
  evolve: (state, step) => {
    if (step.type === 'SubjectsLinked') return { a: step.data.a, b: step.data.b, linked: true }
    return step.type === 'SubjectsUnlinked' ? { ...state, linked: false } : state
  },
  guard: (state, step) => {
    if (step.type === 'SubjectsUnlinked') return state.linked ? undefined : refusal('subjects-not-linked')
    if (state.a !== undefined) return refusal('registry-already-registered')
    return step.data.a === step.data.b ? refusal('subjects-same', undefined, { pointer: '/b' }) : undefined
  },
  actions: {
    link: action({
      rule: '个人信息保护法 8',
      creates: true,
      body: subjectEvents.SubjectsLinked.data,
      decide: (body, _state: SubjectsState) => accepted<New>({ type: 'SubjectsLinked', data: body }),
    }),
    unlink: action({
      rule: '个人信息保护法 8',
      body: subjectEvents.SubjectsUnlinked.data,
      when: (state: SubjectsState) => (state.a === undefined ? refusal('subjects-not-linked') : undefined),
      decide: (body, state: SubjectsState) =>
        state.linked ? accepted<New>({ type: 'SubjectsUnlinked', data: body }) : accepted<New>(),
    }),
  },
}

/** On what an erasure rests (个人信息保护法 47). */
export const erasureGrounds = [
  'purpose-achieved',
  'consent-withdrawn',
  'retention-over',
  'unlawful-processing',
] as const

/** Erasure of a person: asked for, keys destroyed subject by subject, completed. The deciding flow uses these types. */
export const erasureEvents = {
  ErasureRequested: event(
    '个人信息保护法 47',
    z.strictObject({
      /** All subjects linked with the one asked for. */
      subjects: z.array(id).min(1).max(100),
      ground: z.enum(erasureGrounds),
      /** Number of the written request or order. */
      document: documentNumber.optional(),
    }),
  ),
  SubjectKeysDestroyed: event(
    '个人信息保护法 47',
    z.strictObject({ subject: id, keys: z.int().min(0), indexEntries: z.int().min(0) }),
  ),
  ErasureCompleted: event('个人信息保护法 47', z.strictObject({})),
}
type ErasureEvents = typeof erasureEvents

export interface ErasureState {
  readonly subjects: readonly string[]
  readonly ground?: (typeof erasureGrounds)[number]
  readonly destroyed: readonly string[]
  readonly completed: boolean
}

/** Folds and guards erasures; it offers no action of its own. */
export const erasureDecider: Decider<ErasureState, ErasureEvents> = {
  category: 'erasure',
  events: erasureEvents,
  initial: { subjects: [], destroyed: [], completed: false },
  evolve: (state, step: StepOf<ErasureEvents>) => {
    switch (step.type) {
      case 'ErasureRequested':
        return { ...state, subjects: step.data.subjects, ground: step.data.ground }
      case 'SubjectKeysDestroyed':
        return { ...state, destroyed: [...state.destroyed, step.data.subject] }
      case 'ErasureCompleted':
        return { ...state, completed: true }
      default:
        return state
    }
  },
  guard: (state, step) => {
    if (step.type === 'ErasureRequested')
      return state.subjects.length > 0 ? refusal('registry-already-registered') : undefined
    if (state.subjects.length === 0) return refusal('erasure-not-requested')
    if (state.completed) return refusal('erasure-completed')
    if (step.type === 'SubjectKeysDestroyed')
      return state.subjects.includes(step.data.subject) ? undefined : refusal('erasure-not-requested')
    return state.subjects.every((subject) => state.destroyed.includes(subject))
      ? undefined
      : refusal('erasure-keys-remain')
  },
  actions: {},
}
