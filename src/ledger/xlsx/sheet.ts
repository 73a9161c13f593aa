/** Rows of one worksheet, streamed. What the sheet claims as its dimension is not looked at. */
import { type Cell, EMPTY, MAX_COLUMNS } from '../cell.ts'
import type { RawRow } from '../csv.ts'
import { serialTime } from '../dates.ts'
import { LedgerError } from '../problem.ts'
import { type Book, unescapeExcel } from './book.ts'
import { parseXml } from './xml.ts'

/** Column number from 0 of a reference such as `AB12`; undefined where there is none. */
export function columnOf(reference: string): number | undefined {
  let column = 0
  let i = 0
  for (; i < reference.length; i++) {
    const code = reference.charCodeAt(i)
    if (code < 65 || code > 90) break
    column = column * 26 + (code - 64)
  }
  return i === 0 ? undefined : column - 1
}

/** A cell from its parts: `t` type, style, the stored value, whether it is a formula. */
function cellOf(book: Book, type: string, style: number, value: string | undefined, formula: boolean): Cell {
  if (value === undefined) return formula ? { kind: 'formula' } : EMPTY
  switch (type) {
    case 's': {
      const text = book.shared[Number(value)]
      if (text === undefined) throw new LedgerError('workbook-broken', `no shared text ${value}`)
      return text === '' ? EMPTY : { kind: 'text', text }
    }
    case 'str':
    case 'inlineStr': {
      const text = unescapeExcel(value)
      return text === '' ? EMPTY : { kind: 'text', text }
    }
    case 'b':
      return { kind: 'boolean', value: value === '1' || value === 'true' }
    case 'e':
      return { kind: 'error', text: value }
    case 'd':
      return { kind: 'text', text: value }
    default: {
      if (value === '') return formula ? { kind: 'formula' } : EMPTY
      const number = Number(value)
      if (!Number.isFinite(number)) throw new LedgerError('workbook-broken', 'a number that is none')
      const shows = book.dateStyles[style]
      const at = shows ? serialTime(number, { date1904: book.date1904, showsTime: shows === 'time' }) : undefined
      return at ? { kind: 'date', at } : numberCell(value, number)
    }
  }
}

/** Whole numbers as they are stored; fractions with the fifteen digits that a sheet shows, without binary noise. */
function numberCell(stored: string, value: number): Cell {
  if (/^-?\d{1,40}$/.test(stored)) return { kind: 'number', value, text: stored }
  const imprecise = Math.abs(value) >= 1e15 ? { imprecise: true as const } : {}
  return { kind: 'number', value, text: String(Number(value.toPrecision(15))), ...imprecise }
}

/** Rows that hold at least one cell with content, in the sheet's order; a million empty ones cost no memory. */
export async function* sheetRows(book: Book, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<RawRow> {
  let ready: RawRow[] = []
  let row = 0
  let cells: Cell[] = []
  let filled = false
  let next = 0
  let inData = false
  let cell: { column: number; type: string; style: number; formula: boolean } | undefined
  let value: string | undefined
  let reading = false
  let phonetic = false
  const events = parseXml(bytes, {
    open(tag, attributes) {
      switch (tag) {
        case 'sheetData':
          inData = true
          break
        case 'row': {
          if (!inData) break
          const number = attributes.r === undefined ? row + 1 : Number(attributes.r)
          if (!Number.isInteger(number) || number <= row)
            throw new LedgerError('workbook-broken', `row ${attributes.r} after row ${row}`)
          row = number
          next = 0
          break
        }
        case 'c': {
          if (!inData) break
          const column = attributes.r === undefined ? next : (columnOf(attributes.r) ?? next)
          if (column >= MAX_COLUMNS) {
            cell = undefined
            break
          }
          next = column + 1
          cell = { column, type: attributes.t ?? 'n', style: Number(attributes.s ?? 0), formula: false }
          value = undefined
          break
        }
        case 'f':
          if (cell) cell.formula = true
          break
        case 'rPh':
          phonetic = true
          break
        case 'v':
          reading = cell !== undefined
          if (cell) value = ''
          break
        case 't':
          reading = cell?.type === 'inlineStr' && !phonetic
          if (reading) value ??= ''
          break
      }
    },
    text(text) {
      if (reading) value += text
    },
    close(tag) {
      switch (tag) {
        case 'v':
        case 't':
          reading = false
          break
        case 'rPh':
          phonetic = false
          break
        case 'c': {
          if (!cell) break
          const read = cellOf(book, cell.type, cell.style, value, cell.formula)
          if (read.kind !== 'empty') {
            while (cells.length < cell.column) cells.push(EMPTY)
            cells[cell.column] = read
            filled = true
          }
          cell = undefined
          break
        }
        case 'row':
          if (filled) {
            ready.push({ row, cells })
            cells = []
            filled = false
          }
          break
        case 'sheetData':
          inData = false
          break
      }
    },
  })
  for await (const _ of events) {
    void _
    if (ready.length === 0) continue
    const batch = ready
    ready = []
    yield* batch
  }
}
