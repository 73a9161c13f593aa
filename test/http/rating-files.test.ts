/** Ratings as files, recorded runs, runs against what was published, and drafts: over HTTP. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ratingColumns } from '../../src/domain/catalogue/rating-lists.ts'
import { starScheme } from '../../src/domain/rating/schemes/shipped.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { startService, type TestService, temporaryDirectory, type Who } from '../support/service.ts'
import { Stars } from '../support/stars.ts'

t.setTimeout(180_000)

let s: TestService
let office: string
/** Index of the last event before a sanction of May 2026 was recorded, in February 2027. */
let before: number

t.before(async () => {
  s = await startService({ teardown: () => {} })
  const stars = new Stars(s)
  office = s.county.office
  stars.on('2026-09-15')
  await stars.spotless(office, [2023, 2024, 2025], '2026-09')
  await stars.office('=乙所')
  await stars.open(2026, [office])
  stars.on('2026-11-05')
  await stars.study(office, '2026-11')
  await stars.inspected(office)
  stars.on('2026-11-23')
  await stars.noticed(office)
  stars.on('2026-12-09')
  await stars.published(office)
  stars.on('2027-02-01')
  before = s.service.log.size() - 1
  const sanction = { nature: 'INDUSTRY_DISCIPLINE', kinds: ['警告'], authority: '协会', document: '处1' }
  await stars.must(
    'grassroots-section',
    office,
    'record-sanction',
    { ...sanction, effectiveAt: '2026-05-10' },
    'records',
  )
})
t.after(() => s.close())

const url = (path: string) => `/api/v1/${path}`
const at = 'effectiveAt=2026-11-23&scheme=star@1'
const get = (path: string, who: Who = 'auditor') => s.call(who, 'GET', url(path))

/** The rows of a CSV answer by the names of its columns. */
async function rows(path: string, list: keyof typeof ratingColumns, who: Who = 'auditor') {
  const answer = await get(`${path}${path.includes('?') ? '&' : '?'}format=csv`, who)
  if (answer.status !== 200) throw new Error(`${path}: ${answer.text}`)
  const file = join(temporaryDirectory(t), 'list.csv')
  writeFileSync(file, answer.text)
  const ledger = await openLedger(file)
  const names = Object.keys(ratingColumns[list])
  const found: Record<string, string>[] = []
  for await (const { cells } of ledger.rows())
    found.push(Object.fromEntries(names.map((name, place) => [name, (cells[place] as { text?: string })?.text ?? ''])))
  t.same(ledger.columns, Object.values(ratingColumns[list]))
  await ledger.close()
  return found
}

t.test('a run as a file: its ranking, each row with the run it comes from, names never a formula', async (t) => {
  const run = (await get(`ratings?${at}`)).json.run
  const [first, second] = await rows(`ratings?${at}&order=rank`, 'ratings')
  t.match(first, { place: '1', office, computedLevel: '4', formalLevel: '', points: '480', missed: '诚信星' })
  t.match(first, { asOf: String(run.asOf), scheme: 'star@1', digest: run.digest, effectiveAt: '2026-11-23' })
  t.equal(first!.earned, '创优星、业务星、服务星、创新星')
  t.equal(second!.name, '=乙所')
  t.match((await get(`ratings?${at}&format=csv`)).text, `,"'=乙所",`, 'no formula in the file')
  const answer = await get(`ratings?${at}&format=xlsx`)
  t.equal(answer.text.slice(0, 2), 'PK')
  t.match(answer.headers['content-disposition'], encodeURIComponent('星级评定.xlsx'))
  t.same(await rows(`ratings?${at}`, 'ratings', 'nobody'), [], 'who reads no rating gets none')
})

t.test(
  'one office’s ledger, line by line: the lines of a criterion sum to it, the event stands beside what it cost',
  async (t) => {
    const json = (await get(`ratings/${office}/ledger?${at}`)).json
    const lines = await rows(`ratings/${office}/ledger?${at}`, 'ledger')
    t.equal(lines.length, json.total)
    const sums = new Map<string, number>()
    for (const { criterion, points } of lines) sums.set(criterion!, (sums.get(criterion!) ?? 0) + Number(points))
    for (const { criterion, criterionPoints } of lines)
      t.equal(sums.get(criterion!), Number(criterionPoints), String(criterion))
    t.equal(new Set(lines.map(({ criterion }) => criterion)).size, 25)
    const [cost] = lines.filter(({ points }) => Number(points) < 0)
    t.match(cost, { category: '诚信星', earned: '否', criterion: 'S0-5.2.4', points: '-20', state: '计入' })
    t.match(cost, {
      index: String(before + 1),
      from: '2026-05-10',
      until: '2029-05-10',
      criterionPoints: '0',
      max: '20',
    })
    t.match(cost!.text, /三年内未出现受到行政处分和行业处分/)
    t.equal((await get(`ratings/${office}/ledger?${at}`, 'nobody')).status, 404)
    t.equal((await get('ratings/none/ledger')).status, 404)
  },
)

