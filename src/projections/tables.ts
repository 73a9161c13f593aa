/** The file of the read models: its own few tables, physical names by generation, reading beside the writer. */
import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { makePrivate } from '../store/private-file.ts'
import type { Parked, Projection, TableDefinition } from './projection.ts'

/** Layout of the tables below; another number in the file means: throw the file away. */
const FORMAT = 1

const LAYOUT = `
CREATE TABLE projection (
  name TEXT NOT NULL,
  generation INTEGER NOT NULL,
  version INTEGER NOT NULL,
  checkpoint INTEGER NOT NULL,
  last_event TEXT,
  live INTEGER NOT NULL,
  PRIMARY KEY (name, generation)
) WITHOUT ROWID;
CREATE TABLE parked (
  name TEXT NOT NULL,
  generation INTEGER NOT NULL,
  stream TEXT NOT NULL,
  idx INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (name, generation, stream)
) WITHOUT ROWID;
CREATE TABLE directory (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  version INTEGER NOT NULL,
  checkpoint INTEGER NOT NULL,
  last_event TEXT,
  snapshot TEXT NOT NULL
);
CREATE TABLE rebuild (
  name TEXT PRIMARY KEY,
  report TEXT NOT NULL
) WITHOUT ROWID;
PRAGMA user_version = ${FORMAT};
`

/** Physical name of a table of one generation. */
export const physicalName = (projection: string, generation: number, table: string): string =>
  `${projection}_g${generation}_${table}`

/** A row of `projection`: one build and how far it is. */
export interface BuildRow {
  readonly name: string
  readonly generation: number
  readonly version: number
  /** Number of events applied: the index of the next one. */
  readonly checkpoint: number
  /** Id of the last event applied: tells this log from another of the same length. */
  readonly last_event: string | null
  readonly live: number
}

/** Whether an error says that the file is no usable database. */
export function isCorrupt(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode
  return typeof code === 'number' && [11, 26].includes(code & 0xff)
}

function removeFiles(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true })
}

function prepareFile(path: string): DatabaseSync {
  makePrivate(path)
  const db = new DatabaseSync(path, { timeout: 5000 })
  try {
    db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 2000; PRAGMA cache_size = -49152; PRAGMA temp_store = MEMORY',
    )
    const format = (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version
    if (format === FORMAT) {
      db.prepare('SELECT count(*) FROM projection').get()
      return db
    }
    const tables = db.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table'").get() as { n: number }
    if (tables.n > 0) throw Object.assign(new Error('another layout'), { errcode: 26 })
    db.exec(`BEGIN IMMEDIATE; ${LAYOUT} COMMIT;`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Opens the file for writing; a missing, corrupt or differently laid out file begins anew. */
export function openForWriting(path: string): DatabaseSync {
  try {
    return prepareFile(path)
  } catch (error) {
    if (!isCorrupt(error)) throw error
    removeFiles(path)
    return prepareFile(path)
  }
}

/** Creates the tables of one build. */
export function createTables(db: DatabaseSync, projection: Projection, generation: number): void {
  for (const [table, definition] of Object.entries(projection.tables))
    createTable(db, physicalName(projection.name, generation, table), definition)
}

/** Creates one table under a physical name, with its indexes. */
export function createTable(db: DatabaseSync, name: string, definition: TableDefinition): void {
  db.exec(`CREATE TABLE ${name} (${definition.columns}) ${definition.options ?? ''}`)
  for (const [index, columns] of Object.entries(definition.indexes ?? {}))
    db.exec(`CREATE INDEX ${name}_${index} ON ${name} ${columns}`)
}

/** Columns of a table in their order. */
export function columnsOf(db: DatabaseSync, table: string): string[] {
  return db
    .prepare(`SELECT name FROM pragma_table_info('${table}')`)
    .all()
    .map((row) => (row as { name: string }).name)
}

/** Names of all tables of builds, those without a row in `projection` included. */
export function buildTables(db: DatabaseSync): string[] {
  const rows = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB '*_g[0-9]*_*'").all()
  return rows.map((row) => (row as { name: string }).name)
}

/** Read models of this name are not there yet: they are being built for the first time. */
export class NotBuiltYet extends Error {
  readonly code = 'behind' as const
  constructor(projection: string) {
    super(`read model ${projection} is being built`)
    this.name = 'NotBuiltYet'
  }
}

/** Finds the physical name of a live table. */
export type LiveTable = (projection: string, table?: string) => string

/**
 * Reading of the live tables on a connection of its own, in this process or in another one beside the service. Each
 * `read` is one snapshot: it sees whole batches and whole builds only.
 */
export class ReadModels {
  readonly #path: string
  readonly #projections: ReadonlyMap<string, Projection>
  /** Whether the rows of a generation made by another version can be read as ours, by `name generation`. */
  readonly #readable = new Map<string, boolean>()
  #db: DatabaseSync | undefined
  constructor(path: string, projections: readonly Projection[]) {
    this.#path = path
    this.#projections = new Map(projections.map((projection) => [projection.name, projection]))
  }

  /**
   * Runs one reading in one snapshot.
   * @throws NotBuiltYet
   */
  read<T>(reading: (db: DatabaseSync, table: LiveTable) => T): T {
    const db = this.#open()
    db.exec('BEGIN')
    try {
      const live = new Map<string, number>()
      for (const row of db.prepare('SELECT * FROM projection WHERE live = 1').all() as unknown as BuildRow[])
        if (this.#isReadable(db, row)) live.set(row.name, row.generation)
      return reading(db, (projection, table = projection) => {
        const generation = live.get(projection)
        if (generation === undefined) throw new NotBuiltYet(projection)
        return physicalName(projection, generation, table)
      })
    } finally {
      db.exec('COMMIT')
    }
  }

  /** The rows of all builds; empty where the file is missing. */
  builds(): BuildRow[] {
    return this.read((db) => db.prepare('SELECT * FROM projection').all() as unknown as BuildRow[])
  }

  /** The parked streams of a build, first parked first. */
  parked({ name, generation }: Pick<BuildRow, 'name' | 'generation'>): Parked[] {
    return this.read(
      (db) =>
        db
          .prepare('SELECT stream, idx AS "index", reason FROM parked WHERE name = ? AND generation = ? ORDER BY idx')
          .all(name, generation) as unknown as Parked[],
    )
  }

  /** Rows of another version stay readable until ours are built where their columns are the same. */
  #isReadable(db: DatabaseSync, { name, generation, version }: BuildRow): boolean {
    const projection = this.#projections.get(name)
    if (!projection || projection.version === version) return projection !== undefined
    const key = `${name} ${generation}`
    let readable = this.#readable.get(key)
    if (readable === undefined) {
      const shape = new DatabaseSync(':memory:')
      readable = Object.entries(projection.tables).every(([table, definition]) => {
        const physical = physicalName(name, generation, table)
        createTable(shape, physical, definition)
        return columnsOf(shape, physical).join() === columnsOf(db, physical).join()
      })
      shape.close()
      this.#readable.set(key, readable)
    }
    return readable
  }

  #open(): DatabaseSync {
    if (!this.#db) {
      try {
        this.#db = new DatabaseSync(this.#path, { readOnly: true, timeout: 5000 })
      } catch (error) {
        throw Object.assign(new NotBuiltYet('file'), { cause: error })
      }
      this.#db.exec('PRAGMA cache_size = -32768; PRAGMA mmap_size = 1073741824; PRAGMA temp_store = MEMORY')
    }
    return this.#db
  }

  close(): void {
    this.#db?.close()
    this.#db = undefined
  }
}
