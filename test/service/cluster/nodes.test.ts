/**
 * Several service nodes on one cluster, as whole services: what holds with one node holds with several. Skipped, loudly, where no
 * PostgreSQL can be started for the vault that they share.
 */
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startPostgres } from '../../../scripts/postgres.ts'
import { createInstallation } from '../../../src/commands/initialise.ts'
import { DAY_MS } from '../../../src/domain/time.ts'
import { decodeEnvelope, encodeEnvelope } from '../../../src/store/envelope.ts'
import { personal, register, runChain } from '../../support/chain.ts'
import { contentsOf, startCluster, type TestCluster, until } from '../../support/cluster.ts'
import type { TestService } from '../../support/service.ts'

t.setTimeout(280_000)

const postgres = await startPostgres()

const typesOf = ({ service }: TestService, type: string) =>
  service.log
    .read(0, 1_000_000)
    .filter((event) => event.type === type)
    .map(({ bytes }) => decodeEnvelope(bytes))

/** Waits until every node has taken in what any of them has written. */
async function even(...nodes: TestService[]): Promise<number> {
  const size = Math.max(...nodes.map(({ service }) => service.log.size()))
  for (const { service } of nodes) {
    await until(() => service.log.size() >= size)
    await service.projections.catchUp()
    await service.board.caughtUp()
  }
  return size
}

async function same(t: Test, ...nodes: TestService[]): Promise<void> {
  const size = await even(...nodes)
  const [first, ...others] = await Promise.all(nodes.map((node) => contentsOf(node, size)))
  t.ok(Object.keys(first!).length > 5, 'tables were compared')
  for (const other of others) for (const [name, rows] of Object.entries(first!)) t.same(other[name], rows, name)
}

