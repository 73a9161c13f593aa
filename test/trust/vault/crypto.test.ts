import { createSecretKey, hkdfSync, randomBytes, webcrypto } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import type { Ciphertext } from '../../../src/domain/sealed.ts'
import {
  type DataKey,
  DoesNotOpen,
  dataKey,
  derive,
  fieldAad,
  fieldPath,
  keyName,
  kidOfBytes,
  openBytes,
  openField,
  randomUuid,
  sealBytes,
  sealField,
  unwrapKey,
  wrapKey,
  wrappingKey,
} from '../../../src/trust/vault/crypto.ts'
import { countedRandom } from '../temporary.ts'

const RAW = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex')
const KID = 'a0a1a2a3-a4a5-46a7-88a9-aaabacadaeaf'
const SUBJECT = '5b0e7c1e-5d1f-5a57-9c5f-2f4a7b1d9e01'
const place = { event: 'e7c1f4b2-0000-5000-8000-000000000001', stream: 'complaint-1', path: ['complainant', 'name'] }
const key = dataKey(KID, SUBJECT, 'identity', RAW)

/** Made with another implementation (Python's cryptography) from the text of ADR 3, on the day the formats were fixed. */
const VECTOR = {
  enc: 'v1',
  alg: 'A256GCM',
  sub: '5b0e7c1e-5d1f-5a57-9c5f-2f4a7b1d9e01',
  kid: 'a0a1a2a3-a4a5-46a7-88a9-aaabacadaeaf',
  iv: 'EBESExQVFhcYGRob',
  ct: '3mQw5aRn',
  tag: '9lg01YY4+OfYRpPCfeAN/A==',
  kc: 'HI2yXLF8EdBueRdC5uYKAJrtV2/nKXXqQSUIiVaYDCc=',
}
const SEALED_BYTES =
  '445542414e534231a0a1a2a3a4a546a788a9aaabacadaeaf1c8db25cb17c11d06e791742e6e60a009aed576fe72975ea4125088956980c2707070707070707070707070756c7e87a378c7838190c43bcccd9143edf37ff8d920f912b'
const WRAPPED =
  '57534f93261ccf25 010808080808080808080808085122c327e828a577ceb089f5d3882d448236732d0da666b62008317308383d6998e4044b1dfed5bfab6e8cb804d9db49'

const reasonOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (error instanceof DoesNotOpen) return error.reason
    throw error
  }
  return 'opened'
}

/** Opens a field with Web Crypto and the text of ADR 3 alone: nothing of the vault's code. */
async function openElsewhere(raw: Uint8Array, aad: string, cipher: Ciphertext): Promise<string> {
  const { subtle } = webcrypto
  const ikm = await subtle.importKey('raw', raw, 'HKDF', false, ['deriveBits'])
  const hkdf = async (info: string) =>
    Buffer.from(
      await subtle.deriveBits(
        { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: Buffer.from(info) },
        ikm,
        256,
      ),
    )
  if ((await hkdf('commit')).toString('base64') !== cipher.kc) throw new Error('commitment')
  const aes = await subtle.importKey('raw', await hkdf('enc'), 'AES-GCM', false, ['decrypt'])
  const box = Buffer.concat([Buffer.from(cipher.ct, 'base64'), Buffer.from(cipher.tag, 'base64')])
  const parameters = { name: 'AES-GCM', iv: Buffer.from(cipher.iv, 'base64'), additionalData: Buffer.from(aad) }
  return Buffer.from(await subtle.decrypt(parameters, aes, box)).toString('utf8')
}

t.test('the format never changes: a field sealed from known bytes', async (t) => {
  const cipher = sealField(key, place, '张三', () => Buffer.from('101112131415161718191a1b', 'hex'))
  t.strictSame(cipher, VECTOR)
  const aad =
    '["e7c1f4b2-0000-5000-8000-000000000001","complaint-1","complainant/name",' +
    '"5b0e7c1e-5d1f-5a57-9c5f-2f4a7b1d9e01","a0a1a2a3-a4a5-46a7-88a9-aaabacadaeaf"]'
  t.equal(fieldAad(place, SUBJECT, KID), aad)
  t.equal(await openElsewhere(RAW, aad, cipher), '张三')
})

