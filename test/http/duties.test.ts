/** Recurring duties over HTTP: owed where an organisation's practice keeps them, from when it began, and met by what is recorded. */
import t from 'tap'
import { runChain } from '../support/chain.ts'
import { startService, type TestService } from '../support/service.ts'

const DAY_MS = 86_400_000

const practice = {
  validFrom: '2026-03-01',
  methods: [{ key: 'phone' }],
  levels: [{ level: 'notice', overdueWorkdays: 0 }],
  ...{ extensions: 1, extensionCap: '15d', samplePercent: 10, visitAttempts: 2 },
  legalBasis: '局办公会议定',
}

/** What is owed so many days after 2 March, as `<duty> <first day>`, of everybody. */
async function owed(service: TestService, days: number): Promise<string[]> {
  service.clock.ms += days * DAY_MS
  await service.service.oversight.run()
  await service.service.projections.catchUp()
  const found: string[] = []
  for (const bureau of [service.county.bureau, service.county.other]) {
    const list = await service.call('auditor', 'GET', `/api/v1/obligations?organisation=${bureau}&limit=200`)
    const whose = bureau === service.county.bureau ? '' : 'other '
    for (const { kind, from } of list.json.items) found.push(`${whose}${kind.replace('duty.', '')} ${from}`)
  }
  return found.sort()
}

t.test(
  'a bureau that has said nothing owes the usual reports from its first case on, one that has none nothing',
  async (t) => {
    const service = await startService(t)
    t.same(await owed(service, 10), [], 'registered, and not at work yet')
    await runChain(service, 'register')
    t.same(await owed(service, 5), [
      'monthly-bulletin 2026-03-01',
      'quarterly-inspection 2026-01-01',
      'return-visits 2026-03-01',
      'weekly-statistics 2026-03-09',
      'weekly-statistics 2026-03-16',
    ])
    const plans = await service.call('supervision-officer', 'GET', '/api/v1/return-plans')
    t.equal(plans.json.total, 0, 'no return visits of a month before it began')
  },
)

t.test('a practice says which duties are kept, and from when; the others do not come due', async (t) => {
  const service = await startService(t)
  await runChain(service, 'close')
  const publish = (body: object) => service.call('bureau-leader', 'POST', '/api/v1/practices', { body })
  const duties = [
    { duty: 'duty.monthly-bulletin', from: '2026-04-01' },
    { duty: 'duty.county-training', from: '2026-03-15' },
  ]
  t.match(await publish({ ...practice, duties: [{ duty: 'duty.dancing', from: '2026-03-01' }] }), {
    status: 422,
    json: { code: 'practice-duty-unknown', rule: 'S4-4.3b' },
  })
  t.match(await publish({ ...practice, duties: [...duties, duties[0]] }), {
    status: 422,
    json: { code: 'practice-duty-repeated' },
  })
  t.equal((await publish({ ...practice, duties })).status, 201)
  t.same(await owed(service, 2), [], 'not yet')
  t.same(await owed(service, 14), ['county-training 2026-01-01'], 'the half-year in which it begins')
  t.same(await owed(service, 20), ['county-training 2026-01-01', 'monthly-bulletin 2026-04-01'])
  const plans = await service.call('supervision-officer', 'GET', '/api/v1/return-plans')
  t.equal(plans.json.total, 0, 'who keeps no monthly return visits is made no plan')
  await service.call('supervision-officer', 'POST', '/api/v1/reports/issue-bulletin', { body: { day: '2026-04-01' } })
  await owed(service, 1)
  const bulletins = await service.call('auditor', 'GET', '/api/v1/obligations?kind=duty.monthly-bulletin')
  t.match(bulletins.json, { total: 1, items: [{ status: 'met' }] })
  t.equal((await publish({ ...practice, validFrom: '2026-05-01', duties: [] })).status, 201)
  t.same(await owed(service, 40), ['county-training 2026-01-01', 'monthly-bulletin 2026-04-01'], 'none from May on')
})
