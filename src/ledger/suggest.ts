/** Proposes a mapping for a ledger never seen, from its headers and first rows. A person corrects it. */
import type { Milestone } from '../domain/complaint/fields.ts'
import { type Cell, cellText, cleanText, isBlank } from './cell.ts'
import { cellTime, type DateOrder } from './dates.ts'
import type { MappingInput } from './mapping.ts'
import { type Ledger, type LedgerRow, type OpenOptions, openLedger } from './open.ts'

/** What was seen of a column, and what it is taken for; no cell's content. */
export interface ColumnGuess {
  readonly column: string
  readonly filled: number
  readonly distinct: number
  readonly longest: number
  readonly use: string
  /** Why, in Chinese, for the person who corrects the proposal. */
  readonly because: string
}

export interface Suggestion {
  readonly file: string
  readonly format: Ledger['format']
  readonly encoding?: string
  readonly sheets: readonly string[]
  readonly rows: number
  readonly mapping: MappingInput
  readonly columns: readonly ColumnGuess[]
  /** What the person must look at, in Chinese. */
  readonly notes: readonly string[]
}

/** Rows looked at. */
const SAMPLE = 2_000

interface Seen {
  readonly column: string
  readonly filled: number
  readonly distinct: number
  readonly longest: number
  readonly average: number
  /** Parts of the filled cells, 0 to 1. */
  readonly dates: Record<DateOrder, number>
  readonly numbers: number
  readonly phones: number
  readonly identities: number
}

const PHONE = /^(?:\+?86[- ]?)?(?:1[3-9]\d{9}|0\d{2,3}[- ]?\d{7,8})$/
const IDENTITY = /^\d{17}[\dXx]$/

function look(column: string, cells: readonly Cell[]): Seen {
  const filled = cells.filter((cell) => !isBlank(cell))
  const texts = filled.map((cell) => cleanText(cellText(cell), 'collapse'))
  const part = (test: (cell: Cell, text: string) => boolean) =>
    filled.length === 0 ? 0 : filled.filter((cell, i) => test(cell, texts[i]!)).length / filled.length
  const isDate = (order: DateOrder) => (cell: Cell, text: string) =>
    cell.kind === 'date' || (cell.kind === 'text' && /[-/.年:]/.test(text) && typeof cellTime(cell, order) !== 'string')
  return {
    column,
    filled: filled.length,
    distinct: new Set(texts).size,
    longest: texts.reduce((most, text) => Math.max(most, text.length), 0),
    average: texts.reduce((sum, text) => sum + text.length, 0) / Math.max(1, texts.length),
    dates: { ymd: part(isDate('ymd')), mdy: part(isDate('mdy')), dmy: part(isDate('dmy')) },
    numbers: part((_, text) => /^[+-]?\d+(?:[.,]\d+)*$/.test(text)),
    phones: part((_, text) => PHONE.test(text)),
    identities: part((_, text) => IDENTITY.test(text)),
  }
}

const WORDS = {
  key: /编号|序号|单号|案号|流水号|工单|(^|[ _])(id|no|number|key|code)$|(id|no)$/i,
  due: /到期|期限|截止|应办|应答|时限|due|target|deadline|sla/i,
  received:
    /收到|来电时间|来访|登记|留言时间|投诉时间|举报时间|受理前|创建|提交|open|received|created|submitted|logged/i,
  accepted: /受理|accept/i,
  replied: /答复|回复|反馈|repl|answer|respon/i,
  closed: /办结|结案|结束|完成|关闭|归档|closed|resolved|finish|completed/i,
  status: /状态|办理情况|进度|status|state$/i,
  name: /姓名|投诉人|举报人|来访人|留言用户|联系人|用户|(^|[ _])name|customer|caller|complainant/i,
  phone: /电话|手机|联系方式|phone|mobile|tel/i,
  identityNumber: /身份证|证件号|identity|id ?card/i,
  address: /住址|地址|address/i,
  office: /被投诉(单位|机构|所)|承办单位|法律服务所|respondent/i,
} as const

type Kind = keyof typeof WORDS

/** The order of days and months under which most of a column reads as dates, if nearly all of it does. */
function dateOrder(seen: Seen): DateOrder | undefined {
  const orders: readonly DateOrder[] = ['ymd', 'mdy', 'dmy']
  const best = orders.reduce((a, b) => (seen.dates[b] > seen.dates[a] ? b : a))
  return seen.dates[best] >= 0.9 ? best : undefined
}

