/** Ledgers, lists and registers at the terminal, on a directory and on a running service. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { inProcess as duban } from '../support/served.ts'
import { startService, temporaryDirectory } from '../support/service.ts'

const folder = temporaryDirectory(t)
const put = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const mapping = {
  organisation: { code: 'A', name: '安和县司法局' },
  source: '登记簿',
  key: ['编号'],
  milestones: { received: { column: '收到' } },
  fields: { matter: { column: '事项', read: 'narrative' } },
}
const map = put('map.json', JSON.stringify(mapping))
const good = put('good.csv', '编号,收到,事项\nA1,2026-01-05,甲\nA2,2026-01-06,乙\n')
const bad = put('bad.csv', '编号,收到,事项\nA1,2026-01-05,甲\nA3,2026-02-30,乙\n')

const s = await startService(t)
await s.app.listen({ port: 0, host: '127.0.0.1' })
const url = `http://127.0.0.1:${(s.app.server.address() as AddressInfo).port}`
const director = { DUBAN_TOKEN: s.people['centre-director'].token }
const there = ['--url', url, '--json']

for (const place of ['directory', 'service'] as const)
  t.test(`faults of files and mappings on a ${place}: named, with their places, and exit 2`, async (t) => {
    const where = place === 'service' ? there : ['--data', join(temporaryDirectory(t), 'd'), '--json']
    const env = place === 'service' ? director : {}
    const missing = put('missing.json', JSON.stringify({ ...mapping, key: ['号码'] }))
    const column = await duban(['import', good, '--map', missing, ...where], env)
    t.match(column, {
      code: 2,
      json: { code: 'mapping-column-missing', errors: [{ pointer: '/key/0', detail: /号码/ }] },
    })
    const broken = put('broken.xlsx', 'PK\u0003\u0004 no more')
    t.match(await duban(['import', broken, '--map', map, ...where], env), { code: 2, json: { code: 'zip-broken' } })
    t.match(await duban(['import', join(folder, 'none.csv'), '--map', map, ...where], env), {
      code: 2,
      json: { code: 'ledger-missing' },
    })
    const strict = await duban(['import', bad, '--map', map, '--strict', ...where], env)
    t.match(strict, {
      code: 1,
      json: {
        code: 'import-rows-refused',
        rows: 2,
        refused: 1,
        written: false,
        errors: [{ row: 3, column: '收到', code: 'date-impossible', pointer: '#row/3/收到' }],
      },
    })
  })

t.test('import on a running service: dry run, import, again', async (t) => {
  const size = s.service.log.size()
  const dry = await duban(['import', good, '--map', map, '--dry-run', ...there], director)
  t.match(dry, { code: 0, json: { file: 'good.csv', rows: 2, imported: 2, events: 2, written: false } })
  t.equal(s.service.log.size(), size)
  const done = await duban(['import', good, '--map', map, ...there], director)
  t.match(done, {
    code: 0,
    json: { file: 'good.csv', rows: 2, imported: 2, repeated: 0, refused: 0, events: 2, written: true },
  })
  const again = await duban(['import', good, '--map', map, ...there], director)
  t.match(again, { code: 0, json: { imported: 0, repeated: 2, events: 0 } })
  t.match(await duban(['import', good, '--map', map, ...there], { DUBAN_TOKEN: s.people.reception.token }), {
    code: 1,
    json: { code: 'forbidden' },
  })
  t.same(readdirSync(join(s.directory, 'incoming')), [], 'no upload is left')
})

t.test('what mapping suggest prints is a mapping, its notes go elsewhere', async (t) => {
  for (const where of [['--json'], there]) {
    const proposed = await duban(['mapping', 'suggest', good, ...where], director)
    t.equal(proposed.code, 0)
    t.match(proposed.json, { key: ['编号'], milestones: { received: { column: '收到' } } })
    t.match(proposed.stderr, /organisation/)
    const file = put(
      'proposed.json',
      JSON.stringify({ ...proposed.json, source: 'x', organisation: { code: 'X', name: '某单位' } }),
    )
    const dry = await duban([
      'import',
      good,
      '--map',
      file,
      '--dry-run',
      '--json',
      '--data',
      join(temporaryDirectory(t), 'd'),
    ])
    t.match(dry, { code: 0, json: { imported: 2 } })
  }
})

t.test('lists, visits and registers: as JSON and as files, here and there', async (t) => {
  await s.service.projections.catchUp()
  const files = { csv: join(folder, 'list.csv'), xlsx: join(folder, 'list.xlsx') }
  const csv = await duban(['list', '--csv', files.csv, ...there], director)
  t.match(csv, { code: 0, json: { file: files.csv } })
  t.equal(readFileSync(files.csv, 'utf8').trim().split('\r\n').length, 3)
  t.match(await duban(['export-list', 'complaints', '--xlsx', files.xlsx, ...there], director), { code: 0 })
  t.equal(readFileSync(files.xlsx).subarray(0, 2).toString(), 'PK')
  t.match(await duban(['export-list', 'nothing', '--csv', files.csv, ...there], director), { code: 2 })
  t.match(await duban(['export-list', 'audit', '--csv', join(folder, 'audit.csv'), ...there], director), {
    code: 1,
    json: { code: 'forbidden' },
  })
  t.notOk(existsSync(join(folder, 'audit.csv')), 'a refusal writes no file')
  t.match(await duban(['visits', ...there], director), { code: 0, json: { total: 0, items: [] } })
  t.match(await duban(['visit', 'none', ...there], director), { code: 1, json: { code: 'not-found' } })
  t.match(await duban(['register', 'daily', '--date', '2026-01-05', ...there], director), {
    code: 0,
    json: { register: 'daily', total: 1 },
  })
  t.match(await duban(['register', 'yearly', ...there], director), { code: 2 })
  const page = join(folder, 'week.html')
  t.match(await duban(['register', 'weekly', '--date', '2026-01-05', '--html', page, ...there], director), { code: 0 })
  t.match(readFileSync(page, 'utf8'), /每周统计汇总/)

  const data = ['--data', join(temporaryDirectory(t), 'd'), '--json']
  t.match(await duban(['import', good, '--map', map, ...data]), { code: 0, json: { imported: 2 } })
  const local = join(folder, 'local.csv')
  t.match(await duban(['list', '--csv', local, ...data]), { code: 0 })
  t.equal(readFileSync(local, 'utf8').trim().split('\r\n').length, 3)
  t.match(await duban(['register', 'catalogue', ...data]), { code: 0, json: { total: 0 } })
})
