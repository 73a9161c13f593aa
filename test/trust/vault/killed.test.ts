import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import type { Ciphertext } from '../../../src/domain/sealed.ts'
import { openVault } from '../../../src/trust/vault/sqlite.ts'
import { temporaryDirectory, vaultIn } from '../temporary.ts'

/** Seals for ever new subjects, 8 at a time, and prints each ciphertext as soon as it has it. */
const CHILD = `
  import { randomBytes } from 'node:crypto'
  import { openVault } from './src/trust/vault/sqlite.ts'
  const [dir, masterKeyFile] = process.argv.slice(1)
  const vault = await openVault({ dir, masterKeyFile, now: Date.now, random: randomBytes })
  let n = 0
  const worker = async () => {
    for (;;) {
      const subject = 's' + n++
      const [cipher] = await vault.seal([{ event: 'e', stream: 'x-1', path: ['p'], subject, category: 'identity', text: subject }])
      await new Promise((done) => process.stdout.write(JSON.stringify(cipher) + '\\n', done))
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
`

t.test('whatever was sealed before the process was killed opens after it', async (t) => {
  const dir = temporaryDirectory(t)
  const { options } = vaultIn(dir)
  let text = ''
  for (const enough of [1, 40, 150]) {
    const from = text.length
    const root = join(import.meta.dirname, '../../..')
    const arguments_ = ['--input-type=module', '-e', CHILD, dir, options.masterKeyFile]
    const child = spawn(process.execPath, arguments_, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout.on('data', (chunk) => {
      text += chunk
      if (text.slice(from).split('\n').length > enough) child.kill('SIGKILL')
    })
    const [, signal] = await once(child, 'close')
    t.equal(signal, 'SIGKILL')
    if (!text.endsWith('\n')) text = text.slice(0, text.lastIndexOf('\n') + 1)
  }
  const ciphers = text
    .trimEnd()
    .split('\n')
    .map((line): Ciphertext => JSON.parse(line))
  t.ok(ciphers.length >= 190)
  const vault = await openVault(options)
  t.teardown(() => vault.close())
  const opened = await vault.open(ciphers.map((cipher) => ({ event: 'e', stream: 'x-1', path: ['p'], cipher })))
  t.strictSame(
    opened,
    ciphers.map((cipher) => cipher.sub),
  )
})
