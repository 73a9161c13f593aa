/** CSV as a stream of rows. Structure is judged over the whole file before the first row is handed out. */
import { pipeline, Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { type Cell, EMPTY, MAX_COLUMNS } from './cell.ts'
import { decodeText, type TextEncoding } from './encoding.ts'
import { unguard } from './guard.ts'
import { LedgerError } from './problem.ts'

/** One row by place; `row` counts records from 1, as a spreadsheet shows them. */
export interface RawRow {
  readonly row: number
  readonly cells: readonly Cell[]
}

export type Delimiter = ',' | ';' | '\t'
const DELIMITERS: readonly Delimiter[] = [',', ';', '\t']

/** Longest record in characters. */
const MAX_RECORD = 8 * 1024 * 1024

/** The delimiter that the first line with content uses most, quoted parts apart. */
export function detectDelimiter(sample: string): Delimiter {
  const counts: Record<Delimiter, number> = { ',': 0, ';': 0, '\t': 0 }
  let quoted = false
  let content = false
  for (const char of sample) {
    if (char === '"') quoted = !quoted
    if (quoted) continue
    if (char === '\n' || char === '\r') {
      if (content) break
      continue
    }
    content = true
    if (char in counts) counts[char as Delimiter]++
  }
  return DELIMITERS.reduce((best, next) => (counts[next] > counts[best] ? next : best))
}

/** The text's first 64 Ki characters. */
export async function sampleText(path: string, encoding: TextEncoding): Promise<string> {
  let sample = ''
  for await (const text of decodeText(path, encoding)) {
    sample += text
    if (sample.length >= 65_536) break
  }
  return sample
}

/**
 * Follows the quotes through the whole file, so that an unclosed one is known before a row is imported: everything after
 * it would be one cell.
 * @throws LedgerError `csv-quote-unclosed`, `csv-quote-invalid`, each with the row
 */
export async function checkQuotes(path: string, encoding: TextEncoding, delimiter: Delimiter): Promise<void> {
  let at: 'start' | 'plain' | 'quoted' | 'closing' = 'start'
  let row = 1
  let opened = 1
  let afterReturn = false
  for await (const text of decodeText(path, encoding)) {
    for (let i = 0; i < text.length; i++) {
      const char = text[i]!
      const skip = afterReturn && char === '\n'
      afterReturn = false
      if (skip) continue
      if (at === 'quoted') {
        if (char === '"') at = 'closing'
        continue
      }
      if (char === delimiter) at = 'start'
      else if (char === '\n' || char === '\r') {
        afterReturn = char === '\r'
        row++
        at = 'start'
      } else if (char === '"' && at === 'start') {
        at = 'quoted'
        opened = row
      } else if (char === '"' && at === 'closing') at = 'quoted'
      else if (at === 'closing')
        throw new LedgerError('csv-quote-invalid', `row ${row}`, [{ row, message: '引号之后还有内容' }])
      else at = 'plain'
    }
  }
  if (at === 'quoted')
    throw new LedgerError('csv-quote-unclosed', `row ${opened}`, [{ row: opened, message: '引号没有闭合' }])
}

const asCell = (text: string): Cell => (text === '' ? EMPTY : { kind: 'text', text: unguard(text) })

/** Rows of a CSV file whose quotes have been checked. @throws LedgerError `csv-too-wide`, `csv-quote-invalid` */
export async function* csvRows(
  path: string,
  encoding: TextEncoding,
  delimiter: Delimiter,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<RawRow> {
  const parser = parse({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    // A quote inside an unquoted cell is a character like any other; checkQuotes has refused the rest.
    relax_quotes: true,
    max_record_size: MAX_RECORD,
    bom: false,
  })
  pipeline(Readable.from(decodeText(path, encoding, onBytes)), parser, () => {})
  let row = 0
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      row++
      if (record.length > MAX_COLUMNS)
        throw new LedgerError('csv-too-wide', `row ${row}: ${record.length} columns`, [{ row, message: '列数过多' }])
      yield { row, cells: record.map(asCell) }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const code = error.code === 'CSV_MAX_RECORD_SIZE' ? 'csv-too-wide' : 'csv-quote-invalid'
    throw new LedgerError(code, error.code, [{ row: row + 1, message: '该行无法读取' }], { cause: error })
  } finally {
    parser.destroy()
  }
}
