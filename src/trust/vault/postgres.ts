/**
 * The vault's rows in PostgreSQL, where several nodes share one vault. The tables are those of the SQLite engine. A commit
 * is durable before it answers: the server is asked whether it flushes, and a session cannot do without.
 */
import pg from 'pg'
import type { SealCategory } from '../../domain/sealed.ts'
import { StoreError } from '../../store/port.ts'
import { type BlindEntry, type BlindMatch, VaultUnavailable } from '../ports.ts'
import { databaseUnavailable } from './postgres-away.ts'
import { postgresTables } from './postgres-tables.ts'
import { Presence } from './presence.ts'
import type { BlindRow, FoundKeys, KeyRow, SecretRow, SubjectState, TombstoneRow, VaultRows } from './rows.ts'
import type { VaultTables } from './tables.ts'
import { type KeyVault, type KeyVaultOptions, openKeyVault } from './vault.ts'

/** Version of the tables, in `duban_vault.format`. */
const FORMAT = 1
/** Least version of the server: 15. */
const MIN_SERVER = 150_000
/** Names the advisory lock under which the tables are made: 'duba' as a number. */
const LOCK = 0x64756261
const DISK_FULL = '53100'
/** How often a server that was away at the start is looked for, in milliseconds. */
const RETRY_MS = 500
const SCHEMA = `
  CREATE SCHEMA IF NOT EXISTS duban_vault;
  CREATE TABLE IF NOT EXISTS duban_vault.format (version integer NOT NULL);
  CREATE TABLE IF NOT EXISTS duban_vault.secret (
    name text PRIMARY KEY,
    kek_id text NOT NULL,
    wrapped bytea NOT NULL,
    created_at text NOT NULL
  );
  CREATE TABLE IF NOT EXISTS duban_vault.subject (
    id text PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('active', 'restricted', 'destroyed')),
    since text NOT NULL
  );
  CREATE TABLE IF NOT EXISTS duban_vault.dek (
    kid text PRIMARY KEY,
    subject text NOT NULL REFERENCES duban_vault.subject (id),
    category text NOT NULL CHECK (category IN ('identity', 'contact', 'narrative', 'attachment')),
    wrapped bytea NOT NULL,
    kek_id text NOT NULL,
    created_at text NOT NULL,
    UNIQUE (subject, category)
  );
  CREATE TABLE IF NOT EXISTS duban_vault.blind_index (
    hmac bytea NOT NULL,
    subject text NOT NULL,
    kind text NOT NULL,
    PRIMARY KEY (hmac, subject)
  );
  CREATE INDEX IF NOT EXISTS blind_index_subject ON duban_vault.blind_index (subject);
  CREATE TABLE IF NOT EXISTS duban_vault.tombstone (
    kid text PRIMARY KEY,
    subject text NOT NULL,
    destroyed_at text NOT NULL,
    basis text NOT NULL,
    event text NOT NULL,
    approvers text NOT NULL
  );
  INSERT INTO duban_vault.format SELECT ${FORMAT} WHERE NOT EXISTS (SELECT FROM duban_vault.format)`

export interface PostgresRowsOptions {
  /** `postgres://user:password@host:port/database`, TLS by its `sslmode`. */
  readonly url: string
  /** Connections at most; default 8. */
  readonly connections?: number
  /** Longest wait for a connection, and for an answer, in milliseconds; default 3 s. */
  readonly timeoutMs?: number
  /** Opened by a node at work, which a move must see. */
  readonly atWork?: boolean
}

interface KeyRecord {
  kid: string
  subject: string
  category: SealCategory
  kek_id: string
  wrapped: Buffer
  created_at: string
}

const keyRow = ({ kid, subject, category, kek_id: kekId, wrapped, created_at: createdAt }: KeyRecord): KeyRow => ({
  kid,
  subject,
  category,
  kekId,
  wrapped,
  createdAt,
})

export class PostgresVaultRows implements VaultRows {
  readonly #pool: pg.Pool
  #presence: Presence | undefined
  #preparing: Promise<void> | undefined
  /** The address, where a move must see this node at work. */
  readonly #atWork: string | undefined

