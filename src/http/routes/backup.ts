/** A backup asked for over HTTP: only by who may, only below the configured directory, one at a time. */
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { createBackup } from '../../commands/backup.ts'
import { decideAccess } from '../../domain/access.ts'
import type { Service } from '../../service.ts'
import { fail, problemSchema } from '../problem.ts'

/** One name, no path: what the backup is called. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/

export function backupRoutes(app: FastifyInstance, service: Service): void {
  let running = false
  app.post(
    '/api/v1/backup',
    {
      schema: {
        tags: ['运行'],
        summary: '在线备份到服务所配置的备份位置',
        operationId: 'backup',
        body: z.strictObject({ directory: z.string().min(1).max(100) }),
        response: { default: problemSchema },
      },
    },
    async (request) => {
      const { principal } = request
      const resource = service.holderOf(principal.grants[0]?.organisation ?? '')
      if (!decideAccess(principal, { permission: 'backup.run', resource }).allow) fail('forbidden')
      const { directory } = request.body as { directory: string }
      if (service.backups === undefined) return fail('backup-not-configured')
      if (!NAME.test(directory)) return fail('backup-directory-invalid')
      if (running) return fail('backup-running')
      if (service.backend.kind === 'cluster') return fail('backup-of-cluster')
      running = true
      try {
        const report = await createBackup(service, join(service.backups, directory))
        request.log.info({ events: report.events, files: report.files, bytes: report.bytes }, 'backup written')
        // The name that was asked for: where the service keeps its files is not for the network.
        return { ...report, directory }
      } finally {
        running = false
      }
    },
  )
}
