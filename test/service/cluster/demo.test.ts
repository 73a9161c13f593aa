/** The demonstration county in a cluster, and the terminal beside a node: nothing but the address is different. */
import { join } from 'node:path'
import t from 'tap'
import { createDemo, demoTokens } from '../../../src/demo/index.ts'
import { openService } from '../../../src/service.ts'
import { EventStoreDouble } from '../../support/eventstoredb-double/index.ts'
import { inProcess } from '../../support/served.ts'
import { temporaryDirectory } from '../../support/service.ts'

t.setTimeout(280_000)

t.test('a demo lives in an empty cluster, the same county as in a file; another one there is refused', async (t) => {
  const double = await EventStoreDouble.start()
  t.teardown(() => double.stop())
  const county = { offices: 2, complaints: 12, years: 0.1, until: '2026-06-30' } as const
  const made = async (clusterUrl?: string) => {
    const directory = temporaryDirectory(t)
    const where = { directory, masterKeyFile: join(directory, 'master.key'), clusterUrl }
    return { where, made: await createDemo({ ...where, ...county }) }
  }
  // Two appends answered too late: what a slow cluster does to a generator.
  double.cues.appends.push('break-before-commit', 'lose-answer')
  const [inFile, inCluster] = [await made(), await made(double.url)]
  t.same(inCluster.made, inFile.made)
  await t.rejects(made(double.url), { code: 'cluster-not-empty' })

  const node = await openService({ ...inCluster.where, evidenceLimit: 0 })
  t.teardown(() => node.close())
  await node.caughtUp()
  const file = await openService({ ...inFile.where, evidenceLimit: 0 })
  const ids = (service: typeof node) =>
    service.log
      .read(0, 100_000)
      .map(({ id }) => id)
      .sort()
  t.same(ids(node), ids(file), 'the same events')
  await file.close()
  for (const { token } of await demoTokens(node)) t.ok(node.authenticate(token))

  const { directory } = inCluster.where
  const asked = await inProcess(['list', '--limit', '3', '--json', '--data', directory], { EVENTSTORE_URL: double.url })
  t.equal(asked.code, 0, asked.stderr)
  t.ok(asked.json)
  const written = await inProcess(['token', 'nobody', '--data', directory], { EVENTSTORE_URL: double.url })
  t.match(written.stderr, /store-owned-elsewhere/, 'who writes asks the node')
})
