/**
 * All facts of an installation, kept event by event. Only what ratings read is held, by stream; the facts of a stream as of an index
 * are derived from exactly the events within that index, so that a base filled event by event equals one filled at once.
 */
import { calendarDecider, calendarsOf } from '../calendar/calendar.ts'
import { shippedCalendars } from '../calendar/shipped.ts'
import { type CalendarSource, calendarSource } from '../calendar/source.ts'
import { categoryOf, type Recorded, type Step } from '../event.ts'
import { correctedSteps, isCorrection } from '../history.ts'
import { sortKey } from '../time.ts'
import { type Fact, type FactSource, OfficeFacts } from './facts.ts'
import { factSources } from './sources/all.ts'

interface StreamFacts {
  readonly name: string
  readonly source: FactSource
  readonly events: Recorded[]
  /** Offices that any of its events names, now or before: few, so a list is smaller than a set. */
  readonly offices: Office[]
  /** Facts by number of events within the bound: all of them, and the last shorter prefix asked for. */
  whole?: Extracted
  cut?: Extracted
}

interface Extracted {
  readonly count: number
  readonly calendars: CalendarSource
  readonly facts: ReadonlyMap<string, readonly Fact[]>
}

interface Office {
  readonly id: string
  readonly streams: StreamFacts[]
  /** Facts as of the head, until something touches the office again. */
  head?: OfficeFacts
}

const NO_FACTS: readonly Fact[] = []
const CORRECTIONS: ReadonlySet<string> = new Set(['StepVoided', 'StepReplaced'])

/**
 * What is kept of an event: facts look at its time, its data and who acted, and most of its bytes are ciphertext and marks of the command, which
 * would only fill the memory.
 */
function kept(event: Recorded, { name, source }: StreamFacts): Recorded {
  const { id, revision, index, effectiveAt, corrects, basis } = event
  const type = oneOf(event.type)
  const lean = { id, stream: name, revision, index, type, effectiveAt, data: dataRead(event.data, source) }
  const more = source.reads ? lean : { ...lean, actor: event.actor, organisation: event.organisation }
  const law = corrects === undefined ? more : { ...more, corrects }
  return (basis === undefined ? law : { ...law, basis }) as Recorded
}

const texts = new Map<string, string>()

/** One string for all equal ones: of a million events each would bring its own. Only for what has few values. */
function oneOf(text: string): string {
  const known = texts.get(text)
  if (known !== undefined) return known
  texts.set(text, text)
  return text
}

/** The fields of the data that the source looks into; all where it does not say. */
function dataRead(data: unknown, { reads }: FactSource): unknown {
  if (!reads || typeof data !== 'object' || data === null) return data
  const fields: Record<string, unknown> = {}
  for (const name of reads) {
    const value = (data as Record<string, unknown>)[name]
    if (value !== undefined) fields[name] = value
  }
  return fields
}

/** How many of the events are within an index; events without one are at the end. */
function within(events: readonly Recorded[], asOf: number): number {
  let count = events.length
  while (count > 0 && (events[count - 1]!.index ?? Number.POSITIVE_INFINITY) > asOf) count--
  return count
}

/** Whether a stream, as far as it was recorded by an index, says that there is an office to rate. */
function makesOffice({ source, events }: StreamFacts, asOf = Number.POSITIVE_INFINITY): boolean {
  const first = events[0]
  if (!first || (first.index ?? 0) > asOf) return false
  if (source.category === 'record' || source.category === 'rating') return true
  return source.category === 'office' && (first.data as { kind?: string } | null)?.kind === 'legal-service-office'
}

export class FactBase {
  readonly #sources: ReadonlyMap<string, FactSource>
  readonly #streams = new Map<string, StreamFacts>()
  readonly #offices = new Map<string, Office>()
  #touched = new Set<string>()

  /** Publications of calendars, by stream, and the source they make with the shipped ones, by their number. */
  readonly #calendarEvents = new Map<string, Recorded[]>()
  #calendars: { readonly count: number; readonly source: CalendarSource } = { count: 0, source: shippedCalendars }

  constructor(sources: readonly FactSource[] = factSources) {
    this.#sources = new Map(sources.map((source) => [source.category, source]))
  }

