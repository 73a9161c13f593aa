/** Evidence on the terminal: files into a case and out of it, over the same routes as everybody's. */
import type { Command } from 'commander'
import { parties } from '../../domain/complaint/fields.ts'
import { contextOf, type GlobalOptions } from '../context.ts'
import { download, upload } from '../transfer.ts'
import { type ActAnswer, baseOf, count, headersOf, nextSteps } from './cases.ts'

interface EvidenceOptions {
  readonly category: string
  readonly submittedBy?: string
  readonly task?: string
  readonly effectiveAt?: string
  readonly ifMatch?: number
  readonly key?: string
}

const CATEGORY = ['--category <类别>', '案件类别：complaint、penalty、discipline、supervision', 'complaint'] as const

export function evidenceCommands(program: Command): void {
  const evidence = program.command('evidence').description('证据材料：交入案卷、取出原件')

  evidence
    .command('add <case> <file>')
    .description('把一份文件作为证据材料交入案卷；入库前加密')
    .option(...CATEGORY)
    .option('--submitted-by <提交方>', parties.join('、'))
    .option('--task <任务>', '督办任务；承办单位须写明自己的任务')
    .option('--effective-at <T>', '收到的日期或时刻；缺省为现在')
    .option('--if-match <版本>', '您看到的版本号', count)
    .option('--key <键>', '幂等键：重试时使用同一个')
    .action(async (name: string, file: string, _options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & EvidenceOptions>()
      const context = contextOf(options)
      const { submittedBy, task, effectiveAt } = options
      const said = Object.entries({ submittedBy, task, effectiveAt }).filter(
        (field): field is [string, string] => field[1] !== undefined,
      )
      const answer = (await upload(context, {
        ...{ path: `${baseOf(options.category)}/${encodeURIComponent(name)}/evidence`, file },
        ...{ fields: Object.fromEntries(said), headers: headersOf(options), missing: 'input-unreadable' },
      })) as ActAnswer
      context.output.result(
        answer,
        () =>
          `${answer.number ?? answer.case} 版本 ${answer.revision}，下一步：${nextSteps(options.category, answer.next)}`,
      )
    })

  evidence
    .command('get <case> <sha256> <file>')
    .description('取出一份证据材料的原件，写成文件')
    .option(...CATEGORY)
    .action(async (name: string, sha256: string, file: string, _options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & EvidenceOptions>()
      const context = contextOf(options)
      const path = `${baseOf(options.category)}/${encodeURIComponent(name)}/evidence/${encodeURIComponent(sha256)}`
      const written = await download(context, path, {}, file)
      context.output.result(written, () => `${written.file}：${written.bytes} 字节`)
    })
}
