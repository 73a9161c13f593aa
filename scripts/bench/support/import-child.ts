/** Imports one file into an empty data directory in a process of its own and prints what that took. */

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runImport } from '../../../src/commands/import.ts'
import { readMapping } from '../../../src/ledger/mapping.ts'
import { openService } from '../../../src/service.ts'
import { spent } from './harness.ts'
import { memoryOf } from './process.ts'

const [directory, file, map] = process.argv.slice(2) as [string, string, string]

/** What an import took. Memory in kilobytes. */
export interface ImportFigures {
  readonly ms: number
  readonly cpuMs: number
  readonly rows: number
  readonly imported: number
  readonly refused: number
  readonly events: number
  readonly idle: number
  readonly peak: number
  /** The most that was resident besides mapped files, looked at a few times a second. */
  readonly peakAnonymous: number
  readonly idleAnonymous: number
}

const service = await openService({ directory, masterKeyFile: join(directory, 'master.key'), evidenceLimit: 0 })
await service.projections.catchUp()
const mapping = await readMapping(map)
await sleep(300)
const [idle, idleAnonymous] = [memoryOf('self', 'VmRSS'), memoryOf('self', 'RssAnon')]
let peakAnonymous = idleAnonymous
const look = setInterval(() => {
  peakAnonymous = Math.max(peakAnonymous, memoryOf('self', 'RssAnon'))
}, 50)
let report: Awaited<ReturnType<typeof runImport>> | undefined
const { ms, cpuMs } = await spent(async () => {
  report = await runImport(
    { ...service, wake: () => service.projections.wake() },
    { file, mapping, dryRun: false, strict: false },
  )
  await service.projections.catchUp()
})
clearInterval(look)
const { rows, imported, refused, events } = report!
const figures: ImportFigures = {
  ...{ ms, cpuMs, rows, imported, refused, events, idle, idleAnonymous, peakAnonymous },
  peak: memoryOf('self', 'VmHWM'),
}
process.stdout.write(JSON.stringify(figures))
await service.close()
