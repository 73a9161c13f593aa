/** Backup and restore on the terminal. */
import type { Command } from 'commander'
import { type BackupReport, createBackup } from '../../commands/backup.ts'
import { type RestoreReport, restoreBackup } from '../../commands/restore.ts'
import { problemOf } from '../../http/problem.ts'
import { VERSION } from '../../service.ts'
import { contextOf, type GlobalOptions, withClient } from '../context.ts'
import { Refused } from '../exit.ts'

const keyTexts: Readonly<Record<RestoreReport['masterKey'], string>> = {
  'in place': '主密钥已就位，加密内容可以读取',
  missing: '没有主密钥：加密内容显示为暂不可读，须加密的办理会被拒绝；取回主密钥文件后放到原处即可',
  'none needed': '备份中没有密钥库，不需要主密钥',
}

const backupText = (report: BackupReport): string =>
  [
    `已备份到 ${report.directory}：记录 ${report.events}，文件 ${report.files}，共 ${report.bytes} 字节，已回读核对`,
    `摘要 ${report.digest}`,
    ...(report.damagedEvidence.length === 0
      ? []
      : [`注意：${report.damagedEvidence.length} 份证据材料与其校验值不符，已照原样复制；请运行 duban verify`]),
    '主密钥不在备份中，请另行妥善保管。',
  ].join('\n')

export function backupCommands(program: Command): void {
  program
    .command('backup <directory>')
    .description('在线备份到一个空目录：记录、密钥库、证据材料与清单；不含主密钥')
    .action(async (directory: string, _options, command: Command) => {
      const context = contextOf(command.optsWithGlobals<GlobalOptions>())
      if (context.options.url) {
        await withClient(context, 'write', async (client) => {
          const answer = await client.request('POST', '/api/v1/backup', { body: { directory } })
          context.output.result(answer.json, () => backupText(answer.json as BackupReport))
        })
        return
      }
      if (context.config.clusterUrl !== undefined) throw new Refused(problemOf('backup-of-cluster'))
      const report = await createBackup(
        {
          directory: context.config.data,
          evidenceDirectory: context.config.evidence,
          version: VERSION,
          now: Date.now,
        },
        directory,
      )
      context.output.result(report, () => backupText(report))
    })

  program
    .command('restore <directory>')
    .description('从备份恢复到数据目录：先核对全部文件，再替换')
    .option('--master-key <文件>', '主密钥文件；没有它加密内容暂不可读')
    .option('--force', '数据目录不是空的时，将原有内容移到一旁')
    .action(async (directory: string, _options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { masterKey?: string; force?: boolean }>()
      const context = contextOf(options)
      if (options.url)
        throw new Refused(problemOf('wrong-usage', { parameters: { reason: '恢复只能在数据目录上进行' } }))
      const report = await restoreBackup({
        backup: directory,
        directory: context.config.data,
        evidenceDirectory: context.config.evidence,
        masterKeyFile: context.config.masterKeyFile,
        ...(options.masterKey === undefined ? {} : { masterKey: options.masterKey }),
        force: options.force === true,
        now: Date.now,
      })
      context.output.result(report, () =>
        [
          `已恢复到 ${report.directory}：记录 ${report.events}，文件 ${report.files}，备份于 ${report.at}`,
          `摘要 ${report.digest}`,
          keyTexts[report.masterKey],
          ...(report.movedAside === null ? [] : [`原有内容在 ${report.movedAside}`]),
        ].join('\n'),
      )
    })
}
