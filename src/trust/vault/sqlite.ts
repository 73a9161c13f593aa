/** The vault's rows in a SQLite file of its own. */
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite'
import type { SealCategory } from '../../domain/sealed.ts'
import { syncDirectory } from '../../store/durable-file.ts'
import { StoreError } from '../../store/port.ts'
import { makePrivate } from '../../store/private-file.ts'
import { assertDurable, assertSqliteVersion, storeErrorOf } from '../../store/sqlite/connection.ts'
import type { BlindEntry, BlindMatch } from '../ports.ts'
import { VaultUnavailable } from '../ports.ts'
import type { BlindRow, FoundKeys, KeyRow, SecretRow, SubjectState, TombstoneRow, VaultRows } from './rows.ts'
import { sqliteTables } from './sqlite-tables.ts'
import type { VaultTables } from './tables.ts'
import { type KeyVault, type KeyVaultOptions, openKeyVault } from './vault.ts'

/** Version of the tables, kept in `user_version`. */
const FORMAT = 1

const SCHEMA = `
  CREATE TABLE secret (
    name TEXT PRIMARY KEY,
    kek_id TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    created_at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE subject (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('active', 'restricted', 'destroyed')),
    since TEXT NOT NULL
  ) STRICT;
  CREATE TABLE dek (
    kid TEXT PRIMARY KEY,
    subject TEXT NOT NULL REFERENCES subject (id),
    category TEXT NOT NULL CHECK (category IN ('identity', 'contact', 'narrative', 'attachment')),
    wrapped BLOB NOT NULL,
    kek_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (subject, category)
  ) STRICT;
  CREATE TABLE blind_index (
    hmac BLOB NOT NULL,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (hmac, subject)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX blind_index_subject ON blind_index (subject);
  CREATE TABLE tombstone (
    kid TEXT PRIMARY KEY,
    subject TEXT NOT NULL,
    destroyed_at TEXT NOT NULL,
    basis TEXT NOT NULL,
    event TEXT NOT NULL,
    approvers TEXT NOT NULL
  ) STRICT;
  PRAGMA user_version = ${FORMAT};
`

type Row = Record<string, SQLOutputValue>
const text = (row: Row, column: string) => row[column] as string

