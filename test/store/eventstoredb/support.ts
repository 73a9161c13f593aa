/** What the tests of the cluster's adapter share. */
import { randomUUID } from 'node:crypto'
import { EventStoreDBClient } from '@eventstore/db-client'
import type { Test } from 'tap'
import type { Timeouts } from '../../../src/store/eventstoredb/connection.ts'
import type { Foreign } from '../../../src/store/eventstoredb/records.ts'
import { ClusterStore } from '../../../src/store/eventstoredb/store.ts'
import { parseClusterUrl } from '../../../src/store/eventstoredb/url.ts'
import type { EventToAppend, Position, StoredEvent } from '../../../src/store/port.ts'
import { type DoubleOptions, EventStoreDouble } from '../../support/eventstoredb-double/index.ts'

/** Short enough that a test does not take long, long enough for a busy machine. */
export const BRISK: Timeouts = { attempt: 300, budget: 4_000, quiet: 150 }

export const event = (text = 'x', id: string = randomUUID()): EventToAppend => ({
  id,
  type: 'Tested',
  bytes: Buffer.from(JSON.stringify({ recordedAt: '2026-03-01T00:00:00.000Z', text })),
})

export const newStream = (): string => `case-${randomUUID()}`

export interface Bench {
  readonly double: EventStoreDouble
  readonly store: ClusterStore
  /** The client as it is, without the adapter. */
  bare(options?: string): EventStoreDBClient
  readonly foreign: Foreign[]
  readonly notices: string[]
}

/** A double and a store on it, both ended with the test. */
export async function bench(t: Test, options: DoubleOptions = {}, timeouts: Partial<Timeouts> = {}): Promise<Bench> {
  const double = await EventStoreDouble.start(options)
  const foreign: Foreign[] = []
  const notices: string[] = []
  const store = new ClusterStore({
    address: parseClusterUrl(double.url),
    timeouts: { ...BRISK, ...timeouts },
    onForeign: (found) => foreign.push(found),
    onNotice: ({ reason }) => notices.push(reason),
  })
  t.teardown(async () => {
    await store.close()
    double.stop()
  })
  return {
    double,
    store,
    bare: (extra = '') => EventStoreDBClient.connectionString(`${double.url}${extra}`),
    foreign,
    notices,
  }
}

/** Resolves once a condition holds; the test's own time-out bounds it. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Follows a store; what arrived is in `events`, how often it said that it is caught up in `caughtUp`. */
export function follower(t: Test, store: ClusterStore, after?: Position) {
  const ending = new AbortController()
  const state = { events: [] as StoredEvent[], caughtUp: 0, end: () => ending.abort() }
  const done = (async () => {
    for await (const message of store.subscribe(after, ending.signal))
      if (message.kind === 'event') state.events.push(message.event)
      else state.caughtUp++
  })()
  t.teardown(async () => {
    ending.abort()
    await done
  })
  return state
}

/** Whether a promise is still pending after so many milliseconds: how a call that hangs for ever is told. */
export async function pendingAfter(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(
    () => false,
    () => false,
  )
  return Promise.race([settled, new Promise<boolean>((resolve) => setTimeout(() => resolve(true), ms))])
}
