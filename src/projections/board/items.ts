/**
 * What the board shows of one stream: an item a clock, and one for an open case without a running clock. Lights are computed from
 * the moments kept here; they are never stored.
 */

import type { CalendarSource } from '../../domain/calendar/source.ts'
import { type ClockState, clockStatus, type Light, type LightPolicy } from '../../domain/calendar/status.ts'
import type { Clock } from '../../domain/clock.ts'
import { boundMs, civilDate, dateOf, dayNumber, type EffectiveTime, startOfDayMs } from '../../domain/time.ts'

/** What rights and filters look at in a row. */
export interface ItemTraits {
  readonly category: string
  readonly kind: string
  /** The organisation or office that owes it. */
  readonly organisation: string
  /** The organisation whose case it is: rights look at it. */
  readonly owner: string
  /** Who owes it, where one is named. */
  readonly person?: string
  readonly office?: string
  readonly importance?: string
}

/** A clock with what the board needs to know of its case. */
export interface BoardItem extends ItemTraits {
  readonly stream: string
  /** Clock id; empty for an open case without a running clock. */
  readonly clock: string
  readonly startedAt?: EffectiveTime
  readonly due?: EffectiveTime
  readonly stoppedAt?: EffectiveTime
  readonly provisional: boolean
  readonly state: ClockState
  readonly light: Light
  readonly workdaysLeft?: number
  readonly rule: string
  readonly limit?: string
}

/** The counts of a board. `overdue`, `dueSoon`, `paused`, `noDeadline` are parts of `open`. */
export interface BoardCounts {
  readonly open: number
  readonly overdue: number
  readonly dueSoon: number
  readonly paused: number
  readonly noDeadline: number
  readonly closedOnTime: number
  readonly closedLate: number
  readonly closedNoDeadline: number
}

/** What a stream's state says to the board; the same for every category. */
export interface BoardSubject {
  readonly stream: string
  readonly category: string
  /** Owes what no clock says who owes. */
  readonly organisation: string
  readonly owner: string
  readonly office?: string
  readonly importance?: string
  /** Whether the case itself is still open. */
  readonly open: boolean
  readonly clocks: readonly Clock[]
}

/** The rules a moment is judged by. */
export interface BoardRules {
  readonly calendars: CalendarSource
  readonly lights: (organisation: string, at: EffectiveTime) => LightPolicy
  readonly divisionOf: (organisation: string) => string | undefined
}

/** Whether a clock still runs, paused ones included. */
export const runs = (clock: Clock): boolean => clock.stoppedAt === undefined && clock.cancelledAt === undefined

/** The placeholder of a case that has no clock to judge: open or closed without a deadline. */
export const bareClock = (subject: Omit<BoardSubject, 'owner'>): Clock | undefined => {
  if (subject.open ? subject.clocks.some(runs) : subject.clocks.length > 0) return undefined
  return {
    id: '',
    kind: `${subject.category}.none`,
    startedAt: '1970-01-01',
    pauses: [],
    extensions: [],
    rule: '',
    organisation: subject.organisation,
    ...(subject.open ? {} : { stoppedAt: '1970-01-01' }),
  }
}

/** Every item of a stream as it stands at a moment. Cancelled clocks are on no board. */
export function itemsOf(subject: BoardSubject, at: EffectiveTime, rules: BoardRules): BoardItem[] {
  const bare = bareClock(subject)
  const items: BoardItem[] = []
  for (const clock of bare ? [...subject.clocks, bare] : subject.clocks) {
    const organisation = clock.organisation || subject.organisation
    const status = clockStatus(
      clock,
      at,
      rules.calendars,
      rules.lights(organisation, at),
      rules.divisionOf(organisation),
    )
    if (status.state === 'cancelled') continue
    items.push({
      stream: subject.stream,
      clock: clock.id,
      category: subject.category,
      kind: clock.kind,
      organisation,
      owner: subject.owner,
      ...(clock.person === undefined ? {} : { person: clock.person }),
      ...(subject.office === undefined ? {} : { office: subject.office }),
      ...(subject.importance === undefined ? {} : { importance: subject.importance }),
      ...(clock.id === '' ? {} : { startedAt: clock.startedAt }),
      ...(status.deadline.due === undefined ? {} : { due: status.deadline.due }),
      ...(clock.id === '' || clock.stoppedAt === undefined || !status.state.startsWith('closed')
        ? {}
        : { stoppedAt: clock.stoppedAt }),
      provisional: status.deadline.provisional,
      state: status.state,
      light: status.light,
      ...(status.workdaysLeft === undefined || !isOpen(status.state) ? {} : { workdaysLeft: status.workdaysLeft }),
      rule: clock.rule,
      ...(clock.limit === undefined ? {} : { limit: clock.limit }),
    })
  }
  return items
}

/** Whether a state counts as open. */
export const isOpen = (state: ClockState): boolean =>
  state === 'open' || state === 'overdue' || state === 'dueSoon' || state === 'paused' || state === 'noDeadline'

export function countsOf(items: Iterable<{ readonly state: ClockState }>): BoardCounts {
  const by: Record<ClockState, number> = {
    open: 0,
    dueSoon: 0,
    overdue: 0,
    paused: 0,
    noDeadline: 0,
    closedOnTime: 0,
    closedLate: 0,
    closedNoDeadline: 0,
    cancelled: 0,
  }
  for (const { state } of items) by[state]++
  return boardCounts(by)
}

export const boardCounts = (by: Readonly<Record<ClockState, number>>): BoardCounts => ({
  open: by.open + by.dueSoon + by.overdue + by.paused + by.noDeadline,
  overdue: by.overdue,
  dueSoon: by.dueSoon,
  paused: by.paused,
  noDeadline: by.noDeadline,
  closedOnTime: by.closedOnTime,
  closedLate: by.closedLate,
  closedNoDeadline: by.closedNoDeadline,
})

/** Closed on time ÷ (closed with a deadline + overdue open); undefined where nothing has been due. */
export function onTimeRate(counts: BoardCounts): number | undefined {
  const due = counts.closedOnTime + counts.closedLate + counts.overdue
  return due === 0 ? undefined : counts.closedOnTime / due
}

/** Sorts by time left: what is longest overdue first, then by due moment, then what has no deadline. */
export const dueMsOf = (due: EffectiveTime | undefined): number =>
  due === undefined ? Number.POSITIVE_INFINITY : boundMs(due)

/** The first moment at which a due day is at most `yellowWorkdays` working days away. Milliseconds. */
export function yellowFrom(due: EffectiveTime, lights: LightPolicy, isWorkday: (day: number) => boolean): number {
  // (today, due] holds at most n working days exactly from the day of the (n+1)th working day counted backward from the due day.
  let day = dayNumber(dateOf(due))
  for (let left = lights.yellowWorkdays; ; day--) {
    if (!isWorkday(day)) continue
    if (left-- === 0) return startOfDayMs(civilDate(day))
  }
}
