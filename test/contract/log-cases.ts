/** The contract's sentences about the log: events by index. */
import fc from 'fast-check'
import type { StoredEvent } from '../../src/store/port.ts'
import { event, events, idsOf, type LogHarness, newStream, readAll, recordedAt, won } from './harness.ts'
import type { Case } from './suite.ts'

const view = ({ index, id, stream, revision, type, bytes, position }: StoredEvent) => [
  index,
  id,
  stream,
  revision,
  type,
  Buffer.from(bytes).toString('hex'),
  position,
]

/** Appends to three streams in turn and gives their names. */
async function threeStreams({ store, settle }: LogHarness): Promise<string[]> {
  const streams = [newStream(), newStream(), newStream()]
  for (let round = 0; round < 5; round++)
    await Promise.all(
      streams.map((stream) => store.append(stream, events(2), round === 0 ? 'no_stream' : round * 2 - 1)),
    )
  await settle()
  return streams
}

export const logCases: readonly Case<LogHarness>[] = [
  {
    sentence: 'Indexes count 0, 1, 2, … without gaps in the order of commits, over all streams.',
    test: async (t, harness) => {
      const { store, log } = harness
      t.equal(log.size(), 0)
      t.same(log.read(0, 10), [])
      const streams = await threeStreams(harness)
      // What stores nothing leaves no gap.
      await store.append(streams[0]!, events(2), 0)
      await store.append(newStream(), [event('x'.repeat(70_000))], 'no_stream').catch(() => {})
      await store.append(streams[0]!, events(1), 9)
      await harness.settle()
      t.equal(log.size(), 31)
      const all = log.read(0, 100)
      t.same(
        all.map(({ index }) => index),
        Array.from({ length: 31 }, (_, index) => index),
      )
      t.same(idsOf(all), idsOf(await readAll(store, undefined)))
    },
  },
  {
    sentence:
      'Events are read by index from one (inclusive), below another (exclusive), at most so many, exactly as written.',
    test: async (t, harness) => {
      await threeStreams(harness)
      const { store, log } = harness
      const all = (await readAll(store, undefined)).map((stored, index) => view({ ...stored, index }))
      t.same(log.read(0, 1_000).map(view), all)
      fc.assert(
        fc.property(fc.nat(35), fc.nat(35), fc.option(fc.nat(35), { nil: undefined }), (from, limit, to) => {
          const wanted = all.slice(from, Math.min(from + limit, to ?? all.length))
          return JSON.stringify(log.read(from, limit, to).map(view)) === JSON.stringify(wanted)
        }),
      )
    },
  },
  {
    sentence: "The envelopes of a range are its events' bytes, parsed.",
    test: async (t, { store, log, settle }) => {
      const texts = ['{"a":"督办 \\ud83d\\ude00 😀"}', '{ "b": [1, 2.50] }', '{"c":""}', '{"d":"\\u0000"}']
      await store.append(
        newStream(),
        texts.map((text) => event(text)),
        'no_stream',
      )
      await settle()
      const parsed = texts.map((text): unknown => JSON.parse(text))
      t.same(log.envelopes(0, 10), parsed)
      t.same(log.envelopes(1, 2), parsed.slice(1, 3))
      t.same(log.envelopes(1, 10, 2), parsed.slice(1, 2))
      t.same(log.envelopes(4, 10), [])
    },
  },
  {
    sentence:
      'The envelopes of some types in a range are those of the range that are stored under one of these types, each with its index, in order.',
    test: async (t, harness) => {
      const { store, log, settle } = harness
      await store.append(
        newStream(),
        ['A', 'B', 'C', 'A', 'B'].map((type, place) => event(`{"place":${place}}`, type)),
        'no_stream',
      )
      await settle()
      const places = (types: string[], from: number, to: number) =>
        log
          .envelopesOf(types, from, to)
          .map(({ index, envelope }) => [index, (envelope as unknown as { place: number }).place])
      t.same(places(['A'], 0, 5), [
        [0, 0],
        [3, 3],
      ])
      t.same(places(['B', 'C', 'B'], 1, 4), [
        [1, 1],
        [2, 2],
      ])
      t.same(places(['A', 'B', 'C'], 4, 100), [[4, 4]])
      t.same(places([], 0, 5), [])
      t.same(places(["' OR 1"], 0, 5), [])
    },
  },
  {
    sentence: 'A stream is read as it stood below an index.',
    test: async (t, harness) => {
      const streams = await threeStreams(harness)
      const { log } = harness
      const all = log.read(0, 100)
      for (const stream of streams)
        for (let to = 0; to <= all.length; to++)
          t.same(
            log.stream(stream, to).map(view),
            all
              .slice(0, to)
              .filter((found) => found.stream === stream)
              .map(view),
          )
      t.equal(log.stream(streams[0]!).length, 10)
      t.same(log.stream(newStream()), [])
    },
  },
  {
    sentence:
      'The number of events recorded by a time ends before the first one at which the running maximum of `recordedAt` is later.',
    test: async (t, { store, log, settle }) => {
      const start = Date.parse('2026-03-01T00:00:00Z')
      t.equal(log.sizeAt(start), 0, 'of an empty log')
      const times = [0, 1, 1, 5, 3, 5, 9, 2, 9, 20, 20].map((seconds) => start + seconds * 1_000)
      for (const ms of times) await store.append(newStream(), [recordedAt(ms)], 'no_stream')
      await settle()
      const reference = (bound: number) => {
        const later = times.findIndex((_, place) => Math.max(...times.slice(0, place + 1)) > bound)
        return later < 0 ? times.length : later
      }
      for (let bound = start - 2_000; bound <= start + 22_000; bound += 500)
        t.equal(log.sizeAt(bound), reference(bound), new Date(bound).toISOString())
      t.equal(log.sizeAt(start + 4_999), 3)
      t.equal(log.sizeAt(start + 5_000), 6)
    },
  },
  {
    sentence: 'The index an append tells is the index its last event is read at.',
    test: async (t, harness) => {
      await threeStreams(harness)
      const { store, log, settle } = harness
      const batch = events(3)
      const { index, position } = won(await store.append(newStream(), batch, 'no_stream'))
      await settle()
      if (index === undefined) return 'this store does not count'
      const [read] = log.read(index, 1)
      t.same([read?.id, read?.position], [batch[2]!.id, position])
    },
  },
]
