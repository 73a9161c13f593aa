/** Ledgers on the terminal: import with report and dry run, a mapping proposed for an unseen file. */
import { setTimeout as wait } from 'node:timers/promises'
import v8 from 'node:v8'
import cliProgress from 'cli-progress'
import type { Command } from 'commander'
import { runImport } from '../../commands/import.ts'
import { problemOfRefusedRows } from '../../http/ledger-problem.ts'
import type { Problem } from '../../http/problem.ts'
import type { ImportProgress, ImportReport } from '../../ledger/import.ts'
import { type Mapping, readMapping } from '../../ledger/mapping.ts'
import { type Suggestion, suggestMapping } from '../../ledger/suggest.ts'
import type { Service } from '../../service.ts'
import { remoteClient } from '../client.ts'
import { type CommandContext, contextOf, type GlobalOptions, withService } from '../context.ts'
import { exitCodes, Refused } from '../exit.ts'
import { table } from '../output.ts'
import { upload } from '../transfer.ts'

interface ImportOptions {
  readonly map: string
  readonly dryRun?: boolean
  readonly strict?: boolean
}

/** The import's ports are the service's own. */
const importPorts = (service: Service) => ({ ...service, wake: () => service.projections.wake() })

/** How often a running service is asked how far it is; milliseconds. */
const POLL_MS = 250

/** A job of the service, as far as the terminal looks at it. */
interface Job {
  readonly id: string
  readonly state: string
  readonly progress: ImportProgress
  readonly report: ImportReport | null
  readonly result: ImportReport | null
  readonly problem: Problem | null
}

/** On a running service: the same check first, then the confirmation of what was checked. */
async function importThere(
  context: CommandContext,
  file: string,
  mapping: Mapping,
  options: ImportOptions,
  onProgress: (progress: ImportProgress) => void,
): Promise<ImportReport> {
  const client = remoteClient(context.options.url!, context.token)
  const rested = async (job: Job): Promise<Job> => {
    let now = job
    while (now.state === 'checking' || now.state === 'importing') {
      onProgress(now.progress)
      await wait(POLL_MS)
      now = (await client.request('GET', `/api/v1/imports/${job.id}`)).json as Job
    }
    if (now.problem) throw new Refused(now.problem)
    return now
  }
  const sent = (await upload(context, {
    ...{ path: '/api/v1/imports', file, missing: 'ledger-missing' },
    fields: { mapping: JSON.stringify(mapping), ...(options.strict ? { strict: 'true' } : {}) },
  })) as Job
  const { report } = await rested(sent)
  if (options.dryRun || (options.strict && report!.refused > 0)) {
    await client.request('DELETE', `/api/v1/imports/${sent.id}`)
    return report!
  }
  const confirmed = await client.request('POST', `/api/v1/imports/${sent.id}/confirm`, {
    body: { expectedSha256: report!.sha256 },
  })
  return (await rested(confirmed.json as Job)).result!
}

/**
 * A run over many rows makes much garbage and keeps little: the heap is kept near what lives instead of growing to several times
 * that.
 */
function keepHeapSmall(): void {
  v8.setFlagsFromString('--optimize-for-size')
  v8.setFlagsFromString('--semi-space-growth-factor=1')
}

export function importCommands(program: Command): void {
  program
    .command('import <file>')
    .description('导入台账（CSV、XLSX）')
    .requiredOption('--map <映射>', '映射文件（JSON）')
    .option('--dry-run', '只检查，不写入')
    .option('--strict', '有一行被拒就全部不导入')
    .action(async (file: string, _options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & ImportOptions>()
      const context = contextOf(options)
      const mapping = await readMapping(options.map)
      const bar = new cliProgress.SingleBar(
        {
          format: '导入 {rows} 行 {bar} {percentage}%',
          stream: process.stderr,
          noTTYOutput: false,
          clearOnComplete: true,
        },
        cliProgress.Presets.legacy,
      )
      const onProgress = (progress: ImportProgress) => {
        bar.setTotal(100)
        bar.update(Math.round(progress.fraction * 100), { rows: progress.rows })
      }
      const importHere = () => {
        keepHeapSmall()
        return withService(context, 'write', (service) =>
          runImport(importPorts(service), {
            file,
            mapping,
            dryRun: options.dryRun === true,
            strict: options.strict === true,
            ...principalOf(service, context.token),
            onProgress,
          }),
        )
      }
      let report: ImportReport
      bar.start(100, 0, { rows: 0 })
      try {
        report = await (options.url ? importThere(context, file, mapping, options, onProgress) : importHere())
      } finally {
        bar.stop()
      }
      if (options.strict && report.refused > 0) throw new Refused(problemOfRefusedRows(report), exitCodes.refused)
      context.output.result(report, () =>
        [
          `共 ${report.rows} 行：导入 ${report.imported}，重复 ${report.repeated}，拒绝 ${report.refused}；记录 ${report.events}`,
          ...(report.errors.length === 0
            ? []
            : [
                table(
                  ['行', '列', '代码', '原因'],
                  report.errors.slice(0, 50).map((e) => [e.row, e.column, e.code, e.reason]),
                ),
              ]),
        ].join('\n'),
      )
    })

  program
    .command('mapping')
    .description('映射文件')
    .command('suggest <file>')
    .description('根据表头和内容为没见过的台账拟一份映射，供人修改；打印的就是映射文件')
    .action(async (file: string, _options, command: Command) => {
      const context = contextOf(command.optsWithGlobals<GlobalOptions>())
      const { mapping, notes, columns } = context.options.url
        ? ((await upload(context, {
            ...{ path: '/api/v1/mappings/suggest', file, missing: 'ledger-missing' },
            fields: {},
          })) as Suggestion)
        : await suggestMapping(file)
      for (const { column, use, because } of columns) context.output.note(`${column}：${use}（${because}）`)
      for (const note of notes) context.output.note(note)
      context.output.result(mapping, () => JSON.stringify(mapping, null, 2))
    })
}

/** Who imports: the person of the token, else the operator. */
function principalOf(service: Service, token: string | undefined) {
  if (token === undefined) return {}
  const principal = service.authenticate(token)
  if (!principal) throw Object.assign(new Error('unauthenticated'), { code: 'unauthenticated' })
  return { principal }
}
