import fc from 'fast-check'
import t from 'tap'
import {
  decideAccess,
  type Grant,
  isRead,
  type Principal,
  permissionsOn,
  type Resource,
  type Role,
  readingScopes,
  roles,
  rulesFor,
} from '../../src/domain/access.ts'
import { permissions } from '../../src/domain/access-table.ts'
import { roleTerms } from '../../src/domain/catalogue/registry.ts'
import { complaintDecider } from '../../src/domain/complaint/index.ts'
import { divisionLevel, isAbove, isWithin } from '../../src/domain/organisation-tree.ts'
import { visitDecider } from '../../src/domain/visit.ts'
import { cell, matrix, named, principalOf, relations } from './access-cells.ts'
import { expected } from './access-matrix.ts'

const county = { organisation: 'county', division: '341702' }
const may = (role: Role, permission: string, resource: Resource & { purpose?: string } = county) =>
  cell(principalOf(role), permission, resource)

t.test('the whole matrix of roles, permissions and relations is as written down', async (t) => {
  const actual = matrix()
  t.same(Object.keys(actual), [...roles])
  for (const role of roles) t.strictSame(actual[role], expected[role], role)
})

t.test('every action of complaints and visits stands in the table, and the table names no other', async (t) => {
  for (const name of Object.keys(complaintDecider.actions)) t.ok(Object.hasOwn(permissions, `complaint.${name}`), name)
  const actions = new Set([...Object.keys(complaintDecider.actions), 'read', 'correct', 'recordMiss'])
  for (const permission of Object.keys(permissions))
    if (permission.startsWith('complaint.')) t.ok(actions.has(permission.slice(10)), permission)
  for (const name of Object.keys(visitDecider.actions)) t.not(rulesFor(`visit.${name}`).length, 0, name)
})

t.test('every action on a complaint can be done by somebody in the organisation that owns it', async (t) => {
  for (const name of Object.keys(complaintDecider.actions)) {
    const resource: Resource = { ...county, investigators: ['me'] }
    t.ok(
      roles.some((role) => decideAccess(principalOf(role), { permission: `complaint.${name}`, resource }).allow),
      name,
    )
  }
})

t.test('without a grant everything is denied as if it did not exist', async (t) => {
  for (const permission of [
    ...named,
    'complaint.unheardOf',
    'unheard.read',
    '',
    'read',
    '__proto__.read',
    'constructor.x',
  ])
    for (const resource of Object.values(relations))
      t.same(decideAccess({ person: 'me', grants: [] }, { permission, resource }), { allow: false, why: 'unknown' })
})

t.test('what the table does not name is denied to every role', async (t) => {
  for (const role of roles)
    for (const permission of [
      'complaint.unheardOf',
      'unheard.read',
      'unheard.write',
      '',
      'complaint',
      '__proto__.read',
      'complaint.constructor',
    ])
      for (const resource of Object.values(relations))
        t.equal(decideAccess(principalOf(role), { permission, resource }).allow, false, `${role} ${permission}`)
})

const business = [
  'complaint',
  'visit',
  'supervision',
  'returnvisit',
  'penalty',
  'discipline',
  'cycle',
  'rating',
  'limits',
  'scheme',
  'report',
  'subjects',
  'erasure',
  'audit',
  'access-log',
  'import',
  'export',
]
t.test('the administrator never gets business, reading or writing', async (t) => {
  for (const permission of named.filter((name) => business.includes(name.slice(0, name.indexOf('.')))))
    for (const resource of Object.values(relations))
      t.notMatch(cell(principalOf('administrator'), permission, resource), /[ocw]/, permission)
  t.equal(may('administrator', 'person.grantRole'), 'w')
  t.equal(may('administrator', 'projections.rebuild'), 'w')
  t.equal(may('administrator', 'backup.run'), 'w')
})

t.test('nobody grants himself a role or corrects his own record, not even the administrator', async (t) => {
  for (const permission of ['person.grantRole', 'person.correct']) {
    t.equal(may('administrator', permission, { ...county, person: 'me' }), '.')
    t.equal(may('administrator', permission, { ...county, person: 'other' }), 'w')
    t.equal(
      may('administrator', permission, { organisation: 'city', division: '341700', person: 'other' }),
      '-',
      'nor in a superior organisation',
    )
  }
})

