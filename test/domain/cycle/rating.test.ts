import t from 'tap'
import { planOf } from '../../../src/domain/cycle/plan.ts'
import type { RatingStep } from '../../../src/domain/cycle/rating-events.ts'
import { guardRating } from '../../../src/domain/cycle/rating-guard.ts'
import { starScheme } from '../../../src/domain/rating/schemes/shipped.ts'
import { plan, run, Story, scores } from './scenario.ts'

t.test('S0-4.2b: 10月21日前 is read literally: the 20th is in time, the 21st late (Q3)', (t) => {
  t.equal(plan.selfAssessmentDue, '2025-10-20')
  const inclusive = planOf({ ...starScheme, calendar: { ...starScheme.calendar, selfAssessmentInclusive: true } }, 2025)
  t.equal(inclusive.selfAssessmentDue, '2025-10-21')
  for (const [day, late] of [
    ['2025-10-20', false],
    ['2025-10-21', true],
    ['2025-10-20T15:59:00Z', false],
    ['2025-10-20T16:00:00Z', true],
  ] as const) {
    const story = new Story()
    story.enrol()
    t.equal(story.on(day, 'submitSelfAssessment', { scores: scores(18.5) }), 'SelfAssessmentSubmitted')
    t.equal(story.state.current?.self?.late, late, day)
  }
  t.end()
})

t.test('self scores close when the inspection begins, and when it was visited', (t) => {
  const story = new Story()
  story.enrol()
  t.equal(story.on('2025-09-30', 'submitSelfAssessment', { scores: scores() }), 'cycle-phase')
  t.equal(story.on('2025-10-31', 'submitSelfAssessment', { scores: scores() }), 'SelfAssessmentSubmitted')
  t.equal(story.on('2025-11-01', 'submitSelfAssessment', { scores: scores() }), 'self-score-after-closing')
  t.end()
})

t.test('scores out of range, with three decimals, of unknown and of derived criteria', (t) => {
  const story = new Story()
  story.enrol()
  const submit = (criterion: string, points: number) =>
    story.on('2025-10-05', 'submitSelfAssessment', { scores: [{ criterion, points }] })
  t.equal(submit('S0-5.1.1', 20.01), 'score-out-of-range /scores/0/points')
  t.equal(submit('S0-5.1.1', -0.01), 'score-out-of-range /scores/0/points')
  t.equal(submit('S0-5.1.1', 19.999), 'score-too-precise /scores/0/points')
  t.equal(submit('S0-9', 1), 'criterion-unknown /scores/0/criterion')
  t.equal(submit('S0-5.2.4', 1), 'criterion-derived /scores/0/criterion')
  t.equal(submit('S0-5.1.1', 20), 'SelfAssessmentSubmitted')
  t.equal(submit('S0-5.1.1', 0), 'SelfAssessmentSubmitted')
  t.end()
})

t.test('S0-4.3: visit, then scores, both surveys, every inspected criterion, then the assessment', (t) => {
  const story = new Story()
  story.enrol()
  const assess = () =>
    story.on('2025-11-20', 'assess', { level: 4, categories: [], points: 480, run, assessors: ['p4'] })
  const survey = (kind: string) =>
    story.on('2025-11-05', 'recordSurvey', { survey: kind, asked: 9, reached: 8, answered: 7, satisfied: 7 })
  t.equal(story.on('2025-10-31', 'recordVisit', { inspectors: ['p1'] }), 'cycle-phase')
  t.equal(story.on('2025-11-02', 'recordScores', { scores: scores(), scorers: ['p1'] }), 'site-visit-missing')
  t.equal(assess(), 'site-visit-missing')
  story.on('2025-11-05', 'recordVisit', { inspectors: ['p1'] })
  t.equal(assess(), 'survey-missing')
  t.equal(survey('PUBLIC'), 'SatisfactionSurveyed')
  t.equal(assess(), 'survey-missing')
  survey('CLIENTS')
  t.equal(
    story.on('2025-11-05', 'recordSurvey', { survey: 'PUBLIC', asked: 9, reached: 8, answered: 7, satisfied: 8 }),
    'survey-numbers-inconsistent',
  )
  t.equal(assess(), 'criterion-missing')
  story.on('2025-11-10', 'recordScores', { scores: scores().slice(1), scorers: ['p1'] })
  t.equal(assess(), 'criterion-missing')
  story.on('2025-11-10', 'recordScores', { scores: scores().slice(0, 1), scorers: ['p1'] })
  t.equal(
    story.on('2025-11-20', 'assess', {
      level: 4,
      categories: [],
      points: 1,
      run: { ...run, scheme: 'star@2' },
      assessors: ['p'],
    }),
    'scheme-not-published /run/scheme',
  )
  t.equal(assess(), 'OverallAssessmentMade')
  t.equal(story.on('2025-11-21', 'recordScores', { scores: scores(), scorers: ['p1'] }), 'cycle-phase')
  t.end()
})

