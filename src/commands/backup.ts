/**
 * A backup beside the running service. The order makes one consistent point of three files: events first, then the vault, then
 * evidence. A key and a file are durable before the event that names them, so whatever the copied events name is there. The
 * master key is never copied. The manifest is written last, after everything was read back: a directory without one is none.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { instantOfMs } from '../domain/time.ts'
import { digestEvents } from '../store/digest.ts'
import { syncDirectory } from '../store/durable-file.ts'
import { INSTALLATION_FILE } from '../store/installation.ts'
import { StoreError } from '../store/port.ts'
import { checkCopy, copyDatabase } from '../store/sqlite/copy.ts'
import { EVENTS_FILE, openEmbeddedReader } from '../store/sqlite/index.ts'
import { BackupRefused, copyFile, hashFile, type ManifestFile, writeManifest } from './backup-manifest.ts'

/** File of the vault in a data directory and in a backup. */
export const VAULT_FILE = 'vault.db'
/** Directory of evidence files in both. */
export const EVIDENCE_DIRECTORY = 'evidence'

export interface BackupSource {
  /** The data directory; another process, or this one, may own it. */
  readonly directory: string
  /** Where the evidence files are; default: in the data directory. */
  readonly evidenceDirectory?: string | undefined
  /** Version of this program. */
  readonly version: string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface BackupReport {
  /** Where the backup is. */
  readonly directory: string
  /** Number of events in it. */
  readonly events: number
  /** Id of the last event; null in an empty one. */
  readonly lastEvent: string | null
  /** Number of files, the manifest apart. */
  readonly files: number
  /** Bytes of those files. */
  readonly bytes: number
  /** SHA-256 over the bytes of every envelope, each ended by a newline. */
  readonly digest: string
  readonly at: string
  readonly version: string
  /** Evidence files whose content was not what their address says: they were copied as they are. */
  readonly damagedEvidence: readonly string[]
}

const ADDRESS = /^[0-9a-f]{64}$/

/** Addresses of the evidence files there are now. */
export function* evidenceAddresses(directory: string): Generator<string> {
  if (!existsSync(directory)) return
  for (const folder of readdirSync(directory).sort()) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue
    for (const name of readdirSync(join(directory, folder)).sort()) if (ADDRESS.test(name)) yield name
  }
}

/** Makes the directory, or takes an empty one. @throws BackupRefused `backup-target-not-empty`, `backup-target-unwritable` */
function prepareTarget(target: string): void {
  try {
    mkdirSync(target, { recursive: true, mode: 0o700 })
    if (readdirSync(target).length === 0) return
  } catch (error) {
    throw unwritable(error)
  }
  throw new BackupRefused('backup-target-not-empty', `${target} is not empty`)
}

const unwritable = (error: unknown): unknown => {
  const { code, message } = error as NodeJS.ErrnoException
  if (error instanceof BackupRefused || error instanceof StoreError) return error
  if (code === 'ENOSPC' || code === 'EDQUOT') return new BackupRefused('disk-full', message, { cause: error })
  if (['EROFS', 'EACCES', 'EPERM', 'EEXIST', 'ENOTDIR', 'EIO', 'EFBIG'].includes(String(code)))
    return new BackupRefused('backup-target-unwritable', message, { cause: error })
  return error
}

/**
 * Writes a backup of a data directory into an empty directory and reads it back.
 * @throws BackupRefused `backup-of-cluster`, `backup-target-not-empty`, `backup-target-unwritable`, `backup-verification-failed`, `disk-full`;
 * StoreError `data-directory-missing`, `disk-full`, `store-unavailable`
 */
export async function createBackup(source: BackupSource, directory: string): Promise<BackupReport> {
  const target = resolve(directory)
  const reader = openEmbeddedReader(source.directory)
  try {
    if (reader.isMirror) throw new BackupRefused('backup-of-cluster', `${source.directory} is a mirror`)
    prepareTarget(target)
    const at = instantOfMs(source.now())
    const files: ManifestFile[] = []
    const damagedEvidence: string[] = []

    await copyDatabase(join(source.directory, EVENTS_FILE), join(target, EVENTS_FILE))
    if (existsSync(join(source.directory, VAULT_FILE)))
      await copyDatabase(join(source.directory, VAULT_FILE), join(target, VAULT_FILE))
    for (const name of [EVENTS_FILE, VAULT_FILE])
      if (existsSync(join(target, name))) files.push({ name, ...(await hashFile(join(target, name))) })

    const folders = new Set<string>()
    const evidence = source.evidenceDirectory ?? join(source.directory, EVIDENCE_DIRECTORY)
    for (const address of evidenceAddresses(evidence)) {
      const name = `${EVIDENCE_DIRECTORY}/${address.slice(0, 2)}/${address}`
      const folder = dirname(join(target, name))
      if (!folders.has(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 })
      folders.add(folder)
      const copied = await copyFile(join(evidence, address.slice(0, 2), address), join(target, name))
      // A file that rotted at its source must not keep the rest from being backed up: it is copied and told.
      if (copied.sha256 !== address) damagedEvidence.push(address)
      files.push({ name, ...copied })
    }
    const mark = join(source.directory, INSTALLATION_FILE)
    if (existsSync(mark))
      files.push({ name: INSTALLATION_FILE, ...(await copyFile(mark, join(target, INSTALLATION_FILE))) })

    const copy = await checkCopy(join(target, EVENTS_FILE), 'events')
    const events = copy.events
    if (copy.integrity !== 'ok' || !events)
      throw new BackupRefused('backup-verification-failed', `events: ${copy.integrity}`)
    const original = await digestEvents(reader.log, events.events)
    if (original.digest !== events.digest)
      throw new BackupRefused('backup-verification-failed', `the ${events.events} events differ from those copied`)
    if (files.some(({ name }) => name === VAULT_FILE)) {
      const { integrity } = await checkCopy(join(target, VAULT_FILE), 'vault')
      if (integrity !== 'ok') throw new BackupRefused('backup-verification-failed', `vault: ${integrity}`)
    }

    for (const folder of folders) syncDirectory(folder)
    if (folders.size > 0) syncDirectory(join(target, EVIDENCE_DIRECTORY))
    syncDirectory(target)
    writeManifest(target, { version: source.version, at, ...events, files })
    syncDirectory(dirname(target))
    return {
      directory: target,
      ...events,
      files: files.length,
      bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      at,
      version: source.version,
      damagedEvidence,
    }
  } catch (error) {
    throw unwritable(error)
  } finally {
    await reader.close()
  }
}
