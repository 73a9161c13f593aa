/** The contract's sentences about appending. */
import fc from 'fast-check'
import { MAX_APPEND_BYTES } from '../../src/store/append.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import {
  type AppendResult,
  type EventStore,
  type EventToAppend,
  type ExpectedRevision,
  MAX_EVENT_BYTES,
} from '../../src/store/port.ts'
import { event, events, type Harness, idsOf, newStream, readAll, refusedWith, within, won } from './harness.ts'
import type { Case } from './suite.ts'

/** A result without what differs between stores: positions, and `repeated`, which not every store can tell. */
const outcome = (result: AppendResult) => (result.ok ? { revision: result.revision } : { actual: result.actual })

/** Appends one event to one place from many clients at once, and tells how many won. */
async function race({ store, connect }: Harness, stream: string, expected: ExpectedRevision): Promise<AppendResult[]> {
  const other = await connect()
  const attempts = Array.from({ length: 20 }, (_, place) =>
    (place % 2 ? other : store).append(stream, [event()], expected),
  )
  return within(Promise.all(attempts), 'a race')
}

export const appendCases: readonly Case<Harness>[] = [
  {
    sentence: 'An append stores all of its events one after the other, or none of them.',
    test: async (t, { store }) => {
      const start = await store.head()
      const [stream, other, batch] = [newStream(), newStream(), events(5)]
      const refused = [event(), event('x'.repeat(MAX_EVENT_BYTES + 1)), event()]
      await Promise.all([
        store.append(stream, batch, 'no_stream'),
        store.append(other, events(3), 'no_stream'),
        refusedWith(store.append(newStream(), refused, 'no_stream')),
        store.append(newStream(), events(3), 7),
      ])
      const all = await readAll(store, start)
      t.equal(all.length, 8)
      const at = all.findIndex(({ id }) => id === batch[0]!.id)
      t.same(idsOf(all.slice(at, at + 5)), idsOf(batch), 'no other event between')
    },
  },
  {
    sentence: 'An append that was acknowledged is still there after the store is opened again.',
    test: async (t, { store, reopen }) => {
      if (!reopen) return 'the reference keeps its events in memory only'
      const [stream, batch] = [newStream(), events(3)]
      const result = won(await store.append(stream, batch, 'no_stream'))
      const again = await reopen()
      t.same(idsOf((await again.readStream(stream)).events), idsOf(batch))
      const repeated = won(await again.append(stream, batch, 'no_stream'))
      t.same([repeated.revision, repeated.position], [2, result.position])
    },
  },
  {
    sentence: 'Revisions of a stream count 0, 1, 2, … in the order of its appends.',
    test: async (t, { store }) => {
      const [stream, a, b, c] = [newStream(), events(2), events(1), events(3)]
      t.equal(won(await store.append(stream, a, 'no_stream')).revision, 1)
      t.equal(won(await store.append(stream, b, 1)).revision, 2)
      t.equal(won(await store.append(stream, c, 2)).revision, 5)
      const slice = await store.readStream(stream)
      t.same(
        slice.events.map(({ revision }) => revision),
        [0, 1, 2, 3, 4, 5],
      )
      t.same(idsOf(slice.events), idsOf([...a, ...b, ...c]))
    },
  },
  {
    sentence: 'With `no_stream` an append succeeds only where the stream does not exist.',
    test: async (t, { store }) => {
      const stream = newStream()
      t.equal((await store.append(stream, [event()], 'no_stream')).ok, true)
      t.same(outcome(await store.append(stream, [event()], 'no_stream')), { actual: 0 })
    },
  },
  {
    sentence: "With a number an append succeeds only where that is the revision of the stream's last event.",
    test: async (t, { store }) => {
      const stream = newStream()
      t.same(outcome(await store.append(stream, [event()], 0)), { actual: 'no_stream' })
      await store.append(stream, events(3), 'no_stream')
      for (const wrong of [0, 1, 3, 4, 1_000_000]) {
        t.same(outcome(await store.append(stream, [event()], wrong)), { actual: 2 }, `expected ${wrong}`)
      }
      t.same(outcome(await store.append(stream, [event()], 2)), { revision: 3 })
    },
  },
  {
    sentence: 'A wrong revision is a result that tells the actual one, and stores nothing.',
    test: async (t, { store }) => {
      const [stream, absent] = [newStream(), newStream()]
      await store.append(stream, events(2), 'no_stream')
      const before = await store.head()
      t.same(await store.append(stream, events(2), 0), { ok: false, reason: 'wrong-revision', actual: 1 })
      t.same(await store.append(absent, events(2), 4), { ok: false, reason: 'wrong-revision', actual: 'no_stream' })
      t.same(await readAll(store, before), [])
      t.equal((await store.readStream(absent)).exists, false)
    },
  },
  {
    sentence: 'Of writers that race on one revision exactly one wins.',
    test: async (t, harness) => {
      const stream = newStream()
      await harness.store.append(stream, [event()], 'no_stream')
      for (let round = 0; round < 10; round++) {
        const results = await race(harness, stream, round)
        t.equal(results.filter(({ ok }) => ok).length, 1, `winners at revision ${round}`)
        for (const result of results) if (!result.ok) t.equal(result.actual, round + 1)
      }
      t.equal((await harness.store.readStream(stream)).lastRevision, 10)
    },
  },
  {
    sentence: 'Of writers that race to create one stream exactly one wins.',
    test: async (t, harness) => {
      for (let round = 0; round < 10; round++) {
        const stream = newStream()
        const results = await race(harness, stream, 'no_stream')
        t.equal(results.filter(({ ok }) => ok).length, 1, `winners of round ${round}`)
        t.equal((await harness.store.readStream(stream)).events.length, 1)
      }
    },
  },
  {
    sentence: 'Repeating the same ids at the same expected revision gives the first result, also after later events.',
    test: async (t, { store, connect }) => {
      const [stream, first, second] = [newStream(), events(2), events(3)]
      const a = won(await store.append(stream, first, 'no_stream'))
      const b = won(await store.append(stream, second, 1))
      await store.append(stream, events(1), 4)
      for (const client of [store, await connect()]) {
        const againA = won(await client.append(stream, first, 'no_stream'))
        t.same([againA.revision, againA.position], [a.revision, a.position])
        const againB = won(await client.append(stream, second, 1))
        t.same([againB.revision, againB.position], [b.revision, b.position])
      }
      t.equal((await store.readStream(stream)).lastRevision, 5)
    },
  },
  {
    sentence: 'A repetition with other bytes leaves the first bytes as they are.',
    test: async (t, { store }) => {
      const [stream, first] = [newStream(), event('first')]
      await store.append(stream, [first], 'no_stream')
      const again = await store.append(stream, [{ ...first, bytes: event('second').bytes }], 'no_stream')
      t.same(outcome(again), { revision: 0 })
      t.same(
        (await store.readStream(stream)).events.map(({ bytes }) => Buffer.from(bytes).toString()),
        ['first'],
      )
    },
  },
  {
    sentence: 'Repeating only the first events of an append succeeds with the revision of the last one repeated.',
    test: async (t, { store }) => {
      const [stream, batch] = [newStream(), events(4)]
      await store.append(stream, batch, 'no_stream')
      await store.append(stream, events(1), 3)
      t.same(outcome(await store.append(stream, batch.slice(0, 2), 'no_stream')), { revision: 1 })
      t.same(outcome(await store.append(stream, batch.slice(0, 1), 'no_stream')), { revision: 0 })
      t.equal((await store.readStream(stream)).lastRevision, 4)
    },
  },
  {
    sentence: 'Repeating an append with further events behind it is a wrong revision, and stores nothing.',
    test: async (t, { store }) => {
      const [stream, batch] = [newStream(), events(2)]
      await store.append(stream, batch, 'no_stream')
      t.same(outcome(await store.append(stream, [...batch, event()], 'no_stream')), { actual: 1 })
      t.equal((await store.readStream(stream)).lastRevision, 1)
    },
  },
  {
    sentence: 'Other ids at an expected revision that has passed are a wrong revision.',
    test: async (t, { store }) => {
      const [stream, batch] = [newStream(), events(3)]
      await store.append(stream, batch, 'no_stream')
      t.same(outcome(await store.append(stream, events(3), 'no_stream')), { actual: 2 })
      t.same(
        outcome(await store.append(stream, [batch[0]!, event()], 'no_stream')),
        { actual: 2 },
        'the second differs',
      )
      t.same(outcome(await store.append(stream, [batch[0]!], 0)), { actual: 2 }, 'an id of another revision')
      t.equal((await store.readStream(stream)).lastRevision, 2)
    },
  },
  {
    sentence: 'The same id is written again at another revision, in another stream, and twice in one append.',
    test: async (t, { store }) => {
      const [stream, other, same] = [newStream(), newStream(), event()]
      await store.append(stream, [same], 'no_stream')
      t.same(outcome(await store.append(stream, [same], 0)), { revision: 1 })
      t.same(outcome(await store.append(other, [same, same], 'no_stream')), { revision: 1 })
      t.equal((await store.readStream(stream)).events.length, 2)
      t.equal((await store.readStream(other)).events.length, 2)
    },
  },
  {
    sentence: 'Appends at once that repeat each other all give the one result, and the events are stored once.',
    test: async (t, { store, connect }) => {
      const [stream, batch, other] = [newStream(), events(2), await connect()]
      const attempts = Array.from({ length: 10 }, (_, place) =>
        (place % 2 ? other : store).append(stream, batch, 'no_stream'),
      )
      const results = (await within(Promise.all(attempts), 'repetitions')).map(won)
      t.same(new Set(results.map(({ revision, position }) => `${revision} ${position}`)).size, 1)
      t.same(idsOf((await store.readStream(stream)).events), idsOf(batch))
    },
  },
  {
    sentence: 'An event of 60 KiB is stored, and one byte more is refused with `event-too-large`.',
    test: async (t, { store }) => {
      const stream = newStream()
      t.equal((await store.append(stream, [event('x'.repeat(MAX_EVENT_BYTES))], 'no_stream')).ok, true)
      t.equal(await refusedWith(store.append(stream, [event('x'.repeat(MAX_EVENT_BYTES + 1))], 0)), 'event-too-large')
      t.same(
        (await store.readStream(stream)).events.map(({ bytes }) => bytes.length),
        [60 * 1024],
      )
    },
  },
  {
    sentence: 'An append of 960 KiB in all is stored, and one byte more is refused with `event-too-large`.',
    test: async (t, { store }) => {
      const stream = newStream()
      const full = Array.from({ length: 16 }, () => event('x'.repeat(MAX_EVENT_BYTES)))
      t.equal(await refusedWith(store.append(stream, [...full, event('x')], 'no_stream')), 'event-too-large')
      t.equal((await store.readStream(stream)).exists, false)
      t.equal(16 * MAX_EVENT_BYTES, MAX_APPEND_BYTES)
      t.same(outcome(await store.append(stream, full, 'no_stream')), { revision: 15 })
    },
  },
  {
    sentence:
      'An append without events, with an impossible expected revision, or to a reserved stream name is a `RangeError`.',
    test: async (t, { store }) => {
      const stream = newStream()
      t.equal(await refusedWith(store.append(stream, [], 'no_stream')), 'RangeError')
      for (const expected of [-1, -2, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
        t.equal(await refusedWith(store.append(stream, [event()], expected)), 'RangeError', String(expected))
      for (const reserved of ['', '$all', '$ce-case'])
        t.equal(await refusedWith(store.append(reserved, [event()], 'no_stream')), 'RangeError', reserved)
      t.equal((await store.readStream(stream)).exists, false)
    },
  },
  {
    sentence: 'Any interleaving of appends, repetitions and conflicts gives the results of the reference.',
    test: async (_, { store }) => {
      await fc.assert(
        fc.asyncProperty(steps, (plan) => sameAsReference(store, plan)),
        { numRuns: 40 },
      )
    },
  },
]

/** A step of a random plan: a new append at an offset from the true end, or an earlier one again, whole or cut. */
const steps = fc.array(
  fc.record({
    stream: fc.nat(2),
    count: fc.integer({ min: 1, max: 3 }),
    offset: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: -3, max: 2 })),
    again: fc.option(fc.record({ which: fc.nat(), cut: fc.nat(2), longer: fc.boolean() }), { freq: 2 }),
  }),
  { minLength: 1, maxLength: 25 },
)

