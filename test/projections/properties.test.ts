import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { correctedSteps, isCorrection, stateOf } from '../../src/domain/history.ts'
import { readStream } from '../../src/projections/decoding.ts'
import { projections } from '../../src/projections/index.ts'
import { CaseQueries } from '../../src/projections/queries/index.ts'
import { Projections } from '../../src/projections/runner.ts'
import type { EventLog } from '../../src/store/port.ts'
import { History, knownDeciders } from './history.ts'
import { flatDirectory, limitedLog, numberText } from './support.ts'

const directory = mkdtempSync(join(tmpdir(), 'duban-projections-'))
t.teardown(() => rmSync(directory, { recursive: true }))
let files = 0

const open = (log: EventLog, path = join(directory, `${files++}.db`)) =>
  Projections.open({ path, log, deciders: knownDeciders, projections })

const asking = (projections: Projections, log: EventLog) =>
  new CaseQueries({ models: projections.models, log, deciders: knownDeciders, directory: flatDirectory, numberText })

const history = fc.record({
  seed: fc.integer({ min: 0, max: 1_000_000 }),
  events: fc.integer({ min: 1, max: 120 }),
})

t.test('live rows, rebuilt rows and the list folded from the log are the same at every prefix', async (t) => {
  await fc.assert(
    fc.asyncProperty(history, async ({ seed, events }) => {
      const past = new History({ seed })
      await past.grow(events)
      const log = limitedLog(past.memory)
      log.limit = 0
      const live = open(log)
      const queries = asking(live, log)
      for (let size = 1; size <= past.count; size++) {
        log.limit = size
        live.wake()
        await live.catchUp()
        const shown = queries.listCases({}, {})
        t.strictSame(await queries.listCasesAsOf({}, {}, {}), shown)
      }
      const shown = queries.listCases({}, {})
      const reports = await live.rebuild()
      t.ok(
        reports.every(({ equal }) => equal),
        `seed ${seed}: ${JSON.stringify(reports)}`,
      )
      t.strictSame(queries.listCases({}, {}), shown)
      const afresh = open(log)
      await afresh.catchUp()
      t.strictSame(asking(afresh, log).listCases({}, {}), shown)
      t.strictSame(
        live.status().flatMap(({ parked }) => parked),
        [],
      )
      await Promise.all([live.close(), afresh.close()])
    }),
    { numRuns: 8 },
  )
})

t.test('the list as of an index is the list that a runner showed when it stood there', async (t) => {
  await fc.assert(
    fc.asyncProperty(history, async ({ seed, events }) => {
      const past = new History({ seed })
      await past.grow(events)
      const log = limitedLog(past.memory)
      log.limit = 0
      const live = open(log)
      const queries = asking(live, log)
      const shown = []
      for (let size = 1; size <= past.count; size += 7) {
        log.limit = size
        live.wake()
        await live.catchUp()
        shown.push({ size, list: queries.listCases({}, {}) })
      }
      log.limit = past.count
      for (const { size, list } of shown) t.strictSame(await queries.listCasesAsOf({}, {}, { asOf: size }), list)
      await live.close()
    }),
    { numRuns: 8 },
  )
})

t.test('a voided step is as if it had never been, whatever the bound on when things happened', async (t) => {
  await fc.assert(
    fc.asyncProperty(history, fc.integer({ min: 0, max: 2_000 }), async ({ seed, events }, hours) => {
      const past = new History({ seed, corrections: 0.3 })
      await past.grow(events)
      const log = past.memory
      const queries = new CaseQueries({
        models: undefined as never,
        log,
        deciders: knownDeciders,
        directory: flatDirectory,
        numberText,
      })
      const effectiveAt = new Date(Date.parse('2024-01-02T01:00:00.000Z') + hours * 3_600_000).toISOString()
      for (const { stream } of past.cases) {
        const all = readStream(log, knownDeciders, stream)
        const standing = new Set(correctedSteps(all).map(({ id }) => id))
        const never = all.filter((event) => standing.has(event.id))
        const file = queries.caseFile(stream, { effectiveAt })!
        if (all.every((event) => !isCorrection(event) || event.corrects!.mode === 'void')) {
          t.strictSame(file.state, stateOf(knownDeciders('complaint')!, never, effectiveAt))
        }
        for (const entry of file.timeline) t.equal(entry.voided === undefined, standing.has(entry.id))
      }
    }),
    { numRuns: 20 },
  )
})
