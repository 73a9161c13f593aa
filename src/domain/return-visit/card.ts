/**
 * 质量监督卡: one card a matter, filled in by the person when it is done (S1-7.1). The stream is the matter's (`qualitycard-<category>.<case>`), so
 * that there can be no second card. A card by link is answered once, with a token whose hash alone is kept.
 */
import { z } from 'zod'
import { civilDate, identifier, narrative, reason, subjectId } from '../complaint/fields.ts'
import { type AnyAction, accepted, action, type Decider, type Refusal, refusal, refused } from '../decider.ts'
import type { EventMap, NewEventOf, StepOf } from '../event.ts'
import { dateOf, type EffectiveTime, isEarlier } from '../time.ts'
import { cardForms, type Scores, scores, sha256 } from './fields.ts'

const event = <Schema extends z.ZodType>(rule: string, data: Schema) => ({ version: 1, rule, data }) as const

const matter = {
  category: z.string().regex(/^[a-z]{1,30}$/),
  case: identifier,
  office: identifier.optional(),
}

export const cardEvents = {
  QualityCardIssued: event(
    'S1-7.1',
    z.strictObject({
      /** The card's own subject: seals what is written on it. */
      subject: subjectId,
      ...matter,
      form: z.enum(cardForms),
      /** SHA-256 of the link's token. */
      tokenHash: sha256.optional(),
      /** Last day the link is good for. */
      expiresOn: civilDate.optional(),
    }),
  ),
  /** The link was lost or has run out: a new one, and the old one is good for nothing. */
  QualityCardLinkRenewed: event(
    'S1-7.1',
    z.strictObject({ tokenHash: sha256, expiresOn: civilDate, reason: reason.optional() }),
  ),
  QualityCardReturned: event(
    'S1-7.1',
    z.strictObject({
      form: z.enum(cardForms),
      tokenHash: sha256.optional(),
      satisfied: z.boolean(),
      scores: scores.optional(),
      text: narrative.optional(),
    }),
  ),
  /** The return visit that follows a dissatisfied card up. */
  CardFollowUpOpened: event('S1-7.1 S1-5.2a', z.strictObject({ visit: identifier })),
} as const satisfies EventMap

export type CardEvents = typeof cardEvents
type CardStep = StepOf<CardEvents>
type CardEvent = NewEventOf<CardEvents>
type CardEventType = keyof CardEvents

export interface CardState {
  readonly status: 'none' | 'issued' | 'returned'
  readonly organisation: string
  readonly subject?: string | undefined
  readonly category?: string | undefined
  readonly case?: string | undefined
  readonly office?: string | undefined
  readonly form?: (typeof cardForms)[number] | undefined
  readonly tokenHash?: string | undefined
  readonly expiresOn?: string | undefined
  readonly issuedAt?: EffectiveTime | undefined
  readonly returnedAt?: EffectiveTime | undefined
  readonly satisfied?: boolean | undefined
  readonly scores?: Scores | undefined
  readonly followUp?: string | undefined
}
const initial: CardState = { status: 'none', organisation: '' }

function evolve(state: CardState, step: CardStep): CardState {
  switch (step.type) {
    case 'QualityCardIssued':
      return { ...step.data, status: 'issued', organisation: step.organisation, issuedAt: step.effectiveAt }
    case 'QualityCardLinkRenewed': {
      const { tokenHash, expiresOn } = step.data
      return { ...state, tokenHash, expiresOn }
    }
    case 'QualityCardReturned': {
      const { satisfied, scores } = step.data
      return { ...state, status: 'returned', satisfied, scores, returnedAt: step.effectiveAt, tokenHash: undefined }
    }
    case 'CardFollowUpOpened':
      return { ...state, followUp: step.data.visit }
    default:
      return state
  }
}

function lawful(state: CardState, type: CardEventType): Refusal | undefined {
  if (type === 'QualityCardIssued')
    return state.status === 'none' ? undefined : refusal('quality-card-already-issued', 'S1-7.1')
  if (state.status === 'none') return refusal('quality-card-not-issued', 'S1-7.1')
  if (type === 'CardFollowUpOpened') {
    if (state.satisfied !== false) return refusal('not-dissatisfied', 'S1-7.1')
    return state.followUp === undefined ? undefined : refusal('follow-up-already-opened', 'S1-7.1')
  }
  return state.status === 'issued' ? undefined : refusal('quality-card-already-returned', 'S1-7.1')
}

