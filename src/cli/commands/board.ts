/** The supervision board on the terminal. */
import { styleText } from 'node:util'
import type { Command } from 'commander'
import { clockStateTerms, lightShapes, lightTerms } from '../../domain/catalogue/calendar.ts'
import { clockTitle } from '../../domain/catalogue/index.ts'
import { term } from '../../domain/catalogue/terms.ts'
import { allPages } from '../client.ts'
import { contextOf, type GlobalOptions, withClient } from '../context.ts'
import { table } from '../output.ts'
import { count } from './cases.ts'

interface Item {
  readonly case: string
  readonly number: string | null
  readonly kind: string
  readonly due?: string
  readonly light: keyof typeof lightTerms
  readonly state: string
  readonly workdaysLeft?: number
}

/** Shape and word always, the colour where the terminal has colours. */
const lightOf = (light: Item['light']): string =>
  styleText(light, `${lightShapes[light]} ${lightTerms[light]}`, { stream: process.stdout })

export function boardCommands(program: Command): void {
  program
    .command('board')
    .description('督办看板：一切有期限的事项，按剩余时间排列')
    .option('--unit <单位>', '责任单位')
    .option('--person <人员>', '责任人')
    .option('--office <机构>', '所涉机构')
    .option('--light <灯>', 'red、yellow、green、grey')
    .option('--state <状态>', 'open、dueSoon、overdue、paused、noDeadline、closedOnTime、closedLate、closedNoDeadline')
    .option('--category <类别>', '案件类别')
    .option('--kind <种类>', '期限种类，如 complaint.reply')
    .option('--importance <程度>', '督办事项的重要程度')
    .option('--as-of <T>', '记录时间的界限')
    .option('--effective-at <T>', '发生时间的界限')
    .option('--limit <N>', '最多列出几项', count)
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & Record<string, string> & { limit?: number }>()
      const context = contextOf(options)
      const { unit, person, office, light, state, category, kind, importance, asOf, effectiveAt, limit } = options
      await withClient(context, 'read', async (client) => {
        const query = { unit, person, office, light, state, category, kind, importance, asOf, effectiveAt }
        const page = await allPages<Item>(client, '/api/v1/board', query, limit as number | undefined)
        const { asOf: index, effectiveAt: at, counts, onTimeRate } = page.first
        const board = { asOf: index, effectiveAt: at, counts, onTimeRate, total: page.total, items: page.items }
        context.output.result(board, () =>
          [
            table(
              ['灯', '到期', '剩余工作日', '期限', '状态', '案件'],
              page.items.map((item) => [
                lightOf(item.light),
                item.due ?? '',
                item.workdaysLeft ?? '',
                clockTitle(item.kind),
                term(clockStateTerms, item.state),
                item.number ?? item.case,
              ]),
            ),
            `按期办结率 ${typeof onTimeRate === 'number' ? `${(onTimeRate * 100).toFixed(2)}%` : '—'}　${Object.entries(
              counts as object,
            )
              .map(([state, n]) => `${term(clockStateTerms, state)} ${n}`)
              .join('　')}`,
          ].join('\n'),
        )
      })
    })
}
