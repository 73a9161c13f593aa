/** Steps that the rules forbid: each refused with its own code and the rule behind it, in Chinese, and nothing is recorded or lost. */
import t from 'tap'
import { acting, filing } from '../support/acting.ts'
import { runChain } from '../support/chain.ts'
import { inProcess as duban } from '../support/served.ts'
import { startService, type TestService, type Who } from '../support/service.ts'

const yuan = (amount: number) => amount * 100

/** A complaint under investigation that was suspended from 3 to 5 March. */
async function complaint(service: TestService): Promise<string> {
  const { id, revision } = await runChain(service, 'assign-investigators')
  const url = `/api/v1/complaints/${id}`
  const act = async (ms: number, action: string, body: object, ifMatch: number) => {
    service.clock.ms = ms
    const answer = await service.call('centre-director', 'POST', `${url}/${action}`, { body, ifMatch })
    if (answer.status !== 200) throw new Error(answer.text)
  }
  await act(Date.parse('2026-03-03T02:00:00Z'), 'suspend', { ground: 'other', reason: '鉴定' }, revision)
  await act(Date.parse('2026-03-05T02:00:00Z'), 'resume', {}, revision + 1)
  return url
}

/** An item whose lead is the bureau itself, with an extension that its leader asked for. */
async function item(service: TestService): Promise<{ url: string; task: string }> {
  const { did, url } = acting(service, '/api/v1/supervisions')
  await did('supervision-officer', '', { source: 'other', matter: '督办事由' })
  await did('supervision-officer', 'assign-tasks', { tasks: [{ unit: service.county.bureau, role: 'lead' }] })
  const file = await service.call('supervision-officer', 'GET', url())
  const task = file.json.tasks[0].id
  await did('centre-director', 'sign', { task })
  await did('bureau-leader', 'request-extension', { task, by: '5d', reason: '取证' })
  return { url: url(), task }
}

/** A penalty case that the city took over and gave notice of, with a right to a hearing. */
async function penalty(service: TestService): Promise<string> {
  const { county, people } = service
  const { did, url } = acting(service, '/api/v1/penalties')
  const officers = [people.investigator.id, people.investigator2.id]
  await did('grassroots-section', '', filing(county))
  await did('grassroots-section', 'assign-officers', { officers })
  await did('investigator', 'conclude', {
    ...{ officers, facts: '事实', evidence: '证据', opinion: '意见', proposed: 'penalty' },
    ...{ complexOrMajor: false, legalReview: [], illegalGains: yuan(5_000) },
  })
  await did('bureau-leader', 'forward-proposal', { to: county.city, kinds: ['fine'] })
  await did('city-decider', 'take-case', {})
  await did('city-decider', 'serve-notice', {
    ...{ document: '告知〔2026〕1号', penalties: [{ kind: 'fine', amount: yuan(12_000) }], method: 'direct' },
    ...{ facts: '事实', reasons: '理由', legalBasis: '依据', defenceUntil: '2026-03-31' },
    rights: { statement: true, defence: true, hearing: true },
  })
  return url()
}

