/** The outcomes of an append, told apart: written, refused for its revision, not known, never sent. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { ClusterStore } from '../../../src/store/eventstoredb/store.ts'
import { parseClusterUrl } from '../../../src/store/eventstoredb/url.ts'
import type { AppendCue } from '../../support/eventstoredb-double/cues.ts'
import { BRISK, bench, event, newStream, until } from './support.ts'

for (const cue of [
  'lose-answer',
  'break-after-commit',
  'timeout-after-commit',
  'break-before-commit',
  'unknown',
] as const)
  t.test(`an append whose first attempt meets ${cue} is stored once, and answered`, async (t) => {
    const { double, store } = await bench(t)
    const [stream, batch] = [newStream(), [event(), event()]]
    double.cues.appends.push(cue)
    t.match(await store.append(stream, batch, 'no_stream'), { ok: true, revision: 1 })
    t.same(
      double.ledger.stream(stream)!.map(({ id }) => id),
      batch.map(({ id }) => id),
    )
  })

t.test('where every answer is lost the ids are read back at their place', async (t) => {
  const { double, store } = await bench(t, {}, { budget: 700 })
  double.cues.appends.push(...Array.from({ length: 50 }, (): AppendCue => 'lose-answer'))
  const stream = newStream()
  const result = await store.append(stream, [event()], 'no_stream')
  t.match(result, { ok: true, revision: 0, repeated: true })
  t.equal(result.ok && result.position, `e${double.ledger.stream(stream)![0]!.position}`)
})

t.test('a lost answer, then another writer at that revision: refused, not guessed', async (t) => {
  const { double, store } = await bench(t)
  const stream = newStream()
  double.cues.appends.push('break-before-commit')
  const late = store.append(stream, [event()], 'no_stream')
  await until(() => double.node.calls.append === 1)
  double.ledger.append(
    stream,
    [{ id: crypto.randomUUID(), type: 'duban.Tested', contentType: '', data: Buffer.of() }],
    'any',
  )
  t.same(await late, { ok: false, reason: 'wrong-revision', actual: 0 })
})

t.test('where nothing answers in time the outcome is unknown, and the same ids settle it later', async (t) => {
  const { double, store } = await bench(t, {}, { budget: 700 })
  const [stream, batch] = [newStream(), [event()]]
  await store.readStream(stream)
  double.node.freeze()
  await t.rejects(store.append(stream, batch, 'no_stream'), { code: 'store-unavailable', outcome: 'unknown' })
  double.node.thaw()
  t.match(await store.append(stream, batch, 'no_stream'), { ok: true, revision: 0 })
  t.equal(double.ledger.stream(stream)!.length, 1)
})

t.test('where no node listens nothing was written', async (t) => {
  const { double, store } = await bench(t, {}, { budget: 500, attempt: 2_000 })
  double.node.kill()
  await t.rejects(store.append(newStream(), [event()], 'no_stream'), {
    code: 'store-unavailable',
    outcome: 'not-written',
  })
  await double.node.start()
  t.match(await store.append(newStream(), [event()], 'no_stream'), { ok: true }, 'and it recovers by itself')
})

t.test('between two leaders nothing is written, and the append waits for the next one', async (t) => {
  const { double, store } = await bench(t, { nodes: 3 })
  await store.append(newStream(), [event()], 'no_stream')
  double.elect(undefined)
  const waiting = store.append(newStream(), [event()], 'no_stream')
  const calls = double.node.calls.append
  await until(() => double.nodes.some((node) => node.calls.append > calls))
  double.elect(double.nodes[1])
  t.match(await waiting, { ok: true })
})

t.test('a user without the right to write is refused at once', async (t) => {
  const { double, store } = await bench(t)
  double.cues.denied = true
  await t.rejects(store.head(), { code: 'store-unavailable', message: /Access Denied/ })
  await t.rejects(store.readAll(undefined, 5), { code: 'store-unavailable', message: /Access Denied/ })
})

for (const how of ['kill', 'freeze'] as const)
  t.test(
    `while writers write, the leader is lost by ${how}: nothing acknowledged is lost, nothing is twice`,
    async (t) => {
      const { double, store } = await bench(t, { nodes: 3 }, { budget: 15_000 })
      const acknowledged: string[] = []
      let writing = true
      const writers = Array.from({ length: 8 }, async () => {
        const stream = newStream()
        for (let revision = 0; writing; revision++) {
          const batch = [event()]
          const result = await store.append(stream, batch, revision === 0 ? 'no_stream' : revision - 1)
          if (!result.ok) throw new Error(`refused at ${result.actual}`)
          acknowledged.push(batch[0]!.id)
        }
      })
      await until(() => acknowledged.length > 100)
      const [lost, next] = [double.nodes[0]!, double.nodes[2]!]
      lost[how]()
      double.elect(next)
      const before = acknowledged.length
      await until(() => acknowledged.length > before + 100)
      writing = false
      await Promise.all(writers)
      const stored = double.ledger.all.filter(({ type }) => type.startsWith('duban.')).map(({ id }) => id)
      t.equal(new Set(stored).size, stored.length, 'twice')
      t.same(
        acknowledged.filter((id) => !stored.includes(id)),
        [],
        'lost',
      )
      t.ok(next.calls.append > 100)
    },
  )

t.test('more appends than a connection takes wait for their turn, in their order', async (t) => {
  // As long as a busy machine may need: nothing is given up here.
  const { double, store } = await bench(t, {}, { attempt: 20_000, budget: 100_000 })
  const results = await Promise.all(
    Array.from({ length: 400 }, () => store.append(newStream(), [event()], 'no_stream')),
  )
  t.ok(results.every(({ ok }) => ok))
  t.equal(double.ledger.all.filter(({ type }) => type.startsWith('duban.')).length, 400)
})

t.test('appends to one stream keep the order of their calls, also where the first has to be repeated', async (t) => {
  const { double, store } = await bench(t)
  const stream = newStream()
  double.cues.appends.push('break-before-commit', 'break-before-commit')
  const ids = Array.from({ length: 12 }, () => randomUUID())
  const results = await Promise.all(
    ids.map((id, place) => store.append(stream, [event('x', id)], place === 0 ? 'no_stream' : place - 1)),
  )
  t.ok(results.every(({ ok }) => ok))
  t.same(
    double.ledger.stream(stream)?.map(({ id }) => id),
    ids,
  )
})

t.test('appends that wait for others are given up after their time, unsent', async (t) => {
  const { double, store } = await bench(t, {}, { budget: 500 })
  await store.head()
  double.cues.mute = true
  const outcomes = await Promise.allSettled(
    Array.from({ length: 200 }, () => store.append(newStream(), [event()], 'no_stream')),
  )
  const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.outcome : 'written'))
  t.ok(reasons.includes('unknown'))
  t.ok(reasons.includes('not-written'))
  t.notOk(reasons.includes('written'))
})

t.test('what a closed store is asked is refused, also while it tries', async (t) => {
  const { double } = await bench(t)
  const store = new ClusterStore({ address: parseClusterUrl(double.url), timeouts: BRISK })
  double.node.kill()
  const trying = store.append(newStream(), [event()], 'no_stream')
  trying.catch(() => {})
  await store.close()
  await t.rejects(trying, { code: 'store-unavailable' })
})

t.test('events of other programs in our streams, and missing revisions, are reported', async (t) => {
  const { double, store, foreign } = await bench(t)
  const stream = newStream()
  await store.append(stream, [event()], 'no_stream')
  const other = (type: string, contentType: string) => ({
    id: crypto.randomUUID(),
    type,
    contentType,
    data: Buffer.from('{}'),
  })
  double.ledger.append(stream, [other('Elsewhere', 'application/json')], 'any')
  double.ledger.append(stream, [other('duban.Forged', 'application/json')], 'any')
  const slice = await store.readStream(stream)
  t.same([slice.lastRevision, slice.events.length], [2, 1])
  t.match(foreign, [
    { kind: 'foreign-event', stream, revision: 1 },
    { kind: 'not-bytes', stream, revision: 2 },
  ])
})
