/** Reactors: what must happen after a fact although its command may have died; safe to run twice and on every node. */
import { categoryOf } from '../domain/event.ts'
import type { EventLog } from '../store/port.ts'
import type { Category } from './execute.ts'
import type { NumberSeries } from './numbers.ts'

/** Opening events of cases that bring a number of their own. */
const NUMBERED_ELSEWHERE = new Set(['CaseImported'])

/** Events between two turns of the event loop. */
const PAGE = 2_000

export interface NumberReactorPorts {
  readonly log: EventLog
  readonly categories: Readonly<Record<string, Category>>
  readonly numbers: NumberSeries
}

/** Gives cases their number where a crash came between the case and its number. Reads each event once. */
export class NumberReactor {
  readonly #ports: NumberReactorPorts
  readonly #waiting = new Map<string, { organisation: string; kind: string; recordedAt: string }>()
  #at = 0
  #running: Promise<number> | undefined

  constructor(ports: NumberReactorPorts) {
    this.#ports = ports
  }

  /**
   * Looks at what was recorded since the last time and finishes every case without a number, in the order of registration.
   * @returns how many were finished
   * @throws StoreError, NumberConflict; what is left is finished the next time
   */
  run(): Promise<number> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #run(): Promise<number> {
    await this.#read()
    let finished = 0
    for (const [stream, { organisation, kind, recordedAt }] of [...this.#waiting]) {
      await this.#ports.numbers.allocate(stream, organisation, kind, recordedAt)
      this.#waiting.delete(stream)
      finished++
    }
    return finished
  }

  async #read(): Promise<void> {
    const { log, categories } = this.#ports
    for (const size = log.size(); this.#at < size; ) {
      for (const event of log.envelopes(this.#at, PAGE, size)) {
        this.#at++
        if (event.type === 'NumberAllocated') this.#waiting.delete((event.data as { case: string }).case)
        const kind = event.revision === 0 ? categories[categoryOf(event.stream)]?.numbered : undefined
        if (kind !== undefined && !NUMBERED_ELSEWHERE.has(event.type))
          this.#waiting.set(event.stream, { organisation: event.organisation, kind, recordedAt: event.recordedAt })
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}
