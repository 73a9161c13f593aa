/** Events from one store to another: the same bytes, ids and revisions in the same order, and the comparison that proves it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { MAX_APPEND_BYTES } from '../../store/append.ts'
import { EventsDigester } from '../../store/digest.ts'
import { type EventStore, type Position, type StoredEvent, StoreError } from '../../store/port.ts'
import { MigrationRefused } from './refused.ts'

/** Events read at a time. */
const PAGE = 500
/** Bytes of appends that are under way at once, at most: they are one commit of the embedded store. */
const TOGETHER_BYTES = 4 * 1024 * 1024
/** How long a store that does not answer is asked again, in milliseconds, and the pause in between. */
const PATIENCE_MS = 60_000
const AGAIN_MS = 500

/** Tries again while a store is away or busy; both mean the same bytes may be read or appended once more. */
async function patiently<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  for (const until = performance.now() + PATIENCE_MS; ; ) {
    try {
      return await call()
    } catch (error) {
      const passes = error instanceof StoreError && (error.code === 'store-unavailable' || error.code === 'store-busy')
      if (!passes || performance.now() >= until) throw error
      await sleep(AGAIN_MS)
    }
  }
}

/** All of our events after a position, in order, a page at a time. */
async function* pagesOf(store: EventStore, after?: Position): AsyncGenerator<readonly StoredEvent[], undefined> {
  for (let from = after; ; ) {
    const { events, checkpoint, atHead } = await patiently(() => store.readAll(from, PAGE))
    if (events.length > 0) yield events
    if (atHead) return
    from = checkpoint
    // A long log must not keep signals and timers waiting.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function* eventsOf(store: EventStore, after?: Position): AsyncGenerator<StoredEvent, undefined> {
  for await (const page of pagesOf(store, after)) yield* page
}

const isSame = (a: StoredEvent, b: StoredEvent): boolean =>
  a.id === b.id &&
  a.stream === b.stream &&
  a.revision === b.revision &&
  a.type === b.type &&
  Buffer.compare(a.bytes, b.bytes) === 0

export interface Comparison {
  /** Number of events in the source, and the digest over all of them. */
  readonly events: number
  readonly digestFrom: string
  /** Number of events in the target up to the first that differs, and the digest over these. */
  readonly common: number
  readonly digestTo: string
  /** Whether the target has exactly the source's events. */
  readonly equal: boolean
  /** Index of the first event that the target has otherwise, or beyond the source. */
  readonly differsAt: number | undefined
  /** Place in the source of the last event that both have, and of its last one. */
  readonly commonPosition: Position | undefined
  readonly lastPosition: Position | undefined
}

/**
 * Compares two stores event by event, from the start of both.
 * @param onEvent sees every event of the source with its index
 */
export async function compareEvents(
  source: EventStore,
  target: EventStore,
  onEvent: (event: StoredEvent, index: number) => void = () => {},
): Promise<Comparison> {
  const [from, to] = [new EventsDigester(), new EventsDigester()]
  const theirs = eventsOf(target)
  let differsAt: number | undefined
  let commonPosition: Position | undefined
  let lastPosition: Position | undefined
  let other = (await theirs.next()).value
  for await (const event of eventsOf(source)) {
    onEvent(event, from.events)
    if (other && differsAt === undefined) {
      if (isSame(event, other)) {
        to.add(other)
        commonPosition = event.position
        other = (await theirs.next()).value
      } else differsAt = from.events
    }
    from.add(event)
    lastPosition = event.position
  }
  if (other) differsAt ??= from.events
  await theirs.return(undefined)
  const [ours, found] = [from.end(), to.end()]
  return {
    events: ours.events,
    digestFrom: ours.digest,
    common: found.events,
    digestTo: found.digest,
    equal: differsAt === undefined && found.events === ours.events,
    differsAt,
    commonPosition,
    lastPosition,
  }
}

/** Which of these keys the events of a store name. */
export async function namedKeys(store: EventStore, kids: readonly string[]): Promise<ReadonlySet<string>> {
  const [asked, named] = [new Set(kids), new Set<string>()]
  if (asked.size === 0) return named
  for await (const { bytes } of eventsOf(store))
    for (const [, kid] of Buffer.from(bytes)
      .toString('latin1')
      .matchAll(/"kid":"([^"]*)"/g))
      if (asked.has(kid!)) named.add(kid!)
  return named
}

/** Consecutive events of one stream, as large as one append may be. */
async function* runsOf(events: AsyncIterable<StoredEvent>): AsyncGenerator<readonly StoredEvent[]> {
  let run: StoredEvent[] = []
  let bytes = 0
  for await (const event of events) {
    const last = run.at(-1)
    const follows = last?.stream === event.stream && last.revision + 1 === event.revision
    if (run.length > 0 && (!follows || run.length === PAGE || bytes + event.bytes.length > MAX_APPEND_BYTES)) {
      yield run
      run = []
      bytes = 0
    }
    run.push(event)
    bytes += event.bytes.length
  }
  if (run.length > 0) yield run
}

/**
 * Appends the source's events after a position to the target, in their order: every append follows the one before it. May be
 * broken off at any point; what is there then is a beginning of the source.
 * @param together appends that may be handed over at once
 * @param onCopied told how many events have been appended so far
 * @returns how many
 * @throws MigrationRefused `migrate-target-changed` where somebody else wrote; StoreError
 */
export async function copyEvents(
  source: EventStore,
  target: EventStore,
  after: Position | undefined,
  together: number,
  onCopied: (events: number) => void,
): Promise<number> {
  let copied = 0
  let waiting: (readonly StoredEvent[])[] = []
  let bytes = 0
  const send = async () => {
    const sent = waiting
    waiting = []
    bytes = 0
    await Promise.all(sent.map((run) => appendRun(target, run)))
    copied += sent.reduce((sum, run) => sum + run.length, 0)
    onCopied(copied)
  }
  for await (const run of runsOf(eventsOf(source, after))) {
    const size = run.reduce((sum, event) => sum + event.bytes.length, 0)
    if (waiting.length >= together || (waiting.length > 0 && bytes + size > TOGETHER_BYTES)) await send()
    waiting.push(run)
    bytes += size
  }
  if (waiting.length > 0) await send()
  return copied
}

async function appendRun(target: EventStore, run: readonly StoredEvent[]): Promise<void> {
  const [first, last] = [run[0]!, run.at(-1)!]
  const expected = first.revision === 0 ? 'no_stream' : first.revision - 1
  const events = run.map(({ id, type, bytes }) => ({ id, type, bytes }))
  const result = await patiently(() => target.append(first.stream, events, expected))
  if (!result.ok || result.revision !== last.revision)
    throw new MigrationRefused('migrate-target-changed', { stream: first.stream, revision: first.revision })
}
