/** A move into a cluster, and out of it, that is killed at any point: never two places that take writes, never half a place that does, and the next run ends it. */
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startPostgres } from '../../scripts/postgres.ts'
import type { PlaceAddress } from '../../src/commands/migrate/places.ts'
import { readInstallation } from '../../src/store/installation.ts'
import { type City, homeOf, makeCity, makeHouse, move, openHome } from '../commands/migrate/support.ts'
import { temporaryDirectory } from '../support/service.ts'
import { checkWhole, demand, patient, run } from './harness.ts'
import { checkMarks, checkMoved, linesIn } from './moves.ts'

patient(t)
t.beforeEach(patient)

const home = await makeHouse(t)
const lines = await linesIn(home.directory)

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
      await checkMoved(node, home, lines)
      await node.close()

      const target = { ...homeOf(back), masterKeyFile: home.masterKeyFile }
      // A directory takes so many events in one commit.
      await killed(city, cluster, target, { ...at, nth: 1 })
      const there = existsSync(join(back, 'events.db')) ? await linesIn(back) : []
      t.comment(checkMarks(await mark(), readInstallation(back), there.length))
      const report = await move(cluster, target)
      t.match(report, { equal: true, events: lines.length, masterKey: 'in place' })
      t.match([await mark(), readInstallation(back)], [{ moved: { to: back } }, { arrived: {} }])
      const service = await openHome(t, back, home.masterKeyFile)
      await checkWhole(service)
      await checkMoved(service, home, lines)
    })
}
