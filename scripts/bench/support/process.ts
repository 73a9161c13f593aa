/** Child processes of benchmarks: what they use of the machine, and the service itself on a port of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const PROGRAM = fileURLToPath(new URL('../../../bin/duban.js', import.meta.url))

/** Kilobytes of a line of `/proc/<pid>/status`: `VmHWM` is the most memory ever resident, `RssAnon` what is not a mapped file. */
export function memoryOf(pid: number, line: 'VmHWM' | 'RssAnon'): number {
  const found = new RegExp(`^${line}:\\s*(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  if (!found) throw new Error(`no ${line} in /proc/${pid}/status`)
  return Number(found[1])
}

/** Clock ticks a second in `/proc`: 100 on every Linux that Node runs on. */
const TICKS = 100

/** Processor time of a process so far, user and system, milliseconds. */
export function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS
}

/** Waits, two minutes at most, until a process has nothing to do: what it does behind an answer is done. */
export async function untilIdle(pid: number): Promise<void> {
  const until = performance.now() + READY_MS
  for (let before = Number.NEGATIVE_INFINITY; performance.now() < until; ) {
    const now = processorMs(pid)
    if (now - before <= 10) return
    before = now
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Status of a GET, or undefined where nobody answers. */
export function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const asked = request(url, { agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asked.on('error', () => resolve(undefined))
    asked.end()
  })
}

export interface Running {
  readonly pid: number
  readonly url: string
  /** From the start of the process to the first answer of 200, milliseconds. */
  readonly readyMs: number
  stop(): Promise<void>
}

const READY_MS = 120_000

/** Waits until an address answers 200. @throws Error where the process ends or nothing answers within two minutes */
async function untilReady(child: ChildProcess, url: string, said: () => string): Promise<number> {
  const from = performance.now()
  while ((await statusOf(url)) !== 200) {
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${said()}`)
    if (performance.now() - from > READY_MS) throw new Error(`not ready: ${said()}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  return performance.now() - from
}

async function start(
  parameters: readonly string[],
  environment: Readonly<Record<string, string>>,
  port: number,
  ready: string,
): Promise<Running> {
  let said = ''
  const child = spawn(process.execPath, parameters, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  child.stderr.setEncoding('utf8')
  child.stderr.on('data', (text: string) => {
    said = (said + text).slice(-2_000)
  })
  const url = `http://127.0.0.1:${port}`
  const readyMs = await untilReady(child, url + ready, () => said)
  return {
    pid: child.pid!,
    url,
    readyMs,
    async stop() {
      if (child.exitCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

/** Where the services under test leave a processor profile each, where it is set. */
const PROFILES = process.env.DUBAN_BENCH_PROFILE

/** `duban serve` on a data directory with more of an environment, until `/readyz` answers 200. Logs warnings only; takes any number of requests. */
export async function serve(directory: string, more: Readonly<Record<string, string>> = {}): Promise<Running> {
  const options = PROFILES === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`]
  const port = await freePort()
  const environment = { DUBAN_LOG_LEVEL: 'warn', DUBAN_REQUESTS_PER_MINUTE: '1000000000', ...more }
  const parameters = [...options, PROGRAM, 'serve', '--data', directory, '--port', String(port)]
  return start(parameters, environment, port, '/readyz')
}

/** A file beside this one as a process that listens on the port it gets as its first parameter. */
export async function listenOn(file: string, ...parameters: readonly string[]): Promise<Running> {
  const port = await freePort()
  const path = fileURLToPath(new URL(file, import.meta.url))
  return start([path, String(port), ...parameters], {}, port, '/ready')
}

/** What a command took. Memory in kilobytes. */
export interface CommandFigures<Result> {
  readonly result: Result
  readonly ms: number
  readonly cpuMs: number
  /** The most that was ever resident, mapped files included. */
  readonly peak: number
  /** The most that was resident besides mapped files, looked at many times a second. */
  readonly peakAnonymous: number
}

/** How often a running command is looked at; milliseconds. */
const LOOK_MS = 20

/** Runs `duban … --json` to its end, watched from outside. @throws Error where it does not end with 0 */
export async function commandOf<Result>(...parameters: readonly string[]): Promise<CommandFigures<Result>> {
  const from = performance.now()
  const child = spawn(process.execPath, [PROGRAM, ...parameters, '--json'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let [said, cpuMs, peak, peakAnonymous] = ['', 0, 0, 0]
  const look = setInterval(() => {
    try {
      cpuMs = processorMs(child.pid!)
      peak = memoryOf(child.pid!, 'VmHWM')
      peakAnonymous = Math.max(peakAnonymous, memoryOf(child.pid!, 'RssAnon'))
    } catch {
      // Between its end and our hearing of it there is nothing to read.
    }
  }, LOOK_MS)
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (text: string) => {
    said += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  clearInterval(look)
  const ms = performance.now() - from
  if (code !== 0) throw new Error(`${parameters[0]} ended with ${code}: ${said.slice(0, 500)}`)
  return { result: JSON.parse(said) as Result, ms, cpuMs, peak, peakAnonymous }
}
