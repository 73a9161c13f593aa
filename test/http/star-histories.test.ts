/** Four whole histories of the star scheme over HTTP, on an injected clock (S0-4). */
import t from 'tap'
import { chainSteps, register } from '../support/chain.ts'
import { startService } from '../support/service.ts'
import { Stars } from '../support/stars.ts'

// Some hundred requests a history: a busy machine takes its time.
t.setTimeout(180_000)

const YEARS = [2023, 2024, 2025]

/** Offices under a notice that began on 23 November 2026 and lasts until 8 December. */
async function underNotice(stars: Stars, offices: readonly string[]): Promise<void> {
  stars.on('2026-09-15')
  for (const office of offices) await stars.spotless(office, YEARS, '2026-09')
  await stars.open(2026, offices)
  stars.on('2026-10-10')
  for (const office of offices)
    await stars.must('grassroots-section', office, 'submit-self-assessment', { scores: stars.scores(19) })
  stars.on('2026-11-05')
  for (const office of offices) {
    await stars.study(office, '2026-11')
    await stars.inspected(office)
  }
  stars.on('2026-11-23')
  for (const office of offices) await stars.noticed(office)
}

t.test('two warnings and the downgrade', async (t) => {
  const service = await startService(t)
  const stars = new Stars(service)
  const { office } = service.county
  await underNotice(stars, [office])
  stars.on('2026-12-09')
  await stars.published(office)
  t.equal(await stars.formal(office), 5)
  await stars.must('leading-group', office, 'issue-plaque', { number: '牌1' })
  await stars.must('leading-group', office, 'commend', { document: '表彰1' })
  stars.on('2027-05-10')
  await stars.found(office, 2027, '检查一')
  await stars.must('leading-group', office, 'issue-warning', { document: '警告一' })
  t.equal(await stars.formal(office), 5, 'a warning takes no star')
  t.match(await stars.step('leading-group', office, 'close-inspection'), { json: { code: 'measure-unannounced' } })
  await stars.announced(office)
  t.match(
    await stars.step('grassroots-section', office, 'schedule-inspection', { year: 2027 }),
    { json: { code: 'inspection-too-early' } },
    'once a year',
  )
  stars.on('2028-05-10')
  await stars.found(office, 2028, '检查二')
  const warned = await stars.must('leading-group', office, 'issue-warning', { document: '警告二' })
  const file = await stars.get(`/api/v1/ratings/${office}`)
  t.match(file, { formalLevel: 4, ladder: { level: 4, streak: 0 }, plaque: { number: '牌1' }, phase: 'published' })
  t.match(file.measures, [{ measure: 'WARNING' }, { measure: 'WARNING' }, { measure: 'DOWNGRADE', taken: 1 }])
  await stars.announced(office)
  t.equal(await stars.formal(office, '?effectiveAt=2028-05-09'), 5, 'the day before')
  const { events } = await stars.get(`/api/v1/history/rating/${office}`, 'auditor')
  t.match(
    events.find(({ type }: { type: string }) => type === 'StarDowngraded'),
    { revision: warned.json.revision, data: { cause: 'TWO_WARNINGS' }, rule: /S0-4.6d/ },
  )
  const moments = `left=effectiveAt=2028-05-09&right=now`
  const compared = await stars.get(`/api/v1/history/rating/${office}/compare?${moments}`, 'auditor')
  t.match(
    compared.changes.find(({ path }: { path: string }) => path === 'ladder/level'),
    { from: 5, to: 4 },
  )
  t.ok(compared.added.some(({ title }: { title: string }) => title === '降星级'))
  const curve = await stars.get(`/api/v1/ratings/${office}/curve?from=2026-12-01&until=2028-05-10&points=100`)
  t.equal(curve.points.length, 100)
  t.equal(curve.points[0].formalLevel, null, 'nothing published yet')
  t.equal(curve.points.at(-1).formalLevel, 4)
})

