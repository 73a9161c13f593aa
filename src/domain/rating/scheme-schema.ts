/** The shape of a rating scheme: rules as data. What the parts must add up to is judged in scheme-check.ts. */
import { z } from 'zod'
import { isCivilDate } from '../time.ts'
import { twoDecimals } from './points.ts'

/** A kebab-case or dotted id, unique in its scheme: `excellence`, `S0-5.1.1`. */
const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$/)
const date = z.string().refine(isCivilDate, { error: 'not a date' })
const monthDay = z.string().regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/)
const text = (max: number) => z.string().trim().min(1).max(max)
/** `15d`, `5wd`, `2mo`, `1y`. */
const limit = z.string().regex(/^[1-9]\d{0,3}(wd|d|mo|y)$/)

/** A named rule with its parameters; the rule's own schema judges them. */
const derivation = z.strictObject({ rule: text(60), parameters: z.record(z.string(), z.unknown()) })

const evidence = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('inspected'),
    /** What the inspectors must see and keep, such as the four wall-notice items. */
    materials: z.array(text(200)).max(20).optional(),
    /** Derived rules that cost points on top of the inspectors' score. */
    checks: z.array(derivation).max(5).optional(),
  }),
  z.strictObject({ kind: z.literal('derived'), ...derivation.shape }),
])

const criterion = z.strictObject({ id, text: text(600), points: twoDecimals, evidence })

const category = z.strictObject({
  id,
  name: text(60),
  /** What the category totals. */
  points: twoDecimals,
  /** Points that earn the star; the number is included (以上). Only for thresholds. */
  threshold: twoDecimals.optional(),
  criteria: z.array(criterion).min(1).max(30),
})

/** What the scheme lets the awarding authority do about plaque holders (S0-4.6). */
const measures = z.strictObject({
  /** Successive warnings that downgrade (S0-4.6d, Q2). */
  warningsToDowngrade: z.int().min(1).max(10),
  /** Levels a downgrade takes (Q6). */
  downgradeBy: z.int().min(1).max(5),
  /** Whether one-vote veto exists (S0-4.6e). */
  veto: z.boolean(),
  /** Lowest level with a plaque (Q4). */
  plaqueFrom: z.int().min(1),
  /** Lowest level with commendation and ceremony (S0-4.5a). */
  commendationFrom: z.int().min(1),
})

/** Notice and reply periods (S0-4.4a, Q1). */
const periods = z.strictObject({
  notice: limit,
  appeal: limit,
  /** Whether the last day rolls to the next working day. */
  roll: z.boolean(),
})

/** When things happen in a cycle (S0-4.2, 4.3, 4.5b, 4.6a). */
const calendar = z.strictObject({
  everyYears: z.int().min(1).max(10),
  selfAssessmentFrom: monthDay,
  /** 10月21日前: the day itself is out unless `selfAssessmentInclusive` (Q3). */
  selfAssessmentBefore: monthDay,
  selfAssessmentInclusive: z.boolean(),
  inspectionFrom: monthDay,
  inspectionUntil: monthDay,
  specialInspectionEveryYears: z.int().min(1).max(10),
})

const common = {
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/),
  version: z.int().min(1).max(9999),
  name: text(120),
  maxLevel: z.int().min(1).max(10),
  categories: z.array(category).min(1).max(20),
  measures,
  periods,
  calendar,
  legalBasis: z.array(text(300)).min(1).max(20),
  validFrom: date,
  /** The first day it no longer holds; absent while open-ended. */
  validUntil: date.optional(),
  /** The scheme that follows this one, where it is another. */
  successor: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/)
    .optional(),
}

/** A whole scheme as data, in one of two forms. */
export const schemeSchema = z.discriminatedUnion('form', [
  z.strictObject({ form: z.literal('PER_CATEGORY_THRESHOLD'), ...common }),
  z.strictObject({
    form: z.literal('SINGLE_SCALE_BANDS'),
    ...common,
    /** What all categories total. */
    scale: twoDecimals,
    /** Level by points, from level 1 upward; the number is included. */
    bands: z
      .array(z.strictObject({ level: z.int().min(1), from: twoDecimals }))
      .min(1)
      .max(10),
  }),
])

export type Scheme = z.output<typeof schemeSchema>
export type Category = Scheme['categories'][number]
export type Criterion = Category['criteria'][number]
export type Evidence = Criterion['evidence']

/** `ID@VERSION`. */
export const schemeRef = (scheme: { id: string; version: number }): string => `${scheme.id}@${scheme.version}`

/** Reads `ID@VERSION` or `ID`. */
export function parseSchemeRef(text: string): { id: string; version?: number } | undefined {
  const match = /^([a-z0-9][a-z0-9-]{0,39})(?:@([1-9]\d{0,3}))?$/.exec(text)
  if (!match) return undefined
  return match[2] === undefined ? { id: match[1]! } : { id: match[1]!, version: Number(match[2]) }
}
