/** Files for the tests: CSVs, ZIPs written byte by byte, small workbooks. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import type t from 'tap'

/** A folder that goes with the test. */
export function folder(test: typeof t | Pick<typeof t, 'teardown'>, rm: (path: string) => void): string {
  const path = mkdtempSync(join(tmpdir(), 'duban-ledger-'))
  test.teardown(() => rm(path))
  return path
}

export function put(dir: string, name: string, bytes: string | Uint8Array): string {
  const path = join(dir, name)
  writeFileSync(path, bytes)
  return path
}

export interface Part {
  readonly name: string
  readonly bytes: string | Uint8Array
  /** What the directory claims, where it lies. */
  readonly claims?: number
  readonly crc?: number
  readonly encrypted?: boolean
}

/** A ZIP with deflated entries. */
export function zip(parts: readonly Part[]): Buffer {
  const local: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const { name, bytes, claims, crc, encrypted } of parts) {
    const content = typeof bytes === 'string' ? Buffer.from(bytes) : Buffer.from(bytes)
    const packed = deflateRawSync(content)
    const title = Buffer.from(name)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(0x800 | (encrypted ? 1 : 0), 2)
    fields.writeUInt16LE(8, 4)
    fields.writeUInt32LE(crc ?? crc32(content), 10)
    fields.writeUInt32LE(packed.length, 14)
    fields.writeUInt32LE(claims ?? content.length, 18)
    fields.writeUInt16LE(title.length, 22)
    const head = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), fields, title])
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    central.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000', 'latin1'), fields, place, title]))
    local.push(head, packed)
    offset += head.length + packed.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.write('PK\u0005\u0006', 0, 'latin1')
  end.writeUInt16LE(parts.length, 8)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...local, directory, end])
}

export interface SheetPart {
  readonly name: string
  /** `<row>` elements. */
  readonly rows: string
  readonly hidden?: boolean
}

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'

/** Number formats of the styles 1, 2, 3, 4 of {@link workbookParts}. */
const FORMATS = ['yyyy\\-mm\\-dd\\ hh:mm:ss', 'm/d/yyyy', 'm/d/yy h:mm', '0.00']

/** The parts of a workbook; change them to break it. */
export function workbookParts(
  sheets: readonly SheetPart[],
  { shared = [], date1904 = false }: { shared?: readonly string[]; date1904?: boolean } = {},
): Part[] {
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${RELATIONS}/${type}" Target="${target}"/>`
  return [
    {
      name: '[Content_Types].xml',
      bytes: `<Types xmlns="${PACKAGE}/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
    },
    {
      name: '_rels/.rels',
      bytes: `<Relationships xmlns="${PACKAGE}/relationships">${relation('r1', 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
    },
    {
      name: 'xl/workbook.xml',
      bytes: `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><workbookPr${date1904 ? ' date1904="1"' : ''}/><sheets>${sheets
        .map(
          ({ name, hidden }, i) =>
            `<sheet name="${name}" sheetId="${i + 1}"${hidden ? ' state="hidden"' : ''} r:id="s${i}"/>`,
        )
        .join('')}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      bytes: `<Relationships xmlns="${PACKAGE}/relationships">${sheets
        .map((_, i) => relation(`s${i}`, 'worksheet', `worksheets/tab${i}.xml`))
        .join(
          '',
        )}${relation('st', 'styles', 'styles.xml')}${relation('ss', 'sharedStrings', '/xl/strings.xml')}</Relationships>`,
    },
    {
      name: 'xl/styles.xml',
      bytes: `<styleSheet xmlns="${MAIN}"><numFmts>${FORMATS.map((code, i) => `<numFmt numFmtId="${170 + i}" formatCode="${code}"/>`).join('')}</numFmts><cellXfs><xf numFmtId="0"/>${FORMATS.map((_, i) => `<xf numFmtId="${170 + i}"/>`).join('')}<xf numFmtId="14"/></cellXfs></styleSheet>`,
    },
    {
      name: 'xl/strings.xml',
      bytes: `<sst xmlns="${MAIN}">${shared.map((text) => `<si><t xml:space="preserve">${text}</t></si>`).join('')}</sst>`,
    },
    ...sheets.map(({ rows }, i) => ({
      name: `xl/worksheets/tab${i}.xml`,
      bytes: `<worksheet xmlns="${MAIN}"><dimension ref="A1:F65203"/><sheetData>${rows}</sheetData></worksheet>`,
    })),
  ]
}

/** A cell with text. */
export const text = (value: string): string => `<c t="inlineStr"><is><t xml:space="preserve">${value}</t></is></c>`
/** A cell with a number in a style. */
export const number = (value: number | string, style = 0): string => `<c s="${style}"><v>${value}</v></c>`
/** A row of cells. */
export const row = (...cells: string[]): string => `<row>${cells.join('')}</row>`
