/**
 * Rating schemes as streams `scheme-<id>`: each publication carries a whole version, is never changed, and holds for its
 * own span of days; an open-ended version ends where the next begins.
 */
import { z } from 'zod'
import { accepted, action, type Decider, type Refusal, refusal } from '../decider.ts'
import type { NewEventOf, Step, StepOf } from '../event.ts'
import { type CivilDate, dateOf, type EffectiveTime, sortKey } from '../time.ts'
import { checkScheme } from './scheme-check.ts'
import { type Scheme, schemeSchema } from './scheme-schema.ts'

export const schemeEvents = {
  /** A version in force from its `validFrom`, which may be later than its publication. */
  SchemePublished: { version: 1, rule: 'S0-4.1', data: z.strictObject({ scheme: schemeSchema }) },
  /** The published version ends on that day, which is the first it no longer holds. */
  SchemeEnded: {
    version: 1,
    rule: 'S0-4.1',
    data: z.strictObject({ version: z.int().min(1), validUntil: z.iso.date(), successor: z.string().optional() }),
  },
} as const
type Events = typeof schemeEvents

/** The versions of one scheme, oldest first, with the validity that endings gave them. */
export interface SchemeState {
  readonly versions: readonly Scheme[]
}

const overlaps = (a: Scheme, b: Scheme) =>
  a.validFrom < (b.validUntil ?? '9999-12-31') && b.validFrom < (a.validUntil ?? '9999-12-31')

/** An open-ended version ends where the one after it begins. */
export function closePredecessor(versions: readonly Scheme[], next: Scheme): Scheme[] {
  return versions.map((version) =>
    version.validUntil === undefined && version.validFrom < next.validFrom
      ? { ...version, validUntil: next.validFrom }
      : version,
  )
}

function guard(state: SchemeState, step: StepOf<Events>): Refusal | undefined {
  if (step.type === 'SchemeEnded') {
    const found = state.versions.find((version) => version.version === step.data.version)
    if (!found) return refusal('scheme-not-published', 'S0-4.1', { pointer: '/version' })
    if (step.data.validUntil <= found.validFrom || (found.validUntil ?? '9999-12-31') < step.data.validUntil)
      return refusal('scheme-validity-invalid', 'S0-4.1', { pointer: '/validUntil' })
    return undefined
  }
  const { scheme } = step.data
  const checked = checkScheme(scheme)
  if (!checked.ok) {
    const [defect] = checked.defects
    return refusal(defect!.code, 'S0-4.1', {
      pointer: `/scheme${defect!.pointer}`,
      ...(defect!.detail ? { detail: defect!.detail } : {}),
    })
  }
  const last = state.versions[state.versions.length - 1]
  if (last && last.id !== scheme.id)
    return refusal('scheme-id-mismatch', 'S0-4.1', { pointer: '/scheme/id', detail: { id: last.id } })
  const expected = (last?.version ?? 0) + 1
  if (scheme.version !== expected)
    return refusal(scheme.version < expected ? 'scheme-version-taken' : 'scheme-version-gap', 'S0-4.1', {
      pointer: '/scheme/version',
      detail: { expected },
    })
  const other = closePredecessor(state.versions, scheme).find((version) => overlaps(version, scheme))
  if (other)
    return refusal('scheme-validity-overlaps', 'S0-4.1', {
      pointer: '/scheme/validFrom',
      detail: { version: other.version, validFrom: other.validFrom, validUntil: other.validUntil ?? '' },
    })
  return undefined
}

function evolve(state: SchemeState, step: StepOf<Events>): SchemeState {
  if (step.type === 'SchemePublished')
    return { versions: [...closePredecessor(state.versions, step.data.scheme), step.data.scheme] }
  return {
    versions: state.versions.map((version) =>
      version.version === step.data.version
        ? {
            ...version,
            validUntil: step.data.validUntil,
            ...(step.data.successor ? { successor: step.data.successor } : {}),
          }
        : version,
    ),
  }
}

export const schemeDecider: Decider<SchemeState, Events> = {
  category: 'scheme',
  events: schemeEvents,
  initial: { versions: [] },
  evolve,
  guard,
  actions: {
    /** The first version or the next one: the stream is fixed by the scheme's id. */
    publish: action<SchemeState, NewEventOf<Events>, typeof schemeEvents.SchemePublished.data>({
      rule: 'S0-4.1',
      creates: true,
      body: schemeEvents.SchemePublished.data,
      decide: (body) => accepted({ type: 'SchemePublished', data: body }),
    }),
    end: action<SchemeState, NewEventOf<Events>, typeof schemeEvents.SchemeEnded.data>({
      rule: 'S0-4.1',
      body: schemeEvents.SchemeEnded.data,
      decide: (body) => accepted({ type: 'SchemeEnded', data: body }),
    }),
  },
}

/**
 * The versions known at a moment, from the corrected steps of any number of scheme streams: published by the bound (milliseconds),
 * ordered by what was published when.
 */
export function publishedSchemes(streams: Iterable<readonly Step[]>, bound = Number.POSITIVE_INFINITY): Scheme[] {
  const found: Scheme[] = []
  for (const steps of streams) {
    let state = schemeDecider.initial
    const known = steps.filter((step) => sortKey(step.effectiveAt) <= bound)
    for (const step of known) state = evolve(state, step as StepOf<Events>)
    found.push(...state.versions)
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.version - b.version))
}

/** The versions in force on the day of that time. */
export function schemesInForce(versions: readonly Scheme[], at: EffectiveTime): Scheme[] {
  const day: CivilDate = dateOf(at)
  return versions.filter((version) => version.validFrom <= day && day < (version.validUntil ?? '9999-12-31'))
}

/**
 * The scheme a rating uses: the one asked for, or the only one in force at that time (of the named id, if one is named). Where several are in
 * force the `preferred` one.
 */
export function chooseScheme(
  versions: readonly Scheme[],
  at: EffectiveTime,
  wanted: { id?: string; version?: number } = {},
  preferred?: string,
): { readonly ok: true; readonly scheme: Scheme } | { readonly ok: false; readonly refusal: Refusal } {
  if (wanted.id !== undefined && wanted.version !== undefined) {
    const found = versions.find((version) => version.id === wanted.id && version.version === wanted.version)
    if (found) return { ok: true, scheme: found }
    return {
      ok: false,
      refusal: refusal('scheme-not-published', 'S0-4.1', { detail: { scheme: `${wanted.id}@${wanted.version}` } }),
    }
  }
  const inForce = schemesInForce(versions, at).filter((version) => wanted.id === undefined || version.id === wanted.id)
  const [only] = inForce.length === 1 ? inForce : inForce.filter((version) => version.id === preferred)
  if (only) return { ok: true, scheme: only }
  if (inForce.length > 1)
    return {
      ok: false,
      refusal: refusal('scheme-ambiguous', 'S0-4.1', {
        detail: { schemes: inForce.map((version) => `${version.id}@${version.version}`).join(' ') },
      }),
    }
  return { ok: false, refusal: refusal('scheme-not-in-force', 'S0-4.1', { detail: { date: dateOf(at) } }) }
}
