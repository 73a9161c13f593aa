/** Full-text search on the terminal. */
import type { Command } from 'commander'
import { statusTerms } from '../../domain/catalogue/complaint.ts'
import { term } from '../../domain/catalogue/terms.ts'
import { allPages } from '../client.ts'
import { contextOf, type GlobalOptions, withClient } from '../context.ts'
import { table } from '../output.ts'
import { count } from './cases.ts'

/** Hits shown where nobody says how many. */
const DEFAULT_LIMIT = 50

interface Hit {
  readonly case: string
  readonly category: string
  readonly number: string | null
  readonly status: string | null
  readonly matches: readonly {
    readonly title: string
    readonly text: string
    readonly marks: readonly (readonly [number, number])[]
  }[]
}

/** The text with what matched in lenticular brackets, on one line. */
function marked({ text, marks }: Hit['matches'][number]): string {
  let out = ''
  let from = 0
  for (const [start, end] of marks) {
    out += `${text.slice(from, start)}【${text.slice(start, end)}】`
    from = end
  }
  return (out + text.slice(from)).replaceAll(/\s+/g, ' ')
}

export function searchCommands(program: Command): void {
  program
    .command('search <text>')
    .description('全文检索：空格分开的词都须出现，引号内的文字须连在一起，前加减号则排除')
    .option('--category <类别>', '案件类别')
    .option('--limit <N>', '最多列出几条', count)
    .action(async (text: string, _options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { category?: string; limit?: number }>()
      const context = contextOf(options)
      const { category, limit } = options
      await withClient(context, 'read', async (client) => {
        const page = await allPages<Hit>(client, '/api/v1/search', { q: text, category }, limit ?? DEFAULT_LIMIT)
        context.output.result({ total: page.total, items: page.items }, () =>
          [
            table(
              ['案号', '状态', '事项', '内容'],
              page.items.map((hit) => [
                hit.number ?? hit.case,
                hit.status === null ? '' : term(statusTerms, hit.status),
                hit.matches[0]?.title ?? '',
                hit.matches[0] ? marked(hit.matches[0]) : '',
              ]),
            ),
            `共 ${page.total} 件`,
          ].join('\n'),
        )
      })
    })
}
