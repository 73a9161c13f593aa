/** For who keeps the service running: read models and their lag, rebuild, verification. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { verify } from '../../commands/verify.ts'
import { decideAccess } from '../../domain/access.ts'
import type { Service } from '../../service.ts'
import { fail, problemSchema } from '../problem.ts'

export function operationsRoutes(app: FastifyInstance, service: Service): void {
  const tags = ['运行']
  const demand = (principal: Parameters<typeof decideAccess>[0], permission: string): void => {
    const resource = service.holderOf(principal.grants[0]?.organisation ?? '')
    if (!decideAccess(principal, { permission, resource }).allow) fail('forbidden')
  }

  app.get(
    '/api/v1/projections',
    { schema: { tags, summary: '读模型及其落后', operationId: 'projections' } },
    async (request) => {
      demand(request.principal, 'projections.read')
      return { projections: service.projections.status() }
    },
  )
  app.post(
    '/api/v1/projections/rebuild',
    {
      schema: {
        tags,
        summary: '在旁边重建读模型，比对后切换',
        operationId: 'rebuildProjections',
        body: z.strictObject({ name: z.string().max(100).optional() }),
        response: { default: problemSchema },
      },
    },
    async (request) => {
      demand(request.principal, 'projections.rebuild')
      const { name } = request.body as { name?: string }
      if (name !== undefined && !service.projections.status().some((each) => each.name === name)) fail('not-found')
      return { projections: await service.projections.rebuild(name) }
    },
  )
  app.post(
    '/api/v1/verify',
    {
      schema: {
        tags,
        summary: '核验已存的一切',
        operationId: 'verify',
        body: z.strictObject({}),
        response: { default: problemSchema },
      },
    },
    async (request) => {
      demand(request.principal, 'verify.run')
      const { log, vault, evidence } = service
      return verify({ log, vault, evidence, rebuild: () => service.projections.rebuild() })
    },
  )
}
