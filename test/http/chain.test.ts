/** A complaint over HTTP from registration to the archive, and what every command promises: revisions, keys, positions, both times. */
import t from 'tap'
import { chainSteps, personal, register, registration, runChain } from '../support/chain.ts'
import { startService } from '../support/service.ts'

t.setTimeout(120_000)

t.test('a complaint runs from registration to the archive, and everybody sees what it has become', async (t) => {
  const service = await startService(t)
  const opened = await register(service)
  t.equal(opened.status, 201)
  t.match(opened.json, { number: 'A〔2026〕投字第00001号', revision: 0 })
  t.equal(opened.headers.location, `/api/v1/complaints/${opened.json.case}`)
  t.equal(opened.headers.etag, '"0"')
  let { revision } = opened.json
  for (const { by, action, body } of chainSteps(service)) {
    const answer = await service.call(by, 'POST', `/api/v1/complaints/${opened.json.case}/${action}`, {
      body,
      ifMatch: revision,
    })
    t.equal(answer.status, 200, `${action}: ${answer.text}`)
    t.equal(answer.json.revision, revision + 1, action)
    t.equal(answer.json.number, opened.json.number, action)
    t.equal(answer.headers.etag, `"${answer.json.revision}"`)
    revision = answer.json.revision
  }
  const open = async (by: 'centre-director' | 'auditor') => {
    const body = { purpose: 'review', text: '复核' }
    const answer = await service.call(by, 'POST', `/api/v1/complaints/${opened.json.case}/open-archived`, {
      body,
      ifMatch: revision,
    })
    t.equal(answer.status, 200, answer.text)
    revision = answer.json.revision
  }
  await open('centre-director')
  const file = await service.call('centre-director', 'GET', `/api/v1/complaints/${opened.json.number}`)
  t.match(file.json, {
    status: 'archived',
    number: opened.json.number,
    outcome: 'substantiated',
    parties: { complainant: { name: personal.name, phone: personal.phone } },
  })
  t.equal(file.json.timeline.length, 18)
  t.ok(
    file.json.timeline.every((entry: { title: string }) => /\p{Script=Han}/u.test(entry.title)),
    'every entry has a Chinese title',
  )
  await open('auditor')
  const history = await service.call('auditor', 'GET', `/api/v1/complaints/${opened.json.case}/history`)
  t.equal(history.json.events.length, 19)
  for (const event of history.json.events)
    t.ok(event.actor.person && event.recordedAt && event.effectiveAt && event.rule, event.type)
})

t.test('a command on an existing case says which revision its sender saw', async (t) => {
  const service = await startService(t)
  const { json } = await register(service)
  const url = `/api/v1/complaints/${json.case}/request-supplement`
  const body = { items: ['收据'] }
  const without = await service.call('reception', 'POST', url, { body })
  t.match(without, { status: 428, json: { code: 'precondition-required' } })
  const wrong = await service.call('reception', 'POST', url, { body, headers: { 'if-match': 'zero' } })
  t.match(wrong, { status: 400, json: { code: 'invalid-precondition' } })
  await service.call('reception', 'POST', url, { body, ifMatch: 0 })
  const stale = await service.call('reception', 'POST', url, { body, ifMatch: 0 })
  t.match(stale, {
    status: 412,
    json: { code: 'precondition-failed', current: { revision: 1, status: 'supplement-pending' } },
  })
  t.equal(stale.headers.etag, '"1"')
  t.ok(stale.json.current.next.includes('receiveSupplement'), 'and what may come next')
  const ahead = await service.call('reception', 'POST', url, { body, ifMatch: 9 })
  t.equal(ahead.status, 412, 'a revision nobody has seen yet is none')
})

