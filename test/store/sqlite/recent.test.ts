/** What is kept in memory of the log's end answers as the file does, whatever was appended or rolled back. */
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import t from 'tap'
import { decodeEnvelope } from '../../../src/store/envelope.ts'
import { EventTable, prepareEventTables } from '../../../src/store/sqlite/event-table.ts'
import { EventWriter } from '../../../src/store/sqlite/event-writer.ts'
import { RecentEvents } from '../../../src/store/sqlite/recent.ts'
import { event } from '../../contract/harness.ts'

const STREAMS = ['case-1', 'case-2', 'case-3']

function open() {
  const db = new DatabaseSync(':memory:')
  prepareEventTables(db)
  const table = new EventTable(db)
  // Beside the writer's own table one that knows the file alone.
  return { db, table, file: new EventTable(db), writer: new EventWriter(db, table) }
}

const step = fc.record({
  stream: fc.constantFrom(...STREAMS),
  events: fc.integer({ min: 0, max: 3 }),
  fails: fc.boolean(),
  /** What a reader asks for afterwards. */
  reads: fc.subarray(STREAMS),
  from: fc.integer({ min: 0, max: 40 }),
  limit: fc.integer({ min: 0, max: 40 }),
  to: fc.integer({ min: 0, max: 60 }),
})

t.test('property: memory and file say the same after every commit and every rollback', async (t) => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
      const { db, table, file, writer } = open()
      for (const { stream, events, fails, reads, from, limit, to } of steps) {
        const write = () =>
          writer.write(() => {
            for (let left = events; left > 0; left--) writer.add(stream, event())
            if (fails) throw new Error('half way')
          })
        if (fails) t.throws(write)
        else write()
        t.equal(table.size(), file.size())
        t.strictSame(table.envelopes(from, limit), file.envelopes(from, limit))
        t.strictSame(table.envelopes(from, limit, to), file.envelopes(from, limit, to))
        for (const name of reads) {
          t.strictSame(table.stream(name), file.stream(name))
          t.strictSame(table.stream(name, to), file.stream(name, to))
        }
      }
      db.close()
    }),
    { numRuns: 150, seed: 20261129 },
  )
})

t.test('a reader keeps what he was given, whatever is appended later', async (t) => {
  const { table, writer } = open()
  writer.write(() => writer.add('case-1', event()))
  const before = table.stream('case-1')
  writer.write(() => writer.add('case-1', event()))
  t.equal(before.length, 1)
  t.equal(table.stream('case-1').length, 2)
})

t.test('what is kept in memory is parsed once, whoever asks', async (t) => {
  const { table, writer } = open()
  writer.write(() => writer.add('case-1', event()))
  const [one] = table.envelopes(0, 1)
  t.equal(table.envelopes(0, 1)[0], one)
  t.equal(decodeEnvelope(table.stream('case-1')[0]!.bytes), one)
  t.not(decodeEnvelope(table.read(0, 1)[0]!.bytes), one, 'what proves the file comes from the file')
})

t.test('memory is bounded: the log end, and the streams used last', async (t) => {
  const recent = new RecentEvents(0)
  const stored = (index: number, stream: string, revision: number, size: number) => ({
    id: String(index),
    stream,
    revision,
    type: 'Tested',
    bytes: Buffer.alloc(size, '{}'.padEnd(size)),
    position: String(index),
    index,
  })
  for (let index = 0; index < 20_000; index++) recent.committed([stored(index, `case-${index}`, 0, 100)])
  t.equal(recent.size, 20_000)
  t.equal(recent.envelopes(0, 1), undefined, 'the first are in the file only')
  t.equal(recent.envelopes(19_000, 20_000)?.length, 1_000)
  t.equal(recent.stream('case-0'), undefined)
  t.equal(recent.stream('case-19999')?.length, 1)
  for (let index = 0; index < 400; index++) recent.committed([stored(20_000 + index, `large-${index}`, 0, 60_000)])
  t.equal(recent.envelopes(20_000, 20_001), undefined, 'by bytes too')
  t.equal(recent.stream('large-0'), undefined)
  t.equal(recent.stream('large-399')?.length, 1)
  for (let revision = 0; revision < 200; revision++)
    recent.committed([stored(20_400 + revision, 'long-1', revision, 100)])
  t.equal(recent.stream('long-1'), undefined, 'a long stream is read from the file')
})
