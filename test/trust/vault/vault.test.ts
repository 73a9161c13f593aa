import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { Ciphertext, SealCategory } from '../../../src/domain/sealed.ts'
import { SubjectClosed, VaultUnavailable } from '../../../src/trust/ports.ts'
import type { FoundKeys, KeyRow } from '../../../src/trust/vault/rows.ts'
import { openVault, SqliteVaultRows } from '../../../src/trust/vault/sqlite.ts'
import { openKeyVault } from '../../../src/trust/vault/vault.ts'
import { countedRandom, TODAY, temporaryDirectory, temporaryVault, vaultIn } from '../temporary.ts'

const place = { event: 'e1', stream: 'complaint-1', path: ['complainant', 'name'] }
const field = (text: string, subject = 's1', category: SealCategory = 'identity') => ({
  ...place,
  subject,
  category,
  text,
})
const UNAVAILABLE = { unavailable: true }

/** Runs SQL on the vault's file as somebody beside the service would. */
function beside(path: string, sql: string, ...parameters: (string | Uint8Array)[]) {
  const db = new DatabaseSync(path)
  try {
    return db.prepare(sql).all(...parameters)
  } finally {
    db.close()
  }
}

t.test('a batch is sealed and opened in the order asked, a key per subject and category', async (t) => {
  const { vault, alarms } = await temporaryVault(t)
  const asked = [field('张三'), field('13800000000', 's1', 'contact'), field('李四', 's2'), field('王五'), field('')]
  const sealed = await vault.seal(asked)
  t.strictSame(await vault.open(sealed.map((cipher) => ({ ...place, cipher }))), [
    '张三',
    '13800000000',
    '李四',
    '王五',
    '',
  ])
  t.equal(new Set(sealed.map((cipher) => cipher.kid)).size, 3)
  t.equal(sealed[0]!.kid, sealed[3]!.kid)
  t.not(sealed[0]!.iv, sealed[3]!.iv)
  t.strictSame(await vault.seal([]), [])
  t.strictSame(await vault.open([]), [])
  t.strictSame(alarms, [])
})

t.test('what was sealed opens after a restart, with any text', async (t) => {
  const { vault, options } = await temporaryVault(t)
  const texts = fc.sample(fc.string({ unit: 'binary' }), 50).map((text) => text.toWellFormed())
  const sealed = await vault.seal(texts.map((text, i) => field(text, `s${i % 7}`, 'narrative')))
  await vault.close()
  const again = await openVault({ ...options, cachedKeys: 2 })
  t.teardown(() => again.close())
  t.strictSame(await again.open(sealed.map((cipher) => ({ ...place, cipher }))), texts)
})

t.test(
  'a field that stands in another place, or was tampered with, reads as unavailable and raises an alarm',
  async (t) => {
    const { vault, alarms } = await temporaryVault(t)
    const [cipher, other] = (await vault.seal([field('张三'), field('李四', 's2')])) as [Ciphertext, Ciphertext]
    const tampered: Ciphertext[] = [
      { ...cipher, enc: 'v0' as 'v1' },
      { ...cipher, alg: 'none' as 'A256GCM' },
      { ...cipher, sub: 's2' },
      { ...cipher, kid: other.kid },
      { ...cipher, kid: 'unknown' },
      { ...cipher, iv: other.iv },
      { ...cipher, ct: other.ct },
      { ...cipher, tag: other.tag },
      { ...cipher, kc: other.kc },
      { ...other, sub: 's1', kid: cipher.kid },
    ]
    for (const changed of tampered) t.strictSame(await vault.open([{ ...place, cipher: changed }]), [UNAVAILABLE])
    t.strictSame(await vault.open([{ ...place, event: 'e2', cipher }]), [UNAVAILABLE])
    t.equal(vault.alarms, tampered.length + 1)
    t.strictSame(
      alarms.map((alarm) => alarm.reason),
      [
        'algorithm',
        'algorithm',
        'authentication',
        'commitment',
        'key-missing',
        'authentication',
        'authentication',
        'authentication',
        'commitment',
        'commitment',
        'authentication',
      ],
    )
    t.strictSame(alarms.at(-1), {
      reason: 'authentication',
      place: { ...place, event: 'e2' },
      subject: 's1',
      kid: cipher.kid,
    })
    t.strictSame(await vault.open([{ ...place, cipher }]), ['张三'], 'the field itself still opens')
  },
)

t.test('keys are in the file before seal answers: another process reads them at once', async (t) => {
  const { vault, options } = await temporaryVault(t)
  const [cipher] = await vault.seal([field('张三')])
  const other = await openVault(options)
  t.teardown(() => other.close())
  t.strictSame(await other.open([{ ...place, cipher: cipher! }]), ['张三'])
})

