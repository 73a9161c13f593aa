/** Trying again until the time given is over. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Attempt, Connection, Timeouts } from './connection.ts'
import { ClusterUnavailable, judge, messageOf } from './errors.ts'

/** First pause between two attempts, in milliseconds; each further one is twice as long, up to {@link LONGEST_PAUSE}. */
const FIRST_PAUSE = 20
const LONGEST_PAUSE = 400
/** An attempt with less time left than this is not worth making, in milliseconds. */
export const LEAST_MS = 20

/** Waits before the attempt after so many failures; ends early when the signal aborts. */
export async function pause(failures: number, signal: AbortSignal, longest = LONGEST_PAUSE): Promise<void> {
  const ms = Math.min(FIRST_PAUSE * 2 ** Math.min(failures, 16), longest)
  await sleep(ms, undefined, { signal }).catch(() => {})
}

/** What all calls of one store share. */
export interface Calls {
  readonly connection: Connection
  readonly timeouts: Timeouts
  /** Aborts when the store closes. */
  readonly closing: AbortSignal
  /** A monotonic clock in milliseconds. */
  readonly clock: () => number
}

/** Throws once the store is closed. */
export function refuseClosed({ closing }: Pick<Calls, 'closing'>): void {
  if (closing.aborted) throw new ClusterUnavailable('not-written', 'the store is closed')
}

/**
 * Runs a call that changes nothing until it succeeds.
 * @throws ClusterUnavailable once the budget is spent; what the server refuses, at once
 */
export async function reading<Answer>(
  calls: Calls,
  what: string,
  work: (attempt: Attempt) => Promise<Answer>,
): Promise<Answer> {
  const { connection, timeouts, closing, clock } = calls
  const until = clock() + timeouts.budget
  for (let failures = 0; ; failures++) {
    refuseClosed(calls)
    try {
      return await connection.attempt(what, Math.min(timeouts.attempt, Math.max(LEAST_MS, until - clock())), work)
    } catch (error) {
      const verdict = judge(error)
      if (error instanceof RangeError) throw error
      if (verdict.kind === 'refused') throw verdict.error
      if (clock() >= until)
        throw new ClusterUnavailable('not-written', `${what}: ${messageOf(error)}`, { cause: error })
      await pause(failures, closing)
    }
  }
}
