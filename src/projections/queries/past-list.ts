/** A list of cases or visits as it was: folded from the log, put into rows of the same table, asked by the same queries. */
import { DatabaseSync } from 'node:sqlite'
import { categoryOf, type Recorded } from '../../domain/event.ts'
import { isCorrection } from '../../domain/history.ts'
import { boundMs, type EffectiveTime, sortKey } from '../../domain/time.ts'
import type { EventLog } from '../../store/port.ts'
import { caseRows, casesTable } from '../cases/row.ts'
import { eventLifter, readStream } from '../decoding.ts'
import type { DeciderOf, TableDefinition } from '../projection.ts'
import { allocatedNumber, peopleTable, relationOf, type SeriesNumber, type StreamRows } from '../stream-rows.ts'
import { foldAll, foldEvent, foldWithParking, type StreamFold } from '../streams.ts'
import { createTable } from '../tables.ts'
import { visitRows, visitsTable } from '../visits/projection.ts'
import type { RowTables, Totals } from './conditions.ts'

/** A past list in memory. */
export interface PastRows extends RowTables {
  readonly count: number
  readonly totals: Totals
}

/** Lists that can be asked as they were, by category. */
const lists = {
  complaint: { rows: caseRows, table: casesTable },
  visit: { rows: visitRows, table: visitsTable },
} as const satisfies Readonly<Record<string, { rows: StreamRows; table: TableDefinition }>>
export type PastCategory = keyof typeof lists

interface Folding {
  fold: StreamFold | undefined
  /** A later step had not happened yet: nothing after it is seen. */
  ended: boolean
  /** To be folded from the log as a whole: it holds corrections, or a step failed. */
  anew: boolean
}

const PAGE = 1_000
/** Milliseconds of work between two turns of the event loop. */
const SLICE_MS = 30

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/**
 * Folds every complaint (or visit) of the first `asOf` events, as far as it had happened by `effectiveAt`.
 * @throws UnknownEvent
 */
export async function foldPastList(
  log: EventLog,
  deciders: DeciderOf,
  asOf: number,
  effectiveAt: EffectiveTime | undefined,
  wanted: PastCategory = 'complaint',
): Promise<PastRows> {
  const decider = deciders(wanted)
  if (!decider) throw new TypeError(`no decider of ${wanted}`)
  const { rows, table } = lists[wanted]
  const lift = eventLifter(log, deciders)
  const bound = effectiveAt === undefined ? Number.POSITIVE_INFINITY : boundMs(effectiveAt)
  const cases = new Map<string, Folding>()
  const numbers = new Map<string, SeriesNumber>()
  let until = performance.now() + SLICE_MS
  let worked = 0
  const isTired = () => ++worked % 16 === 0 && performance.now() >= until
  const breathe = async () => {
    await turn()
    until = performance.now() + SLICE_MS
  }

  const take = (event: Recorded) => {
    const folding = cases.get(event.stream) ?? { fold: undefined, ended: false, anew: false }
    cases.set(event.stream, folding)
    if (isCorrection(event)) folding.anew = true
    if (folding.anew) return
    if (folding.ended || sortKey(event.effectiveAt) > bound) {
      folding.ended = true
      if (folding.fold) folding.fold = { ...folding.fold, ...lastOf(event) }
      else folding.fold = { state: decider.initial, steps: 0, ...lastOf(event) }
      return
    }
    try {
      folding.fold = foldEvent(decider, folding.fold, event, () => [])
    } catch {
      folding.anew = true
    }
  }

  for (let from = 0; from < asOf; from += PAGE) {
    for (const [place, envelope] of log.envelopes(from, PAGE, asOf).entries()) {
      const category = categoryOf(envelope.stream)
      if (category === wanted) take(lift(envelope, from + place))
      else if (category === 'numbers') {
        const allocated = allocatedNumber(lift(envelope, from + place))
        if (allocated && !numbers.has(allocated.stream)) numbers.set(allocated.stream, allocated.number)
      }
      if (isTired()) await breathe()
    }
  }

  const db = new DatabaseSync(':memory:')
  createTable(db, 'cases', { ...table, indexes: {} })
  createTable(db, 'people', peopleTable)
  const put = db.prepare(`INSERT INTO cases VALUES (${rows.columns.map(() => '?').join(', ')})`)
  const addPerson = db.prepare('INSERT OR IGNORE INTO people VALUES (?, ?, ?)')
  db.exec('BEGIN')
  let count = 0
  for (const [stream, folding] of cases) {
    const number = numbers.get(stream)
    const show = (fold: StreamFold) => rows.values(stream, fold, number)
    let { fold } = folding
    let values: ReturnType<StreamRows['values']> | undefined
    if (!folding.anew && fold)
      try {
        values = show(fold)
      } catch {
        folding.anew = true
      }
    if (folding.anew) {
      const events = readStream(log, deciders, stream, asOf)
      try {
        fold = foldAll(decider, events, effectiveAt)!
        values = show(fold)
      } catch {
        const { outcome } = foldWithParking(decider, events, show, effectiveAt)
        fold = outcome?.fold
        values = outcome?.shown
      }
    }
    if (values && fold && fold.steps > 0) {
      put.run(...values)
      count++
      for (const one of rows.people(fold, stream)) addPerson.run(one.slice(2), relationOf(one), stream)
    }
    if (isTired()) await breathe()
  }
  db.exec('COMMIT')
  db.exec('CREATE INDEX cases_received ON cases (received_ms DESC, stream) WHERE present = 1')
  return { db, main: 'cases', people: 'people', count, totals: new Map() }
}

const lastOf = ({ revision, index, recordedAt, organisation }: Recorded) => ({
  revision,
  lastIndex: index!,
  recordedAt,
  organisation,
})

/** Past lists kept for paging, newest use last. */
const MOST_LISTS = 4
/** Rows of all kept lists together; about 1 KB each. */
const MOST_ROWS = 300_000

/** The last few past lists by their bounds; the same bounds asked twice at once are folded once. */
export class PastLists {
  readonly #log: EventLog
  readonly #deciders: DeciderOf
  readonly #kept = new Map<string, Promise<PastRows>>()
  constructor(log: EventLog, deciders: DeciderOf) {
    this.#log = log
    this.#deciders = deciders
  }

  /** Works on a past list. The work must be finished when it returns: the rows may be dropped afterwards. */
  async with<T>(
    asOf: number,
    effectiveAt: EffectiveTime | undefined,
    work: (rows: PastRows) => T,
    category: PastCategory = 'complaint',
  ): Promise<T> {
    const key = `${category} ${asOf} ${effectiveAt ?? ''}`
    const rows = this.#kept.get(key) ?? foldPastList(this.#log, this.#deciders, asOf, effectiveAt, category)
    this.#kept.delete(key)
    this.#kept.set(key, rows)
    try {
      const result = work(await rows)
      await this.#trim(key)
      return result
    } catch (error) {
      if (await rows.then(() => false).catch(() => true)) this.#kept.delete(key)
      throw error
    }
  }

  async #trim(used: string): Promise<void> {
    const lists = [...this.#kept].reverse()
    let rows = 0
    for (const [place, [key, promised]] of lists.entries()) {
      const kept = await promised.catch(() => undefined)
      rows += kept?.count ?? 0
      if (key === used || (place < MOST_LISTS && rows <= MOST_ROWS)) continue
      // A list that another caller has taken meanwhile is dropped from here and closed by nobody but the collector.
      this.#kept.delete(key)
    }
  }
}
