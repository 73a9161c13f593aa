/** The master key: a file of its own, outside every backup, that nobody but the service's account can read. */
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncDirectory } from '../../store/durable-file.ts'
import { KEY_BYTES, type Random } from './crypto.ts'

/** The master key file is there but must not be used. */
export class MasterKeyRefused extends Error {
  readonly code: 'master-key-exposed' | 'master-key-invalid'
  constructor(code: MasterKeyRefused['code'], message: string) {
    super(message)
    this.name = 'MasterKeyRefused'
    this.code = code
  }
}

/** One line: the format's name, a colon, 32 bytes in base64. */
const FORMAT = /^duban-master-key-v1:([A-Za-z0-9+/]{43}=)\n?$/

/**
 * Reads a master key; nothing where there is no file.
 * @throws MasterKeyRefused `master-key-exposed` if others than the owner may read or write the file,
 * `master-key-invalid` if it is not one
 */
export function readMasterKey(path: string): Buffer | undefined {
  let mode: number
  let text: string
  try {
    mode = statSync(path).mode
    text = readFileSync(path, 'latin1')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new MasterKeyRefused('master-key-invalid', `${path}: ${(error as Error).message}`)
  }
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    const shown = (mode & 0o777).toString(8).padStart(4, '0')
    throw new MasterKeyRefused('master-key-exposed', `${path} has mode ${shown}; it must be 0600`)
  }
  const key = Buffer.from(FORMAT.exec(text)?.[1] ?? '', 'base64')
  if (key.length !== KEY_BYTES) throw new MasterKeyRefused('master-key-invalid', `${path} holds no master key`)
  return key
}

/** Makes a master key file durably, unless one is there already; answers the one that is there. @throws MasterKeyRefused */
export function createMasterKey(path: string, random: Random): Buffer {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = `${path}.${Buffer.from(random(8)).toString('hex')}.new`
  const file = openSync(temporary, 'wx', 0o600)
  try {
    writeSync(file, `duban-master-key-v1:${Buffer.from(random(KEY_BYTES)).toString('base64')}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  try {
    // A link never replaces: of two services that start at once one makes the key, the other takes it.
    linkSync(temporary, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(temporary)
  }
  syncDirectory(dirname(path))
  return readMasterKey(path)!
}
