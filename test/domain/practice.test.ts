import t from 'tap'
import {
  defaultDuties,
  defaultPractice,
  escalationDue,
  itemRulesOf,
  owedFrom,
  practiceDecider,
  practiceFor,
} from '../../src/domain/practice.ts'
import { given } from '../support/scenario.ts'

const body = { validFrom: '2026-02-01', ...defaultPractice, legalBasis: '督办工作办法' }
const none = () => given(practiceDecider)
const published = (more: object) =>
  none()
    .did('publish', { ...body, ...more })
    .state.versions.map((version) => ({ ...version, organisation: 'county' }))

t.test('each publication is a new version', async () => {
  none()
    .when('publish', body)
    .then([{ type: 'PracticePublished', data: { organisation: 'bureau', version: 1 } }])
    .when('publish', { ...body, validFrom: '2026-03-01' })
    .then([{ type: 'PracticePublished', data: { version: 2 } }])
    .when('publish', { ...body, validFrom: '2026-02-15' })
    .then({ code: 'policy-version-order', pointer: '/validFrom' })
})

t.test('no practice samples less than a tenth (S1-7.2)', async () => {
  none()
    .when('publish', { ...body, samplePercent: 9 })
    .then({ code: 'sample-rate-too-low', detail: { least: 10 } })
  none().did('publish', { ...body, samplePercent: 10 })
})

t.test('levels go up, and so do their days', async () => {
  const levels = (...list: [string, number][]) => ({
    ...body,
    levels: list.map(([level, overdueWorkdays]) => ({ level, overdueWorkdays })),
  })
  none()
    .when('publish', levels(['red-card', 1], ['yellow-card', 2]))
    .then('practice-levels-order')
  none()
    .when('publish', levels(['notice', 1], ['notice', 2]))
    .then('practice-levels-order')
  none()
    .when('publish', levels(['notice', 5], ['red-card', 2]))
    .then({ code: 'practice-levels-order', pointer: '/levels/1' })
  none().did('publish', levels(['notice', 1], ['red-card', 1]))
  none()
    .when('publish', { ...body, methods: [{ key: 'phone' }, { key: 'phone' }] })
    .then('practice-method-repeated')
})

t.test('the nearest organisation’s practice holds from its day on, else the shipped one', async (t) => {
  const versions = published({ samplePercent: 30 })
  t.match(practiceFor(versions, ['centre', 'county'], '2026-02-01'), {
    policy: 'practice-county@1',
    practice: { samplePercent: 30 },
  })
  t.strictSame(practiceFor(versions, ['county'], '2026-01-31'), { policy: 'practice@0', practice: defaultPractice })
  t.strictSame(practiceFor(versions, ['other'], '2026-02-01').policy, 'practice@0')
  t.strictSame(itemRulesOf(practiceFor([], [], '2026-02-01')), {
    ...{
      policy: 'practice@0',
      methods: ['phone', 'on-site', 'meeting', 'door-visit'],
      extensions: 1,
      extensionCap: '15d',
    },
    levels: ['notice', 'yellow-card', 'red-card', 'circular'],
  })
})

t.test('a duty is owed from the day its practice names, the usual ones from when work began', async (t) => {
  const kept = { ...defaultPractice, duties: [{ duty: 'duty.monthly-bulletin', from: '2026-04-01' }] }
  t.equal(owedFrom(kept, 'duty.monthly-bulletin', '2026-03-02'), '2026-04-01')
  t.equal(owedFrom(kept, 'duty.weekly-statistics', '2026-03-02'), undefined)
  for (const duty of defaultDuties) t.equal(owedFrom(defaultPractice, duty, '2026-03-02'), '2026-03-02')
  t.equal(owedFrom(defaultPractice, 'duty.monthly-bulletin', undefined), undefined, 'not at work yet')
  t.equal(owedFrom(defaultPractice, 'duty.brand-offices', '2026-03-02'), undefined)
  const twice = [...kept.duties, ...kept.duties]
  none()
    .when('publish', { ...body, duties: twice })
    .then({ code: 'practice-duty-repeated', pointer: '/duties/1/duty' })
})

t.test('the next level is due once the task is late enough, one at a time', async (t) => {
  const due = (issued: Parameters<typeof escalationDue>[1], days: number) =>
    escalationDue(defaultPractice, issued, days)
  t.equal(due(undefined, -1), undefined, 'not late')
  t.equal(due(undefined, 0), 'notice')
  t.equal(due(undefined, 30), 'notice', 'no level is skipped')
  t.equal(due('notice', 1), undefined)
  t.equal(due('notice', 2), 'yellow-card')
  t.equal(due('red-card', 5), undefined)
  t.equal(due('red-card', 6), 'circular', 'more than five working days late')
  t.equal(due('circular', 100), undefined)
})
