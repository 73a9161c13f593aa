import t from 'tap'
import { shippedCalendars } from '../../../src/domain/calendar/shipped.ts'
import { planOf } from '../../../src/domain/cycle/plan.ts'
import { OfficeFacts } from '../../../src/domain/rating/facts.ts'
import { momentOf } from '../../../src/domain/rating/rate.ts'
import { starScheme } from '../../../src/domain/rating/schemes/shipped.ts'
import { ratingSource } from '../../../src/domain/rating/sources/rating.ts'
import { formalStanding } from '../../../src/domain/rating/standing.ts'
import { run, Story } from './scenario.ts'

const warn = (story: Story, year: number) =>
  story.found(year).on(`${year}-06-10`, 'issueWarning', { document: `W${year}` })
const four = {
  subjectiveFault: ['E1'],
  substantiatedComplaint: ['E2'],
  notActivelyHandled: ['E3'],
  graveSocialImpact: ['E4'],
}

/** The formal level that the facts of the story give. */
const formal = (story: Story, at = '2035-01-01') =>
  formalStanding(new OfficeFacts('a', ratingSource.facts(story.steps, 'rating-a', shippedCalendars)), momentOf(at))
    ?.level

t.test('S0-4.6d: two successive warnings downgrade by one, in the same record', (t) => {
  const story = new Story().awarded(4)
  t.equal(warn(story, 2026), 'StarWarningIssued')
  story.announced(2026)
  t.equal(formal(story), 4)
  t.equal(warn(story, 2027), 'StarWarningIssued StarDowngraded')
  t.match(story.steps.at(-1)?.data, { cause: 'TWO_WARNINGS', taken: 1 })
  t.equal(formal(story), 3)
  t.equal(story.state.ladder.level, 3)
  t.equal(story.state.ladder.streak, 0)
  t.ok(story.state.plaque)
  t.end()
})

t.test('two warnings with a clean inspection between them do not downgrade (Q2)', (t) => {
  const story = new Story().awarded(4)
  warn(story, 2026)
  story.announced(2026)
  story.on('2027-06-01', 'scheduleInspection', { year: 2027 })
  story.on('2027-06-02', 'completeInspection', { inspectors: ['p1'], conforming: true })
  t.equal(story.on('2027-06-03', 'closeInspection', {}), 'SpecialInspectionClosed')
  t.equal(warn(story, 2028), 'StarWarningIssued')
  t.equal(formal(story), 4)
  t.end()
})

t.test('a finding that is not confirmed is a clean inspection', (t) => {
  const story = new Story().awarded(4)
  warn(story, 2026)
  story.announced(2026)
  story.on('2027-06-01', 'scheduleInspection', { year: 2027 })
  story.on('2027-06-02', 'completeInspection', { inspectors: ['p1'], conforming: false })
  story.on('2027-06-03', 'findNonconformity', { document: 'F' })
  story.on('2027-06-04', 'checkFinding', { checkedBy: 'p5' })
  story.on('2027-06-05', 'confirmFinding', { confirmed: false, document: 'C' })
  t.equal(story.on('2027-06-06', 'closeInspection', {}), 'SpecialInspectionClosed')
  t.equal(warn(story, 2028), 'StarWarningIssued')
  t.end()
})

t.test('the last star lost takes the plaque with it', (t) => {
  const story = new Story().awarded(1).found(2026)
  t.equal(story.on('2026-06-10', 'downgrade', { category: 'service', document: 'D' }), 'StarDowngraded PlaqueWithdrawn')
  t.equal(formal(story), 0)
  t.notOk(story.state.plaque)
  t.end()
})

t.test('S0-4.6b, c: finding, preliminary check, confirmation, measure, announcement, in this order', (t) => {
  const story = new Story().awarded(4)
  t.equal(story.on('2026-06-01', 'issueWarning', { document: 'W' }), 'inspection-step-missing')
  story.on('2026-06-01', 'scheduleInspection', { year: 2026 })
  t.equal(story.on('2026-06-01', 'scheduleInspection', { year: 2026 }), 'inspection-open')
  t.equal(story.on('2026-06-02', 'checkFinding', { checkedBy: 'p5' }), 'inspection-step-missing')
  story.on('2026-06-02', 'completeInspection', { inspectors: ['p1'], conforming: false })
  t.equal(story.on('2026-06-03', 'closeInspection', {}), 'inspection-step-missing', 'something was not in order')
  story.on('2026-06-03', 'findNonconformity', { document: 'F' })
  t.equal(story.on('2026-06-04', 'confirmFinding', { confirmed: true, document: 'C' }), 'inspection-step-missing')
  story.on('2026-06-04', 'checkFinding', { checkedBy: 'p5' })
  t.equal(story.on('2026-06-05', 'downgrade', { document: 'D' }), 'inspection-step-missing')
  story.on('2026-06-05', 'confirmFinding', { confirmed: true, document: 'C' })
  t.equal(story.on('2026-06-06', 'issueWarning', { document: 'W' }), 'StarWarningIssued')
  t.equal(story.on('2026-06-06', 'issueWarning', { document: 'W' }), 'inspection-step-missing', 'one measure')
  t.equal(story.on('2026-06-07', 'closeInspection', {}), 'measure-unannounced')
  story.announced(2026)
  t.equal(story.state.inspection, undefined)
  t.equal(story.on('2026-09-01', 'scheduleInspection', { year: 2026 }), 'inspection-too-early')
  t.equal(story.on('2027-01-05', 'scheduleInspection', { year: 2027 }), 'SpecialInspectionScheduled')
  t.end()
})

