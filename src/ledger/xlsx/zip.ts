/** The ZIP around a workbook: refused before a byte is inflated where its directory says that it is no honest file. */
import { crc32 } from 'node:zlib'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { LedgerError } from '../problem.ts'

/** Most bytes a workbook may inflate to. */
export const MAX_INFLATED = 512 * 1024 ** 2
/** Above this many inflated bytes the compression ratio is looked at too. */
const SUSPICIOUS = 64 * 1024 ** 2
/** Text in XML packs 10 to 40 to 1, sheets of empty rows somewhat more; bombs 1,000 to 1. */
const MAX_RATIO = 250
const MAX_ENTRIES = 10_000

/** An opened archive; parts are read by name, each as often as wanted. */
export interface Archive {
  has(name: string): boolean
  /** Uncompressed size in bytes, 0 where there is no such part. */
  size(name: string): number
  /** Bytes of a part; checks size and CRC at the end. @throws LedgerError `zip-broken` */
  stream(name: string): AsyncGenerator<Buffer>
  close(): void
}

const broken = (cause: unknown): LedgerError =>
  cause instanceof LedgerError ? cause : new LedgerError('zip-broken', (cause as Error).message, [], { cause })

function judge(entries: readonly Entry[]): void {
  let packed = 0
  let inflated = 0
  for (const entry of entries) {
    if (entry.isEncrypted()) throw new LedgerError('workbook-encrypted', 'encrypted entry')
    packed += entry.compressedSize
    inflated += entry.uncompressedSize
  }
  if (inflated > MAX_INFLATED || (inflated > SUSPICIOUS && inflated > packed * MAX_RATIO))
    throw new LedgerError('zip-bomb', `${packed} bytes inflate to ${inflated}`)
}

/** Opens a ZIP and judges its directory. @throws LedgerError `zip-broken`, `zip-bomb`, `workbook-encrypted` */
export async function openArchive(path: string): Promise<Archive> {
  let zip: ZipFile
  try {
    zip = await openPromise(path, { lazyEntries: true, autoClose: false, validateEntrySizes: true })
  } catch (cause) {
    throw broken(cause)
  }
  const parts = new Map<string, Entry>()
  try {
    if (zip.entryCount > MAX_ENTRIES) throw new LedgerError('zip-bomb', `${zip.entryCount} entries`)
    for await (const entry of zip.eachEntry()) {
      if (parts.has(entry.fileName)) throw new LedgerError('zip-broken', 'an entry twice')
      parts.set(entry.fileName, entry)
    }
    judge([...parts.values()])
  } catch (cause) {
    zip.close()
    throw broken(cause)
  }
  return {
    has: (name) => parts.has(name),
    size: (name) => parts.get(name)?.uncompressedSize ?? 0,
    close: () => zip.close(),
    async *stream(name) {
      const entry = parts.get(name)
      if (!entry) throw new LedgerError('workbook-broken', `no part ${name}`)
      let sum = 0
      try {
        for await (const chunk of await zip.openReadStreamPromise(entry)) {
          sum = crc32(chunk as Buffer, sum)
          yield chunk as Buffer
        }
      } catch (cause) {
        throw broken(cause)
      }
      if (sum !== entry.crc32) throw new LedgerError('zip-broken', `checksum of ${name}`)
    },
  }
}

/** Inflates a part to its end, to know that it is whole before a row is imported. @throws LedgerError `zip-broken` */
export async function checkPart(archive: Archive, name: string): Promise<void> {
  for await (const chunk of archive.stream(name)) void chunk
}
