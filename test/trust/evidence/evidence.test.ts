import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { errors } from '../../../src/domain/catalogue/errors.ts'
import { ToSeal } from '../../../src/domain/sealed.ts'
import { openEvidenceDirectory } from '../../../src/trust/evidence/directory.ts'
import { DEFAULT_MAX_BYTES, EvidenceService } from '../../../src/trust/evidence/evidence.ts'
import { temporaryDirectory, temporaryVault } from '../temporary.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const options = { now: Date.now, random: randomBytes }
const owner = { subject: 'case-1', stream: 'complaint-1' }
const PDF = Buffer.from('%PDF-1.7\n询问笔录：张三\r\n\0\x01', 'utf8')

async function listed(store: { list(): AsyncIterable<string> }): Promise<string[]> {
  const all: string[] = []
  for await (const address of store.list()) all.push(address)
  return all
}

t.test('a stored file is read back by the hash of its bytes, also after a restart', async (t) => {
  const dir = join(temporaryDirectory(t), 'evidence')
  const store = await openEvidenceDirectory(dir, options)
  const files = Array.from({ length: 5 }, () => randomBytes(100))
  const addresses = await Promise.all(files.map((bytes) => store.put(bytes)))
  t.strictSame(addresses, files.map(sha256))
  t.equal(await store.put(files[0]!), addresses[0], 'storing again is no error')
  const again = await openEvidenceDirectory(dir, options)
  for (const [i, address] of addresses.entries()) t.strictSame(await again.get(address), files[i])
  t.strictSame(await listed(again), [...addresses].sort())
  const path = join(dir, addresses[0]!.slice(0, 2), addresses[0]!)
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.strictSame(readdirSync(join(dir, 'incoming')), [], 'no draft is left')
})

t.test('what is no address, or not there, is not read', async (t) => {
  const dir = temporaryDirectory(t)
  writeFileSync(join(dir, 'secret'), 'x')
  const store = await openEvidenceDirectory(join(dir, 'evidence'), options)
  for (const address of ['../secret', '', 'ab', 'A'.repeat(64), `${'a'.repeat(64)}/..`, 'a'.repeat(64)]) {
    t.equal(await store.get(address), undefined)
  }
})

t.test('a file that was changed or cut is told, and storing it again mends it', async (t) => {
  const dir = temporaryDirectory(t)
  const store = await openEvidenceDirectory(dir, options)
  const bytes = randomBytes(1000)
  const address = await store.put(bytes)
  const path = join(dir, address.slice(0, 2), address)
  for (const changed of [bytes.subarray(0, 999), Buffer.concat([bytes, bytes]), new Uint8Array(0)]) {
    writeFileSync(path, changed)
    await t.rejects(store.get(address), { name: 'EvidenceDamaged', code: 'evidence-damaged', address })
  }
  await store.put(bytes)
  t.strictSame(await store.get(address), bytes)
  t.ok(Object.hasOwn(errors, 'evidence-damaged'))
})

t.test('drafts that were abandoned more than a day ago are removed, newer ones stay', async (t) => {
  const dir = temporaryDirectory(t)
  await openEvidenceDirectory(dir, options)
  const now = Date.parse('2026-03-02T00:00:00Z')
  for (const [name, hours] of [
    ['old', 25],
    ['new', 23],
  ] as const) {
    const path = join(dir, 'incoming', name)
    writeFileSync(path, 'x')
    utimesSync(path, new Date(now - hours * 3_600_000), new Date(now - hours * 3_600_000))
  }
  const store = await openEvidenceDirectory(dir, { ...options, now: () => now })
  t.strictSame(readdirSync(join(dir, 'incoming')), ['new'])
  t.strictSame(await listed(store), [])
})

t.test('a directory that cannot be written says so and acknowledges nothing', async (t) => {
  const dir = temporaryDirectory(t)
  const store = await openEvidenceDirectory(dir, options)
  rmSync(join(dir, 'incoming'), { recursive: true })
  await t.rejects(store.put(randomBytes(10)), { name: 'StoreError', code: 'store-unavailable' })
  t.strictSame(await listed(store), [])
})

t.test('an accepted file is kept byte for byte, encrypted, with its own hash and name sealed', async (t) => {
  const { vault, dir } = await temporaryVault(t)
  const store = await openEvidenceDirectory(join(dir, 'evidence'), options)
  const service = new EvidenceService(vault, store)
  const result = await service.accept(PDF, 'C:\\桌面\\张三笔录\u202e.pdf', owner)
  if (!result.ok) return t.fail(result.refusal.code)
  const { evidence } = result
  t.match(evidence, { type: 'application/pdf', size: PDF.length })
  for (const part of [evidence.contentSha256, evidence.name]) t.equal(part.category, 'attachment')
  t.equal(ToSeal.reveal(evidence.contentSha256), sha256(PDF))
  t.equal(ToSeal.reveal(evidence.name), '张三笔录.pdf')
  const stored = readFileSync(join(dir, 'evidence', evidence.address.slice(0, 2), evidence.address))
  t.equal(sha256(stored), evidence.address)
  t.notOk(stored.includes('张三') || stored.includes('%PDF'))
  t.strictSame(await service.read(evidence.address, owner), PDF)
  t.strictSame(await service.read(evidence.address, { ...owner, stream: 'complaint-2' }), { unavailable: true })
  t.strictSame(await service.read(evidence.address, { ...owner, subject: 'case-2' }), { unavailable: true })
  t.equal(await service.read('a'.repeat(64), owner), undefined)
  const twice = await service.accept(PDF, 'a.pdf', owner)
  t.not(twice.ok && twice.evidence.address, evidence.address, 'the address says nothing of the content')
})

t.test('a file that is empty, too large or of no accepted type is refused and nothing is stored', async (t) => {
  const { vault, dir } = await temporaryVault(t)
  const store = await openEvidenceDirectory(join(dir, 'evidence'), options)
  const service = new EvidenceService(vault, store, 20)
  const codeOf = async (bytes: Uint8Array) => {
    const result = await service.accept(bytes, 'a.pdf', owner)
    return result.ok ? 'accepted' : result.refusal.code
  }
  t.equal(await codeOf(new Uint8Array(0)), 'evidence-empty')
  t.equal(await codeOf(Buffer.from(`%PDF-1.7${'x'.repeat(13)}`)), 'evidence-too-large')
  t.equal(await codeOf(Buffer.from('MZ\0\0')), 'evidence-type-refused')
  t.strictSame(await listed(store), [])
  t.equal(await codeOf(Buffer.from(`%PDF-1.7${'x'.repeat(12)}`)), 'accepted')
  t.equal(new EvidenceService(vault, store).maxBytes, DEFAULT_MAX_BYTES)
})

t.test('names are shortened from the front, and a name that is none gets one', async (t) => {
  const { vault, dir } = await temporaryVault(t)
  const service = new EvidenceService(vault, await openEvidenceDirectory(join(dir, 'evidence'), options))
  const nameOf = async (declared: string) => {
    const result = await service.accept(PDF, declared, owner)
    return result.ok ? ToSeal.reveal(result.evidence.name) : result.refusal.code
  }
  t.equal(await nameOf(''), '未命名')
  t.equal(await nameOf('../..'), '未命名')
  t.equal(await nameOf('a/b\0c\n"<x>.pdf'), 'bcx.pdf')
  const long = await nameOf(`${'😀'.repeat(300)}.pdf`)
  t.equal([...long].length, 200)
  t.match(long, /^😀.*\.pdf$/u)
})
