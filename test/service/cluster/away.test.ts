/**
 * What a service node does without its cluster, without its vault, and without either, at the start and later: it serves reads, refuses
 * what it cannot do with a clear problem, and recovers by itself. Skipped, loudly, where no PostgreSQL can be started.
 */
import t, { type Test } from 'tap'
import { startPostgres } from '../../../scripts/postgres.ts'
import { personal, register } from '../../support/chain.ts'
import { startCluster, until } from '../../support/cluster.ts'
import type { Answer, TestService } from '../../support/service.ts'

t.setTimeout(280_000)

const postgres = await startPostgres()

const readyz = (node: TestService) => node.call(undefined, 'GET', '/readyz')
const check = (answer: Answer, name: string) =>
  answer.json.checks.find((each: { name: string }) => each.name === name) as { ok: boolean; detail: string }
const read = (node: TestService, id: string) => node.call('reception', 'GET', `/api/v1/complaints/${id}`)
/** A command that seals nothing. */
const accept = (node: TestService, id: string, ifMatch: number) =>
  node.call('centre-director', 'POST', `/api/v1/complaints/${id}/accept`, { body: {}, ifMatch })

if ('missing' in postgres) t.pass('', { skip: `a vault or cluster that is away is not tested: ${postgres.missing}` })
else {
  t.teardown(() => postgres.stop())

  const refusedForVault = (t: Test, answer: Answer) => {
    t.equal(answer.status, 503, answer.text)
    t.equal(answer.json.code, 'vault-unavailable')
  }
  const unavailable = (t: Test, answer: Answer) => {
    t.equal(answer.status, 200, answer.text)
    t.match(answer.text, /"unavailable":true/)
    t.notMatch(answer.text, /"erased"/, 'never as erased')
    t.notMatch(answer.text, personal.name)
  }

  t.test(
    'the vault goes away later: reads go on without sealed fields, what seals is refused, the rest is done',
    async (t) => {
      const cluster = await startCluster(t, postgres)
      const node = await cluster.node()
      const { json: opened } = await register(node)
      t.match((await read(node, opened.case)).text, personal.name)
      await cluster.vault.shut()
      unavailable(t, await read(node, opened.case))
      refusedForVault(t, await register(node))
      const ready = await readyz(node)
      t.equal(ready.status, 503)
      t.match(check(ready, 'vault'), { ok: false })
      const accepted = await accept(node, opened.case, opened.revision)
      t.equal(accepted.status, 200, 'nothing in it is sealed')
      const size = node.service.log.size()
      refusedForVault(t, await register(node, {}, 'later'))
      t.equal(node.service.log.size(), size, 'a refusal records nothing')
      await cluster.vault.open()
      await until(async () => (await readyz(node)).status === 200)
      t.match((await read(node, opened.case)).text, personal.name)
      t.equal((await register(node, {}, 'later')).status, 201, 'the same request, now taken')
    },
  )

  t.test('the vault is away at the start: the node starts, serves, refuses, and recovers', async (t) => {
    const cluster = await startCluster(t, postgres)
    const first = await cluster.node()
    const { json: opened } = await register(first)
    await first.close()
    await cluster.vault.shut()
    for (const directory of [first.directory, undefined]) {
      const node = await cluster.node(directory === undefined ? {} : { directory })
      unavailable(t, await read(node, opened.case))
      refusedForVault(t, await register(node))
      refusedForVault(t, await accept(node, opened.case, opened.revision))
      t.match(check(await readyz(node), 'vault'), { ok: false })
      await cluster.vault.open()
      await until(async () => (await readyz(node)).status === 200)
      t.match((await read(node, opened.case)).text, personal.name)
      t.equal((await register(node)).status, 201)
      t.equal(node.service.vaultAlarms(), 0, 'being away is no tampering')
      await node.close()
      await cluster.vault.shut()
    }
  })

  t.test('a new node that finds an empty vault and a cluster with events makes no second vault', async (t) => {
    const cluster = await startCluster(t, postgres)
    const other = await startCluster(t, postgres)
    const node = await cluster.node()
    const { json: opened } = await register(node)
    const lost = await cluster.node({ vaultUrl: other.vaultUrl })
    t.match(check(await readyz(lost), 'vault'), { ok: false, detail: /missing/ })
    unavailable(t, await read(lost, opened.case))
    refusedForVault(t, await register(lost))
  })

  t.test(
    'the cluster goes away later: reads go on, writes are refused, and both come back by themselves',
    async (t) => {
      const cluster = await startCluster(t, postgres)
      const node = await cluster.node()
      const { json: opened } = await register(node)
      t.equal((await readyz(node)).status, 200)
      cluster.double.node.kill()
      await until(async () => (await readyz(node)).status === 503)
      const ready = await readyz(node)
      t.match(check(ready, 'store'), { ok: false, detail: 'store-unavailable' })
      t.match((await read(node, opened.case)).text, personal.name)
      const list = await node.call('reception', 'GET', '/api/v1/complaints')
      t.equal(list.status, 200)
      const from = performance.now()
      const refused = await register(node, {}, 'once')
      t.equal(refused.status, 503, refused.text)
      t.equal(refused.json.code, 'store-unavailable')
      t.match(refused.json, { title: /存储/, detail: /./ })
      t.ok(performance.now() - from < 15_000, 'bounded')
      await cluster.double.node.start()
      await until(async () => (await readyz(node)).status === 200)
      const taken = await register(node, {}, 'once')
      t.equal(taken.status, 201, taken.text)
      t.match((await read(node, taken.json.case)).text, personal.name)
    },
  )

  t.test('the cluster is away at the start: the node serves what it has, and catches up when it comes', async (t) => {
    const cluster = await startCluster(t, postgres)
    const [node, other] = [await cluster.node(), await cluster.node()]
    const { json: opened } = await register(node)
    await node.close()
    const { json: meanwhile } = await register(other)
    cluster.double.node.kill()
    const again = await cluster.node({ directory: node.directory, caughtUp: false })
    await again.service.projections.catchUp()
    t.match((await read(again, opened.case)).text, personal.name)
    t.equal((await readyz(again)).status, 503)
    t.equal((await register(again)).json.code, 'store-unavailable')
    await cluster.double.node.start()
    await until(async () => (await readyz(again)).status === 200)
    t.match((await read(again, meanwhile.case)).text, personal.name)
    t.equal((await register(again)).status, 201)
  })

  t.test('a node whose mirror is not the cluster’s writes nothing', async (t) => {
    const [cluster, other] = [await startCluster(t, postgres), await startCluster(t, postgres)]
    const node = await cluster.node()
    await (await other.node()).close()
    await node.close()
    const stray = await other.node({ directory: node.directory, caughtUp: false })
    await stray.service.projections.catchUp()
    await until(
      async () => !check(await readyz(stray), 'log').ok && /cluster/.test(check(await readyz(stray), 'log').detail),
    )
    const refused = await stray.service.store
      .append(
        'novelty-1',
        [{ id: '00000000-0000-4000-8000-000000000009', type: 'X', bytes: Buffer.from('{}') }],
        'no_stream',
      )
      .catch((error: unknown) => error)
    t.match(refused, { code: 'mirror-diverged' })
  })
}
