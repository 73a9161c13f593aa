import fc from 'fast-check'
import t from 'tap'
import type { PenaltyItem } from '../../../src/domain/penalty/fields.ts'
import { debtOf, overpaid, sumOf, surcharge, withPayment, withRefund } from '../../../src/domain/penalty/money.ts'
import { capsInForce, highestFine, isHeavier, levelOfDivision } from '../../../src/domain/penalty/powers.ts'
import { civilDate, dayNumber } from '../../../src/domain/time.ts'

const DUE = '2026-01-28'
const later = (days: number) => civilDate(dayNumber(DUE) + days)

t.test('72: late payment adds 3 % a day, never more than the fine', async (t) => {
  t.equal(surcharge(90_000, DUE, DUE), 0, 'paid on the last day')
  t.equal(surcharge(90_000, DUE, '2026-01-20'), 0, 'paid before')
  t.equal(surcharge(90_000, DUE, later(1)), 2_700)
  t.equal(surcharge(90_000, DUE, later(33)), 89_100)
  t.equal(surcharge(90_000, DUE, later(34)), 90_000, 'capped')
  t.equal(surcharge(90_000, DUE, later(5_000)), 90_000)
  t.equal(surcharge(1, DUE, later(33)), 0, 'whole fen, rounded down once at the end')
  t.equal(surcharge(33, DUE, later(2)), 1)
  t.equal(surcharge(0, DUE, later(9)), 0)
})

t.test('72: what is paid in parts adds less', async (t) => {
  const parts = [{ amount: 60_000, at: later(10) }]
  t.equal(surcharge(90_000, DUE, later(12), [], parts), 10 * 2_700 + 2 * 900)
  t.equal(surcharge(90_000, DUE, later(90), [], [{ amount: 90_000, at: later(2) }]), 5_400, 'the day of payment counts')
})

t.test('73: days of a reconsideration or suit add nothing', async (t) => {
  t.equal(surcharge(90_000, DUE, later(10), [{ from: later(3), to: later(6) }]), 7 * 2_700)
  t.equal(surcharge(90_000, DUE, later(10), [{ from: DUE }]), 0, 'while it runs')
  const twice = [
    { from: later(3), to: later(6) },
    { from: later(4), to: later(8) },
  ]
  t.equal(surcharge(90_000, DUE, later(10), twice), 5 * 2_700, 'overlapping ranges count once')
})

const amount = fc.integer({ min: 1, max: 10_000_000_00 })
const days = fc.integer({ min: -20, max: 60 })
const range = fc.tuple(days, fc.option(fc.nat(30))).map(([from, length]) => ({
  from: later(from),
  ...(length === null ? {} : { to: later(from + length) }),
}))

t.test(
  'property: the surcharge grows with lateness and with the fine, shrinks with pauses, and is capped',
  async () => {
    fc.assert(
      fc.property(
        amount,
        days,
        fc.nat(20),
        fc.array(range, { maxLength: 3 }),
        range,
        (fine, on, more, pauses, pause) => {
          const added = surcharge(fine, DUE, later(on), pauses)
          return (
            Number.isSafeInteger(added) &&
            added >= 0 &&
            added <= fine &&
            added <= surcharge(fine, DUE, later(on + more), pauses) &&
            added <= surcharge(fine + more, DUE, later(on), pauses) &&
            added >= surcharge(fine, DUE, later(on), [...pauses, pause])
          )
        },
      ),
    )
  },
)

t.test('property: payments and refunds are exact: what was overpaid goes back once, and nothing else', async () => {
  const target = fc.constantFrom('fine' as const, 'confiscation' as const, 'surcharge' as const)
  const item = (kind: 'fine' | 'confiscation', amount: number): PenaltyItem[] => (amount > 0 ? [{ kind, amount }] : [])
  fc.assert(
    fc.property(
      fc.array(fc.tuple(target, amount), { maxLength: 6 }),
      fc.nat(9_999_999),
      fc.nat(9_999_999),
      (payments, fine, confiscation) => {
        const debt = debtOf([...item('fine', fine), ...item('confiscation', confiscation)])
        let paid = { fine: 0, confiscation: 0, surcharge: 0 }
        for (const [of, fen] of payments) paid = { ...withPayment(paid, of, fen) }
        const over = sumOf(overpaid(paid, debt))
        const back = withRefund(paid, debt, over)
        const half = withRefund(paid, debt, Math.floor(over / 2))
        return (
          sumOf(overpaid(back, debt)) === 0 &&
          sumOf(paid) - sumOf(back) === over &&
          sumOf(overpaid(half, debt)) === over - Math.floor(over / 2)
        )
      },
    ),
  )
})

const penalty: fc.Arbitrary<PenaltyItem> = fc.oneof(
  fc.constantFrom({ kind: 'warning' as const }, { kind: 'public-criticism' as const }, { kind: 'revocation' as const }),
  fc.record({
    kind: fc.constantFrom('fine' as const, 'confiscation' as const),
    amount: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({ kind: fc.constant('suspension' as const), months: fc.integer({ min: 1, max: 3 }) }),
)
const penalties = fc.uniqueArray(penalty, { selector: ({ kind }) => kind, maxLength: 4 })

t.test('property: heavier is never the same, and what is not heavier twice is not heavier', async () => {
  fc.assert(
    fc.property(penalties, penalties, penalties, (a, b, c) => {
      if (isHeavier(a, a)) return false
      const money = (list: readonly PenaltyItem[]) => debtOf(list).fine + debtOf(list).confiscation
      // Not heavier means in particular: not more money.
      return isHeavier(a, b) || (money(a) <= money(b) && (isHeavier(b, c) || money(a) <= money(c)))
    }),
    { numRuns: 2000 },
  )
})

t.test('caps: three times the gains and 30,000 yuan; a place may be stricter only', async (t) => {
  const caps = capsInForce('order-138', 'worker')!
  t.equal(highestFine(caps, 500_000), 1_500_000)
  t.equal(highestFine(caps, 100_000_000), 3_000_000)
  t.equal(highestFine(caps, 0), 0)
  const local = { maxFine: 2_000_000, gainsMultiple: 2, citation: '某省裁量基准' }
  t.match(capsInForce('order-137', 'office', local), { maxFine: 2_000_000, gainsMultiple: 2, laxer: false })
  t.equal(capsInForce('order-137', 'office', { ...local, gainsMultiple: 4 })!.laxer, true)
  t.equal(capsInForce('lawyers-law', 'office')!.maxFine, 10_000_000)
  t.equal(capsInForce('other', 'office'), undefined)
})

t.test('level by division: a district of a municipality punishes like a city', async (t) => {
  t.same(['340000', '341700', '341702', '310101', '110000', '341702001'].map(levelOfDivision), [
    'province',
    'city',
    'county',
    'municipal-district',
    'province',
    'county',
  ])
})
