/** Read models from nothing: cases, visits, audit trail, directory and rule book, and the board beside them. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { openService, type Service } from '../../src/service.ts'
import { openForReading } from '../../src/store/sqlite/connection.ts'
import { EventTable } from '../../src/store/sqlite/event-table.ts'
import { type Bench, interleaved, least, measure, most, ratioOf, spent } from './support/harness.ts'
import { demoLog, logDirectory } from './support/log.ts'

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
    const table = new EventTable(openForReading(await demoLog(context, few)))
    const small = await logDirectory(context, few)

    /** Builds everything once; what the parts took. */
    const rebuild = async (directory: string) => {
      for (const file of ['readmodels.db', 'board.db', 'search.db'])
        for (const suffix of ['', '-wal', '-shm']) rmSync(join(directory, file + suffix), { force: true })
      let service: Service | undefined
      const rows = await spent(async () => {
        service = await openService({ directory, masterKeyFile: join(directory, 'master.key'), evidenceLimit: 0 })
        await service.projections.catchUp()
      })
      const { projections, board, log, close } = service!
      const [status] = projections.status()
      if (!status || status.checkpoint !== log.size() || status.parked.length > 0)
        throw new Error(`read models are not whole: ${JSON.stringify(status)}`)
      const items = await spent(async () => {
        board.start()
        await board.caughtUp()
      })
      await close()
      return { rows, items }
    }

    await rebuild(small)
    const idle = { ms: 0, cpuMs: 0 }
    const found = await interleaved(context.pick(7, 2), {
      read: async () => ({ rows: await spent(() => readAll(table)), items: idle }),
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

    const many = context.pick(MANY, 50_000)
    const large = await logDirectory(context, many)
    const timesFew = await interleaved(context.pick(3, 1), {
      large: () => rebuild(large),
      small: () => rebuild(small),
    })
    const total = (built: readonly Awaited<ReturnType<typeof rebuild>>[]) =>
      built.map(({ rows, items }) => (rows.ms + items.ms) / 1_000)
    const label = `${few.toLocaleString('en')} events`
    yield measure(label, 's', total(timesFew.small))
    yield measure(`${many.toLocaleString('en')} events`, 's', total(timesFew.large), {
      ratio: ratioOf(
        { label: 'large', rounds: total(timesFew.large) },
        { label: `the time of ${label}`, rounds: total(timesFew.small) },
        most(11),
      ),
    })
  },
}
