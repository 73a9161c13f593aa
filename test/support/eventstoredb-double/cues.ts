/** What a test tells a node to do wrong. */

/** What happens to the next append a node gets; one cue for each append, in order. */
export type AppendCue =
  /** Commits, and never answers. */
  | 'lose-answer'
  /** Commits, and breaks the call with `unavailable`. */
  | 'break-after-commit'
  /** Never commits and breaks the call with `unavailable`. */
  | 'break-before-commit'
  /** Breaks the call with `unknown`, as a node does between two leaders. */
  | 'unknown'
  /** The server's own time-out of a write: `aborted`; committed nevertheless. */
  | 'timeout-after-commit'
  /** BatchAppend only: answers twice under one correlation id. */
  | 'answer-twice'
  /** BatchAppend only: answers under a correlation id nobody asked with. */
  | 'answer-strangely'

export class Cues {
  /** Calls are taken and nothing is ever answered; pings are. `freeze` of the node stops those too. */
  mute = false
  /** Subscriptions stay open and deliver nothing more. */
  silent = false
  /** Reading `$all` is refused. */
  denied = false
  /** Subscriptions end as if the server were shutting down once so many events were delivered. */
  endSubscriptionAfter: number | undefined
  /** Subscriptions to readers that leave so many messages unread are broken off. */
  unreadAtMost: number | undefined
  readonly appends: AppendCue[] = []

  nextAppend(): AppendCue | undefined {
    return this.appends.shift()
  }
}
