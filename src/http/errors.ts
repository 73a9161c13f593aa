/** Turns everything that can go wrong in a request into its own problem; the rest is `internal`, logged without content. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { type ErrorCode, errors } from '../domain/catalogue/errors.ts'
import { LedgerError } from '../ledger/problem.ts'
import { problemOfLedger } from './ledger-problem.ts'
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

/** Names that fields have; a name beyond them may be what somebody meant to be a value. */
const FIELD_NAME = /^[A-Za-z][A-Za-z_-]{0,39}$/

interface Issue {
  readonly instancePath: string
  readonly message?: string
  readonly keyword?: string
  readonly params?: { readonly issue?: { readonly keys?: readonly string[] }; readonly keys?: readonly string[] }
}

/** What is wrong with a field, in Chinese; a schema may name one of our codes instead. */
function detailOf(message: string | undefined): string {
  if (isErrorCode(message)) return errors[message].title
  return message !== undefined && /\p{Script=Han}/u.test(message) ? message : '无效'
}

/** Where each thing that is wrong stands. Values are never repeated, nor names that are none of ours. */
function fieldErrors(error: FastifyError): FieldError[] {
  const place = PLACE[error.validationContext ?? 'body'] ?? ''
  return ((error.validation ?? []) as unknown as Issue[]).flatMap((issue) => {
    const at = `${place}${issue.instancePath === '/' ? '' : issue.instancePath}`
    const unknown = issue.params?.issue?.keys ?? issue.params?.keys
    if (issue.keyword !== 'unrecognized_keys' || !unknown) return [{ pointer: at, detail: detailOf(issue.message) }]
    const named = unknown.filter((key) => FIELD_NAME.test(key))
    const others = unknown.length - named.length
    return [
      ...named.map((key) => ({ pointer: `${at}/${key}`, detail: '没有这个字段' })),
      ...(others > 0 ? [{ pointer: at, detail: `${others} 个字段不在接口说明中` }] : []),
    ]
  })
}

/** The code that all issues name, where they name one: an impossible date is told as such. */
function commonCode(error: FastifyError): ErrorCode | undefined {
  const codes = new Set((error.validation ?? []).map(({ message }) => message))
  const [only] = codes
  return codes.size === 1 && isErrorCode(only) ? only : undefined
}

export function installErrorHandling(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    if (error instanceof ProblemError) return sendProblem(reply, error.problem)
    if (error instanceof LedgerError) return sendProblem(reply, problemOfLedger(error))
    if (hasZodFastifySchemaValidationErrors(error))
      return sendProblem(reply, problemOf(commonCode(error) ?? 'invalid-request', { errors: fieldErrors(error) }))
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
