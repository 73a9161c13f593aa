import t from 'tap'
import { correctedSteps, firstBroken, stateOf } from '../../../src/domain/history.ts'
import { officeAt, officeDecider } from '../../../src/domain/registry/office.ts'
import { type Given, orders, recorded, when } from './scenario.ts'

const body = {
  kind: 'legal-service-office',
  name: '甲所',
  division: '341702001',
  licence: '许可1',
  organisation: 'bureau',
  registeredOn: '2018-02-01',
} as const
const registered: Given = { type: 'OfficeRegistered', data: body, at: '2018-02-01' }
const fact = (type: string, at: string, data: unknown = {}): Given => ({ type, data, at })
const state = (...given: Given[]) => stateOf(officeDecider, recorded('office-1', given))

t.test('an office is registered as of the day its licence states', async (t) => {
  t.same(when(officeDecider, [], 'register', body), [
    { type: 'OfficeRegistered', data: body, effectiveAt: '2018-02-01' },
  ])
  t.equal(when(officeDecider, [], 'register', { ...body, registeredOn: '2026-07-01' }), 'effective-in-future')
  t.equal(when(officeDecider, [], 'register', { ...body, division: '34170' }), 'invalid: division')
  t.equal(when(officeDecider, [], 'register', { ...body, kind: 'bank' }), 'invalid: kind')
  t.equal(when(officeDecider, [registered], 'register', body), 'registry-already-registered')
})

t.test('name, place and standing at a date follow from effective times, in any order of recording', async (t) => {
  const facts = [
    fact('OfficeRenamed', '2019-01-01', { name: '乙所' }),
    fact('OfficeMoved', '2020-01-01', { division: '341702002', address: '新街1号' }),
    fact('OfficeSuspended', '2021-01-01'),
    fact('OfficeResumed', '2021-06-01'),
  ]
  for (const order of orders(facts)) {
    const now = state(registered, ...order, fact('OfficeDeregistered', '2022-01-01'))
    const at = (date: string) => officeAt(now, date)
    t.equal(at('2018-01-31'), undefined)
    t.same([at('2018-02-01')?.name, at('2018-12-31')?.name, at('2019-01-01')?.name], ['甲所', '甲所', '乙所'])
    t.same([at('2019-12-31')?.division, at('2020-01-01')?.division], ['341702001', '341702002'])
    t.same([at('2019-12-31')?.address, at('2020-01-01')?.address], [undefined, '新街1号'])
    t.same(
      ['2020-12-31', '2021-01-01', '2021-05-31', '2021-06-01', '2021-12-31', '2022-01-01'].map((d) => at(d)?.status),
      ['active', 'suspended', 'suspended', 'active', 'active', 'deregistered'],
    )
    t.same([at('2021-03-01')?.active, at('2021-07-01')?.active, at('2022-02-01')?.active], [false, true, false])
  }
})

t.test('suspending twice, resuming what is not suspended, and anything after the end are refused', async (t) => {
  const suspended = fact('OfficeSuspended', '2021-01-01')
  const ended = fact('OfficeDeregistered', '2022-01-01')
  t.equal(when(officeDecider, [registered, suspended], 'suspend', {}), 'office-suspended')
  t.type(
    when(officeDecider, [registered, suspended], 'suspend', {}, { at: '2020-01-01' }),
    Array,
    'an earlier one may become known',
  )
  t.equal(when(officeDecider, [registered], 'resume', {}), 'office-not-suspended')
  t.type(when(officeDecider, [registered, suspended], 'resume', {}), Array)
  t.equal(when(officeDecider, [registered, suspended], 'resume', {}, { at: '2020-12-31' }), 'office-not-suspended')
  for (const [name, data] of [
    ['rename', { name: '丙所' }],
    ['move', { division: '341702' }],
    ['suspend', {}],
    ['deregister', {}],
  ] as const)
    t.equal(when(officeDecider, [registered, ended], name, data), 'office-deregistered', name)
  t.equal(
    when(officeDecider, [registered, suspended], 'deregister', {}, { at: '2020-12-31' }),
    'registry-later-fact-stands',
  )
  t.equal(
    when(officeDecider, [registered], 'rename', { name: '丙所' }, { at: '2018-01-31' }),
    'registry-before-registration',
  )
  t.equal(when(officeDecider, [], 'rename', { name: '丙所' }), 'registry-not-registered')
})

t.test('a suspension and its end on one day, one known by the hour, stand together', async (t) => {
  const given = [registered, fact('OfficeSuspended', '2021-01-01T10:00:00+08:00'), fact('OfficeResumed', '2021-01-01')]
  t.equal(firstBroken(officeDecider, correctedSteps(recorded('o', given))), undefined)
})

t.test('a change that changes nothing records nothing', async (t) => {
  t.same(when(officeDecider, [registered], 'rename', { name: ' 甲所 ' }), [])
  t.same(when(officeDecider, [registered], 'move', { division: '341702001' }), [])
  t.type(when(officeDecider, [registered], 'move', { division: '341702001', address: '新街1号' }), Array)
})

t.test('voiding the registration of an office with a later step would leave that step without ground', async (t) => {
  const given = [
    registered,
    fact('OfficeRenamed', '2019-01-01', { name: '乙所' }),
    { type: 'StepVoided', data: {}, corrects: { event: 'e0', mode: 'void' } } as const,
  ]
  t.equal(firstBroken(officeDecider, correctedSteps(recorded('o', given)))?.refusal.code, 'registry-not-registered')
})
