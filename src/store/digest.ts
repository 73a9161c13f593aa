/** One number for all that is recorded: the same on every store that holds the same events. */
import { createHash } from 'node:crypto'
import type { EventLog, StoredEvent } from './port.ts'

/** Events read at a time: bounds memory and how long other work of the process waits. */
const PAGE = 500
const NEWLINE = Buffer.from('\n')

export interface EventsDigest {
  /** Number of events. */
  readonly events: number
  /** Id of the last one; null where there is none. */
  readonly lastEvent: string | null
  /** Lower-case hex SHA-256 over the exact bytes of every envelope in index order, each ended by a newline. */
  readonly digest: string
}

/** Digests events that are given one after the other, in index order. */
export class EventsDigester {
  readonly #hash = createHash('sha256')
  #events = 0
  #lastEvent: string | null = null

  /** How many there were. */
  get events(): number {
    return this.#events
  }

  add({ id, bytes }: Pick<StoredEvent, 'id' | 'bytes'>): void {
    this.#hash.update(bytes).update(NEWLINE)
    this.#lastEvent = id
    this.#events++
  }

  /** The digest of all of them; nothing can be added afterwards. */
  end(): EventsDigest {
    return { events: this.#events, lastEvent: this.#lastEvent, digest: this.#hash.digest('hex') }
  }
}

/**
 * Digests the events below `to` (default: all there are now). An index that is missing or out of place ends the count there, so
 * that two logs with one digest have the same events at the same indexes.
 */
export async function digestEvents(log: EventLog, to = log.size()): Promise<EventsDigest> {
  const digester = new EventsDigester()
  while (digester.events < to) {
    const page = log.read(digester.events, PAGE, to)
    const before = digester.events
    for (const event of page) {
      if (event.index !== digester.events) break
      digester.add(event)
    }
    if (digester.events === before) break
    // A long log must not stop the service that runs beside it.
    await new Promise((resolve) => setImmediate(resolve))
  }
  return digester.end()
}
