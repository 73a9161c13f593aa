/** Seals the marked fields of new events and opens those of steps, by walking the data; no schema is needed. */
import type { NewEvent, Step } from '../domain/event.ts'
import { type Ciphertext, isCiphertext, ToSeal } from '../domain/sealed.ts'
import type { Opened, OpenRequest, SealRequest, Vault } from './ports.ts'

type Visit = (value: unknown, path: readonly string[], subject: string | undefined) => unknown

/** Maps ToSeal and Ciphertext leaves; `subject` is that of the nearest object around the leaf that names one. */
function mapLeaves(value: unknown, path: readonly string[], subject: string | undefined, leaf: Visit): unknown {
  if (value instanceof ToSeal || isCiphertext(value)) return leaf(value, path, subject)
  if (Array.isArray(value)) return value.map((item, i) => mapLeaves(item, [...path, String(i)], subject, leaf))
  if (typeof value !== 'object' || value === null) return value
  const own = (value as { subject?: unknown }).subject
  const nearest = typeof own === 'string' ? own : subject
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapLeaves(item, [...path, key], nearest, leaf)]),
  )
}

/**
 * Seals every marked field of one append in one batch.
 * @param ids event ids in the order of `events`
 * @param caseSubject the case's own subject, for narrative outside any object that names a subject
 */
export async function sealEvents<Event extends NewEvent>(
  vault: Vault,
  stream: string,
  events: readonly Event[],
  ids: readonly string[],
  caseSubject: string | undefined,
): Promise<Event[]> {
  const requests: SealRequest[] = []
  for (const [place, event] of events.entries()) {
    mapLeaves(event.data, [], caseSubject, (value, path, subject) => {
      if (!(value instanceof ToSeal)) return value
      if (subject === undefined) throw new TypeError(`no subject for sealed field ${event.type}.${path.join('.')}`)
      const { category } = value
      requests.push({ event: ids[place]!, stream, path, subject, category, text: ToSeal.reveal(value) })
      return value
    })
  }
  if (requests.length === 0) return [...events]
  const sealed = await vault.seal(requests)
  let next = 0
  return events.map((event) => ({
    ...event,
    data: mapLeaves(event.data, [], caseSubject, (value) => (value instanceof ToSeal ? sealed[next++] : value)),
  }))
}

/** Data as a reader sees it: each sealed field replaced by its text or the reason it cannot be read. */
export type OpenedData = unknown

/**
 * Which sealed fields this reader may open: by subject and by kind of field. Asked once for each field, before anything is
 * opened; `path` is that below the step's data, whichever event sealed it.
 */
export type MayOpen = (cipher: Ciphertext, path: readonly string[]) => boolean

/** Opens the fields of many steps in one batch; fields the reader may not open read `{withheld: true}`. */
export async function openSteps(
  vault: Vault,
  stream: string,
  steps: readonly Pick<Step, 'data' | 'sealedBy'>[],
  mayOpen: MayOpen,
): Promise<OpenedData[]> {
  const requests: OpenRequest[] = []
  const allowed: boolean[] = []
  for (const step of steps) {
    mapLeaves(step.data, [], undefined, (value, path) => {
      if (!isCiphertext(value)) return value
      const may = mayOpen(value, path)
      allowed.push(may)
      const { event, path: prefix } = step.sealedBy
      if (may) requests.push({ cipher: value, event, stream, path: [...prefix, ...path] })
      return value
    })
  }
  const opened: readonly Opened[] = requests.length === 0 ? [] : await vault.open(requests)
  let field = 0
  let next = 0
  return steps.map((step) =>
    mapLeaves(step.data, [], undefined, (value) => {
      if (!isCiphertext(value)) return value
      return allowed[field++] ? opened[next++] : { withheld: true }
    }),
  )
}

/** Where each ciphertext of a stream stands, by its key and nonce: a state holds the values, not their places. */
export function placesOf(steps: readonly Pick<Step, 'data' | 'sealedBy'>[]): Map<string, FieldPlaceInStream> {
  const places = new Map<string, FieldPlaceInStream>()
  for (const step of steps) {
    mapLeaves(step.data, [], undefined, (value, path) => {
      if (isCiphertext(value))
        places.set(`${value.kid}/${value.iv}`, { event: step.sealedBy.event, path: [...step.sealedBy.path, ...path] })
      return value
    })
  }
  return places
}

export interface FieldPlaceInStream {
  readonly event: string
  readonly path: readonly string[]
}

/** Opens the sealed fields of any value made from a stream's steps (a state, a difference), in one batch. */
export async function openValue<Value>(
  vault: Vault,
  stream: string,
  value: Value,
  places: ReadonlyMap<string, FieldPlaceInStream>,
  mayOpen: MayOpen,
): Promise<Value> {
  const requests: OpenRequest[] = []
  const readable = (cipher: Ciphertext, path: readonly string[]) =>
    places.has(`${cipher.kid}/${cipher.iv}`) && mayOpen(cipher, path)
  mapLeaves(value, [], undefined, (leaf, path) => {
    if (isCiphertext(leaf) && readable(leaf, path))
      requests.push({ cipher: leaf, stream, ...places.get(`${leaf.kid}/${leaf.iv}`)! })
    return leaf
  })
  const opened = requests.length === 0 ? [] : await vault.open(requests)
  let next = 0
  return mapLeaves(value, [], undefined, (leaf, path) =>
    isCiphertext(leaf) ? (readable(leaf, path) ? opened[next++] : { withheld: true }) : leaf,
  ) as Value
}
