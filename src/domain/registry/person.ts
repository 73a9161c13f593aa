/** Persons who sign in: their roles and tokens. Stream `person-<id>`. Rights follow the record as it is now, fact after fact. */
import { z } from 'zod'
import { type Role, roles } from '../access.ts'
import { accepted, action, type Decider, refusal, refused } from '../decider.ts'
import type { NewEventOf, StepOf } from '../event.ts'
import { dateOf } from '../time.ts'
import { date, event, id, name } from './fields.ts'
import { type KeptToken, tokenHash } from './token.ts'

const grant = {
  role: z.enum(roles),
  organisation: id,
  /** For `office-account`: the office it speaks for. */
  office: id.optional(),
}

export const personEvents = {
  PersonRegistered: event('S1-1.2b', z.strictObject({ name, organisation: id })),
  RoleGranted: event('S4-2', z.strictObject(grant)),
  RoleWithdrawn: event('S4-2', z.strictObject(grant)),
  TokenIssued: event('个人信息保护法 51', z.strictObject({ token: id, hash: tokenHash, expiresOn: date.optional() })),
  TokenRevoked: event('个人信息保护法 51', z.strictObject({ token: id })),
  /** Left or barred: no token of his is good any more. */
  PersonDisabled: event('个人信息保护法 51', z.strictObject({})),
}
type Events = typeof personEvents
type New = NewEventOf<Events>

/** A role as granted; the division comes from the organisation, as the directory knows it. */
export interface GrantedRole {
  readonly role: Role
  readonly organisation: string
  readonly office?: string
}

export interface PersonState {
  readonly registered?: { readonly name: string; readonly organisation: string }
  readonly grants: readonly GrantedRole[]
  /** Roles once held and withdrawn, so that withdrawing again is no error. */
  readonly withdrawn: readonly GrantedRole[]
  readonly tokens: readonly KeptToken[]
  readonly disabled: boolean
}

const initial: PersonState = { grants: [], withdrawn: [], tokens: [], disabled: false }

const same = (a: GrantedRole, b: GrantedRole): boolean =>
  a.role === b.role && a.organisation === b.organisation && a.office === b.office
const includes = (list: readonly GrantedRole[], item: GrantedRole) => list.some((other) => same(other, item))
const without = (list: readonly GrantedRole[], item: GrantedRole) => list.filter((other) => !same(other, item))

/** Roles that exclude every other: who administers does not do business, who audits does nothing else, who answers for an office is no official. */
const EXCLUSIVE: ReadonlySet<Role> = new Set<Role>(['administrator', 'auditor', 'office-account'])

function evolve(state: PersonState, step: StepOf<Events>): PersonState {
  switch (step.type) {
    case 'PersonRegistered':
      return { ...state, registered: step.data }
    case 'RoleGranted':
      return {
        ...state,
        grants: [...without(state.grants, step.data), step.data],
        withdrawn: without(state.withdrawn, step.data),
      }
    case 'RoleWithdrawn':
      return {
        ...state,
        grants: without(state.grants, step.data),
        withdrawn: [...without(state.withdrawn, step.data), step.data],
      }
    case 'TokenIssued':
      return { ...state, tokens: [...state.tokens, { ...step.data, revoked: false }] }
    case 'TokenRevoked':
      return {
        ...state,
        tokens: state.tokens.map((kept) => (kept.token === step.data.token ? { ...kept, revoked: true } : kept)),
      }
    case 'PersonDisabled':
      return { ...state, disabled: true }
    default:
      return state
  }
}

function guard(state: PersonState, step: StepOf<Events>) {
  if (step.type === 'PersonRegistered') return state.registered ? refusal('registry-already-registered') : undefined
  if (!state.registered) return refusal('registry-not-registered')
  switch (step.type) {
    case 'RoleGranted': {
      if (state.disabled) return refusal('person-disabled')
      if ((step.data.role === 'office-account') !== (step.data.office !== undefined))
        return refusal('role-needs-office', undefined, { pointer: '/office' })
      const clash = state.grants.some(
        ({ role }) => role !== step.data.role && (EXCLUSIVE.has(role) || EXCLUSIVE.has(step.data.role)),
      )
      return clash ? refusal('role-incompatible', 'S4-2', { pointer: '/role' }) : undefined
    }
    case 'RoleWithdrawn':
      return includes(state.grants, step.data) ? undefined : refusal('role-not-held', undefined, { pointer: '/role' })
    case 'TokenIssued':
      if (state.disabled) return refusal('person-disabled')
      return state.tokens.some((kept) => kept.token === step.data.token)
        ? refusal('registry-already-registered', undefined, { pointer: '/token' })
        : undefined
    case 'TokenRevoked':
      return state.tokens.some((kept) => kept.token === step.data.token)
        ? undefined
        : refusal('token-unknown', undefined, { pointer: '/token' })
    default:
      return undefined
  }
}

const registered = (state: PersonState) => (state.registered ? undefined : refusal('registry-not-registered'))
const enabled = (state: PersonState) => registered(state) ?? (state.disabled ? refusal('person-disabled') : undefined)

/** What a person sends to have a token issued; the command path adds its id and the hash of its secret. */
export const issueTokenRequest = z.strictObject({ expiresOn: date.optional() })

export const personDecider: Decider<PersonState, Events> = {
  category: 'person',
  events: personEvents,
  initial,
  evolve,
  guard,
  actions: {
    register: action({
      rule: 'S1-1.2b',
      creates: true,
      body: personEvents.PersonRegistered.data,
      decide: (body, _state: PersonState) => accepted<New>({ type: 'PersonRegistered', data: body }),
    }),
    grantRole: action({
      rule: 'S4-2',
      body: personEvents.RoleGranted.data,
      when: enabled,
      decide: (body, state: PersonState, { actor, stream }) => {
        if ('person' in actor && stream === `person-${actor.person}`) return refused('role-granted-to-oneself', 'S4-2')
        return includes(state.grants, body) ? accepted<New>() : accepted<New>({ type: 'RoleGranted', data: body })
      },
    }),
    withdrawRole: action({
      rule: 'S4-2',
      body: personEvents.RoleWithdrawn.data,
      when: registered,
      decide: (body, state: PersonState) =>
        includes(state.withdrawn, body) ? accepted<New>() : accepted<New>({ type: 'RoleWithdrawn', data: body }),
    }),
    issueToken: action({
      rule: '个人信息保护法 51',
      body: personEvents.TokenIssued.data,
      when: enabled,
      decide: (body, _state: PersonState, { now }) =>
        body.expiresOn !== undefined && body.expiresOn < dateOf(now)
          ? refused('token-expiry-past', undefined, { pointer: '/expiresOn' })
          : accepted<New>({ type: 'TokenIssued', data: body }),
    }),
    revokeToken: action({
      rule: '个人信息保护法 51',
      body: personEvents.TokenRevoked.data,
      when: registered,
      decide: (body, state: PersonState) =>
        state.tokens.some((kept) => kept.token === body.token && kept.revoked)
          ? accepted<New>()
          : accepted<New>({ type: 'TokenRevoked', data: body }),
    }),
    disable: action({
      rule: '个人信息保护法 51',
      body: personEvents.PersonDisabled.data,
      when: registered,
      decide: (body, state: PersonState) =>
        state.disabled ? accepted<New>() : accepted<New>({ type: 'PersonDisabled', data: body }),
    }),
  },
}
