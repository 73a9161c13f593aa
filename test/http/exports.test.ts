import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runImport } from '../../src/commands/import.ts'
import { complaintTable, OWN_LIST } from '../../src/commands/lists.ts'
import { listColumns } from '../../src/domain/catalogue/lists.ts'
import { cellText } from '../../src/ledger/cell.ts'
import { writeCsv } from '../../src/ledger/export.ts'
import { parseMapping } from '../../src/ledger/mapping.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { personal, register, runChain } from '../support/chain.ts'
import { startService, type TestService, temporaryDirectory, type Who } from '../support/service.ts'

const ownMapping = () =>
  parseMapping(JSON.parse(readFileSync(new URL('../../examples/own-list.json', import.meta.url), 'utf8')))

/** Imports a file at the terminal of a service's directory. */
const importInto = (s: TestService, file: string, mapping = ownMapping()) =>
  runImport({ ...s.service, wake: () => s.service.projections.wake() }, { file, mapping, dryRun: false, strict: false })

/** An exported list as bytes, by a person who may see all of the county. */
async function exported(s: TestService, format: string, url = '/api/v1/complaints', who: Who = 'bureau-leader') {
  await s.service.projections.catchUp()
  const answer = await s.app.inject({
    url: `${url}${url.includes('?') ? '&' : '?'}format=${format}`,
    headers: { authorization: `Bearer ${s.people[who].token}` },
  })
  return { status: answer.statusCode, headers: answer.headers, bytes: answer.rawPayload, text: answer.body }
}

const rowsOf = (csv: string) =>
  csv
    .replace(/^\ufeff/, '')
    .trimEnd()
    .split('\r\n')

const s = await startService(t)
const other = await startService(t)
const folder = temporaryDirectory(t)
const file = (name: string, bytes: string | Buffer) => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

t.before(async () => {
  // One of everything: a whole chain, one fresh, an anonymous one, an imported ledger with awkward cells.
  await runChain(s)
  await register(s)
  const mapping = parseMapping({
    organisation: { code: 'A', name: '安和县司法局' },
    source: '旧台账',
    key: ['编号'],
    milestones: { received: { column: '收到' }, closed: { column: '办结' } },
    status: { column: '状态' },
    office: { column: '单位' },
    fields: { matter: { column: '事项', read: 'narrative' } },
  })
  const ledger = [
    '编号,收到,办结,状态,单位,事项',
    '=1+1,2026-01-05,2026-01-06,已办结,不在册的所,甲',
    '"-2,5",2026/1/7 9:30,,"＝处理 中",青石法律服务所,乙',
    "'00123,,,@外单位,,丙",
  ]
  await importInto(s, file('old.csv', ledger.join('\n')), mapping)
})

