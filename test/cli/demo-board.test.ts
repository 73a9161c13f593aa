/** The board of the demonstration county at the end of its last day: a bureau that works, with a few things that are late. */
import { join } from 'node:path'
import t from 'tap'
import { createDemo } from '../../src/demo/index.ts'
import { inProcess } from '../support/served.ts'
import { temporaryDirectory } from '../support/service.ts'

t.setTimeout(280_000)

const until = '2026-06-30'
const day = 86_400_000

t.test('most is in time, little is late, and nothing lies for years', async (t) => {
  const directory = join(temporaryDirectory(t), 'demo')
  const masterKeyFile = join(directory, 'master.key')
  const made = await createDemo({ directory, masterKeyFile, offices: 6, complaints: 240, years: 1, until, seed: '7' })
  const duban = (...args: string[]) => inProcess([...args, '--data', directory])
  const { json } = await duban('board', '--effective-at', `${until}T15:00:00Z`, '--limit', '1000', '--json')
  t.ok(json.onTimeRate > 0.85 && json.onTimeRate < 1, `${json.onTimeRate}`)
  const items = json.items as { kind: string; light: string; due: string | null }[]
  const red = items.filter(({ light }) => light === 'red')
  t.ok(red.length > 0 && red.length < items.length / 5, `${red.length} of ${items.length}`)
  for (const { kind, due } of red) t.ok(Date.parse(until) - Date.parse(due!) < 60 * day, `${kind} due ${due}`)
  for (const kind of ['complaint.reply', 'supervision.reply', 'penalty.decision'])
    t.ok(
      items.some((item) => item.kind === kind),
      kind,
    )
  const shown = await duban('board', '--light', 'red', '--effective-at', `${until}T15:00:00Z`)
  t.match(shown, { code: 0, stdout: /反馈回复/ })
  t.notMatch(shown.stdout, /complaint\.|supervision\.|undefined/)
  t.match(await duban('verify', '--json'), { code: 0, json: { ok: true } })
  t.match(await duban('list', '--as-of', String(made.index >> 1), '--limit', '1', '--json'), {
    code: 0,
    json: { total: Number },
  })
})
