/** Calendars of every moment from one set of notices, each built once. */
import { isWithin } from '../organisation-tree.ts'
import type { CivilDate } from '../time.ts'
import { CalendarView, type HolidayNotice, type LocalDays } from './view.ts'

/** Where calendars come from. "A view at T uses the notices published by T." */
export interface CalendarSource {
  /**
   * The calendar as known at the end of that day; without a day, with everything there is.
   * @param division the place, for local days off; without it national notices alone
   */
  readonly at: (bound?: CivilDate, division?: string) => CalendarView
  readonly notices: readonly HolidayNotice[]
  readonly local: readonly LocalDays[]
}

/** Views by what is in them, not by the date asked for: between two notices all days share one. */
export function calendarSource(notices: readonly HolidayNotice[], local: readonly LocalDays[] = []): CalendarSource {
  const turns = [...new Set([...notices.map((n) => n.publishedOn), ...local.map((l) => l.declaredOn)])].sort()
  const views = new Map<string, CalendarView>()
  const places = new Map<string, readonly LocalDays[]>()
  return {
    notices,
    local,
    at(bound, division) {
      let low = bound === undefined ? turns.length : 0
      let high = turns.length
      while (bound !== undefined && low < high) {
        const middle = (low + high) >>> 1
        if (turns[middle]! <= bound) low = middle + 1
        else high = middle
      }
      // Divisions with the same local days share a view too.
      let here: readonly LocalDays[] = []
      if (division !== undefined && local.length > 0) {
        here = places.get(division) ?? local.filter((days) => isWithin(division, days.division))
        places.set(division, here)
      }
      const key = `${low}|${here.map((days) => days.id).join('|')}`
      let view = views.get(key)
      if (!view) {
        view = new CalendarView(low === 0 ? '0000-00-00' : turns[low - 1]!, notices, here)
        views.set(key, view)
      }
      return view
    },
  }
}
