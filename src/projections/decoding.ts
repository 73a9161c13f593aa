/** Decodes events one by one in log order, lifted to current versions; nothing that this program does not know passes. */
import { categoryOf, type Recorded } from '../domain/event.ts'
import { decodeEnvelope, decodeStream, UnknownEvent, upcast } from '../store/envelope.ts'
import type { EventLog, StoredEvent } from '../store/port.ts'
import type { DeciderOf } from './projection.ts'

/** Reads one stored event. @throws UnknownEvent, or what JSON.parse throws on damaged bytes */
export type DecodeEvent = (stored: StoredEvent) => Recorded

/** A decoder over a log: a replacement is lifted by the type of the step that it names, looked up in its stream. */
export function eventDecoder(log: EventLog, deciders: DeciderOf): DecodeEvent {
  return (stored) => {
    const envelope = decodeEnvelope(stored.bytes)
    const decider = deciders(categoryOf(stored.stream))
    if (!decider) throw new UnknownEvent(stored.type, envelope.version)
    return upcast(envelope, stored.index, decider.events, (id) => {
      for (const event of log.stream(stored.stream, stored.index)) if (event.id === id) return event.type
      return undefined
    })
  }
}

/** Events of one stream up to a log size, lifted. @throws UnknownEvent */
export function readStream(log: EventLog, deciders: DeciderOf, stream: string, to?: number): Recorded[] {
  const stored = log.stream(stream, to)
  if (stored.length === 0) return []
  const decider = deciders(categoryOf(stream))
  if (!decider) throw new UnknownEvent(stored[0]!.type, decodeEnvelope(stored[0]!.bytes).version)
  return decodeStream(stored, decider.events)
}