/** A vault in memory that counts the transactions that make keys. */
async function counted(t: { teardown: (work: () => void) => void }) {
  const batches: number[] = []
  class Counting extends SqliteVaultRows {
    override async addKeys(rows: readonly KeyRow[]): Promise<FoundKeys> {
      batches.push(rows.length)
      return await super.addKeys(rows)
    }
  }
  const { options } = vaultIn(temporaryDirectory(t))
  const vault = await openKeyVault({ ...options, rows: new Counting(':memory:'), cachedKeys: 8 })
  t.teardown(() => vault.close())
  return { vault, batches }
}

t.test('callers of one moment share one commit, and each gets keys of its own', async (t) => {
  const { vault, batches } = await counted(t)
  const subjects = Array.from({ length: 64 }, (_, i) => `s${i}`)
  const sealed = await Promise.all(
    subjects.map((subject) => vault.seal([field(subject, subject), field('x', subject)])),
  )
  t.strictSame(batches, [64])
  const flat = sealed.flat()
  t.equal(new Set(flat.map((cipher) => cipher.kid)).size, 64)
  const opened = await vault.open(flat.map((cipher) => ({ ...place, cipher })))
  t.strictSame(
    opened,
    subjects.flatMap((subject) => [subject, 'x']),
  )
  await vault.seal(subjects.map((subject) => field('again', subject)))
  t.equal(batches.length, 1, 'keys that are there are not made again')
})

t.test('callers that come while a commit runs share the next one', async (t) => {
  const { vault, batches } = await counted(t)
  const first = vault.seal([field('1', 's1')])
  await new Promise(setImmediate)
  await Promise.all([first, vault.seal([field('2', 's2')]), vault.seal([field('3', 's3')])])
  t.equal(
    batches.reduce((sum, size) => sum + size),
    3,
  )
  t.ok(batches.length <= 2)
})

t.test('two processes that seal for one subject at once end with one key', async (t) => {
  const { vault, options } = await temporaryVault(t)
  const other = await openVault(options)
  t.teardown(() => other.close())
  const subjects = Array.from({ length: 20 }, (_, i) => `s${i}`)
  const ask = subjects.map((subject) => field(subject, subject))
  const [one, two] = await Promise.all([vault.seal(ask), other.seal(ask)])
  t.strictSame(
    one.map((cipher) => cipher.kid),
    two.map((cipher) => cipher.kid),
  )
  t.strictSame(await vault.open(two.map((cipher) => ({ ...place, cipher }))), subjects)
})

t.test('a destroyed key reads as erased, with time and basis, also in a process that has it in memory', async (t) => {
  const { vault, path, alarms } = await temporaryVault(t)
  const [cipher, other] = (await vault.seal([field('张三'), field('李四', 's2')])) as [Ciphertext, Ciphertext]
  const bytes = await vault.sealBytes('s1', 'complaint-1', Buffer.from('x'))
  const erased = { erased: true, at: '2026-03-01T00:00:00.000Z', basis: '个人信息保护法 47' }
  for (const { kid } of beside(path, `SELECT kid FROM dek WHERE subject = 's1'`)) {
    beside(
      path,
      'INSERT INTO tombstone VALUES (?, ?, ?, ?, ?, ?)',
      kid as string,
      's1',
      erased.at,
      erased.basis,
      'e9',
      '[]',
    )
  }
  beside(path, `DELETE FROM dek WHERE subject = 's1'`)
  beside(path, `UPDATE subject SET state = 'destroyed' WHERE id = 's1'`)
  t.strictSame(
    await vault.open([
      { ...place, cipher },
      { ...place, cipher: other },
    ]),
    [erased, '李四'],
  )
  t.strictSame(await vault.openBytes('s1', 'complaint-1', bytes), erased)
  await t.rejects(vault.seal([field('李四', 's2'), field('更多')]), {
    name: 'SubjectClosed',
    code: 'subject-destroyed',
    subject: 's1',
  })
  await t.rejects(vault.remember('o1', 's1', [{ kind: 'phone', value: '13800000000' }]), SubjectClosed)
  t.equal((await vault.seal([field('x', 's2')])).length, 1, 'others are not hindered')
  t.strictSame(beside(path, `SELECT kid FROM dek WHERE subject = 's1'`), [], 'no new key for the subject')
  t.strictSame(alarms, [])
})

t.test('fields of a restricted subject are withheld, it is not found, and nothing is added', async (t) => {
  const { vault, path } = await temporaryVault(t)
  const [cipher] = (await vault.seal([field('张三')])) as [Ciphertext]
  await vault.remember('o1', 's1', [{ kind: 'phone', value: '13800000000' }])
  beside(path, `UPDATE subject SET state = 'restricted' WHERE id = 's1'`)
  t.strictSame(await vault.open([{ ...place, cipher }]), [{ withheld: true }])
  t.strictSame(await vault.find('o1', [{ kind: 'phone', value: '13800000000' }]), [])
  await t.rejects(vault.seal([field('更多')]), { code: 'subject-restricted' })
})

