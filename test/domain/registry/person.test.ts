import fc from 'fast-check'
import t from 'tap'
import { stateOf } from '../../../src/domain/history.ts'
import { personDecider } from '../../../src/domain/registry/person.ts'
import { formatToken, isTokenGood, parseToken } from '../../../src/domain/registry/token.ts'
import { type Given, recorded, when } from './scenario.ts'

const registered: Given = { type: 'PersonRegistered', data: { name: '林一', organisation: 'b' } }
const granted = (role: string, more = {}): Given => ({
  type: 'RoleGranted',
  data: { role, organisation: 'b', ...more },
})
const withdrawn = (role: string): Given => ({ type: 'RoleWithdrawn', data: { role, organisation: 'b' } })
const hash = 'a'.repeat(64)
const issued: Given = { type: 'TokenIssued', data: { token: 't1', hash } }
const disabled: Given = { type: 'PersonDisabled', data: {} }

t.test('roles are granted and withdrawn; doing it twice records nothing', async (t) => {
  const reception = { role: 'reception', organisation: 'b' }
  t.same(when(personDecider, [registered], 'grantRole', reception), [{ type: 'RoleGranted', data: reception }])
  t.same(when(personDecider, [registered, granted('reception')], 'grantRole', reception), [])
  t.type(
    when(personDecider, [registered, granted('reception')], 'grantRole', { ...reception, organisation: 'c' }),
    Array,
  )
  t.type(when(personDecider, [registered, granted('reception')], 'withdrawRole', reception), Array)
  t.same(when(personDecider, [registered, granted('reception'), withdrawn('reception')], 'withdrawRole', reception), [])
  t.equal(when(personDecider, [registered], 'withdrawRole', reception), 'role-not-held')
  const again = [registered, granted('reception'), withdrawn('reception'), granted('reception')]
  t.type(when(personDecider, again, 'withdrawRole', reception), Array, 'granted again, withdrawn again')
  t.equal(when(personDecider, [registered], 'grantRole', { role: 'king', organisation: 'b' }), 'invalid: role')
  t.equal(when(personDecider, [], 'grantRole', reception), 'registry-not-registered')
})

t.test('nobody grants himself a role', async (t) => {
  const body = { role: 'reception', organisation: 'b' }
  const actor = { person: 'p1', role: 'administrator', organisation: 'b' }
  t.equal(
    when(personDecider, [registered], 'grantRole', body, { actor, stream: 'person-p1' }),
    'role-granted-to-oneself',
  )
  t.type(when(personDecider, [registered], 'grantRole', body, { actor, stream: 'person-p2' }), Array)
  t.type(
    when(personDecider, [registered], 'grantRole', body, { stream: 'person-p1' }),
    Array,
    'the operator is nobody in the registry',
  )
})

t.test('who administers, audits or answers for an office holds no other kind of role', async (t) => {
  for (const exclusive of ['administrator', 'auditor']) {
    t.equal(
      when(personDecider, [registered, granted(exclusive)], 'grantRole', { role: 'reception', organisation: 'b' }),
      'role-incompatible',
    )
    t.equal(
      when(personDecider, [registered, granted('reception')], 'grantRole', { role: exclusive, organisation: 'b' }),
      'role-incompatible',
    )
    t.type(
      when(personDecider, [registered, granted(exclusive)], 'grantRole', { role: exclusive, organisation: 'c' }),
      Array,
    )
    t.type(
      when(personDecider, [registered, granted('reception'), withdrawn('reception')], 'grantRole', {
        role: exclusive,
        organisation: 'b',
      }),
      Array,
    )
  }
  t.equal(
    when(personDecider, [registered, granted('reception')], 'grantRole', {
      role: 'office-account',
      organisation: 'b',
      office: 'o',
    }),
    'role-incompatible',
  )
  t.type(
    when(personDecider, [registered, granted('reception')], 'grantRole', { role: 'investigator', organisation: 'b' }),
    Array,
  )
})

