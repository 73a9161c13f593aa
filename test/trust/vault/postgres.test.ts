/** The vault on PostgreSQL: what several nodes share. Skipped, loudly, where no server can be started. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import t, { type Test } from 'tap'
import { startPostgres } from '../../../scripts/postgres.ts'
import type { SealCategory } from '../../../src/domain/sealed.ts'
import { SubjectClosed, VaultUnavailable } from '../../../src/trust/ports.ts'
import { openPostgresVault, PostgresVaultRows } from '../../../src/trust/vault/postgres.ts'
import type { VaultAlarm } from '../../../src/trust/vault/vault.ts'
import { Gate } from '../../support/gate.ts'
import { TODAY, temporaryDirectory } from '../temporary.ts'

const place = { event: 'e1', stream: 'complaint-1', path: ['complainant', 'name'] }
const field = (text: string, subject = 's1', category: SealCategory = 'identity') => ({
  ...place,
  subject,
  category,
  text,
})

const server = await startPostgres()

if ('missing' in server) t.pass('', { skip: `the vault on PostgreSQL is not tested: ${server.missing}` })
else {
  t.teardown(() => server.stop())
  let databases = 0

  /** SQL as an administrator would run it. */
  const beside = async (url: string, sql: string, ...values: unknown[]) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      return (await client.query(sql, values)).rows as Record<string, unknown>[]
    } finally {
      await client.end()
    }
  }

  /** A database of its own, and nodes that share it and the master key. */
  const cluster = async (t: Test) => {
    const name = `vault_${databases++}`
    await beside(server.url, `CREATE DATABASE ${name}`)
    const url = server.url.replace(/\/postgres$/, `/${name}`)
    const masterKeyFile = join(temporaryDirectory(t), 'master.key')
    const alarms: VaultAlarm[] = []
    const node = async (more: { url?: string; timeoutMs?: number; mayCreate?: () => Promise<boolean> } = {}) => {
      const vault = await openPostgresVault({
        url,
        masterKeyFile,
        now: () => TODAY,
        random: randomBytes,
        onTamper: (alarm) => alarms.push(alarm),
        ...more,
      })
      t.teardown(() => vault.close())
      return vault
    }
    return { url, node, alarms }
  }

  t.test("two nodes read each other's sealed fields, at once and after a restart", async (t) => {
    const { node, alarms } = await cluster(t)
    const [a, b] = [await node(), await node()]
    const [fromA] = await a.seal([field('张三')])
    const [fromB] = await b.seal([field('李四', 's2'), field('王五')])
    t.same(await b.open([{ ...place, cipher: fromA! }]), ['张三'])
    t.same(await a.open([{ ...place, cipher: fromB! }]), ['李四'])
    t.equal(a.mac('request', 'x'), b.mac('request', 'x'))
    const sealed = await a.sealBytes('s1', 'evidence', Buffer.from('文件'))
    t.same(await b.openBytes('s1', 'evidence', sealed), Buffer.from('文件'))
    t.same(await (await node()).open([{ ...place, cipher: fromA! }]), ['张三'])
    t.same(alarms, [])
  })

  t.test('nodes that seal for the same subjects at once share one key for each', async (t) => {
    const { node, url } = await cluster(t)
    const first = await node()
    const nodes = [first, ...(await Promise.all([node(), node()]))]
    const subjects = Array.from({ length: 40 }, (_, place) => `s${place}`)
    const sealed = await Promise.all(
      nodes.map((vault, place) =>
        vault.seal((place % 2 ? subjects.toReversed() : subjects).map((subject) => field(`${place}`, subject))),
      ),
    )
    t.equal(new Set(sealed.flat().map(({ kid }) => kid)).size, 40)
    const [count] = await beside(url, 'SELECT count(*)::int AS keys FROM duban_vault.dek')
    t.equal(count!.keys, 40)
    for (const vault of nodes)
      t.same(await vault.open(sealed[1]!.map((cipher) => ({ ...place, cipher }))), Array(40).fill('1'))
  })

  t.test('a key is durable before what it sealed is answered', async (t) => {
    const { node, url } = await cluster(t)
    const vault = await node()
    const [cipher] = await vault.seal([field('张三')])
    await vault.remember('o1', 's1', [{ kind: 'phone', value: '13800000000' }])
    await server.crash()
    await server.start()
    t.same(await vault.open([{ ...place, cipher: cipher! }]), ['张三'], 'the same connection pool recovers')
    t.same(await (await node()).open([{ ...place, cipher: cipher! }]), ['张三'])
    t.match(await vault.find('o1', [{ kind: 'phone', value: '13800000000' }]), [{ subject: 's1' }])
    const [settings] = await beside(url, `SELECT current_setting('fsync') AS fsync`)
    t.equal(settings!.fsync, 'on')
  })

  t.test('a server that does not flush is refused', async (t) => {
    const { url, node } = await cluster(t)
    await node()
    await beside(url, `ALTER SYSTEM SET fsync = off`)
    await beside(url, `SELECT pg_reload_conf()`)
    t.teardown(async () => {
      await beside(url, `ALTER SYSTEM RESET fsync`)
      await beside(url, `SELECT pg_reload_conf()`)
    })
    await t.rejects(
      async () => {
        // The setting reaches the server's processes a moment after the signal.
        for (;;) await (await PostgresVaultRows.at({ url }).prepared()).close()
      },
      { code: 'vault-unavailable', message: /fsync=off/ },
    )
  })

  t.test('a vault that another program laid out later is refused', async (t) => {
    const { url, node } = await cluster(t)
    await node()
    await beside(url, 'UPDATE duban_vault.format SET version = 2')
    await t.rejects(node(), { code: 'vault-unavailable', message: /newer program/ })
  })

  t.test('restricted and destroyed subjects are the same on every node, at once', async (t) => {
    const { node, url, alarms } = await cluster(t)
    const [a, b] = [await node(), await node()]
    const [restricted, destroyed] = await a.seal([field('张三', 's1'), field('李四', 's2')])
    await b.open([{ ...place, cipher: restricted! }])
    await beside(url, `UPDATE duban_vault.subject SET state = 'restricted' WHERE id = 's1'`)
    await beside(
      url,
      `WITH gone AS (DELETE FROM duban_vault.dek WHERE subject = 's2' RETURNING kid, subject)
        INSERT INTO duban_vault.tombstone SELECT kid, subject, '2026-03-02T01:00:00.000Z', '第十九条', 'e9', '' FROM gone`,
    )
    await beside(url, `UPDATE duban_vault.subject SET state = 'destroyed' WHERE id = 's2'`)
    for (const vault of [a, b]) {
      t.match(await vault.open([restricted!, destroyed!].map((cipher) => ({ ...place, cipher }))), [
        { withheld: true },
        { erased: true, basis: '第十九条' },
      ])
      await t.rejects(vault.seal([field('again', 's1')]), SubjectClosed)
      await t.rejects(vault.seal([field('again', 's2', 'contact')]), { code: 'subject-destroyed' })
      await t.rejects(vault.remember('o1', 's1', [{ kind: 'phone', value: '13800000000' }]), SubjectClosed)
    }
    t.same(alarms, [])
  })

  t.test('while the vault is away sealed fields are unavailable, and sealing is refused', async (t) => {
    const { node, url, alarms } = await cluster(t)
    const gate = await Gate.to(Number(new URL(url).port))
    t.teardown(() => gate.shut())
    const vault = await node({ url: gate.through(url), timeoutMs: 400 })
    const [cipher] = await vault.seal([field('张三')])
    const reads = () => vault.open([{ ...place, cipher: cipher! }])
    const refusals = async () => {
      t.same(await reads(), [{ unavailable: true }])
      await t.rejects(vault.seal([field('李四', 's2')]), VaultUnavailable)
      await t.rejects(vault.seal([field('again')]), VaultUnavailable, 'also under a key that is in memory')
      await t.rejects(vault.remember('o1', 's2', [{ kind: 'phone', value: '13800000000' }]), VaultUnavailable)
      await t.rejects(vault.find('o1', [{ kind: 'phone', value: '13800000000' }]), VaultUnavailable)
      t.match(await vault.ready(), { ok: false })
    }
    gate.mute = true
    await refusals()
    await gate.shut()
    await refusals()
    t.same(alarms, [], 'being away is no tampering')
    await gate.open()
    t.same(await reads(), ['张三'], 'and it comes back by itself')
    t.match(await vault.ready(), { ok: true })
  })

  t.test('a vault that is away at the start opens all the same, and unlocks itself when it comes', async (t) => {
    const { node, url, alarms } = await cluster(t)
    const [cipher] = await (await node()).seal([field('张三')])
    const gate = await Gate.to(Number(new URL(url).port))
    t.teardown(() => gate.shut())
    await gate.shut()
    const vault = await node({ url: gate.through(url), timeoutMs: 400 })
    const { ok, detail } = await vault.ready()
    t.equal(ok, false)
    t.notMatch(detail, new URL(url).password, 'its password is not told')
    t.same(await vault.open([{ ...place, cipher: cipher! }]), [{ unavailable: true }])
    await t.rejects(vault.seal([field('李四', 's2')]), VaultUnavailable)
    t.throws(() => vault.mac('request', 'x'), VaultUnavailable)
    t.same(alarms, [], 'being away is no tampering')
    await gate.open()
    while (!(await vault.ready()).ok) await new Promise((resolve) => setTimeout(resolve, 20))
    t.same(await vault.open([{ ...place, cipher: cipher! }]), ['张三'])
    t.equal(vault.mac('request', 'x'), (await node()).mac('request', 'x'))
    await vault.close()
  })

  t.test('what waiting does not cure is refused at the start, and the password is not told', async (t) => {
    const { node, url } = await cluster(t)
    const wrong = url.replace(/:[^:@]+@/, ':s3cret@')
    const error = await node({ url: wrong }).catch((refused: unknown) => refused)
    t.match(error, { code: 'vault-unavailable', passing: false })
    t.notMatch(String(error), /s3cret/)
    t.match(await node({ url: url.replace(/vault_\d+$/, 'nowhere') }).catch((refused: unknown) => refused), {
      code: 'vault-unavailable',
    })
  })

  t.test('an empty vault of an installation that has events is not made anew', async (t) => {
    const { node } = await cluster(t)
    const vault = await node({ mayCreate: async () => false })
    t.match(await vault.ready(), { ok: false, detail: /missing/ })
    await t.rejects(vault.seal([field('张三')]), VaultUnavailable)
    await vault.close()
    const unsure = await node({ mayCreate: () => Promise.reject(new VaultUnavailable('who knows', { passing: true })) })
    t.match(await unsure.ready(), { ok: false, detail: /who knows/ }, 'and where that is not known it waits')
  })
}
