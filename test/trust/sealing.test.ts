import { inspect } from 'node:util'
import pino from 'pino'
import t from 'tap'
import { z } from 'zod'
import { type Ciphertext, isCiphertext, sealedText, ToSeal } from '../../src/domain/sealed.ts'
import type { OpenRequest, SealRequest, Vault } from '../../src/trust/ports.ts'
import { openSteps, sealEvents } from '../../src/trust/sealing.ts'
import { fieldPath } from '../../src/trust/vault/crypto.ts'
import { temporaryVault } from './temporary.ts'

/** A vault that tells what it was asked. */
function listening(vault: Vault) {
  const sealed: SealRequest[][] = []
  const opened: OpenRequest[][] = []
  const listener: Pick<Vault, 'seal' | 'open'> = {
    seal(requests) {
      sealed.push([...requests])
      return vault.seal(requests)
    },
    open(requests) {
      opened.push([...requests])
      return vault.open(requests)
    },
  }
  return { vault: listener as Vault, sealed, opened }
}

const identity = (text: string) => new ToSeal('identity', text)
const narrative = (text: string) => new ToSeal('narrative', text)
const stepOf = (data: unknown, event: string, path: readonly string[] = []) => ({ data, sealedBy: { event, path } })
const everything = () => true

t.test('a field belongs to the nearest object that names a subject, else to the case', async (t) => {
  const { vault, sealed } = listening((await temporaryVault(t)).vault)
  const data = {
    complainant: {
      subject: 's1',
      name: identity('张三'),
      agent: { subject: 's2', name: identity('李四'), note: 'plain' },
    },
    witnesses: [{ subject: 's3', name: identity('王五') }, { name: identity('赵六') }],
    summary: narrative('收费后不办事'),
  }
  const [event] = await sealEvents(vault, 'complaint-1', [{ type: 'X', data }], ['e1'], 'case')
  t.strictSame(
    sealed
      .flat()
      .map(({ event, stream, path, subject, category }) => [event, stream, fieldPath(path), subject, category]),
    [
      ['e1', 'complaint-1', 'complainant/name', 's1', 'identity'],
      ['e1', 'complaint-1', 'complainant/agent/name', 's2', 'identity'],
      ['e1', 'complaint-1', 'witnesses/0/name', 's3', 'identity'],
      ['e1', 'complaint-1', 'witnesses/1/name', 'case', 'identity'],
      ['e1', 'complaint-1', 'summary', 'case', 'narrative'],
    ],
  )
  const stored = JSON.parse(JSON.stringify(event!.data))
  t.ok(isCiphertext(stored.witnesses[1].name))
  t.equal(stored.complainant.agent.note, 'plain')
  t.strictSame(await openSteps(vault, 'complaint-1', [stepOf(stored, 'e1')], everything), [
    {
      complainant: { subject: 's1', name: '张三', agent: { subject: 's2', name: '李四', note: 'plain' } },
      witnesses: [{ subject: 's3', name: '王五' }, { name: '赵六' }],
      summary: '收费后不办事',
    },
  ])
})

t.test('the subject at the top of the data takes the place of the case’s', async (t) => {
  const { vault, sealed } = listening((await temporaryVault(t)).vault)
  const data = { subject: 'own', summary: narrative('x') }
  await sealEvents(vault, 'complaint-1', [{ type: 'X', data }], ['e1'], 'case')
  t.equal(sealed[0]?.[0]?.subject, 'own')
})

t.test(
  'events of one append are sealed in one batch, each under its own id; what is not marked is left alone',
  async (t) => {
    const { vault, sealed } = listening((await temporaryVault(t)).vault)
    const events = [
      { type: 'A', data: { text: narrative('one') }, effectiveAt: '2026-01-01' },
      { type: 'B', data: { list: [narrative('two'), null, 3, true, undefined, 'plain'] } },
      { type: 'C', data: null },
    ]
    const result = await sealEvents(vault, 's-1', events, ['e1', 'e2', 'e3'], 'case')
    t.equal(sealed.length, 1)
    t.strictSame(
      sealed[0]?.map(({ event }) => event),
      ['e1', 'e2'],
    )
    t.strictSame(
      result.map((event) => [event.type, event.effectiveAt]),
      [
        ['A', '2026-01-01'],
        ['B', undefined],
        ['C', undefined],
      ],
    )
    const steps = result.map((event, i) => stepOf(event.data, `e${i + 1}`))
    const opened = await openSteps(vault, 's-1', steps, everything)
    t.strictSame(opened, [{ text: 'one' }, { list: ['two', null, 3, true, undefined, 'plain'] }, null])
  },
)

t.test('the vault is not asked where nothing is sealed', async (t) => {
  const { vault, sealed, opened } = listening((await temporaryVault(t)).vault)
  await sealEvents(vault, 's-1', [{ type: 'A', data: { n: 1 } }], ['e1'], undefined)
  await openSteps(vault, 's-1', [stepOf({ n: 1 }, 'e1')], everything)
  t.strictSame([sealed, opened], [[], []])
})

