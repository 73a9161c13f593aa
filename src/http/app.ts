/** The Fastify app: everything wired, nothing listening. */

import etag from '@fastify/etag'
import helmet from '@fastify/helmet'
import multipart from '@fastify/multipart'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import underPressure from '@fastify/under-pressure'
import Fastify, { type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify'
import { validatorCompiler } from 'fastify-type-provider-zod'
import { v4 } from 'uuid'
import { z } from 'zod'
import type { Service } from '../service.ts'
import { installAuthentication } from './authentication.ts'
import { installBodyParser } from './body.ts'
import { installErrorHandling } from './errors.ts'
import { describing } from './openapi.ts'
import { installRoutes } from './routes/index.ts'
import { clientErrorHandler, frameworkErrors, installUnrouted, MAX_PARAM_LENGTH } from './unrouted.ts'

export interface AnswerObservation {
  readonly route: string
  readonly method: string
  readonly status: number
  readonly seconds: number
}

export interface AppOptions {
  readonly service: Service
  readonly logger?: FastifyServerOptions['loggerInstance'] | false
  /** API page, security headers, rate limit: for a listening service; the terminal's own requests do without. */
  readonly listening: boolean
  /** Requests per minute and person; default 1,200. */
  readonly requestsPerMinute?: number
  /** Event loop delay from which requests are refused as `overloaded`, in milliseconds; default 2,000, 0 never. */
  readonly overloadedAfterMs?: number
  /** Told of every answer; the route's pattern, never the address that was asked for. */
  readonly onAnswer?: (seen: AnswerObservation) => void
}

/** The name in the head of the API page, where the library's own would stand. */
const logo = {
  type: 'image/svg+xml',
  content: Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><text x="0" y="30" font-size="28" fill="#fff">督办</text></svg>',
  ),
}

/** Largest JSON body in bytes: an event's limit and room for the rest. */
const BODY_LIMIT = 256 * 1024

z.config(z.locales.zhCN())

export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { service, listening } = options
  const app = Fastify({
    ...(options.logger ? { loggerInstance: options.logger } : { logger: false }),
    bodyLimit: BODY_LIMIT,
    genReqId: () => v4(),
    requestIdHeader: false,
    trustProxy: false,
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    // While stopping, our own hook says so.
    return503OnClosing: false,
    frameworkErrors: frameworkErrors as FastifyServerOptions['frameworkErrors'] & object,
    clientErrorHandler,
  }) as FastifyInstance
  app.setValidatorCompiler(validatorCompiler)
  // Answers are made by our own code: they are documented by schemas, not filtered by them.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  installErrorHandling(app)
  installBodyParser(app)
  installUnrouted(app)
  // The description of the interface holds nothing of anybody.
  app.addHook('onRoute', (route) => {
    if (/^\/docs(\/|$)/.test(route.url)) route.config = { ...route.config, public: true }
  })

  if (listening) {
    await app.register(helmet, {
      contentSecurityPolicy: {
        directives: {
          defaultSrc: ["'self'"],
          imgSrc: ["'self'", 'data:'],
          styleSrc: ["'self'", "'unsafe-inline'"],
          upgradeInsecureRequests: null,
        },
      },
      // Plain HTTP inside the bureau's network is the proxy's decision, not this process's.
      strictTransportSecurity: false,
    })
    await app.register(rateLimit, {
      max: options.requestsPerMinute ?? 1200,
      timeWindow: 60_000,
      keyGenerator: (request) => request.headers.authorization ?? request.ip,
    })
    await app.register(underPressure, { maxEventLoopDelay: options.overloadedAfterMs ?? 2000, retryAfter: 5 })
    await app.register(swagger, describing(service.version))
    await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, logo })
  }
  await app.register(etag, { weak: true })
  await app.register(multipart, { limits: { fileSize: service.evidenceLimit, files: 1, fields: 10 } })

  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })
  app.addHook('onResponse', async (request, reply) => {
    options.onAnswer?.({
      route: request.routeOptions.url ?? 'none',
      method: request.method,
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1000,
    })
    request.log.info(
      {
        route: request.routeOptions.url,
        method: request.method,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'request',
    )
  })
  installAuthentication(app, service.authenticate, service.local ? service.operator : undefined)
  installRoutes(app, service)
  return app
}
