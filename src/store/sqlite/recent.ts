/**
 * What a table's writer appended last, and the streams that were just read: whoever follows the log meets an event a moment after it was
 * written, and the stream it stands in was read for the command that wrote it. Only what is committed is kept. What proves the
 * file (`EventLog.read`) never comes from here.
 */
import type { Envelope } from '../../domain/event.ts'
import { decodeEnvelope, decodeOnce } from '../envelope.ts'
import type { StoredEvent } from '../port.ts'

/** Events of the log's end that are kept, and their bytes. */
const TAIL = 4_096
const TAIL_BYTES = 4 * 1024 * 1024
/** Whole streams that are kept, the events of one, and the bytes of all. */
const STREAMS = 2_000
const STREAM_EVENTS = 128
const STREAM_BYTES = 8 * 1024 * 1024

const bytesOf = (events: readonly StoredEvent[]): number => events.reduce((sum, { bytes }) => sum + bytes.length, 0)

export class RecentEvents {
  /** The log's last events in index order, without gaps. */
  #tail: StoredEvent[] = []
  #tailBytes = 0
  /** Whole streams, last used last. */
  readonly #streams = new Map<string, readonly StoredEvent[]>()
  #streamBytes = 0
  /** Number of events in the log. */
  #size: number

  constructor(size: number) {
    this.#size = size
  }

  /** Number of events committed. */
  get size(): number {
    return this.#size
  }

  /** Takes what a commit added, in index order. */
  committed(events: readonly StoredEvent[]): void {
    for (const event of events) {
      decodeOnce(event.bytes)
      this.#tail.push(event)
      this.#tailBytes += event.bytes.length
      const before = event.revision === 0 ? [] : this.#streams.get(event.stream)
      if (before) this.keep(event.stream, [...before, event])
    }
    this.#size += events.length
    // Cutting costs a copy: it is done by halves.
    if (this.#tail.length <= 2 * TAIL && this.#tailBytes <= 2 * TAIL_BYTES) return
    let from = Math.max(0, this.#tail.length - TAIL)
    let bytes = bytesOf(this.#tail.slice(from))
    for (; bytes > TAIL_BYTES; from++) bytes -= this.#tail[from]!.bytes.length
    this.#tail = this.#tail.slice(from)
    this.#tailBytes = bytes
  }

  /** Keeps all events of a stream there are. */
  keep(stream: string, events: readonly StoredEvent[]): void {
    this.#forget(stream)
    if (events.length === 0 || events.length > STREAM_EVENTS) return
    for (const { bytes } of events) decodeOnce(bytes)
    this.#streams.set(stream, events)
    this.#streamBytes += bytesOf(events)
    for (const oldest of this.#streams.keys()) {
      if (this.#streams.size <= STREAMS && this.#streamBytes <= STREAM_BYTES) return
      this.#forget(oldest)
    }
  }

  /** All events of a stream; undefined where they are not kept. */
  stream(name: string): readonly StoredEvent[] | undefined {
    const events = this.#streams.get(name)
    if (!events) return undefined
    this.#streams.delete(name)
    this.#streams.set(name, events)
    return events
  }

  /** Envelopes by index, below `to`; undefined where they are not all kept. */
  envelopes(from: number, to: number): readonly Envelope[] | undefined {
    const first = this.#size - this.#tail.length
    if (from < first) return undefined
    return this.#tail.slice(from - first, Math.max(from, to) - first).map(({ bytes }) => decodeEnvelope(bytes))
  }

  #forget(stream: string): void {
    const events = this.#streams.get(stream)
    if (!events) return
    this.#streams.delete(stream)
    this.#streamBytes -= bytesOf(events)
  }
}
