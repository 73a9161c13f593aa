/** The interface's description (OpenAPI 3.1), made from the schemas of the routes. */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import type { FastifyContextConfig } from 'fastify'
import { createJsonSchemaTransform } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { problemSchema } from './problem.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route takes as `multipart/form-data`; the route reads the parts itself. */
    form?: z.ZodObject
    /** Media types of files that the route answers with 200: instead of JSON, or besides it where it says so. */
    files?: { readonly types: readonly string[]; readonly orJson?: boolean }
  }
}

/** A file in a form. */
export const formFile = (description: string) => z.string().meta({ format: 'binary', description })

/** Sealed text is text to whoever sends it. */
const jsonSchema = createJsonSchemaTransform({
  zodToJsonConfig: {
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: Record<string, unknown> }) => {
      const meta = z.globalRegistry.get(zodSchema) as { sealed?: string; maxLength?: number } | undefined
      if (meta?.sealed === undefined) return
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
      Object.assign(jsonSchema, {
        type: 'string',
        minLength: 1,
        ...(meta.maxLength === undefined ? {} : { maxLength: meta.maxLength }),
        'x-sealed': meta.sealed,
      })
    },
  } as never,
})

const binary = { schema: { type: 'string', format: 'binary' } }

const problemAnswer = {
  description: '问题说明（RFC 9457）',
  content: { 'application/problem+json': { schema: z.toJSONSchema(problemSchema, { unrepresentable: 'any' }) } },
}

/** The answers of a route: problems as `application/problem+json`, files under their own types. */
function answersOf(
  asked: Readonly<Record<string, unknown>>,
  made: Readonly<Record<string, unknown>>,
  config: FastifyContextConfig | undefined,
  isStream: boolean,
): Record<string, unknown> {
  const answers = Object.fromEntries(
    Object.entries(made).map(([status, answer]) => [status, asked[status] === problemSchema ? problemAnswer : answer]),
  )
  const files = config?.files
  if (files)
    answers[200] = {
      description: '文件',
      content: {
        ...(files.orJson ? { 'application/json': { schema: made[200] ?? {} } } : {}),
        ...Object.fromEntries(files.types.map((type) => [type, binary])),
      },
    }
  if (!Object.keys(answers).some((status) => status.startsWith('2')))
    answers[200] = {
      description: '成功',
      content: { [isStream ? 'text/event-stream' : 'application/json']: { schema: {} } },
    }
  // Whoever has to sign in may be refused.
  if (config?.public !== true) answers.default ??= problemAnswer
  return answers
}

const transform: FastifyDynamicSwaggerOptions['transform'] = (input) => {
  const { schema, url } = jsonSchema(input as never)
  const { config } = input.route
  const made = schema as Record<string, unknown>
  const response = answersOf(
    { ...((input.schema as { response?: object } | undefined)?.response ?? {}) },
    (made.response ?? {}) as Readonly<Record<string, unknown>>,
    config,
    'sse' in input.route && Boolean(input.route.sse),
  )
  return {
    schema: {
      ...made,
      response,
      ...(config?.form
        ? { consumes: ['multipart/form-data'], body: z.toJSONSchema(config.form, { io: 'input' }) }
        : {}),
      ...(config?.public === true ? { security: [] } : {}),
    },
    url,
  }
}

/** How the description is made. @param version of this program */
export const describing = (version: string): FastifyDynamicSwaggerOptions => ({
  openapi: {
    openapi: '3.1.0',
    info: {
      title: '督办',
      version,
      description: '投诉办理、督办期限、回访、处罚与星级评定的事件账。所有写入均为不可更改的记录。',
    },
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    security: [{ token: [] }],
  },
  transform,
})
