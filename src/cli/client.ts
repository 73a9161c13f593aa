/**
 * The terminal speaks to the same routes as everybody: over HTTP to a running service, or into an app of this very process on a
 * data directory.
 */
import type { FastifyInstance } from 'fastify'
import { type Problem, problemOf } from '../http/problem.ts'
import { Refused } from './exit.ts'

export interface ClientRequest {
  readonly body?: unknown
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly headers?: Readonly<Record<string, string>>
}
export interface ClientAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly json: unknown
}

export interface Client {
  /** @throws Refused for every answer of 400 and above */
  request(method: 'GET' | 'POST' | 'DELETE', path: string, request?: ClientRequest): Promise<ClientAnswer>
  close(): Promise<void>
}

function pathWithQuery(path: string, query: ClientRequest['query']): string {
  const parameters = new URLSearchParams()
  for (const [key, value] of Object.entries(query ?? {})) if (value !== undefined) parameters.set(key, String(value))
  const text = parameters.toString()
  return text === '' ? path : `${path}?${text}`
}

function answer(status: number, headers: Record<string, string | undefined>, text: string): ClientAnswer {
  let json: unknown
  try {
    json = text === '' ? undefined : JSON.parse(text)
  } catch {
    // Something else answers at that address.
    throw new Refused(problemOf('service-unreachable'))
  }
  if (status >= 400) throw new Refused(isProblem(json) ? json : problemOf('service-unreachable'))
  return { status, headers, json }
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && typeof (value as Problem).code === 'string'

/** A client of an app in this process; `close` closes what the app stands on. */
export function localClient(app: FastifyInstance, token: string | undefined, close: () => Promise<void>): Client {
  return {
    async request(method, path, { body, query, headers } = {}) {
      const response = await app.inject({
        method,
        url: pathWithQuery(path, query),
        headers: { ...headers, ...(token ? { authorization: `Bearer ${token}` } : {}) },
        ...(body === undefined ? {} : { payload: body as object }),
      })
      return answer(response.statusCode, response.headers as Record<string, string | undefined>, response.body)
    },
    close,
  }
}

/** A client of a service elsewhere. */
export function remoteClient(base: string, token: string | undefined): Client {
  return {
    async request(method, path, { body, query, headers } = {}) {
      let response: Response
      let text: string
      try {
        response = await fetch(new URL(pathWithQuery(path, query), base), {
          method,
          headers: {
            ...headers,
            ...(token ? { authorization: `Bearer ${token}` } : {}),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(60_000),
        })
        text = await response.text()
      } catch {
        throw new Refused(problemOf('service-unreachable'))
      }
      return answer(response.status, Object.fromEntries(response.headers), text)
    },
    async close() {},
  }
}

/** All pages of a list, following `Link: …; rel="next"`. */
export async function allPages<Item>(
  client: Client,
  path: string,
  query: ClientRequest['query'],
  limit: number | undefined,
): Promise<{ total: number; items: Item[]; first: Record<string, unknown> }> {
  const items: Item[] = []
  let first: Record<string, unknown> | undefined
  let cursor: string | undefined
  do {
    const wanted = Math.min(200, limit === undefined ? 200 : limit - items.length)
    const page = await client.request('GET', path, { query: { ...query, limit: Math.max(wanted, 1), cursor } })
    const body = page.json as { total: number; items: Item[] }
    first ??= page.json as Record<string, unknown>
    items.push(...body.items)
    cursor = /[?&]cursor=([^&>]+)[^>]*>; rel="next"/.exec(page.headers.link ?? '')?.[1]
    if (cursor !== undefined) cursor = decodeURIComponent(cursor)
  } while (cursor !== undefined && (limit === undefined || items.length < limit))
  return {
    total: (first as { total: number }).total,
    items: limit === undefined ? items : items.slice(0, limit),
    first: first!,
  }
}
