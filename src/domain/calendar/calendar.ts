/**
 * Working-day calendars as events: a State Council notice published for a year (stream `calendar-<year>`; an amendment is one more
 * publication), and local days off in an emergency (stream `calendar-<division>`).
 */
import { z } from 'zod'
import { accepted, action, type Decider, type Refusal, refusal, refused } from '../decider.ts'
import type { NewEventOf, Step, StepOf } from '../event.ts'
import { isDivisionCode } from '../organisation-tree.ts'
import { dateOf, dayNumber, isCivilDate } from '../time.ts'
import { firstDayOfYear } from './limit.ts'
import type { HolidayNotice, LocalDays, NamedDay } from './view.ts'

const civilDate = z.string().refine(isCivilDate).meta({ format: 'date' })
const namedDay = z.strictObject({ date: civilDate, name: z.string().trim().min(1).max(60) })

/** A holiday notice as published: the year's arrangement whole, also when it amends. */
const published = z.strictObject({
  year: z.int().min(1949).max(2200),
  noticeNumber: z.string().trim().min(1).max(100),
  publishedOn: civilDate,
  offDays: z.array(namedDay).min(1).max(120),
  workDays: z.array(namedDay).max(60),
  source: z.url().max(500).optional(),
})
/** Days off in one place, declared by a local authority. */
const declared = z.strictObject({
  division: z.string().refine(isDivisionCode),
  declaredOn: civilDate,
  offDays: z.array(civilDate).min(1).max(60),
  reason: z.string().trim().min(1).max(200),
  notice: z.string().trim().min(1).max(200),
})

export const calendarEvents = {
  HolidayCalendarPublished: { version: 1, rule: '全国年节及纪念日放假办法', data: published },
  LocalDaysDeclared: { version: 1, rule: '突发事件应对法', data: declared },
} as const
export type CalendarEvents = typeof calendarEvents
export type HolidayCalendarPublished = z.output<typeof published>
export type LocalDaysDeclared = z.output<typeof declared>

export interface CalendarState {
  /** Publications of the stream's year, in the order recorded. */
  readonly publications: readonly HolidayCalendarPublished[]
  readonly declarations: readonly LocalDaysDeclared[]
}
const initial: CalendarState = { publications: [], declarations: [] }

function evolve(state: CalendarState, step: StepOf<CalendarEvents>): CalendarState {
  if (step.type === 'HolidayCalendarPublished') return { ...state, publications: [...state.publications, step.data] }
  if (step.type === 'LocalDaysDeclared') return { ...state, declarations: [...state.declarations, step.data] }
  return state
}

/** Days from the turn of the year that a notice may still arrange: a New Year's break reaches back into December. */
const AROUND = 31

/** Whether the days make a calendar: each once, in or near the year, make-up days on weekends. */
function judgeDays(notice: HolidayCalendarPublished): Refusal | undefined {
  const first = firstDayOfYear(notice.year) - AROUND
  const last = firstDayOfYear(notice.year + 1) - 1 + AROUND
  const seen = new Set<string>()
  const lists: [string, readonly NamedDay[]][] = [
    ['offDays', notice.offDays],
    ['workDays', notice.workDays],
  ]
  for (const [list, days] of lists)
    for (const [place, { date }] of days.entries()) {
      const more = { pointer: `/${list}/${place}/date`, detail: { date } }
      const day = dayNumber(date)
      if (day < first || day > last) return refusal('calendar-day-outside-year', undefined, more)
      if (seen.has(date)) return refusal('calendar-day-repeated', undefined, more)
      seen.add(date)
      const weekday = new Date(`${date}T00:00:00Z`).getUTCDay()
      if (list === 'workDays' && weekday !== 0 && weekday !== 6)
        return refusal('make-up-day-not-weekend', undefined, more)
    }
  return undefined
}

