import t from 'tap'
import { createLogger, keptFields } from '../src/logging.ts'
import { chainSteps, personal, registration, texts } from './support/chain.ts'
import { startService } from './support/service.ts'

t.test('a whole case, wrong requests and searches leave no body, query, token or name in the logs', async (t) => {
  const running = await startService(t)
  const { call, people, log } = running
  const made = await call('reception', 'POST', '/api/v1/complaints', {
    body: registration(running),
    key: 'a-key-of-its-own',
  })
  t.equal(made.status, 201)
  const id = made.json.case as string
  let revision = made.json.revision as number
  for (const { by, action, body } of chainSteps(running)) {
    const answer = await call(by, 'POST', `/api/v1/complaints/${id}/${action}`, { body, ifMatch: revision })
    t.ok(answer.status < 300, `${action}: ${answer.status}`)
    revision = answer.json.revision
  }
  await call('reception', 'GET', `/api/v1/complaints?query=${encodeURIComponent(personal.name)}&cursor=查询之内容`)
  await call('reception', 'GET', `/api/v1/complaints/${encodeURIComponent(personal.identityNumber)}`)
  await call('reception', 'GET', `/no/such/route/${encodeURIComponent(personal.phone)}`)
  await call('reception', 'POST', '/api/v1/complaints', {
    body: { ...registration(running), matter: { text: personal.matter } },
  })
  await call('reception', 'POST', '/api/v1/complaints', {
    payload: `{"matter": "${personal.matter}`,
    headers: { 'content-type': 'application/json', 'x-remark': personal.request },
  })
  await call(undefined, 'GET', '/api/v1/complaints', { headers: { authorization: 'Bearer made-up-token' } })
  const all = log.join('')
  t.ok(log.length > 20, `${log.length} lines`)
  t.match(all, /"route":"\/api\/v1\/complaints"/, 'routes are logged as patterns')
  const secrets = [
    ...Object.values(personal),
    ...texts,
    '查询之内容',
    'a-key-of-its-own',
    'made-up-token',
    '人员-',
    '调查员二',
    '%E6',
    ...Object.values(people).map(({ token }) => token),
  ]
  t.same(
    secrets.filter((secret) => all.includes(secret)),
    [],
    'nothing that anybody wrote',
  )
})

t.test('what is not on the list is dropped, and only its name is kept', (t) => {
  const kept = keptFields({ route: '/x', body: { name: personal.name }, headers: { authorization: 'secret' } })
  t.same(kept, { route: '/x', dropped: ['body', 'headers'] })
  t.end()
})

t.test('an error keeps its name, code and places in the code, never its message', (t) => {
  const lines: string[] = []
  const logger = createLogger('trace', { write: (line: string) => void lines.push(line) })
  const error = Object.assign(new TypeError(`cannot read ${personal.name}\n${personal.phone}`), { code: 'E_SOME' })
  logger.error({ err: error }, 'failed')
  logger.error(error, 'failed')
  logger.error({ error: error.name, stack: error.stack?.split('\n').slice(1) }, 'failed')
  logger.info(
    {
      alarm: {
        reason: 'tampered',
        subject: 's',
        kid: 'k',
        text: personal.name,
        place: { event: 'e', cipher: personal.phone },
      },
    },
    'x',
  )
  logger.info({ req: { method: 'GET', url: `/x?name=${personal.name}`, headers: { authorization: 'secret' } } }, 'x')
  const all = lines.join('')
  t.equal(lines.length, 5)
  t.match(all, /TypeError/)
  t.match(all, /E_SOME/)
  t.match(all, /at .*logging\.test\.ts/)
  for (const secret of [personal.name, personal.phone, 'secret']) t.notMatch(all, secret)
  t.end()
})
