/**
 * Who is at work on an installation whose vault is a database: every node holds one lock there together with the others, a move
 * holds it alone. PostgreSQL gives it back when the process that held it is gone. It answers "are the services stopped?" with a
 * clear sentence; what keeps a node that it does not see from writing is the mark of the installation.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { StoreError } from '../../store/port.ts'
import { databaseUnavailable } from './postgres-away.ts'

/** The lock's name: 'duba' as a number, and the first of its uses. */
const LOCK = [0x64756261, 1] as const
/** Pause before a lost connection is opened again, in milliseconds. */
const AGAIN_MS = 1_000
const CONNECT_MS = 3_000
/** How long a lock that somebody else has is asked for again, in milliseconds. */
const PATIENCE_MS = 2_000

export type Role = 'node' | 'move'

/** A session that holds the lock, and takes it again when its connection breaks. */
export class Presence {
  readonly #url: string
  readonly #role: Role
  #client: pg.Client | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  private constructor(url: string, role: Role) {
    this.#url = url
    this.#role = role
  }

  /**
   * Takes the lock.
   * @throws StoreError `store-owned-elsewhere` for a node while a move has it, and for a move while nodes have it;
   * VaultUnavailable where the database does not answer
   */
  static async take(url: string, role: Role): Promise<Presence> {
    const presence = new Presence(url, role)
    for (const until = performance.now() + PATIENCE_MS; ; await sleep(PATIENCE_MS / 10)) {
      let taken: boolean
      try {
        taken = await presence.#take()
      } catch (error) {
        await presence.close()
        throw databaseUnavailable(error)
      }
      if (taken) return presence
      await presence.#giveUp()
      // A process that was killed this moment is not gone yet for the server.
      if (performance.now() >= until) break
    }
    await presence.close()
    throw new StoreError(
      'store-owned-elsewhere',
      role === 'node' ? 'a move of this installation is under way' : 'nodes of this installation are at work',
    )
  }

  async #take(): Promise<boolean> {
    const client = new pg.Client({
      connectionString: this.#url,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: CONNECT_MS,
      keepAlive: true,
      application_name: `duban ${this.#role}`,
      // A node whose machine died must not be taken for one at work for hours.
      options: '-c tcp_keepalives_idle=20 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3',
    })
    client.on('error', () => this.#lost(client))
    client.on('end', () => this.#lost(client))
    this.#client = client
    await client.connect()
    const take = this.#role === 'node' ? 'pg_try_advisory_lock_shared' : 'pg_try_advisory_lock'
    const { rows } = await client.query<{ taken: boolean }>(`SELECT ${take}($1, $2) AS taken`, [...LOCK])
    return rows[0]!.taken
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return
    this.#client = undefined
    if (this.#closed) return
    this.#timer = setTimeout(() => void this.#again(), AGAIN_MS)
    this.#timer.unref()
  }

  /** One attempt to have the lock again; a session that does not get it is lost too. */
  async #again(): Promise<void> {
    const taken = await this.#take().catch(() => false)
    if (this.#closed) return this.#giveUp()
    const client = this.#client
    if (taken || !client) return
    this.#lost(client)
    await client.end().catch(() => {})
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#giveUp()
  }

  async #giveUp(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    await client?.end().catch(() => {})
  }
}