t.test('a retry with the same key gets the first answer, also after later events and a restart', async (t) => {
  const service = await startService(t)
  const first = await register(service, {}, 'reg-1')
  t.equal(first.status, 201)
  const again = await register(service, {}, 'reg-1')
  t.same([again.status, again.json], [201, first.json])
  t.equal(again.headers['x-position'], first.headers['x-position'])
  const url = `/api/v1/complaints/${first.json.case}/request-supplement`
  const step = { body: { items: ['收据'] }, ifMatch: 0, key: 'step-1' }
  const asked = await service.call('reception', 'POST', url, step)
  t.equal(asked.status, 200)
  await service.call('reception', 'POST', `/api/v1/complaints/${first.json.case}/receive-supplement`, {
    body: {},
    ifMatch: 1,
  })
  const size = service.service.log.size()
  for (const _ of [1, 2]) {
    const late = await service.call('reception', 'POST', url, step)
    t.same([late.status, late.json.revision, late.json.index], [200, asked.json.revision, asked.json.index])
    t.equal(late.json.number, first.json.number)
    t.same((await register(service, {}, 'reg-1')).json, first.json)
    await service.restart()
  }
  t.equal(service.service.log.size(), size, 'nothing was recorded twice')
})

t.test('a key is for one request: another body, another person, another path', async (t) => {
  const service = await startService(t)
  const first = await register(service, {}, 'k')
  const other = await register(service, { matter: '另一事项' }, 'k')
  t.match(other, { status: 422, json: { code: 'idempotency-key-reused' } })
  const reordered = Object.fromEntries(Object.entries(registration(service)).reverse())
  const same = await service.call('reception', 'POST', '/api/v1/complaints', { body: reordered, key: 'k' })
  t.same(same.json, first.json, 'the order of fields is no difference')
  const colleague = await service.call('centre-director', 'POST', '/api/v1/complaints', {
    body: registration(service),
    key: 'k',
  })
  t.equal(colleague.status, 201)
  t.not(colleague.json.case, first.json.case, 'keys are each person’s own')
  const invalid = await register(service, {}, 'k'.repeat(201))
  t.match(invalid, { status: 400, json: { code: 'invalid-idempotency-key' } })
})

t.test('the same request twice at once is recorded once', async (t) => {
  const service = await startService(t)
  const size = service.service.log.size()
  const answers = await Promise.all([1, 2, 3, 4].map(() => register(service, {}, 'race')))
  t.same(
    answers.map(({ status, json }) => [status, json.case, json.revision, json.index, json.number]),
    answers.map(() => [201, answers[0]!.json.case, 0, answers[0]!.json.index, 'A〔2026〕投字第00001号']),
  )
  t.equal(service.service.log.size(), size + 2, 'the case and its number')
  const url = `/api/v1/complaints/${answers[0]!.json.case}/accept`
  const accepts = await Promise.all(
    [1, 2, 3].map(() => service.call('centre-director', 'POST', url, { body: {}, ifMatch: 0, key: 'accept' })),
  )
  t.same(
    accepts.map(({ status, json }) => [status, json.revision]),
    [
      [200, 1],
      [200, 1],
      [200, 1],
    ],
  )
  const different = await Promise.all(
    ['a', 'b', 'c'].map((key) =>
      service.call('centre-director', 'POST', `/api/v1/complaints/${answers[0]!.json.case}/notify`, {
        body: { about: 'acceptance', method: 'letter' },
        ifMatch: 1,
        key,
      }),
    ),
  )
  t.same(different.map(({ status }) => status).sort(), [200, 412, 412], 'of three that race on one revision one wins')
})

t.test('a reader who hands in the position of his write reads it', async (t) => {
  const service = await startService(t)
  const opened = await register(service)
  const position = encodeURIComponent(opened.headers['x-position']!)
  const list = await service.call('reception', 'GET', `/api/v1/complaints?atLeast=${position}`)
  t.same([list.status, list.json.total], [200, 1])
  const nonsense = await service.call('reception', 'GET', '/api/v1/complaints?atLeast=yesterday')
  t.match(nonsense, { status: 422, json: { code: 'invalid-request', errors: [{ pointer: '#query/atLeast' }] } })
})

