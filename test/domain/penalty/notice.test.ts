import t from 'tap'
import type { Refusal } from '../../../src/domain/decider.ts'
import { answersFor, type Case, refuses } from './refusals.ts'
import * as s from './stages.ts'

const { at, city, fine } = s
const filing = (more: object, code: Refusal['code'], rule?: string, when = '2026-01-05') =>
  refuses(s.nothing(), 'file', { ...s.filing, ...more }, at(when, 'filer'), code, rule)

t.test('36: no penalty where the act was not found out within two years', async () => {
  s.nothing().did('file', { ...s.filing, actOn: '2024-01-05' }, at('2026-01-05', 'filer'))
  filing({ actOn: '2024-01-04' }, 'penalty-time-barred', '行政处罚法 36')
  // Five years for life, health and finance, to the day.
  const grave = { limitation: 'life-health-finance' }
  s.nothing().did('file', { ...s.filing, ...grave, actOn: '2021-01-05' }, at('2026-01-05', 'filer'))
  filing({ ...grave, actOn: '2021-01-04' }, 'penalty-time-barred')
  // Counted from the end of a continuing act, and to the day it was found out.
  s.nothing().did('file', { ...s.filing, actOn: '2023-06-01', discoveredOn: '2025-06-01' }, at('2026-01-05', 'filer'))
  s.nothing().did(
    'file',
    { ...s.filing, actOn: '2025-06-01', continuing: true, discoveredOn: '2025-05-01' },
    at('2026-01-05', 'filer'),
  )
  filing({ actOn: '2023-06-01', discoveredOn: '2025-06-02' }, 'penalty-time-barred')
  filing({ discoveredOn: '2025-05-31' }, 'discovery-date-invalid')
  filing({ discoveredOn: '2026-01-06' }, 'discovery-date-invalid')
  filing({ actOn: '2026-01-06' }, 'act-after-filing')
})

t.test('filing names the worker who is to be punished, and the level of the organ', async () => {
  filing({ respondentWorker: undefined }, 'respondent-worker-missing')
  filing({ level: undefined }, 'level-missing')
  refuses(s.filed(), 'file', s.filing, at('2026-01-06'), 'case-already-opened')
  refuses(s.nothing(), 'addNote', { text: '记录' }, at('2026-01-06'), 'case-not-opened')
})

t.test('42: at least two officers investigate, and show their credentials', async () => {
  const one = { officers: ['officer-1'] }
  refuses(s.filed(), 'assignOfficers', one, at('2026-01-05'), 'fewer-than-two-officers', '行政处罚法 42')
  const inquiry = {
    form: 'inquiry',
    officers: ['officer-1', 'officer-2'],
    credentialsShown: true,
    record: '笔录',
    signature: 'signed',
  }
  s.investigating().did('recordInquiry', inquiry, at('2026-01-06'))
  const refused = (more: object, code: Refusal['code'], rule: string) =>
    refuses(s.investigating(), 'recordInquiry', { ...inquiry, ...more }, at('2026-01-06'), code, rule)
  refused(one, 'fewer-than-two-officers', '行政处罚法 42')
  refused({ officers: ['officer-1', 'stranger'] }, 'not-an-investigator', '行政处罚法 42')
  refused({ credentialsShown: false }, 'credentials-not-shown', '行政处罚法 55')
  refuses(s.investigating(), 'conclude', { ...s.conclusion, ...one }, at('2026-01-06'), 'fewer-than-two-officers')
  const strangers = { ...s.conclusion, officers: ['officer-1', 'stranger'] }
  refuses(s.investigating(), 'conclude', strangers, at('2026-01-06'), 'not-an-investigator')
  refuses(s.investigating(), 'conclude', s.conclusion, at('2026-01-06', 'head'), 'not-an-investigator')
})

