/** Rules that several steps of a penalty case share. */
import { personOf } from '../complaint/evolve.ts'
import { type Refusal, refusal } from '../decider.ts'
import type { PenaltyEventType, PenaltyStep } from './events.ts'
import { type Caps, decisionItems, type PenaltyItem } from './fields.ts'
import { capsInForce, hasPower, highestFine, powerOf } from './powers.ts'
import type { PenaltyState } from './state.ts'

export type StepOfType<Type extends PenaltyEventType> = Extract<PenaltyStep, { type: Type }>
export type Rule<Type extends PenaltyEventType> = (
  data: StepOfType<Type>['data'],
  state: PenaltyState,
  step: StepOfType<Type>,
) => Refusal | undefined
/** A rule of several types of steps. */
export type SharedRule<Type extends PenaltyEventType> = (
  data: StepOfType<Type>['data'],
  state: PenaltyState,
  step: PenaltyStep,
) => Refusal | undefined
export type Rules = { readonly [Type in PenaltyEventType]?: Rule<Type> }

/** Each kind once, and each within the power of the level that acts (Orders 137 and 138). */
export function withinPower(
  penalties: readonly PenaltyItem[],
  { law, level }: Pick<PenaltyState, 'law' | 'level'>,
): Refusal | undefined {
  for (const [place, { kind }] of penalties.entries()) {
    const pointer = `/penalties/${place}`
    if (penalties.some((other, before) => before < place && other.kind === kind))
      return kind === 'fine'
        ? refusal('fined-twice', '行政处罚法 29', { pointer })
        : refusal('penalty-kind-twice', '行政处罚法 59', { pointer })
    const needed = powerOf(law, kind)
    if (!hasPower(level, needed.level))
      return refusal('beyond-power-of-level', needed.rule, {
        pointer,
        detail: { kind, level, needed: needed.level },
      })
  }
  return undefined
}

/** Fines within the caps, confiscation within the illegal gains. */
export function withinCaps(
  penalties: readonly PenaltyItem[],
  { law, respondent, illegalGains }: Pick<PenaltyState, 'law' | 'respondent' | 'illegalGains'>,
  local: Caps | undefined,
): Refusal | undefined {
  const caps = capsInForce(law, respondent, local)
  if (caps?.laxer) return refusal('caps-laxer-than-law', powerOf(law, 'fine').rule, { pointer: '/caps' })
  for (const [place, item] of penalties.entries()) {
    if (!('amount' in item)) continue
    const pointer = `/penalties/${place}/amount`
    if (item.kind === 'confiscation') {
      if (item.amount > illegalGains)
        return refusal('confiscation-over-gains', '行政处罚法 28', { pointer, detail: { most: illegalGains } })
      continue
    }
    if (!caps) return refusal('caps-missing', '行政处罚法 16', { pointer: '/caps' })
    const most = highestFine(caps, illegalGains)
    if (item.amount > most) return refusal('fine-over-cap', caps.citation, { pointer, detail: { most } })
  }
  return undefined
}

/** The six items of a decision and its seal (行政处罚法 59). */
export function documentComplete(
  data: { readonly stamped: boolean } & { readonly [Item in (typeof decisionItems)[number]]?: unknown },
): Refusal | undefined {
  const missing = decisionItems.filter((item) => data[item] === undefined)
  if (missing.length > 0)
    return refusal('decision-incomplete', '行政处罚法 59', {
      pointer: `/${missing[0]}`,
      detail: { missing: missing.join(', '), count: missing.length },
    })
  return data.stamped ? undefined : refusal('decision-without-seal', '行政处罚法 59', { pointer: '/stamped' })
}

/** Fax and e-mail only with signed consent (行政处罚法 61). */
export const serviceConsent = (data: {
  readonly method: string
  readonly consent?: boolean | undefined
}): Refusal | undefined =>
  (data.method === 'fax' || data.method === 'email') && data.consent !== true
    ? refusal('service-without-consent', '行政处罚法 61', { pointer: '/consent' })
    : undefined

/** Whether a person filed or investigated the case: such a one does not review, chair, discuss or decide it. */
export const hasHandled = (state: PenaltyState, person: string | undefined): boolean =>
  person !== undefined && (person === state.filedBy || state.everInvestigated.includes(person))

/** {@link hasHandled} of whoever acts. */
export const actorHasHandled = (state: PenaltyState, step: PenaltyStep): boolean =>
  hasHandled(state, personOf(step.actor))
