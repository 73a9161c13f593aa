/** Moving house: there and back, the same bytes; what is refused; who may write where. */
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { startPostgres } from '../../../scripts/postgres.ts'
import { createBackup } from '../../../src/commands/backup.ts'
import { verify } from '../../../src/commands/verify.ts'
import { buildApp } from '../../../src/http/app.ts'
import type { Service } from '../../../src/service.ts'
import { digestEvents } from '../../../src/store/digest.ts'
import { readInstallation, writeInstallation } from '../../../src/store/installation.ts'
import { EVENTS_FILE, openEmbeddedReader } from '../../../src/store/sqlite/index.ts'
import { createMasterKey } from '../../../src/trust/vault/master-key.ts'
import { event, until } from '../../store/eventstoredb/support.ts'
import { inProcess } from '../../support/served.ts'
import { temporaryDirectory } from '../../support/service.ts'
import {
  codeOf,
  filesIn,
  homeOf,
  linesOf,
  makeCity,
  makeHouse,
  move,
  namesIn,
  openHome,
  sealedName,
} from './support.ts'

t.setTimeout(240_000)

const verified = async ({ log, vault, evidence, projections }: Service) => {
  await projections.catchUp()
  return (await verify({ log, vault, evidence, rebuild: () => projections.rebuild() })).checks.filter(({ ok }) => !ok)
}

/** Registers a complaint as a person does over HTTP; its status, and the code of a refusal. */
async function register(service: Service, token: string, body: object, key = 'later') {
  const app = await buildApp({ service, listening: false })
  const answer = await app.inject({
    method: 'POST',
    url: '/api/v1/complaints',
    headers: { authorization: `Bearer ${token}`, 'idempotency-key': key },
    payload: body,
  })
  await app.close()
  const { code, index, case: id } = answer.json()
  return { status: answer.statusCode, code, index, case: id }
}

const erased = { erased: true, at: '2026-03-03T01:00:00.000Z', basis: '个人信息保护法 47' }

t.test('from one directory to another: everything is there, the old one says where it went', async (t) => {
  const house = await makeHouse(t)
  const target = join(temporaryDirectory(t), 'new')
  writeInstallation(house.directory, { demo: true })
  const before = openEmbeddedReader(house.directory)
  const [lines, digest] = [linesOf(before.log), (await digestEvents(before.log)).digest]
  await before.close()
  const report = await move(homeOf(house.directory), homeOf(target))
  t.match(report, { events: lines.length, digestFrom: digest, digestTo: digest, equal: true, masterKey: 'missing' })
  t.match(readInstallation(house.directory), { demo: true, moved: { to: target } })
  t.match(readInstallation(target), { demo: true, arrived: { from: house.directory } })
  t.notOk(existsSync(join(target, 'master.key')), 'the master key is never moved')

  const service = await openHome(t, target, house.masterKeyFile)
  t.same(linesOf(service.log), lines)
  t.same(await namesIn(service, house), ['投诉人甲乙丙0', erased, { withheld: true }])
  t.equal((await filesIn(service)).join(), house.file)
  t.same(await verified(service), [])
  t.equal((await register(service, house.token, house.body)).status, 201, 'and it works on')

  const old = await openHome(t, house.directory)
  t.match(await register(old, house.token, house.body), { status: 409, code: 'data-directory-moved' })
  t.same(linesOf(old.log), lines, 'reading stays')
  t.match((await old.ready()).ok, false)
})

t.test('a move that ended is not done again, and what was moved does not move elsewhere', async (t) => {
  const house = await makeHouse(t)
  const [target, elsewhere] = [temporaryDirectory(t), temporaryDirectory(t)]
  const first = await move(homeOf(house.directory), homeOf(target))
  const again = await move(homeOf(house.directory), homeOf(target))
  t.match(again, { equal: true, digestTo: first.digestTo, continuedAt: first.events, moved: { vaultRows: 0 } })
  t.equal(await codeOf(move(homeOf(house.directory), homeOf(elsewhere))), 'data-directory-moved')
  const service = await openHome(t, target, house.masterKeyFile)
  await register(service, house.token, house.body)
  await service.close()
  t.equal(await codeOf(move(homeOf(house.directory), homeOf(target))), 'data-directory-moved', 'it has gone on since')
})

