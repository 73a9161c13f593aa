/**
 * Limits as policy data: per organisation, kind, channel and category, with validity and legal basis, versioned by events. The
 * limit valid when a clock starts is kept in the `basis` of the event that starts it; what is published here later never
 * touches it.
 *
 * Statutory and internal periods may meet (Q16): the statutory one is the limit, a stricter internal one is shown as the target.
 */
import { z } from 'zod'
import { parseLimit } from './calendar/limit.ts'
import { defaultLights, type LightPolicy } from './calendar/status.ts'
import type { Limit } from './clock.ts'
import { accepted, action, type Decider, type Refusal, refusal } from './decider.ts'
import type { NewEventOf, StepOf } from './event.ts'
import { defaultEntries } from './policy-defaults.ts'
import { type CivilDate, civilDate, dayNumber, isCivilDate } from './time.ts'

/** A day of the year; `before` excludes it ("10月21日前": 20 October, Q3). */
export interface FixedDate {
  readonly month: number
  readonly day: number
  readonly before?: boolean
}

/** One rule about time: a limit from a start, a day of the year, or a recurrence; exactly one of the three. */
export interface LimitEntry {
  /** Clock kind, `complaint.reply`. */
  readonly kind: string
  /** Only for this channel or category of case; the more specific entry wins. */
  readonly channel?: string
  readonly category?: string
  readonly limit?: Limit
  readonly fixed?: FixedDate
  /** The period of a recurring duty, as a limit. */
  readonly every?: Limit
  /** Whether the last day rolls; default: as the unit's rule says. */
  readonly roll?: boolean
  /** The most that extensions may add together; without it there are none. */
  readonly extension?: Limit
  /** `statutory`: no other policy may be laxer. */
  readonly force: 'statutory' | 'internal'
  readonly citation: string
}

/** A version of an organisation's limits. */
export interface LimitPolicy {
  /** `limits-<organisation>@<version>`; the shipped one is `limits@0`. */
  readonly id: string
  readonly organisation: string
  readonly version: number
  readonly validFrom: CivilDate
  /** Last day of validity. */
  readonly validUntil?: CivilDate
  readonly entries: readonly LimitEntry[]
  readonly lights?: LightPolicy
  readonly legalBasis: string
}

/** What ships with the program and holds for everybody who says nothing else. */
export const defaultPolicy: LimitPolicy = {
  id: 'limits@0',
  organisation: '',
  version: 0,
  validFrom: '1900-01-01',
  entries: defaultEntries,
  lights: defaultLights,
  legalBasis: '法律法规与各项制度的规定',
}

/** What a clock kind gets, and why. */
export interface ResolvedLimit {
  readonly kind: string
  readonly limit?: Limit
  readonly fixed?: FixedDate
  readonly every?: Limit
  readonly roll?: boolean
  readonly extension?: Limit
  readonly citation: string
  readonly policy: string
  /** A stricter period of the organisation's own, beside a statutory limit. */
  readonly target?: { readonly limit: Limit; readonly citation: string; readonly policy: string }
}

export interface LimitQuestion {
  readonly kind: string
  readonly channel?: string
  readonly category?: string
}

const isValid = (policy: LimitPolicy, date: CivilDate): boolean =>
  policy.validFrom <= date && (policy.validUntil === undefined || date <= policy.validUntil)

/** The policies that speak for an organisation on a date: its own, its superiors' from near to far, the shipped one. */
export function policiesInForce(
  policies: readonly LimitPolicy[],
  chain: readonly string[],
  date: CivilDate,
): LimitPolicy[] {
  const found: LimitPolicy[] = []
  for (const organisation of chain) {
    let best: LimitPolicy | undefined
    for (const policy of policies)
      if (policy.organisation === organisation && isValid(policy, date) && (!best || policy.version > best.version))
        best = policy
    if (best) found.push(best)
  }
  found.push(defaultPolicy)
  return found
}

/** How well an entry fits; −1 where it does not. A category says more than a channel. */
function fit(entry: LimitEntry, asked: LimitQuestion): number {
  if (entry.kind !== asked.kind) return -1
  if (entry.channel !== undefined && entry.channel !== asked.channel) return -1
  if (entry.category !== undefined && entry.category !== asked.category) return -1
  return (entry.category === undefined ? 0 : 2) + (entry.channel === undefined ? 0 : 1)
}

function bestEntry(policy: LimitPolicy, asked: LimitQuestion, force: LimitEntry['force']): LimitEntry | undefined {
  let best: LimitEntry | undefined
  let bestFit = -1
  for (const entry of policy.entries) {
    if (entry.force !== force) continue
    const fits = fit(entry, asked)
    if (fits > bestFit) {
      best = entry
      bestFit = fits
    }
  }
  return best
}

