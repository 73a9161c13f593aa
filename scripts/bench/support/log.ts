/**
 * Logs as large as one likes in the mix of a recorded one: every case of it copied under fresh ids, the registry once. The events are
 * written through the store's own table and writer, many to a commit, in the order of their recording.
 */
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createDemo } from '../../../src/demo/index.ts'
import { categoryOf, type Envelope } from '../../../src/domain/event.ts'
import { openService } from '../../../src/service.ts'
import { encodeEnvelope } from '../../../src/store/envelope.ts'
import type { EventLog } from '../../../src/store/port.ts'
import { openForReading, openForWriting } from '../../../src/store/sqlite/connection.ts'
import { EventTable, prepareEventTables } from '../../../src/store/sqlite/event-table.ts'
import { EventWriter } from '../../../src/store/sqlite/event-writer.ts'
import { EVENTS_FILE } from '../../../src/store/sqlite/index.ts'
import type { BenchContext } from './harness.ts'

/** Categories that are there once, however many cases there are. */
export const ONCE: ReadonlySet<string> = new Set(
  'organisation office worker person calendar limits scheme ledger practice returnplan cycle rating record ratingrun'.split(
    ' ',
  ),
)
/** Events of one commit. */
const BATCH = 5_000

const PAGE = 2_000

/** All envelopes of a log. */
export function* envelopesOf(log: EventLog): Generator<Envelope> {
  for (let from = 0; from < log.size(); from += PAGE) yield* log.envelopes(from, PAGE)
}

