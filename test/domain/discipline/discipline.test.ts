import fc from 'fast-check'
import t from 'tap'
import { shippedCalendars } from '../../../src/domain/calendar/shipped.ts'
import { disciplineTerms } from '../../../src/domain/catalogue/penalty.ts'
import type { Refusal } from '../../../src/domain/decider.ts'
import { disciplineClocks, disciplineDecider, disciplineSource } from '../../../src/domain/discipline/index.ts'
import { correctedSteps } from '../../../src/domain/history.ts'
import { sampleFile } from '../../support/sample-file.ts'
import { type Circumstances, given } from '../../support/scenario.ts'
import { ofCommittee } from '../penalty/refusals.ts'

const referral = {
  source: 'complaint-1',
  respondent: 'worker',
  respondentOffice: 'office-1',
  respondentWorker: 'worker-1',
  kind: 'private-acceptance-or-fees',
  matter: '私自收费',
}
const member = (person: string, body: string) => ({ person, body })
const members = [
  member('judge', 'court'),
  member('policeman', 'police'),
  member('official', 'justice'),
  member('official-2', 'justice'),
  member('lawyer', 'other'),
]
const convening = { members, chair: 'official', quorum: 3 }
const all = members.map(({ person }) => person)
const votes = (yes: number, no = 0, abstained = 0) => ({ for: yes, against: no, abstained })
const decision = {
  document: '惩戒1号',
  present: all,
  votes: votes(5),
  measure: 'public-reprimand',
  facts: '事实',
  reasons: '理由',
}
const at = (when: string, by = 'secretary'): Circumstances => ({ at: when, by })

const referred = () => given(disciplineDecider).did('refer', referral, at('2026-01-05', 'referrer'))
const convened = (more: object = {}) => referred().did('convene', { ...convening, ...more }, at('2026-01-06'))
const summoned = () => convened().did('summon', { heardAt: '2026-01-15', document: '通知1号' }, at('2026-01-07'))
const heard = () => summoned().did('hear', { appeared: true, record: '笔录' }, at('2026-01-15'))
const decided = (more: object = {}) => heard().did('decide', { ...decision, ...more }, at('2026-01-16'))
const served = () => decided().did('serve', { document: '惩戒1号', method: 'direct' }, at('2026-01-19'))
const reviewed = (result: string, more: object = {}) =>
  served()
    .did('requestReview', { reason: '不服' }, at('2026-01-20', 'office-account'))
    .did(
      'decideReview',
      { organ: '省惩戒委员会', result, document: '复核1号', text: '意见', ...more },
      at('2026-02-02'),
    )

type Case = ReturnType<typeof referred>
const seen = new Set<string>()
function refuses(from: Case, action: string, body: object, when: Circumstances, code: Refusal['code']) {
  seen.add(code)
  from.when(action, body, when).then(code)
}
const facts = (one: Case) => disciplineSource.facts(correctedSteps(one.events), 'discipline-1', shippedCalendars)

t.test(
  'S4-4.5a: referred, heard, decided by votes, served: a sanction at the office where the act happened',
  async (t) => {
    const { state } = served()
    t.match(state, { status: 'served', respondentOffice: 'office-1', source: 'complaint-1' })
    t.same(facts(decided()), [], 'it counts from its service')
    t.match(facts(served()), [
      {
        kind: 'sanction',
        nature: 'INDUSTRY_DISCIPLINE',
        kinds: ['PUBLIC_REPRIMAND'],
        date: '2026-01-19',
        worker: 'worker-1',
      },
    ])
    const acquitted = decided({ measure: 'none' }).did(
      'serve',
      { document: '惩戒1号', method: 'direct' },
      at('2026-01-19'),
    )
    t.same(facts(acquitted), [])
    t.equal(
      served().did('close', {}, at('2026-02-01')).did('archive', { retention: '10y' }, at('2026-02-02')).state.status,
      'archived',
    )
  },
)

t.test('court, police and justice all sit, by a quorum of more than half, and none who referred the case', async () => {
  const convene = (more: object, code: Refusal['code'], from = referred()) =>
    refuses(from, 'convene', { ...convening, ...more }, at('2026-01-06'), code)
  for (const body of ['court', 'police', 'justice'])
    convene({ members: members.filter((one) => one.body !== body), chair: 'lawyer', quorum: 3 }, 'committee-not-mixed')
  convene({ members: [...members, member('judge', 'other')] }, 'member-twice')
  convene({ members: [...members, member('referrer', 'other')], quorum: 4 }, 'referrer-judges')
  convene({ chair: 'stranger' }, 'chair-not-a-member')
  convene({ quorum: 2 }, 'quorum-too-low')
  convene({ quorum: 6 }, 'quorum-too-low')
  refuses(
    given(disciplineDecider),
    'refer',
    { ...referral, respondentWorker: undefined },
    at('2026-01-05'),
    'respondent-worker-missing',
  )
  refuses(given(disciplineDecider), 'convene', convening, at('2026-01-05'), 'case-not-opened')
  refuses(referred(), 'refer', referral, at('2026-01-05'), 'case-already-opened')
})

