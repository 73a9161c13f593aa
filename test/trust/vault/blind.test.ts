import { createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import type { BlindEntry } from '../../../src/trust/ports.ts'
import { blind, normalise } from '../../../src/trust/vault/blind.ts'

const written: readonly [BlindEntry['kind'], string, readonly string[]][] = [
  [
    'phone',
    '13800001111',
    ['138 0000 1111', '+86 13800001111', '8613800001111', '0086-138-0000-1111', '１３８００００１１１１'],
  ],
  ['phone', '01012345678', ['(010) 1234-5678', '010－12345678', '8601012345678']],
  ['phone', '8695588', ['8695588', '86-95588']],
  ['phone', '', ['无', '', '—']],
  ['identity-number', '11010119900307123X', ['11010119900307123x', ' 110101 19900307 123Ｘ', '110101-19900307-123x']],
  [
    'name-office',
    '张三/幸福法律服务所',
    ['张 三/幸福法律服务所', '张三 / 幸福法律服务所', '张三／幸福法律服务所\u200b'],
  ],
]

t.test('each kind has one way of writing', async (t) => {
  for (const [kind, one, many] of written) {
    for (const value of many) t.equal(normalise({ kind, value }), one, `${kind} ${value}`)
  }
})

t.test('normalising twice changes nothing more for names and identity numbers', async () => {
  fc.assert(
    fc.property(
      fc.constantFrom<BlindEntry['kind']>('identity-number', 'name-office'),
      fc.string({ unit: 'binary' }),
      (kind, value) => {
        const once = normalise({ kind, value })
        return normalise({ kind, value: once }) === once
      },
    ),
  )
})

t.test('an entry is told apart by key, organisation, kind and value', async (t) => {
  const key = createSecretKey(new Uint8Array(32).fill(1))
  const entry = { kind: 'phone', value: '13800001111' } as const
  const macs = [
    blind(key, 'o1', entry),
    blind(key, 'o2', entry),
    blind(key, 'o1', { kind: 'name-office', value: '13800001111' }),
    blind(key, 'o1', { kind: 'phone', value: '13800001112' }),
    blind(createSecretKey(new Uint8Array(32).fill(2)), 'o1', entry),
  ].map((mac) => Buffer.from(mac!).toString('hex'))
  t.equal(new Set(macs).size, macs.length)
  t.equal(macs[0]?.length, 64)
  t.equal(blind(key, 'o1', { kind: 'phone', value: '不详' }), undefined)
})
