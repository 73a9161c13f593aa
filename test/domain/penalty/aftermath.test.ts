import t from 'tap'
import type { Refusal } from '../../../src/domain/decider.ts'
import { answersFor, type Case, refuses } from './refusals.ts'
import * as s from './stages.ts'

const { at, city, fine } = s
const reconsider = (given: Case, on = '2026-02-01') => given.did('fileReconsideration', { organ: '市政府' }, at(on))
const ruling = (result: string, more: object = {}) => ({
  result,
  document: '复议1号',
  text: '理由',
  organ: '市政府',
  ...more,
})
const decideRe = (given: Case, result: string, more: object = {}, on = '2026-03-01') =>
  given.did('decideReconsideration', ruling(result, more), at(on))

t.test(
  '66, 67, 72: paid once, never too much; deferral lies ahead; enforcement after the remedies ran out',
  async () => {
    const pay = (given: Case, more: object, code: Refusal['code'], rule?: string) =>
      refuses(
        given,
        'recordPayment',
        { of: 'fine', amount: 90_000, receipt: 'A1', ...more },
        at('2026-01-20'),
        code,
        rule,
      )
    pay(s.served(), {}, 'nothing-to-pay')
    pay(s.finedAndServed(), { amount: 90_001 }, 'payment-exceeds-debt', '行政处罚法 67')
    pay(s.finedAndServed(), { of: 'confiscation', amount: 1 }, 'payment-exceeds-debt')
    pay(s.finedAndServed(), { of: 'surcharge', amount: 90_001 }, 'payment-exceeds-debt', '行政处罚法 72')
    const part = s.finedAndServed().did('recordPayment', { of: 'fine', amount: 1, receipt: 'A1' }, at('2026-01-20'))
    pay(part, { amount: 1 }, 'receipt-already-recorded')
    pay(part, { receipt: 'A2' }, 'payment-exceeds-debt')
    const later = { until: '2026-01-20', reason: '困难' }
    refuses(
      s.finedAndServed(),
      'deferPayment',
      later,
      at('2026-01-20', city('city-head')),
      'deferral-in-past',
      '行政处罚法 66',
    )
    const enforce = (given: Case, on: string, code: Refusal['code'], rule?: string) =>
      refuses(given, 'applyForEnforcement', { court: '法院', document: '1' }, at(on, city('city-head')), code, rule)
    enforce(s.served(), '2026-09-01', 'nothing-to-pay')
    enforce(s.finedAndServed(), '2026-09-01', 'payment-not-urged', '行政强制法 54')
    const urged = s.finedAndServed().did('urgePayment', { document: '催1' }, at('2026-06-20', city('clerk')))
    // Six months from 2026-01-13: 2026-07-13.
    enforce(urged, '2026-07-13', 'remedy-period-runs', '行政强制法 53')
    const applied = urged.did(
      'applyForEnforcement',
      { court: '法院', document: '1' },
      at('2026-07-14', city('city-head')),
    )
    enforce(applied, '2026-07-15', 'enforcement-already-applied')
    refuses(s.finedAndServed(), 'endEnforcement', { enforced: true }, at('2026-07-15'), 'enforcement-not-applied')
    refuses(s.finedAndServed(), 'recordExecution', {}, at('2026-01-20'), 'nothing-to-execute')
  },
)

