import fc from 'fast-check'
import t from 'tap'
import { isLate } from '../../src/domain/calendar/deadline.ts'
import { cameInTime, decideMiss, judgeMiss, missedAt } from '../../src/domain/deadline-missed.ts'
import { civilDate, instantOfMs } from '../../src/domain/time.ts'

const clock = {
  ...{ id: 'complaint.reply', kind: 'complaint.reply', startedAt: '2026-01-05', limit: '5d' },
  ...{ pauses: [], extensions: [], rule: '信访工作条例 34', organisation: 'bureau' },
}
const miss = {
  ...{ clock: 'complaint.reply', kind: 'complaint.reply', due: '2026-01-12', organisation: 'bureau' },
  ...{ calendarBound: '2026-01-13', calendars: ['cn-2026@2025-11-04'] },
}
const now = (instant: string) => ({ now: instant })

t.test('a date is over at its 24:00 in Shanghai, an instant at that instant', async (t) => {
  t.equal(missedAt('2026-01-12'), '2026-01-12T16:00:00.000Z')
  t.equal(missedAt('2026-01-12T09:00:00+08:00'), '2026-01-12T01:00:00.001Z')
})

t.test('property: the legal moment is the first that is late', async () => {
  const dates = fc.integer({ min: 14_000, max: 21_000 }).map(civilDate)
  const instants = fc.integer({ min: 1_200_000_000_000, max: 1_800_000_000_000 }).map(instantOfMs)
  fc.assert(
    fc.property(fc.oneof(dates, instants), (due) => {
      const at = missedAt(due)
      return isLate(at, due) && !isLate(instantOfMs(Date.parse(at) - 1), due)
    }),
  )
})

t.test('it is recorded from the legal moment on, once for a due time', async (t) => {
  t.match(decideMiss(miss, [clock], [], now('2026-01-12T15:59:59.999Z')), {
    refusal: { code: 'deadline-not-missed-yet' },
  })
  t.strictSame(decideMiss(miss, [clock], [], now('2026-01-12T16:00:00.000Z')), {
    ok: true,
    events: [{ type: 'DeadlineMissed', data: miss, effectiveAt: '2026-01-12T16:00:00.000Z' }],
  })
  const known = [{ clock: miss.clock, due: miss.due }]
  t.strictSame(decideMiss(miss, [clock], known, now('2026-02-01T00:00:00Z')), { ok: true, events: [] })
  t.equal(judgeMiss(miss, [clock], known)?.code, 'deadline-miss-known')
  // An extension or a later notice moved the deadline: it can be missed again, by the new date.
  t.equal(judgeMiss({ ...miss, due: '2026-01-20' }, [clock], known), undefined)
})

t.test('what ended in time was not missed; what ended later was', async (t) => {
  const later = now('2026-02-01T00:00:00Z')
  for (const end of ['stoppedAt', 'cancelledAt']) {
    const inTime = { ...clock, [end]: '2026-01-12T23:59:00+08:00' }
    t.ok(cameInTime(inTime, miss.due))
    t.strictSame(decideMiss(miss, [inTime], [], later), { ok: true, events: [] })
    t.match(decideMiss(miss, [{ ...clock, [end]: '2026-01-13' }], [], later), { events: { length: 1 } })
  }
})

t.test('only a clock of the case, with a due time after its start', async (t) => {
  t.equal(judgeMiss({ ...miss, clock: 'unheard-of' }, [clock], [])?.code, 'deadline-clock-unknown')
  t.equal(judgeMiss({ ...miss, due: '2026-01-04' }, [clock], [])?.code, 'deadline-before-start')
})