/**
 * About how many calendar days a limit is, to compare limits of different units: five working days are a week, a month
 * 30 days. For comparing policies only; due dates are always counted.
 */
export function roughDays(limit: Limit): number {
  const parsed = parseLimit(limit)
  if (!parsed) return Number.NaN
  return Math.abs(parsed.count) * { wd: 1.4, d: 1, mo: 30, y: 365, h: 1 / 24 }[parsed.unit]
}

/**
 * Whether a limit is stricter. A backward one (announce seven days before) is stricter the longer it is.
 */
export const isStricter = (limit: Limit, than: Limit): boolean =>
  limit.startsWith('-') ? roughDays(limit) > roughDays(than) : roughDays(limit) < roughDays(than)

const EXTENSION = '.extension'

/**
 * The limit of a kind for an organisation on a date, nothing where no policy knows the kind. The kind `<kind>.extension` asks for the
 * most that extensions may add.
 * @param chain the organisation and its superiors, nearest first
 */
export function limitFor(
  policies: readonly LimitPolicy[],
  chain: readonly string[],
  asked: LimitQuestion,
  date: CivilDate,
): ResolvedLimit | undefined {
  if (asked.kind.endsWith(EXTENSION)) {
    const kind = asked.kind.slice(0, -EXTENSION.length)
    const found = limitFor(policies, chain, { ...asked, kind }, date)
    return found?.extension === undefined
      ? undefined
      : { kind: asked.kind, limit: found.extension, citation: found.citation, policy: found.policy }
  }
  let legal: { entry: LimitEntry; policy: LimitPolicy } | undefined
  let internal: { entry: LimitEntry; policy: LimitPolicy } | undefined
  for (const policy of policiesInForce(policies, chain, date)) {
    const statutory = legal ? undefined : bestEntry(policy, asked, 'statutory')
    if (statutory) legal = { entry: statutory, policy }
    const ours = internal ? undefined : bestEntry(policy, asked, 'internal')
    if (ours) internal = { entry: ours, policy }
  }
  const chosen = legal ?? internal
  if (!chosen) return undefined
  const { entry, policy } = chosen
  const stricter =
    legal &&
    internal?.entry.limit !== undefined &&
    entry.limit !== undefined &&
    isStricter(internal.entry.limit, entry.limit)
  const target = stricter
    ? { limit: internal!.entry.limit!, citation: internal!.entry.citation, policy: internal!.policy.id }
    : undefined
  return {
    kind: asked.kind,
    ...(entry.limit === undefined ? {} : { limit: entry.limit }),
    ...(entry.fixed === undefined ? {} : { fixed: entry.fixed }),
    ...(entry.every === undefined ? {} : { every: entry.every }),
    ...(entry.roll === undefined ? {} : { roll: entry.roll }),
    ...(entry.extension === undefined ? {} : { extension: entry.extension }),
    citation: entry.citation,
    policy: policy.id,
    ...(target ? { target } : {}),
  }
}
/** When lights turn yellow for an organisation on a date. */
export function lightsFor(policies: readonly LimitPolicy[], chain: readonly string[], date: CivilDate): LightPolicy {
  for (const policy of policiesInForce(policies, chain, date)) if (policy.lights) return policy.lights
  return defaultLights
}

/** The policy version nearest to an organisation on a date, for `basis`. */
export const policyVersionFor = (policies: readonly LimitPolicy[], chain: readonly string[], date: CivilDate): string =>
  policiesInForce(policies, chain, date)[0]!.id

/** The last day in time of a fixed date in a year. */
export function fixedDue(fixed: FixedDate, year: number): CivilDate {
  const day = dayNumber(`${year}-${String(fixed.month).padStart(2, '0')}-${String(fixed.day).padStart(2, '0')}`)
  return civilDate(fixed.before ? day - 1 : day)
}

// Publishing.

const civil = z.string().refine(isCivilDate).meta({ format: 'date' })
const limitText = z
  .string()
  .refine((text) => parseLimit(text) !== undefined)
  .meta({ pattern: '^-?\\d{1,5}(wd|d|mo|y|h)$' })
