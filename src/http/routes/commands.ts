/** One route for every action of every category, made from the deciders: the same schema checks, documents and decides. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { CommandResult, MetState } from '../../commands/execute.ts'
import { tokenHash } from '../../commands/facts.ts'
import { ADD_EVIDENCE } from '../../domain/evidence.ts'
import type { CardState } from '../../domain/return-visit/index.ts'
import { isEffectiveTime } from '../../domain/time.ts'
import type { Service } from '../../service.ts'
import { type CategoryPath, kebab } from '../paths.ts'
import { commandId, etagOf, ifMatch, requestMac } from '../preconditions.ts'
import { fail, problemOfRefusal, problemSchema, sendProblem } from '../problem.ts'

const effectiveAt = z
  .string()
  .refine(isEffectiveTime, { error: 'effective-time-invalid' })
  .optional()
  .describe('发生时间；缺省为现在')

const organisation = z.uuid().optional().describe('归属单位；缺省为本人所在单位')

export const correctionsBody = z.strictObject({
  corrections: z
    .array(
      z.strictObject({
        mode: z.enum(['void', 'replace']).describe('void：误记，从未发生；replace：以新的内容和时间替换'),
        event: z.uuid().describe('要更正的记录'),
        reason: z.string().trim().min(1).max(2000).describe('更正理由'),
        data: z.unknown().optional().describe('替换后的完整内容'),
        effectiveAt,
      }),
    )
    .min(1)
    .max(50),
})

/** What a command answers. */
export const commandAnswer = z.object({
  case: z.string(),
  number: z.string().nullable(),
  revision: z.number().int(),
  index: z.number().int().nullable().describe('序号；副本尚未追上时为 null'),
  next: z.array(z.string()).describe('您接下来可以依法办理的动作'),
})

const headers = z.object({
  'idempotency-key': z.string().optional(),
  'if-match': z.string().optional(),
})

/** What belongs to every command and stands in its body beside the action's own fields, unless the action has a field of that name. */
function commonFields(schema: z.ZodType, creates: boolean): Record<string, z.ZodType> {
  const own = schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
  const common = creates ? { effectiveAt, organisation } : { effectiveAt }
  return Object.fromEntries(Object.entries(common).filter(([name]) => !own.includes(name)))
}

/** The action's own fields and the common ones; wrong fields are refused by the schema. */
const bodySchemaOf = (schema: z.ZodType, common: Record<string, z.ZodType>): z.ZodType =>
  schema instanceof z.ZodObject ? schema.extend(common) : z.intersection(schema, z.object(common))

/** Takes the common fields out of a parsed body. */
function splitBody(sent: Record<string, unknown>, common: Record<string, z.ZodType>) {
  const body = Object.fromEntries(Object.entries(sent).filter(([name]) => !Object.hasOwn(common, name)))
  const taken = (name: string) => (Object.hasOwn(common, name) ? (sent[name] as string | undefined) : undefined)
  return { body, at: taken('effectiveAt'), owner: taken('organisation') }
}

/** What a stale command met: the revision, how the case stands and what may come next. */
function currentOf(service: Service, path: CategoryPath, met: MetState, request: FastifyRequest): object {
  const { stream, revision, organisation, state } = met
  const { status } = (state ?? {}) as { status?: string }
  const next = service.nextActions(path.category, idOf(stream), state, organisation, request.principal)
  return { revision, ...(status === undefined ? {} : { status }), next }
}

const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1)

export async function answerCommand(
  service: Service,
  request: FastifyRequest,
  reply: FastifyReply,
  path: CategoryPath,
  result: CommandResult,
  created: boolean,
): Promise<unknown> {
  if (!result.ok) {
    const { refusal, met } = result
    if (met) reply.header('etag', etagOf(met.revision))
    const current = refusal.code === 'precondition-failed' && met ? currentOf(service, path, met, request) : undefined
    return sendProblem(reply, problemOfRefusal(refusal, current === undefined ? {} : { current }))
  }
  const id = idOf(result.stream)
  const { number, position } = await service.finish(path.category, result)
  if (position !== undefined) reply.header('x-position', position)
  reply.header('etag', etagOf(result.revision))
  if (created) reply.code(201).header('location', `/api/v1/${path.path}/${encodeURIComponent(id)}`)
  return {
    case: id,
    number,
    revision: result.revision,
    index: result.index ?? null,
    next: service.nextActions(path.category, id, result.state, result.organisation, request.principal),
  }
}

