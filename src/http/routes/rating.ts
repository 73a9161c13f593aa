/** Star levels over HTTP: schemes, runs with their ledgers, comparisons, what is affected. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { registryTable } from '../../commands/lists.ts'
import { decideAccess, type Principal } from '../../domain/access.ts'
import { listTitles } from '../../domain/catalogue/lists.ts'
import type { OfficeRating } from '../../domain/rating/rate.ts'
import { checkScheme } from '../../domain/rating/scheme-check.ts'
import { diffSchemes } from '../../domain/rating/scheme-diff.ts'
import { type Scheme, schemeRef } from '../../domain/rating/scheme-schema.ts'
import type { Service } from '../../service.ts'
import { formatQuery, listFiles, sendTable } from '../exporting.ts'
import { commandId } from '../preconditions.ts'
import { type FieldError, fail, problemOf, problemOfRefusal, problemSchema, sendProblem } from '../problem.ts'

const text = z.string().max(100).optional()
const runQuery = z.object({
  asOf: text.describe('记录时间的界限'),
  effectiveAt: text.describe('发生时间的界限；缺省为今天'),
  scheme: text.describe('标准号@版本；缺省为当时有效的标准'),
  office: text,
  division: z.string().max(12).optional(),
})
const workers = z.coerce.number().int().min(1).max(16).optional().describe('并行线程数；缺省依记录多少而定')
const order = z.enum(['id', 'rank']).default('id').describe('rank：按星级、总分从高到低')
const rateQuery = runQuery.extend({ workers, order })

/** Highest level first, then most points, then by id: the same on every machine. */
const byRank = (a: OfficeRating, b: OfficeRating): number =>
  b.computedLevel - a.computedLevel || b.points - a.points || (a.office < b.office ? -1 : 1)

/** Offices the person may see ratings of. */
const mayRate =
  (service: Service, principal: Principal, permission: string) =>
  (office: string): boolean => {
    const entry = service.people.office(office)
    const resource = { ...service.holderOf(entry?.organisation ?? ''), respondentOffice: office }
    return decideAccess(principal, { permission, resource }).allow
  }

