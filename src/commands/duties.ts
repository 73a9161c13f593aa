/**
 * Recurring duties as they come due: opened where an organisation's practice keeps them and no earlier than it began, and met by what
 * was recorded since. Every command's id says which occurrence it is about.
 */
import { importedEvents } from '../domain/complaint/imported.ts'
import { categoryOf, type Envelope } from '../domain/event.ts'
import { dueOccurrences, metBy, type Occurrence, obligationStream } from '../domain/obligation.ts'
import { type LimitEntry, limitFor, policiesInForce } from '../domain/policy.ts'
import { owedFrom } from '../domain/practice.ts'
import { type CivilDate, civilDate, dateOf, dayNumber } from '../domain/time.ts'
import { decodeEnvelope } from '../store/envelope.ts'
import type { OversightPorts } from './oversight.ts'

/** Kinds of organisations that owe the duties of an office that supervises. */
const OWES = new Set(['county-bureau'])
/** Categories of an office's own work: who has dealt with none of them here has not begun. */
const WORK = new Set(['complaint', 'visit', 'supervision', 'returnvisit', 'penalty'])
/** How far back duties are opened that nobody was there to open; days. */
const LOOK_BACK = 35
const PAGE = 2_000

const MET = new Map(Object.entries(metBy).flatMap(([duty, types]) => types.map((type) => [type, duty] as const)))

/** Records one command of the reactor, named by what it is about; whether something was recorded now. */
export type Once = (
  reactor: string,
  request: {
    readonly category: string
    readonly action: string
    readonly body: unknown
    readonly stream?: string
    readonly organisation?: string
  },
  ...name: readonly string[]
) => Promise<boolean>

export function createDuties(ports: Pick<OversightPorts, 'log' | 'people' | 'book' | 'facts'>, once: Once) {
  const { log, people, book } = ports
  const chainOf = (organisation: string) => [organisation, ...people.above(organisation)]
  /** Events looked at: for who began to work, and for what meets a duty. */
  let seen = 0
  /** The day on which an organisation's people first dealt with a case here: nothing is owed from before by itself. */
  const began = new Map<string, CivilDate>()
  /** Events that meet a duty and are not dealt with yet. */
  const meeting: Envelope[] = []

  const isWork = ({ stream, type, actor }: Envelope): boolean =>
    'person' in actor && WORK.has(categoryOf(stream)) && !Object.hasOwn(importedEvents, type)

  /** Reads what was recorded since the last look. */
  async function look(isStopped: () => boolean): Promise<void> {
    for (const size = log.size(); seen < size && !isStopped(); ) {
      const page = log.envelopes(seen, PAGE, size)
      for (const event of page) {
        if (!began.has(event.organisation) && isWork(event)) began.set(event.organisation, dateOf(event.recordedAt))
        if (MET.has(event.type)) meeting.push(event)
      }
      seen += page.length
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  const owing = (): string[] =>
    people
      .organisations()
      .filter(({ kind, dissolved }) => OWES.has(kind) && !dissolved)
      .map(({ id }) => id)

  /** The day from which an organisation owes a duty, by its practice on a date; nothing where it does not. */
  const owedSince = (organisation: string, duty: string, on: CivilDate): CivilDate | undefined =>
    owedFrom(ports.facts.practice(organisation, on).practice, duty, began.get(organisation))

  /** The recurring entries that hold for an organisation on a date, each with the policy that says it. */
  function recurring(organisation: string, on: CivilDate): { entry: LimitEntry; policy: string }[] {
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
    const entries = recurring(organisation, until)
    const policyOf = new Map(entries.map(({ entry, policy }) => [entry.kind, policy]))
    const found: Occurrence[] = dueOccurrences(
      entries.map(({ entry }) => entry),
      from,
      until,
      calendar,
    )
    return found.map((occurrence) => ({ occurrence, policy: policyOf.get(occurrence.duty)! }))
  }

  /** Whether an occurrence is owed, by the practice on its last day, or today where that is to come. */
  function isOwed(organisation: string, { duty, until }: Occurrence, today: CivilDate): boolean {
    const since = owedSince(organisation, duty, until < today ? until : today)
    return since !== undefined && since <= today && since <= until
  }

  async function open(today: CivilDate): Promise<number> {
    let recorded = 0
    for (const id of owing()) {
      const back = civilDate(dayNumber(today) - LOOK_BACK)
      for (const { occurrence, policy } of occurrencesOf(id, back, today)) {
        const { duty, from: first, until, roll, citation } = occurrence
        if (first > today || !isOwed(id, occurrence, today)) continue
        if (log.stream(obligationStream(id, occurrence)).length > 0) continue
        const body = { duty, from: first, until, roll, citation, policy }
        if (await once('duties', { category: 'obligation', action: 'open', body, organisation: id }, id, duty, first))
          recorded++
      }
    }
    return recorded
  }

  /** Meets duties by what {@link look} found. */
  async function meet(today: CivilDate): Promise<number> {
    let recorded = 0
    for (; meeting[0]; meeting.shift()) recorded += await meetBy(meeting[0], today)
    return recorded
  }

  async function meetBy(event: Envelope, today: CivilDate): Promise<number> {
    // The weekly statistics are done with when the second of their readers has read them.
    if (event.type === 'WeeklyReportReviewed' && reviewsOf(event.stream) < 2) return 0
    const duty = MET.get(event.type)
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

  return { look, open, meet, owing, owedSince }
}
