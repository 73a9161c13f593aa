/** What kind of file it is and how its text is encoded, by its bytes and never by its name. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { LedgerError } from './problem.ts'

export type TextEncoding = 'utf-8' | 'gb18030' | 'utf-16le' | 'utf-16be'

/** What the first bytes say. `ole` is the container of .xls and of encrypted workbooks. */
export type Container = 'zip' | 'ole' | 'text' | 'binary'

/** A file's identity and size, read once before anything else. */
export interface FileFacts {
  readonly container: Container
  readonly bytes: number
  /** SHA-256 of the whole file, lower-case hex: tells whether the file changed between dry run and confirmation. */
  readonly sha256: string
  /** For changes while the file is read. */
  readonly modifiedMs: number
}

/** Largest file read, in bytes. */
export const MAX_FILE = 1024 ** 3

/** Opens a file for the length of `use`. @throws LedgerError `ledger-missing` */
export async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (cause) {
    throw new LedgerError('ledger-missing', (cause as Error).message, [], { cause })
  }
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}

function containerOf(head: Buffer): Container {
  if (head.length >= 4 && head.readUInt32BE(0) === 0x504b0304) return 'zip'
  if (head.length >= 4 && head.readUInt32BE(0) === 0x504b0506) return 'zip'
  if (head.length >= 8 && head.readUInt32BE(0) === 0xd0cf11e0 && head.readUInt32BE(4) === 0xa1b11ae1) return 'ole'
  const utf16 = head.length >= 2 && (head.readUInt16BE(0) === 0xfeff || head.readUInt16BE(0) === 0xfffe)
  return head.includes(0) && !utf16 ? 'binary' : 'text'
}

/** Reads a file through once: container, size, hash. @throws LedgerError `ledger-missing`, `ledger-empty`, `ledger-too-large` */
export async function inspectFile(path: string): Promise<FileFacts> {
  return await withFile(path, async (file) => {
    const stat = await file.stat()
    if (!stat.isFile()) throw new LedgerError('ledger-missing', 'not a regular file')
    if (stat.size === 0) throw new LedgerError('ledger-empty', 'empty file')
    if (stat.size > MAX_FILE) throw new LedgerError('ledger-too-large', `${stat.size} bytes`)
    const head = Buffer.alloc(Math.min(4096, stat.size))
    await file.read(head, 0, head.length, 0)
    const hash = createHash('sha256')
    for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) hash.update(chunk as Buffer)
    return { container: containerOf(head), bytes: stat.size, sha256: hash.digest('hex'), modifiedMs: stat.mtimeMs }
  })
}

/** Whether an OLE container holds an encrypted workbook (its directory names are UTF-16). */
export async function oleIsEncrypted(path: string): Promise<boolean> {
  const name = Buffer.from('EncryptedPackage', 'utf16le')
  let tail = Buffer.alloc(0)
  for await (const chunk of createReadStream(path)) {
    const seen = Buffer.concat([tail, chunk as Buffer])
    if (seen.includes(name)) return true
    tail = seen.subarray(-name.length)
  }
  return false
}

/** Decodes a file piece by piece. Bytes that the encoding does not know become U+FFFD. */
export async function* decodeText(
  path: string,
  encoding: TextEncoding,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding)
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
    const text = decoder.decode(chunk as Buffer, { stream: true })
    onBytes?.((chunk as Buffer).length)
    if (text !== '') yield text
  }
  const rest = decoder.decode()
  if (rest !== '') yield rest
}

async function isValid(path: string, encoding: TextEncoding): Promise<boolean> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }))
      decoder.decode(chunk as Buffer, { stream: true })
    decoder.decode()
    return true
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error
    return false
  }
}

async function damage(path: string, encoding: TextEncoding): Promise<{ broken: number; beyondAscii: number }> {
  let broken = 0
  let beyondAscii = 0
  for await (const text of decodeText(path, encoding)) {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      if (unit === 0xfffd) broken++
      else if (unit > 0x7f) beyondAscii++
    }
  }
  return { broken, beyondAscii }
}

/**
 * The encoding of a text file: a byte order mark decides; else UTF-8 if the whole file is valid UTF-8, else GB18030 (never
 * GBK, which has no four-byte characters). Where neither fits whole, the one that spoils at most one in fifty characters, UTF-8 first;
 * then `damaged` is set and rows with a replacement character are refused one by one.
 * @throws LedgerError `encoding-invalid`
 */
export async function detectEncoding(path: string): Promise<{ encoding: TextEncoding; damaged: boolean }> {
  const head = await withFile(path, async (file) => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(3), 0, 3, 0)
    return buffer.subarray(0, bytesRead)
  })
  const marked: TextEncoding | undefined =
    head[0] === 0xff && head[1] === 0xfe
      ? 'utf-16le'
      : head[0] === 0xfe && head[1] === 0xff
        ? 'utf-16be'
        : head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf
          ? 'utf-8'
          : undefined
  if (marked) return { encoding: marked, damaged: !(await isValid(path, marked)) }
  for (const encoding of ['utf-8', 'gb18030'] as const) {
    if (await isValid(path, encoding)) {
      // A UTF-8 file with one spoilt byte can be valid GB18030 by accident: then almost all of it is still UTF-8.
      if (encoding === 'gb18030') {
        const asUtf8 = await damage(path, 'utf-8')
        if (asUtf8.broken * 50 <= asUtf8.beyondAscii) return { encoding: 'utf-8', damaged: true }
      }
      return { encoding, damaged: false }
    }
  }
  for (const encoding of ['utf-8', 'gb18030'] as const) {
    const { broken, beyondAscii } = await damage(path, encoding)
    if (broken * 50 <= beyondAscii) return { encoding, damaged: true }
  }
  throw new LedgerError('encoding-invalid', 'neither UTF-8 nor GB18030')
}
