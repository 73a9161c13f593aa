/** The contract's sentences about reading streams and everything. */
import fc from 'fast-check'
import type { EventStore, Position, StoredEvent } from '../../src/store/port.ts'
import { event, events, type Harness, idsOf, newStream, readAll, within, won } from './harness.ts'
import type { Case } from './suite.ts'

const sorted = (ids: readonly string[]): string[] => [...ids].sort()

/** Several writers, each appending to a stream of its own and to one they share; gives the ids that were acknowledged. */
async function writeAtOnce(stores: readonly EventStore[], rounds: number): Promise<string[]> {
  const shared = newStream()
  const ids: string[] = []
  const writers = stores.map(async (store) => {
    const own = newStream()
    for (let round = 0; round < rounds; round++) {
      const batch = events(1 + (round % 3))
      const slice = await store.readStream(own)
      await store.append(own, batch, slice.exists ? slice.lastRevision : 'no_stream').then(won)
      ids.push(...idsOf(batch))
      const contested = event()
      const { exists, lastRevision } = await store.readStream(shared)
      if ((await store.append(shared, [contested], exists ? lastRevision : 'no_stream')).ok) ids.push(contested.id)
    }
  })
  await within(Promise.all(writers), 'writers')
  return ids
}

const four = async ({ store, connect }: Harness): Promise<EventStore[]> => {
  const other = await connect()
  return [store, other, store, other]
}

