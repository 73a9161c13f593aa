/** The board in bulk: chase or supervise many items with a preview, write them to a file, and see which deadlines a calendar moved. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { BULK_LIMIT, runBulk } from '../../commands/bulk.ts'
import { boardTable, movesTable } from '../../commands/matter-tables.ts'
import { decideAccess } from '../../domain/access.ts'
import { listTitles } from '../../domain/catalogue/lists.ts'
import { openFields } from '../../domain/supervision/events.ts'
import { supervisionEvents } from '../../domain/supervision/index.ts'
import type { Service } from '../../service.ts'
import { formatQuery, listFiles, sendTable } from '../exporting.ts'
import { commandId, requestMac } from '../preconditions.ts'
import { fail, problemOfRefusal, problemSchema, sendProblem } from '../problem.ts'
import { boardFilterFields, filterOf } from './board.ts'
import { boundsQuery, orInvalidCursor, pageQuery, waitAtLeast } from './complaints.ts'

const item = z.strictObject({
  category: z.string().max(30),
  case: z.string().min(1).max(200),
  clock: z.string().max(200).default(''),
})
const common = {
  items: z.array(item).min(1).max(BULK_LIMIT).optional().describe('所选事项；与 filter 二选一'),
  filter: z.strictObject(boardFilterFields).optional().describe('符合条件的全部事项'),
  preview: z.boolean().default(false).describe('只预览，不办理'),
}
const { source: _source, about: _about, ...openCommon } = openFields
const bulkBody = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('chase'),
    ...common,
    body: supervisionEvents.SupervisionActionTaken.data.omit({ task: true }),
  }),
  z.strictObject({
    action: z.literal('open-supervision'),
    ...common,
    body: z.strictObject({ ...openCommon, importance: openFields.importance.default('normal') }),
  }),
])

export function boardBulkRoutes(app: FastifyInstance, service: Service): void {
  const tags = ['督办']
  app.post(
    '/api/v1/board/bulk',
    {
      schema: {
        tags,
        summary: '批量催办或批量督办立项，可先预览',
        description: `每项各自办理，一项被拒不影响其他项；最多 ${BULK_LIMIT} 项。preview 为 true 时只回答将会怎样。`,
        operationId: 'board.bulk',
        headers: z.object({ 'idempotency-key': z.string().optional() }),
        body: bulkBody,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { action, items, filter, preview, body } = request.body as z.infer<typeof bulkBody>
      if ((items === undefined) === (filter === undefined))
        return fail('invalid-request', { errors: [{ pointer: '/items', detail: 'items 与 filter 二选一' }] })
      const done = await runBulk(
        {
          board: service.board,
          execute: service.execute,
          finish: service.finish,
          itemsAbout: service.itemsAbout,
        },
        {
          action,
          ...(items ? { items } : { filter: filterOf(filter!) }),
          body,
          preview,
          commandId: commandId(request),
          requestMac: requestMac(service, request),
          correlationId: request.id,
          principal: request.principal,
        },
      )
      if (!done.ok) return sendProblem(reply, problemOfRefusal(done.refusal))
      const results = done.outcomes.map((outcome) =>
        outcome.ok ? outcome : { ...outcome, refusal: problemOfRefusal(outcome.refusal) },
      )
      const allowed = results.filter(({ ok }) => ok).length
      return { action, preview, total: results.length, allowed, refused: results.length - allowed, results }
    },
  )

  const exportQuery = boundsQuery.extend(boardFilterFields).extend({ format: z.enum(['csv', 'xlsx']).default('csv') })
  app.get(
    '/api/v1/board/export',
    {
      config: { files: { types: listFiles.types } },
      schema: {
        tags,
        summary: '导出看板（CSV 或 XLSX）；先以 /api/v1/board 同样条件预览',
        operationId: 'board.export',
        querystring: exportQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { principal } = request
      const mayExport = principal.operator
        ? true
        : principal.grants.some(
            ({ organisation }) =>
              decideAccess(principal, { permission: 'export.run', resource: service.holderOf(organisation) }).allow,
          )
      if (!mayExport) return fail('forbidden')
      const { format, asOf, effectiveAt, atLeast, ...filter } = request.query as z.infer<typeof exportQuery>
      await waitAtLeast(service, atLeast)
      const table = await boardTable(service, principal, filterOf(filter), { asOf, effectiveAt })
      return sendTable(reply, format, listTitles.board, service.now(), table)
    },
  )

  const movesQuery = pageQuery
    .extend(formatQuery.shape)
    .extend({ notice: z.string().max(200).optional().describe('只列此通知引起的') })
  app.get(
    '/api/v1/calendars/moves',
    {
      config: { files: listFiles },
      schema: {
        tags: ['放假安排'],
        summary: '放假安排公布或修改后移动了的期限：原期限、新期限、因何通知',
        description: '已经终止或办结的期限不随新的安排移动。',
        operationId: 'calendar.moves',
        querystring: movesQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { limit, cursor, format, notice } = request.query as z.infer<typeof movesQuery>
      // Also what waits to be derived again under new rules.
      service.board.wake()
      await service.board.caughtUp()
      if (format !== 'json')
        return sendTable(
          reply,
          format,
          listTitles.moves,
          service.now(),
          await movesTable(service, request.principal, notice),
        )
      return orInvalidCursor(() =>
        service.board.moves(request.principal, { limit, ...(cursor === undefined ? {} : { cursor }) }, notice),
      )
    },
  )
}
