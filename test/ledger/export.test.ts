import { createWriteStream, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import fc from 'fast-check'
import t from 'tap'
import { cellText } from '../../src/ledger/cell.ts'
import { type ExportColumn, type ExportRow, writeCsv, writeXlsx } from '../../src/ledger/export.ts'
import { guard, unguard } from '../../src/ledger/guard.ts'
import { importLedger } from '../../src/ledger/import.ts'
import { type MappingInput, parseMapping } from '../../src/ledger/mapping.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { folder } from './files.ts'
import { MemoryTarget } from './memory-target.ts'

const dir = folder(t, (path) => rmSync(path, { recursive: true, force: true }))
const columns: ExportColumn[] = [
  { name: 'id', header: '编号' },
  { name: 'a', header: '=事项' },
  { name: 'b', header: '备注' },
]
const created = new Date('2026-06-30T00:00:00Z')
let files = 0

async function save(stream: Readable): Promise<string> {
  const path = join(dir, `list${++files}`)
  await pipeline(stream, createWriteStream(path))
  return path
}

async function readBack(path: string): Promise<string[][]> {
  const ledger = await openLedger(path)
  const rows = [[...ledger.columns]]
  for await (const { cells } of ledger.rows()) rows.push(cells.map(cellText))
  await ledger.close()
  return rows
}

/** Texts with everything that hurts: formulas, quotes, apostrophes, line ends, Excel's escapes, odd characters. */
const pieces = [
  '=',
  '+',
  '-',
  '@',
  '\t',
  '\r',
  '\n',
  "'",
  '"',
  ',',
  ';',
  ' ',
  '＝',
  '_x000D_',
  '_x005F_',
  '\u0001',
  '\u00a0',
  '\u200b',
  '\ud800',
  '𠮷',
  '督办',
  'a',
  '1',
  '<&>',
]
const nasty = fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((parts) => parts.join(''))
const wellFormed = (text: string) => text.isWellFormed()

t.test(
  'CSV: what a spreadsheet would take for a formula stands behind an apostrophe, in UTF-8 with a byte order mark',
  async (t) => {
    const rows: ExportRow[] = [
      { id: 1, a: '=HYPERLINK("http://x")', b: -5 },
      { id: 2, a: "'=x", b: 'say "hi"\r\nthere' },
    ]
    const text = readFileSync(await save(writeCsv(rows, columns)), 'utf8')
    t.equal(
      text,
      '\ufeff编号,"\'=事项",备注\r\n1,"\'=HYPERLINK(""http://x"")",-5\r\n2,"\'\'=x","say ""hi""\r\nthere"\r\n',
    )
  },
)

t.test('property: guarding a text and taking the guard away gives the text', async () => {
  fc.assert(
    fc.property(nasty, (text) => unguard(guard(text)) === text && !/^[=+\-@\t\r\n]/.test(guard(text))),
    { numRuns: 2000 },
  )
})

for (const [name, write] of [
  ['CSV', (rows: ExportRow[]) => writeCsv(rows, columns)],
  ['XLSX', (rows: ExportRow[]) => writeXlsx(rows, columns, { created })],
] as const)
  t.test(`property: ${name} comes back as it was written`, async () => {
    const cell = name === 'CSV' ? nasty.filter(wellFormed) : nasty
    const row = fc.record({ id: fc.constant('x'), a: cell, b: cell })
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (rows) => {
        const back = await readBack(await save(write(rows)))
        const want = [['编号', '=事项', '备注'], ...rows.map(({ id, a, b }) => [id, a, b])]
        return JSON.stringify(back) === JSON.stringify(want)
      }),
      { numRuns: 60 },
    )
  })

t.test('XLSX: texts are texts, numbers numbers; a text that does not fit is an error and not cut', async (t) => {
  const path = await save(writeXlsx([{ id: 7, a: '=1+1', b: '00123' }], columns, { created }))
  const ledger = await openLedger(path)
  for await (const { cells } of ledger.rows())
    t.same(cells, [
      { kind: 'number', value: 7, text: '7' },
      { kind: 'text', text: '=1+1' },
      { kind: 'text', text: '00123' },
    ])
  await ledger.close()
  await t.rejects(save(writeXlsx([{ id: 1, a: 'x'.repeat(40_000), b: '' }], columns, { created })), RangeError)
})

t.test('XLSX: many rows, and a reader that is slower than the writer', async (t) => {
  const rows = function* () {
    for (let id = 0; id < 20_000; id++) yield { id, a: `反映第${id}件`, b: '在办' }
  }
  t.equal((await readBack(await save(writeXlsx(rows(), columns, { created })))).length, 20_001)
})

t.test('an error of the list ends the file with that error', async (t) => {
  const rows = async function* () {
    yield { id: 1, a: '', b: '' }
    throw new Error('list broke')
  }
  await t.rejects(save(writeCsv(rows(), columns)), { message: 'list broke' })
  await t.rejects(save(writeXlsx(rows(), columns, { created })), { message: 'list broke' })
})

t.test('what was exported imports again without a difference, in either form', async (t) => {
  const map: MappingInput = {
    organisation: { code: 'X', name: '某单位' },
    source: 'list',
    key: ['编号'],
    milestones: { received: { column: '收到' } },
    fields: { matter: { column: '事项', read: 'narrative' } },
  }
  const list: ExportColumn[] = [
    { name: 'id', header: '编号' },
    { name: 'at', header: '收到' },
    { name: 'matter', header: '事项' },
  ]
  const rows = [
    { id: 'A-1', at: '2026-01-05T09:00:00+08:00', matter: '=反映\n收费"未公示"' },
    { id: '-2', at: '2026-01-06', matter: "'-甲" },
  ]
  const target = new MemoryTarget()
  const mapping = parseMapping(map)
  const results: number[][] = []
  for (const stream of [writeCsv(rows, list), writeXlsx(rows, list, { created })]) {
    const ledger = await openLedger(await save(stream))
    const { imported, repeated, refused } = await importLedger({ ledger, mapping, target })
    results.push([imported, repeated, refused])
    await ledger.close()
  }
  t.same(results, [
    [2, 0, 0],
    [0, 2, 0],
  ])
})
