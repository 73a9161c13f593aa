/** `If-Match`, `Idempotency-Key` and `ETag`: what a command says about what its sender saw and meant. */
import type { FastifyRequest } from 'fastify'
import { v4 } from 'uuid'
import { commandIdOf } from '../commands/ids.ts'
import type { Service } from '../service.ts'
import { fail } from './problem.ts'

/** The ETag of a case's revision. */
export const etagOf = (revision: number): string => `"${revision}"`

/**
 * The revision in `If-Match`.
 * @throws ProblemError 428 where it is missing and required, 400 where it is no revision
 */
export function ifMatch(request: FastifyRequest, required: boolean): number | undefined {
  const header = request.headers['if-match']
  if (header === undefined || header === '') return required ? fail('precondition-required') : undefined
  const revision = /^(?:W\/)?"(\d{1,9})"$/.exec(header)?.[1]
  return revision === undefined ? fail('invalid-precondition') : Number(revision)
}

/** The command id: from person, method, path and key; random for a request without a key. */
export function commandId(request: FastifyRequest): string {
  const key = request.headers['idempotency-key']
  if (key === undefined) return v4()
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key)) return fail('invalid-idempotency-key')
  return commandIdOf(request.principal.person, request.method, request.url.split('?')[0]!, key)
}

/** Keyed MAC over method, path and body as it was sent: tells a retry from a reused key. */
export const requestMac = (service: Service, request: FastifyRequest): string =>
  service.requestMac(request.method, request.url, request.sent)
