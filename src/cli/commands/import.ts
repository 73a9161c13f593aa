/** Ledgers on the terminal: import with report and dry run, a mapping proposed for an unseen file. */
import cliProgress from 'cli-progress'
import type { Command } from 'commander'
import { runImport } from '../../commands/import.ts'
import { readMapping } from '../../ledger/mapping.ts'
import { suggestMapping } from '../../ledger/suggest.ts'
import type { Service } from '../../service.ts'
import { contextOf, type GlobalOptions, withService } from '../context.ts'
import { exitCodes } from '../exit.ts'
import { table } from '../output.ts'

/** The import's ports are the service's own. */
const importPorts = (service: Service) => ({ ...service, wake: () => service.projections.wake() })

export function importCommands(program: Command): void {
  program
    .command('import <file>')
    .description('导入台账（CSV、XLSX）')
    .requiredOption('--map <映射>', '映射文件（JSON）')
    .option('--dry-run', '只检查，不写入')
    .option('--strict', '有一行被拒就全部不导入')
    .action(async (file: string, _options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { map: string; dryRun?: boolean; strict?: boolean }>()
      const context = contextOf(options)
      const mapping = await readMapping(options.map)
      await withService(context, 'write', async (service) => {
        const bar = new cliProgress.SingleBar(
          {
            format: '导入 {rows} 行 {bar} {percentage}%',
            stream: process.stderr,
            noTTYOutput: false,
            clearOnComplete: true,
          },
          cliProgress.Presets.legacy,
        )
        bar.start(100, 0, { rows: 0 })
        try {
          const report = await runImport(importPorts(service), {
            file,
            mapping,
            dryRun: options.dryRun === true,
            strict: options.strict === true,
            onProgress: (progress) => {
              bar.setTotal(100)
              bar.update(Math.round(progress.fraction * 100), { rows: progress.rows })
            },
          })
          bar.stop()
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
          if (options.strict && report.refused > 0) process.exitCode = exitCodes.refused
        } finally {
          bar.stop()
        }
      })
    })

  program
    .command('mapping')
    .description('映射文件')
    .command('suggest <file>')
    .description('根据表头和内容为没见过的台账拟一份映射，供人修改')
    .action(async (file: string, _options, command: Command) => {
      const context = contextOf(command.optsWithGlobals<GlobalOptions>())
      const proposal = await suggestMapping(file)
      context.output.result(proposal, () => JSON.stringify(proposal, null, 2))
    })
}
