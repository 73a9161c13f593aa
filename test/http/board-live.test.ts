/** The board as it changes: server-sent events to whoever may see it, and the calendar feed. */
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { personal, register, runChain } from '../support/chain.ts'
import { startService, type TestService, type Who } from '../support/service.ts'

/** Long enough for a slow machine; whatever is waited for comes at once. */
const PATIENCE_MS = 20_000
/** After so long without an event there will be none: changes are gathered for less. */
const QUIET_MS = 1_500

interface Event {
  readonly id: string
  readonly event: string
  readonly data: { readonly asOf: number; readonly counts: Record<string, number>; readonly onTimeRate: number | null }
}

interface Stream {
  readonly status: number
  /** The next event; undefined when the stream has ended, or after some time without one. */
  next(ms?: number): Promise<Event | undefined>
  readonly ended: Promise<void>
  close(): void
}

async function listen(service: TestService): Promise<string> {
  await service.app.listen({ host: '127.0.0.1', port: 0 })
  return `http://127.0.0.1:${(service.app.server.address() as AddressInfo).port}`
}

/** Opens the stream of a person and reads it event by event. */
async function open(
  t: Test,
  url: string,
  token: string | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<Stream> {
  const abort = new AbortController()
  t.teardown(() => abort.abort())
  const response = await fetch(`${url}/api/v1/board/events`, {
    headers: {
      accept: 'text/event-stream',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    signal: abort.signal,
  })
  const events: Event[] = []
  let arrived: (() => void) | undefined
  const read = async () => {
    let text = ''
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const lines = text.slice(0, end).split('\n')
        text = text.slice(end + 2)
        const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? ''
        if (field('data') === '') continue
        events.push({ id: field('id'), event: field('event'), data: JSON.parse(field('data')) })
        arrived?.()
      }
    }
  }
  let over = false
  const ended = read()
    .catch(() => undefined)
    .then(() => {
      over = true
      arrived?.()
    })
  return {
    status: response.status,
    ended,
    close: () => abort.abort(),
    async next(ms = PATIENCE_MS) {
      const until = Date.now() + ms
      while (events.length === 0 && !over && Date.now() < until)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, until - Date.now())
          arrived = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      return events.shift()
    },
  }
}

const tokenOf = (service: TestService, who: Who) => service.people[who].token

t.test('whoever watches hears what is now, and each change that he may see', async (t) => {
  const service = await startService(t)
  const url = await listen(service)
  await register(service)
  await service.service.board.caughtUp()
  const stream = await open(t, url, tokenOf(service, 'supervision-officer'))
  t.equal(stream.status, 200)
  const first = (await stream.next())!
  t.match(first, { event: 'board', data: { counts: { open: 2, overdue: 0 } } }, 'acceptance and notice')
  t.equal(first.id, String(first.data.asOf))
  await register(service)
  const second = (await stream.next())!
  t.equal(second.data.counts.open, 4)
  t.ok(Number(second.id) > Number(first.id), 'the number of an event is the place in the log')
  const board = await service.call('supervision-officer', 'GET', '/api/v1/board')
  t.same(second.data.counts, board.json.counts, 'the numbers of the board itself')
})

t.test('a change without a change of numbers is told too', async (t) => {
  const service = await startService(t)
  const url = await listen(service)
  const { id } = await runChain(service, 'register')
  await service.service.board.caughtUp()
  const stream = await open(t, url, tokenOf(service, 'supervision-officer'))
  const first = (await stream.next())!
  const moved = await service.call('supervision-officer', 'POST', '/api/v1/calendars/declare-local-days', {
    body: {
      division: '990121',
      notice: '安政〔2026〕2号',
      declaredOn: '2026-03-02',
      offDays: ['2026-03-17'],
      reason: '防汛',
    },
  })
  t.equal(moved.status, 201, moved.text)
  await service.service.projections.catchUp()
  service.service.board.wake()
  const second = (await stream.next())!
  t.same(second.data.counts, first.data.counts, 'as many, all green')
  const { json } = await service.call('supervision-officer', 'GET', '/api/v1/calendars/moves')
  t.ok(
    json.items.some((each: { case: string }) => each.case === id),
    'a deadline moved',
  )
})

