/**
 * How an organisation supervises and visits again, as policy data: methods of chasing (S1-5.3b), levels of escalation and when they
 * are due, extensions, recurring duties, and the sample of return visits (S1-7.2). Versioned by events (stream `practice-<organisation>`); what holds for everybody
 * who says nothing else is {@link defaultPractice}.
 */
import { z } from 'zod'
import { civilDate, limit } from './complaint/fields.ts'
import { accepted, action, type Decider, type Refusal, refusal } from './decider.ts'
import type { NewEventOf, StepOf } from './event.ts'
import { defaultMethods, type ItemRules, type Level, levels, method } from './supervision/fields.ts'
import type { CivilDate } from './time.ts'

/** Kind of a recurring duty, `duty.monthly-bulletin`. */
const dutyKind = z.string().regex(/^[a-z][a-z0-9.-]{0,99}$/)

/** Duties of a bureau that says nothing else: those which the seeds lay on everybody who supervises, and which events here meet. */
export const defaultDuties: readonly string[] = [
  'duty.weekly-statistics',
  'duty.return-visits',
  'duty.monthly-bulletin',
  'duty.quarterly-inspection',
]

/** No policy may sample less. */
export const LOWEST_RATE = 10

const rules = z.strictObject({
  /** Methods of chasing; `name` for those beyond the four of S1-5.3b. */
  methods: z
    .array(z.strictObject({ key: method, name: z.string().trim().min(1).max(40).optional() }))
    .min(1)
    .max(20),
  /** Levels of escalation in order; each is due so many working days after the deadline was missed. */
  levels: z
    .array(z.strictObject({ level: z.enum(levels), overdueWorkdays: z.int().min(0).max(400) }))
    .min(1)
    .max(levels.length),
  /** How many times one task may be extended, and by how much at most altogether where the limits say nothing. */
  extensions: z.int().min(0).max(10),
  extensionCap: limit,
  /** Whether a missed deadline opens a supervision item by itself, so many working days after it; absent: a person opens it. */
  automatic: z
    .strictObject({
      overdueWorkdays: z.int().min(0).max(400),
      /** Only for clocks of these kinds. */
      kinds: z.array(z.string().min(1).max(100)).min(1).max(50).optional(),
    })
    .optional(),
  /**
   * Recurring duties that are kept (S1-2.3, S1-7.2, S4-4.3b …), each from a day on: the first period owed is the one that day lies in. How
   * long a period is say the limits. Absent: {@link defaultDuties}, from the day on which the organisation first worked a case here.
   */
  duties: z
    .array(z.strictObject({ duty: dutyKind, from: civilDate }))
    .max(50)
    .optional(),
  /** Return visits: percent of the month's closed cases, rounded up. */
  samplePercent: z.int().min(0).max(100),
  /** Attempts after which a person may be recorded as unreachable. */
  visitAttempts: z.int().min(1).max(10),
})
const body = z.strictObject({
  validFrom: civilDate,
  ...rules.shape,
  legalBasis: z.string().trim().min(1).max(500),
})
const published = z.strictObject({
  organisation: z.string().trim().min(1).max(100),
  version: z.int().min(1),
  ...body.shape,
})

export type Practice = z.output<typeof rules>

/** The four methods of S1-5.3b; a notice the day after, a circular after more than five working days, as 12345 rules have it. */
export const defaultPractice: Practice = {
  methods: defaultMethods.map((key) => ({ key })),
  levels: [
    { level: 'notice', overdueWorkdays: 0 },
    { level: 'yellow-card', overdueWorkdays: 2 },
    { level: 'red-card', overdueWorkdays: 4 },
    { level: 'circular', overdueWorkdays: 6 },
  ],
  extensions: 1,
  extensionCap: '15d',
  samplePercent: LOWEST_RATE,
  visitAttempts: 2,
}

export const practiceEvents = { PracticePublished: { version: 1, rule: 'S1-5.3b S1-7.2', data: published } } as const
export type PracticeEvents = typeof practiceEvents
export type PracticePublished = z.output<typeof published>

export interface PracticeState {
  readonly versions: readonly PracticePublished[]
}

const rule = practiceEvents.PracticePublished.rule

