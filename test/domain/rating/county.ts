/** A county's events for rating tests: offices with every criterion of S0 met, to which tests add what costs stars. */
import { planOf } from '../../../src/domain/cycle/plan.ts'
import { starScheme } from '../../../src/domain/rating/schemes/shipped.ts'
import type { Log } from './helpers.ts'

export const plan2025 = planOf(starScheme, 2025)
export const allScores = (points: number) => plan2025.inspected.map(({ id }) => ({ criterion: id, points }))

/** Everything five stars need at the end of 2025. */
export function fiveStars(log: Log, office: string): void {
  const record = `record-${office}`
  log.add(`office-${office}`, 'OfficeRegistered', '2015-03-01', {
    kind: 'legal-service-office',
    name: `示范法律服务所 ${office}`,
    division: '341702',
    licence: `L-${office}`,
    organisation: 'org',
    registeredOn: '2015-03-01',
  })
  log.add(record, 'RecordOpened', '2022-01-01', { office })
  for (const year of [2022, 2023, 2024])
    log.add(record, 'AnnualAssessmentGraded', `${year + 1}-05-20`, { year, grade: 'QUALIFIED' })
  for (let month = 1; month <= 12; month++)
    log.add(record, 'StudyHeld', `2025-${String(month).padStart(2, '0')}-05`, { attendees: 4 })
  log.add(record, 'StudyHeld', '2024-12-05', { attendees: 4 })
  const rating = `rating-${office}`
  log.add(rating, 'OfficeEnrolled', '2025-09-20', { office, cycle: 'cycle-2025', plan: plan2025 })
  log.add(rating, 'OnSiteVisitRecorded', '2025-11-05', { inspectors: ['p1', 'p2'] })
  for (const survey of ['PUBLIC', 'CLIENTS', 'PARTY_ORGANISATION'])
    log.add(rating, 'SatisfactionSurveyed', '2025-11-05', {
      survey,
      asked: 40,
      reached: 38,
      answered: 30,
      satisfied: 29,
    })
  log.add(rating, 'OfficialScoresRecorded', '2025-11-06', { scores: allScores(20), scorers: ['p1'] })
}

/** The office's rating published at a level on 1 January 2026, from what was recorded so far. */
export function published(log: Log, office: string, level: number): string {
  return log.add(`rating-${office}`, 'RatingPublished', '2026-01-01', {
    cycle: 'cycle-2025',
    level,
    categories: [],
    points: 0,
    run: { asOf: log.events.length - 1, effectiveAt: '2025-12-31', scheme: 'star@1', digest: '0'.repeat(64) },
  })
}

/** A sanction served on a day. */
export const sanction = (log: Log, office: string, at: string, document = 'D1') =>
  log.add(`record-${office}`, 'SanctionRecorded', at, {
    nature: 'ADMINISTRATIVE_PENALTY',
    kinds: ['WARNING'],
    authority: '市司法局',
    document,
  })

/** The sanction quashed: annulled, as the decider records it. */
export const quash = (log: Log, office: string, at: string, of: string) =>
  log.add(
    `record-${office}`,
    'RecordQuashed',
    at,
    { of, authority: '法院', document: 'J1' },
    { corrects: { event: of, mode: 'annul' } },
  )
