import fc from 'fast-check'
import t from 'tap'
import type { Recorded } from '../../src/domain/event.ts'
import { Directory } from '../../src/projections/directory.ts'
import { type Given, recorded } from '../domain/registry/scenario.ts'

const organisation = (code: string, division: string, more = {}): Given => ({
  type: 'OrganisationRegistered',
  data: { code, name: `单位${code}`, kind: 'county-bureau', division, ...more },
})
const office = (name: string, division: string, registeredOn = '2018-01-01'): Given => ({
  type: 'OfficeRegistered',
  data: { kind: 'legal-service-office', name, division, licence: name, organisation: 'county', registeredOn },
  at: registeredOn,
})
const person = (name: string): Given => ({ type: 'PersonRegistered', data: { name, organisation: 'county' } })
const grant = (role: string, at = 'county', more = {}): Given => ({
  type: 'RoleGranted',
  data: { role, organisation: at, ...more },
})
const hash = 'b'.repeat(64)

const streams: Readonly<Record<string, Given[]>> = {
  'organisation-city': [organisation('C', '341700')],
  'organisation-county': [organisation('D', '341702', { abbreviation: '贵司' })],
  'organisation-centre': [organisation('E', '341702', { parent: 'county' })],
  'office-a': [office('甲所', '341702001'), { type: 'OfficeSuspended', data: {}, at: '2021-01-01' }],
  'office-b': [office('乙所', '341703002', '2019-01-01')],
  'worker-w': [
    {
      type: 'WorkerLicensed',
      data: { name: '石一', licence: 'L', office: 'a', licensedOn: '2020-01-01' },
      at: '2020-01-01',
    },
    { type: 'WorkerTransferred', data: { to: 'b' }, at: '2022-01-01' },
  ],
  'person-p': [
    person('林一'),
    grant('reception'),
    grant('investigator', 'centre'),
    { type: 'TokenIssued', data: { token: 't1', hash } },
  ],
  'person-q': [person('林二'), grant('office-account', 'county', { office: 'a' })],
}
const events = (from = streams): Recorded[] => Object.entries(from).flatMap(([name, given]) => recorded(name, given))

function filled(all: Iterable<Recorded> = events()): Directory {
  const directory = new Directory()
  for (const event of all) directory.applyEvent(event)
  return directory
}

t.test('organisations are found by id and code, offices by division, workers by where they practised', async (t) => {
  const directory = filled()
  t.match(directory.organisation('county'), {
    id: 'county',
    code: 'D',
    name: '单位D',
    abbreviation: '贵司',
    division: '341702',
  })
  t.equal(directory.organisation('city')?.abbreviation, 'C', 'the code where there is no abbreviation')
  t.equal(directory.organisationByCode('D')?.id, 'county')
  t.equal(directory.organisationByCode('X'), undefined)
  t.same(
    directory.organisations().map(({ id }) => id),
    ['city', 'county', 'centre'],
  )
  t.equal(directory.divisionOf('city'), '341700')
  t.equal(directory.divisionOf('nobody'), undefined)
  t.same(directory.above('centre'), ['county'])
  t.same(directory.above('county'), [])
  const under = (division: string, at?: string) => directory.officesUnder(division, at).map(({ id }) => id)
  t.same(under('341700'), ['a', 'b'])
  t.same(under('341702'), ['a'])
  t.same(under('341700', '2018-06-01'), ['a'], 'the other was not registered then')
  t.same(under('350000'), [])
  t.same([directory.office('a', '2020-12-31')?.active, directory.office('a')?.active], [true, false])
  t.same([directory.workerOfficeAt('w', '2021-12-31'), directory.workerOfficeAt('w', '2022-01-01')], ['a', 'b'])
  t.equal(directory.workerOfficeAt('nobody', '2022-01-01'), undefined)
  t.same(
    directory.workersOf('a', '2021-01-01').map(({ id }) => id),
    ['w'],
  )
  t.same(
    directory.workersOf('a').map(({ id }) => id),
    [],
  )
  t.equal(directory.worker('w')?.name, '石一')
})

t.test('a principal has his grants with the divisions of their organisations', async (t) => {
  const directory = filled()
  t.same(directory.principal('p'), {
    person: 'p',
    grants: [
      { role: 'reception', organisation: 'county', division: '341702' },
      { role: 'investigator', organisation: 'centre', division: '341702' },
    ],
  })
  t.same(directory.principal('q')?.grants, [
    { role: 'office-account', organisation: 'county', division: '341702', office: 'a' },
  ])
  t.equal(directory.principal('nobody'), undefined)
  t.same(
    directory.people('county', 'reception').map(({ id }) => id),
    ['p'],
  )
  t.same(
    directory.people('county').map(({ id }) => id),
    ['p', 'q'],
  )
  t.same(directory.people('centre', 'reception'), [])
})

t.test('withdrawing a role or disabling the person takes effect at once', async (t) => {
  const directory = filled()
  const next = (data: unknown, type: string, revision: number): Recorded => ({
    ...recorded('person-p', [{ type, data }])[0]!,
    id: `p${revision}`,
    revision,
  })
  directory.applyEvent(next({ role: 'reception', organisation: 'county' }, 'RoleWithdrawn', 4))
  t.same(
    directory.principal('p')?.grants.map(({ role }) => role),
    ['investigator'],
  )
  t.equal(directory.findToken('p', 't1')?.hash, hash)
  directory.applyEvent(next({ token: 't1' }, 'TokenRevoked', 5))
  t.equal(directory.findToken('p', 't1')?.revoked, true)
  directory.applyEvent(next({}, 'PersonDisabled', 6))
  t.equal(directory.principal('p'), undefined)
  t.equal(directory.findToken('p', 't1'), undefined)
  t.same(directory.people('centre'), [])
  t.equal(directory.person('p')?.disabled, true)
})