t.test('S0-4.6f: only the authority that awarded the plaque takes measures', (t) => {
  const other = { person: 'p7', role: 'leading-group', organisation: 'other-bureau' }
  const story = new Story().awarded(4).found(2026)
  t.equal(story.on('2026-06-10', 'issueWarning', { document: 'W' }, other), 'not-awarding-authority')
  t.equal(story.on('2026-06-10', 'downgrade', { document: 'W' }, other), 'not-awarding-authority')
  t.equal(story.on('2026-06-10', 'takeMeasure', { measure: '约谈', document: 'W' }, other), 'not-awarding-authority')
  t.equal(
    story.on('2026-06-10', 'veto', { complaint: 'c', facts: four, document: 'V' }, other),
    'not-awarding-authority',
  )
  t.equal(story.on('2026-06-10', 'takeMeasure', { measure: '约谈', document: 'W' }), 'OtherMeasureTaken')
  t.end()
})

t.test('S0-4.6e: the veto needs all four facts with evidence, and the complaint', (t) => {
  for (const name of Object.keys(four)) {
    const story = new Story().awarded(5)
    const veto = (facts: object, complaint: string | undefined = 'complaint-1') =>
      story.on('2026-03-01', 'veto', { ...(complaint === undefined ? {} : { complaint }), facts, document: 'V' })
    t.equal(veto({ ...four, [name]: undefined }), `veto-facts-incomplete /facts/${name}`)
    t.equal(veto({ ...four, [name]: [] }), `veto-facts-incomplete /facts/${name}`, 'a fact without evidence is none')
    t.ok(story.state.plaque)
  }
  const story = new Story().awarded(5)
  t.equal(story.on('2026-03-01', 'veto', { facts: four, document: 'V' }), 'body complaint')
  const loss = { ...four, graveSocialImpact: undefined, graveLoss: ['E5'] }
  t.equal(
    story.on('2026-03-01', 'veto', { complaint: 'complaint-1', facts: loss, document: 'V' }),
    'OneVoteVetoApplied PlaqueWithdrawn',
  )
  t.equal(formal(story), 0)
  t.notOk(story.state.plaque)
  t.equal(story.on('2026-03-02', 'issuePlaque', { number: 'P2' }), 'vetoed-this-cycle')
  t.end()
})

t.test('Q7: after a veto not in the running cycle, in the next one yes', (t) => {
  const story = new Story().awarded(5)
  story.on('2026-03-01', 'veto', { complaint: 'complaint-1', facts: four, document: 'V' })
  t.equal(story.enrol('2026-09-01'), 'vetoed-this-cycle')
  t.equal(
    story.on('2027-09-20', 'enrol', { office: 'a', cycle: 'c2027', plan: planOf(starScheme, 2027) }),
    'OfficeEnrolled',
  )
  t.equal(
    story.on('2027-10-05', 'submitSelfAssessment', { scores: [{ criterion: 'S0-5.1.1', points: 1 }] }),
    'SelfAssessmentSubmitted',
  )
  t.end()
})

t.test('a veto while the cycle runs ends it for this office', (t) => {
  const story = new Story().awarded(5)
  story.on('2027-09-20', 'enrol', { office: 'a', cycle: 'c2027', plan: planOf(starScheme, 2027) })
  story.on('2027-10-01', 'veto', { complaint: 'complaint-1', facts: four, document: 'V' })
  t.equal(
    story.on('2027-10-05', 'submitSelfAssessment', { scores: [{ criterion: 'S0-5.1.1', points: 1 }] }),
    'vetoed-this-cycle',
  )
  t.end()
})

t.test('a measure quashed gives back what it took, and only that', (t) => {
  const story = new Story().awarded(4).found(2026)
  story.on('2026-06-10', 'downgrade', { document: 'D1' })
  const first = story.last('StarDowngraded')
  story.announced(2026).found(2027)
  story.on('2027-06-10', 'downgrade', { document: 'D2' })
  t.equal(formal(story), 2)
  const quash = () => story.on('2027-07-01', 'quashMeasure', { of: first, authority: '市司法局', document: 'J' })
  t.equal(quash(), 'MeasureQuashed')
  t.same(story.steps.at(-1)?.corrects, { event: first, mode: 'annul' })
  t.equal(story.state.ladder.level, 3)
  t.equal(formal(story), 3)
  t.equal(quash(), 'record-target-settled /of')
  t.end()
})

