/** Lists as CSV and XLSX, safe against formulas, and such that our own reader gives back exactly what was written. */
import { once } from 'node:events'
import { PassThrough, pipeline, Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { stringify } from 'csv-stringify'
import { MAX_CELL } from './cell.ts'
import { guard } from './guard.ts'

/** What a list puts into a cell. Dates and times are text, RFC 3339 or a civil date, so that no zone is lost. */
export type ExportValue = string | number | boolean | null | undefined

export interface ExportColumn {
  /** Property of the row. */
  readonly name: string
  /** What the header says. */
  readonly header: string
  /** Width in characters, for workbooks. */
  readonly width?: number
}

export type ExportRow = Readonly<Record<string, ExportValue>>
export type ExportRows = Iterable<ExportRow> | AsyncIterable<ExportRow>

const csvValue = (value: ExportValue): string => {
  if (value === null || value === undefined) return ''
  // A number is no text that could hide a formula: -5 stays -5.
  return typeof value === 'string'
    ? guard(value)
    : typeof value === 'boolean'
      ? value
        ? 'TRUE'
        : 'FALSE'
      : String(value)
}

/** A list as CSV: UTF-8 with byte order mark, RFC 4180, CRLF, texts that look like formulas behind an apostrophe. */
export function writeCsv(rows: ExportRows, columns: readonly ExportColumn[]): Readable {
  const lines = async function* () {
    yield columns.map(({ header }) => guard(header))
    for await (const row of rows) yield columns.map(({ name }) => csvValue(row[name]))
  }
  const csv = stringify({ bom: true, record_delimiter: '\r\n', quoted_match: /[\s",;']/ })
  pipeline(Readable.from(lines()), csv, () => {})
  return csv
}

/** Characters that XML cannot hold, and texts that look like Excel's own way to write them. */
const UNSAFE = new RegExp(
  [
    '_(?=x[0-9A-Fa-f]{4}_)',
    '[\\u0000-\\u0008\\u000b-\\u001f\\ufffe\\uffff]',
    '[\\ud800-\\udbff](?![\\udc00-\\udfff])',
    '(?<![\\ud800-\\udbff])[\\udc00-\\udfff]',
  ].join('|'),
  'g',
)

const excelText = (text: string): string =>
  text.replace(UNSAFE, (char) => `_x${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)

function sheetValue(value: ExportValue): string | number | boolean | null {
  if (typeof value !== 'string') return value ?? null
  if (value.length > MAX_CELL) throw new RangeError(`a text of ${value.length} characters does not fit into a cell`)
  return value === '' ? null : excelText(value)
}

/** Rows written between two looks at whether the reader keeps up. */
const BURST = 200

/**
 * A list as a workbook with one sheet, streamed. Texts are written as texts, whatever they look like; there are no formulas.
 * @param options.created what the workbook says of its making
 */
export function writeXlsx(
  rows: ExportRows,
  columns: readonly ExportColumn[],
  options: { readonly sheet?: string; readonly created: Date },
): Readable {
  const out = new PassThrough()
  const write = async () => {
    // Five hundred modules that only a workbook needs: not at every start.
    const { default: ExcelJS } = await import('exceljs')
    const book = new ExcelJS.stream.xlsx.WorkbookWriter({ stream: out, useSharedStrings: false, useStyles: true })
    book.created = options.created
    book.modified = options.created
    const sheet = book.addWorksheet(sheetName(options.sheet ?? '列表'), { views: [{ state: 'frozen', ySplit: 1 }] })
    sheet.columns = columns.map(({ width }) => ({ width: width ?? 18 }))
    const header = sheet.addRow(columns.map((column) => sheetValue(column.header)))
    header.font = { bold: true }
    header.commit()
    let written = 0
    for await (const row of rows) {
      sheet.addRow(columns.map(({ name }) => sheetValue(row[name]))).commit()
      if (++written % BURST !== 0) continue
      await nextTurn()
      while (out.writableNeedDrain && !out.destroyed) await Promise.race([once(out, 'drain'), once(out, 'close')])
      if (out.destroyed) return
    }
    sheet.commit()
    await book.commit()
  }
  write().catch((error: unknown) => out.destroy(error as Error))
  return out
}

/** A name that spreadsheets accept: 31 characters, none of `[]:*?/\`, no apostrophe at an end. */
const sheetName = (name: string): string =>
  name
    .replace(/[[\]:*?/\\]/g, ' ')
    .slice(0, 31)
    .replace(/^'|'$/g, ' ')
    .trim() || '列表'
