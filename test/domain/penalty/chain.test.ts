import t from 'tap'
import { rulesFor } from '../../../src/domain/access.ts'
import { permissions } from '../../../src/domain/access-table.ts'
import { deadline } from '../../../src/domain/calendar/deadline.ts'
import { shippedCalendars, shippedNotices } from '../../../src/domain/calendar/shipped.ts'
import { calendarSource } from '../../../src/domain/calendar/source.ts'
import { penaltyActionTerms, penaltyEventTerms, penaltyTerms } from '../../../src/domain/catalogue/penalty.ts'
import { decide, lawfulActions } from '../../../src/domain/decider.ts'
import { disciplineDecider } from '../../../src/domain/discipline/index.ts'
import { correctedSteps } from '../../../src/domain/history.ts'
import { penaltyClocks, penaltyDecider, penaltyFacts, penaltySource } from '../../../src/domain/penalty/index.ts'
import { sampleFile } from '../../support/sample-file.ts'
import { recorded } from '../../support/scenario.ts'
import * as s from './stages.ts'

const { at, city, fine } = s
const steps = (given: ReturnType<typeof s.filed>) => correctedSteps(given.events)
const facts = (given: ReturnType<typeof s.filed>) => penaltyFacts(steps(given))
const sanctions = (given: ReturnType<typeof s.filed>) =>
  penaltySource.facts(steps(given), 'penalty-1', shippedCalendars)
const due = (given: ReturnType<typeof s.filed>, kind: string) =>
  deadline(penaltyClocks(given.state).findLast((clock) => clock.kind === kind)!, shippedCalendars.at('2026-12-31')).due

t.test('a warning by the county, from filing to the archive', async (t) => {
  const done = s.served().did('close', {}, at('2026-01-14')).did('archive', { retention: '30y' }, at('2026-01-15'))
  t.same(
    done.events.map(({ type }) => type),
    [
      ...['PenaltyCaseFiled', 'OfficersAssigned', 'CorrectionOrdered', 'PenaltyInvestigationConcluded'],
      ...['PriorNoticeServed', 'DefenceFiled', 'DefenceHeard', 'PenaltyDecided', 'ServiceOfDocument'],
      ...['PenaltyCaseClosed', 'PenaltyCaseArchived'],
    ],
  )
  t.equal(done.state.status, 'archived')
  t.match(done.state, { complaint: 'complaint-1', respondentOffice: 'office-1', respondentWorker: 'worker-1' })
})

t.test('a fine by the city on the proposal of the county', async (t) => {
  const { state } = s.finedAndServed()
  t.match(state, { status: 'served', organisation: 'bureau', takenBy: 'city', level: 'city', filedLevel: 'county' })
  t.match(state.decisions, [{ outcome: 'penalty', level: 'city', penalties: [fine(900)], servedAt: '2026-01-13' }])
})

t.test('the clocks, and when they are due', async (t) => {
  t.equal(due(s.filed(), 'penalty.decision'), '2026-04-07', '90 days from 2026-01-05 are the Sunday of 清明')
  t.equal(due(s.hearable(), 'penalty.hearing-request'), '2026-01-14')
  t.equal(due(s.decided(), 'penalty.service'), '2026-01-21')
  t.equal(due(s.finedAndServed(), 'penalty.payment'), '2026-01-28')
  t.equal(due(s.finedAndServed(), 'penalty.reconsideration'), '2026-03-16')
  t.equal(due(s.finedAndServed(), 'penalty.litigation'), '2026-07-13')
  t.equal(due(s.fined({ socialImpact: true }), 'penalty.publication'), '2026-01-21')
  const hearing = s.hearingAnnounced()
  t.equal(due(hearing, 'penalty.hearing'), '2026-01-26')
  const upheld = s
    .served()
    .did('fileReconsideration', { organ: '市政府', organisation: 'government' }, at('2026-02-02'))
  t.equal(due(upheld, 'reconsideration.reply'), '2026-02-14', 'ten working days, the last a make-up Saturday')
  t.equal(due(upheld, 'reconsideration.decision'), '2026-04-03')
})

t.test('an event that was judged by a period keeps the last day and the calendars', async (t) => {
  const requested = s.hearingRequested().events.at(-1)!
  t.match(requested.data, { judgedBy: { due: '2026-01-14' } })
  const announced = s.hearingAnnounced().events.at(-1)!
  t.match(announced.data, { judgedBy: { due: '2026-01-15' } })
  // By the calendars the command path hands in, where it does.
  const none = calendarSource(shippedNotices.filter(({ publishedOn }) => publishedOn < '2020-01-01')).at()
  const decision = decide(penaltyDecider, 'requestHearing', {}, s.hearable().state, {
    now: '2026-01-12T01:00:00Z',
    effectiveAt: '2026-01-12',
    actor: { person: 'office-account', role: 'office-account', organisation: 'office' },
    organisation: 'bureau',
    newId: (path) => path,
    limit: () => undefined,
    policy: 'limits@1',
    due: (clock) => ({ ...deadline(clock, none), calendars: ['given'] }),
  })
  t.match(decision, { ok: true, events: [{ data: { judgedBy: { due: '2026-01-14', calendars: ['given'] } } }] })
})