t.test('official re-rating: proposal, notice, reply, another person decides, the old rating is superseded', (t) => {
  const story = new Story().awarded(4)
  const award = story.last('RatingPublished')
  const result = { level: 5, categories: [], points: 490, run: { ...run, asOf: 200 } }
  t.equal(
    story.on('2026-02-01', 'proposeRerating', { award: 'x', ...result, proposedBy: 'p5' }),
    'rating-not-published /award',
  )
  t.equal(story.on('2026-02-01', 'proposeRerating', { award, ...result, proposedBy: 'p5' }), 'ReratingProposed')
  t.equal(story.on('2026-02-01', 'proposeRerating', { award, ...result, proposedBy: 'p5' }), 'rerating-open')
  t.equal(story.on('2026-02-02', 'decideRerating', { adopted: true, decidedBy: 'p9', document: 'R' }), 'rerating-step')
  story.on('2026-03-02', 'notifyRerating', {})
  t.equal(
    story.on('2026-03-17', 'decideRerating', { adopted: true, decidedBy: 'p9', document: 'R' }),
    'appeal-window-open',
  )
  t.equal(story.on('2026-03-05', 'recordReratingReply', { document: 'A' }), 'ReratingReplyRecorded')
  t.equal(
    story.on('2026-03-06', 'decideRerating', { adopted: true, decidedBy: 'p5', document: 'R' }),
    'same-person /decidedBy',
  )
  const supersede = (level: number) =>
    story.on('2026-03-07', 'supersede', { award, cycle: 'c2025', from: 4, ...result, level, document: 'S' })
  t.equal(supersede(5), 'rerating-step')
  story.on('2026-03-06', 'decideRerating', { adopted: true, decidedBy: 'p9', document: 'R' })
  t.equal(supersede(3), 'result-not-as-noticed /run', 'another level than was decided')
  t.equal(formal(story), 4, 'the old one stays in force until then')
  t.equal(supersede(5), 'RatingSuperseded')
  t.equal(formal(story), 5)
  t.equal(formal(story, '2026-03-06'), 4, 'nothing is overwritten')
  t.end()
})

t.test('a re-rating without reply waits for the window; one not adopted changes nothing', (t) => {
  const story = new Story().awarded(4)
  const award = story.last('RatingPublished')
  story.on('2026-02-01', 'proposeRerating', { award, level: 5, categories: [], points: 490, run, proposedBy: 'p5' })
  story.on('2026-03-02', 'notifyRerating', {})
  t.equal(
    story.on('2026-03-18', 'decideRerating', { adopted: false, decidedBy: 'p9', document: 'R' }),
    'ReratingDecided',
  )
  t.equal(story.state.rerating, undefined)
  t.equal(
    story.on('2026-03-19', 'supersede', {
      award,
      cycle: 'c2025',
      from: 4,
      level: 5,
      categories: [],
      points: 1,
      run,
      document: 'S',
    }),
    'rerating-step',
  )
  t.equal(story.on('2026-03-20', 'dismissAffected', { award, asOf: 7, document: 'N' }), 'AffectedDismissed')
  t.end()
})

t.test('a downgraded office comes back in the next cycle', (t) => {
  const story = new Story().awarded(4).found(2026)
  story.on('2026-06-10', 'downgrade', { document: 'D1' })
  story.announced(2026)
  const plan = planOf(starScheme, 2027)
  story.on('2027-09-20', 'enrol', { office: 'a', cycle: 'c2027', plan })
  story.on('2027-11-05', 'recordVisit', { inspectors: ['p1'] })
  for (const survey of ['PUBLIC', 'CLIENTS'])
    story.on('2027-11-05', 'recordSurvey', { survey, asked: 1, reached: 1, answered: 1, satisfied: 1 })
  const scores = plan.inspected.map(({ id, max }) => ({ criterion: id, points: max }))
  story.on('2027-11-06', 'recordScores', { scores, scorers: ['p1'] })
  story.on('2027-11-20', 'assess', { level: 5, categories: [], points: 500, run, assessors: ['p4'] })
  story.on('2027-11-21', 'notifyResult', {})
  story.on('2027-11-22', 'waiveAppeal', { document: 'A' })
  story.on('2027-11-23', 'startNotice', { channels: ['网站'] })
  t.equal(formal(story), 3)
  story.on('2027-12-30', 'closeNotice', {})
  t.equal(
    story.on('2027-12-30', 'publish', { cycle: 'c2027', level: 5, categories: [], points: 500, run }),
    'RatingPublished',
  )
  t.equal(formal(story), 5)
  t.equal(story.on('2027-12-31', 'issuePlaque', { number: 'P5' }), 'PlaqueIssued')
  t.end()
})
