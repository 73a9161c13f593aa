/** Ledgers over HTTP: upload and check, confirm, progress, a mapping proposed for an unseen file. */
import { readFile } from 'node:fs/promises'
import type { MultipartFile, MultipartValue } from '@fastify/multipart'
import { fastifySSE as sse } from '@fastify/sse'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type ImportJob, ImportJobs, type Upload } from '../../commands/import-jobs.ts'
import { type Mapping, parseMapping } from '../../ledger/mapping.ts'
import { LedgerError } from '../../ledger/problem.ts'
import type { Service } from '../../service.ts'
import { parseBody } from '../body.ts'
import { problemOfImportError } from '../ledger-problem.ts'
import { formFile } from '../openapi.ts'
import { fail, problemSchema } from '../problem.ts'

const tags = ['台账']
const params = z.object({ id: z.string().min(1).max(64) })

/** Largest mapping, bytes. */
const MAPPING_LIMIT = 1024 * 1024

const ledgerFile = formFile('台账文件：XLSX 或 CSV，按内容识别')
/** What an upload brings, as it is described; it is read part by part. */
const uploadForm = z.strictObject({
  file: ledgerFile,
  mapping: z.string().describe('对应关系：JSON，或随附对应关系的名称'),
  strict: z.enum(['true', 'false']).default('false').describe('true：有一行被拒就全部不导入'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i)
    .optional()
    .describe('文件的摘要，用以发现中断'),
})

const rowProblem = z.object({ row: z.int(), column: z.string().nullable(), code: z.string(), reason: z.string() })
const reportSchema = z.object({
  file: z.string(),
  rows: z.int(),
  imported: z.int(),
  repeated: z.int(),
  refused: z.int(),
  events: z.int(),
  errors: z.array(rowProblem),
  errorsOmitted: z.int(),
  written: z.boolean(),
  sha256: z.string(),
})
const jobSchema = z.object({
  id: z.string(),
  state: z.enum(['checking', 'checked', 'importing', 'imported', 'refused', 'failed', 'cancelled', 'expired']),
  file: z.string(),
  organisation: z.string(),
  source: z.string(),
  strict: z.boolean(),
  submittedAt: z.string(),
  progress: z.object({
    rows: z.int(),
    imported: z.int(),
    repeated: z.int(),
    refused: z.int(),
    fraction: z.number(),
  }),
  report: reportSchema.nullable().describe('预检的结果'),
  result: reportSchema.nullable().describe('导入的结果'),
  problem: problemSchema.nullable(),
})

/** A job as it is answered: its error as a problem. */
const shown = ({ error, ...job }: ImportJob) => ({
  ...job,
  problem: error === null ? null : problemOfImportError(error),
})

const MAPPINGS = new URL('../../../examples/', import.meta.url)

/** A mapping as it was sent: JSON, or the name of one that comes with the program. @throws LedgerError, ProblemError */
async function mappingOf(text: string): Promise<Mapping> {
  if (!/^[a-z0-9-]{1,60}$/.test(text.trim())) return parseMapping(parseBody(Buffer.from(text.replace(/^\ufeff/, ''))))
  let shipped: string
  try {
    shipped = await readFile(new URL(`${text.trim()}.json`, MAPPINGS), 'utf8')
  } catch {
    return fail('mapping-unknown')
  }
  return parseMapping(JSON.parse(shipped))
}

/** What a form brought. */
interface Form {
  upload: Upload | undefined
  mapping: string | undefined
  sha256: string | undefined
  strict: boolean
}

