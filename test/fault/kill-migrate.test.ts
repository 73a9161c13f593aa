/** A move that is killed at any point: never two places that take writes, never half a place that does, and the next run ends it. */
import { cpSync, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { readInstallation } from '../../src/store/installation.ts'
import { homeOf, makeHouse, move, openHome } from '../commands/migrate/support.ts'
import { temporaryDirectory } from '../support/service.ts'
import { casesOf, checkWhole, demand, FULL, patient, pointsOf, run, sweep } from './harness.ts'
import { checkMarks, checkMoved, linesIn } from './moves.ts'

patient(t)
t.beforeEach(patient)

const part = FULL ? '' : ' (a part of them; all with FAULT_FULL=1)'
const home = await makeHouse(t)
const lines = await linesIn(home.directory)

t.test(`kill -9 at every point of a move between directories${part}`, async (t) => {
  /** The target of a copy stands beside it. */
  const targetOf = (directory: string) => join(dirname(directory), 'target')
  const migrationOf = (directory: string) => ({ from: homeOf(directory), to: homeOf(targetOf(directory)) })
  const whole = join(temporaryDirectory(t), 'data')
  cpSync(home.directory, whole, { recursive: true })
  const points = await pointsOf('migrate', whole, { migration: migrationOf(whole) })
  for (const point of [
    'sqlite events.db COMMIT',
    'sqlite vault.db COMMIT',
    'fs installation.json rename',
    'fs <id> rename',
  ])
    t.ok(points[point]! >= 1, `${point} is passed ${points[point]} times`)
  const always = /installation\.json rename|vault\.db COMMIT|events\.db COMMIT/
  const rules = casesOf(points, { action: 'kill' }, { phases: ['before', 'after'], most: 12, always })
  await sweep(t, home.directory, rules, async (directory, rule) => {
    const target = targetOf(directory)
    const broken = await run('migrate', directory, { migration: migrationOf(directory) }, { rules: [rule] })
    return {
      broken,
      async check() {
        const events = existsSync(join(target, 'events.db')) ? await linesIn(target).catch(() => []) : []
        const stood = checkMarks(readInstallation(directory), readInstallation(target), events.length)
        const report = await move(homeOf(directory), homeOf(target))
        demand(report.equal && report.digestTo === report.digestFrom, 'the digests differ')
        demand(readInstallation(directory).moved?.to === target, 'the source is not marked')
        const service = await openHome(t, target, home.masterKeyFile)
        try {
          await checkWhole(service)
          await checkMoved(service, home, lines)
        } finally {
          await service.close()
        }
        return `${stood}; ${events.length} events were there, and the next run ended it`
      },
    }
  })
})
