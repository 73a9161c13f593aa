/** Star levels on the terminal: what the demo says is worth trying leads from one star back to the event that cost it, line by line as printed. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createDemo, type Try, triesOf } from '../../src/demo/index.ts'
import { starScheme } from '../../src/domain/rating/schemes/shipped.ts'
import { openService } from '../../src/service.ts'
import { inProcess, type Ran } from '../support/served.ts'
import { temporaryDirectory } from '../support/service.ts'

t.setTimeout(290_000)

const directory = join(temporaryDirectory(t), 'demo')
const masterKeyFile = join(directory, 'master.key')
let tries: readonly Try[]

t.before(async () => {
  await createDemo({ directory, masterKeyFile, offices: 12, complaints: 30, until: '2026-06-30', seed: '7' })
  const service = await openService({ directory, masterKeyFile, evidenceLimit: 1_000_000, local: true })
  await service.projections.catchUp()
  tries = triesOf(service, 'http://127.0.0.1:9', [])
  await service.close()
})

const duban = (...args: string[]): Promise<Ran> => inProcess([...args, '--data', directory])
/** What the line of the try whose command begins so prints; the address stands for the directory here. */
async function tried(command: string): Promise<string> {
  const line = tries.flatMap(({ lines }) => lines).find((each) => each.startsWith(`duban ${command}`))
  if (!line) throw new Error(`nothing to try begins with ${command}`)
  const ran = await duban(...line.split(' ').slice(1))
  t.equal(ran.code, 0, `${line}: ${ran.stderr}`)
  t.notMatch(ran.stdout, /undefined|null|\[object|NaN/)
  return ran.stdout
}

t.test('from one star back to the event that cost it', async (t) => {
  const affected = await tried('affected')
  const row = affected.split('\n').find((line) => line.includes('事后补录的事实'))
  const [, office, criterion, index, id] = /│ (\S+法律服务所) .*│ (S0-\S+) .*│ (\d+) +│ (\S+) +│$/.exec(row ?? '') ?? []
  t.ok(office && criterion && index && id, String(row))
  const ledger = await tried('rate --office')
  t.match(ledger, `${office}（${id}）`)
  t.match(ledger, /诚信星 +│ 80 +│ 90 +│ 未获得|诚信星 +│ \d\S* +│ 90 +│ 未获得/)
  const cost = ledger.split('\n').find((line) => line.includes(`│ ${index} `))
  t.match(cost, /-20 +│ 计入 +│ 受到行业处分，自送达之日起计 3 年/)
  t.match(ledger, `${criterion}：法律服务所及其法律服务工作者三年内未出现受到行政处分和行业处分的情形。`)
  t.match(ledger, /\d{4}-\d\d-\d\d 起将为 ★+：/)
  t.match(ledger, /记录截至序号 \d+　事实截至 2025-/)
  const history = (await tried('history')).split('\n')
  const place = history.findIndex((line) => line.startsWith(`│ ${index} `))
  t.match(history[place], /处分、处罚登记 +│ 基层科/)
  t.match(history[place + 1], /补录/)
  t.match(await tried('compare'), new RegExp(`${office}.*★ → ★.*${criterion}.*事后补录的事实.*${index}`))
  t.match(await tried('diff'), new RegExp(`${index} .*处分、处罚登记`))
})

t.test('ranking, files, runs that were recorded, and drafts', async (t) => {
  const ranked = await duban('rate', '--rank')
  t.match(ranked.stdout, /│ 名次 │ 机构 /)
  t.match(ranked.stdout, /│ 12 +│ \S+法律服务所 /)
  const folder = temporaryDirectory(t)
  const file = join(folder, 'list.csv')
  const [office] = (await duban('rate', '--json')).json.offices
  const lists = [['rate', '--rank'], ['rate', '--office', office.office], ['schemes'], ['affected'], ['runs']]
  for (const list of [...lists, ['compare', 'asOf=900', 'published']]) {
    t.match(await duban(...list, '--csv', file, '--json'), { code: 0, json: { file } }, list.join(' '))
    t.match(readFileSync(file, 'utf8'), /^\ufeff\p{Script=Han}+,/u)
  }
  const draft = join(folder, 'draft.json')
  writeFileSync(draft, JSON.stringify({ ...starScheme, version: 2 }))
  const what = await duban('rate', '--draft', draft, '--against', 'scheme=star@1')
  t.match(what, { code: 0, stdout: /与 scheme=star@1 的差别：\n没有差别。\n标准 star@2/ })
  const refused = join(folder, 'refused.csv')
  const wrong = [
    ['--draft', draft, '--record'],
    ['--draft', draft, '--csv', refused],
    ['--against', 'published'],
  ]
  for (const options of wrong) t.match(await duban('rate', ...options), { code: 2 }, options.join(' '))
  t.notOk(existsSync(refused))
  const recorded = await duban('rate', '--record')
  const [, run] = /已登记，运算编号 (\S+)/.exec(recorded.stdout) ?? []
  t.match((await duban('runs')).stdout, new RegExp(`${run} +│`))
  t.match(await duban('compare', String(run), String(run)), { code: 0, stdout: /没有差别。/ })
})
