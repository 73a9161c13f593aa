import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Running } from '../../../src/domain/calendar/count.ts'
import { deadline, isLate, lastMoment, shanghaiInstant } from '../../../src/domain/calendar/deadline.ts'
import {
  addMonths,
  dateText,
  formatLimit,
  isLimit,
  mustParseLimit,
  parseLimit,
} from '../../../src/domain/calendar/limit.ts'
import { shippedCalendars } from '../../../src/domain/calendar/shipped.ts'
import { dayNumber } from '../../../src/domain/time.ts'
import { computed, vectors } from './vectors.ts'

const view = shippedCalendars.at('2026-11-22')
const clock = (startedAt: string, limit: string | undefined, more: Partial<Running> = {}): Running => ({
  startedAt,
  ...(limit === undefined ? {} : { limit }),
  pauses: [],
  extensions: [],
  ...more,
})
const due = (startedAt: string, limit: string | undefined, more: Partial<Running> = {}) =>
  deadline(clock(startedAt, limit, more), view).due
const pause = (from: string, to?: string) => ({ from, ...(to === undefined ? {} : { to }), reason: 'hearing' })

t.test('the vectors of the rule book', async (t) => {
  t.same(
    computed(),
    vectors.map((vector) => vector[2]),
  )
})

for (const TZ of ['UTC', 'Asia/Shanghai', 'America/Los_Angeles'])
  t.test(`the same days in a process that lives in ${TZ}`, async (t) => {
    const program = fileURLToPath(new URL('./vectors.ts', import.meta.url))
    const out = execFileSync(process.execPath, [program], { env: { ...process.env, TZ }, encoding: 'utf8' })
    t.same(
      JSON.parse(out),
      vectors.map((vector) => vector[2]),
    )
  })

t.test('limits are written as a number and a unit', async (t) => {
  t.same(parseLimit('15wd'), { count: 15, unit: 'wd' })
  t.same(parseLimit('-7d'), { count: -7, unit: 'd' })
  t.same(parseLimit('-0d'), { count: 0, unit: 'd' })
  t.equal(formatLimit({ count: 2, unit: 'mo' }), '2mo')
  for (const bad of ['', '5', 'wd', '5 wd', '1.5d', '5w', '5WD', '+5d', '123456d', '5d ']) t.notOk(isLimit(bad), bad)
  t.throws(() => mustParseLimit('soon'), TypeError)
})

t.test('months from any day to the same day or the end of the month', async (t) => {
  const plus = (date: string, months: number) => dateText(addMonths(dayNumber(date), months))
  t.equal(plus('2026-01-31', 1), '2026-02-28')
  t.equal(plus('2024-01-31', 1), '2024-02-29')
  t.equal(plus('2026-11-30', 3), '2027-02-28')
  t.equal(plus('2026-03-31', -1), '2026-02-28')
  t.equal(plus('2026-01-15', -13), '2024-12-15')
  t.equal(dateText(dayNumber('2100-01-01')), '2100-01-01')
  t.equal(dateText(dayNumber('1950-01-01')), '1950-01-01')
})

t.test('working days and hours never roll, the others do unless told otherwise', async (t) => {
  t.equal(due('2026-04-27', '7d', { roll: false }), '2026-05-04')
  t.equal(due('2026-09-01', '1mo'), '2026-10-08')
  t.equal(due('2026-09-01', '1mo', { roll: false }), '2026-10-01')
  t.equal(due('2025-10-01', '1y'), '2026-10-08')
  t.equal(due('2026-10-01', '0wd', { roll: true }), '2026-10-01')
  t.equal(due('2026-10-01', '0d'), '2026-10-08')
  t.equal(due('2026-03-10', '-1d'), '2026-03-09', 'a working day stays')
  t.equal(due('2026-09-30T12:00:00+08:00', '30h', { roll: true }), '2026-10-01T18:00:00+08:00')
})

t.test('the unrolled date is kept as a warning', async (t) => {
  t.match(deadline(clock('2026-08-03', '60d'), view), { due: '2026-10-08', warnOn: '2026-10-02' })
  t.notOk('warnOn' in deadline(clock('2026-11-03', '15d'), view))
})

t.test('a period that needs an unpublished year is provisional and says so', async (t) => {
  const provisional = (startedAt: string, limit: string, more: Partial<Running> = {}) =>
    deadline(clock(startedAt, limit, more), view).provisional
  t.ok(provisional('2026-12-28', '5wd'))
  t.notOk(provisional('2026-12-24', '5wd'), 'ends on 31 December')
  t.ok(provisional('2026-12-25', '5wd'))
  t.ok(provisional('2026-12-20', '15d'), 'whether the last day rolls is not known')
  t.notOk(provisional('2026-12-20', '15d', { roll: false }))
  t.notOk(provisional('2026-12-31T12:00:00+08:00', '24h'))
  t.notOk(deadline(clock('2026-12-01', undefined, { dueAt: '2027-02-01' }), view).provisional)
  t.ok(deadline(clock('2027-01-10', '-5wd'), view).provisional, 'backward through unpublished days')
  t.ok(provisional('2006-05-08', '5wd'), 'before the first notice')
  t.ok(deadline(clock('2026-03-02', '5wd'), shippedCalendars.at('2025-11-03')).provisional)
  t.notOk(deadline(clock('2026-03-02', '5wd'), shippedCalendars.at('2025-11-04')).provisional)
})