/** A sealed field as it stands in an event. */
const SEALED = /\{"enc":"[^{}]*\}/g
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** The id that stands for another one in a copy. */
const copied = (id: string, copy: number): string =>
  `${((Number.parseInt(id.slice(0, 8), 16) ^ Math.imul(copy, 0x9e3779b1)) >>> 0).toString(16).padStart(8, '0')}${id.slice(8)}`

export interface Copying {
  /** Where the copy is written; must not exist. */
  readonly path: string
  readonly from: readonly Envelope[]
  readonly copies: number
  /** Written and no more. */
  readonly events?: number
  /** Whether sealed fields become plain texts of the same length: for logs whose search index shall have nothing to do. */
  readonly plain?: boolean
  /** Whether subjects keep their ids, so that what is sealed can be sealed and opened under the keys there are. */
  readonly keepsSubjects?: boolean
}

/** Writes a log of copies. @returns the number of events */
export function copyLog({
  path,
  from,
  copies,
  events = Number.POSITIVE_INFINITY,
  plain,
  keepsSubjects,
}: Copying): number {
  mkdirSync(dirname(path), { recursive: true })
  const fresh = new Set<string>()
  for (const { id, stream, commandId } of from) {
    if (ONCE.has(categoryOf(stream))) continue
    fresh.add(id).add(commandId)
    const [own] = stream.match(UUID) ?? []
    if (own !== undefined && categoryOf(stream) !== 'numbers') fresh.add(own)
  }
  if (!keepsSubjects)
    for (const { stream, data } of from)
      if (!ONCE.has(categoryOf(stream)))
        for (const [, subject] of JSON.stringify(data).matchAll(/"sub(?:ject)?":"([0-9a-f-]{36})"/g))
          fresh.add(subject!)
  const db = openForWriting(path)
  try {
    db.exec('PRAGMA synchronous = OFF')
    prepareEventTables(db)
    const writer = new EventWriter(db, new EventTable(db))
    const numbers = new Map<string, number>()
    const texts = from.map((envelope) => {
      const text = JSON.stringify(envelope)
      return { envelope, text: plain ? text.replace(SEALED, (value) => `"${'x'.repeat(value.length - 2)}"`) : text }
    })
    let written = 0
    const put = (envelope: Envelope) => {
      writer.add(envelope.stream, { id: envelope.id, type: envelope.type, bytes: encodeEnvelope(envelope) })
      written++
    }
    function* all(): Generator<Envelope> {
      for (const { envelope, text } of texts) {
        const category = categoryOf(envelope.stream)
        if (ONCE.has(category)) {
          yield envelope
          continue
        }
        for (let copy = 0; copy < copies; copy++) {
          const one = JSON.parse(text.replace(UUID, (id) => (fresh.has(id) ? copied(id, copy) : id))) as Envelope
          if (category !== 'numbers') {
            yield one
            continue
          }
          const revision = numbers.get(one.stream) ?? 0
          numbers.set(one.stream, revision + 1)
          yield { ...one, revision }
        }
      }
    }
    const source = all()
    for (let done = false; !done; )
      writer.write(() => {
        for (let n = 0; n < BATCH; n++) {
          const next = written < events ? source.next() : { done: true as const, value: undefined }
          if (next.done) {
            done = true
            return
          }
          put(next.value)
        }
      })
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    return written
  } finally {
    db.close()
  }
}

/** Complaints of the county that is copied. */
const COMPLAINTS = 600

/** The demonstration county, recorded once for all benchmarks of a run: a whole data directory. */
export async function demoDirectory(context: BenchContext): Promise<string> {
  const directory = join(context.shared, 'county')
  if (!existsSync(directory)) {
    context.note(`records a county of ${COMPLAINTS} complaints`)
    const fresh = `${directory}.new`
    rmSync(fresh, { recursive: true, force: true })
    await createDemo({
      directory: fresh,
      masterKeyFile: join(fresh, 'master.key'),
      complaints: COMPLAINTS,
      until: '2026-06-30',
      seed: context.seed,
    })
    renameSync(fresh, directory)
  }
  return directory
}

/** The envelopes of the demonstration county. */
export async function demoEnvelopes(context: BenchContext): Promise<Envelope[]> {
  const db = openForReading(join(await demoDirectory(context), EVENTS_FILE))
  try {
    return [...envelopesOf(new EventTable(db))]
  } finally {
    db.close()
  }
}

/** A log of so many events in the demo's mix, made once for all benchmarks of a run. */
export async function demoLog(context: BenchContext, events: number, plain = false): Promise<string> {
  const path = join(context.shared, `log-${events}${plain ? '-plain' : ''}.db`)
  if (!existsSync(path)) {
    const from = await demoEnvelopes(context)
    context.note(`writes a log of ${events} events`)
    // One copy more than needed, and the last months of all cut off: most cases are whole, some still run.
    const once = from.filter(({ stream }) => ONCE.has(categoryOf(stream))).length
    const copies = Math.ceil((events - once) / (from.length - once)) + 1
    const made = copyLog({ path: `${path}.new`, from, copies, events, plain })
    if (made !== events) throw new Error(`${made} events instead of ${events}`)
    for (const suffix of ['-wal', '-shm']) rmSync(`${path}.new${suffix}`, { force: true })
    renameSync(`${path}.new`, path)
  }
  return path
}

/** A data directory with its keys, made by the service itself, and without events. */
export async function emptyDirectory(directory: string): Promise<void> {
  const service = await openService({ directory, masterKeyFile: join(directory, 'master.key'), evidenceLimit: 0 })
  await service.projections.catchUp()
  await service.close()
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(directory, EVENTS_FILE + suffix), { force: true })
}

/** A data directory with such a log and without read models, for one benchmark. */
export async function logDirectory(context: BenchContext, events: number): Promise<string> {
  const directory = join(context.directory, `directory-${events}`)
  await emptyDirectory(directory)
  copyFileSync(await demoLog(context, events), join(directory, EVENTS_FILE))
  return directory
}

/** Builds everything that is derived from the events of a data directory, so that a service finds nothing to catch up with. */
export async function fillModels(directory: string): Promise<void> {
  const service = await openService({ directory, masterKeyFile: join(directory, 'master.key'), evidenceLimit: 0 })
  await service.projections.catchUp()
  await service.board.caughtUp()
  await service.search.caughtUp()
  await service.close()
}