t.test('a field without any subject is a fault of the program, told without the text', async (t) => {
  const { vault } = await temporaryVault(t)
  const seal = sealEvents(vault, 's-1', [{ type: 'A', data: { a: [{ name: identity('机密') }] } }], ['e1'], undefined)
  await t.rejects(seal, { name: 'TypeError', message: 'no subject for sealed field A.a.0.name' })
})

t.test('a field that the reader may not open is withheld, and the vault is not asked for it', async (t) => {
  const { vault, opened } = listening((await temporaryVault(t)).vault)
  const data = { who: { subject: 's1', name: identity('张三') }, summary: narrative('x') }
  const [event] = await sealEvents(vault, 's-1', [{ type: 'A', data }], ['e1'], 'case')
  let asked = 0
  const steps = [stepOf(event!.data, 'e1')]
  const read = await openSteps(vault, 's-1', steps, (cipher, path) => {
    asked++
    return cipher.sub === 'case' && path[0] === 'summary'
  })
  t.strictSame(read, [{ who: { subject: 's1', name: { withheld: true } }, summary: 'x' }])
  t.equal(asked, 2, 'one decision for each field')
  t.equal(opened.flat().length, 1)
})

t.test('a replaced step opens by the event and the path that sealed it', async (t) => {
  const { vault } = await temporaryVault(t)
  const replacement = { version: 1, data: { summary: narrative('right') } }
  const [event] = await sealEvents(vault, 's-1', [{ type: 'StepReplaced', data: replacement }], ['e9'], 'case')
  const inner = (event!.data as unknown as { data: { summary: Ciphertext } }).data
  t.strictSame(await openSteps(vault, 's-1', [stepOf(inner, 'e9', ['data'])], everything), [{ summary: 'right' }])
  t.strictSame(await openSteps(vault, 's-1', [stepOf(inner, 'e9')], everything), [{ summary: { unavailable: true } }])
  t.strictSame(await openSteps(vault, 's-2', [stepOf(inner, 'e9', ['data'])], everything), [
    { summary: { unavailable: true } },
  ])
})

t.test('a ciphertext swapped with that of another field opens in neither place', async (t) => {
  const { vault } = await temporaryVault(t)
  const data = { a: narrative('one'), b: narrative('two') }
  const [event] = await sealEvents(vault, 's-1', [{ type: 'A', data }], ['e1'], 'case')
  const { a, b } = event!.data as unknown as { a: Ciphertext; b: Ciphertext }
  const read = await openSteps(vault, 's-1', [stepOf({ a: b, b: a }, 'e1')], everything)
  t.strictSame(read, [{ a: { unavailable: true }, b: { unavailable: true } }])
})

const SECRET = '绝密文字-8f3a'

t.test('a value that is not sealed yet never shows its text', async (t) => {
  const value = new ToSeal('identity', SECRET)
  const nested = { deep: [{ value }] }
  t.throws(() => JSON.stringify(nested), TypeError)
  const shown = [
    String(value),
    `${value}`,
    `${Object.prototype.toString.call(value)}`,
    inspect(value),
    inspect(nested, { depth: 9, showHidden: true }),
    inspect(nested, { depth: 9, showHidden: true, customInspect: false, getters: true }),
    JSON.stringify(Object.entries(value)),
    JSON.stringify({ ...value }),
    JSON.stringify(structuredClone(value)),
    JSON.stringify(Reflect.ownKeys(value)),
    [value].join(),
    new Error('x', { cause: value }).stack ?? '',
    inspect(new Error('x', { cause: nested })),
  ]
  for (const text of shown) t.notMatch(text, SECRET)
  t.equal(String(value), '[sealed]')
  t.equal(ToSeal.reveal(value), SECRET, 'while the sealer reads it')
})

t.test('a log line with a value that is not sealed yet holds no text', async (t) => {
  let written = ''
  const log = pino({}, { write: (line: string) => (written += line) })
  const value = new ToSeal('narrative', SECRET)
  log.info({ value }, 'one')
  log.info({ events: [{ data: { value } }] }, 'two %s %o %j', value, value, value)
  log.error(new Error('three', { cause: value }))
  t.match(written, 'one')
  t.match(written, 'three')
  t.notMatch(written, SECRET)
})

t.test('a schema takes text in, trimmed and bounded, and its errors do not repeat it', async (t) => {
  const schema = z.strictObject({ name: sealedText('identity', 8) })
  const value = schema.parse({ name: '  张三 ' }).name
  t.ok(value instanceof ToSeal)
  t.equal(ToSeal.reveal(value as ToSeal), '张三')
  t.equal(schema.parse({ name: value }).name, value, 'a value parsed twice stays one')
  const long = schema.safeParse({ name: SECRET.repeat(2) })
  t.notOk(long.success)
  t.notMatch(inspect(long.error, { depth: 9 }), SECRET)
  t.notMatch(JSON.stringify(long.error), SECRET)
  for (const name of ['', ' 　', undefined, 1, {}]) t.notOk(schema.safeParse({ name }).success)
})
