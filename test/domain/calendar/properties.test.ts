import fc from 'fast-check'
import t from 'tap'
import { computeDeadline } from '../../../src/domain/calendar/compute.ts'
import { count, type Running } from '../../../src/domain/calendar/count.ts'
import { deadline } from '../../../src/domain/calendar/deadline.ts'
import { receipt } from '../../../src/domain/calendar/receipt.ts'
import { shippedCalendars } from '../../../src/domain/calendar/shipped.ts'
import { CalendarView } from '../../../src/domain/calendar/view.ts'
import { civilDate, dayNumber, sortKey } from '../../../src/domain/time.ts'

const view = shippedCalendars.at()
const first = dayNumber('2005-06-01')
const last = dayNumber('2027-12-31')
const day = fc.integer({ min: first, max: last })
const date = day.map(civilDate)
const units = fc.constantFrom('wd', 'd', 'mo', 'y', 'h')
const sizes: Record<string, number> = { wd: 130, d: 200, mo: 24, y: 4, h: 900 }
const limit = units.chain((unit) => fc.integer({ min: 0, max: sizes[unit]! }).map((n) => `${n}${unit}`))
const dayLimit = fc.constantFrom('wd', 'd').chain((unit) => fc.integer({ min: 0, max: 150 }).map((n) => `${n}${unit}`))
/** Pauses after a start, as offsets and lengths in days, overlapping at will. */
const spans = fc.array(fc.tuple(fc.integer({ min: 0, max: 120 }), fc.integer({ min: 0, max: 40 })), { maxLength: 5 })
const pausesOf = (start: number, list: readonly (readonly [number, number])[]) =>
  list.map(([from, length]) => ({ from: civilDate(start + from), to: civilDate(start + from + length), reason: '' }))

const clock = (startedAt: string, text: string, more: Partial<Running> = {}): Running => ({
  startedAt,
  limit: text,
  pauses: [],
  extensions: [],
  ...more,
})
const dueMs = (running: Running) => sortKey(deadline(running, view).due!)

t.test('a later start is never due earlier', async () => {
  fc.assert(
    fc.property(day, fc.integer({ min: 0, max: 60 }), limit, fc.boolean(), (start, later, text, roll) => {
      const [a, b] = [start, start + later].map((each) => dueMs(clock(civilDate(each), text, { roll })))
      return a! <= b!
    }),
  )
})

t.test('a later start is never due earlier, with the same pauses too', async () => {
  fc.assert(
    fc.property(day, fc.integer({ min: 0, max: 60 }), dayLimit, spans, (start, later, text, list) => {
      const pauses = pausesOf(start, list)
      const [a, b] = [start, start + later].map((each) => dueMs(clock(civilDate(each), text, { pauses })))
      return a! <= b!
    }),
  )
})

t.test('a pause of no length is the identity', async () => {
  fc.assert(
    fc.property(day, limit, fc.integer({ min: 0, max: 200 }), (start, text, at) => {
      const idle = pausesOf(start, [[at, 0]])
      return dueMs(clock(civilDate(start), text, { pauses: idle })) === dueMs(clock(civilDate(start), text))
    }),
  )
})

t.test('splitting a pause changes nothing', async () => {
  fc.assert(
    fc.property(day, limit, fc.integer({ min: 0, max: 90 }), fc.nat(30), fc.nat(30), (start, text, at, one, two) => {
      const whole = pausesOf(start, [[at, one + two]])
      const parts = pausesOf(start, [
        [at + one, two],
        [at, one],
      ])
      return (
        dueMs(clock(civilDate(start), text, { pauses: parts })) ===
        dueMs(clock(civilDate(start), text, { pauses: whole }))
      )
    }),
  )
})

t.test('overlapping pauses are their union', async () => {
  fc.assert(
    fc.property(day, limit, spans, (start, text, list) => {
      const covered = new Set(list.flatMap(([from, length]) => Array.from({ length }, (_, i) => from + i)))
      const union = [...covered].map((from) => [from, 1] as const)
      return (
        dueMs(clock(civilDate(start), text, { pauses: pausesOf(start, list) })) ===
        dueMs(clock(civilDate(start), text, { pauses: pausesOf(start, union) }))
      )
    }),
  )
})

