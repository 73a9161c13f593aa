/**
 * Two runs compared: level by level, criterion by criterion, line by line, each difference with its cause. Also which published ratings
 * a later fact has touched.
 */
import type { causeTerms } from '../catalogue/rating.ts'
import { dateOf, type EffectiveTime } from '../time.ts'
import type { FactBase } from './fact-base.ts'
import type { FactOf } from './facts.ts'
import {
  type CriterionRating,
  compileScheme,
  type Line,
  momentOf,
  type OfficeRating,
  type Run,
  rateOffice,
} from './rate.ts'
import type { Scheme } from './scheme-schema.ts'
import { formalStanding } from './standing.ts'

/** Why a line differs. */
export type CauseKind = keyof typeof causeTerms

/** One line on both sides; null where it is on one side only. */
export interface LineDifference {
  readonly event: string | null
  readonly index: number | null
  readonly from: Line | null
  readonly to: Line | null
  readonly cause: CauseKind
}

export interface CriterionDifference {
  readonly id: string
  /** Points on both sides; null where the scheme of that side does not have it. */
  readonly from: number | null
  readonly to: number | null
  readonly lines: readonly LineDifference[]
}

/** A cause in one entry, for lists: which criterion, by which event. */
export interface Cause {
  readonly cause: CauseKind
  readonly criterion: string
  readonly event: string | null
  readonly index: number | null
  readonly reason: string
}

export interface OfficeComparison {
  readonly office: string
  /** Computed levels; null where the office is on one side only. */
  readonly from: number | null
  readonly to: number | null
  readonly formalFrom: number | null
  readonly formalTo: number | null
  readonly pointsFrom: number | null
  readonly pointsTo: number | null
  readonly causes: readonly Cause[]
  readonly criteria: readonly CriterionDifference[]
}

/** What the two sides looked at. */
interface Sides {
  readonly left: { readonly asOf: number; readonly day: string }
  readonly right: { readonly asOf: number; readonly day: string }
}

const LAST = Number.POSITIVE_INFINITY

/** Why a line is on one side only. `there` is the side that has it. */
function oneSided(line: Line, there: Sides['left'], here: Sides['left']): CauseKind {
  const index = line.index ?? LAST
  const began = line.from !== null && line.from > here.day
  if (index > here.asOf) return began ? 'later-in-time' : 'late-evidence'
  if (began) return 'later-in-time'
  return there.day === here.day ? 'corrected' : 'lapsed-in-time'
}

function changed(from: Line, to: Line, { left, right }: Sides): CauseKind {
  if (from.state !== to.state) {
    if (from.cause === 'calendar' || to.cause === 'calendar') return 'calendar-change'
    if (to.state === 'overturned') return 'overturned'
    if (from.state === 'overturned') return 'reinstated'
    if (from.state === 'expired' || to.state === 'expired') return 'lapsed-in-time'
    return 'disputed'
  }
  if (from.from !== to.from) return 'corrected'
  if (from.event !== null && from.reason === to.reason) return 'knock-on'
  if (left.day !== right.day) return 'lapsed-in-time'
  return from.event === null ? 'knock-on' : 'corrected'
}

/** Lines of one criterion by event and by their place among that event's lines, in order. */
function keyed(lines: readonly Line[]): Map<string, Line> {
  const seen = new Map<string, number>()
  const found = new Map<string, Line>()
  for (const line of lines) {
    const event = line.event ?? ''
    const place = seen.get(event) ?? 0
    seen.set(event, place + 1)
    found.set(`${event}#${place}`, line)
  }
  return found
}

const same = (a: Line, b: Line) =>
  a.points === b.points &&
  a.state === b.state &&
  a.from === b.from &&
  a.until === b.until &&
  a.reason === b.reason &&
  a.cause === b.cause