const name = z.string().trim().min(1).max(100)
const entrySchema = z.strictObject({
  kind: name,
  channel: name.optional(),
  category: name.optional(),
  limit: limitText.optional(),
  fixed: z
    .strictObject({ month: z.int().min(1).max(12), day: z.int().min(1).max(31), before: z.boolean().optional() })
    .optional(),
  every: limitText.optional(),
  roll: z.boolean().optional(),
  extension: limitText.optional(),
  force: z.enum(['statutory', 'internal']),
  citation: name,
})
const lightsSchema = z.strictObject({ yellowWorkdays: z.int().min(0).max(60) })
const body = z.strictObject({
  validFrom: civil,
  validUntil: civil.optional(),
  entries: z.array(entrySchema).max(500),
  lights: lightsSchema.optional(),
  legalBasis: z.string().trim().min(1).max(500),
})
const published = z.strictObject({ organisation: name, version: z.int().min(1), ...body.shape })

export const policyEvents = { LimitPolicyPublished: { version: 1, rule: 'Q16', data: published } } as const
export type PolicyEvents = typeof policyEvents
export type LimitPolicyPublished = z.output<typeof published>

export interface PolicyState {
  readonly versions: readonly LimitPolicyPublished[]
}

/** Whether an entry says one thing, on a day that exists, and nothing laxer than the law. */
function judgeEntry(entry: LimitEntry, entries: readonly LimitEntry[]): Refusal['code'] | undefined {
  const said = [entry.limit, entry.fixed, entry.every].filter((part) => part !== undefined).length
  if (said !== 1) return 'policy-entry-invalid'
  // Judged in a leap year, so that 29 February may stand.
  if (entry.fixed && fixedDueMonth(entry.fixed) !== entry.fixed.month) return 'policy-entry-invalid'
  if (entry.every !== undefined && !(parseLimit(entry.every)!.count > 0)) return 'policy-entry-invalid'
  if (entry.extension !== undefined && !(parseLimit(entry.extension)!.count > 0)) return 'policy-entry-invalid'
  const same = entries.filter(
    (other) =>
      other.kind === entry.kind &&
      other.channel === entry.channel &&
      other.category === entry.category &&
      other.force === entry.force,
  )
  if (same.length > 1) return 'policy-entry-invalid'
  if (entry.force === 'statutory' || entry.limit === undefined) return undefined
  const asked = { kind: entry.kind, channel: entry.channel, category: entry.category }
  const legal =
    bestEntry({ ...defaultPolicy, entries }, asked, 'statutory') ?? bestEntry(defaultPolicy, asked, 'statutory')
  return legal?.limit !== undefined && isStricter(legal.limit, entry.limit) ? 'policy-laxer-than-law' : undefined
}

const fixedDueMonth = ({ month, day }: FixedDate): number => new Date(Date.UTC(2024, month - 1, day)).getUTCMonth() + 1

function guard(state: PolicyState, step: StepOf<PolicyEvents>): Refusal | undefined {
  const { version, validFrom, validUntil, entries } = step.data
  const last = state.versions.at(-1)
  if (version !== (last?.version ?? 0) + 1) return refusal('policy-version-order', undefined, { pointer: '/version' })
  if ((last && validFrom < last.validFrom) || (validUntil !== undefined && validUntil < validFrom))
    return refusal('policy-version-order', undefined, { pointer: '/validFrom' })
  for (const [place, entry] of entries.entries()) {
    const code = judgeEntry(entry, entries)
    if (code) return refusal(code, 'Q16', { pointer: `/entries/${place}`, detail: { kind: entry.kind } })
  }
  return undefined
}

/** An organisation's limits (stream `limits-<organisation>`): each publication is a new version, valid from a day. */
export const policyDecider: Decider<PolicyState, PolicyEvents> = {
  category: 'limits',
  events: policyEvents,
  initial: { versions: [] },
  evolve: (state, step) =>
    step.type === 'LimitPolicyPublished' ? { versions: [...state.versions, step.data] } : state,
  guard,
  actions: {
    publish: action({
      rule: 'Q16',
      creates: true,
      body,
      decide: (asked, state: PolicyState, context) =>
        accepted<NewEventOf<PolicyEvents>>({
          type: 'LimitPolicyPublished',
          data: { organisation: context.organisation, version: (state.versions.at(-1)?.version ?? 0) + 1, ...asked },
        }),
    }),
  },
}

/** A published version as lookups read it. */
export const policyOf = (data: LimitPolicyPublished): LimitPolicy => ({
  id: `limits-${data.organisation}@${data.version}`,
  organisation: data.organisation,
  version: data.version,
  validFrom: data.validFrom,
  ...(data.validUntil === undefined ? {} : { validUntil: data.validUntil }),
  entries: data.entries,
  ...(data.lights === undefined ? {} : { lights: data.lights }),
  legalBasis: data.legalBasis,
})
