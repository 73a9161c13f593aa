/** The mirror: the cluster's events by index, the same on every node. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { type Cluster, openCluster } from '../../../src/store/mirror/open.ts'
import { openEmbeddedReader } from '../../../src/store/sqlite/index.ts'
import { logSuite } from '../../contract/suite.ts'
import { EventStoreDouble } from '../../support/eventstoredb-double/index.ts'
import { foreign } from '../../support/eventstoredb-double/ledger.ts'
import { BRISK, event, newStream, until } from '../eventstoredb/support.ts'

const directoryOf = (t: { teardown(work: () => void): void }): string => {
  const directory = mkdtempSync(join(tmpdir(), 'duban-mirror-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

async function nodeOn(t: Test, double: EventStoreDouble, directory = directoryOf(t), budget = BRISK.budget) {
  const found: unknown[] = []
  const halts: unknown[] = []
  const cluster = await openCluster({
    url: double.url,
    mirrorDirectory: directory,
    timeouts: { ...BRISK, budget },
    onForeign: (each) => found.push(each),
    onHalt: (error) => halts.push(error),
  })
  t.teardown(() => cluster.close())
  return { cluster, directory, found, halts }
}

const double = async (t: Test, nodes = 1) => {
  const started = await EventStoreDouble.start({ nodes })
  t.teardown(() => started.stop())
  return started
}

async function fill({ store }: Cluster, count: number): Promise<string> {
  const stream = newStream()
  for (let revision = 0; revision < count; revision++)
    await store.append(stream, [event(`${revision}`)], revision === 0 ? 'no_stream' : revision - 1)
  return stream
}

const view = ({ log }: Cluster) =>
  log
    .read(0, 10_000)
    .map(({ index, id, stream, revision, type, position, bytes }) => [
      ...[index, id, stream, revision, type, position],
      Buffer.from(bytes).toString('hex'),
    ])

logSuite('mirror', async () => {
  const [started, directory] = [await EventStoreDouble.start(), mkdtempSync(join(tmpdir(), 'duban-mirror-'))]
  const cluster = await openCluster({ url: started.url, mirrorDirectory: directory, timeouts: BRISK })
  return {
    store: cluster.store,
    log: cluster.log,
    settle: async () => {
      const head = await cluster.store.head()
      if (head !== undefined) await cluster.waitForPosition(head, 10_000)
    },
    dispose: async () => {
      await cluster.close()
      started.stop()
      rmSync(directory, { recursive: true })
    },
  }
})

t.test('two nodes count alike, also one that begins later and one that was away', async (t) => {
  const server = await double(t)
  const first = await nodeOn(t, server)
  const away = await nodeOn(t, server)
  await fill(first.cluster, 20)
  for (let count = 0; count < 100; count++) server.ledger.append('elsewhere-1', [foreign('Elsewhere')], 'any')
  await away.cluster.close()
  await fill(first.cluster, 20)
  const [back, later] = [await nodeOn(t, server, away.directory), await nodeOn(t, server)]
  const head = (await first.cluster.store.head())!
  for (const { cluster } of [first, back, later]) {
    t.equal(await cluster.waitForPosition(head, 10_000), 40)
    t.equal(cluster.state().size, 40)
    t.same(view(cluster), view(first.cluster))
  }
  t.same(first.found, [])
})

t.test('an append is answered with its index, and everything up to its position is in the mirror', async (t) => {
  const server = await double(t)
  const { cluster } = await nodeOn(t, server)
  const other = await nodeOn(t, server)
  await fill(cluster, 3)
  const result = await cluster.store.append(newStream(), [event(), event()], 'no_stream')
  t.match(result, { ok: true, index: 4, repeated: false })
  if (!result.ok) return
  t.equal(cluster.log.size(), 5)
  t.equal(await other.cluster.waitForPosition(result.position, 10_000), 5, 'read on another node')
  t.equal(await cluster.waitForPosition('e99999999999', 20), undefined, 'bounded')
  const slice = await cluster.store.readStream((await cluster.log.read(3, 1))[0]!.stream)
  t.same(
    slice.events.map(({ index }) => index),
    [3, 4],
  )
})

t.test('two nodes that run one command at once: one is told that it was the other', async (t) => {
  const server = await double(t)
  const [a, b] = [await nodeOn(t, server), await nodeOn(t, server)]
  for (let round = 0; round < 10; round++) {
    const [stream, id] = [newStream(), crypto.randomUUID()]
    const results = await Promise.all([
      a.cluster.store.append(stream, [event(`token of a ${round}`, id)], 'no_stream'),
      b.cluster.store.append(stream, [event(`token of b ${round}`, id)], 'no_stream'),
    ])
    t.same(results.map((result) => result.ok && result.repeated).sort(), [false, true])
    t.equal(new Set(results.map((result) => result.ok && result.index)).size, 1)
  }
})

t.test('without its mirror a node still tells whose bytes are stored', async (t) => {
  const server = await double(t)
  const cluster = await openCluster({
    url: server.url,
    mirrorDirectory: directoryOf(t),
    timeouts: BRISK,
    indexWaitMs: 0,
  })
  t.teardown(() => cluster.close())
  const [stream, id] = [newStream(), crypto.randomUUID()]
  t.match(await cluster.store.append(stream, [event('first', id)], 'no_stream'), { ok: true, repeated: false })
  t.match(await cluster.store.append(stream, [event('second', id)], 'no_stream'), { ok: true, repeated: true })
})

t.test('a mirror of another cluster, or with other bytes, stops with a clear error', async (t) => {
  const [here, elsewhere] = [await double(t), await double(t)]
  const first = await nodeOn(t, here)
  await fill(first.cluster, 5)
  await first.cluster.close()
  const other = await nodeOn(t, elsewhere)
  await fill(other.cluster, 9)
  const moved = await nodeOn(t, elsewhere, first.directory)
  await t.rejects(moved.cluster.mirror.live(), { code: 'mirror-diverged', message: /index 0 is/ })
  t.match(moved.cluster.state(), { state: 'halted', size: 5 })
  t.equal(moved.halts.length, 1)
  t.equal(moved.cluster.log.read(0, 10).length, 5, 'what it has is still read')
  await moved.cluster.close()

  const db = new DatabaseSync(join(first.directory, 'events.db'))
  db.exec(`UPDATE events SET bytes = CAST('{}' AS BLOB) WHERE idx = 3`)
  db.close()
  const tampered = await nodeOn(t, here, first.directory)
  await t.rejects(tampered.cluster.mirror.live(), { code: 'mirror-diverged', message: /index 3 is/ })
  t.equal(await tampered.cluster.waitForPosition('e999999', 60_000), undefined, 'nobody waits for a halted mirror')
})

t.test('a cluster restored from an older backup is noticed', async (t) => {
  const [server, restored] = [await double(t), await double(t)]
  const node = await nodeOn(t, server)
  await fill(node.cluster, 6)
  await node.cluster.close()
  for (const { stream, id, type, contentType, data } of server.ledger.all.slice(2, 6))
    restored.ledger.append(stream, [{ id, type, contentType, data }], 'any')
  const again = await nodeOn(t, restored, node.directory)
  await t.rejects(again.cluster.mirror.live(), { code: 'mirror-diverged', message: /ends before index|index \d is/ })
})

t.test('a gap in the revisions of a stream is reported, and the count goes on the same everywhere', async (t) => {
  const server = await double(t)
  const { cluster, found } = await nodeOn(t, server)
  const stream = await fill(cluster, 2)
  server.ledger.append(stream, [foreign('Elsewhere')], 'any')
  const result = await cluster.store.append(stream, [event()], 2)
  t.match(result, { ok: true, revision: 3, index: 2 })
  t.match(found, [{ kind: 'gap', stream, revision: 2 }])
  t.equal(cluster.log.read(2, 1)[0]!.revision, 3)
})

t.test('a node whose cluster is away serves what it has, and catches up by itself', async (t) => {
  const server = await double(t)
  const node = await nodeOn(t, server)
  await fill(node.cluster, 4)
  await node.cluster.close()
  server.node.kill()
  const again = await nodeOn(t, server, node.directory, 800)
  t.match(again.cluster.preflight, { code: 'cluster-unreachable' })
  t.equal(again.cluster.log.size(), 4)
  t.equal(again.cluster.state().state, 'checking')
  await t.rejects(again.cluster.store.append(newStream(), [event()], 'no_stream'), { code: 'store-unavailable' })
  await server.node.start()
  await again.cluster.mirror.live()
  t.match(await again.cluster.store.append(newStream(), [event()], 'no_stream'), { ok: true, index: 4 })
})

t.test('one mirror directory belongs to one node, and other programs read it as a data directory', async (t) => {
  const server = await double(t)
  const { cluster, directory } = await nodeOn(t, server)
  await fill(cluster, 3)
  await t.rejects(openCluster({ url: server.url, mirrorDirectory: directory }), { code: 'store-owned-elsewhere' })
  const reader = openEmbeddedReader(directory)
  t.equal(reader.log.size(), 3)
  await reader.close()
})

t.test('a clock far from the server refuses writes of its own node only', async (t) => {
  const server = await double(t)
  const [right, wrong] = [await nodeOn(t, server), await nodeOn(t, server)]
  const clock = { stamp: () => 7 }
  t.equal(wrong.cluster.guard(clock).stamp(), 7, 'nothing known yet')
  await wrong.cluster.mirror.live()
  server.ledger.now = () => Date.now() + 60_000
  await until(() => wrong.cluster.state().state === 'live')
  await fill(right.cluster, 3)
  await until(() => wrong.cluster.skewMs() !== undefined)
  t.throws(() => wrong.cluster.guard(clock).stamp(), { code: 'clock-skew' })
  t.equal(wrong.cluster.log.size() >= 1, true)
})

t.test('many events are mirrored in groups', async (t) => {
  const server = await double(t)
  const stream = newStream()
  for (let count = 0; count < 5_000; count++)
    server.ledger.append(
      `${stream}${count % 50}`,
      [
        {
          id: crypto.randomUUID(),
          type: 'duban.Tested',
          contentType: 'application/octet-stream',
          data: Buffer.from(`{"n":${count}}`),
        },
      ],
      'any',
    )
  const { cluster } = await nodeOn(t, server)
  await cluster.mirror.live()
  t.equal(cluster.log.size(), 5_000)
  t.same(
    cluster.log.envelopes(0, 5_000).map((envelope) => (envelope as unknown as { n: number }).n),
    Array.from({ length: 5_000 }, (_, n) => n),
  )
})
