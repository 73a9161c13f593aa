import t from 'tap'
import { stateOf } from '../../../src/domain/history.ts'
import { organisationDecider, organisationNameAt } from '../../../src/domain/registry/organisation.ts'
import { type Given, recorded, when } from './scenario.ts'

const body = {
  code: '341702-SFJ',
  name: '贵池区司法局',
  kind: 'county-bureau',
  division: '341702',
  abbreviation: '贵司',
} as const
const registered: Given = { type: 'OrganisationRegistered', data: body, at: '2020-01-01' }
const renamed: Given = { type: 'OrganisationRenamed', data: { name: '新名' }, at: '2021-01-01' }
const dissolved: Given = { type: 'OrganisationDissolved', data: { successor: 'o2' }, at: '2022-01-01' }

t.test('an organisation is registered once, with a division code and a plain code', async (t) => {
  t.same(when(organisationDecider, [], 'register', body), [{ type: 'OrganisationRegistered', data: body }])
  t.equal(when(organisationDecider, [registered], 'register', body), 'registry-already-registered')
  for (const division of ['3417', '34170200', 'abcdef', '3417020010'])
    t.equal(when(organisationDecider, [], 'register', { ...body, division }), 'invalid: division')
  for (const division of ['340000', '341702001', '341702001002'])
    t.type(when(organisationDecider, [], 'register', { ...body, division }), Array)
  for (const code of ['', 'a b', '-x', 'x'.repeat(41)])
    t.equal(when(organisationDecider, [], 'register', { ...body, code }), 'invalid: code')
  t.type(when(organisationDecider, [], 'register', { ...body, code: '贵池' }), Array)
})

t.test('the name at a date, and the abbreviation that stays until another is given', async (t) => {
  const state = stateOf(organisationDecider, recorded('o', [registered, renamed]))
  t.equal(organisationNameAt(state, '2019-12-31'), undefined)
  t.same(organisationNameAt(state, '2020-12-31'), { name: '贵池区司法局', abbreviation: '贵司' })
  t.same(organisationNameAt(state, '2021-01-01'), { name: '新名', abbreviation: '贵司' })
  const { abbreviation: _, ...plain } = body
  const without = stateOf(organisationDecider, recorded('o', [{ ...registered, data: plain }]))
  t.equal(organisationNameAt(without, '2021-01-01')?.abbreviation, '341702-SFJ', 'the code where there is none')
})

t.test('renaming to the same name records nothing', async (t) => {
  t.same(when(organisationDecider, [registered], 'rename', { name: '贵池区司法局' }), [])
  t.type(when(organisationDecider, [registered], 'rename', { name: '贵池区司法局', abbreviation: '池' }), Array)
})

t.test('a dissolved organisation changes no more and is not its own successor', async (t) => {
  t.equal(when(organisationDecider, [registered, dissolved], 'rename', { name: 'x' }), 'organisation-dissolved')
  t.equal(when(organisationDecider, [registered, dissolved], 'dissolve', {}), 'organisation-dissolved')
  t.equal(
    when(organisationDecider, [registered, renamed], 'dissolve', {}, { at: '2020-06-01' }),
    'registry-later-fact-stands',
  )
  t.equal(
    when(organisationDecider, [registered], 'dissolve', { successor: 'o1' }, { stream: 'organisation-o1' }),
    'organisation-own-successor',
  )
  t.type(when(organisationDecider, [registered], 'dissolve', { successor: 'o2' }, { stream: 'organisation-o1' }), Array)
  t.type(when(organisationDecider, [registered], 'dissolve', {}, { stream: 'organisation-o1' }), Array, 'no successor')
  t.equal(when(organisationDecider, [], 'rename', { name: 'x' }), 'registry-not-registered')
  t.equal(
    when(organisationDecider, [registered], 'rename', { name: 'x' }, { at: '2019-01-01' }),
    'registry-before-registration',
  )
})