t.test('what cannot be moved is refused before anything is written', async (t) => {
  const house = await makeHouse(t)
  const home = homeOf(house.directory)
  const marks = () => [readInstallation(house.directory)]
  await t.test('a target with other events', async (t) => {
    const target = temporaryDirectory(t)
    const service = await openHome(t, target)
    await service.store.append('case-1', [event()], 'no_stream')
    await service.close()
    const before = readFileSync(join(target, EVENTS_FILE))
    t.equal(await codeOf(move(home, homeOf(target))), 'migrate-target-differs')
    t.same(readFileSync(join(target, EVENTS_FILE)), before)
    t.same(readInstallation(target), {})
  })
  await t.test('a target that has gone further', async (t) => {
    const target = join(temporaryDirectory(t), 'copy')
    cpSync(house.directory, target, { recursive: true })
    const service = await openHome(t, target)
    await register(service, house.token, house.body)
    await service.close()
    t.equal(await codeOf(move(home, homeOf(target))), 'migrate-target-differs')
  })
  await t.test('a target whose vault has other keys', async (t) => {
    const target = temporaryDirectory(t)
    await (await openHome(t, target)).close()
    t.equal(await codeOf(move(home, homeOf(target))), 'migrate-vault-differs')
    t.same(readInstallation(target), {})
  })
  await t.test('a target whose vault has a key that the source has lost', async (t) => {
    const [target, poor] = [join(temporaryDirectory(t), 'copy'), join(temporaryDirectory(t), 'poor')]
    for (const copy of [target, poor]) cpSync(house.directory, copy, { recursive: true })
    const db = new DatabaseSync(join(poor, 'vault.db'))
    db.exec(`DELETE FROM dek WHERE kid = (SELECT kid FROM dek WHERE category = 'identity' LIMIT 1)`)
    db.close()
    t.equal(await codeOf(move(homeOf(poor), homeOf(target))), 'migrate-vault-differs')
  })
  await t.test('a target that knows of an erasure which the source has not made', async (t) => {
    const target = join(temporaryDirectory(t), 'copy')
    cpSync(house.directory, target, { recursive: true })
    const back = join(temporaryDirectory(t), 'other')
    cpSync(house.directory, back, { recursive: true })
    const db = new DatabaseSync(join(target, 'vault.db'))
    db.exec(`INSERT INTO tombstone VALUES ('k', 's', '2026-03-04T00:00:00.000Z', 'x', 'e', '')`)
    db.close()
    t.equal(await codeOf(move(homeOf(back), homeOf(target))), 'migrate-vault-differs')
  })
  await t.test('a source whose master key is missing, or another', async (t) => {
    const target = homeOf(temporaryDirectory(t))
    const other = join(temporaryDirectory(t), 'other.key')
    t.equal(await codeOf(move({ ...home, masterKeyFile: other }, target)), 'migrate-master-key')
    createMasterKey(other, (bytes) => Buffer.alloc(bytes, 7))
    t.equal(await codeOf(move({ ...home, masterKeyFile: other }, target)), 'migrate-master-key')
  })
  await t.test('a source that is in use, and a target', async (t) => {
    const target = temporaryDirectory(t)
    const service = await openHome(t, target)
    t.equal(await codeOf(move(home, homeOf(target))), 'migrate-in-use')
    await service.close()
    const own = await openHome(t, house.directory)
    t.equal(await codeOf(move(home, homeOf(temporaryDirectory(t)))), 'migrate-in-use')
    await own.close()
  })
  await t.test('files that events name and that are nowhere', async (t) => {
    const elsewhere = { ...home, evidence: temporaryDirectory(t) }
    const target = homeOf(temporaryDirectory(t))
    t.equal(await codeOf(move(elsewhere, target)), 'migrate-source-incomplete')
    t.notOk(existsSync(join(target.directory, 'vault.db')))
  })
  await t.test('a directory that is none, and one without a vault', async (t) => {
    const nowhere = homeOf(join(temporaryDirectory(t), 'absent'))
    t.equal(await codeOf(move(nowhere, homeOf(temporaryDirectory(t)))), 'data-directory-missing')
    t.notOk(existsSync(nowhere.directory))
    const copy = join(temporaryDirectory(t), 'copy')
    cpSync(house.directory, copy, { recursive: true })
    rmSync(join(copy, 'vault.db'))
    t.equal(await codeOf(move(homeOf(copy), homeOf(temporaryDirectory(t)))), 'migrate-source-incomplete')
  })
  t.same(marks(), [{}], 'the source is as it was')
})

t.test('a place that is not whole takes no writes, gets no vault of its own, and moves nowhere', async (t) => {
  const house = await makeHouse(t)
  const target = temporaryDirectory(t)
  await t.rejects(
    move(homeOf(house.directory), homeOf(target), {
      onStep: ({ name }) => {
        if (name === 'target-marked') throw new Error('broken off')
      },
    }),
    /broken off/,
  )
  const service = await openHome(t, target)
  t.notOk(existsSync(join(target, 'master.key')), 'no key is made where one is to come')
  await t.rejects(service.store.append('case-1', [event()], 'no_stream'), { code: 'migration-unfinished' })
  await service.close()
  t.equal(await codeOf(move(homeOf(target), homeOf(temporaryDirectory(t)))), 'migration-unfinished')
  t.match(await move(homeOf(house.directory), homeOf(target)), { equal: true })
})

