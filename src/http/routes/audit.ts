/** The global audit trail: who, when recorded, when effective, what, by which rule. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { auditTable } from '../../commands/lists.ts'
import { eventTitle } from '../../domain/catalogue/index.ts'
import { listTitles } from '../../domain/catalogue/lists.ts'
import { isEffectiveTime } from '../../domain/time.ts'
import type { Service } from '../../service.ts'
import { formatQuery, listFiles, sendTable } from '../exporting.ts'
import { problemOfRefusal, problemSchema, sendProblem } from '../problem.ts'
import { linkNext, orInvalidCursor, pageQuery, waitAtLeast } from './complaints.ts'

const time = z.string().refine(isEffectiveTime, { error: 'effective-time-invalid' }).optional()
const auditQuery = pageQuery.extend(formatQuery.shape).extend({
  atLeast: z.string().max(80).optional(),
  organisation: z.string().max(64).optional(),
  division: z.string().max(12).optional(),
  actor: z.string().max(100).optional().describe('人员编号、reactor:名称 或 operator'),
  type: z.string().max(100).optional(),
  category: z.string().max(40).optional(),
  recordedFrom: time,
  recordedTo: time,
  effectiveFrom: time,
  effectiveTo: time,
})

export function auditRoutes(app: FastifyInstance, service: Service): void {
  app.get(
    '/api/v1/audit',
    {
      config: { files: listFiles },
      schema: {
        tags: ['审计'],
        summary: '全部记录的审计线索',
        operationId: 'audit',
        querystring: auditQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { limit, cursor, format, atLeast, organisation, division, type, category, ...filter } =
        request.query as z.infer<typeof auditQuery>
      await waitAtLeast(service, atLeast)
      const narrowed = {
        ...filter,
        ...(organisation === undefined ? {} : { organisations: [organisation] }),
        ...(division === undefined ? {} : { divisions: [division] }),
        ...(type === undefined ? {} : { types: [type] }),
        ...(category === undefined ? {} : { categories: [category] }),
      }
      if (format !== 'json')
        return sendTable(
          reply,
          format,
          listTitles.audit,
          service.now(),
          await auditTable(service, request.principal, narrowed),
        )
      const found = await orInvalidCursor(() =>
        service.reading.audit(request.principal, narrowed, { limit, ...(cursor === undefined ? {} : { cursor }) }),
      )
      if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
      const { total, items, next } = found.value
      linkNext(request, reply, next)
      return { total, items: items.map((item) => ({ ...item, title: eventTitle(item.type) })) }
    },
  )
}
