import fc from 'fast-check'
import t from 'tap'
import { correctedSteps, firstBroken, stateOf } from '../../../src/domain/history.ts'
import { workerAt, workerDecider, workerOfficeAt } from '../../../src/domain/registry/worker.ts'
import { dateOf } from '../../../src/domain/time.ts'
import { type Given, NOW, orders, recorded, when } from './scenario.ts'

const licensed: Given = {
  type: 'WorkerLicensed',
  data: { name: '石一', licence: 'L1', office: 'a', licensedOn: '2020-03-01' },
  at: '2020-03-01',
}
const moved = (to: string, at: string): Given => ({ type: 'WorkerTransferred', data: { to }, at })
const left = (at: string): Given => ({ type: 'WorkerEmploymentEnded', data: {}, at })
const revoked = (at: string): Given => ({ type: 'WorkerLicenceRevoked', data: { kind: 'revoked' }, at })
const state = (...given: Given[]) => stateOf(workerDecider, recorded('worker-1', given))

t.test('a licence dates from the day it states, which is not in the future', async (t) => {
  const body = { name: '石一', licence: 'L1', office: 'a', licensedOn: '2020-03-01' }
  t.same(when(workerDecider, [], 'license', body), [{ type: 'WorkerLicensed', data: body, effectiveAt: '2020-03-01' }])
  t.equal(when(workerDecider, [], 'license', { ...body, licensedOn: '2026-07-01' }), 'effective-in-future')
  t.equal(dateOf(NOW), '2026-06-30')
  t.type(when(workerDecider, [], 'license', { ...body, licensedOn: '2026-06-30' }), Array, 'today is no future')
  t.equal(when(workerDecider, [], 'license', { ...body, licensedOn: '2026-02-30' }), 'invalid: licensedOn')
  t.equal(when(workerDecider, [], 'license', { ...body, extra: 1 }), 'invalid: ')
  t.equal(when(workerDecider, [licensed], 'license', body), 'registry-already-registered')
})

t.test(
  'where somebody practised at a date follows from effective times, in whatever order they became known',
  async (t) => {
    const facts = [moved('b', '2021-01-01'), moved('c', '2022-05-01'), left('2023-01-01'), moved('d', '2024-01-01')]
    for (const order of orders(facts)) {
      const now = state(licensed, ...order)
      const at = (date: string) => workerOfficeAt(now, date)
      t.same(['2020-02-29', '2020-03-01', '2020-12-31', '2021-01-01', '2022-04-30', '2022-05-01'].map(at), [
        undefined,
        'a',
        'a',
        'b',
        'b',
        'c',
      ])
      t.same(['2022-12-31', '2023-01-01', '2023-12-31', '2024-01-01', '2026-06-30'].map(at), [
        'c',
        undefined,
        undefined,
        'd',
        'd',
      ])
    }
  },
)

t.test('leaving and joining on one day means he ended where he joined', async (t) => {
  for (const order of orders([left('2022-01-01'), moved('b', '2022-01-01')]))
    t.equal(workerOfficeAt(state(licensed, ...order), '2022-01-01'), 'b')
})

t.test('a date bound includes its whole day, an instant only itself', async (t) => {
  const now = state(licensed, moved('b', '2021-01-01T15:00:00+08:00'))
  t.equal(workerOfficeAt(now, '2021-01-01'), 'b')
  t.equal(workerOfficeAt(now, '2021-01-01T14:59:59+08:00'), 'a')
  t.equal(workerOfficeAt(now, '2021-01-01T07:00:00Z'), 'b')
})

t.test('a move known by its day on the day of a licence known by its hour follows the licence', async (t) => {
  const now = state({ ...licensed, at: '2020-03-01T10:00:00+08:00' }, moved('b', '2020-03-01'))
  t.equal(workerOfficeAt(now, '2020-03-01'), 'b')
  t.equal(workerOfficeAt(now, '2020-03-01T09:00:00+08:00'), undefined)
  t.equal(
    firstBroken(
      workerDecider,
      correctedSteps(recorded('w', [{ ...licensed, at: '2020-03-01T10:00:00+08:00' }, moved('b', '2020-03-01')])),
    ),
    undefined,
  )
})