/** Reads the form part by part: the ledger to its file, everything else as text. */
async function readForm(request: FastifyRequest, jobs: ImportJobs, limit: number): Promise<Form> {
  const form: Form = { upload: undefined, mapping: undefined, sha256: undefined, strict: false }
  if (!request.isMultipart()) fail('unsupported-media-type')
  const limits = { fileSize: limit, files: 2, fields: 10, fieldSize: MAPPING_LIMIT }
  try {
    for await (const part of request.parts({ limits }) as AsyncIterable<MultipartFile | MultipartValue<string>>) {
      if (part.type === 'file' && part.fieldname === 'mapping') form.mapping = (await part.toBuffer()).toString('utf8')
      else if (part.type === 'file') {
        if (form.upload) fail('invalid-request', { errors: [{ pointer: '/file', detail: '只能有一个台账文件' }] })
        form.upload = await jobs.receive(part.file, part.filename)
      } else if (part.fieldname === 'mapping') form.mapping = part.value
      else if (part.fieldname === 'sha256') form.sha256 = part.value
      else if (part.fieldname === 'strict') form.strict = part.value === 'true'
      else fail('invalid-request', { errors: [{ pointer: '#form', detail: '没有这个字段' }] })
    }
    return form
  } catch (error) {
    if (form.upload) jobs.discard(form.upload.path)
    const { code, name } = error as { code?: string; name?: string }
    if (code === 'FST_REQ_FILE_TOO_LARGE') throw new LedgerError('ledger-too-large', `more than ${limit} bytes`)
    // Whatever else ends a form early, its end was not there: busboy names it in words only.
    if (name === 'Error' && (code === undefined || code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE'))
      throw new LedgerError('ledger-cut-off', 'the form ended early', [], { cause: error })
    throw error
  }
}

export function importRoutes(app: FastifyInstance, service: Service): void {
  if (service.beside) return
  const jobs = new ImportJobs({
    ports: { ...service, wake: () => service.projections.wake() },
    directory: service.directory,
    limit: service.importLimit,
  })
  app.addHook('onClose', () => jobs.close())

  /** Receives a form in a reserved place; the place is given back where nothing goes on with it. */
  async function withForm<Result>(
    request: FastifyRequest,
    use: (form: Form, place: symbol) => Promise<Result>,
  ): Promise<Result> {
    jobs.demandRight(request.principal)
    const place = jobs.reserve()
    try {
      const form = await readForm(request, jobs, service.importLimit)
      try {
        if (form.upload && form.sha256 !== undefined && form.sha256.toLowerCase() !== form.upload.sha256)
          throw new LedgerError('ledger-cut-off', 'what arrived is not what was announced')
        return await use(form, place)
      } catch (error) {
        if (form.upload) jobs.discard(form.upload.path)
        throw error
      }
    } catch (error) {
      jobs.release(place)
      throw error
    }
  }

  app.post(
    '/api/v1/imports',
    {
      config: { form: uploadForm },
      schema: {
        tags,
        summary: '上传台账并预检',
        description: '预检不写入；确认之后才导入。',
        operationId: 'import.upload',
        response: { 202: jobSchema, default: problemSchema },
      },
    },
    async (request, reply) => {
      const job = await withForm(request, async (form, place) => {
        const { upload } = form
        if (!upload || form.mapping === undefined) return fail('import-file-missing')
        return jobs.check(request.principal, place, upload, await mappingOf(form.mapping), form.strict)
      })
      return reply.code(202).header('location', `/api/v1/imports/${job.id}`).send(shown(job))
    },
  )

  app.get(
    '/api/v1/imports/:id',
    {
      schema: {
        tags,
        summary: '一项导入的状态与报告',
        operationId: 'import.show',
        params,
        response: { 200: jobSchema, default: problemSchema },
      },
    },
    async (request) => {
      const job = jobs.find(request.principal, (request.params as z.infer<typeof params>).id)
      return job ? shown(job) : fail('not-found')
    },
  )

  app.post(
    '/api/v1/imports/:id/confirm',
    {
      schema: {
        tags,
        summary: '确认导入预检过的文件',
        operationId: 'import.confirm',
        params,
        body: z.strictObject({
          expectedSha256: z
            .string()
            .regex(/^[0-9a-f]{64}$/)
            .describe('预检报告中的 sha256'),
        }),
        response: { 202: jobSchema, default: problemSchema },
      },
    },
    async (request, reply) => {
      const { id } = request.params as z.infer<typeof params>
      const { expectedSha256 } = request.body as { expectedSha256: string }
      const job = await jobs.confirm(request.principal, id, expectedSha256)
      return reply.code(202).header('location', `/api/v1/imports/${id}`).send(shown(job))
    },
  )

  app.delete(
    '/api/v1/imports/:id',
    {
      schema: {
        tags,
        summary: '取消一项导入',
        operationId: 'import.cancel',
        params,
        response: { 200: jobSchema, default: problemSchema },
      },
    },
    async (request) => shown(await jobs.cancel(request.principal, (request.params as z.infer<typeof params>).id)),
  )

  app.post(
    '/api/v1/mappings/suggest',
    {
      config: { form: z.strictObject({ file: ledgerFile }) },
      schema: {
        tags,
        summary: '为没见过的台账拟一份对应关系',
        description: '所拟的对应关系在 mapping，须由人核对修改。',
        operationId: 'mapping.suggest',
        response: { default: problemSchema },
      },
    },
    async (request) =>
      withForm(request, async ({ upload }, place) => {
        if (!upload) return fail('import-file-missing')
        try {
          return await jobs.suggest(upload)
        } finally {
          jobs.release(place)
        }
      }),
  )

  app.register(async (scope) => {
    await scope.register(sse, { heartbeatInterval: 15_000 })
    scope.get(
      '/api/v1/imports/:id/events',
      {
        sse: 'only',
        schema: {
          tags,
          summary: '一项导入的进度（SSE），到预检结束或导入结束为止',
          description: 'text/event-stream：事件 progress 为进行中，最后一个事件以状态为名，数据与查询该导入相同。',
          operationId: 'import.events',
          params,
        },
      },
      async (request, reply) => {
        const { id } = request.params as z.infer<typeof params>
        if (!jobs.find(request.principal, id)) return fail('not-found')
        const gone = new AbortController()
        reply.sse.onClose(() => gone.abort())
        const messages = async function* () {
          for await (const job of jobs.watch(request.principal, id, gone.signal)) {
            const running = job.state === 'checking' || job.state === 'importing'
            yield { event: running ? 'progress' : job.state, data: shown(job) }
          }
        }
        await reply.sse.send(messages())
      },
    )
  })
}
