/** Keeping the installation right: verify, rebuild, projections; and deadlines computed for whoever asks. */
import type { Command } from 'commander'
import { type Verified, verify } from '../../commands/verify.ts'
import { problemOf } from '../../http/problem.ts'
import type { RebuildReport } from '../../projections/rebuild.ts'
import type { ProjectionStatus } from '../../projections/runner.ts'
import { contextOf, type GlobalOptions, withClient, withService } from '../context.ts'
import { exitCodes, Refused } from '../exit.ts'
import { table } from '../output.ts'

export function maintenanceCommands(program: Command): void {
  program
    .command('verify')
    .description('核验已存的一切：序号与版本连续、索引与内容一致、读模型与重建一致')
    .action(async (_options, command: Command) => {
      const context = contextOf(command.optsWithGlobals<GlobalOptions>())
      const print = (result: Verified) => {
        context.output.result(result, () =>
          table(
            ['检查', '结果', '说明'],
            result.checks.map((check) => [check.name, check.ok ? '一致' : '不一致', check.detail]),
          ),
        )
        if (!result.ok) process.exitCode = exitCodes.refused
      }
      // Events and files are checked without anybody's rights; over HTTP the service checks itself.
      if (context.options.url)
        return withClient(context, 'read', async (client) =>
          print((await client.request('POST', '/api/v1/verify', { body: {} })).json as Verified),
        )
      return withService(context, 'read', async (service) =>
        print(
          await verify({
            log: service.log,
            vault: service.vault,
            evidence: service.evidence,
            ...(service.beside ? {} : { rebuild: () => service.projections.rebuild() }),
          }),
        ),
      )
    })

  program
    .command('rebuild [name]')
    .description('在旁边重建读模型，比对后切换')
    .action(async (name: string | undefined, _options, command: Command) => {
      const context = contextOf(command.optsWithGlobals<GlobalOptions>())
      const print = (projections: readonly RebuildReport[]) =>
        context.output.result({ projections }, () =>
          table(
            ['读模型', '版本', '记录', '与原先一致'],
            projections.map((r) => [r.name, r.version, r.events, r.equal ? '是' : '否']),
          ),
        )
      if (context.options.url)
        return withClient(context, 'write', async (client) => {
          const body = name === undefined ? {} : { name }
          const { json } = await client.request('POST', '/api/v1/projections/rebuild', { body })
          print((json as { projections: RebuildReport[] }).projections)
        })
      return withService(context, 'write', async (service) => {
        const known = service.projections.status().map((each) => each.name)
        if (name !== undefined && !known.includes(name))
          throw new Refused(problemOf('wrong-usage', { parameters: { name, known: known.join(' ') } }), exitCodes.usage)
        print(await service.projections.rebuild(name))
      })
    })

  program
    .command('projections')
    .description('读模型及其落后')
    .action(async (_options, command: Command) => {
      const context = contextOf(command.optsWithGlobals<GlobalOptions>())
      const print = (projections: readonly ProjectionStatus[]) =>
        context.output.result({ projections }, () =>
          table(
            ['读模型', '版本', '已处理', '落后', '停放的案卷'],
            projections.map((each) => [each.name, each.version, each.checkpoint, each.lag, each.parked.length]),
          ),
        )
      if (context.options.url)
        return withClient(context, 'read', async (client) => {
          const { json } = await client.request('GET', '/api/v1/projections')
          print((json as { projections: ProjectionStatus[] }).projections)
        })
      return withService(context, 'read', async (service) => print(service.projections.status()))
    })

  program
    .command('clock')
    .description('系统时钟')
    .command('confirm')
    .description('确认系统时钟无误：回拨过大而停止写入的服务恢复写入（须 --url）')
    .action(async (_options, command: Command) => {
      const context = contextOf(command.optsWithGlobals<GlobalOptions>())
      // The clock that refuses is the running service's; a directory that nobody has open refuses nothing.
      if (!context.options.url)
        throw new Refused(problemOf('wrong-usage', { errors: [{ pointer: '--url', detail: '请写明正在运行的服务' }] }))
      await withClient(context, 'write', async (client) => {
        const { json } = await client.request('POST', '/api/v1/clock/confirm', { body: {} })
        const { now, behindMs } = json as { now: string; behindMs: number }
        context.output.result(json, () => `时钟 ${now}，落后于最后一条记录 ${behindMs} 毫秒；写入已恢复`)
      })
    })
}
