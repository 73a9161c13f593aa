/**
 * What the supervision office would otherwise have to remember: recurring duties that come due and are met, the month's return visits, and
 * supervision items that a practice opens by itself. Every command's id says what it is about, so that it may run on every node,
 * twice, and be killed anywhere.
 */
import { clockStatus } from '../domain/calendar/status.ts'
import { categoryOf } from '../domain/event.ts'
import { dueOccurrences, metBy, type Occurrence, obligationStream } from '../domain/obligation.ts'
import { type LimitEntry, limitFor, policiesInForce } from '../domain/policy.ts'
import { returnPlanStream } from '../domain/return-visit/index.ts'
import { type CivilDate, civilDate, dateOf, dayNumber, type EffectiveTime, instantOfMs } from '../domain/time.ts'
import type { BoardRules } from '../projections/board/items.ts'
import type { OverdueClock } from '../projections/board/query.ts'
import type { Directory } from '../projections/directory.ts'
import type { RuleBook } from '../projections/rulebook.ts'
import { decodeEnvelope } from '../store/envelope.ts'
import type { EventLog } from '../store/port.ts'
import { sourceOf } from './bulk.ts'
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

/** Organisations that owe the duties of an office that supervises. */
const OWES = new Set(['county-bureau'])
/** How far back duties are opened that nobody was there to open; days. */
const LOOK_BACK = 35
const PAGE = 2_000
const NOBODY = { person: '', grants: [] } as const
const IMPORTED = 'complaint.imported'

const MET = new Map(Object.entries(metBy).flatMap(([duty, types]) => types.map((type) => [type, duty] as const)))

export function createOversight(ports: OversightPorts): Oversight {
  const { log, people, book } = ports
  let timer: NodeJS.Timeout | undefined
  let running: Promise<number> = Promise.resolve(0)
  let stopped = false
  /** Events looked at for what meets a duty. */
  let seen = 0
  /** Commands that need not be tried again by this process. */
  const done = new Set<string>()

  /** One command of a reactor; whether something was recorded now. A refusal is left: another has done it, or the rules forbid it. */
  async function once(
    reactor: string,
    request: Pick<CommandRequest, 'category' | 'action' | 'body' | 'stream' | 'organisation'>,
    ...name: readonly string[]
  ): Promise<boolean> {
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

  const chainOf = (organisation: string) => [organisation, ...people.above(organisation)]
  const since = new Map<string, CivilDate>()
  /** The day an organisation began to work with this program: nothing is owed from before. */
  function beganOn(organisation: string): CivilDate {
    let day = since.get(organisation)
    if (day === undefined) {
      const [first] = log.stream(`organisation-${organisation}`)
      day = dateOf(first === undefined ? instantOfMs(ports.now()) : decodeEnvelope(first.bytes).recordedAt)
      since.set(organisation, day)
    }
    return day
  }
  const owing = () =>
    people
      .organisations()
      .filter(({ kind, dissolved }) => OWES.has(kind) && !dissolved)
      .map(({ id }) => ({ id, began: beganOn(id) }))

  /** The recurring entries that hold for an organisation on a date, each with the policy that says it. */
  function dutiesOf(organisation: string, on: CivilDate): { entry: LimitEntry; policy: string }[] {
    const { policies } = book.rules()
    const chain = chainOf(organisation)
    const kinds = new Set(
      policiesInForce(policies, chain, on).flatMap(({ entries }) =>
        entries.flatMap(({ kind, every }) => (every === undefined ? [] : [kind])),
      ),
    )
    return [...kinds].flatMap((kind) => {
      const found = limitFor(policies, chain, { kind }, on)
      if (found?.every === undefined) return []
      const { every, roll, citation, policy } = found
      return [{ entry: { kind, every, force: 'internal', citation, ...(roll === undefined ? {} : { roll }) }, policy }]
    })
  }

  function occurrencesOf(organisation: string, from: CivilDate, until: CivilDate) {
    const calendar = book.rules().calendars.at(until, people.divisionOf(organisation))
    const duties = dutiesOf(organisation, until)
    const policyOf = new Map(duties.map(({ entry, policy }) => [entry.kind, policy]))
    const found: Occurrence[] = dueOccurrences(
      duties.map(({ entry }) => entry),
      from,
      until,
      calendar,
    )
    return found.map((occurrence) => ({ occurrence, policy: policyOf.get(occurrence.duty)! }))
  }

  async function openDuties(today: CivilDate): Promise<number> {
    let recorded = 0
    for (const { id, began } of owing()) {
      const back = civilDate(dayNumber(today) - LOOK_BACK)
      for (const { occurrence, policy } of occurrencesOf(id, back, today)) {
        const { duty, from: first, until, roll, citation } = occurrence
        if (first > today || until < began || log.stream(obligationStream(id, occurrence)).length > 0) continue
        const body = { duty, from: first, until, roll, citation, policy }
        if (await once('duties', { category: 'obligation', action: 'open', body, organisation: id }, id, duty, first))
          recorded++
      }
    }
    return recorded
  }

  /** Meets duties by what was recorded since the last look. */
  async function meetDuties(today: CivilDate): Promise<number> {
    let recorded = 0
    for (const size = log.size(); seen < size && !stopped; ) {
      const page = log.envelopes(seen, PAGE, size)
      for (const event of page) {
        const duty = MET.get(event.type)
        if (duty !== undefined) recorded += await meet(duty, event, today)
      }
      seen += page.length
      await new Promise((resolve) => setImmediate(resolve))
    }
    return recorded
  }

  async function meet(duty: string, event: ReturnType<typeof decodeEnvelope>, today: CivilDate): Promise<number> {
    // The weekly statistics are done with when the second of their readers has read them.
    if (event.type === 'WeeklyReportReviewed' && reviewsOf(event.stream) < 2) return 0
    // A report is of the period its stream names.
    const day = /^report-\w+\..*\.(\d{4}-\d{2}-\d{2})$/.exec(event.stream)?.[1] ?? dateOf(event.effectiveAt)
    const owed = occurrencesOf(event.organisation, day, day < today ? day : today).filter(
      ({ occurrence }) => occurrence.duty === duty && occurrence.from <= day && day <= occurrence.until,
    )
    let recorded = 0
    for (const { occurrence } of owed) {
      const stream = obligationStream(event.organisation, occurrence)
      if (log.stream(stream).length === 0) continue
      const body = { stream: event.stream, event: event.id, metAt: event.effectiveAt }
      if (await once('duties', { category: 'obligation', stream, action: 'meet', body }, 'met', event.id, stream))
        recorded++
    }
    return recorded
  }

  const reviewsOf = (stream: string): number =>
    log.stream(stream).filter(({ bytes }) => decodeEnvelope(bytes).type === 'WeeklyReportReviewed').length

  /** The return visits of the month before (S1-7.2), from the first day of a month. */
  async function planVisits(today: CivilDate): Promise<number> {
    let recorded = 0
    const month = civilDate(dayNumber(`${today.slice(0, 7)}-01`) - 1).slice(0, 7)
    for (const { id, began } of owing()) {
      if (began.slice(0, 7) > month || log.stream(returnPlanStream(id, month)).length > 0) continue
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
    return (await openDuties(today)) + (await planVisits(today)) + (await meetDuties(today)) + (await openItems(now))
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
