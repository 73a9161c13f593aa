/** Star levels as people read them on the terminal: who has how many, what cost a star, what differs and why. */
import { causeTerms, lineStateTerms } from '../domain/catalogue/rating.ts'
import { term } from '../domain/catalogue/terms.ts'
import type { AffectedRating, Cause, OfficeComparison } from '../domain/rating/compare.ts'
import type { CriterionRating, OfficeRating } from '../domain/rating/rate.ts'
import type { Scheme } from '../domain/rating/scheme-schema.ts'
import { table } from './output.ts'

type Names = ReadonlyMap<string, string>

export const stars = (level: number | null): string => (level === null ? '—' : '★'.repeat(level) || '无星')

const nameOf = (names: Names, office: string): string => names.get(office) ?? ''

/** One row an office. @param ranked whether they stand in the order of their rank */
export const ratingsTable = (offices: readonly OfficeRating[], names: Names, ranked: boolean): string =>
  table(
    [...(ranked ? ['名次'] : []), '机构', '公布星级', '测算星级', '总分', '需复评', '机构编号'],
    offices.map((each, place) => [
      ...(ranked ? [place + 1] : []),
      nameOf(names, each.office),
      stars(each.formalLevel),
      stars(each.computedLevel),
      each.points,
      each.needsReevaluation ? '是' : '',
      each.office,
    ]),
  )

const lost = ({ points, max }: CriterionRating): number => max - points

/** Days a line counts: from, and the last one that still does not. */
const daysOf = (from: string | null, until: string | null): string =>
  from === null ? '' : until === null ? `${from} 起` : `${from} 至 ${until}（不含）`

/**
 * The ledger of one office: what each category reached, then, where points were lost or are in doubt, line by line with the event it rests on.
 * Categories without their star come first, and in each what cost most.
 */
export function ledgerText(rated: OfficeRating, names: Names, scheme: Scheme | undefined): string {
  const known = new Map(scheme?.categories.map((category) => [category.id, category]))
  const title = (id: string) => known.get(id)?.name ?? id
  const head = [
    `${nameOf(names, rated.office)}（${rated.office}）`,
    `公布 ${stars(rated.formalLevel)}　测算 ${stars(rated.computedLevel)}　总分 ${rated.points}${rated.needsReevaluation ? '　两者不一致，需复评' : ''}`,
  ]
  const categories = table(
    ['类别', '得分', '达标线', '获星'],
    rated.categories.map((each) => [
      title(each.id),
      each.points,
      known.get(each.id)?.threshold,
      each.earned === null ? '' : each.earned ? '★' : '未获得',
    ]),
  )
  const rows = [...rated.categories]
    .sort((a, b) => Number(a.earned ?? true) - Number(b.earned ?? true))
    .flatMap((category) =>
      category.criteria
        .filter((one) => one.points < one.max)
        .sort((a, b) => lost(b) - lost(a))
        .flatMap((one) =>
          one.lines
            .filter(
              (line) =>
                line.state !== 'expired' && (line.points !== 0 || line.event === null || line.state !== 'counted'),
            )
            .map((line, place) => [
              place === 0 ? title(category.id) : '',
              place === 0 ? `${one.id}　${one.points}/${one.max}` : '',
              line.points > 0 ? `+${line.points}` : line.points,
              term(lineStateTerms, line.state),
              line.reason,
              daysOf(line.from, line.until),
              line.index,
            ]),
        ),
    )
  const texts = new Map(scheme?.categories.flatMap(({ criteria }) => criteria.map(({ id, text }) => [id, text])))
  // In the scheme's own words: what a category without its star lost most by.
  const missed = rated.categories
    .filter(({ earned }) => earned === false)
    .map(({ criteria }) => criteria.toSorted((a, b) => lost(b) - lost(a))[0]!)
    .flatMap(({ id }) => (texts.has(id) ? [`${id}：${texts.get(id)}`] : []))
  const next = rated.nextChange
  return [
    ...head,
    categories,
    rows.length === 0
      ? '没有失分。'
      : table(['类别', '标准　得分/满分', '本行', '状态', '依据', '计入期间', '记录序号'], rows),
    ...missed,
    ...(next
      ? [
          `${next.date} 起将为 ${stars(next.level)}：${next.because.map(({ criterion, reason }) => `${criterion} ${reason}`).join('；')}`,
        ]
      : []),
  ].join('\n')
}

/** A cause in the columns criterion, cause, words and event. */
const causeCells = ({ criterion, cause, reason, index }: Cause) => [criterion, term(causeTerms, cause), reason, index]

/** Both levels of each office, the causes below each other. */
export function comparisonText(offices: readonly OfficeComparison[], names: Names): string {
  if (offices.length === 0) return '没有差别。'
  const moved = (from: number | null, to: number | null) => (from === to ? stars(to) : `${stars(from)} → ${stars(to)}`)
  return [
    table(
      ['机构', '测算星级', '公布星级', '总分', '标准', '原因', '依据', '记录序号'],
      offices.flatMap((each) => {
        const head = [
          nameOf(names, each.office) || each.office,
          moved(each.from, each.to),
          moved(each.formalFrom, each.formalTo),
          each.pointsFrom === each.pointsTo ? each.pointsTo : `${each.pointsFrom ?? '—'} → ${each.pointsTo ?? '—'}`,
        ]
        if (each.causes.length === 0) return [[...head, '', '', '', null]]
        return each.causes.map((cause, place) => [...(place === 0 ? head : ['', '', '', '']), ...causeCells(cause)])
      }),
    ),
    `${offices.length} 个机构有差别`,
  ].join('\n')
}

/** Published ratings whose evidence has changed, the causes below each other. */
export const affectedText = (ratings: readonly AffectedRating[], names: Names): string =>
  ratings.length === 0
    ? '没有受影响的评定。'
    : table(
        ['机构', '公布', '现在', '标准', '原因', '依据', '记录序号', '机构编号'],
        ratings.flatMap((each) =>
          each.causes.map((cause, place) => [
            ...(place === 0 ? [nameOf(names, each.office), stars(each.from), stars(each.to)] : ['', '', '']),
            ...causeCells(cause),
            place === 0 ? each.office : '',
          ]),
        ),
      )