t.test('a veto with the plaque taken back', async (t) => {
  const service = await startService(t)
  const stars = new Stars(service)
  const { office } = service.county
  await underNotice(stars, [office])
  stars.on('2026-12-09')
  await stars.published(office)
  await stars.must('leading-group', office, 'issue-plaque', { number: '牌1' })

  const decided = async (day: string, facts: object, cooperation: object) => {
    stars.on(day)
    const opened = await register(service)
    if (opened.status !== 201) throw new Error(opened.text)
    const id: string = opened.json.case
    let { revision } = opened.json
    for (const { by, action, body } of chainSteps(service)) {
      if (action === 'reply') break
      const given =
        action === 'decide-at-meeting'
          ? { ...body, ...facts, cooperation: { ...(body as { cooperation: object }).cooperation, ...cooperation } }
          : body
      const answer = await service.call(by, 'POST', `/api/v1/complaints/${id}/${action}`, {
        body: given,
        ifMatch: revision,
      })
      if (answer.status !== 200) throw new Error(`${action}: ${answer.text}`)
      revision = answer.json.revision
    }
    return id
  }
  const mild = await decided('2027-03-01', {}, {})
  const grave = await decided('2027-03-02', { subjectiveFault: true, graveLoss: true }, { activelyHandled: false })
  stars.on('2027-03-20')
  const facts = {
    subjectiveFault: ['调查报告1'],
    substantiatedComplaint: ['局办决定1'],
    notActivelyHandled: ['整改记录1'],
    graveLoss: ['损失证明1'],
  }
  const veto = (complaint: string, more: object = {}) =>
    stars.step('leading-group', office, 'veto', { complaint, facts: { ...facts, ...more }, document: '否决1' })
  t.match(await veto(mild), { status: 422, json: { code: 'veto-complaint-unsupported' } }, 'not this complaint')
  t.match(await veto('nowhere'), { json: { code: 'veto-complaint-unsupported' } })
  t.match(
    await veto(grave, { graveSocialImpact: ['舆情1'] }),
    { json: { code: 'veto-complaint-unsupported', errors: [{ pointer: '/facts/graveSocialImpact' }] } },
    'what the meeting did not find',
  )
  t.match(
    await veto(grave, { notActivelyHandled: undefined }),
    { json: { code: 'veto-facts-incomplete' } },
    'all four facts (S0-4.6e)',
  )
  t.match(
    await service.call('bureau-leader', 'POST', `/api/v1/ratings/${office}/veto`, { body: {}, ifMatch: 0 }),
    { status: 422 },
    'an empty veto is none',
  )
  t.equal((await veto(grave)).status, 200)
  const file = await stars.get(`/api/v1/ratings/${office}`)
  t.match(file, { formalLevel: 0, phase: 'vetoed', ladder: { level: 0, plaque: false } })
  t.equal(file.plaque, undefined, 'the plaque is with the authority that gave it')
  t.match(await stars.step('leading-group', office, 'issue-plaque', { number: '牌2' }), {
    json: { code: 'vetoed-this-cycle' },
  })
  t.equal(await stars.formal(office, '?effectiveAt=2027-03-19'), 5)
})

t.test('an objection upheld during the notice holds its office while the others proceed', async (t) => {
  const service = await startService(t)
  const stars = new Stars(service)
  const [a, b] = [service.county.office, await stars.office('白沙法律服务所')]
  await underNotice(stars, [a, b])
  const file = await stars.get(`/api/v1/ratings/${a}`)
  t.match(file, { phase: 'notice', noticePeriod: { due: '2026-12-08' } }, 'fifteen days, the day itself not counted')
  t.ok(file.next.includes('closeNotice'))
  t.notOk(file.next.includes('publish'))
  // On the last day of the notice.
  stars.on('2026-12-08')
  const objected = await stars.must('reception', a, 'raise-objection', { document: '异议1' })
  stars.on('2026-12-09')
  t.match(await stars.step('reception', b, 'raise-objection', { document: '异议2' }), { json: { code: 'notice-over' } })
  t.match(await stars.step('leading-group', a, 'close-notice'), { json: { code: 'objection-open' } })
  await stars.published(b)
  t.equal(await stars.formal(b), 5, 'the other office proceeds')
  t.equal(await stars.formal(a), null)
  const { events } = await stars.get(`/api/v1/ratings/${a}/history`)
  const of = events.findLast(({ type }: { type: string }) => type === 'ObjectionRaised').id
  t.equal(events.at(-1).revision, objected.json.revision)
  await stars.must('leading-group', a, 'resolve-objection', { of, upheld: true, notice: 'RESTARTS', document: '复核1' })
  t.match(await stars.get(`/api/v1/ratings/${a}`), { phase: 'none' }, 'back to scoring')
  stars.on('2026-12-15')
  await stars.rescored(a, 17)
  const claimed = await stars.result(a)
  t.equal(claimed.level, 0, 'seventeen of twenty reach ninety nowhere')
  const assess = (more: object) =>
    stars.step('leading-group', a, 'assess', {
      ...claimed,
      assessors: [service.people['leading-group'].id],
      ...more,
    })
  t.match(
    await assess({ level: 5 }),
    { status: 422, json: { code: 'result-not-reproducible', errors: [{ pointer: '/level' }] } },
    'a result is what the evidence says',
  )
  t.match(await assess({ run: { ...claimed.run, digest: '0'.repeat(64) } }), {
    json: { code: 'result-not-reproducible' },
  })
  t.match(
    await assess({ run: { ...claimed.run, asOf: 3 } }),
    { json: { code: 'run-outside-cycle' } },
    'not before the scores',
  )
  t.match(await assess({ run: { ...claimed.run, effectiveAt: '2026-10-31' } }), { json: { code: 'run-outside-cycle' } })
  t.match(await assess({ run: { ...claimed.run, asOf: 99_999 } }), { json: { code: 'index-beyond-head' } })
  await stars.noticed(a)
  stars.on('2026-12-31')
  await stars.published(a)
  t.equal(await stars.formal(a), claimed.level)
  const cycle = await stars.get(`/api/v1/cycles/${stars.cycle}`)
  t.match(
    cycle.participants.map(({ phase }: { phase: string }) => phase),
    ['published', 'published'],
  )
})

