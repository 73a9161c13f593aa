/** The vault's tables in PostgreSQL, row by row. */
import type pg from 'pg'
import { PAGE, type Row, type TableName, tableOf, type VaultTables } from './tables.ts'

const typeOf = (table: TableName, column: string): 'bytea' | 'text' =>
  tableOf(table).bytes.includes(column) ? 'bytea' : 'text'

/** Some columns of rows as one array for each, which is how many rows go in one statement. */
const columnsOf = (rows: readonly Row[], count: number): unknown[][] =>
  Array.from({ length: count }, (_, place) =>
    rows.map((row) => (typeof row[place] === 'string' ? row[place] : Buffer.from(row[place]!))),
  )

/** @param transaction runs one durable transaction on a connection of its own */
export function postgresTables(
  pool: pg.Pool,
  transaction: (work: (client: pg.PoolClient) => Promise<unknown>) => Promise<unknown>,
): VaultTables {
  return {
    async *rows(table) {
      const { columns, key } = tableOf(table)
      // By bytes, whatever the database sorts texts by.
      const order = columns
        .slice(0, key)
        .map((column) => (typeOf(table, column) === 'text' ? `${column} COLLATE "C"` : column))
      const client = await pool.connect()
      try {
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
        await client.query(
          `DECLARE moved NO SCROLL CURSOR FOR SELECT ${columns} FROM duban_vault.${table} ORDER BY ${order}`,
        )
        for (;;) {
          const found = await client.query<Row & unknown[]>({ text: `FETCH ${PAGE} FROM moved`, rowMode: 'array' })
          if (found.rows.length > 0) yield found.rows
          if (found.rows.length < PAGE) return
        }
      } finally {
        await client.query('ROLLBACK').then(
          () => client.release(),
          (error: Error) => client.release(error),
        )
      }
    },
    async put(table, rows) {
      const { columns, key } = tableOf(table)
      const arrays = columns.map((column, place) => `$${place + 1}::${typeOf(table, column)}[]`)
      const others = columns.slice(key).map((column) => `${column} = excluded.${column}`)
      await transaction((client) =>
        client.query(
          `INSERT INTO duban_vault.${table} (${columns}) SELECT * FROM unnest(${arrays})
            ON CONFLICT (${columns.slice(0, key)}) DO UPDATE SET ${others}`,
          columnsOf(rows, columns.length),
        ),
      )
    },
    async remove(table, keys) {
      const columns = tableOf(table).columns.slice(0, tableOf(table).key)
      const arrays = columns.map((column, place) => `$${place + 1}::${typeOf(table, column)}[]`)
      const conditions = columns.map((column) => `kept.${column} = gone.${column}`)
      await transaction((client) =>
        client.query(
          `DELETE FROM duban_vault.${table} AS kept USING unnest(${arrays}) AS gone (${columns})
            WHERE ${conditions.join(' AND ')}`,
          columnsOf(keys, columns.length),
        ),
      )
    },
  }
}