function compareCriterion(
  from: CriterionRating | undefined,
  to: CriterionRating | undefined,
  sides: Sides,
): CriterionDifference | undefined {
  const rulesChanged = !from || !to || from.max !== to.max || from.rules.join('\n') !== to.rules.join('\n')
  const [left, right] = [keyed(from?.lines ?? []), keyed(to?.lines ?? [])]
  const lines: LineDifference[] = []
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const [a, b] = [left.get(key) ?? null, right.get(key) ?? null]
    if (a && b && same(a, b)) continue
    const { event, index } = (b ?? a)!
    let cause: CauseKind
    if (rulesChanged) cause = 'scheme-change'
    else if (!a && b) cause = event === null ? 'knock-on' : oneSided(b, sides.right, sides.left)
    else if (a && !b) cause = event === null ? 'knock-on' : oneSided(a, sides.left, sides.right)
    else cause = changed(a!, b!, sides)
    lines.push({ event, index, from: a, to: b, cause })
  }
  if (lines.length === 0 && !rulesChanged) return undefined
  return { id: (to ?? from)!.id, from: from?.points ?? null, to: to?.points ?? null, lines }
}

const criteriaOf = (rating: OfficeRating | undefined) =>
  new Map(rating?.categories.flatMap((category) => category.criteria).map((criterion) => [criterion.id, criterion]))

const sideOf = (run: { asOf: number; effectiveAt: EffectiveTime }) => ({ asOf: run.asOf, day: dateOf(run.effectiveAt) })

/** The rating of one office on both sides; nothing where nothing differs. */
export function compareOffice(
  left: OfficeRating | undefined,
  right: OfficeRating | undefined,
  runs: { readonly left: Pick<Run, 'asOf' | 'effectiveAt'>; readonly right: Pick<Run, 'asOf' | 'effectiveAt'> },
): OfficeComparison | undefined {
  const sides: Sides = { left: sideOf(runs.left), right: sideOf(runs.right) }
  const [a, b] = [criteriaOf(left), criteriaOf(right)]
  const criteria: CriterionDifference[] = []
  for (const id of new Set([...a.keys(), ...b.keys()])) {
    const difference = compareCriterion(a.get(id), b.get(id), sides)
    if (difference) criteria.push(difference)
  }
  const levels = left?.computedLevel === right?.computedLevel && left?.formalLevel === right?.formalLevel
  if (criteria.length === 0 && levels) return undefined
  const causes = criteria.flatMap((criterion) =>
    criterion.lines.map(
      ({ cause, event, index, from, to }): Cause => ({
        cause,
        criterion: criterion.id,
        event,
        index,
        reason: (to ?? from)!.reason,
      }),
    ),
  )
  // What merely follows from another line of the same criterion is no cause of its own where there is one.
  const own = causes.filter((cause) => cause.cause !== 'knock-on')
  return {
    office: (right ?? left)!.office,
    from: left?.computedLevel ?? null,
    to: right?.computedLevel ?? null,
    formalFrom: left?.formalLevel ?? null,
    formalTo: right?.formalLevel ?? null,
    pointsFrom: left?.points ?? null,
    pointsTo: right?.points ?? null,
    causes: own.length > 0 ? own : causes,
    criteria,
  }
}

/** The offices whose ledgers differ between two runs, by id. */
export function compareRuns(left: Run, right: Run): OfficeComparison[] {
  const [a, b] = [left, right].map((run) => new Map(run.offices.map((rating) => [rating.office, rating])))
  const found: OfficeComparison[] = []
  for (const office of [...new Set([...a!.keys(), ...b!.keys()])].sort()) {
    const comparison = compareOffice(a!.get(office), b!.get(office), { left, right })
    if (comparison) found.push(comparison)
  }
  return found
}

/** What was published of an office: its ledger as the award was computed from it, with the level that was published as the formal one. */
export interface PublishedRating {
  readonly rating: OfficeRating
  /** The run that the award names. */
  readonly asOf: number
  readonly effectiveAt: EffectiveTime
  readonly scheme: string
}

