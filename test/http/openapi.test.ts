/** The interface's own description: complete, well formed, and the rule of who may what on every route of it. */
import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { decideAccess, roles } from '../../src/domain/access.ts'
import { ToSeal } from '../../src/domain/sealed.ts'
import { register } from '../support/chain.ts'
import { type Named, type Schema, sample } from '../support/sample.ts'
import { type Call, startService, type TestService, type Who } from '../support/service.ts'

t.setTimeout(300_000)

interface Operation {
  readonly method: string
  readonly path: string
  readonly id: string
  readonly isPublic: boolean
  readonly body: Schema | undefined
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[]
}

const METHODS = ['get', 'post', 'put', 'delete', 'patch', 'head', 'options']

async function describe(service: TestService): Promise<{ document: Schema; operations: Operation[] }> {
  const { json: document } = await service.call(undefined, 'GET', '/docs/json')
  const operations = Object.entries<Schema>(document.paths).flatMap(([path, item]) =>
    Object.entries<Schema>(item)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        id: operation.operationId as string,
        isPublic: Array.isArray(operation.security) && operation.security.length === 0,
        body: operation.requestBody?.content?.['application/json']?.schema,
        parameters: operation.parameters ?? [],
      })),
  )
  return { document, operations }
}

const PLAIN_TYPES = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'])

/** What is wrong with a JSON schema as OpenAPI 3.1 reads it. */
function faults(schema: Schema, at: string, document: Schema): string[] {
  if (typeof schema === 'boolean') return []
  if (typeof schema !== 'object' || schema === null) return [`${at}: no schema`]
  const found: string[] = []
  if (schema.$ref !== undefined) {
    const target = String(schema.$ref).startsWith('#/')
      ? String(schema.$ref)
          .slice(2)
          .split('/')
          .reduce((node, key) => node?.[key], document)
      : undefined
    if (target === undefined) found.push(`${at}: ${schema.$ref} leads nowhere`)
  }
  for (const type of [schema.type ?? []].flat()) if (!PLAIN_TYPES.has(type)) found.push(`${at}: type ${type}`)
  if (schema.nullable !== undefined) found.push(`${at}: nullable is of OpenAPI 3.0`)
  if (schema.pattern !== undefined)
    try {
      new RegExp(schema.pattern, 'u')
    } catch {
      found.push(`${at}: pattern`)
    }
  for (const key of schema.required ?? [])
    if (schema.properties && !schema.properties[key]) found.push(`${at}: ${key} is required but unknown`)
  for (const [key, child] of Object.entries(schema.properties ?? {}))
    found.push(...faults(child, `${at}/${key}`, document))
  for (const key of ['anyOf', 'oneOf', 'allOf', 'prefixItems'])
    for (const [i, child] of (schema[key] ?? []).entries()) found.push(...faults(child, `${at}/${key}/${i}`, document))
  for (const key of ['items', 'additionalProperties', 'not', 'propertyNames'])
    if (schema[key] !== undefined) found.push(...faults(schema[key], `${at}/${key}`, document))
  return found
}

t.test('the description is OpenAPI 3.1, every operation has a name, its parameters and its answers', async (t) => {
  const service = await startService(t)
  const { document, operations } = await describe(service)
  t.match(document.openapi, /^3\.1\.\d+$/)
  t.match(document.info, { title: String, version: String })
  t.ok(operations.length > 100)
  t.equal(new Set(operations.map(({ id }) => id)).size, operations.length, 'operation ids are unique')
  const wrong: string[] = []
  for (const { method, path, id, parameters } of operations) {
    const operation = document.paths[path][method.toLowerCase()]
    if (!/\p{Script=Han}/u.test(operation.summary ?? '')) wrong.push(`${id}: no Chinese summary`)
    for (const name of path.matchAll(/\{(\w+)\}/g))
      if (!parameters.some((each) => each.in === 'path' && each.name === name[1] && each.required))
        wrong.push(`${id}: ${name[1]}`)
    for (const parameter of operation.parameters ?? [])
      wrong.push(...faults(parameter.schema, `${id}#${parameter.name}`, document))
    if (Object.keys(operation.responses ?? {}).length === 0) wrong.push(`${id}: no answers`)
    for (const [status, answer] of Object.entries<Schema>(operation.responses ?? {})) {
      if (typeof answer.description !== 'string') wrong.push(`${id} ${status}: no description`)
      for (const media of Object.values<Schema>(answer.content ?? {}))
        if (media.schema) wrong.push(...faults(media.schema, `${id} ${status}`, document))
    }
    for (const media of Object.values<Schema>(operation.requestBody?.content ?? {}))
      wrong.push(...faults(media.schema, id, document))
  }
  t.same(
    wrong.filter((each) => !each.endsWith('no Chinese summary')),
    [],
  )
})

t.test('the description is valid by the schema of OpenAPI itself', async (t) => {
  const service = await startService(t)
  const { document } = await describe(service)
  const validator = new Validator()
  const { valid, errors } = await validator.validate(structuredClone(document))
  t.ok(valid, JSON.stringify(errors)?.slice(0, 2_000))
  t.equal(validator.version, '3.1')
  const { paths: _paths, ...broken } = document
  t.notOk((await new Validator().validate({ ...broken, paths: [] })).valid, 'and the check tells what is not')
})

