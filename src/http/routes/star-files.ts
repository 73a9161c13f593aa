/** Evaluation cycles and the files of single offices: their rating, their record, their levels through time. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { registryTable } from '../../commands/lists.ts'
import { createRatingFile, MAX_POINTS } from '../../commands/rating-file.ts'
import { decideAccess, type Principal } from '../../domain/access.ts'
import { listTitles } from '../../domain/catalogue/lists.ts'
import { type CivilDate, civilDate, dateOf, dateOfMs, dayNumber, isEffectiveTime } from '../../domain/time.ts'
import type { Service } from '../../service.ts'
import { formatQuery, listFiles, sendTable } from '../exporting.ts'
import { etagOf } from '../preconditions.ts'
import { fail, problemOfRefusal, problemSchema, sendProblem } from '../problem.ts'
import { waitAtLeast } from './complaints.ts'
import { readable } from './registry.ts'

const text = z.string().max(100).optional()
const bounds = z.object({ asOf: text, effectiveAt: text, atLeast: z.string().max(80).optional() })
const officeParams = z.object({ office: z.string().min(1).max(120) })
const day = z
  .string()
  .refine((value) => isEffectiveTime(value) && value.length === 10, { error: 'effective-time-invalid' })
const curveQuery = z.object({
  from: day.optional().describe('起始日；缺省为截止日前五年'),
  until: day.optional().describe('截止日；缺省为今天'),
  points: z.coerce.number().int().min(2).max(MAX_POINTS).default(61).describe('点数'),
  known: z.enum(['now', 'then']).default('now').describe('now：按现在所知；then：按当时已记录的'),
  scheme: text,
  asOf: text,
})

/** `count` days from the first to the last, as evenly as days go. */
function daysBetween(from: CivilDate, until: CivilDate, count: number): CivilDate[] {
  const [first, last] = [dayNumber(from), dayNumber(until)]
  const places = Array.from({ length: count }, (_, place) => Math.round(first + ((last - first) * place) / (count - 1)))
  return [...new Set(places)].map(civilDate)
}

