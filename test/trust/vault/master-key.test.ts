import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { errors } from '../../../src/domain/catalogue/errors.ts'
import { createMasterKey, MasterKeyRefused, readMasterKey } from '../../../src/trust/vault/master-key.ts'
import { openVault } from '../../../src/trust/vault/sqlite.ts'
import { temporaryDirectory, vaultIn } from '../temporary.ts'

t.test('a master key is made once; who comes second takes the first one’s', async (t) => {
  const path = join(temporaryDirectory(t), 'deep', 'master.key')
  t.equal(readMasterKey(path), undefined)
  const made = createMasterKey(path, randomBytes)
  t.equal(made.length, 32)
  t.strictSame(createMasterKey(path, randomBytes), made)
  t.strictSame(readMasterKey(path), made)
  t.strictSame(readdirSync(join(path, '..')), ['master.key'], 'no draft is left')
})

t.test('a file that others may read is refused, and no vault is made', async (t) => {
  const dir = temporaryDirectory(t)
  const { options } = vaultIn(dir)
  createMasterKey(options.masterKeyFile, randomBytes)
  for (const mode of [0o640, 0o604, 0o620, 0o777]) {
    chmodSync(options.masterKeyFile, mode)
    const refusal = { name: 'MasterKeyRefused', code: 'master-key-exposed', message: /must be 0600/ }
    t.throws(() => readMasterKey(options.masterKeyFile), refusal)
    await t.rejects(openVault(options), refusal)
  }
  chmodSync(options.masterKeyFile, 0o400)
  t.equal(readMasterKey(options.masterKeyFile)?.length, 32, 'a stricter mode is fine')
})

t.test('a file that holds no master key is refused and left as it is', async (t) => {
  const dir = temporaryDirectory(t)
  const path = join(dir, 'master.key')
  for (const content of ['', 'duban-master-key-v1:', `duban-master-key-v2:${'A'.repeat(43)}=`, 'x'.repeat(32)]) {
    writeFileSync(path, content, { mode: 0o600 })
    t.throws(() => readMasterKey(path), { code: 'master-key-invalid' })
    t.throws(() => createMasterKey(path, randomBytes), { code: 'master-key-invalid' })
    t.equal(readFileSync(path, 'utf8'), content)
  }
  mkdirSync(join(dir, 'folder'), { mode: 0o700 })
  t.throws(() => readMasterKey(join(dir, 'folder')), MasterKeyRefused)
  t.notOk(existsSync(join(dir, 'vault.db')))
})

t.test('every refusal of the trust layer has its row in the table of errors', async (t) => {
  const codes = [
    'master-key-exposed',
    'master-key-invalid',
    'subject-restricted',
    'subject-destroyed',
    'vault-unavailable',
  ]
  for (const code of [...codes, 'evidence-damaged']) t.ok(Object.hasOwn(errors, code), code)
})