export function commandRoutes(app: FastifyInstance, service: Service, paths: readonly CategoryPath[]): void {
  for (const path of paths) {
    const { decider } = service.categories[path.category]!
    for (const [name, action] of Object.entries(decider.actions)) {
      // Tokens have routes of their own, which make the secret and show it once.
      if (path.category === 'person' && name.endsWith('Token')) continue
      // Evidence comes as a file, not as a claim about one.
      if (name === ADD_EVIDENCE) continue
      const creates = action.creates === true
      const common = commonFields(action.body as z.ZodType, creates)
      const firstCreating = Object.entries(decider.actions).find(([, each]) => each.creates)?.[0] === name
      const url = creates
        ? `/api/v1/${path.path}${firstCreating ? '' : `/${kebab(name)}`}`
        : `/api/v1/${path.path}/:id/${kebab(name)}`
      app.route({
        method: 'POST',
        url,
        schema: {
          operationId: `${path.category}.${name}`,
          tags: [path.title],
          summary: service.actionTitle(path.category, name),
          description: `依据：${action.rule}`,
          headers,
          ...(creates ? {} : { params: z.object({ id: z.string().min(1).max(200) }) }),
          body: bodySchemaOf(action.body as z.ZodType, common),
          response: { [creates ? 201 : 200]: commandAnswer, default: problemSchema },
        },
        handler: async (request, reply) => {
          const { body, at, owner } = splitBody(request.body as Record<string, unknown>, common)
          // Asked for before the case is looked up: what may not be known of answers like what does not exist.
          const seen = ifMatchOf(request, service, creates)
          const stream = creates
            ? undefined
            : streamOf(service, request, path.category, (request.params as { id: string }).id)
          const id = commandId(request)
          const result = await service.execute({
            category: path.category,
            ...(stream === undefined ? {} : { stream }),
            action: name,
            body,
            commandId: id,
            requestMac: requestMac(service, request),
            correlationId: request.id,
            principal: request.principal,
            ...(at === undefined ? {} : { effectiveAt: at }),
            ...(owner === undefined ? {} : { organisation: owner }),
            ...seen,
          })
          const answer = await answerCommand(service, request, reply, path, result, creates)
          // The link of a quality card is in no record: it is made again from the command.
          const linked = path.category === 'qualitycard' && result.ok && (result.state as CardState).tokenHash
          const token = linked ? service.facts.cardToken(id) : undefined
          return token !== undefined && tokenHash(token) === linked
            ? { ...(answer as object), link: `/cards/${token}` }
            : answer
        },
      })
    }
    app.route({
      method: 'POST',
      url: `/api/v1/${path.path}/:id/corrections`,
      schema: {
        operationId: `${path.category}.correct`,
        tags: [path.title],
        summary: '更正已有记录',
        description: '误记的撤销（void），记错的替换（replace）；原记录保留，更正须写明理由。',
        headers,
        params: z.object({ id: z.string().min(1).max(200) }),
        body: correctionsBody,
        response: { 200: commandAnswer, default: problemSchema },
      },
      handler: async (request, reply) => {
        const seen = ifMatchOf(request, service, false)
        const result = await service.execute({
          category: path.category,
          stream: streamOf(service, request, path.category, (request.params as { id: string }).id),
          action: 'correct',
          body: (request.body as z.infer<typeof correctionsBody>).corrections,
          commandId: commandId(request),
          requestMac: requestMac(service, request),
          correlationId: request.id,
          principal: request.principal,
          ...seen,
        })
        return answerCommand(service, request, reply, path, result, false)
      },
    })
  }
}

/** The stream an id or number names, as far as the person may know. @throws ProblemError 404 */
export function streamOf(service: Service, request: FastifyRequest, category: string, name: string): string {
  return service.reading.find(request.principal, category, name) ?? fail('not-found')
}

function ifMatchOf(request: FastifyRequest, service: Service, creates: boolean): { ifMatch?: number } {
  if (creates) return {}
  // The terminal of a data directory may leave the revision out: nobody else writes there.
  const required = !(service.local && request.principal.operator === true)
  const revision = ifMatch(request, required)
  return revision === undefined ? {} : { ifMatch: revision }
}
