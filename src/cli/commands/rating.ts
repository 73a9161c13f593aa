/** Star levels on the terminal: schemes, rate, compare, affected. */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { lineStateTerms } from '../../domain/catalogue/rating.ts'
import { term } from '../../domain/catalogue/terms.ts'
import type { OfficeRating } from '../../domain/rating/rate.ts'
import { problemOf } from '../../http/problem.ts'
import { contextOf, type GlobalOptions, withClient } from '../context.ts'
import { exitCodes, Refused } from '../exit.ts'
import { table } from '../output.ts'
import { count } from './cases.ts'

interface RatedOffice {
  readonly office: string
  readonly formalLevel: number | null
  readonly computedLevel: number
  readonly needsReevaluation: boolean
  readonly points: number
  readonly categories: OfficeRating['categories']
  readonly nextChange: OfficeRating['nextChange']
}

function readJson(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw new Refused(problemOf('input-unreadable'))
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new Refused(problemOf('malformed-json'))
  }
}

/** Where points were lost or are in doubt, line by line, each with the event it rests on. */
function ledgerOf(rated: RatedOffice): string {
  const rows = rated.categories.flatMap((category) =>
    category.criteria
      .filter(({ points, max }) => points < max)
      .flatMap((criterion) =>
        criterion.lines
          .filter(
            (line) =>
              line.state !== 'expired' && (line.points !== 0 || line.state !== 'counted' || line.event === null),
          )
          .map((line) => [
            `${criterion.id}　${criterion.points}/${criterion.max}`,
            line.points,
            line.index,
            line.from,
            term(lineStateTerms, line.state),
            line.reason,
          ]),
      ),
  )
  const next = rated.nextChange
  return [
    table(['标准与得分', '分', '序号', '起', '状态', '依据'], rows),
    ...(next
      ? [`${next.date} 起将为 ${stars(next.level)}：${next.because.map(({ reason }) => reason).join('；')}`]
      : []),
  ].join('\n')
}

const stars = (level: number | null): string => (level === null ? '—' : '★'.repeat(level) || '无星')