t.test('43: recusal is decided by the head, until then the investigation goes on', async (t) => {
  const asked = () =>
    s
      .investigating()
      .did(
        'requestRecusal',
        { person: 'officer-2', by: 'respondent', ground: 'kinship', reason: '亲属' },
        at('2026-01-06'),
      )
  asked().did('addNote', { text: '继续' }, at('2026-01-06', 'officer-2'))
  const again = { person: 'officer-2', by: 'officer', ground: 'other', reason: '理由' }
  refuses(asked(), 'requestRecusal', again, at('2026-01-06'), 'recusal-already-requested')
  const granted = { person: 'officer-2', granted: true }
  refuses(
    asked(),
    'decideRecusal',
    granted,
    at('2026-01-06', 'officer-2'),
    'recusal-decided-by-himself',
    '行政处罚法 43',
  )
  refuses(
    asked(),
    'decideRecusal',
    granted,
    at('2026-01-06', 'officer-1'),
    'recusal-decided-by-officer',
    '行政处罚法 43',
  )
  refuses(asked(), 'decideRecusal', { ...granted, person: 'x' }, at('2026-01-06', 'head'), 'recusal-not-requested')
  refuses(s.investigating(), 'decideRecusal', granted, at('2026-01-06', 'head'), 'recusal-not-requested')
  const gone = asked().did('decideRecusal', granted, at('2026-01-06', 'head'))
  t.same(gone.state.investigators, ['officer-1'])
  refuses(gone, 'addNote', { text: '记录' }, at('2026-01-06', 'officer-2'), 'recused-person-acts', '行政处罚法 43')
  const back = { officers: ['officer-1', 'officer-2'] }
  refuses(gone, 'assignOfficers', back, at('2026-01-06'), 'recused-person-assigned')
  refuses(gone, 'requestRecusal', again, at('2026-01-06'), 'already-recused')
  refuses(gone, 'conclude', s.conclusion, at('2026-01-06'), 'fewer-than-two-officers')
  asked()
    .did('decideRecusal', { ...granted, granted: false }, at('2026-01-06', 'head'))
    .did('addNote', { text: '继续' }, at('2026-01-06', 'officer-2'))
})

t.test('56: evidence is preserved with the approval of the head and dealt with in seven working days', async (t) => {
  const list = { list: '清单1', approvedBy: 'head', items: ['账册'] }
  const preserved = s.investigating().did('preserveEvidence', list, at('2026-01-06'))
  t.match(preserved.state.clocks.at(-1), {
    kind: 'penalty.evidence-preservation',
    limit: '7wd',
    startedAt: '2026-01-06',
  })
  refuses(preserved, 'preserveEvidence', list, at('2026-01-06'), 'evidence-list-exists')
  const self = { ...list, approvedBy: 'officer-1' }
  refuses(
    s.investigating(),
    'preserveEvidence',
    self,
    at('2026-01-06'),
    'preservation-approved-by-officer',
    '行政处罚法 56',
  )
  const done = { list: '清单1', result: 'returned' }
  refuses(s.investigating(), 'decidePreservation', done, at('2026-01-07'), 'evidence-not-preserved')
  refuses(preserved, 'decidePreservation', { ...done, list: '清单2' }, at('2026-01-07'), 'evidence-not-preserved')
  const two = preserved.did('preserveEvidence', { ...list, list: '清单2' }, at('2026-01-07'))
  const one = two.did('decidePreservation', done, at('2026-01-08'))
  t.match(
    one.state.clocks.map(({ stoppedAt }) => stoppedAt),
    [undefined, '2026-01-08', undefined],
  )
  t.same(
    one.state.preserved.map(({ list: name }) => name),
    ['清单2'],
  )
})

t.test('28: who is punished is ordered to correct', async () => {
  const order = { due: '2026-01-05', text: '改正' }
  refuses(s.investigating(), 'orderCorrection', order, at('2026-01-06'), 'correction-due-in-past', '行政处罚法 28')
  refuses(s.investigating(), 'verifyCorrection', { corrected: true }, at('2026-01-06'), 'correction-not-ordered')
  const without = s
    .investigating()
    .did('conclude', s.conclusion, at('2026-01-06'))
    .did('serveNotice', s.notice, at('2026-01-07'))
    .did('waiveDefence', { express: true }, at('2026-01-07', 'office-account'))
  refuses(without, 'decide', s.decision, at('2026-01-12', 'head'), 'correction-not-ordered', '行政处罚法 28')
})

