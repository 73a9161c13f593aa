/** `duban` as a child process: one command to its end, or a service that listens. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { main } from '../../src/cli/main.ts'

const bin = fileURLToPath(new URL('../../bin/duban.js', import.meta.url))
const node = ['--disable-warning=ExperimentalWarning', bin]

/** The environment of a stranger: none of the settings of whoever runs the tests. */
function environment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('DUBAN_'))
  return { ...Object.fromEntries(kept), ...more }
}

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Standard output as JSON; undefined where it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared field by field
  readonly json: any
}

/**
 * Runs one command line in this process: the same program without the second that starting it takes. Not for what listens or reads
 * standard input.
 */
export async function inProcess(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const said = { stdout: '', stderr: '' }
  const { env: ownEnv, exitCode: ownCode } = process
  const own = { stdout: process.stdout.write, stderr: process.stderr.write }
  for (const stream of ['stdout', 'stderr'] as const)
    process[stream].write = ((text: string | Uint8Array) => {
      said[stream] += String(text)
      return true
    }) as typeof process.stdout.write
  process.env = environment(env)
  process.exitCode = undefined
  try {
    await main(args)
    return { code: Number(process.exitCode ?? 0), ...said, json: jsonOf(said.stdout) }
  } finally {
    process.stdout.write = own.stdout
    process.stderr.write = own.stderr
    process.env = ownEnv
    process.exitCode = ownCode
  }
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Runs one command line to its end. */
export async function duban(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input?: string,
): Promise<Ran> {
  const child = spawn(process.execPath, [...node, ...args], { env: environment(env), stdio: ['pipe', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  child.stdin.end(input ?? '')
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr, json: jsonOf(stdout) }
}

export interface Served {
  readonly url: string
  readonly child: ChildProcess
  /** Sends the signal and waits until the process is gone. @returns its exit code */
  stop(signal: 'SIGKILL' | 'SIGINT' | 'SIGTERM'): Promise<number | null>
}

/** Starts `duban serve` on a free port and waits until it listens. @throws Error with what it said, where it ends before */
export async function serve(directory: string, env: Readonly<Record<string, string>> = {}): Promise<Served> {
  const child = spawn(process.execPath, [...node, 'serve', '--data', directory, '--port', '0'], {
    env: environment({ DUBAN_LOG_LEVEL: 'error', DUBAN_REQUESTS_PER_MINUTE: '1000000', ...env }),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const gone = once(child, 'exit') as Promise<[number | null]>
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    const lines = createInterface({ input: child.stderr })
    lines.on('line', (line) => {
      said += `${line}\n`
      const address = /：(http:\/\/[\d.]+:\d+)/.exec(line)?.[1]
      if (address) resolve(address)
    })
    void gone.then(() => reject(new Error(`duban serve ended: ${said}`)))
  })
  return {
    url,
    child,
    async stop(signal) {
      child.kill(signal)
      const [code] = await gone
      return code
    },
  }
}
