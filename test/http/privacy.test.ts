/** Who sees whom: the respondent never the complainant, the auditor texts but nobody, a recused person nothing more; and nothing at rest. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { acting, filing, referral } from '../support/acting.ts'
import { personal, runChain, texts } from '../support/chain.ts'
import { formsOf } from '../support/forms.ts'
import { startService, type TestService, type Who } from '../support/service.ts'

const identity = [personal.name, personal.identityNumber, personal.phone, personal.address]
const narrative = [personal.matter, personal.request, ...texts]

/** Every way in which a person may look at a case. */
async function everything(service: TestService, who: Who, id: string): Promise<string> {
  // Whoever may open an archived case records why first; the others are refused like everything else.
  const { revision } = await service.service.load(`complaint-${id}`, service.service.categories.complaint!.decider)
  const opened = await service.call(who, 'POST', `/api/v1/complaints/${id}/open-archived`, {
    body: { purpose: 'audit', text: '检查' },
    ifMatch: revision,
  })
  const urls = [
    '/api/v1/complaints',
    '/api/v1/complaints?asOf=90',
    `/api/v1/complaints?query=${encodeURIComponent(personal.name)}`,
    `/api/v1/complaints/${id}`,
    `/api/v1/complaints/${id}?effectiveAt=2026-03-02`,
    `/api/v1/complaints/${id}/history`,
    `/api/v1/complaints/${id}/history?asOf=90`,
    '/api/v1/audit',
    '/api/v1/persons',
    '/api/v1/board',
  ]
  const answers = [opened.text]
  for (const url of urls) answers.push((await service.call(who, 'GET', url)).text)
  for (const action of ['accept', 'add-note', 'close', 'reopen', 'file-defence', 'corrections'])
    answers.push((await service.call(who, 'POST', `/api/v1/complaints/${id}/${action}`, { body: {}, ifMatch: 0 })).text)
  return answers.join('\n')
}
const found = (text: string, values: readonly string[]) => values.filter((value) => text.includes(value))

t.setTimeout(120_000)

t.test('the respondent sees that there is a complaint, and nothing of who complained or what of', async (t) => {
  const service = await startService(t)
  const { id } = await runChain(service)
  const { events } = await service.service.load(`complaint-${id}`, service.service.categories.complaint!.decider)
  const opening = events[0]!.data as { complainant: { subject: string } }
  const text = await everything(service, 'office-account', id)
  t.match(text, /"status":"archived"/)
  t.same(found(text, [...identity, ...narrative, opening.complainant.subject]), [])
})

t.test('the auditor reads the texts of a case, and nobody’s name, number, phone or address', async (t) => {
  const service = await startService(t)
  const { id } = await runChain(service)
  const text = await everything(service, 'auditor', id)
  t.same(found(text, identity), [])
  t.same(found(text, narrative).length, narrative.length)
})

t.test('the administrator and the neighbouring county read nothing of the case', async (t) => {
  const service = await startService(t)
  const { id } = await runChain(service)
  for (const who of ['administrator', 'administrator2', 'elsewhere', 'nobody'] as const) {
    const text = await everything(service, who, id)
    t.same(found(text, [...identity, ...narrative, 'archived', 'ComplaintRegistered']), [], who)
  }
})

t.test('what somebody may not know of answers like what does not exist, byte for byte', async (t) => {
  const service = await startService(t)
  const { id, number } = await runChain(service, 'accept')
  const unknown = crypto.randomUUID()
  const body = async (method: string, url: string, more: object = {}) => {
    const { status, json } = await service.call('elsewhere', method, url, more)
    const { instance: _instance, ...problem } = json
    return { status, problem }
  }
  for (const [method, tail, more] of [
    ['GET', '', {}],
    ['GET', '/history', {}],
    ['GET', `/evidence/${'a'.repeat(64)}`, {}],
    ['POST', '/accept', { body: {}, ifMatch: 0 }],
    ['POST', '/accept', { body: {} }],
    ['POST', '/corrections', { body: { corrections: [{ mode: 'void', event: unknown, reason: '试' }] }, ifMatch: 3 }],
  ] as const) {
    const of = (name: string) => body(method, `/api/v1/complaints/${encodeURIComponent(name)}${tail}`, more)
    const missing = await of(unknown)
    t.same(await of(id), missing, `${method} ${tail}`)
    t.same(await of(number), missing, `${method} ${tail} by number`)
  }
})

