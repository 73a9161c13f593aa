import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import iconv from 'iconv-lite'
import t from 'tap'
import { cellText } from '../../src/ledger/cell.ts'
import { type Ledger, type LedgerRow, type OpenOptions, openLedger } from '../../src/ledger/open.ts'
import { LedgerError } from '../../src/ledger/problem.ts'
import { folder, number, put, row, text, workbookParts, zip } from './files.ts'

const dir = folder(t, (path) => rmSync(path, { recursive: true, force: true }))

async function all(ledger: Ledger): Promise<LedgerRow[]> {
  const rows: LedgerRow[] = []
  for await (const one of ledger.rows()) rows.push(one)
  return rows
}

async function read(path: string, options: OpenOptions = {}) {
  const ledger = await openLedger(path, options)
  try {
    const rows: { row: number; texts: string[]; width: number }[] = []
    for await (const one of ledger.rows()) rows.push({ row: one.row, texts: one.cells.map(cellText), width: one.width })
    return { ledger, rows, texts: rows.map(({ texts }) => texts) }
  } finally {
    await ledger.close()
  }
}

async function refusal(path: string, options: OpenOptions = {}): Promise<LedgerError> {
  try {
    await read(path, options)
  } catch (error) {
    if (error instanceof LedgerError) return error
    throw error
  }
  throw new Error('was not refused')
}

const csv = (name: string, bytes: string | Uint8Array) => put(dir, name, bytes)
const book = (name: string, rows: string, options?: Parameters<typeof workbookParts>[1]) =>
  put(dir, name, zip(workbookParts([{ name: '台账', rows }], options)))

t.test('CSV: encoding is found by content', async (t) => {
  const lines = '编号,内容\r\n1,群众反映𠮷祥路㐂事\r\n'
  for (const [encoding, bytes] of [
    ['utf-8', Buffer.from(lines)],
    ['utf-8', Buffer.from(`\ufeff${lines}`)],
    ['gb18030', iconv.encode(lines, 'gb18030')],
    ['utf-16le', Buffer.concat([Buffer.from([0xff, 0xfe]), iconv.encode(lines, 'utf-16le')])],
    ['utf-16be', Buffer.concat([Buffer.from([0xfe, 0xff]), iconv.encode(lines, 'utf-16be')])],
  ] as const) {
    const { ledger, texts } = await read(csv('encoded.xlsx', bytes))
    t.same(
      [ledger.format, ledger.encoding, ledger.columns, texts],
      ['csv', encoding, ['编号', '内容'], [['1', '群众反映𠮷祥路㐂事']]],
    )
  }
})

t.test('GB18030 characters on the edges of chunks stay whole', async (t) => {
  const cell = `x${'㐀字'.repeat(60_000)}`
  const { texts } = await read(csv('long.csv', iconv.encode(`a,b\n1,${cell}\n`, 'gb18030')))
  t.ok(texts[0]![1] === cell)
})

t.test('a UTF-8 file with one spoilt byte is still read as UTF-8, and said to be damaged', async (t) => {
  const bytes = Buffer.from(`编号,内容\n1,${'来信反映情况'.repeat(50)}好\n`)
  bytes[bytes.length - 2] = 0xff
  const { ledger, texts } = await read(csv('spoilt.csv', bytes))
  t.same([ledger.encoding, ledger.damaged], ['utf-8', true])
  t.match(texts[0]![1], /^来信反映情况/)
})

t.test('bytes that are neither UTF-8 nor GB18030 are refused', async (t) => {
  t.equal((await refusal(csv('noise.csv', Buffer.alloc(4000, 0xff)))).code, 'encoding-invalid')
  t.equal((await refusal(csv('binary.csv', Buffer.from([1, 2, 0, 3, 4, 0])))).code, 'ledger-format-unknown')
})

