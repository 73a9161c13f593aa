/** Turns everything that can go wrong in a request into its own problem; the rest is `internal`, logged without content. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import type { ErrorCode } from '../domain/catalogue/errors.ts'
import { type FieldError, isErrorCode, ProblemError, problemOf, sendProblem } from './problem.ts'

/** Fastify's own codes and what they are here. */
const FASTIFY_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed-json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed-json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed-json',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body-too-large',
  FST_REQ_FILE_TOO_LARGE: 'body-too-large',
  FST_UNDER_PRESSURE: 'overloaded',
}

const PLACE: Readonly<Record<string, string>> = { body: '', querystring: '#query', params: '#path', headers: '#header' }

/** A pointer never repeats a key the client made up: unknown fields are named, values are not. */
function fieldErrors(error: FastifyError): FieldError[] {
  const place = PLACE[error.validationContext ?? 'body'] ?? ''
  return (error.validation ?? []).map((issue) => ({
    pointer: `${place}${issue.instancePath}`,
    detail: issue.message ?? '无效',
  }))
}

export function installErrorHandling(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    if (error instanceof ProblemError) return sendProblem(reply, error.problem)
    if (hasZodFastifySchemaValidationErrors(error))
      return sendProblem(reply, problemOf('invalid-request', { errors: fieldErrors(error) }))
    const code = FASTIFY_CODES[error.code] ?? (isErrorCode(error.code) ? error.code : undefined)
    if (code) {
      if (problemOf(code).status >= 500) request.log.warn({ code, cause: error.message }, 'refused')
      return sendProblem(reply, problemOf(code))
    }
    if (error.statusCode === 429) return sendProblem(reply, problemOf('rate-limited'))
    if (error.statusCode === 400) return sendProblem(reply, problemOf('malformed-json'))
    if (error.statusCode === 413) return sendProblem(reply, problemOf('body-too-large'))
    // Name and stack only: a message may quote what a person wrote.
    request.log.error({ error: error.name, stack: error.stack?.split('\n').slice(1, 8) }, 'internal error')
    return sendProblem(reply, problemOf('internal'))
  })
}