const says = (seen: Seen, kind: Kind): boolean => WORDS[kind].test(seen.column)

/** Hands out columns, each once, and remembers why. */
class Proposal {
  readonly guesses = new Map<string, { use: string; because: string }>()
  readonly mapping: MappingInput
  readonly free: Seen[]

  constructor(seen: readonly Seen[], mapping: MappingInput) {
    this.free = [...seen]
    this.mapping = mapping
  }

  take(use: string, because: string, test: (seen: Seen) => boolean): Seen | undefined {
    const found = this.free.find(test)
    if (!found) return undefined
    this.free.splice(this.free.indexOf(found), 1)
    this.guesses.set(found.column, { use, because })
    return found
  }
}

function proposeTimes(proposal: Proposal): void {
  const { mapping } = proposal
  const isTime = (seen: Seen) => dateOrder(seen) !== undefined
  const column = (seen: Seen) => {
    const order = dateOrder(seen)!
    return { column: seen.column, ...(order === 'ymd' ? {} : { order }) }
  }
  const due = proposal.take('clock.due', '表头像期限，内容是日期', (seen) => isTime(seen) && says(seen, 'due'))
  const milestones: Partial<Record<Milestone, { column: string; order?: DateOrder }>> = {}
  for (const milestone of ['closed', 'replied', 'received', 'accepted'] as const) {
    const found = proposal.take(
      `milestones.${milestone}`,
      '表头与内容都像该日期',
      (seen) => isTime(seen) && says(seen, milestone),
    )
    if (found) milestones[milestone] = column(found)
  }
  if (!milestones.received) {
    const found = proposal.take('milestones.received', '第一个日期列', isTime)
    if (found) milestones.received = column(found)
  }
  mapping.milestones = milestones
  if (due && milestones.received) mapping.clock = { due: column(due) }
}

function proposePeople(proposal: Proposal): void {
  const person: NonNullable<MappingInput['person']> = {}
  const put = (part: keyof typeof person, because: string, test: (seen: Seen) => boolean) => {
    const found = proposal.take(`person.${part}`, because, test)
    if (found) person[part] = { column: found.column }
  }
  put('identityNumber', '表头或内容像证件号', (seen) => seen.identities > 0.5 || says(seen, 'identityNumber'))
  put('phone', '表头或内容像电话', (seen) => seen.phones > 0.5 || says(seen, 'phone'))
  put('address', '表头像住址', (seen) => says(seen, 'address') && seen.longest <= 300)
  put('name', '表头像姓名', (seen) => says(seen, 'name') && seen.longest <= 100 && !says(seen, 'office'))
  proposal.mapping.person = person
}

/** Few values that come again and again are categories; they are the only texts proposed as public. */
const isCategory = (seen: Seen): boolean =>
  seen.filled >= 20 && seen.longest <= 40 && seen.distinct <= Math.max(2, seen.filled / 20)

function proposeFields(proposal: Proposal): void {
  const fields: NonNullable<MappingInput['fields']> = {}
  let unnamed = 0
  for (const seen of [...proposal.free]) {
    const plain = seen.column.replace(/[^\p{L}\p{N}_-]+/gu, '_').replace(/^[^\p{L}]+/u, '')
    let name = plain.slice(0, 40) || `field${++unnamed}`
    while (Object.hasOwn(fields, name) || name === 'office') name = `${name.slice(0, 36)}_${++unnamed}`
    const [read, because] =
      seen.numbers >= 0.95
        ? (['number', '内容是数字'] as const)
        : isCategory(seen)
          ? (['plain', '取值少而重复，像分类；若可能含个人信息，请改为 narrative'] as const)
          : (['narrative', '内容各不相同，按可能含个人信息加密'] as const)
    // A long number of digits is a person's sooner than a count.
    const safe = read === 'number' && seen.longest > 9 ? 'identity' : read
    fields[name] = { column: seen.column, read: safe }
    proposal.guesses.set(seen.column, { use: `fields.${name} (${safe})`, because })
  }
  proposal.mapping.fields = fields
}

