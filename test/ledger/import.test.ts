import { rmSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { type ImportOptions, importLedger } from '../../src/ledger/import.ts'
import { type MappingInput, openOptions, parseMapping } from '../../src/ledger/mapping.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { folder, number, put, row, text, workbookParts, zip } from './files.ts'
import { MemoryTarget, revealed } from './memory-target.ts'

const dir = folder(t, (path) => rmSync(path, { recursive: true, force: true }))
let files = 0

const ledgerMapping: MappingInput = {
  organisation: { code: 'BUREAU', name: '某县司法局', division: '341702', kind: 'county-bureau' },
  source: 'letters',
  key: ['编号'],
  milestones: { received: { column: '收到' }, replied: { column: '答复' }, closed: { column: '办结' } },
  clock: { due: { column: '期限' }, limit: '15wd' },
  status: { column: '状态' },
  person: { name: { column: '姓名' }, phone: { column: '电话' } },
  fields: { matter: { column: '事项', read: 'narrative' }, kind: { column: '类别', read: 'plain' } },
}
const HEADER = '编号,收到,答复,办结,期限,状态,姓名,电话,事项,类别'

async function run(
  lines: string[] | Uint8Array,
  target = new MemoryTarget(),
  options: Partial<ImportOptions> & { map?: MappingInput; header?: string } = {},
) {
  const { map = ledgerMapping, header = HEADER, ...rest } = options
  const bytes = Array.isArray(lines) ? [header, ...lines].join('\n') : lines
  const mapping = parseMapping(map)
  const ledger = await openLedger(put(dir, `ledger${++files}.csv`, bytes), openOptions(mapping))
  try {
    return await importLedger({ ledger, mapping, target, ...rest })
  } finally {
    await ledger.close()
  }
}
const counts = (report: { rows: number; imported: number; repeated: number; refused: number; events: number }) => [
  report.rows,
  report.imported,
  report.repeated,
  report.refused,
  report.events,
]
const codes = (report: { errors: readonly { row: number; column: string | null; code: string }[] }) =>
  report.errors.map(({ row, column, code }) => [row, column, code])
const onlyStream = (target: MemoryTarget) => [...target.streams.values()][0]!

const FULL = 'A1,2026/1/5 9:00:00,2026-01-08,2026/1/9,2026-01-20,已办结,张三,13800001111,反映收费未公示,收费'

t.test('a row becomes a case: receipt, fields, person, clock and milestones in the order of their dates', async (t) => {
  const target = new MemoryTarget()
  t.same(counts(await run([FULL], target)), [1, 1, 0, 0, 4])
  const [imported, replied, closed] = onlyStream(target) as {
    type: string
    effectiveAt: string
    data: Record<string, never>
  }[]
  t.match(imported, {
    type: 'CaseImported',
    effectiveAt: '2026-01-05T09:00:00+08:00',
    data: {
      source: 'letters',
      ledgerNumber: 'A1',
      received: 'known',
      status: '已办结',
      clock: { dueAt: '2026-01-20', starts: 'received', stops: 'replied', timeZone: 'Asia/Shanghai' },
      fields: { kind: { kind: 'plain', value: '收费' } },
    },
  })
  const { fields, person } = imported!.data as unknown as {
    fields: Record<string, { value: unknown }>
    person: Record<string, unknown>
  }
  t.same(
    [revealed(fields.matter!.value), revealed(person.name), revealed(person.phone)],
    ['反映收费未公示', '张三', '13800001111'],
  )
  t.same(
    [replied?.effectiveAt, replied?.data, closed?.effectiveAt],
    ['2026-01-08', { milestone: 'replied' }, '2026-01-09'],
  )
  t.match(target.writes[0], { expected: 'no_stream', person: { phone: '13800001111', name: '张三' } })
  t.notMatch(JSON.stringify(target.writes[0]!.stream), /A1/)
  t.match(target.organisations.get('BUREAU'), { name: '某县司法局', division: '341702' })
})

t.test('again adds nothing; what was empty is added; a status may change; anything else is refused', async (t) => {
  const target = new MemoryTarget()
  await run(['A1,2026/1/5 9:00:00,,,,在办,张三,,反映收费未公示,收费'], target)
  t.same(counts(await run(['A1,2026/1/5 9:00:00,,,,在办,张三,,反映收费未公示,收费'], target)), [1, 0, 1, 0, 0])
  t.same(counts(await run([FULL], target)), [1, 1, 0, 0, 4])
  t.same(
    onlyStream(target).map(({ type }) => type),
    ['CaseImported', 'ImportedFieldsAdded', 'ImportedFieldsChanged', 'ImportedMilestone', 'ImportedMilestone'],
  )
  t.match(onlyStream(target)[1]!.data, { dueAt: '2026-01-20' })
  t.match(onlyStream(target)[2]!.data, { status: '已办结', fields: {} })
  t.same(counts(await run([FULL], target)), [1, 0, 1, 0, 0])
  for (const [line, column] of [
    [FULL.replace('9:00:00', '9:00:01'), '收到'],
    [FULL.replace('2026-01-08', '2026-01-07'), '答复'],
    [FULL.replace('2026-01-08', ''), '答复'],
    [FULL.replace('张三', '李四'), '姓名'],
    [FULL.replace('未公示', '已公示'), '事项'],
    [FULL.replace('2026-01-20', '2026-01-21'), '期限'],
    [FULL.replace(/收费$/, ''), '类别'],
  ] as const) {
    const report = await run([line], target)
    t.same([counts(report), codes(report)], [[1, 0, 0, 1, 0], [[2, column, 'row-changed']]])
  }
})

t.test('a status that comes back is a command of its own', async (t) => {
  const target = new MemoryTarget()
  const line = (status: string) => [`A1,2026/1/5,,,,${status},,,反映,收费`]
  for (const status of ['在办', '办结', '在办', '办结']) t.equal((await run(line(status), target)).imported, 1)
  t.equal(new Set(target.writes.map(({ commandId }) => commandId)).size, 4)
})

t.test('a latest field may be emptied, and filled again', async (t) => {
  const target = new MemoryTarget()
  const map = { ...ledgerMapping, fields: { matter: { column: '事项', read: 'narrative', latest: true } } } as const
  const line = (matter: string) => [`A1,2026/1/5,,,,在办,,,${matter},收费`]
  for (const matter of ['甲', '', '乙']) t.equal((await run(line(matter), target, { map })).imported, 1)
  t.same(counts(await run(line('乙'), target, { map })), [1, 0, 1, 0, 0])
})

t.test('corrections of a case leave the comparison as it was', async (t) => {
  const target = new MemoryTarget()
  await run([FULL], target)
  onlyStream(target).push({ type: 'StepVoided', effectiveAt: '2026-02-01', data: { reason: 'x' } })
  t.same(counts(await run([FULL], target)), [1, 0, 1, 0, 0])
})

t.test('a key twice in one file: equal is repeated, different is refused, whatever it brings', async (t) => {
  const target = new MemoryTarget()
  const lines = [FULL, FULL, FULL.replace('已办结', '在办'), FULL]
  for (const dryRun of [true, false]) {
    const report = await run(lines, target, { dryRun })
    t.same([counts(report), codes(report)], [[4, 1, 2, 1, 4], [[4, '状态', 'row-changed']]])
  }
  t.same(counts(await run(lines, target)), [4, 0, 3, 1, 0])
})

t.test('rows without a key are known by their content and their place among equal rows', async (t) => {
  const target = new MemoryTarget()
  const map = { ...ledgerMapping, key: undefined, number: false as const }
  const lines = [
    '1,2026/1/5,,,,在办,张三,,反映,收费',
    '2,2026/1/5,,,,在办,张三,,反映,收费',
    '3,2026/1/6,,,,在办,张三,,反映,收费',
  ]
  t.same(counts(await run(lines, target, { map })), [3, 3, 0, 0, 4])
  t.same(counts(await run(lines, target, { map })), [3, 0, 3, 0, 0])
  t.same(counts(await run([...lines, lines[0]!], target, { map })), [4, 1, 3, 0, 1])
  t.same(counts(await run(['1,2026/1/5,,2026/1/9,,办结,张三,,反映,收费'], target, { map })), [1, 1, 0, 0, 2])
})

t.test('without a column for the receipt: the import’s instant, marked unknown, and no clock', async (t) => {
  const target = new MemoryTarget()
  const map: MappingInput = { ...ledgerMapping, milestones: {}, clock: { limit: '15wd' } }
  t.same(counts(await run([FULL], target, { map })), [1, 1, 0, 0, 2])
  const [event] = onlyStream(target)
  t.match(event, { effectiveAt: '2026-11-20T04:00:00.000Z', data: { received: 'unknown' } })
  t.notOk('clock' in (event!.data as object))
  const later = await run([FULL], target, { map: { ...map, milestones: { received: { column: '收到' } } } })
  t.same([counts(later), onlyStream(target)[1]!.data], [[1, 1, 0, 0, 1], { milestone: 'received' }])
})

t.test('each fault of a row is reported with row, column and reason, and the row stays out whole', async (t) => {
  const report = await run([
    FULL,
    'A2,2026/2/30,x,,,在办,,,反映,收费',
    'A3,2026/1/5,2026/1/4,2026/1/3,,在办,,,反映,收费',
    ',2026/1/5,,,,在办,,,反映,收费',
    'A5,2027/1/5,,,,在办,,,反映,收费',
    'A6,2026/1/5',
    `A7,2026/1/5,,,,在办,,,${'字'.repeat(20_001)},收费`,
    `A8,2026/1/5,,,,在办,,,${'字'.repeat(16_000)},收费`,
    'A9,2026/1/5 12:00,2026/1/5,,,在办,,,反映,收费',
  ])
  t.same(counts(report), [9, 2, 0, 7, 6])
  t.same(codes(report), [
    [3, '收到', 'date-impossible'],
    [3, '答复', 'date-unreadable'],
    [4, '答复', 'replied-before-received'],
    [4, '办结', 'closed-before-received'],
    [5, '编号', 'key-empty'],
    [6, '收到', 'date-in-future'],
    [7, null, 'row-ragged'],
    [8, '事项', 'cell-too-long'],
    [9, null, 'row-too-large'],
  ])
  for (const { reason } of report.errors) t.match(reason, /^[\u4e00-\u9fff]/)
})

t.test('long texts are spread over as many events as they need', async (t) => {
  const target = new MemoryTarget()
  const map: MappingInput = {
    ...ledgerMapping,
    fields: { a: { column: '事项', read: 'narrative' }, b: { column: '类别', read: 'narrative' } },
  }
  const line = `A1,2026/1/5,,,,在办,,,${'甲'.repeat(9000)},${'乙'.repeat(9000)}`
  t.same(counts(await run([line], target, { map })), [1, 1, 0, 0, 3])
  t.same(
    onlyStream(target).map(({ type, effectiveAt }) => [type, effectiveAt]),
    [
      ['CaseImported', '2026-01-05'],
      ['ImportedFieldsAdded', '2026-01-05'],
    ],
  )
  t.same(counts(await run([line], target, { map })), [1, 0, 1, 0, 0])
})

t.test(
  'cells that a workbook cannot vouch for: errors, formulas without a value, numbers that lost digits',
  async (t) => {
    const header = row(...HEADER.split(',').map(text))
    const cells = (last: string) => row(text('A1'), number(46000.5, 1), ...Array(6).fill('<c/>'), last, text('收费'))
    const rows =
      header +
      cells('<c t="e"><v>#REF!</v></c>') +
      cells('<c><f>1+1</f></c>') +
      cells('<c><v>3.4E+17</v></c>') +
      cells('<c t="str"><f>A1</f><v>取值</v></c>')
    const report = await run(zip(workbookParts([{ name: 'S', rows }])))
    t.same(codes(report), [
      [2, '事项', 'cell-error'],
      [3, '事项', 'formula-without-value'],
      [4, '事项', 'number-imprecise'],
    ])
    t.equal(report.imported, 1)
  },
)

t.test('status words, numbers, offices', async (t) => {
  const target = new MemoryTarget()
  target.offices.set('甲所', 'office-1')
  const map: MappingInput = {
    ...ledgerMapping,
    status: { column: '状态', values: { 已办结: 'closed', 在办: 'open' } },
    office: { column: '姓名' },
    person: {},
    fields: { amount: { column: '类别', read: 'number' } },
  }
  const report = await run(
    ['A1,2026/1/5,,,,在办,甲所,,,"1,234.50"', 'A2,2026/1/5,,,,办着,乙所,,,12', 'A3,2026/1/5,,,,在办,乙所,,,许多'],
    target,
    { map },
  )
  t.same(codes(report), [
    [3, '状态', 'status-unknown'],
    [4, '类别', 'number-unreadable'],
  ])
  t.match(onlyStream(target)[0]!.data, {
    respondentOffice: 'office-1',
    status: 'open',
    fields: { amount: { value: '1234.50' } },
  })
  await run(['A4,2026/1/5,,,,在办,乙所,,,12'], target, { map })
  t.match([...target.streams.values()][1]![0]!.data, { fields: { office: { kind: 'plain', value: '乙所' } } })
  t.equal((await run(['A4,2026/1/5,,,,在办,丙所,,,12'], target, { map })).errors[0]!.code, 'row-changed')
})

t.test('a dry run reports the same and writes nothing', async (t) => {
  const target = new MemoryTarget()
  const lines = [FULL, 'A2,2026/1/5,,,,在办,,,反映,收费', 'A3,x,,,,在办,,,反映,收费']
  const dry = await run(lines, target, { dryRun: true })
  t.same([target.events, target.organisations.size, dry.written], [0, 0, false])
  const real = await run(lines, target, { expectedSha256: dry.sha256 })
  t.same({ ...real, file: '', written: false }, { ...dry, file: '' })
  t.equal(target.events + 1, real.events)
  await t.rejects(run([...lines, lines[1]!], target, { expectedSha256: dry.sha256 }), { code: 'ledger-changed' })
})

t.test('strict: one refused row and nothing is imported', async (t) => {
  const target = new MemoryTarget()
  const bad = await run([FULL, 'A3,x,,,,在办,,,反映,收费'], target, { strict: true })
  t.same([bad.written, bad.refused, target.events, target.organisations.size], [false, 1, 0, 0])
  const good = await run([FULL], target, { strict: true })
  t.same([good.written, counts(good), target.events], [true, [1, 1, 0, 0, 4], 3])
})

t.test('many rows are under way at once, never two of one case, and no more than the bound', async (t) => {
  const target = new MemoryTarget()
  const inStreams = new Set<string>()
  target.beforeAppend = async ({ stream }) => {
    t.notOk(inStreams.has(stream))
    inStreams.add(stream)
    for (let i = 0; i < 20; i++) await nextTurn()
    inStreams.delete(stream)
    return undefined
  }
  const lines = Array.from({ length: 600 }, (_, i) => `A${i >> 1},2026/1/5,,,,在办,,,反映,收费`)
  const report = await run(lines, target, { concurrency: 64 })
  t.same(counts(report), [600, 300, 300, 0, 301])
  t.ok(target.mostUnderWay > 16 && target.mostUnderWay <= 64, String(target.mostUnderWay))
})

t.test('another writer in between: decided again, then refused; a refusal of the case is the row’s', async (t) => {
  const target = new MemoryTarget()
  let conflicts = 2
  target.beforeAppend = () => (conflicts-- > 0 ? { ok: false, reason: 'conflict' } : undefined)
  t.equal((await run([FULL], target)).imported, 1)
  target.beforeAppend = () => ({ ok: false, reason: 'conflict' })
  t.equal((await run([FULL.replace('A1', 'B1')], target)).errors[0]!.code, 'row-conflict')
  target.beforeAppend = () => ({ ok: false, reason: 'refused', code: 'action-not-lawful-now' })
  t.match((await run([FULL.replace('A1', 'B1')], target)).errors[0], {
    code: 'row-rejected',
    reason: '系统拒绝了该行：action-not-lawful-now',
  })
})

t.test('killed at any append: what was acknowledged stands once, and running again completes the file', async () => {
  const lines = Array.from(
    { length: 30 },
    (_, i) => `A${i % 25},2026/1/5,${i % 2 ? '2026/1/6' : ''},,,在办,,,反映${i % 25},收费`,
  )
  const whole = new MemoryTarget()
  const once = await run(lines, whole)
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 24 }), fc.integer({ min: 1, max: 64 }), async (at, concurrency) => {
      const target = new MemoryTarget()
      let appends = 0
      target.beforeAppend = async () => {
        await nextTurn()
        if (appends++ >= at) throw new Error('killed')
        return undefined
      }
      const error = await run(lines, target, { concurrency }).catch((caught: Error) => caught)
      if (!(error instanceof Error) || error.message !== 'killed') return false
      target.beforeAppend = undefined
      const again = await run(lines, target, { concurrency })
      const same = [...whole.streams].every(([stream, events]) => target.streams.get(stream)?.length === events.length)
      return (
        same && target.streams.size === whole.streams.size && again.refused === once.refused && target.underWay === 0
      )
    }),
    { numRuns: 40 },
  )
})

t.test('a signal stops the import between rows; what was under way is finished', async (t) => {
  const target = new MemoryTarget()
  const stop = new AbortController()
  target.beforeAppend = async () => {
    if (target.writes.length === 5) stop.abort()
    await nextTurn()
    return undefined
  }
  const lines = Array.from({ length: 200 }, (_, i) => `A${i},2026/1/5,,,,在办,,,反映,收费`)
  await t.rejects(run(lines, target, { signal: stop.signal, concurrency: 4 }), { name: 'AbortError' })
  t.equal(target.underWay, 0)
  t.ok(target.writes.length >= 5 && target.writes.length < 200)
})

t.test('days are compared in the ledger’s own zone', async (t) => {
  const map: MappingInput = { ...ledgerMapping, timeZone: 'America/New_York' }
  const target = new MemoryTarget()
  const report = await run(['A1,2026/1/5 20:00:00,2026/1/5,,2026/1/9,在办,,,反映,收费'], target, { map })
  t.equal(report.imported, 1)
  t.match(onlyStream(target)[0], {
    effectiveAt: '2026-01-05T20:00:00-05:00',
    data: { clock: { dueAt: '2026-01-10T00:00:00-05:00' } },
  })
})
