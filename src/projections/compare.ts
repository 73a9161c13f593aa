/** Compares a rebuilt projection with the live one, row by row, in slices, on one snapshot of the file. */
import { DatabaseSync } from 'node:sqlite'
import type { Projection, TableDefinition } from './projection.ts'
import { columnsOf, physicalName } from './tables.ts'

/** How the rows of one table differ between the live build and the new one. */
export interface TableDifference {
  readonly table: string
  /** False where the columns differ, so that rows cannot be compared. */
  readonly sameShape: boolean
  /** Rows in the new build. */
  readonly rows: number
  /** Rows only in the live build, only in the new one, in both but different. */
  readonly onlyLive: number
  readonly onlyNew: number
  readonly different: number
  /** Keys of the first few rows that differ. */
  readonly examples: readonly (readonly unknown[])[]
}

/** Rows compared between two yields. */
const SLICE = 4000
const EXAMPLES = 10

/**
 * Compares two generations. Each `next()` works one slice; the generator returns the differences. It holds one read
 * snapshot, taken at the first `next()`, so that both builds may go on meanwhile.
 */
export function* compareBuilds(
  path: string,
  projection: Projection,
  live: number,
  built: number,
): Generator<void, TableDifference[]> {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
  try {
    db.exec('PRAGMA temp_store = MEMORY; BEGIN')
    const differences: TableDifference[] = []
    for (const [table, definition] of Object.entries(projection.tables)) {
      const old = physicalName(projection.name, live, table)
      const fresh = physicalName(projection.name, built, table)
      differences.push(yield* compareTables(db, table, definition, old, fresh))
    }
    return differences
  } finally {
    db.close()
  }
}

function* compareTables(
  db: DatabaseSync,
  table: string,
  definition: TableDefinition,
  old: string,
  fresh: string,
): Generator<void, TableDifference> {
  const columns = columnsOf(db, fresh)
  const count = (db.prepare(`SELECT count(*) AS n FROM ${fresh}`).get() as { n: number }).n
  const none = { table, rows: count, onlyLive: 0, onlyNew: 0, different: 0, examples: [] }
  if (columnsOf(db, old).join() !== columns.join()) return { ...none, sameShape: false }
  const { key } = definition
  const keys = key.join(', ')
  const on = key.map((column) => `a.${column} IS b.${column}`).join(' AND ')
  const rest = columns.filter((column) => !key.includes(column))
  const differs = rest.length === 0 ? '0' : rest.map((column) => `a.${column} IS NOT b.${column}`).join(' OR ')
  const found = { onlyLive: 0, onlyNew: 0, different: 0 }
  const examples: unknown[][] = []

  // Walks one side in key order; `from` is the last key of the slice before.
  function* walk(side: string, other: string, kinds: (row: unknown[]) => keyof typeof found | undefined) {
    const place = `(${keys}) > (${key.map(() => '?').join(', ')})`
    let from: unknown[] | undefined
    for (;;) {
      const bounds = from === undefined ? '' : `WHERE ${place}`
      const values = (from ?? []) as (string | number)[]
      const last = db
        .prepare(`SELECT ${keys} FROM ${side} ${bounds} ORDER BY ${keys} LIMIT 1 OFFSET ${SLICE - 1}`)
        .get(...values) as Record<string, unknown> | undefined
      const upper = last === undefined ? undefined : key.map((column) => last[column])
      const parts = [
        ...(from === undefined ? [] : [place.replaceAll(keys, key.map((column) => `a.${column}`).join(', '))]),
        ...(upper === undefined
          ? []
          : [`(${key.map((column) => `a.${column}`).join(', ')}) <= (${key.map(() => '?').join(', ')})`]),
      ]
      const statement = db.prepare(
        `SELECT ${key.map((column) => `a.${column}`).join(', ')}, b.${key[0]} IS NULL AS alone
         FROM ${side} a LEFT JOIN ${other} b ON ${on}
         WHERE ${[...parts, `(b.${key[0]} IS NULL OR ${differs})`].join(' AND ')}`,
      )
      statement.setReturnArrays(true)
      const rows = statement.all(...([...values, ...(upper ?? [])] as (string | number)[])) as unknown as unknown[][]
      for (const row of rows) {
        const kind = kinds(row)
        if (kind === undefined) continue
        found[kind]++
        if (examples.length < EXAMPLES) examples.push(row.slice(0, key.length))
      }
      if (upper === undefined) return
      from = upper
      yield
    }
  }
  yield* walk(fresh, old, (row) => (row.at(-1) === 1 ? 'onlyNew' : 'different'))
  const countOld = (db.prepare(`SELECT count(*) AS n FROM ${old}`).get() as { n: number }).n
  // Equal counts with nothing new mean that nothing is missing either.
  if (countOld !== count || found.onlyNew > 0)
    yield* walk(old, fresh, (row) => (row.at(-1) === 1 ? 'onlyLive' : undefined))
  return { table, sameShape: true, rows: count, ...found, examples }
}
