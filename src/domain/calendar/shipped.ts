/**
 * The calendars that come with the program: the State Council's holiday notices for 2007–2026, each as it was published. Data derived
 * from the npm package chinese-days (MIT, see THIRD-PARTY-NOTICES.md) by scripts/make-holidays.ts.
 */
import notices from './holidays-cn.json' with { type: 'json' }
import { calendarSource } from './source.ts'
import type { HolidayNotice } from './view.ts'

export const shippedNotices: readonly HolidayNotice[] = notices

/** Calendars of every moment from the shipped notices alone. */
export const shippedCalendars = calendarSource(shippedNotices)
