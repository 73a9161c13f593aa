/**
 * Each defect of `@eventstore/db-client` 6.2.1 that the adapter wraps: first the bare client shows it, so that a version
 * without it is noticed; then the adapter, on the same double in the same state, does not have it.
 */
import { spawn } from 'node:child_process'
import { binaryEvent, EventStoreDBClient, isCommandError, jsonEvent } from '@eventstore/db-client'
import t, { type Test } from 'tap'
import { NodeClient } from '../../../src/store/eventstoredb/connection.ts'
import { ClusterStore } from '../../../src/store/eventstoredb/store.ts'
import { parseClusterUrl } from '../../../src/store/eventstoredb/url.ts'
import { BRISK, bench, event, follower, newStream, pendingAfter, until } from './support.ts'

const bareEvent = () => binaryEvent({ type: 'duban.Tested', data: Buffer.from('{}') })
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing',
    (error: { code?: unknown; type?: unknown }) => error.code ?? error.type,
  )

t.test('an append to a server that does not answer hangs for ever; the adapter gives up', async (t) => {
  const { double, store, bare } = await bench(t, {}, { budget: 900 })
  const client = bare()
  await client.appendToStream(newStream(), [bareEvent()], { expectedRevision: 'no_stream' })
  double.cues.mute = true
  const hanging = client.appendToStream(newStream(), [bareEvent()], { expectedRevision: 'no_stream', deadline: 100 })
  const adapters = store.append(newStream(), [event()], 'no_stream')
  await t.rejects(adapters, { code: 'store-unavailable', outcome: 'unknown' })
  t.equal(await pendingAfter(0, hanging), true, 'the bare client, told a deadline of 100 ms, still hangs')
  void client.dispose()
})

t.test('a read from a server that does not answer hangs for ever; the adapter gives up', async (t) => {
  const { double, store, bare } = await bench(t, {}, { budget: 900 })
  double.cues.mute = true
  const client = bare()
  const stream = client.readStream(newStream(), { deadline: 100 })
  stream.on('error', () => {})
  const hanging = (async () => {
    for await (const _ of stream) break
  })()
  await t.rejects(store.readStream(newStream()), { code: 'store-unavailable' })
  await t.rejects(store.readAll(undefined, 10), { code: 'store-unavailable' })
  await t.rejects(store.head(), { code: 'store-unavailable' })
  t.equal(await pendingAfter(0, hanging), true)
  void client.dispose()
})

