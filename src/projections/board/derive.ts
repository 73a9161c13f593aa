/** What the rules known at a moment make of a clock: how it ended, or when it is due and when its light turns yellow. */
import { clockStatus, type LightPolicy } from '../../domain/calendar/status.ts'
import type { CalendarView } from '../../domain/calendar/view.ts'
import type { Clock } from '../../domain/clock.ts'
import { boundMs, dateOf, type EffectiveTime, instantOfMs, sortKey } from '../../domain/time.ts'
import { type BoardRules, runs, yellowFrom } from './items.ts'
import type { Derived } from './rows.ts'

/** Who owes a clock, as the rules see him. */
interface Owner {
  readonly lights: LightPolicy
  readonly division: string | undefined
  readonly calendar: CalendarView
  /** First yellow moment by due date. */
  readonly yellow: Map<string, number>
  /** Of clocks that nothing happened to, by what their due date depends on. */
  readonly plain: Map<string, Derived>
}

/** Derives rows by one moment and its rules; what many clocks share is found once. */
export class Deriver {
  readonly #rules: BoardRules
  readonly #now: number
  readonly #at: EffectiveTime
  readonly #owners = new Map<string, Owner>()

  constructor(rules: BoardRules, now: number) {
    this.#rules = rules
    this.#now = now
    this.#at = instantOfMs(now)
  }

  /** @param organisation owes the clock */
  derive(clock: Clock, organisation: string): Derived {
    const owner = this.#ownerOf(organisation)
    const key = plainKey(clock)
    const known = key === undefined ? undefined : owner.plain.get(key)
    if (known) return known
    const derived = this.#derive(clock, owner)
    if (key !== undefined) owner.plain.set(key, derived)
    return derived
  }

  #derive(clock: Clock, owner: Owner): Derived {
    const { lights, division, calendar } = owner
    const { state, deadline } = clockStatus(clock, this.#momentOf(clock), this.#rules.calendars, lights, division)
    const { due } = deadline
    const running = runs(clock)
    return {
      judged: running ? null : state,
      paused: state === 'paused' ? 1 : 0,
      due: due ?? null,
      due_ms: due === undefined ? null : boundMs(due),
      yellow_ms: due === undefined || !running ? null : yellowOf(due, owner, calendar),
      provisional: deadline.provisional ? 1 : 0,
    }
  }

  /** Now, or the last that happened to the clock where another computer's clock is ahead of this one. */
  #momentOf({ stoppedAt, cancelledAt, pauses }: Clock): EffectiveTime {
    let latest = this.#at
    let ms = this.#now
    for (const time of [stoppedAt, cancelledAt, ...pauses.flatMap(({ from, to }) => [from, to])]) {
      if (time === undefined || sortKey(time) <= ms) continue
      latest = time
      ms = sortKey(time)
    }
    return latest
  }

  #ownerOf(organisation: string): Owner {
    const known = this.#owners.get(organisation)
    if (known) return known
    const division = this.#rules.divisionOf(organisation)
    const owner: Owner = {
      lights: this.#rules.lights(organisation, this.#at),
      division,
      calendar: this.#rules.calendars.at(dateOf(this.#at), division),
      yellow: new Map(),
      plain: new Map(),
    }
    this.#owners.set(organisation, owner)
    return owner
  }
}

function yellowOf(due: EffectiveTime, { lights, yellow }: Owner, calendar: CalendarView): number {
  const day = dateOf(due)
  let from = yellow.get(day)
  if (from === undefined) {
    from = yellowFrom(due, lights, (each) => calendar.isWorkday(each))
    yellow.set(day, from)
  }
  return from
}

/** What the due date of a running clock depends on besides its owner, where it is days, months or years from a day and no more. */
function plainKey(clock: Clock): string | undefined {
  const { startedAt, limit, dueAt, roll, pauses, extensions } = clock
  if (limit === undefined || limit.endsWith('h') || dueAt !== undefined || !runs(clock)) return undefined
  if (pauses.length > 0 || extensions.length > 0) return undefined
  return `${dateOf(startedAt)} ${limit} ${roll}`
}