t.test('CSV: delimiters, quoted line breaks, doubled quotes, rows numbered as a spreadsheet does', async (t) => {
  for (const delimiter of [',', ';', '\t']) {
    const body = [`a${delimiter}b`, '', `"x\n""y"""${delimiter}1`, `z${delimiter}a"b`].join('\r\n')
    const { ledger, rows } = await read(csv('delimited.csv', body))
    t.equal(ledger.delimiter, delimiter)
    t.same(
      rows.map(({ row, texts }) => [row, ...texts]),
      [
        [3, 'x\n"y"', '1'],
        [4, 'z', 'a"b'],
      ],
    )
  }
})

t.test('CSV: an unclosed quote refuses the file before its first row, and names the row', async (t) => {
  const error = await refusal(csv('unclosed.csv', 'a,b\n1,2\n3,"4\n5,6\n'))
  t.same([error.code, error.faults[0]!.row], ['csv-quote-unclosed', 3])
  const after = await refusal(csv('after.csv', 'a,b\r\n1,2\r\n3,"4"x\r\n'))
  t.same([after.code, after.faults[0]!.row], ['csv-quote-invalid', 3])
})

t.test('CSV: ragged rows are handed out with their width', async (t) => {
  const { rows } = await read(csv('ragged.csv', 'a,b,c\n1,2\n1,2,3,4\n1,2,3,,\n1,,\n'))
  t.same(
    rows.map(({ width }) => width),
    [2, 4, 3, 3],
  )
})

t.test('empty files and missing files have their own errors', async (t) => {
  t.equal((await refusal(csv('empty.csv', ''))).code, 'ledger-empty')
  t.equal((await refusal(csv('blank.csv', '\n\n , \n'))).code, 'ledger-empty')
  t.equal((await refusal(`${dir}/nowhere.csv`)).code, 'ledger-missing')
  t.equal((await refusal(dir)).code, 'ledger-missing')
})

t.test('a file that changes while it is read is noticed', async (t) => {
  const path = csv('changing.csv', 'a,b\n1,2\n')
  const ledger = await openLedger(path)
  writeFileSync(path, 'a,b\n1,2\n3,4\n')
  utimesSync(path, 1, 1)
  await t.rejects(all(ledger), { code: 'ledger-changed' })
})

t.test('XLSX is known by its bytes, whatever its name', async (t) => {
  const rows = row(text('编号'), text('内容')) + row(number(7), text('甲'))
  const { ledger, texts } = await read(book('台账.xls', rows))
  t.same([ledger.format, ledger.sheets, ledger.columns, texts], ['xlsx', ['台账'], ['编号', '内容'], [['7', '甲']]])
})

t.test(
  'XLSX: cells by reference, shared texts, rich texts, booleans, errors, formulas by their stored value',
  async (t) => {
    const rows =
      '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c><c r="D1" t="s"><v>2</v></c><c r="E1" t="s"><v>2</v></c></row>' +
      '<row r="5"><c r="C5" t="b"><v>1</v></c><c r="D5" t="str"><f>A1&amp;"x"</f><v>值</v></c><c r="E5"><f>1+1</f></c></row>' +
      '<row r="9"><c r="A9" t="e"><v>#REF!</v></c><c r="C9" t="inlineStr"><is><r><t>红</t></r><rPh><t>hong</t></rPh><r><t>头</t></r></is></c><c r="D9"><v>0.30000000000000004</v></c><c r="E9"><v>342501199001011234</v></c></row>' +
      '<row r="10"><c r="A10"><v>3.4250119900101101E+17</v></c></row>'
    const path = put(dir, 'cells.xlsx', zip(workbookParts([{ name: 'S', rows }], { shared: ['_x0041_x', '二', '三'] })))
    const ledger = await openLedger(path)
    const found = await all(ledger)
    await ledger.close()
    t.same(ledger.columns, ['Ax', '', '二', '三', '三'])
    t.same(found, [
      {
        row: 5,
        width: 5,
        cells: [
          { kind: 'empty' },
          { kind: 'empty' },
          { kind: 'boolean', value: true },
          { kind: 'text', text: '值' },
          { kind: 'formula' },
        ],
      },
      {
        row: 9,
        width: 5,
        cells: [
          { kind: 'error', text: '#REF!' },
          { kind: 'empty' },
          { kind: 'text', text: '红头' },
          { kind: 'number', value: 0.30000000000000004, text: '0.3' },
          { kind: 'number', value: 342501199001011260, text: '342501199001011234' },
        ],
      },
      {
        row: 10,
        width: 1,
        cells: [
          { kind: 'number', value: 342501199001011000, text: '342501199001011000', imprecise: true },
          ...Array(4).fill({ kind: 'empty' }),
        ],
      },
    ])
  },
)

