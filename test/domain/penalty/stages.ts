/** A penalty case at each stage, made by its own actions; all persons and texts are invented. */
import { penaltyDecider } from '../../../src/domain/penalty/index.ts'
import { type Circumstances, given } from '../../support/scenario.ts'

export const filing = {
  source: 'complaint',
  complaint: 'complaint-1',
  respondent: 'worker',
  respondentOffice: 'office-1',
  respondentWorker: 'worker-1',
  kind: 'private-acceptance-or-fees',
  law: 'order-138',
  actOn: '2025-06-01',
  level: 'county',
  matter: '私自收费',
}
/** Illegal gains of 5,000 yuan: a fine of at most 15,000. */
export const conclusion = {
  officers: ['officer-1', 'officer-2'],
  facts: '事实',
  evidence: '证据',
  opinion: '意见',
  proposed: 'penalty',
  complexOrMajor: false,
  legalReview: [],
  illegalGains: 500_000,
}
export const rights = { statement: true, defence: true, hearing: false }
export const notice = {
  document: '告知〔2026〕1号',
  penalties: [{ kind: 'warning' }],
  facts: '事实',
  reasons: '理由',
  legalBasis: '依据',
  rights,
  defenceUntil: '2026-01-09',
  method: 'direct',
}
export const document = {
  document: '罚决〔2026〕1号',
  party: '当事人',
  facts: '事实和证据',
  legalBasis: '种类和依据',
  performance: '履行方式和期限',
  remedies: '六十日内申请复议，六个月内起诉',
  organ: '某县司法局',
  stamped: true,
}
export const decision = { ...document, outcome: 'penalty', penalties: [{ kind: 'warning' }], socialImpact: false }
export const fine = (yuan: number) => ({ kind: 'fine', amount: yuan * 100 })

export const city = (person: string): Circumstances['by'] => ({ person, role: 'city-decider', organisation: 'city' })
export const at = (when: string, by: Circumstances['by'] = 'officer-1'): Circumstances => ({ by: by!, at: when })

export const nothing = () => given(penaltyDecider)
export const filed = (more: object = {}) => nothing().did('file', { ...filing, ...more }, at('2026-01-05', 'filer'))
export const investigating = (more: object = {}) =>
  filed(more).did('assignOfficers', { officers: ['officer-1', 'officer-2'] }, at('2026-01-05', 'filer'))
export const concluded = (more: object = {}, about: object = {}) =>
  investigating(about)
    .did('orderCorrection', { due: '2026-02-01', text: '责令改正' }, at('2026-01-06'))
    .did('conclude', { ...conclusion, ...more }, at('2026-01-06'))
export const noticed = (more: object = {}, concluding: object = {}) =>
  concluded(concluding).did('serveNotice', { ...notice, ...more }, at('2026-01-07'))
export const defended = (more: object = {}, concluding: object = {}) =>
  noticed(more, concluding)
    .did('fileDefence', { text: '申辩' }, at('2026-01-08', 'office-account'))
    .did('hearDefence', { adoption: 'not-adopted', review: '不成立' }, at('2026-01-08'))
export const decided = (more: object = {}) =>
  defended().did('decide', { ...decision, ...more }, at('2026-01-12', 'head'))
export const served = () => decided().did('serve', { document: document.document, method: 'direct' }, at('2026-01-13'))

/** Sent to the city, which took it over: fines are its power. */
export const taken = (concluding: object = {}, about: object = {}) =>
  concluded(concluding, about)
    .did('forwardProposal', { to: 'city', kinds: ['fine', 'confiscation'] }, at('2026-01-06', 'head'))
    .did('takeCase', { level: 'city' }, at('2026-01-06', city('city-head')))
export const cityNoticed = (more: object = {}, concluding: object = {}, about: object = {}) =>
  taken(concluding, about).did(
    'serveNotice',
    { ...notice, penalties: [fine(900)], ...more },
    at('2026-01-07', city('city-clerk')),
  )
export const cityDefended = (more: object = {}, concluding: object = {}, about: object = {}) =>
  cityNoticed(more, concluding, about)
    .did('fileDefence', { text: '申辩' }, at('2026-01-08', 'office-account'))
    .did('hearDefence', { adoption: 'partly-adopted', review: '部分成立' }, at('2026-01-08', city('city-clerk')))
export const cityDecision = { ...decision, level: 'city', penalties: [fine(900)] }
export const fined = (more: object = {}) =>
  cityDefended().did('decide', { ...cityDecision, ...more }, at('2026-01-12', city('city-head')))
/** Served on 2026-01-13: payment is due on 2026-01-28. */
export const finedAndServed = (more: object = {}) =>
  fined(more).did('serve', { document: document.document, method: 'direct' }, at('2026-01-13', city('city-clerk')))

/** With a notice that gives the right to a hearing: a fine of 12,000 yuan. */
export const hearable = () => cityNoticed({ penalties: [fine(12_000)], rights: { ...rights, hearing: true } })
export const hearingRequested = () => hearable().did('requestHearing', {}, at('2026-01-12', 'office-account'))
export const hearingNotice = { heldAt: '2026-01-26', place: '听证室', chair: 'chair', public: true }
export const hearingAnnounced = () =>
  hearingRequested().did('announceHearing', hearingNotice, at('2026-01-14', city('city-clerk')))
export const heard = () =>
  hearingAnnounced()
    .did('waiveDefence', { express: true }, at('2026-01-15', 'office-account'))
    .did('holdHearing', { record: '笔录', signature: 'signed' }, at('2026-01-26', city('chair')))
