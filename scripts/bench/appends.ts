/** Durable appends of the embedded store against node:sqlite itself. */
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { v4 } from 'uuid'
import { instantOfMs } from '../../src/domain/time.ts'
import { encodeEnvelope } from '../../src/store/envelope.ts'
import type { EventToAppend } from '../../src/store/port.ts'
import { openForWriting } from '../../src/store/sqlite/connection.ts'
import { prepareEventTables } from '../../src/store/sqlite/event-table.ts'
import { openEmbeddedStore } from '../../src/store/sqlite/index.ts'
import { type Bench, interleaved, least, measure, ratioOf } from './support/harness.ts'

const CALLERS = 64
/** Events of a stream. */
const STREAM = 10
const AT = Date.parse('2026-03-02T01:00:00Z')

interface Prepared {
  readonly stream: string
  readonly revision: number
  readonly event: EventToAppend
}

/** Events of a case's usual size, made before anything is timed. */
function prepare(count: number): Prepared[] {
  let stream = ''
  return Array.from({ length: count }, (_, place) => {
    const revision = place % STREAM
    if (revision === 0) stream = `complaint-${v4()}`
    const id = v4()
    const at = instantOfMs(AT + place)
    const bytes = encodeEnvelope({
      id,
      stream,
      revision,
      type: 'ComplainantNotified',
      version: 1,
      recordedAt: at,
      effectiveAt: at,
      organisation: v4(),
      actor: { person: v4(), role: 'centre-director', organisation: v4() },
      commandId: v4(),
      requestMac: 'x'.repeat(43),
      correlationId: v4(),
      data: { about: 'acceptance', method: 'letter' },
    })
    return { stream, revision, event: { id, type: 'ComplainantNotified', bytes } }
  })
}

/** The same rows by bare statements: same layout, index and settings, and nothing of the store's own work. */
class Raw {
  readonly #db: DatabaseSync
  readonly #begin
  readonly #commit
  readonly #addStream
  readonly #addEvent
  #next = 0
  readonly #streams = new Map<string, number>()

  constructor(path: string) {
    this.#db = openForWriting(path)
    prepareEventTables(this.#db)
    this.#begin = this.#db.prepare('BEGIN IMMEDIATE')
    this.#commit = this.#db.prepare('COMMIT')
    this.#addStream = this.#db.prepare('INSERT INTO streams (name) VALUES (?)')
    this.#addEvent = this.#db.prepare(
      'INSERT INTO events (idx, stream, revision, type, id, recorded_max, position, bytes) VALUES (?, ?, ?, ?, ?, ?, NULL, ?)',
    )
  }

  group(events: readonly Prepared[]): void {
    this.#begin.run()
    for (const { stream, revision, event } of events) {
      if (revision === 0) this.#streams.set(stream, Number(this.#addStream.run(stream).lastInsertRowid))
      this.#addEvent.run(this.#next++, this.#streams.get(stream)!, revision, event.type, event.id, AT, event.bytes)
      if (revision === STREAM - 1) this.#streams.delete(stream)
    }
    this.#commit.run()
  }

  close(): void {
    this.#db.close()
  }
}

/** Rounds after a first one that is not counted: code is compiled, files have grown. */
async function warmed<Arm extends string>(rounds: number, arms: Readonly<Record<Arm, () => Promise<number> | number>>) {
  const found = await interleaved(rounds + 1, arms)
  for (const figures of Object.values<number[]>(found)) figures.shift()
  return found
}

export const bench: Bench = {
  name: 'appends',
  what: `Appends of one event of about 560 bytes to streams of ten, each durable before it is acknowledged. Raw is \`node:sqlite\` in the same
process: \`BEGIN IMMEDIATE\`, bare inserts of the same rows into the same tables with the same index, \`COMMIT\`; for 64 callers one
transaction of 64 rows. It looks nothing up, checks no revision, orders nobody and has no promise to settle.`,
  target: 'one caller ≥ 0.8 × raw node:sqlite at the same fsync setting; 64 callers ≥ 0.7 × raw groups of 64',
  durability: 'WAL, synchronous=FULL: one fsync a commit',
  async *run(context) {
    const store = openEmbeddedStore(join(context.directory, 'store'))
    const raw = new Raw(join(context.directory, 'raw.db'))
    const single = context.pick(1_500, 1_000)
    const many = context.pick(CALLERS * 370, CALLERS * 200)
    const rounds = context.pick(11, 3)
    const expected = (revision: number) => (revision === 0 ? ('no_stream' as const) : revision - 1)
    const latencies = { store: [] as number[], raw: [] as number[], callers: [] as number[] }
    const rate = (count: number, from: number) => (count / (performance.now() - from)) * 1_000
    try {
      const one = await warmed(rounds, {
        store: async () => {
          const events = prepare(single)
          const from = performance.now()
          for (const { stream, revision, event } of events) {
            const before = performance.now()
            await store.store.append(stream, [event], expected(revision))
            latencies.store.push(performance.now() - before)
          }
          return rate(single, from)
        },
        raw: () => {
          const events = prepare(single)
          const from = performance.now()
          for (const event of events) {
            const before = performance.now()
            raw.group([event])
            latencies.raw.push(performance.now() - before)
          }
          return rate(single, from)
        },
      })
      const rawOne = { label: 'raw, one caller', rounds: one.raw }
      yield measure(rawOne.label, 'events/s', one.raw, { latencies: latencies.raw.slice(single) })
      yield measure('store, one caller', 'events/s', one.store, {
        latencies: latencies.store.slice(single),
        ratio: ratioOf({ label: 'store', rounds: one.store }, rawOne, least(0.8)),
      })
      const group = await warmed(rounds, {
        store: async () => {
          const events = prepare(many)
          const each = many / CALLERS
          const from = performance.now()
          await Promise.all(
            Array.from({ length: CALLERS }, async (_, caller) => {
              for (const { stream, revision, event } of events.slice(caller * each, (caller + 1) * each)) {
                const before = performance.now()
                await store.store.append(stream, [event], expected(revision))
                latencies.callers.push(performance.now() - before)
              }
            }),
          )
          return rate(many, from)
        },
        raw: () => {
          const events = prepare(many)
          // A group holds one event of each caller, as the store's groups do.
          const each = many / CALLERS
          const groups = Array.from({ length: each }, (_, turn) =>
            Array.from({ length: CALLERS }, (_, caller) => events[caller * each + turn]!),
          )
          const from = performance.now()
          for (const group of groups) raw.group(group)
          return rate(many, from)
        },
      })
      const rawGroup = { label: 'raw, groups of 64', rounds: group.raw }
      yield measure(rawGroup.label, 'events/s', group.raw)
      yield measure('store, 64 callers', 'events/s', group.store, {
        latencies: latencies.callers.slice(many),
        ratio: ratioOf({ label: 'store', rounds: group.store }, rawGroup, least(0.7)),
      })
    } finally {
      await store.close()
      raw.close()
    }
  },
}
