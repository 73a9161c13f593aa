/** The vault's tables in SQLite, row by row. */
import type { DatabaseSync } from 'node:sqlite'
import { PAGE, type Row, type TableName, tableOf, type VaultTables } from './tables.ts'

/** @param transaction runs one durable transaction */
export function sqliteTables(db: DatabaseSync, transaction: (work: () => void) => void): VaultTables {
  return {
    async *rows(table: TableName) {
      const { columns, key } = tableOf(table)
      const keys = columns.slice(0, key).join(', ')
      const order = `ORDER BY ${keys} LIMIT ${PAGE}`
      const select = `SELECT ${columns.join(', ')} FROM ${table}`
      const from = db.prepare(`${select} ${order}`)
      const further = db.prepare(`${select} WHERE (${keys}) > (${columns.slice(0, key).map(() => '?')}) ${order}`)
      from.setReturnArrays(true)
      further.setReturnArrays(true)
      for (let last: Row | undefined; ; ) {
        const found = (last ? further.all(...last.slice(0, key)) : from.all()) as unknown as Row[]
        if (found.length > 0) yield found
        if (found.length < PAGE) return
        last = found.at(-1)
      }
    },
    async put(table, rows) {
      const { columns, key } = tableOf(table)
      const others = columns.slice(key).map((column) => `${column} = excluded.${column}`)
      const insert = db.prepare(`INSERT INTO ${table} (${columns}) VALUES (${columns.map(() => '?')})
        ON CONFLICT (${columns.slice(0, key)}) DO UPDATE SET ${others}`)
      transaction(() => {
        for (const row of rows) insert.run(...row)
      })
    },
    async remove(table, keys) {
      const { columns, key } = tableOf(table)
      const conditions = columns.slice(0, key).map((column) => `${column} = ?`)
      const gone = db.prepare(`DELETE FROM ${table} WHERE ${conditions.join(' AND ')}`)
      transaction(() => {
        for (const row of keys) gone.run(...row.slice(0, key))
      })
      // What was removed must not stay readable in the log beside the file either.
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    },
  }
}
