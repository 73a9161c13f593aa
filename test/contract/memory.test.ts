import { MemoryStore } from '../../src/store/memory.ts'
import { contractSuite, logSuite } from './suite.ts'

contractSuite('memory', async () => {
  const store = new MemoryStore()
  return { store, connect: async () => store, fresh: true, dispose: () => store.close() }
})

logSuite('memory', async () => {
  const store = new MemoryStore()
  return { store, log: store, settle: async () => {}, dispose: () => store.close() }
})
