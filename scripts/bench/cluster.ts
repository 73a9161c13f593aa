/** What the cluster's adapter costs, how fast a new node is whole, and what a second node gains. Needs a server of its own. */
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type AppendToStreamOptions, binaryEvent, EventStoreDBClient } from '@eventstore/db-client'
import { v4 } from 'uuid'
import { ClusterStore } from '../../src/store/eventstoredb/store.ts'
import { parseClusterUrl } from '../../src/store/eventstoredb/url.ts'
import { openCluster } from '../../src/store/mirror/open.ts'
import type { EventStore, EventToAppend } from '../../src/store/port.ts'
import { openEmbeddedReader } from '../../src/store/sqlite/index.ts'
import { complaintsOf, makeComplaints } from './support/cases.ts'
import { type Bench, type BenchContext, interleaved, least, measure, ratioOf } from './support/harness.ts'
import { loadGenerator } from './support/load.ts'
import { serve } from './support/process.ts'

const CALLERS = 64
/** Events of one stream. */
const STREAM = 10
/** Callers of one node, over kept connections. */
const READERS = 16
/** Events put into the cluster at once. */
const FILLED = 100
/** As large as an envelope of a usual step. */
const BYTES = Buffer.from(JSON.stringify({ recordedAt: '2026-06-30T01:00:00.000Z', data: 'x'.repeat(480) }))

const newEvent = (): EventToAppend => ({ id: v4(), type: 'Measured', bytes: BYTES })
const expectedAt = (revision: number) => (revision === 0 ? ('no_stream' as const) : revision - 1)
const rate = (count: number, from: number) => (count / (performance.now() - from)) * 1_000

type Append = (stream: string, revision: number) => Promise<unknown>

/** So many callers, each with streams of its own. @returns events a second */
async function append(callers: number, streams: number, one: Append, latencies: number[]): Promise<number> {
  const from = performance.now()
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (let left = streams; left > 0; left--) {
        const stream = `measured-${v4()}`
        for (let revision = 0; revision < STREAM; revision++) {
          const before = performance.now()
          await one(stream, revision)
          latencies.push(performance.now() - before)
        }
      }
    }),
  )
  return rate(callers * streams * STREAM, from)
}

/** Puts the events of a data directory into the cluster. */
async function fill(store: EventStore, directory: string): Promise<void> {
  const reader = openEmbeddedReader(directory)
  try {
    for (let at = 0; at < reader.log.size(); at += FILLED)
      await Promise.all(
        reader.log
          .read(at, FILLED)
          .map(({ id, type, bytes, stream, revision }) =>
            store.append(stream, [{ id, type, bytes }], expectedAt(revision)),
          ),
      )
  } finally {
    await reader.close()
  }
}

/** Adapter and bare client on the same server, in turn. */
async function* overhead(context: BenchContext, url: string, store: EventStore) {
  const rounds = context.pick(5, 2)
  const bare = EventStoreDBClient.connectionString(url)
  const alone =
    (options: AppendToStreamOptions): Append =>
    (stream, revision) => {
      const expected = expectedAt(revision)
      const event = binaryEvent({ id: v4(), type: 'duban.Measured', data: BYTES })
      return bare.appendToStream(stream, [event], {
        ...options,
        expectedRevision: expected === 'no_stream' ? expected : BigInt(expected),
      })
    }
  const batched = alone({})
  // Credentials of its own make an append a call of its own; without TLS they are never sent.
  const called = alone({ credentials: { username: 'nobody', password: 'nothing' } })
  const adapted: Append = (stream, revision) => store.append(stream, [newEvent()], expectedAt(revision))
  for (const [callers, streams, name] of [
    [1, context.pick(60, 10), 'one caller'],
    [CALLERS, context.pick(8, 1), `${CALLERS} callers`],
  ] as const) {
    const latencies = { batched: [] as number[], called: [] as number[], adapter: [] as number[] }
    for (const one of [batched, called, adapted]) await append(callers, 1, one, [])
    const found = await interleaved(rounds, {
      batched: () => append(callers, streams, batched, latencies.batched),
      called: () => append(callers, streams, called, latencies.called),
      adapter: () => append(callers, streams, adapted, latencies.adapter),
    })
    const stream = { label: `bare client, one stream of all appends, ${name}`, rounds: found.batched }
    const base = { label: `bare client, one call an append, ${name}`, rounds: found.called }
    yield measure(stream.label, 'events/s', stream.rounds, { latencies: latencies.batched })
    yield measure(base.label, 'events/s', base.rounds, {
      latencies: latencies.called,
      ratio: ratioOf({ label: 'calls', rounds: found.called }, stream),
    })
    yield measure(`adapter, ${name}`, 'events/s', found.adapter, {
      latencies: latencies.adapter,
      ratio: ratioOf({ label: 'adapter', rounds: found.adapter }, base, least(0.8)),
    })
  }
  const count = context.pick(20_000, 2_000)
  const page = 1_000
  const read = {
    bare: async () => {
      const from = performance.now()
      let [seen, at] = [0, undefined as { commit: bigint; prepare: bigint } | undefined]
      while (seen < count) {
        const stream = bare.readAll({ ...(at ? { fromPosition: at } : {}), maxCount: page, requiresLeader: true })
        const before = seen
        for await (const { event } of stream) {
          if (!event?.type.startsWith('duban.')) continue
          seen++
          at = event.position
        }
        if (seen === before) break
      }
      return rate(seen, from)
    },
    adapter: async () => {
      const from = performance.now()
      let [seen, after] = [0, undefined as string | undefined]
      while (seen < count) {
        const { events, checkpoint } = await store.readAll(after, page)
        if (events.length === 0) break
        seen += events.length
        after = checkpoint
      }
      return rate(seen, from)
    },
  }
  await read.adapter()
  const found = await interleaved(rounds, read)
  const base = { label: 'bare client, pages of 1,000', rounds: found.bare }
  yield measure(base.label, 'events/s', base.rounds)
  yield measure('adapter, pages of 1,000', 'events/s', found.adapter, {
    ratio: ratioOf({ label: 'adapter', rounds: found.adapter }, base, least(0.8)),
  })
  await bare.dispose()
}

