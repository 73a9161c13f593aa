/** Places in a list: opaque to the client, checked when they come back. */
import { type Refusal, refusal } from '../../domain/decider.ts'

/** A page of a list. Without a limit: everything. */
export interface PageRequest {
  readonly limit?: number
  /** From the page before. */
  readonly cursor?: string
}

export interface PageOf<Item> {
  /** Of all rows that match, whatever the limit. */
  readonly total: number
  readonly items: readonly Item[]
  /** Place of the next page; absent on the last one. */
  readonly next?: string
}

/** A cursor that is none of ours: the caller answers with the refusal. */
export class CursorInvalid extends Error {
  readonly code = 'cursor-invalid' as const
  readonly refusal: Refusal = refusal('cursor-invalid', undefined, { pointer: '/cursor' })
  constructor() {
    super('cursor-invalid')
    this.name = 'CursorInvalid'
  }
}

export const encodeCursor = (place: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url')

/** @throws CursorInvalid unless it holds values of these types */
export function decodeCursor(cursor: string, types: readonly ('string' | 'number')[]): (string | number)[] {
  if (!/^[\w-]{1,400}$/.test(cursor)) throw new CursorInvalid()
  let place: unknown
  try {
    place = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    throw new CursorInvalid()
  }
  if (!Array.isArray(place) || place.length !== types.length) throw new CursorInvalid()
  for (const [at, value] of place.entries()) {
    if (typeof value !== types[at]) throw new CursorInvalid()
    if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new CursorInvalid()
  }
  return place as (string | number)[]
}