/** Runs the bare client in a process of its own; `client` is connected to the double. @returns what it died of */
async function diesOf(t: Test, url: string, body: string): Promise<string> {
  const program = `
    import { EventStoreDBClient, binaryEvent } from '@eventstore/db-client'
    class Opened extends EventStoreDBClient {
      async shut() { (await this.getChannel()).close() }
    }
    const [, address, port] = /\\/\\/(.*):(\\d+)/.exec(process.argv[1])
    const client = new Opened({ endpoint: { address, port: Number(port) } }, { insecure: true })
    const append = (options) =>
      client.appendToStream('case-' + Math.random(), [binaryEvent({ type: 'x', data: Buffer.from('x') })], options)
    ${body}
    await new Promise((resolve) => setTimeout(resolve, 300))
    process.exit(0)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, url], {
    cwd: new URL('../../..', import.meta.url),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let text = ''
  child.stderr.on('data', (chunk: Buffer) => {
    text += chunk
  })
  t.teardown(() => child.kill())
  const code = await new Promise((resolve) => child.on('close', resolve))
  return code === 0 ? 'nothing' : text
}

for (const cue of ['answer-twice', 'answer-strangely'] as const)
  t.test(
    `a correlation id that nobody waits for (${cue}) ends the process; the adapter uses no such ids`,
    async (t) => {
      const { double, store } = await bench(t)
      double.cues.appends.push(cue)
      t.match(await diesOf(t, double.url, 'await append(); await append()'), /promiseBank|not iterable|undefined/)
      const before = double.node.calls.batchAppend
      double.cues.appends.push(cue)
      t.match(await store.append(newStream(), [event()], 'no_stream'), { ok: true })
      t.match(await store.append(newStream(), [event()], 'no_stream'), { ok: true })
      t.equal(double.node.calls.batchAppend, before)
    },
  )

t.test('an append that begins as its channel closes ends the process; the adapter closes channels late', async (t) => {
  const { double } = await bench(t)
  const credentials = "{ credentials: { username: 'x', password: 'x' } }"
  const body = `await append(${credentials}); await client.shut(); append(${credentials}).catch(() => {})`
  t.match(await diesOf(t, double.url, body), /Channel has been shut down/)
  const client = new NodeClient(parseClusterUrl(double.url))
  await client.ready()
  await client.close()
  const late = client.appendToStream(newStream(), [bareEvent()], { credentials: { username: 'x', password: 'x' } })
  t.match(await late, { success: true })
})

t.test("one server's death rejects the appends of another's; the adapter's stores share nothing", async (t) => {
  const [dying, healthy] = [await bench(t, {}, { budget: 600 }), await bench(t)]
  const [toDying, toHealthy] = [dying.bare(), healthy.bare()]
  // Streams of both are open, and both answers are outstanding.
  await toDying.appendToStream(newStream(), [bareEvent()])
  await toHealthy.appendToStream(newStream(), [bareEvent()])
  dying.double.cues.mute = true
  healthy.double.cues.appends.push('lose-answer', 'lose-answer')
  const own = toDying.appendToStream(newStream(), [bareEvent()])
  const other = toHealthy.appendToStream(newStream(), [bareEvent()])
  own.catch(() => {})
  other.catch(() => {})
  const adapterOwn = dying.store.append(newStream(), [event()], 'no_stream')
  const adapterOther = healthy.store.append(newStream(), [event()], 'no_stream')
  await until(() => healthy.double.cues.appends.length === 0)
  dying.double.node.kill()
  await t.rejects(own)
  await t.rejects(other, 'the bare client rejects an append to the server that is well')
  await t.rejects(adapterOwn, { code: 'store-unavailable' })
  t.match(await adapterOther, { ok: true, revision: 0 }, 'lost its own answer, and asked again')
})

t.test('without a server the error has no type; the adapter says what is known', async (t) => {
  const { double } = await bench(t, { nodes: 3 })
  const address = parseClusterUrl(double.url)
  double.stop()
  const client = EventStoreDBClient.connectionString(`${double.url}&maxDiscoverAttempts=2`)
  const error = await client.appendToStream(newStream(), [bareEvent()]).catch((error: unknown) => error)
  t.equal(isCommandError(error as Error), false)
  const store = new ClusterStore({ address, timeouts: { ...BRISK, budget: 600 } })
  t.teardown(() => store.close())
  await t.rejects(store.append(newStream(), [event()], 'no_stream'), {
    code: 'store-unavailable',
    outcome: 'not-written',
  })
})

t.test('after a deadline the client keeps its dead connection; the adapter builds a new one', async (t) => {
  const { double, store, bare } = await bench(t, { nodes: 3 })
  const [hung, next] = [double.nodes[0]!, double.nodes[1]!]
  const client = bare('&gossipTimeout=1')
  const credentials = { username: 'x', password: 'x' }
  const once = () => client.appendToStream(newStream(), [bareEvent()], { credentials, deadline: 300 })
  await once()
  await store.append(newStream(), [event()], 'no_stream')
  hung.cues.mute = true
  double.elect(next)
  t.equal(await codeOf(once()), 4, 'deadline exceeded')
  t.equal(await codeOf(once()), 4, 'and again, though another node leads')
  t.match(await store.append(newStream(), [event()], 'no_stream'), { ok: true })
  t.ok(next.calls.append >= 1)
})

t.test('a subscription ends with its connection; the adapter subscribes again', async (t) => {
  const { double, store, bare } = await bench(t)
  const stream = newStream()
  await store.append(stream, [event()], 'no_stream')
  const seen: unknown[] = []
  let ended: unknown
  const subscription = bare().subscribeToAll()
  subscription.on('data', (resolved) => seen.push(resolved))
  subscription.on('error', (error) => {
    ended = error
  })
  const adapters = follower(t, store)
  await until(() => seen.length > 2 && adapters.caughtUp > 0)
  double.node.dropConnections()
  await until(() => ended !== undefined)
  t.match(ended, { type: 'unavailable' })
  await store.append(stream, [event()], 0)
  await until(() => adapters.events.length === 2)
  t.equal(seen.length, 3, 'the bare client sees nothing more')
})

t.test('not-leader is not tried again; the adapter goes to the leader', async (t) => {
  const { double, store, bare } = await bench(t, { nodes: 3 })
  const client = bare()
  const options = { requiresLeader: true, credentials: { username: 'x', password: 'x' } }
  await client.appendToStream(newStream(), [bareEvent()], options)
  await store.append(newStream(), [event()], 'no_stream')
  double.elect(double.nodes[2])
  t.equal(await codeOf(client.appendToStream(newStream(), [bareEvent()], options)), 5)
  t.match(await store.append(newStream(), [event()], 'no_stream'), { ok: true })
  t.ok(double.nodes[2]!.calls.append >= 1)
})

t.test('throwOnAppendFailure=false tells a wrong revision; the adapter tells the actual one', async (t) => {
  const { double, store } = await bench(t)
  const stream = newStream()
  await store.append(stream, [event(), event(), event()], 'no_stream')
  const client = EventStoreDBClient.connectionString(`${double.url}&throwOnAppendFailure=false`)
  const result = await client.appendToStream(stream, [bareEvent()], { expectedRevision: 7n })
  t.same([result.success, result.nextExpectedRevision], [false, 1n])
  t.same(await store.append(stream, [event()], 7), { ok: false, reason: 'wrong-revision', actual: 2 })
})

t.test(
  'credentials without TLS are dropped in silence, and tlsVerifyCert has no effect; both are refused',
  async (t) => {
    const { double } = await bench(t)
    const host = `127.0.0.1:${double.node.port}`
    const client = EventStoreDBClient.connectionString(`esdb://user:secret@${host}?tls=false`)
    await client.appendToStream(newStream(), [bareEvent()])
    t.same(double.node.authorizations, [], 'never sent')
    t.throws(() => parseClusterUrl(`esdb://user:secret@${host}?tls=false`), { code: 'cluster-credentials-without-tls' })
    t.throws(() => parseClusterUrl(`esdb://user:secret@${host}?tlsVerifyCert=false`), { code: 'cluster-url-invalid' })
  },
)

