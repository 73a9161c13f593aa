/** Replay on the terminal: two moments of a case compared, a sample drawn for an audit. */
import type { Command } from 'commander'
import { categoryPaths } from '../../http/paths.ts'
import { contextOf, type GlobalOptions, withClient } from '../context.ts'
import { contentText, valueText } from '../history-table.ts'
import { shownTime, table } from '../output.ts'
import { count } from './cases.ts'

const categories = `案件类别：${categoryPaths.map(({ category }) => category).join('、')}`

interface Comparison {
  readonly changes: readonly { readonly path: string; readonly from?: unknown; readonly to?: unknown }[]
  readonly added: readonly Entry[]
  readonly removed: readonly Entry[]
}

/** A step that one of the moments knows and the other does not. */
interface Entry {
  readonly index?: number
  readonly recordedAt: string
  readonly effectiveAt: string
  readonly title: string
  readonly late: boolean
  readonly data: unknown
}

const shown = (value: unknown): string => (value === undefined ? '' : valueText(value))

const entryTable = (title: string, entries: readonly Entry[]): string[] =>
  entries.length === 0
    ? []
    : [
        table(
          [title, '记录时间', '发生时间', '事项', '内容'],
          entries.map((entry) => [
            entry.index,
            shownTime(entry.recordedAt),
            `${shownTime(entry.effectiveAt)}${entry.late ? '\n补录' : ''}`,
            entry.title,
            contentText(entry.data),
          ]),
        ),
      ]

export function replayCommands(program: Command): void {
  program
    .command('diff <case> <left> <right>')
    .description('同一案卷在两个时点的差别：asOf=…,effectiveAt=…，或 now')
    .option('--category <类别>', categories, 'complaint')
    .option('--purpose <目的>', '查阅已归档案件的目的')
    .action(async (name: string, left: string, right: string, _options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { category: string; purpose?: string }>()
      const context = contextOf(options)
      await withClient(context, 'read', async (client) => {
        const path = `/api/v1/history/${encodeURIComponent(options.category)}/${encodeURIComponent(name)}/compare`
        const { json } = await client.request('GET', path, { query: { left, right, purpose: options.purpose } })
        const { changes, added, removed } = json as Comparison
        context.output.result(json, () =>
          [
            ...entryTable('新增记录', added),
            ...entryTable('不再有的记录', removed),
            changes.length === 0
              ? '没有差别。'
              : table(
                  ['位置', '原', '现'],
                  changes.map((change) => [change.path, shown(change.from), shown(change.to)]),
                ),
          ].join('\n'),
        )
      })
    })

  program
    .command('sample')
    .description('抽样审计：同一种子、同一时点抽得同样的案件')
    .requiredOption('--seed <种子>', '任何文字')
    .option('--n <N>', '抽几件', count, 20)
    .option('--category <类别>', categories, 'complaint')
    .option('--as-of <T>', '只从此前的记录中抽取')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<
        GlobalOptions & { seed: string; n: number; category: string; asOf?: string }
      >()
      const context = contextOf(options)
      await withClient(context, 'read', async (client) => {
        const { seed, n, category, asOf } = options
        const { json } = await client.request('GET', '/api/v1/audit/sample', { query: { seed, n, category, asOf } })
        const { population, items } = json as { population: number; items: { case: string; number: string | null }[] }
        context.output.result(json, () =>
          [
            table(
              ['案号', '编号'],
              items.map((item) => [item.number ?? '', item.case]),
            ),
            `共 ${population} 件，抽取 ${items.length} 件`,
          ].join('\n'),
        )
      })
    })
}
