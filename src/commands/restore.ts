/**
 * Restoring a backup into a data directory. Everything is copied and checked beside what is there; only then it is switched, and
 * the switch is written down first, so that a restore that was killed in the middle is finished by the next one.
 *
 * States of a data directory: as it was → staged (`.restoring/new`, nothing changed yet) → switching (`.restoring/switch.json`; the
 * service does not open it) → restored.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { syncDirectory, writeDurably } from '../store/durable-file.ts'
import { checkCopyHere, openCopy } from '../store/sqlite/copy.ts'
import { EVENTS_FILE } from '../store/sqlite/index.ts'
import { OWNER_FILE, ownDirectory } from '../store/sqlite/owner.ts'
import { wrappingKey } from '../trust/vault/crypto.ts'
import { MasterKeyRefused, readMasterKey } from '../trust/vault/master-key.ts'
import { EVIDENCE_DIRECTORY, evidenceAddresses, VAULT_FILE } from './backup.ts'
import { BackupRefused, copyFile, hashFile, type Manifest, readManifest } from './backup-manifest.ts'

export interface RestoreRequest {
  /** Directory of the backup. */
  readonly backup: string
  /** Data directory to restore into. */
  readonly directory: string
  /** Where this installation keeps its evidence, if not in the data directory. What is there stays. */
  readonly evidenceDirectory?: string | undefined
  /** Where this installation keeps its master key. */
  readonly masterKeyFile: string
  /** A master key to put there; it must be the vault's. */
  readonly masterKey?: string
  /** Moves what is in the directory aside instead of refusing. */
  readonly force: boolean
  /** Milliseconds since 1970: names what is moved aside. */
  readonly now: () => number
}

export interface RestoreReport {
  readonly directory: string
  readonly events: number
  readonly lastEvent: string | null
  readonly files: number
  readonly digest: string
  /** When the backup was made, and by which version. */
  readonly at: string
  readonly version: string
  /** `in place`: sealed fields can be read; `missing`: they read as unavailable until the key is there; `none needed`: no vault. */
  readonly masterKey: 'in place' | 'missing' | 'none needed'
  /** Where the old content was moved; null where there was none. */
  readonly movedAside: string | null
}

const STAGING = '.restoring'
const SWITCH_FILE = 'switch.json'
const ASIDE = 'before-restore-'

const switchSchema = z.strictObject({
  /** Directory that the old entries go to; null where there are none. */
  aside: z.string().nullable(),
  old: z.array(z.string()),
  new: z.array(z.string()),
})
type Switch = z.output<typeof switchSchema>

/** Whether a restore into this directory was killed while it replaced what was there. */
export const isRestoreUnfinished = (directory: string): boolean => existsSync(join(directory, STAGING, SWITCH_FILE))

/**
 * Refuses a directory that holds half of one state and half of another.
 * @throws BackupRefused `restore-unfinished`
 */
export function refuseUnfinishedRestore(directory: string): void {
  if (isRestoreUnfinished(directory))
    throw new BackupRefused('restore-unfinished', `a restore into ${directory} was killed`)
}

/**
 * Restores a backup; nothing is replaced before every file was checked.
 * @throws BackupRefused `backup-incomplete`, `backup-damaged`, `backup-format-unknown`, `data-directory-not-empty`,
 * `master-key-mismatch`, `master-key-in-the-way`, `input-unreadable`, `disk-full`; MasterKeyRefused;
 * StoreError `store-owned-elsewhere`
 */
export async function restoreBackup(request: RestoreRequest): Promise<RestoreReport> {
  const [backup, directory] = [resolve(request.backup), resolve(request.directory)]
  const manifest = readManifest(backup)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const disown = ownDirectory(directory)
  try {
    // Finishing what was decided comes first; then this restore finds a whole directory like any other.
    if (isRestoreUnfinished(directory)) finishSwitch(directory)
    const keyName = dirname(resolve(request.masterKeyFile)) === directory ? basename(request.masterKeyFile) : undefined
    const old = entriesOf(directory).filter((name) => name !== keyName)
    if (old.length > 0 && !request.force)
      throw new BackupRefused('data-directory-not-empty', `${directory} holds ${old.length} entries`)

    const staging = join(directory, STAGING)
    rmSync(staging, { recursive: true, force: true })
    try {
      await stage(backup, join(staging, 'new'), manifest)
      const masterKey = placeMasterKey(join(staging, 'new', VAULT_FILE), request)
      if (request.evidenceDirectory !== undefined)
        await placeEvidence(join(staging, 'new', EVIDENCE_DIRECTORY), resolve(request.evidenceDirectory))
      const aside = old.length > 0 ? `${ASIDE}${new Date(request.now()).toISOString().replaceAll(/[:.]/g, '-')}` : null
      const plan: Switch = { aside, old, new: readdirSync(join(staging, 'new')) }
      writeDurably(join(staging, SWITCH_FILE), JSON.stringify(plan))
      finishSwitch(directory)
      const { events, lastEvent, digest, at, version } = manifest
      const movedAside = aside === null ? null : join(directory, aside)
      return { directory, events, lastEvent, files: manifest.files.length, digest, at, version, masterKey, movedAside }
    } catch (error) {
      if (!isRestoreUnfinished(directory)) rmSync(staging, { recursive: true, force: true })
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'ENOSPC' || code === 'EDQUOT') throw new BackupRefused('disk-full', message, { cause: error })
      throw error
    }
  } finally {
    disown()
  }
}