t.test('paging walks every case exactly once, also while cases come in', async (t) => {
  const service = await startService(t)
  const made: string[] = []
  for (let i = 0; i < 23; i++) made.push((await register(service)).json.case)
  await service.service.projections.catchUp()
  const seen: string[] = []
  let url: string | undefined = '/api/v1/complaints?limit=5'
  let pages = 0
  while (url) {
    const page: Awaited<ReturnType<typeof service.call>> = await service.call('centre-director', 'GET', url)
    t.equal(page.status, 200)
    seen.push(...page.json.items.map((item: { case: string }) => item.case))
    url = /<([^>]+)>; rel="next"/.exec(page.headers.link ?? '')?.[1]
    if (++pages === 2) await register(service)
  }
  t.same([...seen].sort(), [...made].sort())
  t.equal(pages, 5)
  const forged = await service.call('centre-director', 'GET', '/api/v1/complaints?cursor=nonsense')
  t.match(forged, { status: 400, json: { code: 'cursor-invalid' } })
})

t.test('list, file and history are read as of any moment on either axis', async (t) => {
  const service = await startService(t)
  const { id } = await runChain(service, 'accept')
  const accepted = service.service.log.size() - 1
  const second = await register(service, { effectiveAt: '2026-02-10' })
  t.equal(second.status, 201)
  await service.service.projections.catchUp()
  const get = async (url: string) => (await service.call('centre-director', 'GET', url)).json
  const before = await get(`/api/v1/complaints/${id}?asOf=${accepted - 1}`)
  t.match(before, { status: 'received', asOf: accepted - 1, revision: 2, next: [] })
  t.match(await get(`/api/v1/complaints/${id}?asOf=${accepted}`), { status: 'accepted', revision: 3 })
  t.match(await get('/api/v1/complaints'), { total: 2 })
  t.match(await get(`/api/v1/complaints?asOf=${accepted}`), { total: 1 })
  t.match(await get('/api/v1/complaints?effectiveAt=2026-02-28'), { total: 1, items: [{ case: second.json.case }] })
  t.match(await get('/api/v1/complaints?asOf=2026-02-28'), { total: 0, asOf: -1 }, 'nothing was recorded then')
  t.equal((await get(`/api/v1/complaints/${id}/history?asOf=${accepted - 1}`)).events.length, 3)
  const beyond = await service.call('centre-director', 'GET', '/api/v1/complaints?asOf=99999')
  t.match(beyond, { status: 422, json: { code: 'index-beyond-head' } })
  const invalid = await service.call('centre-director', 'GET', '/api/v1/complaints?asOf=lastweek')
  t.match(invalid, { status: 400, json: { code: 'as-of-invalid' } })
  const impossible = await service.call('centre-director', 'GET', `/api/v1/complaints/${id}?effectiveAt=2026-02-30`)
  t.match(impossible, { status: 422, json: { code: 'effective-time-invalid' } })
  const misspelt = await service.call('centre-director', 'GET', '/api/v1/complaints?asof=1')
  t.match(
    misspelt,
    { status: 422, json: { errors: [{ pointer: '#query/asof' }] } },
    'a bound that is not understood is not ignored',
  )
})

