/** Appending: three outcomes that are never guessed at — written, not written because of the revision, not known. */
import { binaryEvent, type EventData } from '@eventstore/db-client'
import {
  type AppendResult,
  type EventToAppend,
  type ExpectedRevision,
  type Position,
  type StoredEvent,
  StoreError,
  type StreamSlice,
} from '../port.ts'
import { ClusterUnavailable, judge, messageOf } from './errors.ts'
import { positionText } from './positions.ts'
import { TYPE_PREFIX } from './records.ts'
import { type Calls, LEAST_MS, pause, refuseClosed } from './retrying.ts'

/** Appends under way at once; a server takes 100 calls on one connection. */
const AT_ONCE = 90
/** Appends that wait for their turn; beyond it `store-busy`. */
const MAX_QUEUED = 10_000
/** Never sent: without TLS the client drops credentials. Giving some makes it use the append that has no shared map. */
export const NOBODY = { username: 'nobody', password: 'nobody' }

/** At most {@link AT_ONCE} at a time, in the order of their coming. */
export class Turns {
  #running = 0
  readonly #waiting = new Set<() => void>()

  /** How many wait for their turn. */
  get queued(): number {
    return this.#waiting.size
  }

  /** @throws StoreError `store-busy` where too many wait already, ClusterUnavailable where the turn does not come in time */
  async take(ms: number): Promise<void> {
    if (this.#running < AT_ONCE) {
      this.#running++
      return
    }
    if (this.#waiting.size >= MAX_QUEUED) throw new StoreError('store-busy', `${MAX_QUEUED} appends are waiting`)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = setTimeout(() => {
      this.#waiting.delete(resolve)
      reject(new ClusterUnavailable('not-written', `waited ${ms} ms for other appends`))
    }, ms)
    this.#waiting.add(resolve)
    await promise.finally(() => clearTimeout(timer))
  }

  give(): void {
    for (const next of this.#waiting) {
      this.#waiting.delete(next)
      next()
      return
    }
    this.#running--
  }
}

/**
 * Appends of this process to one stream, one after the other in the order of their calls, as in an embedded store: two under
 * way at once may reach the server in either order.
 */
export class Lanes {
  readonly #last = new Map<string, Promise<void>>()

  /** @throws ClusterUnavailable where those before it take longer than so many milliseconds */
  async run<Answer>(stream: string, ms: number, work: () => Promise<Answer>): Promise<Answer> {
    const before = this.#last.get(stream)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last.set(stream, promise)
    try {
      if (before) await within(before, ms)
      return await work()
    } finally {
      // Whoever comes next waits for those before this one too, also where this one did not.
      if (before) void before.then(resolve)
      else resolve()
      void promise.then(() => this.#last.get(stream) === promise && this.#last.delete(stream))
    }
  }
}

async function within(before: Promise<void>, ms: number): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new ClusterUnavailable('not-written', `waited ${ms} ms for other appends to this stream`)),
    ms,
  )
  await Promise.race([before, late.promise]).finally(() => clearTimeout(timer))
}

/** A position the append itself did not tell: read back. */
type ReadBack = (stream: string, from: number, limit: number) => Promise<StreamSlice>

/**
 * Appends, and repeats with the same ids while the outcome is open: that is idempotent at an expected revision. Where the
 * last answer was lost too, the ids are looked for at their place.
 * @throws ClusterUnavailable, StoreError
 */
export async function append(
  calls: Calls,
  stream: string,
  events: readonly EventToAppend[],
  expected: ExpectedRevision,
  readBack: ReadBack,
): Promise<AppendResult> {
  const { connection, timeouts, closing, clock } = calls
  const credentials = connection.address.credentials ?? NOBODY
  const data: EventData[] = events.map(({ id, type, bytes }) =>
    binaryEvent({ id, type: TYPE_PREFIX + type, data: bytes }),
  )
  const expectedRevision = expected === 'no_stream' ? expected : BigInt(expected)
  const until = clock() + timeouts.budget
  let sent = false
  let refused: ExpectedRevision | undefined
  let last: unknown
  for (let failures = 0; ; failures++) {
    if (!sent) refuseClosed(calls)
    try {
      const ms = Math.min(timeouts.attempt, Math.max(LEAST_MS, until - clock()))
      const result = await connection.attempt(`append to ${stream}`, ms, ({ client }) =>
        client.appendToStream(stream, data, { expectedRevision, credentials, requiresLeader: true, deadline: ms }),
      )
      const revision = Number(result.nextExpectedRevision)
      if (result.position) return { ok: true, revision, position: positionText(result.position), repeated: sent }
      break
    } catch (error) {
      last = error
      const verdict = judge(error)
      if (verdict.kind === 'wrong-revision') {
        if (!sent) return { ok: false, reason: 'wrong-revision', actual: verdict.actual }
        refused = verdict.actual
        break
      }
      if (verdict.kind === 'refused') throw verdict.error
      sent ||= verdict.sent
      await pause(failures, closing)
      if (until - clock() < LEAST_MS || closing.aborted) break
    }
  }
  const settled = await settle(stream, events, expected, readBack)
  if (settled) return settled
  if (refused !== undefined) return { ok: false, reason: 'wrong-revision', actual: refused }
  const message = `append to ${stream}: ${messageOf(last)}`
  throw new ClusterUnavailable(sent ? 'unknown' : 'not-written', message, { cause: last })
}

/** Looks for the ids at their place. @returns undefined where that settles nothing */
async function settle(
  stream: string,
  events: readonly EventToAppend[],
  expected: ExpectedRevision,
  readBack: ReadBack,
): Promise<AppendResult | undefined> {
  const first = expected === 'no_stream' ? 0 : expected + 1
  let slice: StreamSlice
  try {
    slice = await readBack(stream, first, events.length)
  } catch {
    return undefined
  }
  if (slice.lastRevision < first) return undefined
  const last: { revision: number; position: Position } | undefined = sameIds(slice.events, events)
    ? slice.events.at(-1)
    : undefined
  if (last) return { ok: true, revision: last.revision, position: last.position, repeated: true }
  return { ok: false, reason: 'wrong-revision', actual: slice.lastRevision }
}

const sameIds = (found: readonly StoredEvent[], events: readonly EventToAppend[]): boolean =>
  found.length === events.length && found.every(({ id }, place) => id === events[place]!.id)
