/** Star levels on the terminal: schemes, rate, runs, compare, affected. */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { RunAnswer } from '../../commands/rating.ts'
import { byRank } from '../../commands/rating-tables.ts'
import { schemeFormTerms } from '../../domain/catalogue/rating-lists.ts'
import { term } from '../../domain/catalogue/terms.ts'
import type { AffectedRating, OfficeComparison } from '../../domain/rating/compare.ts'
import type { Scheme } from '../../domain/rating/scheme-schema.ts'
import { problemOf } from '../../http/problem.ts'
import type { Client } from '../client.ts'
import { contextOf, type GlobalOptions, withClient } from '../context.ts'
import { exitCodes, Refused } from '../exit.ts'
import { officeNames } from '../names.ts'
import { shownTime, table } from '../output.ts'
import { affectedText, comparisonText, ledgerText, ratingsTable } from '../rating-tables.ts'
import { type FileOptions, toFile } from '../transfer.ts'
import { count } from './cases.ts'
import { fileOptions } from './lists.ts'

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

/** Both bounds and the scheme of a run, resolved, so that it can be asked for again. */
const runText = ({ asOf, effectiveAt, scheme, digest }: RunAnswer['run']): string =>
  `标准 ${scheme}　记录截至序号 ${asOf}　事实截至 ${effectiveAt}\n摘要 ${digest}`

const NOBODY: ReadonlyMap<string, string> = new Map()

