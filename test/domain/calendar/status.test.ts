import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { shippedCalendars, shippedNotices } from '../../../src/domain/calendar/shipped.ts'
import { calendarSource } from '../../../src/domain/calendar/source.ts'
import { type ClockState, clockAt, clockStatus } from '../../../src/domain/calendar/status.ts'
import type { Clock } from '../../../src/domain/clock.ts'

const clock = (more: Partial<Clock>): Clock => ({
  id: 'reply',
  kind: 'complaint.reply',
  startedAt: '2026-03-02',
  pauses: [],
  extensions: [],
  rule: '信访工作条例 34',
  organisation: 'o1',
  ...more,
})
const at = (moment: string, more: Partial<Clock>) => clockStatus(clock(more), moment, shippedCalendars)
const state = (moment: string, more: Partial<Clock>) => {
  const status = at(moment, more)
  return `${status.state} ${status.light}`
}

t.test('overdue begins the day after the last day', async (t) => {
  const limit = '5wd'
  t.equal(state('2026-03-09', { limit }), 'dueSoon yellow')
  t.equal(state('2026-03-09T23:59:59.999+08:00', { limit }), 'dueSoon yellow')
  t.equal(state('2026-03-10T00:00:00+08:00', { limit }), 'overdue red')
  t.equal(state('2026-03-09T11:59:59-04:00', { limit }), 'dueSoon yellow')
  t.equal(state('2026-03-09T12:00:00-04:00', { limit }), 'overdue red')
  t.equal(state('2026-03-10', { limit }), 'overdue red')
})

t.test('an instant is over at that instant', async (t) => {
  const dueAt = '2026-03-09T12:00:00+08:00'
  t.equal(state('2026-03-09T04:00:00Z', { dueAt }), 'dueSoon yellow')
  t.equal(state('2026-03-09T04:00:00.001Z', { dueAt }), 'overdue red')
  t.equal(state('2026-03-09', { dueAt }), 'overdue red', 'a date is its end')
  t.equal(state('2026-03-20', { dueAt, stoppedAt: '2026-03-09T04:00:00Z' }), 'closedOnTime grey')
  t.equal(state('2026-03-20', { dueAt, stoppedAt: '2026-03-09T04:00:01Z' }), 'closedLate grey')
})

t.test('yellow is three working days by default, and policy', async (t) => {
  const limit = '10wd' // due on 16 March
  t.equal(state('2026-03-10', { limit }), 'open green')
  t.equal(state('2026-03-11', { limit }), 'dueSoon yellow')
  t.equal(at('2026-03-11', { limit }).workdaysLeft, 3)
  t.equal(at('2026-03-16', { limit }).workdaysLeft, 0)
  t.equal(at('2026-03-18', { limit }).workdaysLeft, -2)
  t.equal(clockStatus(clock({ limit }), '2026-03-11', shippedCalendars, { yellowWorkdays: 1 }).light, 'green')
})

t.test('paused, without deadline, cancelled', async (t) => {
  const pauses = [{ from: '2026-03-05', reason: 'hearing' }]
  t.equal(state('2026-03-04', { limit: '10wd', pauses }), 'open green', 'not paused yet')
  t.equal(state('2026-03-05', { limit: '5wd', pauses }), 'paused grey')
  t.equal(state('2030-01-01', { limit: '5wd', pauses }), 'paused grey')
  t.equal(state('2026-03-20', {}), 'noDeadline green')
  t.equal(state('2026-03-20', { stoppedAt: '2026-03-10' }), 'closedNoDeadline grey')
  t.equal(state('2026-03-20', { limit: '5wd', cancelledAt: '2026-03-10' }), 'cancelled grey')
  t.equal(state('2026-03-09', { limit: '5wd', cancelledAt: '2026-03-10' }), 'dueSoon yellow')
})

t.test('what happened later has not happened yet', async (t) => {
  const whole = clock({
    limit: '5wd',
    pauses: [
      { from: '2026-03-04', to: '2026-03-06', reason: 'hearing' },
      { from: '2026-03-10', to: '2026-03-11', reason: 'review' },
    ],
    stoppedAt: '2026-03-12',
  })
  t.match(clockAt(whole, '2026-03-05'), { pauses: [{ from: '2026-03-04', to: undefined }], stoppedAt: undefined })
  t.equal(clockAt(whole, '2026-03-12'), whole)
  t.equal(state('2026-03-05', whole), 'paused grey')
  t.equal(state('2026-03-12', whole), 'closedOnTime grey')
  const stopped = { limit: '5wd', stoppedAt: '2026-03-04T12:00:00+08:00' }
  t.equal(state('2026-03-04T04:00:00Z', stopped), 'closedOnTime grey', 'at that very moment it has')
  t.equal(state('2026-03-04T03:59:59.999Z', stopped), 'dueSoon yellow')
})

