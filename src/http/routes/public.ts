/** What needs no person: whether the service lives, and what an error code means. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { errors } from '../../domain/catalogue/errors.ts'
import type { Service } from '../../service.ts'
import { escapeHtml } from '../page.ts'
import { fail, isErrorCode, problemSchema } from '../problem.ts'

export function publicRoutes(app: FastifyInstance, service: Service): void {
  app.get(
    '/livez',
    { config: { public: true }, schema: { tags: ['运行'], summary: '进程是否存活', operationId: 'livez' } },
    async () => ({ ok: true }),
  )
  app.get(
    '/readyz',
    { config: { public: true }, schema: { tags: ['运行'], summary: '能否办理业务', operationId: 'readyz' } },
    async (_request, reply) => {
      const ready = await service.ready()
      return reply.code(ready.ok ? 200 : 503).send(ready)
    },
  )
  app.get(
    '/errors/:code',
    {
      config: { public: true },
      schema: {
        tags: ['说明'],
        summary: '错误代码的说明',
        operationId: 'explainError',
        params: z.object({ code: z.string().max(80) }),
        response: { 404: problemSchema },
      },
    },
    async (request, reply) => {
      const { code } = request.params as { code: string }
      if (!isErrorCode(code)) return fail('not-found')
      const row = errors[code]
      if (request.headers.accept?.includes('application/json')) return { code, ...row }
      const [title, help] = [escapeHtml(row.title), escapeHtml(row.help)]
      return reply
        .type('text/html; charset=utf-8')
        .send(
          `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>${title}</title><main><h1>${title}</h1><p>${help}</p><p>代码 <code>${code}</code>，状态 ${row.status}</p></main></html>`,
        )
    },
  )
}
