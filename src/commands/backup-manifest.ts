/** What a backup says of itself: every file with its size and hash, and what the events in it are. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import type { operationsErrors } from '../domain/catalogue/operations.ts'
import { writeDurably } from '../store/durable-file.ts'

export const MANIFEST_FILE = 'manifest.json'
/** Name and version of the format below. */
export const BACKUP_FORMAT = 'duban-backup-1'

/** A backup or a restore that was refused or failed, with its stable code. */
export class BackupRefused extends Error {
  readonly code: keyof typeof operationsErrors | 'data-directory-not-empty' | 'input-unreadable' | 'disk-full'
  constructor(code: BackupRefused['code'], message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'BackupRefused'
    this.code = code
  }
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
/** Only names that a backup can hold: nothing in a manifest leads out of its directory. */
const fileName = z
  .string()
  .regex(/^(?:events\.db|vault\.db|installation\.json|evidence\/([0-9a-f]{2})\/\1[0-9a-f]{62})$/)

const schema = z.strictObject({
  format: z.literal(BACKUP_FORMAT),
  /** Version of the program that wrote it. */
  version: z.string(),
  /** When it was begun. */
  at: z.iso.datetime({ offset: true }),
  /** Number of events. */
  events: z.number().int().nonnegative(),
  lastEvent: z.string().nullable(),
  /** SHA-256 over the bytes of every envelope, each ended by a newline. */
  digest: sha256,
  files: z.array(z.strictObject({ name: fileName, bytes: z.number().int().nonnegative(), sha256 })),
  /** SHA-256 over this document without this field, as `JSON.stringify` writes it. */
  check: sha256,
})
export type Manifest = Readonly<z.output<typeof schema>>
export type ManifestFile = Manifest['files'][number]

const checkOf = (manifest: Omit<Manifest, 'check'>): string =>
  createHash('sha256').update(JSON.stringify(manifest)).digest('hex')

/** Writes the manifest durably: from then on the directory is a backup. */
export function writeManifest(directory: string, manifest: Omit<Manifest, 'check' | 'format'>): Manifest {
  const content = { format: BACKUP_FORMAT, ...manifest } as const
  const complete: Manifest = { ...content, check: checkOf(content) }
  writeDurably(join(directory, MANIFEST_FILE), `${JSON.stringify(complete, null, 2)}\n`)
  return complete
}

/** @throws BackupRefused `backup-incomplete`, `backup-format-unknown`, `backup-damaged` */
export function readManifest(directory: string): Manifest {
  let text: string
  try {
    text = readFileSync(join(directory, MANIFEST_FILE), 'utf8')
  } catch (error) {
    throw new BackupRefused('backup-incomplete', `${directory} has no readable ${MANIFEST_FILE}`, { cause: error })
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new BackupRefused('backup-damaged', `${MANIFEST_FILE} is no JSON`, { cause: error })
  }
  const format = (json as { format?: unknown } | null)?.format
  if (typeof format === 'string' && format !== BACKUP_FORMAT)
    throw new BackupRefused('backup-format-unknown', `format ${format}; this program has ${BACKUP_FORMAT}`)
  const parsed = schema.safeParse(json)
  if (!parsed.success) throw new BackupRefused('backup-damaged', `${MANIFEST_FILE}: ${parsed.error.issues[0]?.message}`)
  const { check, ...content } = parsed.data
  if (checkOf(content) !== check) throw new BackupRefused('backup-damaged', `${MANIFEST_FILE} was changed`)
  return parsed.data
}

/** Copies one file durably, mode 0600, and tells what was copied. For files that no SQLite connection has open. */
export async function copyFile(from: string, to: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      hash.update(chunk)
      done(null, chunk)
    },
  })
  await pipeline(createReadStream(from), counting, createWriteStream(to, { mode: 0o600, flags: 'wx', flush: true }))
  return { bytes, sha256: hash.digest('hex') }
}

/** Size and hash of a file that no SQLite connection has open. */
export async function hashFile(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  const file = await open(path)
  try {
    for await (const chunk of file.createReadStream({ autoClose: false })) {
      bytes += (chunk as Buffer).length
      hash.update(chunk as Buffer)
    }
  } finally {
    await file.close()
  }
  return { bytes, sha256: hash.digest('hex') }
}