t.test('a downgraded office comes back in the next cycle', async (t) => {
  const service = await startService(t)
  const stars = new Stars(service)
  const { office } = service.county
  await underNotice(stars, [office])
  stars.on('2026-12-09')
  await stars.published(office)
  await stars.must('leading-group', office, 'issue-plaque', { number: '牌1' })
  stars.on('2027-06-10')
  await stars.found(office, 2027, '检查一')
  await stars.must('leading-group', office, 'downgrade', { category: 'service', document: '降星1' })
  await stars.announced(office)
  t.equal(await stars.formal(office), 4)
  const before = stars.cycle
  stars.on('2027-09-15')
  const plan = await stars.get('/api/v1/cycles/plan?scheme=star@1&year=2027')
  const early = await service.call('leading-group', 'POST', '/api/v1/cycles', {
    body: { name: '早', year: 2027, plan },
  })
  t.match(early, { status: 409, json: { code: 'cycle-not-due' } }, 'two years (S0-4.5b)')
  stars.on('2028-09-15')
  const other = { ...(await stars.get('/api/v1/cycles/plan?scheme=star@1&year=2028')), noticeDays: 1 }
  t.equal(
    (await service.call('leading-group', 'POST', '/api/v1/cycles', { body: { name: '异', year: 2028, plan: other } }))
      .status,
    422,
  )
  const { noticeDays: _no, ...softer } = { ...other, notice: '1d' }
  t.match(
    await service.call('leading-group', 'POST', '/api/v1/cycles', { body: { name: '异', year: 2028, plan: softer } }),
    { json: { code: 'plan-not-of-scheme' } },
    'the plan is the scheme’s',
  )
  await stars.open(2028, [office])
  t.equal(await stars.formal(office), 4, 'the old rating stays in force until the new one is published')
  stars.on('2028-10-10')
  await stars.must('grassroots-section', office, 'submit-self-assessment', { scores: stars.scores(20) })
  await stars.must('grassroots-section', office, 'grade-assessment', { year: 2026, grade: 'QUALIFIED' }, 'records')
  await stars.must('grassroots-section', office, 'grade-assessment', { year: 2027, grade: 'QUALIFIED' }, 'records')
  stars.on('2028-11-06')
  await stars.study(office, '2028-11')
  const survey = { survey: 'PARTY_ORGANISATION', asked: 30, reached: 28, answered: 25, satisfied: 24 }
  await stars.must('grassroots-section', office, 'record-survey', survey, 'records')
  await stars.inspected(office)
  stars.on('2028-11-20')
  await stars.noticed(office)
  stars.on('2028-12-06')
  await stars.published(office)
  const file = await stars.get(`/api/v1/ratings/${office}`)
  t.match(file, { formalLevel: 5, measures: [], ladder: { level: 5, streak: 0, plaque: false } })
  t.notSame(stars.cycle, before)
  t.equal(await stars.formal(office, '?effectiveAt=2028-12-05'), 4)
  await stars.must('leading-group', office, 'issue-plaque', { number: '牌2' })
  const old = await stars.get(`/api/v1/cycles/${before}`)
  t.match(old.participants, [{ office, phase: 'published', level: 5 }], 'the first cycle stays as it was')
})