t.test('the level the application knows of the organ stands above what is said', async (t) => {
  const given = s.nothing()
  given.when('file', s.filing, { ...at('2026-01-05', 'filer'), facts: { level: 'city' } }).then('level-mismatch')
  const { level, ...unsaid } = s.filing
  const filed = given.did('file', unsaid, { ...at('2026-01-05', 'filer'), facts: { level: 'city' } })
  t.equal(level, 'county')
  t.equal(filed.state.level, 'city')
})

t.test('execution suspended stands the payment clock still; the remedy’s end lets it run', async (t) => {
  const suspended = s
    .finedAndServed()
    .did('fileReconsideration', { organ: '市政府' }, at('2026-01-20'))
    .did('suspendExecution', { organ: '市政府', reason: '必要' }, at('2026-01-21', city('h')))
  t.equal(due(suspended, 'penalty.payment'), undefined)
  const upheld = suspended.did(
    'decideReconsideration',
    { result: 'upheld', document: '1', text: '理由', organ: '市政府' },
    at('2026-03-01'),
  )
  t.equal(upheld.state.status, 'served')
  t.equal(upheld.state.executionSuspended, false)
  t.equal(due(upheld, 'penalty.payment'), '2026-03-09', 'eight days were left on 2026-01-21; the eighth is a Sunday')
})

t.test('48: a ruling that revokes annuls the decision: its facts count nowhere and stay visible', async (t) => {
  const published = s
    .finedAndServed({ socialImpact: true })
    .did('recordPayment', { of: 'fine', amount: 90_000, receipt: '1' }, at('2026-01-20'))
    .did('publish', { where: '局网站', redacted: true }, at('2026-01-20'))
  t.match(facts(published), [
    { office: 'office-1', worker: 'worker-1', decidedAt: '2026-01-12', servedAt: '2026-01-13' },
  ])
  t.match(sanctions(published), [
    { kind: 'sanction', nature: 'ADMINISTRATIVE_PENALTY', kinds: ['FINE'], date: '2026-01-13', office: 'office-1' },
  ])
  const disputed = published.did('fileReconsideration', { organ: '市政府' }, at('2026-02-02'))
  t.match(facts(disputed), [{ underReconsideration: true, underLitigation: false, executionSuspended: false }])
  t.match(sanctions(disputed), [{ disputes: [{ suspended: false, to: undefined }] }])
  const body = { result: 'revoked', document: '复议1号', text: '理由', organ: '市政府' }
  const revoked = disputed.did('decideReconsideration', body, at('2026-03-02'))
  t.same(
    revoked.events.slice(-2).map(({ type, corrects }) => [type, corrects]),
    [
      ['ReconsiderationDecided', undefined],
      ['DecisionQuashed', { event: s.fined().events.at(-1)!.id, mode: 'annul' }],
    ],
  )
  t.match(facts(revoked), [{ quashed: { at: '2026-03-02' }, underReconsideration: false }])
  t.match(sanctions(revoked), [{ overturned: { at: '2026-03-02' } }])
  t.equal(due(revoked, 'penalty.publication-withdrawal'), '2026-03-05')
  t.equal(revoked.state.status, 'quashed')
})

t.test('a changed decision is a new decision, served anew', async (t) => {
  const body = { result: 'changed', document: '复议1号', text: '理由', organ: '市政府', penalties: [fine(500)] }
  const changed = s
    .finedAndServed()
    .did('recordPayment', { of: 'fine', amount: 90_000, receipt: '1' }, at('2026-01-20'))
    .did('fileReconsideration', { organ: '市政府' }, at('2026-02-02'))
    .did('decideReconsideration', body, at('2026-03-02'))
  t.equal(changed.state.status, 'decided')
  t.match(facts(changed), [{ quashed: { at: '2026-03-02' } }, { penalties: [fine(500)], quashed: undefined }])
  t.equal(sanctions(changed).length, 1, 'the new one counts from its own service')
  const served = changed.did('serve', { document: '复议1号', method: 'mail' }, at('2026-03-03', city('clerk')))
  t.match(sanctions(served), [{ overturned: {} }, { date: '2026-03-03', overturned: undefined }])
  const back = served.did('refund', { amount: 40_000, receipt: '2' }, at('2026-03-04'))
  t.same(back.state.paid, { fine: 50_000, confiscation: 0, surcharge: 0 })
  t.notOk(lawfulActions(penaltyDecider, back.state).includes('fileReconsideration'))
  t.ok(lawfulActions(penaltyDecider, back.state).includes('fileSuit'))
})

