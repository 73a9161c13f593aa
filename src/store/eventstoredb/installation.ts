/**
 * The mark of a cluster's installation, in a stream of its own. Its type lacks the prefix of our events, so that no node of any
 * version counts it: indexes and digests are those of the events alone. It lives where the events live: a node that cannot
 * reach it cannot append either, and one that follows the events is told of it.
 */
import { BACKWARDS, END, jsonEvent, type ResolvedEvent } from '@eventstore/db-client'
import { formatInstallation, type Installation, parseInstallation } from '../installation.ts'
import { StoreError } from '../port.ts'
import { NOBODY } from './appending.ts'
import { ClusterUnavailable, judge, messageOf } from './errors.ts'
import { drain, unlessMissing } from './reading.ts'
import { type Calls, LEAST_MS, pause, reading, refuseClosed } from './retrying.ts'

/** Stream of the mark; no hyphen, so that it is in no category. */
export const MARK_STREAM = 'duban_installation'
/** Type of the mark. Must not begin with the prefix of our events. */
export const MARK_TYPE = 'duban-installation'

/** A mark and the revision it was found at; -1 where there is none yet. */
export interface Mark {
  readonly revision: number
  readonly installation: Installation
}

const UNMARKED: Mark = { revision: -1, installation: {} }

/** Whether a record is a mark. */
export const isMark = ({ event }: ResolvedEvent): boolean => event?.streamId === MARK_STREAM && event.type === MARK_TYPE

/** The mark that a record holds. @throws StoreError `internal` where it holds none */
function markOf(resolved: ResolvedEvent): Mark {
  const { event } = resolved
  const where = `${MARK_STREAM}@${event?.revision}`
  if (!event?.isJson || !isMark(resolved)) throw new StoreError('internal', `${where} is of another program`)
  return { revision: Number(event.revision), installation: parseInstallation(JSON.stringify(event.data), where) }
}

/** The mark as the leader has it. @throws ClusterUnavailable, StoreError `internal` */
export function readMark(calls: Calls): Promise<Mark> {
  return reading(calls, 'reading the mark of the installation', async (attempt) => {
    const options = { direction: BACKWARDS, fromRevision: END, maxCount: 1, requiresLeader: true } as const
    let mark = UNMARKED
    await unlessMissing(
      drain(attempt, attempt.client.readStream(MARK_STREAM, options), (resolved) => {
        mark = markOf(resolved)
        return false
      }),
    )
    return mark
  })
}

/**
 * Writes the mark that follows one that was read; of two that follow the same mark one fails.
 * @param id of the event: repeating it is harmless
 * @throws StoreError `store-busy` where another mark was written since; ClusterUnavailable
 */
export async function writeMark(calls: Calls, before: Mark, id: string, installation: Installation): Promise<void> {
  const { connection, timeouts, closing, clock } = calls
  const credentials = connection.address.credentials ?? NOBODY
  const expectedRevision = before.revision < 0 ? 'no_stream' : BigInt(before.revision)
  const text = formatInstallation(installation)
  const event = jsonEvent({ id, type: MARK_TYPE, data: JSON.parse(text) })
  const until = clock() + timeouts.budget
  for (let failures = 0; ; failures++) {
    refuseClosed(calls)
    const ms = Math.min(timeouts.attempt, Math.max(LEAST_MS, until - clock()))
    try {
      await connection.attempt('marking the installation', ms, ({ client }) =>
        client.appendToStream(MARK_STREAM, event, {
          expectedRevision,
          credentials,
          requiresLeader: true,
          deadline: ms,
        }),
      )
      return
    } catch (error) {
      const verdict = judge(error)
      if (verdict.kind === 'refused') throw verdict.error
      if (verdict.kind === 'wrong-revision') {
        // An earlier attempt may have been written although its answer was lost.
        if (formatInstallation((await readMark(calls)).installation) === text) return
        throw new StoreError('store-busy', 'the mark of the installation was changed meanwhile', { cause: error })
      }
      if (clock() >= until)
        throw new ClusterUnavailable('unknown', `marking the installation: ${messageOf(error)}`, { cause: error })
      await pause(failures, closing)
    }
  }
}
