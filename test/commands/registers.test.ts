import t from 'tap'
import { personal, register, runChain } from '../support/chain.ts'
import { startService, type Who } from '../support/service.ts'

const s = await startService(t)
const DAY = '2026-03-02'
const get = async (name: string, query = '', who: Who = 'centre-director') => {
  await s.service.projections.catchUp()
  return s.call(who, 'GET', `/api/v1/registers/${name}${query}`)
}

let visit = ''
let archived: Awaited<ReturnType<typeof runChain>>
/** Index of the last event before anything but the county was there. */
let founded = 0

t.before(async () => {
  founded = s.service.log.size() - 1
  archived = await runChain(s)
  await register(s, { complainant: undefined, anonymous: true })
  const opened = await s.call('reception', 'POST', '/api/v1/visits', {
    body: {
      channel: 'call',
      item: 'legal-consultation',
      matter: '<b>咨询</b> & 继承',
      visitor: { name: '=来访人<丁>' },
      firstContact: s.people.reader.id,
    },
  })
  visit = opened.json.case
  const done = await s.call('reception', 'POST', `/api/v1/visits/${visit}/handle-on-the-spot`, {
    body: { result: '已解答' },
    ifMatch: opened.json.revision,
  })
  if (done.status !== 200) throw new Error(done.text)
  // The next day something else comes in.
  s.clock.ms += 24 * 3_600_000
  await register(s)
})

t.test('daily: every visit and complaint of the day by category, who was first asked, what was done', async (t) => {
  const { json } = await get('daily', `?date=${DAY}`)
  t.match(json, { register: 'daily', rule: 'S1-2.1', from: DAY, until: DAY, total: 3 })
  t.same(
    json.rows.map(({ category, kind }: { category: { key: string }; kind: string }) => [category.key, kind]),
    [
      ['complaint', 'complaint'],
      ['complaint', 'complaint'],
      ['legal-consultation', 'visit'],
    ],
  )
  t.same(
    json.summary
      .filter(({ count }: { count: number }) => count > 0)
      .map(({ key, count }: { key: string; count: number }) => [key, count]),
    [
      ['complaint', 2],
      ['legal-consultation', 1],
    ],
  )
  t.equal(json.summary.length, 7, 'categories without entries are counted as none')
  const row = json.rows[2]
  t.match(row, {
    case: visit,
    channel: { title: '来电' },
    firstContact: { name: '中心副主任' },
    person: '=来访人<丁>',
    matter: '<b>咨询</b> & 继承',
    handled: ['当场办理'],
  })
  t.equal(json.rows[1].person, '匿名或未登记')
  t.equal((await get('daily', '?date=2026-03-03')).json.total, 1)
  t.equal((await get('daily')).json.until, '2026-03-03', 'today by the clock of the service')
})

t.test('personal fields are opened only where the reader may see them', async (t) => {
  const { json } = await get('daily', `?date=${DAY}`, 'supervision-officer')
  t.same(json.rows[2].person, { withheld: true })
  const text = JSON.stringify(json)
  for (const secret of Object.values(personal))
    if (secret !== personal.matter && secret !== personal.request) t.notOk(text.includes(secret))
  const page = (await get('daily', `?date=${DAY}&format=html`, 'supervision-officer')).text
  t.match(page, '（无权查阅）')
  t.equal((await get('daily', `?date=${DAY}`, 'elsewhere')).json.total, 0)
  const chain = (await get('daily', `?date=${DAY}`)).json.rows.find(
    ({ case: id }: { case: string }) => id === archived.id,
  )
  t.same(chain.person, { withheld: true }, 'an archived case is opened for a purpose only')
})

t.test('each register reads as of any moment, on both axes', async (t) => {
  t.match((await get('daily', `?date=${DAY}&asOf=${founded}`)).json, { total: 0, asOf: founded })
  const then = await get('daily', `?date=${DAY}&effectiveAt=2026-03-02T01:00:05Z`)
  t.ok(then.json.total >= 1 && then.json.total < 3)
  t.match((await get('weekly', `?date=${DAY}&asOf=${founded}`)).json, { total: 0 })
  t.match((await get('catalogue', `?asOf=${founded}`)).json, { total: 0 })
  t.match((await get('catalogue', `?effectiveAt=2026-03-01`)).json, { total: 0 })
  t.equal((await get('catalogue', '?asOf=9999999')).status, 422)
  const head = s.service.log.size() - 1
  for (const name of ['daily', 'weekly', 'catalogue'])
    t.same(
      (await get(name, `?date=${DAY}&asOf=${head}`)).json.rows,
      (await get(name, `?date=${DAY}`)).json.rows,
      `${name} as of the head is now`,
    )
})