t.test('the appeal: in its window, decided by someone not involved, upheld means scoring again', (t) => {
  const story = new Story().assessed()
  t.equal(
    story.on('2025-11-20', 'startNotice', { channels: ['网站'] }),
    'cycle-phase',
    'not before the office was told',
  )
  story.on('2025-11-03', 'notifyResult', {})
  t.equal(
    story.on('2025-11-18', 'startNotice', { channels: ['网站'] }),
    'appeal-window-open',
    'the last day still belongs to the office',
  )
  t.equal(story.on('2025-11-19', 'appeal', { document: 'A1' }), 'appeal-window-over')
  t.equal(story.on('2025-11-18', 'appeal', { document: 'A1' }), 'AppealFiled')
  t.equal(story.on('2025-11-25', 'startNotice', { channels: ['网站'] }), 'appeal-pending')
  for (const person of ['p1', 'p2', 'p3', 'p4'])
    t.equal(
      story.on('2025-11-26', 'decideAppeal', { upheld: true, decidedBy: person, document: 'X' }),
      'decider-involved /decidedBy',
      person,
    )
  t.equal(story.on('2025-11-26', 'decideAppeal', { upheld: true, decidedBy: 'p8', document: 'X' }), 'AppealDecided')
  t.equal(story.state.current?.publication, 'none')
  t.equal(story.on('2025-11-27', 'recordScores', { scores: scores(19), scorers: ['p6'] }), 'OfficialScoresRecorded')
  t.end()
})

t.test('an appeal dismissed, or a window that passed, lets the notice begin', (t) => {
  const dismissed = new Story().assessed()
  dismissed.on('2025-11-03', 'notifyResult', {})
  dismissed.on('2025-11-05', 'appeal', { document: 'A1' })
  dismissed.on('2025-11-06', 'decideAppeal', { upheld: false, decidedBy: 'p8', document: 'X' })
  t.equal(dismissed.on('2025-11-07', 'appeal', { document: 'A2' }), 'appeal-window-over', 'one appeal')
  t.equal(dismissed.on('2025-11-07', 'startNotice', { channels: ['网站'] }), 'PublicNoticeStarted')
  const silent = new Story().assessed()
  silent.on('2025-11-03', 'notifyResult', {})
  t.equal(silent.on('2025-11-19', 'startNotice', { channels: ['网站'] }), 'PublicNoticeStarted')
  t.match(silent.steps.at(-1)?.data, { judged: { due: '2025-11-18' } })
  t.end()
})

t.test('S0-4.4: fifteen days of notice; an objection on the last day holds, a day later it is too late', (t) => {
  const story = new Story().noticed()
  t.equal(story.on('2025-12-10', 'closeNotice', {}), 'notice-running', 'nothing before the next day')
  t.equal(story.on('2025-12-11', 'raiseObjection', { document: 'O' }), 'notice-over')
  t.equal(story.on('2025-12-10T15:59:59Z', 'raiseObjection', { document: 'O' }), 'ObjectionRaised', '24:00 in Shanghai')
  t.match(story.steps.at(-1)?.data, { judged: { due: '2025-12-10' } })
  t.equal(story.on('2025-12-11', 'closeNotice', {}), 'objection-open')
  t.equal(
    story.on('2025-12-11', 'publish', { cycle: 'c2025', level: 4, categories: [], points: 1, run }),
    'notice-running',
  )
  const resolve = (of: string) =>
    story.on('2025-12-15', 'resolveObjection', { of, upheld: false, notice: 'CONTINUES', document: 'R' })
  t.equal(resolve('nobody'), 'objection-unknown /of')
  t.equal(resolve(story.last('ObjectionRaised')), 'ObjectionResolved')
  t.equal(story.on('2025-12-15', 'closeNotice', {}), 'PublicNoticeClosed')
  t.equal(story.on('2025-12-15', 'raiseObjection', { document: 'O' }), 'notice-over')
  t.end()
})

