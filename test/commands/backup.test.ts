import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import t from 'tap'
import { problemOfError } from '../../src/cli/main.ts'
import { createBackup } from '../../src/commands/backup.ts'
import { readManifest } from '../../src/commands/backup-manifest.ts'
import { isRestoreUnfinished, type RestoreRequest, restoreBackup } from '../../src/commands/restore.ts'
import { verify } from '../../src/commands/verify.ts'
import { openService, type Service } from '../../src/service.ts'
import { digestEvents } from '../../src/store/digest.ts'
import { createMasterKey } from '../../src/trust/vault/master-key.ts'
import { personal, registration } from '../support/chain.ts'
import { START, startService, type TestService } from '../support/service.ts'

const pdf = Buffer.from('%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n')

const folder = (t: { teardown(handler: () => void): void }): string => {
  const directory = mkdtempSync(join(tmpdir(), 'duban-backup-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Every file below a directory with its hash; locks and what a service derives apart. */
function contentOf(directory: string): Record<string, string> {
  const all: Record<string, string> = {}
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.startsWith('owner.db')) continue
    const path = join(entry.parentPath, entry.name)
    all[relative(directory, path)] = createHash('sha256').update(readFileSync(path)).digest('hex')
  }
  return all
}

/** A service with one case that holds sealed texts and one evidence file. */
async function withCase(t: Parameters<typeof startService>[0], more: { backups?: string } = {}) {
  const running = await startService(t, more)
  const made = await running.call('reception', 'POST', '/api/v1/complaints', {
    body: registration(running),
    key: 'one',
  })
  const id = (made.json as { case: string }).case
  const form = new FormData()
  form.append('file', new File([pdf], '收据.pdf'))
  const request = new Request('http://localhost/', { method: 'POST', body: form })
  const added = await running.call('reception', 'POST', `/api/v1/complaints/${id}/evidence`, {
    payload: Buffer.from(await request.arrayBuffer()),
    headers: { 'content-type': request.headers.get('content-type')! },
    ifMatch: (made.json as { revision: number }).revision,
  })
  return { running, id, statuses: [made.status, added.status] }
}

const source = (running: TestService) => ({ directory: running.directory, version: '0.0.0-test', now: () => START })

const restore = (backup: string, directory: string, more: Partial<RestoreRequest> = {}) =>
  restoreBackup({
    backup,
    directory,
    masterKeyFile: join(directory, 'master.key'),
    force: false,
    now: () => START,
    ...more,
  })

const open = (directory: string): Promise<Service> =>
  openService({
    directory,
    masterKeyFile: join(directory, 'master.key'),
    evidenceLimit: 1_000_000,
    now: () => START + 86_400_000,
  })

/** The complainant's name as the operator's own reading of the events gives it. */
async function nameIn(service: Service, id: string): Promise<unknown> {
  const first = service.log.stream(`complaint-${id}`)[0]!
  const envelope = JSON.parse(Buffer.from(first.bytes).toString())
  const cipher = envelope.data.complainant.name
  const place = { event: envelope.id, stream: envelope.stream, path: ['complainant', 'name'] }
  return (await service.vault.open([{ ...place, cipher }]))[0]
}

const codeOf = (error: unknown): string => problemOfError(error).problem.code
const refusedWith = async (promise: Promise<unknown>): Promise<string> => promise.then(() => 'done', codeOf)

t.test(
  'a backup beside the running service: events, vault, evidence, each its own file; never the master key',
  async (t) => {
    const { running, statuses } = await withCase(t)
    t.same(statuses, [201, 200])
    const target = join(folder(t), 'b')
    const report = await createBackup(source(running), target)
    const own = await digestEvents(running.service.log)
    t.equal(report.events, running.service.log.size())
    t.same([report.digest, report.lastEvent], [own.digest, own.lastEvent])
    const names = Object.keys(contentOf(target)).sort()
    t.match(names, [/^events\.db$/, /^evidence\/[0-9a-f]{2}\/[0-9a-f]{64}$/, /^manifest\.json$/, /^vault\.db$/])
    t.equal(names.length, 4, 'no log, no lock, no key')
    const manifest = readManifest(target)
    for (const file of manifest.files) {
      t.equal(contentOf(target)[file.name], file.sha256, file.name)
      t.equal(statSync(join(target, file.name)).size, file.bytes)
      t.equal(statSync(join(target, file.name)).mode & 0o777, 0o600, `${file.name} is for its owner only`)
    }
    const key = readFileSync(join(running.directory, 'master.key'), 'latin1').split(':')[1]!.trim()
    for (const name of names) {
      const bytes = readFileSync(join(target, name))
      t.notOk(bytes.includes(Buffer.from(key, 'base64')) || bytes.includes(key), `${name} holds no key`)
      for (const text of Object.values(personal)) t.notOk(bytes.includes(text), `${name} holds nobody's data`)
    }
    const events = createHash('sha256')
    for (const event of running.service.log.read(0, 10_000)) events.update(event.bytes).update('\n')
    t.equal(report.digest, events.digest('hex'), 'the digest is that of the lines of all envelopes')
  },
)

t.test('a directory that is not empty is refused and left as it is', async (t) => {
  const { running } = await withCase(t)
  const target = folder(t)
  writeFileSync(join(target, 'mine.txt'), 'mine')
  t.equal(await refusedWith(createBackup(source(running), target)), 'backup-target-not-empty')
  t.same(readdirSync(target), ['mine.txt'])
  t.equal(await refusedWith(createBackup(source(running), join(target, 'mine.txt'))), 'backup-target-unwritable')
  t.equal(
    await refusedWith(createBackup({ ...source(running), directory: folder(t) }, folder(t))),
    'data-directory-missing',
  )
})

t.test('an evidence file that rotted does not keep the rest from being backed up, and is told', async (t) => {
  const { running } = await withCase(t)
  const [name] = Object.keys(contentOf(join(running.directory, 'evidence')))
  writeFileSync(join(running.directory, 'evidence', name!), 'rotten')
  const target = folder(t)
  const report = await createBackup(source(running), target)
  t.same(report.damagedEvidence, [name!.split('/')[1]])
  const again = folder(t)
  await restore(target, again)
  t.equal(readFileSync(join(again, 'evidence', name!), 'utf8'), 'rotten')
})

t.test('restored elsewhere with the key: verifies, sealed fields and evidence read; work goes on', async (t) => {
  const { running, id } = await withCase(t)
  const target = folder(t)
  const made = await createBackup(source(running), target)
  const directory = folder(t)
  const report = await restore(target, directory, { masterKey: join(running.directory, 'master.key') })
  t.match(report, {
    directory,
    events: made.events,
    digest: made.digest,
    files: 3,
    masterKey: 'in place',
    movedAside: null,
  })
  t.equal(statSync(join(directory, 'master.key')).mode & 0o777, 0o600)
  const service = await open(directory)
  t.teardown(() => service.close())
  t.equal(await nameIn(service, id), personal.name)
  const { log, vault, evidence, projections } = service
  t.equal((await verify({ log, vault, evidence, rebuild: () => projections.rebuild() })).ok, true)
  t.equal((await digestEvents(log)).digest, made.digest)
  t.equal((await service.ready()).checks.find(({ name }) => name === 'vault')?.ok, true)
  const addresses = []
  for await (const address of evidence.list()) addresses.push(address)
  const opened = await service.evidenceService.read(addresses[0]!, {
    subject: subjectOf(service, id),
    stream: `complaint-${id}`,
  })
  t.same(Buffer.from(opened as Uint8Array), pdf)
})

/** The case's own subject, under which its evidence is sealed. */
function subjectOf(service: Service, id: string): string {
  const first = service.log.stream(`complaint-${id}`)[0]!
  return JSON.parse(Buffer.from(first.bytes).toString()).data.matter.sub
}

t.test(
  'restored without the key: sealed fields are unavailable, sealing is refused, no key is made, verify stays ok',
  async (t) => {
    const { running, id } = await withCase(t)
    const target = folder(t)
    await createBackup(source(running), target)
    const directory = folder(t)
    t.equal((await restore(target, directory)).masterKey, 'missing')
    const service = await open(directory)
    t.same(await nameIn(service, id), { unavailable: true })
    const place = { event: 'e', stream: 's', path: ['x'], subject: 'new', category: 'identity' as const, text: 'x' }
    t.equal(await refusedWith(service.vault.seal([place])), 'vault-unavailable')
    const { log, vault, evidence } = service
    const verified = await verify({ log, vault, evidence })
    t.equal(verified.ok, true)
    t.match(verified.checks.find(({ name }) => name === 'vault')?.detail, /sealed fields unavailable/)
    t.notOk(existsSync(join(directory, 'master.key')), 'no new key over an old vault')
    await service.close()
    // The right key, put in place later, opens everything.
    writeFileSync(join(directory, 'master.key'), readFileSync(join(running.directory, 'master.key')), { mode: 0o600 })
    const later = await open(directory)
    t.teardown(() => later.close())
    t.equal(await nameIn(later, id), personal.name)
  },
)

t.test(
  'a key that is not the vault’s is refused before anything is replaced; no key is ever overwritten',
  async (t) => {
    const { running } = await withCase(t)
    const target = folder(t)
    await createBackup(source(running), target)
    const keys = folder(t)
    const other = join(keys, 'other.key')
    createMasterKey(other, (bytes) => Buffer.alloc(bytes, 7))
    const masterKey = join(running.directory, 'master.key')
    const directory = folder(t)
    t.equal(await refusedWith(restore(target, directory, { masterKey: other })), 'master-key-mismatch')
    t.equal(await refusedWith(restore(target, directory, { masterKey: join(keys, 'none') })), 'input-unreadable')
    t.same(contentOf(directory), {}, 'nothing was put there')
    const inTheWay = readFileSync(other)
    writeFileSync(join(directory, 'master.key'), inTheWay, { mode: 0o600 })
    t.equal(await refusedWith(restore(target, directory, { masterKey })), 'master-key-in-the-way')
    t.same(Object.keys(contentOf(directory)), ['master.key'])
    t.same(readFileSync(join(directory, 'master.key')), inTheWay)
    t.equal((await restore(target, directory)).masterKey, 'missing', 'a key that does not fit is no key')
  },
)

t.test('what is damaged is refused before anything is replaced', async (t) => {
  const { running } = await withCase(t)
  const target = folder(t)
  await createBackup(source(running), target)
  const directory = folder(t)
  writeFileSync(join(directory, 'events.db'), 'old')
  const before = contentOf(directory)
  const force = { force: true }
  for (const { name } of [...readManifest(target).files, { name: 'manifest.json' }]) {
    const path = join(target, name)
    const good = readFileSync(path)
    const bad = Buffer.from(good)
    bad[bad.length >> 1]! ^= 1
    writeFileSync(path, bad)
    t.equal(await refusedWith(restore(target, directory, force)), 'backup-damaged', `${name}: a bit`)
    writeFileSync(path, good.subarray(0, good.length - 3))
    t.equal(await refusedWith(restore(target, directory, force)), 'backup-damaged', `${name}: cut off`)
    rmSync(path)
    const missing = name === 'manifest.json' ? 'backup-incomplete' : 'backup-damaged'
    t.equal(await refusedWith(restore(target, directory, force)), missing, `${name}: gone`)
    writeFileSync(path, good)
    t.same(contentOf(directory), before)
  }
  const manifest = JSON.parse(readFileSync(join(target, 'manifest.json'), 'utf8'))
  const write = (value: unknown) => writeFileSync(join(target, 'manifest.json'), JSON.stringify(value))
  write({ ...manifest, events: manifest.events - 1 })
  t.equal(await refusedWith(restore(target, directory, force)), 'backup-damaged', 'a manifest that was changed')
  write({ ...manifest, files: [{ name: '../outside', bytes: 1, sha256: manifest.digest }] })
  t.equal(await refusedWith(restore(target, directory, force)), 'backup-damaged', 'no name leads out of the backup')
  write({ ...manifest, format: 'duban-backup-2' })
  t.equal(await refusedWith(restore(target, directory, force)), 'backup-format-unknown')
})

t.test('content in the way is refused; with force it is moved aside whole', async (t) => {
  const { running } = await withCase(t)
  const target = folder(t)
  const made = await createBackup(source(running), target)
  const directory = folder(t)
  mkdirSync(join(directory, 'evidence', 'ab'), { recursive: true })
  for (const name of ['events.db', 'events.db-wal', 'readmodels.db', 'evidence/ab/x'])
    writeFileSync(join(directory, name), `old ${name}`)
  const before = contentOf(directory)
  t.equal(await refusedWith(restore(target, directory)), 'data-directory-not-empty')
  t.same(contentOf(directory), before)
  const report = await restore(target, directory, { force: true })
  t.same(contentOf(report.movedAside!), before)
  const service = await open(directory)
  t.equal((await digestEvents(service.log)).digest, made.digest)
  t.equal(
    await refusedWith(restore(target, directory, { force: true })),
    'store-owned-elsewhere',
    'not under a running service',
  )
  await service.close()
  t.match(
    (await restore(target, directory, { force: true, now: () => START + 1 })).movedAside,
    /before-restore-/,
    'and again',
  )
})

t.test('a restore killed while it switched is not opened, and the next one finishes it', async (t) => {
  const { running } = await withCase(t)
  const target = folder(t)
  const made = await createBackup(source(running), target)
  const names = [...new Set(readManifest(target).files.map(({ name }) => name.split('/')[0]!))]
  // The plan is written down; the old entries and then the new ones move one by one. Every place it may stop at:
  for (let moved = 0; moved <= 2 + names.length; moved++) {
    const directory = folder(t)
    const staging = join(directory, '.restoring')
    const aside = 'before-restore-x'
    await restore(target, join(staging, 'new'))
    for (const extra of readdirSync(join(staging, 'new')))
      if (!names.includes(extra)) rmSync(join(staging, 'new', extra))
    const old = ['events.db', 'board.db']
    for (const name of old) writeFileSync(join(directory, name), `old ${name}`)
    writeFileSync(join(staging, 'switch.json'), JSON.stringify({ aside, old, new: names }))
    mkdirSync(join(directory, aside))
    const moves = [
      ...old.map((name) => [join(directory, name), join(directory, aside, name)] as const),
      ...names
        .filter((name) => name !== 'events.db')
        .map((name) => [join(staging, 'new', name), join(directory, name)] as const),
      [join(staging, 'new', 'events.db'), join(directory, 'events.db')] as const,
    ]
    const { renameSync } = await import('node:fs')
    for (const [from, to] of moves.slice(0, moved)) renameSync(from, to)
    t.equal(isRestoreUnfinished(directory), true)
    t.equal(await refusedWith(open(directory)), 'restore-unfinished', `after ${moved} moves`)
    const again = await refusedWith(restore(target, directory))
    t.equal(again, 'data-directory-not-empty', 'first the switch is finished, then this is a directory like any other')
    t.equal(isRestoreUnfinished(directory), false)
    t.same(
      old.map((name) => readFileSync(join(directory, aside, name), 'utf8')),
      ['old events.db', 'old board.db'],
    )
    const service = await open(directory)
    t.equal((await digestEvents(service.log)).digest, made.digest)
    await service.close()
  }
})

t.test('over HTTP: the administrator alone, one plain name below the configured place, one at a time', async (t) => {
  const backups = folder(t)
  const { running } = await withCase(t, { backups })
  const ask = (who: Parameters<TestService['call']>[0], directory: string) =>
    running.call(who, 'POST', '/api/v1/backup', { body: { directory } })
  t.equal((await ask(undefined, 'b')).status, 401)
  for (const who of ['auditor', 'bureau-leader', 'reception', 'nobody'] as const)
    t.equal((await ask(who, 'b')).json.code, 'forbidden', who)
  for (const name of ['..', '../b', '/b', 'a/b', 'a\\b', '.hidden', 'x\0', '备份'])
    t.equal((await ask('administrator', name)).json.code, 'backup-directory-invalid', JSON.stringify(name))
  t.same(readdirSync(backups), [])
  const [first, second] = await Promise.all([ask('administrator', 'b1'), ask('administrator', 'b2')])
  t.same([first, second].map(({ status }) => status).sort(), [200, 409])
  const done = [first, second].find(({ status }) => status === 200)!
  t.match(done.json, { events: running.service.log.size(), directory: /^b[12]$/, damagedEvidence: [] })
  t.notMatch(done.text, backups, 'where the service keeps its files is not told')
  t.equal((await ask('administrator', done.json.directory)).json.code, 'backup-target-not-empty')
  t.equal((await restore(join(backups, done.json.directory), folder(t))).events, done.json.events)
  const without = await withCase(t)
  const refused = await without.running.call('administrator', 'POST', '/api/v1/backup', { body: { directory: 'b' } })
  t.equal(refused.json.code, 'backup-not-configured')
})

t.test('while a backup runs, writing goes on; it holds a prefix with every key its events need', async (t) => {
  const { running } = await withCase(t)
  const target = folder(t)
  let writing = true
  let written = 0
  const writer = (async () => {
    while (writing) {
      const answer = await running.call('reception', 'POST', '/api/v1/complaints', {
        body: registration(running),
        key: `k${written}`,
      })
      t.equal(answer.status, 201)
      written++
    }
  })()
  const report = await createBackup(source(running), target)
  const during = written
  writing = false
  await writer
  t.ok(during > 0, `${during} cases were registered meanwhile`)
  t.ok(report.events < running.service.log.size())
  t.equal(report.digest, (await digestEvents(running.service.log, report.events)).digest, 'a prefix')
  const directory = folder(t)
  await restore(target, directory, { masterKey: join(running.directory, 'master.key') })
  const service = await open(directory)
  t.teardown(() => service.close())
  const cases = service.log.read(0, 100_000).filter(({ type }) => type === 'ComplaintRegistered')
  for (const { stream } of cases) t.equal(await nameIn(service, stream.slice('complaint-'.length)), personal.name)
})

t.test(
  'evidence that is kept elsewhere is in the backup, and goes where the installation keeps it; what is there stays',
  async (t) => {
    const { running } = await withCase(t)
    const [elsewhere, target, directory] = [folder(t), folder(t), folder(t)]
    cpSync(join(running.directory, 'evidence'), elsewhere, { recursive: true })
    rmSync(join(running.directory, 'evidence'), { recursive: true })
    await createBackup({ ...source(running), evidenceDirectory: elsewhere }, target)
    const [name] = Object.keys(contentOf(elsewhere))
    t.ok(existsSync(join(target, 'evidence', name!)))
    const shared = folder(t)
    mkdirSync(join(shared, 'ab'))
    writeFileSync(join(shared, 'ab', 'mine'), 'mine')
    const before = contentOf(shared)
    await restore(target, directory, { evidenceDirectory: shared })
    t.same(contentOf(shared), { ...before, ...contentOf(elsewhere) })
    t.notOk(existsSync(join(directory, 'evidence', name!)), 'once')
  },
)
