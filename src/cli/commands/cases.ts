/** Cases on the terminal: list, show, history, act. */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { clockStateTerms } from '../../domain/catalogue/calendar.ts'
import { statusTerms } from '../../domain/catalogue/complaint.ts'
import { complaintTerms } from '../../domain/catalogue/complaint-terms.ts'
import { actionTitle } from '../../domain/catalogue/index.ts'
import { term } from '../../domain/catalogue/terms.ts'
import { deciderOf } from '../../domain/categories.ts'
import { camel, categoryPaths, kebab } from '../../http/paths.ts'
import { problemOf } from '../../http/problem.ts'
import { allPages, type Client } from '../client.ts'
import { type CommandContext, contextOf, type GlobalOptions, withClient } from '../context.ts'
import { Refused } from '../exit.ts'
import { type HistoryEvent, historyTable } from '../history-table.ts'
import { personNames } from '../names.ts'
import { shownTime, table } from '../output.ts'
import { toFile } from '../transfer.ts'

interface Bounds {
  readonly asOf?: string
  readonly effectiveAt?: string
}

const bounded = (command: Command): Command =>
  command
    .option('--as-of <T>', '记录时间的界限：序号、日期或时刻；缺省为最新')
    .option('--effective-at <T>', '发生时间的界限：日期或时刻；缺省为现在')

export const count = (text: string): number => {
  const value = Number(text)
  if (!/^\d{1,9}$/.test(text) || !Number.isSafeInteger(value)) throw new Refused(problemOf('wrong-usage'))
  return value
}

export function caseCommands(program: Command): void {
  bounded(program.command('list'))
    .description('投诉清单')
    .option('--query <文字>', '案号、机构名称或您可以查阅的文字')
    .option('--state <状态>', '案件状态')
    .option('--office <机构>', '被投诉机构')
    .option('--organisation <单位>', '归属单位')
    .option('--channel <渠道>', '来源渠道')
    .option('--received-from <日期>', '收到日期起')
    .option('--received-to <日期>', '收到日期止')
    .option('--limit <N>', '最多列出几条', count)
    .option('--csv <文件>', '整个清单写成 CSV 文件')
    .option('--xlsx <文件>', '整个清单写成 XLSX 文件')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & Bounds & Record<string, string> & { limit?: number }>()
      const context = contextOf(options)
      if (options.csv !== undefined || options.xlsx !== undefined) return listToFile(context, options)
      await withClient(context, 'read', async (client) => {
        const filter = filterOf(options)
        const page = await allPages<ListItem>(client, '/api/v1/complaints', filter, options.limit)
        const { asOf: index, effectiveAt: at } = page.first
        context.output.result({ total: page.total, asOf: index, effectiveAt: at, items: page.items }, () =>
          [
            table(
              ['案号', '状态', '收到', '渠道', '被投诉机构'],
              page.items.map((item) => [
                item.number ?? item.case,
                term(statusTerms, item.status),
                item.receivedAt?.slice(0, 10) ?? '',
                item.channel === null ? '' : term(complaintTerms.channel, item.channel),
                item.respondentOfficeName ?? '',
              ]),
            ),
            `共 ${page.total} 件`,
          ].join('\n'),
        )
      })
    })

  bounded(program.command('show <case>'))
    .description('一件案卷：状态、当事人（依权限）、时间线、期限、下一步')
    .option('--category <类别>', `案件类别：${categoryPaths.map(({ category }) => category).join('、')}`, 'complaint')
    .action(async (name: string, _options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & Bounds & { category: string }>()
      const context = contextOf(options)
      await withClient(context, 'read', async (client) => {
        const { asOf, effectiveAt } = options
        const file = await client.request('GET', `${baseOf(options.category)}/${encodeURIComponent(name)}`, {
          query: { asOf, effectiveAt },
        })
        context.output.result(file.json, () => showFile(file.json as CaseFileView, options.category))
      })
    })

  bounded(program.command('history <case>'))
    .description('一件案卷的全部记录：谁、何时记录、何时发生、变了什么、依据什么')
    .option('--category <类别>', `案件类别：${categoryPaths.map(({ category }) => category).join('、')}`, 'complaint')
    .action(async (name: string, _options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & Bounds & { category: string }>()
      const context = contextOf(options)
      await withClient(context, 'read', async (client) => {
        const { asOf, effectiveAt } = options
        const path = `/api/v1/history/${baseOf(options.category).slice('/api/v1/'.length)}`
        const got = await client.request('GET', `${path}/${encodeURIComponent(name)}`, {
          query: { asOf, effectiveAt },
        })
        const history = got.json as { case: string; events: HistoryEvent[] }
        const people = context.output.json ? new Map<string, string>() : await personNames(client)
        context.output.result(history, () => historyTable(history.events, people))
      })
    })

  program
    .command('act <case> <action>')
    .description('办理一步；新案写作 act new register')
    .requiredOption('--body <文件>', '内容（JSON 文件；- 为标准输入）')
    .option('--if-match <版本>', '您看到的版本号', count)
    .option('--key <键>', '幂等键：重试时使用同一个')
    .option('--category <类别>', `案件类别：${categoryPaths.map(({ category }) => category).join('、')}`, 'complaint')
    .action(async (name: string, action: string, _options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & ActOptions>()
      const context = contextOf(options)
      const body = readBody(options.body)
      await withClient(context, 'write', async (client) => {
        const answer = await act(client, name, action, body, options)
        context.output.result(
          answer,
          () =>
            `${answer.number ?? answer.case} 版本 ${answer.revision}，下一步：${nextSteps(options.category, answer.next)}`,
        )
      })
    })
}

