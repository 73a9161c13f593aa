/** What a step changed: the flat difference of two plain values. */
import { isCiphertext } from '../../domain/sealed.ts'

/** One changed place; `from` or `to` is absent where the place was or is not there. Sealed values stay as they are. */
export interface Change {
  readonly path: string
  readonly from?: unknown
  readonly to?: unknown
}

type Plain = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isCiphertext(value)

/** A list of things with ids reads by id, so that one more of them is one change. */
function byId(value: unknown): unknown {
  if (!Array.isArray(value) || value.length === 0) return value
  if (!value.every((item) => isObject(item) && typeof item.id === 'string')) return value
  return Object.fromEntries(value.map((item: { id: string }) => [item.id, item]))
}

const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

/** Changes in the order of the places; paths are joined by `/`. */
export function diff(before: unknown, after: unknown, path = ''): Change[] {
  if (same(before, after)) return []
  const [a, b] = [byId(before), byId(after)]
  const [left, right] = [isObject(a) ? a : emptied(a, b), isObject(b) ? b : emptied(b, a)]
  if (left && right)
    return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) =>
      diff(left[key], right[key], path === '' ? key : `${path}/${key}`),
    )
  return [{ path, ...(before === undefined ? {} : { from: before }), ...(after === undefined ? {} : { to: after }) }]
}

/** Nothing, or an empty list, beside an object reads as an object without places. */
const emptied = (value: unknown, other: unknown): Plain | undefined =>
  isObject(other) && (value === undefined || (Array.isArray(value) && value.length === 0)) ? {} : undefined
