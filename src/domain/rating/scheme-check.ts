/** Whether a scheme adds up: every defect with its own code and the path in the scheme. */
import type { z } from 'zod'
import type { ErrorCode } from '../catalogue/errors.ts'
import { hundredths } from './points.ts'
import { rules } from './rules/registry.ts'
import { type Scheme, schemeSchema } from './scheme-schema.ts'

/** One thing wrong with a scheme. */
export interface SchemeDefect {
  readonly code: ErrorCode
  /** JSON pointer into the scheme. */
  readonly pointer: string
  readonly detail?: Readonly<Record<string, string | number>>
}

const escaped = (part: PropertyKey) => String(part).replaceAll('~', '~0').replaceAll('/', '~1')
const pointerOf = (path: readonly PropertyKey[]) => path.map((part) => `/${escaped(part)}`).join('')

function fromIssues(code: ErrorCode, at: readonly PropertyKey[], issues: readonly z.core.$ZodIssue[]): SchemeDefect[] {
  return issues.map((issue) => ({
    code,
    pointer: pointerOf([...at, ...issue.path]),
    detail: { problem: issue.code, message: issue.message },
  }))
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + hundredths(value)!, 0)

function checkIds(scheme: Scheme): SchemeDefect[] {
  const defects: SchemeDefect[] = []
  const seen = new Set<string>()
  const note = (id: string, pointer: string) => {
    if (seen.has(id)) defects.push({ code: 'scheme-duplicate-id', pointer, detail: { id } })
    seen.add(id)
  }
  for (const [c, category] of scheme.categories.entries()) {
    note(category.id, `/categories/${c}/id`)
    for (const [k, criterion] of category.criteria.entries()) note(criterion.id, `/categories/${c}/criteria/${k}/id`)
  }
  return defects
}

function checkPoints(scheme: Scheme): SchemeDefect[] {
  const defects: SchemeDefect[] = []
  for (const [c, category] of scheme.categories.entries()) {
    const [got, want] = [sum(category.criteria.map((criterion) => criterion.points)), hundredths(category.points)!]
    if (got !== want)
      defects.push({
        code: 'scheme-points-do-not-sum',
        pointer: `/categories/${c}/points`,
        detail: { sum: got / 100, points: want / 100 },
      })
    const { threshold } = category
    const thresholds = scheme.form === 'PER_CATEGORY_THRESHOLD'
    const fits = threshold === undefined ? !thresholds : thresholds && threshold > 0 && threshold <= category.points
    if (!fits)
      defects.push({
        code: 'scheme-threshold-invalid',
        pointer: `/categories/${c}/threshold`,
        detail: { points: category.points },
      })
  }
  if (scheme.form === 'SINGLE_SCALE_BANDS') {
    const got = sum(scheme.categories.map((category) => category.points))
    if (got !== hundredths(scheme.scale))
      defects.push({
        code: 'scheme-points-do-not-sum',
        pointer: '/scale',
        detail: { sum: got / 100, points: scheme.scale },
      })
  }
  return defects
}

function checkLevels(scheme: Scheme): SchemeDefect[] {
  const defects: SchemeDefect[] = []
  if (scheme.form === 'SINGLE_SCALE_BANDS') {
    for (const [b, band] of scheme.bands.entries()) {
      const before = scheme.bands[b - 1]
      const fits = band.level === b + 1 && band.from > (before?.from ?? 0) && band.from <= scheme.scale
      if (!fits) defects.push({ code: 'scheme-bands-invalid', pointer: `/bands/${b}`, detail: { level: band.level } })
    }
    if (scheme.bands.length !== scheme.maxLevel)
      defects.push({ code: 'scheme-bands-invalid', pointer: '/bands', detail: { maxLevel: scheme.maxLevel } })
  } else if (scheme.categories.length !== scheme.maxLevel)
    defects.push({
      code: 'scheme-level-invalid',
      pointer: '/maxLevel',
      detail: { maxLevel: scheme.maxLevel, categories: scheme.categories.length },
    })
  for (const name of ['plaqueFrom', 'commendationFrom', 'downgradeBy'] as const)
    if (scheme.measures[name] > scheme.maxLevel)
      defects.push({
        code: 'scheme-level-invalid',
        pointer: `/measures/${name}`,
        detail: { maxLevel: scheme.maxLevel },
      })
  return defects
}

function checkRule(name: string, parameters: unknown, at: readonly PropertyKey[]): SchemeDefect[] {
  const rule = rules.get(name)
  if (!rule) return [{ code: 'scheme-rule-unknown', pointer: pointerOf([...at, 'rule']), detail: { rule: name } }]
  const parsed = rule.parameters.safeParse(parameters)
  return parsed.success ? [] : fromIssues('scheme-parameters-invalid', [...at, 'parameters'], parsed.error.issues)
}

function checkRules(scheme: Scheme): SchemeDefect[] {
  const defects: SchemeDefect[] = []
  for (const [c, category] of scheme.categories.entries())
    for (const [k, { evidence }] of category.criteria.entries()) {
      const at = ['categories', c, 'criteria', k, 'evidence']
      if (evidence.kind === 'derived') defects.push(...checkRule(evidence.rule, evidence.parameters, at))
      else
        for (const [n, check] of (evidence.checks ?? []).entries())
          defects.push(...checkRule(check.rule, check.parameters, [...at, 'checks', n]))
    }
  return defects
}

function checkDates(scheme: Scheme): SchemeDefect[] {
  const defects: SchemeDefect[] = []
  if (scheme.validUntil !== undefined && scheme.validUntil <= scheme.validFrom)
    defects.push({ code: 'scheme-validity-invalid', pointer: '/validUntil', detail: { validFrom: scheme.validFrom } })
  const { calendar } = scheme
  if (calendar.selfAssessmentBefore <= calendar.selfAssessmentFrom)
    defects.push({ code: 'scheme-validity-invalid', pointer: '/calendar/selfAssessmentBefore' })
  if (calendar.inspectionUntil < calendar.inspectionFrom)
    defects.push({ code: 'scheme-validity-invalid', pointer: '/calendar/inspectionUntil' })
  if (scheme.successor === scheme.id) defects.push({ code: 'scheme-successor-invalid', pointer: '/successor' })
  return defects
}

/** Parses and judges a scheme. All defects that can be seen at once are named. */
export function checkScheme(
  input: unknown,
): { readonly ok: true; readonly scheme: Scheme } | { readonly ok: false; readonly defects: readonly SchemeDefect[] } {
  const parsed = schemeSchema.safeParse(input)
  if (!parsed.success) return { ok: false, defects: fromIssues('scheme-invalid', [], parsed.error.issues) }
  const scheme = parsed.data
  const defects = [
    ...checkIds(scheme),
    ...checkPoints(scheme),
    ...checkLevels(scheme),
    ...checkRules(scheme),
    ...checkDates(scheme),
  ]
  return defects.length === 0 ? { ok: true, scheme } : { ok: false, defects }
}