t.test('a recused investigator loses the case at once', async (t) => {
  const service = await startService(t)
  const { id, revision } = await runChain(service, 'request-handler-report')
  const file = () => service.call('investigator', 'GET', `/api/v1/complaints/${id}`)
  t.equal((await file()).status, 200)
  const person = service.people.investigator.id
  const asked = await service.call('bureau-leader', 'POST', `/api/v1/complaints/${id}/request-recusal`, {
    body: { person, by: 'complainant', ground: 'kinship', reason: '系亲属' },
    ifMatch: revision,
  })
  t.equal(asked.status, 200, asked.text)
  const granted = await service.call('bureau-leader', 'POST', `/api/v1/complaints/${id}/decide-recusal`, {
    body: { person, granted: true },
    ifMatch: revision + 1,
  })
  t.equal(granted.status, 200, granted.text)
  t.match(await file(), { status: 403, json: { code: 'forbidden' } })
  const acts = await service.call('investigator', 'POST', `/api/v1/complaints/${id}/add-note`, {
    body: { text: '再记一笔' },
    ifMatch: revision + 2,
  })
  t.equal(acts.status, 403)
})

t.test('a need-to-know list keeps everybody else out but the auditor, who then opens nothing', async (t) => {
  const service = await startService(t)
  const { id, revision } = await runChain(service, 'accept')
  const named = await service.call('bureau-leader', 'POST', `/api/v1/complaints/${id}/restrict-readers`, {
    body: { readers: [service.people['bureau-leader'].id, service.people['centre-director'].id] },
    ifMatch: revision,
  })
  t.equal(named.status, 200, named.text)
  const status = async (who: Who) => (await service.call(who, 'GET', `/api/v1/complaints/${id}`)).status
  t.same([await status('centre-director'), await status('reader'), await status('reception')], [200, 404, 404])
  await service.service.projections.catchUp()
  t.equal((await service.call('reader', 'GET', '/api/v1/complaints')).json.total, 0)
  const text = await everything(service, 'auditor', id)
  t.same(found(text, [...identity, ...narrative]), [])
  t.equal(await status('auditor'), 200)
})

/** Cases of each category that archives them, brought to the archive on the shortest lawful way. */
const archives: Readonly<Record<string, (service: TestService) => Promise<string>>> = {
  complaint: async (service) => `/api/v1/complaints/${(await runChain(service)).id}`,
  penalty: async (service) => {
    const { did, url } = acting(service, '/api/v1/penalties')
    const officers = [service.people.investigator.id, service.people.investigator2.id]
    await did('grassroots-section', '', filing(service.county))
    await did('grassroots-section', 'assign-officers', { officers })
    await did('investigator', 'conclude', {
      ...{ officers, facts: '事实', evidence: '证据', opinion: '意见', proposed: 'none-not-proven' },
      ...{ complexOrMajor: false, legalReview: [], illegalGains: 0 },
    })
    const document = '不罚〔2026〕1号'
    await did('bureau-leader', 'decide', {
      ...{ outcome: 'none-not-proven', document, facts: '事实不能成立', stamped: true, socialImpact: false },
    })
    await did('grassroots-section', 'serve', { document, method: 'direct' })
    await did('grassroots-section', 'close', {})
    await did('grassroots-section', 'archive', { retention: '30y' })
    return url()
  },
  discipline: async (service) => {
    const { did, url } = acting(service, '/api/v1/disciplines')
    await did('bureau-leader', '', referral(service.county))
    await did('disciplinary-committee', 'withdraw', { reason: '移送有误' })
    await did('disciplinary-committee', 'close', {})
    await did('disciplinary-committee', 'archive', { retention: '10y' })
    return url()
  },
}

for (const [category, toArchive] of Object.entries(archives))
  t.test(
    `an archived ${category} opens only for a purpose that was recorded, to who recorded it, for a day (S2-4.4.6)`,
    async (t) => {
      const service = await startService(t)
      const url = await toArchive(service)
      const closed = { status: 403, json: { code: 'archive-purpose-required' } }
      for (const tail of ['', '/history', `/evidence/${'a'.repeat(64)}`])
        t.match(await service.call('centre-director', 'GET', `${url}${tail}`), closed, tail)
      await service.service.projections.catchUp()
      const list = await service.call('centre-director', 'GET', url.slice(0, url.lastIndexOf('/')))
      t.equal(list.json.total, 1, 'it stays in the list')
      const ifMatch = list.json.items[0].revision
      const open = (who: Who, body: object) => service.call(who, 'POST', `${url}/open-archived`, { body, ifMatch })
      t.match(await open('centre-director', { purpose: 'litigation' }), {
        status: 422,
        json: { code: 'archive-purpose-missing' },
      })
      t.match(await open('investigator', { purpose: 'litigation', text: '法院调卷' }), { status: 403 })
      const opened = await open('centre-director', { purpose: 'litigation', text: '法院调卷' })
      t.equal(opened.status, 200, opened.text)
      for (const tail of ['', '/history'])
        t.equal((await service.call('centre-director', 'GET', `${url}${tail}`)).status, 200)
      t.match(await service.call('bureau-leader', 'GET', url), closed, 'the purpose is his own')
      t.ok(
        service.service.log
          .stream(`${category}-${url.slice(url.lastIndexOf('/') + 1)}`)
          .every(({ bytes }) => !Buffer.from(bytes).includes('法院调卷')),
        'what he says of it is sealed',
      )
      service.clock.ms += 25 * 3_600_000
      t.match(await service.call('centre-director', 'GET', url), closed, 'a day later it is asked for again')
    },
  )