function proposeKey(proposal: Proposal, rows: number): void {
  const isKey = (seen: Seen) =>
    seen.filled === rows &&
    seen.distinct >= rows * 0.98 &&
    seen.longest <= 60 &&
    dateOrder(seen) === undefined &&
    seen.phones < 0.5 &&
    seen.identities < 0.5
  const key =
    proposal.take('key', '表头像编号，每行不同', (seen) => isKey(seen) && says(seen, 'key')) ??
    proposal.take('key', '每行不同', (seen) => isKey(seen) && seen.numbers > 0.9 && seen.longest >= 3)
  if (key) proposal.mapping.key = [key.column]
}

async function sample(ledger: Ledger): Promise<{ rows: LedgerRow[]; more: boolean }> {
  const rows: LedgerRow[] = []
  for await (const row of ledger.rows()) {
    if (rows.length === SAMPLE) return { rows, more: true }
    rows.push(row)
  }
  return { rows, more: false }
}

/** Title rows above the headers hold one cell: the headers are the first row that fills half of the widest. */
async function headerRow(path: string, options: OpenOptions): Promise<number | undefined> {
  const ledger = await openLedger(path, options)
  try {
    if (ledger.columns.filter((column) => column !== '').length > 1) return undefined
    const { format, headerRow: first } = ledger
    for (let row = first + 1; row <= first + 5; row++) {
      const next = await openLedger(path, { ...options, headerRow: row }).catch(() => undefined)
      const wide = next !== undefined && next.columns.filter((column) => column !== '').length > 1
      await next?.close()
      if (wide && (format === 'xlsx' || row > first)) return row
    }
    return undefined
  } finally {
    await ledger.close()
  }
}

/**
 * Proposes a mapping. Whatever might be about a person is proposed as sealed; organisation and source are placeholders.
 * @throws LedgerError where the file cannot be read
 */
export async function suggestMapping(path: string, options: OpenOptions = {}): Promise<Suggestion> {
  const header = options.headerRow ?? (await headerRow(path, options))
  const ledger = await openLedger(path, { ...options, headerRow: header })
  try {
    const { rows, more } = await sample(ledger)
    const names = ledger.columns
    const usable = names.filter((name, i) => name !== '' && names.indexOf(name) === i && names.lastIndexOf(name) === i)
    const seen = usable.map((name) =>
      look(
        name,
        rows.map(({ cells }) => cells[names.indexOf(name)]!),
      ),
    )
    const mapping: MappingInput = {
      $schema: './mapping.schema.json',
      organisation: { code: 'CHANGE-ME', name: '请填写单位名称' },
      source: 'CHANGE-ME',
      ...(options.sheet === undefined ? {} : { sheet: options.sheet }),
      ...(header === undefined ? {} : { headerRow: header }),
      timeZone: 'Asia/Shanghai',
    }
    const proposal = new Proposal(seen, mapping)
    proposeKey(proposal, rows.length)
    proposeTimes(proposal)
    const status = proposal.take('status', '表头像状态，取值少', (one) => says(one, 'status') && one.distinct <= 30)
    if (status) mapping.status = { column: status.column }
    const office = proposal.take('office', '表头像被投诉单位', (one) => says(one, 'office') && one.longest <= 200)
    if (office) mapping.office = { column: office.column }
    proposePeople(proposal)
    proposeFields(proposal)
    return {
      file: ledger.name,
      format: ledger.format,
      ...(ledger.encoding ? { encoding: ledger.encoding } : {}),
      sheets: ledger.sheets,
      rows: rows.length,
      mapping,
      columns: seen.map(({ column, filled, distinct, longest }) => ({
        column,
        filled,
        distinct,
        longest,
        ...proposal.guesses.get(column)!,
      })),
      notes: notesOf(mapping, usable.length < names.length, more),
    }
  } finally {
    await ledger.close()
  }
}

function notesOf(mapping: MappingInput, dropped: boolean, more: boolean): string[] {
  return [
    '请填写 organisation 与 source，并逐列核对。',
    ...(mapping.key ? [] : ['没有找到每行不同的编号列：各行将以其内容识别。']),
    ...(mapping.milestones?.received ? [] : ['没有找到收到日期的列：收到时间将记为未知，不起算期限。']),
    ...(mapping.clock ? [] : ['没有找到期限列：如有规定期限，请加上 clock.limit，例如 15wd。']),
    '没有列为 plain 或 number 的字段都会加密保存；plain 字段不得含个人信息。',
    ...(dropped ? ['没有表头或表头重名的列没有列入。'] : []),
    ...(more ? [`只看了前 ${SAMPLE} 行。`] : []),
  ]
}
