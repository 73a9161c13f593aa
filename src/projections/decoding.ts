/** Reads events in log order, lifted to current versions; nothing that this program does not know passes. */
import { categoryOf, type Envelope, type Recorded } from '../domain/event.ts'
import { decodeEnvelope, decodeStream, UnknownEvent, upcast } from '../store/envelope.ts'
import type { EventLog } from '../store/port.ts'
import type { DeciderOf } from './projection.ts'

/** Lifts one envelope at its index. @throws UnknownEvent */
export type LiftEvent = (envelope: Envelope, index: number) => Recorded

/** A lifter over a log: a replacement is lifted by the type of the step that it names, looked up in its stream. */
export function eventLifter(log: EventLog, deciders: DeciderOf): LiftEvent {
  return (envelope, index) => {
    const { stream } = envelope
    const decider = deciders(categoryOf(stream))
    if (!decider) throw new UnknownEvent(envelope.type, envelope.version)
    return upcast(envelope, index, decider.events, (id) => {
      for (const event of log.stream(stream, index)) if (event.id === id) return event.type
      return undefined
    })
  }
}

/** Envelopes by index as far as they can be read, and what is wrong with the one after them. */
export function readableEnvelopes(
  log: EventLog,
  from: number,
  limit: number,
): { envelopes: readonly Envelope[]; damage?: Error } {
  try {
    return { envelopes: log.envelopes(from, limit) }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const envelopes: Envelope[] = []
    for (const stored of log.read(from, limit))
      try {
        envelopes.push(decodeEnvelope(stored.bytes))
      } catch (damage) {
        return { envelopes, damage: damage as Error }
      }
    throw error
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