t.test(
  '48: public where there is social impact, without private data; withdrawn when the decision falls',
  async (t) => {
    const publish = { where: '局网站', redacted: true }
    refuses(s.served(), 'publish', publish, at('2026-01-14'), 'publication-without-impact', '行政处罚法 48')
    const serious = () => s.finedAndServed({ socialImpact: true })
    refuses(
      serious(),
      'publish',
      { ...publish, redacted: false },
      at('2026-01-14'),
      'publication-not-redacted',
      '行政处罚法 50',
    )
    refuses(serious(), 'withdrawPublication', { reason: '撤' }, at('2026-01-14'), 'nothing-published')
    const published = serious().did('publish', publish, at('2026-01-14'))
    refuses(published, 'publish', publish, at('2026-01-14'), 'already-published')
    const quashed = published.did(
      'quash',
      { by: 'own-correction', organ: '市司法局', decideAnew: false, reason: '有误' },
      at('2026-01-20', city('city-head')),
    )
    t.match(quashed.state.clocks.at(-1), {
      kind: 'penalty.publication-withdrawal',
      limit: '3wd',
      startedAt: '2026-01-20',
    })
    refuses(quashed, 'close', {}, at('2026-01-21', city('city-head')), 'publication-not-withdrawn', '行政处罚法 48')
    const none = s
      .concluded()
      .did('decide', { ...s.decision, outcome: 'none-minor', penalties: [] }, at('2026-01-12', 'head'))
      .did('serve', { document: s.document.document, method: 'direct' }, at('2026-01-13'))
    refuses(none, 'publish', publish, at('2026-01-14'), 'no-penalty-decision')
    t.equal(none.did('close', {}, at('2026-01-14')).state.status, 'closed')
  },
)

t.test('remedies are in time, one after the other, and each once', async () => {
  // 60 days from 2026-01-13: 2026-03-14, a Saturday: the 16th.
  s.served().did('fileReconsideration', { organ: '市政府' }, at('2026-03-16'))
  const late = { organ: '市政府' }
  refuses(s.served(), 'fileReconsideration', late, at('2026-03-17'), 'remedy-late', '行政复议法 20')
  s.served().did('fileReconsideration', { ...late, lateBecause: '不可抗力' }, at('2026-03-17'))
  refuses(reconsider(s.served()), 'fileSuit', { court: '法院' }, at('2026-02-02'), 'remedy-pending')
  const upheld = decideRe(reconsider(s.served()), 'upheld')
  refuses(upheld, 'fileReconsideration', late, at('2026-03-02'), 'already-reconsidered', '行政复议法 30')
  upheld.did('fileSuit', { court: '法院' }, at('2026-03-16'))
  refuses(upheld, 'fileSuit', { court: '法院' }, at('2026-03-17'), 'remedy-late', '行政诉讼法 45 46')
  s.served().did('fileSuit', { court: '法院' }, at('2026-07-13'))
  refuses(s.served(), 'fileSuit', { court: '法院' }, at('2026-07-14'), 'remedy-late')
  const sued = s
    .served()
    .did('fileSuit', { court: '法院' }, at('2026-02-01'))
    .did('decideSuit', { ...ruling('upheld'), effective: true }, at('2026-05-01'))
  refuses(sued, 'fileSuit', { court: '法院' }, at('2026-05-02'), 'already-litigated')
  refuses(sued, 'fileReconsideration', late, at('2026-03-01'), 'litigation-chosen', '行政复议法 29')
  // Withdrawn: the suit stays open within its time.
  decideRe(reconsider(s.served()), 'withdrawn').did('fileSuit', { court: '法院' }, at('2026-03-02'))
  const replied = reconsider(s.served()).did('replyToReconsideration', {}, at('2026-02-03'))
  refuses(replied, 'replyToReconsideration', {}, at('2026-02-03'), 'already-answered')
})

t.test('73: remedies do not stop execution unless suspended', async () => {
  reconsider(s.finedAndServed()).did('recordPayment', { of: 'fine', amount: 100, receipt: '1' }, at('2026-02-02'))
  const running = () => reconsider(s.finedAndServed(), '2026-01-20')
  refuses(running(), 'resumeExecution', {}, at('2026-01-21', city('h')), 'execution-not-suspended', '行政处罚法 73')
  const suspended = running().did('suspendExecution', { organ: '市政府', reason: '必要' }, at('2026-01-21', city('h')))
  refuses(
    suspended,
    'suspendExecution',
    { organ: '市政府', reason: '必要' },
    at('2026-01-21', city('h')),
    'execution-already-suspended',
  )
  refuses(
    s.finedAndServed(),
    'suspendExecution',
    { organ: '市政府', reason: '必要' },
    at('2026-01-21', city('h')),
    'penalty-step-out-of-order',
  )
})