/**
 * The awards in force at a moment, each with its ledger at its own moment under its own scheme; offices of which nothing was published, or under
 * a scheme that is not known, are left out.
 * @param schemeOf the scheme of `ID@VERSION`
 */
export function publishedRatings(
  base: FactBase,
  asOf: number,
  effectiveAt: EffectiveTime,
  schemeOf: (ref: string) => Scheme | undefined,
  offices: readonly string[],
): PublishedRating[] {
  const found: PublishedRating[] = []
  for (const office of offices) {
    const award = formalStanding(base.of(office, asOf), momentOf(effectiveAt))?.award
    const scheme = award && schemeOf(award.scheme)
    if (!award || !scheme) continue
    const rating = rateOffice(base.of(office, award.asOf), compileScheme(scheme), award.effectiveAt)
    found.push({
      rating: { ...rating, formalLevel: award.level },
      asOf: award.asOf,
      effectiveAt: award.effectiveAt,
      scheme: award.scheme,
    })
  }
  return found
}

/** Published ratings against a run over the same offices, whichever of the two stands on the left. */
export function comparePublished(
  published: readonly PublishedRating[],
  run: Run,
  publishedIs: 'left' | 'right',
): OfficeComparison[] {
  const rated = new Map(run.offices.map((rating) => [rating.office, rating]))
  return published.flatMap((each) => {
    const other = rated.get(each.rating.office)
    if (!other) return []
    const comparison =
      publishedIs === 'left'
        ? compareOffice(each.rating, other, { left: each, right: run })
        : compareOffice(other, each.rating, { left: run, right: each })
    return comparison ? [comparison] : []
  })
}

/** A published rating whose evidence has changed since. */
export interface AffectedRating {
  readonly office: string
  readonly cycle: string
  /** Event that published it. */
  readonly award: string
  /** Level as published, and as it would be with what is known now. */
  readonly from: number
  readonly to: number
  readonly scheme: string
  readonly effectiveAt: EffectiveTime
  readonly causes: readonly Cause[]
  readonly criteria: readonly CriterionDifference[]
}

/** The award in force of an office and up to which index its evidence has been looked at. */
function awardOf(base: FactBase, office: string, asOf: number): { award: FactOf<'award'>; seen: number } | undefined {
  const facts = base.of(office, asOf)
  const award = facts.until('award', LAST).findLast((fact) => !fact.overturned)
  if (!award) return undefined
  let seen = award.asOf
  for (const fact of facts.until('settled', LAST)) if (fact.of === award.event) seen = Math.max(seen, fact.asOf)
  return { award, seen }
}

/**
 * The ratings in force whose evidence has changed since they were published, or since that was last confirmed, dismissed or taken up. A
 * rating is computed again at its own moment and scheme, with what was recorded up to `asOf`.
 * @param schemeOf the scheme of `ID@VERSION`; a rating of an unknown one is left out
 */
export function affectedRatings(
  base: FactBase,
  asOf: number,
  schemeOf: (ref: string) => Scheme | undefined,
  offices: readonly string[] = base.offices(asOf),
): AffectedRating[] {
  const found: AffectedRating[] = []
  for (const office of offices) {
    const published = awardOf(base, office, asOf)
    if (!published) continue
    const { award, seen } = published
    const scheme = schemeOf(award.scheme)
    if (!scheme) continue
    const compiled = compileScheme(scheme)
    const [before, now] = [seen, asOf].map((index) => rateOffice(base.of(office, index), compiled, award.effectiveAt))
    const runs = {
      left: { asOf: seen, effectiveAt: award.effectiveAt },
      right: { asOf, effectiveAt: award.effectiveAt },
    }
    const comparison = compareOffice(before, now, runs)
    if (!comparison || comparison.criteria.length === 0) continue
    found.push({
      office,
      cycle: award.cycle,
      award: award.event,
      from: award.level,
      to: now!.computedLevel,
      scheme: award.scheme,
      effectiveAt: award.effectiveAt,
      causes: comparison.causes,
      criteria: comparison.criteria,
    })
  }
  return found
}
