import t from 'tap'
import {
  calendarDecider,
  calendarStream,
  calendarsOf,
  type HolidayCalendarPublished,
} from '../../../src/domain/calendar/calendar.ts'
import { deadline } from '../../../src/domain/calendar/deadline.ts'
import { shippedCalendars, shippedNotices } from '../../../src/domain/calendar/shipped.ts'
import { calendarSource } from '../../../src/domain/calendar/source.ts'
import { showYear } from '../../../src/domain/calendar/year.ts'
import { type DecideContext, decide, provisionalStep } from '../../../src/domain/decider.ts'
import type { NewEvent } from '../../../src/domain/event.ts'
import { fold } from '../../../src/domain/history.ts'

const context: DecideContext = {
  now: '2026-11-22T02:00:00.000Z',
  effectiveAt: '2026-11-22T02:00:00.000Z',
  actor: { operator: true },
  organisation: 'o1',
  newId: (path) => path,
  limit: () => undefined,
  policy: 'limits@0',
}
const off = (...dates: string[]) => dates.map((date) => ({ date, name: '元旦' }))
const notice = (more: Partial<HolidayCalendarPublished> = {}): HolidayCalendarPublished => ({
  year: 2027,
  noticeNumber: '国办发明电〔2026〕9号',
  publishedOn: '2026-11-10',
  offDays: off('2027-01-01', '2027-01-02', '2027-01-03'),
  workDays: [],
  ...more,
})
const given = (...events: NewEvent[]) => ({
  when(action: string, body: unknown) {
    const steps = events.map((event, place) => provisionalStep(event, context, place))
    const schema = calendarDecider.actions[action]!.body
    return decide(calendarDecider, action, schema.parse(body), fold(calendarDecider, steps), context)
  },
})
const publication = (more: Partial<HolidayCalendarPublished> = {}): NewEvent => ({
  type: 'HolidayCalendarPublished',
  data: notice(more),
  effectiveAt: more.publishedOn ?? '2026-11-10',
})
const refusedFor = (decision: ReturnType<typeof decide>) => (decision.ok ? 'accepted' : decision.refusal.code)

t.test('a notice takes effect on the day it was published', async (t) => {
  t.same(given().when('publish', notice()), {
    ok: true,
    events: [{ type: 'HolidayCalendarPublished', data: notice(), effectiveAt: '2026-11-10' }],
  })
  t.equal(calendarStream(notice()), 'calendar-2027')
  t.equal(calendarStream({ division: '341700' }), 'calendar-341700')
})

t.test('an amendment is one more publication for the same year', async (t) => {
  const amended = notice({ noticeNumber: '国办发明电〔2026〕10号', publishedOn: '2026-11-20' })
  t.match(given(publication()).when('publish', amended), { ok: true, events: [{ data: amended }] })
})

t.test('the same notice once more records nothing', async (t) => {
  t.same(given(publication()).when('publish', notice()), { ok: true, events: [] })
})

t.test('what is no calendar is refused', async (t) => {
  const when = (more: Partial<HolidayCalendarPublished>) => refusedFor(given().when('publish', notice(more)))
  t.equal(when({ publishedOn: '2026-11-23' }), 'effective-in-future')
  t.equal(when({ offDays: off('2027-01-01', '2027-01-01') }), 'calendar-day-repeated')
  t.equal(when({ offDays: off('2027-01-02'), workDays: off('2027-01-02') }), 'calendar-day-repeated')
  t.equal(when({ offDays: off('2026-10-01') }), 'calendar-day-outside-year')
  t.equal(when({ offDays: off('2026-12-31') }), 'accepted')
  t.equal(when({ workDays: off('2027-01-04') }), 'make-up-day-not-weekend')
  t.equal(when({ workDays: off('2027-01-09') }), 'accepted')
})

t.test('a publication out of order, twice, or for another year is refused', async (t) => {
  const when = (more: Partial<HolidayCalendarPublished>) =>
    refusedFor(given(publication()).when('publish', notice(more)))
  t.equal(when({ noticeNumber: 'n2', publishedOn: '2026-11-09' }), 'calendar-notice-order')
  t.equal(when({ noticeNumber: 'n2', publishedOn: '2026-11-10' }), 'calendar-notice-order')
  t.equal(when({ publishedOn: '2026-11-20' }), 'calendar-notice-repeated')
  const other = { noticeNumber: 'n2', publishedOn: '2026-11-20', year: 2026, offDays: off('2026-01-01') }
  t.equal(when(other), 'calendar-year-differs')
})

t.test('local days are declared for a division', async (t) => {
  const body = {
    division: '341700',
    declaredOn: '2026-11-20',
    offDays: ['2026-11-23'],
    reason: '防汛',
    notice: '池防指〔2026〕1号',
  }
  const event = { type: 'LocalDaysDeclared', data: body, effectiveAt: '2026-11-20' }
  t.same(given().when('declare-local-days', body), { ok: true, events: [event] })
  t.equal(refusedFor(given(event).when('declare-local-days', body)), 'calendar-notice-repeated')
  const again = { ...body, notice: 'n2', offDays: ['2026-11-23', '2026-11-23'] }
  t.equal(refusedFor(given(event).when('declare-local-days', again)), 'calendar-day-repeated')
  t.equal(refusedFor(given().when('declare-local-days', { ...body, declaredOn: '2026-11-23' })), 'effective-in-future')
  t.throws(() => given().when('declare-local-days', { ...body, division: 'Chizhou' }))
})

t.test('a published year settles what was provisional, from its publication on', async (t) => {
  const step = provisionalStep(publication(), context, 0)
  const { notices, local } = calendarsOf([step])
  const source = calendarSource([...shippedNotices, ...notices], local)
  const clock = { startedAt: '2026-12-28', limit: '5wd', pauses: [], extensions: [] }
  t.match(deadline(clock, source.at('2026-11-09')), { due: '2027-01-04', provisional: true })
  t.match(deadline(clock, source.at('2026-11-10')), {
    due: '2027-01-05',
    provisional: false,
    calendars: ['cn-2026@2025-11-04', 'cn-2027@2026-11-10'],
  })
})

t.test('a year is shown with the notice in force and those it amended, an unpublished one is refused', async (t) => {
  const shown = showYear(shippedCalendars, 2020)
  t.match(shown, {
    ok: true,
    value: { workdays: 249, notice: { id: 'cn-2020@2020-01-27' }, amended: [{ id: 'cn-2020@2019-11-21' }] },
  })
  if (shown.ok) t.match(shown.value.days[1], { date: '2020-01-19', kind: 'make-up', name: '春节' })
  t.match(showYear(shippedCalendars, 2020, '2020-01-26'), {
    ok: true,
    value: { workdays: 251, notice: { number: '国办发明电〔2019〕16号' }, amended: [] },
  })
  t.match(showYear(shippedCalendars, 2027), {
    ok: false,
    refusal: { code: 'calendar-year-unknown', detail: { year: 2027 } },
  })
  t.match(showYear(shippedCalendars, 2026, '2025-11-03'), { ok: false })
})