export function ratingCommands(program: Command): void {
  program
    .command('schemes')
    .description('评定标准及其版本')
    .action(async (_options, command: Command) => {
      const context = contextOf(command.optsWithGlobals<GlobalOptions>())
      await withClient(context, 'read', async (client) => {
        const { json } = await client.request('GET', '/api/v1/schemes')
        const { items } = json as {
          items: { id: string; version: number; name: string; validFrom: string; validUntil: string | null }[]
        }
        context.output.result(json, () =>
          table(
            ['标准', '名称', '生效', '失效'],
            items.map((item) => [`${item.id}@${item.version}`, item.name, item.validFrom, item.validUntil]),
          ),
        )
      })
    })

  const scheme = program.command('scheme').description('评定标准')
  scheme
    .command('check <file>')
    .description('检查一份评定标准：分值之和、编号、规则名与参数')
    .action(async (file: string, _options, command: Command) => {
      const context = contextOf(command.optsWithGlobals<GlobalOptions>())
      const body = readJson(file)
      await withClient(context, 'read', async (client) => {
        const { json } = await client.request('POST', '/api/v1/schemes/check', { body })
        context.output.result(json, () => `${(json as { scheme: string }).scheme}：没有发现问题`)
      })
    })
  scheme
    .command('publish <file>')
    .description('公布一个版本的评定标准')
    .action(async (file: string, _options, command: Command) => {
      const context = contextOf(command.optsWithGlobals<GlobalOptions>())
      const body = readJson(file)
      await withClient(context, 'write', async (client) => {
        const { json } = await client.request('POST', '/api/v1/schemes', { body: { scheme: body } })
        context.output.result(json, () => `已公布 ${(json as { case: string }).case}`)
      })
    })
  scheme
    .command('diff <from> <to>')
    .description('两个版本的差别（标准号@版本）')
    .option('--exit-code', '有差别时以 1 退出')
    .action(async (from: string, to: string, _options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { exitCode?: boolean }>()
      const context = contextOf(options)
      await withClient(context, 'read', async (client) => {
        const path = `/api/v1/schemes/${encodeURIComponent(from)}/diff/${encodeURIComponent(to)}`
        const { json } = await client.request('GET', path)
        const { changes } = json as { changes: { path: string; from?: unknown; to?: unknown }[] }
        context.output.result(json, () =>
          table(
            ['位置', '原', '现'],
            changes.map((change) => [change.path, JSON.stringify(change.from) ?? '', JSON.stringify(change.to) ?? '']),
          ),
        )
        if (options.exitCode && changes.length > 0) process.exitCode = exitCodes.refused
      })
    })

  program
    .command('rate')
    .description('评定星级，给出明细账；只在 --record 时登记')
    .option('--office <机构>', '只评一个机构')
    .option('--division <区划代码>', '只评其下的机构')
    .option('--scheme <标准号@版本>', '评定标准；缺省为当时有效的')
    .option('--as-of <T>', '记录时间的界限')
    .option('--effective-at <T>', '发生时间的界限')
    .option('--record', '登记这次运算的摘要')
    .option('--rank', '按星级、总分从高到低排列')
    .option('--workers <N>', '并行线程数；缺省依记录多少而定', count)
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<
        GlobalOptions & {
          office?: string
          division?: string
          scheme?: string
          asOf?: string
          effectiveAt?: string
          record?: boolean
          rank?: boolean
          workers?: number
        }
      >()
      const context = contextOf(options)
      const { office, division, scheme: ref, asOf, effectiveAt } = options
      const question = { office, division, scheme: ref, asOf, effectiveAt }
      await withClient(context, options.record ? 'write' : 'read', async (client) => {
        const { json } = options.record
          ? await client.request('POST', '/api/v1/ratings/runs', { body: question })
          : await client.request('GET', '/api/v1/ratings', {
              query: { ...question, workers: options.workers, ...(options.rank ? { order: 'rank' } : {}) },
            })
        const { run, offices } = json as { run: { scheme: string; digest: string }; offices: RatedOffice[] }
        context.output.result(json, () =>
          [
            table(
              ['机构', '公布星级', '测算星级', '总分', '需复评'],
              offices.map((each) => [
                each.office,
                stars(each.formalLevel),
                stars(each.computedLevel),
                each.points,
                each.needsReevaluation ? '是' : '',
              ]),
            ),
            ...(office === undefined ? [] : [ledgerOf(offices[0]!)]),
            `标准 ${run.scheme}　摘要 ${run.digest}`,
          ].join('\n'),
        )
      })
    })

  program
    .command('compare <left> <right>')
    .description('比较两次评定：asOf=…,effectiveAt=…,scheme=… 或已登记的运算编号')
    .option('--exit-code', '有差别时以 1 退出')
    .option('--workers <N>', '并行线程数', count)
    .action(async (left: string, right: string, _options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { exitCode?: boolean; workers?: number }>()
      const { workers } = options
      const context = contextOf(options)
      await withClient(context, 'read', async (client) => {
        const { json } = await client.request('GET', '/api/v1/ratings/compare', { query: { left, right, workers } })
        const { offices } = json as {
          offices: { office: string; from: number | null; to: number | null; causes: { cause: string }[] }[]
        }
        context.output.result(json, () =>
          table(
            ['机构', '原', '现', '原因'],
            offices.map((each) => [
              each.office,
              stars(each.from),
              stars(each.to),
              [...new Set(each.causes.map(({ cause }) => cause))].join('、'),
            ]),
          ),
        )
        if (options.exitCode && offices.length > 0) process.exitCode = exitCodes.refused
      })
    })

  program
    .command('affected')
    .description('依据已变化的已公布评定')
    .option('--as-of <T>', '记录时间的界限')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { asOf?: string }>()
      const context = contextOf(options)
      await withClient(context, 'read', async (client) => {
        const { json } = await client.request('GET', '/api/v1/ratings/affected', { query: { asOf: options.asOf } })
        const { ratings } = json as { ratings: { office: string; cycle: string; from: number; to: number }[] }
        context.output.result(json, () =>
          table(
            ['机构', '周期', '公布', '现在'],
            ratings.map((each) => [each.office, each.cycle, stars(each.from), stars(each.to)]),
          ),
        )
      })
    })
}