export function ratingRoutes(app: FastifyInstance, service: Service): void {
  const tags = ['星级评定']
  const mayRead = (principal: Principal) => mayRate(service, principal, 'rating.read')

  app.get(
    '/api/v1/schemes',
    {
      config: { files: listFiles },
      schema: {
        tags,
        summary: '评定标准及其版本',
        operationId: 'schemes',
        querystring: formatQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const items = service.rating.schemes().map(({ id, version, name, form, validFrom, validUntil }) => ({
        id,
        version,
        name,
        form,
        validFrom,
        validUntil: validUntil ?? null,
      }))
      const { format } = request.query as z.infer<typeof formatQuery>
      if (format !== 'json')
        return sendTable(reply, format, listTitles.schemes, service.now(), {
          ok: true,
          value: registryTable(service, 'schemes', items),
        })
      return { total: items.length, items }
    },
  )
  app.get(
    '/api/v1/schemes/:ref',
    {
      schema: {
        tags,
        summary: '一个版本的评定标准',
        operationId: 'scheme',
        params: z.object({ ref: z.string().max(60) }),
      },
    },
    async (request) => service.rating.schemeOf((request.params as { ref: string }).ref) ?? fail('not-found'),
  )
  app.get(
    '/api/v1/schemes/:ref/diff/:other',
    {
      schema: {
        tags,
        summary: '两个版本的差别',
        operationId: 'schemeDiff',
        params: z.object({ ref: z.string().max(60), other: z.string().max(60) }),
      },
    },
    async (request) => {
      const { ref, other } = request.params as { ref: string; other: string }
      const [from, to] = [service.rating.schemeOf(ref), service.rating.schemeOf(other)]
      if (!from || !to) return fail('not-found')
      return { from: schemeRef(from), to: schemeRef(to), changes: diffSchemes(from, to) }
    },
  )
  app.post(
    '/api/v1/schemes/check',
    {
      schema: {
        tags,
        summary: '检查一份评定标准',
        operationId: 'checkScheme',
        body: z.unknown(),
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const checked = checkScheme(request.body)
      if (checked.ok) return { ok: true, scheme: schemeRef(checked.scheme) }
      const [first] = checked.defects
      return sendProblem(reply, {
        ...problemOf(first!.code),
        errors: checked.defects.map(
          (defect): FieldError => ({ pointer: defect.pointer, detail: problemOf(defect.code).title }),
        ),
      })
    },
  )

  app.get(
    '/api/v1/ratings',
    {
      schema: {
        tags,
        summary: '星级及其明细账：任一时点、任一版本',
        operationId: 'rate',
        querystring: rateQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { workers, order, ...question } = request.query as z.infer<typeof rateQuery>
      const found = await service.rating.runLarge(question, mayRead(request.principal), workers)
      if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
      const { run, offices } = found.value
      return { run, offices: order === 'rank' ? [...offices].sort(byRank) : offices }
    },
  )
  app.post(
    '/api/v1/ratings/what-if',
    {
      schema: {
        tags,
        summary: '假如用这份草案评定：只算，不写',
        operationId: 'whatIf',
        body: z.object({ scheme: z.unknown(), asOf: text, effectiveAt: text, office: text, division: text }),
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { scheme, ...question } = request.body as { scheme: unknown } & z.infer<typeof runQuery>
      const checked = checkScheme(scheme)
      if (!checked.ok)
        return sendProblem(reply, {
          ...problemOf(checked.defects[0]!.code),
          errors: checked.defects.map((defect) => ({
            pointer: `/scheme${defect.pointer}`,
            detail: problemOf(defect.code).title,
          })),
        })
      const draft: Scheme = checked.scheme
      const found = await service.rating.runLarge({ ...question, draft }, mayRead(request.principal))
      return found.ok ? found.value : sendProblem(reply, problemOfRefusal(found.refusal))
    },
  )
  app.post(
    '/api/v1/ratings/runs',
    {
      schema: {
        tags,
        summary: '评定运算并登记摘要，任何人可以重算',
        operationId: 'recordRun',
        body: runQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const question = request.body as z.infer<typeof runQuery>
      const found = await service.rating.runLarge(question, mayRead(request.principal))
      if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
      const { run, offices } = found.value
      const result = await service.execute({
        category: 'ratingrun',
        action: 'record',
        body: {
          asOf: run.asOf,
          effectiveAt: run.effectiveAt,
          scheme: run.scheme,
          digest: run.digest,
          scope: {
            ...(question.office === undefined ? {} : { office: question.office }),
            ...(question.division === undefined ? {} : { division: question.division }),
          },
          offices: offices.length,
        },
        ...(request.principal.operator ? { organisation: service.people.organisations()[0]?.id ?? '' } : {}),
        commandId: commandId(request),
        requestMac: service.requestMac(request.method, request.url, request.body),
        principal: request.principal,
        correlationId: request.id,
      })
      if (!result.ok) return sendProblem(reply, problemOfRefusal(result.refusal))
      const id = result.stream.slice(result.stream.indexOf('-') + 1)
      return reply.code(201).send({ run: { id, ...run }, offices })
    },
  )
  app.get(
    '/api/v1/ratings/compare',
    {
      schema: {
        tags,
        summary: '两次评定比较：逐级、逐项、逐行，附原因',
        operationId: 'compareRuns',
        querystring: z.object({ left: z.string().max(300), right: z.string().max(300), workers }),
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { left, right, workers } = request.query as { left: string; right: string; workers?: number }
      const found = await service.rating.compare(left, right, mayRead(request.principal), workers)
      return found.ok ? found.value : sendProblem(reply, problemOfRefusal(found.refusal))
    },
  )
  app.get(
    '/api/v1/ratings/affected',
    {
      schema: {
        tags,
        summary: '依据已变化的已公布评定',
        operationId: 'affectedRatings',
        querystring: z.object({ asOf: text }),
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const found = service.rating.affected(request.query as { asOf?: string }, mayRead(request.principal))
      return found.ok ? { ratings: found.value } : sendProblem(reply, problemOfRefusal(found.refusal))
    },
  )
}
