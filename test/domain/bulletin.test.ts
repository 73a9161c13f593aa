import fc from 'fast-check'
import t from 'tap'
import { periodOf, reportDecider, reportKinds, reportStream } from '../../src/domain/bulletin.ts'
import { civilDate, dayNumber } from '../../src/domain/time.ts'
import { given } from '../support/scenario.ts'

// The first step happens on Monday 2026-01-05 at 09:00.
const figures = {
  ...{ asOf: 412, computedAt: '2026-01-05T08:59:00+08:00', method: 'board@1' },
  rows: [
    { counts: { open: 4, overdue: 1 } },
    { unit: 'unit-1', name: '司法所', counts: { open: 4, 'visits.asked': 2 } },
  ],
}
const facts = { figures }
const none = () => given(reportDecider)
const weekly = () => none().did('submitWeekly', { day: '2026-01-07' }, { facts, limits: { 'report.review': '3wd' } })

t.test('the weekly statistics are read by two leaders, each himself (S1-2.3)', async (t) => {
  const submitted = none()
    .when('submitWeekly', { day: '2026-01-07', text: '本周平稳' }, { facts })
    .then([{ type: 'WeeklyReportSubmitted', data: { from: '2026-01-05', until: '2026-01-11', ...figures } }])
  const once = submitted.did('reviewWeekly', { as: 'leader-in-charge' }, { by: 'deputy' })
  t.equal(once.state.status, 'issued')
  once.when('reviewWeekly', { as: 'director-general' }, { by: 'deputy' }).then('report-reader-repeated')
  once.when('reviewWeekly', { as: 'leader-in-charge' }, { by: 'other' }).then('report-already-reviewed')
  const read = once.did('reviewWeekly', { as: 'director-general', comment: '知悉' }, { by: 'director' })
  t.match(read.state, { status: 'reviewed', reviews: [{ by: 'deputy' }, { by: 'director' }] })
  read.when('reviewWeekly', { as: 'director-general' }, { by: 'x' }).then('report-already-reviewed')
  none().when('reviewWeekly', { as: 'director-general' }).then('report-not-issued')
  once
    .when('reviewWeekly', { as: 'director-general' }, { by: 'director', at: '2026-01-04' })
    .then('step-before-its-predecessor')
})

t.test('the clock of the reading stops with the second reader', async (t) => {
  const one = weekly().did('reviewWeekly', { as: 'leader-in-charge' }, { by: 'deputy' })
  t.match(one.state.clocks, [{ kind: 'report.review', limit: '3wd', stoppedAt: undefined }])
  t.ok(one.did('reviewWeekly', { as: 'director-general' }, { by: 'director' }).state.clocks[0]?.stoppedAt)
})

t.test('a bulletin and an inspection report carry the figures and what they were computed at (S4-4.3b)', async (t) => {
  const bulletin = none()
    .when('issueBulletin', { day: '2026-01-05', document: '督通〔2026〕1号' }, { facts })
    .then([{ type: 'BulletinIssued', data: { from: '2026-01-01', until: '2026-01-31', ...figures } }])
  t.strictSame(bulletin.state.figures, figures)
  bulletin.when('issueBulletin', { day: '2026-01-05' }, { facts }).then('report-already-issued')
  bulletin.when('reviewWeekly', { as: 'director-general' }).then('report-not-weekly')
  none()
    .when('issueInspection', { day: '2026-01-05', findings: [{ office: 'office-1', finding: '台账不全' }] }, { facts })
    .then([
      {
        type: 'QuarterlyInspectionIssued',
        data: { from: '2026-01-01', until: '2026-03-31', findings: [{ finding: '台账不全' }] },
      },
    ])
})

t.test('figures are computed, never told', async (t) => {
  t.throws(() => none().when('issueBulletin', { day: '2026-01-05', rows: figures.rows }, { facts }))
  none()
    .when('issueBulletin', { day: '2026-01-05' })
    .then({ code: 'facts-missing', detail: { facts: 'figures' } })
})

t.test('no report of a period to come, nor with figures later than itself, nor a unit twice', async () => {
  none().when('issueBulletin', { day: '2026-02-01' }, { facts }).then('report-period-not-begun')
  none()
    .when('issueBulletin', { day: '2026-01-05' }, { facts: { figures: { ...figures, computedAt: '2026-01-06' } } })
    .then('report-figures-later')
  none()
    .when(
      'issueBulletin',
      { day: '2026-01-05' },
      { facts: { figures: { ...figures, rows: [...figures.rows, figures.rows[0]] } } },
    )
    .then('report-unit-repeated')
})

t.test('property: periods of a kind cover every day once, and name one stream', async () => {
  fc.assert(
    fc.property(fc.constantFrom(...reportKinds), fc.integer({ min: 13_000, max: 21_000 }), (kind, number) => {
      const day = civilDate(number)
      const { from, until } = periodOf(kind, day)
      const next = periodOf(kind, civilDate(dayNumber(until) + 1))
      return (
        from <= day &&
        day <= until &&
        dayNumber(next.from) === dayNumber(until) + 1 &&
        reportStream(kind, 'o', from) === reportStream(kind, 'o', until)
      )
    }),
  )
})
