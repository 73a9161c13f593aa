import fc from 'fast-check'
import t from 'tap'
import { z } from 'zod'
import type { Envelope, EventMap } from '../../src/domain/event.ts'
import { correctedSteps } from '../../src/domain/history.ts'
import {
  CORRECTION_VERSION,
  decodeEnvelope,
  decodeStream,
  encodeEnvelope,
  UnknownEvent,
  upcast,
} from '../../src/store/envelope.ts'
import { MAX_EVENT_BYTES, type StoredEvent, StoreError } from '../../src/store/port.ts'

const base: Envelope = {
  id: 'e1',
  stream: 'case-1',
  revision: 0,
  type: 'Named',
  version: 1,
  recordedAt: '2026-02-03T04:05:06.789Z',
  effectiveAt: '2026-02-03',
  organisation: 'o1',
  actor: { operator: true },
  commandId: 'c1',
  requestMac: 'm1',
  data: {},
}

/** `Named` was {name}, then {names: [name]}, then {names, count}. */
const events: EventMap = {
  Named: {
    version: 3,
    rule: 'S1-1',
    data: z.unknown(),
    from: {
      1: (data: { name: string }) => ({ names: [data.name] }),
      2: (data: { names: string[] }) => ({ ...data, count: data.names.length }),
    },
  },
  Closed: { version: 1, rule: 'S1-2', data: z.unknown() },
}

const noTarget = () => undefined
const stored = (envelope: Envelope, index: number): StoredEvent => ({
  id: envelope.id,
  stream: envelope.stream,
  revision: envelope.revision,
  type: envelope.type,
  bytes: encodeEnvelope(envelope),
  position: String(index),
  index,
})

t.test('the bytes are UTF-8 JSON with the properties in the order of the format, absent ones left out', async (t) => {
  const shuffled = { ...base, basis: { rule: 'S1-1' }, corrects: { event: 'e0', mode: 'annul' as const } }
  const text = Buffer.from(encodeEnvelope({ ...shuffled, data: { text: '督办' } })).toString('utf8')
  t.equal(
    text,
    '{"id":"e1","stream":"case-1","revision":0,"type":"Named","version":1,"recordedAt":"2026-02-03T04:05:06.789Z",' +
      '"effectiveAt":"2026-02-03","corrects":{"event":"e0","mode":"annul"},"organisation":"o1","actor":{"operator":true},' +
      '"commandId":"c1","requestMac":"m1","basis":{"rule":"S1-1"},"data":{"text":"督办"}}',
  )
})

t.test('what is encoded is decoded, and encodes to the same bytes again', async () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(), fc.string({ unit: 'grapheme' }), (data, revision, organisation) => {
      const bytes = encodeEnvelope({ ...base, revision, organisation, data })
      return Buffer.compare(bytes, encodeEnvelope(decodeEnvelope(bytes))) === 0
    }),
  )
})

t.test('an envelope of 60 KiB passes, one byte more is refused with event-too-large', async (t) => {
  const room = MAX_EVENT_BYTES - encodeEnvelope({ ...base, data: '' }).length
  t.equal(encodeEnvelope({ ...base, data: 'x'.repeat(room) }).length, 60 * 1024)
  t.throws(() => encodeEnvelope({ ...base, data: 'x'.repeat(room + 1) }), { code: 'event-too-large' })
  const characters = Math.floor(room / 3)
  t.throws(
    () => encodeEnvelope({ ...base, data: '督'.repeat(characters + 1) }),
    { code: 'event-too-large' },
    'bytes count',
  )
  t.throws(() => encodeEnvelope({ ...base, data: 'x'.repeat(room + 1) }), StoreError)
})

t.test('bytes that are not UTF-8 are not decoded', async (t) => {
  t.throws(() => decodeEnvelope(Uint8Array.from([0x22, 0xff, 0x22])), TypeError)
})

