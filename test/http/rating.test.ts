/** Affected ratings and the official re-rating over HTTP; runs the same for any number of threads, process and time zone; bundles and samples. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { exportBundle, recomputeBundle } from '../../src/commands/bundle.ts'
import { startService, type TestService, temporaryDirectory } from '../support/service.ts'
import { Stars } from '../support/stars.ts'

t.setTimeout(180_000)

const program = fileURLToPath(new URL('../../src/commands/bundle.ts', import.meta.url))

/** One office, published at five stars on 9 December 2026. */
async function published(service: TestService): Promise<Stars> {
  const stars = new Stars(service)
  const { office } = service.county
  stars.on('2026-09-15')
  await stars.spotless(office, [2023, 2024, 2025], '2026-09')
  await stars.open(2026, [office])
  stars.on('2026-11-05')
  await stars.study(office, '2026-11')
  await stars.inspected(office)
  stars.on('2026-11-23')
  await stars.noticed(office)
  stars.on('2026-12-09')
  await stars.published(office)
  return stars
}

t.test('a sanction recorded late lists the rating, until an official re-rating supersedes it', async (t) => {
  const service = await startService(t)
  const stars = await published(service)
  const { office } = service.county
  const affected = () => stars.get('/api/v1/ratings/affected', 'auditor')
  t.same(await affected(), { ratings: [] })
  stars.on('2027-02-01')
  const sanction = { nature: 'INDUSTRY_DISCIPLINE', kinds: ['警告'], authority: '协会', document: '处1' }
  const body = { ...sanction, effectiveAt: '2026-05-10' }
  await stars.must('grassroots-section', office, 'record-sanction', body, 'records')
  const [listed] = (await affected()).ratings
  t.match(listed, { office, from: 5, to: 4, causes: [{ cause: 'late-evidence', criterion: 'S0-5.2.4' }] })
  const { award } = listed
  const head = service.service.log.size() - 1
  t.match(
    await stars.step('grassroots-section', office, 'dismiss-affected', { award, asOf: head, document: 'x' }),
    { status: 403 },
    'the leading group decides',
  )
  await stars.must('leading-group', office, 'dismiss-affected', { award, asOf: head, document: '不予处理1' })
  t.same(await affected(), { ratings: [] }, 'dismissed with a reason')
  await stars.must('grassroots-section', office, 'record-sanction', { ...body, document: '处2' }, 'records')
  t.equal((await affected()).ratings.length, 1, 'what comes after that is listed again')

  const result = await stars.result(office, '&effectiveAt=2026-11-23')
  const proposed = { award, ...result, document: '提议1' }
  const by = service.people['grassroots-section'].id
  t.match(
    await stars.step('grassroots-section', office, 'propose-rerating', {
      ...proposed,
      proposedBy: service.people.auditor.id,
    }),
    { status: 403, json: { code: 'not-the-actor' } },
  )
  t.match(
    await stars.step('grassroots-section', office, 'propose-rerating', { ...proposed, level: 3, proposedBy: by }),
    { json: { code: 'result-not-reproducible' } },
  )
  await stars.must('grassroots-section', office, 'propose-rerating', { ...proposed, proposedBy: by })
  t.same(await affected(), { ratings: [] }, 'taken up')
  await stars.must('grassroots-section', office, 'notify-rerating')
  t.match(await stars.get(`/api/v1/ratings/${office}`), { replyPeriod: { due: '2027-02-16' } })
  await stars.must('office-account', office, 'record-rerating-reply', { document: '答复1' })
  const decision = { adopted: true, document: '决定1' }
  t.match(await stars.step('bureau-leader', office, 'decide-rerating', { ...decision, decidedBy: by }), {
    json: { code: 'not-the-actor' },
  })
  await stars.must('bureau-leader', office, 'decide-rerating', {
    ...decision,
    decidedBy: service.people['bureau-leader'].id,
  })
  t.equal(await stars.formal(office), 5, 'the old rating stays in force until then')
  await stars.must('leading-group', office, 'supersede', {
    award,
    cycle: stars.cycle,
    from: 5,
    ...result,
    document: '更替1',
  })
  t.equal(await stars.formal(office), 4)
  t.equal(await stars.formal(office, '?effectiveAt=2027-01-31'), 5, 'nothing is overwritten')
})

