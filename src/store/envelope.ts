/** Envelope bytes: encoded once here, never re-serialised; lifted to current versions on read. */
import type { Envelope, EventMap, Recorded } from '../domain/event.ts'
import { isCorrection } from '../domain/history.ts'
import { MAX_EVENT_BYTES, type StoredEvent, StoreError } from './port.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * The exact bytes of an envelope: UTF-8 JSON, properties in the order of {@link Envelope}.
 * @throws StoreError `event-too-large` above 60 KiB
 */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  const { id, stream, revision, type, version, recordedAt, effectiveAt, corrects, organisation, actor } = envelope
  const { commandId, requestMac, causationId, correlationId, basis, data } = envelope
  const bytes = encoder.encode(
    JSON.stringify({
      id,
      stream,
      revision,
      type,
      version,
      recordedAt,
      effectiveAt,
      corrects,
      organisation,
      actor,
      commandId,
      requestMac,
      causationId,
      correlationId,
      basis,
      data,
    }),
  )
  if (bytes.length > MAX_EVENT_BYTES) throw new StoreError('event-too-large', `${type}: ${bytes.length} bytes`)
  return bytes
}

/** Bytes in memory that several readers ask for, and what they parse to: null until somebody did. */
const shared = new WeakMap<Uint8Array, Envelope | null>()

/** Has these bytes parsed once, whoever asks: for bytes that are kept in memory and never written again. */
export function decodeOnce(bytes: Uint8Array): void {
  if (!shared.has(bytes)) shared.set(bytes, null)
}

/** Parses stored bytes, without lifting. Nobody changes what it answers: it may be shared. */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  const known = shared.get(bytes)
  if (known) return known
  const envelope = JSON.parse(decoder.decode(bytes)) as Envelope
  if (known === null) shared.set(bytes, envelope)
  return envelope
}

/** An event type or version this program does not know: a newer program wrote it. */
export class UnknownEvent extends Error {
  readonly type: string
  readonly version: number
  constructor(type: string, version: number) {
    super(`unknown event ${type} version ${version}`)
    this.name = 'UnknownEvent'
    this.type = type
    this.version = version
  }
}

/** Version of `StepVoided` and `StepReplaced`, which every category has. */
export const CORRECTION_VERSION = 1

function liftData(type: string, version: number, data: unknown, events: EventMap): unknown {
  const definition = Object.hasOwn(events, type) ? events[type] : undefined
  if (!definition || version > definition.version) throw new UnknownEvent(type, version)
  let lifted = data
  for (let from = version; from < definition.version; from++) {
    const upcast = definition.from?.[from]
    if (!upcast) throw new UnknownEvent(type, version)
    lifted = upcast(lifted as never)
  }
  return lifted
}

/**
 * Lifts an envelope to the current schema versions. `typeOf` gives the type of the event a replacement names.
 * @throws UnknownEvent
 */
export function upcast(
  envelope: Envelope,
  index: number | undefined,
  events: EventMap,
  typeOf: (event: string) => string | undefined,
): Recorded {
  const recorded = index === undefined ? envelope : { ...envelope, index }
  if (isCorrection(envelope)) {
    if (envelope.version > CORRECTION_VERSION) throw new UnknownEvent(envelope.type, envelope.version)
    if (envelope.corrects!.mode === 'void') return recorded
    const target = typeOf(envelope.corrects!.event)
    const replacement = envelope.data as { version: number; data: unknown }
    if (target === undefined) return recorded
    const data = liftData(target, replacement.version, replacement.data, events)
    return { ...recorded, data: { ...replacement, data } }
  }
  const definition = events[envelope.type]
  if (definition && definition.version === envelope.version) return recorded
  return { ...recorded, data: liftData(envelope.type, envelope.version, envelope.data, events) }
}

/** Decodes and lifts the events of one stream. @throws UnknownEvent */
export function decodeStream(stored: readonly StoredEvent[], events: EventMap): Recorded[] {
  const types = new Map<string, string>()
  return stored.map((event) => {
    const envelope = decodeEnvelope(event.bytes)
    types.set(envelope.id, envelope.type)
    return upcast(envelope, event.index, events, (id) => types.get(id))
  })
}