t.test('Q1: the notice rolls over a holiday and may restart after an objection (Q5)', (t) => {
  const story = new Story().assessed()
  story.on('2025-11-21', 'notifyResult', {})
  story.on('2025-11-24', 'waiveAppeal', { document: 'A1' })
  story.on('2025-12-17', 'startNotice', { channels: ['网站'] })
  t.equal(
    story.on('2026-01-04', 'closeNotice', {}),
    'notice-running',
    'raw end 1 January; 4 January is a make-up workday',
  )
  t.equal(story.on('2026-01-04', 'raiseObjection', { document: 'O' }), 'ObjectionRaised')
  story.on('2026-01-06', 'resolveObjection', {
    of: story.last('ObjectionRaised'),
    upheld: false,
    notice: 'RESTARTS',
    document: 'R',
  })
  t.equal(story.on('2026-01-20', 'closeNotice', {}), 'notice-running', 'fifteen days from the restart end on the 21st')
  t.equal(story.on('2026-01-22', 'closeNotice', {}), 'PublicNoticeClosed')
  t.end()
})

t.test('an objection upheld holds this office while another proceeds', (t) => {
  const [held, other] = [new Story().noticed(), new Story().noticed()]
  held.on('2025-12-01', 'raiseObjection', { document: 'O' })
  held.on('2025-12-05', 'resolveObjection', {
    of: held.last('ObjectionRaised'),
    upheld: true,
    notice: 'RESTARTS',
    document: 'R',
  })
  t.equal(held.on('2025-12-11', 'closeNotice', {}), 'cycle-phase')
  t.equal(
    held.on('2025-12-06', 'recordScores', { scores: [{ criterion: 'S0-5.1.1', points: 5 }], scorers: ['p1'] }),
    'OfficialScoresRecorded',
  )
  t.equal(
    held.on('2025-12-07', 'assess', { level: 3, categories: [], points: 465, run, assessors: ['p4'] }),
    'OverallAssessmentMade',
  )
  t.equal(other.on('2025-12-11', 'closeNotice', {}), 'PublicNoticeClosed')
  t.equal(
    other.on('2025-12-11', 'publish', { cycle: 'c2025', level: 4, categories: [], points: 480, run }),
    'RatingPublished',
  )
  t.end()
})

t.test('no plaque before the notice ended clean; level 0 gets none; commendation from three stars (Q4)', (t) => {
  const story = new Story().noticed(2)
  t.equal(story.on('2025-12-11', 'issuePlaque', { number: 'P1' }), 'rating-not-published')
  story.on('2025-12-11', 'closeNotice', {})
  const publish = (more: object) =>
    story.on('2025-12-11', 'publish', { cycle: 'c2025', level: 2, categories: [], points: 480, run, ...more })
  t.equal(publish({ level: 3 }), 'result-not-as-noticed /run', 'another level than was noticed')
  t.equal(publish({ points: 1 }), 'result-not-as-noticed /run', 'other points')
  t.equal(publish({ run: { ...run, digest: 'b'.repeat(64) } }), 'result-not-as-noticed /run', 'another ledger')
  t.equal(publish({ cycle: 'c2023' }), 'cycle-phase /cycle')
  t.equal(publish({}), 'RatingPublished')
  t.equal(story.on('2025-12-12', 'issuePlaque', { number: 'P1' }), 'PlaqueIssued')
  t.equal(story.on('2025-12-12', 'issuePlaque', { number: 'P2' }), 'plaque-held')
  t.equal(story.on('2025-12-12', 'commend', { document: 'B' }), 'level-too-low')
  t.equal(new Story().awarded(3).on('2025-12-12', 'commend', { document: 'B' }), 'OfficeCommended')
  t.notOk(new Story().awarded(0).state.plaque)
  t.end()
})