t.test('an office account names its office, other roles none', async (t) => {
  t.equal(
    when(personDecider, [registered], 'grantRole', { role: 'office-account', organisation: 'b' }),
    'role-needs-office',
  )
  t.equal(
    when(personDecider, [registered], 'grantRole', { role: 'reception', organisation: 'b', office: 'o' }),
    'role-needs-office',
  )
  t.type(
    when(personDecider, [registered], 'grantRole', { role: 'office-account', organisation: 'b', office: 'o' }),
    Array,
  )
})

t.test('a token is issued once, revoked for good, and revoking again records nothing', async (t) => {
  t.type(when(personDecider, [registered], 'issueToken', { token: 't1', hash }), Array)
  t.equal(when(personDecider, [registered], 'issueToken', { token: 't1', hash: 'secret' }), 'invalid: hash')
  t.equal(when(personDecider, [registered, issued], 'issueToken', { token: 't1', hash }), 'registry-already-registered')
  t.equal(
    when(personDecider, [registered], 'issueToken', { token: 't1', hash, expiresOn: '2026-06-29' }),
    'token-expiry-past',
  )
  t.type(
    when(personDecider, [registered], 'issueToken', { token: 't1', hash, expiresOn: '2026-06-30' }),
    Array,
    'good for today',
  )
  t.equal(when(personDecider, [registered], 'revokeToken', { token: 't1' }), 'token-unknown')
  t.type(when(personDecider, [registered, issued], 'revokeToken', { token: 't1' }), Array)
  const revoked: Given = { type: 'TokenRevoked', data: { token: 't1' } }
  t.same(when(personDecider, [registered, issued, revoked], 'revokeToken', { token: 't1' }), [])
  const [kept] = stateOf(personDecider, recorded('p', [registered, issued, revoked])).tokens
  t.match(kept, { token: 't1', hash, revoked: true })
})

t.test('a disabled person gets neither role nor token, and is disabled once', async (t) => {
  t.type(when(personDecider, [registered], 'disable', {}), Array)
  t.same(when(personDecider, [registered, disabled], 'disable', {}), [])
  t.equal(
    when(personDecider, [registered, disabled], 'grantRole', { role: 'reception', organisation: 'b' }),
    'person-disabled',
  )
  t.equal(when(personDecider, [registered, disabled], 'issueToken', { token: 't1', hash }), 'person-disabled')
  t.type(when(personDecider, [registered, issued, disabled], 'revokeToken', { token: 't1' }), Array)
})

t.test('a token is good until revoked or after its last day', async (t) => {
  const kept = { token: 't', hash, revoked: false }
  t.ok(isTokenGood(kept, '2099-01-01'))
  t.notOk(isTokenGood({ ...kept, revoked: true }, '2026-06-30'))
  t.ok(isTokenGood({ ...kept, expiresOn: '2026-06-30' }, '2026-06-30'))
  t.notOk(isTokenGood({ ...kept, expiresOn: '2026-06-30' }, '2026-07-01'))
})

t.test('a token text gives back its parts, and nothing else is taken for one', async (t) => {
  const secret = `${'A'.repeat(42)}_`
  const parts = { person: '0b8f6f0e-1111-5222-8333-444455556666', token: 't1', secret }
  const text = formatToken(parts)
  t.same(parseToken(text), parts)
  for (const wrong of [
    '',
    'x',
    `${text}.x`,
    text.slice(0, -1),
    `${text}A`,
    text.replace('dbn', 'dbm'),
    `dbn..t1.${secret}`,
    `dbn.p..${secret}`,
    `dbn.p.t.${'='.repeat(43)}`,
    `dbn.p q.t.${secret}`,
  ])
    t.equal(parseToken(wrong), undefined, wrong.slice(0, 20))
  fc.assert(
    fc.property(fc.string(), (any) => parseToken(any) === undefined || formatToken(parseToken(any)!) === any),
    { seed: 7 },
  )
})
