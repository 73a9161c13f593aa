/** The limit a clock gets when it starts: by the organisation's policy, its superiors', the shipped one. */
import { deadline } from '../domain/calendar/deadline.ts'
import { limitFor, policyVersionFor } from '../domain/policy.ts'
import { dateOf, type EffectiveTime } from '../domain/time.ts'
import type { Directory } from '../projections/directory.ts'
import type { RuleBook } from '../projections/rulebook.ts'
import type { CommandPorts } from './execute.ts'

export function limitsFrom(book: RuleBook, directory: Directory): Pick<CommandPorts, 'limitOf' | 'policyOf' | 'dueOf'> {
  const chain = (organisation: string) => [organisation, ...directory.above(organisation)]
  return {
    limitOf(organisation, kind, at, about) {
      const found = limitFor(book.rules().policies, chain(organisation), { kind, ...about }, dateOf(at))
      return found?.limit
    },
    policyOf: (organisation: string, at: EffectiveTime) =>
      policyVersionFor(book.rules().policies, chain(organisation), dateOf(at)),
    dueOf(clock, at) {
      const { due, calendars } = deadline(
        clock,
        book.rules().calendars.at(dateOf(at), directory.divisionOf(clock.organisation)),
      )
      return { ...(due === undefined ? {} : { due }), calendars }
    },
  }
}
