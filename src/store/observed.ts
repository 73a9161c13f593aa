/** A store whose appends are watched: how long they take and how they end. */
import { type AppendResult, type EventStore, type EventToAppend, type ExpectedRevision, StoreError } from './port.ts'

export interface AppendObservation {
  /** From the call to the durable answer. */
  readonly seconds: number
  readonly events: number
  /** `appended`, `repeated`, `conflict`, or the code of the failure. */
  readonly outcome: string
}

const outcomeOf = (result: AppendResult): string =>
  result.ok ? (result.repeated ? 'repeated' : 'appended') : 'conflict'

/** The same store; every append is told once it has ended. */
export function observedStore(store: EventStore, observe: (seen: AppendObservation) => void): EventStore {
  return {
    async append(stream: string, events: readonly EventToAppend[], expected: ExpectedRevision) {
      const begun = performance.now()
      const tell = (outcome: string) =>
        observe({ seconds: (performance.now() - begun) / 1000, events: events.length, outcome })
      try {
        const result = await store.append(stream, events, expected)
        tell(outcomeOf(result))
        return result
      } catch (error) {
        tell(error instanceof StoreError ? error.code : 'internal')
        throw error
      }
    },
    readStream: (stream, options) => store.readStream(stream, options),
    readAll: (after, limit) => store.readAll(after, limit),
    subscribe: (after, signal) => store.subscribe(after, signal),
    head: () => store.head(),
    comparePositions: (a, b) => store.comparePositions(a, b),
    isPosition: (position) => store.isPosition(position),
    close: () => store.close(),
  }
}
