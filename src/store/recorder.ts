/** Stamps, encodes and appends: the one place where envelopes are made. */
import type { Actor, Basis, Corrects, Envelope } from '../domain/event.ts'
import { type EffectiveTime, instantOfMs, sortKey } from '../domain/time.ts'
import { encodeEnvelope } from './envelope.ts'
import type { AppendResult, EventStore, ExpectedRevision } from './port.ts'

/** The writer's clock. */
export interface RecordingClock {
  /**
   * Milliseconds for `recordedAt`: the clock, but never before the last one given.
   * @throws StoreError `clock-skew` after a step back of more than 5 s, until an operator confirms
   */
  stamp(): number
}

/** One event ready but for its place and time of recording. */
export interface Draft {
  readonly id: string
  readonly type: string
  readonly version: number
  /** Default: the stamp itself. */
  readonly effectiveAt?: EffectiveTime
  readonly corrects?: Corrects
  readonly basis?: Basis
  readonly data: unknown
}

/** What all events of one append share. */
export interface Provenance {
  readonly organisation: string
  readonly actor: Actor
  readonly commandId: string
  readonly requestMac: string
  readonly causationId?: string
  readonly correlationId?: string
}

/** An effective time later than the recording: `execute` refuses it with `effective-in-future`. */
export class EffectiveInFuture extends Error {
  readonly code = 'effective-in-future' as const
}

export class Recorder {
  readonly store: EventStore
  readonly #clock: RecordingClock
  constructor(store: EventStore, clock: RecordingClock) {
    this.store = store
    this.#clock = clock
  }

  /**
   * Appends drafts as the next events of a stream. Stamping and handing over happen in one turn, so that in an embedded
   * store `recordedAt` follows commit order.
   * @throws StoreError, EffectiveInFuture
   */
  async record(
    stream: string,
    expected: ExpectedRevision,
    drafts: readonly Draft[],
    provenance: Provenance,
  ): Promise<{ result: AppendResult; envelopes: Envelope[] }> {
    const stamp = this.#clock.stamp()
    const recordedAt = instantOfMs(stamp)
    const first = expected === 'no_stream' ? 0 : expected + 1
    const envelopes = drafts.map((draft, place): Envelope => {
      const effectiveAt = draft.effectiveAt ?? recordedAt
      if (sortKey(effectiveAt) > stamp) throw new EffectiveInFuture(effectiveAt)
      const { id, type, version, corrects, basis, data } = draft
      return {
        ...provenance,
        id,
        stream,
        revision: first + place,
        type,
        version,
        recordedAt,
        effectiveAt,
        corrects,
        basis,
        data,
      }
    })
    const events = envelopes.map((envelope) => ({
      id: envelope.id,
      type: envelope.type,
      bytes: encodeEnvelope(envelope),
    }))
    const result = await this.store.append(stream, events, expected)
    return { result, envelopes }
  }
}
