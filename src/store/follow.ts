/** Subscriptions for stores that live in this process: pages are pulled from the table, nothing is buffered. */
import type { Page, Position, SubscriptionMessage } from './port.ts'

/** Wakes whoever waits for the next commit. */
export class Commits {
  readonly #waiting = new Set<() => void>()

  /** Says that something was committed. */
  announce(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake()
  }

  /** Resolves at the next announcement or when the signal aborts. */
  next(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake)
        this.#waiting.delete(wake)
        resolve()
      }
      signal.addEventListener('abort', wake)
      this.#waiting.add(wake)
    })
  }
}

/** What {@link follow} needs of a store; all of it synchronous, so that no commit falls between a look and a wait. */
export interface Followed {
  page(after: Position | undefined): Page
  /** Whether anything stands after the position. */
  hasMore(after: Position | undefined): boolean
  /** Resolves when there may be more, or when the signal aborts. */
  wait(signal: AbortSignal): Promise<void>
}

/** The subscription of {@link Followed}; ends when the signal aborts. */
export async function* follow(
  store: Followed,
  after: Position | undefined,
  signal: AbortSignal,
): AsyncGenerator<SubscriptionMessage, void, undefined> {
  let checkpoint = after
  let told = false
  while (!signal.aborted) {
    if (!store.hasMore(checkpoint)) {
      if (!told) {
        told = true
        yield { kind: 'caught-up', checkpoint }
      } else await store.wait(signal)
      continue
    }
    const page = store.page(checkpoint)
    for (const event of page.events) {
      if (signal.aborted) return
      yield { kind: 'event', event }
    }
    checkpoint = page.checkpoint
    told = false
  }
}