export class SqliteVaultRows implements VaultRows {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  /**
   * Opens or creates the file, mode 0600.
   * @throws StoreError `sqlite-too-old`, VaultUnavailable where the file is of a newer program or is no vault
   */
  constructor(path: string) {
    const isFile = path !== ':memory:'
    if (isFile) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      makePrivate(path)
    }
    this.#db = new DatabaseSync(path, { timeout: 5000, enableForeignKeyConstraints: true })
    try {
      this.#prepare(isFile)
    } catch (error) {
      this.#db.close()
      if (error instanceof StoreError || error instanceof VaultUnavailable) throw error
      throw new VaultUnavailable(`${path}: ${(error as Error).message}`, { cause: error })
    }
    if (isFile) syncDirectory(dirname(path))
  }

  #prepare(isFile: boolean): void {
    const db = this.#db
    const one = (sql: string) => Object.values(db.prepare(sql).get() ?? {})[0]
    assertSqliteVersion(String(one('SELECT sqlite_version()')))
    db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF',
    )
    if (isFile) assertDurable(db)
    // Without it SQLite leaves a destroyed key's bytes in the free parts of its pages.
    if (one('PRAGMA secure_delete') !== 1) throw new VaultUnavailable('PRAGMA secure_delete is not ON')
    const format = () => one('PRAGMA user_version')
    if (format() === 0) this.#transaction(() => format() === 0 && db.exec(SCHEMA))
    if (format() !== FORMAT) throw new VaultUnavailable(`vault format ${format()}: a newer program wrote it`)
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.#db.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  /** Runs one durable transaction. @throws StoreError `disk-full` */
  #transaction<Result>(work: () => Result): Result {
    try {
      this.#db.exec('BEGIN IMMEDIATE')
      const result = work()
      this.#db.exec('COMMIT')
      return result
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      const known = storeErrorOf(error)
      if (known.code === 'disk-full') throw known
      throw error
    }
  }

  async readSecrets(): Promise<SecretRow[]> {
    return this.#statement('SELECT name, kek_id, wrapped, created_at FROM secret')
      .all()
      .map((row) => ({
        name: text(row, 'name'),
        kekId: text(row, 'kek_id'),
        wrapped: row.wrapped as Uint8Array,
        createdAt: text(row, 'created_at'),
      }))
  }

  async initSecrets(rows: readonly SecretRow[]): Promise<SecretRow[]> {
    this.#transaction(() => {
      if (this.#statement('SELECT 1 FROM secret LIMIT 1').get()) return
      const insert = this.#statement('INSERT INTO secret (name, kek_id, wrapped, created_at) VALUES (?, ?, ?, ?)')
      for (const { name, kekId, wrapped, createdAt } of rows) insert.run(name, kekId, wrapped, createdAt)
    })
    return await this.readSecrets()
  }

  async currentKeys(pairs: readonly Pick<KeyRow, 'subject' | 'category'>[]): Promise<FoundKeys> {
    const keys = this.#statement(`
      SELECT d.* FROM json_each(?) AS pair
      JOIN dek AS d ON d.subject = pair.value ->> 0 AND d.category = pair.value ->> 1`)
      .all(JSON.stringify(pairs.map(({ subject, category }) => [subject, category])))
      .map(keyRow)
    return { keys, closed: this.#closedOf(pairs.map(({ subject }) => subject)) }
  }

  async addKeys(rows: readonly KeyRow[]): Promise<FoundKeys> {
    return this.#transaction(() => {
      const closed = this.#closedOf(rows.map(({ subject }) => subject))
      const subject = this.#statement(
        `INSERT INTO subject (id, state, since) VALUES (?, 'active', ?) ON CONFLICT DO NOTHING`,
      )
      const key = this.#statement(`
        INSERT INTO dek (kid, subject, category, wrapped, kek_id, created_at) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (subject, category) DO NOTHING`)
      const current = this.#statement('SELECT * FROM dek WHERE subject = ? AND category = ?')
      const keys: KeyRow[] = []
      for (const row of rows) {
        if (closed.has(row.subject)) continue
        subject.run(row.subject, row.createdAt)
        const { changes } = key.run(row.kid, row.subject, row.category, row.wrapped, row.kekId, row.createdAt)
        keys.push(changes === 1 ? row : keyRow(current.get(row.subject, row.category)!))
      }
      return { keys, closed }
    })
  }

  async keysById(kids: readonly string[]): Promise<FoundKeys & { tombstones: TombstoneRow[] }> {
    const asked = JSON.stringify(kids)
    const keys = this.#statement('SELECT d.* FROM json_each(?) AS asked JOIN dek AS d ON d.kid = asked.value')
      .all(asked)
      .map(keyRow)
    const tombstones = this.#statement(
      'SELECT t.* FROM json_each(?) AS asked JOIN tombstone AS t ON t.kid = asked.value',
    )
      .all(asked)
      .map((row) => ({
        kid: text(row, 'kid'),
        subject: text(row, 'subject'),
        destroyedAt: text(row, 'destroyed_at'),
        basis: text(row, 'basis'),
      }))
    return { keys, tombstones, closed: this.#closedOf(keys.map(({ subject }) => subject)) }
  }

  #closedOf(subjects: readonly string[]): FoundKeys['closed'] {
    const rows = this.#statement(`
      SELECT s.id, s.state FROM json_each(?) AS asked JOIN subject AS s ON s.id = asked.value WHERE s.state <> 'active'`)
    return new Map(
      rows
        .all(JSON.stringify(subjects))
        .map((row) => [text(row, 'id'), text(row, 'state') as Exclude<SubjectState, 'active'>]),
    )
  }

  async addBlind(rows: readonly BlindRow[]): Promise<FoundKeys['closed']> {
    return this.#transaction(() => {
      const closed = this.#closedOf(rows.map(({ subject }) => subject))
      const insert = this.#statement(
        'INSERT INTO blind_index (hmac, subject, kind) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      )
      for (const { hmac, subject, kind } of rows) if (!closed.has(subject)) insert.run(hmac, subject, kind)
      return closed
    })
  }

  async findBlind(hmacs: readonly Uint8Array[]): Promise<BlindMatch[]> {
    const select = this.#statement(`
      SELECT b.subject, b.kind FROM blind_index AS b LEFT JOIN subject AS s ON s.id = b.subject
      WHERE b.hmac = ? AND coalesce(s.state, 'active') = 'active' ORDER BY b.subject`)
    return hmacs.flatMap((hmac) =>
      select.all(hmac).map((row) => ({ subject: text(row, 'subject'), kind: text(row, 'kind') as BlindEntry['kind'] })),
    )
  }

  async ping(): Promise<void> {
    this.#statement('SELECT count(*) FROM secret').get()
  }

  /** The tables, for a move to another engine. */
  tables(): VaultTables {
    return sqliteTables(this.#db, (work) => this.#transaction(work))
  }

  async close(): Promise<void> {
    this.#statements.clear()
    this.#db.close()
  }
}

function keyRow(row: Row): KeyRow {
  return {
    kid: text(row, 'kid'),
    subject: text(row, 'subject'),
    category: text(row, 'category') as SealCategory,
    kekId: text(row, 'kek_id'),
    wrapped: row.wrapped as Uint8Array,
    createdAt: text(row, 'created_at'),
  }
}

export type VaultOptions = Omit<KeyVaultOptions, 'rows'> &
  ({ /** The data directory; the file in it is vault.db. */ readonly dir: string } | { readonly path: string })

/**
 * Opens the vault of an embedded installation. A new one, and its master key, are made where there is none, unless
 * `mayCreate` is false; without the right master key it opens locked: nothing is sealed, reads are unavailable.
 * @throws MasterKeyRefused `master-key-exposed`, `master-key-invalid`; StoreError `sqlite-too-old`; VaultUnavailable
 */
export async function openVault(options: VaultOptions): Promise<KeyVault> {
  const path = 'dir' in options ? join(options.dir, 'vault.db') : options.path
  const missing = options.mayCreate === false && !existsSync(path)
  const rows = new SqliteVaultRows(missing ? ':memory:' : path)
  try {
    return await openKeyVault({ ...options, rows })
  } catch (error) {
    await rows.close()
    throw error
  }
}
