import { createHash } from 'node:crypto'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { row, text, workbookParts, zip } from '../ledger/files.ts'
import { type Answer, startService, type TestService, type Who } from '../support/service.ts'

const MAPPING = {
  organisation: { code: 'A', name: '安和县司法局' },
  source: '来信登记簿',
  key: ['编号'],
  milestones: { received: { column: '收到' }, closed: { column: '办结' } },
  person: { name: { column: '姓名' }, phone: { column: '电话' } },
  fields: { matter: { column: '事项', read: 'narrative' }, kind: { column: '类别', read: 'plain' } },
}
const HEADER = '编号,收到,办结,姓名,电话,事项,类别'
const GOOD = [
  'A1,2026-01-05,,张三,13800001111,反映收费未公示,收费',
  'A2,2026-01-06,2026-01-20,李四,13800002222,服务态度差,服务',
]
const ledger = (...rows: string[]) => [HEADER, ...rows].join('\n')

const BOUNDARY = 'duban-test-boundary'
interface Fields {
  readonly mapping?: unknown
  readonly strict?: boolean
  readonly sha256?: string
}

function form(
  file: string | Buffer | undefined,
  { mapping = MAPPING, strict, sha256 }: Fields = {},
  name = '台账.csv',
) {
  const parts: Buffer[] = []
  const field = (key: string, value: string) =>
    parts.push(Buffer.from(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`))
  if (mapping !== null) field('mapping', typeof mapping === 'string' ? mapping : JSON.stringify(mapping))
  if (strict) field('strict', 'true')
  if (sha256 !== undefined) field('sha256', sha256)
  if (file !== undefined) {
    parts.push(
      Buffer.from(
        `--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: application/octet-stream\r\n\r\n`,
      ),
      Buffer.from(file),
      Buffer.from('\r\n'),
    )
  }
  parts.push(Buffer.from(`--${BOUNDARY}--\r\n`))
  return Buffer.concat(parts)
}

const FORM = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }

const upload = (s: TestService, file: string | Buffer | undefined, fields: Fields = {}, who: Who = 'centre-director') =>
  s.call(who, 'POST', '/api/v1/imports', { payload: form(file, fields), headers: FORM })

/** Follows the progress until the job rests. */
async function rested(s: TestService, id: string, who: Who = 'centre-director'): Promise<Answer['json']> {
  const events = await s.call(who, 'GET', `/api/v1/imports/${id}/events`, { headers: { accept: 'text/event-stream' } })
  const last = events.text
    .trim()
    .split('\n\n')
    .filter((each) => each.includes('data:'))
    .at(-1)!
  return JSON.parse(
    last
      .split('\n')
      .find((line) => line.startsWith('data:'))!
      .slice(5),
  )
}

const confirm = (s: TestService, id: string, expectedSha256: string, who: Who = 'centre-director') =>
  s.call(who, 'POST', `/api/v1/imports/${id}/confirm`, { body: { expectedSha256 } })

const uploads = (s: TestService) => {
  const folder = join(s.directory, 'incoming')
  return existsSync(folder) ? readdirSync(folder) : []
}
const total = async (s: TestService) => {
  await s.service.projections.catchUp()
  return (await s.call('centre-director', 'GET', '/api/v1/complaints?limit=1')).json.total
}
const audited = async (s: TestService) => {
  await s.service.projections.catchUp()
  return (await s.call('auditor', 'GET', '/api/v1/audit?type=LedgerImported')).json.items
}
const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')

t.setTimeout(120_000)

/** For tests that need no directory of their own; none of them may leave a job behind. */
const s = await startService(t)

t.test('a ledger is uploaded, checked, confirmed and imported; who did it is kept; the file is gone', async (t) => {
  const s = await startService(t)
  const file = ledger(...GOOD, 'A3,2026-13-05,,王五,,事项,收费')
  const before = s.service.log.size()
  const sent = await upload(s, file)
  t.equal(sent.status, 202)
  t.match(sent.json, { file: '台账.csv', organisation: 'A', source: '来信登记簿', strict: false })
  t.equal(sent.headers.location, `/api/v1/imports/${sent.json.id}`)
  const checked = await rested(s, sent.json.id)
  t.equal(checked.state, 'checked')
  t.match(checked.report, { rows: 3, imported: 2, repeated: 0, refused: 1, written: false, sha256: sha256(file) })
  t.match(checked.report.errors, [{ row: 4, column: '收到', code: 'date-impossible' }])
  t.equal(s.service.log.size(), before, 'a check writes nothing')
  t.equal(uploads(s).length, 1)

  const confirmed = await confirm(s, sent.json.id, checked.report.sha256)
  t.equal(confirmed.status, 202)
  const done = await rested(s, sent.json.id)
  t.equal(done.state, 'imported')
  t.match(done.result, { rows: 3, imported: 2, repeated: 0, refused: 1, written: true })
  t.equal(await total(s), 2)
  t.same(uploads(s), [])
  const [entry] = await audited(s)
  t.match(entry.actor, {
    person: s.people['centre-director'].id,
    role: 'centre-director',
    organisation: s.county.bureau,
  })
  t.equal(entry.title, '导入台账')
  const [stored] = s.service.log.envelopes(entry.index, 1)
  t.match(stored!.data, {
    source: '来信登记簿',
    rows: 3,
    imported: 2,
    repeated: 0,
    refused: 1,
    events: 3,
    complete: true,
  })
  const cases = s.service.log.envelopes(before, 1)
  t.match(cases[0]!.actor, { person: s.people['centre-director'].id }, 'so is every case')
  t.notOk(JSON.stringify(stored!.data).includes(sha256(file)), 'no plain hash of a file about persons')

  const again = await upload(s, file)
  const same = await rested(s, again.json.id)
  t.match(same.report, { imported: 0, repeated: 2, events: 0 })
  const size = s.service.log.size()
  await confirm(s, again.json.id, same.report.sha256)
  t.match((await rested(s, again.json.id)).result, { imported: 0, repeated: 2 })
  t.equal(s.service.log.size(), size, 'what is there already leaves no trace')
})

t.test('a changed file is refused at its confirmation, whichever side changed it', async (t) => {
  const before = await total(s)
  const sent = await upload(s, ledger(...GOOD))
  const { report } = await rested(s, sent.json.id)
  t.match((await confirm(s, sent.json.id, sha256('another'))).json, { status: 409, code: 'ledger-changed' })
  writeFileSync(join(s.directory, 'incoming', uploads(s)[0]!), ledger(GOOD[0]!, 'A9,2026-01-01,,x,,y,z'))
  t.match((await confirm(s, sent.json.id, report.sha256)).json, { status: 409, code: 'ledger-changed' })
  t.match((await s.call('centre-director', 'GET', `/api/v1/imports/${sent.json.id}`)).json, {
    state: 'failed',
    problem: { code: 'ledger-changed' },
  })
  t.match((await confirm(s, sent.json.id, report.sha256)).json, { code: 'import-not-checked' })
  t.equal(await total(s), before)
  t.same(uploads(s), [])
})

t.test('a strict import with a refused row imports nothing and says so', async (t) => {
  const before = await total(s)
  const sent = await upload(s, ledger(...GOOD, 'A3,2026-13-05,,王五,,事项,收费'), { strict: true })
  const { report } = await rested(s, sent.json.id)
  t.match((await confirm(s, sent.json.id, report.sha256)).json, { status: 422, code: 'import-rows-refused' })
  await s.call('centre-director', 'DELETE', `/api/v1/imports/${sent.json.id}`)
  t.equal(await total(s), before)
})

t.test('who may import: the right in the organisation of the mapping, and each his own jobs', async (t) => {
  t.match((await upload(s, ledger(...GOOD), {}, 'reception')).json, { code: 'forbidden' })
  t.match((await upload(s, ledger(...GOOD), {}, 'elsewhere')).json, { code: 'forbidden' })
  const unknown = { ...MAPPING, organisation: { code: 'NEW', name: '新单位' } }
  const sent = await upload(s, ledger(...GOOD), { mapping: unknown })
  t.equal(sent.json.code, 'organisation-unknown')
  const mine = await upload(s, ledger(...GOOD))
  t.equal(mine.status, 202)
  for (const method of ['GET', 'DELETE'])
    t.equal((await s.call('supervision-officer', method, `/api/v1/imports/${mine.json.id}`)).status, 404)
  t.match((await s.call('supervision-officer', 'GET', `/api/v1/imports/${mine.json.id}/events`)).json, {
    code: 'not-found',
  })
  await rested(s, mine.json.id)
  const gone = await s.call('centre-director', 'DELETE', `/api/v1/imports/${mine.json.id}`)
  t.equal(gone.json.state, 'cancelled')
  t.match((await s.call('centre-director', 'DELETE', `/api/v1/imports/${mine.json.id}`)).json, {
    code: 'import-finished',
  })
  t.same(uploads(s), [])
})

const sheet = (...rows: string[]) => ({ name: '台账', rows: rows.join('') })
const HEAD = row(...HEADER.split(',').map(text))
const LINE = row(...GOOD[0]!.split(',').map(text))
const book = (...sheets: { name: string; rows: string }[]) => zip(workbookParts(sheets))

t.test('bad input has errors of its own, imports nothing and leaves no file', async (t) => {
  const before = await total(s)
  const whole = book(sheet(HEAD, LINE))
  const bomb = zip([
    ...workbookParts([sheet(HEAD)]).filter(({ name }) => !name.includes('tab0')),
    { name: 'xl/worksheets/tab0.xml', bytes: Buffer.alloc(80 * 1024 * 1024) },
  ])
  const macros = zip([...workbookParts([sheet(HEAD, LINE)]), { name: 'xl/vbaProject.bin', bytes: 'x' }])
  const cases: [string, string | Buffer, Fields, string][] = [
    ['a broken archive', whole.subarray(0, whole.length - 40), {}, 'zip-broken'],
    ['a bomb', bomb, {}, 'zip-bomb'],
    ['macros', macros, {}, 'workbook-macros'],
    ['two sheets', book(sheet(HEAD, LINE), { name: '附表', rows: HEAD + LINE }), {}, 'sheet-ambiguous'],
    ['an empty file', '', {}, 'ledger-empty'],
    ['a missing column', ledger(...GOOD), { mapping: { ...MAPPING, key: ['号码'] } }, 'mapping-column-missing'],
    [
      'a column used twice',
      ledger(...GOOD),
      { mapping: { ...MAPPING, status: { column: '类别' } } },
      'mapping-column-twice',
    ],
    ['a mapping that is none', ledger(...GOOD), { mapping: { source: 'x' } }, 'mapping-invalid'],
    ['a mapping that is no JSON', ledger(...GOOD), { mapping: '{"source":' }, 'malformed-json'],
    ['a mapping nobody shipped', ledger(...GOOD), { mapping: 'no-such' }, 'mapping-unknown'],
    ['no mapping', ledger(...GOOD), { mapping: null }, 'import-file-missing'],
    ['another file than announced', ledger(...GOOD), { sha256: sha256('x') }, 'ledger-cut-off'],
    ['an open quote', `${ledger(...GOOD)}\nA4,"2026`, {}, 'csv-quote-unclosed'],
  ]
  for (const [name, file, fields, code] of cases) {
    const answer = await upload(s, file, fields)
    t.equal(answer.json.code, code, name)
    t.match(answer.headers['content-type'], /^application\/problem\+json/, name)
  }
  const missing = await upload(s, ledger(...GOOD), { mapping: { ...MAPPING, key: ['号码'] } })
  t.match(missing.json.errors, [{ pointer: '/key/0', detail: '没有“号码”这一列' }])
  const sheets = await upload(s, book(sheet(HEAD, LINE), { name: '附表', rows: HEAD + LINE }))
  t.same(
    sheets.json.errors.map(({ detail }: { detail: string }) => detail),
    ['工作表：台账', '工作表：附表'],
  )
  t.match((await upload(s, undefined)).json, { code: 'import-file-missing' })
  t.match((await s.call('centre-director', 'POST', '/api/v1/imports', { body: {} })).json, {
    code: 'unsupported-media-type',
  })
  t.same(uploads(s), [])
  t.equal(await total(s), before)
  const next = await upload(s, ledger(...GOOD))
  t.equal(next.status, 202, 'the next import is not in the way of the refused ones')
  await rested(s, next.json.id)
  await s.call('centre-director', 'DELETE', `/api/v1/imports/${next.json.id}`)
})

