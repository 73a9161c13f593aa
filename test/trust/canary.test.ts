import { randomBytes } from 'node:crypto'
import { openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { inspect } from 'node:util'
import pino from 'pino'
import t from 'tap'
import { ToSeal } from '../../src/domain/sealed.ts'
import { encodeEnvelope } from '../../src/store/envelope.ts'
import { openEvidenceDirectory } from '../../src/trust/evidence/directory.ts'
import { EvidenceService } from '../../src/trust/evidence/evidence.ts'
import { openSteps, sealEvents } from '../../src/trust/sealing.ts'
import { openVault } from '../../src/trust/vault/sqlite.ts'
import { formsOf } from '../support/forms.ts'
import { temporaryDirectory, vaultIn } from './temporary.ts'

function hits(dir: string, canaries: readonly string[]): string[] {
  const found: string[] = []
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const content = readFileSync(join(entry.parentPath, entry.name))
    for (const canary of canaries) {
      for (const [form, bytes] of formsOf(canary)) {
        if (content.includes(bytes)) found.push(`${entry.name}: ${canary} as ${form}`)
      }
    }
  }
  return found
}

t.test('the search finds a text in each of its forms', async (t) => {
  const dir = temporaryDirectory(t)
  const canary = '金丝雀canary-0'
  for (const [form, bytes] of formsOf(canary)) {
    writeFileSync(join(dir, 'file'), Buffer.concat([randomBytes(100), bytes, randomBytes(100)]))
    t.strictSame(
      hits(dir, [canary]).some((hit) => hit.endsWith(form)),
      true,
      form,
    )
  }
  for (const before of ['', 'x', 'xy', 'xyz']) {
    writeFileSync(join(dir, 'file'), Buffer.from(`${before}${canary}tail`).toString('base64'))
    t.ok(hits(dir, [canary]).length > 0, `base64 after ${before.length} bytes`)
  }
  writeFileSync(join(dir, 'file'), randomBytes(100_000))
  t.strictSame(hits(dir, [canary]), [])
})

t.test('no personal text is readable in any byte of the vault, the events, the evidence or the log', async (t) => {
  const dir = temporaryDirectory(t)
  const { options } = vaultIn(dir)
  const logFile = openSync(join(dir, 'service.log'), 'w')
  const log = pino({ level: 'trace' }, { write: (line: string) => writeSync(logFile, line) })
  const vault = await openVault({ ...options, onTamper: (alarm) => log.error({ alarm }, 'does not open') })
  t.teardown(() => vault.close())
  const store = await openEvidenceDirectory(join(dir, 'evidence'), { now: Date.now, random: randomBytes })
  const evidence = new EvidenceService(vault, store)

  const unique = (what: string) => `${what}金丝雀${randomBytes(6).toString('hex')}`
  const name = unique('姓名')
  const address = unique('住址')
  const story = unique('经过')
  const content = unique('笔录内容')
  const fileName = unique('文件')
  const phone = `139${String(randomBytes(4).readUInt32LE()).padStart(10, '0').slice(0, 8)}`
  const identityNumber = `11010119900307${String(1000 + (randomBytes(2).readUInt16LE() % 9000))}`
  const canaries = [name, address, story, content, fileName, phone, identityNumber]

  const accepted = await evidence.accept(Buffer.from(`%PDF-1.7\n${content}`), `${fileName}.pdf`, {
    subject: 'case-1',
    stream: 'complaint-1',
  })
  if (!accepted.ok) return t.fail(accepted.refusal.code)
  const data = {
    complainant: {
      subject: 's1',
      name: new ToSeal('identity', name),
      identityNumber: new ToSeal('identity', identityNumber),
      phone: new ToSeal('contact', phone),
      address: new ToSeal('contact', address),
    },
    story: new ToSeal('narrative', story),
    evidence: [accepted.evidence],
  }
  await vault.remember('o1', 's1', [
    { kind: 'phone', value: phone },
    { kind: 'identity-number', value: identityNumber },
    { kind: 'name-office', value: `${name}/${address}` },
  ])
  log.debug({ data }, 'before sealing')
  log.debug({ shown: inspect(data, { depth: 9 }) }, 'shown')
  const [event] = await sealEvents(vault, 'complaint-1', [{ type: 'ComplaintReceived', data }], ['e1'], 'case-1')
  log.info({ event, mac: vault.mac('request', JSON.stringify(event)) }, 'sealed')

  const db = new DatabaseSync(join(dir, 'events.db'))
  t.teardown(() => db.close())
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE event (bytes BLOB NOT NULL)')
  const at = '2026-03-02T01:00:00.000Z'
  const envelope = { id: 'e1', stream: 'complaint-1', revision: 0, type: 'ComplaintReceived', version: 1 }
  const provenance = { organisation: 'o1', actor: { operator: true }, commandId: 'c1', requestMac: 'm' } as const
  const bytes = encodeEnvelope({ ...envelope, ...provenance, recordedAt: at, effectiveAt: at, data: event!.data })
  db.prepare('INSERT INTO event VALUES (?)').run(bytes)

  const stored = JSON.parse(Buffer.from(bytes).toString('utf8')).data
  const elsewhere = { data: stored, sealedBy: { event: 'e2', path: [] } }
  await openSteps(vault, 'complaint-1', [elsewhere], () => true)
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' })
  t.ok(names.includes('vault.db-wal') && names.includes('events.db-wal'), 'files that are still open are searched too')
  t.strictSame(hits(dir, canaries), [])
  t.strictSame(
    canaries.filter((canary) => names.some((file) => file.includes(canary))),
    [],
  )
  t.match(readFileSync(join(dir, 'service.log'), 'utf8'), 'does not open', 'the log was written')

  const step = { data: stored, sealedBy: { event: 'e1', path: [] } }
  const [opened] = await openSteps(vault, 'complaint-1', [step], () => true)
  t.match(opened, { complainant: { name, identityNumber, phone, address }, story }, 'while those with the keys read it')
})
