/**
 * Breaks the process it is loaded into (`node --import`), at named points: every statement that writes, every commit, every change
 * of the file system that this program makes itself. The program has no hooks for it: what Node gives is wrapped before the
 * program is loaded.
 *
 * A point is `<layer> <file> <operation>`, for example `sqlite events.db COMMIT`, `fs manifest.json rename`. Environment:
 * `FAULT_RULES` JSON of {@link Rule}s, `FAULT_LOG` a file that gets one line for each rule that fires, `FAULT_TRACE` a file
 * that gets how often each point was passed, `FAULT_ARMED=start` for from the first statement on (else `process.emit('fault:arm')`).
 */
import fs from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'
import type { DatabaseSync, StatementSync } from 'node:sqlite'

export interface Rule {
  /** The point's whole name. */
  readonly point: string
  /** The so-manieth time it is passed, from 1; absent: every time. */
  readonly nth?: number
  /** `before` it is done, or `after` it was. */
  readonly phase: 'before' | 'after'
  readonly action: 'kill' | 'fail' | 'delay'
  /** Of a failure: `full` (no space), `io` (the device failed). */
  readonly kind?: 'full' | 'io'
  /** Of a delay. */
  readonly ms?: number
}

const { appendFileSync, writeFileSync } = fs
const sqlite = createRequire(import.meta.url)('node:sqlite') as typeof import('node:sqlite')
const rules = JSON.parse(process.env.FAULT_RULES ?? '[]') as Rule[]
const log = process.env.FAULT_LOG
const trace = process.env.FAULT_TRACE
let armed = process.env.FAULT_ARMED === 'start'
const passed = new Map<string, number>()

process.on('fault:arm' as never, () => {
  armed = true
})
process.on('fault:disarm' as never, () => {
  armed = false
})
if (trace) process.on('exit', () => writeFileSync(trace, JSON.stringify(Object.fromEntries(passed))))

const sleeper = new Int32Array(new SharedArrayBuffer(4))

function failure(point: string, kind: Rule['kind']): Error {
  const full = kind === 'full'
  if (point.startsWith('sqlite'))
    return Object.assign(new Error(full ? 'database or disk is full' : 'disk I/O error'), {
      code: 'ERR_SQLITE_ERROR',
      errcode: full ? 13 : 10,
    })
  return Object.assign(new Error(full ? 'ENOSPC: no space left on device' : 'EIO: i/o error'), {
    code: full ? 'ENOSPC' : 'EIO',
  })
}

function act(rule: Rule, point: string): void {
  if (log) appendFileSync(log, `${rule.action} ${rule.phase} ${point}\n`)
  if (rule.action === 'delay') {
    Atomics.wait(sleeper, 0, 0, rule.ms ?? 10)
    return
  }
  if (rule.action === 'fail') throw failure(point, rule.kind)
  process.kill(process.pid, 'SIGKILL')
  // The signal may take a moment; nothing more is done in it.
  Atomics.wait(sleeper, 0, 0)
}

/** Runs one operation as a point. */
function at<Result>(point: string, operation: () => Result): Result {
  if (!armed) return operation()
  const count = (passed.get(point) ?? 0) + 1
  passed.set(point, count)
  const due = (phase: Rule['phase']) =>
    rules.filter((rule) => rule.point === point && rule.phase === phase && (rule.nth ?? count) === count)
  for (const rule of due('before')) act(rule, point)
  const result = operation()
  const after = due('after')
  if (after.length === 0) return result
  const done = () => {
    for (const rule of after) act(rule, point)
  }
  if (!(result instanceof Promise)) {
    done()
    return result
  }
  return result.then((value) => {
    done()
    return value
  }) as Result
}