t.test(
  'problems are described as what they are sent as, files by their own types, forms by their fields',
  async (t) => {
    const service = await startService(t)
    const { document, operations } = await describe(service)
    const problem = await service.call('reception', 'GET', '/api/v1/complaints?limit=0')
    t.match(problem.headers['content-type'], /^application\/problem\+json/)
    const wrong: string[] = []
    let problems = 0
    for (const { method, path, id, isPublic } of operations) {
      const { responses, requestBody } = document.paths[path][method.toLowerCase()]
      for (const [status, answer] of Object.entries<Schema>(responses)) {
        const types = Object.keys(answer.content ?? {})
        const isProblem = types.includes('application/problem+json')
        if (isProblem) problems++
        // A code of 4xx or 5xx, or `default`, is a problem and nothing else.
        if (isProblem === /^[23]/.test(status) || (isProblem && types.length > 1))
          wrong.push(`${id} ${status}: ${types}`)
      }
      if (!isPublic && !responses.default) wrong.push(`${id} does not say how it refuses`)
      for (const type of Object.keys(requestBody?.content ?? {}))
        if (type !== 'application/json' && type !== 'multipart/form-data') wrong.push(`${id}: ${type}`)
    }
    t.same(wrong, [])
    t.ok(problems > 100, `${problems} answers are problems`)
    const form = (path: string): Schema =>
      document.paths[path].post.requestBody.content['multipart/form-data'].schema.properties
    t.match(form('/api/v1/complaints/{id}/evidence'), {
      file: { type: 'string', format: 'binary' },
      submittedBy: { enum: Array },
      effectiveAt: { type: 'string' },
    })
    t.match(form('/api/v1/imports'), { file: { format: 'binary' }, mapping: {}, strict: {}, sha256: {} })
    t.match(form('/api/v1/mappings/suggest'), { file: { format: 'binary' } })
    const progress = document.paths['/api/v1/imports/{id}/events'].get.responses
    t.same(Object.keys(progress[200].content), ['text/event-stream'])
    const catalogue = document.paths['/api/v1/registers/catalogue'].get.responses[200].content
    t.same(
      Object.keys(catalogue)
        .map((type) => type.split(';')[0])
        .toSorted(),
      [
        'application/json',
        'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
        'text/csv',
        'text/html',
      ],
    )
  },
)

t.test('every action of every category has its route and a body schema in which sealed fields are texts', async (t) => {
  const service = await startService(t)
  const { operations } = await describe(service)
  const byId = new Map(operations.map((operation) => [operation.id, operation]))
  let sealed = 0
  const walk = (schema: Schema, at: string): void => {
    if (typeof schema !== 'object' || schema === null) return
    if (schema['x-sealed'] !== undefined) {
      sealed++
      t.equal(schema.type, 'string', at)
      t.equal(schema.anyOf, undefined, at)
    }
    for (const [key, child] of Object.entries(schema)) walk(child, `${at}/${key}`)
  }
  for (const category of ['complaint', 'visit'])
    for (const action of Object.keys(service.service.categories[category]!.decider.actions)) {
      const operation = byId.get(`${category}.${action}`)
      t.ok(operation, `${category}.${action}`)
      if (action === 'addEvidence') continue
      t.equal(operation?.body?.type, 'object', `${category}.${action}`)
      t.ok(operation?.body?.properties?.effectiveAt, `${category}.${action} takes the time it happened`)
      walk(operation?.body, `${category}.${action}`)
    }
  t.ok(sealed > 40, `${sealed} sealed fields`)
  const parsed = service.service.categories.complaint!.decider.actions.addNote!.body.parse({ text: '字' }) as {
    text: unknown
  }
  t.ok(parsed.text instanceof ToSeal, 'what is described as text is sealed when it comes in')
})

const ids = (service: TestService, complaint: string): Readonly<Record<string, string>> => ({
  complaint,
  organisation: service.county.bureau,
  office: service.county.office,
  worker: service.county.worker,
  person: service.people.nobody.id,
})

const addressOf = (operation: Operation, id: string): string =>
  operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    name === 'id' ? id : 'x'.repeat(name === 'sha256' ? 64 : 1),
  )

t.test(
  'every route is denied without a token, with an unknown one, and to somebody disabled, unless it is public',
  async (t) => {
    const service = await startService(t)
    const { operations } = await describe(service)
    const disabled = await service.call(
      'administrator',
      'POST',
      `/api/v1/persons/${service.people.reader.id}/disable`,
      {
        body: {},
        ifMatch: 2,
      },
    )
    t.equal(disabled.status, 200, disabled.text)
    const bearers: readonly (readonly [string, Call])[] = [
      ['no token', {}],
      ['an unknown token', { headers: { authorization: 'Bearer dbn.x.y.z' } }],
      ['basic', { headers: { authorization: 'Basic eDp5' } }],
      ['somebody disabled', { headers: { authorization: `Bearer ${service.people.reader.token}` } }],
    ]
    let checked = 0
    for (const operation of operations.filter(({ isPublic }) => !isPublic))
      for (const [name, call] of bearers) {
        const body = operation.method === 'POST' ? { body: {} } : {}
        const answer = await service.call(undefined, operation.method, addressOf(operation, 'x'), { ...call, ...body })
        if (answer.status !== 401 || answer.json.code !== 'unauthenticated')
          t.fail(`${operation.method} ${operation.path} with ${name}: ${answer.status}`)
        checked++
      }
    t.ok(checked > 400, `${checked} requests`)
    const open = operations.filter(({ isPublic }) => isPublic).map(({ path }) => path)
    t.same(
      open.filter((path) => path.startsWith('/api/')),
      [],
      'nothing of the interface proper is public',
    )
  },
)