/** A mirror from nothing to the head. */
async function* catchUp(context: BenchContext, url: string, store: EventStore) {
  const wanted = context.pick(60_000, 5_000)
  let size = 0
  const round = async (name: string) => {
    const from = performance.now()
    const cluster = await openCluster({ url, mirrorDirectory: join(context.directory, name) })
    await cluster.mirror.live()
    size = cluster.log.size()
    const figure = rate(size, from)
    await cluster.close()
    return figure
  }
  await round('mirror-first')
  for (let left = wanted - size; left > 0; left -= 32 * 100)
    await Promise.all(
      Array.from({ length: 32 }, () =>
        store.append(`measured-${v4()}`, Array.from({ length: 100 }, newEvent), 'no_stream'),
      ),
    )
  const figures: number[] = []
  for (let n = 0; n < context.pick(3, 1); n++) figures.push(await round(`mirror-${n}`))
  yield measure(`a new mirror of ${size} events, preflight included`, 'events/s', figures)
}

/** One service node, then two, on the same cases; each node and each load in a process of its own. */
async function* nodes(context: BenchContext, url: string, store: EventStore) {
  const cases = context.pick(1_000, 100)
  const source = join(context.directory, 'source')
  const { token } = await makeComplaints(source, cases)
  await fill(store, source)
  const paths = complaintsOf(source).map((stream) => `/api/v1/complaints/${stream.slice(stream.indexOf('-') + 1)}`)
  const running: Awaited<ReturnType<typeof serve>>[] = []
  const loads = [loadGenerator(), loadGenerator()]
  try {
    for (const name of ['node-1', 'node-2']) {
      const directory = join(context.directory, name)
      mkdirSync(directory)
      // Both read the same keys; neither makes new ones here.
      for (const file of ['vault.db', 'master.key']) copyFileSync(join(source, file), join(directory, file))
      running.push(await serve(directory, { EVENTSTORE_URL: url }))
    }
    const headers = { authorization: `Bearer ${token}` }
    const from = async (count: 1 | 2) => {
      const figures = await Promise.all(
        loads.map((load, n) =>
          load.run({ url: running[n % count]!.url, paths, headers, callers: READERS, status: 200 }),
        ),
      )
      return {
        rate: (2 * paths.length * 1_000) / Math.max(...figures.map(({ ms }) => ms)),
        latencies: figures.flatMap(({ latencies }) => latencies),
      }
    }
    await from(2)
    const found = await interleaved(context.pick(5, 2), { one: () => from(1), two: () => from(2) })
    const rates = (figures: readonly { rate: number }[]) => figures.map((each) => each.rate)
    const latencies = (figures: readonly { latencies: readonly number[] }[]) =>
      figures.flatMap((each) => each.latencies)
    const base = { label: 'one node', rounds: rates(found.one) }
    yield measure('case files over HTTP, one node', 'requests/s', base.rounds, { latencies: latencies(found.one) })
    yield measure('case files over HTTP, two nodes', 'requests/s', rates(found.two), {
      latencies: latencies(found.two),
      ratio: ratioOf({ label: 'two nodes', rounds: rates(found.two) }, base),
    })
  } finally {
    for (const load of loads) await load.close()
    for (const node of running) await node.stop()
  }
}

export const bench: Bench = {
  name: 'cluster',
  what: `A server that \`EVENTSTORE_URL\` names, without events of ours: the run fills it, and nothing deletes. Appends of one event of about
530 bytes to streams of ten, one after the other by one caller or by ${CALLERS}, through the adapter and through \`@eventstore/db-client\` without
time-outs and repetition: once with a call for each append, as the adapter sends them, and once with all appends on one stream, the client's own
choice, whose defects the adapter exists to keep away (docs/adr/0005-cluster.md); reads of \`$all\` in pages. Then a mirror from nothing to the head. First of all case
files (\`GET\` of one complaint with its sealed fields) from one service node and from two, ${2 * READERS} callers in two processes either way; on a
machine with few cores server, nodes and callers share them, so the ratio says little about machines of their own.`,
  target: 'adapter ≥ 0.8 × the bare client with the same calls: appends of one caller, of 64, and reads',
  durability: "the server's: it flushes every write unless it was told not to",
  missing: () =>
    process.env.EVENTSTORE_URL
      ? undefined
      : 'EVENTSTORE_URL is not set: it needs an EventStoreDB without events of ours',
  async *run(context) {
    const url = process.env.EVENTSTORE_URL!
    const store = new ClusterStore({ address: parseClusterUrl(url) })
    try {
      if ((await store.head()) !== undefined)
        throw new Error('the server holds events of ours: this benchmark fills it, so give it one of its own')
      yield* nodes(context, url, store)
      yield* overhead(context, url, store)
      yield* catchUp(context, url, store)
    } finally {
      await store.close()
    }
  },
}
