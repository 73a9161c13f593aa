/** Before a service starts on a cluster: is it there, and if not, exactly what is wrong. */
import { connect as connectTcp, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { AccessDeniedError, BACKWARDS, END, NotLeaderError } from '@eventstore/db-client'
import { NodeClient } from './connection.ts'
import { ClusterError, messageOf } from './errors.ts'
import { type ClusterAddress, type Host, redactedAddress } from './url.ts'

/** Least version of the server; what was measured and what this program is tested with. */
export const MIN_SERVER = '23.10'
/** Longest wait for one host, in milliseconds. */
const HOST_MS = 3_000
const UNAUTHENTICATED = 16
const PERMISSION_DENIED = 7

export interface Preflight {
  readonly address: string
  readonly serverVersion: string
  /** Hosts of the address that did not answer, with the reason; the cluster works without them. */
  readonly absent: readonly string[]
}

/**
 * Looks at a cluster within a bounded time.
 * @param patienceMs how long a cluster may take to elect a leader; default 5 s
 * @throws ClusterError naming one cause
 */
export async function preflight(address: ClusterAddress, patienceMs = 5_000): Promise<Preflight> {
  const absent = await reachable(address)
  const client = new NodeClient(address)
  try {
    const serverVersion = await firstCall(client, address, patienceMs)
    if (!isNewEnough(serverVersion))
      throw new ClusterError(
        'cluster-server-too-old',
        `the server is ${serverVersion}, at least ${MIN_SERVER} is needed`,
      )
    return { address: redactedAddress(address), serverVersion, absent }
  } finally {
    await client.close()
  }
}

/** Tries all hosts; what is wrong with the last one is told where none answers. @returns those that do not answer */
async function reachable({ hosts, tls, ca }: ClusterAddress): Promise<string[]> {
  const probes = await Promise.all(hosts.map((host) => probe(host, tls, ca)))
  const absent = probes.flatMap((failure) => (failure ? [failure.message] : []))
  if (absent.length < hosts.length) return absent
  // A cause that says more than "nobody there" goes first.
  const telling = probes.find((failure) => failure && failure.code !== 'cluster-unreachable')
  throw telling ?? new ClusterError('cluster-unreachable', absent.join('; '))
}

async function probe(host: Host, tls: boolean, ca: Buffer | undefined): Promise<ClusterError | undefined> {
  const name = `${host.address}:${host.port}`
  const tcp = await opened(() => connectTcp({ host: bare(host.address), port: host.port }), 'connect')
  if (tcp) return new ClusterError('cluster-unreachable', `${name}: ${messageOf(tcp)}`, { cause: tcp })
  const lax = await opened(() => secured(host, undefined, false), 'secureConnect')
  if (!tls)
    return lax ? undefined : new ClusterError('cluster-tls-mismatch', `${name} speaks TLS, the address says tls=false`)
  if (lax)
    return new ClusterError('cluster-tls-mismatch', `${name} does not speak TLS: ${messageOf(lax)}`, { cause: lax })
  const strict = await opened(() => secured(host, ca, true), 'secureConnect')
  if (!strict) return undefined
  return new ClusterError('cluster-certificate-refused', `${name}: ${messageOf(strict)}`, { cause: strict })
}

const bare = (address: string) => address.replace(/^\[|\]$/g, '')

const secured = (host: Host, ca: Buffer | undefined, rejectUnauthorized: boolean): TLSSocket => {
  const address = bare(host.address)
  return connectTls({
    host: address,
    port: host.port,
    rejectUnauthorized,
    ALPNProtocols: ['h2'],
    ...(ca && { ca }),
    ...(/^[\d.]+$|:/.test(address) ? {} : { servername: address }),
  })
}

/** Opens a connection and closes it. @returns why it did not open */
async function opened(open: () => Socket, event: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const socket = open()
    const settle = (error?: Error) => {
      socket.destroy()
      resolve(error)
    }
    socket.setTimeout(HOST_MS, () => settle(new Error(`no answer within ${HOST_MS} ms`)))
    socket.once(event, () => settle())
    socket.on('error', settle)
    socket.once('close', () => settle(new Error('the server closed the connection')))
  })
}

/** The server's version and a read of `$all` from the leader, which needs every right that the mirror needs. */
async function firstCall(client: NodeClient, address: ClusterAddress, patienceMs: number): Promise<string> {
  const until = performance.now() + patienceMs
  for (;;) {
    try {
      const version = await bounded(client.serverVersion())
      await bounded(readHead(client))
      return version
    } catch (error) {
      const known = causeOf(error, address)
      if (known) throw known
      if (performance.now() >= until) {
        const message = `no leader answered within ${patienceMs} ms: ${messageOf(error)}`
        throw new ClusterError('cluster-no-leader', message, { cause: error })
      }
      await sleep(100)
    }
  }
}

async function bounded<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const waiting = new AbortController()
  const late = sleep(HOST_MS, undefined, { signal: waiting.signal }).then(
    () => Promise.reject(new Error(`no answer within ${HOST_MS} ms`)),
    () => new Promise<never>(() => {}),
  )
  try {
    return await Promise.race([answer, late])
  } finally {
    waiting.abort()
  }
}

async function readHead(client: NodeClient): Promise<void> {
  const stream = client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1, requiresLeader: true })
  stream.on('error', () => {})
  try {
    for await (const _ of stream) break
  } finally {
    void stream.cancel().catch(() => {})
  }
}

/** A cause that waiting does not cure. */
function causeOf(error: unknown, { credentials }: ClusterAddress): ClusterError | undefined {
  if (error instanceof NotLeaderError) return undefined
  const code = (error as { code?: unknown } | null)?.code
  const message = messageOf(error)
  if (code === UNAUTHENTICATED || /\b401\b/.test(message))
    return new ClusterError('cluster-credentials-refused', message, { cause: error })
  if (error instanceof AccessDeniedError || code === PERMISSION_DENIED) {
    const who = credentials ? `user ${credentials.username}` : 'a user without credentials'
    return new ClusterError('cluster-access-denied', `${who}: ${message}`, { cause: error })
  }
  return undefined
}

/** `unknown` is what servers before 21.10 tell. */
function isNewEnough(version: string): boolean {
  const parts = /^(\d+)\.(\d+)/.exec(version)
  if (!parts) return false
  const [major, minor] = [Number(parts[1]), Number(parts[2])]
  const [leastMajor, leastMinor] = MIN_SERVER.split('.').map(Number) as [number, number]
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}