export const readCases: readonly Case<Harness>[] = [
  {
    sentence: 'The bytes read are the bytes written, and so are id and type.',
    test: async (t, { store }) => {
      const stream = newStream()
      const start = await store.head()
      const contents = [
        new Uint8Array(0),
        Uint8Array.from({ length: 256 }, (_, byte) => byte),
        Uint8Array.from([0xff, 0xfe, 0xc0, 0x80, 0x00]),
        Buffer.from('\ufeff{ "b" :1,  "a":1.0e0, "文":"督办\\u7763\u0000" }\n'),
      ]
      const batch = contents.map((bytes, place) => ({ ...event('', `Type${place}`), bytes }))
      // A part of a larger buffer: what stands around it must not be stored.
      const around = new Uint8Array(100).fill(7)
      batch.push({ ...event('', 'Part'), bytes: around.subarray(10, 13) })
      won(await store.append(stream, batch, 'no_stream'))
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
          const added = { ...event('', 'Random'), bytes }
          won(await store.append(stream, [added], batch.length - 1))
          batch.push(added)
        }),
        { numRuns: 30 },
      )
      const view = ({ id, type, bytes }: Pick<StoredEvent, 'id' | 'type' | 'bytes'>) => [
        id,
        type,
        Buffer.from(bytes).toString('hex'),
      ]
      t.same((await store.readStream(stream)).events.map(view), batch.map(view), 'by stream')
      t.same((await readAll(store, start)).map(view), batch.map(view), 'by page')
    },
  },
  {
    sentence: 'A stream that does not exist reads as empty with `exists: false` and last revision -1.',
    test: async (t, { store }) => {
      const absent = { exists: false, lastRevision: -1, events: [] }
      t.same(await store.readStream(newStream()), absent)
      t.same(await store.readStream(newStream(), { from: 3, limit: 5 }), absent)
    },
  },
  {
    sentence:
      'A stream is read from a revision on, at most so many events, with the last revision of the whole stream.',
    test: async (t, { store }) => {
      const [stream, batch] = [newStream(), events(7)]
      await store.append(stream, batch, 'no_stream')
      const read = async (options: { from?: number; limit?: number }) => {
        const slice = await store.readStream(stream, options)
        t.same([slice.exists, slice.lastRevision], [true, 6])
        t.ok(slice.events.every((found) => found.stream === stream))
        return idsOf(slice.events)
      }
      const ids = idsOf(batch)
      t.same(await read({}), ids)
      t.same(await read({ from: 2 }), ids.slice(2))
      t.same(await read({ limit: 3 }), ids.slice(0, 3))
      t.same(await read({ from: 4, limit: 2 }), ids.slice(4, 6))
      t.same(await read({ from: 6, limit: 10 }), ids.slice(6))
      t.same(await read({ from: 7 }), [])
      t.same(await read({ from: 1_000 }), [])
    },
  },
  {
    sentence: 'What was acknowledged is read by every client from then on.',
    test: async (t, { store, connect }) => {
      const [stream, other] = [newStream(), await connect()]
      for (let revision = 0; revision < 20; revision++) {
        won(await store.append(stream, [event()], revision === 0 ? 'no_stream' : revision - 1))
        t.equal((await (revision % 2 ? other : store).readStream(stream)).lastRevision, revision)
      }
    },
  },
  {
    sentence: 'Events are read in the order of their commits, with strictly increasing positions.',
    test: async (t, harness) => {
      const { store } = harness
      const start = await store.head()
      const first = events(2)
      await store.append(newStream(), first, 'no_stream')
      await writeAtOnce(await four(harness), 8)
      const last = events(2)
      await store.append(newStream(), last, 'no_stream')
      const all = await readAll(store, start, 7)
      t.same(idsOf(all.slice(0, 2)), idsOf(first))
      t.same(idsOf(all.slice(-2)), idsOf(last))
      t.ok(
        all.every(
          ({ position }, place) => place === 0 || store.comparePositions(all[place - 1]!.position, position) < 0,
        ),
      )
      const revisions = new Map<string, number>()
      for (const { stream, revision } of all) {
        if (revision !== (revisions.get(stream) ?? -1) + 1) t.fail(`${stream} has ${revision} out of order`)
        revisions.set(stream, revision)
      }
    },
  },
  {
    sentence:
      'The position of an event is the same wherever it is told: by the append, the stream, the page and the head.',
    test: async (t, { store }) => {
      const stream = newStream()
      const start = await store.head()
      const { position } = won(await store.append(stream, events(3), 'no_stream'))
      const positions = (found: readonly StoredEvent[]) => found.map((read) => read.position)
      const byPage = positions(await readAll(store, start))
      t.same(positions((await store.readStream(stream)).events), byPage)
      t.equal(byPage.at(-1), position)
      t.equal(await store.head(), position)
      t.equal((await store.readAll(start, 10)).checkpoint, position)
    },
  },
  {
    sentence: 'Once a position has been read, nothing at or before it appears later, also while writers write.',
    test: async (t, harness) => {
      const { store } = harness
      const start = await store.head()
      let writing = true
      const written = writeAtOnce(await four(harness), 25).finally(() => {
        writing = false
      })
      const seen: string[] = []
      let checkpoint: Position | undefined = start
      for (;;) {
        const last = !writing
        const page = await within(store.readAll(checkpoint, 10), 'a page')
        seen.push(...idsOf(page.events))
        checkpoint = page.checkpoint
        if (last && page.atHead) break
        await new Promise((resolve) => setImmediate(resolve))
      }
      const acknowledged = await written
      t.same(seen, idsOf(await readAll(store, start)), 'read on the way as read at the end')
      t.same(sorted(seen), sorted(acknowledged))
    },
  },
  {
    sentence: 'Pages of any sizes, resumed from their checkpoints, never skip and never repeat.',
    test: async (t, { store }) => {
      const start = await store.head()
      const ids: string[] = []
      for (let round = 0; round < 12; round++) {
        const batch = events(1 + (round % 5))
        await store.append(newStream(), batch, 'no_stream')
        ids.push(...idsOf(batch))
      }
      await fc.assert(
        fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), async (sizes) => {
          const read: string[] = []
          for (let place = 0, checkpoint = start; ; place++) {
            const page = await store.readAll(checkpoint, sizes[place % sizes.length]!)
            read.push(...idsOf(page.events))
            checkpoint = page.checkpoint
            if (page.atHead) break
          }
          return JSON.stringify(read) === JSON.stringify(ids)
        }),
        { numRuns: 50 },
      )
      const [first] = (await store.readAll(start, 1)).events
      t.same(idsOf(await readAll(store, first!.position)), ids.slice(1), 'resumed from an event')
    },
  },
  {
    sentence: 'A page holds at most as many events as asked for, and says whether the end was reached.',
    test: async (t, { store }) => {
      const start = await store.head()
      await store.append(newStream(), events(5), 'no_stream')
      const page = await store.readAll(start, 3)
      t.same([page.events.length, page.atHead], [3, false])
      const rest = await store.readAll(page.checkpoint, 3)
      t.same([rest.events.length, rest.atHead], [2, true])
    },
  },
  {
    sentence: 'After the last event a page is empty, at the head, and keeps the checkpoint it was given.',
    test: async (t, { store }) => {
      const { position } = won(await store.append(newStream(), events(2), 'no_stream'))
      t.same(await store.readAll(position, 10), { events: [], checkpoint: position, atHead: true })
    },
  },
  {
    sentence: 'A store without events has no head, and its pages have no checkpoint.',
    test: async (t, { store, fresh }) => {
      if (!fresh) return 'this store had events before the test'
      t.equal(await store.head(), undefined)
      t.same(await store.readAll(undefined, 10), { events: [], checkpoint: undefined, atHead: true })
    },
  },
  {
    sentence: "Positions compare as their events follow each other, and only the store's own texts are positions.",
    test: async (t, { store }) => {
      const start = await store.head()
      for (let batch = 0; batch < 4; batch++) await store.append(newStream(), events(30), 'no_stream')
      const all = (await readAll(store, start)).map(({ position }) => position)
      t.equal(all.length, 120)
      for (let a = 0; a < all.length; a += 7)
        for (let b = 0; b < all.length; b++)
          if (Math.sign(store.comparePositions(all[a]!, all[b]!)) !== Math.sign(a - b))
            t.fail(`${all[a]} and ${all[b]}`)
      t.ok(all.every((position) => store.isPosition(position)))
      for (const text of ['', ' ', '-1', '1.5', 'x', 'null', '0x10', '9'.repeat(400), `${all[0]} `, `${all[0]}\n`])
        t.equal(store.isPosition(text), false, JSON.stringify(text))
    },
  },
]
