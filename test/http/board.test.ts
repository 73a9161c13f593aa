/** The board over HTTP: what leads from a light to an act, in bulk, what a calendar moves, and what goes on by itself. */
import t from 'tap'
import { register, runChain } from '../support/chain.ts'
import { startService, type TestService } from '../support/service.ts'

const DAY_MS = 86_400_000

const board = async (service: TestService, who: Parameters<TestService['call']>[0], query = '') => {
  await service.service.projections.catchUp()
  await service.service.board.caughtUp()
  return service.call(who, 'GET', `/api/v1/board${query}`)
}

t.test('every item says what may be done next, and leads to supervision or to a chase', async (t) => {
  const service = await startService(t)
  const { id } = await runChain(service, 'register')
  const seen = await board(service, 'centre-director')
  const item = seen.json.items.find(({ kind }: { kind: string }) => kind === 'complaint.acceptance')
  t.ok(item.next.includes('accept'), 'the lawful steps of the director')
  t.notOk(item.actions.openSupervision, 'opening supervision is not the director’s')
  const officer = (await board(service, 'supervision-officer')).json.items[0]
  t.match(officer.actions, { file: `/api/v1/complaints/${id}`, openSupervision: { href: '/api/v1/supervisions' } })
  t.equal(officer.number, 'A〔2026〕投字第00001号', 'named as people name the case')
  const index = service.service.log.size() - 1
  const past = await board(service, 'supervision-officer', `?asOf=${index}`)
  t.equal(past.json.items[0].number, officer.number, 'in the past too')
  const opened = await service.call('supervision-officer', 'POST', officer.actions.openSupervision.href, {
    body: officer.actions.openSupervision.body,
  })
  t.equal(opened.status, 201, opened.text)
  const then = await board(service, 'supervision-officer', '?category=complaint')
  const chase = `/api/v1/supervisions/${opened.json.case}/chase`
  t.match(then.json.items[0].actions, { chase })
  const chased = await service.call('supervision-officer', 'POST', chase, {
    body: { method: 'phone', whomInWords: '承办科室', result: '答应明日回复' },
    ifMatch: opened.json.revision,
  })
  t.equal(chased.status, 200, chased.text)
})

t.test('many items at once: previewed, done, each with its own result, and done once', async (t) => {
  const service = await startService(t)
  const first = await register(service)
  const second = await register(service)
  const bulk = (body: object, key?: string) =>
    service.call('supervision-officer', 'POST', '/api/v1/board/bulk', { body, ...(key === undefined ? {} : { key }) })
  await board(service, 'supervision-officer')
  const filter = { category: 'complaint', kind: 'complaint.acceptance' }
  const open = { action: 'open-supervision', filter, body: { importance: 'important' } }
  const before = service.service.log.size()
  const preview = await bulk({ ...open, preview: true })
  t.match(preview.json, { total: 2, allowed: 2, refused: 0, preview: true })
  t.equal(service.service.log.size(), before, 'a preview records nothing')
  const done = await bulk(open, 'one')
  t.match(done.json, { total: 2, allowed: 2, refused: 0 })
  const after = service.service.log.size()
  const again = await bulk(open, 'one')
  t.same(
    again.json.results.map(({ target }: { target: string }) => target),
    done.json.results.map(({ target }: { target: string }) => target),
    'the same items on a retry',
  )
  t.equal(service.service.log.size(), after, 'a retry records nothing')
  await board(service, 'supervision-officer')
  const chase = {
    action: 'chase',
    items: [
      { category: 'complaint', case: first.json.case, clock: 'complaint.acceptance' },
      { category: 'complaint', case: second.json.case, clock: 'complaint.acceptance' },
      { category: 'complaint', case: 'nowhere', clock: '' },
    ],
    body: { method: 'phone', whomInWords: '承办人', result: '已经催过' },
  }
  const chased = await bulk(chase, 'two')
  t.match(chased.json, {
    total: 3,
    allowed: 2,
    refused: 1,
    results: [{ ok: true }, { ok: true }, { refusal: { code: 'not-found' } }],
  })
  t.match((await bulk({ ...chase, body: { ...chase.body, method: 'pigeon' } })).json.results[0].refusal, {
    code: 'chase-method-unknown',
  })
  t.match((await bulk({ action: 'chase', body: chase.body })).json, { code: 'invalid-request' })
  const stranger = await service.call('elsewhere', 'POST', '/api/v1/board/bulk', { body: chase })
  t.match(stranger.json, { allowed: 0, refused: 3 })
  const csv = await service.call('supervision-officer', 'GET', '/api/v1/board/export?category=complaint')
  t.match(csv.headers['content-type'], /text\/csv/)
  t.equal(
    csv.text.trim().split('\r\n').length,
    1 + (await board(service, 'supervision-officer', '?category=complaint')).json.total,
  )
  const xlsx = await service.call('supervision-officer', 'GET', '/api/v1/board/export?format=xlsx')
  t.equal(xlsx.text.slice(0, 2), 'PK')
  t.equal((await service.call('reception', 'GET', '/api/v1/board/export')).status, 403)
})

