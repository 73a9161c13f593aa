/** The clocks of a case as people see them. */
import { clockStatus } from '../../domain/calendar/status.ts'
import { clockTitle } from '../../domain/catalogue/index.ts'
import type { Clock } from '../../domain/clock.ts'
import { lightsFor } from '../../domain/policy.ts'
import { dateOf, type EffectiveTime } from '../../domain/time.ts'
import type { ReadingPorts } from './ports.ts'

/** A clock as people see it: due date derived now, light computed, never stored. */
export interface ShownClock {
  readonly id: string
  readonly kind: string
  readonly title: string
  readonly startedAt: EffectiveTime
  readonly limit?: string
  readonly due?: EffectiveTime
  readonly provisional: boolean
  readonly state: string
  readonly light: string
  readonly workdaysLeft?: number
  readonly rule: string
}

/** Shows clocks by the rules known within the bounds. */
export function clocksFrom({ people, book, holderOf }: Pick<ReadingPorts, 'people' | 'book' | 'holderOf'>) {
  return (clocks: readonly Clock[], at: EffectiveTime, asOf: number | undefined): ShownClock[] => {
    const rules = book.rules(asOf)
    return clocks.map((clock) => {
      const division = holderOf(clock.organisation).division
      const chain = [clock.organisation, ...people.above(clock.organisation)]
      const status = clockStatus(clock, at, rules.calendars, lightsFor(rules.policies, chain, dateOf(at)), division)
      return {
        id: clock.id,
        kind: clock.kind,
        title: clockTitle(clock.kind),
        startedAt: clock.startedAt,
        ...(clock.limit === undefined ? {} : { limit: clock.limit }),
        ...(status.deadline.due === undefined ? {} : { due: status.deadline.due }),
        provisional: status.deadline.provisional,
        state: status.state,
        light: status.light,
        ...(status.workdaysLeft === undefined ? {} : { workdaysLeft: status.workdaysLeft }),
        rule: clock.rule,
      }
    })
  }
}

export type ShowClocks = ReturnType<typeof clocksFrom>
