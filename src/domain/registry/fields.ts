/** Fields shared by the registry's events and bodies. All of it is plain: staff and licensed workers are named here and only here. */
import { z } from 'zod'
import type { Refusal } from '../decider.ts'
import { refusal } from '../decider.ts'
import { isDivisionCode } from '../organisation-tree.ts'
import { type CivilDate, dateOf, type EffectiveTime, type Instant, isCivilDate, isEarlier } from '../time.ts'

/** Id of an organisation, office, worker or person: the part of its stream's name after the category. */
export const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/)
/** Name as registered. */
export const name = z.string().trim().min(1).max(200)
/** Administrative division, GB/T 2260: 6, 9 or 12 digits. */
export const division = z.string().refine(isDivisionCode, { error: 'division-invalid' })
/** A day in Asia/Shanghai. */
export const date = z.string().refine(isCivilDate, { error: 'effective-time-invalid' })
/** Number of a licence, certificate or document. */
export const documentNumber = z.string().trim().min(1).max(100)
/** A short plain reason about a body or a licence, never about a complaint's people. */
export const note = z.string().trim().min(1).max(500)
export const address = z.string().trim().min(1).max(300)

/** An event definition of version 1. */
export const event = <Schema extends z.ZodType>(rule: string, data: Schema) => ({ version: 1, rule, data }) as const

/** A day given in a body is not after the command; nothing if it is not. */
export const notFuture = (day: CivilDate | undefined, now: Instant, pointer: string): Refusal | undefined =>
  day !== undefined && day > dateOf(now) ? refusal('effective-in-future', undefined, { pointer }) : undefined

/** Refuses what is certainly earlier than the registration it presupposes. */
export const notBefore = (registered: EffectiveTime, at: EffectiveTime): Refusal | undefined =>
  isEarlier(at, registered)
    ? refusal('registry-before-registration', undefined, { pointer: '/effectiveAt' })
    : undefined
