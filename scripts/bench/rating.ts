/** Star levels from a province's log: a run in threads, one office at any date, its curve, and the facts from every event. */
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { fillFacts } from '../../src/commands/rating.ts'
import { rateInThreads } from '../../src/commands/rating-threads.ts'
import { createDemo } from '../../src/demo/index.ts'
import { categoryOf, type Envelope } from '../../src/domain/event.ts'
import { FactBase } from '../../src/domain/rating/fact-base.ts'
import { compileScheme, kindsOf, rate, rateOffice } from '../../src/domain/rating/rate.ts'
import { starScheme } from '../../src/domain/rating/schemes/shipped.ts'
import { sourcesOf } from '../../src/domain/rating/sources/all.ts'
import { civilDate, dayNumber } from '../../src/domain/time.ts'
import { encodeEnvelope } from '../../src/store/envelope.ts'
import { openForReading, openForWriting } from '../../src/store/sqlite/connection.ts'
import { EventTable, prepareEventTables } from '../../src/store/sqlite/event-table.ts'
import { EventWriter } from '../../src/store/sqlite/event-writer.ts'
import { EVENTS_FILE } from '../../src/store/sqlite/index.ts'
import { type Bench, type BenchContext, interleaved, least, measure, most, ratioOf, spent } from './support/harness.ts'
import { envelopesOf } from './support/log.ts'

/** Categories of the whole province: their ids stay in every copy. */
const ONCE = new Set('organisation person calendar limits scheme cycle numbers ledger practice returnplan'.split(' '))
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const OFFICES = 42
const BATCH = 5_000
const UNTIL = '2026-06-30'

const copied = (id: string, copy: number): string =>
  `${((Number.parseInt(id.slice(0, 8), 16) ^ Math.imul(copy, 0x9e3779b1)) >>> 0).toString(16).padStart(8, '0')}${id.slice(8)}`

/**
 * A province of so many counties: each a copy of the demonstration county with offices, workers and cases of its own, in the order of their recording.
 * @returns the file and its number of events
 */
export async function provinceLog(
  context: BenchContext,
  counties: number,
  complaints: number,
): Promise<{ path: string; events: number }> {
  const path = join(context.shared, `province-${counties}-${complaints}.db`)
  const table = () => new EventTable(openForReading(path))
  if (existsSync(path)) return { path, events: table().size() }
  const county = join(context.directory, 'rated-county')
  mkdirSync(county, { recursive: true })
  context.note(`records a county of ${OFFICES} offices and copies it ${counties} times`)
  await createDemo({
    ...{ directory: county, masterKeyFile: join(county, 'master.key'), offices: OFFICES, complaints },
    ...{ until: UNTIL, seed: context.seed },
  })
  const from = [...envelopesOf(new EventTable(openForReading(join(county, EVENTS_FILE))))]
  const kept = new Set(
    from
      .filter(({ stream }) => ONCE.has(categoryOf(stream)))
      .map(({ stream }) => stream.slice(stream.indexOf('-') + 1)),
  )
  const db = openForWriting(path)
  try {
    db.exec('PRAGMA synchronous = OFF')
    prepareEventTables(db)
    const writer = new EventWriter(db, new EventTable(db))
    function* all(): Generator<Envelope> {
      for (const envelope of from) {
        if (ONCE.has(categoryOf(envelope.stream))) {
          yield envelope
          continue
        }
        const text = JSON.stringify(envelope)
        for (let copy = 0; copy < counties; copy++)
          yield JSON.parse(text.replace(UUID, (id) => (kept.has(id) ? id : copied(id, copy)))) as Envelope
      }
    }
    const source = all()
    for (let done = false; !done; )
      writer.write(() => {
        for (let n = 0; n < BATCH; n++) {
          const next = source.next()
          if (next.done) {
            done = true
            return
          }
          const { stream, id, type } = next.value
          writer.add(stream, { id, type, bytes: encodeEnvelope(next.value) })
        }
      })
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    db.close()
  }
  rmSync(county, { recursive: true })
  return { path, events: table().size() }
}

/** Pages of the baseline: the size it is fastest with. */
const PAGE = 5_000

/** Reads and parses every event: what no replay that looks at all of them can be faster than. */
function readAll(table: EventTable, size: number): number {
  let seen = 0
  for (let from = 0; from < size; from += PAGE) seen += table.envelopes(from, PAGE, size).length
  return seen
}

/** The facts that a rating under the star scheme looks at, empty. */
const starFacts = (): FactBase => new FactBase(sourcesOf(kindsOf(starScheme)))

