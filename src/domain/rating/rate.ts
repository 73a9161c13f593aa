/**
 * `rate`: from the facts of an office to its ledger, under one version of a scheme, at one moment. Pure and exact: whole hundredths
 * of points inside, decimals at the edge.
 */
import { ruleWords } from '../catalogue/rating-rules.ts'
import { boundMs, type CivilDate, dateOf, type EffectiveTime } from '../time.ts'
import type { FactBase } from './fact-base.ts'
import type { FactKind, FactOf, OfficeFacts } from './facts.ts'
import { decimal, type Hundredths, hundredths } from './points.ts'
import { rules } from './rules/registry.ts'
import type { Adjustment, AnyRule, LineState, Moment } from './rules/rule.ts'
import { type Criterion, type Scheme, schemeRef } from './scheme-schema.ts'
import { formalStanding } from './standing.ts'

/** One line of a criterion. The lines of a criterion sum to its points. */
export interface Line {
  /** The event it rests on; null for the base and for what is missing. */
  readonly event: string | null
  readonly index: number | null
  /** Points, two decimals. */
  readonly points: number
  /** The days it counts: [from, until); null where open or without a day. */
  readonly from: CivilDate | null
  readonly until: CivilDate | null
  readonly state: LineState
  /** The rule in words. */
  readonly reason: string
  /** Present where a later holiday notice is why it does not count. */
  readonly cause?: 'calendar'
}

export interface CriterionRating {
  readonly id: string
  readonly points: number
  readonly max: number
  /** The rules in words; empty where people alone judge. */
  readonly rules: readonly string[]
  readonly lines: readonly Line[]
}

export interface CategoryRating {
  readonly id: string
  readonly points: number
  /** Whether the star is earned; null in a scheme of one scale. */
  readonly earned: boolean | null
  readonly criteria: readonly CriterionRating[]
}

/** The next change of the computed level that time alone will bring, nothing else happening. */
export interface NextChange {
  readonly date: CivilDate
  readonly level: number
  /** The lines that change then. */
  readonly because: readonly { readonly criterion: string; readonly event: string | null; readonly reason: string }[]
}

export interface OfficeRating {
  readonly office: string
  /** Last published award less measures; null where nothing was ever published. */
  readonly formalLevel: number | null
  /** What the evidence says under the scheme. */
  readonly computedLevel: number
  readonly needsReevaluation: boolean
  readonly points: number
  readonly categories: readonly CategoryRating[]
  readonly nextChange: NextChange | null
}

export interface RunParameters {
  /** Index of the last event considered. */
  readonly asOf: number
  readonly effectiveAt: EffectiveTime
  readonly scheme: Scheme
  /** Ids of the offices; default all that the facts are about. */
  readonly offices?: readonly string[]
}

/** A run: the part of it that its digest covers is {@link canonicalRun}. */
export interface Run {
  readonly asOf: number
  readonly effectiveAt: EffectiveTime
  /** `ID@VERSION`. */
  readonly scheme: string
  readonly offices: readonly OfficeRating[]
}

interface CompiledRule {
  readonly rule: AnyRule
  readonly parameters: never
  readonly words: string
}
interface CompiledCriterion {
  readonly id: string
  readonly max: Hundredths
  readonly inspected: boolean
  readonly rules: readonly CompiledRule[]
  readonly words: readonly string[]
}
interface CompiledCategory {
  readonly id: string
  readonly threshold: Hundredths | undefined
  readonly criteria: readonly CompiledCriterion[]
}
/** A scheme made ready for rating. */
export interface CompiledScheme {
  readonly scheme: Scheme
  readonly ref: string
  readonly categories: readonly CompiledCategory[]
  readonly bands: readonly { readonly level: number; readonly from: Hundredths }[] | undefined
}

const compiledSchemes = new WeakMap<Scheme, CompiledScheme>()

function compileRule(name: string, given: unknown): CompiledRule {
  const rule = rules.get(name)
  if (!rule) throw new TypeError(`unknown rule ${name}: the scheme was not checked`)
  const parameters = rule.parameters.parse(given) as never
  return { rule, parameters, words: rule.words(parameters) }
}

function compileCriterion(criterion: Criterion): CompiledCriterion {
  const { evidence } = criterion
  const inspected = evidence.kind === 'inspected'
  const derivations = inspected ? (evidence.checks ?? []) : [evidence]
  const compiled = derivations.map((one) => compileRule(one.rule, one.parameters))
  return {
    id: criterion.id,
    max: hundredths(criterion.points)!,
    inspected,
    rules: compiled,
    words: compiled.map((one) => one.words),
  }
}

