/** Read models from nothing: cases, visits, audit trail, directory and rule book, and the board beside them. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createBoard } from '../../src/commands/board.ts'
import { deciderOf } from '../../src/domain/categories.ts'
import { Directory } from '../../src/projections/directory.ts'
import { projections } from '../../src/projections/index.ts'
import { Models, RuleBook } from '../../src/projections/rulebook.ts'
import { Projections } from '../../src/projections/runner.ts'
import { openForReading } from '../../src/store/sqlite/connection.ts'
import { EventTable } from '../../src/store/sqlite/event-table.ts'
import { type Bench, interleaved, least, measure, most, ratioOf, spent } from './support/harness.ts'
import { demoLog } from './support/log.ts'

const PAGE = 2_000
const MANY = 1_000_000

/** Reads and parses every event: what no rebuild can be faster than. */
function readAll(table: EventTable): void {
  let seen = 0
  for (let from = 0; from < table.size(); from += PAGE)
    for (const { type } of table.envelopes(from, PAGE)) seen += type.length
  if (seen === 0) throw new Error('an empty log')
}

export const bench: Bench = {
  name: 'rebuild',
  what: `All read models from an empty file until they hold the whole log: case and visit lists, audit trail, directory and rule book, then the
board in its own file; text search stands apart in \`search\`. The log is the demonstration county's, its cases copied under fresh ids (mix
and size of events as there). Reading and parsing the same events, in the same process and rounds, shows what the machine gave.`,
  target:
    'all read models without text search ≥ 60,000 events/s on the demo’s mix; 1 M events cost ≤ 11 × 100 k events',
  durability: 'read models: WAL, synchronous=NORMAL (disposable)',
  async *run(context) {
    const few = context.pick(100_000, 10_000)
    const small = new EventTable(openForReading(await demoLog(context, few)))
    let build = 0

    /** Builds everything once; milliseconds of the parts. */
    const rebuild = async (log: EventTable) => {
      const path = join(context.directory, `build-${build++}`)
      const [people, book] = [new Directory(), new RuleBook()]
      const runner = Projections.open({
        path: `${path}.db`,
        log,
        deciders: deciderOf,
        projections,
        directory: new Models(people, book),
        newDirectory: () => new Models(new Directory(), new RuleBook()),
      })
      const rows = await spent(() => runner.catchUp())
      const [status] = runner.status()
      if (!status || status.checkpoint !== log.size() || status.parked.length > 0)
        throw new Error(`read models are not whole: ${JSON.stringify(status)}`)
      const board = createBoard({
        path: `${path}-board.db`,
        log,
        people,
        book,
        holderOf: (organisation) => ({
          organisation,
          division: people.organisation(organisation)?.division ?? '',
          above: people.above(organisation),
        }),
        now: Date.now,
      })
      const items = await spent(async () => {
        board.start()
        await board.caughtUp()
      })
      await board.close()
      await runner.close()
      for (const file of [`${path}.db`, `${path}-board.db`])
        for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
      return { rows, items }
    }

    await rebuild(small)
    const idle = { ms: 0, cpuMs: 0 }
    const found = await interleaved(context.pick(7, 2), {
      read: async () => ({ rows: await spent(() => readAll(small)), items: idle }),
      build: () => rebuild(small),
    })
    const rate = (ms: number) => (few / ms) * 1_000
    const read = { label: 'reading and parsing', rounds: found.read.map(({ rows }) => rate(rows.ms)) }
    const all = found.build.map(({ rows, items }) => rate(rows.ms + items.ms))
    const processor = found.build.map(({ rows, items }) => rate(rows.cpuMs + items.cpuMs))
    yield measure(read.label, 'events/s', read.rounds)
    yield measure(
      'lists, audit trail, directory',
      'events/s',
      found.build.map(({ rows }) => rate(rows.ms)),
    )
    yield measure(
      'board',
      'events/s',
      found.build.map(({ items }) => rate(items.ms)),
    )
    yield measure('all read models', 'events/s', all, {
      limit: least(60_000),
      ratio: ratioOf({ label: 'all', rounds: all }, read),
    })
    yield measure('all, by processor time', 'events/s', processor)

    const large = new EventTable(openForReading(await demoLog(context, context.pick(MANY, 100_000))))
    const timesFew = await interleaved(context.pick(3, 1), {
      large: () => rebuild(large),
      small: () => rebuild(small),
    })
    const total = (built: readonly Awaited<ReturnType<typeof rebuild>>[]) =>
      built.map(({ rows, items }) => (rows.ms + items.ms) / 1_000)
    const label = `${few.toLocaleString('en')} events`
    yield measure(label, 's', total(timesFew.small))
    yield measure(`${large.size().toLocaleString('en')} events`, 's', total(timesFew.large), {
      ratio: ratioOf(
        { label: 'large', rounds: total(timesFew.large) },
        { label: `the time of ${label}`, rounds: total(timesFew.small) },
        most(11),
      ),
    })
  },
}