export function ratingCommands(program: Command): void {
  fileOptions(program.command('schemes'))
    .description('评定标准及其版本')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & FileOptions>()
      const context = contextOf(options)
      if (await toFile(context, '/api/v1/schemes', {}, options)) return
      await withClient(context, 'read', async (client) => {
        const { json } = await client.request('GET', '/api/v1/schemes')
        const { items } = json as {
          items: {
            id: string
            version: number
            name: string
            form: string
            validFrom: string
            validUntil: string | null
          }[]
        }
        context.output.result(json, () =>
          table(
            ['标准', '名称', '形式', '生效', '失效'],
            items.map((item) => [
              `${item.id}@${item.version}`,
              item.name,
              term(schemeFormTerms, item.form),
              item.validFrom,
              item.validUntil,
            ]),
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

  fileOptions(program.command('rate'))
    .description('评定星级，给出明细账；只在 --record 时登记。写成文件时：一个机构为明细账，多个机构为星级表')
    .option('--office <机构>', '只评一个机构')
    .option('--division <区划代码>', '只评其下的机构')
    .option('--scheme <标准号@版本>', '评定标准；缺省为当时有效的')
    .option('--as-of <T>', '记录时间的界限')
    .option('--effective-at <T>', '发生时间的界限')
    .option('--record', '登记这次运算的摘要')
    .option('--rank', '按星级、总分从高到低排列')
    .option('--draft <文件>', '假如用这份未公布的标准：只算，不写')
    .option('--against <一侧>', '与 --draft 同用：一并列出与之的差别，写法同 compare')
    .option('--workers <N>', '并行线程数；缺省依记录多少而定', count)
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<RateOptions>()
      const context = contextOf(options)
      const { office, division, scheme: ref, asOf, effectiveAt, workers, draft, against, rank, record } = options
      const question = { office, division, scheme: ref, asOf, effectiveAt }
      const order = rank ? { order: 'rank' } : {}
      const toDraft = draft !== undefined
      const file = options.csv !== undefined || options.xlsx !== undefined
      // A draft is no version of anything, is never recorded, and has no place in a list that is passed on.
      if (toDraft ? ref !== undefined || record || file : against !== undefined) throw wrongUsage()
      if (record && file) throw wrongUsage()
      const path = office === undefined ? '/api/v1/ratings' : `/api/v1/ratings/${encodeURIComponent(office)}/ledger`
      const query = office === undefined ? { ...question, ...order, workers } : { scheme: ref, asOf, effectiveAt }
      if (await toFile(context, path, query, options)) return
      const drafted = toDraft ? (readJson(draft) as Scheme) : undefined
      await withClient(context, record ? 'write' : 'read', async (client) => {
        const { json } = drafted
          ? await client.request('POST', '/api/v1/ratings/what-if', {
              body: { scheme: drafted, asOf, effectiveAt, office, division, against },
            })
          : record
            ? await client.request('POST', '/api/v1/ratings/runs', { body: question })
            : await client.request('GET', '/api/v1/ratings', { query: { ...question, workers, ...order } })
        const { run, offices, differences } = json as RunAnswer & {
          run: { id?: string }
          differences?: OfficeComparison[]
        }
        const names = context.output.json ? NOBODY : await officeNames(client)
        const used = context.output.json ? undefined : (drafted ?? (await schemeOf(client, run.scheme)))
        context.output.result(json, () =>
          [
            office === undefined
              ? ratingsTable(rank ? [...offices].sort(byRank) : offices, names, rank === true)
              : ledgerText(offices[0]!, names, used),
            ...(differences ? [`与 ${against} 的差别：`, comparisonText(differences, names)] : []),
            runText(run),
            ...(run.id === undefined ? [] : [`已登记，运算编号 ${run.id}`]),
          ].join('\n'),
        )
      })
    })

  fileOptions(program.command('runs'))
    .description('已登记的评定运算：任何人可以照其时点与标准重算，得同样的摘要')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & FileOptions>()
      const context = contextOf(options)
      if (await toFile(context, '/api/v1/ratings/runs', {}, options)) return
      await withClient(context, 'read', async (client) => {
        const { json } = await client.request('GET', '/api/v1/ratings/runs')
        const { items } = json as { items: (RunAnswer['run'] & { id: string; recordedAt: string; offices: number })[] }
        context.output.result(json, () =>
          table(
            ['登记时间', '标准', '记录截至', '事实截至', '机构数', '摘要', '运算编号'],
            items.map((each) => [
              shownTime(each.recordedAt),
              each.scheme,
              each.asOf,
              each.effectiveAt,
              each.offices,
              `${each.digest.slice(0, 16)}…`,
              each.id,
            ]),
          ),
        )
      })
    })

  fileOptions(program.command('compare <left> <right>'))
    .description('比较两次评定：asOf=…,effectiveAt=…,scheme=…，已登记的运算编号，或 published（已公布的评定）')
    .option('--exit-code', '有差别时以 1 退出')
    .option('--workers <N>', '并行线程数', count)
    .action(async (left: string, right: string, _options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & FileOptions & { exitCode?: boolean; workers?: number }>()
      const query = { left, right, workers: options.workers }
      const context = contextOf(options)
      if (await toFile(context, '/api/v1/ratings/compare', query, options)) return
      await withClient(context, 'read', async (client) => {
        const { json } = await client.request('GET', '/api/v1/ratings/compare', { query })
        const { offices } = json as { offices: OfficeComparison[] }
        const names = context.output.json ? NOBODY : await officeNames(client)
        context.output.result(json, () => comparisonText(offices, names))
        if (options.exitCode && offices.length > 0) process.exitCode = exitCodes.refused
      })
    })

  fileOptions(program.command('affected'))
    .description('依据已变化的已公布评定：每条变化是哪条记录、什么原因')
    .option('--as-of <T>', '记录时间的界限')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & FileOptions & { asOf?: string }>()
      const context = contextOf(options)
      const query = { asOf: options.asOf }
      if (await toFile(context, '/api/v1/ratings/affected', query, options)) return
      await withClient(context, 'read', async (client) => {
        const { json } = await client.request('GET', '/api/v1/ratings/affected', { query })
        const { ratings } = json as { ratings: AffectedRating[] }
        const names = context.output.json ? NOBODY : await officeNames(client)
        context.output.result(json, () => affectedText(ratings, names))
      })
    })
}

type RateOptions = GlobalOptions &
  FileOptions & {
    office?: string
    division?: string
    scheme?: string
    asOf?: string
    effectiveAt?: string
    record?: boolean
    rank?: boolean
    draft?: string
    against?: string
    workers?: number
  }

const wrongUsage = () => new Refused(problemOf('wrong-usage'), exitCodes.usage)

/** The scheme of a run, for its names; who may not read schemes sees ids. */
async function schemeOf(client: Client, ref: string): Promise<Scheme | undefined> {
  try {
    return (await client.request('GET', `/api/v1/schemes/${encodeURIComponent(ref)}`)).json as Scheme
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}
