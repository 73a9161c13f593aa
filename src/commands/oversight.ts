/**
 * What the supervision office would otherwise have to remember: recurring duties that come due and are met, the month's return visits, and
 * supervision items that a practice opens by itself. Every command's id says what it is about, so that it may run on every node,
 * twice, and be killed anywhere.
 */
import { clockStatus } from '../domain/calendar/status.ts'
import { categoryOf } from '../domain/event.ts'
import { returnPlanStream } from '../domain/return-visit/index.ts'
import { type CivilDate, civilDate, dateOf, dayNumber, type EffectiveTime, instantOfMs } from '../domain/time.ts'
import type { BoardRules } from '../projections/board/items.ts'
import type { OverdueClock } from '../projections/board/query.ts'
import type { Directory } from '../projections/directory.ts'
import type { RuleBook } from '../projections/rulebook.ts'
import type { EventLog } from '../store/port.ts'
import { sourceOf } from './bulk.ts'
import { createDuties, type Once } from './duties.ts'
import type { CommandRequest, CommandResult } from './execute.ts'
import type { Facts } from './facts.ts'
import { commandIdFor } from './ids.ts'

export interface OversightPorts {
  readonly log: EventLog
  readonly people: Directory
  readonly book: RuleBook
  readonly facts: Pick<Facts, 'practice'>
  readonly overdue: (nowMs: number) => AsyncIterable<OverdueClock>
  readonly rules: () => BoardRules
  readonly execute: (request: CommandRequest) => Promise<CommandResult>
  /** What follows a command: its number. */
  readonly finish: (category: string, result: CommandResult & { ok: true }) => Promise<unknown>
  readonly now: () => number
  readonly onError?: (error: unknown) => void
}

export interface Oversight {
  /** Does what is due once; answers how many things were recorded. */
  run(): Promise<number>
  start(everyMs: number): void
  stop(): Promise<void>
}

const NOBODY = { person: '', grants: [] } as const
const IMPORTED = 'complaint.imported'

export function createOversight(ports: OversightPorts): Oversight {
  const { log } = ports
  let timer: NodeJS.Timeout | undefined
  let running: Promise<number> = Promise.resolve(0)
  let stopped = false
  /** Commands that need not be tried again by this process. */
  const done = new Set<string>()

  /** One command of a reactor; whether something was recorded now. A refusal is left: another has done it, or the rules forbid it. */
  const once: Once = async (reactor, request, ...name) => {
    const commandId = commandIdFor(reactor, ...name)
    if (stopped || done.has(commandId)) return false
    const result = await ports.execute({ ...request, commandId, requestMac: '', principal: NOBODY, reactor })
    if (!result.ok) {
      if (result.refusal.code !== 'concurrent-change') done.add(commandId)
      return false
    }
    await ports.finish(request.category, result)
    done.add(commandId)
    return !result.repeated && result.events.length > 0
  }
  const duties = createDuties(ports, once)

  /** The return visits of the month before (S1-7.2), from the first day of a month. */
  async function planVisits(today: CivilDate): Promise<number> {
    let recorded = 0
    const month = civilDate(dayNumber(`${today.slice(0, 7)}-01`) - 1).slice(0, 7)
    for (const id of duties.owing()) {
      const since = duties.owedSince(id, 'duty.return-visits', today)
      if (since === undefined || since.slice(0, 7) > month) continue
      if (log.stream(returnPlanStream(id, month)).length > 0) continue
      const request = { category: 'returnplan', action: 'plan', body: { month }, organisation: id }
      if (await once('return-visits', request, id, month)) recorded++
    }
    return recorded
  }

  /** Supervision items that a practice opens by itself, so many working days after a deadline was missed. */
  async function openItems(now: number): Promise<number> {
    let recorded = 0
    const at: EffectiveTime = instantOfMs(now)
    const rules = ports.rules()
    for await (const { stream, owner, organisation, due, clock } of ports.overdue(now)) {
      if (stopped) break
      const category = categoryOf(stream)
      if (category === 'supervision' || clock.kind === IMPORTED) continue
      const { automatic } = ports.facts.practice(owner, at).practice
      if (!automatic || (automatic.kinds && !automatic.kinds.includes(clock.kind))) continue
      const unit = clock.organisation || organisation
      const { workdaysLeft } = clockStatus(clock, at, rules.calendars, rules.lights(unit, at), rules.divisionOf(unit))
      if (-(workdaysLeft ?? 0) < automatic.overdueWorkdays) continue
      const about = { category, case: stream.slice(category.length + 1), clock: clock.id }
      const body = { source: sourceOf({ category, state: 'overdue' }), about, importance: 'normal' }
      const request = { category: 'supervision', action: 'open', body, organisation: owner }
      if (await once('supervision', request, stream, clock.id, due)) recorded++
    }
    return recorded
  }

  async function run(): Promise<number> {
    const now = ports.now()
    const today = dateOf(instantOfMs(now))
    await duties.look(() => stopped)
    const opened = (await duties.open(today)) + (await planVisits(today))
    // A plan just made meets its duty in the same run.
    await duties.look(() => stopped)
    return opened + (await duties.meet(today)) + (await openItems(now))
  }

  const again = (): Promise<number> => {
    running = running.then(run).catch((error) => {
      ports.onError?.(error)
      return 0
    })
    return running
  }

  return {
    run: again,
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
