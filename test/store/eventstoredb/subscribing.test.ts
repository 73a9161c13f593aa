/** Subscriptions: what they do when the server does not what it should. */
import t from 'tap'
import { foreign } from '../../support/eventstoredb-double/ledger.ts'
import { bench, event, follower, newStream, until } from './support.ts'

t.test(
  'a subscription survives lost connections, ended streams and new leaders: in order, complete, never twice',
  async (t) => {
    const { double, store } = await bench(t, { nodes: 3 }, { budget: 15_000 })
    for (const node of double.nodes) node.cues.endSubscriptionAfter = 23
    const seen = follower(t, store)
    const stream = newStream()
    const disturbances = [
      () => double.nodes[0]!.dropConnections(),
      () => double.elect(double.nodes[1]),
      () => {
        double.nodes[1]!.kill()
        double.elect(double.nodes[2])
      },
      () => double.nodes[2]!.dropConnections(),
      () => {
        double.nodes[2]!.freeze()
        double.elect(double.nodes[0])
      },
    ]
    for (let revision = 0; revision < 140; revision++) {
      const result = await store.append(stream, [event()], revision === 0 ? 'no_stream' : revision - 1)
      if (!result.ok) return t.fail(`refused at ${revision}`)
      if (revision % 20 === 19) disturbances.shift()?.()
    }
    await until(() => seen.events.length >= 140 && seen.caughtUp > 0)
    t.same(
      seen.events.map(({ revision }) => revision),
      Array.from({ length: 140 }, (_, place) => place),
    )
  },
)

t.test('a subscription that stands still while the head goes on is noticed, and begun again', async (t) => {
  const { double, store, notices } = await bench(t)
  const stream = newStream()
  await store.append(stream, [event()], 'no_stream')
  const seen = follower(t, store)
  await until(() => seen.caughtUp > 0)
  double.cues.silent = true
  await store.append(stream, [event()], 0)
  await until(() => notices.length > 0)
  t.match(notices[0], /nothing came for/)
  t.equal(seen.events.length, 1)
  double.cues.silent = false
  await until(() => seen.events.length === 2)
  t.same(
    seen.events.map(({ revision }) => revision),
    [0, 1],
  )
})

t.test('a server that takes a subscription and never confirms it is given up', async (t) => {
  const { double, store, notices } = await bench(t, { nodes: 3 })
  double.nodes[0]!.cues.mute = true
  const seen = follower(t, store)
  await until(() => notices.length > 0)
  double.elect(double.nodes[1])
  await until(() => seen.caughtUp > 0)
  t.pass('on the next leader')
})

t.test('a quiet subscription to a node that hangs goes to the next leader by itself', async (t) => {
  const { double, store } = await bench(t, { nodes: 3 })
  const stream = newStream()
  await store.append(stream, [event()], 'no_stream')
  const seen = follower(t, store)
  await until(() => seen.caughtUp > 0)
  double.nodes[0]!.freeze()
  double.elect(double.nodes[1])
  await until(() => double.nodes[1]!.calls.subscribe > 0)
  double.ledger.append(stream, [{ ...foreign('duban.Tested'), contentType: 'application/octet-stream' }], 'any')
  await until(() => seen.events.length === 2)
  t.equal(seen.events[1]!.revision, 1)
})

t.test('a reader that the server breaks off for being slow misses nothing', async (t) => {
  const { double, store, notices } = await bench(t)
  const stream = newStream()
  await store.append(stream, [event()], 'no_stream')
  const ending = new AbortController()
  const iterator = store.subscribe(undefined, ending.signal)[Symbol.asyncIterator]()
  const seen: number[] = []
  const next = async () => {
    const { value } = await iterator.next()
    if (value?.kind === 'event') seen.push(value.event.revision)
    return value
  }
  while ((await next())?.kind !== 'caught-up');
  double.cues.unreadAtMost = 50
  // Larger than what the connection buffers, so that the server has to wait for this reader.
  for (let revision = 0; revision < 300; revision++) await store.append(stream, [event('x'.repeat(20_000))], revision)
  while (seen.length < 150) await next()
  double.cues.unreadAtMost = undefined
  while (seen.length < 301) await next()
  ending.abort()
  await iterator.return?.()
  t.match(notices.join(), /too slow/)
  t.same(
    seen,
    Array.from({ length: 301 }, (_, place) => place),
  )
})

t.test('a reader that stands still when its signal aborts leaves nothing open', async (t) => {
  const { double, store } = await bench(t)
  await store.append(newStream(), [event(), event()], 'no_stream')
  const ending = new AbortController()
  const iterator = store.subscribe(undefined, ending.signal)[Symbol.asyncIterator]()
  await iterator.next()
  t.equal(double.node.subscribers, 1)
  ending.abort()
  await until(() => double.node.subscribers === 0)
  t.same(await iterator.next(), { value: undefined, done: true })
})

t.test("others' events are left out by the server, and a long stretch of them is not searched again", async (t) => {
  const { double, store } = await bench(t)
  const stream = newStream()
  const first = await store.append(stream, [event()], 'no_stream')
  for (let count = 0; count < 3_000; count++) double.ledger.append(`other-${count % 7}`, [foreign('Elsewhere')], 'any')
  const seen = follower(t, store)
  await until(() => seen.caughtUp > 0)
  t.equal(await store.head(), first.ok && first.position, 'the head is our last event')
  const reads = double.node.calls.read
  t.equal(await store.head(), first.ok && first.position)
  t.equal(double.node.calls.read, reads + 1, 'and found without looking at all of theirs again')
  double.node.dropConnections()
  await until(() => double.node.calls.subscribe === 2)
  await store.append(stream, [event()], 0)
  await until(() => seen.events.length === 2)
  t.same(
    seen.events.map(({ revision }) => revision),
    [0, 1],
  )
})

t.test('events that arrive live tell how far the clock is from the server', async (t) => {
  const { double, store } = await bench(t)
  t.equal(store.skewMs(), undefined)
  double.ledger.now = () => Date.now() - 3_600_000
  const stream = newStream()
  await store.append(stream, [event()], 'no_stream')
  const seen = follower(t, store)
  await until(() => seen.caughtUp > 0)
  t.equal(store.skewMs(), undefined, 'stored before: says nothing')
  await store.append(stream, [event()], 0)
  await until(() => seen.events.length === 2)
  const skew = store.skewMs() ?? 0
  t.ok(skew >= 3_600_000 && skew < 3_660_000, String(skew))
})
