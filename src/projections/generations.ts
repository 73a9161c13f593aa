/** Builds in the file by generation: what stands, what is forgotten, what is switched. */
import type { DatabaseSync } from 'node:sqlite'
import type { RebuildReport } from './rebuild.ts'
import { type BuildRow, buildTables, physicalName } from './tables.ts'

type Generation = Pick<BuildRow, 'name' | 'generation'>

/** Runs work in one transaction; a throw rolls it back. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

export const allBuilds = (db: DatabaseSync): BuildRow[] =>
  db.prepare('SELECT * FROM projection').all() as unknown as BuildRow[]

/** A generation that no build had. */
export function nextGeneration(db: DatabaseSync): number {
  const row = db.prepare('SELECT coalesce(max(generation), 0) + 1 AS next FROM projection').get()
  return (row as { next: number }).next
}

/** Removes what is known of a build; its tables go with {@link dropTables}. */
export function forgetBuild(db: DatabaseSync, { name, generation }: Generation): void {
  db.prepare('DELETE FROM projection WHERE name = ? AND generation = ?').run(name, generation)
  db.prepare('DELETE FROM parked WHERE name = ? AND generation = ?').run(name, generation)
}

/** Drops the tables of a build. */
export function dropTables(db: DatabaseSync, { name, generation }: Generation): void {
  const prefix = physicalName(name, generation, '')
  for (const table of buildTables(db)) if (table.startsWith(prefix)) db.exec(`DROP TABLE ${table}`)
}

/** Keeps these builds only: everything else was half built, or belongs to another log. */
export function keepOnly(db: DatabaseSync, kept: readonly Generation[]): void {
  const prefixes = kept.map(({ name, generation }) => physicalName(name, generation, ''))
  for (const row of allBuilds(db))
    if (!prefixes.includes(physicalName(row.name, row.generation, ''))) forgetBuild(db, row)
  for (const table of buildTables(db))
    if (!prefixes.some((prefix) => table.startsWith(prefix))) db.exec(`DROP TABLE ${table}`)
}

/** Makes builds the live ones; answers those they take the place of. Inside a transaction. */
export function switchTo(
  db: DatabaseSync,
  fresh: readonly Generation[],
  reports: readonly RebuildReport[],
): Generation[] {
  const old = allBuilds(db).filter((row) => row.live === 1 && fresh.some(({ name }) => name === row.name))
  for (const row of old) forgetBuild(db, row)
  for (const { name, generation } of fresh)
    db.prepare('UPDATE projection SET live = 1 WHERE name = ? AND generation = ?').run(name, generation)
  for (const report of reports)
    db.prepare('INSERT OR REPLACE INTO rebuild VALUES (?, ?)').run(report.name, JSON.stringify(report))
  return old
}
