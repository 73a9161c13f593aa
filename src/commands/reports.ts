/** Reports read again: their figures as issued, counted anew from the log by the same bounds, and whether both are equal. */
import type { FigureRow, ReportFigures } from '../domain/bulletin.ts'
import type { CivilDate } from '../domain/time.ts'
import type { FigureQuestion } from './facts.ts'
import { FIGURES_METHOD, rateOfCounts } from './figures.ts'

/** A row with its rates: of all clocks, and of the clocks of single holders. */
export interface RatedRow extends FigureRow {
  readonly title: string
  readonly onTimeRate: number | null
  readonly holderOnTimeRate: number | null
}

export interface ReproducedFigures {
  readonly asOf: number
  readonly computedAt: string
  readonly method: string
  readonly rows: readonly RatedRow[]
  /** Whether counting again gave the same; null where this program counts by another method. */
  readonly reproduced: boolean | null
  /** Rows that differ, as counted again. */
  readonly differences: readonly FigureRow[]
}

const text = (row: FigureRow): string =>
  JSON.stringify([row.unit ?? '', row.person ?? '', Object.entries(row.counts).sort(([a], [b]) => (a < b ? -1 : 1))])

export async function reproduce(
  figures: ReportFigures,
  of: { readonly organisation: string; readonly from: CivilDate; readonly until: CivilDate },
  count: (question: FigureQuestion) => Promise<ReportFigures>,
  titleOf: (row: FigureRow) => string,
): Promise<ReproducedFigures> {
  const { asOf, computedAt, method, rows } = figures
  const shown = rows.map((row) => ({
    ...row,
    title: titleOf(row),
    onTimeRate: rateOfCounts(row.counts),
    holderOnTimeRate: rateOfCounts(row.counts, 'holder.'),
  }))
  if (method !== FIGURES_METHOD) return { asOf, computedAt, method, rows: shown, reproduced: null, differences: [] }
  const again = await count({ ...of, asOf, computedAt })
  const issued = new Set(rows.map(text))
  const counted = new Set(again.rows.map(text))
  const differences = again.rows.filter((row) => !issued.has(text(row)))
  const reproduced = differences.length === 0 && [...issued].every((row) => counted.has(row))
  return { asOf, computedAt, method, rows: shown, reproduced, differences }
}