t.test(
  'corrections: a voided step never was, a replaced one was always so, and none breaks what came after',
  async (t) => {
    const service = await startService(t)
    const { id, revision } = await runChain(service, 'add-note')
    const events = (await service.call('centre-director', 'GET', `/api/v1/complaints/${id}/history`)).json.events
    const eventOf = (type: string): string => events.find((event: { type: string }) => event.type === type).id
    const correct = (corrections: object[], ifMatch: number) =>
      service.call('centre-director', 'POST', `/api/v1/complaints/${id}/corrections`, {
        body: { corrections },
        ifMatch,
      })
    const broken = await correct([{ mode: 'void', event: eventOf('ComplaintAccepted'), reason: '误记' }], revision)
    t.match(broken, { status: 409, json: { code: 'correction-breaks-later-step' } })
    const unknown = await correct([{ mode: 'void', event: crypto.randomUUID(), reason: '误记' }], revision)
    t.match(unknown, { status: 422, json: { code: 'correction-target-unknown' } })
    const invalid = await correct(
      [{ mode: 'replace', event: eventOf('NoteAdded'), reason: '误记', data: { text: 5 } }],
      revision,
    )
    t.match(invalid, {
      status: 422,
      json: { code: 'replacement-invalid', errors: [{ pointer: '/corrections/0/data/text' }] },
    })
    const replaced = await correct(
      [
        { mode: 'replace', event: eventOf('NoteAdded'), reason: '记错人名', data: { text: '更正后的笔录' } },
        { mode: 'void', event: eventOf('DefenceSubmitted'), reason: '误记' },
      ],
      revision,
    )
    t.equal(replaced.status, 200, replaced.text)
    const file = (await service.call('centre-director', 'GET', `/api/v1/complaints/${id}`)).json
    t.match(
      file.timeline.find((entry: { type: string }) => entry.type === 'NoteAdded'),
      { data: { text: '更正后的笔录' }, replaced: { reason: '记错人名' } },
    )
    t.not(file.defence, 'submitted', 'the voided defence is gone')
  },
)

t.test('a replaced opening keeps its subjects, so that everything sealed stays with its keys', async (t) => {
  const service = await startService(t)
  const { id, revision } = await runChain(service, 'accept')
  const [opening] = (await service.call('centre-director', 'GET', `/api/v1/complaints/${id}/history`)).json.events
  const data = {
    ...opening.data,
    matter: '更正后的事项',
    complainant: { ...opening.data.complainant, name: '更正后的姓名' },
  }
  const replace = (changed: object) =>
    service.call('centre-director', 'POST', `/api/v1/complaints/${id}/corrections`, {
      body: { corrections: [{ mode: 'replace', event: opening.id, reason: '录入有误', data: changed }] },
      ifMatch: revision,
    })
  const moved = await replace({ ...data, subject: 'another-subject' })
  t.match(moved, {
    status: 422,
    json: { code: 'replacement-invalid', errors: [{ pointer: '/corrections/0/data/subject' }] },
  })
  const { subject: _subject, complainant, ...rest } = data
  const { subject: _person, ...person } = complainant
  const kept = await replace({ ...rest, complainant: person })
  t.equal(kept.status, 200, kept.text)
  const [after] = (await service.call('centre-director', 'GET', `/api/v1/complaints/${id}/history`)).json.events
  t.equal(after.data.subject, opening.data.subject, 'the opening itself stands as it was recorded')
  const file = await service.call('centre-director', 'GET', `/api/v1/complaints/${id}`)
  t.match(file.json.parties, { complainant: { name: '更正后的姓名' } })
  t.match(file.json.timeline[0].data, { matter: '更正后的事项', subject: opening.data.subject })
})

