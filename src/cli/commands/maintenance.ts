/** Keeping the installation right: verify, rebuild, projections; and deadlines computed for whoever asks. */
import type { Command } from 'commander'
import { verify } from '../../commands/verify.ts'
import { problemOf } from '../../http/problem.ts'
import { contextOf, type GlobalOptions, withService } from '../context.ts'
import { exitCodes, Refused } from '../exit.ts'
import { table } from '../output.ts'

export function maintenanceCommands(program: Command): void {
  program
    .command('verify')
    .description('核验已存的一切：序号与版本连续、索引与内容一致、读模型与重建一致')
    .action(async (_options, command: Command) => {
      const context = contextOf(command.optsWithGlobals<GlobalOptions>())
      await withService(context, 'read', async (service) => {
        const result = await verify({
          log: service.log,
          vault: service.vault,
          evidence: service.evidence,
          ...(service.beside ? {} : { rebuild: () => service.projections.rebuild() }),
        })
        context.output.result(result, () =>
          table(['检查', '结果', '说明'], result.checks.map((check) => [check.name, check.ok ? '一致' : '不一致', check.detail])),
        )
        if (!result.ok) process.exitCode = exitCodes.refused
      })
    })

  program
    .command('rebuild [name]')
    .description('在旁边重建读模型，比对后切换')
    .action(async (name: string | undefined, _options, command: Command) => {
      const context = contextOf(command.optsWithGlobals<GlobalOptions>())
      await withService(context, 'write', async (service) => {
        const known = service.projections.status().map((each) => each.name)
        if (name !== undefined && !known.includes(name))
          throw new Refused(problemOf('wrong-usage', { parameters: { name, known: known.join(' ') } }), exitCodes.usage)
        const reports = await service.projections.rebuild(name)
        context.output.result({ projections: reports }, () =>
          table(['读模型', '版本', '记录', '与原先一致'], reports.map((r) => [r.name, r.version, r.events, r.equal ? '是' : '否'])),
        )
      })
    })

  program
    .command('projections')
    .description('读模型及其落后')
    .action(async (_options, command: Command) => {
      const context = contextOf(command.optsWithGlobals<GlobalOptions>())
      await withService(context, 'read', async (service) => {
        const projections = service.projections.status()
        context.output.result({ projections }, () =>
          table(
            ['读模型', '版本', '已处理', '落后', '停放的案卷'],
            projections.map((each) => [each.name, each.version, each.checkpoint, each.lag, each.parked.length]),
          ),
        )
      })
    })
}