/** The list's filter, from the options of its command. */
function filterOf(options: Bounds & Readonly<Record<string, string | undefined>>) {
  const { state, query, office, organisation, channel, receivedFrom, receivedTo, asOf, effectiveAt } = options
  return { status: state, query, office, organisation, channel, receivedFrom, receivedTo, asOf, effectiveAt }
}

async function listToFile(
  context: CommandContext,
  options: Bounds & Readonly<Record<string, string | undefined>>,
): Promise<void> {
  await toFile(context, '/api/v1/complaints', filterOf(options), { csv: options.csv, xlsx: options.xlsx })
}

interface ActOptions {
  readonly body: string
  readonly ifMatch?: number
  readonly key?: string
  readonly category: string
}
interface ListItem {
  readonly case: string
  readonly number: string | null
  readonly status: string
  readonly receivedAt: string | null
  readonly channel: string | null
  readonly respondentOfficeName: string | null
}
interface CaseFileView {
  readonly case: string
  readonly number: string | null
  readonly status: string
  readonly revision: number
  readonly timeline: readonly { readonly effectiveAt: string; readonly title: string; readonly late: boolean }[]
  readonly clocks?: readonly { readonly title: string; readonly due?: string; readonly state: string }[]
  readonly next: readonly string[]
}

/** The request body from a file or standard input. @throws Refused `input-unreadable`, `malformed-json` */
function readBody(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch {
    throw new Refused(problemOf('input-unreadable'))
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new Refused(problemOf('malformed-json'))
  }
}

export interface ActAnswer {
  readonly case: string
  readonly number: string | null
  readonly revision: number
  readonly index: number | null
  readonly next: readonly string[]
}

/** Action names as they are typed, with what they mean. */
export const nextSteps = (category: string, actions: readonly string[]): string =>
  actions.map((name) => `${name}（${actionTitle(category, name)}）`).join('、') || '无'

const routed = new Map(categoryPaths.map(({ category, path }) => [category, path]))

/** Where cases of a category are. @throws Refused `wrong-usage` */
export function baseOf(category: string): string {
  const path = routed.get(category)
  if (path === undefined)
    throw new Refused(problemOf('wrong-usage', { parameters: { category, known: [...routed.keys()].join(' ') } }))
  return `/api/v1/${path}`
}

/** Where an action of a category is asked for. @throws Refused `wrong-usage`, `action-unknown` */
function pathOf(category: string, name: string, action: string): string {
  const path = routed.get(category)
  const decider = deciderOf(category)
  if (path === undefined || decider === undefined)
    throw new Refused(problemOf('wrong-usage', { parameters: { category, known: [...routed.keys()].join(' ') } }))
  const base = `/api/v1/${path}`
  const typed = camel(action)
  if (name !== 'new' && typed === 'correct') return `${base}/${encodeURIComponent(name)}/corrections`
  const found = Object.hasOwn(decider.actions, typed) ? decider.actions[typed] : undefined
  if (!found || (found.creates === true) !== (name === 'new')) throw new Refused(problemOf('action-unknown'))
  if (name !== 'new') return `${base}/${encodeURIComponent(name)}/${kebab(typed)}`
  const first = Object.entries(decider.actions).find(([, each]) => each.creates)?.[0]
  return first === typed ? base : `${base}/${kebab(typed)}`
}

/** What a step is asked under: the revision seen, and the key of a retry. */
export const headersOf = ({ key, ifMatch }: Pick<ActOptions, 'key' | 'ifMatch'>): Record<string, string> => ({
  ...(key === undefined ? {} : { 'idempotency-key': key }),
  ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
})

/** One step over the same route as everybody's. */
async function act(
  client: Client,
  name: string,
  action: string,
  body: unknown,
  options: ActOptions,
): Promise<ActAnswer> {
  const answer = await client.request('POST', pathOf(options.category, name, action), {
    body,
    headers: headersOf(options),
  })
  return answer.json as ActAnswer
}

function showFile(file: CaseFileView, category: string): string {
  return [
    `${file.number ?? file.case}　${term(statusTerms, file.status)}　版本 ${file.revision}`,
    table(
      ['发生时间', '事项', ''],
      file.timeline.map((entry) => [shownTime(entry.effectiveAt), entry.title, entry.late ? '补录' : '']),
    ),
    table(
      ['期限', '到期', '状态'],
      (file.clocks ?? []).map((clock) => [clock.title, clock.due ?? '', term(clockStateTerms, clock.state)]),
    ),
    `下一步：${nextSteps(category, file.next)}`,
  ].join('\n')
}
