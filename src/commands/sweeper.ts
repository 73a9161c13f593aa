/**
 * The deadline sweeper: records each missed deadline once, dated at the legal moment, naming the calendar it was judged by. It may run
 * on every node and be killed anywhere: the command's id is that of the clock and its due time, so all tries are one command.
 */
import { clockStatus } from '../domain/calendar/status.ts'
import { missedAt } from '../domain/deadline-missed.ts'
import { categoryOf } from '../domain/event.ts'
import type { BoardRules } from '../projections/board/items.ts'
import type { OverdueClock } from '../projections/board/query.ts'
import type { Category, CommandRequest, CommandResult } from './execute.ts'
import { commandIdFor } from './ids.ts'

export interface SweeperPorts {
  /** Overdue clocks now, longest overdue first. */
  readonly overdue: (nowMs: number) => AsyncIterable<OverdueClock>
  readonly rules: () => BoardRules
  readonly categories: Readonly<Record<string, Category>>
  readonly execute: (request: CommandRequest) => Promise<CommandResult>
  readonly now: () => number
  readonly onError?: (error: unknown) => void
}

export interface Sweeper {
  /** Looks once; answers how many misses were recorded. */
  sweep(): Promise<number>
  /** Looks every `everyMs` milliseconds until stopped. */
  start(everyMs: number): void
  stop(): Promise<void>
}

/** Clocks of an imported ledger belong to another office's past. */
const IMPORTED = 'complaint.imported'

const NOBODY = { person: '', grants: [] } as const

export function createSweeper(ports: SweeperPorts): Sweeper {
  /** Misses seen to be recorded, so that they are not asked about every time. */
  const known = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<number> = Promise.resolve(0)
  let stopped = false

  async function sweep(): Promise<number> {
    const now = ports.now()
    let recorded = 0
    for await (const { stream, organisation, due, clock } of ports.overdue(now)) {
      if (stopped) break
      const key = `${stream} ${clock.id} ${due}`
      const category = categoryOf(stream)
      if (known.has(key) || clock.kind === IMPORTED || !ports.categories[category]?.decider.actions.recordMiss) continue
      const rules = ports.rules()
      // Judged as of the moment it was missed: by the notices published until then.
      const at = missedAt(due)
      const owner = clock.organisation || organisation
      const status = clockStatus(clock, at, rules.calendars, rules.lights(owner, at), rules.divisionOf(owner))
      const result = await ports.execute({
        category,
        stream,
        action: 'recordMiss',
        body: {
          clock: clock.id,
          kind: clock.kind,
          due,
          organisation: owner,
          ...(clock.person === undefined ? {} : { person: clock.person }),
          calendarBound: status.calendarBound,
          calendars: status.deadline.calendars.slice(0, 40),
        },
        commandId: commandIdFor('deadline-missed', stream, clock.id, due),
        requestMac: '',
        principal: NOBODY,
        reactor: 'deadline-sweeper',
      })
      if (!result.ok) {
        // The case moved on meanwhile; the next look sees what is left.
        if (result.refusal.code === 'concurrent-change') continue
      } else if (!result.repeated && result.events.length > 0) recorded++
      known.add(key)
    }
    return recorded
  }

  const again = (): Promise<number> => {
    running = running.then(sweep).catch((error) => {
      ports.onError?.(error)
      return 0
    })
    return running
  }

  return {
    sweep: again,
    start(everyMs) {
      void again()
      timer = setInterval(() => void again(), everyMs)
      timer.unref()
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}
