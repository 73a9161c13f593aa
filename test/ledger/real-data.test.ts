/** The real ledgers, read where they lie; skipped, loudly, where they are absent. Their texts are never printed. */
import { existsSync } from 'node:fs'
import t from 'tap'
import { importLedger } from '../../src/ledger/import.ts'
import { openOptions, readMapping } from '../../src/ledger/mapping.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { suggestMapping } from '../../src/ledger/suggest.ts'
import { MemoryTarget, revealed } from './memory-target.ts'

const data = '../shared/data'
const boston = `${data}/boston-311-sla/boston311_animal_2013-2019_redacted.csv`
const messages = (name: string) => `${data}/cn-messages/${name}`
t.setTimeout(240_000)
const skip = existsSync(boston) ? false : `real data not found in ${data}`
if (skip) console.error(`SKIPPED: test/ledger/real-data.test.ts: ${skip}`)

async function run(file: string, map: string, target: MemoryTarget) {
  const mapping = await readMapping(`examples/${map}.json`)
  const ledger = await openLedger(file, openOptions(mapping))
  try {
    const { rows, imported, repeated, refused, events, errors } = await importLedger({ ledger, mapping, target })
    return { ledger, errors, counts: [rows, imported, repeated, refused, events] }
  } finally {
    await ledger.close()
  }
}
type Event = { type: string; effectiveAt: string; data: Record<string, unknown> }
const all = (target: MemoryTarget) => [...target.streams.values()] as Event[][]

t.test('the city ledger: 46,628 of 46,638 rows, 10 close before they open; again adds nothing', { skip }, async (t) => {
  const target = new MemoryTarget(false)
  const first = await run(boston, 'boston311', target)
  t.same(first.counts, [46_638, 46_628, 0, 10, 1 + 46_628 + 29_608])
  t.same(
    new Set(first.errors.map(({ code, column }) => `${column} ${code}`)),
    new Set(['closed_dt closed-before-received']),
  )
  t.same((await run(boston, 'boston311', target)).counts, [46_638, 0, 46_628, 10, 0])

  t.comment('the official verdict follows from the clocks that were imported')
  let overdueClosed = 0
  let overdueOpen = 0
  let without = 0
  let eastern = 0
  for (const [imported, closed] of all(target)) {
    const { dueAt } = imported!.data.clock as { dueAt?: string }
    if (/-0[45]:00$/.test(imported!.effectiveAt)) eastern++
    if (dueAt === undefined) without++
    else if (closed) overdueClosed += Date.parse(closed.effectiveAt) > Date.parse(dueAt) ? 1 : 0
    else overdueOpen++
  }
  t.same([overdueClosed, overdueOpen, without, eastern], [1_056, 3_316, 18_825, 46_628])
})

t.test('the GB18030 ledger: 2,816 rows, every text whole, no receipt and no clock', { skip }, async (t) => {
  const target = new MemoryTarget(false)
  const file = messages('附件4_答复_GB18030四字节.csv')
  const { counts, ledger } = await run(file, 'replies4-gb18030', target)
  t.same(counts, [2_816, 2_816, 0, 0, 2_817])
  t.same([ledger.format, ledger.encoding, ledger.damaged], ['csv', 'gb18030', false])
  let characters = 0
  let broken = 0
  let beyond = 0
  let unknown = 0
  for (const [imported] of all(target)) {
    if (imported!.data.received === 'unknown' && imported!.data.clock === undefined) unknown++
    for (const field of Object.values(imported!.data.fields as Record<string, { kind: string; value: unknown }>)) {
      const text = field.kind === 'plain' ? String(field.value) : revealed(field.value)
      characters += text.length
      if (text.includes('\ufffd')) broken++
      for (const char of text) if (iconvNeedsFour(char)) beyond++
    }
  }
  t.same([broken, unknown], [0, 2_816])
  t.ok(characters > 1_000_000)
  t.ok(beyond >= 34, `${beyond} characters beyond GBK`)
  t.same((await run(file, 'replies4-gb18030', target)).counts, [2_816, 0, 2_816, 0, 0])
})

/** Characters outside GBK's planes that this file is known for: rare ideographs and symbols. */
const iconvNeedsFour = (char: string): boolean => !gbk.has(char)
const gbk = new Set<string>()
{
  const decoder = new TextDecoder('gbk')
  for (let code = 0; code < 128; code++) gbk.add(String.fromCharCode(code))
  for (let lead = 0x81; lead <= 0xfe; lead++)
    for (let trail = 0x40; trail <= 0xfe; trail++) gbk.add(decoder.decode(Uint8Array.of(lead, trail)))
}

t.test('workbooks: messages, a sheet that lies about its size, replies with times', { skip }, async (t) => {
  for (const [file, map, counts] of [
    ['附件3_留言.xlsx', 'messages3', [4_326, 4_326, 0, 0, 4_327]],
    ['附件2_小样_幽灵行65203.xlsx', 'messages2', [495, 494, 0, 1, 495]],
    ['附件4_小样120行.xlsx', 'replies4', [120, 120, 0, 0, 241]],
  ] as const) {
    const target = new MemoryTarget(false)
    t.same((await run(messages(file), map, target)).counts, counts, map)
    const again = await run(messages(file), map, target)
    t.same(again.counts, [counts[0], 0, counts[1], counts[3], 0], `${map} again`)
    const times = all(target).map(([imported]) => imported!.effectiveAt)
    t.ok(
      times.every((time) => /^20\d\d-\d\d-\d\d(T\d\d:\d\d:\d\d\+08:00)?$/.test(time)),
      `${map} times`,
    )
  }
})

t.test('mappings proposed for the real ledgers name their key and receipt', { skip }, async (t) => {
  t.match((await suggestMapping(boston)).mapping, {
    key: ['case_enquiry_id'],
    milestones: { received: { column: 'open_dt' }, closed: { column: 'closed_dt' } },
    clock: { due: { column: 'sla_target_dt' } },
  })
  t.match((await suggestMapping(messages('附件4_小样120行.xlsx'))).mapping, {
    key: ['留言编号'],
    milestones: { received: { column: '留言时间' }, replied: { column: '答复时间' } },
    fields: { 留言详情: { read: 'narrative' } },
  })
})
