/** A whole statutory penalty case over HTTP by two organs' people, and industry discipline by the mixed committee. */
import t from 'tap'
import { penaltyDecider } from '../../src/domain/categories.ts'
import { correctedSteps } from '../../src/domain/history.ts'
import { penaltyFacts, surchargeOwed } from '../../src/domain/penalty/index.ts'
import { decodeStream } from '../../src/store/envelope.ts'
import { acting, enrol, filing, referral } from '../support/acting.ts'
import { startService, type TestPerson } from '../support/service.ts'

const yuan = (amount: number) => amount * 100
const fine = (amount: number) => ({ kind: 'fine', amount: yuan(amount) })

t.test(
  'the county investigates, the city fines: notice, hearing, decision, late payment, and the decision quashed',
  async (t) => {
    const service = await startService(t)
    const { county, people } = service
    const chair = await enrol(service, 'hearing-chair', county.city, '听证主持人')
    const reviewer = await enrol(service, 'legal-reviewer', county.city, '法制审核人')
    const { day, did, refused, url } = acting(service, '/api/v1/penalties')
    const officers = [people.investigator.id, people.investigator2.id]
    const asFiled = filing(county)
    t.equal(
      await refused('grassroots-section', '', { ...asFiled, level: 'city' }),
      'level-mismatch',
      'a county is no city',
    )
    t.equal(await refused('grassroots-section', '', { ...asFiled, actOn: '2023-01-01' }), 'penalty-time-barred')
    const filed = await did('grassroots-section', '', asFiled)
    t.match(filed.number, /罚字第00001号$/)
    t.equal(
      await refused('grassroots-section', 'assign-officers', { officers: officers.slice(0, 1) }),
      'fewer-than-two-officers',
    )
    await did('grassroots-section', 'assign-officers', { officers })
    await did('investigator', 'record-inquiry', {
      form: 'inquiry',
      officers,
      credentialsShown: true,
      record: '笔录',
      signature: 'signed',
    })
    await did('investigator', 'order-correction', { due: '2026-03-31', text: '责令改正' })
    await did('investigator', 'conclude', {
      officers,
      facts: '事实',
      evidence: '证据',
      opinion: '意见',
      proposed: 'penalty',
      complexOrMajor: false,
      legalReview: [],
      illegalGains: yuan(5_000),
    })
    day('2026-03-03')
    const notice = {
      document: '告知〔2026〕1号',
      penalties: [fine(12_000)],
      facts: '事实',
      reasons: '理由',
      legalBasis: '依据',
      rights: { statement: true, defence: true, hearing: true },
      defenceUntil: '2026-03-12',
      method: 'direct',
    }
    t.equal(
      await refused('grassroots-section', 'serve-notice', notice),
      'beyond-power-of-level',
      'the county warns and no more',
    )
    t.equal(
      await refused('city-decider', 'serve-notice', notice),
      'not-the-competent-organ',
      'the city has not taken it over',
    )
    await did('bureau-leader', 'forward-proposal', { to: county.city, kinds: ['fine'] })
    await did('city-decider', 'take-case', {})
    t.equal(await refused('grassroots-section', 'serve-notice', notice), 'not-the-competent-organ')
    t.equal(
      await refused('city-decider', 'serve-notice', { ...notice, rights: { ...notice.rights, hearing: false } }),
      'hearing-right-not-told',
    )
    t.equal(
      await refused('city-decider', 'serve-notice', { ...notice, penalties: [fine(15_001)] }),
      'fine-over-cap',
      'three times the gains',
    )
    await did('city-decider', 'serve-notice', notice)
    const hearing = { heldAt: '2026-03-20T09:00:00+08:00', place: '听证室', chair: chair.id, public: true }
    t.equal(await refused('city-decider', 'announce-hearing', hearing), 'hearing-not-requested')
    day('2026-03-04')
    await did('office-account', 'request-hearing', {})
    t.equal(
      await refused('city-decider', 'announce-hearing', { ...hearing, heldAt: '2026-03-06T09:00:00+08:00' }),
      'hearing-announced-late',
    )
    await did('city-decider', 'announce-hearing', hearing)
    await did('office-account', 'file-defence', { text: '申辩' })
    await did('city-decider', 'hear-defence', { adoption: 'not-adopted', review: '不成立' })
    day('2026-03-20')
    service.clock.ms += 3_600_000
    await did(chair, 'hold-hearing', { record: '听证笔录', signature: 'signed' })
    const decision = {
      document: '罚决〔2026〕1号',
      party: '当事人',
      facts: '事实和证据',
      legalBasis: '种类和依据',
      performance: '十五日内缴至指定银行',
      remedies: '六十日内申请复议，六个月内起诉',
      organ: '清源市司法局',
      stamped: true,
      outcome: 'penalty',
      penalties: [fine(12_000)],
      socialImpact: false,
      followsHearingRecord: true,
    }
    t.equal(await refused('city-decider', 'decide', decision), 'legal-review-missing')
    await did(reviewer, 'review-legality', { passed: true, opinion: '合法' })
    t.equal(await refused('city-decider', 'decide', { ...decision, penalties: [fine(12_001)] }), 'heavier-than-notice')
    await did('city-decider', 'decide', decision)
    await did('city-decider', 'serve', { document: decision.document, method: 'direct' })
    // Fifteen days from 20 March end on 4 April, a holiday: the 7th. The 17th is ten days late: 3 % a day.
    day('2026-04-17')
    await did('city-decider', 'record-payment', { of: 'fine', amount: yuan(12_000), receipt: '收1' })
    t.equal(
      await refused('city-decider', 'record-payment', { of: 'surcharge', amount: yuan(12_000) + 1, receipt: '收2' }),
      'payment-exceeds-debt',
      'lateness never adds more than the fine',
    )
    const late = await service.service.load(`penalty-${filed.case}`, penaltyDecider)
    t.equal(surchargeOwed(late.state, { effectiveAt: '2026-04-17' }), yuan(3_600))
    await did('city-decider', 'record-payment', { of: 'surcharge', amount: yuan(3_600), receipt: '收2' })
    day('2026-04-20')
    await did('city-decider', 'file-reconsideration', { organ: '清源市人民政府' })
    await did('city-decider', 'reply-to-reconsideration', {})
    day('2026-05-11')
    const before = service.service.log.size()
    await did('city-decider', 'decide-reconsideration', {
      result: 'revoked',
      document: '复决〔2026〕1号',
      text: '主要事实不清',
      organ: '清源市人民政府',
      decideAnew: false,
    })
    t.equal(service.service.log.size(), before + 2, 'the ruling and the annulment stand in one append')
    const file = await service.call('grassroots-section', 'GET', url())
    t.match(
      file.json,
      { status: 'quashed', decisions: [{ document: decision.document, quashed: { by: 'reconsideration' } }] },
      'it stays visible',
    )
    const steps = correctedSteps(
      decodeStream(service.service.log.stream(`penalty-${filed.case}`), penaltyDecider.events),
    )
    t.ok(penaltyFacts(steps)[0]!.quashed, 'and counts nowhere')
    await did('city-decider', 'refund', { amount: yuan(15_600), receipt: '退1' })
    await did('city-decider', 'close', {})
    const list = await service.call('city-decider', 'GET', '/api/v1/penalties')
    t.match(list.json, { total: 1, items: [{ case: filed.case, status: 'closed', office: county.office }] })
    t.equal(
      (await service.call('office-account', 'GET', '/api/v1/penalties')).json.total,
      1,
      'the office sees the case about it',
    )
    t.equal((await service.call('elsewhere', 'GET', url())).status, 404)
    const history = await service.call('auditor', 'GET', `${url()}/history`)
    t.ok(history.json.events.some(({ type }: { type: string }) => type === 'DecisionQuashed'))
  },
)

