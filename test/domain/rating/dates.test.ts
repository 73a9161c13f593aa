import fc from 'fast-check'
import t from 'tap'
import { addMonths, completeMonths, completeYear, lapseAfter } from '../../../src/domain/rating/dates.ts'
import { civilDate, dayNumber } from '../../../src/domain/time.ts'

/** T − n months by 民法典 202: the corresponding day, else the last of the month. */
function before(date: string, months: number): string {
  const month = addMonths(date.slice(0, 7), -months)
  const last = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 0)).getUTCDate()
  return `${month}-${String(Math.min(Number(date.slice(8)), last)).padStart(2, '0')}`
}

t.test('the lapse is the first day T with T − n months on or after the day itself', (t) => {
  const day = fc.integer({ min: dayNumber('2019-01-01'), max: dayNumber('2029-12-31') }).map(civilDate)
  fc.assert(
    fc.property(day, fc.integer({ min: 1, max: 60 }), (date, months) => {
      const lapse = lapseAfter(date, months)
      const eve = civilDate(dayNumber(lapse) - 1)
      return before(lapse, months) >= date && before(eve, months) < date
    }),
    { numRuns: 500 },
  )
  t.equal(lapseAfter('2025-01-31', 1), '2025-03-01')
  t.equal(lapseAfter('2025-01-28', 1), '2025-02-28')
  t.equal(lapseAfter('2024-12-31', 12), '2025-12-31')
  t.end()
})

t.test('months cross years both ways; complete months and years are those that are over', (t) => {
  t.equal(addMonths('2025-01', -1), '2024-12')
  t.equal(addMonths('2025-12', 1), '2026-01')
  t.equal(addMonths('2025-06', -30), '2022-12')
  t.same(completeMonths('2026-02-28', 3), ['2025-11', '2025-12', '2026-01'])
  t.equal(completeYear('2026-12-31'), 2025)
  t.end()
})