t.test('token hashes are for checking tokens only', async (t) => {
  const directory = filled()
  t.equal(directory.findToken('p', 't2'), undefined)
  t.equal(directory.findToken('q', 't1'), undefined, "another person's token")
  t.same(directory.person('p')?.tokens, [{ token: 't1', revoked: false }])
  t.notOk(JSON.stringify(directory.persons()).includes(hash))
})

t.test('the successor of a dissolved organisation takes over its grants', async (t) => {
  const dissolved = (successor?: string): Given => ({
    type: 'OrganisationDissolved',
    data: successor ? { successor } : {},
  })
  const heir = filled(
    events({ ...streams, 'organisation-county': [...streams['organisation-county']!, dissolved('city')] }),
  )
  t.equal(heir.current('county')?.id, 'city')
  t.same(heir.principal('p')?.grants[0], { role: 'reception', organisation: 'city', division: '341700' })
  t.same(heir.above('centre'), ['city'])
  const none = filled(events({ ...streams, 'organisation-county': [...streams['organisation-county']!, dissolved()] }))
  t.equal(none.current('county'), undefined)
  t.same(
    none.principal('p')?.grants.map(({ role }) => role),
    ['investigator'],
  )
  const circle = filled(
    events({
      ...streams,
      'organisation-county': [...streams['organisation-county']!, dissolved('city')],
      'organisation-city': [...streams['organisation-city']!, dissolved('county')],
    }),
  )
  t.equal(circle.current('county'), undefined, 'a circle of successors ends')
})

t.test('parents that run in a circle end', async (t) => {
  const directory = filled(
    events({
      'organisation-x': [organisation('X', '34', { parent: 'y' })],
      'organisation-y': [organisation('Y', '34', { parent: 'x' })],
    }),
  )
  t.same(directory.above('x'), ['y'])
})

t.test('a correction folds its stream anew, and frees a code that was recorded by mistake', async (t) => {
  const voided = (event: string): Given => ({
    type: 'StepVoided',
    data: { reason: 'x' },
    corrects: { event, mode: 'void' },
  })
  const directory = filled(
    events({
      'organisation-one': [organisation('K', '341702'), voided('e0')],
      'organisation-two': [organisation('K', '341702')],
      'worker-w': [...streams['worker-w']!, voided('e1')],
      'person-p': [
        ...streams['person-p']!,
        {
          type: 'StepReplaced',
          data: { reason: 'x', version: 1, data: { role: 'auditor', organisation: 'two' } },
          corrects: { event: 'e1', mode: 'replace' },
        },
      ],
    }),
  )
  t.equal(directory.organisation('one'), undefined)
  t.equal(directory.organisationByCode('K')?.id, 'two')
  t.equal(directory.workerOfficeAt('w', '2023-01-01'), 'a')
  t.same(directory.principal('p')?.grants, [{ role: 'auditor', organisation: 'two', division: '341702' }])
})

t.test('of two organisations that claim one code the earlier has it', async (t) => {
  const directory = filled(
    events({ 'organisation-one': [organisation('K', '341702')], 'organisation-two': [organisation('K', '341703')] }),
  )
  t.equal(directory.organisationByCode('K')?.id, 'one')
})

t.test(
  'an event again changes nothing, a missing one is an error, other categories are none of its business',
  async (t) => {
    const directory = filled([...events(), ...events()])
    t.same(directory.snapshot(), filled().snapshot())
    const later = { ...recorded('person-p', [person('x')])[0]!, revision: 9 }
    t.throws(() => directory.applyEvent(later), /revision 9 came before 4/)
    t.same(['organisation', 'office', 'worker', 'person'].map(directory.handles), [true, true, true, true])
    t.same(['complaint', 'numbers', 'toString', '__proto__'].map(directory.handles), [false, false, false, false])
    directory.applyEvent(recorded('complaint-1', [person('x')])[0]!)
    t.same(directory.snapshot(), filled().snapshot())
  },
)

t.test('a snapshot through JSON at any point, and the rest of the events, make the same directory', async () => {
  const all = events()
  const whole = filled(all)
  fc.assert(
    fc.property(fc.nat(all.length), (cut) => {
      const restored = filled()
      restored.restore(JSON.parse(JSON.stringify(filled(all.slice(0, cut)).snapshot())))
      for (const event of all.slice(cut)) restored.applyEvent(event)
      return (
        JSON.stringify(restored.snapshot()) === JSON.stringify(whole.snapshot()) &&
        JSON.stringify([restored.principal('p'), restored.offices(), restored.organisationByCode('D')]) ===
          JSON.stringify([whole.principal('p'), whole.offices(), whole.organisationByCode('D')])
      )
    }),
    { seed: 3, numRuns: 40 },
  )
})

t.test('restoring nothing empties it', async (t) => {
  const directory = filled()
  directory.restore(undefined)
  t.same(directory.snapshot(), [])
  t.equal(directory.organisationByCode('D'), undefined)
  t.equal(directory.principal('p'), undefined)
})
