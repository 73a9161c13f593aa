/** Records of the server and our events: the type's prefix says which are ours. */
import type { ResolvedEvent } from '@eventstore/db-client'
import type { StoredEvent } from '../port.ts'
import { type LogPosition, positionText } from './positions.ts'

/** Stands before the type of every event of ours, in the server only: the bytes do not have it. */
export const TYPE_PREFIX = 'duban.'

/** Something in the cluster that should not be there. */
export interface Foreign {
  /**
   * `foreign-event`: an event of another program in one of our streams. `not-bytes`: an event under our prefix that
   * another program wrote as JSON, so that its bytes cannot be had exactly. `gap`: revisions of a stream are missing.
   */
  readonly kind: 'foreign-event' | 'not-bytes' | 'gap'
  readonly stream: string
  readonly revision: number
  readonly detail: string
}

export interface ServerRecord {
  readonly position: LogPosition
  /** When the server wrote it, milliseconds since 1970. */
  readonly createdMs: number
  /** The event, where it is ours. */
  readonly ours?: StoredEvent
  /** What is wrong with it, where something is that can be told from the record alone. */
  readonly foreign?: Foreign
}

const NOWHERE: LogPosition = { commit: -1n, prepare: -1n }

/** A record as read. A record whose event is gone (a dangling link) is neither ours nor foreign. */
export function recordOf(resolved: ResolvedEvent): ServerRecord {
  const { event } = resolved
  const commit = resolved.commitPosition ?? -1n
  if (!event) return { position: { commit, prepare: commit }, createdMs: 0 }
  const position = event.position ?? (commit < 0n ? NOWHERE : { commit, prepare: commit })
  const createdMs = event.created.getTime()
  if (!event.type.startsWith(TYPE_PREFIX)) return { position, createdMs }
  const { id, streamId: stream } = event
  const revision = Number(event.revision)
  if (event.isJson || !(event.data instanceof Uint8Array)) {
    const detail = `${event.type} was written as JSON by another program`
    return { position, createdMs, foreign: { kind: 'not-bytes', stream, revision, detail } }
  }
  const type = event.type.slice(TYPE_PREFIX.length)
  return {
    position,
    createdMs,
    ours: { id, stream, revision, type, bytes: event.data, position: positionText(position) },
  }
}
