/** Reading what is neither a complaint nor a visit: one list, file and history route per category, at any moment on either axis. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { matterTable } from '../../commands/matter-tables.ts'
import { isMatterList, listTitles } from '../../domain/catalogue/lists.ts'
import { isEffectiveTime } from '../../domain/time.ts'
import { matterCategories } from '../../projections/matters/facts.ts'
import type { Service } from '../../service.ts'
import { formatQuery, listFiles, sendTable } from '../exporting.ts'
import { categoryPaths } from '../paths.ts'
import { etagOf } from '../preconditions.ts'
import { problemOfRefusal, problemSchema, sendProblem } from '../problem.ts'
import { streamOf } from './commands.ts'
import { boundsQuery, linkNext, orInvalidCursor, pageQuery, waitAtLeast, within } from './complaints.ts'

const time = z.string().refine(isEffectiveTime, { error: 'effective-time-invalid' })
const listQuery = boundsQuery.extend({ ...pageQuery.shape, ...formatQuery.shape }).extend({
  status: z
    .string()
    .max(200)
    .optional()
    .transform((text) => text?.split(','))
    .describe('状态，可用逗号分隔多个'),
  query: z.string().max(100).optional().describe('案号或其一部分'),
  kind: z.string().max(100).optional(),
  organisation: z.string().max(64).optional(),
  division: z.string().max(12).optional(),
  office: z.string().max(64).optional(),
  person: z.string().max(64).optional().describe('办理人'),
  importance: z.string().max(40).optional(),
  about: z.string().max(200).optional().describe('所涉案件：类别-编号，如 complaint-…'),
  receivedFrom: time.optional(),
  receivedTo: time.optional(),
})
const params = z.object({ id: z.string().min(1).max(200).describe('编号或案号') })

export function matterRoutes(app: FastifyInstance, service: Service): void {
  for (const { category, path, title } of categoryPaths) {
    if (!matterCategories.has(category) || !isMatterList(path)) continue
    const tags = [title]
    app.get(
      `/api/v1/${path}`,
      {
        config: { files: listFiles },
        schema: {
          tags,
          summary: `${title}清单`,
          operationId: `${category}.list`,
          querystring: listQuery,
          response: { default: problemSchema },
        },
      },
      async (request, reply) => {
        const { asOf, effectiveAt, atLeast, limit, cursor, format, organisation, division, ...asked } =
          request.query as z.infer<typeof listQuery>
        await waitAtLeast(service, atLeast)
        const filter = { ...asked, ...within(organisation, division) }
        const bounds = { asOf, effectiveAt }
        if (format !== 'json')
          return sendTable(
            reply,
            format,
            listTitles[path],
            service.now(),
            await matterTable(service, request.principal, path, category, filter, bounds),
          )
        const found = await orInvalidCursor(() =>
          service.reading.listMatters(
            request.principal,
            category,
            filter,
            { limit, ...(cursor === undefined ? {} : { cursor }) },
            bounds,
          ),
        )
        if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
        const { next, ...page } = found.value
        linkNext(request, reply, next)
        return page
      },
    )
    // A report is read with its figures counted again.
    if (category !== 'report')
      app.get(
        `/api/v1/${path}/:id`,
        {
          schema: {
            tags,
            summary: `${title}案卷：状态、时间线、期限、下一步`,
            operationId: `${category}.caseFile`,
            params,
            querystring: boundsQuery,
            response: { default: problemSchema },
          },
        },
        async (request, reply) => {
          const { asOf, effectiveAt, atLeast } = request.query as z.infer<typeof boundsQuery>
          await waitAtLeast(service, atLeast)
          const stream = streamOf(service, request, category, (request.params as { id: string }).id)
          const found = await service.reading.show(request.principal, stream, { asOf, effectiveAt })
          if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
          reply.header('etag', etagOf((found.value as { revision: number }).revision))
          return found.value
        },
      )
    app.get(
      `/api/v1/${path}/:id/history`,
      {
        schema: {
          tags,
          summary: `${title}的全部记录`,
          operationId: `${category}.history`,
          params,
          querystring: boundsQuery,
          response: { default: problemSchema },
        },
      },
      async (request, reply) => {
        const { asOf, effectiveAt, atLeast } = request.query as z.infer<typeof boundsQuery>
        await waitAtLeast(service, atLeast)
        const stream = streamOf(service, request, category, (request.params as { id: string }).id)
        const found = await service.reading.history(request.principal, stream, { asOf, effectiveAt })
        return found.ok ? found.value : sendProblem(reply, problemOfRefusal(found.refusal))
      },
    )
  }
}