t.test(
  'weekly: in, out and open, by state, channel, kind and outcome, with the clocks and the two readers',
  async (t) => {
    const { json } = await get('weekly', `?date=2026-03-05`)
    t.match(json, { register: 'weekly', from: '2026-03-02', until: '2026-03-08', rule: 'S1-2.3', total: 4 })
    const [all, bureau] = json.units
    t.match(all.counts, {
      visits: { received: 1, closed: 0, open: 1 },
      complaints: { received: 3, accepted: 1, replied: 1, closed: 1, archived: 1, open: 2 },
      state: { received: 2 },
      channel: { visit: 3 },
      kind: { 'private-acceptance-or-fees': 3 },
      outcome: { substantiated: 1 },
    })
    t.same(bureau.counts, all.counts, 'one unit: the same')
    t.equal(bureau.name, '安和县司法局')
    t.ok(all.counts.clocks.onTime > 0)
    t.same(json.readers, [
      { as: 'director-general', title: json.readers[0].title, reviewedAt: null },
      { as: 'leader-in-charge', title: json.readers[1].title, reviewedAt: null },
    ])
    t.match((await get('weekly', '?date=2026-03-12')).json, { from: '2026-03-09', total: 0 })
    t.match(
      (await get('weekly', `?date=2026-02-27`)).json.units[0].counts,
      { complaints: { received: 0, open: 0 } },
      'as of its end',
    )

    const late = (await get('weekly', '?date=2026-03-05&effectiveAt=2026-12-31')).json
    const overdue = late.summary.find(({ key }: { key: string }) => key === 'overdue').count
    t.ok(late.units[0].counts.clocks.overdue > overdue, 'a case with two limits passed is one case')
    t.equal(overdue, 3, 'two complaints and a visit')

    const submitted = await s.call('centre-director', 'POST', '/api/v1/reports/submit-weekly', {
      body: { day: '2026-03-05' },
    })
    const done =
      submitted.status === 201
        ? submitted
        : await s.call('centre-director', 'POST', '/api/v1/reports', { body: { day: '2026-03-05' } })
    t.equal(done.status, 201, done.text)
    const review = await s.call(
      'bureau-leader',
      'POST',
      `/api/v1/reports/${encodeURIComponent(done.json.case)}/review-weekly`,
      {
        body: { as: 'leader-in-charge' },
        ifMatch: done.json.revision,
      },
    )
    t.equal(review.status, 200, review.text)
    const read = (await get('weekly', '?date=2026-03-05')).json.readers
    t.equal(read[0].reviewedAt, null)
    t.ok(read[1].reviewedAt)
  },
)

t.test('catalogue: one case one file, in the order of the box', async (t) => {
  const { json } = await get('catalogue')
  t.match(json, { register: 'catalogue', total: 1, summary: [{ key: '30y', count: 1 }] })
  t.match(json.rows[0], {
    order: 1,
    case: archived.id,
    number: archived.number,
    title: '投诉：私自收案收费',
    parties: 3,
    outcome: { key: 'substantiated' },
    evidence: 0,
    retention: { key: '30y' },
  })
  t.equal((await get('catalogue', '?date=2026-03-01')).json.total, 0)
  t.equal((await get('catalogue', '?from=2026-03-03')).json.total, 0)
  for (const secret of Object.values(personal)) t.notOk(JSON.stringify(json).includes(secret))
})

t.test('as CSV, XLSX and a page to print: escaped, guarded, without script', async (t) => {
  const csv = await get('daily', `?date=${DAY}&format=csv`)
  t.match(csv.headers['content-type'], /^text\/csv/)
  t.match(csv.text, "'=来访人<丁>")
  t.match(csv.text, '序,类别,编号,时间')
  const xlsx = await get('weekly', `?date=${DAY}&format=xlsx`)
  t.match(xlsx.headers['content-type'], /spreadsheetml/)
  for (const name of ['daily', 'weekly', 'catalogue']) {
    const page = await get(name, `?date=2026-03-03&format=html`)
    t.match(page.headers['content-type'], /^text\/html/)
    t.match(page.text, /@page \{ size: A4/)
    t.notMatch(page.text, /<script|<b>|onclick|http:|https:/)
  }
  const page = (await get('daily', `?date=${DAY}&format=html`)).text
  t.match(page, '&lt;b&gt;咨询&lt;/b&gt; &amp; 继承')
  t.match(page, '=来访人&lt;丁&gt;')
  t.match(page, '每日分类接待登记簿')
  t.match(page, /<td class="time">2026-03-\d\d \d\d:\d\d<\/td>/, 'people read the time of the place')
  t.notMatch(page, /\d\dT\d\d:/)
  t.match(csv.text, /,2026-03-\d\dT\d\d:\d\d:\d\d\+08:00,/, 'files keep the whole time with its offset')
  t.equal((await get('daily', '?date=2026-02-30')).status, 422)
})
