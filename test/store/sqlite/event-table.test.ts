import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { EventTable, prepareEventTables } from '../../../src/store/sqlite/event-table.ts'
import { EventWriter } from '../../../src/store/sqlite/event-writer.ts'
import { event, events, idsOf, recordedAt } from '../../contract/harness.ts'

function open(kept?: number) {
  const db = new DatabaseSync(':memory:')
  prepareEventTables(db)
  const table = new EventTable(db)
  return { db, table, writer: new EventWriter(db, table, kept) }
}

t.test('rows of another store keep its positions; without one the index is the position', async (t) => {
  const { table, writer } = open()
  const [a, b] = [event(), event()]
  writer.write(() => {
    writer.add('case-1', a, 'C:100/P:100')
    writer.add('case-1', b)
  })
  t.same(
    table.read(0, 10).map(({ position }) => position),
    ['C:100/P:100', '1'],
  )
  t.same([table.positionAt(0), table.positionAt(1), table.positionAt(2)], ['C:100/P:100', '1', undefined])
})

t.test('a transaction that throws leaves neither rows nor indexes, heads nor maxima behind', async (t) => {
  const { db, table, writer } = open()
  writer.write(() => writer.add('case-1', recordedAt(1_000)))
  const fail = () =>
    writer.write(() => {
      writer.add('case-1', recordedAt(9_000))
      writer.add('case-2', recordedAt(9_000))
      throw new Error('half way')
    })
  t.throws(fail, /half way/)
  t.equal(db.isTransaction, false)
  t.same([table.size(), writer.next, table.lastRecordedMs()], [1, 1, 1_000])
  t.same([writer.head('case-1')?.last, writer.head('case-2')], [0, undefined])
  const next = recordedAt(2_000)
  t.equal(
    writer.write(() => writer.add('case-2', next)),
    1,
  )
  t.same([idsOf(table.stream('case-2')), table.lastRecordedMs()], [[next.id], 2_000])
})

t.test('streams whose heads are no longer in memory go on at the right revision', async (t) => {
  const { table, writer } = open(2)
  const streams = ['case-1', 'case-2', 'case-3', 'case-4']
  for (let round = 0; round < 3; round++) for (const stream of streams) writer.write(() => writer.add(stream, event()))
  writer.write(() => {
    for (const stream of streams) for (const one of events(2)) writer.add(stream, one)
  })
  for (const stream of streams)
    t.same(
      table.stream(stream).map(({ revision }) => revision),
      [0, 1, 2, 3, 4],
      stream,
    )
  t.equal(writer.next, 20)
})

t.test('a stream cannot hold one revision twice, whatever a program does', async (t) => {
  const { db, writer } = open()
  writer.write(() => writer.add('case-1', event()))
  const second = () => db.exec("INSERT INTO events VALUES (1, 1, 0, 'Tested', 'x', 0, NULL, x'00')")
  t.throws(second, /UNIQUE constraint failed: events.stream, events.revision/)
})