t.test('the county only warns: fines and confiscation go to the city (Orders 137 and 138)', async (t) => {
  const notice = (penalties: object[], more: object = {}) => ({ ...s.notice, penalties, ...more })
  for (const item of [fine(100), { kind: 'confiscation', amount: 100 }, { kind: 'public-criticism' }])
    refuses(
      s.concluded(),
      'serveNotice',
      notice([item]),
      at('2026-01-07'),
      'beyond-power-of-level',
      '基层法律服务工作者管理办法 46',
    )
  refuses(
    s.concluded({}, { law: 'order-137', respondent: 'office' }),
    'serveNotice',
    notice([fine(100)]),
    at('2026-01-07'),
    'beyond-power-of-level',
    '基层法律服务所管理办法 36',
  )
  // A district of a municipality has the power of a city.
  s.concluded({}, { level: 'municipal-district' }).did('serveNotice', notice([fine(100)]), at('2026-01-07'))
  const proposal = { to: 'city', kinds: ['fine'] }
  refuses(
    s.concluded(),
    'forwardProposal',
    { ...proposal, kinds: ['warning'] },
    at('2026-01-06', 'head'),
    'proposal-not-needed',
  )
  refuses(
    s.concluded(),
    'forwardProposal',
    { ...proposal, to: 'bureau' },
    at('2026-01-06', 'head'),
    'proposal-to-itself',
  )
  refuses(s.taken(), 'forwardProposal', proposal, at('2026-01-06', city('x')), 'already-taken-over')
  const sent = s.concluded().did('forwardProposal', proposal, at('2026-01-06', 'head'))
  refuses(
    sent,
    'takeCase',
    { level: 'city' },
    at('2026-01-06', { ...(city('x') as object), organisation: 'other' } as never),
    'not-the-organ-asked',
  )
  refuses(sent, 'takeCase', { level: 'county' }, at('2026-01-06', city('x')), 'level-mismatch')
  refuses(sent, 'returnProposal', { reason: '退' }, at('2026-01-06', 'head'), 'not-the-organ-asked')
  refuses(sent, 'serveNotice', s.notice, at('2026-01-06'), 'penalty-step-out-of-order')
  t.equal(sent.did('returnProposal', { reason: '退' }, at('2026-01-07', city('x'))).state.status, 'concluded')
  // Once taken over, the county neither announces nor decides; before, the city does not work the county's case.
  refuses(s.taken(), 'serveNotice', s.notice, at('2026-01-07'), 'not-the-competent-organ')
  refuses(s.cityDefended(), 'decide', s.cityDecision, at('2026-01-12', 'head'), 'not-the-competent-organ')
  refuses(s.concluded(), 'serveNotice', s.notice, at('2026-01-07', city('x')), 'not-the-competent-organ')
  refuses(s.investigating(), 'addNote', { text: '记录' }, at('2026-01-07', city('x')), 'not-the-competent-organ')
  s.taken().did('addNote', { text: '记录' }, at('2026-01-07', 'officer-1'))
  refuses(
    s.cityDefended(),
    'decide',
    { ...s.cityDecision, level: 'county' },
    at('2026-01-12', city('city-head')),
    'level-mismatch',
  )
})

t.test('a fine is at most three times the illegal gains and 30,000 yuan; the place may only be stricter', async () => {
  const give = (yuan: number, more: object = {}) =>
    [
      'serveNotice',
      { ...s.notice, penalties: [fine(yuan)], rights: { ...s.rights, hearing: true }, ...more },
      at('2026-01-07', city('clerk')),
    ] as const
  s.taken().did(...give(15_000))
  refuses(s.taken(), ...give(15_001), 'fine-over-cap', '基层法律服务工作者管理办法 46')
  const rich = () => s.taken({ illegalGains: 2_000_000_00 })
  rich().did(...give(30_000))
  refuses(rich(), ...give(30_001), 'fine-over-cap')
  refuses(s.taken({ illegalGains: 0 }), ...give(1), 'fine-over-cap')
  const local = { maxFine: 1_000_000, citation: '某省裁量基准' }
  refuses(rich(), ...give(10_001, { caps: local }), 'fine-over-cap', '某省裁量基准')
  refuses(rich(), ...give(10_000, { caps: { ...local, maxFine: 3_000_001 } }), 'caps-laxer-than-law')
  refuses(rich(), ...give(10_000, { caps: { ...local, gainsMultiple: 4 } }), 'caps-laxer-than-law')
  const other = { law: 'other' }
  refuses(s.taken({}, other), ...give(100), 'caps-missing', '行政处罚法 16')
  s.taken({}, other).did(...give(100, { caps: local }))
  const taking = (amount: number) => ({
    ...s.notice,
    penalties: [{ kind: 'confiscation', amount }],
    rights: { ...s.rights, hearing: true },
  })
  s.taken().did('serveNotice', taking(500_000), at('2026-01-07', city('clerk')))
  refuses(s.taken(), 'serveNotice', taking(500_001), at('2026-01-07', city('clerk')), 'confiscation-over-gains')
})

t.test('29: no two fines for one act', async () => {
  const twice = { ...s.notice, penalties: [fine(100), fine(100)] }
  refuses(s.taken(), 'serveNotice', twice, at('2026-01-07', city('clerk')), 'fined-twice', '行政处罚法 29')
  const warnings = { ...s.notice, penalties: [{ kind: 'warning' }, { kind: 'warning' }] }
  refuses(s.concluded(), 'serveNotice', warnings, at('2026-01-07'), 'penalty-kind-twice')
  const elsewhere = s
    .taken()
    .did('noteEarlierFine', { organ: '市场监管局', document: '1号', amount: 100 }, at('2026-01-07'))
  refuses(
    elsewhere,
    'serveNotice',
    { ...s.notice, penalties: [fine(100)] },
    at('2026-01-07', city('clerk')),
    'fined-twice',
  )
  elsewhere.did('serveNotice', s.notice, at('2026-01-07', city('clerk')))
})

