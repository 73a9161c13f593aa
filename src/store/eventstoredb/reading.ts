/** Reading streams and `$all` in pages, and finding the head among records that are not ours. */
import {
  type AllStreamResolvedEvent,
  BACKWARDS,
  END,
  type ResolvedEvent,
  START,
  StreamNotFoundError,
} from '@eventstore/db-client'
import type { Page, Position, StoredEvent, StreamSlice } from '../port.ts'
import type { Attempt } from './connection.ts'
import { compareLog, type LogPosition, parsePosition } from './positions.ts'
import { type Foreign, recordOf, type ServerRecord } from './records.ts'
import { type Calls, reading } from './retrying.ts'

/** Records of one request at most, while records that are not ours are skipped. */
const LARGEST_CHUNK = 4_096
/** Records looked at first when the head is asked for. */
const HEAD_CHUNK = 16

type ClientStream = ReturnType<Attempt['client']['readAll']> | ReturnType<Attempt['client']['readStream']>

/** Takes what a read delivers until it ends or `each` has enough, then ends it on the server too. */
export async function drain(
  { over, progress }: Attempt,
  stream: ClientStream,
  each: (resolved: ResolvedEvent) => boolean,
): Promise<void> {
  // The client emits errors also after it was told to stop; without a listener that ends the process.
  stream.on('error', () => {})
  const stop = () => stream.destroy()
  over.addEventListener('abort', stop)
  try {
    for await (const resolved of stream as AsyncIterable<ResolvedEvent>) {
      progress()
      if (!each(resolved)) break
    }
  } finally {
    over.removeEventListener('abort', stop)
    void stream.cancel().catch(() => {})
  }
}

export type Report = (foreign: Foreign) => void

/** Events of one stream in order; what is not ours in it, or missing, is reported. */
export async function readStream(
  calls: Calls,
  stream: string,
  options: { from?: number; limit?: number },
  report: Report,
): Promise<StreamSlice> {
  const { from = 0, limit } = options
  return reading(calls, `reading ${stream}`, async (attempt) => {
    const events: StoredEvent[] = []
    const found: Foreign[] = []
    let lastRevision = -1
    if (limit !== undefined || from > 0) {
      lastRevision = await lastRevisionOf(attempt, stream)
      if (lastRevision < from || limit === 0) return { exists: lastRevision >= 0, lastRevision, events }
    }
    const request = attempt.client.readStream(stream, {
      ...(from > 0 && { fromRevision: BigInt(from) }),
      ...(limit !== undefined && { maxCount: limit }),
      requiresLeader: true,
    })
    let next = from
    await unlessMissing(
      drain(attempt, request, (resolved) => {
        const { ours, foreign } = recordOf(resolved)
        const revision = Number(resolved.event?.revision ?? next)
        if (revision !== next)
          found.push({
            kind: 'gap',
            stream,
            revision: next,
            detail: `revisions ${next} to ${revision - 1} are missing`,
          })
        if (ours) events.push(ours)
        else if (foreign) found.push(foreign)
        else {
          const detail = `${resolved.event?.type ?? 'a link'} of another program`
          found.push({ kind: 'foreign-event', stream, revision, detail })
        }
        next = revision + 1
        lastRevision = Math.max(lastRevision, revision)
        return true
      }),
    )
    for (const each of found) report(each)
    return { exists: lastRevision >= 0, lastRevision, events }
  })
}

async function lastRevisionOf(attempt: Attempt, stream: string): Promise<number> {
  let last = -1
  const options = { direction: BACKWARDS, fromRevision: END, maxCount: 1, requiresLeader: true } as const
  await unlessMissing(
    drain(attempt, attempt.client.readStream(stream, options), (resolved) => {
      last = Number(resolved.event?.revision ?? -1)
      return false
    }),
  )
  return last
}

export async function unlessMissing(read: Promise<void>): Promise<void> {
  try {
    await read
  } catch (error) {
    if (!(error instanceof StreamNotFoundError)) throw error
  }
}

/** Up to so many records from a position: forwards the one at it included, backwards excluded. */
async function chunk(
  attempt: Attempt,
  direction: 'forwards' | 'backwards',
  from: LogPosition | undefined,
  count: number,
): Promise<ServerRecord[]> {
  const records: ServerRecord[] = []
  const request = attempt.client.readAll({
    direction,
    fromPosition: from ?? (direction === 'forwards' ? START : END),
    maxCount: count,
    requiresLeader: true,
  })
  await drain(attempt, request, (resolved) => {
    records.push(recordOf(resolved as AllStreamResolvedEvent))
    return true
  })
  return records
}

/** A page of our events after a position. */
export async function readPage(
  calls: Calls,
  after: Position | undefined,
  limit: number,
  report: Report,
): Promise<Page> {
  const start = after === undefined ? undefined : parsePosition(after)
  return reading(calls, 'reading $all', async (attempt) => {
    const events: StoredEvent[] = []
    let last = start
    // The record at the position comes again, and one more than asked for tells whether the end was reached.
    for (let size = Math.min(limit + 2, LARGEST_CHUNK); ; size = Math.min(size * 2, LARGEST_CHUNK)) {
      const records = await chunk(attempt, 'forwards', last, size)
      for (const { position, ours, foreign } of records) {
        if (last && compareLog(position, last) <= 0) continue
        if (events.length >= limit) return { events, checkpoint: events.at(-1)?.position ?? after, atHead: false }
        if (ours) events.push(ours)
        if (foreign) report(foreign)
        last = position
      }
      if (records.length < size) return { events, checkpoint: events.at(-1)?.position ?? after, atHead: true }
    }
  })
}

/** Finds the position of our last event, looking at every record of others at most once. */
export class HeadFinder {
  readonly #calls: Calls
  #seen: LogPosition | undefined
  #ours: LogPosition | undefined

  constructor(calls: Calls) {
    this.#calls = calls
  }

  async find(): Promise<LogPosition | undefined> {
    return reading(this.#calls, 'looking for the head', async (attempt) => {
      const seen = this.#seen
      let newest: LogPosition | undefined
      let from: LogPosition | undefined
      for (let size = HEAD_CHUNK; ; size = Math.min(size * 8, LARGEST_CHUNK)) {
        const records = await chunk(attempt, 'backwards', from, size)
        for (const { position, ours } of records) {
          newest ??= position
          if (ours) return this.#settle(newest, position)
          if (seen && compareLog(position, seen) <= 0) return this.#settle(newest, undefined)
          from = position
        }
        if (records.length < size) return this.#settle(newest, undefined)
      }
    })
  }

  /** Two callers may be under way at once: neither may undo what the other has seen. */
  #settle(newest: LogPosition | undefined, ours: LogPosition | undefined): LogPosition | undefined {
    if (ours && (!this.#ours || compareLog(ours, this.#ours) > 0)) this.#ours = ours
    if (newest && (!this.#seen || compareLog(newest, this.#seen) > 0)) this.#seen = newest
    return this.#ours
  }
}
