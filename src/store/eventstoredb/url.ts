/** EVENTSTORE_URL: read strictly, because the client drops silently what it does not know or cannot honour. */
import { existsSync, readFileSync } from 'node:fs'
import { ClusterError } from './cluster-error.ts'

export interface Host {
  readonly address: string
  readonly port: number
}

/** A cluster's address, parsed. */
export interface ClusterAddress {
  /** `esdb+discover://`: the one name resolves to nodes that gossip. */
  readonly discover: boolean
  readonly hosts: readonly Host[]
  readonly tls: boolean
  readonly credentials?: { readonly username: string; readonly password: string }
  /** Certificates to trust, PEM; absent: the system's. */
  readonly ca?: Buffer
  readonly connectionName?: string
}

/** Parameters of a connection string that this program honours itself; the rest is refused by name. */
const KNOWN = new Set(['tls', 'tlscafile', 'tlsverifycert', 'connectionname', 'nodepreference'])
const DEFAULT_PORT = 2113

const invalid = (what: string) => new ClusterError('cluster-url-invalid', what)

/**
 * Parses a connection string.
 * @throws ClusterError `cluster-url-invalid`, `cluster-credentials-without-tls`, `cluster-credentials-missing`
 */
export function parseClusterUrl(url: string): ClusterAddress {
  const match = /^(esdb|esdb\+discover):\/\/(?:([^@/?]*)@)?([^/?]+)\/?(?:\?(.*))?$/.exec(url.trim())
  if (!match) throw invalid('expected esdb:// or esdb+discover:// with at least one host')
  const [, scheme, user, hostList, query = ''] = match
  const hosts = hostList!.split(',').map(parseHost)
  const discover = scheme === 'esdb+discover'
  if (discover && hosts.length > 1) throw invalid('esdb+discover:// takes one name; list several with esdb://')
  const options = parseOptions(query)
  const tls = flag(options, 'tls') ?? true
  if (flag(options, 'tlsverifycert') === false)
    throw invalid('tlsVerifyCert=false has no effect in the client; name the certificate with tlsCAFile')
  const credentials = user === undefined ? undefined : parseCredentials(user)
  if (credentials && !tls) {
    throw new ClusterError('cluster-credentials-without-tls', 'credentials with tls=false are never sent')
  }
  if (tls && !credentials) throw new ClusterError('cluster-credentials-missing', 'TLS without user:password@')
  const caFile = options.get('tlscafile')
  if (caFile !== undefined && !existsSync(caFile)) throw invalid(`tlsCAFile ${caFile} does not exist`)
  if ((options.get('nodepreference')?.toLowerCase() ?? 'leader') !== 'leader')
    throw invalid('nodePreference: only leader gives what the store promises')
  const connectionName = options.get('connectionname')
  return {
    discover,
    hosts,
    tls,
    ...(credentials && { credentials }),
    ...(caFile === undefined || !tls ? {} : { ca: readFileSync(caFile) }),
    ...(connectionName === undefined ? {} : { connectionName }),
  }
}

function parseHost(text: string): Host {
  const match = /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?$/.exec(text.trim())
  const port = match?.[2] === undefined ? DEFAULT_PORT : Number(match[2])
  if (!match || port < 1 || port > 65_535) throw invalid(`no host: ${JSON.stringify(text)}`)
  return { address: match[1]!, port }
}

function parseCredentials(text: string): { username: string; password: string } {
  const [username, password, ...rest] = text.split(':')
  if (!username || !password || rest.length > 0) throw invalid('credentials are user:password, each percent-encoded')
  try {
    return { username: decodeURIComponent(username), password: decodeURIComponent(password) }
  } catch {
    throw invalid('credentials are not percent-encoded UTF-8')
  }
}

function parseOptions(query: string): Map<string, string> {
  const options = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(query)) {
    const key = name.toLowerCase().replace(/[_-]/g, '')
    if (!KNOWN.has(key)) throw invalid(`parameter ${name} is not known here; time-outs are this program's own`)
    options.set(key, value)
  }
  return options
}

function flag(options: ReadonlyMap<string, string>, name: string): boolean | undefined {
  const value = options.get(name)
  if (value === undefined) return undefined
  if (value !== 'true' && value !== 'false') throw invalid(`${name} is true or false`)
  return value === 'true'
}

/** The address as it may be logged. */
export const redactedAddress = ({ discover, hosts, tls }: ClusterAddress): string =>
  `${discover ? 'esdb+discover' : 'esdb'}://${hosts.map(({ address, port }) => `${address}:${port}`).join(',')}?tls=${tls}`
