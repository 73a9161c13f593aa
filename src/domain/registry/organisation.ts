/** Organisations (机关、单位): registered once with a unique code, renamed, dissolved into a successor. Stream `organisation-<id>`. */
import { z } from 'zod'
import { accepted, action, type Decider, refusal, refused } from '../decider.ts'
import type { NewEventOf, StepOf } from '../event.ts'
import { type EffectiveTime, isEarlier } from '../time.ts'
import { division, event, id, name, notBefore } from './fields.ts'
import { type Fact, factsUntil, withFact } from './timeline.ts'

/** Kinds of organisations. */
export const organisationKinds = [
  'ministry',
  'province-department',
  'city-bureau',
  'county-bureau',
  'judicial-office',
  'public-legal-service-centre',
  'public-legal-service-station',
  'disciplinary-committee',
  'association',
  'other',
] as const
export type OrganisationKind = (typeof organisationKinds)[number]

/** Code by which ledgers and people name an organisation; unique in an installation. */
export const organisationCode = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,39}$/u)

const registration = {
  code: organisationCode,
  name,
  kind: z.enum(organisationKinds),
  division,
  /** The organisation it belongs to, where the division codes do not say so. */
  parent: id.optional(),
  /** Abbreviation in its documents' numbers (机关代字), for example `蜀司`; the code where absent. */
  abbreviation: z.string().trim().min(1).max(10).optional(),
}

export const organisationEvents = {
  OrganisationRegistered: event('S4-2', z.strictObject(registration)),
  OrganisationRenamed: event('S4-2', z.strictObject({ name, abbreviation: registration.abbreviation })),
  /** Its duties and files pass to the successor; none where the duties end. */
  OrganisationDissolved: event('S4-2', z.strictObject({ successor: id.optional() })),
}
type Events = typeof organisationEvents
type New = NewEventOf<Events>

interface NameFact extends Fact {
  readonly name: string
  readonly abbreviation: string | undefined
}

export interface OrganisationState {
  readonly registered?: {
    readonly code: string
    readonly kind: OrganisationKind
    readonly division: string
    readonly parent?: string
    readonly at: EffectiveTime
  }
  /** Names by time. */
  readonly names: readonly NameFact[]
  readonly dissolved?: { readonly at: EffectiveTime; readonly successor?: string }
}

const initial: OrganisationState = { names: [] }

function evolve(state: OrganisationState, step: StepOf<Events>): OrganisationState {
  const { id: stepId, effectiveAt: at } = step
  switch (step.type) {
    case 'OrganisationRegistered': {
      const { code, kind, division, parent, name, abbreviation } = step.data
      return {
        ...state,
        registered: { code, kind, division, at, ...(parent === undefined ? {} : { parent }) },
        names: withFact(state.names, { id: stepId, at, rank: 0, name, abbreviation }),
      }
    }
    case 'OrganisationRenamed': {
      const { name, abbreviation } = step.data
      return { ...state, names: withFact(state.names, { id: stepId, at, rank: 1, name, abbreviation }) }
    }
    case 'OrganisationDissolved': {
      const { successor } = step.data
      return { ...state, dissolved: { at, ...(successor === undefined ? {} : { successor }) } }
    }
    default:
      return state
  }
}

function guard(state: OrganisationState, step: StepOf<Events>) {
  if (step.type === 'OrganisationRegistered')
    return state.registered ? refusal('registry-already-registered', 'S4-2') : undefined
  if (!state.registered) return refusal('registry-not-registered', 'S4-2')
  const early = notBefore(state.registered.at, step.effectiveAt)
  if (early) return early
  if (step.type === 'OrganisationDissolved') {
    if (state.dissolved) return refusal('organisation-dissolved', 'S4-2')
    const later = state.names.some((fact) => isEarlier(step.effectiveAt, fact.at))
    return later ? refusal('registry-later-fact-stands', 'S4-2') : undefined
  }
  if (state.dissolved && isEarlier(state.dissolved.at, step.effectiveAt))
    return refusal('organisation-dissolved', 'S4-2')
  return undefined
}

/** The name and abbreviation at a time; undefined before the registration. */
export function organisationNameAt(
  state: OrganisationState,
  bound: EffectiveTime,
): { name: string; abbreviation: string } | undefined {
  const facts = factsUntil(state.names, bound)
  const last = facts.at(-1)
  if (!last || !state.registered) return undefined
  const abbreviation = facts.findLast((fact) => fact.abbreviation !== undefined)?.abbreviation
  return { name: last.name, abbreviation: abbreviation ?? state.registered.code }
}

const present = (state: OrganisationState) => {
  if (!state.registered) return refusal('registry-not-registered', 'S4-2')
  return state.dissolved ? refusal('organisation-dissolved', 'S4-2') : undefined
}

export const organisationDecider: Decider<OrganisationState, Events> = {
  category: 'organisation',
  events: organisationEvents,
  initial,
  evolve,
  guard,
  actions: {
    register: action<OrganisationState, New, z.ZodObject<typeof registration>>({
      rule: 'S4-2',
      creates: true,
      body: z.strictObject(registration),
      decide: (body) => accepted({ type: 'OrganisationRegistered', data: body }),
    }),
    rename: action({
      rule: 'S4-2',
      body: organisationEvents.OrganisationRenamed.data,
      when: present,
      decide: (body, state: OrganisationState) => {
        const last = state.names.at(-1)
        const same = last?.name === body.name && (body.abbreviation ?? last.abbreviation) === last.abbreviation
        return same ? accepted<New>() : accepted<New>({ type: 'OrganisationRenamed', data: body })
      },
    }),
    dissolve: action({
      rule: 'S4-2',
      body: organisationEvents.OrganisationDissolved.data,
      when: present,
      decide: (body, _state: OrganisationState, context) =>
        context.stream !== undefined && context.stream === `organisation-${body.successor}`
          ? refused('organisation-own-successor', 'S4-2', { pointer: '/successor' })
          : accepted<New>({ type: 'OrganisationDissolved', data: body }),
    }),
  },
}
