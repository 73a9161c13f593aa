/** Deadline vectors of domain.md 3.2 and of the outside check; also run as a program that prints what it computes. */
import { computeDeadline } from '../../../src/domain/calendar/compute.ts'
import { shippedCalendars } from '../../../src/domain/calendar/shipped.ts'

/** From, limit, due, and the day by which notices were published. */
export const vectors: readonly (readonly [from: string, limit: string, due: string, calendarAsOf?: string])[] = [
  ['2026-09-30', '5wd', '2026-10-13'],
  ['2026-02-13', '5wd', '2026-02-27'],
  ['2026-02-13', '7wd', '2026-03-02'],
  ['2026-09-18', '3wd', '2026-09-22'],
  ['2026-01-20', '20wd', '2026-02-24'],
  ['2026-04-27', '7wd', '2026-05-09'],
  ['2026-04-27', '7d', '2026-05-06'],
  ['2026-09-17', '15d', '2026-10-08'],
  ['2026-01-30', '15d', '2026-02-14'],
  ['2026-11-03', '15d', '2026-11-18'],
  ['2026-08-03', '60d', '2026-10-08'],
  ['2026-07-06', '90d', '2026-10-08'],
  ['2020-01-13', '10wd', '2020-02-03'],
  ['2020-01-13', '10wd', '2020-01-31', '2020-01-15'],
  // 劳动节 2019: a day off until the amendment of 22 March, four days and two make-up Sundays after it.
  ['2019-04-26', '3wd', '2019-05-02', '2019-03-21'],
  ['2019-04-26', '3wd', '2019-04-30', '2019-03-22'],
  ['2019-04-30', '1wd', '2019-05-02', '2019-03-21'],
  ['2019-04-30', '1wd', '2019-05-05', '2019-03-22'],
  // Instants in other offsets: late in the evening in Boston is the next day in Shanghai.
  ['2026-09-29T20:00:00-04:00', '5wd', '2026-10-13'],
  ['2026-09-29T15:59:59Z', '5wd', '2026-10-12'],
  ['2026-09-29T16:00:00Z', '5wd', '2026-10-13'],
  // Months and years end on the corresponding day, else at the month's end (民法典 202).
  ['2026-01-31', '1mo', '2026-02-28'],
  ['2024-02-29', '1y', '2025-02-28'],
  ['2025-08-31', '6mo', '2026-02-28'],
  // Backward periods roll backward.
  ['2026-10-10', '-7wd', '2026-09-23'],
  ['2026-10-10', '-7d', '2026-09-30'],
  ['2026-10-10T09:00:00+08:00', '-24h', '2026-10-09T09:00:00+08:00'],
  ['2026-09-30T10:30:00+08:00', '24h', '2026-10-01T10:30:00+08:00'],
]

export const computed = () =>
  vectors.map(([from, limit, , calendarAsOf]) => {
    const answer = computeDeadline({ from, limit, ...(calendarAsOf ? { calendarAsOf } : {}) }, shippedCalendars)
    return answer.ok ? answer.value.due : answer.refusal.code
  })

if (import.meta.main) console.log(JSON.stringify(computed()))
