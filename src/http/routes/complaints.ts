/** Reading complaints: list, case file, history, each at any moment on either axis. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { complaintTable } from '../../commands/lists.ts'
import { listTitles } from '../../domain/catalogue/lists.ts'
import { channels, outcomes, violationKinds } from '../../domain/complaint/fields.ts'
import { complaintStatuses } from '../../domain/complaint/state.ts'
import { isEffectiveTime } from '../../domain/time.ts'
import { CursorInvalid } from '../../projections/queries/index.ts'
import type { Service } from '../../service.ts'
import { formatQuery, listFiles, sendTable } from '../exporting.ts'
import { etagOf } from '../preconditions.ts'
import { fail, problemOfRefusal, problemSchema, sendProblem } from '../problem.ts'
import { streamOf } from './commands.ts'

const time = z.string().refine(isEffectiveTime, { error: 'effective-time-invalid' })

export const boundsQuery = z.strictObject({
  asOf: z.string().max(40).optional().describe('记录时间的界限：序号、日期或时刻；缺省为最新'),
  effectiveAt: z.string().max(40).optional().describe('发生时间的界限：日期或时刻；缺省为现在'),
  atLeast: z.string().max(80).optional().describe('等到读模型包含这个 X-Position'),
})
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(500).optional(),
})
const flag = z.enum(['true', 'false']).transform((text) => text === 'true')

const listQuery = boundsQuery.extend({ ...pageQuery.shape, ...formatQuery.shape }).extend({
  status: z
    .string()
    .optional()
    .transform((text) => text?.split(','))
    .pipe(z.array(z.enum(complaintStatuses)).optional())
    .describe('状态，可用逗号分隔多个'),
  query: z.string().max(100).optional().describe('案号或其一部分、机构名称，或您可以查阅的文字（全文检索，仅限当前）'),
  organisation: z.string().max(64).optional(),
  division: z.string().max(12).optional(),
  office: z.string().max(64).optional(),
  worker: z.string().max(64).optional(),
  investigator: z.string().max(64).optional(),
  channel: z.enum(channels).optional(),
  kind: z.enum(violationKinds).optional(),
  outcome: z.enum(outcomes).optional(),
  anonymous: flag.optional(),
  imported: flag.optional(),
  receivedFrom: time.optional(),
  receivedTo: time.optional(),
})

const caseParams = z.object({ id: z.string().min(1).max(120).describe('编号或案号') })
const caseQuery = boundsQuery

/** The filter of a list by an organisation, or by a division with what lies below it. */
export const within = (organisation: string | undefined, division: string | undefined) => ({
  ...(organisation === undefined ? {} : { organisations: [organisation] }),
  ...(division === undefined ? {} : { divisions: [division] }),
})

/** How long a reader waits for the read models to hold what he wrote; milliseconds. */
const AT_LEAST_WAIT_MS = 5_000

/** Waits for `atLeast`. @throws ProblemError `behind`, `invalid-request` */
export async function waitAtLeast(service: Service, position: string | undefined): Promise<void> {
  if (position === undefined) return
  if (!service.store.isPosition(position))
    fail('invalid-request', { errors: [{ pointer: '#query/atLeast', detail: '不是本服务给出的 X-Position' }] })
  if (!(await service.reached(position, AT_LEAST_WAIT_MS))) fail('behind')
}

/** `Link: <…>; rel="next"` with the same question and the next cursor. */
export function linkNext(request: FastifyRequest, reply: FastifyReply, next: string | undefined): void {
  if (next === undefined) return
  const [path, query = ''] = request.url.split('?')
  const parameters = new URLSearchParams(query)
  parameters.set('cursor', next)
  reply.header('link', `<${path}?${parameters}>; rel="next"`)
}

export function complaintRoutes(app: FastifyInstance, service: Service): void {
  const tags = ['投诉']

  app.get(
    '/api/v1/complaints',
    {
      config: { files: listFiles },
      schema: {
        tags,
        summary: '投诉清单',
        operationId: 'complaints',
        querystring: listQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { asOf, effectiveAt, atLeast, limit, cursor, format, organisation, division, ...filter } =
        request.query as z.infer<typeof listQuery>
      await waitAtLeast(service, atLeast)
      const narrowed = { ...filter, ...within(organisation, division) }
      if (format !== 'json') {
        const table = await complaintTable(service, request.principal, narrowed, { asOf, effectiveAt })
        return sendTable(reply, format, listTitles.complaints, service.now(), table)
      }
      const found = await orInvalidCursor(() =>
        service.reading.list(
          request.principal,
          narrowed,
          { limit, ...(cursor === undefined ? {} : { cursor }) },
          { asOf, effectiveAt },
        ),
      )
      if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
      const { next, ...page } = found.value
      linkNext(request, reply, next)
      return page
    },
  )

  app.get(
    '/api/v1/complaints/:id',
    {
      schema: {
        tags,
        summary: '案卷：状态、当事人、时间线、期限、下一步',
        operationId: 'complaint',
        params: caseParams,
        querystring: caseQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { asOf, effectiveAt, atLeast } = request.query as z.infer<typeof caseQuery>
      await waitAtLeast(service, atLeast)
      const stream = streamOf(service, request, 'complaint', (request.params as { id: string }).id)
      const found = await service.reading.show(request.principal, stream, { asOf, effectiveAt })
      if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
      reply.header('etag', etagOf((found.value as { revision: number }).revision))
      return found.value
    },
  )

  app.get(
    '/api/v1/complaints/:id/history',
    {
      schema: {
        tags,
        summary: '案卷的全部记录：谁、何时记录、何时发生、变了什么、依据',
        operationId: 'complaintHistory',
        params: caseParams,
        querystring: caseQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { asOf, effectiveAt, atLeast } = request.query as z.infer<typeof caseQuery>
      await waitAtLeast(service, atLeast)
      const stream = streamOf(service, request, 'complaint', (request.params as { id: string }).id)
      const found = await service.reading.history(request.principal, stream, { asOf, effectiveAt })
      return found.ok ? found.value : sendProblem(reply, problemOfRefusal(found.refusal))
    },
  )
}

/** A cursor that is none of ours is the client's error. */
export async function orInvalidCursor<T>(run: () => Promise<T> | T): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof CursorInvalid) return fail('cursor-invalid')
    throw error
  }
}
