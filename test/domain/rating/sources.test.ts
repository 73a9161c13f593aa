import t from 'tap'
import { shippedNotices } from '../../../src/domain/calendar/shipped.ts'
import type { Fact, FactKind, FactOf } from '../../../src/domain/rating/facts.ts'
import { apply, Log, left, states } from './helpers.ts'

const of = <Kind extends FactKind>(log: Log, kind: Kind, office = 'a'): readonly FactOf<Kind>[] =>
  log.base().of(office).until(kind, Number.POSITIVE_INFINITY)
const integrity = (log: Log, at: string) => left('no-sanction', { years: 3 }, [...log.base().of('a').all] as Fact[], at)

const penalties = [{ kind: 'fine', amount: 100 }]
const filed = (): Log => {
  const log = new Log()
  log.add('penalty-1', 'PenaltyCaseFiled', '2024-01-01', { respondentOffice: 'a', respondentWorker: 'w1' })
  return log
}

t.test('a penalty counts from the service of its decision, not from the decision', (t) => {
  const log = filed()
  log.add('penalty-1', 'PenaltyDecided', '2024-02-01', { outcome: 'penalty', penalties, document: 'D1' })
  t.same(of(log, 'sanction'), [], 'not served yet')
  const event = log.add('penalty-1', 'ServiceOfDocument', '2024-02-08', { document: 'D1' })
  t.match(of(log, 'sanction'), [
    { event, date: '2024-02-08', worker: 'w1', nature: 'ADMINISTRATIVE_PENALTY', kinds: ['FINE'] },
  ])
  t.equal(integrity(log, '2024-02-07'), 2000)
  t.equal(integrity(log, '2027-02-07'), 0)
  t.equal(integrity(log, '2027-02-08'), 2000)
  t.end()
})

t.test('no penalty, no sanction; on the spot it is served at once', (t) => {
  const log = filed()
  log.add('penalty-1', 'PenaltyDecided', '2024-02-01', { outcome: 'none-minor', penalties: [], document: 'D1' })
  log.add('penalty-1', 'ServiceOfDocument', '2024-02-08', { document: 'D1' })
  t.same(of(log, 'sanction'), [])
  log.add('penalty-2', 'OnTheSpotPenaltyDecided', '2024-03-01', {
    respondentOffice: 'a',
    penalties: [{ kind: 'warning' }],
    document: 'D2',
  })
  t.match(of(log, 'sanction'), [{ date: '2024-03-01', kinds: ['WARNING'] }])
  t.end()
})

t.test('Q18: a worker who moved takes no sanction along', (t) => {
  const log = filed()
  log.add('worker-w1', 'WorkerLicensed', '2020-01-01', { office: 'a' })
  log.add('worker-w1', 'WorkerTransferred', '2024-01-15', { to: 'b' })
  log.add('penalty-1', 'PenaltyDecided', '2024-02-01', { outcome: 'penalty', penalties, document: 'D1' })
  log.add('penalty-1', 'ServiceOfDocument', '2024-02-08', { document: 'D1' })
  t.equal(of(log, 'sanction', 'a').length, 1)
  t.equal(of(log, 'sanction', 'b').length, 0)
  t.match(of(log, 'membership', 'a'), [
    { joined: true, date: '2020-01-01' },
    { joined: false, date: '2024-01-15' },
  ])
  t.match(of(log, 'membership', 'b'), [{ joined: true, date: '2024-01-15' }])
  t.end()
})

t.test('reconsideration and litigation mark, suspension takes out, an ineffective judgment ends nothing', (t) => {
  const log = filed()
  log.add('penalty-1', 'PenaltyDecided', '2024-02-01', { outcome: 'penalty', penalties, document: 'D1' })
  log.add('penalty-1', 'ServiceOfDocument', '2024-02-08', { document: 'D1' })
  log.add('penalty-1', 'ReconsiderationFiled', '2024-03-01', {})
  log.add('penalty-1', 'ExecutionSuspended', '2024-03-10', {})
  log.add('penalty-1', 'ExecutionResumed', '2024-03-20', {})
  log.add('penalty-1', 'ReconsiderationDecided', '2024-04-01', { result: 'upheld' })
  log.add('penalty-1', 'LitigationFiled', '2024-04-10', {})
  log.add('penalty-1', 'LitigationDecided', '2024-08-01', { result: 'upheld', effective: false })
  log.add('penalty-1', 'LitigationDecided', '2024-10-01', { result: 'upheld', effective: true })
  const at = (day: string) => states(apply('no-sanction', { years: 3 }, [...log.base().of('a').all] as Fact[], day))[0]
  const vectors = {
    '2024-02-29': 'counted',
    '2024-03-01': 'disputed',
    '2024-03-10': 'suspended',
    '2024-03-20': 'disputed',
    '2024-04-01': 'counted',
    '2024-04-10': 'disputed',
    '2024-08-02': 'disputed',
    '2024-10-01': 'counted',
  }
  for (const [day, state] of Object.entries(vectors)) t.equal(at(day), state, day)
  t.end()
})