t.test(
  'old data is lifted step by step to the current version; the envelope keeps the version it was written with',
  async (t) => {
    const lifted = upcast({ ...base, data: { name: 'a' } }, 4, events, noTarget)
    t.same(lifted, { ...base, index: 4, data: { names: ['a'], count: 1 } })
    t.same(upcast({ ...base, version: 2, data: { names: ['a', 'b'] } }, 4, events, noTarget).data, {
      names: ['a', 'b'],
      count: 2,
    })
    t.same(upcast({ ...base, version: 3, data: { names: [], count: 0 } }, 4, events, noTarget).data, {
      names: [],
      count: 0,
    })
    t.notOk('index' in upcast({ ...base, version: 3 }, undefined, events, noTarget), 'no index where none is known')
  },
)

t.test('lifting is pure: neither the envelope nor its data changes', async (t) => {
  const data = Object.freeze({ name: 'a' })
  const envelope = Object.freeze({ ...base, data })
  t.same(upcast(envelope, 0, events, noTarget).data, upcast(envelope, 0, events, noTarget).data)
  t.same(envelope.data, { name: 'a' })
})

t.test('an unknown type, a newer version and a missing upcaster are unknown events', async (t) => {
  const unknown = (type: string, version: number) => ({ name: 'UnknownEvent', type, version })
  t.throws(() => upcast({ ...base, type: 'Invented' }, 0, events, noTarget), unknown('Invented', 1))
  t.throws(() => upcast({ ...base, version: 4 }, 0, events, noTarget), unknown('Named', 4))
  t.throws(
    () => upcast({ ...base, version: 1 }, 0, { Named: { ...events.Named!, from: {} } }, noTarget),
    unknown('Named', 1),
  )
  t.throws(() => upcast({ ...base, type: 'toString' }, 0, events, noTarget), UnknownEvent)
})

t.test('a replacement is lifted by the type it replaces, a void is not lifted', async (t) => {
  const replace: Envelope = {
    ...base,
    id: 'e2',
    revision: 1,
    type: 'StepReplaced',
    corrects: { event: 'e1', mode: 'replace' },
    data: { reason: 'r', version: 1, data: { name: 'b' } },
  }
  const typeOf = (id: string) => (id === 'e1' ? 'Named' : undefined)
  t.same(upcast(replace, 1, events, typeOf).data, { reason: 'r', version: 1, data: { names: ['b'], count: 1 } })
  t.same(upcast(replace, 1, events, noTarget).data, replace.data, 'as it stands where the target is not known')
  const newer = { ...replace, data: { reason: 'r', version: 4, data: {} } }
  t.throws(() => upcast(newer, 1, events, typeOf), { name: 'UnknownEvent', type: 'Named', version: 4 })
  const voiding: Envelope = {
    ...replace,
    type: 'StepVoided',
    corrects: { event: 'e1', mode: 'void' },
    data: { reason: 'r' },
  }
  t.same(upcast(voiding, 1, events, typeOf).data, { reason: 'r' })
  const future = { ...voiding, version: CORRECTION_VERSION + 1 }
  t.throws(() => upcast(future, 1, events, typeOf), { name: 'UnknownEvent', type: 'StepVoided' })
})

t.test('an annulling event is a step like any other and is lifted by its own type', async (t) => {
  const annulling: Envelope = {
    ...base,
    id: 'e2',
    revision: 1,
    corrects: { event: 'e1', mode: 'annul' },
    data: { name: 'c' },
  }
  t.same(upcast(annulling, 1, events, () => 'Closed').data, { names: ['c'], count: 1 })
})

t.test('a stream of all versions, with corrections, reads as if written today', async (t) => {
  const stream: Envelope[] = [
    { ...base, data: { name: 'a' } },
    { ...base, id: 'e2', revision: 1, version: 2, data: { names: ['b', 'c'] } },
    {
      ...base,
      id: 'e3',
      revision: 2,
      type: 'StepReplaced',
      corrects: { event: 'e2', mode: 'replace' },
      data: { reason: 'r', version: 1, data: { name: 'd' } },
    },
    { ...base, id: 'e4', revision: 3, type: 'Closed', data: {} },
  ]
  const recorded = decodeStream(stream.map(stored), events)
  t.same(
    recorded.map(({ index }) => index),
    [0, 1, 2, 3],
  )
  t.same(
    correctedSteps(recorded).map(({ type, data }) => [type, data]),
    [
      ['Named', { names: ['a'], count: 1 }],
      ['Named', { names: ['d'], count: 1 }],
      ['Closed', {}],
    ],
  )
})
