/** What a store has to offer to be put through the contract, and small helpers with bounded waits. */
import { randomUUID } from 'node:crypto'
import type { AppendResult, EventLog, EventStore, EventToAppend, Position, StoredEvent } from '../../src/store/port.ts'
import { StoreError } from '../../src/store/port.ts'

/** One store under test. */
export interface Harness {
  readonly store: EventStore
  /** Another client of the same events; where one process owns them, the same store. */
  connect(): Promise<EventStore>
  /** Opens the same events again after everything was closed; absent where they live in memory only. */
  reopen?(): Promise<EventStore>
  /** Whether the store was without events at first. */
  readonly fresh: boolean
  /** Closes everything and removes its files. */
  dispose(): Promise<void>
}

/** A store that also counts. */
export interface LogHarness {
  readonly store: EventStore
  readonly log: EventLog
  /** Resolves when the log has what the store acknowledged. */
  settle(): Promise<void>
  dispose(): Promise<void>
}

/** Longest any test waits for anything, in milliseconds. */
const PATIENCE_MS = 20_000

/** The promise, or an error when it does not settle in time. */
export async function within<Value>(promise: Promise<Value>, what: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${PATIENCE_MS} ms for ${what}`)), PATIENCE_MS)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

const encoder = new TextEncoder()

/** A stream no other test uses. */
export const newStream = (): string => `contract-${randomUUID()}`

/** An event with a fresh id; its content is the text, or its id. */
export function event(text?: string, type = 'Tested'): EventToAppend {
  const id = randomUUID()
  return { id, type, bytes: encoder.encode(text ?? JSON.stringify({ id })) }
}

/** That many fresh events. */
export const events = (count: number): EventToAppend[] => Array.from({ length: count }, () => event())

/** An event whose envelope says when it was recorded. */
export const recordedAt = (ms: number): EventToAppend =>
  event(JSON.stringify({ recordedAt: new Date(ms).toISOString() }))

/** The result, which must be a success. */
export function won(result: AppendResult): Extract<AppendResult, { ok: true }> {
  if (!result.ok) throw new Error(`append refused: wrong revision, actual ${result.actual}`)
  return result
}

export const idsOf = (found: readonly { readonly id: string }[]): string[] => found.map(({ id }) => id)

/** Everything after a position, in pages of a size. */
export async function readAll(store: EventStore, after: Position | undefined, size = 50): Promise<StoredEvent[]> {
  const all: StoredEvent[] = []
  for (let checkpoint = after; ; ) {
    const page = await within(store.readAll(checkpoint, size), 'a page')
    all.push(...page.events)
    checkpoint = page.checkpoint
    if (page.atHead) return all
  }
}

/** Reads a subscription until it has delivered so many events, then ends it. */
export async function take(store: EventStore, after: Position | undefined, count: number): Promise<StoredEvent[]> {
  const ending = new AbortController()
  const taken: StoredEvent[] = []
  const reading = (async () => {
    for await (const message of store.subscribe(after, ending.signal)) {
      if (message.kind === 'event') taken.push(message.event)
      if (taken.length >= count) break
    }
  })()
  try {
    await within(reading, `${count} events, has ${taken.length}`)
  } finally {
    ending.abort()
  }
  return taken
}

/** The code a promise is refused with. */
export async function refusedWith(promise: Promise<unknown>): Promise<string> {
  try {
    await within(promise, 'a refusal')
  } catch (error) {
    if (error instanceof StoreError) return error.code
    if (error instanceof RangeError) return 'RangeError'
    throw error
  }
  return 'nothing'
}