t.test('a member steps aside; what is left must still be mixed and a quorum', async () => {
  const ask = (person: string) => ({ person, by: 'respondent', ground: 'kinship', reason: '亲属' })
  const asked = () => heard().did('requestRecusal', ask('judge'), at('2026-01-15'))
  refuses(heard(), 'requestRecusal', ask('stranger'), at('2026-01-15'), 'not-a-member')
  refuses(asked(), 'requestRecusal', ask('judge'), at('2026-01-15'), 'recusal-already-requested')
  refuses(asked(), 'decide', decision, at('2026-01-16'), 'recusal-undecided')
  const granted = { person: 'judge', granted: true }
  refuses(heard(), 'decideRecusal', granted, at('2026-01-15'), 'recusal-not-requested')
  refuses(asked(), 'decideRecusal', { ...granted, person: 'lawyer' }, at('2026-01-15'), 'recusal-not-requested')
  refuses(asked(), 'decideRecusal', granted, at('2026-01-15', 'judge'), 'recusal-decided-by-himself')
  const gone = asked().did('decideRecusal', granted, at('2026-01-15'))
  refuses(gone, 'requestRecusal', ask('judge'), at('2026-01-15'), 'already-recused')
  refuses(gone, 'decide', decision, at('2026-01-16'), 'recused-person-votes')
  refuses(
    gone,
    'decide',
    { ...decision, present: all.slice(1), votes: votes(4) },
    at('2026-01-16'),
    'committee-not-mixed',
  )
  refuses(gone, 'decide', decision, at('2026-01-16', 'judge'), 'recused-person-acts')
  refuses(gone, 'convene', convening, at('2026-01-16'), 'recused-person-assigned')
  const again = { members: [...members.slice(1), member('judge-2', 'court')], chair: 'official', quorum: 3 }
  gone
    .did('convene', again, at('2026-01-16'))
    .did('summon', { heardAt: '2026-01-20', document: '通知2号' }, at('2026-01-16'))
    .did('hear', { appeared: false }, at('2026-01-20'))
    .did('decide', { ...decision, present: ['judge-2', ...all.slice(1)] }, at('2026-01-21'))
  asked()
    .did('decideRecusal', { ...granted, granted: false }, at('2026-01-15'))
    .did('decide', decision, at('2026-01-16'))
})

t.test('the respondent is heard before the committee decides', async () => {
  refuses(convened(), 'decide', decision, at('2026-01-16'), 'respondent-not-heard')
  refuses(summoned(), 'decide', decision, at('2026-01-16'), 'respondent-not-heard')
  refuses(summoned(), 'hear', { appeared: true }, at('2026-01-15'), 'hearing-without-record')
  refuses(summoned(), 'hear', { appeared: true, record: '笔录' }, at('2026-01-14'), 'hearing-before-its-day')
  refuses(convened(), 'hear', { appeared: false }, at('2026-01-15'), 'discipline-step-out-of-order')
  summoned().did('hear', { appeared: false }, at('2026-01-15')).did('decide', decision, at('2026-01-16'))
})

t.test('votes are counted: those present, once each, more than half for it', async () => {
  const decide = (more: object, code: Refusal['code']) =>
    refuses(heard(), 'decide', { ...decision, ...more }, at('2026-01-16'), code)
  decide({ present: [...all, 'stranger'], votes: votes(6) }, 'not-a-member')
  decide({ present: ['judge', 'policeman'], votes: votes(2) }, 'no-quorum')
  decide({ present: ['official', 'official-2', 'lawyer'], votes: votes(3) }, 'committee-not-mixed')
  decide({ votes: votes(4) }, 'votes-do-not-add-up')
  decide({ votes: votes(2, 2, 1) }, 'no-majority')
  decide({ present: all.slice(0, 4), votes: votes(2, 2) }, 'no-majority')
  decide({ measure: 'rights-suspended' }, 'discipline-months')
  decide({ months: 3 }, 'discipline-months')
  heard().did(
    'decide',
    { ...decision, measure: 'rights-suspended', months: 3, votes: votes(3, 1, 1) },
    at('2026-01-16'),
  )
  refuses(summoned(), 'hear', { appeared: false }, at('2026-01-06'), 'step-before-its-predecessor')
})

t.test('service is of the decision; review is on request and once', async (t) => {
  refuses(decided(), 'serve', { document: '另一份', method: 'direct' }, at('2026-01-19'), 'document-unknown')
  refuses(decided(), 'serve', { document: '惩戒1号', method: 'email' }, at('2026-01-19'), 'service-without-consent')
  refuses(
    served(),
    'decideReview',
    { organ: '省', result: 'upheld', document: '1', text: '意见' },
    at('2026-02-01'),
    'discipline-step-out-of-order',
  )
  const upheld = reviewed('upheld')
  t.match(facts(upheld), [{ disputes: [{ suspended: false }], overturned: undefined }])
  refuses(upheld, 'requestReview', { reason: '仍不服' }, at('2026-02-03'), 'discipline-reviewed')
  refuses(
    upheld.did('close', {}, at('2026-02-03')),
    'requestReview',
    { reason: '不服' },
    at('2026-02-04'),
    'case-closed',
  )
})

