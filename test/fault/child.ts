/**
 * A process to be broken: `child.ts <work> <directory> <parameters as JSON>`. Does one kind of work on a data directory and says
 * what was acknowledged, one JSON line each, written at once, so that a kill cannot take an answer back.
 */
import { rmSync, statfsSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createBackup } from '../../src/commands/backup.ts'
import { runImport } from '../../src/commands/import.ts'
import { type MigrationRequest, migrate } from '../../src/commands/migrate/index.ts'
import { restoreBackup } from '../../src/commands/restore.ts'
import { buildApp } from '../../src/http/app.ts'
import { parseMapping } from '../../src/ledger/mapping.ts'
import { openService, type Service } from '../../src/service.ts'
import { upload } from './upload.ts'

export interface Parameters {
  /** Token of who registers complaints. */
  readonly token?: string
  /** Bodies of complaints, one after another, each with its own key `k<number>`. */
  readonly bodies?: readonly object[]
  /** Whether each complaint gets a file. */
  readonly evidence?: boolean
  /** Ends without closing anything, as a process that is killed. */
  readonly abrupt?: boolean
  /** Requests at the same time; default 1. */
  readonly together?: number
  readonly file?: string
  readonly mapping?: unknown
  readonly target?: string
  readonly masterKey?: string
  /** A move from one place to another; killed once so many steps of a name are done. */
  readonly migration?: Pick<MigrationRequest, 'from' | 'to'> & {
    readonly at?: { readonly step: string; readonly nth: number }
  }
  /** Where the clock stands, milliseconds. */
  readonly now: number
  /** Milliseconds the clock jumps by before each request. */
  readonly jumps?: readonly number[]
  /** Bytes of room left on the disk for each attempt to fill it. */
  readonly rooms?: readonly number[]
}

const [work, directory, json] = process.argv.slice(2) as [string, string, string]
const parameters = JSON.parse(json) as Parameters
const say = (answer: unknown): void => {
  writeSync(1, `${JSON.stringify(answer)}\n`)
}
let jumped = 0
const now = () => parameters.now + jumped + performance.now()
const arm = () => process.emit('fault:arm' as never)
const disarm = () => process.emit('fault:disarm' as never)

const open = () =>
  openService({ directory, masterKeyFile: join(directory, 'master.key'), evidenceLimit: 1_000_000, now })

/** Registers complaints and says each answer. */
async function register(service: Service, bodies: readonly object[], from = 0) {
  const app = await buildApp({ service, listening: false })
  arm()
  const authorization = `Bearer ${parameters.token}`
  const together = parameters.together ?? 1
  for (let at = 0; at < bodies.length; at += together) {
    jumped += parameters.jumps?.[at] ?? 0
    await Promise.all(
      bodies.slice(at, at + together).map(async (payload, place) => {
        const key = `k${from + at + place}`
        const answer = await app.inject({
          method: 'POST',
          url: '/api/v1/complaints',
          headers: { authorization, 'idempotency-key': key },
          payload,
        })
        const { case: id, revision, index, code } = answer.json()
        say({ key, status: answer.statusCode, case: id, revision, index, code })
        if (!parameters.evidence || answer.statusCode !== 201) return
        const file = await upload(`${key} content`)
        const added = await app.inject({
          method: 'POST',
          url: `/api/v1/complaints/${id}/evidence`,
          headers: { authorization, 'idempotency-key': `${key}-e`, 'if-match': `"${revision}"`, ...file.headers },
          payload: file.payload,
        })
        say({
          key: `${key}-e`,
          status: added.statusCode,
          case: id,
          revision: added.json().revision,
          code: added.json().code,
        })
      }),
    )
  }
  const read = await app.inject({ method: 'GET', url: '/api/v1/complaints', headers: { authorization } })
  say({ read: read.statusCode })
  await app.close()
}

// As a listening service stays alive while it waits to try again.
const alive = setInterval(() => {}, 1_000)
switch (work) {
  case 'open': {
    const opened = await open().then(
      (service) => service.close().then(() => 'opened'),
      (error: { code?: string }) => error.code ?? String(error),
    )
    say({ opened })
    break
  }
  case 'append': {
    const service = await open()
    await service.projections.catchUp()
    await register(service, parameters.bodies!)
    if (parameters.abrupt) process.kill(process.pid, 'SIGKILL')
    disarm()
    await service.projections.catchUp()
    await service.close()
    break
  }
  // On a small file system: fills it up to so many bytes, works until it refuses, reads, frees it and goes on.
  case 'fill': {
    const service = await open()
    await service.projections.catchUp()
    const filler = join(directory, 'filler')
    let next = 0
    for (const room of parameters.rooms!) {
      const { bavail, bsize } = statfsSync(directory)
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - room)))
      await register(service, parameters.bodies!, next)
      rmSync(filler)
      say({ freed: room })
      await register(service, parameters.bodies!, next)
      next += parameters.bodies!.length
    }
    await service.projections.catchUp()
    await service.close()
    break
  }
  case 'import': {
    const service = await open()
    await service.projections.catchUp()
    arm()
    const ports = { ...service, wake: () => service.projections.wake() }
    const { file, mapping } = parameters
    say(await runImport(ports, { file: file!, mapping: parseMapping(mapping), dryRun: false, strict: false }))
    await service.projections.catchUp()
    disarm()
    await service.close()
    break
  }
  // What goes on by itself, once: misses, then duties, plans and supervision items.
  case 'sweep': {
    const service = await open()
    await service.projections.catchUp()
    await service.board.caughtUp()
    arm()
    say({ missed: await service.sweeper.sweep() })
    await service.projections.catchUp()
    await service.board.caughtUp()
    say({ acted: await service.oversight.run() })
    disarm()
    await service.close()
    break
  }
  case 'rebuild': {
    const service = await open()
    await service.projections.catchUp()
    arm()
    say(await service.projections.rebuild())
    disarm()
    await service.close()
    break
  }
  case 'backup': {
    const service = await open()
    arm()
    say(await createBackup(service, parameters.target!))
    disarm()
    await service.close()
    break
  }
  case 'migrate': {
    const { from, to, at } = parameters.migration!
    const passed = new Map<string, number>()
    const onStep: MigrationRequest['onStep'] = ({ name }) => {
      const nth = (passed.get(name) ?? 0) + 1
      passed.set(name, nth)
      say({ step: name })
      if (at?.step !== name || at.nth !== nth) return
      process.kill(process.pid, 'SIGKILL')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    }
    arm()
    say(await migrate({ from, to, now, onStep, drainMs: 0 }))
    disarm()
    break
  }
  case 'restore': {
    arm()
    const { target, masterKey } = parameters
    const masterKeyFile = join(directory, 'master.key')
    say(await restoreBackup({ backup: target!, directory, masterKeyFile, masterKey: masterKey!, force: true, now }))
    disarm()
    break
  }
}
clearInterval(alive)
say({ done: true })
