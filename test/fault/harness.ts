/** Runs work in a child process, breaks it, and checks what is left: the invariants that hold after every fault. */
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { verify } from '../../src/commands/verify.ts'
import { buildApp } from '../../src/http/app.ts'
import { openService, type Service } from '../../src/service.ts'
import { decodeEnvelope } from '../../src/store/envelope.ts'
import { personal, registration } from '../support/chain.ts'
import { START, startService } from '../support/service.ts'
import type { Parameters } from './child.ts'
import type { Rule } from './failpoints.ts'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
/** Whether every point is taken; else a part of them, spread evenly. */
export const FULL = process.env.FAULT_FULL === '1'
const HOUR = 3_600_000
/** Many processes take their time on a small machine: for `t.beforeEach`; as long as the runner gives a file. */
export const patient = (t: Test): void => t.setTimeout(300_000)
/** A child that hangs is a failure of its own. */
const PATIENCE_MS = 60_000

/** A founded county in a directory that nobody has open: copied for each case. */
export interface Template {
  readonly directory: string
  readonly token: string
  readonly bodies: readonly object[]
  /** Name of the complainant in each body. */
  readonly name: (number: number) => string
}

export function temporary(t: Pick<Test, 'teardown'>): string {
  const directory = mkdtempSync(join(tmpdir(), 'duban-fault-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

export async function makeTemplate(t: Pick<Test, 'teardown'>, complaints = 6): Promise<Template> {
  const running = await startService(t)
  const name = (number: number) => `${personal.name}${number}`
  const bodies = Array.from({ length: complaints }, (_, number) => {
    const body = registration(running)
    return { ...body, complainant: { ...body.complainant, name: name(number) } }
  })
  await running.close()
  const directory = join(temporary(t), 'template')
  cpSync(running.directory, directory, { recursive: true })
  return { directory, token: running.people.reception.token, bodies, name }
}

/** A fresh copy of a directory; goes with the case. */
export function copyOf(directory: string): { readonly path: string; remove(): void } {
  const parent = mkdtempSync(join(tmpdir(), 'duban-fault-'))
  const path = join(parent, 'data')
  cpSync(directory, path, { recursive: true })
  return { path, remove: () => rmSync(parent, { recursive: true, force: true }) }
}

export interface Broken {
  /** What the child said, in order. */
  readonly answers: readonly Said[]
  /** Rules that fired, one line each. */
  readonly fired: readonly string[]
  /** How it ended: an exit code, or the signal. */
  readonly ended: number | string
  readonly errors: string
  /** How often each point was passed, where it was asked for and the child lived. */
  readonly trace: Readonly<Record<string, number>>
}

/** Any line of a child; which fields there are depends on its work. */
export interface Said {
  readonly key?: string
  readonly status?: number
  readonly case?: string
  readonly revision?: number
  readonly index?: number
  readonly code?: string
  readonly read?: number
  readonly freed?: number
  readonly done?: boolean
  readonly [more: string]: unknown
}

export interface RunOptions {
  readonly rules?: readonly Rule[]
  readonly trace?: boolean
  /** A seeded defect, by its name in defects.ts. */
  readonly defect?: string
  /** Put before the command: strace, a wrapper in a mount namespace. */
  readonly wrapper?: readonly string[]
  /** Called for each line; may kill. */
  readonly onAnswer?: (said: Said, kill: () => void) => void
}

/** Compiled code of the program, kept for all children of this process: half of what a child costs is compiling. */
const compiled = mkdtempSync(join(tmpdir(), 'duban-fault-compiled-'))
process.on('exit', () => rmSync(compiled, { recursive: true, force: true }))

/** Runs a child to its end, however that comes. */
export async function run(
  work: string,
  directory: string,
  parameters: Omit<Parameters, 'now'> & { now?: number },
  options: RunOptions = {},
): Promise<Broken> {
  const scratch = mkdtempSync(join(tmpdir(), 'duban-fault-log-'))
  const [log, trace] = [join(scratch, 'log'), join(scratch, 'trace')]
  const command = [
    ...(options.wrapper ?? []),
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    ...(options.rules || options.trace ? ['--import', here('./failpoints.ts')] : []),
    ...(options.defect ? ['--import', here('./defects.ts')] : []),
    here('./child.ts'),
    work,
    directory,
    JSON.stringify({ now: START + HOUR, ...parameters }),
  ]
  const child = spawn(command[0]!, command.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: compiled,
      FAULT_RULES: JSON.stringify(options.rules ?? []),
      FAULT_LOG: log,
      ...(options.trace ? { FAULT_TRACE: trace } : {}),
      ...(options.defect ? { DEFECT: options.defect } : {}),
    },
  })
  const answers: Said[] = []
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const impatient = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  const ended = new Promise<number | string>((resolve) =>
    child.once('close', (code, signal) => resolve(signal ?? code ?? 'unknown')),
  )
  for await (const line of createInterface({ input: child.stdout })) {
    let said: Said
    try {
      said = JSON.parse(line) as Said
    } catch {
      break
    }
    answers.push(said)
    options.onAnswer?.(said, () => child.kill('SIGKILL'))
  }
  const how = await ended
  clearTimeout(impatient)
  const lines = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [])
  const result: Broken = {
    answers,
    fired: lines(log),
    ended: how,
    errors,
    trace: existsSync(trace) ? JSON.parse(readFileSync(trace, 'utf8')) : {},
  }
  rmSync(scratch, { recursive: true })
  return result
}

