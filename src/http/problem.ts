/** RFC 9457 problem details from the one error table; nothing of the request's content enters a problem. */
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { type ErrorCode, errors } from '../domain/catalogue/errors.ts'
import type { Refusal } from '../domain/decider.ts'

/** One field error: where, and what is wrong with it, in Chinese. */
export interface FieldError {
  /** JSON pointer into the body, or `#query/name`, `#header/name`. */
  readonly pointer: string
  readonly detail: string
}

export const problemSchema = z.object({
  type: z.string().describe('Resolves to the help text of this code'),
  title: z.string(),
  status: z.number().int(),
  code: z.string().describe('Stable code; see docs/errors.md'),
  detail: z.string(),
  instance: z.string().optional().describe('Id of the request, as in the logs'),
  rule: z.string().optional().describe('The rule that refuses'),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  parameters: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  current: z.unknown().optional().describe('The state that was met, on 412'),
})
export type Problem = z.infer<typeof problemSchema>

/** Whether the text is one of our codes. */
export const isErrorCode = (code: unknown): code is ErrorCode => typeof code === 'string' && code in errors

/** The problem of a code. */
export function problemOf(
  code: ErrorCode,
  more: { rule?: string; errors?: readonly FieldError[]; parameters?: Refusal['detail']; current?: unknown } = {},
): Problem {
  const row = errors[code]
  return {
    type: `/errors/${code}`,
    title: row.title,
    status: row.status,
    code,
    detail: row.help,
    ...(more.rule === undefined ? {} : { rule: more.rule }),
    ...(more.errors === undefined ? {} : { errors: [...more.errors] }),
    ...(more.parameters === undefined ? {} : { parameters: { ...more.parameters } }),
    ...(more.current === undefined ? {} : { current: more.current }),
  }
}

/** The problem of a refusal of the domain. */
export function problemOfRefusal(refusal: Refusal, more: { current?: unknown } = {}): Problem {
  return problemOf(refusal.code, {
    ...(refusal.rule === undefined ? {} : { rule: refusal.rule }),
    ...(refusal.pointer === undefined
      ? {}
      : { errors: [{ pointer: refusal.pointer, detail: errors[refusal.code].title }] }),
    ...(refusal.detail === undefined ? {} : { parameters: refusal.detail }),
    ...more,
  })
}

/** An error that carries one of our codes and ends a request with its problem. */
export class ProblemError extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.code)
    this.name = 'ProblemError'
    this.problem = problem
  }
}

export const fail = (code: ErrorCode, more: Parameters<typeof problemOf>[1] = {}): never => {
  throw new ProblemError(problemOf(code, more))
}

/** Sends a problem. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .send(JSON.stringify({ ...problem, instance: reply.request.id }))
}