t.test('a decision changed on review overturns the first; its own service begins the window anew', (t) => {
  const log = filed()
  const first = log.add('penalty-1', 'PenaltyDecided', '2024-02-01', { outcome: 'penalty', penalties, document: 'D1' })
  log.add('penalty-1', 'ServiceOfDocument', '2024-02-08', { document: 'D1' })
  log.add(
    'penalty-1',
    'DecisionChanged',
    '2024-05-01',
    { penalties: [{ kind: 'warning' }], document: 'D2' },
    { corrects: { event: first, mode: 'annul' } },
  )
  t.match(of(log, 'sanction'), [{ date: '2024-02-08', overturned: {} }])
  t.equal(integrity(log, '2024-03-01'), 2000)
  log.add('penalty-1', 'ServiceOfDocument', '2024-05-06', { document: 'D2' })
  const [, changed] = of(log, 'sanction')
  t.match(changed, { date: '2024-05-06', kinds: ['WARNING'] })
  t.notOk(changed?.overturned)
  t.notOk(changed?.disputes)
  t.end()
})

t.test('industry discipline: from its service; none, no sanction; quashed, overturned', (t) => {
  const log = new Log()
  log.add('discipline-1', 'ReferredToCommittee', '2024-01-01', { respondentOffice: 'a', respondentWorker: 'w' })
  const decision = log.add('discipline-1', 'CommitteeDecisionMade', '2024-02-01', {
    document: 'C1',
    measure: 'public-reprimand',
  })
  log.add('discipline-1', 'DisciplineServed', '2024-02-03', { document: 'C1' })
  log.add('discipline-2', 'ReferredToCommittee', '2024-01-01', { respondentOffice: 'a' })
  log.add('discipline-2', 'CommitteeDecisionMade', '2024-02-01', { document: 'C2', measure: 'none' })
  log.add('discipline-2', 'DisciplineServed', '2024-02-03', { document: 'C2' })
  t.match(of(log, 'sanction'), [{ nature: 'INDUSTRY_DISCIPLINE', date: '2024-02-03', kinds: ['PUBLIC_REPRIMAND'] }])
  log.add('discipline-1', 'DisciplineQuashed', '2024-06-01', {}, { corrects: { event: decision, mode: 'annul' } })
  t.ok(of(log, 'sanction')[0]?.overturned)
  t.end()
})

const supervised = (): Log => {
  const log = new Log()
  log.add('supervision-1', 'SupervisionOpened', '2020-01-10', {
    subject: 's',
    source: 'other',
    importance: 'major',
    rules: { methods: [], levels: [], extensions: 1, extensionCap: '10d' },
  })
  log.add('supervision-1', 'SupervisionTaskAssigned', '2020-01-13', {
    task: 't1',
    unit: 'a',
    role: 'lead',
    limit: '10wd',
  })
  return log
}

t.test('cards and circulars to the unit; an objection marks, upheld it takes the card from then on', (t) => {
  const log = supervised()
  log.add('supervision-1', 'CardIssued', '2020-02-10', { card: 'c0', level: 'notice', task: 't1', responsible: 'p' })
  log.add('supervision-1', 'CardIssued', '2020-02-11', { card: 'c1', level: 'red-card', task: 't1', responsible: 'p' })
  log.add('supervision-1', 'CardObjected', '2020-02-15', { card: 'c1' })
  log.add('supervision-1', 'CardObjectionDecided', '2020-03-01', { card: 'c1', upheld: true })
  log.add('supervision-1', 'WrittenCircularIssued', '2020-04-01', { document: 'X' })
  t.equal(of(log, 'notice').length, 1, 'a circular of a matter alone counts against nobody')
  log.add('supervision-1', 'WrittenCircularIssued', '2020-04-02', { document: 'Y', criticised: ['a', 'b'] })
  t.match(of(log, 'notice', 'b'), [{ form: 'CIRCULAR' }], 'also a unit that has no task')
  t.match(
    of(log, 'notice').map(({ form }) => form),
    ['RED_CARD', 'CIRCULAR'],
  )
  const parameters = { months: 12, circular: 2, yellowCard: 1, redCard: 3 }
  const at = (day: string) =>
    states(apply('supervision-notices', parameters, [...log.base().of('a').all] as Fact[], day))[0]
  t.equal(at('2020-02-14'), 'counted')
  t.equal(at('2020-02-15'), 'disputed')
  t.equal(at('2020-03-01'), 'overturned')
  t.end()
})

