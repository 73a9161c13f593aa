/** One node of the double: a gRPC server on loopback. */
import type { EventEmitter } from 'node:events'
import {
  type Metadata,
  Server,
  ServerCredentials,
  type StatusObject,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { appendHandler, batchHandler } from './appending.ts'
import { Cues } from './cues.ts'
import type { Ledger } from './ledger.ts'
import { features, featuresGrpc, gossip, gossipGrpc, noLeader, notLeader, shared, streamsGrpc } from './protocol.ts'
import { readHandler } from './reading.ts'
import { Wire } from './wire.ts'

/** What a node knows of its cluster. */
export interface Membership {
  readonly nodes: readonly DoubleNode[]
  /** The node that leads; undefined between two leaders. */
  leader: DoubleNode | undefined
  serverVersion: string
}

/** Key and certificate of a node that speaks TLS, in PEM. */
export interface Identity {
  readonly key: Buffer
  readonly certificate: Buffer
}

/** How soon a waiting subscription notices a cue. */
const CUE_MS = 20
const FOLLOWER = 6
const LEADER = 8

export class DoubleNode {
  readonly cues = new Cues()
  /** How often each call was made of this node. */
  readonly calls = { append: 0, batchAppend: 0, read: 0, subscribe: 0, gossip: 0, features: 0 }
  /** Subscriptions open now. */
  subscribers = 0
  /** The `authorization` headers seen, latest last. */
  readonly authorizations: string[] = []
  readonly ledger: Ledger
  readonly #membership: Membership
  readonly #identity: Identity | undefined
  #server: Server | undefined
  #wire: Wire | undefined
  #port = 0

  constructor(ledger: Ledger, membership: Membership, identity?: Identity) {
    this.ledger = ledger
    this.#membership = membership
    this.#identity = identity
  }

  get port(): number {
    return this.#port
  }

  get running(): boolean {
    return this.#server !== undefined
  }

  /** Listens; after {@link kill} on the port it had. */
  async start(): Promise<void> {
    const server = new Server({ 'grpc.max_receive_message_length': 8 * 1024 * 1024 })
    server.addService(streamsGrpc.StreamsService, {
      read: readHandler(this),
      append: appendHandler(this),
      batchAppend: batchHandler(this),
    } as unknown as UntypedServiceImplementation)
    server.addService(gossipGrpc.GossipService, {
      read: (_call: unknown, answer: (error: null, info: unknown) => void) => {
        this.calls.gossip++
        if (!this.cues.mute) answer(null, this.#gossip())
      },
    } as unknown as UntypedServiceImplementation)
    server.addService(featuresGrpc.ServerFeaturesService, {
      getSupportedMethods: (_call: unknown, answer: (error: null, methods: unknown) => void) => {
        this.calls.features++
        if (!this.cues.mute) answer(null, this.#features())
      },
    } as unknown as UntypedServiceImplementation)
    const credentials = this.#identity
      ? ServerCredentials.createSsl(null, [{ private_key: this.#identity.key, cert_chain: this.#identity.certificate }])
      : ServerCredentials.createInsecure()
    const behind = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', credentials, (error, port) => (error ? reject(error) : resolve(port))),
    )
    this.#server = server
    this.#wire = new Wire(behind)
    this.#port = await this.#wire.open(this.#port)
  }

  /** Breaks every connection at once and listens no more, as SIGKILL does. */
  kill(): void {
    this.#wire?.close()
    this.#server?.forceShutdown()
    this.#wire = undefined
    this.#server = undefined
  }

  /** Breaks every connection at once; new ones are taken. */
  dropConnections(): void {
    this.#wire?.drop()
  }

  /** As SIGSTOP does: connections stay, nothing is answered, not even a ping. */
  freeze(): void {
    this.#wire?.freeze()
  }

  /** As SIGCONT does. */
  thaw(): void {
    this.#wire?.thaw()
  }

  /** What a node answers that does not lead, where the client asked for the leader. */
  refuseUnlessLeader(metadata: Metadata): Partial<StatusObject> | undefined {
    const [authorization] = metadata.get('authorization')
    if (authorization !== undefined) this.authorizations.push(String(authorization))
    const { leader } = this.#membership
    if (leader === this) return undefined
    const [asked] = metadata.get('requires-leader')
    if (leader === undefined) return noLeader()
    return asked === 'true' ? notLeader('127.0.0.1', leader.port) : undefined
  }

  /** Resolves at the next append, when a cue may have changed, or when the call is over. */
  change(call: EventEmitter): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        unwatch()
        call.off('cancelled', done)
        resolve()
      }
      const timer = setTimeout(done, CUE_MS)
      const unwatch = this.ledger.watch(done)
      call.once('cancelled', done)
    })
  }

  #gossip(): unknown {
    const info = new gossip.ClusterInfo()
    const { nodes, leader } = this.#membership
    info.setMembersList(
      nodes.map((node) => {
        const member = new gossip.MemberInfo()
        const id = new shared.UUID()
        id.setString('00000000-0000-4000-8000-000000000000')
        const endPoint = new gossip.EndPoint()
        endPoint.setAddress('127.0.0.1')
        endPoint.setPort(node.port)
        member.setInstanceId(id)
        member.setTimeStamp('0')
        member.setState(node === leader ? LEADER : FOLLOWER)
        member.setIsAlive(node.running)
        member.setHttpEndPoint(endPoint)
        return member
      }),
    )
    return info
  }

  #features(): unknown {
    const methods = new features.SupportedMethods()
    methods.setEventStoreServerVersion(this.#membership.serverVersion)
    for (const name of ['read', 'append', 'batchappend']) {
      const method = new features.SupportedMethod()
      method.setServiceName('event_store.client.streams.streams')
      method.setMethodName(name)
      methods.addMethods(method)
    }
    return methods
  }
}
