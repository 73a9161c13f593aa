/** JSON bodies: parsed strictly and bounded before any schema sees them; nothing of their content enters an error. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ErrorCode } from '../domain/catalogue/errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The JSON body as it was sent, before its schema changed texts into sealed values; null where there is none. */
    sent: unknown
  }
}

/** Deepest nesting of objects and arrays; the deepest body of any action needs six. */
export const MAX_DEPTH = 24

/** Keys that act on objects instead of naming fields. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

/** A body that is refused before any schema sees it. */
export class BodyRefused extends Error {
  readonly code: ErrorCode
  readonly statusCode = 400
  constructor(code: 'malformed-json' | 'body-too-deep' | 'body-key-forbidden') {
    super(code)
    this.code = code
  }
}

/** Parses one JSON text. @throws BodyRefused */
export function parseBody(bytes: Uint8Array): unknown {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new BodyRefused('malformed-json')
  }
  const open: { value: unknown; depth: number }[] = [{ value, depth: 0 }]
  for (let next = open.pop(); next; next = open.pop()) {
    // A lone half of a character would be stored as another one.
    if (typeof next.value === 'string' && !next.value.isWellFormed()) throw new BodyRefused('malformed-json')
    if (typeof next.value !== 'object' || next.value === null) continue
    if (next.depth >= MAX_DEPTH) throw new BodyRefused('body-too-deep')
    for (const [key, child] of Object.entries(next.value)) {
      if (FORBIDDEN_KEYS.has(key)) throw new BodyRefused('body-key-forbidden')
      if (typeof child === 'string' || typeof child === 'object') open.push({ value: child, depth: next.depth + 1 })
    }
  }
  return value
}

/** The same text for the same JSON value, whatever the order of its keys. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${canonicalJson(child)}`).join(',')}}`
}

/** Takes JSON and nothing else (files have a route of their own). */
export function installBodyParser(app: FastifyInstance): void {
  app.decorateRequest('sent', null)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    const value = parseBody(body)
    request.sent = value
    return value
  })
}
