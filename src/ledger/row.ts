/** One row of a ledger by its mapping: every value read, every fault named. Pure. */
import type { Milestone } from '../domain/complaint/fields.ts'
import { type EffectiveTime, sortKey } from '../domain/time.ts'
import { type Cell, cellText, cleanText, isBlank, localText, type Trim } from './cell.ts'
import { cellTime, type DateOrder, effectiveTime, endOfDay, localDate, type OffsetAt, zoneOffsets } from './dates.ts'
import { type Mapping, placeColumns } from './mapping.ts'
import type { Ledger, LedgerRow } from './open.ts'
import { problem, type RowProblem } from './problem.ts'

/** How a value is kept. */
export type Reading = 'plain' | 'number' | 'narrative' | 'identity' | 'contact'
export type PersonPart = 'name' | 'identityNumber' | 'phone' | 'address'

/** A text of the row; empty where the cell is. */
export interface MappedText {
  /** `field:<name>`, `person:<part>`, `office`, `status`. */
  readonly slot: string
  readonly name: string
  readonly column: string
  readonly read: Reading
  readonly latest: boolean
  readonly text: string
}

/** A row as its mapping reads it. */
export interface MappedRow {
  readonly row: number
  /** Texts of the key columns; nothing where rows are known by their content. */
  readonly key: readonly string[] | undefined
  readonly number: string | undefined
  readonly texts: readonly MappedText[]
  readonly times: Readonly<Partial<Record<Milestone, EffectiveTime>>>
  readonly due: EffectiveTime | undefined
}

export type RowReading =
  | { readonly ok: true; readonly mapped: MappedRow }
  | { readonly ok: false; readonly problems: readonly RowProblem[] }

/** Longest texts in characters, as the events hold them. */
const LONGEST = {
  plain: 8000,
  number: 40,
  narrative: 20_000,
  identity: 20_000,
  contact: 20_000,
  name: 100,
  identityNumber: 40,
  phone: 40,
  address: 300,
  status: 200,
  office: 200,
  key: 500,
  ledgerNumber: 100,
} as const

interface TextRule {
  readonly slot: string
  readonly name: string
  readonly column: string
  readonly place: number
  readonly read: Reading
  readonly latest: boolean
  readonly trim: Trim
  readonly longest: number
  readonly values?: Readonly<Record<string, string>> | undefined
}

function textRules(mapping: Mapping, places: ReadonlyMap<string, number>): TextRule[] {
  const rules: TextRule[] = []
  const add = (rule: Omit<TextRule, 'place'>) => rules.push({ ...rule, place: places.get(rule.column)! })
  for (const [name, { column, read, latest, trim }] of Object.entries(mapping.fields)) {
    const usual = read === 'narrative' ? 'ends' : 'collapse'
    add({ slot: `field:${name}`, name, column, read, latest, trim: trim ?? usual, longest: LONGEST[read] })
  }
  for (const name of ['name', 'identityNumber', 'phone', 'address'] as const) {
    const column = mapping.person[name]?.column
    const read = name === 'name' || name === 'identityNumber' ? 'identity' : 'contact'
    if (column !== undefined)
      add({ slot: `person:${name}`, name, column, read, latest: false, trim: 'collapse', longest: LONGEST[name] })
  }
  const { office, status } = mapping
  const plain = { read: 'plain', trim: 'collapse' } as const
  if (office) add({ slot: 'office', name: 'office', ...office, ...plain, latest: false, longest: LONGEST.office })
  if (status) add({ slot: 'status', name: 'status', ...status, ...plain, latest: true, longest: LONGEST.status })
  return rules
}

const BEFORE_RECEIVED = {
  accepted: 'accepted-before-received',
  replied: 'replied-before-received',
  closed: 'closed-before-received',
} as const

/** Whether `a` is certainly earlier than `b`, days compared in the ledger's own zone. */
function earlier(a: EffectiveTime, b: EffectiveTime, offsetAt: OffsetAt): boolean {
  if (a.length === 10 || b.length === 10) return localDate(a, offsetAt) < localDate(b, offsetAt)
  return Date.parse(a) < Date.parse(b)
}

/** What one reading of a row gathers. */
interface Notes {
  readonly row: number
  readonly problems: RowProblem[]
}

function plainNumber(text: string): string | undefined {
  const plain = text.normalize('NFKC').replace(/(\d)[,\s](?=\d{3}(\D|$))/g, '$1')
  return /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(plain) ? plain.replace(/^\+/, '') : undefined
}

