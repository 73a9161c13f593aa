/**
 * The vault's tables as a move from one engine to another sees them: rows of texts and bytes that are taken over exactly. Keys are
 * moved wrapped; nothing here could read them.
 */

/** A row in the order of its table's columns; those of the key come first. */
export type Row = readonly (string | Uint8Array)[]

interface Table {
  readonly columns: readonly string[]
  /** How many of the columns are the key. */
  readonly key: number
  /** Columns that hold bytes. */
  readonly bytes: readonly string[]
}

/** In the order in which rows may be put: a key's subject is there before the key. */
export const tables = {
  secret: { columns: ['name', 'kek_id', 'wrapped', 'created_at'], key: 1, bytes: ['wrapped'] },
  subject: { columns: ['id', 'state', 'since'], key: 1, bytes: [] },
  dek: {
    columns: ['kid', 'subject', 'category', 'wrapped', 'kek_id', 'created_at'],
    key: 1,
    bytes: ['wrapped'],
  },
  blind_index: { columns: ['hmac', 'subject', 'kind'], key: 2, bytes: ['hmac'] },
  tombstone: { columns: ['kid', 'subject', 'destroyed_at', 'basis', 'event', 'approvers'], key: 1, bytes: [] },
} as const satisfies Record<string, Table>

export type TableName = keyof typeof tables
export const tableNames = Object.keys(tables) as TableName[]
/** A table's description, without its literal types. */
export const tableOf = (name: TableName): Table => tables[name]

/** Rows read or written at a time. */
export const PAGE = 1_000

/** An engine's tables. */
export interface VaultTables {
  /** All rows in the order of their keys' bytes, some at a time. */
  rows(table: TableName): AsyncIterable<readonly Row[]>
  /** Adds rows, or replaces those with the same key, in one durable transaction. */
  put(table: TableName, rows: readonly Row[]): Promise<void>
  /** Removes the rows with these keys in one durable transaction; what is not there is no error. */
  remove(table: TableName, keys: readonly Row[]): Promise<void>
}

/** The vault of a move's target is not that of its source. */
export class VaultDiffers extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'VaultDiffers'
  }
}

interface Difference {
  /** Rows of the source that the target lacks. */
  readonly missing: Row[]
  /** Rows of the source that the target has otherwise. */
  readonly changed: Row[]
  /** Rows that only the target has. */
  readonly extra: Row[]
  /** Rows of the source that were looked at. */
  seen: number
}

const bytesOf = (cell: string | Uint8Array): Uint8Array => (typeof cell === 'string' ? Buffer.from(cell) : cell)

function compareCells(a: Row, b: Row, count: number): number {
  for (let place = 0; place < count; place++) {
    const order = Buffer.compare(bytesOf(a[place]!), bytesOf(b[place]!))
    if (order !== 0) return order
  }
  return 0
}

async function* each(pages: AsyncIterable<readonly Row[]>): AsyncGenerator<Row, undefined> {
  for await (const page of pages) yield* page
}

/** What differs in one table, a bounded part at a time. */
async function* differences(source: VaultTables, target: VaultTables, name: TableName): AsyncGenerator<Difference> {
  const { key, columns } = tableOf(name)
  const [ours, theirs] = [each(source.rows(name)), each(target.rows(name))]
  let part: Difference = { missing: [], changed: [], extra: [], seen: 0 }
  try {
    let [a, b] = [(await ours.next()).value, (await theirs.next()).value]
    while (a || b) {
      const order = a && b ? compareCells(a, b, key) : a ? -1 : 1
      if (order > 0) part.extra.push(b!)
      else if (order < 0) part.missing.push(a!)
      else if (compareCells(a!, b!, columns.length) !== 0) part.changed.push(a!)
      if (order <= 0) {
        part.seen++
        a = (await ours.next()).value
      }
      if (order >= 0) b = (await theirs.next()).value
      if (part.missing.length + part.changed.length + part.extra.length >= PAGE) {
        yield part
        part = { missing: [], changed: [], extra: [], seen: 0 }
      }
    }
    yield part
  } finally {
    await ours.return(undefined)
    await theirs.return(undefined)
  }
}

/** What is asked of the source about keys that only the target has, by their ids. */
export interface KeyQuestions {
  /** Which of them the source has destroyed. */
  destroyed(kids: readonly string[]): Promise<ReadonlySet<string>>
  /** Which of them the events that both places have name. */
  named(kids: readonly string[]): Promise<ReadonlySet<string>>
}

/**
 * Looks whether a target may become the source's equal. It may be empty, or an earlier state of the same vault. Then what it has
 * besides can only be blind indexes, keys that the source has destroyed since, and keys that nothing was sealed under: made for a
 * command whose events were refused.
 * @throws VaultDiffers saying what else was found; nothing is changed
 */
export async function checkVaults(source: VaultTables, target: VaultTables, ask: KeyQuestions): Promise<void> {
  const refuse = (what: string): never => {
    throw new VaultDiffers(what)
  }
  let isNew = true
  for await (const rows of target.rows('secret')) isNew &&= rows.length === 0
  for (const name of ['secret', 'subject', 'dek', 'tombstone'] as const) {
    for await (const { missing, changed, extra } of differences(source, target, name)) {
      if (name === 'secret' && (changed.length > 0 || extra.length > 0 || (missing.length > 0 && !isNew)))
        refuse('it has other secrets')
      if (name === 'subject' && extra.some(([, state]) => state !== 'active'))
        refuse('it has restricted or destroyed subjects of its own')
      if (name === 'dek') {
        if (changed.length > 0) refuse(`${changed.length} keys differ`)
        const kids = extra.map(([kid]) => kid as string)
        const gone = await ask.destroyed(kids)
        const named = await ask.named(kids.filter((kid) => !gone.has(kid)))
        if (named.size > 0) refuse(`it has ${named.size} keys that the source lacks`)
      }
      // What was destroyed there stays destroyed: it must not come back from here.
      if (name === 'tombstone' && (changed.length > 0 || extra.length > 0))
        refuse('it has destroyed keys that the source has not')
    }
  }
}

/**
 * Makes a target that {@link checkVaults} let pass the source's equal, and compares every row afterwards. May be broken off and
 * begun again at any point.
 * @returns the number of rows
 * @throws VaultDiffers where a row is not what was put
 */
export async function copyVault(
  source: VaultTables,
  target: VaultTables,
  onRows: (rows: number) => void = () => {},
): Promise<number> {
  // What must not be there goes before anything else: a key before its subject.
  for (const name of tableNames.toReversed())
    for await (const { extra } of differences(source, target, name))
      if (extra.length > 0) await target.remove(name, extra)
  let rows = 0
  for (const name of tableNames)
    for await (const { missing, changed, seen } of differences(source, target, name)) {
      if (missing.length + changed.length > 0) await target.put(name, [...missing, ...changed])
      rows += seen
      onRows(rows)
    }
  for (const name of tableNames)
    for await (const { missing, changed, extra } of differences(source, target, name))
      if (missing.length + changed.length + extra.length > 0)
        throw new VaultDiffers(`table ${name} is not as it was put`)
  return rows
}
