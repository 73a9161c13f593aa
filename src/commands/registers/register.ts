/** What the registers have in common: their bounds, their rows as data and as texts. */
import type { Principal } from '../../domain/access.ts'
import {
  type RegisterName,
  registerColumns,
  registerTimes,
  registerTitles,
  registerWords,
} from '../../domain/catalogue/registers.ts'
import type { CivilDate, EffectiveTime } from '../../domain/time.ts'
import type { ExportColumn, ExportRow, ExportValue } from '../../ledger/export.ts'
import type { Directory } from '../../projections/directory.ts'
import type { PageOf, PageRequest } from '../../projections/queries/index.ts'
import type { EventLog } from '../../store/port.ts'
import { timeText } from '../lists.ts'
import type { AskedBounds, Reading } from '../reading.ts'

/** What registers need of the service. */
export interface RegisterPorts {
  readonly reading: Reading
  readonly people: Directory
  readonly log: EventLog
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** What a register is asked for. */
export interface RegisterQuestion extends AskedBounds {
  readonly principal: Principal
  /** Day of the daily register, any day of the week of the weekly one, last day of the catalogue; default today in Shanghai. */
  readonly date?: CivilDate | undefined
  /** First day of the catalogue; default: everything up to `date`. */
  readonly from?: CivilDate | undefined
  readonly organisation?: string | undefined
}

/** A register as it is answered in JSON; `rows` are its lines in order. */
export interface Register<Row extends object = object> {
  readonly register: RegisterName
  readonly title: string
  readonly rule: string
  readonly from: CivilDate | null
  readonly until: CivilDate
  /** Index of the last event it knows; −1 for none. */
  readonly asOf: number
  readonly effectiveAt: EffectiveTime
  readonly organisation: { readonly id: string; readonly name: string } | null
  readonly total: number
  /** Counts above the rows: by category, by unit. */
  readonly summary: readonly { readonly key: string; readonly title: string; readonly count: number }[]
  /** Of the weekly statistics: the two who read it, and when each did. */
  readonly readers?: readonly {
    readonly as: string
    readonly title: string
    readonly reviewedAt: EffectiveTime | null
  }[]
  readonly rows: readonly Row[]
}

/** The columns of a register as a file. */
export const registerFileColumns = (name: RegisterName): ExportColumn[] =>
  Object.entries(registerColumns[name]).map(([column, header]) => ({ name: column, header }))

/** What a reader sees of a field: its text, or why there is none. */
export function fieldText(value: unknown): ExportValue {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (Array.isArray(value)) return value.map((one) => fieldText(one)).join('、')
  if (typeof value !== 'object') return String(value)
  if ('title' in value) return String((value as { title: unknown }).title)
  if ('name' in value) return String((value as { name: unknown }).name)
  if ('withheld' in value) return registerWords.withheld
  if ('erased' in value) return registerWords.erased
  return registerWords.unavailable
}

/**
 * A register's rows as texts, in the columns of its file.
 * @param timeOf how times are written; default as lists do, so that they can be read again
 */
export function* registerRows(
  register: Register,
  timeOf: (time: EffectiveTime | null) => string = timeText,
): Generator<ExportRow> {
  const names = Object.keys(registerColumns[register.register])
  const times: readonly string[] = registerTimes[register.register]
  for (const row of register.rows as readonly Record<string, unknown>[])
    yield Object.fromEntries(
      names.map((name) => [
        name,
        times.includes(name) ? timeOf(row[name] as EffectiveTime | null) : fieldText(row[name]),
      ]),
    )
}

export const titleOf = (name: RegisterName): string => registerTitles[name]

/** Rows asked for at once. */
const PAGE = 1_000

/** Every row of a list, page by page. */
export async function* everyRow<Item>(list: (page: PageRequest) => Promise<PageOf<Item>>): AsyncGenerator<Item> {
  let page: PageRequest = { limit: PAGE }
  for (;;) {
    const { items, next } = await list(page)
    yield* items
    if (next === undefined) return
    page = { limit: PAGE, cursor: next }
  }
}

/** A term with its key, as rows hold it. */
export interface Named {
  readonly key: string
  readonly title: string
}

/** The organisation asked about, by name. */
export const organisationOf = ({ people }: RegisterPorts, id: string | undefined): Register['organisation'] =>
  id === undefined ? null : { id, name: people.organisation(id)?.name ?? id }
