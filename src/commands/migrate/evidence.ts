/** Evidence files from one directory to another, each checked by its address, which is the hash of its content. */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { syncDirectory } from '../../store/durable-file.ts'
import { evidenceAddresses } from '../backup.ts'
import { copyFile, hashFile } from '../backup-manifest.ts'

/** Files on their way in; `openEvidenceDirectory` removes what a kill leaves there. */
const INCOMING = 'incoming'

/** Where a file with this address is in an evidence directory. */
export const evidencePath = (directory: string, address: string): string =>
  join(directory, address.slice(0, 2), address)

export interface EvidenceCopied {
  /** Files of the source. */
  readonly files: number
  /** Those whose content was not what their address says: they were taken over as they are. */
  readonly damaged: readonly string[]
}

/**
 * Copies what the target lacks, or has otherwise. Files that only the target has stay. May be broken off at any point.
 * @param onFile told how many files were looked at
 */
export async function copyEvidence(from: string, to: string, onFile: (files: number) => void): Promise<EvidenceCopied> {
  let files = 0
  const damaged: string[] = []
  for (const address of evidenceAddresses(from)) {
    const [source, target] = [evidencePath(from, address), evidencePath(to, address)]
    const there = existsSync(target) ? (await hashFile(target)).sha256 : undefined
    if (there !== address && source !== target) {
      const copied = await place(source, target, join(to, INCOMING))
      // A file that rotted at its source must not keep the rest from being moved: it is taken along and told.
      if (copied !== address) damaged.push(address)
    } else if (there !== address) damaged.push(address)
    onFile(++files)
  }
  return { files, damaged }
}

/** Copies one file, whole or not at all under its name. @returns the hash of what was written */
async function place(source: string, target: string, incoming: string): Promise<string> {
  const folder = dirname(target)
  for (const directory of [incoming, folder]) {
    if (existsSync(directory)) continue
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    syncDirectory(dirname(directory))
  }
  const draft = join(incoming, randomUUID())
  try {
    await copyFile(source, draft)
    // What was written is read again: a disk that lies is found now.
    const { sha256 } = await hashFile(draft)
    renameSync(draft, target)
    syncDirectory(folder)
    return sha256
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}
