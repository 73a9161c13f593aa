/** Evidence of a case: uploaded as a file, checked by content, encrypted before it is stored, and given out as it came in. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { ADD_EVIDENCE, fieldsBesideFile } from '../../domain/evidence.ts'
import { isEffectiveTime } from '../../domain/time.ts'
import type { Service } from '../../service.ts'
import { formFile } from '../openapi.ts'
import { type CategoryPath, categoryPaths } from '../paths.ts'
import { commandId, ifMatch } from '../preconditions.ts'
import { fail, problemOfRefusal, problemSchema, sendProblem } from '../problem.ts'
import { answerCommand, commandAnswer, streamOf } from './commands.ts'

const effectiveAt = z.string().refine(isEffectiveTime, { error: 'effective-time-invalid' }).optional()

interface Form {
  readonly file?: { readonly bytes: Buffer; readonly name: string }
  readonly fields: Readonly<Record<string, string>>
}

/** The one file and the fields of a form, in whatever order they come. @throws ProblemError */
async function readForm(request: FastifyRequest): Promise<Form> {
  if (!request.isMultipart()) return fail('unsupported-media-type')
  let file: Form['file']
  const given: Record<string, string> = {}
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file') file = { bytes: await part.toBuffer(), name: part.filename }
      else given[part.fieldname] = String(part.value)
    }
  } catch (error) {
    return fail(
      (error as { code?: string }).code === 'FST_REQ_FILE_TOO_LARGE' ? 'evidence-too-large' : 'malformed-form',
    )
  }
  return { ...(file ? { file } : {}), fields: given }
}

export function evidenceRoutes(app: FastifyInstance, service: Service): void {
  for (const path of categoryPaths) {
    const action = service.categories[path.category]!.decider.actions[ADD_EVIDENCE]
    if (!action) continue
    const fields = fieldsBesideFile(action.body as z.ZodType).extend({ effectiveAt })
    addingRoute(app, service, path, action.rule, fields)
    readingRoute(app, service, path)
  }
}

function addingRoute(
  app: FastifyInstance,
  service: Service,
  path: CategoryPath,
  rule: string,
  fields: z.ZodObject,
): void {
  const { category } = path
  app.post(
    `/api/v1/${path.path}/:id/evidence`,
    {
      config: { form: fields.extend({ file: formFile('材料原件，类型按内容识别') }) },
      schema: {
        tags: [path.title],
        summary: service.actionTitle(category, ADD_EVIDENCE),
        description: `依据：${rule}`,
        operationId: `${category}.${ADD_EVIDENCE}`,
        params: z.object({ id: z.string().min(1).max(120) }),
        response: { 200: commandAnswer, default: problemSchema },
      },
    },
    async (request, reply) => {
      const seen = ifMatch(request, !(service.local && request.principal.operator === true))
      const stream = streamOf(service, request, category, (request.params as { id: string }).id)
      const form = await readForm(request)
      if (!form.file) return fail('evidence-empty')
      const { bytes, name: fileName } = form.file
      const values = Object.entries(form.fields).sort(([a], [b]) => (a < b ? -1 : 1))
      const parsed = fields.safeParse(form.fields)
      if (!parsed.success)
        return fail('invalid-request', {
          errors: parsed.error.issues.map((issue) => ({ pointer: `/${issue.path.join('/')}`, detail: issue.message })),
        })
      const { effectiveAt: at, ...said } = parsed.data as { effectiveAt?: string }
      // Rights and state are asked before anything is stored; the command asks them again.
      const may = service.reading.mayAct(request.principal, stream, ADD_EVIDENCE)
      if (!may.ok) return sendProblem(reply, problemOfRefusal(may.refusal))
      const subject = may.value.subject
      if (subject === undefined) return fail('not-found')
      const accepted = await service.evidenceService.accept(bytes, fileName, { subject, stream })
      if (!accepted.ok) return sendProblem(reply, problemOfRefusal(accepted.refusal))
      const { address, type, size, contentSha256, name } = accepted.evidence
      const result = await service.execute({
        category,
        stream,
        action: ADD_EVIDENCE,
        body: { ...said, sha256: address, size, mediaType: type, name, plaintextSha256: contentSha256 },
        commandId: commandId(request),
        // The ciphertext differs on every try; the content and its description do not.
        requestMac: service.vault.mac(
          'request',
          Buffer.concat([Buffer.from(JSON.stringify([request.url, values])), bytes]),
        ),
        correlationId: request.id,
        principal: request.principal,
        ...(at === undefined ? {} : { effectiveAt: at }),
        ...(seen === undefined ? {} : { ifMatch: seen }),
      })
      return answerCommand(service, request, reply, path, result, false)
    },
  )
}

function readingRoute(app: FastifyInstance, service: Service, { category, path, title }: CategoryPath): void {
  app.get(
    `/api/v1/${path}/:id/evidence/:sha256`,
    {
      config: { files: { types: ['*/*'], orJson: true } },
      schema: {
        tags: [title],
        summary: '取出证据材料原件',
        operationId: `${category}.readEvidence`,
        params: z.object({ id: z.string().min(1).max(120), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
        response: { default: problemSchema },
      },
    },
    async (request, reply) => {
      const { id, sha256 } = request.params as { id: string; sha256: string }
      const stream = streamOf(service, request, category, id)
      const found = await service.reading.evidenceOf(request.principal, stream, sha256)
      if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
      const content = await service.evidenceService.read(sha256, { subject: found.subject, stream })
      if (content === undefined) return fail('not-found')
      if (!(content instanceof Uint8Array)) return reply.code(200).send(content)
      return reply
        .type(found.mediaType)
        .header('content-disposition', `attachment; filename="${sha256.slice(0, 12)}"`)
        .header('x-content-type-options', 'nosniff')
        .send(Buffer.from(content))
    },
  )
}