t.test('S0-4.5b: every two years', (t) => {
  const story = new Story().awarded()
  const next = (year: number) =>
    story.on(`${year}-09-20`, 'enrol', { office: 'a', cycle: `c${year}`, plan: planOf(starScheme, year) })
  t.equal(story.enrol('2025-12-20'), 'already-enrolled')
  t.equal(next(2026), 'cycle-not-due')
  t.equal(next(2027), 'OfficeEnrolled')
  t.equal(story.state.ladder.level, 4, 'the old rating stays in force')
  t.equal(next(2029), 'OfficeEnrolled', 'an older cycle that was never published gives way')
  t.end()
})

t.test('the first days of a phase belong to it', (t) => {
  const story = new Story()
  story.enrol()
  t.equal(story.on('2025-10-01', 'submitSelfAssessment', { scores: scores() }), 'SelfAssessmentSubmitted')
  t.equal(story.on('2025-11-01', 'recordVisit', { inspectors: ['p1'] }), 'OnSiteVisitRecorded')
  const survey = (asked: number, reached: number, answered: number, satisfied: number) =>
    story.on('2025-11-05', 'recordSurvey', { survey: 'PUBLIC', asked, reached, answered, satisfied })
  t.equal(survey(1, 2, 1, 1), 'survey-numbers-inconsistent')
  t.equal(survey(2, 1, 2, 1), 'survey-numbers-inconsistent')
  t.equal(survey(2, 2, 1, 2), 'survey-numbers-inconsistent')
  t.equal(survey(1, 1, 1, 1), 'SatisfactionSurveyed')
  t.end()
})

t.test('a running cycle gives way only to one that begins after its inspections', (t) => {
  const next = (selfAssessmentFrom: string) => {
    const story = new Story()
    story.enrol()
    return story.on('2025-12-05', 'enrol', { office: 'a', cycle: 'c2', plan: { ...plan, selfAssessmentFrom } })
  }
  t.equal(next('2025-11-30'), 'already-enrolled')
  t.equal(next('2025-12-01'), 'OfficeEnrolled')
  t.end()
})

t.test('an appeal that was made cannot be waived any more', (t) => {
  const story = new Story().assessed()
  story.on('2025-11-21', 'notifyResult', {})
  story.on('2025-11-22', 'appeal', { document: 'A1' })
  t.equal(story.on('2025-11-23', 'waiveAppeal', { document: 'A2' }), 'cycle-phase')
  t.end()
})

t.test('the guard says by itself why a step cannot stand, as corrections need it', (t) => {
  const judged = { due: '2025-12-10', calendars: [] }
  const code = (story: Story, type: string, data: object) => {
    const step = { ...story.steps[0]!, type, data, effectiveAt: '2025-12-05' } as unknown as RatingStep
    return guardRating(story.state, step)?.code
  }
  const result = { cycle: 'c2025', level: 4, categories: [], points: 1, run }
  const notified = new Story().assessed()
  notified.on('2025-11-21', 'notifyResult', {})
  t.equal(code(notified, 'ObjectionRaised', { document: 'O', judged }), 'notice-not-started')
  t.equal(code(notified, 'RatingPublished', result), 'cycle-phase')
  const noticed = new Story().noticed()
  t.equal(code(noticed, 'RatingPublished', result), 'notice-running')
  noticed.on('2025-12-11', 'closeNotice', {})
  t.equal(code(noticed, 'ObjectionRaised', { document: 'O', judged }), 'notice-over')
  const one = new Story().awarded(1)
  t.equal(code(one, 'PlaqueWithdrawn', { document: 'X' }), 'measure-not-allowed', 'one star keeps its plaque')
  t.end()
})

t.test('after a clean inspection nothing is found in it', (t) => {
  const story = new Story().awarded(4)
  story.on('2026-06-01', 'scheduleInspection', { year: 2026 })
  story.on('2026-06-02', 'completeInspection', { inspectors: ['p1'], conforming: true })
  t.equal(story.on('2026-06-03', 'findNonconformity', { document: 'F' }), 'inspection-open')
  t.end()
})