  /** Categories of the streams that ratings read. */
  get categories(): readonly string[] {
    return [...this.#sources.keys(), calendarDecider.category]
  }

  /** Every stored type that ratings read, of whatever category. */
  get types(): readonly string[] {
    const types = [...this.#sources.values()].flatMap((source) => [...source.types])
    return [...new Set([...types, ...Object.keys(calendarDecider.events), ...CORRECTIONS])]
  }

  /**
   * Whether an event can matter, by what is known of it before its bytes are parsed: most need not be.
   * @param type the stored type
   */
  reads(stream: string, type: string): boolean {
    const category = categoryOf(stream)
    if (category === calendarDecider.category) return true
    const source = this.#sources.get(category)
    return source !== undefined && (source.types.has(type) || CORRECTIONS.has(type))
  }

  /** Takes an event in; those of one stream in the order of their revisions. Others than ratings read are passed over. */
  add(event: Recorded): void {
    let entry = this.#streams.get(event.stream)
    if (!entry) {
      const category = categoryOf(event.stream)
      if (category === calendarDecider.category) {
        this.#addCalendar(event)
        return
      }
      const source = this.#sources.get(category)
      if (!source) return
      entry = { name: event.stream, source, events: [], offices: [] }
      this.#streams.set(event.stream, entry)
    }
    const correction = isCorrection(event)
    if (!correction && !entry.source.types.has(event.type)) return
    entry.events.push(correction ? event : kept(event, entry))
    entry.whole = undefined
    const data = correction ? (event.data as { data?: unknown } | null)?.data : event.data
    for (const id of entry.source.offices(entry.name, data ?? null)) {
      let office = this.#offices.get(id)
      if (!office) {
        office = { id, streams: [] }
        this.#offices.set(id, office)
      }
      if (entry.offices.includes(office)) continue
      office.streams.push(entry)
      entry.offices.push(office)
    }
    this.#touch(entry)
  }

  #touch(entry: StreamFacts): void {
    for (const office of entry.offices) {
      office.head = undefined
      this.#touched.add(office.id)
    }
  }

  /** A calendar may cure what was missed, so every stream that reads calendars is looked at again. */
  #addCalendar(event: Recorded): void {
    const events = this.#calendarEvents.get(event.stream)
    if (events) events.push(event)
    else this.#calendarEvents.set(event.stream, [event])
    for (const entry of this.#streams.values())
      if (entry.source.calendars) {
        entry.whole = undefined
        this.#touch(entry)
      }
  }

  /** The calendars recorded within an index, with the shipped ones. */
  #calendarsAt(asOf: number | undefined): CalendarSource {
    if (this.#calendarEvents.size === 0) return shippedCalendars
    let count = 0
    const streams = [...this.#calendarEvents.values()].map((events) => {
      const size = asOf === undefined ? events.length : within(events, asOf)
      count += size
      return events.slice(0, size)
    })
    if (count === 0) return shippedCalendars
    if (this.#calendars.count === count) return this.#calendars.source
    const steps = streams.flatMap(correctedSteps)
    steps.sort((a, b) => sortKey(a.effectiveAt) - sortKey(b.effectiveAt) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
    const { notices, local } = calendarsOf(steps)
    const source = calendarSource([...shippedCalendars.notices, ...notices], [...shippedCalendars.local, ...local])
    this.#calendars = { count, source }
    return source
  }

  /**
   * Ids of the offices that schemes are about, in order: registered as grassroots legal service offices, or with a record or rating of their
   * own, by that index. Others that an event merely names (law firms, organisations) are left out.
   */
  offices(asOf?: number): string[] {
    const found: string[] = []
    for (const { id, streams } of this.#offices.values())
      if (streams.some((stream) => makesOffice(stream, asOf))) found.push(id)
    return found.sort()
  }

  /** Ids of everything that any event names as an office, in order. */
  named(): string[] {
    return [...this.#offices.keys()].sort()
  }

  /** Offices whose facts may have changed since this was last asked. */
  takeTouched(): string[] {
    const touched = [...this.#touched].sort()
    this.#touched = new Set()
    return touched
  }

  /** The facts of an office as recorded up to and including an index; default the head. */
  of(office: string, asOf?: number): OfficeFacts {
    const entry = this.#offices.get(office)
    if (!entry) return new OfficeFacts(office, [])
    if (asOf === undefined && entry.head) return entry.head
    const facts: Fact[] = []
    const calendars = this.#calendarsAt(asOf)
    let whole = calendars === this.#calendarsAt(undefined)
    for (const stream of entry.streams) {
      const count = asOf === undefined ? stream.events.length : within(stream.events, asOf)
      whole &&= count === stream.events.length
      if (count > 0) for (const fact of factsOf(stream, count, calendars).get(office) ?? NO_FACTS) facts.push(fact)
    }
    if (whole && entry.head) return entry.head
    const result = new OfficeFacts(office, facts)
    if (whole) entry.head = result
    return result
  }
}

/**
 * The steps that stand. Where nothing was corrected the events are the steps as far as facts look into them: no source opens what is sealed, and
 * most streams have no correction.
 */
const stepsOf = (events: readonly Recorded[]): readonly Step[] =>
  events.some(isCorrection) ? correctedSteps(events) : (events as readonly unknown[] as readonly Step[])

/** The facts of the first `count` events of a stream, by office. */
function factsOf(stream: StreamFacts, count: number, calendars: CalendarSource): ReadonlyMap<string, readonly Fact[]> {
  const all = count === stream.events.length
  const kept = all ? stream.whole : stream.cut
  if (kept?.count === count && (!stream.source.calendars || kept.calendars === calendars)) return kept.facts
  const events = all ? stream.events : stream.events.slice(0, count)
  const facts = new Map<string, Fact[]>()
  for (const fact of stream.source.facts(stepsOf(events), stream.name, calendars)) {
    const list = facts.get(fact.office)
    if (list) list.push(fact)
    else facts.set(fact.office, [fact])
  }
  const extracted = { count, calendars, facts }
  if (all) stream.whole = extracted
  else stream.cut = extracted
  return facts
}