/** A path as part of a name: what differs from run to run is left out. */
const label = (path: unknown): string =>
  basename(String(path))
    .replace(/[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>')
    .replace(/\.\d+\.new$/, '.new')
    .replace(/^[0-9a-f]{2}$/, '<xx>')
    .replace(/before-restore-.*/, 'before-restore')
    .replace(/duban-[\w-]+$/, '<directory>')

// SQLite: statements that write, by their first words.
const WRITES = /^\s*(BEGIN|COMMIT|ROLLBACK|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|REPLACE)/i
const words = (sql: string): string =>
  sql
    .trim()
    .split(/[\s(]+/)
    .slice(0, /^\s*(BEGIN|COMMIT|ROLLBACK)/i.test(sql) ? 1 : 3)
    .join(' ')
    .replace(/\d+/g, '#')
const statements = new WeakMap<StatementSync, string>()
const pointOf = (db: DatabaseSync, sql: string): string | undefined => {
  if (!WRITES.test(sql)) return undefined
  const file = db.location()
  return file === null ? undefined : `sqlite ${basename(file)} ${words(sql)}`
}

const { exec, prepare } = sqlite.DatabaseSync.prototype
sqlite.DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
  const point = pointOf(this, sql)
  return point === undefined ? exec.call(this, sql) : at(point, () => exec.call(this, sql))
}
sqlite.DatabaseSync.prototype.prepare = function (this: DatabaseSync, ...given: Parameters<typeof prepare>) {
  const statement = prepare.apply(this, given)
  const point = pointOf(this, given[0])
  if (point !== undefined) statements.set(statement, point)
  return statement
}
const { run } = sqlite.StatementSync.prototype
sqlite.StatementSync.prototype.run = function (this: StatementSync, ...given: unknown[]) {
  const point = statements.get(this)
  const go = () => (run as (...given: unknown[]) => ReturnType<typeof run>).apply(this, given)
  return point === undefined ? go() : at(point, go)
}
const { backup } = sqlite
const copying: typeof backup = async (db, path, options) => {
  const point = `sqlite ${basename(String(path))} backup`
  await at(`${point} begins`, async () => {})
  const pages = await backup(db, path, options as never)
  await at(`${point} ended`, async () => {})
  return pages
}
;(sqlite as { backup: typeof backup }).backup = copying

// The file system, as far as this program changes it itself.
const open = new Map<number, string>()
const mutable = fs as unknown as Record<string, (...given: unknown[]) => unknown>
const wrap = (name: string, pointFor: (...given: unknown[]) => string | undefined): void => {
  const original = mutable[name]!
  mutable[name] = (...given) => {
    const point = pointFor(...given)
    return point === undefined ? original(...given) : at(point, () => original(...given))
  }
}
const openSync = mutable.openSync!
mutable.openSync = (...given) => {
  const writing = typeof given[1] === 'string' && /[wa+]/.test(given[1])
  const go = () => {
    const handle = openSync(...given) as number
    open.set(handle, label(given[0]))
    return handle
  }
  return writing ? at(`fs ${label(given[0])} open`, go) : go()
}
wrap('writeSync', (handle) => (Number(handle) <= 2 ? undefined : `fs ${open.get(handle as number) ?? '?'} write`))
wrap('fsyncSync', (handle) => `fs ${open.get(handle as number) ?? '?'} fsync`)
wrap('renameSync', (_from, to) => `fs ${label(to)} rename`)
wrap('mkdirSync', (path) => `fs ${label(path)} mkdir`)
wrap('rmSync', (path) => `fs ${label(path)} rm`)
wrap('createWriteStream', (path) => `fs ${label(path)} copy`)

const promises = fs.promises as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>
const openPromise = promises.open!
promises.open = async (...given) => {
  const handle = (await openPromise(...given)) as fs.promises.FileHandle
  if (typeof given[1] === 'string' && /[wa+]/.test(given[1])) {
    const name = label(given[0])
    const [writeFile, sync] = [handle.writeFile.bind(handle), handle.sync.bind(handle)]
    handle.writeFile = (async (...content: Parameters<typeof writeFile>) =>
      at(`fs ${name} write`, () => writeFile(...content))) as typeof writeFile
    handle.sync = async () => at(`fs ${name} fsync`, sync)
  }
  return handle
}
for (const [name, which] of [
  ['rename', 1],
  ['rm', 0],
  ['mkdir', 0],
] as const) {
  const original = promises[name]!
  promises[name] = async (...given) => at(`fs ${label(given[which])} ${name}`, () => original(...given))
}
syncBuiltinESMExports()