type Plan = typeof steps extends fc.Arbitrary<infer Value> ? Value : never

interface Call {
  readonly stream: string
  readonly batch: readonly EventToAppend[]
  readonly expected: ExpectedRevision
}

async function sameAsReference(store: EventStore, plan: Plan): Promise<void> {
  const reference = new MemoryStore()
  const streams = [newStream(), newStream(), newStream()]
  const calls: Call[] = []
  for (const step of plan) {
    const stream = streams[step.stream]!
    const { lastRevision } = await reference.readStream(stream)
    const at = lastRevision + step.offset
    let call: Call = { stream, batch: events(step.count), expected: at < 0 ? 'no_stream' : at }
    if (step.again && calls.length > 0) {
      const earlier = calls[step.again.which % calls.length]!
      const kept = earlier.batch.slice(0, Math.max(1, earlier.batch.length - step.again.cut))
      call = { ...earlier, batch: step.again.longer ? [...kept, event()] : kept }
    }
    calls.push(call)
    const wanted = outcome(await reference.append(call.stream, call.batch, call.expected))
    const got = outcome(await within(store.append(call.stream, call.batch, call.expected), 'an append'))
    if (JSON.stringify(wanted) !== JSON.stringify(got))
      throw new Error(`reference ${JSON.stringify(wanted)}, store ${JSON.stringify(got)}`)
  }
  for (const stream of streams) {
    const [wanted, got] = [await reference.readStream(stream), await store.readStream(stream)]
    const view = (slice: typeof got) => JSON.stringify([slice.exists, slice.lastRevision, idsOf(slice.events)])
    if (view(wanted) !== view(got)) throw new Error(`${stream}: reference ${view(wanted)}, store ${view(got)}`)
  }
}
