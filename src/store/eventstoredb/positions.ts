/** Positions of EventStoreDB as opaque texts: `e<commit>`, or `e<commit>.<prepare>` where the two differ. */
import type { Position } from '../port.ts'

/** A place in the server's log of records. */
export interface LogPosition {
  readonly commit: bigint
  readonly prepare: bigint
}

const FORMAT = /^e(0|[1-9]\d{0,18})(?:\.(0|[1-9]\d{0,18}))?$/

export const isPosition = (text: string): boolean => FORMAT.test(text)

export const positionText = ({ commit, prepare }: LogPosition): Position =>
  commit === prepare ? `e${commit}` : `e${commit}.${prepare}`

/** @throws RangeError for a text that is no position of this store */
export function parsePosition(position: Position): LogPosition {
  const match = FORMAT.exec(position)
  if (!match) throw new RangeError(`no position: ${JSON.stringify(position)}`)
  const commit = BigInt(match[1]!)
  return { commit, prepare: match[2] === undefined ? commit : BigInt(match[2]) }
}

/** Negative, zero or positive as `a` is before, at or after `b`. */
export function compareLog(a: LogPosition, b: LogPosition): number {
  if (a.commit !== b.commit) return a.commit < b.commit ? -1 : 1
  return a.prepare === b.prepare ? 0 : a.prepare < b.prepare ? -1 : 1
}