t.test('a clock that ended while it was paused is judged by the days before the pause', async (t) => {
  const pauses = [{ from: '2026-03-05', reason: 'hearing' }]
  t.equal(state('2026-04-20', { limit: '5wd', pauses, stoppedAt: '2026-04-01' }), 'closedOnTime grey')
  const after = [{ from: '2026-03-11', reason: 'hearing' }]
  t.equal(state('2026-04-20', { limit: '5wd', pauses: after, stoppedAt: '2026-04-01' }), 'closedLate grey')
  t.equal(state('2026-04-20', { limit: '5wd', pauses: after }), 'overdue red')
})

t.test('a running clock follows the notices, a decided one keeps the calendar of its day', async (t) => {
  const running = clock({ startedAt: '2020-01-13', limit: '10wd' })
  const due = (moment: string, more: Partial<Clock> = {}) =>
    clockStatus({ ...running, ...more }, moment, shippedCalendars).deadline.due
  t.equal(due('2020-01-26'), '2020-01-31')
  t.equal(due('2020-01-27'), '2020-02-03')
  t.equal(due('2026-11-22', { stoppedAt: '2020-01-20' }), '2020-01-31')
  t.equal(due('2026-11-22', { stoppedAt: '2020-01-20', decidedCalendar: '2020-01-28' }), '2020-02-03')
  const states = ['2020-02-02', '2020-02-03', '2020-02-04'].map((m) => clockStatus(running, m, shippedCalendars).state)
  t.same(states, ['dueSoon', 'dueSoon', 'overdue'])
  t.equal(clockStatus(running, '2020-01-31T12:00:00Z', shippedCalendars).calendarBound, '2020-01-31')
})

t.test('local days off count in their division and below', async (t) => {
  const local = {
    id: 'local-341700@2026-03-03:池防指〔2026〕1号',
    division: '341700',
    declaredOn: '2026-03-03',
    offDays: ['2026-03-05', '2026-03-06'],
    reason: '防汛',
    notice: '池防指〔2026〕1号',
  }
  const source = calendarSource(shippedNotices, [local])
  const due = (moment: string, division?: string) =>
    clockStatus(clock({ limit: '5wd' }), moment, source, undefined, division).deadline
  t.match(due('2026-03-04', '341702'), { due: '2026-03-11', calendars: ['cn-2026@2025-11-04', local.id] })
  t.equal(due('2026-03-04', '341700').due, '2026-03-11')
  t.equal(due('2026-03-04', '340100').due, '2026-03-09')
  t.equal(due('2026-03-04').due, '2026-03-09')
  t.equal(due('2026-03-02', '341702').due, '2026-03-09', 'not declared yet')
  t.equal(source.at('2026-03-04', '341702').reason(20517), '防汛')
  t.equal(source.at('2026-03-04', '341702'), source.at('2026-03-09', '341721'), 'views are shared')
})

const file = new URL('../../../../shared/data/boston-311-sla/boston311_animal_2013-2019_redacted.csv', import.meta.url)
const absent = existsSync(file)
  ? false
  : 'shared/data/boston-311-sla is not here: the verdicts of a city cannot be compared'
if (absent) console.error(absent)

t.test("a city's own verdicts, row by row", { skip: absent }, async (t) => {
  type Row = Record<'open_dt' | 'sla_target_dt' | 'closed_dt' | 'on_time', string>
  const rows = parse(readFileSync(file), { columns: true, bom: true }) as Row[]
  // Written in local time; any one offset compares alike.
  const instant = (text: string) => (text === '' ? undefined : `${text.replace(' ', 'T')}-05:00`)
  const counts = new Map<ClockState, number>()
  let differing = 0
  for (const row of rows) {
    const found = clockStatus(
      clock({
        startedAt: instant(row.open_dt)!,
        ...(row.sla_target_dt ? { dueAt: instant(row.sla_target_dt)! } : {}),
        ...(row.closed_dt ? { stoppedAt: instant(row.closed_dt)! } : {}),
      }),
      '2022-10-01T00:00:00-04:00',
      shippedCalendars,
    ).state
    // Ten rows close before they open; an import refuses them, their verdict holds all the same.
    const refused = row.closed_dt !== '' && row.closed_dt < row.open_dt
    if (!refused) counts.set(found, (counts.get(found) ?? 0) + 1)
    if ((found === 'overdue' || found === 'closedLate') !== (row.on_time === 'OVERDUE')) differing++
  }
  t.equal(differing, 0)
  t.same(Object.fromEntries(counts), {
    overdue: 3316,
    noDeadline: 13704,
    closedLate: 1056,
    closedOnTime: 23431,
    closedNoDeadline: 5121,
  })
})
