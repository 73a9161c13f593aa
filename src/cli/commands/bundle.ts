/** Bundles for auditors on the terminal: export a scope, recompute it anywhere. */
import type { Command } from 'commander'
import { exportBundle, recomputeBundle } from '../../commands/bundle.ts'
import { problemOfRefusal } from '../../http/problem.ts'
import { contextOf, type GlobalOptions, withService } from '../context.ts'
import { exitCodes, Refused } from '../exit.ts'
import { table } from '../output.ts'

export function bundleCommands(program: Command): void {
  program
    .command('export')
    .description('导出一个范围：事件原文、评定、散列清单')
    .requiredOption('--out <目录>', '空目录')
    .option('--division <区划代码>', '只导出其下的')
    .option('--scheme <标准号@版本>', '评定标准')
    .option('--as-of <T>', '记录时间的界限')
    .option('--effective-at <T>', '发生时间的界限')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<
        GlobalOptions & { out: string; division?: string; scheme?: string; asOf?: string; effectiveAt?: string }
      >()
      const context = contextOf(options)
      await withService(context, 'read', async (service) => {
        const { division, scheme, asOf, effectiveAt } = options
        const done = await exportBundle(service, options.out, { division, scheme, asOf, effectiveAt })
        if (!done.ok) throw new Refused(problemOfRefusal(done.refusal))
        const { events, ratings, digest } = done.value
        context.output.result(done.value, () => `事件 ${events} 条，评定 ${ratings} 个机构，清单散列 ${digest}`)
      })
    })

  program
    .command('recompute <dir>')
    .description('只凭导出包重算评定并比对；先核散列，再解析')
    .action(async (directory: string, _options, command: Command) => {
      const context = contextOf(command.optsWithGlobals<GlobalOptions>())
      const result = await recomputeBundle(directory)
      context.output.result(result, () =>
        result.equal
          ? `${result.ratings} 个机构的评定与导出一致`
          : table(
              ['位置', '差别'],
              result.differences.map((difference) => [difference.where, difference.what]),
            ),
      )
      if (!result.equal) process.exitCode = exitCodes.refused
    })
}