t.test('deadlines met and missed; a miss that the notice of 27 January 2020 cures counts as none from then on', (t) => {
  const missed = (log: Log) =>
    log.add('supervision-1', 'DeadlineMissed', '2020-02-01', {
      clock: 'supervision.reply:t1',
      kind: 'supervision.reply',
      due: '2020-01-31',
      organisation: 'a',
      calendarBound: '2020-01-15',
      calendars: [],
    })
  const rate = (log: Log, day: string) =>
    left('on-time-rate', { atLeast: 95 }, [...log.base().of('a').all] as Fact[], day)
  const late = supervised()
  missed(late)
  t.match(of(late, 'deadline'), [{ onTime: false, cured: { event: 'cn-2020@2020-01-27', at: '2020-01-27' } }])
  t.equal(rate(late, '2020-02-02'), 2000)
  const local = supervised()
  local.add('supervision-1', 'DeadlineMissed', '2020-02-04', {
    clock: 'supervision.reply:t1',
    kind: 'supervision.reply',
    due: '2020-02-03',
    organisation: 'a',
    calendarBound: '2020-02-03',
    calendars: [],
  })
  t.equal(rate(local, '2020-03-01'), 0, 'missed by the calendar as it stands')
  t.notOk(of(local, 'deadline')[0]?.cured)
  const before = local.events.length - 1
  const last = shippedNotices.findLast((notice) => notice.year === 2020)!
  local.add('calendar-2020', 'HolidayCalendarPublished', '2020-02-21', {
    year: 2020,
    noticeNumber: 'N2',
    publishedOn: '2020-02-21',
    offDays: [...last.offDays, { date: '2020-02-03', name: '春节' }],
    workDays: last.workDays,
  })
  t.match(of(local, 'deadline'), [{ cured: { event: 'cn-2020@2020-02-21', at: '2020-02-21' } }])
  t.equal(rate(local, '2020-02-20'), 0, 'the cure holds from its publication')
  t.equal(rate(local, '2020-02-21'), 2000)
  const then = local
    .base()
    .of('a', before)
    .all.find(({ kind }) => kind === 'deadline') as FactOf<'deadline'>
  t.notOk(then.cured, 'as recorded before the notice')
  const met = supervised()
  met.add('supervision-1', 'SupervisionReplied', '2020-01-20', { task: 't1' })
  t.match(of(met, 'deadline'), [{ onTime: true, clock: 'supervision.reply', date: '2020-01-20' }])
  t.end()
})

t.test('a reply after the last day is late also where no miss was recorded', (t) => {
  const log = supervised()
  // Ten working days from 13 January 2020 end on 4 February by the calendar of that February.
  log.add('supervision-1', 'SupervisionReplied', '2020-03-01', { task: 't1' })
  t.match(of(log, 'deadline'), [{ onTime: false, clock: 'supervision.reply', date: '2020-03-01' }])
  t.end()
})

t.test('after a transfer each unit owes its own time, the total is nobody else’s', (t) => {
  const log = supervised()
  log.add('supervision-1', 'TaskTransferred', '2020-01-15', { task: 't1', unit: 'b', limit: '5wd' })
  log.add('supervision-1', 'SupervisionReplied', '2020-01-20', { task: 't1' })
  t.match(of(log, 'deadline', 'b'), [{ clock: 'supervision.holding', onTime: true }])
  t.equal(of(log, 'deadline', 'b').length, 1)
  t.equal(of(log, 'deadline').length, 0, 'whoever passed it on in time owes nothing more')
  const unlimited = supervised()
  unlimited.add('supervision-1', 'TaskTransferred', '2020-01-15', { task: 't1', unit: 'b' })
  unlimited.add('supervision-1', 'SupervisionReplied', '2020-01-20', { task: 't1' })
  t.match(of(unlimited, 'deadline', 'b'), [{ clock: 'supervision.reply', onTime: true }])
  t.equal(of(unlimited, 'deadline', 'b').length, 1)
  t.end()
})

