/** The live board: changes by server-sent events, and a calendar feed per person and unit. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { fastifySSE as sse } from '@fastify/sse'
import type { FastifyInstance } from 'fastify'
import ical, { ICalCalendarMethod } from 'ical-generator'
import { z } from 'zod'
import { boardTexts, clockStateTerms } from '../../domain/catalogue/calendar.ts'
import { clockTitle } from '../../domain/catalogue/index.ts'
import { term } from '../../domain/catalogue/terms.ts'
import { dateOf } from '../../domain/time.ts'
import type { Service } from '../../service.ts'
import { principalOf } from '../authentication.ts'
import { fail, problemSchema } from '../problem.ts'

/** Changes are gathered this long before they are sent; milliseconds. */
const GATHER_MS = 300
/** How often a stream says that it lives; milliseconds. */
const HEARTBEAT_MS = 20_000
/** How often it is looked whether time alone changed a light; milliseconds. */
const LIGHTS_MS = 60_000
/** Most entries of a calendar feed. */
const FEED_LIMIT = 1_000

export async function boardLiveRoutes(app: FastifyInstance, service: Service): Promise<void> {
  await app.register(sse, { heartbeatInterval: HEARTBEAT_MS })
  /** How to end each stream that is open. */
  const streams = new Set<() => void>()
  app.addHook('preClose', async () => {
    for (const end of [...streams]) end()
  })

  app.get(
    '/api/v1/board/events',
    {
      sse: 'only',
      schema: {
        tags: ['督办'],
        summary: '看板变化（SSE）：本人可见的事项有变化时发送各数；收到后重新读取看板',
        description:
          '每次连接先发送当前各数，断线重连因此不漏。事件号为序号。灯色随时间变化而无人办理时，最迟一分钟内发送。令牌失效后流即结束。',
        operationId: 'boardEvents',
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const first = await service.board.watched(request.principal)
      if (!first) return fail('forbidden')
      reply.sse.keepAlive()
      let sent = ''
      let gathering: NodeJS.Timeout | undefined
      const send = async (seen = first) => {
        const { asOf, counts, onTimeRate } = seen
        sent = JSON.stringify([seen.change, counts])
        await reply.sse.send({ id: String(asOf), event: 'board', data: { asOf, counts, onTimeRate } })
      }
      const look = async () => {
        gathering = undefined
        // Rights are those of now: who lost his token or his place hears no more.
        const principal = principalOf(request, service.authenticate, service.local ? service.operator : undefined)
        const seen = principal && (await service.board.watched(principal))
        if (!seen) return end()
        if (JSON.stringify([seen.change, seen.counts]) !== sent) await send(seen)
      }
      const soon = () => {
        gathering ??= setTimeout(() => void look().catch(() => end()), GATHER_MS)
      }
      const stop = service.board.onChange(soon)
      // Lights change with time alone.
      const lights = setInterval(soon, LIGHTS_MS)
      const end = () => {
        streams.delete(end)
        stop()
        clearInterval(lights)
        clearTimeout(gathering)
        reply.sse.close()
      }
      streams.add(end)
      reply.sse.onClose(end)
      await send()
      return undefined
    },
  )

  /** The feed's secret: made from person and unit under a key of the vault, so that nothing has to be stored and one can be checked. */
  const secretOf = (person: string, unit: string): string =>
    createHmac('sha256', service.vault.mac('calendar-feed', 'key'))
      .update(JSON.stringify([person, unit]))
      .digest('base64url')

  app.get(
    '/api/v1/board/feed',
    {
      schema: {
        tags: ['督办'],
        summary: '取得日历订阅地址（iCalendar）：本人的，或一个单位的',
        operationId: 'boardFeedAddress',
        querystring: z.object({ unit: z.string().max(64).optional() }),
        response: { default: problemSchema },
      },
    },
    async (request) => {
      const { unit = '' } = request.query as { unit?: string }
      const { person } = request.principal
      return {
        path: `/feeds/${person}/${secretOf(person, unit)}.ics${unit === '' ? '' : `?unit=${encodeURIComponent(unit)}`}`,
      }
    },
  )

  app.get(
    '/feeds/:person/:secret',
    {
      config: { public: true },
      schema: {
        tags: ['督办'],
        summary: '日历订阅：只有期限、种类和案号，没有人名',
        operationId: 'boardFeed',
        params: z.object({ person: z.string().max(64), secret: z.string().max(80) }),
        querystring: z.object({ unit: z.string().max(64).optional() }),
      },
    },
    async (request, reply) => {
      const { person, secret } = request.params as { person: string; secret: string }
      const { unit = '' } = request.query as { unit?: string }
      const expected = Buffer.from(`${secretOf(person, unit)}.ics`)
      const given = Buffer.from(secret)
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return fail('not-found')
      // The feed sees what its person sees today; who was disabled sees nothing.
      const principal = service.people.principal(person)
      if (!principal) return fail('not-found')
      const filter = unit === '' ? { person } : { organisations: [unit] }
      const found = await service.board.board(principal, filter, { limit: FEED_LIMIT }, {})
      if (!found.ok) return fail('not-found')
      const calendar = ical({
        name: boardTexts.feedName,
        method: ICalCalendarMethod.PUBLISH,
        timezone: 'Asia/Shanghai',
      })
      for (const item of found.value.items) {
        if (item.due === undefined) continue
        const day = dateOf(item.due)
        calendar.createEvent({
          id: `${item.case}/${item.clock}@duban`,
          start: day,
          allDay: true,
          summary: `${clockTitle(item.kind)} ${item.number ?? item.case}`,
          description: `${term(clockStateTerms, item.state)} ${item.rule}`,
        })
      }
      return reply.type('text/calendar; charset=utf-8').send(calendar.toString())
    },
  )
}
