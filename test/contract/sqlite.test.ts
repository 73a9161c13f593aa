import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedStore } from '../../src/store/sqlite/index.ts'
import { contractSuite, logSuite } from './suite.ts'

contractSuite('sqlite', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'duban-contract-'))
  let embedded = openEmbeddedStore(directory)
  return {
    store: embedded.store,
    connect: async () => embedded.store,
    reopen: async () => {
      await embedded.close()
      embedded = openEmbeddedStore(directory)
      return embedded.store
    },
    fresh: true,
    dispose: async () => {
      await embedded.close()
      rmSync(directory, { recursive: true })
    },
  }
})

logSuite('sqlite', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'duban-contract-'))
  const embedded = openEmbeddedStore(directory)
  return {
    store: embedded.store,
    log: embedded.log,
    settle: async () => {},
    dispose: async () => {
      await embedded.close()
      rmSync(directory, { recursive: true })
    },
  }
})