t.test('a discipline case is referred, heard by court, police and justice, decided by votes and served', async (t) => {
  const service = await startService(t)
  const { county, people } = service
  const seats = ['court', 'police', 'justice'] as const
  const enrolled: TestPerson[] = []
  for (const body of seats)
    enrolled.push(await enrol(service, 'disciplinary-committee', county.committee, `委员${body}`))
  const members = seats.map((body, place) => ({ person: enrolled[place]!.id, body }))
  const { day, did, refused, url } = acting(service, '/api/v1/disciplines')
  await did('bureau-leader', '', referral(county))
  const convening = { members, chair: enrolled[2]!.id, quorum: 2 }
  t.equal(
    await refused('disciplinary-committee', 'convene', { ...convening, members: members.slice(1) }),
    'committee-not-mixed',
  )
  t.equal(await refused('grassroots-section', 'convene', convening), 'forbidden')
  await did('disciplinary-committee', 'convene', convening)
  await did('disciplinary-committee', 'summon', { heardAt: '2026-03-10', document: '通知1号' })
  day('2026-03-10')
  await did('disciplinary-committee', 'hear', { appeared: true, record: '笔录' })
  const decision = {
    document: '惩戒1号',
    present: members.map(({ person }) => person),
    votes: { for: 2, against: 1, abstained: 0 },
    measure: 'public-reprimand',
    facts: '事实',
    reasons: '理由',
  }
  t.equal(
    await refused('disciplinary-committee', 'decide', { ...decision, votes: { for: 1, against: 1, abstained: 1 } }),
    'no-majority',
  )
  await did('disciplinary-committee', 'decide', decision)
  await did('bureau-leader', 'serve', { document: '惩戒1号', method: 'direct' })
  t.match((await service.call('disciplinary-committee', 'GET', url())).json, {
    status: 'served',
    number: /惩字第00001号$/,
  })
  t.equal((await service.call('nobody', 'GET', url())).status, 404)
  t.equal(people.nobody.id.length, 36)
})