/** Prepares a mapping for the rows of an opened ledger. @throws LedgerError where columns are missing or ambiguous */
export function rowReader(mapping: Mapping, ledger: Pick<Ledger, 'columns' | 'format' | 'damaged'>) {
  const places = placeColumns(mapping, ledger)
  const rules = textRules(mapping, places)
  const offsetAt = zoneOffsets(mapping.timeZone)
  const count = ledger.columns.length
  const at = (row: LedgerRow, column: string): Cell => row.cells[places.get(column)!]!

  const text = (notes: Notes, cell: Cell, column: string, trim: Trim, longest: number): string => {
    const fault = (code: RowProblem['code'], detail?: Record<string, string | number>) => {
      notes.problems.push(problem(notes.row, column, code, detail))
      return ''
    }
    if (cell.kind === 'error') return fault('cell-error', { value: cell.text.slice(0, 20) })
    if (cell.kind === 'formula') return fault('formula-without-value')
    if (cell.kind === 'number' && cell.imprecise) return fault('number-imprecise')
    const value = cleanText(cellText(cell), trim)
    if (value.length > longest) return fault('cell-too-long', { found: value.length, expected: longest })
    if (ledger.damaged && value.includes('\ufffd')) return fault('replacement-character')
    return value
  }

  const time = (
    notes: Notes,
    cell: Cell,
    column: string,
    order: DateOrder,
    end: boolean,
  ): EffectiveTime | undefined => {
    if (isBlank(cell)) return undefined
    if (cell.kind === 'error' || cell.kind === 'formula') {
      text(notes, cell, column, 'ends', 0)
      return undefined
    }
    const read = cellTime(cell, order)
    if (typeof read === 'string') {
      notes.problems.push(problem(notes.row, column, read))
      return undefined
    }
    // A day that is not Shanghai's ends at its own midnight.
    if (end && !read.time && mapping.timeZone !== 'Asia/Shanghai') return endOfDay(read, offsetAt)
    return effectiveTime(read, offsetAt)
  }

  const readText = (notes: Notes, row: LedgerRow, rule: TextRule): MappedText => {
    const { slot, name, column, read, latest, values } = rule
    const cell = row.cells[rule.place]!
    let value = text(notes, cell, column, rule.trim, rule.longest)
    if (read === 'number' && value !== '') {
      const number = plainNumber(value)
      if (number === undefined) notes.problems.push(problem(notes.row, column, 'number-unreadable'))
      value = number ?? ''
    }
    if (values && value !== '') {
      if (!Object.hasOwn(values, value)) notes.problems.push(problem(notes.row, column, 'status-unknown'))
      value = values[value] ?? ''
    }
    return { slot, name, column, read, latest, text: value }
  }

  const readTimes = (notes: Notes, row: LedgerRow, now: number): MappedRow['times'] => {
    const times: Partial<Record<Milestone, EffectiveTime>> = {}
    for (const [milestone, { column, order }] of Object.entries(mapping.milestones)) {
      const value = time(notes, at(row, column), column, order, false)
      if (value === undefined) continue
      if (sortKey(value) > now) notes.problems.push(problem(row.row, column, 'date-in-future'))
      times[milestone as Milestone] = value
    }
    for (const [milestone, code] of Object.entries(BEFORE_RECEIVED)) {
      const value = times[milestone as Milestone]
      if (value !== undefined && times.received !== undefined && earlier(value, times.received, offsetAt))
        notes.problems.push(problem(row.row, mapping.milestones[milestone as Milestone]!.column, code))
    }
    return times
  }

  const readKey = (notes: Notes, row: LedgerRow): { key: string[] | undefined; number: string | undefined } => {
    const keyText = (column: string) => {
      const cell = at(row, column)
      return cell.kind === 'date' ? localText(cell.at) : text(notes, cell, column, 'collapse', LONGEST.key)
    }
    const key = mapping.key?.map(keyText)
    if (notes.problems.length === 0 && key?.every((part) => part === ''))
      notes.problems.push(problem(row.row, mapping.key!.join('、'), 'key-empty'))
    const column = mapping.number ?? (mapping.key?.length === 1 ? mapping.key[0] : false)
    if (!column) return { key, number: undefined }
    const number = keyText(column)
    if (number.length > LONGEST.ledgerNumber)
      notes.problems.push(
        problem(row.row, column, 'key-too-long', { found: number.length, expected: LONGEST.ledgerNumber }),
      )
    return { key, number: number === '' ? undefined : number }
  }

  /**
   * Reads a row.
   * @param now milliseconds since 1970; what has happened lies before it
   */
  return (row: LedgerRow, now: number): RowReading => {
    if (ledger.format === 'csv' && row.width !== count)
      return { ok: false, problems: [problem(row.row, null, 'row-ragged', { found: row.width, expected: count })] }
    const notes: Notes = { row: row.row, problems: [] }
    const { key, number } = readKey(notes, row)
    const texts = rules.map((rule) => readText(notes, row, rule))
    const times = readTimes(notes, row, now)
    const dueFrom = mapping.clock?.due
    const due = dueFrom && time(notes, at(row, dueFrom.column), dueFrom.column, dueFrom.order, true)
    if (notes.problems.length > 0) return { ok: false, problems: notes.problems }
    return { ok: true, mapped: { row: row.row, key, number, texts, times, due } }
  }
}

/** What a row is known by where the ledger has no key: what does not change from one file to the next. */
export function fingerprintText(mapped: MappedRow): string {
  const texts = mapped.texts.filter(({ latest }) => !latest).map(({ slot, text }) => [slot, text])
  return JSON.stringify([texts, mapped.number ?? '', mapped.times.received ?? ''])
}

/** The whole mapped row as one text, for its MAC. */
export function rowText(mapped: MappedRow): string {
  const texts = mapped.texts.map(({ slot, text }) => [slot, text])
  return JSON.stringify([mapped.key ?? null, mapped.number ?? '', texts, mapped.times, mapped.due ?? ''])
}