t.test('the format never changes: sealed bytes and a wrapped key from known bytes', async (t) => {
  const sealed = sealBytes(key, 'complaint-1', Buffer.from('evidence'), () => new Uint8Array(12).fill(7))
  t.equal(Buffer.from(sealed).toString('hex'), SEALED_BYTES)
  t.equal(kidOfBytes(sealed), KID)
  const kek = wrappingKey(new Uint8Array(32).fill(9))
  const wrapped = wrapKey(kek, keyName(KID, SUBJECT, 'identity'), RAW, () => new Uint8Array(12).fill(8))
  t.equal(`${kek.id} ${wrapped.toString('hex')}`, WRAPPED)
  t.strictSame(unwrapKey(kek, keyName(KID, SUBJECT, 'identity'), wrapped), RAW)
})

t.test('keys are derived as RFC 5869 says, as any tool derives them', async (t) => {
  // RFC 5869 test case 3: no salt, no info.
  const ikm = Buffer.alloc(22, 0x0b)
  const okm = '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8'
  t.equal(derive(createSecretKey(ikm), '', 42).toString('hex'), okm)
  t.strictSame(derive(createSecretKey(RAW), 'enc'), Buffer.from(hkdfSync('sha256', RAW, new Uint8Array(0), 'enc', 32)))
  t.notSame(key.encryption.export(), key.commitment)
})

const parts = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 4 })

t.test('whatever is sealed opens at its place, here and with another tool', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'grapheme' }),
      fc.uuid(),
      fc.string(),
      parts,
      async (text, event, stream, path) => {
        const at = { event, stream, path }
        const cipher = sealField(key, at, text, randomBytes)
        if (openField(key, at, cipher) !== text) return false
        return (await openElsewhere(RAW, fieldAad(at, SUBJECT, KID), cipher)) === text
      },
    ),
    { numRuns: 60 },
  )
})

t.test('no two paths stand alike in the additional data', async () => {
  fc.assert(
    fc.property(parts, parts, (one, other) => {
      const same = JSON.stringify(one) === JSON.stringify(other)
      return same === (fieldPath(one) === fieldPath(other))
    }),
  )
  t.not(fieldPath(['a/b']), fieldPath(['a', 'b']))
})

t.test('a field opens at no other event, stream or path, nor as another subject or key', async (t) => {
  const cipher = sealField(key, place, '13800000000', randomBytes)
  const elsewhere = [
    { ...place, event: 'e7c1f4b2-0000-5000-8000-000000000002' },
    { ...place, stream: 'complaint-2' },
    { ...place, path: ['complainant', 'phone'] },
    { ...place, path: ['complainant/name', ''] },
  ]
  for (const other of elsewhere)
    t.equal(
      reasonOf(() => openField(key, other, cipher)),
      'authentication',
    )
  t.equal(
    reasonOf(() => openField(key, place, { ...cipher, sub: 'another' })),
    'authentication',
  )
  t.equal(
    reasonOf(() => openField(key, place, { ...cipher, kid: 'another' })),
    'authentication',
  )
})

t.test('any change to any part of a ciphertext is detected', async () => {
  const cipher = sealField(key, place, '住址：幸福路 1 号', randomBytes)
  const names = Object.keys(cipher) as (keyof Ciphertext)[]
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(), fc.constantFrom(...'AZaz09+/= \n'), (name, at, letter) => {
      const old = cipher[name]
      const place_ = at % (old.length + 1)
      const changed = old.slice(0, place_) + letter + old.slice(place_ + 1)
      fc.pre(changed !== old)
      return reasonOf(() => openField(key, place, { ...cipher, [name]: changed } as Ciphertext)) !== 'opened'
    }),
    { numRuns: 2000 },
  )
})

