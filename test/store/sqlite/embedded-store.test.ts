import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { ClampedClock } from '../../../src/store/clock.ts'
import { decodeEnvelope } from '../../../src/store/envelope.ts'
import { Recorder } from '../../../src/store/recorder.ts'
import { assertDurable, assertSqliteVersion, openForWriting } from '../../../src/store/sqlite/connection.ts'
import { openEmbeddedReader, openEmbeddedStore } from '../../../src/store/sqlite/index.ts'
import { event, events, idsOf, recordedAt, won } from '../../contract/harness.ts'

t.beforeEach((t) => {
  t.context.directory = mkdtempSync(join(tmpdir(), 'duban-embedded-'))
})
t.afterEach((t) => rmSync(t.context.directory, { recursive: true }))

t.test('the settings durability rests on are read back: synchronous FULL, journal WAL', async (t) => {
  const path = join(t.context.directory, 'events.db')
  const db = openForWriting(path)
  t.equal(db.prepare('PRAGMA synchronous').get()!.synchronous, 2)
  t.equal(db.prepare('PRAGMA journal_mode').get()!.journal_mode, 'wal')
  assertDurable(db)
  for (const weaker of ['OFF', 'NORMAL']) {
    db.exec(`PRAGMA synchronous = ${weaker}`)
    t.throws(() => assertDurable(db), { code: 'internal', message: /synchronous/ }, weaker)
  }
  db.exec('PRAGMA synchronous = FULL; PRAGMA journal_mode = DELETE')
  t.throws(() => assertDurable(db), { code: 'internal', message: /journal_mode is delete/ })
  db.close()
})

t.test('a file that cannot be made durable is not opened', async (t) => {
  t.throws(() => openForWriting(':memory:'), { code: 'internal', message: /journal_mode is memory/ })
})

t.test('SQLite before 3.51.3, which can lose a committed transaction, is refused', async (t) => {
  for (const old of ['3.40.1', '3.51.2', '3.51', '3.9.9', '2.99.99'])
    t.throws(() => assertSqliteVersion(old), { code: 'sqlite-too-old', message: /3\.51\.3/ }, old)
  for (const good of ['3.51.3', '3.51.10', '3.53.4', '3.100.0', '4.0.0'])
    t.doesNotThrow(() => assertSqliteVersion(good), good)
})

t.test('appends take effect in the order in which they were handed over', async (t) => {
  const { store, log, close } = openEmbeddedStore(t.context.directory)
  const batches = Array.from({ length: 3_000 }, () => event())
  const results = batches.map((one, place) =>
    place % 2
      ? store.append(`case-${place}`, [one], 'no_stream')
      : store.append('case-same', [one], place ? place / 2 - 1 : 'no_stream'),
  )
  const indexes = (await Promise.all(results)).map((result) => won(result).index)
  t.same(
    indexes,
    batches.map((_, place) => place),
  )
  t.same(idsOf(log.read(0, 5_000)), idsOf(batches))
  await close()
})

t.test('appends that wait together are committed together: seen from beside, all of them at once', async (t) => {
  const { store, close } = openEmbeddedStore(t.context.directory)
  const reader = openEmbeddedReader(t.context.directory)
  const group = Array.from({ length: 64 }, (_, place) => store.append(`case-${place}`, events(2), 'no_stream'))
  t.equal(reader.log.size(), 0)
  await Promise.race(group)
  t.equal(reader.log.size(), 128)
  await Promise.all(group)
  await reader.close()
  await close()
})

t.test('in a group an append with a wrong revision fails alone, and later ones see the earlier', async (t) => {
  const { store, log, close } = openEmbeddedStore(t.context.directory)
  const [first, second] = [events(2), events(1)]
  const results = await Promise.all([
    store.append('case-1', first, 'no_stream'),
    store.append('case-1', [event()], 'no_stream'),
    store.append('case-2', [event()], 5),
    store.append('case-1', second, 1),
    store.append('case-1', first, 'no_stream'),
    store.append('case-1', [event()], 1),
  ])
  t.same(
    results.map((result) => (result.ok ? [result.revision, result.index, result.repeated] : result.actual)),
    [[1, 1, false], 1, 'no_stream', [2, 2, false], [1, 1, true], 2],
  )
  t.same(idsOf(log.read(0, 10)), idsOf([...first, ...second]))
  await close()
})

t.test(
  'recordedAt never decreases along the index, however many record at once and whatever the clock does',
  async (t) => {
    const { store, log, lastRecordedMs, close } = openEmbeddedStore(t.context.directory)
    const start = Date.parse('2026-03-01T00:00:00Z')
    const swing = [0, 3, 1, 2_000, -900, 5, 4_000, 10, 3_000, 7]
    let ticks = 0
    const clock = new ClampedClock(() => start + 100 * ticks + swing[ticks++ % swing.length]!, lastRecordedMs())
    const recorder = new Recorder(store, clock)
    const provenance = { organisation: 'o1', actor: { operator: true as const }, commandId: 'c1', requestMac: 'm1' }
    const draft = () => ({ id: event().id, type: 'Tested', version: 1, data: {} })
    const writers = Array.from({ length: 20 }, async (_, writer) => {
      for (let revision = 0; revision < 20; revision++)
        await recorder.record(`case-${writer}`, revision === 0 ? 'no_stream' : revision - 1, [draft()], provenance)
    })
    await Promise.all(writers)
    const recorded = log.read(0, 1_000).map(({ bytes }) => decodeEnvelope(bytes).recordedAt)
    t.equal(recorded.length, 400)
    t.same(recorded, [...recorded].sort())
    t.ok(new Set(recorded).size > 10, 'time went on')
    t.equal(lastRecordedMs(), Date.parse(recorded.at(-1)!))
    await close()
  },
)

t.test('the clock of a store opened again starts from its last recordedAt', async (t) => {
  const at = Date.parse('2026-03-01T00:00:00Z')
  const before = openEmbeddedStore(t.context.directory)
  t.equal(before.lastRecordedMs(), undefined)
  await before.store.append('case-1', [recordedAt(at), recordedAt(at - 5_000)], 'no_stream')
  await before.close()
  const after = openEmbeddedStore(t.context.directory)
  t.equal(after.lastRecordedMs(), at)
  await after.store.append('case-1', [recordedAt(at - 1_000)], 1)
  t.equal(after.log.sizeAt(at), 3, 'the running maximum goes on where it was')
  t.equal(after.log.sizeAt(at - 1), 0)
  await after.close()
})

t.test('a data directory is created with what it needs, for its owner only', async (t) => {
  const directory = join(t.context.directory, 'a', 'b')
  const { log, close } = openEmbeddedStore(directory)
  t.equal(log.size(), 0)
  await close()
  t.ok(existsSync(join(directory, 'events.db')))
})

t.test('a file that is no file of events is refused and left alone', async (t) => {
  const path = join(t.context.directory, 'events.db')
  const db = new DatabaseSync(path)
  db.exec('CREATE TABLE other (x); INSERT INTO other VALUES (1)')
  db.close()
  t.throws(() => openEmbeddedStore(t.context.directory), { code: 'store-format-unknown' })
  t.throws(() => openEmbeddedReader(t.context.directory), { code: 'store-format-unknown' })
  const again = new DatabaseSync(path)
  t.same({ ...again.prepare('SELECT x FROM other').get() }, { x: 1 })
  again.close()
  rmSync(path)
  writeFileSync(path, 'not a database at all, but long enough to be taken for one '.repeat(20))
  t.throws(() => openEmbeddedStore(t.context.directory), { code: 'store-format-unknown' })
})
