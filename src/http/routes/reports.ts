/** Bulletins, inspection reports and weekly statistics: read with their figures counted again from the log, and as a page to print. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type ReproducedFigures, reproduce } from '../../commands/reports.ts'
import type { ReportState } from '../../domain/bulletin.ts'
import { figureTerm, reportKindTerms, reportTexts } from '../../domain/catalogue/oversight.ts'
import type { Service } from '../../service.ts'
import { escapeHtml, page } from '../page.ts'
import { etagOf } from '../preconditions.ts'
import { problemOfRefusal, problemSchema, sendProblem } from '../problem.ts'
import { streamOf } from './commands.ts'
import { boundsQuery, waitAtLeast } from './complaints.ts'

const params = z.object({ id: z.string().min(1).max(200) })
const query = boundsQuery.extend({ format: z.enum(['json', 'html']).default('json').describe('html：可打印的页面') })

type File = Record<string, unknown> & ReportState & { readonly revision: number }

export function reportRoutes(app: FastifyInstance, service: Service): void {
  const titleOf = ({ unit, person }: { unit?: string | undefined; person?: string | undefined }): string => {
    if (person !== undefined) return service.people.person(person)?.name ?? person
    if (unit === undefined) return reportTexts.all
    return service.people.organisation(unit)?.name ?? service.people.office(unit)?.name ?? unit
  }
  /** The file, with figures where the report stands. */
  async function read(request: FastifyRequest) {
    const { asOf, effectiveAt, atLeast } = request.query as z.infer<typeof query>
    await waitAtLeast(service, atLeast)
    const stream = streamOf(service, request, 'report', (request.params as { id: string }).id)
    const found = await service.reading.show(request.principal, stream, { asOf, effectiveAt })
    if (!found.ok) return found
    const file = found.value as File
    const { figures, organisation, from, until } = file
    if (!figures || from === undefined || until === undefined)
      return { ok: true as const, value: file, figures: undefined }
    const again = await reproduce(figures, { organisation, from, until }, service.figuresOf, titleOf)
    return { ok: true as const, value: { ...file, figures: again }, figures: again }
  }

  app.get(
    '/api/v1/reports/:id',
    {
      schema: {
        tags: ['通报与报告'],
        summary: '一份通报或报告：数字按原截止序号和时间由记录重算，并说明是否一致',
        operationId: 'report.file',
        params,
        querystring: query,
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const found = await read(request)
      if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
      const { format } = request.query as z.infer<typeof query>
      reply.header('etag', etagOf((found.value as unknown as File).revision))
      if (format === 'json' || !found.figures) return found.value
      return reply
        .type('text/html; charset=utf-8')
        .send(
          printed(
            found.value as unknown as File,
            found.figures,
            titleOf({ unit: (found.value as unknown as File).organisation }),
          ),
        )
    },
  )
}

const percent = (rate: number | null): string => (rate === null ? '—' : `${(rate * 100).toFixed(2)}%`)

/** The report to print: every figure with its name, rates with what they are shares of. */
function printed(file: File, figures: ReproducedFigures, organisation: string): string {
  const names = [...new Set(figures.rows.flatMap(({ counts }) => Object.keys(counts)))].sort()
  const head = [reportTexts.unit, ...names.map(figureTerm), reportTexts.rate, reportTexts.holderRate]
  const rows = figures.rows.map((row) => [
    row.title,
    ...names.map((name) => row.counts[name] ?? 0),
    percent(row.onTimeRate),
    percent(row.holderOnTimeRate),
  ])
  const title = `${organisation} ${reportKindTerms[file.kind ?? 'monthly']}`
  const text = timelineText(file)
  return page(
    title,
    [
      `<h1>${escapeHtml(title)}</h1>`,
      `<p>${escapeHtml(reportTexts.period(file.from ?? '', file.until ?? ''))}</p>`,
      text === undefined ? '' : `<p>${escapeHtml(text)}</p>`,
      `<table><thead><tr>${head.map((each) => `<th scope="col">${escapeHtml(each)}</th>`).join('')}</tr></thead>`,
      `<tbody>${rows.map((cells) => `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`).join('')}</tbody></table>`,
      `<p>${escapeHtml(reportTexts.source(figures.asOf, figures.computedAt, figures.reproduced))}</p>`,
    ].join(''),
  )
}

/** What the office wrote into the report, where the reader may read it. */
function timelineText(file: File): string | undefined {
  const timeline = file.timeline as readonly { readonly data: { readonly text?: unknown } }[] | undefined
  const text = timeline?.[0]?.data.text
  return typeof text === 'string' ? text : undefined
}