t.test('only the one algorithm is accepted, and only the one way of writing base64', async (t) => {
  const cipher = sealField(key, place, 'ab', randomBytes)
  const changed = (more: object) => reasonOf(() => openField(key, place, { ...cipher, ...more } as Ciphertext))
  for (const alg of ['none', 'A128GCM', 'A256CBC', 'a256gcm', '', undefined, 1]) t.equal(changed({ alg }), 'algorithm')
  t.equal(changed({ enc: 'v2' }), 'algorithm')
  t.equal(changed({ ct: `${cipher.ct} ` }), 'malformed')
  t.equal(changed({ ct: cipher.ct.replace(/=+$/, '') }), 'malformed')
  t.equal(changed({ tag: Buffer.from(cipher.tag, 'base64').subarray(0, 12).toString('base64') }), 'malformed')
  t.equal(changed({ iv: Buffer.alloc(16).toString('base64') }), 'malformed')
  for (const part of ['iv', 'ct', 'tag', 'kc']) t.equal(changed({ [part]: undefined }), 'malformed')
})

t.test('another key under which the text would open differently is told by its commitment', async (t) => {
  const cipher = sealField(key, place, '属实', randomBytes)
  // Somebody who controls keys: the true encryption key is known, but what it commits to does not match.
  const forged: DataKey = { ...key, commitment: dataKey(KID, SUBJECT, 'identity', randomBytes(32)).commitment }
  t.equal(
    reasonOf(() => openField(forged, place, cipher)),
    'commitment',
  )
  const bytes = sealBytes(key, 'complaint-1', Buffer.from('x'), randomBytes)
  t.equal(
    reasonOf(() => openBytes(forged, SUBJECT, 'complaint-1', bytes)),
    'commitment',
  )
})

t.test('sealed bytes open for their owner alone, and not after a change of any byte', async (t) => {
  const plain = Buffer.from('%PDF-1.7 笔录')
  const sealed = sealBytes(key, 'complaint-1', plain, randomBytes)
  t.strictSame(Buffer.from(openBytes(key, SUBJECT, 'complaint-1', sealed)), plain)
  t.equal(
    reasonOf(() => openBytes(key, SUBJECT, 'complaint-2', sealed)),
    'authentication',
  )
  t.equal(
    reasonOf(() => openBytes(key, 'another', 'complaint-1', sealed)),
    'authentication',
  )
  for (let at = 0; at < sealed.length; at++) {
    const changed = Uint8Array.from(sealed)
    changed[at]! ^= 1
    if (reasonOf(() => openBytes(key, SUBJECT, 'complaint-1', changed)) === 'opened') t.fail(`byte ${at} may change`)
  }
  t.equal(
    reasonOf(() => openBytes(key, SUBJECT, 'complaint-1', sealed.subarray(0, 60))),
    'malformed',
  )
  t.strictSame(openBytes(key, SUBJECT, 'c', sealBytes(key, 'c', new Uint8Array(0), randomBytes)).length, 0)
})

t.test('a wrapped key put in the row of another subject, category or key does not unwrap', async (t) => {
  const kek = wrappingKey(randomBytes(32))
  const wrapped = wrapKey(kek, keyName(KID, SUBJECT, 'identity'), RAW, randomBytes)
  for (const name of [
    keyName(KID, SUBJECT, 'contact'),
    keyName(KID, 'b', 'identity'),
    keyName('k', SUBJECT, 'identity'),
  ]) {
    t.equal(
      reasonOf(() => unwrapKey(kek, name, wrapped)),
      'authentication',
    )
  }
  t.equal(
    reasonOf(() => unwrapKey(wrappingKey(randomBytes(32)), keyName(KID, SUBJECT, 'identity'), wrapped)),
    'authentication',
  )
  t.equal(
    reasonOf(() => unwrapKey(kek, ['x'], wrapped.subarray(1))),
    'malformed',
  )
  t.equal(
    reasonOf(() => unwrapKey(kek, ['x'], Buffer.concat([Buffer.of(2), wrapped.subarray(1)]))),
    'algorithm',
  )
})

t.test('key ids are random UUIDs', async (t) => {
  const random = countedRandom()
  const ids = new Set(Array.from({ length: 100 }, () => randomUuid(random)))
  t.equal(ids.size, 100)
  for (const id of ids) t.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
