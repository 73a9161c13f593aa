/** Star levels over HTTP: schemes, runs with their ledgers, comparisons, what is affected; each list as a file too. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import type { Table } from '../../commands/lists.ts'
import {
  affectedTable,
  byRank,
  comparisonTable,
  ledgerTable,
  ratingTable,
  runTable,
  schemeTable,
} from '../../commands/rating-tables.ts'
import { decideAccess, type Principal } from '../../domain/access.ts'
import { type RatingListName, ratingListTitles } from '../../domain/catalogue/rating-lists.ts'
import { checkScheme } from '../../domain/rating/scheme-check.ts'
import { diffSchemes } from '../../domain/rating/scheme-diff.ts'
import { type Scheme, schemeRef } from '../../domain/rating/scheme-schema.ts'
import type { Service } from '../../service.ts'
import { type FileFormat, formatQuery, listFiles, sendTable } from '../exporting.ts'
import { commandId } from '../preconditions.ts'
import { type FieldError, fail, problemOf, problemOfRefusal, problemSchema, sendProblem } from '../problem.ts'
import { readable } from './registry.ts'

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
const rateQuery = runQuery.extend({ workers, order, ...formatQuery.shape })
const ledgerQuery = runQuery.omit({ office: true, division: true }).extend(formatQuery.shape)
const side = z
  .string()
  .max(300)
  .describe('asOf=…,effectiveAt=…,scheme=…，已登记的运算编号，或 published（已公布的评定）')
const whatIfBody = z.object({
  ...{ scheme: z.unknown(), asOf: text, effectiveAt: text, office: text, division: text },
  against: side.optional(),
})
const affectedQuery = z.object({ asOf: text, ...formatQuery.shape })
const compareQuery = z.object({ left: side, right: side, workers, ...formatQuery.shape })

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
  const file = (list: RatingListName, format: FileFormat, reply: FastifyReply, table: Table) =>
    sendTable(reply, format, ratingListTitles[list], service.now(), { ok: true, value: table })
  const mayReadSchemes = (principal: Principal) => readable(service, principal, 'scheme')

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
      mayReadSchemes(request.principal)
      const { format } = request.query as z.infer<typeof formatQuery>
      if (format !== 'json') return file('schemes', format, reply, schemeTable(service.rating.schemes()))
      const items = service.rating.schemes().map(({ id, version, name, form, validFrom, validUntil }) => ({
        id,
        version,
        name,
        form,
        validFrom,
        validUntil: validUntil ?? null,
      }))
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
    async (request) => {
      mayReadSchemes(request.principal)
      return service.rating.schemeOf((request.params as { ref: string }).ref) ?? fail('not-found')
    },
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
      mayReadSchemes(request.principal)
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
      config: { files: listFiles },
      schema: {
        tags,
        summary: '星级及其明细账：任一时点、任一版本',
        operationId: 'rate',
        querystring: rateQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { workers, order, format, ...question } = request.query as z.infer<typeof rateQuery>
      const found = await service.rating.runLarge(question, mayRead(request.principal), workers)
      if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
      const { run, offices } = found.value
      const value = { run, offices: order === 'rank' ? [...offices].sort(byRank) : offices }
      if (format === 'json') return value
      return file('ratings', format, reply, ratingTable(service.people, value, service.rating.schemeOf(run.scheme)))
    },
  )
  app.get(
    '/api/v1/ratings/:office/ledger',
    {
      config: { files: listFiles },
      schema: {
        tags,
        summary: '一个机构的明细账：一行一条',
        operationId: 'ledger',
        params: z.object({ office: z.string().min(1).max(120) }),
        querystring: ledgerQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { office } = request.params as { office: string }
      if (!mayRead(request.principal)(office)) return fail('not-found')
      const { format, ...question } = request.query as z.infer<typeof ledgerQuery>
      const found = service.rating.run({ ...question, office })
      if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
      const { run, offices } = found.value
      if (format !== 'json')
        return file(
          'ledger',
          format,
          reply,
          ledgerTable(service.people, found.value, service.rating.schemeOf(run.scheme)),
        )
      const items = offices[0]!.categories.flatMap((category) =>
        category.criteria.flatMap((criterion) =>
          criterion.lines.map((line) => ({ category: category.id, criterion: criterion.id, ...line })),
        ),
      )
      return { run, office, total: items.length, items }
    },
  )
  app.post(
    '/api/v1/ratings/what-if',
    {
      schema: {
        tags,
        summary: '假如用这份草案评定：只算，不写；写明 against 时一并给出与之的差别',
        operationId: 'whatIf',
        body: whatIfBody,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { scheme, against, ...question } = request.body as z.infer<typeof whatIfBody>
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
      const may = mayRead(request.principal)
      const found = await service.rating.runLarge({ ...question, draft }, may)
      if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
      if (against === undefined) return found.value
      const compared = await service.rating.compare(against, { ...question, draft }, may)
      return compared.ok
        ? { ...found.value, against: compared.value.left, differences: compared.value.offices }
        : sendProblem(reply, problemOfRefusal(compared.refusal))
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
    '/api/v1/ratings/runs',
    {
      config: { files: listFiles },
      schema: {
        tags,
        summary: '已登记的评定运算，最近的在前：何人何时按何标准算得何摘要',
        operationId: 'runs',
        querystring: formatQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { format } = request.query as z.infer<typeof formatQuery>
      const runs = service.book.runs().filter(({ recorded }) => {
        const resource = service.holderOf(recorded.organisation)
        return decideAccess(request.principal, { permission: 'ratingrun.read', resource }).allow
      })
      if (format !== 'json') return file('runs', format, reply, runTable(service.people, runs))
      const items = runs.map(({ id, run, recorded }) => ({
        id,
        ...run,
        recordedAt: recorded.recordedAt,
        actor: recorded.actor,
        index: recorded.index ?? null,
      }))
      return { total: items.length, items }
    },
  )
  app.get(
    '/api/v1/ratings/compare',
    {
      config: { files: listFiles },
      schema: {
        tags,
        summary: '两次评定、或一次评定与已公布的比较：逐级、逐项、逐行，附原因',
        operationId: 'compareRuns',
        querystring: compareQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { left, right, workers, format } = request.query as z.infer<typeof compareQuery>
      const found = await service.rating.compare(left, right, mayRead(request.principal), workers)
      if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
      return format === 'json'
        ? found.value
        : file('comparison', format, reply, comparisonTable(service.people, found.value))
    },
  )
  app.get(
    '/api/v1/ratings/affected',
    {
      config: { files: listFiles },
      schema: {
        tags,
        summary: '依据已变化的已公布评定',
        operationId: 'affectedRatings',
        querystring: affectedQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { format, asOf } = request.query as z.infer<typeof affectedQuery>
      const found = service.rating.affected({ asOf }, mayRead(request.principal))
      if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
      return format === 'json'
        ? { ratings: found.value }
        : file('affected', format, reply, affectedTable(service.people, found.value))
    },
  )
}
