/**
 * The port to workbooks, and its adapter. The stream reader of exceljs is not used: it decodes each chunk for itself and so breaks
 * Chinese characters that fall on a chunk's edge, and writes sheets to temporary files in clear (docs/ledgers.md).
 */
import type { RawRow } from '../csv.ts'
import { openBook } from './book.ts'
import { sheetRows } from './sheet.ts'
import { type Archive, checkPart, openArchive } from './zip.ts'

/** A workbook opened for reading. */
export interface SpreadsheetPort {
  readonly sheets: readonly { readonly name: string; readonly hidden: boolean }[]
  /** Uncompressed bytes of a sheet. */
  size(sheet: string): number
  /** Reads a sheet to its end without keeping it. @throws LedgerError `zip-broken` */
  check(sheet: string): Promise<void>
  /** Rows with at least one cell; `onBytes` gets uncompressed bytes as they are read. @throws LedgerError */
  rows(sheet: string, onBytes?: (bytes: number) => void): AsyncGenerator<RawRow>
  close(): Promise<void>
}

async function* counted(bytes: AsyncIterable<Buffer>, onBytes?: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    onBytes?.(chunk.length)
    yield chunk
  }
}

/** Opens an XLSX workbook. @throws LedgerError */
export async function openSpreadsheet(path: string): Promise<SpreadsheetPort> {
  const archive: Archive = await openArchive(path)
  try {
    const book = await openBook(archive)
    const partOf = (sheet: string) => book.sheets.find(({ name }) => name === sheet)?.part ?? ''
    return {
      sheets: book.sheets,
      size: (sheet) => archive.size(partOf(sheet)),
      check: (sheet) => checkPart(archive, partOf(sheet)),
      rows: (sheet, onBytes) => sheetRows(book, counted(archive.stream(partOf(sheet)), onBytes)),
      close: async () => archive.close(),
    }
  } catch (error) {
    archive.close()
    throw error
  }
}
