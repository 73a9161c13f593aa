import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { makePrivate } from '../../src/store/private-file.ts'
import { openForWriting } from '../../src/store/sqlite/connection.ts'
import { startService } from '../support/service.ts'

const modeOf = (path: string): number => statSync(path).mode & 0o777

t.test('every file of a data directory is for its owner only, whatever the umask', async (t) => {
  const umask = process.umask(0)
  t.teardown(() => process.umask(umask))
  const service = await startService(t)
  service.service.board.start()
  service.service.search.start()
  await service.service.board.caughtUp()
  const files = () =>
    readdirSync(service.directory, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
  const open = files()
  for (const name of ['events.db', 'readmodels.db', 'board.db', 'search.db'])
    t.ok(open.includes(join(service.directory, name)), name)
  for (const path of open) t.equal(modeOf(path), 0o600, path)
})

t.test('a file left readable is closed to others when it is opened, and those beside it', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'duban-private-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'events.db')
  openForWriting(path).close()
  chmodSync(path, 0o644)
  const db = openForWriting(path)
  db.exec('CREATE TABLE one (x)')
  for (const name of readdirSync(directory)) t.equal(modeOf(join(directory, name)), 0o600, name)
  db.close()
  makePrivate(join(directory, 'nowhere', 'events.db'))
  t.throws(() => openForWriting(join(directory, 'nowhere', 'events.db')), { code: 'store-unavailable' })
})
