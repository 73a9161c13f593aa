/** The writer's clock: after a large step back it refuses writes until somebody who may says that it is right. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { decideAccess } from '../../domain/access.ts'
import type { Service } from '../../service.ts'
import { fail, problemSchema } from '../problem.ts'

const clockAnswer = z.object({
  now: z.string().describe('时钟现在的读数'),
  behindMs: z.number().int().describe('落后于最后一条记录的毫秒数'),
  refusing: z.boolean().describe('是否拒绝写入'),
})

export function clockRoutes(app: FastifyInstance, service: Service): void {
  app.post(
    '/api/v1/clock/confirm',
    {
      schema: {
        tags: ['运行'],
        summary: '确认系统时钟无误，恢复写入',
        description: '时钟回拨超过 5 秒即停止写入；核对时钟后确认，其后的记录时间不早于已有记录。',
        operationId: 'confirmClock',
        body: z.strictObject({}),
        response: { 200: clockAnswer, default: problemSchema },
      },
    },
    async (request) => {
      const resource = service.holderOf(request.principal.grants[0]?.organisation ?? '')
      if (!decideAccess(request.principal, { permission: 'clock.confirm', resource }).allow) fail('forbidden')
      const before = service.clock.state
      service.clock.confirm()
      const { behindMs, refusing } = service.clock.state
      request.log.warn({ person: request.principal.person, before, behindMs }, 'clock confirmed')
      return { now: new Date(service.now()).toISOString(), behindMs, refusing }
    },
  )
}
