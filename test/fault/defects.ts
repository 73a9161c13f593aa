/**
 * Seeded defects: each breaks the program in one known way, to show that the harness would find it. Loaded by `node --import` with
 * the defect's name in `DEFECT`; nothing of it is in the program.
 */
import fs from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { EventToAppend } from '../../src/store/port.ts'

const sqlite = createRequire(import.meta.url)('node:sqlite') as typeof import('node:sqlite')
const file = (db: DatabaseSync): string => basename(db.location() ?? '')

const defects: Readonly<Record<string, () => void | Promise<void>>> = {
  /** Answers before the commit, which comes a moment later. */
  'acknowledge-before-commit'() {
    const statements = new WeakMap<StatementSync, { readonly db: DatabaseSync; readonly sql: string }>()
    const { prepare } = sqlite.DatabaseSync.prototype
    sqlite.DatabaseSync.prototype.prepare = function (this: DatabaseSync, ...given: Parameters<typeof prepare>) {
      const statement = prepare.apply(this, given)
      if (/^(BEGIN|COMMIT)/.test(given[0]) && file(this) === 'events.db')
        statements.set(statement, { db: this, sql: given[0] })
      return statement
    }
    const { run } = sqlite.StatementSync.prototype
    const nothing = { changes: 0, lastInsertRowid: 0 }
    let waiting = false
    sqlite.StatementSync.prototype.run = function (this: StatementSync, ...given: unknown[]) {
      const known = statements.get(this)
      const go = () => (run as (...given: unknown[]) => ReturnType<typeof run>).apply(this, given)
      if (!known) return go()
      if (known.sql.startsWith('BEGIN')) return known.db.isTransaction ? nothing : go()
      if (!waiting)
        setTimeout(() => {
          waiting = false
          go()
        }, 500)
      waiting = true
      return nothing
    }
  },

  /** Stores the first event of an append and leaves out the others. */
  async 'lose-the-second-event'() {
    const { EventWriter } = await import('../../src/store/sqlite/event-writer.ts')
    const { add, write } = EventWriter.prototype
    let [stream, index] = ['', -1]
    EventWriter.prototype.write = function <Result>(work: () => Result): Result {
      stream = ''
      return write.call(this, work) as Result
    }
    EventWriter.prototype.add = function (to: string, event: EventToAppend, position?: string) {
      if (to === stream) return index
      stream = to
      index = add.call(this, to, event, position)
      return index
    }
  },

  /** Commits how far a read model is before its rows, and stops in between. */
  'checkpoint-before-rows'() {
    const connections = new WeakMap<StatementSync, DatabaseSync>()
    const { prepare, exec } = sqlite.DatabaseSync.prototype
    sqlite.DatabaseSync.prototype.prepare = function (this: DatabaseSync, ...given: Parameters<typeof prepare>) {
      const statement = prepare.apply(this, given)
      if (/^UPDATE projection SET checkpoint/.test(given[0]) && file(this) === 'readmodels.db')
        connections.set(statement, this)
      return statement
    }
    const { run } = sqlite.StatementSync.prototype
    sqlite.StatementSync.prototype.run = function (this: StatementSync, ...given: unknown[]) {
      const db = connections.get(this)
      if (db?.isTransaction && given[2] === 'cases') {
        exec.call(db, 'ROLLBACK')
        ;(run as (...given: unknown[]) => unknown).apply(this, given)
        process.kill(process.pid, 'SIGKILL')
      }
      return (run as (...given: unknown[]) => ReturnType<typeof run>).apply(this, given)
    }
  },

  /** Seals under keys that are only in memory. */
  'keys-not-durable'() {
    const { exec } = sqlite.DatabaseSync.prototype
    sqlite.DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
      return exec.call(this, sql === 'COMMIT' && file(this) === 'vault.db' ? 'ROLLBACK' : sql)
    }
  },

  /** Goes on as if nothing were when the device says that it could not keep a file. */
  'ignore-a-failed-sync'() {
    // What failpoints.ts wrapped, wrapped once more.
    const promises = fs.promises as unknown as Record<string, (...given: unknown[]) => Promise<fs.promises.FileHandle>>
    const open = promises.open!
    promises.open = async (...given) => {
      const handle = await open(...given)
      const sync = handle.sync.bind(handle)
      handle.sync = () => sync().catch(() => {})
      return handle
    }
    syncBuiltinESMExports()
  },

  /** Turns syncing off, and lies to who reads the setting back. */
  'synchronous-off'() {
    const { exec, prepare } = sqlite.DatabaseSync.prototype
    sqlite.DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
      return exec.call(this, sql.replace(/PRAGMA synchronous = FULL/g, 'PRAGMA synchronous = OFF'))
    }
    sqlite.DatabaseSync.prototype.prepare = function (this: DatabaseSync, ...given: Parameters<typeof prepare>) {
      if (given[0] === 'PRAGMA synchronous') return prepare.call(this, 'SELECT 2 AS synchronous')
      return prepare.apply(this, given)
    }
  },
}

const name = process.env.DEFECT
if (name !== undefined) {
  const defect = defects[name]
  if (!defect) throw new Error(`no defect named ${name}`)
  await defect()
}

export const names = Object.keys(defects)
