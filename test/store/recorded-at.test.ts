import t from 'tap'
import type { Envelope } from '../../src/domain/event.ts'
import { encodeEnvelope } from '../../src/store/envelope.ts'
import { recordedMsOf } from '../../src/store/recorded-at.ts'

const envelope: Envelope = {
  id: 'e1',
  stream: 'case-"recordedAt":"1999-01-01T00:00:00.000Z"',
  revision: 0,
  type: 'Tested',
  version: 1,
  recordedAt: '2026-02-03T04:05:06.789Z',
  effectiveAt: '2026-02-03',
  organisation: 'o1',
  actor: { operator: true },
  commandId: 'c1',
  requestMac: 'm1',
  data: { recordedAt: '2031-01-01T00:00:00.000Z', text: '"recordedAt":"2032-01-01T00:00:00.000Z"' },
}

t.test("the envelope's own recordedAt is found, whatever texts hold the same words", async (t) => {
  t.equal(recordedMsOf(encodeEnvelope(envelope)), Date.parse('2026-02-03T04:05:06.789Z'))
})

t.test('it is found in a part of a larger buffer', async (t) => {
  const bytes = encodeEnvelope(envelope)
  const larger = new Uint8Array(bytes.length + 20)
  larger.set(bytes, 10)
  t.equal(recordedMsOf(larger.subarray(10, 10 + bytes.length)), Date.parse('2026-02-03T04:05:06.789Z'))
})

t.test('bytes that are no envelope have none', async (t) => {
  for (const text of ['', '{}', '{"recordedAt":5}', '{"recordedAt":"soon"}', '{"recordedAt":"2026'])
    t.equal(recordedMsOf(Buffer.from(text)), undefined, text)
})