t.test('a key lost without a record of its destruction is an alarm, not an erasure', async (t) => {
  const { vault, path, alarms } = await temporaryVault(t)
  const [cipher] = (await vault.seal([field('张三')])) as [Ciphertext]
  beside(path, 'DELETE FROM dek')
  t.strictSame(await vault.open([{ ...place, cipher }]), [UNAVAILABLE])
  t.equal(alarms[0]?.reason, 'key-missing')
})

t.test('a key put in the row of another subject is used for nothing', async (t) => {
  const { vault, options, path, alarms } = await temporaryVault(t)
  const [one] = (await vault.seal([field('张三'), field('李四', 's2')])) as [Ciphertext, Ciphertext]
  await vault.close()
  beside(path, `UPDATE dek SET wrapped = (SELECT wrapped FROM dek WHERE subject = 's2') WHERE subject = 's1'`)
  const again = await openVault(options)
  t.teardown(() => again.close())
  t.strictSame(await again.open([{ ...place, cipher: one }]), [UNAVAILABLE])
  t.equal(alarms[0]?.reason, 'authentication')
  await t.rejects(again.seal([field('更多')]), VaultUnavailable)
})

/** Nothing works but to say so: nothing sealed, nothing read, nothing made. */
async function assertLocked(t: Test, options: Parameters<typeof openVault>[0], cipher: Ciphertext, says: RegExp) {
  const vault = await openVault(options)
  t.teardown(() => vault.close())
  t.strictSame(await vault.open([{ ...place, cipher }]), [UNAVAILABLE])
  t.equal(vault.alarms, 0, 'a missing key is no tampering')
  await t.rejects(vault.seal([field('x')]), { code: 'vault-unavailable', message: says })
  await t.rejects(vault.sealBytes('s1', 'a', Buffer.from('x')), VaultUnavailable)
  await t.rejects(vault.remember('o', 's1', [{ kind: 'phone', value: '1' }]), VaultUnavailable)
  await t.rejects(vault.find('o', [{ kind: 'phone', value: '1' }]), VaultUnavailable)
  t.throws(() => vault.mac('row', 'x'), VaultUnavailable)
  t.match(await vault.ready(), { ok: false, detail: says })
}

t.test('without the right master key nothing is sealed or read, and no key is made over an old vault', async (t) => {
  const { vault, options, path, dir } = await temporaryVault(t)
  const [cipher] = (await vault.seal([field('张三')])) as [Ciphertext]
  await vault.close()
  const before = beside(path, 'SELECT * FROM secret, dek')
  await assertLocked(t, { ...options, masterKeyFile: undefined }, cipher, /no master key file is named/)
  const absent = join(dir, 'absent.key')
  await assertLocked(t, { ...options, masterKeyFile: absent }, cipher, /no master key at/)
  t.notOk(existsSync(absent))
  const stranger = await temporaryVault(t)
  await assertLocked(t, { ...options, masterKeyFile: stranger.options.masterKeyFile }, cipher, /not this vault's/)
  t.strictSame(beside(path, 'SELECT * FROM secret, dek'), before)
  const again = await openVault(options)
  t.teardown(() => again.close())
  t.strictSame(await again.open([{ ...place, cipher }]), ['张三'], 'with its own key it opens again')
})

t.test('where events are there already a missing vault is not replaced by a new one', async (t) => {
  const { vault, options, path } = await temporaryVault(t)
  const [cipher] = (await vault.seal([field('张三')])) as [Ciphertext]
  await vault.close()
  for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true })
  await assertLocked(t, { ...options, mayCreate: false }, cipher, /vault of these events is missing/)
  t.notOk(existsSync(path))
})

t.test('an erased field reads as erased also without a master key', async (t) => {
  const { vault, options, path } = await temporaryVault(t)
  const [cipher] = (await vault.seal([field('张三')])) as [Ciphertext]
  beside(path, 'DELETE FROM dek')
  beside(path, `INSERT INTO tombstone VALUES (?, 's1', '2026-03-01T00:00:00.000Z', 'b', 'e9', '[]')`, cipher.kid)
  const locked = await openVault({ ...options, masterKeyFile: undefined })
  t.teardown(() => locked.close())
  t.match(await locked.open([{ ...place, cipher }]), [{ erased: true }])
})

