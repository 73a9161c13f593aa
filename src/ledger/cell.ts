/** Cells as a reader hands them over, and the one way their text is cleaned. */

/** A civil date and, where known, a time of day, in the zone of whoever wrote the ledger. */
export interface LocalTime {
  readonly year: number
  readonly month: number
  readonly day: number
  /** Absent where only the day is known. */
  readonly time?: { readonly hour: number; readonly minute: number; readonly second: number; readonly ms: number }
}

/** What stands in a cell. Formulas arrive as their stored value; they are never computed. */
export type Cell =
  | { readonly kind: 'empty' }
  | { readonly kind: 'text'; readonly text: string }
  /** `imprecise`: more digits than a spreadsheet's numbers hold; the last ones are lost. */
  | { readonly kind: 'number'; readonly value: number; readonly text: string; readonly imprecise?: true }
  /** A cell that the workbook formats as a date. */
  | { readonly kind: 'date'; readonly at: LocalTime }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** `#REF!` and the like. */
  | { readonly kind: 'error'; readonly text: string }
  /** A formula without a stored value. */
  | { readonly kind: 'formula' }

export const EMPTY: Cell = { kind: 'empty' }

/** Longest text of a cell, in UTF-16 units: what a spreadsheet cell can hold. */
export const MAX_CELL = 32_767
/** Most columns of a ledger. */
export const MAX_COLUMNS = 2_000

/**
 * How the ends and the inside of a text are cleaned. `keep`: nothing but invisible characters is taken out; `ends`: white
 * space at both ends goes; `collapse`: and every run of white space inside becomes one space.
 */
export type Trim = 'keep' | 'ends' | 'collapse'

// Zero-width space, word joiner, byte order mark, soft hyphen, bidirectional marks. Joiners (U+200C, U+200D) stay: scripts and emoji need them.
const INVISIBLE = /[\u200b\u2060\ufeff\u00ad\u200e\u200f\u202a-\u202e]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out.
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g

/** Visible ASCII, with single spaces between words: nothing to clean. */
const ORDINARY = /^[!-~]+(?: [!-~]+)*$/

/**
 * Cleans a text: line ends become `\n`, invisible and control characters go, no-break spaces become spaces, then white
 * space as `trim` says. The same cleaning twice changes nothing.
 */
export function cleanText(text: string, trim: Trim): string {
  if (ORDINARY.test(text)) return text
  const plain = text
    .replace(/\r\n?|\u0085|\u2028|\u2029/g, '\n')
    .replace(INVISIBLE, '')
    .replace(CONTROL, '')
    .replace(/[\u00a0\u202f]/g, ' ')
  if (trim === 'keep') return plain
  return trim === 'ends' ? plain.trim() : plain.replace(/\s+/g, ' ').trim()
}

const two = (value: number) => String(value).padStart(2, '0')

/** A local time as text: `2020-01-31` or `2020-01-31 09:30:00`. */
export function localText(at: LocalTime): string {
  const date = `${String(at.year).padStart(4, '0')}-${two(at.month)}-${two(at.day)}`
  if (!at.time) return date
  const { hour, minute, second, ms } = at.time
  return `${date} ${two(hour)}:${two(minute)}:${two(second)}${ms ? `.${String(ms).padStart(3, '0')}` : ''}`
}

/** A cell as text, uncleaned; empty for what holds nothing. */
export function cellText(cell: Cell): string {
  switch (cell.kind) {
    case 'text':
    case 'number':
    case 'error':
      return cell.text
    case 'date':
      return localText(cell.at)
    case 'boolean':
      return cell.value ? 'TRUE' : 'FALSE'
    default:
      return ''
  }
}

/** Whether a cell holds nothing but white space and invisible characters. */
export const isBlank = (cell: Cell): boolean =>
  cell.kind === 'empty' || (cell.kind === 'text' && cleanText(cell.text, 'ends') === '')