t.test('a new calendar moves open deadlines visibly and leaves ended ones', async (t) => {
  const service = await startService(t)
  const open = await runChain(service, 'accept')
  const ended = await runChain(service, 'notify')
  await board(service, 'supervision-officer')
  const due = async (id: string, kind: string) => {
    const { json } = await service.call('centre-director', 'GET', `/api/v1/complaints/${id}`)
    return json.clocks.find((clock: { kind: string }) => clock.kind === kind).due
  }
  const noticeDue = await due(ended.id, 'complaint.notice')
  const before = await due(open.id, 'complaint.notice')
  const offDays = Array.from({ length: 3 }, (_, place) => {
    return new Date(Date.parse(`${before}T00:00:00Z`) + place * DAY_MS).toISOString().slice(0, 10)
  })
  service.clock.ms += DAY_MS
  const declared = await service.call('supervision-officer', 'POST', '/api/v1/calendars/declare-local-days', {
    body: { division: '990121', notice: '安政〔2026〕1号', declaredOn: '2026-03-03', offDays, reason: '防汛' },
  })
  t.equal(declared.status, 201, declared.text)
  const { json: moves } = await service.call('supervision-officer', 'GET', '/api/v1/calendars/moves')
  const move = moves.items.find(
    (each: { case: string; clock: string }) => each.case === open.id && each.clock === 'complaint.notice',
  )
  t.match(move, { from: before, because: /local-990121/ })
  t.ok(move.to > before, `${move.to} is later than ${before}`)
  t.equal(await due(open.id, 'complaint.notice'), move.to)
  t.equal(await due(ended.id, 'complaint.notice'), noticeDue, 'what was decided stays')
  t.notOk(
    moves.items.some(
      (each: { case: string; clock: string }) => each.case === ended.id && each.clock === 'complaint.notice',
    ),
  )
})

t.test('what goes on by itself happens once, on whatever node, however often', async (t) => {
  const service = await startService(t)
  await runChain(service, 'close')
  const { bureau } = service.county
  const practice = await service.call('bureau-leader', 'POST', '/api/v1/practices', {
    body: {
      validFrom: '2026-03-01',
      methods: [{ key: 'phone' }],
      levels: [{ level: 'notice', overdueWorkdays: 0 }],
      extensions: 1,
      extensionCap: '15d',
      automatic: { overdueWorkdays: 2, kinds: ['complaint.acceptance'] },
      samplePercent: 10,
      visitAttempts: 2,
      legalBasis: '局办公会议定',
    },
  })
  t.equal(practice.status, 201, practice.text)
  const late = await register(service)
  service.clock.ms += 40 * DAY_MS
  await board(service, 'supervision-officer')
  const { oversight } = service.service
  const [recorded, again] = await Promise.all([oversight.run(), oversight.run()])
  t.ok(recorded > 0)
  t.equal(again, 0, 'the second look finds nothing left')
  await service.service.projections.catchUp()
  const items = await service.call('supervision-officer', 'GET', '/api/v1/supervisions')
  t.match(items.json, { total: 1, items: [{ kind: 'missed-deadline', about: { case: late.json.case } }] })
  const plan = await service.call('supervision-officer', 'GET', `/api/v1/return-plans/${bureau}.2026-03`)
  t.match(plan.json, { population: 1, chosenCount: 1 })
  const duties = await service.call('supervision-officer', 'GET', '/api/v1/obligations?kind=duty.return-visits')
  t.match(duties.json.items, [
    { status: 'met', from: '2026-04-01' },
    { status: 'due', from: '2026-03-01' },
  ])
  await service.restart()
  await board(service, 'supervision-officer')
  t.equal(await service.service.oversight.run(), 0, 'a restarted process records nothing again')
})
