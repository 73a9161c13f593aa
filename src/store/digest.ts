/** One number for all that is recorded: the same on every store that holds the same events. */
import { createHash } from 'node:crypto'
import type { EventLog } from './port.ts'

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

/**
 * Digests the events below `to` (default: all there are now). An index that is missing or out of place ends the count there, so
 * that two logs with one digest have the same events at the same indexes.
 */
export async function digestEvents(log: EventLog, to = log.size()): Promise<EventsDigest> {
  const hash = createHash('sha256')
  let events = 0
  let lastEvent: string | null = null
  while (events < to) {
    const page = log.read(events, PAGE, to)
    const before = events
    for (const event of page) {
      if (event.index !== events) break
      hash.update(event.bytes).update(NEWLINE)
      lastEvent = event.id
      events++
    }
    if (events === before) break
    // A long log must not stop the service that runs beside it.
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { events, lastEvent, digest: hash.digest('hex') }
}