t.test('the auditor reads the business of his region with identity withheld and writes nothing', async (t) => {
  for (const category of ['complaint', 'visit', 'supervision', 'returnvisit', 'penalty']) {
    t.equal(may('auditor', `${category}.read`), 'c')
    t.equal(may('auditor', `${category}.read`, { organisation: 'x', division: '341702001' }), 'c')
    t.equal(may('auditor', `${category}.read`, { organisation: 'x', division: '341703' }), '-')
  }
  const acts = named.filter(
    (permission) =>
      !isRead(permission) &&
      Object.values(relations).some((resource) => /[ocw]/.test(may('auditor', permission, resource))),
  )
  t.same(acts.sort(), [
    'complaint.openArchived',
    'discipline.openArchived',
    'export.run',
    'penalty.openArchived',
    'person.revokeToken',
    'rating.compute',
    'ratingrun.record',
    'verify.run',
  ])
})

t.test('an office sees only the cases about itself, never who complained, the texts only when released', async (t) => {
  const about = { organisation: 'county', division: '341702', respondentOffice: 'office' }
  t.equal(may('office-account', 'complaint.read', about), 'w')
  t.equal(may('office-account', 'complaint.read', { ...about, released: true }), 'c')
  t.equal(may('office-account', 'complaint.fileHandlerReport', about), 'w')
  t.equal(may('office-account', 'complaint.accept', about), '.', 'it knows the case, so 403')
  t.equal(may('office-account', 'complaint.read', { ...about, respondentOffice: 'another' }), '-')
  t.equal(may('office-account', 'complaint.read', county), '-', 'even in the organisation that registered its account')
  const without: Principal = { person: 'me', grants: [{ role: 'office-account', ...county }] }
  t.equal(cell(without, 'complaint.read', county), '-', 'an account without an office speaks for none')
  for (const permission of named)
    for (const resource of Object.values(relations))
      t.not(cell(principalOf('office-account'), permission, { ...resource, released: true }), 'o')
})

t.test('an investigator works the cases he is assigned to and no other', async (t) => {
  const mine = { ...county, investigators: ['me'] }
  t.equal(may('investigator', 'complaint.read', mine), 'o')
  t.equal(may('investigator', 'complaint.conclude', mine), 'o')
  t.equal(may('investigator', 'complaint.read', { ...county, investigators: ['other'] }), '.')
  t.equal(may('investigator', 'complaint.conclude', county), '.')
  t.equal(may('investigator', 'complaint.accept', mine), '.')
  t.equal(may('investigator', 'complaint.read', { organisation: 'x', division: '341703', investigators: ['me'] }), '-')
})

t.test('reception sees who complained in what it registered, and of other cases that they exist', async (t) => {
  t.equal(may('reception', 'complaint.read', { ...county, registeredBy: 'me' }), 'o')
  t.equal(may('reception', 'complaint.read', { ...county, registeredBy: 'other' }), 'w')
  t.equal(may('reception', 'complaint.register'), 'w')
  t.equal(may('reception', 'complaint.accept'), '.')
  t.equal(
    may('reception', 'complaint.register', { organisation: 'x', division: '341702001' }),
    '.',
    'only in its own organisation',
  )
})

t.test('who stepped aside reads and does nothing of that case', async (t) => {
  for (const role of roles)
    for (const permission of named.filter((name) => name.startsWith('complaint.')))
      t.notMatch(
        may(role, permission, {
          ...county,
          investigators: ['me'],
          registeredBy: 'me',
          respondentOffice: 'office',
          recused: ['me'],
        }),
        /[ocw]/,
      )
  t.equal(may('investigator', 'complaint.read', { ...county, investigators: ['me'], recused: ['other'] }), 'o')
})

t.test('a need-to-know list hides the case from everybody else but the auditor, who opens nothing', async (t) => {
  const listed = { ...county, readers: ['me'] }
  const unlisted = { ...county, readers: ['other'] }
  t.equal(may('centre-director', 'complaint.read', listed), 'o')
  t.equal(may('centre-director', 'complaint.read', unlisted), '-')
  t.equal(may('centre-director', 'complaint.accept', unlisted), '-')
  t.equal(may('auditor', 'complaint.read', unlisted), 'w')
  t.equal(may('auditor', 'complaint.read', listed), 'c')
  t.equal(may('administrator', 'complaint.read', listed), '.', 'a list gives no right')
})

t.test('an archived case is opened with a purpose, and stands in lists without one, sealed', async (t) => {
  const archived = { ...county, archived: true }
  t.equal(may('centre-director', 'complaint.read', archived), 'p')
  t.equal(may('centre-director', 'complaint.history', archived), 'p')
  t.equal(may('centre-director', 'complaint.read', { ...archived, purpose: '  ' }), 'p', 'blank is no purpose')
  t.equal(may('centre-director', 'complaint.read', { ...archived, purpose: '复查' }), 'o')
  t.equal(may('centre-director', 'complaint.list', archived), 'w')
  t.equal(may('centre-director', 'complaint.list', { ...archived, purpose: '复查' }), 'o')
  t.equal(may('centre-director', 'complaint.openArchived', archived), 'o')
  t.equal(may('administrator', 'complaint.read', { ...archived, purpose: '复查' }), '.', 'a purpose gives no right')
})