/** Makes a checked scheme ready; kept with the scheme object. @throws TypeError for one that was not checked */
export function compileScheme(scheme: Scheme): CompiledScheme {
  let compiled = compiledSchemes.get(scheme)
  if (!compiled) {
    compiled = {
      scheme,
      ref: schemeRef(scheme),
      categories: scheme.categories.map((category) => ({
        id: category.id,
        threshold: category.threshold === undefined ? undefined : hundredths(category.threshold)!,
        criteria: category.criteria.map(compileCriterion),
      })),
      bands:
        scheme.form === 'SINGLE_SCALE_BANDS'
          ? scheme.bands.map((band) => ({ level: band.level, from: hundredths(band.from)! }))
          : undefined,
    }
    compiledSchemes.set(scheme, compiled)
  }
  return compiled
}

/** The kinds of facts that a rating under a scheme looks at: scores, what the formal level rests on, and what its rules read. */
export function kindsOf(scheme: Scheme): ReadonlySet<FactKind> {
  const criteria = compileScheme(scheme).categories.flatMap((category) => category.criteria)
  return new Set<FactKind>([
    ...(['score', 'award', 'measure'] as const),
    ...criteria.flatMap((criterion) => criterion.rules.flatMap(({ rule }) => rule.reads)),
  ])
}

const schemeId = (ref: string) => ref.slice(0, ref.indexOf('@'))

/**
 * Official scores of a criterion: the last that stands counts, earlier ones are shown. A score given under one version of a scheme holds
 * for the criterion of that id in every version, so that a new version can be tried on past inspections.
 */
function scoreLines(facts: OfficeFacts, at: Moment, criterion: CompiledCriterion, scheme: string): Adjustment[] {
  const scores = facts
    .until('score', at.bound)
    .filter((fact) => fact.criterion === criterion.id && schemeId(fact.scheme) === schemeId(scheme))
  const lines: Adjustment[] = []
  let next: FactOf<'score'> | undefined
  for (let place = scores.length - 1; place >= 0; place--) {
    const fact = scores[place]!
    if (fact.overturned) {
      lines.push({ fact, points: 0, state: 'overturned', reason: ruleWords.inspected, from: fact.date })
    } else if (next) {
      const reason = ruleWords.supersededScore
      lines.push({ fact, points: 0, state: 'expired', reason, from: fact.date, until: next.date })
    } else {
      lines.push({ fact, points: fact.points, state: 'counted', reason: ruleWords.inspected, from: fact.date })
      next = fact
    }
  }
  if (!next) lines.push({ points: 0, state: 'counted', reason: ruleWords.notInspected })
  return lines.reverse()
}

interface RatedCriterion {
  readonly compiled: CompiledCriterion
  readonly points: Hundredths
  readonly lines: Line[]
  /** Days on which time alone changes a line. */
  readonly changes: readonly CivilDate[]
}

/** Applies adjustments in order, each clipped so that the sum stays between 0 and the maximum. */
function settle(compiled: CompiledCriterion, adjustments: readonly Adjustment[]): RatedCriterion {
  let sum = 0
  const lines: Line[] = []
  const changes: CivilDate[] = []
  for (const { fact, points, state, reason, from, until, cause, changes: change } of adjustments) {
    const after = Math.min(compiled.max, Math.max(0, sum + points))
    lines.push({
      ...(cause ? { cause } : {}),
      event: fact?.event ?? null,
      from: from ?? null,
      index: fact?.index ?? null,
      points: decimal(after - sum),
      reason,
      state,
      until: until ?? null,
    })
    sum = after
    if (change !== undefined) changes.push(change)
  }
  return { compiled, points: sum, lines, changes }
}

function rateCriterion(facts: OfficeFacts, at: Moment, compiled: CompiledCriterion, scheme: string): RatedCriterion {
  const adjustments: Adjustment[] = compiled.inspected
    ? scoreLines(facts, at, compiled, scheme)
    : [{ points: compiled.max, state: 'counted', reason: ruleWords.base }]
  for (const { rule, parameters } of compiled.rules)
    for (const line of rule.evaluate({ facts, at, max: compiled.max, parameters })) adjustments.push(line)
  return settle(compiled, adjustments)
}

const total = (criteria: readonly RatedCriterion[]) => criteria.reduce((sum, criterion) => sum + criterion.points, 0)

