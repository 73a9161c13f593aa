import t from 'tap'
import type { Refusal } from '../../../src/domain/decider.ts'
import { answersFor, type Case, refuses } from './refusals.ts'
import * as s from './stages.ts'

const { at, city, fine } = s

t.test(
  '63, 64: a hearing on request, in five working days, announced seven before, by a chair who did not investigate',
  async (t) => {
    refuses(s.noticed(), 'requestHearing', {}, at('2026-01-08'), 'no-hearing-right', '行政处罚法 63')
    // 2026-01-07 and five working days: the 14th.
    s.hearable().did('requestHearing', {}, at('2026-01-14', 'office-account'))
    refuses(
      s.hearable(),
      'requestHearing',
      {},
      at('2026-01-15', 'office-account'),
      'hearing-request-late',
      '行政处罚法 64',
    )
    refuses(s.hearingRequested(), 'requestHearing', {}, at('2026-01-13'), 'hearing-already-requested')
    const announce = (more: object, code: Refusal['code'], given = s.hearingRequested(), on = '2026-01-14') =>
      refuses(given, 'announceHearing', { ...s.hearingNotice, ...more }, at(on, city('clerk')), code, '行政处罚法 64')
    announce({}, 'hearing-not-requested', s.hearable())
    announce({ chair: 'officer-1' }, 'officer-chairs')
    announce({ chair: 'filer' }, 'officer-chairs')
    announce({ public: false }, 'closed-hearing-without-ground')
    // Seven working days before the 26th: the 15th.
    s.hearingRequested().did('announceHearing', s.hearingNotice, at('2026-01-15', city('clerk')))
    announce({}, 'hearing-announced-late', s.hearingRequested(), '2026-01-16')
    const hold = (given: Case, code: Refusal['code'], who = 'chair', on = '2026-01-26', chair?: string) =>
      refuses(
        given,
        'holdHearing',
        { record: '笔录', signature: 'signed', ...(chair ? { chair } : {}) },
        at(on, city(who)),
        code,
        '行政处罚法 64',
      )
    hold(s.hearable(), 'hearing-not-requested')
    hold(s.hearingRequested(), 'hearing-not-announced')
    hold(s.hearingAnnounced(), 'not-the-chair', 'other')
    hold(s.hearingAnnounced(), 'not-the-chair', 'other', '2026-01-26', 'chair')
    hold(s.hearingAnnounced(), 'hearing-before-its-day', 'chair', '2026-01-25')
    refuses(s.heard(), 'abandonHearing', { absent: true }, at('2026-01-27', 'office-account'), 'hearing-already-over')
    const decide = (given: Case, code: Refusal['code'], more: object = {}, on = '2026-01-27') =>
      refuses(
        given,
        'decide',
        { ...s.cityDecision, penalties: [fine(12_000)], ...more },
        at(on, city('city-head')),
        code,
      )
    decide(s.hearingRequested().did('waiveDefence', { express: true }, at('2026-01-12')), 'hearing-not-held')
    decide(
      s.hearable().did('waiveDefence', { express: true }, at('2026-01-08')),
      'hearing-period-runs',
      {},
      '2026-01-14',
    )
    s.hearable()
      .did('waiveDefence', { express: true }, at('2026-01-08'))
      .did('decide', { ...s.cityDecision, penalties: [fine(12_000)] }, at('2026-01-15', city('city-head')))
    s.hearable()
      .did('waiveDefence', { express: true }, at('2026-01-08'))
      .did('abandonHearing', { absent: false }, at('2026-01-08', 'office-account'))
      .did('decide', { ...s.cityDecision, penalties: [fine(12_000)] }, at('2026-01-08', city('city-head')))
    // After a hearing: by its record, and after legal review (58).
    decide(s.heard(), 'decision-without-hearing-record')
    decide(s.heard(), 'legal-review-missing', { followsHearingRecord: true })
    const reviewed = s
      .heard()
      .did('reviewLegality', { passed: true, opinion: '通过' }, at('2026-01-27', city('reviewer')))
    const done = reviewed.did(
      'decide',
      { ...s.cityDecision, penalties: [fine(12_000)], followsHearingRecord: true },
      at('2026-01-27', city('city-head')),
    )
    t.equal(done.state.status, 'decided')
  },
)

t.test('58: legal review in its four cases, by somebody who did not investigate', async () => {
  const complex = () => s.defended({}, { legalReview: ['complex'] })
  const decide = (given: Case, code: Refusal['code']) =>
    refuses(given, 'decide', s.decision, at('2026-01-12', 'head'), code, '行政处罚法 58')
  decide(complex(), 'legal-review-missing')
  const review = { passed: true, opinion: '意见' }
  refuses(complex(), 'reviewLegality', review, at('2026-01-09', 'officer-1'), 'officer-reviews', '行政处罚法 58')
  refuses(complex(), 'reviewLegality', review, at('2026-01-09', 'filer'), 'officer-reviews')
  refuses(complex(), 'reviewLegality', { ...review, reviewer: 'x' }, at('2026-01-09', 'y'), 'not-the-reviewer')
  decide(
    complex().did('reviewLegality', { ...review, passed: false }, at('2026-01-09', 'reviewer')),
    'legal-review-failed',
  )
  complex()
    .did('reviewLegality', review, at('2026-01-09', 'reviewer'))
    .did('decide', s.decision, at('2026-01-12', 'head'))
})

