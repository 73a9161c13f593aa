/** A move that is killed at any point: never two places that take writes, never half a place that does, and the next run ends it. */
import { cpSync, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { startPostgres } from '../../scripts/postgres.ts'
import type { PlaceAddress } from '../../src/commands/migrate/places.ts'
import { type Installation, readInstallation, refusalOf } from '../../src/store/installation.ts'
import type { EventLog } from '../../src/store/port.ts'
import { openEmbeddedReader } from '../../src/store/sqlite/index.ts'
import {
  type City,
  filesIn,
  type House,
  homeOf,
  linesOf,
  makeCity,
  makeHouse,
  move,
  namesIn,
  openHome,
} from '../commands/migrate/support.ts'
import { temporaryDirectory } from '../support/service.ts'
import { casesOf, checkWhole, demand, FULL, patient, pointsOf, run, sweep } from './harness.ts'

patient(t)
t.beforeEach(patient)

const part = FULL ? '' : ' (a part of them; all with FAULT_FULL=1)'
const names = [
  '投诉人甲乙丙0',
  { erased: true, at: '2026-03-03T01:00:00.000Z', basis: '个人信息保护法 47' },
  { withheld: true },
]

/** What must hold of both marks whenever a move was broken off. */
function checkMarks(from: Installation, to: Installation, events: number): string {
  demand(refusalOf(from) !== undefined || refusalOf(to) !== undefined || events === 0, 'both places take writes')
  demand(events === 0 || to.arriving !== undefined || to.arrived !== undefined, 'a half-filled place has no mark')
  demand(
    to.arrived === undefined || to.arriving !== undefined || from.moved !== undefined,
    'the target was released first',
  )
  return from.moved ? (to.arriving ? 'marked, not released' : 'over') : to.arriving ? 'begun' : 'not begun'
}

const linesIn = async (directory: string): Promise<string[]> => {
  const reader = openEmbeddedReader(directory)
  try {
    return linesOf(reader.log)
  } finally {
    await reader.close()
  }
}

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
          await checkMoved(service, home)
        } finally {
          await service.close()
        }
        return `${stood}; ${events.length} events were there, and the next run ended it`
      },
    }
  })
})

/** What was moved is what there was. */
async function checkMoved(service: { log: EventLog } & Parameters<typeof namesIn>[0], house: House): Promise<void> {
  demand(JSON.stringify(linesOf(service.log)) === JSON.stringify(lines), 'events differ')
  demand(JSON.stringify(await namesIn(service, house)) === JSON.stringify(names), 'sealed fields read otherwise')
  demand((await filesIn(service)).join() === house.file, 'files differ')
}

const server = await startPostgres()

if ('missing' in server) t.pass('', { skip: `killing moves of a cluster is not tested: ${server.missing}` })
else {
  t.teardown(() => server.stop())
  const steps = [
    ...['compared', 'target-marked', 'vault', 'evidence', 'verified', 'source-marked', 'target-released'].map(
      (step) => ({ step, nth: 1 }),
    ),
    { step: 'events', nth: 1 },
    { step: 'events', nth: 20 },
  ]

  const killed = async (city: City, from: PlaceAddress, to: PlaceAddress, at: (typeof steps)[number]) => {
    const broken = await run('migrate', city.evidence, { migration: { from, to, at } })
    demand(broken.ended === 'SIGKILL' && broken.answers.at(-1)?.step === at.step, `not killed: ${broken.errors}`)
  }

  for (const at of steps)
    t.test(`kill -9 after ${at.step} no. ${at.nth}, into a cluster and out of it`, async (t) => {
      const city = await makeCity(t, server)
      const [directory, back] = [join(temporaryDirectory(t), 'data'), temporaryDirectory(t)]
      cpSync(home.directory, directory, { recursive: true })
      const cluster = city.place(home.masterKeyFile)
      const ours = () => city.double.ledger.all.filter(({ type }) => type.startsWith('duban.'))
      const mark = async () => (await city.store().readMark()).installation

      await killed(city, homeOf(directory), cluster, at)
      t.comment(checkMarks(readInstallation(directory), await mark(), ours().length))
      t.match(await move(homeOf(directory), cluster), { equal: true, events: lines.length })
      t.match([readInstallation(directory), await mark()], [{ moved: {} }, { arrived: { from: directory } }])
      t.equal(new Set(ours().map(({ id }) => id)).size, ours().length, 'no event is there twice')
      const node = await city.node(home.masterKeyFile)
      await checkMoved(node, home)
      await node.close()

      const target = { ...homeOf(back), masterKeyFile: home.masterKeyFile }
      await killed(city, cluster, target, at)
      const there = existsSync(join(back, 'events.db')) ? await linesIn(back) : []
      t.comment(checkMarks(await mark(), readInstallation(back), there.length))
      const report = await move(cluster, target)
      t.match(report, { equal: true, events: lines.length, masterKey: 'in place' })
      t.match([await mark(), readInstallation(back)], [{ moved: { to: back } }, { arrived: {} }])
      const service = await openHome(t, back, home.masterKeyFile)
      await checkWhole(service)
      await checkMoved(service, home)
    })
}