t.test('what the office owes to a complaint counts where the scheme names those clocks', (t) => {
  const log = new Log()
  log.add('complaint-1', 'ComplaintRegistered', '2025-01-06', { respondentOffice: 'a' })
  const basis = { policy: 'limits@1', limits: { 'complaint.handler-report': '10d' } }
  log.add('complaint-1', 'HandlerReportRequested', '2025-03-03', {}, { basis })
  log.add('complaint-1', 'InvestigationSuspended', '2025-03-05', {})
  log.add('complaint-1', 'InvestigationResumed', '2025-03-25', {})
  log.add('complaint-1', 'HandlerReportSubmitted', '2025-04-01', {})
  t.match(of(log, 'deadline'), [{ clock: 'complaint.handler-report', onTime: true }], 'it stood meanwhile')
  const measures = [{ kind: 'rectification-order', due: '2025-05-30' }]
  const cooperation = { reportInTime: true, materialsHandedOver: true, rectified: false }
  log.add('complaint-1', 'OfficeMeetingDecided', '2025-05-06', {
    ...{ outcome: 'substantiated', throughFault: true, cooperation, measures },
  })
  log.add('complaint-1', 'RectificationVerified', '2025-06-10', { rectified: true })
  t.match(of(log, 'deadline')[1], { clock: 'complaint.rectification', onTime: false, date: '2025-06-10' })
  const facts = [...log.base().of('a').all] as Fact[]
  const rate = (parameters: object) => left('on-time-rate', { atLeast: 95, ...parameters }, facts, '2025-07-01')
  t.equal(rate({}), 2000, 'supervision alone by default: too few to judge')
  t.equal(rate({ clocks: ['complaint.handler-report'] }), 2000)
  t.equal(rate({ clocks: ['complaint.handler-report', 'complaint.rectification'] }), 0, 'one of two')
  const absent = new Log()
  absent.add('complaint-2', 'ComplaintRegistered', '2025-01-06', { respondentOffice: 'a' })
  absent.add('complaint-2', 'HandlerReportRequested', '2025-03-03', {}, { basis })
  absent.add('complaint-2', 'HandlerReportAbsent', '2025-03-10', {})
  t.equal(of(absent, 'deadline').length, 0, 'given up within the time: neither met nor missed')
  t.end()
})

t.test('quality cards are a survey of their own: what came back, nothing of what is still out', (t) => {
  const log = new Log()
  log.add('qualitycard-1', 'QualityCardIssued', '2025-01-06', { office: 'a' })
  t.equal(of(log, 'survey').length, 0)
  log.add('qualitycard-1', 'QualityCardReturned', '2025-01-08', { satisfied: false })
  const figures = { asked: 1, reached: 1, answered: 1, satisfied: 0 }
  t.match(of(log, 'survey'), [{ survey: 'QUALITY_CARDS', ...figures }])
  t.end()
})

t.test('only grassroots offices are rated: no law firm, no organisation that is merely named', (t) => {
  const log = supervised()
  log.add('office-f', 'OfficeRegistered', '2020-01-01', { kind: 'law-firm' })
  log.add('office-b', 'OfficeRegistered', '2020-01-01', { kind: 'legal-service-office' })
  log.add('record-c', 'RecordOpened', '2020-01-01', { office: 'c' })
  t.same(log.base().offices(), ['b', 'c'])
  t.same(log.base().offices(log.events.length - 2), ['b'], 'as recorded before')
  t.end()
})

t.test('return visits: asked, reached, answered, satisfied of each; unreachable is never satisfied', (t) => {
  const log = new Log()
  const visit = (number: number, reached: boolean, outcome: string, satisfied?: boolean) => {
    const stream = `returnvisit-${number}`
    log.add(stream, 'ReturnVisitAssigned', '2025-01-01', { office: 'a', visitor: 'v', handlers: [], attempts: 3 })
    log.add(stream, 'VisitAttempted', '2025-01-02', { method: 'phone', reached })
    log.add(stream, 'ReturnVisitRecorded', '2025-01-03', { outcome, ...(satisfied === undefined ? {} : { satisfied }) })
  }
  visit(1, true, 'solved', true)
  visit(2, true, 'not-solved', false)
  visit(3, true, 'declined')
  visit(4, false, 'unreachable')
  const figures = of(log, 'survey').map(({ asked, reached, answered, satisfied }) =>
    [asked, reached, answered, satisfied].join(''),
  )
  t.same(figures.sort(), ['1000', '1100', '1110', '1111'])
  t.ok(of(log, 'survey').every(({ survey }) => survey === 'RETURN_VISITS'))
  t.end()
})
