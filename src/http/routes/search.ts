/** Full-text search, and repeats at reception. What is asked for stands in no log: the request log holds routes only. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Service } from '../../service.ts'
import { problemOfRefusal, problemSchema, sendProblem } from '../problem.ts'
import { linkNext, orInvalidCursor, pageQuery, waitAtLeast } from './complaints.ts'

const searchQuery = pageQuery.extend({
  q: z.string().max(200).describe('要找的文字：空格分开的词都须出现；引号内的文字须连在一起；前加减号则排除'),
  category: z.string().max(40).optional().describe('案件类别'),
  atLeast: z.string().max(80).optional().describe('等到读模型包含这个 X-Position'),
})

const text = (max: number) => z.string().trim().min(1).max(max).optional()
const arrival = z.strictObject({
  complainant: z.strictObject({ name: text(100), phone: text(40), identityNumber: text(40) }).optional(),
  respondentOffice: text(64),
  matter: text(8000),
})

export function searchRoutes(app: FastifyInstance, service: Service): void {
  app.get(
    '/api/v1/search',
    {
      schema: {
        tags: ['检索'],
        summary: '全文检索：您可以查阅的案件中的文字、案号与机构名称',
        description: '一个字即可检索。匹配处以 marks 标出。当事人的信息只供可以查阅身份者检索。',
        operationId: 'search',
        querystring: searchQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { q, category, atLeast, limit, cursor } = request.query as z.infer<typeof searchQuery>
      await waitAtLeast(service, atLeast)
      const asked = {
        text: q,
        ...(category === undefined ? {} : { category }),
      }
      const page = { limit, ...(cursor === undefined ? {} : { cursor }) }
      const found = await orInvalidCursor(() => service.search.search(request.principal, asked, page))
      if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
      const { next, ...shown } = found.value
      linkNext(request, reply, next)
      return shown
    },
  )

  app.post(
    '/api/v1/complaints/repeats',
    {
      schema: {
        tags: ['检索'],
        summary: '接待时查重：同一人或类似事项的以往投诉，供人确认',
        description: '不记录任何事项。确认同一人：登记时填写 complainant.subject；确认重复：办理“重复投诉”。',
        operationId: 'findRepeats',
        body: arrival,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { complainant, respondentOffice, matter } = request.body as z.infer<typeof arrival>
      const found = await service.repeats.find(request.principal, {
        ...(complainant === undefined ? {} : { complainant: present(complainant) }),
        ...(respondentOffice === undefined ? {} : { respondentOffice }),
        ...(matter === undefined ? {} : { matter }),
      })
      return found.ok ? found.value : sendProblem(reply, problemOfRefusal(found.refusal))
    },
  )
}

/** Without the fields that are not there. */
const present = <T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>
  }