t.test(
  'a decision is taken away or changed only by a ruling, a superior or the organ itself, never made heavier',
  async (t) => {
    const quash = { by: 'court', organ: '法院', decideAnew: false, reason: '理由' }
    refuses(s.served(), 'quash', quash, at('2026-02-01', city('h')), 'quash-without-ruling', '行政复议法 64')
    refuses(
      reconsider(s.served()),
      'quash',
      { ...quash, by: 'superior' },
      at('2026-02-02', city('h')),
      'remedy-pending',
    )
    refuses(
      reconsider(s.served()),
      'decideReconsideration',
      ruling('changed'),
      at('2026-03-01'),
      'change-without-content',
    )
    const heavier = ruling('changed', { penalties: [{ kind: 'public-criticism' }] })
    refuses(
      reconsider(s.served()),
      'decideReconsideration',
      heavier,
      at('2026-03-01'),
      'heavier-on-review',
      '行政复议法 63',
    )
    const sued = s.finedAndServed().did('fileSuit', { court: '法院' }, at('2026-02-01'))
    const worse = { ...ruling('changed', { penalties: [fine(901)] }), effective: true }
    refuses(sued, 'decideSuit', worse, at('2026-03-01'), 'heavier-on-review', '行政诉讼法 77')
    const revoked = decideRe(reconsider(s.served()), 'revoked')
    refuses(revoked, 'fileSuit', { court: '法院' }, at('2026-03-02'), 'penalty-step-out-of-order')
    // The ruling recorded without what follows from it: nothing else may be done before.
    const half = reconsider(s.served()).and({
      type: 'ReconsiderationDecided',
      data: { result: 'revoked', document: '1', text: '理由' },
      effectiveAt: '2026-03-01',
    })
    refuses(half, 'close', {}, at('2026-03-02'), 'ruling-not-carried-out', '行政复议法 77')
    refuses(half, 'quash', { ...quash, by: 'superior' }, at('2026-03-02'), 'ruling-not-carried-out')
    t.equal(half.did('quash', { ...quash, by: 'reconsideration' }, at('2026-03-02')).state.status, 'quashed')
    refuses(
      s.served().and({ type: 'DecisionQuashed', data: {}, corrects: { event: 'event-7', mode: 'annul' } }),
      'quash',
      { ...quash, by: 'superior' },
      at('2026-03-02'),
      'penalty-step-out-of-order',
    )
  },
)

t.test(
  '行政诉讼法 71: the same is not decided again on the same facts, unless only the procedure was wrong',
  async () => {
    const anew = (more: object) =>
      decideRe(reconsider(s.served()), 'revoked', { decideAnew: true, ...more })
        .did('serveNotice', { ...s.notice, defenceUntil: '2026-03-06' }, at('2026-03-02'))
        .did('waiveDefence', { express: true }, at('2026-03-03'))
    refuses(anew({}), 'decide', s.decision, at('2026-03-04', 'head'), 'same-decision-again', '行政诉讼法 71')
    anew({ onProcedure: true }).did('decide', s.decision, at('2026-03-04', 'head'))
    decideRe(reconsider(s.served()), 'revoked', { decideAnew: true })
      .did('serveNotice', { ...s.notice, defenceUntil: '2026-03-06', newFacts: '新的事实' }, at('2026-03-02'))
      .did('waiveDefence', { express: true }, at('2026-03-03'))
      .did('decide', s.decision, at('2026-03-04', 'head'))
  },
)