t.test('nobody gives power where he has none, neither directly nor by correcting what was recorded', async (t) => {
  const service = await startService(t)
  const { people, county } = service
  const url = `/api/v1/persons/${people.nobody.id}`
  let revision = 1
  const grant = (role: string, organisation: string, more: object = {}) =>
    service.call('administrator', 'POST', `${url}/grant-role`, {
      body: { role, organisation, ...more },
      ifMatch: revision,
    })
  for (const organisation of [county.other, county.city, county.province])
    t.match(await grant('auditor', organisation), { status: 403, json: { code: 'forbidden' } })
  const foreignOffice = await service.call('administrator2', 'POST', '/api/v1/persons', {
    body: { name: '外县账号', organisation: county.other },
  })
  t.equal(foreignOffice.status, 201, foreignOffice.text)
  const account = await service.call(
    'administrator2',
    'POST',
    `/api/v1/persons/${foreignOffice.json.case}/grant-role`,
    {
      body: { role: 'office-account', organisation: county.other, office: county.office },
      ifMatch: 0,
    },
  )
  t.match(account, { status: 403, json: { code: 'forbidden' } }, 'nor an account for another county’s office')
  const own = await grant('reception', county.bureau)
  t.equal(own.status, 200, own.text)
  revision = own.json.revision
  t.equal(service.service.people.principal(people.nobody.id)?.grants[0]?.organisation, county.bureau)
  const { events } = await service.service.load(
    `person-${people.nobody.id}`,
    service.service.categories.person!.decider,
  )
  const granted = events.at(-1)!.id
  const replaced = await service.call('administrator', 'POST', `${url}/corrections`, {
    body: {
      corrections: [
        { mode: 'replace', event: granted, reason: '改', data: { role: 'reception', organisation: county.province } },
      ],
    },
    ifMatch: revision,
  })
  t.match(replaced, { status: 403, json: { code: 'forbidden' } })
  const moved = await service.call('administrator', 'POST', '/api/v1/persons', {
    body: { name: '甲', organisation: county.other },
  })
  t.ok([403, 404].includes(moved.status), 'nor register somebody elsewhere')
  const self = await service.call('administrator', 'POST', `/api/v1/persons/${people.administrator.id}/grant-role`, {
    body: { role: 'bureau-leader', organisation: county.bureau },
    ifMatch: 2,
  })
  t.equal(self.status, 403, 'nor himself')

  // The superior gives a role in the neighbouring county and takes it back; the person's own administrator cannot undo that.
  const { asOperator } = await import('../../src/commands/initialise.ts')
  const role = { role: 'reception', organisation: county.other }
  const stream = `person-${people.nobody.id}`
  await asOperator(service.service, 'person', 'grantRole', role, { stream, commandId: crypto.randomUUID() })
  await asOperator(service.service, 'person', 'withdrawRole', role, { stream, commandId: crypto.randomUUID() })
  const all = (await service.service.load(stream, service.service.categories.person!.decider)).events
  const undone = await service.call('administrator', 'POST', `${url}/corrections`, {
    body: { corrections: [{ mode: 'void', event: all.at(-1)!.id, reason: '恢复' }] },
    ifMatch: all.at(-1)!.revision,
  })
  t.match(undone, { status: 403, json: { code: 'forbidden' } })
})

t.test('after a whole chain no personal text is in any file of the directory or any line of the log', async (t) => {
  const service = await startService(t)
  const { id } = await runChain(service)
  await service.call('reception', 'POST', '/api/v1/visits', {
    body: {
      channel: 'visit',
      item: 'legal-consultation',
      visitor: { name: '来访之人丁戊', phone: '13700000002' },
      matter: '咨询之具体内容',
    },
  })
  await everything(service, 'centre-director', id)
  await service.service.projections.catchUp()
  const values = [...identity, ...narrative, '来访之人丁戊', '13700000002', '咨询之具体内容']
  const search = (): string[] => {
    const hits: string[] = []
    for (const entry of readdirSync(service.directory, { recursive: true, withFileTypes: true })) {
      // The search index is the one file that may hold readable text; it goes with its subject.
      if (!entry.isFile() || entry.name.startsWith('search.db')) continue
      const content = readFileSync(join(entry.parentPath, entry.name))
      for (const value of values)
        for (const [form, bytes] of formsOf(value))
          if (content.includes(bytes)) hits.push(`${entry.name}: ${value} as ${form}`)
    }
    return hits
  }
  t.ok(readdirSync(service.directory).includes('events.db-wal'), 'files still open are searched too')
  t.same(search(), [])
  const log = Buffer.from(service.log.join(''))
  t.ok(log.length > 1_000)
  for (const value of values)
    for (const [form, bytes] of formsOf(value)) t.notOk(log.includes(bytes), `${value} as ${form}`)
  await service.close()
  t.same(search(), [], 'nor after closing')
})