t.test("the adapter's placeholder credentials are never sent without TLS", async (t) => {
  const { double, store } = await bench(t)
  await store.append(newStream(), [event()], 'no_stream')
  t.same(double.node.authorizations, [])
})

t.test('jsonEvent serialises anew; the adapter stores the bytes', async (t) => {
  const { double, store, bare } = await bench(t)
  const text = '{ "b": 1.0, "a": "\\u7763" }'
  const stream = newStream()
  await bare().appendToStream(stream, [jsonEvent({ type: 'duban.Tested', data: JSON.parse(text) as { a: string } })])
  t.not(Buffer.from(double.ledger.stream(stream)![0]!.data).toString(), text)
  const other = newStream()
  await store.append(other, [{ ...event(), bytes: Buffer.from(text) }], 'no_stream')
  t.equal(Buffer.from(double.ledger.stream(other)![0]!.data).toString(), text)
  t.equal(double.ledger.stream(other)![0]!.type, 'duban.Tested', 'the stored type has the prefix')
})

t.test('readAll gives the event at a position again; a page of the adapter starts after it', async (t) => {
  const { store, bare } = await bench(t)
  const stream = newStream()
  const first = await store.append(stream, [event()], 'no_stream')
  await store.append(stream, [event('second')], 0)
  if (!first.ok) return t.fail('refused')
  const commit = BigInt(first.position.slice(1))
  const revisions: number[] = []
  for await (const { event } of bare().readAll({ fromPosition: { commit, prepare: commit } }))
    if (event) revisions.push(Number(event.revision))
  t.same(revisions, [0, 1])
  t.same(
    (await store.readAll(first.position, 10)).events.map(({ revision }) => revision),
    [1],
  )
})

t.test(
  'a handler that waits loses the order of on(data); the adapter delivers in order to a slow reader',
  async (t) => {
    const { store, bare } = await bench(t)
    const stream = newStream()
    await store.append(
      stream,
      Array.from({ length: 40 }, () => event()),
      'no_stream',
    )
    const seen: number[] = []
    const subscription = bare().subscribeToAll()
    subscription.on('error', () => {})
    subscription.on('data', async ({ event }) => {
      if (event?.streamId !== stream) return
      await new Promise((resolve) => setTimeout(resolve, event.revision % 2n === 0n ? 20 : 1))
      seen.push(Number(event.revision))
    })
    const ending = new AbortController()
    const ordered: number[] = []
    for await (const message of store.subscribe(undefined, ending.signal)) {
      if (message.kind === 'caught-up') break
      await new Promise((resolve) => setTimeout(resolve, message.event.revision % 2 === 0 ? 5 : 1))
      ordered.push(message.event.revision)
    }
    await until(() => seen.length === 40)
    t.not(JSON.stringify(seen), JSON.stringify(ordered))
    t.same(
      ordered,
      Array.from({ length: 40 }, (_, place) => place),
    )
    await subscription.unsubscribe()
  },
)
