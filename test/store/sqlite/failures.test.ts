import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, type DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { openForWriting } from '../../../src/store/sqlite/connection.ts'
import { EmbeddedStore, type EmbeddedStoreOptions } from '../../../src/store/sqlite/embedded-store.ts'
import { EventTable, prepareEventTables } from '../../../src/store/sqlite/event-table.ts'
import { openEmbeddedStore } from '../../../src/store/sqlite/index.ts'
import { event, idsOf, refusedWith, within, won } from '../../contract/harness.ts'
import { answerOf } from './children.ts'

t.beforeEach((t) => {
  t.context.directory = mkdtempSync(join(tmpdir(), 'duban-failures-'))
})
t.afterEach((t) => rmSync(t.context.directory, { recursive: true }))

/** A store whose connection the test can get at. */
function openStore(directory: string, options?: EmbeddedStoreOptions) {
  const db = openForWriting(join(directory, 'events.db'))
  prepareEventTables(db)
  const log = new EventTable(db)
  return { db, log, store: new EmbeddedStore(db, log, options) }
}

const pages = (db: DatabaseSync): number => Number(db.prepare('PRAGMA page_count').get()!.page_count)
/** From here on the file may grow by so many pages; a write beyond fails as on a full disk. */
const leaveRoom = (db: DatabaseSync, room: number): void => db.exec(`PRAGMA max_page_count = ${pages(db) + room}`)
const large = () => event('x'.repeat(50_000))

t.test(
  'a full disk refuses the whole group and stores nothing of it; reading stays; with space it goes on',
  async (t) => {
    const { db, log, store } = openStore(t.context.directory)
    const first = event('first')
    won(await store.append('case-1', [first], 'no_stream'))
    leaveRoom(db, 4)
    const group = [
      store.append('case-1', [event('small')], 0),
      store.append('case-2', [event('small'), large(), large()], 'no_stream'),
      store.append('case-1', [event('small')], 7),
    ]
    t.same(await Promise.all(group.map(refusedWith)), ['disk-full', 'disk-full', 'disk-full'])
    t.same(idsOf(log.read(0, 10)), [first.id])
    t.equal((await store.readStream('case-2')).exists, false)
    t.equal(await refusedWith(store.append('case-2', [large()], 'no_stream')), 'disk-full', 'still full')

    const small = event('small')
    t.same(won(await store.append('case-1', [small], 0)).index, 1, 'what fits is stored, at the next index')
    leaveRoom(db, 10_000)
    const bulk = [event('small'), large(), large()]
    t.same(won(await store.append('case-2', bulk, 'no_stream')).index, 4, 'without reopening')
    t.same(idsOf(log.read(0, 10)), idsOf([first, small, ...bulk]))
    t.same(
      log.read(0, 10).map(({ index }) => index),
      [0, 1, 2, 3, 4],
    )
    await store.close()
  },
)

t.test('revisions remembered from a group that failed are forgotten', async (t) => {
  const { db, store } = openStore(t.context.directory)
  await store.append('case-1', [event()], 'no_stream')
  leaveRoom(db, 4)
  const failed = [store.append('case-1', [event()], 0), store.append('case-new', [large(), large()], 'no_stream')]
  t.same(await Promise.all(failed.map(refusedWith)), ['disk-full', 'disk-full'])
  leaveRoom(db, 1_000)
  t.same(await store.append('case-1', [event()], 1), { ok: false, reason: 'wrong-revision', actual: 0 })
  t.equal(won(await store.append('case-1', [event()], 0)).revision, 1)
  t.equal(won(await store.append('case-new', [event()], 'no_stream')).revision, 0)
  await store.close()
})

t.test(
  'after an I/O error appends are refused until the store is opened again; reading stays; nothing is lost',
  async (t) => {
    const { directory } = t.context
    await openEmbeddedStore(directory).close()
    const answer = (await within(answerOf('until-error', directory, 600), 'an I/O error')) as {
      code: string
      acknowledged: number
      then: string[]
      lastRevision: number
      size: number
    }
    t.equal(answer.code, 'store-unavailable')
    t.same(answer.then, ['store-unavailable', 'store-unavailable'])
    t.ok(answer.acknowledged > 10, `${answer.acknowledged} appends before the limit`)
    t.same([answer.lastRevision, answer.size], [answer.acknowledged - 1, answer.acknowledged], 'reading stays')
    const { store, close } = openEmbeddedStore(directory)
    const slice = await store.readStream('load-0')
    t.ok(slice.lastRevision >= answer.acknowledged - 1, 'every acknowledged event is there')
    t.same(
      idsOf(slice.events),
      Array.from(slice.events, (_, revision) => `load-0@${revision}`),
    )
    // The outcome was not known: repeating the same ids settles it.
    const id = `load-0@${answer.acknowledged}`
    t.equal(
      won(await store.append('load-0', [{ ...event(), id }], answer.acknowledged - 1)).revision,
      answer.acknowledged,
    )
    await close()
  },
)

t.test('one failed commit is enough: the store goes on refusing appends though the next would succeed', async (t) => {
  const { db, log, store } = openStore(t.context.directory)
  const first = event()
  won(await store.append('case-1', [first], 'no_stream'))
  db.setAuthorizer((action) => (action === constants.SQLITE_INSERT ? constants.SQLITE_DENY : constants.SQLITE_OK))
  t.equal(await refusedWith(store.append('case-1', [event()], 0)), 'store-unavailable')
  db.setAuthorizer(null)
  t.equal(await refusedWith(store.append('case-1', [event()], 0)), 'store-unavailable')
  t.same(idsOf((await store.readStream('case-1')).events), [first.id])
  t.same(idsOf(log.read(0, 10)), [first.id])
  await store.close()
})

t.test(
  'beyond its bounds the queue refuses with store-busy, stores nothing of that append, and has room again later',
  async (t) => {
    const { log, store } = openStore(t.context.directory, { maxQueued: 3, maxQueuedBytes: 100_000 })
    const one = (name: string) => store.append(name, [event()], 'no_stream')
    const waiting = [one('case-1'), one('case-2'), one('case-3')]
    t.equal(await refusedWith(one('case-4')), 'store-busy')
    t.equal((await Promise.all(waiting)).filter(({ ok }) => ok).length, 3)
    t.equal(log.size(), 3)
    won(await one('case-4'))
    const first = store.append('case-5', [large()], 'no_stream')
    t.equal(await refusedWith(store.append('case-6', [large(), large()], 'no_stream')), 'store-busy', 'bytes count too')
    won(await first)
    t.equal((await store.readStream('case-6')).exists, false)
    won(await store.append('case-6', [large()], 'no_stream'))
    await store.close()
  },
)

t.test('what waits when the store is closed is committed first', async (t) => {
  const { directory } = t.context
  const { store } = openStore(directory)
  const waiting = Array.from({ length: 2_500 }, (_, place) => store.append(`case-${place}`, [event()], 'no_stream'))
  await store.close()
  t.equal((await Promise.all(waiting)).filter(({ ok }) => ok).length, 2_500)
  const again = openEmbeddedStore(directory)
  t.equal(again.log.size(), 2_500)
  await again.close()
})
