/** Requests that reach no route: unknown addresses and methods, malformed requests, and those that come while the service stops. */
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { fail, type Problem, problemOf, sendProblem } from './problem.ts'

/** Longest part of an address: a case number in percent-encoding. */
export const MAX_PARAM_LENGTH = 1_000

interface KnownRoute {
  readonly method: string
  readonly pattern: RegExp
}

const patternOf = (url: string): RegExp =>
  new RegExp(
    `^${url
      .split('/')
      .map((part) =>
        part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'),
      )
      .join('/')}$`,
  )

/** Answers what no route takes: 405 with `Allow` where the address knows other methods, else 404. */
export function installUnrouted(app: FastifyInstance): void {
  const routes: KnownRoute[] = []
  app.addHook('onRoute', ({ method, url }) => {
    const pattern = patternOf(url)
    for (const each of [method].flat()) routes.push({ method: each, pattern })
  })
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]!
    const allowed = new Set(routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))
    if (allowed.size === 0) return sendProblem(reply, problemOf('route-not-found'))
    reply.header('allow', [...allowed].sort().join(', '))
    return sendProblem(reply, problemOf('method-not-allowed'))
  })
  let stopping = false
  app.addHook('preClose', async () => {
    stopping = true
  })
  app.addHook('onRequest', async () => {
    if (stopping) fail('shutting-down')
  })
  // A connection that stays open for more requests would keep the service from closing.
  app.addHook('onSend', async (_request, reply) => {
    if (stopping) reply.header('connection', 'close')
  })
}

/** What the router itself cannot read: a wrong percent-encoding, an endless part of an address. */
export function frameworkErrors(_error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  sendProblem(reply, problemOf('malformed-url'))
}

const CLIENT_ERRORS: Readonly<Record<string, Parameters<typeof problemOf>[0]>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
  HPE_INVALID_METHOD: 'method-not-allowed',
}

/** Bytes that are no HTTP request: answered as a problem, neither logged nor repeated. */
export function clientErrorHandler(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const problem: Problem = problemOf(CLIENT_ERRORS[error.code ?? ''] ?? 'malformed-request')
  const body = JSON.stringify(problem)
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\n` +
      'Content-Type: application/problem+json\r\nConnection: close\r\nCache-Control: no-store\r\n' +
      `${problem.status === 405 ? 'Allow: GET, POST, DELETE\r\n' : ''}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