t.test('a review that revokes or changes annuls: the facts of the old decision count nowhere', async (t) => {
  const revoked = reviewed('revoked')
  t.equal(revoked.state.status, 'quashed')
  t.match(facts(revoked), [{ overturned: { at: '2026-02-02' } }])
  const asked = served().did('requestReview', { reason: '不服' }, at('2026-01-20'))
  const ruling = { organ: '省', result: 'changed', document: '复核1号', text: '意见' }
  refuses(asked, 'decideReview', ruling, at('2026-02-02'), 'change-without-content')
  const changed = reviewed('changed', { measure: 'warning' })
  t.equal(facts(changed).length, 1)
  const again = changed.did('serve', { document: '复核1号', method: 'direct' }, at('2026-02-03'))
  t.match(facts(again), [{ overturned: {} }, { kinds: ['WARNING'], date: '2026-02-03', overturned: undefined }])
  // What a ruling says is carried out first, and nothing is taken away without one.
  const half = asked.and({ type: 'DisciplineReviewDecided', data: ruling, effectiveAt: '2026-02-02' })
  refuses(half, 'close', {}, at('2026-02-03'), 'ruling-not-carried-out')
  const quash = { type: 'DisciplineQuashed', data: { organ: '省', reason: '理由' }, effectiveAt: '2026-02-03' }
  const judge = (from: Case, more: object) => {
    const next = from.and({ ...quash, ...more })
    const [step] = correctedSteps(next.events).slice(-1)
    const no = disciplineDecider.guard(from.state, step as never)
    if (no) seen.add(no.code)
    return no?.code
  }
  t.equal(judge(served(), {}), 'discipline-without-ruling')
  const revoking = asked.and({
    type: 'DisciplineReviewDecided',
    data: { ...ruling, result: 'revoked' },
    effectiveAt: '2026-02-02',
  })
  t.equal(judge(revoking, {}), 'no-discipline-decision')
  t.equal(judge(revoking, { corrects: { event: 'event-4', mode: 'annul' } }), undefined)
})

t.test('what the bureau hands over is counted, and no longer once the case is closed', async (t) => {
  t.equal(referred().did('addEvidence', sampleFile, at('2026-01-05')).state.evidence, 1)
  const closed = served().did('close', {}, at('2026-02-10'))
  refuses(closed, 'addEvidence', sampleFile, at('2026-02-11'), 'case-closed')
})

t.test('an archived case records for what it is opened (S2-4.4.6)', async () => {
  const archived = served().did('close', {}, at('2026-02-10')).did('archive', { retention: '10y' }, at('2026-02-11'))
  refuses(archived, 'openArchived', { purpose: 'audit' }, at('2026-02-12'), 'archive-purpose-missing')
  archived
    .when('openArchived', { purpose: 'audit', text: '年度检查' }, at('2026-02-12', 'auditor'))
    .then([{ type: 'ArchivedCaseOpened', data: { purpose: 'audit', text: '年度检查' } }])
  served()
    .when('openArchived', { purpose: 'audit', text: '年度检查' }, at('2026-02-12'))
    .then('discipline-step-out-of-order')
})

t.test('clocks run where a policy of the committee sets a limit', async (t) => {
  t.same(
    disciplineClocks(served().state).map(({ kind }) => kind),
    ['discipline.hearing'],
  )
  const limits = { 'discipline.decision': '60d' }
  const timed = given(disciplineDecider).did('refer', referral, { ...at('2026-01-05', 'referrer'), limits })
  t.match(disciplineClocks(timed.state), [{ kind: 'discipline.decision', limit: '60d', startedAt: '2026-01-05' }])
})

t.test('every action and event has its word; every refusal of the committee was provoked', async (t) => {
  for (const name of Object.keys(disciplineDecider.actions))
    t.match((disciplineTerms.action as Record<string, string>)[name], /\p{Script=Han}/u)
  for (const name of Object.keys(disciplineDecider.events))
    t.match((disciplineTerms.event as Record<string, string>)[name], /\p{Script=Han}/u)
  t.same(
    ofCommittee.filter((code) => !seen.has(code)),
    [],
  )
})

t.test('property: a decision stands only with a mixed quorum and more than half for it', async () => {
  fc.assert(
    fc.property(fc.subarray(all), fc.nat(6), fc.nat(6), fc.nat(6), (present, yes, no, abstained) => {
      const step = { ...decision, present, votes: votes(yes, no, abstained) }
      const lawful =
        present.length >= 3 &&
        present.includes('judge') &&
        present.includes('policeman') &&
        (present.includes('official') || present.includes('official-2')) &&
        yes + no + abstained === present.length &&
        yes > present.length / 2
      return heard().when('decide', step, at('2026-01-16')).decision.ok === lawful
    }),
    { numRuns: 300 },
  )
})
