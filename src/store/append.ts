/** What every store refuses before it looks at its streams. */
import { type EventToAppend, type ExpectedRevision, MAX_EVENT_BYTES, StoreError } from './port.ts'

/** Largest append in bytes, all events together: EventStoreDB takes at most 1 MiB with its own overhead. */
export const MAX_APPEND_BYTES = 960 * 1024

/**
 * Checks the shape of an append.
 * @returns its size in bytes
 * @throws RangeError for what no caller may ask: no events, an impossible expected revision, a reserved stream name
 * @throws StoreError `event-too-large` above {@link MAX_EVENT_BYTES} an event or {@link MAX_APPEND_BYTES} in all
 */
export function checkAppend(stream: string, events: readonly EventToAppend[], expected: ExpectedRevision): number {
  if (stream === '' || stream.startsWith('$')) throw new RangeError(`no stream may be named ${JSON.stringify(stream)}`)
  if (events.length === 0) throw new RangeError('an append holds at least one event')
  if (expected !== 'no_stream' && !(Number.isSafeInteger(expected) && expected >= 0))
    throw new RangeError(`impossible expected revision ${String(expected)}`)
  let total = 0
  for (const { type, bytes } of events) {
    if (bytes.length > MAX_EVENT_BYTES) throw new StoreError('event-too-large', `${type}: ${bytes.length} bytes`)
    total += bytes.length
  }
  if (total > MAX_APPEND_BYTES) throw new StoreError('event-too-large', `${events.length} events: ${total} bytes`)
  return total
}
