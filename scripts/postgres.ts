/**
 * A PostgreSQL for tests: loopback, a temporary directory, gone afterwards. As a program it installs the server where it may
 * (apt-get as root), starts one, prints its address and waits for Ctrl-C:
 *
 *     npm run postgres
 *     npm run postgres -- --install     (installs only)
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'

/** Where distributions keep the server's programs, apart from the PATH. */
const DEBIAN = '/usr/lib/postgresql'
/** How long a server may take to answer, in milliseconds. */
const START_MS = 60_000

/** A running server, or why there is none. */
export type TestPostgres = RunningPostgres | { readonly missing: string }

export interface RunningPostgres {
  readonly url: string
  /** Stops every process of it at once, as a power cut would; what was not flushed is lost. */
  crash(): Promise<void>
  /** Starts it again on the same port with the same files. */
  start(): Promise<void>
  /** Ends it and removes its files. */
  stop(): Promise<void>
}

function programs(): string | undefined {
  const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, 'bin')) : []
  const paths = [...debian.reverse(), ...(process.env.PATH ?? '').split(':')]
  return paths.find((path) => existsSync(join(path, 'initdb')) && existsSync(join(path, 'postgres')))
}

/** Installs Debian's package. @returns whether the programs are there now */
export function installPostgres(): boolean {
  if (programs()) return true
  if (process.getuid?.() !== 0) return false
  const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'postgresql-15']])
    if (spawnSync('apt-get', args, options).status !== 0) return false
  return programs() !== undefined
}

/** The server refuses to run as root: whom it runs as then. */
function unprivileged(): { uid: number; gid: number } | undefined | 'nobody to run as' {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    const ask = (what: string) => spawnSync('id', [what, name], { encoding: 'utf8' })
    const [uid, gid] = [ask('-u'), ask('-g')]
    if (uid.status === 0 && gid.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  }
  return 'nobody to run as'
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return address !== null && typeof address === 'object' ? address.port : 0
}

/** Starts a server of its own for a test. */
export async function startPostgres(): Promise<TestPostgres> {
  const bin = programs()
  if (!bin) return { missing: 'no PostgreSQL server is installed (npm run postgres installs one as root)' }
  const user = unprivileged()
  if (user === 'nobody to run as') return { missing: 'PostgreSQL does not run as root, and there is no other user' }
  const directory = mkdtempSync(join(tmpdir(), 'duban-postgres-'))
  const remove = () => rmSync(directory, { recursive: true, force: true })
  const [data, secret] = [join(directory, 'data'), join(directory, 'password')]
  const password = randomBytes(18).toString('base64url')
  writeFileSync(secret, password)
  if (user) for (const path of [directory, secret]) chownSync(path, user.uid, user.gid)
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'duban', '--pwfile', secret, '--auth', 'scram-sha-256', '-E', 'UTF8', '--locale', 'C'],
    { ...user, encoding: 'utf8', cwd: directory },
  )
  if (made.status !== 0) {
    remove()
    return { missing: `initdb: ${made.stderr || made.error?.message}` }
  }
  const port = await freePort()
  const url = `postgres://duban:${password}@127.0.0.1:${port}/postgres`
  let child: ChildProcess | undefined
  const start = async () => {
    const settings = ['listen_addresses=127.0.0.1', 'shared_buffers=16MB', 'max_connections=40']
    const args = ['-D', data, '-p', String(port), '-k', directory, ...settings.flatMap((each) => ['-c', each])]
    child = spawn(join(bin, 'postgres'), args, { ...user, cwd: directory, stdio: 'ignore' })
    await answering(url)
  }
  const end = async (signal: 'SIGINT' | 'SIGQUIT') => {
    const ending = child
    child = undefined
    if (!ending || ending.exitCode !== null) return
    const ended = new Promise((resolve) => ending.once('exit', resolve))
    ending.kill(signal)
    await ended
  }
  try {
    await start()
  } catch (error) {
    await end('SIGQUIT')
    remove()
    return { missing: `the server does not start: ${(error as Error).message}` }
  }
  return {
    url,
    start,
    crash: () => end('SIGQUIT'),
    stop: async () => {
      await end('SIGINT')
      remove()
    },
  }
}

async function answering(url: string): Promise<void> {
  const until = Date.now() + START_MS
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 })
    client.on('error', () => {})
    try {
      await client.connect()
      return
    } catch (error) {
      if (Date.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    } finally {
      await client.end().catch(() => {})
    }
  }
}

if (import.meta.main) {
  const installed = installPostgres()
  if (!installed) console.error('PostgreSQL is not installed, and only root can install it')
  if (process.argv.includes('--install')) process.exit(installed ? 0 : 1)
  const server = await startPostgres()
  if ('missing' in server) {
    console.error(server.missing)
    process.exitCode = 1
  } else {
    console.log(`VAULT_URL=${server.url}`)
    process.once('SIGINT', () => void server.stop())
    process.once('SIGTERM', () => void server.stop())
  }
}
