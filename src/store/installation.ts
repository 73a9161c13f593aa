/** The mark of a data directory: whether it is a demo, and whether its installation has moved elsewhere. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { writeDurably } from './durable-file.ts'
import { StoreError } from './port.ts'

/** File of the mark in a data directory; none means neither demo nor moved. */
export const INSTALLATION_FILE = 'installation.json'

const schema = z.strictObject({
  /** Invented data: commands that only make sense there are allowed. */
  demo: z.literal(true).optional(),
  /** Where the installation went and when; from then on this directory refuses writes (`data-directory-moved`). */
  moved: z.strictObject({ to: z.string().min(1), at: z.iso.datetime({ offset: true }) }).optional(),
})

export type Installation = Readonly<z.output<typeof schema>>

/**
 * The mark of a directory.
 * @throws StoreError `internal` where the file cannot be read: a damaged mark must not pass for "not moved"
 */
export function readInstallation(directory: string): Installation {
  const path = join(directory, INSTALLATION_FILE)
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return {}
    throw new StoreError('internal', `${path} cannot be read as the mark of a data directory`, { cause: error })
  }
}

/** Writes the mark durably. Takes effect when the directory is opened next. */
export function writeInstallation(directory: string, installation: Installation): void {
  writeDurably(join(directory, INSTALLATION_FILE), `${JSON.stringify(schema.parse(installation), null, 2)}\n`)
}
