/** The terminal's interface, as scripts rely on it: exit codes, JSON shapes, who may write while somebody else has the directory. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { registration, runChain } from '../support/chain.ts'
import { duban as child, inProcess as duban, serve } from '../support/served.ts'
import { startService, temporaryDirectory } from '../support/service.ts'

t.setTimeout(180_000)

t.test('init makes a directory once, and its token lets the administrator in', async (t) => {
  const directory = join(temporaryDirectory(t), 'data')
  const args = ['init', '--data', directory, '--json', '--code', 'AH', '--name', '安和县司法局', '--division', '990121']
  const made = await child(args)
  t.equal(made.code, 0, made.stderr)
  t.match(made.json, { organisation: /^[0-9a-f-]{36}$/, person: /^[0-9a-f-]{36}$/, token: /^dbn\./ })
  t.equal(made.stdout.trim().split('\n').length, 1, 'one document and nothing else')
  const again = await duban(args)
  t.match(again, { code: 1, json: { code: 'data-directory-not-empty' } })
  const wrong = await duban(['init', '--data', join(temporaryDirectory(t), 'x'), '--division', '12', '--json'])
  t.match(wrong, { code: 1, json: { code: 'division-invalid' } })

  const token = await duban(['token', made.json.person, '--data', directory, '--json'])
  t.match(token, { code: 0, json: { person: made.json.person, token: /^dbn\./ } })
  const id = token.json.token.split('.')[2]
  const revoked = await duban(['token', made.json.person, '--revoke', id, '--data', directory, '--json'])
  t.match(revoked, { code: 0, json: { revoked: id } })
  const without = await duban(['list', '--data', directory, '--json'], { DUBAN_TOKEN: token.json.token })
  t.match(without, { code: 1, json: { code: 'unauthenticated' } }, 'a revoked token is worth nothing here either')
  const verified = await duban(['verify', '--data', directory, '--json'])
  t.match(verified, { code: 0, json: { ok: true } })
  for (const check of verified.json.checks) t.match(check, { name: String, ok: true, detail: String })
})

t.test('a demo is generated whole, twice the same, and marked', async (t) => {
  const small = [
    '--offices',
    '4',
    '--complaints',
    '30',
    '--years',
    '1',
    '--until',
    '2026-06-30',
    '--seed',
    '9',
    '--json',
  ]
  const directories = [temporaryDirectory(t), temporaryDirectory(t)]
  const a = await child(['demo-data', '--data', directories[0]!, ...small])
  const b = await duban(['demo-data', '--data', directories[1]!, ...small])
  t.match(a, { code: 0, json: { offices: 4, complaints: 30 } }, a?.stderr)
  t.ok(a?.json.events > 300 && a?.json.index === a?.json.events - 1)
  t.same(b?.json, a?.json)
  t.match(await duban(['demo-data', '--data', directories[0]!, ...small]), {
    code: 1,
    json: { code: 'data-directory-not-empty' },
  })
  const data = ['--data', directories[0]!, '--json']
  const all = await duban(['list', ...data])
  t.equal(all.json.items.length, 30, 'a list is complete unless it is limited')
  const two = await duban(['list', '--limit', '2', ...data])
  t.same([two.json.total, two.json.items.length], [30, 2], 'counts do not depend on it')
  const early = await duban(['list', '--as-of', '200', ...data])
  t.ok(early.json.total < 30)
  t.equal(early.json.asOf, 200, 'printed resolved')
  const day = await duban(['list', '--as-of', '2026-01-01', '--effective-at', '2026-01-01', ...data])
  t.match(day.json, { effectiveAt: '2026-01-01' })
  t.type(day.json.asOf, 'number')
  t.match(await duban(['list', '--as-of', '999999', ...data]), { code: 1, json: { code: 'index-beyond-head' } })
  const { number, case: id } = all.json.items[0]
  const byNumber = await duban(['show', number, ...data])
  t.same(byNumber.json.case, id)
  t.same(
    Object.keys(byNumber.json).filter((key) => ['parties', 'timeline', 'clocks', 'next', 'revision'].includes(key))
      .length,
    5,
  )
  t.match(JSON.stringify(byNumber.json.timeline), /withheld/, 'the operator reads sealed fields as withheld')
  const history = await duban(['history', id, ...data])
  for (const event of history.json.events)
    t.match(event, { actor: {}, recordedAt: String, effectiveAt: String, type: String, changes: Array })
  const people = await duban(['show', number, '--data', directories[0]!])
  t.match(people.stdout, number)
  t.notMatch(people.stdout, /undefined|null|\[object/)
  t.notMatch((await duban(['list', '--data', directories[0]!])).stdout, /undefined|\[object/)
  t.notMatch((await duban(['history', id, '--data', directories[0]!])).stdout, /undefined|\[object/)
})

t.test('wrong usage and unreadable input are 2, refusals 1, and both say what is wrong', async (t) => {
  const directory = temporaryDirectory(t)
  const data = ['--data', directory, '--json']
  const body = join(directory, '..', `duban-body-${process.pid}.json`)
  writeFileSync(body, '{"x"')
  t.teardown(() => import('node:fs').then(({ rmSync }) => rmSync(body, { force: true })))
  const cases: readonly (readonly [string[], number, string, Record<string, string>?])[] = [
    [['frobnicate'], 2, 'wrong-usage'],
    [['import'], 2, 'wrong-usage'],
    [['list', '--limit', 'many'], 2, 'wrong-usage'],
    [['serve', '--port', '99999'], 2, 'wrong-usage'],
    [['rebuild', 'nothing'], 2, 'wrong-usage'],
    [['list'], 2, 'wrong-usage', { DUBAN_PORT: 'ninety' }],
    [['clock', 'confirm'], 2, 'wrong-usage'],
    [['import', '/nowhere.csv', '--map', '/nowhere.json'], 2, 'mapping-invalid'],
    [['act', 'new', 'register', '--body', '/nowhere.json'], 2, 'input-unreadable'],
    [['act', 'new', 'register', '--body', body], 2, 'malformed-json'],
    [['calendar', 'publish', '/nowhere.json'], 2, 'input-unreadable'],
    [['show', 'no-such-case'], 1, 'not-found'],
    [['list', '--url', 'http://127.0.0.1:9'], 1, 'service-unreachable'],
    [['list', '--as-of', 'lastweek'], 1, 'as-of-invalid'],
  ]
  for (const [args, code, problem, env] of cases) {
    const run = args.length === 1 ? child : duban
    const ran = await run([...args, ...data], env ?? {})
    t.match({ code: ran.code, problem: ran.json?.code }, { code, problem }, `${args.join(' ')}: ${ran.stderr}`)
  }
  const help = await child(['--help'])
  t.equal(help.code, 0)
  t.match(help.stdout, /demo-data/)
})

t.test('import: a dry run writes nothing, strict takes all or nothing, again adds nothing', async (t) => {
  const place = temporaryDirectory(t)
  const [file, map, directory] = [join(place, 'led.csv'), join(place, 'map.json'), join(place, 'data')]
  writeFileSync(file, '编号,日期,事项\n1,2026-01-05,甲事\n2,2026-02-30,乙事\n3,2026-01-07,丙事\n')
  writeFileSync(
    map,
    JSON.stringify({
      organisation: { code: 'CSV', name: '台账局' },
      source: '登记簿',
      key: ['编号'],
      milestones: { received: { column: '日期' } },
      fields: { matter: { column: '事项', read: 'narrative' } },
    }),
  )
  const run = (...more: string[]) => duban(['import', file, '--map', map, '--data', directory, '--json', ...more])
  const expected = { rows: 3, imported: 2, repeated: 0, refused: 1 }
  const dry = await run('--dry-run')
  t.match(dry, { code: 0, json: { ...expected, errors: [{ row: 3, column: '日期', code: String, reason: String }] } })
  t.equal((await duban(['list', '--data', directory, '--json'])).json.total, 0)
  t.equal((await run('--strict')).code, 1)
  t.equal((await duban(['list', '--data', directory, '--json'])).json.total, 0)
  const done = await run()
  t.match(done, { code: 0, json: expected })
  t.equal(done.json.events, dry.json.events)
  t.match((await run()).json, { rows: 3, imported: 0, repeated: 2, refused: 1, events: 0 })
  t.match((await duban(['list', '--data', directory, '--json'])).json, { total: 2, items: [{ imported: true }, {}] })
})

t.test('deadlines and calendars', async (t) => {
  const deadline = await duban(['deadline', '--from', '2026-09-30', '--limit', '5wd', '--json'])
  t.match(deadline, { code: 0, json: { due: '2026-10-13', provisional: false, limit: '5wd', calendars: Array } })
  for (const line of deadline.json.receipt) t.match(line, { date: String, counted: Boolean, reason: /\p{Script=Han}/u })
  t.match(await duban(['deadline', '--from', 'someday', '--limit', '5wd', '--json']), {
    code: 2,
    json: { code: 'date-invalid' },
  })
  t.match(await duban(['calendar', 'show', '2026', '--json']), {
    code: 0,
    json: { year: 2026, notice: {}, days: Array },
  })
  t.match(await duban(['calendar', 'show', '1949', '--json']), { code: 1 })
})

t.test(
  'beside a running service reading works and writing is refused, naming --url; over --url everything works',
  async (t) => {
    const service = await startService(t)
    const { number } = await runChain(service, 'accept')
    const bodies = temporaryDirectory(t)
    const body = join(bodies, 'body.json')
    writeFileSync(body, JSON.stringify(registration(service)))
    const { directory, people } = service
    await service.close()
    const served = await serve(directory)
    t.teardown(() => served.stop('SIGKILL'))
    const data = ['--data', directory, '--json']
    const beside = await duban(['show', number, ...data])
    t.match(beside, { code: 0, json: { number, status: 'accepted' } }, beside.stderr)
    for (const args of [['list'], ['history', number], ['verify'], ['projections']])
      t.equal((await duban([...args, ...data])).code, 0, args.join(' '))
    for (const args of [
      ['act', 'new', 'register', '--body', body],
      ['token', people.reception.id],
      ['rebuild'],
      ['init'],
      ['serve', '--port', '0'],
    ]) {
      const refused = await duban([...args, ...data])
      t.match(refused, { code: 1, json: { code: 'store-owned-elsewhere' } }, args.join(' '))
      t.match(refused.stderr, /--url/)
    }
    const url = ['--url', served.url, '--json']
    const as = (who: keyof typeof people) => ({ DUBAN_TOKEN: people[who].token })
    t.match(await duban(['list', ...url]), { code: 1, json: { code: 'unauthenticated' } })
    const opened = await duban(['act', 'new', 'register', '--body', body, '--key', 'k1', ...url], as('reception'))
    t.match(
      opened,
      { code: 0, json: { case: String, number: String, revision: 0, index: Number, next: Array } },
      opened.stderr,
    )
    const again = await child(
      ['act', 'new', 'register', '--body', '-', '--key', 'k1', ...url],
      as('reception'),
      JSON.stringify(registration(service)),
    )
    t.same(again.json, opened.json)
    writeFileSync(body, '{}')
    const accept = ['act', opened.json.number, 'accept', '--body', body, ...url]
    t.match(await duban(accept, as('centre-director')), { code: 1, json: { code: 'precondition-required' } })
    t.match(await duban([...accept, '--if-match', '0'], as('reception')), { code: 1, json: { code: 'forbidden' } })
    t.match(await duban([...accept, '--if-match', '0'], as('centre-director')), { code: 0, json: { revision: 1 } })
    t.match(await duban([...accept, '--if-match', '0'], as('centre-director')), {
      code: 1,
      json: { code: 'precondition-failed' },
    })
    t.match(await duban(['act', opened.json.number, 'fly', '--body', body, ...url], as('centre-director')), {
      code: 1,
      json: { code: 'action-unknown' },
    })
    t.equal((await duban(['list', ...url], as('centre-director'))).json.total, 2)
    for (const args of [['verify'], ['projections'], ['rebuild', 'cases'], ['clock', 'confirm']]) {
      const ran = await duban([...args, ...url], as('administrator'))
      t.equal(ran.code, 0, `${args.join(' ')}: ${ran.stderr}`)
    }
    const second = await duban(['serve', '--data', temporaryDirectory(t), '--port', new URL(served.url).port, '--json'])
    t.match(second, { code: 1, json: { code: 'address-unavailable' } })
    t.equal(await served.stop('SIGTERM'), 0)
    const after = await duban(['show', opened.json.case, ...data])
    t.match(after, { code: 0, json: { status: 'accepted' } })
  },
)
