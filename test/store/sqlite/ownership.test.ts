import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openEmbeddedReader, openEmbeddedStore } from '../../../src/store/sqlite/index.ts'
import { event, events, idsOf, refusedWith, take, within, won } from '../../contract/harness.ts'
import { answerOf, startChild } from './children.ts'

t.beforeEach((t) => {
  t.context.directory = mkdtempSync(join(tmpdir(), 'duban-owner-'))
})
t.afterEach((t) => rmSync(t.context.directory, { recursive: true }))

const owned = { name: 'StoreError', code: 'store-owned-elsewhere', message: /in use by another process/ }

t.test('a second process is refused while the first lives, and gets the directory when it has closed', async (t) => {
  const { directory } = t.context
  const first = openEmbeddedStore(directory)
  t.equal(await answerOf('own', directory), 'store-owned-elsewhere')
  won(await first.store.append('case-1', [event()], 'no_stream'))
  await first.close()
  t.equal(await answerOf('own', directory), 'owned')
})

t.test('a second store in the same process is refused, and the refusal does not free the first', async (t) => {
  const { directory } = t.context
  const first = openEmbeddedStore(directory)
  t.throws(() => openEmbeddedStore(directory), owned)
  t.throws(() => openEmbeddedStore(directory), owned)
  t.equal(await answerOf('own', directory), 'store-owned-elsewhere')
  await first.close()
  await openEmbeddedStore(directory).close()
})

t.test('a process killed with SIGKILL gives the directory back', async (t) => {
  const { directory } = t.context
  const child = startChild('own', directory)
  t.same(await child.answers.next(), { value: 'owned', done: false })
  t.throws(() => openEmbeddedStore(directory), owned)
  await child.kill()
  await openEmbeddedStore(directory).close()
})

t.test('a store that could not be opened does not keep the directory', async (t) => {
  const { directory } = t.context
  const broken = join(directory, 'events.db')
  await openEmbeddedStore(directory).close()
  const { DatabaseSync } = await import('node:sqlite')
  const db = new DatabaseSync(broken)
  db.exec('PRAGMA user_version = 99')
  t.throws(() => openEmbeddedStore(directory), { code: 'store-format-unknown' })
  db.exec('PRAGMA user_version = 1')
  db.close()
  await openEmbeddedStore(directory).close()
})

t.test(
  'others read beside the owner, in another process and in the same, and see what is appended later',
  async (t) => {
    const { directory } = t.context
    const owner = openEmbeddedStore(directory)
    const [first, later] = [events(3), event()]
    await owner.store.append('case-1', first, 'no_stream')
    t.equal(await answerOf('read', directory), 3)
    const reader = openEmbeddedReader(directory, { pollMs: 5 })
    t.equal(reader.log.size(), 3)
    t.same(idsOf((await reader.store.readStream('case-1')).events), idsOf(first))
    const following = take(reader.store, undefined, 4)
    await owner.store.append('case-1', [later], 2)
    t.same(idsOf(await following), idsOf([...first, later]))
    t.equal(reader.log.size(), 4)
    const waiting = reader.store
      .subscribe(await owner.store.head(), new AbortController().signal)
      [Symbol.asyncIterator]()
    t.equal((await waiting.next()).value?.kind, 'caught-up')
    const next = waiting.next()
    await reader.close()
    t.equal((await within(next, 'the end')).done, true, 'closing ends a subscription that waits for its next look')
    await owner.close()
  },
)

t.test('a reader cannot append', async (t) => {
  const { directory } = t.context
  const owner = openEmbeddedStore(directory)
  const reader = openEmbeddedReader(directory)
  t.equal(await refusedWith(reader.store.append('case-1', [event()], 'no_stream')), 'internal')
  t.equal(owner.log.size(), 0)
  await reader.close()
  won(await owner.store.append('case-1', [event()], 'no_stream'))
  await owner.close()
})

t.test('a reader needs no owner, reads what a killed owner left, and does not own the directory', async (t) => {
  const { directory } = t.context
  const child = startChild('load', directory)
  t.equal((await child.answers.next()).done, false)
  await child.kill()
  const reader = openEmbeddedReader(directory)
  t.ok(reader.log.size() > 0)
  const owner = openEmbeddedStore(directory)
  t.equal(owner.log.size(), reader.log.size())
  await owner.close()
  await reader.close()
})

t.test('without events there is nothing to read', async (t) => {
  const missing = { code: 'data-directory-missing' }
  t.throws(() => openEmbeddedReader(t.context.directory), missing)
  t.throws(() => openEmbeddedReader(join(t.context.directory, 'absent')), missing)
})