t.test(
  'compared: two runs, a run and what was published, each way; the sanction that came late is the cause',
  async (t) => {
    const sides = (left: string, right: string) =>
      `ratings/compare?left=${encodeURIComponent(left)}&right=${encodeURIComponent(right)}`
    const [then, now] = [`asOf=${before},effectiveAt=2026-11-23,scheme=star@1`, 'effectiveAt=2026-11-23,scheme=star@1']
    const [line] = await rows(sides(then, now), 'comparison')
    t.match(line, { office, from: '5', to: '4', criterion: 'S0-5.2.4', criterionFrom: '20', criterionTo: '0' })
    t.match(line, { cause: '事后补录的事实', lineFrom: '', lineTo: '-20', index: String(before + 1) })

    const late = 'effectiveAt=2027-02-01,scheme=star@1'
    const compared = (await get(sides('published', late))).json
    t.match(compared, { left: { scheme: 'published' }, right: { scheme: 'star@1', effectiveAt: '2027-02-01' } })
    t.equal(compared.offices.length, 1, 'an office of which nothing was published is not compared')
    t.match(compared.offices[0], { office, from: 5, to: 4, formalFrom: 5, formalTo: 5 })
    t.match(
      compared.offices[0].causes.filter(({ criterion }: { criterion: string }) => criterion === 'S0-5.2.4'),
      [{ cause: 'late-evidence', index: before + 1 }],
    )
    t.match((await get(sides(late, 'published'))).json.offices[0], { from: 4, to: 5, formalFrom: 5, formalTo: 5 })
    t.match((await rows(sides('published', late), 'comparison'))[0]!.left, /^已公布的评定 /)
    t.same(
      (await get(sides('published', 'effectiveAt=2026-12-08,scheme=star@1'))).json.offices,
      [],
      'before it was published',
    )
    t.match((await get(sides('published', 'published'))).json, { code: 'run-unknown' })
  },
)

t.test('affected ratings as a file: a row a cause', async (t) => {
  t.match(await rows('ratings/affected', 'affected'), [
    { office, from: '5', to: '4', cause: '事后补录的事实', criterion: 'S0-5.2.4', index: String(before + 1) },
  ])
  t.same(await rows(`ratings/affected?asOf=${before}`, 'affected'), [])
})

t.test('recorded runs are listed with who recorded them, for whoever may read them', async (t) => {
  t.same((await get('ratings/runs')).json, { total: 0, items: [] })
  const body = { effectiveAt: '2026-11-23', scheme: 'star@1', office }
  const made = await s.call('auditor', 'POST', url('ratings/runs'), { body })
  t.equal(made.status, 201)
  const { id, digest } = made.json.run
  t.match((await get('ratings/runs')).json, { total: 1, items: [{ id, digest, scope: { office }, offices: 1 }] })
  t.match(await rows('ratings/runs', 'runs'), [{ run: id, digest, scope: office, offices: '1', scheme: 'star@1' }])
  t.equal((await get('ratings/runs', 'nobody')).json.total, 0)
  t.equal((await get('ratings/runs', 'elsewhere')).json.total, 0)
})

t.test('schemes: as a file, and to nobody without a role', async (t) => {
  t.match(await rows('schemes', 'schemes'), [{ ref: 'star@1', form: '分类达标', validFrom: '2023-01-01' }])
  for (const path of ['schemes', 'schemes/star@1', 'schemes/star@1/diff/star@1', 'cycles'])
    t.equal((await get(path, 'nobody')).status, 403, path)
})

t.test(
  'what if: a draft is rated over past data, set against a run or what was published, and never written',
  async (t) => {
    const size = s.service.log.size()
    const draft = structuredClone(starScheme) as unknown as {
      categories: { id: string; criteria: { id: string; evidence: unknown }[] }[]
    }
    const criterion = draft.categories.flatMap(({ criteria }) => criteria).find(({ id }) => id === 'S0-5.2.4')!
    const parameters = { years: 3, natures: ['ADMINISTRATIVE_PENALTY'] }
    criterion.evidence = { kind: 'derived', rule: 'no-sanction', parameters }
    const body = { scheme: { ...draft, version: 2 }, effectiveAt: '2026-11-23' }
    const alone = await s.call('auditor', 'POST', url('ratings/what-if'), { body })
    t.equal(alone.json.offices.find((each: { office: string }) => each.office === office).computedLevel, 5)
    t.notOk('differences' in alone.json)
    const against = await s.call('auditor', 'POST', url('ratings/what-if'), {
      body: { ...body, against: 'effectiveAt=2026-11-23,scheme=star@1' },
    })
    t.equal(against.json.run.digest, alone.json.run.digest)
    t.equal(against.json.against.scheme, 'star@1')
    t.match(
      against.json.differences.find((each: { office: string }) => each.office === office),
      { from: 4, to: 5, causes: [{ cause: 'scheme-change' }] },
    )
    t.match(await s.call('auditor', 'POST', url('ratings/what-if'), { body: { ...body, against: 'nothing' } }), {
      status: 404,
      json: { code: 'run-unknown' },
    })
    t.equal(s.service.log.size(), size, 'nothing was written')
    t.equal((await get('schemes')).json.total, 1)
  },
)

t.test('the history of a stream marks what was recorded after what happened later', async (t) => {
  const { events } = (await get(`history/record/${office}`)).json
  const late = events.filter((event: { late: boolean }) => event.late)
  t.ok(
    late.some(
      (event: { index: number; type: string }) => event.index === before + 1 && event.type === 'SanctionRecorded',
    ),
  )
  t.equal(events[0].late, false)
  const { events: complaint } = (await get(`history/rating/${office}`)).json
  t.notOk(
    complaint.some((event: { late: boolean }) => event.late),
    'what came in its order is not marked',
  )
})
