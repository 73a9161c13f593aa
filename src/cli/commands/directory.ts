/** Making a data directory and letting people in: init, token, demo-data. */
import type { Command } from 'commander'
import { createInstallation } from '../../commands/initialise.ts'
import { createDemo, demoDefaults } from '../../demo/index.ts'
import { isCivilDate } from '../../domain/time.ts'
import { problemOf } from '../../http/problem.ts'
import { contextOf, type GlobalOptions, withClient, withService } from '../context.ts'
import { Refused } from '../exit.ts'

const positive = (text: string): number => {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new Refused(problemOf('wrong-usage'))
  return Number(text)
}

export function directoryCommands(program: Command): void {
  program
    .command('init')
    .description('新建数据目录，登记第一个单位和管理员')
    .option('--code <代码>', '单位代码', 'BUREAU')
    .option('--name <名称>', '单位名称', '司法局')
    .option('--abbreviation <简称>', '案号中的简称；缺省为单位代码')
    .option('--division <区划代码>', '行政区划代码（6、9 或 12 位）', '000000')
    .option('--kind <类别>', '单位类别', 'county-bureau')
    .option('--administrator <姓名>', '管理员姓名', '管理员')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<
        GlobalOptions &
          Record<'code' | 'name' | 'division' | 'kind' | 'administrator', string> & { abbreviation?: string }
      >()
      const context = contextOf(options)
      await withService(context, 'write', async (service) => {
        // Of a cluster the cluster is asked: this node may be new.
        if (await service.backend.hasEvents()) throw new Refused(problemOf('data-directory-not-empty'))
        const made = await createInstallation(service, options)
        context.output.result(
          made,
          () => `单位 ${made.organisation}\n管理员 ${made.person}\n令牌（只显示一次）${made.token}`,
        )
      })
    })

  program
    .command('token <person>')
    .description('为一名用户发放新令牌（只显示一次）；--revoke 撤销')
    .option('--revoke <令牌号>', '撤销这个令牌')
    .option('--expires-on <日期>', '最后有效日')
    .action(async (person: string, _options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { revoke?: string; expiresOn?: string }>()
      const context = contextOf(options)
      await withClient(context, 'write', async (client) => {
        const base = `/api/v1/persons/${encodeURIComponent(person)}`
        const answer =
          options.revoke === undefined
            ? await client.request('POST', `${base}/tokens`, {
                body: options.expiresOn === undefined ? {} : { expiresOn: options.expiresOn },
              })
            : await client.request('DELETE', `${base}/tokens/${encodeURIComponent(options.revoke)}`)
        context.output.result(answer.json, () => {
          const { token } = answer.json as { token?: string }
          return token === undefined ? '已撤销' : `令牌（只显示一次）${token}`
        })
      })
    })

  program
    .command('demo-data')
    .description('在空目录中生成演示县：按日记录，数据均为虚构')
    .option('--offices <N>', '法律服务所数', positive, demoDefaults.offices)
    .option('--complaints <N>', '投诉件数', positive, demoDefaults.complaints)
    .option('--years <N>', '年数', positive, demoDefaults.years)
    .option('--until <日期>', '模拟时钟的终点', demoDefaults.until)
    .option('--seed <S>', '随机种子', demoDefaults.seed)
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<
        GlobalOptions & { offices: number; complaints: number; years: number; until: string; seed: string }
      >()
      const context = contextOf(options)
      if (!isCivilDate(options.until)) throw new Refused(problemOf('wrong-usage'))
      const made = await createDemo({
        directory: context.config.data,
        masterKeyFile: context.config.masterKeyFile,
        clusterUrl: context.config.clusterUrl,
        vaultUrl: context.config.vaultUrl,
        evidence: context.config.evidence,
        offices: options.offices,
        complaints: options.complaints,
        years: options.years,
        until: options.until,
        seed: options.seed,
        onProgress: (text) => context.output.note(text),
      })
      const { offices, complaints, events, index } = made
      context.output.result(
        { offices, complaints, events, index },
        () => `机构 ${offices}，投诉 ${complaints}，记录 ${events}`,
      )
    })
}
