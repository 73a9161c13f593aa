import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { openVault, type VaultOptions } from '../../src/trust/vault/sqlite.ts'
import type { VaultAlarm } from '../../src/trust/vault/vault.ts'

/** A directory that is gone after the test. */
export function temporaryDirectory(t: Pick<Test, 'teardown'>): string {
  const dir = mkdtempSync(join(tmpdir(), 'duban-trust-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** Bytes that are the same on every run: SHA-256 of a counter, for vectors only. */
export function countedRandom() {
  let counter = 0
  return (bytes: number): Uint8Array => {
    const parts: Buffer[] = []
    for (let length = 0; length < bytes; length += 32) {
      parts.push(createHash('sha256').update(`random ${counter++}`).digest())
    }
    return Buffer.concat(parts).subarray(0, bytes)
  }
}

export const TODAY = Date.parse('2026-03-02T01:00:00.000Z')

/** Options of a vault in a directory whose master key stands beside it, and the alarms it raised. */
export function vaultIn(dir: string, more: Partial<VaultOptions> = {}) {
  const alarms: VaultAlarm[] = []
  const options = {
    dir,
    masterKeyFile: join(dir, 'keys', 'master.key'),
    now: () => TODAY,
    random: randomBytes,
    onTamper: (alarm: VaultAlarm) => alarms.push(alarm),
    ...more,
  }
  return { options, alarms, path: join(dir, 'vault.db') }
}

/** An open vault in a directory of its own. */
export async function temporaryVault(t: Pick<Test, 'teardown'>, more: Partial<VaultOptions> = {}) {
  const dir = temporaryDirectory(t)
  const { options, alarms, path } = vaultIn(dir, more)
  const vault = await openVault(options)
  t.teardown(() => vault.close())
  return { vault, dir, alarms, options, path }
}
