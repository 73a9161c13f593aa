/** Opens a ledger of any supported kind, by content; the file's name says nothing. */
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Cell, cellText, cleanText, EMPTY, isBlank } from './cell.ts'
import { checkQuotes, csvRows, type Delimiter, detectDelimiter, type RawRow, sampleText } from './csv.ts'
import { detectEncoding, type FileFacts, inspectFile, oleIsEncrypted, type TextEncoding } from './encoding.ts'
import { LedgerError } from './problem.ts'
import { openSpreadsheet, type SpreadsheetPort } from './xlsx/spreadsheet.ts'

/** One row with content, its cells in the order of {@link Ledger.columns}. */
export interface LedgerRow {
  /** As a person sees it in the sheet: the file's first row is 1. */
  readonly row: number
  /** As many as there are columns; `width` tells how many the file had. */
  readonly cells: readonly Cell[]
  /** Cells found, trailing empty ones apart. */
  readonly width: number
}

/** An opened ledger. Close it; rows may be read more than once. */
export interface Ledger {
  /** The file's name without its folder. */
  readonly name: string
  readonly format: 'csv' | 'xlsx'
  /** Of a CSV. */
  readonly encoding?: TextEncoding
  /** Whether bytes were found that the encoding does not know. */
  readonly damaged: boolean
  readonly delimiter?: Delimiter
  /** Names of the worksheets that hold anything; none for a CSV. */
  readonly sheets: readonly string[]
  readonly sheet?: string
  /** Row of the headers. */
  readonly headerRow: number
  /** Headers in their order, cleaned; empty where a column has none. */
  readonly columns: readonly string[]
  /** SHA-256 of the file's bytes, lower-case hex. */
  readonly sha256: string
  readonly bytes: number
  /** Rows below the headers; those without any content are left out. @throws LedgerError */
  rows(): AsyncGenerator<LedgerRow>
  /** Part of the rows read so far, 0 to 1. */
  progress(): number
  close(): Promise<void>
}

export interface OpenOptions {
  /** Worksheet to read; needed where more than one holds anything. */
  readonly sheet?: string | undefined
  /** Row of the headers, from 1. Default: the first row with content. */
  readonly headerRow?: number | undefined
  /** Instead of what the bytes say. */
  readonly encoding?: TextEncoding | undefined
  readonly delimiter?: Delimiter | undefined
}

/** Where rows come from once the container is known. */
interface Source {
  readonly format: Ledger['format']
  readonly encoding?: TextEncoding
  readonly delimiter?: Delimiter
  readonly damaged: boolean
  readonly sheets: readonly string[]
  readonly sheet?: string
  rows(onBytes: (bytes: number) => void): AsyncGenerator<RawRow>
  /** What `onBytes` adds up to. */
  readonly total: number
  close(): Promise<void>
}

async function openCsv(path: string, facts: FileFacts, options: OpenOptions): Promise<Source> {
  const { encoding, damaged } = options.encoding
    ? { encoding: options.encoding, damaged: false }
    : await detectEncoding(path)
  const delimiter = options.delimiter ?? detectDelimiter(await sampleText(path, encoding))
  await checkQuotes(path, encoding, delimiter)
  return {
    format: 'csv',
    encoding,
    delimiter,
    damaged,
    sheets: [],
    total: facts.bytes,
    rows: (onBytes) => csvRows(path, encoding, delimiter, onBytes),
    close: async () => {},
  }
}

async function hasContent(book: SpreadsheetPort, sheet: string): Promise<boolean> {
  for await (const row of book.rows(sheet)) if (row.cells.some((cell) => !isBlank(cell))) return true
  return false
}

