/**
 * Case numbers without gaps per organisation, kind and year. The case is appended first; its number is the revision + 1 of
 * `NumberAllocated{case}` in `numbers-<organisation>:<kind>:<year>`. The command id is the same in command and
 * reactor, so that both may try and one number results.
 */
import { numbersStream } from '../domain/registry/numbers.ts'
import { dateOf } from '../domain/time.ts'
import { decodeEnvelope } from '../store/envelope.ts'
import type { EventStore, Position } from '../store/port.ts'
import type { Draft, Provenance, Recorder } from '../store/recorder.ts'
import { commandIdFor, eventIdOf } from './ids.ts'

/** The allocated place of a case in its series. */
export interface AllocatedNumber {
  readonly organisation: string
  readonly kind: string
  readonly year: number
  /** From 1. */
  readonly sequence: number
  /** Where the store has the event that allocated it. */
  readonly position: Position
}

/** A series. */
type Place = Pick<AllocatedNumber, 'organisation' | 'kind' | 'year'>

interface Series {
  /** Revision of the last event known here; -1 for none. */
  revision: number
  readonly byCase: Map<string, AllocatedNumber>
}

/** Tries of one allocation against other writers before giving up as busy; each failure means another one succeeded. */
const MAX_TRIES = 50

export class NumberConflict extends Error {
  readonly code = 'concurrent-change' as const
}

/** The event that gives a case its number, and why it exists: the same from command, reactor and generator. */
export function allocation(
  name: string,
  stream: string,
  organisation: string,
  kind: string,
): { draft: Draft; provenance: Provenance } {
  const commandId = commandIdFor(stream, kind)
  return {
    draft: { id: eventIdOf(commandId, name, '', 0), type: 'NumberAllocated', version: 1, data: { case: stream } },
    provenance: { organisation, actor: { reactor: 'numbers' }, commandId, requestMac: '' },
  }
}

export class NumberSeries {
  readonly #store: EventStore
  readonly #recorder: Recorder
  readonly #series = new Map<string, Series>()
  readonly #queue = new Map<string, Promise<unknown>>()
  /** Numbers by case, of the series used so far. */
  readonly #known = new Map<string, AllocatedNumber>()

  constructor(store: EventStore, recorder: Recorder) {
    this.#store = store
    this.#recorder = recorder
  }

  /** The number a case already has, where its series was used since the start: without reading anything. */
  known(stream: string): AllocatedNumber | undefined {
    return this.#known.get(stream)
  }

  /**
   * The number of a case: allocated now, or the one it already has.
   * @param registeredAt recording time of the opening event; its Shanghai year names the series
   */
  async allocate(stream: string, organisation: string, kind: string, registeredAt: string): Promise<AllocatedNumber> {
    const year = Number(dateOf(registeredAt).slice(0, 4))
    const name = numbersStream(organisation, kind, year)
    // One allocation at a time per series and process: racing with oneself would only cost retries.
    const before = this.#queue.get(name) ?? Promise.resolve()
    const mine = before.then(() => this.#next(name, stream, { organisation, kind, year }))
    const settled = mine.catch(() => undefined)
    this.#queue.set(name, settled)
    try {
      return await mine
    } finally {
      if (this.#queue.get(name) === settled) this.#queue.delete(name)
    }
  }

  async #next(name: string, stream: string, place: Place): Promise<AllocatedNumber> {
    const { organisation, kind } = place
    const series = this.#series.get(name) ?? { revision: -1, byCase: new Map<string, AllocatedNumber>() }
    this.#series.set(name, series)
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      if (attempt > 0 || series.revision < 0) await this.#refresh(name, series, place)
      const known = series.byCase.get(stream)
      if (known !== undefined) return known
      const { draft, provenance } = allocation(name, stream, organisation, kind)
      const expected = series.revision < 0 ? 'no_stream' : series.revision
      const { result } = await this.#recorder.record(name, expected, [draft], provenance)
      if (result.ok && !result.repeated) {
        series.revision = result.revision
        const { revision, position } = result
        return this.#learn(series, stream, { ...place, sequence: revision + 1, position })
      }
    }
    throw new NumberConflict(name)
  }

  async #refresh(name: string, series: Series, place: Place): Promise<void> {
    const slice = await this.#store.readStream(name, { from: series.revision + 1 })
    for (const event of slice.events) {
      const envelope = decodeEnvelope(event.bytes)
      if (envelope.type !== 'NumberAllocated') continue
      const owner = (envelope.data as { case: string }).case
      if (series.byCase.has(owner)) continue
      this.#learn(series, owner, { ...place, sequence: event.revision + 1, position: event.position })
    }
    series.revision = Math.max(series.revision, slice.lastRevision)
  }

  #learn(series: Series, stream: string, number: AllocatedNumber): AllocatedNumber {
    series.byCase.set(stream, number)
    this.#known.set(stream, number)
    return number
  }
}
