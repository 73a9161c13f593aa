/** Evidence files in a directory: encrypted, one file each, under the first two digits of their address. */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { syncDirectory } from '../../store/durable-file.ts'
import { StoreError } from '../../store/port.ts'
import type { EvidenceStore } from '../ports.ts'
import type { Random } from '../vault/crypto.ts'

/** A stored file is not what its address says. */
export class EvidenceDamaged extends Error {
  readonly code = 'evidence-damaged' as const
  readonly address: string
  constructor(address: string) {
    super(`evidence ${address} does not have the hash that is its address`)
    this.name = 'EvidenceDamaged'
    this.address = address
  }
}

const ADDRESS = /^[0-9a-f]{64}$/
/** Files on their way in; what a crash leaves here is ciphertext of nothing that was acknowledged. */
const INCOMING = 'incoming'
const ABANDONED_MS = 24 * 3_600_000

export const sha256Hex = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Opens or makes the directory and removes files that were abandoned on their way in more than a day ago. */
export async function openEvidenceDirectory(
  dir: string,
  { now, random }: { readonly now: () => number; readonly random: Random } = { now: Date.now, random: randomBytes },
): Promise<EvidenceStore> {
  const incoming = join(dir, INCOMING)
  mkdirSync(incoming, { recursive: true, mode: 0o700 })
  syncDirectory(dir)
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
    if (now() - mtimeMs > ABANDONED_MS) await rm(path, { force: true })
  }
  return new EvidenceDirectory(dir, random)
}

class EvidenceDirectory implements EvidenceStore {
  readonly #dir: string
  readonly #random: Random
  constructor(dir: string, random: Random) {
    this.#dir = dir
    this.#random = random
  }

  #path(address: string): string {
    return join(this.#dir, address.slice(0, 2), address)
  }

  async put(ciphertext: Uint8Array): Promise<string> {
    const address = sha256Hex(ciphertext)
    const path = this.#path(address)
    if ((await this.#read(path))?.hash === address) return address
    const temporary = join(this.#dir, INCOMING, Buffer.from(this.#random(16)).toString('hex'))
    const folder = join(this.#dir, address.slice(0, 2))
    try {
      const file = await open(temporary, 'wx', 0o600)
      try {
        await file.writeFile(ciphertext)
        await file.sync()
      } finally {
        await file.close()
      }
      if (!existsSync(folder)) {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        syncDirectory(this.#dir)
      }
      await rename(temporary, path)
      syncDirectory(folder)
    } catch (error) {
      await rm(temporary, { force: true })
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOSPC' || code === 'EDQUOT') {
        throw new StoreError('disk-full', 'no space left for evidence', { cause: error })
      }
      throw new StoreError('store-unavailable', 'the evidence directory cannot be written', { cause: error })
    }
    return address
  }

  async #read(path: string): Promise<{ bytes: Buffer; hash: string } | undefined> {
    try {
      const bytes = await readFile(path)
      return { bytes, hash: sha256Hex(bytes) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw new StoreError('store-unavailable', 'the evidence directory cannot be read', { cause: error })
    }
  }

  async get(sha256: string): Promise<Uint8Array | undefined> {
    if (!ADDRESS.test(sha256)) return undefined
    const found = await this.#read(this.#path(sha256))
    if (found && found.hash !== sha256) throw new EvidenceDamaged(sha256)
    return found?.bytes
  }

  async *list(): AsyncIterable<string> {
    for (const folder of (await readdir(this.#dir)).sort()) {
      if (!/^[0-9a-f]{2}$/.test(folder)) continue
      for (const name of (await readdir(join(this.#dir, folder))).sort()) if (ADDRESS.test(name)) yield name
    }
  }
}
