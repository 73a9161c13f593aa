/** All routes of the service. */
import type { FastifyInstance } from 'fastify'
import type { Service } from '../../service.ts'
import { categoryPaths } from '../paths.ts'
import { auditRoutes } from './audit.ts'
import { backupRoutes } from './backup.ts'
import { boardRoutes } from './board.ts'
import { boardBulkRoutes } from './board-bulk.ts'
import { boardLiveRoutes } from './board-live.ts'
import { cardRoutes } from './cards.ts'
import { clockRoutes } from './clock.ts'
import { commandRoutes } from './commands.ts'
import { complaintRoutes } from './complaints.ts'
import { evidenceRoutes } from './evidence.ts'
import { importRoutes } from './imports.ts'
import { matterRoutes } from './matters.ts'
import { operationsRoutes } from './operations.ts'
import { publicRoutes } from './public.ts'
import { ratingRoutes } from './rating.ts'
import { registerRoutes } from './registers.ts'
import { registryRoutes } from './registry.ts'
import { replayRoutes } from './replay.ts'
import { reportRoutes } from './reports.ts'
import { searchRoutes } from './search.ts'
import { starFileRoutes } from './star-files.ts'
import { visitRoutes } from './visits.ts'

export function installRoutes(app: FastifyInstance, service: Service): void {
  publicRoutes(app, service)
  operationsRoutes(app, service)
  backupRoutes(app, service)
  clockRoutes(app, service)
  commandRoutes(app, service, categoryPaths)
  complaintRoutes(app, service)
  matterRoutes(app, service)
  reportRoutes(app, service)
  app.register((scope) => cardRoutes(scope, service))
  evidenceRoutes(app, service)
  boardRoutes(app, service)
  boardBulkRoutes(app, service)
  app.register((scope) => boardLiveRoutes(scope, service))
  auditRoutes(app, service)
  ratingRoutes(app, service)
  starFileRoutes(app, service)
  replayRoutes(app, service)
  registryRoutes(app, service)
  searchRoutes(app, service)
  importRoutes(app, service)
  visitRoutes(app, service)
  registerRoutes(app, service)
}
