/**
 * The contract on the cluster's adapter: against the scripted double, and, where EVENTSTORE_URL is set
 * (`npm run test:store`), against that server too.
 */
import t from 'tap'
import { ClusterStore } from '../../src/store/eventstoredb/store.ts'
import { parseClusterUrl } from '../../src/store/eventstoredb/url.ts'
import { EventStoreDouble } from '../support/eventstoredb-double/index.ts'
import { contractSuite } from './suite.ts'

/** A harness on a cluster that is there already. */
function harnessOn(url: string, fresh: boolean, stop: () => void) {
  const address = parseClusterUrl(url)
  const stores: ClusterStore[] = []
  const open = () => {
    const store = new ClusterStore({ address })
    stores.push(store)
    return store
  }
  return {
    store: open(),
    connect: async () => open(),
    reopen: async () => {
      for (const store of stores) await store.close()
      return open()
    },
    fresh,
    dispose: async () => {
      for (const store of stores) await store.close()
      stop()
    },
  }
}

contractSuite('eventstoredb double', async () => {
  const double = await EventStoreDouble.start()
  return harnessOn(double.url, true, () => double.stop())
})

const url = process.env.EVENTSTORE_URL
if (url) contractSuite('eventstoredb server', async () => harnessOn(url, false, () => {}))
else
  t.test('eventstoredb server', async (t) => t.pass('', { skip: 'EVENTSTORE_URL is not set: no real server tested' }))
