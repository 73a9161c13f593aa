/** What can go wrong with a cluster, told apart: what a start stops with, and what an append's caller may conclude. */
import {
  AccessDeniedError,
  DeadlineExceededError,
  MaxAppendSizeExceededError,
  NotLeaderError,
  StreamDeletedError,
  WrongExpectedVersionError,
} from '@eventstore/db-client'
import { StoreError } from '../port.ts'

export { ClusterError, type ClusterErrorCode } from './cluster-error.ts'

/** The cluster did not answer in time, or not at all. What the caller may conclude about an append is its `outcome`. */
export class ClusterUnavailable extends StoreError {
  /**
   * `not-written`: no attempt can have reached a leader. `unknown`: an answer was lost, and reading back did not settle it;
   * repeating the same ids does.
   */
  readonly outcome: 'not-written' | 'unknown'
  constructor(outcome: 'not-written' | 'unknown', message: string, options?: { cause?: unknown }) {
    super('store-unavailable', message, options)
    this.name = 'ClusterUnavailable'
    this.outcome = outcome
  }
}

/** Our own time-out of one attempt: the client has none for reads, and none for looking for the leader. */
export class AttemptTimeout extends Error {
  /** Whether the request may have been sent; before that no leader was found. */
  readonly sent: boolean
  constructor(what: string, ms: number, sent: boolean) {
    super(`${what}: ${sent ? 'no answer' : 'no leader found'} within ${Math.ceil(ms)} ms`)
    this.name = 'AttemptTimeout'
    this.sent = sent
  }
}

/** What an error of the client means. */
export type Verdict =
  | { readonly kind: 'wrong-revision'; readonly actual: number | 'no_stream' }
  /** It will not work however often it is tried; nothing was written. */
  | { readonly kind: 'refused'; readonly error: StoreError }
  /**
   * Worth trying again. `sent`: the request may have reached a leader, so it may have been written. `discard`: the
   * connection itself is in doubt, a new client is needed.
   */
  | { readonly kind: 'again'; readonly sent: boolean; readonly discard: boolean }

const INVALID_ARGUMENT = 3
const PERMISSION_DENIED = 7
const UNIMPLEMENTED = 12
/** Texts of failures before a request was sent. The outcome rests on ids; these only sharpen the message. */
const NEVER_SENT =
  /Failed to discover|No connection established|Waiting for LB pick|ECONNREFUSED|Channel closed before call started|Name resolution failed|No leader info/

/** Judges an error of the client; also the untyped ones it throws when no server is there. */
export function judge(error: unknown): Verdict {
  if (error instanceof WrongExpectedVersionError) {
    const { actualVersion } = error
    return { kind: 'wrong-revision', actual: typeof actualVersion === 'bigint' ? Number(actualVersion) : 'no_stream' }
  }
  const message = messageOf(error)
  const refused = (code: 'event-too-large' | 'store-unavailable' | 'internal'): Verdict => ({
    kind: 'refused',
    error:
      code === 'store-unavailable'
        ? new ClusterUnavailable('not-written', message, { cause: error })
        : new StoreError(code, message, { cause: error }),
  })
  if (error instanceof StoreError) return { kind: 'refused', error }
  if (error instanceof MaxAppendSizeExceededError) return refused('event-too-large')
  if (error instanceof StreamDeletedError) return refused('internal')
  if (error instanceof AccessDeniedError) return refused('store-unavailable')
  if (error instanceof NotLeaderError) return { kind: 'again', sent: false, discard: false }
  if (error instanceof AttemptTimeout) return { kind: 'again', sent: error.sent, discard: true }
  if (error instanceof DeadlineExceededError) return { kind: 'again', sent: !NEVER_SENT.test(message), discard: true }
  const code = (error as { code?: unknown } | null)?.code
  if (code === PERMISSION_DENIED) return refused('store-unavailable')
  if (code === INVALID_ARGUMENT || code === UNIMPLEMENTED) return refused('internal')
  // A new client connects at once; the old one would wait for gRPC's own back-off, which grows to two minutes.
  return { kind: 'again', sent: !NEVER_SENT.test(message), discard: true }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