t.test('a deadline names the notices it used', async (t) => {
  t.same(deadline(clock('2020-01-13', '10wd'), shippedCalendars.at('2020-01-15')).calendars, ['cn-2020@2019-11-21'])
  t.same(deadline(clock('2020-01-13', '10wd'), view).calendars, ['cn-2020@2020-01-27'])
  t.same(deadline(clock('2011-12-28', '3wd'), view).calendars, ['cn-2011@2010-12-10', 'cn-2012@2011-12-06'])
})

t.test('a pause does not count, in the unit of the limit', async (t) => {
  t.equal(due('2026-03-02', '5wd'), '2026-03-09')
  t.equal(due('2026-03-02', '5wd', { pauses: [pause('2026-03-04', '2026-03-06')] }), '2026-03-11', 'two working days')
  t.equal(due('2026-03-02', '5wd', { pauses: [pause('2026-03-07', '2026-03-09')] }), '2026-03-09', 'a weekend is none')
  t.equal(due('2026-03-02', '5d', { pauses: [pause('2026-03-07', '2026-03-09')] }), '2026-03-09', 'two calendar days')
  t.equal(due('2026-03-02', '1mo', { pauses: [pause('2026-03-07', '2026-03-09')] }), '2026-04-07', '4 April rolls')
  const hours = { pauses: [pause('2026-03-02T12:00:00+08:00', '2026-03-02T13:30:00+08:00')] }
  t.equal(due('2026-03-02T09:00:00+08:00', '24h', hours), '2026-03-03T10:30:00+08:00')
})

t.test('a pause of no length, outside the period, or ending before it begins changes nothing', async (t) => {
  for (const limit of ['5wd', '9d', '2mo', '1y'])
    for (const idle of [
      pause('2026-03-04', '2026-03-04'),
      pause('2026-03-04T09:00:00+08:00', '2026-03-04T17:00:00+08:00'),
      pause('2026-01-01', '2026-03-03'),
      pause('2029-01-01', '2029-02-01'),
      pause('2029-01-01'),
      pause('2026-03-06', '2026-03-04'),
    ])
      t.equal(
        due('2026-03-02', limit, { pauses: [idle] }),
        due('2026-03-02', limit),
        `${limit} ${idle.from}/${idle.to}`,
      )
})

t.test(
  'a pause that begins on the last day takes that day, one that begins as the hour is over takes nothing',
  async (t) => {
    t.equal(due('2026-03-02', '5wd', { pauses: [pause('2026-03-09', '2026-03-10')] }), '2026-03-10')
    t.equal(due('2026-03-02', '9d', { pauses: [pause('2026-03-11', '2026-03-12')] }), '2026-03-12')
    t.match(deadline(clock('2026-03-02', '5wd', { pauses: [pause('2026-03-09')] }), view).paused, {
      remaining: { count: 1, unit: 'wd' },
    })
    t.equal(due('2026-03-02', '5wd', { pauses: [pause('2026-03-10', '2026-03-20')] }), '2026-03-09')
    t.equal(due('2026-03-02', '0d', { pauses: [pause('2026-03-01', '2026-03-10')] }), '2026-03-02')
    const at = (from: string, to: string) => due('2026-03-02T09:00:00+08:00', '24h', { pauses: [pause(from, to)] })
    t.equal(at('2026-03-03T09:00:00+08:00', '2026-03-03T10:00:00+08:00'), '2026-03-03T09:00:00+08:00')
    t.equal(at('2026-03-02T08:00:00+08:00', '2026-03-02T10:00:00+08:00'), '2026-03-03T10:00:00+08:00')
  },
)

t.test('stopping twice or resuming twice counts once', async (t) => {
  const once = due('2026-03-02', '10wd', { pauses: [pause('2026-03-04', '2026-03-11')] })
  const twice = [
    pause('2026-03-04', '2026-03-09'),
    pause('2026-03-05', '2026-03-11'),
    pause('2026-03-04', '2026-03-06'),
  ]
  t.equal(due('2026-03-02', '10wd', { pauses: twice }), once)
})

t.test('an open pause has no due date, and what is left in the unit of the limit', async (t) => {
  const left = (startedAt: string, limit: string, from: string) =>
    deadline(clock(startedAt, limit, { pauses: [pause(from)] }), view)
  t.match(left('2026-03-02', '5wd', '2026-03-05'), {
    paused: { since: '2026-03-05', remaining: { count: 3, unit: 'wd' } },
  })
  t.notOk('due' in left('2026-03-02', '5wd', '2026-03-05'))
  t.match(left('2026-03-02', '60d', '2026-03-05').paused, { remaining: { count: 58, unit: 'd' } })
  t.same(left('2026-03-02', '60d', '2026-03-05').calendars, [], 'no day had to be looked up yet')
  t.match(left('2026-01-15', '2mo', '2026-02-16').paused, { remaining: { count: 1, unit: 'mo', days: 0 } })
  t.match(left('2026-01-15', '2mo', '2026-02-20').paused, { remaining: { count: 0, unit: 'mo', days: 24 } })
  t.match(left('2026-01-15', '3mo', '2026-02-20').paused, { remaining: { count: 1, unit: 'mo', days: 27 } })
  t.match(left('2026-03-02T09:00:00+08:00', '24h', '2026-03-02T12:00:00+08:00').paused, {
    since: '2026-03-02T12:00:00+08:00',
    remaining: { count: 21, unit: 'h' },
  })
  t.equal(left('2026-03-02', '5wd', '2026-03-10').due, '2026-03-09', 'a pause after the end stops nothing')
})

