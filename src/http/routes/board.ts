/** The supervision board: what is due, by time left, for whoever may see it; live or at any moment. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { BoardFilter } from '../../projections/board/query.ts'
import type { Service } from '../../service.ts'
import { problemOfRefusal, problemSchema, sendProblem } from '../problem.ts'
import { boundsQuery, linkNext, orInvalidCursor, pageQuery, waitAtLeast } from './complaints.ts'

const text = z.string().max(100).optional()
/** What a board is narrowed by, as it is asked for. */
export const boardFilterFields = {
  unit: text.describe('责任单位'),
  person: text.describe('责任人'),
  office: text.describe('所涉机构'),
  category: text,
  kind: text.describe('期限种类'),
  importance: text,
  light: z.enum(['red', 'yellow', 'green', 'grey']).optional(),
  state: z
    .enum(['open', 'dueSoon', 'overdue', 'paused', 'noDeadline', 'closedOnTime', 'closedLate', 'closedNoDeadline'])
    .optional(),
}
const boardQuery = boundsQuery.extend(pageQuery.shape).extend(boardFilterFields)

/** The filter as the board takes it. */
export const filterOf = ({
  unit,
  ...filter
}: Omit<BoardFilter, 'organisations'> & { readonly unit?: string | undefined }): BoardFilter => ({
  ...filter,
  ...(unit === undefined ? {} : { organisations: [unit] }),
})

export function boardRoutes(app: FastifyInstance, service: Service): void {
  app.get(
    '/api/v1/board',
    {
      schema: {
        tags: ['督办'],
        summary: '督办看板：一切有期限的事项，按剩余时间排列',
        description: '红灯：超期；黄灯：临近；绿灯：正常；灰灯：中止或已结。灯色随时计算，从不存储。',
        operationId: 'board',
        querystring: boardQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { asOf, effectiveAt, atLeast, limit, cursor, ...filter } = request.query as z.infer<typeof boardQuery>
      await waitAtLeast(service, atLeast)
      const found = await orInvalidCursor(() =>
        service.board.board(
          request.principal,
          filterOf(filter),
          { limit, actions: true, ...(cursor === undefined ? {} : { cursor }) },
          { asOf, effectiveAt },
        ),
      )
      if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
      const { next, ...page } = found.value
      linkNext(request, reply, next)
      return page
    },
  )
}
