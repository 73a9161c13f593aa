/**
 * A mapping says how one ledger's columns read. It is a JSON file that a clerk's IT colleague writes; the schema is published as
 * examples/mapping.schema.json and explained in docs/ledgers.md.
 */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { limit, milestones } from '../domain/complaint/fields.ts'
import { isDivisionCode } from '../domain/organisation-tree.ts'
import { organisationCode, organisationKinds } from '../domain/registry/organisation.ts'
import { isTimeZone } from './dates.ts'
import type { Ledger, OpenOptions } from './open.ts'
import { LedgerError, type LedgerFault } from './problem.ts'

const column = z
  .string()
  .min(1)
  .max(200)
  .describe('Header of the column, as in the file (white space at its ends apart)')
const trim = z
  .enum(['keep', 'ends', 'collapse'])
  .describe('White space: keep it, cut it at both ends, or also make every run of it one space')

const field = z
  .strictObject({
    column,
    read: z
      .enum(['plain', 'number', 'narrative', 'identity', 'contact'])
      .describe(
        'plain: public text, stored as it is. number: a number. narrative: free text, sealed under the case. identity, contact: about a person, sealed under that person',
      ),
    latest: z.boolean().default(false).describe('Whether a later file may bring another value'),
    trim: trim.optional().describe('Default: ends for narrative, collapse for all others'),
  })
  .describe('One field of the case')

const dateColumn = z.strictObject({
  column,
  order: z
    .enum(['ymd', 'mdy', 'dmy'])
    .default('ymd')
    .describe('How dates in text read whose year stands last: 1/31/2026 is mdy. Date cells need no order'),
})

const fieldName = z
  .string()
  .regex(/^[\p{L}][\p{L}\p{N}_-]{0,39}$/u)
  .describe('Name of the field: a letter, then letters, digits, - or _')

export const mappingSchema = z
  .strictObject({
    $schema: z.string().optional(),
    title: z.string().max(200).optional().describe('What this ledger is, for people'),
    organisation: z
      .strictObject({
        code: organisationCode.describe('Code of the organisation; registered by the import if the directory has none'),
        name: z.string().trim().min(1).max(200),
        kind: z.enum(organisationKinds).default('other'),
        division: z
          .string()
          .regex(/^\d{6}(\d{3}){0,2}$/)
          .refine(isDivisionCode)
          .default('990000')
          .describe('Administrative division, GB/T 2260; 990000 where there is none'),
      })
      .describe('Who owns the imported cases'),
    source: z
      .string()
      .trim()
      .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,99}$/u)
      .describe('Name of the ledger, the same for every file of it: organisation, source and key make the case'),
    sheet: z.string().min(1).max(100).optional().describe('Worksheet; needed where several hold something'),
    headerRow: z.int().min(1).max(1000).optional().describe('Row of the headers; default: the first with content'),
    encoding: z.enum(['utf-8', 'gb18030', 'utf-16le', 'utf-16be']).optional().describe('Default: found by content'),
    delimiter: z.enum([',', ';', '\t']).optional().describe('Default: found by content'),
    timeZone: z
      .string()
      .min(1)
      .max(60)
      .refine(isTimeZone, { error: '不认识的时区' })
      .default('Asia/Shanghai')
      .describe('IANA zone of the times in the ledger, for example America/New_York'),
    key: z
      .array(column)
      .min(1)
      .max(10)
      .optional()
      .describe(
        'Columns that together name a case. Without them a row is known by its content and its place among equal rows',
      ),
    number: z
      .union([column, z.literal(false)])
      .optional()
      .describe(
        'Column with the number people know the case by, stored in clear. Default: the key where it is one column; false: none',
      ),
    fields: z.record(fieldName, field).default({}),
    person: z
      .strictObject({
        name: z.strictObject({ column }).optional(),
        identityNumber: z.strictObject({ column }).optional(),
        phone: z.strictObject({ column }).optional(),
        address: z.strictObject({ column }).optional(),
      })
      .default({})
      .describe('Who complained; sealed under that person, and found again by phone and identity number'),
    office: z
      .strictObject({ column })
      .optional()
      .describe(
        'Office complained of, by its licence number or name; one that the directory does not know is kept as a plain field "office"',
      ),
    status: z
      .strictObject({
        column,
        values: z
          .record(z.string().min(1), z.string().min(1).max(200))
          .optional()
          .describe("The ledger's words and what they are called here; any other word is refused"),
      })
      .optional()
      .describe("The ledger's word for where the case stands; may change from one file to the next"),
    milestones: z
      .partialRecord(z.enum(milestones), dateColumn)
      .default({})
      .describe('When the case was received, accepted, replied to and closed'),
    clock: z
      .strictObject({
        due: dateColumn.optional().describe('Column with the date (its end) or time when it is due'),
        limit: limit.optional().describe('Or a limit, where that column is missing or empty: 15wd, 60d, 2mo, 24h'),
        starts: z.enum(milestones).default('received'),
        stops: z.enum(milestones).optional().describe('Default: replied if mapped, else closed'),
      })
      .refine((clock) => clock.due !== undefined || clock.limit !== undefined, { error: 'due 与 limit 至少要有一项' })
      .optional(),
  })
  .describe('How a ledger reads')