t.test('a case ends when everything is paid, carried out, withdrawn and given back', async (t) => {
  const close = (given: Case, code: Refusal['code'], rule?: string, on = '2026-03-02') =>
    refuses(given, 'close', {}, at(on, city('city-head')), code, rule)
  close(s.finedAndServed(), 'penalty-unpaid', '行政处罚法 66')
  const paid = (on: string) =>
    s.finedAndServed().did('recordPayment', { of: 'fine', amount: 90_000, receipt: '1' }, at(on))
  t.equal(paid('2026-01-28').did('close', {}, at('2026-01-29')).state.status, 'closed')
  // Two days late: 6 % of 900 yuan.
  close(paid('2026-01-30'), 'surcharge-unpaid', '行政处罚法 72', '2026-01-31')
  paid('2026-01-30').did('close', { surchargeRemitted: '执行协议' }, at('2026-01-31'))
  paid('2026-01-30')
    .did('recordPayment', { of: 'surcharge', amount: 5_400, receipt: '2' }, at('2026-01-30'))
    .did('close', {}, at('2026-01-31'))
  const overturned = decideRe(reconsider(paid('2026-01-28')), 'revoked')
  close(overturned, 'refund-outstanding', '行政复议法 64')
  refuses(overturned, 'refund', { amount: 90_001, receipt: '3' }, at('2026-03-02'), 'refund-exceeds-payment')
  refuses(overturned, 'refund', { amount: 90_000, receipt: '1' }, at('2026-03-02'), 'receipt-already-recorded')
  refuses(paid('2026-01-28'), 'refund', { amount: 1, receipt: '3' }, at('2026-03-02'), 'nothing-to-refund')
  const back = overturned.did('refund', { amount: 90_000, receipt: '3' }, at('2026-03-02'))
  t.same(back.state.paid, { fine: 0, confiscation: 0, surcharge: 0 })
  t.equal(back.did('close', {}, at('2026-03-03')).state.status, 'closed')
  const suspension = s
    .cityNoticed({ penalties: [{ kind: 'suspension', months: 3 }], rights: { ...s.rights, hearing: true } })
    .did('waiveDefence', { express: true }, at('2026-01-08'))
    .did(
      'decide',
      { ...s.cityDecision, penalties: [{ kind: 'suspension', months: 3 }] },
      at('2026-01-15', city('city-head')),
    )
    .did('serve', { document: s.document.document, method: 'direct' }, at('2026-01-16', city('clerk')))
  close(suspension, 'penalty-not-executed')
  suspension.did('recordExecution', {}, at('2026-04-16')).did('close', {}, at('2026-04-17'))
  const withList = s
    .investigating()
    .did('preserveEvidence', { list: '清单1', approvedBy: 'head', items: ['账册'] }, at('2026-01-05'))
    .did('conclude', s.conclusion, at('2026-01-06'))
    .did('decide', { ...s.decision, outcome: 'none-not-proven', penalties: [] }, at('2026-01-12', 'head'))
    .did('serve', { document: s.document.document, method: 'direct' }, at('2026-01-13'))
  refuses(withList, 'close', {}, at('2026-01-14'), 'preserved-evidence-open', '行政处罚法 56')
  const closed = s.served().did('close', {}, at('2026-01-14'))
  refuses(closed, 'addNote', { text: '记录' }, at('2026-01-15'), 'case-closed')
  refuses(
    closed.did('archive', { retention: '30y' }, at('2026-01-15')),
    'addNote',
    { text: '记录' },
    at('2026-01-16'),
    'case-archived',
  )
  // Remedies outlive the case's end.
  t.equal(reconsider(closed).state.status, 'under-reconsideration')
})

t.test('no step is earlier than the one before it', async () => {
  refuses(s.noticed(), 'fileDefence', { text: '申辩' }, at('2026-01-06'), 'step-before-its-predecessor')
  refuses(
    s.decided(),
    'serve',
    { document: s.document.document, method: 'direct' },
    at('2026-01-11'),
    'step-before-its-predecessor',
  )
})

answersFor('aftermath')
