/** Reading visits: list, one visit with its steps, its history. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { visitTable } from '../../commands/lists.ts'
import { listTitles } from '../../domain/catalogue/lists.ts'
import { isEffectiveTime } from '../../domain/time.ts'
import { serviceItems, visitChannels } from '../../domain/visit.ts'
import type { Service } from '../../service.ts'
import { formatQuery, listFiles, sendTable } from '../exporting.ts'
import { etagOf } from '../preconditions.ts'
import { problemOfRefusal, problemSchema, sendProblem } from '../problem.ts'
import { streamOf } from './commands.ts'
import { boundsQuery, linkNext, orInvalidCursor, pageQuery, waitAtLeast, within } from './complaints.ts'

const time = z.string().refine(isEffectiveTime, '日期写作 2026-01-31，时刻写作 2026-01-31T09:00:00+08:00').optional()

const listQuery = boundsQuery.extend({ ...pageQuery.shape, ...formatQuery.shape }).extend({
  status: z.enum(['open', 'closed']).optional(),
  query: z.string().max(100).optional().describe('登记号或其一部分'),
  organisation: z.string().max(64).optional(),
  division: z.string().max(12).optional(),
  channel: z.enum(visitChannels).optional(),
  item: z.enum(serviceItems).optional(),
  person: z.string().max(64).optional().describe('首问、承办或小组人员'),
  receivedFrom: time,
  receivedTo: time,
})
const visitParams = z.object({ id: z.string().min(1).max(120).describe('编号或登记号') })

export function visitRoutes(app: FastifyInstance, service: Service): void {
  const tags = ['来访与咨询']

  app.get(
    '/api/v1/visits',
    {
      config: { files: listFiles },
      schema: {
        tags,
        summary: '来访清单',
        operationId: 'visits',
        querystring: listQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { asOf, effectiveAt, atLeast, limit, cursor, format, organisation, division, ...rest } =
        request.query as z.infer<typeof listQuery>
      await waitAtLeast(service, atLeast)
      const filter = { ...rest, ...within(organisation, division) }
      const bounds = { asOf, effectiveAt }
      if (format !== 'json')
        return sendTable(
          reply,
          format,
          listTitles.visits,
          service.now(),
          await visitTable(service, request.principal, filter, bounds),
        )
      const page = { limit, ...(cursor === undefined ? {} : { cursor }) }
      const found = await orInvalidCursor(() => service.reading.visits(request.principal, filter, page, bounds))
      if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
      const { next, ...value } = found.value
      linkNext(request, reply, next)
      return value
    },
  )

  app.get(
    '/api/v1/visits/:id',
    {
      schema: {
        tags,
        summary: '一件来访：状态、来访人（依权限）、经过、期限、下一步',
        operationId: 'visit',
        params: visitParams,
        querystring: boundsQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { asOf, effectiveAt, atLeast } = request.query as z.infer<typeof boundsQuery>
      await waitAtLeast(service, atLeast)
      const stream = streamOf(service, request, 'visit', (request.params as { id: string }).id)
      const found = await service.reading.show(request.principal, stream, { asOf, effectiveAt })
      if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
      reply.header('etag', etagOf((found.value as { revision: number }).revision))
      return found.value
    },
  )

  app.get(
    '/api/v1/visits/:id/history',
    {
      schema: {
        tags,
        summary: '一件来访的全部记录',
        operationId: 'visitHistory',
        params: visitParams,
        querystring: boundsQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { asOf, effectiveAt, atLeast } = request.query as z.infer<typeof boundsQuery>
      await waitAtLeast(service, atLeast)
      const stream = streamOf(service, request, 'visit', (request.params as { id: string }).id)
      const found = await service.reading.history(request.principal, stream, { asOf, effectiveAt })
      return found.ok ? found.value : sendProblem(reply, problemOfRefusal(found.refusal))
    },
  )
}