t.test(
  'a run has the same bytes whatever the threads, process and time zone; a recorded one is repeated elsewhere',
  async (t) => {
    const service = await startService(t)
    const stars = await published(service)
    for (const name of ['甲所', '乙所', '丙所']) await stars.office(name)
    const url = '/api/v1/ratings?effectiveAt=2026-12-31&scheme=star@1'
    const one = await service.call('auditor', 'GET', url)
    t.equal(one.json.offices.length, 4)
    for (const workers of [1, 2, 3])
      t.equal((await service.call('auditor', 'GET', `${url}&workers=${workers}`)).text, one.text, `${workers} threads`)
    const ranked = await service.call('auditor', 'GET', `${url}&order=rank`)
    t.equal(ranked.json.offices[0].office, service.county.office, 'the office with five stars comes first')
    t.equal(ranked.json.run.digest, one.json.run.digest)
    const body = { effectiveAt: '2026-12-31', scheme: 'star@1' }
    const recorded = await service.call('auditor', 'POST', '/api/v1/ratings/runs', { body })
    t.equal(recorded.status, 201)
    const { id, asOf, digest } = recorded.json.run
    const main = fileURLToPath(new URL('../../bin/duban.js', import.meta.url))
    for (const TZ of ['UTC', 'America/Los_Angeles']) {
      const question = ['--as-of', String(asOf), '--effective-at', '2026-12-31', '--scheme', 'star@1']
      const text = execFileSync(process.execPath, [main, 'rate', ...question, '--data', service.directory, '--json'], {
        env: { ...process.env, TZ, DUBAN_TOKEN: '' },
        encoding: 'utf8',
      })
      t.equal(JSON.parse(text).run.digest, digest, TZ)
    }
    const compared = await service.call('auditor', 'GET', `/api/v1/ratings/compare?left=${id}&right=${id}`)
    t.match(compared.json, { left: { digest }, right: { digest }, offices: [] })
  },
)

t.test(
  'a bundle recomputes alone, in another process; each file’s changed byte is named; a county’s is its part of the whole',
  async (t) => {
    const service = await startService(t)
    const stars = await published(service)
    await stars.office('甲所')
    const directory = temporaryDirectory(t)
    const out = join(directory, 'bundle')
    const question = { effectiveAt: '2026-12-31' }
    const made = await exportBundle(service.service, out, question)
    if (!made.ok) throw new Error(made.refusal.code)
    t.equal(made.value.ratings, 2)
    const code = `import { recomputeBundle } from ${JSON.stringify(program)}; console.log(JSON.stringify(await recomputeBundle(process.argv[1])))`
    const answered = execFileSync(process.execPath, ['--input-type=module', '-e', code, out], {
      env: { ...process.env, TZ: 'Asia/Tokyo' },
      encoding: 'utf8',
    })
    t.same(JSON.parse(answered), { ratings: 2, equal: true, differences: [] })
    const damaged = join(directory, 'damaged')
    mkdirSync(damaged)
    for (const name of readdirSync(out)) {
      const whole = readFileSync(join(out, name))
      // One bit in the first, the middle and the last byte, and in some between.
      for (const at of new Set([0, 1, 0.25, 0.5, 0.75].map((part) => Math.floor(part * (whole.length - 1))))) {
        for (const each of readdirSync(out)) copyFileSync(join(out, each), join(damaged, each))
        const bytes = Buffer.from(whole)
        bytes[at] = bytes[at]! ^ 1
        writeFileSync(join(damaged, name), bytes)
        const found = await recomputeBundle(damaged)
        t.match(found, { equal: false, differences: [{ where: name }] }, `${name}, byte ${at}`)
        t.equal(found.differences.length, 1)
      }
    }
    const part = join(directory, 'county')
    const county = await exportBundle(service.service, part, { ...question, division: '990121' })
    if (!county.ok) throw new Error(county.refusal.code)
    t.same(await recomputeBundle(part), { ratings: 2, equal: true, differences: [] })
    const offices = (where: string) => JSON.parse(readFileSync(join(where, 'ratings.json'), 'utf8')).offices
    t.same(offices(part), offices(out))
    const other = join(directory, 'other')
    const elsewhere = await exportBundle(service.service, other, { ...question, division: '990122' })
    t.match(elsewhere, { ok: true, value: { ratings: 0 } }, 'nothing of this county in the other’s')
  },
)

t.test('a sample is drawn by its seed from the log as it stood: again the same, and nobody chooses', async (t) => {
  const service = await startService(t)
  const stars = new Stars(service)
  for (const name of ['甲所', '乙所', '丙所', '丁所']) await stars.office(name)
  const head = service.service.log.size() - 1
  const sample = async (more: string) => stars.get(`/api/v1/audit/sample?category=office&${more}`, 'auditor')
  const first = await sample('seed=2026&n=3')
  t.match(first, { population: 5, asOf: head, category: 'office' })
  t.equal(first.items.length, 3)
  await stars.office('戊所')
  t.same((await sample(`seed=2026&n=3&asOf=${head}`)).items, first.items)
  t.same((await sample(`seed=2026&n=2&asOf=${head}`)).items, first.items.slice(0, 2), 'a smaller one is its beginning')
  t.equal((await sample('seed=2026&n=9')).population, 6)
  t.notSame((await sample(`seed=2027&n=5&asOf=${head}`)).items, (await sample(`seed=2026&n=5&asOf=${head}`)).items)
  const boards = await stars.get('/api/v1/board/compare?left=asOf=0&right=now', 'supervision-officer')
  t.match(boards, { left: { asOf: 0 }, items: [] })
  const wrong = await service.call('auditor', 'GET', '/api/v1/board/compare?left=sometime&right=now')
  t.match(wrong, { status: 400, json: { code: 'moment-invalid' } })
})