/** A mapping, read and with its defaults. */
export type Mapping = z.output<typeof mappingSchema>
/** A mapping as written. */
export type MappingInput = z.input<typeof mappingSchema>

/** The milestone that stops the ledger's clock. */
export const stopsBy = (mapping: Mapping) => mapping.clock?.stops ?? (mapping.milestones.replied ? 'replied' : 'closed')

/** Every use of a column but as a key, with its place in the mapping. */
export function columnUses(mapping: Mapping): { column: string; pointer: string }[] {
  const uses: { column: string; pointer: string }[] = []
  const add = (use: { column: string } | undefined, ...path: string[]) => {
    if (use) uses.push({ column: use.column, pointer: `/${path.join('/')}/column` })
  }
  for (const [name, use] of Object.entries(mapping.fields)) add(use, 'fields', name)
  for (const [part, use] of Object.entries(mapping.person)) add(use, 'person', part)
  for (const [name, use] of Object.entries(mapping.milestones)) add(use, 'milestones', name)
  add(mapping.office, 'office')
  add(mapping.status, 'status')
  add(mapping.clock?.due, 'clock', 'due')
  return uses
}

const repeatedIn = (values: readonly string[]): string[] => [
  ...new Set(values.filter((value, place) => values.indexOf(value) !== place)),
]

/**
 * Reads a mapping from JSON.
 * @throws LedgerError `mapping-invalid` with the place of every fault, `mapping-column-twice`
 */
export function parseMapping(json: unknown): Mapping {
  const parsed = mappingSchema.safeParse(json, { error: z.locales.zhCN().localeError })
  if (!parsed.success)
    throw new LedgerError(
      'mapping-invalid',
      'the mapping does not follow its schema',
      parsed.error.issues.map((issue) => ({ pointer: `/${issue.path.join('/')}`, message: issue.message })),
    )
  const mapping = parsed.data
  const uses = columnUses(mapping)
  const twice = [
    ...repeatedIn(mapping.key ?? []).map((name): LedgerFault => ({ column: name, pointer: '/key', message: name })),
    ...repeatedIn(uses.map((use) => use.column)).flatMap((name) =>
      uses
        .filter((use) => use.column === name)
        .map(({ pointer }): LedgerFault => ({ column: name, pointer, message: `“${name}”用了不止一次` })),
    ),
  ]
  if (twice.length > 0) throw new LedgerError('mapping-column-twice', 'a column has two uses', twice)
  if (mapping.office && Object.hasOwn(mapping.fields, 'office'))
    throw new LedgerError('mapping-invalid', 'a field takes the name of the office column', [
      { pointer: '/fields/office', message: '已有 office 一项，请给该字段另取名称' },
    ])
  const { clock, milestones: mapped } = mapping
  if (clock && mapped.received && !mapped[clock.starts])
    throw new LedgerError('mapping-invalid', 'the clock starts by an unmapped milestone', [
      { pointer: '/clock/starts', message: `milestones 中没有 ${clock.starts}` },
    ])
  return mapping
}

/** Reads a mapping file. @throws LedgerError */
export async function readMapping(path: string): Promise<Mapping> {
  let json: unknown
  try {
    json = JSON.parse((await readFile(path, 'utf8')).replace(/^\ufeff/, ''))
  } catch (cause) {
    const missing = (cause as { code?: unknown }).code !== undefined
    throw new LedgerError('mapping-invalid', (cause as Error).message, [
      { message: missing ? '找不到或无法读取对应关系文件' : '不是有效的 JSON' },
    ])
  }
  return parseMapping(json)
}

/** How a ledger is to be opened for a mapping. */
export const openOptions = (mapping: Mapping): OpenOptions => ({
  sheet: mapping.sheet,
  headerRow: mapping.headerRow,
  encoding: mapping.encoding,
  delimiter: mapping.delimiter,
})

/**
 * Where each mapped column stands in the file.
 * @throws LedgerError `mapping-column-missing`, `column-ambiguous`, naming every column at fault
 */
export function placeColumns(mapping: Mapping, ledger: Pick<Ledger, 'columns'>): ReadonlyMap<string, number> {
  const wanted = [
    ...(mapping.key ?? []).map((name, i) => ({ column: name, pointer: `/key/${i}` })),
    ...(typeof mapping.number === 'string' ? [{ column: mapping.number, pointer: '/number' }] : []),
    ...columnUses(mapping),
  ]
  const places = new Map<string, number>()
  const missing: LedgerFault[] = []
  const ambiguous: LedgerFault[] = []
  for (const { column: name, pointer } of wanted) {
    const header = name.replace(/\s+/g, ' ').trim()
    const place = ledger.columns.indexOf(header)
    if (place < 0) missing.push({ column: name, pointer, message: `没有“${name}”这一列` })
    else if (ledger.columns.indexOf(header, place + 1) >= 0)
      ambiguous.push({ column: name, pointer, message: `表头中“${name}”出现不止一次` })
    places.set(name, place)
  }
  if (missing.length > 0) throw new LedgerError('mapping-column-missing', `${missing.length} columns missing`, missing)
  if (ambiguous.length > 0) throw new LedgerError('column-ambiguous', `${ambiguous.length} columns twice`, ambiguous)
  return places
}