t.test('formulas are not computed and a million empty rows are no rows', async (t) => {
  const formula = row(...GOOD[0]!.split(',').slice(0, 6).map(text), '<c><f>1+1</f></c>')
  const empty = Buffer.alloc(11 * 1_000_000, '<row></row>').toString()
  const sent = await upload(s, book({ name: '台账', rows: HEAD + LINE + formula.replace('A1', 'A7') + empty }))
  t.equal(sent.status, 202, sent.text.slice(0, 200))
  const { report } = await rested(s, sent.json.id)
  t.match(report, { rows: 2, imported: 1, refused: 1 })
  t.match(report.errors, [{ row: 3, column: '类别', code: 'formula-without-value' }])
  await s.call('centre-director', 'DELETE', `/api/v1/imports/${sent.json.id}`)
})

t.test('a file beyond the limit is refused', async (t) => {
  const s = await startService(t, { importLimit: 2000 })
  const rows = Array.from({ length: 100 }, (_, i) => `B${i},2026-01-05,,张三,,反映收费未公示,收费`)
  t.match((await upload(s, ledger(...rows))).json, { status: 413, code: 'ledger-too-large' })
  t.same(uploads(s), [])
})

t.test('an upload cut off imports nothing and leaves nothing', async (t) => {
  const before = await total(s)
  const whole = form(ledger(...GOOD))
  const ended = await s.call('centre-director', 'POST', '/api/v1/imports', {
    payload: whole.subarray(0, whole.length - 60),
    headers: FORM,
  })
  t.match(ended.json, { status: 422, code: 'ledger-cut-off' })
  t.same(uploads(s), [])

  // The connection itself breaks: nobody hears an answer, and the place is free again.
  await s.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = s.app.server.address() as AddressInfo
  const broken = new Promise<void>((resolve) => {
    const client = httpRequest({
      port,
      method: 'POST',
      path: '/api/v1/imports',
      headers: {
        ...FORM,
        'content-length': whole.length,
        authorization: `Bearer ${s.people['centre-director'].token}`,
      },
    })
    client.on('error', () => resolve())
    client.on('close', () => resolve())
    client.write(whole.subarray(0, whole.length - 80), () => client.destroy())
  })
  await broken
  let next = await upload(s, ledger(...GOOD))
  while (next.json.code === 'import-running') {
    await nextTurn()
    next = await upload(s, ledger(...GOOD))
  }
  t.equal(next.status, 202)
  t.equal(uploads(s).length, 1)
  await rested(s, next.json.id)
  await s.call('centre-director', 'DELETE', `/api/v1/imports/${next.json.id}`)
  t.equal(await total(s), before)
})

