import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createBackup } from '../../src/commands/backup.ts'
import { readManifest } from '../../src/commands/backup-manifest.ts'
import { runImport } from '../../src/commands/import.ts'
import { isRestoreUnfinished, restoreBackup } from '../../src/commands/restore.ts'
import { parseMapping } from '../../src/ledger/mapping.ts'
import type { Service } from '../../src/service.ts'
import { digestEvents } from '../../src/store/digest.ts'
import { START } from '../support/service.ts'
import {
  casesOf,
  checkRegistered,
  checkWhole,
  demand,
  FULL,
  makeTemplate,
  patient,
  pointsOf,
  reopen,
  run,
  sweep,
  temporary,
} from './harness.ts'
import { mapping, ROWS, writeLedger } from './ledger.ts'

patient(t)
t.beforeEach(patient)

const part = FULL ? '' : ' (a part of them; all with FAULT_FULL=1)'
const kill = { action: 'kill' } as const
const both = ['before', 'after'] as const

/** How many events each imported case has. */
const importedCases = ({ log }: Service): number[] => {
  const all = log.read(0, Number.MAX_SAFE_INTEGER)
  const streams = all.filter(({ type }) => type === 'CaseImported').map(({ stream }) => stream)
  return streams.map((stream) => log.stream(stream).length)
}

t.test(
  `kill -9 at every point of an import: each row whole or not at all; again imports the rest once${part}`,
  async (t) => {
    const template = await makeTemplate(t, 0)
    const file = writeLedger(temporary(t))
    const parameters = { file, mapping }
    const points = await pointsOf('import', template.directory, parameters)
    t.ok(points['sqlite events.db INSERT INTO events']! >= 2 * ROWS, 'several events a row')
    for (const point of ['sqlite events.db COMMIT', 'sqlite vault.db COMMIT'])
      t.ok(points[point]! >= 2, `${point} is passed ${points[point]} times`)
    const rules = casesOf(points, kill, { phases: both, most: 6, always: /events\.db (COMMIT|INSERT INTO events)/ })
    await sweep(t, template.directory, rules, async (directory, rule) => {
      const broken = await run('import', directory, parameters, { rules: [rule] })
      return {
        broken,
        async check() {
          const service = await reopen(directory)
          try {
            await checkWhole(service)
            const left = importedCases(service)
            demand(new Set(left).size <= 1, `rows of different lengths: ${left.join(' ')}`)
            const ports = { ...service, wake: () => service.projections.wake() }
            const again = await runImport(ports, { file, mapping: parseMapping(mapping), dryRun: false, strict: false })
            demand(
              again.repeated === left.length && again.imported === ROWS - left.length && again.refused === 0,
              `again: ${JSON.stringify(again)}`,
            )
            const now = importedCases(service)
            demand(now.length === ROWS && new Set(now).size === 1, `${now.length} cases of ${ROWS} rows`)
            await checkWhole(service, { rebuild: false })
            return `${left.length} of ${ROWS} rows were there, each whole; importing again added ${again.imported}`
          } finally {
            await service.close()
          }
        },
      }
    })
  },
)

t.test(
  `kill -9 at every point of a rebuild: readers have the old rows or the new, never a mixture${part}`,
  async (t) => {
    const template = await makeTemplate(t, 3)
    const prepared = await run('append', template.directory, { token: template.token, bodies: template.bodies })
    t.equal(prepared.answers.at(-1)?.done, true)
    const points = await pointsOf('rebuild', template.directory, {})
    t.ok(points['sqlite readmodels.db COMMIT']! >= 3, `${points['sqlite readmodels.db COMMIT']} commits`)
    const rules = casesOf(points, kill, { phases: both, most: 5, always: /readmodels\.db COMMIT/ })
    await sweep(t, template.directory, rules, async (directory, rule) => {
      const broken = await run('rebuild', directory, {}, { rules: [rule] })
      return { broken, check: () => checkRegistered(directory, template, prepared.answers) }
    })
  },
)