t.test('a pause never makes a deadline earlier, and moves it by no more than the days it takes', async () => {
  fc.assert(
    fc.property(day, fc.integer({ min: 1, max: 100 }), fc.nat(90), fc.nat(30), (start, n, at, length) => {
      const without = count(clock(civilDate(start), `${n}d`), view)!.base
      const paused = count(clock(civilDate(start), `${n}d`, { pauses: pausesOf(start, [[at, length]]) }), view)!.base
      return paused >= without && paused <= without + length
    }),
  )
})

t.test('working days added and subtracted again lead back to a working day', async () => {
  fc.assert(
    fc.property(day, fc.integer({ min: 0, max: 400 }), (start, n) => {
      const from = view.roll(start)
      return (
        view.addWorkdays(view.addWorkdays(from, n), -n) === from &&
        view.addWorkdays(view.addWorkdays(from, -n), n) === from
      )
    }),
  )
})

t.test('adding working days agrees with counting them', async () => {
  fc.assert(
    fc.property(day, fc.integer({ min: 1, max: 400 }), (start, n) => {
      const end = view.addWorkdays(start, n)
      return (
        view.isWorkday(end) && view.workdaysBetween(start, end) === n && view.workdaysBetween(start, end - 1) === n - 1
      )
    }),
  )
})

t.test('the tables agree with plain stepping, inside and outside the published years', async () => {
  fc.assert(
    fc.property(
      day,
      fc.integer({ min: -60, max: 60 }),
      fc.constantFrom(view, new CalendarView('2020-01-01', [])),
      (start, n, calendar) => {
        let at = start
        for (let left = Math.abs(n); left > 0; ) {
          at += Math.sign(n)
          if (calendar.isWorkday(at)) left--
        }
        return calendar.addWorkdays(start, n) === at
      },
    ),
  )
})

t.test('where it rolls, the due day is a working day', async () => {
  fc.assert(
    fc.property(date, fc.constantFrom('d', 'mo', 'y', 'wd'), fc.integer({ min: -50, max: 50 }), (start, unit, n) => {
      if (unit === 'wd' && n === 0) return true
      const { due, warnOn } = deadline(clock(start, `${n}${unit}`), view)
      const direction = n < 0 ? -1 : 1
      return (
        view.isWorkday(dayNumber(due!)) &&
        (warnOn === undefined || Math.sign(dayNumber(due!) - dayNumber(warnOn)) === direction)
      )
    }),
  )
})

t.test('a receipt counts exactly the limit, in order, and ends on the due day', async () => {
  fc.assert(
    fc.property(
      day,
      fc.constantFrom('wd', 'd', 'mo', 'y'),
      fc.integer({ min: -30, max: 90 }),
      spans,
      (start, unit, n, list) => {
        const { lines, deadline: found } = receipt(
          { ...clock(civilDate(start), `${n}${unit}`, { pauses: pausesOf(start, list) }), rule: 'S0-4.4a' },
          view,
        )
        const dates = lines.map((line) => line.date)
        const sorted = [...dates].sort()
        if (n < 0) sorted.reverse()
        return (
          lines.filter((line) => line.counted).length === Math.abs(n) &&
          dates.at(-1) === found.due &&
          JSON.stringify(dates) === JSON.stringify(sorted)
        )
      },
    ),
  )
})

t.test('extending twice by days is extending once by their sum', async () => {
  fc.assert(
    fc.property(
      date,
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 30 }),
      (start, n, a, b) => {
        const due = (extensions: string[]) => deadline(clock(start, `${n}d`, { extensions }), view).due
        return (
          due([`${a}d`, `${b}d`]) === due([`${a + b}d`]) &&
          due([`${a + b}d`]) === deadline(clock(start, `${n + a + b}d`), view).due
        )
      },
    ),
  )
})

t.test('a cap is never passed, and never cuts what lies within it', async () => {
  fc.assert(
    fc.property(
      date,
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      (start, n, asked, cap) => {
        const capped = deadline(clock(start, `${n}d`, { extensions: [`${asked}d`], extensionCap: `${cap}d` }), view).due
        return capped === deadline(clock(start, `${n}d`, { extensions: [`${Math.min(asked, cap)}d`] }), view).due
      },
    ),
  )
})

t.test('any text gives an answer or a refusal, never an exception', async () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.oneof(fc.string(), limit),
      fc.array(fc.string(), { maxLength: 2 }),
      date,
      (from, text, pauses, start) => {
        for (const start_ of [from, start]) {
          const answer = computeDeadline({ from: start_, limit: text, pauses }, shippedCalendars)
          if (answer.ok && typeof answer.value.due !== 'string') return false
        }
        return true
      },
    ),
  )
})
