/** The subscription: ordered, complete, never twice; begins again by itself, and notices when it has stalled. */
import { type AllStreamSubscription, eventTypeFilter, type ResolvedEvent, START } from '@eventstore/db-client'
import type { Position, SubscriptionMessage } from '../port.ts'
import type { NodeClient } from './connection.ts'
import { judge, messageOf } from './errors.ts'
import { isMark, MARK_TYPE } from './installation.ts'
import { compareLog, type LogPosition, parsePosition, positionText } from './positions.ts'
import type { HeadFinder, Report } from './reading.ts'
import { recordOf, TYPE_PREFIX } from './records.ts'
import { type Calls, pause } from './retrying.ts'

/** How long nothing has come before a subscription asks whether it has everything, in milliseconds. */
const SETTLED_MS = 10
/** Longest pause between two attempts to subscribe, in milliseconds. */
const LONGEST_PAUSE = 1_000
/** The server says how far it has searched after this many times 32 events of others. */
const CHECKPOINT_INTERVAL = 32

/** Why a subscription was begun again. */
export class Stalled extends Error {}

export interface SubscriptionNotice {
  readonly kind: 'resubscribing'
  readonly after: Position | undefined
  readonly reason: string
}

export interface Subscribing {
  readonly head: HeadFinder
  readonly report: Report
  readonly notice: (notice: SubscriptionNotice) => void
  /** Sees when the server wrote an event that arrived live. */
  readonly live: (createdMs: number) => void
  /** Told that the mark of the installation was written. */
  readonly marked: () => void
}

/** One subscription of the client, read by hand: what is buffered, what has ended, what woke us. */
class Feed {
  readonly #client: NodeClient
  readonly #stream: AllStreamSubscription
  #wake: () => void = () => {}
  /** Whether anything happened since nothing was there to take. */
  #stirred = false
  #error: unknown
  #ended = false
  #closed = false
  confirmed = false
  /** How far the server has searched; holds once everything before it was taken. */
  searched: LogPosition | undefined

  constructor(client: NodeClient, from: LogPosition | undefined) {
    this.#client = client
    this.#stream = client.subscribeToAll({
      fromPosition: from ?? START,
      requiresLeader: true,
      filter: eventTypeFilter({
        prefixes: [TYPE_PREFIX, MARK_TYPE],
        checkpointInterval: CHECKPOINT_INTERVAL,
        checkpointReached: async (_, position) => {
          this.searched = position
        },
      }),
    })
    const woken = () => {
      this.#stirred = true
      this.#wake()
    }
    this.#stream.on('readable', woken)
    this.#stream.on('confirmation', () => {
      this.confirmed = true
      woken()
    })
    // Stays for ever: the client emits errors also after it was told to stop.
    this.#stream.on('error', (error) => {
      this.#error ??= error
      woken()
    })
    this.#stream.on('end', () => {
      this.#ended = true
      woken()
    })
  }

  /** The next record that is there; undefined when nothing is. @throws what ended the subscription, after its last record */
  take(): ResolvedEvent | undefined {
    this.#stirred = false
    const taken = this.#stream.read() as ResolvedEvent | null
    if (taken) return taken
    if (this.#error !== undefined) throw this.#error
    if (this.#ended) throw new Stalled('the server ended the subscription')
    return undefined
  }

  /** Waits until something may be there, the time is over, or the signal aborts. @returns whether something woke it */
  async wait(ms: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted || this.#stirred) return true
    return new Promise((resolve) => {
      const settle = (woken: boolean) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', woke)
        this.#wake = () => {}
        resolve(woken)
      }
      const woke = () => settle(true)
      const timer = setTimeout(() => settle(false), ms)
      signal.addEventListener('abort', woke)
      this.#wake = woke
    })
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    void this.#stream
      .unsubscribe()
      .catch(() => {})
      .then(() => this.#client.close())
    this.#stream.destroy()
  }
}

const later = (a: LogPosition | undefined, b: LogPosition | undefined): LogPosition | undefined =>
  !a || (b && compareLog(b, a) > 0) ? b : a

/** Subscribes to all of our events after a position until the signal aborts. */
export async function* subscribe(
  calls: Calls,
  tools: Subscribing,
  after: Position | undefined,
  signal: AbortSignal,
): AsyncGenerator<SubscriptionMessage, void, undefined> {
  const { connection, timeouts } = calls
  /** Our last event that was handed over. */
  let last = after === undefined ? undefined : parsePosition(after)
  /** Where to begin again: there, or further on where the server has searched in vain. */
  let resume = last
  let failures = 0
  while (!signal.aborted) {
    const feed = new Feed(connection.newClient(), resume)
    // A reader that stands still when it is told to end never comes back here: the stream is ended without it.
    const end = () => feed.close()
    signal.addEventListener('abort', end, { once: true })
    const given = connection.discarded
    let told = false
    let quietMs = 0
    try {
      while (!signal.aborted) {
        const taken = feed.take()
        if (taken) {
          quietMs = 0
          const { position, ours, foreign, createdMs } = recordOf(taken)
          if (last && compareLog(position, last) <= 0) continue
          failures = 0
          resume = position
          if (foreign) tools.report(foreign)
          if (isMark(taken)) tools.marked()
          if (!ours) continue
          if (told) tools.live(createdMs)
          last = position
          told = false
          yield { kind: 'event', event: ours }
          continue
        }
        resume = later(resume, feed.searched)
        const ms = told ? timeouts.quiet : SETTLED_MS
        if (await feed.wait(ms, signal)) continue
        quietMs += ms
        if (!feed.confirmed) {
          if (quietMs >= timeouts.attempt + timeouts.quiet) throw new Stalled('the server does not confirm it')
          continue
        }
        const head = await tools.head.find()
        // Calls had to leave the node that this subscription may still be waiting for.
        const moved = connection.discarded !== given
        if (later(last, head) !== last) {
          if (moved) throw new Stalled('calls have gone to another connection')
          // There is more than was delivered: it must come soon.
          if (quietMs >= timeouts.attempt && !(await feed.wait(SETTLED_MS, signal)))
            throw new Stalled(`nothing came for ${quietMs} ms, the head is at ${positionText(head!)}`)
          continue
        }
        quietMs = 0
        if (!told) {
          if (await feed.wait(0, signal)) continue
          told = true
          failures = 0
          // Said before it begins again, too: with a server that is always slow it would else never be said.
          yield { kind: 'caught-up', checkpoint: last && positionText(last) }
        }
        if (moved) throw new Stalled('calls have gone to another connection')
      }
    } catch (error) {
      if (signal.aborted) return
      const verdict = judge(error)
      tools.notice({
        kind: 'resubscribing',
        after: last && positionText(last),
        reason: verdict.kind === 'refused' ? verdict.error.message : messageOf(error),
      })
      await pause(failures++, signal, LONGEST_PAUSE)
    } finally {
      signal.removeEventListener('abort', end)
      feed.close()
    }
  }
}
