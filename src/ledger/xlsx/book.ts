/** The small parts of a workbook: its sheets, date formats and shared texts. */
import { LedgerError } from '../problem.ts'
import { readXml } from './xml.ts'
import type { Archive } from './zip.ts'

export interface SheetRef {
  readonly name: string
  /** Name of the part in the archive. */
  readonly part: string
  readonly hidden: boolean
}

export interface Book {
  readonly sheets: readonly SheetRef[]
  /** Whether serials count from 1904 (old Macintosh workbooks). */
  readonly date1904: boolean
  /** By style index: does a number in this style show a date, and does it show the time of day? */
  readonly dateStyles: readonly (undefined | 'date' | 'time')[]
  readonly shared: readonly string[]
}

/** Most bytes of shared texts: the one part of a workbook that is kept in memory. */
const MAX_SHARED = 256 * 1024 ** 2

const WORKBOOK = /[.]main[+]xml$/

/** What built-in number formats show (ECMA-376 18.8.30; 27–36 and 50–58 are dates of East Asian locales). */
function builtIn(id: number): undefined | 'date' | 'time' {
  if (id === 22 || (id >= 18 && id <= 21) || (id >= 45 && id <= 47) || (id >= 32 && id <= 35) || id === 55 || id === 56)
    return 'time'
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58)) return 'date'
  return undefined
}

/** What a format code shows. Quoted and escaped characters, colours and conditions are no format letters. */
export function formatShows(code: string): undefined | 'date' | 'time' {
  const letters = code
    .replace(/"[^"]*"|\\.|_.|\*./g, '')
    .replace(/\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '')
    .split(';')[0]!
    .toLowerCase()
  if (/general|standard/.test(letters)) return undefined
  if (/[hs]|上午|am\/pm/.test(letters)) return 'time'
  return /[ymdeg]/.test(letters) ? 'date' : undefined
}

const directory = (part: string): string => part.slice(0, part.lastIndexOf('/') + 1)

function resolve(from: string, target: string): string {
  const parts: string[] = []
  for (const piece of (target.startsWith('/') ? target : directory(from) + target).split('/')) {
    if (piece === '..') parts.pop()
    else if (piece !== '.' && piece !== '') parts.push(piece)
  }
  return parts.join('/')
}

interface Relation {
  readonly type: string
  readonly part: string
}

async function relations(archive: Archive, of: string): Promise<Map<string, Relation>> {
  const found = new Map<string, Relation>()
  const name = `${directory(of)}_rels/${of.slice(directory(of).length)}.rels`
  if (!archive.has(name)) return found
  await readXml(archive.stream(name), {
    open(tag, { Id, Type, Target, TargetMode }) {
      if (tag !== 'Relationship' || !Id || !Target || TargetMode === 'External') return
      found.set(Id, { type: (Type ?? '').slice((Type ?? '').lastIndexOf('/') + 1), part: resolve(of, Target) })
    },
  })
  return found
}

async function refuseForeign(archive: Archive): Promise<void> {
  if (archive.has('xl/vbaProject.bin')) throw new LedgerError('workbook-macros', 'vbaProject.bin')
  if (archive.has('xl/workbook.bin')) throw new LedgerError('xlsb-unsupported', 'binary workbook')
  if (!archive.has('[Content_Types].xml'))
    throw archive.has('content.xml') && archive.has('mimetype')
      ? new LedgerError('ods-unsupported', 'OpenDocument')
      : new LedgerError('zip-not-workbook', 'no content types')
  let workbook = false
  let macros = false
  await readXml(archive.stream('[Content_Types].xml'), {
    open(_, { ContentType }) {
      if (!ContentType) return
      if (/vbaProject|macroEnabled/i.test(ContentType)) macros = true
      if (/spreadsheetml/.test(ContentType) && WORKBOOK.test(ContentType)) workbook = true
    },
  })
  if (macros) throw new LedgerError('workbook-macros', 'macro-enabled content type')
  if (!workbook) throw new LedgerError('zip-not-workbook', 'no workbook among the content types')
}

async function readStyles(archive: Archive, part: string | undefined): Promise<Book['dateStyles']> {
  const codes = new Map<number, undefined | 'date' | 'time'>()
  const styles: (undefined | 'date' | 'time')[] = []
  let inCells = false
  if (part === undefined || !archive.has(part)) return styles
  await readXml(archive.stream(part), {
    open(tag, { numFmtId, formatCode }) {
      if (tag === 'numFmt') codes.set(Number(numFmtId), formatShows(formatCode ?? ''))
      else if (tag === 'cellXfs') inCells = true
      else if (tag === 'xf' && inCells) {
        const id = Number(numFmtId ?? 0)
        styles.push(codes.has(id) ? codes.get(id) : builtIn(id))
      }
    },
    close(tag) {
      if (tag === 'cellXfs') inCells = false
    },
  })
  return styles
}

async function readShared(archive: Archive, part: string | undefined): Promise<string[]> {
  const shared: string[] = []
  if (part === undefined || !archive.has(part)) return shared
  if (archive.size(part) > MAX_SHARED) throw new LedgerError('ledger-too-large', `${archive.size(part)} bytes of texts`)
  let text = ''
  let inText = false
  let phonetic = false
  await readXml(archive.stream(part), {
    open(tag) {
      if (tag === 'si') text = ''
      else if (tag === 'rPh') phonetic = true
      else if (tag === 't') inText = !phonetic
    },
    text(piece) {
      if (inText) text += piece
    },
    close(tag) {
      if (tag === 't') inText = false
      else if (tag === 'rPh') phonetic = false
      else if (tag === 'si') shared.push(unescapeExcel(text))
    },
  })
  return shared
}

/** Excel writes characters that XML cannot hold as `_x000D_`, and a literal `_x000D_` as `_x005F_x000D_`. */
export const unescapeExcel = (text: string): string =>
  text.includes('_x')
    ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text

/** Reads the small parts of a workbook. @throws LedgerError */
export async function openBook(archive: Archive): Promise<Book> {
  await refuseForeign(archive)
  const root = [...(await relations(archive, '')).values()].find((relation) => relation.type === 'officeDocument')
  const workbook = root?.part ?? 'xl/workbook.xml'
  if (!archive.has(workbook)) throw new LedgerError('zip-not-workbook', 'no workbook part')
  const related = await relations(archive, workbook)
  const partOf = (type: string) => [...related.values()].find((relation) => relation.type === type)?.part
  const sheets: SheetRef[] = []
  let date1904 = false
  await readXml(archive.stream(workbook), {
    open(tag, attributes) {
      if (tag === 'workbookPr') date1904 = /^(1|true)$/.test(attributes.date1904 ?? '')
      if (tag !== 'sheet' || attributes.name === undefined) return
      const id = Object.entries(attributes).find(([name]) => name.endsWith(':id'))?.[1]
      const relation = id === undefined ? undefined : related.get(id)
      if (relation?.type !== 'worksheet' || !archive.has(relation.part)) return
      sheets.push({ name: attributes.name, part: relation.part, hidden: (attributes.state ?? 'visible') !== 'visible' })
    },
  })
  if (sheets.length === 0) throw new LedgerError('workbook-broken', 'no worksheet')
  const dateStyles = await readStyles(archive, partOf('styles'))
  return { sheets, date1904, dateStyles, shared: await readShared(archive, partOf('sharedStrings')) }
}