t.test('each forbidden step has its own code and names its rule; the case stands as it stood', async (t) => {
  const service = await startService(t)
  const [fined, chased, complained] = [await penalty(service), await item(service), await complaint(service)]
  const { task } = chased
  const { people } = service
  const before = '2026-02-27'
  const decision = { outcome: 'penalty', document: '罚决〔2026〕1号', stamped: true, socialImpact: false }
  const hearing = { heldAt: '2026-03-30T09:00:00+08:00', place: '听证室', chair: people.nobody.id, public: true }
  const cases: readonly (readonly [string, Who, string, object, string, RegExp])[] = [
    // Illegal steps and wrong order.
    [
      'a reply to what nobody decided',
      'centre-director',
      `${complained}/reply`,
      { method: 'letter', text: '答复' },
      'complaint-step-out-of-order',
      /S1-/,
    ],
    ['closing without an answer', 'centre-director', `${complained}/close`, {}, 'close-without-reply', /S1-5\.2a/],
    [
      'opening what is not archived',
      'centre-director',
      `${complained}/open-archived`,
      { purpose: 'audit', text: '检查' },
      'complaint-step-out-of-order',
      /S2-4\.4\.6/,
    ],
    [
      'closing an item that is not answered',
      'supervision-officer',
      `${chased.url}/close`,
      {},
      'supervision-tasks-open',
      /S1-5\.2a/,
    ],
    [
      'reviewing an answer that was not given',
      'supervision-officer',
      `${chased.url}/accept-reply`,
      { task },
      'answer-missing',
      /S1-5\.3d/,
    ],
    ['signing twice', 'centre-director', `${chased.url}/sign`, { task }, 'supervision-nothing-to-sign', /S1-5\.3a/],
    [
      'a card out of its order',
      'supervision-officer',
      `${chased.url}/issue-card`,
      { task, level: 'red-card', responsible: people.nobody.id, reason: '逾期' },
      'card-out-of-order',
      /S1-5\.3e/,
    ],
    [
      'an extension asked for twice',
      'centre-director',
      `${chased.url}/request-extension`,
      { task, by: '3d', reason: '取证' },
      'extension-already-requested',
      /S1-5\.2c/,
    ],
    [
      'serving what is not decided',
      'city-decider',
      `${fined}/serve`,
      { document: 'x', method: 'direct' },
      'penalty-step-out-of-order',
      /行政处罚法 61/,
    ],
    [
      'paying what is not owed',
      'city-decider',
      `${fined}/record-payment`,
      { of: 'fine', amount: 1, receipt: '收1' },
      'penalty-step-out-of-order',
      /行政处罚法 67/,
    ],
    [
      'hearing a defence that was not filed',
      'city-decider',
      `${fined}/hear-defence`,
      { adoption: 'adopted', review: '复核' },
      'no-defence-filed',
      /行政处罚法 45/,
    ],
    [
      'deciding while the party may still speak',
      'city-decider',
      `${fined}/decide`,
      { ...decision, penalties: [{ kind: 'fine', amount: yuan(12_000) }] },
      'defence-period-runs',
      /行政处罚法 62/,
    ],
    [
      'quashing what was not decided',
      'city-decider',
      `${fined}/quash`,
      { by: 'superior', organ: '省厅', decideAnew: false, reason: '撤销' },
      'penalty-step-out-of-order',
      /行政复议法 64/,
    ],
    // Approver = applicant.
    [
      'approving what he asked for himself',
      'bureau-leader',
      `${chased.url}/decide-extension`,
      { task, granted: true },
      'approver-is-applicant',
      /S1-5\.2c/,
    ],
    // Dates before the event they follow.
    [
      'terminating before it was registered',
      'centre-director',
      `${complained}/terminate`,
      { ground: 'other', reason: '终止', effectiveAt: before },
      'step-before-its-predecessor',
      /S1-2\.1/,
    ],
    [
      'answering before the task was given',
      'centre-director',
      `${chased.url}/reply`,
      { task, text: '已办', effectiveAt: before },
      'step-before-its-predecessor',
      /S1-5\.3/,
    ],
    [
      'a next date that is over',
      'supervision-officer',
      `${chased.url}/chase`,
      { task, method: 'phone', whomInWords: '经办人', result: '已催', next: before },
      'date-before-step',
      /S1-5\.3b/,
    ],
    [
      'a waiver before the notice',
      'city-decider',
      `${fined}/waive-defence`,
      { express: true, effectiveAt: before },
      'step-before-its-predecessor',
      /行政处罚法 47/,
    ],
    // Overlapping pauses.
    [
      'resuming what runs',
      'centre-director',
      `${complained}/resume`,
      {},
      'clock-not-paused',
      /公证执业活动投诉处理办法 23/,
    ],
    [
      'a suspension within an earlier one',
      'centre-director',
      `${complained}/suspend`,
      { ground: 'other', reason: '鉴定', effectiveAt: '2026-03-04' },
      'pauses-overlap',
      /公证执业活动投诉处理办法 23/,
    ],
    // A hearing without request.
    [
      'announcing a hearing nobody asked for',
      'city-decider',
      `${fined}/announce-hearing`,
      hearing,
      'hearing-not-requested',
      /行政处罚法 64/,
    ],
  ]
  const size = service.service.log.size()
  for (const [name, who, url, body, code, rule] of cases) {
    const base = url.slice(0, url.lastIndexOf('/'))
    const seen = await service.call('auditor', 'GET', base)
    const answer = await service.call(who, 'POST', url, { body, ifMatch: seen.json.revision })
    t.equal(answer.json.code, code, `${name}: ${answer.text}`)
    t.match(answer.json.rule ?? '', rule, name)
    t.match(answer.json.title, /\p{Script=Han}/u, name)
    const after = await service.call('auditor', 'GET', base)
    t.same([after.json.revision, after.json.status], [seen.json.revision, seen.json.status], `${name}: nothing changed`)
  }
  t.equal(service.service.log.size(), size, 'nothing was recorded')
  service.clock.ms += 1_000
  const paused = await service.call('centre-director', 'POST', `${complained}/suspend`, {
    body: { ground: 'other', reason: '鉴定' },
    ifMatch: (await service.call('auditor', 'GET', complained)).json.revision,
  })
  t.equal(paused.status, 200)
  const twice = await service.call('centre-director', 'POST', `${complained}/suspend`, {
    body: { ground: 'other', reason: '鉴定' },
    ifMatch: paused.json.revision,
  })
  t.match(twice, { status: 409, json: { code: 'clock-already-paused', rule: '公证执业活动投诉处理办法 23' } })
})

t.test(
  'the terminal refuses overlapping pauses and a year without a calendar by their own codes and rules',
  async (t) => {
    const computed = (...more: string[]) =>
      duban(['deadline', '--from', '2026-03-02', '--limit', '15d', ...more, '--json'])
    t.match(await computed('--pause', '2026-03-03/2026-03-06', '--pause', '2026-03-05/2026-03-08'), {
      code: 2,
      json: { code: 'pauses-overlap', rule: /民法典/ },
    })
    t.match(await computed('--pause', '2026-03-03/2026-03-05', '--pause', '2026-03-05/2026-03-08'), { code: 0 })
    t.match(await duban(['calendar', 'show', '2049', '--json']), {
      code: 1,
      json: { code: 'calendar-year-unknown', rule: /民法典/ },
    })
  },
)
