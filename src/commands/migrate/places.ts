/** The two kinds of place an installation can live in, as a move sees them: a data directory, and a cluster. */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { syncDirectory } from '../../store/durable-file.ts'
import type { Timeouts } from '../../store/eventstoredb/connection.ts'
import { parseClusterUrl, redactedAddress } from '../../store/eventstoredb/url.ts'
import { type Installation, readInstallation, writeInstallation } from '../../store/installation.ts'
import { type EventStore, StoreError } from '../../store/port.ts'
import { EVENTS_FILE, openEmbeddedStore } from '../../store/sqlite/index.ts'
import type { VaultRows } from '../../trust/vault/rows.ts'
import { SqliteVaultRows } from '../../trust/vault/sqlite.ts'
import type { VaultTables } from '../../trust/vault/tables.ts'
import { VAULT_FILE } from '../backup.ts'
import { refuseUnfinishedRestore } from '../restore.ts'
import { MigrationRefused } from './refused.ts'

/** A place by its address. */
export type PlaceAddress = {
  /** Directory of the evidence files. */
  readonly evidence: string
  /** Where the master key is expected; a move reads it, and never copies it. */
  readonly masterKeyFile: string
} & (
  | { readonly directory: string }
  | {
      /** `esdb://…` */
      readonly clusterUrl: string
      /** `postgres://…` */
      readonly vaultUrl: string
      readonly timeouts?: Partial<Timeouts>
    }
)

/** A vault's rows with its tables. */
export type MovableVault = VaultRows & { tables(): VaultTables }

export interface Place {
  readonly kind: 'directory' | 'cluster'
  /** The path, or the address without credentials: what the other place's mark says. */
  readonly name: string
  readonly store: EventStore
  readonly evidence: string
  readonly masterKeyFile: string
  /** Appends that may be under way at once without changing their order. */
  readonly together: number
  readMark(): Promise<Installation>
  /** Writes the mark durably. */
  writeMark(installation: Installation): Promise<void>
  /** The vault; undefined where there is none and none may be made. */
  openVault(mayCreate: boolean): Promise<MovableVault | undefined>
  /** Removes what is derived from events and keys: it is built anew. */
  removeDerived(): void
  close(): Promise<void>
}

/** Files of a data directory that are derived, each with the logs beside it. */
const DERIVED = ['readmodels.db', 'board.db', 'search.db']
/** One commit of the embedded store takes twice as many, whole or not at all. */
const TOGETHER = 500
/** Bound of one statement on the vault's database, in milliseconds: sorting a large table takes its time. */
const VAULT_MS = 600_000

/** Opens a place for a move, which nobody else may be using. @throws StoreError, ClusterError, VaultUnavailable, MigrationRefused */
export function openPlace(address: PlaceAddress, as: 'source' | 'target'): Promise<Place> {
  return 'directory' in address ? openDirectory(address, as) : openClusterPlace(address)
}

async function openDirectory(
  address: Extract<PlaceAddress, { directory: string }>,
  as: 'source' | 'target',
): Promise<Place> {
  const directory = resolve(address.directory)
  if (as === 'source' && !existsSync(join(directory, EVENTS_FILE)))
    throw new StoreError('data-directory-missing', `no events in ${directory}`)
  refuseUnfinishedRestore(directory)
  let embedded: ReturnType<typeof openEmbeddedStore>
  try {
    embedded = openEmbeddedStore(directory, { moving: true })
  } catch (error) {
    if (error instanceof StoreError && error.code === 'store-owned-elsewhere')
      throw new MigrationRefused('migrate-in-use', { place: directory }, { cause: error })
    throw error
  }
  const vault = join(directory, VAULT_FILE)
  return {
    kind: 'directory',
    name: directory,
    store: embedded.store,
    evidence: resolve(address.evidence),
    masterKeyFile: address.masterKeyFile,
    together: TOGETHER,
    readMark: async () => readInstallation(directory),
    writeMark: async (installation) => writeInstallation(directory, installation),
    openVault: async (mayCreate) => (mayCreate || existsSync(vault) ? new SqliteVaultRows(vault) : undefined),
    removeDerived() {
      for (const name of readdirSync(directory))
        if (DERIVED.some((file) => name === file || name.startsWith(`${file}-`))) rmSync(join(directory, name))
      syncDirectory(directory)
    },
    close: () => embedded.close(),
  }
}

async function openClusterPlace(address: Extract<PlaceAddress, { clusterUrl: string }>): Promise<Place> {
  const cluster = parseClusterUrl(address.clusterUrl)
  const name = redactedAddress(cluster)
  // The clients of the cluster and of the database are loaded only where one is used.
  const [{ preflight }, { ClusterStore }, { PostgresVaultRows }, { Presence }] = await Promise.all([
    import('../../store/eventstoredb/preflight.ts'),
    import('../../store/eventstoredb/store.ts'),
    import('../../trust/vault/postgres.ts'),
    import('../../trust/vault/presence.ts'),
  ])
  await preflight(cluster)
  mkdirSync(address.evidence, { recursive: true, mode: 0o700 })
  const { vaultUrl, timeouts } = address
  const alone = await Presence.take(vaultUrl, 'move').catch((error: unknown) => {
    if (error instanceof StoreError && error.code === 'store-owned-elsewhere')
      throw new MigrationRefused('migrate-in-use', { place: name }, { cause: error })
    throw error
  })
  const store = new ClusterStore({ address: cluster, timeouts })
  let mark: Awaited<ReturnType<typeof store.readMark>> | undefined
  const readMark = async () => {
    mark = await store.readMark()
    return mark.installation
  }
  return {
    kind: 'cluster',
    name,
    store,
    evidence: resolve(address.evidence),
    masterKeyFile: address.masterKeyFile,
    // The server gives no promise about the order of calls that are under way at once.
    together: 1,
    readMark,
    async writeMark(installation) {
      // Follows the mark that was read: of two moves at once one is refused.
      if (!mark) await readMark()
      await store.writeMark(mark!, randomUUID(), installation)
      mark = { revision: mark!.revision + 1, installation }
    },
    async openVault() {
      const rows = PostgresVaultRows.at({ url: vaultUrl, timeoutMs: VAULT_MS, connections: 4 })
      try {
        return await rows.prepared()
      } catch (error) {
        await rows.close()
        throw error
      }
    },
    removeDerived() {},
    async close() {
      await store.close()
      await alone.close()
    },
  }
}
