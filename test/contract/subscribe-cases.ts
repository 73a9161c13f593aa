/** The contract's sentences about subscribing and closing. */
import { event, events, type Harness, idsOf, newStream, readAll, refusedWith, take, within, won } from './harness.ts'
import type { Case } from './suite.ts'

export const subscribeCases: readonly Case<Harness>[] = [
  {
    sentence:
      'A subscription delivers every event exactly once and in order, those stored before it and those stored while it runs.',
    test: async (t, { store, connect }) => {
      const start = await store.head()
      await store.append(newStream(), events(10), 'no_stream')
      const other = await connect()
      const reading = take(store, start, 10 + 4 * 50)
      const writers = [store, other, store, other].map(async (client) => {
        const stream = newStream()
        for (let round = 0; round < 50; round++)
          won(await client.append(stream, [event()], round === 0 ? 'no_stream' : round - 1))
      })
      await within(Promise.all(writers), 'writers')
      t.same(idsOf(await reading), idsOf(await readAll(store, start)))
    },
  },
  {
    sentence: 'A subscription resumes after any position without skipping or repeating.',
    test: async (t, { store }) => {
      const start = await store.head()
      for (let batch = 0; batch < 3; batch++) await store.append(newStream(), events(4), 'no_stream')
      const all = await readAll(store, start)
      for (const [place, { position }] of all.slice(0, -1).entries())
        t.same(
          idsOf(await take(store, position, all.length - place - 1)),
          idsOf(all.slice(place + 1)),
          `after event ${place}`,
        )
      const page = await store.readAll(start, 5)
      t.same(
        idsOf(await take(store, page.checkpoint, all.length - 5)),
        idsOf(all.slice(5)),
        "after a page's checkpoint",
      )
    },
  },
  {
    sentence: 'A subscription says that it is caught up once it has delivered everything stored, and not before.',
    test: async (t, { store }) => {
      const start = await store.head()
      const stream = newStream()
      await store.append(stream, events(3), 'no_stream')
      const ending = new AbortController()
      const seen: string[] = []
      const reading = (async () => {
        for await (const message of store.subscribe(start, ending.signal)) {
          seen.push(message.kind === 'event' ? message.event.id : 'caught-up')
          // Stored before the subscription can have said so: it has to deliver these first.
          if (seen.length === 3) await store.append(stream, events(3), 2)
          if (message.kind === 'caught-up') {
            t.equal(message.checkpoint, await store.head())
            return
          }
        }
      })()
      await within(reading, 'caught-up').finally(() => ending.abort())
      t.same(seen, [...idsOf((await store.readStream(stream)).events), 'caught-up'])
    },
  },
  {
    sentence: 'A subscription that waits delivers what is appended later.',
    test: async (t, { store, connect }) => {
      const start = await store.head()
      const [stream, later, other] = [newStream(), events(4), await connect()]
      const ending = new AbortController()
      const seen: string[] = []
      const reading = (async () => {
        for await (const message of store.subscribe(start, ending.signal)) {
          if (message.kind === 'event') seen.push(message.event.id)
          else if (seen.length < later.length)
            // Only once it waits, so one event at a time.
            setImmediate(() => {
              const revision = seen.length - 1
              void other.append(stream, [later[seen.length]!], revision < 0 ? 'no_stream' : revision)
            })
          if (seen.length === later.length) return
        }
      })()
      await within(reading, 'later events').finally(() => ending.abort())
      t.same(seen, idsOf(later))
    },
  },
  {
    sentence: 'A subscription ends when its signal aborts, also while it waits.',
    test: async (t, { store }) => {
      await store.append(newStream(), events(3), 'no_stream')
      const start = await store.head()
      const waiting = new AbortController()
      let messages = 0
      const reading = (async () => {
        for await (const message of store.subscribe(start, waiting.signal)) {
          messages++
          if (message.kind === 'caught-up') setImmediate(() => waiting.abort())
        }
      })()
      await within(reading, 'the end')
      t.equal(messages, 1)
      for await (const message of store.subscribe(undefined, AbortSignal.abort())) t.fail(`got ${message.kind}`)
      const inside = new AbortController()
      let delivered = 0
      for await (const message of store.subscribe(undefined, inside.signal)) {
        if (message.kind === 'event') delivered++
        inside.abort()
      }
      t.equal(delivered, 1, 'no more after the abort')
    },
  },
  {
    sentence: 'A subscriber that stands still holds up neither writers nor other subscribers.',
    test: async (t, { store }) => {
      const start = await store.head()
      const ending = new AbortController()
      const still = store.subscribe(start, ending.signal)[Symbol.asyncIterator]()
      const stream = newStream()
      await store.append(stream, [event()], 'no_stream')
      await within(Promise.resolve(still.next()), 'its first event')
      for (let revision = 0; revision < 300; revision++)
        won(await within(store.append(stream, [event()], revision), 'a writer'))
      t.equal((await take(store, start, 301)).length, 301)
      const rest: string[] = []
      for (let message = await still.next(); rest.length < 300 && !message.done; message = await still.next()) {
        if (message.value.kind === 'event') rest.push(message.value.event.id)
        if (rest.length === 300) break
      }
      ending.abort()
      t.same(rest, idsOf((await store.readStream(stream, { from: 1 })).events), 'and it loses nothing itself')
    },
  },
  {
    sentence: 'Closing ends the subscriptions, and what is asked later is refused with `store-unavailable`.',
    test: async (t, { store }) => {
      const { position } = won(await store.append(newStream(), [event()], 'no_stream'))
      let caughtUp = () => {}
      const waiting = new Promise<void>((resolve) => {
        caughtUp = resolve
      })
      const reading = (async () => {
        for await (const message of store.subscribe(position, new AbortController().signal))
          if (message.kind === 'caught-up') caughtUp()
      })()
      await within(waiting, 'caught-up')
      await store.close()
      await within(reading, 'the end of the subscription')
      await store.close()
      t.equal(await refusedWith(store.append(newStream(), [event()], 'no_stream')), 'store-unavailable')
      t.equal(await refusedWith(store.readStream(newStream())), 'store-unavailable')
      t.equal(await refusedWith(store.readAll(undefined, 1)), 'store-unavailable')
      t.equal(await refusedWith(store.head()), 'store-unavailable')
    },
  },
]
