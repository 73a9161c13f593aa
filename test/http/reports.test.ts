/** Bulletins and weekly statistics whose figures anybody counts again, and the quality card by a one-time link. */
import t from 'tap'
import { register, runChain } from '../support/chain.ts'
import { startService } from '../support/service.ts'

const DAY_MS = 86_400_000

t.test('a bulletin carries its figures, and they can be counted again later, whatever is recorded since', async (t) => {
  const service = await startService(t)
  await runChain(service, 'close')
  await register(service)
  service.clock.ms += 40 * DAY_MS
  const issued = await service.call('supervision-officer', 'POST', '/api/v1/reports/issue-bulletin', {
    body: { day: '2026-03-15', text: '三月通报正文' },
  })
  t.equal(issued.status, 201, issued.text)
  const url = `/api/v1/reports/${encodeURIComponent(issued.json.case)}`
  const first = await service.call('bureau-leader', 'GET', url)
  t.match(first.json, {
    kind: 'monthly',
    from: '2026-03-01',
    until: '2026-03-31',
    figures: { reproduced: true, computedAt: '2026-03-31' },
  })
  const [all, ...rows] = first.json.figures.rows
  t.match(all, { title: '合计', counts: { 'registered.complaint': 2 } })
  t.equal(
    all.onTimeRate,
    all.counts.closedOnTime / (all.counts.closedOnTime + (all.counts.closedLate ?? 0) + all.counts.overdue),
  )
  t.ok(rows.some((row: { unit?: string }) => row.unit === service.county.bureau))
  await register(service)
  await runChain(service, 'accept')
  t.same(
    (await service.call('bureau-leader', 'GET', url)).json.figures,
    first.json.figures,
    'the same after more was recorded',
  )
  t.match(
    (
      await service.call('supervision-officer', 'POST', '/api/v1/reports/issue-bulletin', {
        body: { day: '2026-03-01' },
      })
    ).json,
    {
      code: 'report-already-issued',
    },
  )
  const printed = await service.call('bureau-leader', 'GET', `${url}?format=html`)
  t.match(printed.headers['content-type'], /text\/html/)
  t.match(printed.text, /月通报.*按期办结率.*结果一致/s)
  t.notMatch(printed.text, /<script/)
  t.equal((await service.call('reception', 'GET', url)).status, 403)
  t.match((await service.call('bureau-leader', 'GET', '/api/v1/reports')).json, {
    total: 1,
    items: [{ kind: 'monthly', from: '2026-03-01' }],
  })
})

t.test('the weekly statistics are read by two, and their clock runs until then', async (t) => {
  const service = await startService(t)
  const issued = await service.call('supervision-officer', 'POST', '/api/v1/reports', { body: { day: '2026-03-02' } })
  t.equal(issued.status, 201, issued.text)
  const url = `/api/v1/reports/${encodeURIComponent(issued.json.case)}`
  const review = (who: 'bureau-leader' | 'leader2', as: string, ifMatch: number) =>
    service.call(who, 'POST', `${url}/review-weekly`, { body: { as }, ifMatch })
  t.equal((await review('bureau-leader', 'director-general', 0)).status, 200)
  t.match((await review('bureau-leader', 'leader-in-charge', 1)).json, { code: 'report-reader-repeated' })
  t.equal((await review('leader2', 'leader-in-charge', 1)).status, 200)
  t.match((await service.call('leader2', 'GET', url)).json, {
    status: 'reviewed',
    clocks: [{ kind: 'report.review', state: 'closedOnTime' }],
  })
})

t.test('a quality card by link is filled in once, on a page that names nobody', async (t) => {
  const service = await startService(t)
  const { id, number } = await runChain(service, 'close')
  const key = 'card'
  const issue = () =>
    service.call('reception', 'POST', '/api/v1/quality-cards', {
      body: { case: id, form: 'link', expiresOn: '2026-03-20' },
      key,
    })
  const issued = await issue()
  t.equal(issued.status, 201, issued.text)
  const { link } = issued.json
  t.match(link, /^\/cards\/[\w-]{40,}$/)
  t.equal((await issue()).json.link, link, 'a retry shows the same link')
  await service.service.projections.catchUp()
  const shown = await service.call(undefined, 'GET', link)
  t.equal(shown.status, 200)
  t.notMatch(shown.text, /<script/)
  for (const secret of [id, number, '投诉人甲乙丙', '青石']) t.notOk(shown.text.includes(secret), secret)
  const send = (fields: string) =>
    service.call(undefined, 'POST', link, {
      payload: fields,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
  t.match(shown.text, /<time>2026-03-20<\/time>/)
  const unfinished = await send('text=%3Cb%3E%E6%9C%AA%E5%8A%9E%E5%AE%8C&attitude=2')
  t.equal(unfinished.status, 422)
  t.match(unfinished.text, /role="alert"/)
  t.match(unfinished.text, />&lt;b&gt;未办完<\/textarea>/, 'what was written is still there, and only text')
  t.match(unfinished.text, /name="attitude" value="2" checked/)
  t.equal((await send('satisfied=yes&attitude=9&efficiency=5&policy=5&competence=5')).status, 422)
  const sent = await send('satisfied=no&attitude=1&efficiency=2&policy=3&competence=4&text=%E6%9C%AA%E8%A7%A3%E5%86%B3')
  t.equal(sent.status, 200, sent.text)
  t.equal((await send('satisfied=yes')).status, 404, 'used once')
  t.equal((await service.call(undefined, 'GET', link)).status, 404)
  t.equal(
    (await service.call(undefined, 'GET', '/cards/unknown')).text,
    (await service.call(undefined, 'GET', link)).text,
  )
  const card = await service.call(
    'centre-director',
    'GET',
    `/api/v1/quality-cards/${encodeURIComponent(issued.json.case)}`,
  )
  t.match(card.json, { status: 'returned', satisfied: false, scores: { attitude: 1, competence: 4 } })
  t.notOk(service.log.join('').includes(link.slice(7)), 'the token is in no log')
  const events = service.service.log.stream(`qualitycard-complaint.${id}`)
  t.notOk(
    events.some(({ bytes }) => Buffer.from(bytes).toString().includes(link.slice(7))),
    'and in no event',
  )
})

t.test('a link that has run out opens nothing, and a new one replaces it', async (t) => {
  const service = await startService(t)
  const { id } = await runChain(service, 'close')
  const issued = await service.call('reception', 'POST', '/api/v1/quality-cards', {
    body: { case: id, form: 'link', expiresOn: '2026-03-03' },
  })
  service.clock.ms += 3 * DAY_MS
  await service.service.projections.catchUp()
  t.equal((await service.call(undefined, 'GET', issued.json.link)).status, 404)
  const renewed = await service.call(
    'reception',
    'POST',
    `/api/v1/quality-cards/${encodeURIComponent(issued.json.case)}/renew-link`,
    {
      body: { expiresOn: '2026-03-30' },
      ifMatch: issued.json.revision,
    },
  )
  t.equal(renewed.status, 200, renewed.text)
  t.not(renewed.json.link, issued.json.link)
  await service.service.projections.catchUp()
  t.equal((await service.call(undefined, 'GET', renewed.json.link)).status, 200)
  t.equal((await service.call(undefined, 'GET', issued.json.link)).status, 404)
})
