import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { INSTALLATION_FILE, readInstallation, writeInstallation } from '../../src/store/installation.ts'
import { openEmbeddedReader, openEmbeddedStore } from '../../src/store/sqlite/index.ts'
import { event, idsOf, refusedWith } from '../contract/harness.ts'

const moved = {
  to: 'esdb://node1:2113',
  at: '2026-03-01T10:00:00+08:00',
  move: '5f3c0a52-6a0e-4f5c-9c1c-0d0a3d1b7f11',
}

t.beforeEach((t) => {
  t.context.directory = mkdtempSync(join(tmpdir(), 'duban-installation-'))
})
t.afterEach((t) => rmSync(t.context.directory, { recursive: true }))

t.test('a directory without a mark is neither demo nor moved', async (t) => {
  t.same(readInstallation(t.context.directory), {})
})

t.test('the mark is read as it was written, and only its owner may read it', async (t) => {
  const { directory } = t.context
  for (const mark of [{}, { demo: true as const }, { moved }, { demo: true as const, moved }]) {
    writeInstallation(directory, mark)
    t.same(readInstallation(directory), mark)
  }
  t.equal(statSync(join(directory, INSTALLATION_FILE)).mode & 0o777, 0o600)
  t.same(readdirSync(directory), [INSTALLATION_FILE], 'no draft is left')
})

t.test('a damaged mark is an error and never passes for "not moved"', async (t) => {
  const path = join(t.context.directory, INSTALLATION_FILE)
  for (const text of [
    '',
    '{',
    '[]',
    '{"moved":true}',
    '{"moved":{"to":"x","at":"yesterday"}}',
    '{"demo":false}',
    '{"mvoed":{}}',
  ]) {
    writeFileSync(path, text)
    t.throws(() => readInstallation(t.context.directory), { code: 'internal' }, text)
    t.throws(() => openEmbeddedStore(t.context.directory), { code: 'internal' }, text)
  }
})

t.test('an invalid mark is not written over a valid one', async (t) => {
  const { directory } = t.context
  writeInstallation(directory, { moved })
  const before = readFileSync(join(directory, INSTALLATION_FILE))
  t.throws(() => writeInstallation(directory, { moved: { ...moved, to: '', at: 'x' } }))
  t.same(readFileSync(join(directory, INSTALLATION_FILE)), before)
})

t.test('a directory marked as moved refuses appends with data-directory-moved, and is still read', async (t) => {
  const { directory } = t.context
  const [first, second] = [event(), event()]
  const before = openEmbeddedStore(directory)
  await before.store.append('case-1', [first], 'no_stream')
  await before.close()
  writeInstallation(directory, { moved })
  const after = openEmbeddedStore(directory)
  t.same(after.installation, { moved })
  t.equal(await refusedWith(after.store.append('case-1', [second], 0)), 'data-directory-moved')
  t.same(idsOf((await after.store.readStream('case-1')).events), [first.id])
  t.equal(after.log.size(), 1)
  await after.close()
  const reader = openEmbeddedReader(directory)
  t.same(reader.installation, { moved })
  await reader.close()
})
