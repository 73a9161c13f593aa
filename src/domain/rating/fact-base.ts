/**
 * All facts of an installation, kept event by event. Only what ratings read is held, by stream; the facts of a stream as of an index
 * are derived from exactly the events within that index, so that a base filled event by event equals one filled at once.
 */
import { categoryOf, type Recorded } from '../event.ts'
import { correctedSteps, isCorrection } from '../history.ts'
import { type Fact, type FactSource, OfficeFacts } from './facts.ts'
import { factSources } from './sources/all.ts'

interface StreamFacts {
  readonly name: string
  readonly source: FactSource
  readonly events: Recorded[]
  /** Offices that any of its events names, now or before. */
  readonly offices: Set<Office>
  /** Facts by number of events within the bound: all of them, and the last shorter prefix asked for. */
  whole?: ReadonlyMap<string, readonly Fact[]>
  cut?: { readonly count: number; readonly facts: ReadonlyMap<string, readonly Fact[]> }
}

interface Office {
  readonly id: string
  readonly streams: Set<StreamFacts>
  /** Facts as of the head, until something touches the office again. */
  head?: OfficeFacts
}

const NO_FACTS: readonly Fact[] = []

/** How many of the events are within an index; events without one are at the end. */
function within(events: readonly Recorded[], asOf: number): number {
  let count = events.length
  while (count > 0 && (events[count - 1]!.index ?? Number.POSITIVE_INFINITY) > asOf) count--
  return count
}

export class FactBase {
  readonly #sources: ReadonlyMap<string, FactSource>
  readonly #streams = new Map<string, StreamFacts>()
  readonly #offices = new Map<string, Office>()
  #touched = new Set<string>()

  constructor(sources: readonly FactSource[] = factSources) {
    this.#sources = new Map(sources.map((source) => [source.category, source]))
  }

  /**
   * Whether an event can matter, by what is known of it before its bytes are parsed: most need not be.
   * @param type the stored type
   */
  reads(stream: string, type: string): boolean {
    const source = this.#sources.get(categoryOf(stream))
    return source !== undefined && (source.types.has(type) || type === 'StepVoided' || type === 'StepReplaced')
  }

  /** Takes an event in; those of one stream in the order of their revisions. Others than ratings read are passed over. */
  add(event: Recorded): void {
    let entry = this.#streams.get(event.stream)
    if (!entry) {
      const source = this.#sources.get(categoryOf(event.stream))
      if (!source) return
      entry = { name: event.stream, source, events: [], offices: new Set() }
      this.#streams.set(event.stream, entry)
    }
    const correction = isCorrection(event)
    if (!correction && !entry.source.types.has(event.type)) return
    entry.events.push(event)
    entry.whole = undefined
    const data = correction ? (event.data as { data?: unknown } | null)?.data : event.data
    for (const id of entry.source.offices(entry.name, data ?? null)) {
      let office = this.#offices.get(id)
      if (!office) {
        office = { id, streams: new Set() }
        this.#offices.set(id, office)
      }
      office.streams.add(entry)
      entry.offices.add(office)
    }
    for (const office of entry.offices) {
      office.head = undefined
      this.#touched.add(office.id)
    }
  }

  /** Ids of all offices that any event names, in order. */
  offices(): string[] {
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
    let whole = true
    for (const stream of entry.streams) {
      const count = asOf === undefined ? stream.events.length : within(stream.events, asOf)
      whole &&= count === stream.events.length
      if (count > 0) for (const fact of factsOf(stream, count).get(office) ?? NO_FACTS) facts.push(fact)
    }
    if (whole && entry.head) return entry.head
    const result = new OfficeFacts(office, facts)
    if (whole) entry.head = result
    return result
  }
}

/** The facts of the first `count` events of a stream, by office. */
function factsOf(stream: StreamFacts, count: number): ReadonlyMap<string, readonly Fact[]> {
  const all = count === stream.events.length
  if (all && stream.whole) return stream.whole
  if (!all && stream.cut?.count === count) return stream.cut.facts
  const events = all ? stream.events : stream.events.slice(0, count)
  const byOffice = new Map<string, Fact[]>()
  for (const fact of stream.source.facts(correctedSteps(events), stream.name)) {
    const list = byOffice.get(fact.office)
    if (list) list.push(fact)
    else byOffice.set(fact.office, [fact])
  }
  if (all) stream.whole = byOffice
  else stream.cut = { count, facts: byOffice }
  return byOffice
}
