/** Registers: daily reception, weekly statistics, case catalogue; as data, as files, as pages to print. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type Register, registerFileColumns, registerRows, registers } from '../../commands/registers/index.ts'
import { type RegisterName, registerRules, registerTitles } from '../../domain/catalogue/registers.ts'
import { isCivilDate } from '../../domain/time.ts'
import type { Service } from '../../service.ts'
import { listFiles, sendTable } from '../exporting.ts'
import { problemOfRefusal, problemSchema, sendProblem } from '../problem.ts'
import { registerPage } from '../register-page.ts'
import { boundsQuery, waitAtLeast } from './complaints.ts'

const day = z.string().refine(isCivilDate, { error: 'effective-time-invalid' }).optional()
const query = boundsQuery.extend({
  date: day.describe('哪一天：每日登记为当日，每周统计为该周任一日，目录为归档截止日；缺省为今天'),
  from: day.describe('目录：归档起始日'),
  organisation: z.string().max(64).optional(),
  format: z.enum(['json', 'csv', 'xlsx', 'html']).default('json').describe('html：可打印的 A4 页面'),
})

/** A register as a table for a file. */
const tableOf = (register: Register) => ({
  ok: true as const,
  value: { columns: registerFileColumns(register.register), rows: lines(register) },
})
async function* lines(register: Register) {
  yield* registerRows(register)
}

export function registerRoutes(app: FastifyInstance, service: Service): void {
  for (const name of Object.keys(registerTitles) as RegisterName[])
    app.get(
      `/api/v1/registers/${name}`,
      {
        config: { files: { types: [...listFiles.types, 'text/html'], orJson: true } },
        schema: {
          tags: ['登记簿'],
          summary: registerTitles[name],
          description: `依据：${registerRules[name]}`,
          operationId: `register.${name}`,
          querystring: query,
          response: { default: problemSchema },
        },
      },
      async (request, reply) => {
        const { atLeast, format, ...question } = request.query as z.infer<typeof query>
        await waitAtLeast(service, atLeast)
        const found = await registers[name](service, { principal: request.principal, ...question })
        if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
        if (format === 'json') return found.value
        if (format === 'html') return reply.type('text/html; charset=utf-8').send(registerPage(found.value))
        return sendTable(reply, format, `${found.value.title}${found.value.until}`, service.now(), tableOf(found.value))
      },
    )
}