t.test(
  `kill -9 at every point of a backup: a directory without a manifest, refused, or a whole backup${part}`,
  async (t) => {
    const template = await makeTemplate(t, 2)
    const parameters = { token: template.token, bodies: template.bodies, evidence: true }
    t.equal((await run('append', template.directory, parameters)).answers.at(-1)?.done, true)
    const points = await pointsOf('backup', template.directory, { target: join(temporary(t), 'backup') })
    for (const point of [
      'sqlite events.db backup begins',
      'sqlite vault.db backup ended',
      'fs <id> copy',
      'fs manifest.json rename',
    ])
      t.ok(points[point], point)
    const rules = casesOf(points, kill, { phases: both, most: 7, always: /manifest\.json rename|<id> copy/ })
    await sweep(t, template.directory, rules, async (directory, rule) => {
      const target = join(directory, '..', 'backup')
      const broken = await run('backup', directory, { target }, { rules: [rule] })
      return {
        broken,
        async check() {
          const elsewhere = join(directory, '..', 'restored')
          const request = {
            backup: target,
            directory: elsewhere,
            masterKeyFile: join(elsewhere, 'master.key'),
            force: false,
            now: () => START,
          }
          const masterKey = join(directory, 'master.key')
          const whole = existsSync(join(target, 'manifest.json'))
          const original = await reopen(directory)
          await checkWhole(original, { rebuild: false })
          await original.close()
          if (!whole) {
            const refusal = await restoreBackup({ ...request, masterKey }).then(
              () => 'restored',
              (error) => error.code,
            )
            demand(refusal === 'backup-incomplete', `half a backup: ${refusal}`)
            return `left without a manifest, refused as incomplete; its source is whole`
          }
          const { digest } = await restoreBackup({ ...request, masterKey })
          const service = await reopen(elsewhere)
          await checkWhole(service)
          demand((await digestEvents(service.log)).digest === digest, 'other events than the backup says')
          await service.close()
          return 'whole, and restored; its source is whole'
        },
      }
    })
  },
)

t.test(
  `kill -9 at every point of a restore: the old content or the new, and restoring again ends it${part}`,
  async (t) => {
    const template = await makeTemplate(t, 2)
    const prepared = await run('append', template.directory, {
      token: template.token,
      bodies: template.bodies,
      evidence: true,
    })
    const target = join(temporary(t), 'backup')
    const { digest } = await createBackup({ directory: template.directory, version: 'test', now: () => START }, target)
    const masterKey = join(template.directory, 'master.key')
    const points = await pointsOf('restore', template.directory, { target, masterKey })
    for (const point of ['fs switch.json rename', 'fs events.db rename', 'fs evidence rename'])
      t.ok(points[point], point)
    const rules = casesOf(points, kill, { phases: both, most: 6, always: /(switch\.json|events\.db) rename/ })
    await sweep(t, template.directory, rules, async (directory, rule) => {
      const broken = await run('restore', directory, { target, masterKey }, { rules: [rule] })
      return {
        broken,
        async check() {
          const unfinished = isRestoreUnfinished(directory)
          if (unfinished) {
            const refusal = await reopen(directory).then(
              () => 'opened',
              (error) => error.code,
            )
            demand(refusal === 'restore-unfinished', `half of one state and half of another: ${refusal}`)
          } else {
            const service = await reopen(directory)
            demand(
              (await digestEvents(service.log)).events >= readManifest(target).events,
              'neither the old content nor the new',
            )
            await service.close()
          }
          const request = {
            backup: target,
            directory,
            masterKeyFile: join(directory, 'master.key'),
            masterKey,
            force: true,
            now: () => START + 1,
          }
          const report = await restoreBackup(request)
          demand(report.digest === digest && report.masterKey === 'in place', 'the second restore is not whole')
          const sentence = await checkRegistered(directory, template, prepared.answers)
          return `${unfinished ? 'left switching, not opened' : 'left whole'}; restored again: ${sentence}`
        },
      }
    })
  },
)
