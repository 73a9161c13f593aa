/**
 * A scripted double of EventStoreDB for tests: gRPC servers in this process, on the client's own generated definitions, that
 * behave as a real 23.10 was measured to ("What it does", shared/design/stack.md) and misbehave on cue (`cues.ts`).
 *
 * What it does: ServerFeatures, Gossip, Append, BatchAppend, Read of a stream and of `$all` in both directions, filtered
 * subscriptions with checkpoints and caught-up messages, leaders and followers, TLS.
 *
 * What it does not do: keep anything on disk; replicate (its nodes share one log, so nothing is ever lost between them, and a
 * follower never lags); elect (a test says who leads); check passwords or access lists; links, projections, persistent
 * subscriptions, metadata, deleting, truncating, scavenging; the HTTP interface; time-outs of its own. Its speed says nothing about a server's.
 */
import type { Cues } from './cues.ts'
import { Ledger } from './ledger.ts'
import { DoubleNode, type Identity, type Membership } from './node.ts'

export interface DoubleOptions {
  /** Nodes of the cluster. Default 1. */
  readonly nodes?: number
  /** Speaks TLS. */
  readonly identity?: Identity
  /** Default 23.10.8. */
  readonly serverVersion?: string
}

export class EventStoreDouble {
  readonly ledger = new Ledger()
  readonly nodes: DoubleNode[] = []
  readonly membership: Membership
  readonly #identity: Identity | undefined

  private constructor(options: DoubleOptions) {
    this.#identity = options.identity
    this.membership = {
      nodes: this.nodes,
      leader: undefined,
      serverVersion: options.serverVersion ?? '23.10.8',
    }
    for (let count = options.nodes ?? 1; count > 0; count--)
      this.nodes.push(new DoubleNode(this.ledger, this.membership, options.identity))
    this.membership.leader = this.nodes[0]
  }

  static async start(options: DoubleOptions = {}): Promise<EventStoreDouble> {
    const double = new EventStoreDouble(options)
    for (const node of double.nodes) await node.start()
    return double
  }

  /** Connection string: one node's address, or all of a cluster's. */
  get url(): string {
    const hosts = this.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')
    return this.#identity ? `esdb://duban:secret@${hosts}` : `esdb://${hosts}?tls=false`
  }

  /** The first node: all there is of a single one. */
  get node(): DoubleNode {
    return this.nodes[0]!
  }

  get cues(): Cues {
    return this.node.cues
  }

  /** Lets a node lead; undefined: nobody. */
  elect(node: DoubleNode | undefined): void {
    this.membership.leader = node
  }

  stop(): void {
    for (const node of this.nodes) node.kill()
  }
}
