import fc from 'fast-check'
import t from 'tap'
import { shippedCalendars } from '../../src/domain/calendar/shipped.ts'
import { dutyTerms } from '../../src/domain/catalogue/oversight.ts'
import { dueOccurrences, metBy, obligationDecider, obligationStream } from '../../src/domain/obligation.ts'
import { defaultEntries } from '../../src/domain/policy-defaults.ts'
import { civilDate, dayNumber } from '../../src/domain/time.ts'
import { given } from '../support/scenario.ts'

const calendar = shippedCalendars.at('2026-01-05')
const entry = (every: string, more: object = {}) => ({
  ...{ kind: 'duty.x', every, force: 'internal' as const, citation: 'S1-2.3' },
  ...more,
})
const spans = (every: string, from: string, until: string) =>
  dueOccurrences([entry(every)], from, until, calendar).map((each) => [each.from, each.until, each.due])

t.test('weeks are Monday to Sunday, and what ends on a Sunday is due on the next working day', async (t) => {
  t.strictSame(spans('7d', '2026-01-07', '2026-01-12'), [
    ['2026-01-05', '2026-01-11', '2026-01-12'],
    ['2026-01-12', '2026-01-18', '2026-01-19'],
  ])
})

t.test('months, quarters, half-years, years and pairs of years begin where the calendar has them begin', async (t) => {
  t.strictSame(
    spans('1mo', '2026-02-01', '2026-02-28'),
    [['2026-02-01', '2026-02-28', '2026-02-28']],
    'a make-up working day',
  )
  t.strictSame(spans('3mo', '2026-05-15', '2026-05-15'), [['2026-04-01', '2026-06-30', '2026-06-30']])
  t.strictSame(spans('6mo', '2026-07-01', '2026-07-01'), [['2026-07-01', '2026-12-31', '2026-12-31']])
  t.strictSame(spans('1y', '2026-07-01', '2026-07-01'), [['2026-01-01', '2026-12-31', '2026-12-31']])
  t.strictSame(spans('2y', '2026-07-01', '2026-07-01'), [['2026-01-01', '2027-12-31', '2027-12-31']])
})

t.test('periods may begin elsewhere: a plaque is inspected every year from its month on (S0-4.6a)', async (t) => {
  const found = dueOccurrences([entry('1y')], '2026-01-01', '2026-12-31', calendar, { 'duty.x': '2024-12-10' })
  t.strictSame(
    found.map((each) => [each.from, each.until]),
    [
      ['2025-12-01', '2026-11-30'],
      ['2026-12-01', '2027-11-30'],
    ],
  )
  const tens = dueOccurrences([entry('10d')], '2026-01-12', '2026-01-12', calendar, { 'duty.x': '2026-01-05' })
  t.strictSame(
    tens.map((each) => [each.from, each.until]),
    [['2026-01-05', '2026-01-14']],
  )
})

t.test('a due day in a year without a published calendar is provisional', async (t) => {
  const [last] = dueOccurrences([entry('1y')], '2026-07-01', '2026-07-01', calendar)
  t.equal(last?.provisional, false, '31 December 2026 is a working day of a published year')
  t.equal(dueOccurrences([entry('2y')], '2026-07-01', '2026-07-01', calendar)[0]?.provisional, true)
})

t.test('a daily duty falls on working days, make-up days among them', async (t) => {
  // New Year 2026: off from 1 to 3 January, worked on Sunday 4 January.
  t.strictSame(
    spans('1d', '2026-01-01', '2026-01-05').map(([from]) => from),
    ['2026-01-04', '2026-01-05'],
  )
})

t.test('limits and fixed days do not recur', async (t) => {
  const once = [
    { kind: 'a', limit: '5d', force: 'internal' as const, citation: 'c' },
    { kind: 'b', fixed: { month: 1, day: 5 }, force: 'internal' as const, citation: 'c' },
    entry('5h'),
  ]
  t.strictSame(dueOccurrences(once, '2026-01-01', '2026-12-31', calendar), [])
})

t.test('property: the periods of a duty cover every day exactly once', async () => {
  fc.assert(
    fc.property(
      fc.constantFrom('7d', '10d', '14d', '1mo', '3mo', '6mo', '1y', '2y', '3y'),
      fc.integer({ min: 14_000, max: 20_500 }),
      fc.integer({ min: 0, max: 900 }),
      (every, first, length) => {
        const found = dueOccurrences([entry(every)], civilDate(first), civilDate(first + length), calendar)
        if (dayNumber(found[0]!.from) > first || dayNumber(found.at(-1)!.until) < first + length) return false
        return found.every(
          (each, place) => place === 0 || dayNumber(each.from) === dayNumber(found[place - 1]!.until) + 1,
        )
      },
    ),
  )
})

t.test('every recurring rule that ships has a name, and every duty an event meets is one of them', async (t) => {
  const recurring = defaultEntries.filter(({ every }) => every !== undefined).map(({ kind }) => kind)
  for (const kind of recurring) t.ok(dutyTerms[kind], kind)
  for (const kind of Object.keys(metBy)) t.ok(recurring.includes(kind), kind)
})

const occurrence = {
  ...{ duty: 'duty.weekly-statistics', from: '2026-01-05', until: '2026-01-11', roll: true },
  ...{ citation: 'S1-2.3', policy: 'limits@0' },
}
const reactor = { by: { reactor: 'duties' } }
const due = () => given(obligationDecider).did('open', occurrence, reactor)

t.test('a duty opens with its period, once, and is met by what met it', async (t) => {
  const opened = given(obligationDecider)
    .when('open', occurrence, reactor)
    .then([{ type: 'ObligationDue', effectiveAt: '2026-01-05', basis: { policy: 'limits@0' } }])
  opened.when('open', occurrence, reactor).then([])
  t.match(opened.state.clocks, [
    { kind: 'duty.weekly-statistics', dueAt: '2026-01-11', roll: true, organisation: 'bureau' },
  ])
  const met = opened.did('meet', { stream: 'report-weekly.bureau.2026-01-05', event: 'e1' }, reactor)
  t.equal(met.state.status, 'met')
  t.ok(met.state.clocks[0]?.stoppedAt)
  met.when('meet', { document: '台账' }).then([])
  met.when('waive', { reason: '不再适用' }).then('obligation-ended')
  t.equal(
    obligationStream('bureau', { ...occurrence, about: 'office-1' }),
    'obligation-bureau.duty.weekly-statistics.2026-01-05.office-1',
  )
})

t.test('a duty is met by something, on or after its first day', async () => {
  due().when('meet', {}).then('obligation-met-by-nothing')
  due().when('meet', { document: '台账', metAt: '2026-01-04' }).then('obligation-met-before')
  given(obligationDecider).when('meet', { document: '台账' }).then('obligation-not-due')
  given(obligationDecider)
    .when('open', { ...occurrence, from: '2026-01-12', until: '2026-01-18' }, reactor)
    .then('effective-in-future')
  given(obligationDecider)
    .when('open', { ...occurrence, until: '2026-01-04' }, reactor)
    .then('due-before-start')
})

t.test('a duty is waived with a reason, and has no verdict then', async (t) => {
  const waived = due().did('waive', { reason: '系统停用' })
  t.match(waived.state, { status: 'waived', clocks: [{ stoppedAt: undefined }] })
  t.ok(waived.state.clocks[0]?.cancelledAt)
  t.throws(() => due().when('waive', {}))
})