  private constructor(options: PostgresRowsOptions) {
    const timeoutMs = options.timeoutMs ?? 3_000
    this.#atWork = options.atWork ? options.url : undefined
    this.#pool = new pg.Pool({
      connectionString: options.url,
      max: options.connections ?? 8,
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
      statement_timeout: timeoutMs,
      idle_in_transaction_session_timeout: timeoutMs,
      keepAlive: true,
      application_name: 'duban',
      options: '-c synchronous_commit=on -c search_path=duban_vault -c timezone=UTC',
    })
    // An idle connection that breaks is replaced when one is needed next.
    this.#pool.on('error', () => {})
  }

  /** The rows at an address; nothing is connected before they are asked for. @throws VaultUnavailable where it is no address */
  static at(options: PostgresRowsOptions): PostgresVaultRows {
    try {
      return new PostgresVaultRows(options)
    } catch (error) {
      throw new VaultUnavailable(`VAULT_URL: ${(error as Error).message}`, { cause: error })
    }
  }

  /**
   * Connects, and makes the tables where there are none; once.
   * @throws VaultUnavailable where the server does not answer, is too old, does not flush, or has a newer program's tables;
   * StoreError `store-owned-elsewhere` for a node at work while the installation is moved
   */
  async prepared(): Promise<this> {
    this.#preparing ??= this.#prepare().catch((error: unknown) => {
      this.#preparing = undefined
      if (error instanceof VaultUnavailable || error instanceof StoreError) throw error
      throw databaseUnavailable(error)
    })
    await this.#preparing
    return this
  }

  async #prepare(): Promise<void> {
    if (this.#atWork) this.#presence ??= await Presence.take(this.#atWork, 'node')
    const settings = await this.#asked<{ version: string; fsync: string; full: string; commit: string }>(`
      SELECT current_setting('server_version_num') AS version, current_setting('fsync') AS fsync,
        current_setting('full_page_writes') AS full, current_setting('synchronous_commit') AS commit`)
    const { version, fsync, full, commit } = settings[0]!
    if (Number(version) < MIN_SERVER)
      throw new VaultUnavailable(`PostgreSQL ${version}, at least ${MIN_SERVER} is needed`)
    if (fsync !== 'on' || full !== 'on' || commit !== 'on')
      throw new VaultUnavailable(
        `fsync=${fsync}, full_page_writes=${full}, synchronous_commit=${commit}: all must be on`,
      )
    await this.#committed(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
      const known = await client.query<{ there: string | null }>(`SELECT to_regclass('duban_vault.format') AS there`)
      if (known.rows[0]!.there === null) await client.query(SCHEMA)
    })
    const [format] = await this.#asked<{ version: number }>('SELECT version FROM duban_vault.format')
    if (format?.version !== FORMAT)
      throw new VaultUnavailable(`vault format ${format?.version}: a newer program wrote it`)
  }

  async readSecrets(): Promise<SecretRow[]> {
    const rows = await this.#query<{ name: string; kek_id: string; wrapped: Buffer; created_at: string }>(
      'SELECT name, kek_id, wrapped, created_at FROM secret ORDER BY name',
    )
    return rows.map(({ name, kek_id: kekId, wrapped, created_at: createdAt }) => ({ name, kekId, wrapped, createdAt }))
  }

  async initSecrets(rows: readonly SecretRow[]): Promise<SecretRow[]> {
    await this.#transaction(async (client) => {
      // Of two nodes that start on an empty vault one makes the secrets, and the other finds them.
      await client.query('LOCK TABLE secret IN EXCLUSIVE MODE')
      const there = await client.query('SELECT FROM secret LIMIT 1')
      if (there.rowCount !== 0) return
      for (const { name, kekId, wrapped, createdAt } of rows)
        await client.query('INSERT INTO secret (name, kek_id, wrapped, created_at) VALUES ($1, $2, $3, $4)', [
          ...[name, kekId, Buffer.from(wrapped), createdAt],
        ])
    })
    return await this.readSecrets()
  }

  async currentKeys(pairs: readonly Pick<KeyRow, 'subject' | 'category'>[]): Promise<FoundKeys> {
    const keys = await this.#query<KeyRecord>(KEYS_OF_PAIRS, columns(pairs, 'subject', 'category'))
    return { keys: keys.map(keyRow), closed: await this.#closedOf(this.#pool, pairs) }
  }

  async addKeys(rows: readonly KeyRow[]): Promise<FoundKeys> {
    // One order of locking for all writers, so that two never wait for each other.
    const ordered = rows.toSorted((a, b) => compare(a.subject, b.subject) || compare(a.category, b.category))
    return this.#transaction(async (client) => {
      await client.query(
        `INSERT INTO subject (id, state, since) SELECT DISTINCT ON (id) id, 'active', since
          FROM unnest($1::text[], $2::text[]) AS new (id, since) ORDER BY id ON CONFLICT DO NOTHING`,
        columns(ordered, 'subject', 'createdAt'),
      )
      // Held until the commit: a subject cannot be restricted or destroyed in between.
      const closed = await this.#closedOf(client, ordered, 'FOR SHARE')
      const open = ordered.filter(({ subject }) => !closed.has(subject))
      await client.query(
        `INSERT INTO dek (kid, subject, category, kek_id, created_at, wrapped)
          SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[])
          ON CONFLICT (subject, category) DO NOTHING`,
        [
          ...columns(open, 'kid', 'subject', 'category', 'kekId', 'createdAt'),
          open.map(({ wrapped }) => Buffer.from(wrapped)),
        ],
      )
      const there = await client.query<KeyRecord>(KEYS_OF_PAIRS, columns(open, 'subject', 'category'))
      return { keys: there.rows.map(keyRow), closed }
    })
  }

  async keysById(kids: readonly string[]): Promise<FoundKeys & { tombstones: TombstoneRow[] }> {
    // In this order: a key destroyed between the two is found by one of them.
    const keys = await this.#query<KeyRecord>('SELECT * FROM dek WHERE kid = ANY($1)', [kids])
    const tombstones = await this.#query<{ kid: string; subject: string; destroyed_at: string; basis: string }>(
      'SELECT kid, subject, destroyed_at, basis FROM tombstone WHERE kid = ANY($1)',
      [kids],
    )
    return {
      keys: keys.map(keyRow),
      tombstones: tombstones.map(({ kid, subject, destroyed_at: destroyedAt, basis }) => ({
        ...{ kid, subject, destroyedAt, basis },
      })),
      closed: await this.#closedOf(this.#pool, keys),
    }
  }

  async addBlind(rows: readonly BlindRow[]): Promise<FoundKeys['closed']> {
    return this.#transaction(async (client) => {
      const closed = await this.#closedOf(client, rows, 'FOR SHARE')
      const open = rows
        .filter(({ subject }) => !closed.has(subject))
        .toSorted((a, b) => Buffer.compare(a.hmac, b.hmac) || compare(a.subject, b.subject))
      await client.query(
        `INSERT INTO blind_index (subject, kind, hmac) SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[])
          ON CONFLICT DO NOTHING`,
        [...columns(open, 'subject', 'kind'), open.map(({ hmac }) => Buffer.from(hmac))],
      )
      return closed
    })
  }

  async findBlind(hmacs: readonly Uint8Array[]): Promise<BlindMatch[]> {
    return await this.#query<{ subject: string; kind: BlindEntry['kind'] }>(
      `SELECT b.subject, b.kind FROM unnest($1::bytea[]) WITH ORDINALITY AS asked (hmac, place)
        JOIN blind_index AS b ON b.hmac = asked.hmac LEFT JOIN subject AS s ON s.id = b.subject
        WHERE coalesce(s.state, 'active') = 'active' ORDER BY asked.place, b.subject`,
      [hmacs.map((hmac) => Buffer.from(hmac))],
    )
  }

  async ping(): Promise<void> {
    await this.#query('SELECT count(*) FROM secret')
  }

  /** The tables, for a move to another engine. */
  tables(): VaultTables {
    return postgresTables(this.#pool, (work) => this.#transaction(work))
  }

  async close(): Promise<void> {
    await this.#presence?.close()
    if (!this.#pool.ended) await this.#pool.end()
  }

  async #closedOf(
    client: pg.Pool | pg.PoolClient,
    rows: readonly { readonly subject: string }[],
    lock: '' | 'FOR SHARE' = '',
  ): Promise<FoundKeys['closed']> {
    const subjects = [...new Set(rows.map(({ subject }) => subject))]
    const found = await client.query<{ id: string; state: SubjectState }>(
      `SELECT id, state FROM duban_vault.subject WHERE id = ANY($1) ORDER BY id ${lock}`,
      [subjects],
    )
    const closed = new Map<string, Exclude<SubjectState, 'active'>>()
    for (const { id, state } of found.rows) if (state !== 'active') closed.set(id, state)
    return closed
  }

  async #query<Row extends object>(text: string, values?: unknown[]): Promise<Row[]> {
    await this.prepared()
    return this.#asked(text, values)
  }

  async #asked<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    const result = await this.#pool.query<Row>(text, values)
    return result.rows
  }

  /** Runs one durable transaction. @throws StoreError `disk-full`, and what the engine throws */
  async #transaction<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    await this.prepared()
    return this.#committed(work)
  }

  async #committed<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect()
    let broken: Error | undefined
    try {
      await client.query('BEGIN')
      const result = await work(client)
      await client.query('COMMIT')
      return result
    } catch (error) {
      // A connection whose transaction failed for a reason of its own may not be used again.
      await client.query('ROLLBACK').catch((failure: Error) => {
        broken = failure
      })
      const { code, message } = error as { code?: string; message: string }
      if (code === DISK_FULL) throw new StoreError('disk-full', message, { cause: error })
      throw error
    } finally {
      client.release(broken)
    }
  }
}

const KEYS_OF_PAIRS = `
  SELECT d.* FROM unnest($1::text[], $2::text[]) AS pair (subject, category)
  JOIN duban_vault.dek AS d ON d.subject = pair.subject AND d.category = pair.category`

/** Rows as one array for each column, which is how many rows go in one statement. */
const columns = <Row, Name extends keyof Row>(rows: readonly Row[], ...names: Name[]): Row[Name][][] =>
  names.map((name) => rows.map((row) => row[name]))

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export type PostgresVaultOptions = Omit<KeyVaultOptions, 'rows'> & PostgresRowsOptions

/**
 * Opens the vault that the nodes of a cluster share. The master key is a file on every node, the same on all. Where the
 * database is away the vault opens all the same, and unlocks itself when it comes.
 * @throws MasterKeyRefused; VaultUnavailable where the database answers and cannot be used
 */
export async function openPostgresVault(options: PostgresVaultOptions): Promise<KeyVault> {
  const rows = PostgresVaultRows.at(options)
  try {
    return await openKeyVault({ retryMs: RETRY_MS, ...options, rows })
  } catch (error) {
    await rows.close()
    throw error
  }
}
