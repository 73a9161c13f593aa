/**
 * The mark of an installation: whether it is a demo, and where it stands in a move from one place to another. A data directory
 * keeps it in a file, a cluster in a stream of its own (`eventstoredb/installation.ts`).
 *
 * A place is unmarked (in use) → `moved`, at the end of a move away. A place is empty, an equal beginning, or `moved` → `arriving`,
 * before the first thing of a move is put there → unmarked again, with `arrived` telling where it came from. Of the two places of
 * a move at most one takes writes at any moment: the source is marked `moved` before the target is released.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { writeDurably } from './durable-file.ts'
import { StoreError } from './port.ts'

/** File of the mark in a data directory; none means neither demo nor moved. */
export const INSTALLATION_FILE = 'installation.json'

const place = z.string().min(1)
const at = z.iso.datetime({ offset: true })
/** Names one move, in both of its places. */
const move = z.uuid()

const schema = z.strictObject({
  /** Invented data: commands that only make sense there are allowed. */
  demo: z.literal(true).optional(),
  /** Where the installation went and when; from then on this place refuses writes (`data-directory-moved`). */
  moved: z.strictObject({ to: place, at, move }).optional(),
  /** A move into this place that is not finished; until then it refuses writes (`migration-unfinished`). */
  arriving: z.strictObject({ from: place, at, move }).optional(),
  /** The last move that ended here. */
  arrived: z.strictObject({ from: place, at, move }).optional(),
})

export type Installation = Readonly<z.output<typeof schema>>

/** The mark as text. @throws ZodError where it is none */
export const formatInstallation = (installation: Installation): string =>
  `${JSON.stringify(schema.parse(installation), null, 2)}\n`

/**
 * The mark that a text holds.
 * @throws StoreError `internal` where it holds none: a damaged mark must not pass for "not moved"
 */
export function parseInstallation(text: string, where: string): Installation {
  try {
    return schema.parse(JSON.parse(text))
  } catch (error) {
    throw new StoreError('internal', `${where} cannot be read as the mark of an installation`, { cause: error })
  }
}

/** Why a place with this mark refuses writes; undefined where it takes them. */
export function refusalOf({ moved, arriving }: Installation): StoreError | undefined {
  if (moved) return new StoreError('data-directory-moved', `moved to ${moved.to} at ${moved.at}`)
  if (arriving) return new StoreError('migration-unfinished', `a move from ${arriving.from} did not end`)
  return undefined
}

/**
 * The mark of a directory.
 * @throws StoreError `internal` where the file cannot be read
 */
export function readInstallation(directory: string): Installation {
  const path = join(directory, INSTALLATION_FILE)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return {}
    throw new StoreError('internal', `${path} cannot be read`, { cause: error })
  }
  return parseInstallation(text, path)
}

/** Writes the mark durably. Takes effect when the directory is opened next. */
export function writeInstallation(directory: string, installation: Installation): void {
  writeDurably(join(directory, INSTALLATION_FILE), formatInstallation(installation))
}