function guard(state: PracticeState, step: StepOf<PracticeEvents>): Refusal | undefined {
  const { data } = step
  const last = state.versions.at(-1)
  if (data.version !== (last?.version ?? 0) + 1) return refusal('policy-version-order', rule, { pointer: '/version' })
  if (last && data.validFrom < last.validFrom) return refusal('policy-version-order', rule, { pointer: '/validFrom' })
  if (new Set(data.methods.map(({ key }) => key)).size < data.methods.length)
    return refusal('practice-method-repeated', 'S1-5.3b', { pointer: '/methods' })
  const duties = data.duties ?? []
  const again = duties.findIndex(({ duty }, place) => duties.findIndex((other) => other.duty === duty) < place)
  if (again >= 0) return refusal('practice-duty-repeated', 'S4-4.3b', { pointer: `/duties/${again}/duty` })
  for (const [place, one] of data.levels.entries()) {
    const before = data.levels[place - 1]
    if (!before) continue
    const pointer = `/levels/${place}`
    if (levels.indexOf(one.level) <= levels.indexOf(before.level) || one.overdueWorkdays < before.overdueWorkdays)
      return refusal('practice-levels-order', 'S1-5.3e', { pointer })
  }
  return data.samplePercent < LOWEST_RATE
    ? refusal('sample-rate-too-low', 'S1-7.2', { pointer: '/samplePercent', detail: { least: LOWEST_RATE } })
    : undefined
}

export const practiceDecider: Decider<PracticeState, PracticeEvents> = {
  category: 'practice',
  events: practiceEvents,
  initial: { versions: [] },
  evolve: (state, step) => (step.type === 'PracticePublished' ? { versions: [...state.versions, step.data] } : state),
  guard,
  actions: {
    publish: action({
      rule,
      creates: true,
      body,
      decide: (asked, state: PracticeState, context) =>
        accepted<NewEventOf<PracticeEvents>>({
          type: 'PracticePublished',
          data: { organisation: context.organisation, version: (state.versions.at(-1)?.version ?? 0) + 1, ...asked },
        }),
    }),
  },
}

/** A practice with the version it comes from, for `basis` and the events that keep it. */
export interface PracticeInForce {
  readonly policy: string
  readonly practice: Practice
}

/**
 * The practice of an organisation on a date: its own, else its nearest superior's, else the shipped one (`practice@0`).
 * @param chain the organisation and its superiors, nearest first
 */
export function practiceFor(
  versions: readonly PracticePublished[],
  chain: readonly string[],
  date: CivilDate,
): PracticeInForce {
  for (const organisation of chain) {
    let best: PracticePublished | undefined
    for (const each of versions)
      if (each.organisation === organisation && each.validFrom <= date && (!best || each.version > best.version))
        best = each
    if (best) {
      const { organisation: of, version, validFrom: _from, legalBasis: _basis, ...practice } = best
      return { policy: `practice-${of}@${version}`, practice }
    }
  }
  return { policy: 'practice@0', practice: defaultPractice }
}

/**
 * The day from which a duty is owed under a practice; nothing where it is not.
 * @param began the day on which the organisation first worked a case here, if it has
 */
export function owedFrom({ duties }: Practice, duty: string, began: CivilDate | undefined): CivilDate | undefined {
  if (duties === undefined) return defaultDuties.includes(duty) ? began : undefined
  return duties.find((kept) => kept.duty === duty)?.from
}

/** What a supervision item keeps of the practice when it is opened. */
export const itemRulesOf = ({ policy, practice }: PracticeInForce): ItemRules => ({
  policy,
  methods: practice.methods.map(({ key }) => key),
  levels: practice.levels.map(({ level }) => level),
  extensions: practice.extensions,
  extensionCap: practice.extensionCap,
})

/**
 * The level of escalation that is due for an overdue task, if one is: the next after the highest that was issued, once the task is late enough.
 * @param overdueWorkdays working days since the due day
 */
export function escalationDue(
  practice: Practice,
  issued: Level | undefined,
  overdueWorkdays: number,
): Level | undefined {
  const place = issued === undefined ? -1 : practice.levels.findIndex(({ level }) => level === issued)
  if (issued !== undefined && place < 0) return undefined
  const next = practice.levels[place + 1]
  return next && overdueWorkdays >= next.overdueWorkdays ? next.level : undefined
}