function guard(state: CardState, step: CardStep): Refusal | undefined {
  const not = lawful(state, step.type)
  if (not) return not
  const at = step.effectiveAt
  if (state.issuedAt !== undefined && isEarlier(at, state.issuedAt))
    return refusal('step-before-its-predecessor', 'S1-7.1', {
      pointer: '/effectiveAt',
      detail: { effectiveAt: at, predecessor: state.issuedAt },
    })
  if (step.type === 'QualityCardIssued') {
    const { form, tokenHash, expiresOn } = step.data
    const link = tokenHash !== undefined && expiresOn !== undefined
    if ((form === 'link') !== link || (form === 'paper' && (tokenHash ?? expiresOn) !== undefined))
      return refusal('quality-card-link-incomplete', 'S1-7.1', { pointer: '/form' })
  }
  if (step.type === 'QualityCardIssued' || step.type === 'QualityCardLinkRenewed') {
    const { expiresOn } = step.data
    if (expiresOn !== undefined && expiresOn < dateOf(at))
      return refusal('date-before-step', 'S1-7.1', { pointer: '/expiresOn' })
  }
  if (step.type !== 'QualityCardReturned' || step.data.form === 'paper') return undefined
  // One answer for a wrong, an old and a used token: a stranger learns nothing from it.
  const good = state.tokenHash !== undefined && step.data.tokenHash === state.tokenHash
  return good && (state.expiresOn === undefined || dateOf(at) <= state.expiresOn)
    ? undefined
    : refusal('quality-card-link-invalid', 'S1-7.1')
}

type CardAction = AnyAction<CardState, CardEvent>

function records<Type extends CardEventType>(type: Type): CardAction {
  type Data = z.output<CardEvents[Type]['data']>
  const { rule, data } = cardEvents[type]
  return action<CardState, CardEvent, z.ZodType<Data>>({
    rule,
    body: data as unknown as z.ZodType<Data>,
    when: (state) => lawful(state, type),
    decide: (body) => accepted({ type, data: body } as CardEvent),
  })
}

/** The link's hash is `facts.tokenHash`: the application makes the token, shows it once and keeps nothing else of it. */
const issueBody = z.strictObject({
  ...matter,
  category: matter.category.default('complaint'),
  form: z.enum(cardForms),
  expiresOn: civilDate.optional(),
})
const issue = action<CardState, CardEvent, typeof issueBody>({
  rule: 'S1-7.1',
  creates: true,
  body: issueBody,
  when: (state) => lawful(state, 'QualityCardIssued'),
  decide(body, _, context) {
    const tokenHash = context.facts?.tokenHash as string | undefined
    if (body.form === 'link' && tokenHash === undefined)
      return refused('facts-missing', 'S1-7.1', { detail: { facts: 'tokenHash' } })
    const link = body.form === 'link' ? { tokenHash: tokenHash! } : {}
    const data = { subject: context.newId('subject'), ...body, ...link }
    return accepted<CardEvent>({ type: 'QualityCardIssued', data })
  },
})

const renewBody = z.strictObject({ expiresOn: civilDate, reason: reason.optional() })
const renewLink = action<CardState, CardEvent, typeof renewBody>({
  rule: 'S1-7.1',
  body: renewBody,
  when: (state) => lawful(state, 'QualityCardLinkRenewed'),
  decide(body, _, context) {
    const tokenHash = context.facts?.tokenHash as string | undefined
    return tokenHash === undefined
      ? refused('facts-missing', 'S1-7.1', { detail: { facts: 'tokenHash' } })
      : accepted<CardEvent>({ type: 'QualityCardLinkRenewed', data: { ...body, tokenHash } })
  },
})

export const cardActions = {
  issue,
  renewLink,
  return: records('QualityCardReturned'),
  openFollowUp: records('CardFollowUpOpened'),
} as const satisfies Readonly<Record<string, CardAction>>

/** The quality card of one matter. */
export const qualityCardDecider: Decider<CardState, CardEvents> = {
  category: 'qualitycard',
  events: cardEvents,
  initial,
  evolve,
  guard,
  actions: cardActions,
}

/** The one stream a matter's card can stand in. */
export const qualityCardStream = ({ category, case: id }: { category: string; case: string }): string =>
  `qualitycard-${category}.${id}`
