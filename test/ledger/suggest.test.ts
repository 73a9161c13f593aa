import { rmSync } from 'node:fs'
import t from 'tap'
import { parseMapping } from '../../src/ledger/mapping.ts'
import { suggestMapping } from '../../src/ledger/suggest.ts'
import { folder, number, put, row, text, workbookParts, zip } from './files.ts'

const dir = folder(t, (path) => rmSync(path, { recursive: true, force: true }))

t.test('a Chinese ledger never seen: key, dates, person, status, texts', async (t) => {
  const header = '信访件编号,登记日期,办结日期,办理期限,姓名,联系电话,身份证号,被投诉单位,办理状态,反映问题,类别'
  const lines = Array.from(
    { length: 40 },
    (_, i) =>
      `信-${1000 + i},2026/1/${(i % 28) + 1},${i % 2 ? '2026年2月1日' : ''},2026-03-01,王${i},1380000${1000 + i},34250119900101${1000 + i},第${i % 3}法律服务所,${i % 2 ? '已办结' : '在办'},反映第${i}件事情的经过,${i % 2 ? '收费' : '服务'}`,
  )
  const { mapping, columns, rows } = await suggestMapping(put(dir, 'a.csv', [header, ...lines].join('\n')))
  t.equal(rows, 40)
  t.match(mapping, {
    key: ['信访件编号'],
    milestones: { received: { column: '登记日期' }, closed: { column: '办结日期' } },
    clock: { due: { column: '办理期限' } },
    person: { name: { column: '姓名' }, phone: { column: '联系电话' }, identityNumber: { column: '身份证号' } },
    office: { column: '被投诉单位' },
    status: { column: '办理状态' },
    fields: { 反映问题: { read: 'narrative' }, 类别: { read: 'plain' } },
  })
  t.equal(columns.length, 11)
  t.doesNotThrow(() => parseMapping(mapping))
})

t.test('an English ledger with dates in the order of the United States', async (t) => {
  const lines = Array.from(
    { length: 30 },
    (_, i) => `${500 + i},${(i % 12) + 1}/${13 + (i % 9)}/2025 3:05 PM,Case number ${i} was described here,x@y.z ${i}`,
  )
  const { mapping } = await suggestMapping(put(dir, 'b.csv', ['case_id,created_at,details,', ...lines].join('\n')))
  t.match(mapping, {
    key: ['case_id'],
    milestones: { received: { column: 'created_at', order: 'mdy' } },
    fields: { details: { read: 'narrative' } },
  })
})

t.test('a title above the headers; without dates or key that is said', async (t) => {
  const rows =
    row(text('2025 年台账')) + row(text('内容'), text('数量')) + row(text('甲'), number(3)) + row(text('甲'), number(3))
  const { mapping, notes } = await suggestMapping(put(dir, 'c.xlsx', zip(workbookParts([{ name: 'S', rows }]))))
  t.match(mapping, { headerRow: 2, fields: { 内容: { read: 'narrative' }, 数量: { read: 'number' } } })
  t.notOk(mapping.key)
  t.ok(notes.some((note) => note.includes('收到日期')) && notes.some((note) => note.includes('编号列')))
})