t.test('a judgment that is not effective changes nothing; the effective one does', async (t) => {
  const sued = s.finedAndServed().did('fileSuit', { court: '法院' }, at('2026-02-02'))
  const ruling = { result: 'revoked', document: '1', text: '理由', organ: '法院' }
  const first = sued.did('decideSuit', { ...ruling, effective: false }, at('2026-05-01'))
  t.equal(first.state.status, 'under-litigation')
  t.match(facts(first), [{ underLitigation: true }])
  const last = first.did('decideSuit', { ...ruling, effective: true, decideAnew: true }, at('2026-08-01'))
  t.equal(last.state.status, 'concluded', 'to be decided anew')
  t.match(facts(last), [{ quashed: { at: '2026-08-01' }, underLitigation: false }])
})

t.test(
  'evidence is added while the case is open; the archive opens for a purpose, to the auditor of the region too',
  async (t) => {
    t.equal(s.investigating().did('addEvidence', sampleFile, at('2026-01-06')).state.evidence, 1)
    const archived = s
      .served()
      .did('close', {}, at('2026-01-14'))
      .did('archive', { retention: '30y' }, at('2026-01-15'))
    archived.when('addEvidence', sampleFile, at('2026-01-16')).then({ code: 'case-archived' })
    const asAuditor = { at: '2026-01-16', by: { person: 'auditor', role: 'auditor', organisation: 'province' } }
    const asked = { purpose: 'audit', text: '年度检查' }
    archived.when('openArchived', asked, asAuditor).then([{ type: 'ArchivedCaseOpened', data: asked }])
    archived
      .when('openArchived', { text: '年度检查' }, asAuditor)
      .then({ code: 'archive-purpose-missing', rule: 'S2-4.4.6' })
  },
)

t.test('a case closed and archived is taken up again by a remedy, and stands as before when it fails', async (t) => {
  const archived = s.served().did('close', {}, at('2026-01-14')).did('archive', { retention: '30y' }, at('2026-01-15'))
  const upheld = archived
    .did('fileReconsideration', { organ: '市政府' }, at('2026-02-02'))
    .did('decideReconsideration', { result: 'upheld', document: '1', text: '理由', organ: '市政府' }, at('2026-03-02'))
  t.equal(upheld.state.status, 'archived')
})

t.test('a deferral moves the payment; what is late by then counts from it', async (t) => {
  const deferred = s
    .finedAndServed()
    .did('deferPayment', { until: '2026-03-31', reason: '困难' }, at('2026-01-20', city('h')))
  t.equal(due(deferred, 'penalty.payment'), '2026-03-31')
  const paid = deferred.did('recordPayment', { of: 'fine', amount: 90_000, receipt: '1' }, at('2026-04-01'))
  paid.when('close', {}, at('2026-04-02', city('h'))).then({ code: 'surcharge-unpaid', detail: { fen: 2_700 } })
})

t.test('every action, event and clock has its word', async (t) => {
  for (const name of Object.keys(penaltyDecider.actions))
    t.match((penaltyActionTerms as Record<string, string>)[name], /\p{Script=Han}/u)
  for (const name of Object.keys(penaltyDecider.events))
    t.match((penaltyEventTerms as Record<string, string>)[name], /\p{Script=Han}/u)
  t.ok(penaltyTerms.status.served)
})

t.test('every action has its rights, and the table of rights names no other', async (t) => {
  for (const { category, actions } of [penaltyDecider, disciplineDecider]) {
    for (const name of Object.keys(actions)) t.ok(rulesFor(`${category}.${name}`).length > 0, `${category}.${name}`)
    const rows = Object.keys(permissions).filter((row) => row.startsWith(`${category}.`))
    for (const row of rows)
      t.ok([...Object.keys(actions), 'read', 'correct', 'recordMiss', '*'].includes(row.split('.')[1]!), row)
  }
})

t.test('evolve stands any step on any state, also those no guard would let stand', async (t) => {
  const stages = [s.nothing(), s.filed(), s.concluded(), s.heard(), s.finedAndServed()]
  for (const { events } of stages)
    for (const { type, data } of stages.at(-1)!.events) {
      const [step] = correctedSteps([recorded({ type, data }, events.length)])
      t.doesNotThrow(() => penaltyDecider.evolve(s.served().state, step as never))
    }
})
