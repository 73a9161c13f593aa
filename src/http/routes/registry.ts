/** The registry to read, and tokens: names of organisations, offices and workers are open to everybody who signs in. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import { registryTable } from '../../commands/lists.ts'
import { decideAccess } from '../../domain/access.ts'
import { listTitles } from '../../domain/catalogue/lists.ts'
import { isWithin } from '../../domain/organisation-tree.ts'
import { issueTokenRequest } from '../../domain/registry/person.ts'
import type { Service } from '../../service.ts'
import { type FileFormat, formatQuery, listFiles, sendTable } from '../exporting.ts'
import { commandId, etagOf, requestMac } from '../preconditions.ts'
import { fail, problemOfRefusal, problemSchema, sendProblem } from '../problem.ts'

const id = z.object({ id: z.string().min(1).max(64) })
const under = z.strictObject({
  division: z.string().max(12).optional().describe('区划代码：只列其下的'),
  ...formatQuery.shape,
})

export function registryRoutes(app: FastifyInstance, service: Service): void {
  const { people } = service
  const tags = ['登记']
  /** The revision that the next act on an entry names in `If-Match`. */
  const revisionOf = (category: string, id: string, reply: FastifyReply): { revision: number } => {
    const revision = service.log.stream(`${category}-${id}`).length - 1
    reply.header('etag', etagOf(revision))
    return { revision }
  }
  const file = (
    list: 'organisations' | 'offices' | 'persons',
    format: FileFormat,
    items: readonly object[],
    reply: FastifyReply,
  ) =>
    sendTable(reply, format, listTitles[list], service.now(), { ok: true, value: registryTable(service, list, items) })

  app.get(
    '/api/v1/me',
    { schema: { tags, summary: '我是谁、有哪些角色', operationId: 'me', response: { default: problemSchema } } },
    async (request) => {
      const { person, grants, operator } = request.principal
      const entry = people.person(person)
      return { person, name: entry?.name ?? (operator ? 'operator' : ''), grants }
    },
  )

  app.get(
    '/api/v1/organisations',
    {
      config: { files: listFiles },
      schema: { tags, summary: '单位', operationId: 'organisations', querystring: under },
    },
    async (request, reply) => {
      readable(service, request.principal, 'organisation')
      const { division, format } = request.query as z.infer<typeof under>
      const items = people.organisations().filter((each) => division === undefined || isWithin(each.division, division))
      if (format !== 'json') return file('organisations', format, items, reply)
      return { total: items.length, items }
    },
  )
  app.get(
    '/api/v1/offices',
    {
      config: { files: listFiles },
      schema: { tags, summary: '法律服务机构', operationId: 'offices', querystring: under },
    },
    async (request, reply) => {
      readable(service, request.principal, 'office')
      const { division, format } = request.query as z.infer<typeof under>
      const items = division === undefined ? people.offices() : people.officesUnder(division)
      if (format !== 'json') return file('offices', format, items, reply)
      return { total: items.length, items }
    },
  )
  app.get(
    '/api/v1/offices/:id',
    { schema: { tags, summary: '一个机构及其执业人员', operationId: 'office', params: id } },
    async (request, reply) => {
      readable(service, request.principal, 'office')
      const office = people.office((request.params as z.infer<typeof id>).id)
      if (!office) return fail('not-found')
      return { ...office, ...revisionOf('office', office.id, reply), workers: people.workersOf(office.id) }
    },
  )
  app.get(
    '/api/v1/workers/:id',
    { schema: { tags, summary: '一名执业人员', operationId: 'worker', params: id } },
    async (request, reply) => {
      readable(service, request.principal, 'worker')
      const worker = people.worker((request.params as z.infer<typeof id>).id)
      return worker ? { ...worker, ...revisionOf('worker', worker.id, reply) } : fail('not-found')
    },
  )
  app.get(
    '/api/v1/organisations/:id',
    { schema: { tags, summary: '一个单位', operationId: 'organisation', params: id } },
    async (request, reply) => {
      readable(service, request.principal, 'organisation')
      const organisation = people.organisation((request.params as z.infer<typeof id>).id)
      return organisation
        ? { ...organisation, ...revisionOf('organisation', organisation.id, reply) }
        : fail('not-found')
    },
  )
  app.get(
    '/api/v1/persons/:id',
    { schema: { tags, summary: '一名用户及其角色、令牌', operationId: 'person', params: id } },
    async (request, reply) => {
      const person = people.person((request.params as z.infer<typeof id>).id)
      if (!person) return fail('not-found')
      const resource = { ...service.holderOf(person.organisation), person: person.id }
      const access = decideAccess(request.principal, { permission: 'person.read', resource })
      if (!access.allow) return fail(access.why === 'unknown' ? 'not-found' : 'forbidden')
      return { ...person, ...revisionOf('person', person.id, reply) }
    },
  )
  app.get(
    '/api/v1/persons',
    {
      config: { files: listFiles },
      schema: { tags, summary: '用户', operationId: 'persons', querystring: formatQuery },
    },
    async (request, reply) => {
      const items = people.persons().filter(
        (person) =>
          decideAccess(request.principal, {
            permission: 'person.read',
            resource: { ...service.holderOf(person.organisation), person: person.id },
          }).allow,
      )
      const { format } = request.query as z.infer<typeof formatQuery>
      if (format !== 'json') return file('persons', format, items, reply)
      return { total: items.length, items }
    },
  )

  app.post(
    '/api/v1/persons/:id/tokens',
    {
      schema: {
        tags,
        summary: '发放令牌（只显示一次）',
        operationId: 'person.issueToken',
        params: id,
        body: issueTokenRequest,
        response: { 201: z.object({ person: z.string(), token: z.string() }), default: problemSchema },
      },
    },
    async (request, reply) => {
      const person = (request.params as z.infer<typeof id>).id
      const made = service.newToken(person)
      const result = await service.execute({
        category: 'person',
        stream: `person-${person}`,
        action: 'issueToken',
        body: { ...(request.body as z.infer<typeof issueTokenRequest>), token: made.token, hash: made.hash },
        commandId: commandId(request),
        requestMac: requestMac(service, request),
        principal: request.principal,
        correlationId: request.id,
      })
      if (!result.ok) return sendProblem(reply, problemOfRefusal(result.refusal))
      // The first answer cannot be given again: its text was never kept.
      if (result.repeated) return fail('token-shown-once')
      await service.finish('person', result)
      return reply.code(201).send({ person, token: made.text })
    },
  )
  app.delete(
    '/api/v1/persons/:id/tokens/:token',
    {
      schema: {
        tags,
        summary: '撤销令牌',
        operationId: 'person.revokeToken',
        params: id.extend({ token: z.string().min(1).max(64) }),
      },
    },
    async (request, reply) => {
      const { id: person, token } = request.params as { id: string; token: string }
      const result = await service.execute({
        category: 'person',
        stream: `person-${person}`,
        action: 'revokeToken',
        body: { token },
        commandId: commandId(request),
        requestMac: requestMac(service, request),
        principal: request.principal,
        correlationId: request.id,
      })
      if (!result.ok) return sendProblem(reply, problemOfRefusal(result.refusal))
      await service.finish('person', result)
      return { person, revoked: token }
    },
  )
}

/** Reading the registry and the rules is a right of everybody in the table, wherever he works. */
export function readable(service: Service, principal: Parameters<typeof decideAccess>[0], category: string): void {
  const resource = service.holderOf(principal.grants[0]?.organisation ?? '')
  if (!decideAccess(principal, { permission: `${category}.read`, resource }).allow) fail('forbidden')
}