t.test('a superior reads what subordinates own, without identity, and acts only where the city decides', async (t) => {
  const below = { organisation: 'x', division: '341702001' }
  t.equal(may('bureau-leader', 'complaint.read', below), 'c')
  t.equal(may('bureau-leader', 'complaint.decideAtMeeting', below), '.')
  t.equal(may('bureau-leader', 'complaint.decideReview', below), 'c')
  t.equal(may('city-decider', 'penalty.decide', below), 'c')
  t.equal(may('bureau-leader', 'penalty.decide', below), '.')
  t.equal(may('bureau-leader', 'complaint.read', { organisation: 'city', division: '341700' }), '-')
})

t.test('an organisation of the same division is foreign, unless it is registered below', async (t) => {
  const twin = { organisation: 'centre', division: '341702' }
  t.equal(may('centre-director', 'complaint.read', twin), '-')
  t.equal(may('centre-director', 'complaint.read', { ...twin, above: ['county'] }), 'c')
  t.equal(may('centre-director', 'complaint.read', { ...twin, above: ['other'] }), '-')
})

t.test('a foreign case answers like a missing one, an own one that is not his like a closed door', async (t) => {
  const request = (resource: Resource) =>
    decideAccess(principalOf('investigator'), { permission: 'complaint.read', resource })
  t.same(request({ organisation: 'x', division: '341703' }), { allow: false, why: 'unknown' })
  t.same(request(county), { allow: false, why: 'forbidden' })
})

t.test('the operator imports, administers and computes, and reads every sealed field as withheld', async (t) => {
  const operator: Principal = { person: 'operator', grants: [], operator: true }
  for (const permission of [
    'import.run',
    'person.grantRole',
    'ratingrun.record',
    'complaint.read',
    'complaint.list',
    'projections.rebuild',
    'backup.run',
  ])
    t.same(decideAccess(operator, { permission, resource: county }), {
      allow: true,
      grant: undefined,
      seal: 'withheld',
    })
  for (const permission of [
    'complaint.accept',
    'complaint.correct',
    'supervision.open',
    'penalty.decide',
    'subjects.link',
    'erasure.request',
  ])
    t.same(decideAccess(operator, { permission, resource: county }), { allow: false, why: 'forbidden' })
})

t.test('of several grants the one that opens most is used, and named', async (t) => {
  const grants: Grant[] = [
    { role: 'reception', ...county },
    { role: 'centre-director', ...county },
  ]
  const decision = decideAccess({ person: 'me', grants }, { permission: 'complaint.read', resource: county })
  t.same(decision, { allow: true, grant: grants[1], seal: 'open' })
  const twice: Grant[] = [
    { role: 'centre-director', organisation: 'city', division: '341700' },
    { role: 'centre-director', ...county },
  ]
  const nearer = decideAccess({ person: 'me', grants: twice }, { permission: 'complaint.read', resource: county })
  t.same(nearer, { allow: true, grant: twice[1], seal: 'open' })
  const register = decideAccess(
    { person: 'me', grants: grants.slice(0, 1) },
    { permission: 'complaint.register', resource: county },
  )
  t.same(register, { allow: true, grant: grants[0], seal: 'withheld' })
})

t.test('a person is told exactly the permissions he has', async (t) => {
  const mine: Resource = { ...county, investigators: ['me'] }
  const told = permissionsOn(principalOf('investigator'), mine)
  t.ok(told.includes('complaint.conclude'))
  for (const permission of Object.keys(permissions).filter((name) => !name.endsWith('.*')))
    t.equal(told.includes(permission), decideAccess(principalOf('investigator'), { permission, resource: mine }).allow)
  t.same(
    permissionsOn(principalOf('reception'), county, ['complaint.accept', 'complaint.notify', 'visit.close', 'visit.*']),
    ['complaint.notify', 'visit.close'],
  )
})