function guard(state: CalendarState, step: StepOf<CalendarEvents>): Refusal | undefined {
  if (step.type === 'LocalDaysDeclared') {
    const { offDays, notice } = step.data
    if (new Set(offDays).size < offDays.length)
      return refusal('calendar-day-repeated', undefined, { pointer: '/offDays' })
    if (state.declarations.some((each) => each.notice === notice))
      return refusal('calendar-notice-repeated', undefined, { pointer: '/notice' })
    return undefined
  }
  const notice = step.data
  const last = state.publications.at(-1)
  if (last && last.year !== notice.year)
    return refusal('calendar-year-differs', undefined, { pointer: '/year', detail: { year: last.year } })
  if (state.publications.some((each) => each.noticeNumber === notice.noticeNumber))
    return refusal('calendar-notice-repeated', undefined, { pointer: '/noticeNumber' })
  // Two publications of one day could not be told apart by date, and a view is bounded by dates.
  if (last && notice.publishedOn <= last.publishedOn)
    return refusal('calendar-notice-order', undefined, {
      pointer: '/publishedOn',
      detail: { publishedOn: last.publishedOn },
    })
  return judgeDays(notice)
}

type New = NewEventOf<CalendarEvents>

/** Publishing and amending holiday calendars, and declaring local days off. Both take effect on the day they were made public. */
export const calendarDecider: Decider<CalendarState, CalendarEvents> = {
  category: 'calendar',
  events: calendarEvents,
  initial,
  evolve,
  guard,
  actions: {
    publish: action({
      rule: '全国年节及纪念日放假办法',
      creates: true,
      body: published,
      decide: (body, state: CalendarState, context) => {
        if (body.publishedOn > dateOf(context.now))
          return refused('effective-in-future', undefined, { pointer: '/publishedOn' })
        const same = state.publications.find((each) => each.noticeNumber === body.noticeNumber)
        if (same && JSON.stringify(same) === JSON.stringify(body)) return accepted<New>()
        return accepted<New>({ type: 'HolidayCalendarPublished', data: body, effectiveAt: body.publishedOn })
      },
    }),
    'declare-local-days': action({
      rule: '突发事件应对法',
      creates: true,
      body: declared,
      decide: (body, _state: CalendarState, context) =>
        body.declaredOn > dateOf(context.now)
          ? refused('effective-in-future', undefined, { pointer: '/declaredOn' })
          : accepted<New>({ type: 'LocalDaysDeclared', data: body, effectiveAt: body.declaredOn }),
    }),
  },
}

/** The stream a body belongs in: one a year, one a division. */
export const calendarStream = (
  body: Pick<HolidayCalendarPublished, 'year'> | Pick<LocalDaysDeclared, 'division'>,
): string => `calendar-${'year' in body ? body.year : body.division}`

/** A publication as the calendar reads it. */
export const noticeOf = (data: HolidayCalendarPublished): HolidayNotice => ({
  id: `cn-${data.year}@${data.publishedOn}`,
  year: data.year,
  number: data.noticeNumber,
  publishedOn: data.publishedOn,
  offDays: data.offDays,
  workDays: data.workDays,
  ...(data.source === undefined ? {} : { source: data.source }),
})

/** A declaration as the calendar reads it. */
export const localDaysOf = (data: LocalDaysDeclared): LocalDays => ({
  id: `local-${data.division}@${data.declaredOn}:${data.notice}`,
  division: data.division,
  declaredOn: data.declaredOn,
  offDays: data.offDays,
  reason: data.reason,
  notice: data.notice,
})

/**
 * The notices and local days of recorded steps, to be added to the shipped ones. A notice for a year that is shipped too
 * stands beside it: of those published by a date, the last holds.
 * @param steps steps after corrections, in order of (own effective time, type rank, event id)
 */
export function calendarsOf(steps: readonly Step[]): { notices: HolidayNotice[]; local: LocalDays[] } {
  const notices: HolidayNotice[] = []
  const local: LocalDays[] = []
  for (const step of steps) {
    if (step.type === 'HolidayCalendarPublished') notices.push(noticeOf(step.data as HolidayCalendarPublished))
    if (step.type === 'LocalDaysDeclared') local.push(localDaysOf(step.data as LocalDaysDeclared))
  }
  return { notices, local }
}
