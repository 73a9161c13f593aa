import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Disk } from '../../src/commands/disk.ts'
import { registration } from '../support/chain.ts'
import { startService } from '../support/service.ts'

t.test(
  'below the reserve every write is refused before anything is written; reads go on; it resumes by itself',
  async (t) => {
    let free = 1_000_000
    const running = await startService(t, { diskReserve: 1_000, freeBytes: () => free })
    const { call, service } = running
    const register = (key: string) =>
      call('reception', 'POST', '/api/v1/complaints', { body: registration(running), key })
    const made = await register('first')
    t.equal(made.status, 201)
    const id = made.json.case as string
    const filesBefore = readdirSync(join(running.directory, 'evidence'))
    const before = service.log.size()

    free = 999
    await stale(running.service.disk)
    const refused = await register('second')
    t.match(refused, { status: 507, json: { code: 'disk-full' } })
    const step = await call('reception', 'POST', `/api/v1/complaints/${id}/request-supplement`, {
      body: { items: ['收据'] },
      ifMatch: made.json.revision,
    })
    t.equal(step.status, 507)
    const form = new FormData()
    form.append('file', new File([Buffer.from('%PDF-1.4\n%%EOF\n')], 'a.pdf'))
    const upload = new Request('http://localhost/', { method: 'POST', body: form })
    const evidence = await call('reception', 'POST', `/api/v1/complaints/${id}/evidence`, {
      payload: Buffer.from(await upload.arrayBuffer()),
      headers: { 'content-type': upload.headers.get('content-type')! },
      ifMatch: made.json.revision,
    })
    t.equal(evidence.status, 507)
    const ledger = new FormData()
    ledger.append('file', new File(['编号\n1\n'], 'ledger.csv'))
    const ledgerUpload = new Request('http://localhost/', { method: 'POST', body: ledger })
    const check = await call('centre-director', 'POST', '/api/v1/imports', {
      payload: Buffer.from(await ledgerUpload.arrayBuffer()),
      headers: { 'content-type': ledgerUpload.headers.get('content-type')! },
    })
    t.match(check, { status: 507, json: { code: 'disk-full' } }, 'nor does a ledger that is only checked lie down here')
    await t.rejects(
      service.recorder.record('x-1', 'no_stream', [], provenance),
      { code: 'disk-full' },
      'what imports append with',
    )
    await t.rejects(service.vault.remember('o', 's', [{ kind: 'phone', value: '13900000000' }]), { code: 'disk-full' })
    await t.rejects(service.vault.seal([]), { code: 'disk-full' })
    t.equal(service.log.size(), before, 'no event')
    t.same(readdirSync(join(running.directory, 'evidence')), filesBefore, 'no file')

    t.equal((await call('centre-director', 'GET', `/api/v1/complaints/${id}`)).status, 200, 'reads go on')
    t.equal((await call('centre-director', 'GET', '/api/v1/complaints')).status, 200)
    const ready = await call(undefined, 'GET', '/readyz')
    t.equal(ready.status, 503)
    t.match(
      ready.json.checks.find(({ name }: { name: string }) => name === 'disk'),
      { ok: false, detail: /999 bytes free/ },
    )
    t.equal((await call(undefined, 'GET', '/livez')).status, 200)

    free = 1_000
    await stale(running.service.disk)
    t.equal((await register('second')).status, 201, 'the same request, once there is room')
    t.equal((await call(undefined, 'GET', '/readyz')).status, 200)
    const lines = running.log.filter((line) => /disk nearly full|disk has room/.test(line))
    t.equal(lines.length, 2, 'each change is logged once')
  },
)

const provenance = { organisation: 'o', actor: { operator: true } as const, commandId: 'c', requestMac: '' }

/** Until the answer of the file system is too old to be used again. */
async function stale(disk: Disk): Promise<void> {
  const before = disk.free()
  while (disk.free() === before) await new Promise((resolve) => setTimeout(resolve, 50))
}

t.test('the file system is asked at most once a second', (t) => {
  let [now, asked] = [0, 0]
  const freeBytes = () => {
    asked++
    return 5
  }
  const disk = new Disk({ directory: '/nowhere', reserve: 10, freeBytes, elapsed: () => now })
  for (let i = 0; i < 1_000; i++) t.throws(() => disk.refuse(), { code: 'disk-full' })
  t.equal(asked, 1)
  now = 1_000
  t.equal(disk.hasRoom, false)
  t.equal(asked, 2)
  t.end()
})

t.test('a file system that does not tell does not stop the service', (t) => {
  const disk = new Disk({ directory: join(tmpdir(), 'duban-no-such-directory'), reserve: 10 })
  t.equal(disk.hasRoom, true)
  disk.refuse()
  t.match(disk.writable(), /cannot be written: ENOENT/)
  t.end()
})

t.test('the probe writes, syncs and leaves nothing; it says why it cannot', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'duban-disk-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  let now = 0
  const disk = new Disk({ directory, reserve: 0, elapsed: () => now })
  t.ok(disk.free() > 0 && Number.isFinite(disk.free()), 'asked of the file system itself')
  t.equal(disk.writable(), undefined)
  t.same(readdirSync(directory), [])
  rmSync(directory, { recursive: true })
  t.equal(disk.writable(), undefined, 'answered from before, for a second')
  now = 1_000
  t.match(disk.writable(), /ENOENT/)
  t.end()
})