t.test('moving to where he already practises records nothing; another time may', async (t) => {
  const given = [licensed, moved('b', '2021-01-01')]
  t.same(when(workerDecider, given, 'transfer', { to: 'b' }), [])
  t.same(when(workerDecider, given, 'transfer', { to: 'b' }, { at: '2020-06-01' }), [
    { type: 'WorkerTransferred', data: { to: 'b' } },
  ])
  t.equal(when(workerDecider, given, 'transfer', { to: 'c' }, { at: '2020-02-01' }), 'registry-before-registration')
  t.equal(when(workerDecider, [], 'transfer', { to: 'c' }), 'registry-not-registered')
})

t.test('only who practises somewhere can leave', async (t) => {
  t.type(when(workerDecider, [licensed], 'endEmployment', {}, { at: '2022-01-01' }), Array)
  t.equal(
    when(workerDecider, [licensed, left('2021-01-01')], 'endEmployment', {}, { at: '2022-01-01' }),
    'worker-not-employed',
  )
  t.type(
    when(workerDecider, [licensed, left('2021-01-01')], 'endEmployment', {}, { at: '2020-12-01' }),
    Array,
    'earlier he was employed',
  )
})

t.test('nothing follows a revoked licence, and it is not revoked before what stands', async (t) => {
  const given = [licensed, moved('b', '2021-01-01'), revoked('2023-01-01')]
  t.same(workerAt(state(...given), '2023-01-01'), { name: '石一', licence: 'L1', licensed: false })
  t.same(workerAt(state(...given), '2022-12-31'), { name: '石一', licence: 'L1', office: 'b', licensed: true })
  for (const [name, body] of [
    ['transfer', { to: 'c' }],
    ['endEmployment', {}],
    ['revokeLicence', { kind: 'revoked' }],
  ] as const)
    t.equal(when(workerDecider, given, name, body), 'worker-licence-ended', name)
  t.equal(
    when(workerDecider, given.slice(0, 2), 'revokeLicence', { kind: 'cancelled' }, { at: '2020-12-31' }),
    'registry-later-fact-stands',
  )
  t.type(
    when(workerDecider, given.slice(0, 2), 'revokeLicence', { kind: 'cancelled' }, { at: '2021-01-01' }),
    Array,
    'the same day',
  )
  const late = recorded('w', [...given, moved('c', '2023-01-02')])
  t.equal(firstBroken(workerDecider, correctedSteps(late))?.refusal.code, 'worker-licence-ended')
  const early = recorded('w', [...given, moved('c', '2022-06-01')])
  t.equal(firstBroken(workerDecider, correctedSteps(early)), undefined, 'an earlier move may become known later')
})

t.test('a voided move is as if it had never been; a replaced one as if recorded right at first', async (t) => {
  const voided = state(licensed, moved('b', '2021-01-01'), {
    type: 'StepVoided',
    data: { reason: 'x' },
    corrects: { event: 'e1', mode: 'void' },
  })
  t.same(workerAt(voided, NOW), workerAt(state(licensed), NOW))
  const replaced = state(licensed, moved('b', '2021-01-01'), {
    type: 'StepReplaced',
    data: { reason: 'x', version: 1, data: { to: 'c' } },
    at: '2020-06-01',
    corrects: { event: 'e1', mode: 'replace' },
  })
  for (const date of ['2020-05-31', '2020-06-01', '2021-02-01'])
    t.equal(workerOfficeAt(replaced, date), workerOfficeAt(state(licensed, moved('c', '2020-06-01')), date))
})

t.test('property: the order of recording never changes where anyone practised', async () => {
  const day = fc.integer({ min: 1, max: 28 }).map((d) => `2022-01-${String(d).padStart(2, '0')}`)
  const fact = fc.oneof(
    fc.tuple(fc.constantFrom('a', 'b', 'c'), day).map(([to, at]) => moved(to, at)),
    day.map((at) => left(at)),
  )
  fc.assert(
    fc.property(fc.uniqueArray(fact, { maxLength: 6, selector: ({ at }) => at }), day, fc.nat(), (facts, at, turn) => {
      const turned = facts.map((_, i) => facts[(i + turn) % facts.length]!)
      return workerOfficeAt(state(licensed, ...facts), at) === workerOfficeAt(state(licensed, ...turned), at)
    }),
    { seed: 20261121 },
  )
})
