/** Ratings as tables, for files: runs and rankings, one office's ledger, comparisons, affected ratings, recorded runs, schemes. */

import { yesNo } from '../domain/catalogue/lists.ts'
import { causeTerms, lineStateTerms } from '../domain/catalogue/rating.ts'
import {
  publishedSide,
  type RatingListName,
  ratingColumns,
  schemeFormTerms,
  wholeScope,
} from '../domain/catalogue/rating-lists.ts'
import { type TermTable, term } from '../domain/catalogue/terms.ts'
import type { AffectedRating } from '../domain/rating/compare.ts'
import type { OfficeRating } from '../domain/rating/rate.ts'
import { type Scheme, schemeRef } from '../domain/rating/scheme-schema.ts'
import type { ExportRow } from '../ledger/export.ts'
import type { Directory } from '../projections/directory.ts'
import type { KnownRun } from '../projections/rulebook.ts'
import { actorText, type Table, timeText } from './lists.ts'
import { type Compared, PUBLISHED, type RunAnswer } from './rating.ts'

type Run = RunAnswer['run']

function tableOf(list: RatingListName, rows: Iterable<ExportRow>): Table {
  const columns = Object.entries(ratingColumns[list] as TermTable).map(([name, header]) => ({ name, header }))
  const all = async function* () {
    yield* rows
  }
  return { columns, rows: all() }
}

const runCells = ({ asOf, effectiveAt, scheme, digest }: Run) => ({
  asOf,
  effectiveAt: timeText(effectiveAt),
  scheme,
  digest,
})
const nameOf = (people: Directory, office: string): string => people.office(office)?.name ?? ''

/** Highest level first, then most points, then by id: the same on every machine. */
export const byRank = (a: OfficeRating, b: OfficeRating): number =>
  b.computedLevel - a.computedLevel || b.points - a.points || (a.office < b.office ? -1 : 1)

/** Places in a ranking, by office; equal levels and points share one. */
function placesOf(offices: readonly OfficeRating[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  let last: OfficeRating | undefined
  let place = 0
  for (const [n, office] of [...offices].sort(byRank).entries()) {
    if (last?.computedLevel !== office.computedLevel || last.points !== office.points) place = n + 1
    places.set(office.office, place)
    last = office
  }
  return places
}

/** A run, an office a row, in the order given; each with its place by level and points. */
export function ratingTable(people: Directory, { run, offices }: RunAnswer, scheme: Scheme | undefined): Table {
  const names = new Map(scheme?.categories.map(({ id, name }) => [id, name]))
  const places = placesOf(offices)
  const stars = (rated: OfficeRating, earned: boolean) =>
    rated.categories.flatMap((one) => (one.earned === earned ? [names.get(one.id) ?? one.id] : [])).join('、')
  function* rows() {
    for (const rated of offices)
      yield {
        place: places.get(rated.office),
        office: rated.office,
        name: nameOf(people, rated.office),
        formalLevel: rated.formalLevel,
        computedLevel: rated.computedLevel,
        needsReevaluation: yesNo(rated.needsReevaluation),
        points: rated.points,
        earned: stars(rated, true),
        missed: stars(rated, false),
        changesOn: rated.nextChange?.date,
        changesTo: rated.nextChange?.level,
        ...runCells(run),
      }
  }
  return tableOf('ratings', rows())
}

/** The ledger of one office, a line a row. */
export function ledgerTable(people: Directory, { run, offices }: RunAnswer, scheme: Scheme | undefined): Table {
  const categories = new Map(scheme?.categories.map((category) => [category.id, category]))
  const texts = new Map(scheme?.categories.flatMap(({ criteria }) => criteria.map(({ id, text }) => [id, text])))
  function* rows() {
    for (const rated of offices)
      for (const category of rated.categories)
        for (const criterion of category.criteria)
          for (const line of criterion.lines)
            yield {
              office: rated.office,
              name: nameOf(people, rated.office),
              category: categories.get(category.id)?.name ?? category.id,
              categoryPoints: category.points,
              earned: yesNo(category.earned),
              criterion: criterion.id,
              text: texts.get(criterion.id),
              criterionPoints: criterion.points,
              max: criterion.max,
              rules: criterion.rules.join('；'),
              points: line.points,
              state: term(lineStateTerms, line.state),
              reason: line.reason,
              from: line.from,
              until: line.until,
              index: line.index,
              event: line.event,
              ...runCells(run),
            }
  }
  return tableOf('ledger', rows())
}

const sideText = ({ asOf, effectiveAt, scheme }: Run): string =>
  `${scheme === PUBLISHED ? publishedSide : scheme} asOf=${asOf} effectiveAt=${timeText(effectiveAt)}`

/** A comparison, a differing line a row; an office whose formal level alone differs has one row without a line. */
export function comparisonTable(people: Directory, { left, right, offices }: Compared): Table {
  const sides = { left: sideText(left), right: sideText(right) }
  function* rows(): Iterable<ExportRow> {
    for (const each of offices) {
      const { office, from, to, formalFrom, formalTo, pointsFrom, pointsTo } = each
      const head = { office, name: nameOf(people, office), from, to, formalFrom, formalTo, pointsFrom, pointsTo }
      if (each.criteria.length === 0) yield { ...head, ...sides }
      for (const criterion of each.criteria) {
        const cells = { ...head, criterion: criterion.id, criterionFrom: criterion.from, criterionTo: criterion.to }
        if (criterion.lines.length === 0) yield { ...cells, cause: term(causeTerms, 'scheme-change'), ...sides }
        for (const line of criterion.lines)
          yield {
            ...cells,
            cause: term(causeTerms, line.cause),
            reason: (line.to ?? line.from)!.reason,
            lineFrom: line.from?.points,
            lineTo: line.to?.points,
            stateFrom: line.from ? term(lineStateTerms, line.from.state) : '',
            stateTo: line.to ? term(lineStateTerms, line.to.state) : '',
            index: line.index,
            event: line.event,
            ...sides,
          }
      }
    }
  }
  return tableOf('comparison', rows())
}

/** Published ratings whose evidence has changed, a cause a row. */
export function affectedTable(people: Directory, ratings: readonly AffectedRating[]): Table {
  function* rows(): Iterable<ExportRow> {
    for (const { office, cycle, scheme, effectiveAt, from, to, award, causes } of ratings)
      for (const { criterion, cause, reason, index, event } of causes)
        yield {
          ...{ office, name: nameOf(people, office), cycle, scheme, effectiveAt: timeText(effectiveAt), from, to },
          ...{ criterion, cause: term(causeTerms, cause), reason, index, event, award },
        }
  }
  return tableOf('affected', rows())
}

/** Recorded runs, the latest first. */
export function runTable(people: Directory, runs: readonly KnownRun[]): Table {
  function* rows(): Iterable<ExportRow> {
    for (const { id, run, recorded } of runs)
      yield {
        run: id,
        recordedAt: timeText(recorded.recordedAt),
        actor: actorText(people, recorded.actor),
        scope: run.scope.office ?? run.scope.division ?? wholeScope,
        offices: run.offices,
        ...runCells(run),
        index: recorded.index,
      }
  }
  return tableOf('runs', rows())
}

/** Versions of schemes. */
export const schemeTable = (schemes: readonly Scheme[]): Table =>
  tableOf(
    'schemes',
    schemes.map((scheme) => ({
      ref: schemeRef(scheme),
      name: scheme.name,
      form: term(schemeFormTerms, scheme.form),
      validFrom: scheme.validFrom,
      validUntil: scheme.validUntil,
    })),
  )