export function starFileRoutes(app: FastifyInstance, service: Service): void {
  const file = createRatingFile({ ...service, dueOf: service.limits.dueOf })
  const may = (principal: Principal, permission: string, office: string): boolean => {
    const organisation = service.people.office(office)?.organisation ?? ''
    const resource = { ...service.holderOf(organisation), respondentOffice: office }
    return decideAccess(principal, { permission, resource }).allow
  }
  const bounded = (request: FastifyRequest) => {
    const found = service.reading.resolveBounds(request.query as z.infer<typeof bounds>)
    return found.ok ? found.value : found
  }

  app.get(
    '/api/v1/cycles',
    {
      config: { files: listFiles },
      schema: {
        tags: ['评定周期'],
        summary: '评定周期',
        operationId: 'cycles',
        querystring: formatQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      readable(service, request.principal, 'cycle')
      const items = file.cycles()
      const { format } = request.query as z.infer<typeof formatQuery>
      if (format !== 'json')
        return sendTable(reply, format, listTitles.cycles, service.now(), {
          ok: true,
          value: registryTable(service, 'cycles', items),
        })
      return { total: items.length, items }
    },
  )
  app.get(
    '/api/v1/cycles/plan',
    {
      schema: {
        tags: ['评定周期'],
        summary: '某一标准、某一年度的评定安排：启动评定与参评时照此填写',
        operationId: 'cyclePlan',
        querystring: z.object({ scheme: z.string().max(60), year: z.coerce.number().int().min(2000).max(2200) }),
        response: { default: problemSchema },
      },
    },
    async (request) => {
      readable(service, request.principal, 'cycle')
      const { scheme, year } = request.query as { scheme: string; year: number }
      return file.plan(scheme, year) ?? fail('scheme-not-published')
    },
  )
  app.get(
    '/api/v1/cycles/:id',
    {
      schema: {
        tags: ['评定周期'],
        summary: '一个评定周期：安排、参评机构及进度',
        operationId: 'cycle',
        params: z.object({ id: z.string().min(1).max(120) }),
        querystring: bounds,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      await waitAtLeast(service, (request.query as z.infer<typeof bounds>).atLeast)
      const { id } = request.params as { id: string }
      const asked = bounded(request)
      if ('ok' in asked) return sendProblem(reply, problemOfRefusal(asked.refusal))
      const found = file.cycle(id, asked.bounds.asOf)
      if (!found) return fail('not-found')
      const participants = found.participants.filter(({ office }) => may(request.principal, 'rating.read', office))
      const shown = await service.reading.show(request.principal, `cycle-${id}`, request.query as object)
      const { revision, next } = shown.ok ? (shown.value as { revision: number; next: string[] }) : fail('not-found')
      reply.header('etag', etagOf(revision))
      return { ...found, participants, revision, next }
    },
  )

  app.get(
    '/api/v1/ratings/:office',
    {
      schema: {
        tags: ['星级评定'],
        summary: '一个机构的评定：公布星级、所处阶段、期限、下一步',
        operationId: 'ratingFile',
        params: officeParams,
        querystring: bounds,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      await waitAtLeast(service, (request.query as z.infer<typeof bounds>).atLeast)
      const { office } = request.params as z.infer<typeof officeParams>
      if (!service.people.office(office) || !may(request.principal, 'rating.read', office)) return fail('not-found')
      const asked = bounded(request)
      if ('ok' in asked) return sendProblem(reply, problemOfRefusal(asked.refusal))
      const { bounds: within, shown } = asked
      const standing = file.standing(office, within.asOf ?? service.log.size(), shown.effectiveAt)
      const found = await service.reading.show(request.principal, `rating-${office}`, request.query as object)
      // An office that was never enrolled has no stream yet; it is enrolled by the first step.
      if (!found.ok && found.refusal.code !== 'not-found') return sendProblem(reply, problemOfRefusal(found.refusal))
      const value = found.ok ? found.value : { ...shown, revision: null, timeline: [], next: [] }
      if (found.ok) reply.header('etag', etagOf((found.value as { revision: number }).revision))
      return { ...value, ...standing }
    },
  )
  app.get(
    '/api/v1/ratings/:office/curve',
    {
      schema: {
        tags: ['星级评定'],
        summary: '一个机构历年的星级曲线',
        operationId: 'ratingCurve',
        params: officeParams,
        querystring: curveQuery,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { office } = request.params as z.infer<typeof officeParams>
      if (!may(request.principal, 'rating.read', office)) return fail('not-found')
      const { from, until, points, known, scheme, asOf } = request.query as z.infer<typeof curveQuery>
      const last = until ?? dateOfMs(service.now())
      const first = from ?? civilDate(dayNumber(dateOf(last)) - 1826)
      if (first > last) return fail('invalid-request', { errors: [{ pointer: '#query/from', detail: '晚于截止日' }] })
      const found = file.curve(office, daysBetween(first, last, points), { scheme, asOf }, known)
      return found.ok ? { office, points: found.value } : sendProblem(reply, problemOfRefusal(found.refusal))
    },
  )
  app.get(
    '/api/v1/records/:office',
    {
      schema: {
        tags: ['机构记录'],
        summary: '一个机构的记录',
        operationId: 'recordFile',
        params: officeParams,
        querystring: bounds,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      await waitAtLeast(service, (request.query as z.infer<typeof bounds>).atLeast)
      const { office } = request.params as z.infer<typeof officeParams>
      const found = await service.reading.show(request.principal, `record-${office}`, request.query as object)
      if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
      reply.header('etag', etagOf((found.value as { revision: number }).revision))
      return found.value
    },
  )
  for (const [path, category] of [
    ['cycles', 'cycle'],
    ['ratings', 'rating'],
    ['records', 'record'],
  ] as const)
    app.get(
      `/api/v1/${path}/:id/history`,
      {
        schema: {
          tags: [category === 'record' ? '机构记录' : category === 'cycle' ? '评定周期' : '星级评定'],
          summary: '全部记录：谁、何时记录、何时发生、变了什么、依据',
          operationId: `${category}History`,
          params: z.object({ id: z.string().min(1).max(120) }),
          querystring: bounds,
          response: { default: problemSchema },
        },
      },
      async (request, reply) => {
        const { id } = request.params as { id: string }
        const found = await service.reading.history(request.principal, `${category}-${id}`, request.query as object)
        return found.ok ? found.value : sendProblem(reply, problemOfRefusal(found.refusal))
      },
    )
}
