/** Which store runs: the embedded one of a data directory, or a cluster with this node's mirror. Nothing else in the program knows. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { ClusterError } from './store/eventstoredb/cluster-error.ts'
import { parseClusterUrl, redactedAddress } from './store/eventstoredb/url.ts'
import type { Installation } from './store/installation.ts'
import { type EventLog, type EventStore, StoreError } from './store/port.ts'
import type { RecordingClock } from './store/recorder.ts'
import { EVENTS_FILE, openEmbeddedReader, openEmbeddedStore } from './store/sqlite/index.ts'
import { VaultUnavailable } from './trust/ports.ts'
import { openVault } from './trust/vault/sqlite.ts'
import type { KeyVault, VaultAlarm } from './trust/vault/vault.ts'

export interface BackendOptions {
  readonly directory: string
  /** Reads beside the process that owns the directory. */
  readonly beside: boolean
  /** `esdb://…`: the cluster; absent: the embedded store. */
  readonly clusterUrl?: string | undefined
  readonly logger?: Logger | undefined
  /** The machine's clock, milliseconds since 1970: a cluster's server has another, and the two are compared. */
  readonly machineNow: () => number
  /** Told when a mirror has grown. */
  readonly onGrown: () => void
}

export interface Backend {
  readonly kind: 'embedded' | 'cluster'
  readonly store: EventStore
  readonly log: EventLog
  /** File with the events by index: the store's own, or the mirror's. */
  readonly eventsFile: string
  /** Running maximum of `recordedAt` at the head, in milliseconds since 1970. */
  lastRecordedMs(): number | undefined
  /** Whether anything was ever recorded; asks the cluster where this node has nothing yet. @throws StoreError */
  hasEvents(): Promise<boolean>
  /** Resolves once the log here has held everything there was; rejects where it never will. */
  caughtUp(): Promise<void>
  /** The writer's clock with what this store adds to it. */
  guard(clock: RecordingClock): RecordingClock
  /** Number of events up to a position, once they are in the log here; undefined after the time given or where the position is none of ours. */
  reached(position: string, timeoutMs: number): Promise<number | undefined>
  /** Appends that wait for their turn. */
  queued(): number
  /** Why an append would be refused now; undefined where it would be tried. */
  refusal(): StoreError | undefined
  /** The mark of the installation: a demo, moved away, or not whole yet; undefined where a cluster has not told it. */
  installation(): Installation | undefined
  /** How the store is, for readiness. */
  state(): { readonly ok: boolean; readonly detail: string }
  close(): Promise<void>
}

/**
 * Opens the store. A cluster that does not answer is no reason to stop: the node serves what its mirror holds.
 * @throws StoreError, ClusterError where the address cannot be used
 */
export async function openBackend(options: BackendOptions): Promise<Backend> {
  const { directory, clusterUrl, logger } = options
  const eventsFile = join(directory, EVENTS_FILE)
  // Beside its owner a mirror is read as what it is: the table of a data directory.
  if (clusterUrl === undefined || options.beside) {
    const embedded = options.beside ? openEmbeddedReader(directory) : openEmbeddedStore(directory)
    const { log } = embedded
    return {
      kind: 'embedded',
      store: embedded.store,
      log,
      eventsFile,
      lastRecordedMs: () => embedded.lastRecordedMs(),
      hasEvents: async () => log.size() > 0,
      caughtUp: async () => {},
      guard: (clock) => clock,
      async reached(position) {
        const size = Number(position) + 1
        return Number.isSafeInteger(size) && size > 0 ? size : undefined
      },
      queued: () => embedded.queued(),
      refusal: () => embedded.refusal(),
      installation: () => embedded.installation,
      state: () => ({ ok: embedded.refusal() === undefined, detail: `${log.size()} events` }),
      async close() {
        await embedded.store.close()
        await embedded.close()
      },
    }
  }
  // The cluster's client, near two hundred modules, is loaded only where one is used.
  const { openCluster } = await import('./store/mirror/open.ts')
  const cluster = await openCluster({
    url: clusterUrl,
    mirrorDirectory: directory,
    now: options.machineNow,
    onGrown: options.onGrown,
    onHalt: (error) => logger?.fatal({ code: error.code, reason: error.message }, 'the mirror stopped'),
    onForeign: (foreign) => logger?.error({ foreign }, 'events of others, or missing ones, in our streams'),
    onNotice: (notice) => logger?.warn({ notice }, 'the subscription begins again'),
  })
  const { preflight } = cluster
  const address = redactedAddress(parseClusterUrl(clusterUrl))
  if (preflight instanceof ClusterError) logger?.error({ code: preflight.code, cluster: address }, preflight.message)
  else logger?.info({ cluster: address, preflight }, 'cluster')
  return {
    kind: 'cluster',
    store: cluster.store,
    log: cluster.log,
    eventsFile,
    lastRecordedMs: () => cluster.lastRecordedMs(),
    hasEvents: async () => cluster.log.size() > 0 || (await cluster.store.head()) !== undefined,
    caughtUp: () => cluster.mirror.live(),
    guard: (clock) => cluster.guard(clock),
    reached: (position, timeoutMs) => cluster.waitForPosition(position, timeoutMs),
    queued: () => cluster.queued(),
    refusal() {
      const { reason } = cluster.state()
      return cluster.refusal() ?? (reason === undefined ? undefined : new StoreError('store-unavailable', reason))
    },
    installation: () => cluster.installation(),
    state() {
      const { state, size, reason } = cluster.state()
      return { ok: state === 'live', detail: `mirror ${state}, ${size} events${reason ? `: ${reason}` : ''}` }
    },
    close: () => cluster.close(),
  }
}

export interface VaultChoice {
  readonly directory: string
  readonly masterKeyFile: string
  /** `postgres://…`: the vault that nodes share; absent: a file of the data directory. */
  readonly vaultUrl?: string | undefined
  /** Whether a move has not filled this place yet: its vault comes with the move. */
  readonly arriving: boolean
  /** Whether events are there already, so that a missing vault must not be made anew. @throws StoreError */
  readonly hasEvents: () => Promise<boolean>
  readonly beside: boolean
  readonly now: () => number
  readonly onTamper: (alarm: VaultAlarm) => void
}

/** Opens the vault: a file, or the database that the nodes of a cluster share. @throws MasterKeyRefused, VaultUnavailable */
export async function openChosenVault(choice: VaultChoice): Promise<KeyVault> {
  const { directory, masterKeyFile, now, onTamper } = choice
  const common = { masterKeyFile, now, random: (bytes: number) => randomBytes(bytes), onTamper }
  if (choice.vaultUrl !== undefined) {
    // The database client is loaded only where one is used.
    const { openPostgresVault } = await import('./trust/vault/postgres.ts')
    const mayCreate = async () => {
      try {
        return !choice.beside && !choice.arriving && !(await choice.hasEvents())
      } catch (cause) {
        const message = 'the vault is empty, and the cluster does not say whether that is right'
        throw new VaultUnavailable(message, { cause, passing: true })
      }
    }
    return openPostgresVault({ ...common, url: choice.vaultUrl, atWork: !choice.beside, mayCreate })
  }
  const isThere = existsSync(join(directory, 'vault.db'))
  return openVault({
    ...common,
    dir: directory,
    mayCreate: !choice.beside && !choice.arriving && (isThere || !(await choice.hasEvents())),
  })
}