for (const format of ['csv', 'xlsx'] as const)
  t.test(`the list of complaints as ${format} imports elsewhere, and the list there is the same`, async (t) => {
    const first = await exported(s, format)
    t.equal(first.status, 200)
    t.match(first.headers['content-disposition'], /^attachment; filename="list\./)
    const ledger = await openLedger(file(`list.${format}`, first.bytes))
    t.equal(ledger.format, format)
    t.same(ledger.columns, Object.values(listColumns.complaints))
    await ledger.close()
    const there = format === 'csv' ? other : await startService(t)
    there.clock.ms = s.clock.ms
    const report = await importInto(there, join(folder, `list.${format}`))
    t.match(report, { rows: 5, imported: 5, refused: 0, errors: [] })

    await there.service.projections.catchUp()
    const elsewhere = there.service.people.organisationByCode('TAKEN-OVER')!
    const operator = await there.service.reading.list(there.service.operator, { organisations: [elsewhere.id] }, {}, {})
    t.equal(operator.ok && operator.value.total, 5)
    const table = await complaintTable(there.service, there.service.operator, {}, {})
    if (!table.ok) throw new Error(table.refusal.code)
    const chunks: Buffer[] = []
    for await (const chunk of writeCsv(table.value.rows, table.value.columns)) chunks.push(Buffer.from(chunk as Buffer))
    const second = Buffer.concat(chunks).toString()
    const here = (await exported(s, 'csv')).text
    t.same(rowsOf(second).toSorted(), rowsOf(here).toSorted())

    const size = there.service.log.size()
    t.match(await importInto(there, join(folder, `list.${format}`)), {
      imported: 0,
      repeated: 5,
      refused: 0,
      events: 0,
    })
    t.equal(there.service.log.size(), size, 'importing it again adds nothing')
    t.match(await importInto(there, file(`second.csv`, second)), { imported: 0, repeated: 5, refused: 0 })
    t.equal(there.service.log.size(), size, 'nor does the second list')
  })

t.test('a list that comes back to where it was written changes nothing', async (t) => {
  const { bytes } = await exported(s, 'csv')
  const before = s.service.log.size()
  const mapping = {
    ...ownMapping(),
    organisation: { code: 'A', name: '安和县司法局', kind: 'county-bureau', division: '990121' },
  } as const
  t.match(await importInto(s, file('back.csv', bytes), mapping), {
    rows: 5,
    imported: 0,
    repeated: 5,
    refused: 0,
    events: 0,
  })
  t.equal(s.service.log.size(), before)
  t.equal(ownMapping().source, OWN_LIST)
})

t.test('a file holds what the list shows: same filters, same rights, same bounds, nothing sealed', async (t) => {
  const all = await exported(s, 'csv')
  t.equal(rowsOf(all.text).length, 1 + 5)
  for (const text of Object.values(personal)) t.notOk(all.text.includes(text))
  t.equal(rowsOf((await exported(s, 'csv', '/api/v1/complaints?imported=true')).text).length, 1 + 3)
  t.equal(rowsOf((await exported(s, 'csv', '/api/v1/complaints?status=archived')).text).length, 1 + 1)
  t.equal(
    rowsOf((await exported(s, 'csv', '/api/v1/complaints', 'elsewhere')).text).length,
    1,
    'another county sees none',
  )
  t.equal((await exported(s, 'csv', '/api/v1/complaints', 'nobody')).text.includes('投诉'), true, 'headers only')
  const total = (await s.call('bureau-leader', 'GET', '/api/v1/complaints?asOf=60')).json.total
  t.equal(rowsOf((await exported(s, 'csv', '/api/v1/complaints?asOf=60')).text).length, 1 + total)
  t.ok(total < 5)
  t.equal((await exported(s, 'csv', '/api/v1/complaints?asOf=999999')).status, 422)
  const asOf = s.service.log.size() - 1
  t.equal((await exported(s, 'csv', `/api/v1/complaints?asOf=${asOf}`)).text, all.text, 'as of the head is now')
})

t.test('texts that look like formulas stand behind an apostrophe in CSV and as texts in workbooks', async (t) => {
  const { text } = await exported(s, 'csv', '/api/v1/complaints?imported=true')
  t.match(text, `,"'=1+1",`)
  t.match(text, '"\'-2,5"')
  t.match(text, "'＝处理 中")
  t.match(text, "'@外单位")
  const { bytes } = await exported(s, 'xlsx', '/api/v1/complaints?imported=true')
  const ledger = await openLedger(file('formula.xlsx', bytes))
  const numbers: unknown[] = []
  for await (const { cells } of ledger.rows()) numbers.push(cells[1])
  await ledger.close()
  t.ok(numbers.every((cell) => (cell as { kind: string }).kind === 'text'))
  t.match(numbers.map((cell) => (cell as { text: string }).text).toSorted(), ["'00123", '-2,5', '=1+1'].toSorted())
})

/** A file's rows as our own reader gives them back, headers first. */
async function readBack(name: string, bytes: Buffer): Promise<string[][]> {
  const ledger = await openLedger(file(name, bytes))
  const rows = [[...ledger.columns]]
  for await (const { cells } of ledger.rows()) rows.push(cells.map(cellText))
  await ledger.close()
  return rows
}

t.test('every list that can be read can be had as CSV and as a workbook, which read back the same', async (t) => {
  await s.service.board.caughtUp()
  const { json: document } = await s.call(undefined, 'GET', '/docs/json')
  const paths = Object.entries<{ get?: { responses: Record<string, { content?: object }> } }>(document.paths)
  // A page of one board, one sample, one answer to a question: no lists of their own.
  const exportedElsewhere = new Map([['/api/v1/board', '/api/v1/board/export']])
  const noLists = new Set(['/api/v1/board/compare', '/api/v1/audit/sample', '/api/v1/projections'])
  const lists: string[] = []
  for (const [path, { get }] of paths) {
    if (!get || !path.startsWith('/api/v1/') || path.includes('{') || noLists.has(path)) continue
    if (/registers|events|feed|export/.test(path)) continue
    const { json } = await s.call('bureau-leader', 'GET', path)
    if (!Array.isArray(json?.items)) continue
    const target = exportedElsewhere.get(path) ?? path
    const described = Object.keys(document.paths[target].get.responses[200].content)
    t.ok(described.includes('text/csv; charset=utf-8'), `${path} says that it gives files`)
    const csv = await exported(s, 'csv', target)
    const xlsx = await exported(s, 'xlsx', target)
    t.same([csv.status, xlsx.status], [200, 200], path)
    const rows = await readBack('one.csv', csv.bytes)
    t.same(rows.slice(1).toSorted(), (await readBack('one.xlsx', xlsx.bytes)).slice(1).toSorted(), path)
    t.equal(rows.length, 1 + json.total, `${path} is whole`)
    lists.push(path.slice('/api/v1/'.length))
  }
  t.same(
    Object.keys(listColumns).filter((list) => !lists.includes(list === 'moves' ? 'calendars/moves' : list)),
    [],
    'every list with columns has been read',
  )
})

t.test('lists of supervision say in words what stands there', async (t) => {
  const opened = await s.call('supervision-officer', 'POST', '/api/v1/supervisions', {
    body: {
      source: 'instruction',
      instructedBy: '安和县人民政府',
      importance: 'major',
      matter: '限期核查收费公示',
    },
  })
  t.equal(opened.status, 201, opened.text)
  const { text } = await exported(s, 'csv', '/api/v1/supervisions', 'supervision-officer')
  const [, row] = rowsOf(text)
  t.match(row, `${opened.json.number},安和县司法局,`)
  t.match(row, ',领导批示、交办,')
  t.match(row, ',重大事项,')
  t.notOk(text.includes('限期核查收费公示'), 'nothing sealed')
  t.equal(rowsOf((await exported(s, 'csv', '/api/v1/supervisions', 'elsewhere')).text).length, 1)
})

t.test('visits, audit trail and registry are exported too', async (t) => {
  const opened = await s.call('reception', 'POST', '/api/v1/visits', {
    body: { channel: 'visit', item: 'legal-consultation', matter: '咨询继承', visitor: { name: '来访人丁' } },
  })
  t.equal(opened.status, 201)
  const id = opened.json.case
  const visits = await exported(s, 'csv', '/api/v1/visits')
  t.match(rowsOf(visits.text)[1], /来访,法律咨询/)
  t.notOk(visits.text.includes('来访人丁'))
  const listed = await s.call('reception', 'GET', '/api/v1/visits')
  t.match(listed.json, {
    total: 1,
    items: [{ visit: id, number: opened.json.number, channel: 'visit', status: 'open' }],
  })
  t.equal((await s.call('reception', 'GET', '/api/v1/visits?channel=call')).json.total, 0)
  t.equal((await s.call('reception', 'GET', '/api/v1/visits?asOf=60')).json.total, 0)
  for (const name of [id, encodeURIComponent(opened.json.number)])
    t.match((await s.call('reception', 'GET', `/api/v1/visits/${name}`)).json, {
      case: id,
      parties: { visitor: { name: '来访人丁' } },
    })
  t.match((await s.call('auditor', 'GET', `/api/v1/visits/${id}`)).json.parties.visitor.name, { withheld: true })
  t.equal((await s.call('reception', 'GET', `/api/v1/visits/${id}`)).json.number, opened.json.number)
  await s.service.board.caughtUp()
  const board = await exported(s, 'csv', '/api/v1/board/export?category=visit')
  t.match(board.text, opened.json.number, 'the board names a visit by its number')
  t.equal((await s.call('elsewhere', 'GET', `/api/v1/visits/${id}`)).status, 404)
  t.equal((await s.call('reception', 'GET', `/api/v1/visits/${id}/history`)).json.events.length, 1)

  const audit = await exported(s, 'csv', '/api/v1/audit?type=VisitRegistered', 'auditor')
  t.equal(rowsOf(audit.text).length, 2)
  t.match(audit.text, '登记来访')
  t.equal((await exported(s, 'csv', '/api/v1/audit', 'reception')).status, 403)
  const offices = await exported(s, 'csv', '/api/v1/offices')
  t.match(offices.text, '青石法律服务所')
  t.match((await exported(s, 'csv', '/api/v1/organisations')).text, '临溪县司法局')
  t.match((await exported(s, 'csv', '/api/v1/persons', 'administrator')).text, '调查员二')
  t.notMatch((await exported(s, 'csv', '/api/v1/persons', 'reception')).text, '调查员二')
  const book = await openLedger(file('visits.xlsx', (await exported(s, 'xlsx', '/api/v1/visits')).bytes))
  t.same(book.columns, Object.values(listColumns.visits))
  await book.close()
})
