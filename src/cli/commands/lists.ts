/** Lists and registers on the terminal: visits, lists as files, the registers of the centre. */
import type { Command } from 'commander'
import { printedTime } from '../../commands/lists.ts'
import { type Register, registerRows } from '../../commands/registers/index.ts'
import { type ListName, listColumns, listTitles } from '../../domain/catalogue/lists.ts'
import { type RegisterName, registerColumns, registerTitles } from '../../domain/catalogue/registers.ts'
import { term } from '../../domain/catalogue/terms.ts'
import { serviceItemTerms, visitChannelTerms, visitStatusTerms } from '../../domain/catalogue/visit.ts'
import { problemOf } from '../../http/problem.ts'
import { allPages } from '../client.ts'
import { contextOf, type GlobalOptions, withClient } from '../context.ts'
import { exitCodes, Refused } from '../exit.ts'
import { table } from '../output.ts'
import { type FileOptions, toFile } from '../transfer.ts'
import { count } from './cases.ts'

const wrongUsage = () => new Refused(problemOf('wrong-usage'), exitCodes.usage)

/** The options of a file, on a command. */
export const fileOptions = (command: Command): Command =>
  command.option('--csv <文件>', '写成 CSV 文件').option('--xlsx <文件>', '写成 XLSX 文件')

const bounded = (command: Command): Command =>
  command
    .option('--as-of <T>', '记录时间的界限：序号、日期或时刻；缺省为最新')
    .option('--effective-at <T>', '发生时间的界限：日期或时刻；缺省为现在')

/** Where a list is asked for as a file. */
const addressOf = (list: ListName): string =>
  `/api/v1/${({ board: 'board/export', moves: 'calendars/moves' } as Partial<Record<ListName, string>>)[list] ?? list}`

interface VisitItem {
  readonly visit: string
  readonly number: string | null
  readonly status: string
  readonly channel: string | null
  readonly item: string | null
  readonly registeredAt: string | null
}

type Options = GlobalOptions & FileOptions & Readonly<Record<string, string | undefined>>

export function listCommands(program: Command): void {
  fileOptions(bounded(program.command('visits')))
    .description('来访与咨询清单')
    .option('--query <文字>', '登记号')
    .option('--state <状态>', 'open、closed')
    .option('--channel <方式>', '来访、来电、来函、网络：visit、call、letter、online')
    .option('--item <事项>', '服务事项')
    .option('--organisation <单位>', '归属单位')
    .option('--received-from <日期>', '登记日期起')
    .option('--received-to <日期>', '登记日期止')
    .option('--limit <N>', '最多列出几条', count)
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<Options & { limit?: number }>()
      const context = contextOf(options)
      const { state, query, channel, item, organisation, receivedFrom, receivedTo, asOf, effectiveAt } =
        options as Options
      const filter = { status: state, query, channel, item, organisation, receivedFrom, receivedTo, asOf, effectiveAt }
      if (await toFile(context, '/api/v1/visits', filter, options as Options)) return
      await withClient(context, 'read', async (client) => {
        const page = await allPages<VisitItem>(client, '/api/v1/visits', filter, options.limit as number | undefined)
        const { asOf: index, effectiveAt: at } = page.first
        context.output.result({ total: page.total, asOf: index, effectiveAt: at, items: page.items }, () =>
          [
            table(
              ['登记号', '状态', '登记', '方式', '事项'],
              page.items.map((each) => [
                each.number ?? each.visit,
                term(visitStatusTerms, each.status),
                each.registeredAt?.slice(0, 10),
                each.channel && term(visitChannelTerms, each.channel),
                each.item && term(serviceItemTerms, each.item),
              ]),
            ),
            `共 ${page.total} 件`,
          ].join('\n'),
        )
      })
    })

  bounded(program.command('visit <visit>'))
    .description('一件来访：状态、来访人（依权限）、经过、期限、下一步')
    .action(async (name: string, _options, command: Command) => {
      const { asOf, effectiveAt, ...options } = command.optsWithGlobals<Options>()
      const context = contextOf(options)
      await withClient(context, 'read', async (client) => {
        const file = await client.request('GET', `/api/v1/visits/${encodeURIComponent(name)}`, {
          query: { asOf, effectiveAt },
        })
        context.output.result(file.json, () => JSON.stringify(file.json, null, 2))
      })
    })

  fileOptions(bounded(program.command('export-list <list>')))
    .description(`清单写成文件：${Object.keys(listColumns).join('、')}`)
    .option('--organisation <单位>', '归属单位')
    .option('--division <区划代码>', '只列其下的')
    .option('--received-from <日期>', '收到日期起')
    .option('--received-to <日期>', '收到日期止')
    .action(async (list: string, _options, command: Command) => {
      const options = command.optsWithGlobals<Options>()
      const context = contextOf(options)
      if (!Object.hasOwn(listTitles, list)) throw wrongUsage()
      const { organisation, division, receivedFrom, receivedTo, asOf, effectiveAt } = options
      const query = { organisation, division, receivedFrom, receivedTo, asOf, effectiveAt }
      if (!(await toFile(context, addressOf(list as ListName), query, options))) throw wrongUsage()
    })

  fileOptions(bounded(program.command('register <name>')))
    .description('登记簿：daily 每日接待登记，weekly 每周统计，catalogue 归档目录')
    .option('--date <日期>', '哪一天：当日、该周任一日、归档截止日；缺省今天')
    .option('--from <日期>', '目录：归档起始日')
    .option('--organisation <单位>', '只列一个单位的')
    .option('--html <文件>', '写成可打印的 A4 页面')
    .action(async (name: string, _options, command: Command) => {
      const options = command.optsWithGlobals<Options>()
      const context = contextOf(options)
      if (!Object.hasOwn(registerTitles, name)) throw wrongUsage()
      const { date, from, organisation, asOf, effectiveAt } = options
      const query = { date, from, organisation, asOf, effectiveAt }
      const path = `/api/v1/registers/${name}`
      if (await toFile(context, path, query, options)) return
      await withClient(context, 'read', async (client) => {
        const register = (await client.request('GET', path, { query })).json as Register
        const columns = Object.entries(registerColumns[name as RegisterName])
        context.output.result(register, () =>
          [
            `${register.title} ${register.from ?? ''}—${register.until}`,
            table(
              columns.map(([, header]) => header),
              [...registerRows(register, printedTime)].map((row) => columns.map(([column]) => String(row[column]))),
            ),
            ...register.summary.map(({ title, count: n }) => `${title} ${n}`),
          ].join('\n'),
        )
      })
    })
}