t.test('XLSX: dates by format, to the second; the 1904 system', async (t) => {
  const cells = (serial: number) =>
    row(number(serial, 1), number(serial, 2), number(serial, 3), number(serial, 4), number(serial, 5))
  const header = row(...['a', 'b', 'c', 'd', 'e'].map(text))
  const { texts } = await read(book('dates.xlsx', header + cells(43831.5) + cells(43831)))
  t.same(texts, [
    ['2020-01-01 12:00:00', '2020-01-01 12:00:00', '2020-01-01 12:00:00', '43831.5', '2020-01-01 12:00:00'],
    ['2020-01-01 00:00:00', '2020-01-01', '2020-01-01 00:00:00', '43831', '2020-01-01'],
  ])
  const mac = await read(book('1904.xlsx', header + cells(43831 - 1462), { date1904: true }))
  t.equal(mac.texts[0]![1], '2020-01-01')
})

t.test('XLSX: Chinese text on the edges of chunks stays whole', async (t) => {
  const long = `a${'督办回访受理'.repeat(40_000)}`.slice(0, 200_001)
  const { texts } = await read(book('edges.xlsx', row(text('甲')) + row(text(long))))
  t.ok(texts[0]![0] === long)
})

t.test('XLSX: a million empty rows are passed over in flat memory', async (t) => {
  const empty = '<row r="#" spans="1:6" ht="15" customHeight="1"/>'
  const rows = [row(text('a'), text('b')), row(text('1'), text('2'))]
  for (let r = 3; r <= 1_000_000; r++) rows.push(empty.replace('#', String(r)))
  rows.push('<row r="1000001"><c r="A1000001" t="inlineStr"><is><t> </t></is></c></row>')
  rows.push('<row r="1000002"><c r="A1000002" t="inlineStr"><is><t>end</t></is></c></row>')
  const path = book('million.xlsx', rows.join(''))
  rows.length = 0
  const before = process.memoryUsage().heapUsed
  let most = 0
  const ledger = await openLedger(path)
  const found: number[] = []
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().heapUsed)
  }, 20)
  for await (const one of ledger.rows()) found.push(one.row)
  clearInterval(watch)
  await ledger.close()
  t.same(found, [2, 1_000_002])
  t.ok(most - before < 200 * 1024 ** 2, `${Math.round((most - before) / 1024 ** 2)} MiB`)
})

t.test('XLSX: which sheet', async (t) => {
  const rows = row(text('a')) + row(text('1'))
  const two = put(
    dir,
    'two.xlsx',
    zip(
      workbookParts([
        { name: '一', rows },
        { name: '二', rows },
        { name: '空', rows: '' },
      ]),
    ),
  )
  const error = await refusal(two)
  t.same([error.code, error.faults.map(({ message }) => message)], ['sheet-ambiguous', ['工作表：一', '工作表：二']])
  t.equal((await read(two, { sheet: '二' })).ledger.sheet, '二')
  t.equal((await refusal(two, { sheet: '三' })).code, 'sheet-missing')
  const parts = workbookParts([
    { name: '空', rows: '<row r="1"/>' },
    { name: '藏', rows, hidden: true },
    { name: '有', rows },
  ])
  t.equal((await read(put(dir, 'one.xlsx', zip(parts)))).ledger.sheet, '有')
  t.equal((await refusal(book('none.xlsx', ''))).code, 'ledger-empty')
})

