/** Deadlines and calendars on the terminal: computed with the shipped notices, or a directory's. */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { computeDeadline } from '../../domain/calendar/compute.ts'
import { shippedCalendars } from '../../domain/calendar/shipped.ts'
import type { CalendarSource } from '../../domain/calendar/source.ts'
import { showYear } from '../../domain/calendar/year.ts'
import { dayKindTerms } from '../../domain/catalogue/calendar.ts'
import { clockTitle } from '../../domain/catalogue/index.ts'
import { term } from '../../domain/catalogue/terms.ts'
import { problemOf, problemOfRefusal } from '../../http/problem.ts'
import { allPages } from '../client.ts'
import { type CommandContext, contextOf, type GlobalOptions, hasEvents, withClient, withService } from '../context.ts'
import { exitCodes, Refused } from '../exit.ts'
import { table } from '../output.ts'

/** The calendars of the data directory where one is named and there is one, else those shipped. */
async function calendars(context: CommandContext): Promise<CalendarSource> {
  const named = context.options.data !== undefined || process.env.DUBAN_DATA !== undefined
  if (!named || !hasEvents(context.config.data)) return shippedCalendars
  return withService(context, 'read', async (service) => service.book.rules().calendars)
}

const collect = (value: string, before: string[]): string[] => [...before, value]

export function deadlineCommands(program: Command): void {
  program
    .command('deadline')
    .description('计算一个期限，逐日说明')
    .requiredOption('--from <日期或时刻>', '起算日（不计入）')
    .requiredOption('--limit <期限>', '5wd 工作日、15d 日、2mo 月、1y 年、24h 小时；负数为倒算')
    .option('--roll', '末日顺延至工作日')
    .option('--no-roll', '末日不顺延')
    .option('--pause <起/止>', '中止期间 [起, 止)，可多次', collect, [])
    .option('--calendar-as-of <日期>', '只用这一天以前公布的放假通知')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<
        GlobalOptions & { from: string; limit: string; roll?: boolean; pause: string[]; calendarAsOf?: string }
      >()
      const context = contextOf(options)
      const source = await calendars(context)
      const rollSaid = command.getOptionValueSource('roll') === 'cli'
      const computed = computeDeadline(
        {
          from: options.from,
          limit: options.limit,
          ...(rollSaid && options.roll !== undefined ? { roll: options.roll } : {}),
          pauses: options.pause,
          ...(options.calendarAsOf === undefined ? {} : { calendarAsOf: options.calendarAsOf }),
        },
        source,
      )
      if (!computed.ok) throw new Refused(problemOfRefusal(computed.refusal), exitCodes.usage)
      const { value } = computed
      context.output.result(value, () =>
        [
          table(
            ['日期', '计入', '理由'],
            value.receipt.map((line) => [line.date, line.counted ? '是' : '', line.reason]),
          ),
          `到期：${value.due}${value.provisional ? '（暂定：所及年份的放假通知尚未公布）' : ''}`,
        ].join('\n'),
      )
    })

  const calendar = program.command('calendar').description('放假通知')
  calendar
    .command('show <year>')
    .description('一年的放假安排及其所据通知')
    .option('--calendar-as-of <日期>', '只用这一天以前公布的通知')
    .action(async (year: string, _options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { calendarAsOf?: string }>()
      const context = contextOf(options)
      if (!/^\d{4}$/.test(year)) throw new Refused(problemOf('wrong-usage'))
      const shown = showYear(await calendars(context), Number(year), options.calendarAsOf)
      if (!shown.ok) throw new Refused(problemOfRefusal(shown.refusal))
      const { notice, days, workdays } = shown.value
      context.output.result(shown.value, () =>
        [
          `${year}年：${notice.number}（${notice.publishedOn}公布），工作日 ${workdays} 天`,
          table(
            ['日期', '类别', '名称'],
            days.map((day) => [day.date, term(dayKindTerms, day.kind), day.name]),
          ),
        ].join('\n'),
      )
    })
  calendar
    .command('publish <file>')
    .description('公布一年的放假安排（JSON 文件）；再次公布即为调整')
    .action(async (file: string, _options, command: Command) => {
      const context = contextOf(command.optsWithGlobals<GlobalOptions>())
      let body: unknown
      try {
        body = JSON.parse(readFileSync(file, 'utf8'))
      } catch {
        throw new Refused(problemOf('input-unreadable'))
      }
      await withClient(context, 'write', async (client) => {
        // The board stands by the rules of before when the new ones come.
        await client.request('GET', '/api/v1/calendars/moves', { query: { limit: 1 } })
        const answer = await client.request('POST', '/api/v1/calendars', { body })
        const { year, publishedOn } = body as { year: number; publishedOn: string }
        const moved = await allPages<MovedDeadline>(
          client,
          '/api/v1/calendars/moves',
          {
            notice: `cn-${year}@${publishedOn}`,
          },
          undefined,
        )
        const result = { ...(answer.json as object), moved: moved.total, moves: moved.items }
        context.output.result(result, () =>
          [
            `${year}年放假安排已公布，移动期限 ${moved.total} 项`,
            table(
              ['案件', '期限', '原到期', '新到期'],
              moved.items.map((move) => [move.case, clockTitle(move.kind), move.from ?? '', move.to ?? '']),
            ),
          ].join('\n'),
        )
      })
    })
}

interface MovedDeadline {
  readonly case: string
  readonly kind: string
  readonly from: string | null
  readonly to: string | null
}