// Random trees of organisations: two provinces, so that equal endings never mix.
const divisions = ['340000', '341700', '341702', '341702001', '341702001002', '341703', '350000', '351700', '351702']
const organisations = divisions.flatMap((division) =>
  [`${division}/1`, `${division}/2`].map((organisation) => ({ organisation, division })),
)
const place = fc.constantFrom(...organisations)
const people = fc.subarray(['me', 'other'])
const resource: fc.Arbitrary<Resource> = fc
  .record(
    {
      place,
      respondentOffice: fc.constantFrom('office', 'another'),
      registeredBy: fc.constantFrom('me', 'other'),
      investigators: people,
      charged: fc.array(place, { maxLength: 2 }),
      referred: fc.boolean(),
      recused: people,
      readers: people,
      archived: fc.boolean(),
      released: fc.boolean(),
      person: fc.constantFrom('me', 'other'),
    },
    { requiredKeys: ['place'] },
  )
  .map(({ place, ...more }) => ({ ...place, ...more }))
const grant = fc
  .record({ role: fc.constantFrom(...roles), place })
  .map(({ role, place }): Grant => ({ role, ...place, ...(role === 'office-account' ? { office: 'office' } : {}) }))
const permission = fc.constantFrom(...named)
const run = { seed: 20261121, numRuns: 3000 }

t.test('property: a superior division never loses a read that a subordinate has in the same role', async () => {
  fc.assert(
    fc.property(grant, place, resource, permission.filter(isRead), (low, high, thing, permission) => {
      fc.pre(isAbove(high.division, low.division))
      const ask = (one: Grant) =>
        decideAccess({ person: 'me', grants: [one] }, { permission, resource: thing, purpose: 'x' }).allow
      return !ask(low) || ask({ ...low, ...high })
    }),
    { ...run, numRuns: 10_000 },
  )
})

t.test('property: more grants never take anything away', async () => {
  fc.assert(
    fc.property(
      fc.array(grant, { minLength: 1, maxLength: 3 }),
      grant,
      resource,
      permission,
      (grants, extra, thing, permission) => {
        const ask = (list: Grant[]) => decideAccess({ person: 'me', grants: list }, { permission, resource: thing })
        return !ask(grants).allow || ask([...grants, extra]).allow
      },
    ),
    run,
  )
})

t.test('property: whoever may act on a case may know of it; what opens is what reading opens', async () => {
  const acts = permission.filter(
    (name) => !isRead(name) && Object.hasOwn(permissions, `${name.slice(0, name.indexOf('.'))}.read`),
  )
  fc.assert(
    fc.property(grant, resource, acts, (one, thing, permission) => {
      const principal = { person: 'me', grants: [one] }
      const act = decideAccess(principal, { permission, resource: thing })
      if (
        !act.allow ||
        !['complaint', 'visit', 'supervision', 'returnvisit', 'penalty', 'discipline'].includes(
          permission.split('.')[0]!,
        )
      )
        return true
      const read = decideAccess(principal, {
        permission: `${permission.split('.')[0]}.read`,
        resource: thing,
        purpose: 'x',
      })
      return read.allow && read.seal === act.seal
    }),
    run,
  )
})

t.test('property: identity opens only inside the organisation that owns the case', async () => {
  fc.assert(
    fc.property(fc.array(grant, { maxLength: 3 }), resource, permission, (grants, thing, permission) => {
      const decision = decideAccess({ person: 'me', grants }, { permission, resource: thing, purpose: 'x' })
      return (
        !decision.allow ||
        decision.seal !== 'open' ||
        grants.some(({ organisation }) => organisation === thing.organisation)
      )
    }),
    run,
  )
})

t.test('property: a row that no reading scope reaches is not readable', async () => {
  fc.assert(
    fc.property(grant, resource, (one, thing) => {
      const principal = { person: 'me', grants: [one] }
      const read = decideAccess(principal, { permission: 'complaint.read', resource: thing, purpose: 'x' }).allow
      return !read || readingScopes(principal, 'complaint').length > 0
    }),
    run,
  )
})

t.test('division codes: a superior has the prefix, whatever the length it is written in', async (t) => {
  t.ok(isWithin('341702001', '340000'))
  t.ok(isWithin('341702', '341702000000'))
  t.notOk(isWithin('341703', '341702'))
  t.notOk(isWithin('341702', '341702001'))
  t.notOk(isAbove('341702', '341702000'), 'the same division in nine digits')
  t.ok(isAbove('341702', '341702001'))
  t.notOk(isAbove('341702001', '341702'))
  t.same(['340000', '341700', '341702', '341702001', '341702001000', '341702001002'].map(divisionLevel), [
    'province',
    'city',
    'county',
    'township',
    'township',
    'village',
  ])
})

t.test('every role has its Chinese name', async (t) => {
  for (const role of roles) t.match(roleTerms[role], /\p{Script=Han}/u)
})