t.test('workbooks that are refused whole, each with its own error', async (t) => {
  const rows = row(text('a')) + row(text('1'))
  const parts = workbookParts([{ name: 'S', rows }])
  const whole = zip(parts)
  const without = (name: string) => zip(parts.filter((part) => part.name !== name))
  const changed = (name: string, bytes: string) =>
    zip(parts.map((part) => (part.name === name ? { ...part, bytes } : part)))
  const ole = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(1024)])
  const cases: [string, Uint8Array][] = [
    ['zip-broken', whole.subarray(0, whole.length - 40)],
    ['zip-broken', zip(parts.map((part) => (part.name.includes('tab0') ? { ...part, crc: 1 } : part)))],
    ['zip-bomb', zip(parts.map((part) => (part.name.includes('tab0') ? { ...part, claims: 2 ** 31 } : part)))],
    ['zip-bomb', zip([...parts, { name: 'xl/media/x.bin', bytes: Buffer.alloc(80 * 1024 ** 2) }])],
    ['zip-broken', zip(parts.map((part) => (part.name.includes('tab0') ? { ...part, claims: 10 } : part)))],
    ['workbook-encrypted', zip(parts.map((part) => ({ ...part, encrypted: true })))],
    ['workbook-macros', zip([...parts, { name: 'xl/vbaProject.bin', bytes: 'x' }])],
    [
      'workbook-macros',
      changed(
        '[Content_Types].xml',
        '<Types><Override ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>',
      ),
    ],
    ['xlsb-unsupported', zip([...parts, { name: 'xl/workbook.bin', bytes: 'x' }])],
    [
      'ods-unsupported',
      zip([
        { name: 'mimetype', bytes: 'x' },
        { name: 'content.xml', bytes: '<x/>' },
      ]),
    ],
    ['zip-not-workbook', zip([{ name: 'readme.txt', bytes: 'x' }])],
    ['zip-not-workbook', without('xl/workbook.xml')],
    ['workbook-broken', changed('xl/worksheets/tab0.xml', '<worksheet><sheetData><row>')],
    ['workbook-broken', changed('xl/worksheets/tab0.xml', '<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>')],
    [
      'workbook-broken',
      changed(
        'xl/worksheets/tab0.xml',
        '<worksheet><sheetData><row><c t="s"><v>9</v></c></row></sheetData></worksheet>',
      ),
    ],
    ['xls-unsupported', ole],
    ['workbook-encrypted', Buffer.concat([ole, Buffer.from('EncryptedPackage', 'utf16le')])],
  ]
  for (const [code, bytes] of cases) t.equal((await refusal(put(dir, 'bad.xlsx', bytes))).code, code)
})

t.test('property: a damaged file is read or refused by its own error, never by another', async () => {
  const rows = row(text('编号'), text('内容')) + row(number(1), text('反映收费'))
  const originals = [
    zip(workbookParts([{ name: 'S', rows }], { shared: ['甲', '乙'] })),
    Buffer.from('编号,内容\r\n1,"反映""收费"""\r\n2,乙\r\n'),
    iconv.encode('编号;内容\n1;𠮷祥\n', 'gb18030'),
  ]
  const damage = fc.array(fc.record({ at: fc.nat(5000), byte: fc.nat(255) }), { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...originals), damage, fc.option(fc.nat(3000)), async (original, changes, cut) => {
      const bytes = Buffer.from(original.subarray(0, cut === null ? original.length : cut % original.length))
      for (const { at, byte } of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte
      try {
        await read(put(dir, 'damaged', bytes))
        return true
      } catch (error) {
        if (error instanceof LedgerError) return true
        throw error
      }
    }),
    { numRuns: 600 },
  )
})