t.test('57: complex or major cases are discussed together by the heads, none of whom investigated', async () => {
  const major = () => s.defended({}, { complexOrMajor: true })
  refuses(major(), 'decide', s.decision, at('2026-01-12', 'head'), 'collective-discussion-missing', '行政处罚法 57')
  const discuss = (attendees: string[], code: Refusal['code']) =>
    refuses(
      major(),
      'discussCollectively',
      { meetingNumber: '1', attendees, opinion: '意见' },
      at('2026-01-09', 'head'),
      code,
    )
  discuss(['head'], 'discussion-of-one')
  discuss(['head', 'officer-2'], 'officer-discusses')
  discuss(['head', 'filer'], 'officer-discusses')
  major()
    .did(
      'discussCollectively',
      { meetingNumber: '1', attendees: ['head', 'deputy'], opinion: '意见' },
      at('2026-01-09', 'head'),
    )
    .did('decide', s.decision, at('2026-01-12', 'head'))
})

t.test('57, 59: who decides did not file or investigate; the decision has its six items and the seal', async () => {
  const decide = (more: object, code: Refusal['code'], rule?: string, who = 'head', given = s.defended()) =>
    refuses(given, 'decide', { ...s.decision, ...more }, at('2026-01-12', who), code, rule)
  decide({}, 'officer-decides', '行政处罚法 57', 'officer-2')
  decide({}, 'officer-decides', '行政处罚法 57', 'filer')
  for (const item of ['party', 'facts', 'legalBasis', 'performance', 'remedies', 'organ'])
    decide({ [item]: undefined }, 'decision-incomplete', '行政处罚法 59')
  decide({ stamped: false }, 'decision-without-seal', '行政处罚法 59')
  decide({ penalties: [] }, 'outcome-without-penalty')
  decide({ outcome: 'none-minor' }, 'penalty-without-outcome')
  decide({ outcome: 'none-not-proven', penalties: [], facts: undefined }, 'decision-incomplete')
  decide({ outcome: 'transfer-to-criminal', penalties: [] }, 'transfer-without-receiver', '行政处罚法 27')
  const stubborn = s.concluded().did('verifyCorrection', { corrected: false }, at('2026-01-07'))
  decide({ outcome: 'none-minor', penalties: [] }, 'minor-but-not-corrected', '行政处罚法 33', 'head', stubborn)
  s.concluded().did('decide', { ...s.decision, outcome: 'none-not-proven', penalties: [] }, at('2026-01-12', 'head'))
})

t.test('51, 52: on the spot only warnings and small fines, on certain facts', async (t) => {
  const { source, complaint, matter: text, ...about } = s.filing
  const { socialImpact } = s.decision
  const spot = {
    ...about,
    ...s.document,
    ...{
      officers: ['officer-1', 'officer-2'],
      credentialsShown: true,
      factsCertain: true,
      rightsTold: true,
      defenceHeard: true,
    },
    ...{ illegalGains: 100_000, penalties: [{ kind: 'warning' }], socialImpact, actOn: '2026-01-05' },
  }
  t.same([source, complaint, text], ['complaint', 'complaint-1', '私自收费'])
  const decide = (more: object, code: Refusal['code'], rule?: string) =>
    refuses(s.nothing(), 'decideOnTheSpot', { ...spot, ...more }, at('2026-01-05'), code, rule)
  decide({ officers: ['officer-1'] }, 'fewer-than-two-officers', '行政处罚法 42')
  decide({ credentialsShown: false }, 'credentials-not-shown', '行政处罚法 52')
  decide({ factsCertain: false }, 'facts-not-certain', '行政处罚法 51')
  decide({ rightsTold: false }, 'rights-not-told')
  decide({ defenceHeard: false }, 'defence-not-heard')
  decide({ penalties: [{ kind: 'public-criticism' }] }, 'on-the-spot-kind', '行政处罚法 51')
  decide({ penalties: [fine(201)], level: 'city' }, 'on-the-spot-amount', '行政处罚法 51')
  decide({ penalties: [fine(3_001)], level: 'city', respondent: 'office' }, 'on-the-spot-amount')
  decide({ penalties: [fine(200)] }, 'beyond-power-of-level')
  decide({ remedies: undefined }, 'decision-incomplete')
  decide({ actOn: '2023-12-31' }, 'penalty-time-barred')
  const done = s.nothing().did('decideOnTheSpot', { ...spot, penalties: [fine(200)], level: 'city' }, at('2026-01-05'))
  t.match(done.state, { status: 'served', summary: true })
  const paid = done.did('recordPayment', { of: 'fine', amount: 20_000, receipt: '1' }, at('2026-01-06'))
  refuses(paid, 'close', {}, at('2026-01-07'), 'on-the-spot-not-reported', '行政处罚法 52')
  const reported = paid.did('reportOnTheSpot', {}, at('2026-01-07'))
  refuses(reported, 'reportOnTheSpot', {}, at('2026-01-07'), 'on-the-spot-already-reported')
  t.equal(reported.did('close', {}, at('2026-01-07')).state.status, 'closed')
  refuses(s.served(), 'reportOnTheSpot', {}, at('2026-01-14'), 'not-on-the-spot')
})

t.test('61: service is of the decision; by fax or e-mail only with signed consent', async () => {
  const serve = (more: object, code: Refusal['code']) =>
    refuses(
      s.decided(),
      'serve',
      { document: s.document.document, method: 'direct', ...more },
      at('2026-01-13'),
      code,
      '行政处罚法 61',
    )
  serve({ document: '另一份' }, 'document-unknown')
  serve({ method: 'fax' }, 'service-without-consent')
  s.decided().did('serve', { document: s.document.document, method: 'email', consent: true }, at('2026-01-13'))
})

answersFor('decision')