t.test('tokens are shown once, and are worth nothing once revoked', async (t) => {
  const service = await startService(t)
  const person = service.people.reception.id
  const made = await service.call('administrator', 'POST', `/api/v1/persons/${person}/tokens`, { body: {}, key: 't' })
  t.equal(made.status, 201)
  const again = await service.call('administrator', 'POST', `/api/v1/persons/${person}/tokens`, { body: {}, key: 't' })
  t.match(again, { status: 409, json: { code: 'token-shown-once' } })
  const asMade = { headers: { authorization: `Bearer ${made.json.token}` } }
  t.match(await service.call(undefined, 'GET', '/api/v1/me', asMade), { status: 200, json: { person } })
  const listed = await service.call('administrator', 'GET', '/api/v1/persons')
  t.notOk(listed.text.includes(made.json.token.split('.').at(-1)), 'the secret is nowhere')
  t.notMatch(listed.text, /"hash"/)
  const id = made.json.token.split('.')[2]
  const revoked = await service.call('administrator', 'DELETE', `/api/v1/persons/${person}/tokens/${id}`)
  t.equal(revoked.status, 200)
  t.match(await service.call(undefined, 'GET', '/api/v1/me', asMade), {
    status: 401,
    json: { code: 'unauthenticated' },
  })
  const expired = await service.call('administrator', 'POST', `/api/v1/persons/${person}/tokens`, {
    body: { expiresOn: '2026-03-01' },
  })
  t.match(expired, { status: 422, json: { code: 'token-expiry-past' } })
  const short = await service.call('administrator', 'POST', `/api/v1/persons/${person}/tokens`, {
    body: { expiresOn: '2026-03-02' },
  })
  const asShort = { headers: { authorization: `Bearer ${short.json.token}` } }
  t.equal((await service.call(undefined, 'GET', '/api/v1/me', asShort)).status, 200, 'good on its last day')
  service.clock.ms += 86_400_000
  t.equal((await service.call(undefined, 'GET', '/api/v1/me', asShort)).status, 401, 'and not after it')
})

t.test('who complains again is found by phone, identity number or name with office', async (t) => {
  const service = await startService(t)
  const { json } = await register(service)
  const [opening] = (await service.call('centre-director', 'GET', `/api/v1/complaints/${json.case}/history`)).json
    .events
  const { subject } = opening.data.complainant
  const find = (
    kind: 'phone' | 'identity-number' | 'name-office',
    value: string,
    organisation = service.county.bureau,
  ) => service.service.vault.find(organisation, [{ kind, value }])
  t.same(await find('phone', '139-1234-5678'), [{ subject, kind: 'phone' }])
  t.same(await find('identity-number', personal.identityNumber), [{ subject, kind: 'identity-number' }])
  t.same(await find('name-office', `${personal.name} ${service.county.office}`), [{ subject, kind: 'name-office' }])
  t.same(await find('phone', personal.phone, service.county.other), [], 'each organisation finds its own only')
  await service.call('reception', 'POST', '/api/v1/visits', {
    body: {
      channel: 'visit',
      item: 'legal-consultation',
      visitor: { name: '来访人', phone: '13800000001' },
      matter: '咨询',
    },
  })
  t.equal((await find('phone', '13800000001')).length, 1, 'visitors too')
})

t.test('entries of the registry say the revision that the next act on them names', async (t) => {
  const service = await startService(t)
  const { county, people } = service
  for (const [category, id] of [
    ['organisations', county.bureau],
    ['offices', county.office],
    ['workers', county.worker],
    ['persons', people.reception.id],
  ] as const) {
    const entry = await service.call('administrator', 'GET', `/api/v1/${category}/${id}`)
    t.equal(entry.status, 200, `${category}: ${entry.text}`)
    t.equal(entry.headers.etag, `"${entry.json.revision}"`, category)
    t.notMatch(entry.text, /"hash"/)
    t.equal((await service.call('administrator', 'GET', `/api/v1/${category}/nowhere`)).status, 404)
  }
  const { json } = await service.call('administrator', 'GET', `/api/v1/persons/${people.reception.id}`)
  const granted = await service.call('administrator', 'POST', `/api/v1/persons/${json.id}/grant-role`, {
    body: { role: 'supervision-officer', organisation: county.bureau },
    ifMatch: json.revision,
  })
  t.equal(granted.status, 200, granted.text)
  const { grants } = (await service.call('reception', 'GET', '/api/v1/me')).json
  t.same(grants.map(({ role }: { role: string }) => role).sort(), ['reception', 'supervision-officer'])
  t.equal((await service.call('reception', 'GET', `/api/v1/persons/${json.id}`)).status, 200, 'himself')
  t.not((await service.call('reception', 'GET', `/api/v1/persons/${people.auditor.id}`)).status, 200)
})
