/** Bad input: each its own code, a Chinese title, nothing recorded, and nothing of what a person wrote in the problem or the log. */
import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { errors } from '../../src/domain/catalogue/errors.ts'
import { personal, register, registration, runChain } from '../support/chain.ts'
import { type Answer, type Call, startService } from '../support/service.ts'

const CANARY = '张三丰十三九'

t.setTimeout(120_000)

t.test('each mistake has its own code, is told in Chinese, records nothing and repeats nothing', async (t) => {
  const service = await startService(t)
  const { json } = await register(service)
  const id = json.case
  const size = service.service.log.size()
  const complaints = '/api/v1/complaints'
  const jsonBody = (payload: string): Call => ({ payload, headers: { 'content-type': 'application/json' } })
  const anonymous = { channel: 'visit', anonymous: true, matter: CANARY }
  const cases: readonly (readonly [string, string, string, Call, number, string])[] = [
    ['broken JSON', 'POST', complaints, jsonBody(`{"matter": "${CANARY}"`), 400, 'malformed-json'],
    ['an empty body', 'POST', complaints, jsonBody(''), 400, 'malformed-json'],
    ['no body', 'POST', complaints, {}, 422, 'invalid-request'],
    [
      'bytes that are no UTF-8',
      'POST',
      complaints,
      { payload: Buffer.from([0x22, 0xd5, 0xc5, 0x22]), headers: { 'content-type': 'application/json' } },
      400,
      'malformed-json',
    ],
    [
      'half a character',
      'POST',
      complaints,
      jsonBody('{"channel":"visit","anonymous":true,"matter":"\\ud83d"}'),
      400,
      'malformed-json',
    ],
    ['a list', 'POST', complaints, { body: [CANARY] }, 422, 'invalid-request'],
    ['wrong types', 'POST', complaints, { body: { ...anonymous, anonymous: CANARY } }, 422, 'invalid-request'],
    [
      'a word that is not in the list',
      'POST',
      complaints,
      { body: { ...anonymous, channel: CANARY } },
      422,
      'invalid-request',
    ],
    ['an unknown field', 'POST', complaints, { body: { ...anonymous, [CANARY]: CANARY } }, 422, 'invalid-request'],
    ['an empty text', 'POST', complaints, { body: { ...anonymous, matter: '  ' } }, 422, 'invalid-request'],
    [
      'too long a text',
      'POST',
      complaints,
      { body: { ...anonymous, matter: CANARY.repeat(2_000) } },
      422,
      'invalid-request',
    ],
    [
      'an impossible date',
      'POST',
      complaints,
      { body: { ...anonymous, effectiveAt: '2026-02-30' } },
      422,
      'effective-time-invalid',
    ],
    [
      'the future',
      'POST',
      complaints,
      { body: { ...anonymous, effectiveAt: '2026-03-03' } },
      422,
      'effective-in-future',
    ],
    [
      'too large a body',
      'POST',
      complaints,
      { body: { ...anonymous, x: CANARY.repeat(20_000) } },
      413,
      'body-too-large',
    ],
    [
      'too large an event',
      'POST',
      complaints,
      { body: { ...anonymous, matter: '字'.repeat(8_000), request: '字'.repeat(8_000) } },
      413,
      'event-too-large',
    ],
    ['endless nesting', 'POST', complaints, jsonBody('['.repeat(2_000) + ']'.repeat(2_000)), 400, 'body-too-deep'],
    ['__proto__', 'POST', complaints, jsonBody(`{"__proto__":{"x":"${CANARY}"}}`), 400, 'body-key-forbidden'],
    [
      'constructor',
      'POST',
      complaints,
      jsonBody(`{"constructor":{"prototype":"${CANARY}"}}`),
      400,
      'body-key-forbidden',
    ],
    [
      'plain text',
      'POST',
      complaints,
      { payload: CANARY, headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported-media-type',
    ],
    [
      'a web form',
      'POST',
      complaints,
      {
        payload: `matter=${encodeURIComponent(CANARY)}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
      415,
      'unsupported-media-type',
    ],
    [
      'an unknown office',
      'POST',
      complaints,
      { body: { ...anonymous, respondentOffice: 'nowhere' } },
      422,
      'office-unknown',
    ],
    [
      'an unknown worker',
      'POST',
      complaints,
      { body: { ...anonymous, respondentWorker: 'nobody' } },
      422,
      'worker-unknown',
    ],
    [
      'an unknown person',
      'POST',
      complaints,
      { body: { ...anonymous, firstContact: 'nobody' } },
      422,
      'person-unknown',
    ],
    [
      'somebody and anonymous',
      'POST',
      complaints,
      { body: { ...registration(service), anonymous: true } },
      422,
      'anonymous-with-complainant',
    ],
    [
      'nobody and not anonymous',
      'POST',
      complaints,
      { body: { channel: 'visit', matter: CANARY } },
      422,
      'complainant-missing',
    ],
    [
      'an unknown case',
      'POST',
      `${complaints}/${crypto.randomUUID()}/withdraw`,
      { body: { inWriting: true }, ifMatch: 0 },
      404,
      'not-found',
    ],
    [
      'a step out of order',
      'POST',
      `${complaints}/${id}/receive-supplement`,
      { body: {}, ifMatch: 0 },
      409,
      'complaint-step-out-of-order',
    ],
    ['what is not his', 'POST', `${complaints}/${id}/accept`, { body: {}, ifMatch: 0 }, 403, 'forbidden'],
    ['an unknown address', 'GET', `/api/v1/${encodeURIComponent(CANARY)}`, {}, 404, 'route-not-found'],
    [
      'an unknown action',
      'POST',
      `${complaints}/${id}/${encodeURIComponent(CANARY)}`,
      { body: {} },
      404,
      'route-not-found',
    ],
    ['an unknown method', 'PUT', `${complaints}/${id}`, { body: {} }, 405, 'method-not-allowed'],
    ['a wrong percent-encoding', 'GET', `${complaints}/%E0%A4%A`, {}, 400, 'malformed-url'],
    ['an endless address', 'GET', `${complaints}/${'a'.repeat(5_000)}`, {}, 400, 'malformed-url'],
    ['a wrong limit', 'GET', `${complaints}?limit=0`, {}, 422, 'invalid-request'],
    ['a wrong state', 'GET', `${complaints}?status=${encodeURIComponent(CANARY)}`, {}, 422, 'invalid-request'],
  ]
  for (const [name, method, url, call, status, code] of cases) {
    const answer: Answer = await service.call('reception', method, url, call)
    t.match({ status: answer.status, code: answer.json?.code }, { status, code }, `${name}: ${answer.text}`)
    t.match(answer.headers['content-type'], /^application\/problem\+json/, name)
    t.match(answer.json.title, /\p{Script=Han}/u, name)
    t.match(answer.json.detail, /\p{Script=Han}/u, name)
    t.equal(answer.json.type, `/errors/${code}`)
    for (const error of answer.json.errors ?? [])
      t.match(error.detail, /\p{Script=Han}|[\d-]/u, `${name}: ${error.pointer}`)
    t.notOk(answer.text.includes(CANARY), `${name} repeats nothing`)
    t.notOk(answer.text.includes(encodeURIComponent(CANARY)), `${name} repeats nothing`)
  }
  const log = service.log.join('')
  t.notOk(log.includes(CANARY) || log.includes(encodeURIComponent(CANARY)), 'nor does the log')
  t.notMatch(log, /internal error/)
  t.equal(service.service.log.size(), size, 'nothing was recorded')
})

t.test('an address that knows other methods says which', async (t) => {
  const service = await startService(t)
  const answer = await service.call('reception', 'DELETE', '/api/v1/complaints')
  t.equal(answer.status, 405)
  t.equal(answer.headers.allow, 'GET, HEAD, POST')
})

t.test('every type of every problem leads to its explanation, for people and for programs', async (t) => {
  const service = await startService(t)
  for (const [code, row] of Object.entries(errors)) {
    const page = await service.call(undefined, 'GET', `/errors/${code}`)
    t.equal(page.status, 200, code)
    t.ok(page.text.includes(row.title.replaceAll('&', '&amp;')), code)
    t.notMatch(
      (row.title + row.help).replace(/\S+:\/\/\S+/g, ''),
      /\p{Script=Han}[,;:()]|[,;:()]\p{Script=Han}/u,
      `${code}: Chinese punctuation`,
    )
  }
  const data = await service.call(undefined, 'GET', '/errors/not-found', { headers: { accept: 'application/json' } })
  t.match(data.json, { code: 'not-found', status: 404 })
  t.match(await service.call(undefined, 'GET', '/errors/nonsense'), { status: 404, json: { code: 'not-found' } })
})

t.test('bytes that are no request are answered as a problem too', async (t) => {
  const service = await startService(t)
  await service.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = service.app.server.address() as { port: number }
  const send = async (text: string): Promise<string> => {
    const socket = connect(port, '127.0.0.1')
    const parts: Buffer[] = []
    socket.on('data', (part) => parts.push(part))
    socket.write(text)
    await once(socket, 'close')
    return Buffer.concat(parts).toString('utf8')
  }
  const long = await send(`GET /livez HTTP/1.1\r\nHost: x\r\nX-Name: ${CANARY.repeat(4_000)}\r\n\r\n`)
  t.match(long, /^HTTP\/1\.1 431 /)
  t.match(long, /"code":"headers-too-large"/)
  t.match(await send(`${CANARY}\r\n\r\n`), /"code":"m(alformed-request|ethod-not-allowed)"/)
  t.match(await send('GET /livez HTTP/1.1\r\nHost: x\r\nHost : y\r\n\r\n'), /"code":"malformed-request"/)
  t.notOk(service.log.join('').includes(CANARY))
})

t.test('nothing personal of a whole chain is found in any answer that refuses', async (t) => {
  const service = await startService(t)
  const { id, revision } = await runChain(service, 'accept')
  const refused = [
    await service.call('centre-director', 'POST', `/api/v1/complaints/${id}/close`, { body: {}, ifMatch: revision }),
    await service.call('centre-director', 'POST', `/api/v1/complaints/${id}/accept`, { body: {}, ifMatch: 0 }),
    await service.call('elsewhere', 'GET', `/api/v1/complaints/${id}`),
  ]
  t.same(
    refused.map(({ status }) => status),
    [409, 412, 404],
  )
  for (const { text } of refused) for (const value of Object.values(personal)) t.notOk(text.includes(value))
})
