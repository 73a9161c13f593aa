/** Search over HTTP, as each role: what matches, what is shown, what is counted. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { personal, register, registration, runChain } from '../support/chain.ts'
import { startService, type TestService, type Who } from '../support/service.ts'

const find = async (service: TestService, who: Who | undefined, q: string, more: Record<string, string> = {}) => {
  const answer = await service.call(who, 'GET', `/api/v1/search?${new URLSearchParams({ q, ...more })}`)
  return { ...answer, total: answer.json?.total as number | undefined }
}
const first = personal.matter.slice(0, 4)

t.test('a text is found and shown to whoever may open it, its persons only to whoever may know them', async (t) => {
  const service = await startService(t)
  const { id, number } = await runChain(service, 'accept')
  const seen = async (who: Who) => [
    (await find(service, who, first)).total,
    (await find(service, who, personal.name)).total,
    (await find(service, who, personal.phone)).total,
  ]
  t.same(await seen('centre-director'), [1, 1, 1])
  t.same(await seen('reception'), [1, 1, 1], 'who registered it')
  t.same(await seen('supervision-officer'), [1, 0, 0])
  t.same(await seen('auditor'), [1, 0, 0], 'an auditor finds no identity')
  t.same(await seen('office-account'), [0, 0, 0], 'the respondent finds neither texts nor persons')
  t.same(await seen('leading-group'), [0, 0, 0], 'who reads the list only')
  t.same(await seen('investigator2'), [0, 0, 0], 'who does not work it')
  t.same(await seen('elsewhere'), [0, 0, 0], 'another county')
  t.same(await seen('administrator'), [0, 0, 0])
  t.equal((await find(service, undefined, first)).status, 401)

  const { json } = await find(service, 'centre-director', '收取 "不开收据"')
  const [hit] = json.items
  t.match(hit, { case: id, category: 'complaint', number, respondentOffice: service.county.office })
  const [{ text, marks, kind, field }] = hit.matches
  t.same([kind, field], ['narrative', 'matter'])
  t.same(
    marks.map(([from, to]: [number, number]) => text.slice(from, to)),
    ['收取', '不开收据'],
  )
  t.equal((await find(service, 'centre-director', '费')).total, 1, 'one character')
  t.equal((await find(service, 'centre-director', `${first} -收据`)).total, 0, 'minus')
  t.equal(
    (await find(service, 'office-account', '青石')).total,
    1,
    'an office by its name, for whoever may list the case',
  )
  t.equal((await find(service, 'office-account', number)).total, 1, 'a number')
  t.equal((await find(service, 'elsewhere', number)).total, 0)
  t.equal((await find(service, 'centre-director', '青石 "退还全部费用"')).total, 1, 'office and text together')
  t.equal((await find(service, 'centre-director', '，。')).json.code, 'search-empty')
  t.equal((await find(service, 'centre-director', first, { cursor: 'x' })).json.code, 'cursor-invalid')
  t.equal((await find(service, 'centre-director', first, { category: 'visit' })).total, 0)
  for (const hostile of ['"', 'a" OR "b', 'narrative:x*', 'NEAR(费 据)', '-', '^费', "'; DROP TABLE texts"])
    t.ok([200, 422].includes((await find(service, 'centre-director', hostile)).status), hostile)
})

t.test('need to know, recusal and the archive hold for hits and counts alike', async (t) => {
  const service = await startService(t)
  const { id, revision } = await runChain(service, 'assign-investigators')
  t.equal((await find(service, 'investigator', first)).total, 1)
  const asked = await service.call('bureau-leader', 'POST', `/api/v1/complaints/${id}/request-recusal`, {
    body: { person: service.people.investigator.id, by: 'complainant', ground: 'kinship', reason: '系其表亲' },
    ifMatch: revision,
  })
  t.equal(asked.status, 200, asked.text)
  const decided = await service.call('centre-director', 'POST', `/api/v1/complaints/${id}/decide-recusal`, {
    body: { person: service.people.investigator.id, granted: true },
    ifMatch: asked.json.revision,
  })
  t.equal(decided.status, 200, decided.text)
  t.equal((await find(service, 'investigator', first)).total, 0, 'who stepped aside finds nothing')
  t.equal((await find(service, 'reader', first)).total, 1)
  const restricted = await service.call('centre-director', 'POST', `/api/v1/complaints/${id}/restrict-readers`, {
    body: { readers: [service.people['centre-director'].id, service.people['bureau-leader'].id] },
    ifMatch: decided.json.revision,
  })
  t.equal(restricted.status, 200, restricted.text)
  t.equal((await find(service, 'reader', first)).total, 0, 'who is not on the list')
  t.equal((await find(service, 'auditor', first)).total, 0, 'an auditor, who reads no sealed field there')
  t.equal((await find(service, 'auditor', '青石')).total, 1, 'but may know of it')
  t.equal((await find(service, 'centre-director', first)).total, 1)

  const other = await runChain(service)
  t.equal((await find(service, 'centre-director', '查证之事实')).total, 0, 'an archived case shows no text')
  t.equal((await find(service, 'centre-director', other.number)).total, 1)
})

t.test('a corrected text is found as corrected', async (t) => {
  const service = await startService(t)
  const { id, revision } = await runChain(service, 'add-note')
  const words = '调查所得之笔录'
  t.equal((await find(service, 'centre-director', words)).total, 1)
  const history = await service.call('centre-director', 'GET', `/api/v1/complaints/${id}/history`)
  const note = history.json.events.find(({ type }: { type: string }) => type === 'NoteAdded')
  const replaced = await service.call('centre-director', 'POST', `/api/v1/complaints/${id}/corrections`, {
    body: {
      corrections: [
        { mode: 'replace', event: note.id ?? note.event, reason: '誊写有误', data: { text: '更正后的谈话要点' } },
      ],
    },
    ifMatch: revision,
  })
  t.equal(replaced.status, 200, replaced.text)
  t.equal((await find(service, 'centre-director', words)).total, 0)
  const found = await find(service, 'centre-director', '谈话要点')
  t.equal(found.json.items[0].matches[0].type, 'NoteAdded')
  const voided = await service.call('centre-director', 'POST', `/api/v1/complaints/${id}/corrections`, {
    body: { corrections: [{ mode: 'void', event: note.id ?? note.event, reason: '不属本案' }] },
    ifMatch: replaced.json.revision,
  })
  t.equal(voided.status, 200, voided.text)
  t.equal((await find(service, 'centre-director', '谈话要点')).total, 0)
})

t.test('the list finds by text what its reader may open, with exact totals and its own filters', async (t) => {
  const service = await startService(t)
  for (let i = 0; i < 5; i++)
    await register(service, { matter: `第${'一二三四五'[i]}件：${i < 3 ? '拖延办理' : '态度生硬'}` })
  const list = async (who: Who, query: string, more = '') => {
    const answer = await service.call(who, 'GET', `/api/v1/complaints?query=${encodeURIComponent(query)}${more}`)
    return [answer.json.total, answer.json.items.length]
  }
  t.same(await list('centre-director', '拖延', '&limit=2'), [3, 2])
  t.same(await list('centre-director', '拖延 三'), [1, 1])
  t.same(await list('centre-director', '拖延', '&status=archived'), [0, 0])
  t.same(await list('leading-group', '拖延'), [0, 0])
  t.same(await list('leading-group', '青石'), [5, 5], 'by the name of the office')
  t.same(await list('leading-group', '2026-3'), [1, 1], 'by number')
})

t.test('pages of hits join without gap or repetition', async (t) => {
  const service = await startService(t)
  for (let i = 0; i < 7; i++) await register(service, { matter: `拖延办理${'，再次拖延'.repeat(i % 3)}` })
  const cases: string[] = []
  let path: string | undefined = '/api/v1/search?q=%E6%8B%96%E5%BB%B6&limit=2'
  while (path !== undefined) {
    const page = await service.call('centre-director', 'GET', path)
    t.equal(page.json.total, 7)
    for (const item of page.json.items) cases.push(item.case)
    path = /<([^>]+)>; rel="next"/.exec(page.headers.link ?? '')?.[1]
  }
  t.equal(new Set(cases).size, 7)
  t.equal(cases.length, 7)
})

t.test('readable text rests in the search index only, and what was asked in no log', async (t) => {
  const service = await startService(t)
  await runChain(service, 'accept')
  for (const value of Object.values(personal)) await find(service, 'centre-director', value)
  await service.close()
  const files = readdirSync(service.directory, { recursive: true, withFileTypes: true }).filter((each) => each.isFile())
  const holding = (text: string) =>
    files
      .filter((each) => readFileSync(join(each.parentPath, each.name)).includes(text))
      .map(({ name }) => name)
      .filter((name) => !name.startsWith('search.db'))
  for (const value of Object.values(personal)) {
    t.same(holding(value), [], value)
    t.same(holding(value.slice(0, 4)), [], `the beginning of ${value}`)
    t.notOk(service.log.some((line) => line.includes(value) || line.includes(encodeURIComponent(value))))
  }
  const index = readFileSync(join(service.directory, 'search.db'))
  t.ok(index.includes(personal.phone), 'the index can be read')
  t.equal(statSync(join(service.directory, 'search.db')).mode & 0o777, 0o600)
})

t.test('erased subjects leave the index', async (t) => {
  const service = await startService(t)
  await runChain(service, 'accept')
  t.equal((await find(service, 'centre-director', personal.phone)).total, 1)
  const { json } = await service.call('reception', 'POST', '/api/v1/complaints/repeats', {
    body: { complainant: { phone: personal.phone } },
  })
  t.equal(await service.service.search.forget([json.candidates[0].subject]), 4)
  t.equal((await find(service, 'centre-director', personal.phone)).total, 0)
  const path = join(service.directory, 'search.db')
  const bytes = Buffer.concat([path, `${path}-wal`].flatMap((each) => (existsSync(each) ? [readFileSync(each)] : [])))
  for (const word of [personal.phone, personal.identityNumber, personal.name]) t.notOk(bytes.includes(word), word)
})

t.test('repeats at reception: the same person and similar matters, as far as the reader may list them', async (t) => {
  const service = await startService(t)
  const matter = '该所在办理离婚案件时私自向我收取三千元费用，没有开具收据，多次要求退还均被拒绝，态度恶劣'
  const { json: opened } = await register(service, { matter })
  const ask = (who: Who, body: object) => service.call(who, 'POST', '/api/v1/complaints/repeats', { body })
  const byPhone = await ask('reception', { complainant: { phone: '+86 139 1234 5678' } })
  t.match(byPhone.json.candidates, [{ case: opened.case, number: opened.number, why: ['phone', 'recent'] }])
  const { subject } = byPhone.json.candidates[0]
  t.type(subject, 'string')
  const byName = await ask('reception', {
    complainant: { name: personal.name },
    respondentOffice: service.county.office,
  })
  t.match(byName.json.candidates, [{ why: ['name-office', 'same-office', 'recent'] }])
  const bySame = await ask('centre-director', {
    respondentOffice: service.county.office,
    matter: '去年办理离婚案件时私自收取三千元费用，没有开具收据，要求退还被拒绝',
  })
  t.match(bySame.json.candidates, [{ case: opened.case, why: ['similar-matter', 'same-office', 'recent'] }])
  t.notOk('subject' in bySame.json.candidates[0], 'whose it is matters only where the person matched')
  t.same((await ask('centre-director', { matter: '食堂午饭凉了' })).json.candidates, [])
  t.same(
    (await ask('elsewhere', { complainant: { phone: personal.phone }, matter })).json.candidates,
    [],
    'another county',
  )
  const judicial = await ask('judicial-office', { complainant: { phone: personal.phone } })
  t.equal(judicial.status, 200)
  t.equal((await ask('auditor', { matter })).status, 403)
  t.equal((await ask('office-account', { matter })).status, 403)
  t.equal((await ask('reception', { complainant: { name: '' } })).status, 422)

  const confirmed = await register(service, {
    complainant: { ...registration(service).complainant, subject },
    matter: '再次反映同一收费',
  })
  t.equal(confirmed.status, 201, confirmed.text)
  const again = await ask('reception', { complainant: { identityNumber: personal.identityNumber } })
  t.equal(again.json.candidates.length, 2)
  t.notOk(service.log.some((line) => line.includes('离婚案件') || line.includes('13912345678')))
})
