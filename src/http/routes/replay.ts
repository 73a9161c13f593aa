/** Replay over HTTP: the history of any stream, two moments compared, two boards compared, an audit's sample. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { createReplay } from '../../commands/replay.ts'
import { eventTitle } from '../../domain/catalogue/index.ts'
import type { Service } from '../../service.ts'
import { categoryPaths } from '../paths.ts'
import { fail, problemOfRefusal, problemSchema, sendProblem } from '../problem.ts'
import { streamOf } from './commands.ts'

const text = z.string().max(100).optional()
const moment = z.string().max(120).default('now').describe('asOf=…,effectiveAt=…；now 为现在')
const params = z.object({ category: z.string().max(40), id: z.string().min(1).max(120) })
const historyQuery = z.object({ asOf: text, effectiveAt: text })
const compareQuery = z.object({ left: moment, right: moment })
const sampleQuery = z.object({
  seed: z.string().min(1).max(100).describe('种子：同一种子抽得同样的案件'),
  n: z.coerce.number().int().min(1).max(1_000).default(20),
  category: z.string().max(40).default('complaint'),
  asOf: text.describe('只从此前的记录中抽取'),
})

/** Categories by name or by the segment of their addresses. */
const categoryNamed = (name: string): string =>
  categoryPaths.find(({ category, path }) => category === name || path === name)?.category ?? fail('not-found')

export function replayRoutes(app: FastifyInstance, service: Service): void {
  const tags = ['审计']
  const replay = createReplay(service)

  app.get(
    '/api/v1/history/:category/:id',
    {
      schema: {
        tags,
        summary: '任一案卷的全部状态：每一步之后变了什么，补录的有标记',
        operationId: 'history',
        params,
        querystring: historyQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { category, id } = request.params as z.infer<typeof params>
      const bounds = request.query as z.infer<typeof historyQuery>
      const stream = streamOf(service, request, categoryNamed(category), id)
      const found = await service.reading.history(request.principal, stream, bounds)
      if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
      return { ...found.value, category: categoryNamed(category) }
    },
  )
  app.get(
    '/api/v1/history/:category/:id/compare',
    {
      schema: {
        tags,
        summary: '同一案卷在两个时点的差别',
        operationId: 'compareMoments',
        params,
        querystring: compareQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { category, id } = request.params as z.infer<typeof params>
      const { left, right } = request.query as z.infer<typeof compareQuery>
      const stream = streamOf(service, request, categoryNamed(category), id)
      const found = await replay.compareCase(request.principal, stream, left, right)
      if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
      const titled = (entries: readonly unknown[]) =>
        (entries as { type: string }[]).map((entry) => ({ ...entry, title: eventTitle(entry.type) }))
      return { ...found.value, added: titled(found.value.added), removed: titled(found.value.removed) }
    },
  )
  app.get(
    '/api/v1/board/compare',
    {
      schema: {
        tags,
        summary: '督办看板在两个时点的差别',
        operationId: 'compareBoards',
        querystring: z.object({ left: moment, right: moment }),
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { left, right } = request.query as { left: string; right: string }
      const found = await replay.compareBoards(request.principal, left, right)
      return found.ok ? found.value : sendProblem(reply, problemOfRefusal(found.refusal))
    },
  )
  app.get(
    '/api/v1/audit/sample',
    {
      schema: {
        tags,
        summary: '抽样审计：同一种子、同一时点抽得同样的案件',
        operationId: 'auditSample',
        querystring: sampleQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { category, ...asked } = request.query as z.infer<typeof sampleQuery>
      const found = replay.sample(request.principal, { ...asked, category: categoryNamed(category) })
      return found.ok ? found.value : sendProblem(reply, problemOfRefusal(found.refusal))
    },
  )
}