async function chooseSheet(
  book: SpreadsheetPort,
  wanted: string | undefined,
): Promise<{ sheet: string; sheets: string[] }> {
  if (wanted !== undefined) {
    if (book.sheets.some(({ name }) => name === wanted))
      return { sheet: wanted, sheets: book.sheets.map(({ name }) => name) }
    throw new LedgerError(
      'sheet-missing',
      'no such sheet',
      book.sheets.map(({ name }) => ({ message: `工作表：${name}` })),
    )
  }
  const visible = book.sheets.filter(({ hidden }) => !hidden)
  const filled: string[] = []
  for (const { name } of visible.length > 0 ? visible : book.sheets) if (await hasContent(book, name)) filled.push(name)
  if (filled.length > 1)
    throw new LedgerError(
      'sheet-ambiguous',
      `${filled.length} sheets`,
      filled.map((name) => ({ message: `工作表：${name}` })),
    )
  if (filled[0] === undefined) throw new LedgerError('ledger-empty', 'no sheet holds anything')
  return { sheet: filled[0], sheets: filled }
}

async function openWorkbook(path: string, options: OpenOptions): Promise<Source> {
  const book = await openSpreadsheet(path)
  try {
    const { sheet, sheets } = await chooseSheet(book, options.sheet)
    await book.check(sheet)
    return {
      format: 'xlsx',
      damaged: false,
      sheets,
      sheet,
      total: book.size(sheet),
      rows: (onBytes) => book.rows(sheet, onBytes),
      close: () => book.close(),
    }
  } catch (error) {
    await book.close()
    throw error
  }
}

async function openSource(path: string, facts: FileFacts, options: OpenOptions): Promise<Source> {
  switch (facts.container) {
    case 'zip':
      return await openWorkbook(path, options)
    case 'ole':
      throw (await oleIsEncrypted(path))
        ? new LedgerError('workbook-encrypted', 'encrypted package')
        : new LedgerError('xls-unsupported', 'OLE workbook')
    case 'binary':
      throw new LedgerError('ledger-format-unknown', 'binary content')
    default:
      return await openCsv(path, facts, options)
  }
}

const width = (cells: readonly Cell[]): number => cells.findLastIndex((cell) => !isBlank(cell)) + 1

/**
 * Opens a ledger: reads the file once for its hash, judges container, encoding and structure, and finds the headers. What is
 * wrong with the file as a whole is known before the first row.
 * @throws LedgerError
 */
export async function openLedger(path: string, options: OpenOptions = {}): Promise<Ledger> {
  const facts = await inspectFile(path)
  const source = await openSource(path, facts, options)
  try {
    const header = await findHeader(source, options.headerRow)
    let read = 0
    return {
      name: basename(path),
      format: source.format,
      ...(source.encoding ? { encoding: source.encoding } : {}),
      ...(source.delimiter ? { delimiter: source.delimiter } : {}),
      ...(source.sheet === undefined ? {} : { sheet: source.sheet }),
      damaged: source.damaged,
      sheets: source.sheets,
      headerRow: header.row,
      columns: header.columns,
      sha256: facts.sha256,
      bytes: facts.bytes,
      async *rows() {
        read = 0
        const count = header.columns.length
        for await (const { row, cells } of source.rows((bytes) => {
          read += bytes
        })) {
          if (row <= header.row) continue
          const found = width(cells)
          if (found === 0) continue
          yield {
            row,
            width: found > count ? found : Math.min(cells.length, count),
            cells: cells.length === count ? cells : Array.from({ length: count }, (_, i) => cells[i] ?? EMPTY),
          }
        }
        const now = await stat(path)
        if (now.size !== facts.bytes || now.mtimeMs !== facts.modifiedMs)
          throw new LedgerError('ledger-changed', 'the file changed while it was read')
      },
      progress: () => (source.total === 0 ? 1 : Math.min(1, read / source.total)),
      close: () => source.close(),
    }
  } catch (error) {
    await source.close()
    throw error
  }
}

async function findHeader(source: Source, wanted: number | undefined): Promise<{ row: number; columns: string[] }> {
  for await (const { row, cells } of source.rows(() => {})) {
    if (wanted !== undefined && row < wanted) continue
    const count = width(cells)
    if (wanted !== undefined && row > wanted) break
    if (count === 0) continue
    return { row, columns: cells.slice(0, count).map((cell) => cleanText(cellText(cell), 'collapse')) }
  }
  throw new LedgerError('ledger-empty', wanted === undefined ? 'no row with content' : `row ${wanted} is empty`)
}
