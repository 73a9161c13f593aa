import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { casesProjection } from '../../src/projections/cases/projection.ts'
import { Directory } from '../../src/projections/directory.ts'
import type { DirectoryModel, Projection } from '../../src/projections/projection.ts'
import { CaseQueries } from '../../src/projections/queries/index.ts'
import { type ProjectionOptions, Projections } from '../../src/projections/runner.ts'
import { History, knownDeciders } from './history.ts'
import { flatDirectory, limitedLog, numberText } from './support.ts'

const directory = mkdtempSync(join(tmpdir(), 'duban-failures-'))
t.teardown(() => rmSync(directory, { recursive: true }))
let files = 0

const history = new History({ seed: 21 })
await history.grow(400)
const log = limitedLog(history.memory)

const open = (projection: Projection, more: Partial<ProjectionOptions> = {}) =>
  Projections.open({
    path: join(directory, `${files++}.db`),
    log,
    deciders: knownDeciders,
    projections: [projection],
    retryMs: 1,
    batch: 50,
    ...more,
  })

const listOf = (projections: Projections) =>
  new CaseQueries({
    models: projections.models,
    log,
    deciders: knownDeciders,
    directory: flatDirectory,
    numberText,
  }).listCases({}, {})

/** The error that SQLite gives when the disk is full. */
function diskFull(): unknown {
  const db = new DatabaseSync(':memory:')
  try {
    db.exec('PRAGMA max_page_count = 1; CREATE TABLE a (b); CREATE TABLE c (d); CREATE TABLE e (f)')
  } catch (error) {
    return error
  } finally {
    db.close()
  }
  throw new Error('there was room')
}

/** The case list, but writing fails when `fails` says so. */
const failing = (fails: () => boolean): Projection => ({
  ...casesProjection,
  open: (context) => {
    const build = casesProjection.open(context)
    return {
      apply: (event) => build.apply(event),
      forget: () => build.forget(),
      flush: (keep) => {
        if (fails()) throw diskFull()
        return build.flush(keep)
      },
    }
  },
})

t.test('a full disk parks nothing, is said, and loses nothing once there is room', async (t) => {
  log.limit = 200
  let full = false
  const errors: unknown[] = []
  const projections = open(
    failing(() => full),
    { onError: (error) => errors.push(error) },
  )
  await projections.catchUp()
  const before = listOf(projections)
  full = true
  log.limit = 400
  projections.wake()
  t.equal(await projections.waitFor(400, 20), false)
  t.match(projections.status()[0], { checkpoint: 200, failure: /full/, parked: [] })
  t.ok(errors.length > 0)
  t.strictSame(listOf(projections), before, 'readers see the rows from before')
  full = false
  await projections.catchUp()
  t.equal(projections.status()[0]!.failure, undefined)
  const reports = await projections.rebuild()
  t.ok(
    reports.every(({ equal }) => equal),
    JSON.stringify(reports),
  )
  await projections.close()
})

t.test('a rebuild that meets a full disk begins again, and the live rows stay', async (t) => {
  log.limit = 400
  let failures = 0
  const projections = open(failing(() => failures > 0 && failures-- > 0))
  await projections.catchUp()
  const list = listOf(projections)
  failures = 3
  const reports = await projections.rebuild('cases')
  t.equal(failures, 0)
  t.ok(reports[0]!.equal)
  t.strictSame(listOf(projections), list)
  await projections.close()
})

t.test(
  'the directory is restored from its snapshot, follows the log once, and is rebuilt beside the live one',
  async (t) => {
    log.limit = 400
    const taken: number[] = []
    /** Counts the cases' events, and remembers which it was given. */
    const counting = (): DirectoryModel => {
      let count = 0
      return {
        version: 1,
        handles: (category) => category === 'complaint',
        applyEvent: (event) => {
          taken.push(event.index!)
          count++
        },
        snapshot: () => ({ count }),
        restore: (snapshot) => {
          count = (snapshot as { count: number } | undefined)?.count ?? 0
        },
      }
    }
    const path = join(directory, 'with-directory.db')
    log.limit = 250
    const first = counting()
    const projections = open(casesProjection, { path, directory: first, newDirectory: counting })
    await projections.catchUp()
    const reports = await projections.rebuild('directory')
    t.match(reports, [{ name: 'directory', equal: true, events: 250 }])
    await projections.close()
    taken.length = 0
    log.limit = 400
    const second = counting()
    const again = open(casesProjection, { path, directory: second })
    await again.catchUp()
    t.ok(taken.length > 0 && taken.every((index) => index >= 250), 'only what is new')
    t.equal(new Set(taken).size, taken.length)
    const whole = counting()
    taken.length = 0
    const afresh = open(casesProjection, { directory: whole })
    await afresh.catchUp()
    t.strictSame(second.snapshot(), whole.snapshot())
    t.equal(new Set(taken).size, taken.length, 'a first build hands each event on once')
    const third = counting()
    const beside = open(casesProjection, { path, directory: third, beside: true })
    await beside.catchUp()
    t.strictSame(third.snapshot(), whole.snapshot())
    await Promise.all([again.close(), afresh.close(), beside.close()])
  },
)

t.test('the registry directory is rebuilt the same', async (t) => {
  log.limit = 300
  const projections = open(casesProjection, { directory: new Directory(), newDirectory: () => new Directory() })
  await projections.catchUp()
  const reports = await projections.rebuild()
  t.strictSame(
    reports.map(({ name, equal }) => ({ name, equal })),
    [
      { name: 'cases', equal: true },
      { name: 'directory', equal: true },
    ],
  )
  await projections.close()
})