t.test('MACs are the same after a restart and apart by purpose, vault and content', async (t) => {
  const { vault, options } = await temporaryVault(t)
  const mac = vault.mac('row', 'a')
  t.match(mac, /^[A-Za-z0-9_-]{43}$/)
  t.equal(vault.mac('row', Buffer.from('a')), mac)
  t.not(vault.mac('request', 'a'), mac)
  t.not(vault.mac('row', 'b'), mac)
  t.not(vault.mac('row', ''), vault.mac('rowa', ''))
  await vault.close()
  const again = await openVault(options)
  t.teardown(() => again.close())
  t.equal(again.mac('row', 'a'), mac)
  const other = await temporaryVault(t)
  t.not(other.vault.mac('row', 'a'), mac)
})

t.test('repeats are found within an organisation by kind, however they were typed', async (t) => {
  const { vault } = await temporaryVault(t)
  await vault.remember('o1', 's1', [
    { kind: 'phone', value: '+86 138-0000-0000' },
    { kind: 'identity-number', value: '11010119900307123x' },
  ])
  await vault.remember('o1', 's2', [{ kind: 'phone', value: '１３８００００００００' }])
  await vault.remember('o1', 's2', [{ kind: 'phone', value: '13800000000' }])
  await vault.remember('o2', 's3', [{ kind: 'phone', value: '13800000000' }])
  t.strictSame(await vault.find('o1', [{ kind: 'phone', value: '138 0000 0000' }]), [
    { subject: 's1', kind: 'phone' },
    { subject: 's2', kind: 'phone' },
  ])
  t.strictSame(await vault.find('o1', [{ kind: 'identity-number', value: '110101 19900307 123X' }]), [
    { subject: 's1', kind: 'identity-number' },
  ])
  t.strictSame(await vault.find('o1', [{ kind: 'name-office', value: '13800000000' }]), [])
  t.strictSame(await vault.find('o1', [{ kind: 'phone', value: '无' }]), [], 'nothing is found by nothing')
  await vault.remember('o1', 's4', [{ kind: 'phone', value: '不详' }])
  t.strictSame(await vault.find('o1', [{ kind: 'phone', value: '' }]), [])
})

t.test('an engine that does not answer: sealing is refused, reads are unavailable', async (t) => {
  const { vault, options } = await temporaryVault(t)
  const [cipher] = (await vault.seal([field('张三')])) as [Ciphertext]
  const rows = new SqliteVaultRows(options.dir ? join(options.dir, 'vault.db') : '')
  const broken = await openKeyVault({ ...options, rows })
  await rows.close()
  t.strictSame(await broken.open([{ ...place, cipher }]), [UNAVAILABLE])
  await t.rejects(broken.seal([field('x')]), { code: 'vault-unavailable' })
  await t.rejects(broken.find('o', [{ kind: 'phone', value: '1' }]), { code: 'vault-unavailable' })
  t.match(await broken.ready(), { ok: false })
})

t.test('a closed vault refuses; what was asked before it closed is answered', async (t) => {
  const { vault } = await temporaryVault(t)
  const asked = vault.seal([field('张三')])
  await vault.close()
  t.equal((await asked).length, 1)
  await t.rejects(vault.seal([field('x')]), VaultUnavailable)
  await vault.close()
})

t.test('the same bytes of randomness give the same ciphertexts: nothing else is random', async (t) => {
  const seals = async () => {
    const { vault } = await temporaryVault(t, { random: countedRandom() })
    return await vault.seal([field('张三'), field('x', 's2', 'narrative')])
  }
  t.strictSame(await seals(), await seals())
})

t.test('the file: owner only, durable settings, wrapped keys, times', async (t) => {
  const { vault, path, dir } = await temporaryVault(t)
  const [cipher] = (await vault.seal([field('张三')])) as [Ciphertext]
  const { statSync } = await import('node:fs')
  for (const end of ['', '-wal']) t.equal(statSync(path + end).mode & 0o777, 0o600)
  t.equal(statSync(join(dir, 'keys', 'master.key')).mode & 0o777, 0o600)
  const [row] = beside(path, 'SELECT kid, subject, category, length(wrapped) AS bytes, created_at FROM dek')
  t.strictSame(
    { ...row },
    {
      kid: cipher.kid,
      subject: 's1',
      category: 'identity',
      bytes: 61,
      created_at: new Date(TODAY).toISOString(),
    },
  )
  t.match(readFileSync(join(dir, 'keys', 'master.key'), 'utf8'), /^duban-master-key-v1:[A-Za-z0-9+/]{43}=\n$/)
})

t.test('a vault of a newer format is not opened', async (t) => {
  const { vault, path, options } = await temporaryVault(t)
  await vault.close()
  beside(path, 'PRAGMA user_version = 99')
  await t.rejects(openVault(options), { code: 'vault-unavailable', message: /newer program/ })
})