t.test('44, 63: the notice says what, why and on what basis, and which rights there are', async () => {
  const give = (more: object, code: Refusal['code'], rule?: string, from = s.concluded()) =>
    refuses(from, 'serveNotice', { ...s.notice, ...more }, at('2026-01-07'), code, rule)
  for (const part of ['facts', 'reasons', 'legalBasis'])
    give({ [part]: undefined }, 'notice-incomplete', '行政处罚法 44')
  give({ rights: { ...s.rights, statement: false } }, 'rights-not-told', '行政处罚法 44')
  give({ rights: { ...s.rights, defence: false } }, 'rights-not-told', '行政处罚法 44')
  give({ defenceUntil: '2026-01-07' }, 'no-time-for-defence')
  give({ method: 'email' }, 'service-without-consent', '行政处罚法 61')
  const district = () => s.concluded({}, { level: 'municipal-district' })
  give({ penalties: [fine(1_000)] }, 'hearing-right-not-told', '行政处罚法 63', district())
  give({ penalties: [{ kind: 'suspension', months: 3 }] }, 'hearing-right-not-told', '行政处罚法 63', district())
  give({ penalties: [fine(500)], hearingFrom: 50_000 }, 'hearing-right-not-told', '行政处罚法 63', district())
  district().did('serveNotice', { ...s.notice, penalties: [fine(999)] }, at('2026-01-07'))
})

t.test(
  '62: no decision before statement and defence are heard, unless expressly waived or not made in time',
  async () => {
    const decide = (given: Case, code: Refusal['code'], on = '2026-01-09') =>
      refuses(given, 'decide', s.decision, at(on, 'head'), code, '行政处罚法 62')
    decide(s.noticed(), 'defence-period-runs')
    s.noticed().did('decide', s.decision, at('2026-01-10', 'head'))
    const filed = s.noticed().did('fileDefence', { text: '申辩' }, at('2026-01-08', 'office-account'))
    decide(filed, 'defence-not-heard', '2026-01-12')
    refuses(s.noticed(), 'waiveDefence', { express: false }, at('2026-01-08'), 'waiver-not-express', '行政处罚法 62')
    s.noticed()
      .did('waiveDefence', { express: true }, at('2026-01-08'))
      .did('decide', s.decision, at('2026-01-08', 'head'))
    refuses(filed, 'waiveDefence', { express: true }, at('2026-01-08'), 'defence-already-settled')
    refuses(s.noticed(), 'hearDefence', { adoption: 'adopted', review: '成立' }, at('2026-01-08'), 'no-defence-filed')
    refuses(s.concluded(), 'decide', s.decision, at('2026-01-12', 'head'), 'no-prior-notice', '行政处罚法 44 62')
  },
)

t.test('45: a defence never makes the penalty heavier: heavier needs new facts and a new notice', async () => {
  const decide = (penalties: object[], code: Refusal['code']) =>
    refuses(
      s.cityDefended(),
      'decide',
      { ...s.cityDecision, penalties },
      at('2026-01-12', city('city-head')),
      code,
      '行政处罚法 45',
    )
  decide([fine(901)], 'heavier-than-notice')
  decide([fine(900), { kind: 'warning' }], 'heavier-than-notice')
  decide([{ kind: 'confiscation', amount: 100 }], 'heavier-than-notice')
  s.cityDefended().did('decide', { ...s.cityDecision, penalties: [fine(100)] }, at('2026-01-12', city('city-head')))
  s.cityDefended().did(
    'decide',
    { ...s.cityDecision, penalties: [{ kind: 'warning' }] },
    at('2026-01-12', city('city-head')),
  )
  const again = { ...s.notice, penalties: [fine(950)], defenceUntil: '2026-01-12' }
  refuses(
    s.cityDefended(),
    'serveNotice',
    again,
    at('2026-01-09', city('c')),
    'heavier-without-new-facts',
    '行政处罚法 45',
  )
  s.cityDefended()
    .did('serveNotice', { ...again, newFacts: '新的事实' }, at('2026-01-09', city('c')))
    .when('decide', { ...s.cityDecision, penalties: [fine(950)] }, at('2026-01-12', city('city-head')))
    .then('defence-period-runs')
})

answersFor('notice')