/** What counts as content: neither the lock, nor what earlier restores moved aside, nor a restore's own work. */
const entriesOf = (directory: string): string[] =>
  readdirSync(directory).filter(
    (name) => !name.startsWith(OWNER_FILE) && !name.startsWith(ASIDE) && name !== STAGING && name !== 'lost+found',
  )

/** Copies every file, checking hash and size of what was written, and the events once more by their own digest. */
async function stage(backup: string, target: string, manifest: Manifest): Promise<void> {
  mkdirSync(target, { recursive: true, mode: 0o700 })
  const folders = new Set([target])
  for (const file of manifest.files) {
    const to = join(target, file.name)
    if (!folders.has(dirname(to))) mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
    folders.add(dirname(to))
    let copied: { bytes: number; sha256: string }
    try {
      await copyFile(join(backup, file.name), to)
      // What was written is read again: a disk that lies is found now, not on the day it is needed.
      copied = await hashFile(to)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT') throw error
      throw new BackupRefused('backup-damaged', `${file.name} is missing`, { cause: error })
    }
    if (copied.bytes !== file.bytes || copied.sha256 !== file.sha256)
      throw new BackupRefused('backup-damaged', `${file.name} differs from the manifest`)
  }
  const { integrity, events } = await checkCopyHere(join(target, EVENTS_FILE), 'events')
  if (integrity !== 'ok' || events?.digest !== manifest.digest || events.events !== manifest.events)
    throw new BackupRefused('backup-damaged', `events differ from the manifest: ${integrity}`)
  for (const folder of folders) syncDirectory(folder)
  if (existsSync(join(target, EVIDENCE_DIRECTORY))) syncDirectory(join(target, EVIDENCE_DIRECTORY))
  syncDirectory(dirname(target))
}

/**
 * Puts evidence where the installation keeps it, before anything is switched: a file that no event names yet does no harm. Those
 * that are there already have the same content, for that is their name.
 */
async function placeEvidence(from: string, to: string): Promise<void> {
  for (const address of evidenceAddresses(from)) {
    const folder = join(to, address.slice(0, 2))
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (existsSync(join(folder, address))) continue
    // Whole or not at all under its name.
    const draft = join(folder, `${address}.${process.pid}.new`)
    rmSync(draft, { force: true })
    await copyFile(join(from, address.slice(0, 2), address), draft)
    renameSync(draft, join(folder, address))
    syncDirectory(folder)
  }
  rmSync(from, { recursive: true, force: true })
}

/** Checks the key against the vault and puts it in its place, before anything is switched. A key is never overwritten. */
function placeMasterKey(vault: string, request: RestoreRequest): RestoreReport['masterKey'] {
  const { masterKeyFile } = request
  const given = request.masterKey === undefined ? undefined : readMasterKey(request.masterKey)
  if (request.masterKey !== undefined && !given)
    throw new BackupRefused('input-unreadable', `no master key at ${request.masterKey}`)
  const kept = keptKey(masterKeyFile)
  const wanted = existsSync(vault) ? kekOf(vault) : undefined
  if (given && wanted !== undefined && wrappingKey(given).id !== wanted)
    throw new BackupRefused('master-key-mismatch', `${request.masterKey} is not the key of this vault`)
  if (given && kept !== undefined && !(kept && Buffer.compare(kept, given) === 0))
    throw new BackupRefused('master-key-in-the-way', `${masterKeyFile} is another key`)
  if (given && kept === undefined) {
    mkdirSync(dirname(resolve(masterKeyFile)), { recursive: true, mode: 0o700 })
    writeDurably(masterKeyFile, readFileSync(request.masterKey!), 0o600)
  }
  if (wanted === undefined) return 'none needed'
  const now = given ?? kept
  return now && wrappingKey(now).id === wanted ? 'in place' : 'missing'
}

/** The key that is in place already; null where a file is there that cannot be used. */
function keptKey(path: string): Buffer | null | undefined {
  try {
    return readMasterKey(path)
  } catch (error) {
    if (error instanceof MasterKeyRefused) return null
    throw error
  }
}

/** Which master key wrapped the secrets of a vault; undefined where it has none. */
function kekOf(vault: string): string | undefined {
  const db = openCopy(vault)
  try {
    return db.prepare('SELECT kek_id FROM secret LIMIT 1').get()?.kek_id as string | undefined
  } finally {
    db.close()
  }
}

/** Moves the old entries aside and the new ones in, from whatever point it stopped at; events come last. */
function finishSwitch(directory: string): void {
  const staging = join(directory, STAGING)
  const plan = switchSchema.parse(JSON.parse(readFileSync(join(staging, SWITCH_FILE), 'utf8')))
  if (plan.aside !== null) {
    const aside = join(directory, plan.aside)
    mkdirSync(aside, { recursive: true, mode: 0o700 })
    for (const name of plan.old)
      if (!existsSync(join(aside, name)) && existsSync(join(directory, name)))
        renameSync(join(directory, name), join(aside, name))
    syncDirectory(aside)
    syncDirectory(directory)
  }
  for (const name of plan.new.toSorted((a, b) => Number(a === EVENTS_FILE) - Number(b === EVENTS_FILE)))
    if (existsSync(join(staging, 'new', name))) renameSync(join(staging, 'new', name), join(directory, name))
  syncDirectory(directory)
  rmSync(join(staging, SWITCH_FILE))
  syncDirectory(staging)
  rmSync(staging, { recursive: true })
}
