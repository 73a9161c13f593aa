/** Clients of the cluster: made, bounded in time, and replaced when one is in doubt. */
import { DeadlineExceededError, EventStoreDBClient, type LEADER } from '@eventstore/db-client'
import { AttemptTimeout, judge } from './errors.ts'
import type { ClusterAddress } from './url.ts'

/** Bounds of waiting, in milliseconds. */
export interface Timeouts {
  /** One attempt of one call; a leader that hangs is given up after this. */
  readonly attempt: number
  /** All attempts of one call together: the longest any caller waits. */
  readonly budget: number
  /** How long a subscription is quiet before the head is asked whether something is missing. */
  readonly quiet: number
}

export const TIMEOUTS: Timeouts = { attempt: 1_500, budget: 10_000, quiet: 2_000 }

/** gRPC shares a connection between all channels of the same options; this keeps a new client off a dead one's. */
let made = 0

const NODE_PREFERENCE: typeof LEADER = 'leader'

/** How long a node that did not answer is not asked who leads, in milliseconds; asking it costs a second each time. */
const SUSPECT_MS = 10_000
/** How long after its end a channel is closed, in milliseconds. */
const CLOSE_LATE_MS = 1_000

type OpenChannel = Awaited<ReturnType<EventStoreDBClient['getChannel']>>

/** The client, with what its users may not do: close its channel, and ask for the server's version. */
export class NodeClient extends EventStoreDBClient {
  #channel: Promise<OpenChannel> | undefined
  readonly #known = new WeakSet<OpenChannel>()
  #node: string | undefined

  /** @param without hosts of a cluster's address to leave out, as far as others remain */
  constructor(address: ClusterAddress, without: ReadonlySet<string> = new Set()) {
    const { credentials, ca } = address
    const asked = address.hosts.filter(({ address, port }) => !without.has(`${address}:${port}`))
    const hosts = asked.length > 0 ? asked : address.hosts
    made++
    const settings = {
      // Below 10,000 the client warns on the console. What has to be noticed sooner is noticed by time-outs of our own.
      keepAliveInterval: 10_000 + (made % 10_000),
      keepAliveTimeout: 5_000,
      ...(address.connectionName === undefined ? {} : { connectionName: address.connectionName }),
    }
    const channel = address.tls ? { insecure: false, ...(ca && { rootCertificate: ca }) } : { insecure: true }
    // One second is the least that the client can wait for gossip of one node; it tries them in turn.
    const discovery = {
      nodePreference: NODE_PREFERENCE,
      gossipTimeout: 1,
      discoveryInterval: 100,
      maxDiscoverAttempts: 3,
    }
    const first = hosts[0]!
    if (address.discover) super({ discover: first, ...discovery, ...settings }, channel, credentials)
    else if (address.hosts.length > 1) super({ endpoints: [...hosts], ...discovery, ...settings }, channel, credentials)
    else super({ endpoint: first, ...settings }, channel, credentials)
    const open = this.getChannel
    this.getChannel = () => {
      this.#channel = open().then((channel) => this.#closedLate(channel))
      return this.#channel
    }
  }

  /**
   * Connects, or finds the leader and connects. Where this fails nothing was sent.
   * @throws what the client throws
   */
  async ready(): Promise<void> {
    await this.getChannel()
  }

  /** The node it is connected to, `host:port`; undefined before that. */
  get node(): string | undefined {
    return this.#node
  }

  /** The server's version, `unknown` of a server too old to tell. */
  async serverVersion(): Promise<string> {
    return (await this.capabilities).serverVersion
  }

  /** Closes its connection. Calls under way go on: each is ended by whoever made it. */
  async close(): Promise<void> {
    try {
      ;(await this.#channel)?.close()
    } catch {
      // It never connected: nothing to close.
    }
  }

  /**
   * The client closes a channel as soon as one call on it fails. Another call that begins at that moment throws where nobody
   * catches it, which would end the process: the channel is closed when none can begin any more.
   */
  #closedLate(channel: OpenChannel): OpenChannel {
    if (!this.#known.has(channel)) {
      this.#known.add(channel)
      this.#node = channel.getTarget().replace(/^[a-z]+:(\/\/\/?)?/, '')
      const close = channel.close.bind(channel)
      channel.close = () => setTimeout(close, CLOSE_LATE_MS).unref()
    }
    return channel
  }
}

/** What one attempt works with. */
export interface Attempt {
  readonly client: NodeClient
  /** Aborts when the attempt is over, also when it was given up. */
  readonly over: AbortSignal
  /** Something arrived: the time-out starts again. */
  progress(): void
}

/** The client that calls go through, one at a time. */
export class Connection {
  readonly address: ClusterAddress
  #client: NodeClient | undefined
  readonly #users = new Map<NodeClient, number>()
  readonly #clock: () => number
  /** Nodes that did not answer, and until when they are not asked. */
  readonly #suspects = new Map<string, number>()
  /** How many clients were given up. */
  discarded = 0

  /** @param clock monotonic, in milliseconds */
  constructor(address: ClusterAddress, clock: () => number) {
    this.address = address
    this.#clock = clock
  }

  /** A client of its own for the caller, who closes it. */
  newClient(): NodeClient {
    for (const [node, until] of this.#suspects) if (until <= this.#clock()) this.#suspects.delete(node)
    return new NodeClient(this.address, new Set(this.#suspects.keys()))
  }

  /**
   * One attempt with the present client, given up once it made no progress for so many milliseconds. A client in doubt is
   * replaced; it is closed when its last call is over, because ending other calls from outside makes their reads look
   * complete.
   * @throws what the attempt throws, AttemptTimeout
   */
  async attempt<Answer>(what: string, ms: number, work: (attempt: Attempt) => Promise<Answer>): Promise<Answer> {
    this.#client ??= this.newClient()
    const client = this.#client
    this.#users.set(client, (this.#users.get(client) ?? 0) + 1)
    const late = Promise.withResolvers<never>()
    const over = new AbortController()
    let sent = false
    const timer = setTimeout(() => late.reject(new AttemptTimeout(what, ms, sent)), ms)
    try {
      await Promise.race([client.ready(), late.promise])
      sent = true
      return await Promise.race([work({ client, over: over.signal, progress: () => timer.refresh() }), late.promise])
    } catch (error) {
      const verdict = judge(error)
      if (verdict.kind === 'again' && verdict.discard) {
        const hung = error instanceof AttemptTimeout || error instanceof DeadlineExceededError
        if (hung && client.node !== undefined) this.#suspects.set(client.node, this.#clock() + SUSPECT_MS)
        this.#discard(client)
      }
      throw error
    } finally {
      clearTimeout(timer)
      over.abort()
      this.#leave(client)
    }
  }

  /** Closes the client; calls that begin later make a new one. */
  async close(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    await client?.close()
  }

  #discard(client: NodeClient): void {
    if (client !== this.#client) return
    this.#client = undefined
    this.discarded++
  }

  #leave(client: NodeClient): void {
    const users = this.#users.get(client)! - 1
    if (users > 0) this.#users.set(client, users)
    else {
      this.#users.delete(client)
      if (client !== this.#client) void client.close()
    }
  }
}