t.test('extensions run from the unrolled base date and end at the cap', async (t) => {
  t.equal(due('2026-08-03', '60d'), '2026-10-08')
  t.equal(due('2026-08-03', '60d', { extensions: ['10d'] }), '2026-10-12', 'ten days from 2 October, not from the 8th')
  t.equal(due('2026-08-03', '60d', { extensions: ['10d', '10d'] }), '2026-10-22')
  t.equal(
    due('2026-08-03', '60d', { extensions: ['20d', '20d'], extensionCap: '30d' }),
    '2026-11-02',
    '1 November is a Sunday',
  )
  t.equal(due('2026-08-03', '60d', { extensions: ['20d'], extensionCap: '30d' }), '2026-10-22')
  t.equal(due('2026-08-03', '60d', { extensions: ['3wd'] }), '2026-10-10', 'units may meet')
  t.equal(due('2026-03-02', '5wd', { extensions: ['1mo'] }), '2026-04-09')
  t.equal(due('2026-03-02', '5wd', { extensions: ['25h'] }), '2026-03-11', 'begun days')
  const paused = { extensions: ['5wd'], pauses: [pause('2026-03-10', '2026-03-12')] }
  t.equal(due('2026-03-02', '5wd', paused), '2026-03-18', 'a pause during the extension')
  t.equal(
    due('2026-03-02T09:00:00+08:00', '24h', { extensions: ['12h', '1d'], extensionCap: '30h' }),
    '2026-03-04T15:00:00+08:00',
  )
  t.equal(due('2026-03-02T09:00:00+08:00', '24h', { extensions: ['1mo'] }), '2026-04-03T09:00:00+08:00')
})

t.test('a given due time stays as it was given, unless paused or extended', async (t) => {
  const given = (dueAt: string, more: Partial<Running> = {}) => due('2026-03-02', undefined, { dueAt, ...more })
  t.equal(given('2026-05-02'), '2026-05-02')
  t.equal(given('2026-05-02', { roll: true }), '2026-05-06')
  t.equal(given('2026-05-02T12:00:00-04:00'), '2026-05-02T12:00:00-04:00')
  t.equal(given('2026-03-20', { pauses: [pause('2026-03-10', '2026-03-12')] }), '2026-03-22')
  t.equal(
    given('2026-03-20T09:00:00+08:00', { pauses: [pause('2026-03-10', '2026-03-12')] }),
    '2026-03-22T09:00:00+08:00',
  )
  t.equal(given('2026-03-20T09:00:00+08:00', { extensions: ['6h'] }), '2026-03-20T15:00:00+08:00')
  t.equal(given('2026-03-20T09:00:00+08:00', { extensions: ['5wd'] }), '2026-03-27')
  t.match(
    deadline(
      clock('2026-03-02', undefined, { dueAt: '2026-03-20T09:00:00+08:00', pauses: [pause('2026-03-19')] }),
      view,
    ),
    {
      paused: { remaining: { count: 33, unit: 'h' } },
    },
  )
  t.equal(given('2026-02-20'), '2026-02-20', 'a due date before the start is over, not an error')
  t.equal(given('2026-02-21', { roll: true }), '2026-02-24', 'and rolls forward like any other')
  t.same(deadline(clock('2026-03-02', undefined), view), { provisional: false, calendars: [] })
})

t.test('a date lasts until 24:00 in Shanghai, an instant is over at that instant', async (t) => {
  t.equal(new Date(lastMoment('2026-03-09')).toISOString(), '2026-03-09T15:59:59.999Z')
  t.notOk(isLate('2026-03-09T23:59:59+08:00', '2026-03-09'))
  t.ok(isLate('2026-03-10T00:00:00+08:00', '2026-03-09'))
  t.notOk(isLate('2026-03-09', '2026-03-09'))
  t.ok(isLate('2026-03-10', '2026-03-09'))
  t.notOk(isLate('2026-03-09T12:00:00+08:00', '2026-03-09T04:00:00Z'), 'exactly at the instant is in time')
  t.ok(isLate('2026-03-09T12:00:00.001+08:00', '2026-03-09T04:00:00Z'))
  t.notOk(isLate('2026-03-09', '2026-03-09T04:00:00Z'), 'a day against an hour of it: not certainly late')
  t.equal(shanghaiInstant(Date.parse('2026-03-09T16:00:00.250Z')), '2026-03-10T00:00:00.250+08:00')
})