t.test('a file that rotted is moved as it is, and told', async (t) => {
  const house = await makeHouse(t)
  const target = temporaryDirectory(t)
  const path = join('evidence', house.file.slice(0, 2), house.file)
  writeFileSync(join(house.directory, path), 'rotten')
  const report = await move(homeOf(house.directory), homeOf(target))
  t.same(report.moved.damagedEvidence, [house.file])
  t.equal(readFileSync(join(target, path), 'utf8'), 'rotten')
})

const server = await startPostgres()

if ('missing' in server) t.pass('', { skip: `moves into and out of a cluster are not tested: ${server.missing}` })
else {
  t.teardown(() => server.stop())

  t.test('into a cluster and back: the same bytes at the same indexes, sealed fields, erasures, files', async (t) => {
    const house = await makeHouse(t)
    const city = await makeCity(t, server)
    writeInstallation(house.directory, { demo: true })
    const before = openEmbeddedReader(house.directory)
    const [lines, { digest }] = [linesOf(before.log), await digestEvents(before.log)]
    await before.close()
    city.double.ledger.append(
      'elsewhere-1',
      [{ id: crypto.randomUUID(), type: 'Elsewhere', contentType: 'application/json', data: Buffer.from('{}') }],
      'any',
    )

    const there = await move(homeOf(house.directory), city.place(house.masterKeyFile))
    t.match(there, { events: lines.length, digestFrom: digest, digestTo: digest, equal: true, masterKey: 'in place' })
    t.match(readInstallation(house.directory), { moved: { to: /^esdb:\/\/127\.0\.0\.1:\d+\?tls=false$/ } })

    const [a, b] = [await city.node(house.masterKeyFile), await city.node(house.masterKeyFile)]
    for (const node of [a, b]) {
      t.same(linesOf(node.log), lines, 'every node counts as the directory did')
      t.equal((await digestEvents(node.log)).digest, digest)
      t.same(await namesIn(node, house), ['投诉人甲乙丙0', erased, { withheld: true }])
      t.match(node.backend.installation(), { demo: true, arrived: { from: house.directory } })
    }
    t.same(await verified(a), [])
    t.equal((await filesIn(a)).join(), house.file)
    const made = await register(a, house.token, house.body)
    t.match(made, { status: 201, index: lines.length }, 'it works on, at the next index')
    t.equal((await register(a, house.token, house.body)).case, made.case, 'a key used before is still known')
    const mirrored = readInstallation(a.directory)
    t.same(mirrored, {}, "the mark is the cluster's, not a node's")
    const target = join(temporaryDirectory(t), 'backup')
    t.equal(await codeOf(createBackup({ ...a, version: 'x' }, target)), 'backup-of-cluster')

    t.equal(await codeOf(move(city.place(house.masterKeyFile), homeOf(house.directory))), 'migrate-in-use')
    await city.erase(sealedName(a.log, house.cases[0]!).cipher.sub)
    const after = linesOf(a.log)
    const grown = (await digestEvents(a.log)).digest
    await a.close()
    t.equal(await codeOf(move(city.place(house.masterKeyFile), homeOf(house.directory))), 'migrate-in-use')
    await b.close()

    const back = await move(city.place(house.masterKeyFile), homeOf(house.directory))
    t.match(back, { events: after.length, digestFrom: grown, digestTo: grown, equal: true, continuedAt: lines.length })
    const installation = readInstallation(house.directory)
    t.equal(installation.moved, undefined, 'moving back clears the mark')
    t.match(installation, { demo: true, arrived: { from: /^esdb:/ } })
    t.notOk(existsSync(join(house.directory, 'search.db')), 'what was readable of the erased is not left')
    const home = await openHome(t, house.directory)
    t.same(linesOf(home.log), after)
    t.same(await namesIn(home, house), [erased, erased, { withheld: true }], 'what was erased meanwhile is erased here')
    t.same(await verified(home), [])
    t.equal((await register(home, house.token, house.body, 'home-again')).status, 201)
    await home.close()

    const node = await city.node(house.masterKeyFile)
    t.match(await register(node, house.token, house.body, 'too-late'), { status: 409, code: 'data-directory-moved' })
    t.same(linesOf(node.log), after, 'the cluster is still read')
    t.match(node.backend.installation(), { moved: { to: house.directory } })
    t.match(await node.ready(), { ok: false })
    const keys = await city.sql('SELECT count(*)::int AS keys FROM duban_vault.dek')
    const stray = {
      ...sealedName(node.log, house.cases[0]!),
      subject: 'stray',
      category: 'identity',
      text: 'x',
    } as const
    await t.rejects(
      node.vault.seal([stray]),
      { code: 'data-directory-moved' },
      'no key is made for what will be refused',
    )
    t.same(await city.sql('SELECT count(*)::int AS keys FROM duban_vault.dek'), keys)
    // A command that was on its way when the mark came leaves a key that nothing names.
    await city.sql(`INSERT INTO duban_vault.subject VALUES ('stray', 'active', '')`)
    await city.sql(
      `INSERT INTO duban_vault.dek SELECT 'stray', 'stray', category, wrapped, kek_id, created_at FROM duban_vault.dek LIMIT 1`,
    )
    await node.close()
    const third = await move(homeOf(house.directory), city.place(house.masterKeyFile))
    t.match(third, { equal: true, continuedAt: after.length })
    t.same(await city.sql(`SELECT kid FROM duban_vault.dek WHERE kid = 'stray'`), [])
    const again = await city.node(house.masterKeyFile)
    t.equal((await register(again, house.token, house.body, 'and-again')).status, 201)
    t.same(await namesIn(again, house), [erased, erased, { withheld: true }])
  })

  t.test('a node that is running stops writing once its cluster is marked, also one that no lock shows', async (t) => {
    const house = await makeHouse(t)
    const city = await makeCity(t, server)
    await move(homeOf(house.directory), city.place(house.masterKeyFile))
    const node = await city.node(house.masterKeyFile)
    t.equal((await register(node, house.token, house.body, 'one')).status, 201)
    // Its lock is lost, as behind a broken line, and taken by the move before it comes back.
    const target = temporaryDirectory(t)
    let late: Promise<unknown> | undefined
    const moving = move(city.place(house.masterKeyFile), homeOf(target), {
      drainMs: 50,
      onStep: ({ name }) => {
        // Recorded after the last comparison and before the mark.
        if (name === 'verified') late ??= register(node, house.token, house.body, 'two')
      },
    })
    const refused = await moving.then(
      () => 'moved',
      (error: { code?: string }) => error.code,
    )
    t.equal(refused, 'migrate-in-use', 'it is seen as long as it has its lock')
    await city.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'duban node'`)
    const report = await move(city.place(house.masterKeyFile), homeOf(target), {
      drainMs: 500,
      onStep: ({ name }) => {
        if (name === 'verified') late ??= register(node, house.token, house.body, 'two')
      },
    })
    await late
    t.equal(report.equal, true)
    const service = await openHome(t, target, house.masterKeyFile)
    t.equal(report.events, service.log.size())
    await until(() => node.backend.installation()?.moved !== undefined)
    t.match(await register(node, house.token, house.body, 'three'), { status: 409, code: 'data-directory-moved' })
    await node.projections.catchUp()
    t.same(linesOf(service.log), linesOf(node.log), 'nothing that it recorded was left behind')
  })

  t.test('a cluster with other events, or another vault, is refused before anything is written', async (t) => {
    const house = await makeHouse(t)
    const city = await makeCity(t, server)
    await city.store().append('case-1', [event()], 'no_stream')
    const events = city.double.ledger.all.length
    t.equal(await codeOf(move(homeOf(house.directory), city.place(house.masterKeyFile))), 'migrate-target-differs')
    const second = await makeCity(t, server)
    await (await second.node(join(temporaryDirectory(t), 'other.key'))).close()
    t.equal(await codeOf(move(homeOf(house.directory), second.place(house.masterKeyFile))), 'migrate-vault-differs')
    t.equal(city.double.ledger.all.length, events)
    t.notOk(second.double.ledger.all.some(({ type }) => type.startsWith('duban')))
    t.same(readInstallation(house.directory), {})
  })

  t.test('answers that are lost on the way are asked for again; nothing is there twice', async (t) => {
    const house = await makeHouse(t)
    const city = await makeCity(t, server)
    city.double.cues.appends.push('break-before-commit', 'lose-answer', 'break-after-commit', 'timeout-after-commit')
    const report = await move(homeOf(house.directory), city.place(house.masterKeyFile))
    t.equal(report.equal, true)
    const ours = city.double.ledger.all.filter(({ type }) => type.startsWith('duban.'))
    t.equal(ours.length, report.events)
    t.equal(new Set(ours.map(({ id }) => id)).size, report.events)
  })

  t.test('somebody who writes into the target on the way is noticed: the source is not given up', async (t) => {
    const house = await makeHouse(t)
    const city = await makeCity(t, server)
    const other = city.store()
    const report = await move(homeOf(house.directory), city.place(house.masterKeyFile), {
      onStep: ({ name, done }) => {
        if (name === 'events' && done === 1)
          city.double.ledger.append(
            'case-1',
            [{ ...event(), type: 'duban.Tested', contentType: 'application/octet-stream', data: Buffer.from('{}') }],
            'any',
          )
      },
    })
    t.match(report, { equal: false, differsAt: 1 })
    t.same(readInstallation(house.directory), {})
    t.match((await other.readMark()).installation, { arriving: { from: house.directory } })
    const node = await city.begin(house.masterKeyFile)
    await t.rejects(node.store.append('case-2', [event()], 'no_stream'), { code: 'migration-unfinished' })
  })

  t.test('a directory with events of its own is no mirror, and a mirror is no data directory', async (t) => {
    const house = await makeHouse(t)
    const city = await makeCity(t, server)
    await move(homeOf(house.directory), city.place(house.masterKeyFile))
    t.equal(await codeOf(city.node(house.masterKeyFile, house.directory)), 'data-directory-kind')
    const mirror = temporaryDirectory(t)
    await (await city.node(house.masterKeyFile, mirror)).close()
    t.equal(await codeOf(openHome(t, mirror)), 'data-directory-kind')
    t.equal(await codeOf(move(homeOf(mirror), homeOf(temporaryDirectory(t)))), 'data-directory-kind')
    t.equal(
      await codeOf(createBackup({ directory: mirror, version: 'x', now: Date.now }, join(mirror, '..', 'b'))),
      'backup-of-cluster',
    )
  })

  t.test('on the terminal: JSON, exit codes, where the cluster is named by its settings', async (t) => {
    const house = await makeHouse(t)
    const city = await makeCity(t, server)
    const cluster = { EVENTSTORE_URL: city.double.url, VAULT_URL: city.vaultUrl, DUBAN_EVIDENCE: city.evidence }
    const key = { DUBAN_MASTER_KEY_FILE: house.masterKeyFile }
    const there = ['migrate', '--from', house.directory, '--to', 'cluster', '--json']
    for (const left of Object.keys(cluster)) {
      const some = Object.fromEntries(Object.entries(cluster).filter(([name]) => name !== left))
      t.match(await inProcess(there, some), { code: 2, json: { code: 'wrong-usage' } }, `without ${left}`)
    }
    t.match(await inProcess(['migrate', '--from', 'x', '--json']), { code: 2 })
    t.match(await inProcess(['migrate', '--from', house.directory, '--to', house.directory, '--json']), { code: 2 })
    const moved = await inProcess(there, cluster)
    t.match(moved, { code: 0, json: { events: Number, equal: true, masterKey: 'missing' } }, moved.stderr)
    t.equal(moved.json.digestFrom, moved.json.digestTo)
    t.equal(moved.stdout.trim().split('\n').length, 1, 'one document and nothing else')
    t.match(moved.stderr, /主密钥/)
    t.notMatch(moved.stdout + moved.stderr, /duban:/, 'no password')
    const list = await inProcess(['list', '--data', house.directory, '--json'])
    t.match(list, { code: 0, json: { total: 3 } }, 'the old place is still read')
    t.match(list.stderr, /迁往 esdb:\/\//, 'and says where everything went')
    t.match(await inProcess(['verify', '--data', house.directory, '--json']), { code: 0, json: { ok: true } })
    const node = temporaryDirectory(t)
    const onCluster = await inProcess(['verify', '--data', node, '--json'], { ...cluster, ...key })
    t.match(onCluster, { code: 0, json: { ok: true } })
    const backup = await inProcess(['backup', join(node, 'b'), '--data', node, '--json'], { ...cluster, ...key })
    t.match(backup, { code: 1, json: { code: 'backup-of-cluster' } })
    const elsewhere = await inProcess(['migrate', '--from', house.directory, '--to', join(node, 'x'), '--json'], key)
    t.match(elsewhere, { code: 1, json: { code: 'data-directory-moved', parameters: { to: /^esdb:/ } } })
    const back = await inProcess(['migrate', '--from', city.double.url, '--to', house.directory], {
      ...cluster,
      ...key,
    })
    t.match(back, { code: 0, stdout: /两边摘要一致/ })
    t.match(await inProcess(['list', '--data', house.directory, '--json']), { code: 0, stderr: '' })
  })
}