export const bench: Bench = {
  name: 'rating',
  what: `A province of 2,016 offices under the star scheme: the demonstration county copied with offices and cases of its own. A run rates every office from the
log alone, cold, as of the head; \`one thread\` and \`two threads\` do the same work, threads started included. Facts and ratings in one thread stand beside
reading and parsing the same events in the same rounds. One office and its curve are asked of facts that are in memory.`,
  target:
    '2,000 offices and 1 M events ≤ 3 s with two threads, ≥ 1.7 × one; ratings ≥ 0.6 × reading and parsing; one office at any date ≤ 5 ms; 100 dates of it ≤ 50 ms',
  async *run(context) {
    // As the program itself: what is compiled once is there for every thread.
    enableCompileCache(join(context.shared, 'compiled'))
    const { path, events } = await provinceLog(context, context.pick(48, 2), context.pick(1_160, 300))
    const table = new EventTable(openForReading(path))
    const scheme = compileScheme(starScheme)
    const digests = new Set<string>()
    const inThreads = (workers: number) => () =>
      spent(async () => {
        const effectiveAt = UNTIL
        const run = await rateInThreads({
          path,
          workers,
          size: events,
          scheme: starScheme,
          effectiveAt,
          wanted: () => true,
        })
        digests.add(`${run.offices.length} ${run.digest}`)
      })
    const rounds = context.pick(3, 1)
    // What is compiled, and the pages of the file, are there before anything counts.
    await inThreads(2)()
    const threads = await interleaved(rounds, { one: inThreads(1), two: inThreads(2) })
    if (digests.size !== 1) throw new Error(`runs differ: ${[...digests].join(', ')}`)
    const seconds = (spans: readonly { ms: number }[]) => spans.map(({ ms }) => ms / 1_000)
    const label = `${[...digests][0]!.split(' ')[0]} offices, ${events.toLocaleString('en')} events`
    yield measure(`${label}, one thread`, 's', seconds(threads.one))
    yield measure(`${label}, two threads`, 's', seconds(threads.two), {
      limit: most(3),
      ratio: ratioOf(
        { label: 'speed of two threads', rounds: threads.two.map(({ ms }) => 1 / ms) },
        { label: 'one', rounds: threads.one.map(({ ms }) => 1 / ms) },
        least(1.7),
      ),
    })

    const speeds = await interleaved(rounds, {
      read: () => spent(() => readAll(table, events)),
      rate: () =>
        spent(() => {
          const base = starFacts()
          fillFacts(base, table, 0, events)
          rate(base, { asOf: events - 1, effectiveAt: UNTIL, scheme: starScheme })
        }),
    })
    const perSecond = (spans: readonly { ms: number }[]) => spans.map(({ ms }) => (events / ms) * 1_000)
    const read = { label: 'reading and parsing', rounds: perSecond(speeds.read) }
    yield measure(read.label, 'events/s', read.rounds)
    yield measure('facts and ratings of all', 'events/s', perSecond(speeds.rate), {
      ratio: ratioOf({ label: 'ratings', rounds: perSecond(speeds.rate) }, read, least(0.6)),
    })

    const base = new FactBase()
    fillFacts(base, table, 0, events)
    const offices = base.offices()
    const single: number[] = []
    const curves: number[] = []
    for (let n = 0; n < context.pick(400, 40); n++) {
      const office = offices[(n * 37) % offices.length]!
      const date = civilDate(dayNumber(UNTIL) - ((n * 53) % 1_000))
      const asOf = Math.floor(events * (0.4 + (0.6 * ((n * 29) % 100)) / 100)) - 1
      single.push((await spent(() => rateOffice(base.of(office, asOf), scheme, date))).ms)
    }
    yield measure(
      'one office at a date, as of an index',
      'ms',
      [single.reduce((sum, ms) => sum + ms, 0) / single.length],
      {
        latencies: single,
        limit: most(5),
      },
    )
    for (let n = 0; n < context.pick(40, 5); n++) {
      const office = offices[(n * 41) % offices.length]!
      const dates = Array.from({ length: 100 }, (_, place) => civilDate(dayNumber(UNTIL) - place * 10))
      curves.push((await spent(() => dates.map((date) => rateOffice(base.of(office), scheme, date)))).ms)
    }
    yield measure('100 dates of one office', 'ms', [curves.reduce((sum, ms) => sum + ms, 0) / curves.length], {
      latencies: curves,
      limit: most(50),
    })
  },
}
