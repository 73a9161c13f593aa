/** Two schemes compared, as people read it: what was added, taken out, changed, and where. */
import type { Scheme } from './scheme-schema.ts'

/** One difference. Lists with ids are compared by id, not by place. */
export interface SchemeChange {
  readonly kind: 'added' | 'removed' | 'changed' | 'moved'
  /** Path with ids in the place of list positions: `categories/integrity/criteria/S0-5.2.4/points`. */
  readonly path: string
  readonly from?: unknown
  readonly to?: unknown
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The key of a list's elements: an id, a level or the rule's name, where every element has one of its own. */
function keyed(list: readonly unknown[]): Map<string, unknown> | undefined {
  for (const name of ['id', 'level', 'rule']) {
    const keys = list.map((element) => (isObject(element) && name in element ? String(element[name]) : undefined))
    if (keys.every((key) => key !== undefined) && new Set(keys).size === keys.length)
      return new Map(keys.map((key, place) => [key!, list[place]]))
  }
  return undefined
}

function walk(from: unknown, to: unknown, path: string, out: SchemeChange[]): void {
  if (Array.isArray(from) && Array.isArray(to)) {
    const [a, b] = [keyed(from), keyed(to)]
    if (a && b && from.length + to.length > 0) {
      walkKeys(a, b, path, out)
      const common = [...a.keys()].filter((key) => b.has(key))
      const after = [...b.keys()].filter((key) => a.has(key))
      if (common.join('\n') !== after.join('\n')) out.push({ kind: 'moved', path, from: common, to: after })
      return
    }
    if (JSON.stringify(from) !== JSON.stringify(to)) out.push({ kind: 'changed', path, from, to })
    return
  }
  if (isObject(from) && isObject(to)) {
    walkKeys(new Map(Object.entries(from)), new Map(Object.entries(to)), path, out)
    return
  }
  if (from !== to) out.push({ kind: 'changed', path, from, to })
}

function walkKeys(a: Map<string, unknown>, b: Map<string, unknown>, path: string, out: SchemeChange[]): void {
  const below = (key: string) => (path === '' ? key : `${path}/${key}`)
  for (const [key, value] of a) {
    if (value === undefined) continue
    if (b.get(key) === undefined) out.push({ kind: 'removed', path: below(key), from: value })
    else walk(value, b.get(key), below(key), out)
  }
  for (const [key, value] of b)
    if (value !== undefined && a.get(key) === undefined) out.push({ kind: 'added', path: below(key), to: value })
}

/** The differences of two schemes or versions, in the order of the first. */
export function diffSchemes(from: Scheme, to: Scheme): SchemeChange[] {
  const changes: SchemeChange[] = []
  walk(from, to, '', changes)
  return changes
}