/** An invariant that does not hold: the sentence names it. */
export class Violation extends Error {}

export const demand = (holds: boolean, sentence: string): void => {
  if (!holds) throw new Violation(sentence)
}

/** Opens a directory as the next start of the service does. */
export const reopen = (directory: string): Promise<Service> =>
  openService({
    directory,
    masterKeyFile: join(directory, 'master.key'),
    evidenceLimit: 1_000_000,
    now: () => START + 24 * HOUR,
  })

/** What must hold of any directory after any fault: no event twice, none missing in between, read models as rebuilt. */
export async function checkWhole(
  service: Service,
  options: { readonly rebuild: boolean } = { rebuild: true },
): Promise<void> {
  const { log, vault, evidence, projections } = service
  await projections.catchUp()
  const rebuild = options.rebuild ? { rebuild: () => projections.rebuild() } : {}
  const verified = await verify({ log, vault, evidence, ...rebuild })
  const wrong = verified.checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name} (${detail})`)
  demand(verified.ok, `verification fails: ${wrong.join('; ')}`)
  const events = log.read(0, Number.MAX_SAFE_INTEGER)
  demand(new Set(events.map(({ id }) => id)).size === events.length, 'an event is there twice')
  const parked = projections.status().flatMap((status) => status.parked)
  demand(parked.length === 0, `${parked.length} streams are parked`)
}

const complaintsIn = ({ log }: Service): string[] =>
  log
    .read(0, Number.MAX_SAFE_INTEGER)
    .filter(({ type }) => type === 'ComplaintRegistered')
    .map(({ stream }) => stream.slice('complaint-'.length))

async function nameIn(service: Service, id: string): Promise<unknown> {
  const envelope = decodeEnvelope(service.log.stream(`complaint-${id}`)[0]!.bytes)
  const { complainant } = envelope.data as { complainant: { name: never } }
  const place = { event: envelope.id, stream: envelope.stream, path: ['complainant', 'name'] }
  return (await service.vault.open([{ ...place, cipher: complainant.name }]))[0]
}

/**
 * After registering was broken: what was acknowledged is there exactly once, as it was told; what was not is there whole or not
 * at all; repeating every request under its key makes each case exist exactly once. Answers the sentence that says so.
 */
export async function checkRegistered(
  directory: string,
  template: Template,
  answers: readonly Said[],
  options: { readonly withoutKeys?: boolean; readonly bodies?: number } = {},
): Promise<string> {
  const service = await reopen(directory)
  try {
    await checkWhole(service)
    const acknowledged = answers.filter(({ status, key }) => status === 201 && !key!.endsWith('-e'))
    const files = answers.filter(({ status, key }) => status === 200 && key!.endsWith('-e'))
    for (const { key, case: id, index, revision } of acknowledged) {
      const stored = service.log.stream(`complaint-${id}`)
      demand(
        stored.some((event) => event.index === index && event.revision === revision),
        `${key} was acknowledged and is not there`,
      )
      demand(
        (await nameIn(service, id!)) === template.name(Number(key!.slice(1)) % template.bodies.length),
        `${key} does not open`,
      )
    }
    const addresses = new Set<string>()
    for await (const address of service.evidence.list()) addresses.add(address)
    for (const { key, case: id, revision } of files) {
      const event = service.log.stream(`complaint-${id}`).find((each) => each.revision === revision)
      demand(event !== undefined, `${key} was acknowledged and is not there`)
      const { sha256 } = decodeEnvelope(event!.bytes).data as { sha256: string }
      demand(addresses.has(sha256), `the file of ${key} was acknowledged and is not there`)
    }
    const before = complaintsIn(service).length
    const asked = options.bodies ?? template.bodies.length
    const app = await buildApp({ service, listening: false })
    for (let number = 0; number < asked; number++) {
      const again = await app.inject({
        method: 'POST',
        url: '/api/v1/complaints',
        headers: {
          authorization: `Bearer ${template.token}`,
          ...(options.withoutKeys ? {} : { 'idempotency-key': `k${number}` }),
        },
        payload: template.bodies[number % template.bodies.length]!,
      })
      demand(again.statusCode === 201, `k${number} cannot be repeated: ${again.statusCode} ${again.body.slice(0, 200)}`)
      const first = acknowledged.find(({ key }) => key === `k${number}`)
      demand(first === undefined || first.case === again.json().case, `k${number} repeated is another case`)
      demand(typeof again.json().number === 'string', `k${number} has no number after it was repeated`)
    }
    await app.close()
    const cases = complaintsIn(service)
    demand(cases.length === asked && new Set(cases).size === asked, `${cases.length} cases of ${asked} requests`)
    await checkWhole(service, { rebuild: false })
    const told = new Set(acknowledged.map(({ key }) => key)).size
    const unsaid = before - told
    demand(unsaid >= 0, `${told} cases were acknowledged, ${before} are there`)
    return `${told} acknowledged, all there once; ${unsaid === 0 ? 'nothing else was stored' : `${unsaid} stored whole but unsaid`}; repeating made ${asked} of ${asked}`
  } finally {
    await service.close()
  }
}

/** The points of a run that nothing broke, each with how often it is passed. */
export async function pointsOf(
  work: string,
  directory: string,
  parameters: Omit<Parameters, 'now'> & { now?: number },
): Promise<Readonly<Record<string, number>>> {
  const copy = copyOf(directory)
  try {
    const whole = await run(work, copy.path, parameters, { trace: true })
    if (!whole.answers.at(-1)?.done) throw new Error(`${work} does not run by itself: ${whole.errors}`)
    return whole.trace
  } finally {
    copy.remove()
  }
}

/** Cases of a sweep: each point, in both phases, at its first and its middle passing; a part of them unless FULL. */
export function casesOf(
  points: Readonly<Record<string, number>>,
  action: Pick<Rule, 'action' | 'kind'>,
  choice: { readonly phases: readonly Rule['phase'][]; readonly most: number; readonly always: RegExp },
): Rule[] {
  const all = Object.entries(points).flatMap(([point, count]) =>
    choice.phases.flatMap((phase) => {
      const middle = Math.ceil((count + 1) / 2)
      const places = FULL ? new Set([1, 2, middle, count]) : new Set([choice.always.test(point) ? middle : 1])
      return [...places].filter((nth) => nth <= count).map((nth): Rule => ({ point, nth, phase, ...action }))
    }),
  )
  if (FULL || all.length <= choice.most) return all
  const kept = all.filter(({ point }) => choice.always.test(point))
  const rest = all.filter(({ point }) => !choice.always.test(point))
  const room = Math.max(0, choice.most - kept.length)
  return [
    ...kept,
    ...rest.filter(
      (_, place) => Math.floor((place * room) / rest.length) !== Math.floor(((place - 1) * room) / rest.length),
    ),
  ]
}

/** Runs cases two at a time, and tells each in one line of the output; a sweep in which nothing happened fails. */
export async function sweep(
  t: Test,
  template: string,
  rules: readonly Rule[],
  one: (directory: string, rule: Rule) => Promise<{ readonly broken: Broken; readonly check: () => Promise<string> }>,
): Promise<void> {
  let fired = 0
  const waiting = [...rules]
  const worker = async () => {
    for (let rule = waiting.shift(); rule; rule = waiting.shift()) {
      const { action, kind, phase, point, nth } = rule
      const name = `${action}${kind ? ` ${kind}` : ''} ${phase} ${point}${nth ? ` no. ${nth}` : ''}`
      const copy = copyOf(template)
      try {
        const { broken, check } = await one(copy.path, rule)
        fired += Math.min(1, broken.fired.length)
        const sentence = await check()
        t.ok(broken.fired.length > 0, `${name} | ${broken.fired.length > 0 ? sentence : 'never happened'}`)
      } catch (error) {
        t.fail(`${name} | ${(error as Error).message}`)
      } finally {
        copy.remove()
      }
    }
  }
  await Promise.all([worker(), worker()])
  t.ok(fired === rules.length && rules.length > 0, `${rules.length} cases, in ${fired} the fault happened`)
}