if ('missing' in postgres) t.pass('', { skip: `several nodes are not tested: ${postgres.missing}` })
else {
  t.teardown(() => postgres.stop())
  const two = async (t: Test): Promise<{ cluster: TestCluster; a: TestService; b: TestService }> => {
    const cluster = await startCluster(t, postgres)
    return { cluster, a: await cluster.node(), b: await cluster.node() }
  }

  t.test('a case begun on one node is worked on the other; people read their own writes on any', async (t) => {
    const { a, b } = await two(t)
    const opened = await register(a)
    t.equal(opened.status, 201, opened.text)
    const position = opened.headers['x-position']!
    const there = await b.call('reception', 'GET', `/api/v1/complaints/${opened.json.case}?atLeast=${position}`)
    t.equal(there.status, 200, there.text)
    t.equal(there.json.number, opened.json.number)
    t.match(there.text, personal.name, 'sealed by one node, opened by the other')
    const accepted = await b.call('centre-director', 'POST', `/api/v1/complaints/${opened.json.case}/accept`, {
      body: {},
      ifMatch: opened.json.revision,
    })
    t.equal(accepted.status, 200, accepted.text)
    const back = await a.call(
      'reception',
      'GET',
      `/api/v1/complaints/${opened.json.case}?atLeast=${accepted.headers['x-position']}`,
    )
    t.equal(back.json.revision, accepted.json.revision)
    const stale = await a.call('centre-director', 'POST', `/api/v1/complaints/${opened.json.case}/accept`, {
      body: {},
      ifMatch: opened.json.revision,
    })
    t.equal(stale.status, 412, 'a revision of before the other node wrote')
    await same(t, a, b)
  })

  t.test('evidence taken in by one node is given out by the other', async (t) => {
    const { a, b } = await two(t)
    const { json: opened } = await register(a)
    const url = `/api/v1/complaints/${opened.case}/evidence`
    const content = '%PDF-1.7 收据内容'
    const added = await a.call('reception', 'POST', url, {
      payload: `--x\r\ncontent-disposition: form-data; name="file"; filename="收据.pdf"\r\n\r\n${content}\r\n--x--\r\n`,
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      ifMatch: opened.revision,
    })
    t.equal(added.status, 200, added.text)
    await even(a, b)
    const history = await b.call('centre-director', 'GET', `/api/v1/complaints/${opened.case}/history`)
    const { sha256 } = history.json.events.find((event: { type: string }) => event.type === 'EvidenceAdded').data
    const there = await b.call('centre-director', 'GET', `${url}/${sha256}`)
    t.equal(there.status, 200)
    t.equal(there.text, content)
  })

  t.test('a position that is none is refused; one that is not here yet is waited for, bounded', async (t) => {
    const { cluster, a, b } = await two(t)
    const { json: opened } = await register(a)
    const url = `/api/v1/complaints/${opened.case}?atLeast=`
    for (const text of ['nonsense', '12', 'e-1', '9'.repeat(60)])
      t.match(await b.call('reception', 'GET', url + text), { status: 422, json: { code: 'invalid-request' } })
    await even(a, b)
    cluster.double.cues.silent = true
    const accept = { body: {}, ifMatch: opened.revision }
    const written = await a.call('centre-director', 'POST', `/api/v1/complaints/${opened.case}/accept`, accept)
    t.equal(written.status, 200, 'a node whose mirror is behind still knows what it wrote')
    const position = written.headers['x-position']
    t.match(await b.call('reception', 'GET', url + position), { status: 503, json: { code: 'behind' } })
    const later = b.call('reception', 'GET', url + position)
    cluster.double.cues.silent = false
    cluster.double.node.dropConnections()
    t.match(await later, { status: 200, json: { revision: written.json.revision } })
  })

  t.test('a whole chain that goes back and forth between the nodes are the same on both', async (t) => {
    const { a, b } = await two(t)
    let turn = 0
    const alternating: TestService = {
      ...a,
      service: a.service,
      app: a.app,
      async call(who, method, url, call) {
        await even(a, b)
        return (turn++ % 2 === 0 ? a : b).call(who, method, url, call)
      },
    }
    const { id } = await runChain(alternating, 'reply')
    t.ok(turn > 10)
    await even(a, b)
    const [one, other] = [a, b].map((node) => node.call('centre-director', 'GET', `/api/v1/complaints/${id}`))
    t.equal((await one!).status, 200)
    t.match((await one!).text, personal.matter)
    t.same((await one!).json, (await other!).json)
    await same(t, a, b)
  })

  t.test('the same request with one key on two nodes at once is one case, one number, and one answer', async (t) => {
    const { a, b } = await two(t)
    for (let round = 0; round < 8; round++) {
      const [one, other] = await Promise.all([register(a, {}, `key-${round}`), register(b, {}, `key-${round}`)])
      t.equal(one.status, 201, one.text)
      t.equal(other.status, 201, other.text)
      t.same(other.json, one.json, 'the same answer from both')
    }
    await even(a, b)
    t.equal(typesOf(a, 'ComplaintRegistered').length, 8)
    const reused = await register(b, { kind: 'other' }, 'key-0')
    t.equal(reused.status, 422)
    t.equal(reused.json.code, 'idempotency-key-reused')
    t.same((await register(b, {}, 'key-1')).json, (await register(a, {}, 'key-1')).json, 'and later, on either')
    await same(t, a, b)
  })

  t.test('numbers that two nodes give at once have no gaps and no doubles', async (t) => {
    const { a, b } = await two(t)
    const answers = await Promise.all(Array.from({ length: 16 }, (_, n) => register(n % 2 === 0 ? a : b)))
    t.same(
      answers.map(({ status }) => status),
      answers.map(() => 201),
    )
    const numbers = answers.map(({ json }) => Number(/(\d+)号$/.exec(json.number)![1])).sort((x, y) => x - y)
    t.same(
      numbers,
      numbers.map((_, place) => place + 1),
    )
    await even(a, b)
    t.equal(typesOf(b, 'NumberAllocated').length, 16)
    await same(t, a, b)
  })

  t.test('of two nodes that make one installation at once exactly one shows the token that counts', async (t) => {
    const cluster = await startCluster(t, postgres)
    const a = await cluster.node()
    const b = await cluster.node()
    const first = {
      code: 'FIRST',
      name: '第一县司法局',
      division: '990199',
      kind: 'county-bureau',
      administrator: '管理员',
    }
    const made = await Promise.allSettled([a, b].map(({ service }) => createInstallation(service, first)))
    const winners = made.filter((each) => each.status === 'fulfilled')
    t.equal(winners.length, 1)
    t.match(made.find((each) => each.status === 'rejected')?.reason, { code: 'token-shown-once' })
    await even(a, b)
    const { person, token, organisation } = winners[0]!.value
    t.equal(typesOf(a, 'TokenIssued').filter(({ stream }) => stream === `person-${person}`).length, 1)
    for (const { service } of [a, b]) t.match(service.authenticate(token), { person })
    t.equal(
      typesOf(b, 'OrganisationRegistered').filter(({ stream }) => stream === `organisation-${organisation}`).length,
      1,
    )
  })

  t.test('a token asked for under one key on two nodes at once is shown once', async (t) => {
    const { a, b } = await two(t)
    const url = `/api/v1/persons/${a.people.reader.id}/tokens`
    const answers = await Promise.all(
      [a, b].map((node) => node.call('administrator', 'POST', url, { body: {}, key: 'token' })),
    )
    t.same(answers.map(({ status }) => status).sort(), [201, 409], answers.map(({ text }) => text).join())
    t.equal(answers.find(({ status }) => status === 409)!.json.code, 'token-shown-once')
    const { token } = answers.find(({ status }) => status === 201)!.json
    await even(a, b)
    for (const { service } of [a, b]) t.match(service.authenticate(token), { person: a.people.reader.id })
  })

  t.test('reactors and sweepers on all nodes at once write each thing once', async (t) => {
    const { cluster, a, b } = await two(t)
    const c = await cluster.node()
    const nodes = [a, b, c]
    await register(a)
    await register(b)
    cluster.clock.ms += 60 * DAY_MS
    await even(...nodes)
    for (let round = 0; round < 3; round++) {
      await Promise.all(
        nodes.flatMap(({ service }) => [service.sweeper.sweep(), service.oversight.run(), service.numberReactor.run()]),
      )
      await even(...nodes)
    }
    const written = a.service.log.read(0, 1_000_000).map(({ bytes }) => decodeEnvelope(bytes))
    const byReactors = written.filter(({ actor }) => 'reactor' in actor)
    for (const type of ['DeadlineMissed', 'NumberAllocated'])
      t.ok(
        byReactors.some((event) => event.type === type),
        `${type} was written`,
      )
    t.equal(new Set(byReactors.map(({ id }) => id)).size, byReactors.length, 'no id twice')
    const what = byReactors.map(({ stream, type, data }) => JSON.stringify([stream, type, data]))
    t.equal(new Set(what).size, what.length, 'nothing twice')
    const size = a.service.log.size()
    for (const { service } of nodes) t.equal(await service.sweeper.sweep(), 0)
    t.equal(await even(...nodes), size, 'and later nothing more')
    await same(t, ...nodes)
  })

  t.test(
    'a restarted node goes on from its checkpoint, a new one builds itself and is ready when it is whole',
    async (t) => {
      const { cluster, a, b } = await two(t)
      for (let n = 0; n < 5; n++) await register(n % 2 === 0 ? a : b)
      await even(a, b)
      await b.close()
      const before = cluster.double.node.calls.read
      for (let n = 0; n < 3; n++) await register(a)
      const again = await cluster.node({ directory: b.directory, caughtUp: false })
      t.ok(again.service.log.size() >= a.service.log.size() - 8, 'it has what it had')
      await until(async () => (await again.call(undefined, 'GET', '/readyz')).status === 200)
      t.equal(again.service.log.size(), a.service.log.size())
      t.ok(cluster.double.node.calls.read > before)

      // A new node whose subscription delivers nothing yet is no node to be asked.
      cluster.double.cues.silent = true
      const fresh = await cluster.node({ caughtUp: false })
      const early = await fresh.call(undefined, 'GET', '/readyz')
      t.equal(early.status, 503, early.text)
      t.match(
        early.json.checks.find(({ name }: { name: string }) => name === 'read models'),
        { ok: false },
      )
      cluster.double.cues.silent = false
      cluster.double.node.dropConnections()
      await until(async () => (await fresh.call(undefined, 'GET', '/readyz')).status === 200)
      await same(t, a, again, fresh)

      // What is disposable is disposed of: the mirror, then the read models.
      await fresh.close()
      for (const suffix of ['', '-wal', '-shm']) rmSync(join(fresh.directory, `events.db${suffix}`), { force: true })
      const rebuilt = await cluster.node({ directory: fresh.directory })
      await same(t, a, rebuilt)
    },
  )

  t.test(
    'nodes of two versions count alike; the older one stops reading, says so, and writes what it knows',
    async (t) => {
      const { cluster, a, b } = await two(t)
      const opened = await register(a)
      const size = await even(a, b)
      const id = randomUUID()
      const at = new Date(cluster.clock.ms).toISOString()
      const later = encodeEnvelope({
        id,
        stream: `novelty-${id}`,
        revision: 0,
        type: 'SomethingLater',
        version: 1,
        recordedAt: at,
        effectiveAt: at,
        organisation: a.county.bureau,
        actor: { reactor: 'newer' },
        commandId: id,
        requestMac: '',
        data: {},
      })
      const result = await a.service.store.append(
        `novelty-${id}`,
        [{ id, type: 'SomethingLater', bytes: later }],
        'no_stream',
      )
      t.match(result, { ok: true, index: size }, 'it counts, whoever knows it')
      for (const node of [a, b]) {
        await until(() => node.service.log.size() > size)
        await until(async () => (await node.call(undefined, 'GET', '/readyz')).status === 503)
        const ready = await node.call(undefined, 'GET', '/readyz')
        t.match(
          ready.json.checks.find(({ name }: { name: string }) => name === 'read models'),
          {
            ok: false,
            detail: /SomethingLater/,
          },
        )
        const read = await node.call('reception', 'GET', `/api/v1/complaints/${opened.json.case}`)
        t.equal(read.status, 200, 'what was read until then is served')
      }
      const next = await register(b)
      t.equal(next.status, 201, next.text)
      t.equal(next.json.index > size, true)
      await until(() => a.service.log.size() === b.service.log.size())
      t.same(
        a.service.log.read(0, 1_000).map(({ index, id }) => [index, id]),
        b.service.log.read(0, 1_000).map(({ index, id }) => [index, id]),
      )
    },
  )
}
