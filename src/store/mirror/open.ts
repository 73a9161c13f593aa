/** Opens what a service node needs of a cluster: its store, this node's mirror, and what the preflight found. */
import type { Timeouts } from '../eventstoredb/connection.ts'
import { ClusterError } from '../eventstoredb/errors.ts'
import { type Preflight, preflight } from '../eventstoredb/preflight.ts'
import type { Foreign } from '../eventstoredb/records.ts'
import { ClusterStore } from '../eventstoredb/store.ts'
import type { SubscriptionNotice } from '../eventstoredb/subscribing.ts'
import { parseClusterUrl } from '../eventstoredb/url.ts'
import type { Installation } from '../installation.ts'
import { type EventLog, type EventStore, StoreError } from '../port.ts'
import type { RecordingClock } from '../recorder.ts'
import { IndexedStore } from './indexed-store.ts'
import { MarkWatch } from './mark.ts'
import { Mirror, type MirrorState } from './mirror.ts'

/** A clock this far from the server's refuses its own node's writes, in milliseconds. */
export const MAX_SKEW_MS = 5_000

export interface ClusterOptions {
  /** `esdb://…` or `esdb+discover://…`. */
  readonly url: string
  /** Directory of this node's mirror, its own alone. */
  readonly mirrorDirectory: string
  readonly timeouts?: Partial<Timeouts>
  /** Longest wait of an append for its index, in milliseconds; default 2 s. */
  readonly indexWaitMs?: number
  /** Told when the mirror halts: the node must not go on as if it were whole. */
  readonly onHalt?: (error: ClusterError) => void
  /** Told of events of others in our streams, and of missing revisions. */
  readonly onForeign?: (foreign: Foreign) => void
  /** Told whenever a subscription begins again. */
  readonly onNotice?: (notice: SubscriptionNotice) => void
  /** Told after every commit of the mirror: wake the read models. */
  readonly onGrown?: (size: number) => void
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/** A node's side of a cluster. */
export interface Cluster {
  readonly store: EventStore
  /** The mirror: events by index, read synchronously. */
  readonly log: EventLog
  readonly mirror: Mirror
  /** What the start found; an error names what is wrong. The node serves what its mirror holds, and recovers by itself. */
  readonly preflight: Preflight | ClusterError
  /** Running maximum of `recordedAt` in the mirror, in milliseconds since 1970. */
  lastRecordedMs(): number | undefined
  /** Waits until everything up to a position is in the mirror. @returns the number of events up to it, or undefined */
  waitForPosition(position: string, timeoutMs: number): Promise<number | undefined>
  /** Appends that wait for their turn. */
  queued(): number
  /** This machine's clock against the server's, in milliseconds, positive: ahead; undefined while no event arrived lately. */
  skewMs(): number | undefined
  /** The writer's clock of this node: refuses `clock-skew` where it is more than {@link MAX_SKEW_MS} from the server's. */
  guard(clock: RecordingClock): RecordingClock
  state(): MirrorState
  /** The mark of the installation, as far as it is known here. */
  installation(): Installation | undefined
  /** The refusal every append meets because of that mark; undefined where there is none. */
  refusal(): StoreError | undefined
  close(): Promise<void>
}

/**
 * Opens a cluster. Where nothing answers the node opens all the same: see `preflight`.
 * @throws ClusterError where the address cannot be used; StoreError where the mirror cannot be opened
 */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const address = parseClusterUrl(options.url)
  const { timeouts, onForeign, onNotice, now } = options
  const mark = new MarkWatch(() => store.readMark())
  const store = new ClusterStore({
    address,
    timeouts,
    onForeign,
    now,
    onMark: () => mark.renew(),
    onNotice(notice) {
      mirror.interrupted(notice.reason)
      onNotice?.(notice)
    },
  })
  const mirror = new Mirror({
    directory: options.mirrorDirectory,
    store,
    onHalt: options.onHalt,
    onForeign,
    onGrown: options.onGrown,
  })
  const found = await preflight(address).catch((error: unknown) => {
    if (error instanceof ClusterError) return error
    throw error
  })
  // Where nobody answers now, the first append asks.
  if (!(found instanceof ClusterError)) await mark.mayWrite().catch(() => {})
  mirror.follow()
  return {
    store: new IndexedStore(store, mirror, () => mark.mayWrite(), options.indexWaitMs),
    log: mirror,
    mirror,
    preflight: found,
    lastRecordedMs: () => mirror.lastRecordedMs(),
    waitForPosition: (position, timeoutMs) => mirror.waitForPosition(position, timeoutMs),
    queued: () => store.queued,
    skewMs: () => store.skewMs(),
    guard: (clock) => ({ stamp: () => guarded(store.skewMs(), clock) }),
    state: () => mirror.state(),
    installation: () => mark.installation,
    refusal: () => mark.refusal(),
    async close() {
      await mirror.close()
      await store.close()
    },
  }
}

function guarded(skewMs: number | undefined, clock: RecordingClock): number {
  if (skewMs !== undefined && Math.abs(skewMs) > MAX_SKEW_MS) {
    const side = skewMs > 0 ? 'ahead of' : 'behind'
    throw new StoreError('clock-skew', `this clock is ${Math.abs(skewMs)} ms ${side} the cluster's`)
  }
  return clock.stamp()
}