t.test('one import at a time; a second is told so', async (t) => {
  const rows = Array.from({ length: 3000 }, (_, i) => `B${i},2026-01-05,,张三,,反映收费未公示,收费`)
  const [first, second] = await Promise.all([upload(s, ledger(...rows)), upload(s, ledger(...GOOD))])
  const codes = [first, second].map((answer) => answer.json.code ?? answer.status)
  t.same(codes.toSorted(), [202, 'import-running'].toSorted())
  const running = first.status === 202 ? first : second
  await rested(s, running.json.id)
  await s.call('centre-director', 'DELETE', `/api/v1/imports/${running.json.id}`)
})

t.test('a stopped import keeps what it had recorded, says so, and running it again completes it', async (t) => {
  const s = await startService(t)
  const rows = Array.from({ length: 600 }, (_, i) => `B${i},2026-01-05,,,,反映收费未公示,收费`)
  const sent = await upload(s, ledger(...rows))
  const { report } = await rested(s, sent.json.id)
  t.equal((await confirm(s, sent.json.id, report.sha256)).status, 202)
  let running = await s.call('centre-director', 'GET', `/api/v1/imports/${sent.json.id}`)
  while (running.json.state === 'importing' && running.json.progress.imported === 0) {
    // Injected requests alone never let the files have their turn.
    await nextTurn()
    running = await s.call('centre-director', 'GET', `/api/v1/imports/${sent.json.id}`)
  }
  const stopped = await s.call('centre-director', 'DELETE', `/api/v1/imports/${sent.json.id}`)
  t.equal(stopped.json.state, 'cancelled')
  const some = await total(s)
  t.ok(some > 0 && some < 600, `${some} of 600`)
  const [entry] = await audited(s)
  t.match(s.service.log.envelopes(entry.index, 1)[0]!.data, { imported: some, complete: false })
  const again = await upload(s, ledger(...rows))
  const checked = await rested(s, again.json.id)
  t.match(checked.report, { imported: 600 - some, repeated: some })
  await confirm(s, again.json.id, checked.report.sha256)
  await rested(s, again.json.id)
  t.equal(await total(s), 600)
})

t.test('what a killed process left of uploads is gone at the next start', async (t) => {
  const s = await startService(t)
  const sent = await upload(s, ledger(...GOOD))
  await rested(s, sent.json.id)
  t.equal(uploads(s).length, 1)
  writeFileSync(join(s.directory, 'incoming', 'left'), 'about somebody')
  await s.restart()
  t.same(uploads(s), [])
  t.equal((await s.call('centre-director', 'GET', `/api/v1/imports/${sent.json.id}`)).status, 404)
})

t.test('a mapping is proposed for an unseen file, and the file is gone', async (t) => {
  const answer = await s.call('centre-director', 'POST', '/api/v1/mappings/suggest', {
    payload: form(ledger(...GOOD), { mapping: null }),
    headers: FORM,
  })
  t.match(answer.json, { file: '台账.csv', mapping: { key: ['编号'], milestones: { received: { column: '收到' } } } })
  t.same(uploads(s), [])
  t.match(
    (
      await s.call('reception', 'POST', '/api/v1/mappings/suggest', {
        payload: form('x', { mapping: null }),
        headers: FORM,
      })
    ).json,
    {
      code: 'forbidden',
    },
  )
})