t.test('nobody hears of what he may not see', async (t) => {
  const service = await startService(t)
  const url = await listen(service)
  const stranger = await open(t, url, tokenOf(service, 'elsewhere'))
  t.match(await stranger.next(), { data: { counts: { open: 0 } } })
  const own = await open(t, url, tokenOf(service, 'centre-director'))
  await own.next()
  await register(service)
  t.match(await own.next(), { data: { counts: { open: 2 } } })
  t.equal(await stranger.next(QUIET_MS), undefined, 'not even that something happened')
  const refused = (token?: string) =>
    fetch(`${url}/api/v1/board/events`, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })
  t.equal((await refused()).status, 401)
  t.equal((await refused(tokenOf(service, 'nobody'))).status, 403)
})

t.test('a connection that broke misses nothing: the next begins with what is now', async (t) => {
  const service = await startService(t)
  const url = await listen(service)
  const token = tokenOf(service, 'supervision-officer')
  const before = await open(t, url, token)
  const { id } = (await before.next())!
  before.close()
  await before.ended
  await register(service)
  await service.service.board.caughtUp()
  const after = await open(t, url, token, { 'last-event-id': id })
  const now = (await after.next())!
  t.equal(now.data.counts.open, 2)
  t.ok(Number(now.id) > Number(id))
})

t.test('rights are those of now: a stream ends with the token it was opened with', async (t) => {
  const service = await startService(t)
  const url = await listen(service)
  const { id, token } = service.people['centre-director']
  const stream = await open(t, url, token)
  await stream.next()
  const [, , named] = token.split('.')
  const revoked = await service.call('administrator', 'DELETE', `/api/v1/persons/${id}/tokens/${named}`)
  t.equal(revoked.status, 200, revoked.text)
  await service.service.projections.catchUp()
  await register(service)
  t.equal(await stream.next(), undefined, 'the change is not told')
  await stream.ended
})

t.test('streams end when the service stops', async (t) => {
  const service = await startService(t)
  const url = await listen(service)
  const streams = await Promise.all(
    (['supervision-officer', 'centre-director'] as const).map((who) => open(t, url, tokenOf(service, who))),
  )
  for (const stream of streams) await stream.next()
  await service.close()
  await Promise.all(streams.map(({ ended }) => ended))
  t.pass('the connections are closed, and closing did not wait for whoever listens')
})

t.test('a calendar feed of a person and of a unit: days and kinds of what is owed, and no names', async (t) => {
  const service = await startService(t)
  const { number } = await runChain(service, 'accept')
  await service.service.board.caughtUp()
  const { bureau } = service.county
  const pathOf = async (who: Who, query = '') => {
    const found = await service.call(who, 'GET', `/api/v1/board/feed${query}`)
    t.equal(found.status, 200, found.text)
    return found.json.path as string
  }
  const unit = await pathOf('supervision-officer', `?unit=${bureau}`)
  const feed = await service.call(undefined, 'GET', unit)
  t.match(feed.headers['content-type'], /^text\/calendar/)
  const lines = feed.text.replaceAll('\r\n ', '').split('\r\n')
  const board = (await service.call('supervision-officer', 'GET', `/api/v1/board?unit=${bureau}`)).json
  const dated = board.items.filter(({ due }: { due?: string }) => due !== undefined)
  t.ok(dated.length > 0)
  t.same(
    lines.filter((line) => line.startsWith('UID:')).sort(),
    dated.map((item: { case: string; clock: string }) => `UID:${item.case}/${item.clock}@duban`).sort(),
    'an entry for each item with a due date',
  )
  for (const { due } of dated)
    t.ok(lines.includes(`DTSTART;VALUE=DATE:${due.slice(0, 10).replaceAll('-', '')}`), `on ${due}`)
  t.ok(
    lines.some((line) => line.startsWith('SUMMARY:') && line.includes(number)),
    'its number',
  )
  for (const text of [...Object.values(personal), '人员-']) t.notOk(feed.text.includes(text), 'no text of the case')
  const own = await service.call(undefined, 'GET', await pathOf('investigator'))
  t.equal(own.status, 200)
  t.equal((await service.call(undefined, 'GET', unit.replace(/.\.ics/, '.ics'))).status, 404, 'a wrong secret')
  t.equal(
    (await service.call(undefined, 'GET', unit.replace(bureau, service.county.other))).status,
    404,
    'the secret of one unit opens no other',
  )
})
