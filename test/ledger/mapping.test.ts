import { readFileSync, rmSync } from 'node:fs'
import t from 'tap'
import { z } from 'zod'
import {
  type Mapping,
  type MappingInput,
  mappingSchema,
  parseMapping,
  placeColumns,
  readMapping,
  stopsBy,
} from '../../src/ledger/mapping.ts'
import type { LedgerError } from '../../src/ledger/problem.ts'
import { folder, put } from './files.ts'

const dir = folder(t, (path) => rmSync(path, { recursive: true, force: true }))
const base: MappingInput = { organisation: { code: 'X', name: '某单位' }, source: 'ledger' }
const refused = (input: unknown): LedgerError => {
  try {
    parseMapping(input)
  } catch (error) {
    return error as LedgerError
  }
  throw new Error('was not refused')
}

t.test('defaults: Shanghai, no division, received starts, replied if mapped stops, else closed', async (t) => {
  const clock = { limit: '15wd' }
  const received = { column: 'a' }
  const mapping = parseMapping({ ...base, clock, milestones: { received, closed: { column: 'b' } } })
  t.same(
    [mapping.timeZone, mapping.organisation.division, mapping.organisation.kind],
    ['Asia/Shanghai', '990000', 'other'],
  )
  t.same([mapping.clock!.starts, stopsBy(mapping)], ['received', 'closed'])
  t.equal(stopsBy(parseMapping({ ...base, clock, milestones: { received, replied: { column: 'b' } } })), 'replied')
})

t.test('every fault is named with its place, in Chinese', async (t) => {
  const error = refused({ ...base, timeZone: 'Mars/Base', fields: { a: { column: 'x', read: 'guess' } }, colour: 1 })
  t.equal(error.code, 'mapping-invalid')
  t.same(error.faults.map(({ pointer }) => pointer).sort(), ['/', '/fields/a/read', '/timeZone'])
  t.match(error.faults.map(({ message }) => message).join(''), /[\u4e00-\u9fff]/)
  t.equal(refused({ ...base, clock: {} }).code, 'mapping-invalid')
  t.equal(
    refused({ ...base, clock: { limit: '15wd', starts: 'accepted' }, milestones: { received: { column: 'a' } } }).code,
    'mapping-invalid',
  )
  t.equal(
    refused({ ...base, office: { column: 'a' }, fields: { office: { column: 'b', read: 'plain' } } }).code,
    'mapping-invalid',
  )
})

t.test('a column has one use; keys may be read besides', async (t) => {
  const error = refused({
    ...base,
    milestones: { received: { column: 'a' } },
    fields: { x: { column: 'a', read: 'plain' } },
  })
  t.equal(error.code, 'mapping-column-twice')
  t.same(
    error.faults.map(({ pointer }) => pointer),
    ['/fields/x/column', '/milestones/received/column'],
  )
  t.equal(refused({ ...base, key: ['a', 'a'] }).code, 'mapping-column-twice')
  t.doesNotThrow(() => parseMapping({ ...base, key: ['a', 'b'], fields: { x: { column: 'a', read: 'plain' } } }))
})

t.test('missing and ambiguous columns are named, all of them', async (t) => {
  const mapping = parseMapping({
    ...base,
    key: ['编号'],
    fields: { x: { column: '甲', read: 'plain' }, y: { column: '乙', read: 'plain' } },
  })
  const place = (columns: string[]) => {
    try {
      return placeColumns(mapping, { columns })
    } catch (error) {
      return [(error as LedgerError).code, ...(error as LedgerError).faults.map(({ column }) => column)]
    }
  }
  t.same(place(['编号']), ['mapping-column-missing', '甲', '乙'])
  t.same(place(['编号', '甲', '乙', '甲']), ['column-ambiguous', '甲'])
  t.same(place(['乙', '编号', '甲', '丙', '丙']), new Map(Object.entries({ 编号: 1, 甲: 2, 乙: 0 })))
})

t.test('a mapping file: not there, not JSON, with a byte order mark', async (t) => {
  await t.rejects(readMapping(`${dir}/none.json`), { code: 'mapping-invalid' })
  await t.rejects(readMapping(put(dir, 'bad.json', '{')), { code: 'mapping-invalid' })
  t.equal((await readMapping(put(dir, 'bom.json', `\ufeff${JSON.stringify(base)}`))).source, 'ledger')
})

t.test('the published schema is the one the program uses', async (t) => {
  const published = JSON.parse(readFileSync('examples/mapping.schema.json', 'utf8'))
  t.same(
    published,
    JSON.parse(JSON.stringify({ title: 'Ledger mapping', ...z.toJSONSchema(mappingSchema, { io: 'input' }) })),
  )
})

t.test('the examples are mappings', async (t) => {
  for (const name of ['boston311', 'replies4-gb18030', 'messages3', 'messages2', 'replies4']) {
    const mapping: Mapping = await readMapping(`examples/${name}.json`)
    t.ok(mapping.source, name)
  }
})