t.test('every role may on every route what the table of rights says, and nothing else', async (t) => {
  const service = await startService(t)
  const { operations } = await describe(service)
  const { json } = await register(service)
  const targets = ids(service, json.case)
  const named: Named = {
    organisation: service.county.bureau,
    parent: service.county.bureau,
    successor: service.county.city,
    office: service.county.office,
    to: service.county.office,
    respondentOffice: service.county.office,
    code: 'NEW',
    division: '990121',
    effectiveAt: '2026-03-02',
  }
  const who: readonly Who[] = [...roles, 'elsewhere', 'administrator2', 'nobody']
  const uncovered: string[] = []
  let allowed = 0
  let denied = 0
  for (const operation of operations) {
    const [category, action] = operation.id.split('.') as [string, string]
    const target = targets[category]
    if (!target || operation.method !== 'POST' || !operation.body || action === 'issueToken') continue
    const known = service.service.categories[category]!
    const stream = `${category}-${target}`
    const creates = !operation.path.includes('{id}')
    for (const person of who) {
      const principal = service.service.people.principal(service.people[person].id)
      // Somebody whom an earlier request of this very test disabled.
      if (!principal) continue
      const { state, events } = await service.service.load(stream, known.decider)
      const owner = creates ? service.county.bureau : events.at(-1)!.organisation
      const resource = {
        ...(creates ? {} : known.resource(state as never, target)),
        ...service.service.holderOf(category === 'worker' || category === 'office' ? service.county.bureau : owner),
      }
      const expected = decideAccess(principal, { permission: `${category}.${action}`, resource }).allow
      const body =
        action === 'correct'
          ? { corrections: [{ mode: 'void', event: crypto.randomUUID(), reason: '试' }] }
          : (sample(operation.body, named) as object)
      const answer = await service.call(person, 'POST', addressOf(operation, target), {
        body: { ...body, ...(creates && category === 'complaint' ? { organisation: service.county.bureau } : {}) },
        ...(creates ? {} : { ifMatch: events.at(-1)!.revision }),
      })
      if (answer.status === 422 && answer.json.code === 'invalid-request') {
        uncovered.push(operation.id)
        break
      }
      const isDenied = answer.status === 404 ? answer.json.code === 'not-found' : answer.json.code === 'forbidden'
      if (isDenied === expected)
        t.fail(`${person} ${operation.id}: ${expected ? 'may' : 'may not'}, got ${answer.status} ${answer.json.code}`)
      if (answer.status === 500) t.fail(`${person} ${operation.id}: ${answer.text}`)
      if (isDenied) denied++
      else allowed++
    }
  }
  t.same([...new Set(uncovered)], [], 'a body was made for every action')
  t.ok(allowed > 150 && denied > 700, `${allowed} allowed, ${denied} denied`)
})

t.test('the machine’s own routes are for who keeps it; the administrator reads no business', async (t) => {
  const service = await startService(t)
  const { json } = await register(service)
  const may = async (method: string, url: string, body?: object): Promise<string[]> => {
    const able: string[] = []
    for (const person of [...roles, 'nobody' as const]) {
      const answer = await service.call(person, method, url, body ? { body } : {})
      if (answer.status < 400) able.push(person)
    }
    return able
  }
  t.same(await may('GET', '/api/v1/projections'), ['auditor', 'administrator'])
  t.same(await may('POST', '/api/v1/projections/rebuild', { name: 'visits' }), ['administrator'])
  t.same(await may('POST', '/api/v1/verify', {}), ['bureau-leader', 'auditor', 'administrator'])
  t.same(await may('POST', '/api/v1/clock/confirm', {}), ['administrator'])
  t.same(await may('GET', '/api/v1/audit'), ['bureau-leader', 'auditor'])
  const readers = await may('GET', `/api/v1/complaints/${json.case}`)
  t.same(
    roles.filter((role) => !readers.includes(role)),
    ['investigator', 'disciplinary-committee', 'administrator'],
    'an investigator not of the case, the committee it was not referred to, and who administers',
  )
  t.same(await may('GET', `/api/v1/complaints/${json.case}/history`), readers)
  await service.service.projections.catchUp()
  for (const person of ['administrator', 'nobody', 'elsewhere', 'investigator'] as const) {
    const list = await service.call(person, 'GET', '/api/v1/complaints')
    t.same([list.status, list.json.total], [200, 0], `${person} sees an empty list`)
  }
})