/** The level of rated categories: stars earned, or the highest band reached. */
function levelOf(scheme: CompiledScheme, categories: readonly (readonly RatedCriterion[])[]): number {
  if (scheme.bands) {
    const points = categories.reduce((sum, criteria) => sum + total(criteria), 0)
    let level = 0
    for (const band of scheme.bands) if (points >= band.from) level = band.level
    return level
  }
  return categories.filter((criteria, place) => total(criteria) >= scheme.categories[place]!.threshold!).length
}

function changedLines(before: RatedCriterion, after: RatedCriterion): NextChange['because'] {
  const because: NextChange['because'][number][] = []
  for (const [place, line] of after.lines.entries()) {
    const old = before.lines[place]
    if (line.event !== null && (!old || old.points !== line.points))
      because.push({ criterion: after.compiled.id, event: line.event, reason: (old ?? line).reason })
  }
  return because
}

/** Tries the days on which a line certainly changes, in order, until the level does. */
function nextChange(
  facts: OfficeFacts,
  at: Moment,
  scheme: CompiledScheme,
  rated: readonly (readonly RatedCriterion[])[],
  level: number,
): NextChange | null {
  const days = new Set<CivilDate>()
  for (const criteria of rated) for (const { changes } of criteria) for (const day of changes) days.add(day)
  if (days.size === 0) return null
  let current = rated
  const queue = [...days].sort()
  for (let place = 0; place < queue.length; place++) {
    const date = queue[place]!
    const moment: Moment = { bound: at.bound, date }
    current = current.map((criteria) =>
      criteria.map((criterion) =>
        criterion.changes.length === 0 ? criterion : rateCriterion(facts, moment, criterion.compiled, scheme.ref),
      ),
    )
    // A line that decays by steps names its next step only once it is in the one before.
    for (const criteria of current)
      for (const { changes } of criteria)
        for (const day of changes)
          if (!days.has(day)) {
            days.add(day)
            queue.push(day)
            queue.sort()
          }
    const then = levelOf(scheme, current)
    if (then === level) continue
    const because = rated.flatMap((criteria, c) =>
      criteria.flatMap((criterion, k) => changedLines(criterion, current[c]![k]!)),
    )
    return { because, date, level: then }
  }
  return null
}

/** The moment a time stands for: everything that had happened by its end, seen from its Shanghai day. */
export const momentOf = (effectiveAt: EffectiveTime): Moment => ({
  bound: boundMs(effectiveAt),
  date: dateOf(effectiveAt),
})

/** The ledger of one office. Its fields stand in canonical order, so that its JSON is its canonical form. */
export function rateOffice(facts: OfficeFacts, scheme: CompiledScheme, effectiveAt: EffectiveTime): OfficeRating {
  const at = momentOf(effectiveAt)
  const rated = scheme.categories.map((category) =>
    category.criteria.map((criterion) => rateCriterion(facts, at, criterion, scheme.ref)),
  )
  const computedLevel = levelOf(scheme, rated)
  const formalLevel = formalStanding(facts, at)?.level ?? null
  return {
    categories: rated.map((criteria, place) => {
      const { id, threshold } = scheme.categories[place]!
      const points = total(criteria)
      return {
        criteria: criteria.map(({ compiled, points: got, lines }) => ({
          id: compiled.id,
          lines,
          max: decimal(compiled.max),
          points: decimal(got),
          rules: compiled.words,
        })),
        earned: threshold === undefined ? null : points >= threshold,
        id,
        points: decimal(points),
      }
    }),
    computedLevel,
    formalLevel,
    needsReevaluation: formalLevel !== null && formalLevel !== computedLevel,
    nextChange: nextChange(facts, at, scheme, rated, computedLevel),
    office: facts.office,
    points: decimal(rated.reduce((sum, criteria) => sum + total(criteria), 0)),
  }
}

/** Rates offices as recorded up to `asOf` and as things were at `effectiveAt`; offices in the order of their ids. */
export function rate(facts: FactBase, parameters: RunParameters): Run {
  const scheme = compileScheme(parameters.scheme)
  const offices = [...(parameters.offices ?? facts.offices(parameters.asOf))].sort()
  return {
    asOf: parameters.asOf,
    effectiveAt: parameters.effectiveAt,
    scheme: scheme.ref,
    offices: offices.map((office) => rateOffice(facts.of(office, parameters.asOf), scheme, parameters.effectiveAt)),
  }
}
