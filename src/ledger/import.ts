/** Imports a ledger row by row: each wholly in or out, many at once, and again after a kill without harm. */
import type { Mapping } from './mapping.ts'
import type { Ledger } from './open.ts'
import { type Imported, importedOf, placeOf, planRow, type RowPlace, type RowPlan } from './plan.ts'
import { LedgerError, problem, type RowProblem } from './problem.ts'
import { fingerprintText, type MappedRow, rowReader } from './row.ts'
import type { ImportTarget, RowWrite } from './target.ts'

/** Progress, as often as rows are finished. */
export interface ImportProgress {
  readonly rows: number
  readonly imported: number
  readonly repeated: number
  readonly refused: number
  /** Part of the file read, 0 to 1; over both passes of a strict import. */
  readonly fraction: number
}

/** What an import did, or would do. imported + repeated + refused = rows. */
export interface ImportReport {
  readonly file: string
  readonly rows: number
  readonly imported: number
  readonly repeated: number
  readonly refused: number
  /** Events recorded, or that would be. */
  readonly events: number
  /** By row, then as the columns stand in the mapping; the first {@link MAX_PROBLEMS} of them. */
  readonly errors: readonly RowProblem[]
  /** How many more there were. */
  readonly errorsOmitted: number
  /** Whether anything was to be written: not in a dry run, and not in a strict import that met a refused row. */
  readonly written: boolean
  /** SHA-256 of the file: a confirmation expects the one of its dry run. */
  readonly sha256: string
}

/** Most problems kept for a report; beyond it they are counted. */
export const MAX_PROBLEMS = 10_000

export interface ImportOptions {
  readonly ledger: Ledger
  readonly mapping: Mapping
  readonly target: ImportTarget
  /** Writes nothing and reports what would be. */
  readonly dryRun?: boolean
  /** Imports nothing where any row is refused: a dry run goes first. */
  readonly strict?: boolean
  /** SHA-256 that the file must still have. */
  readonly expectedSha256?: string | undefined
  /** Rows under way at once; the store commits them in groups. */
  readonly concurrency?: number
  readonly onProgress?: (progress: ImportProgress) => void
  /** Stops taking rows; those under way finish. */
  readonly signal?: AbortSignal | undefined
}

/** How often a row is decided again after another writer came first. */
const ATTEMPTS = 4

/** What was planned in a dry run, a text a case. */
class Overlay {
  readonly #cases = new Map<string, string>()

  get(stream: string): Imported | undefined {
    const text = this.#cases.get(stream)
    return text === undefined ? undefined : (JSON.parse(text) as Imported)
  }

  set(stream: string, imported: Imported): void {
    this.#cases.set(stream, JSON.stringify(imported))
  }
}

class Tally {
  rows = 0
  imported = 0
  repeated = 0
  refused = 0
  events = 0
  readonly problems: RowProblem[] = []
  omitted = 0

  refuse(problems: readonly RowProblem[]): void {
    this.refused++
    const seen = new Set<string>()
    for (const one of problems) {
      const id = `${one.column}\n${one.code}`
      if (seen.has(id)) continue
      seen.add(id)
      if (this.problems.length < MAX_PROBLEMS) this.problems.push(one)
      else this.omitted++
    }
  }
}

interface Pass {
  readonly options: ImportOptions
  readonly organisation: string
  readonly write: boolean
  readonly tally: Tally
  /** Of a dry run: what the rows before would have imported. */
  readonly overlay: Overlay | undefined
  /** Streams that a row of this file was imported to or found equal to. */
  readonly seen: Set<string>
}

/** Loads, plans and writes one row. Never two at once for one stream. */
async function importRow(pass: Pass, place: RowPlace, mapped: MappedRow): Promise<void> {
  const { tally } = pass
  const { target, mapping } = pass.options
  if (mapped.key && (await target.isOwn?.(mapping.source, mapped.key))) {
    tally.repeated++
    return
  }
  const officeText = mapped.texts.find(({ slot }) => slot === 'office')?.text
  const office = officeText ? await target.office(pass.organisation, officeText) : undefined
  const again = pass.seen.has(place.stream)
  for (let attempt = 1; ; attempt++) {
    const planned = pass.overlay?.get(place.stream)
    const stored = planned ? undefined : await target.load(place.stream)
    const before = planned ?? (stored ? importedOf(stored.events) : undefined)
    const plan = planRow({ ids: target, mapping, place, office, again }, mapped, before)
    if (plan.kind === 'repeated') {
      pass.seen.add(place.stream)
      tally.repeated++
      return
    }
    if (plan.kind === 'refused') {
      tally.refuse(plan.problems)
      return
    }
    pass.overlay?.set(place.stream, plan.imported)
    const written = pass.write
      ? await target.append(writeOf(mapped, place, plan, stored?.revision))
      : { ok: true as const }
    if (written.ok) {
      pass.seen.add(place.stream)
      tally.imported++
      tally.events += plan.events.length
      return
    }
    if (written.reason === 'refused') {
      tally.refuse([problem(mapped.row, null, 'row-rejected', { value: written.code })])
      return
    }
    if (attempt >= ATTEMPTS) {
      tally.refuse([problem(mapped.row, null, 'row-conflict')])
      return
    }
  }
}

const writeOf = (
  mapped: MappedRow,
  place: RowPlace,
  plan: Extract<RowPlan, { kind: 'new' | 'more' }>,
  revision: number | undefined,
): RowWrite => ({
  row: mapped.row,
  stream: place.stream,
  expected: revision ?? 'no_stream',
  organisation: place.organisation,
  commandId: plan.commandId,
  requestMac: plan.requestMac,
  subject: plan.subject,
  events: plan.events,
  ...(plan.person ? { person: plan.person } : {}),
  ...(plan.office === undefined ? {} : { office: plan.office }),
})

/** Keys of rows; where the ledger has none, the row's content and its place among equal rows. */
function keyer({ mapping, target }: ImportOptions, organisation: string) {
  const occurrences = new Map<string, number>()
  return (mapped: MappedRow): RowPlace => {
    if (mapped.key) return placeOf(target, organisation, mapping.source, mapped.key)
    const print = target.mac('row', JSON.stringify([organisation, mapping.source, fingerprintText(mapped)]))
    const occurrence = (occurrences.get(print) ?? 0) + 1
    occurrences.set(print, occurrence)
    return placeOf(target, organisation, mapping.source, ['\u0000row', print, String(occurrence)])
  }
}

/** Runs tasks with a bound on how many are under way, those of one name one after the other. */
class Lanes {
  readonly #limit: number
  readonly #last = new Map<string, Promise<void>>()
  #running = 0
  #wake: (() => void) | undefined
  failure: { error: unknown } | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  async run(name: string, task: () => Promise<void>): Promise<void> {
    while (this.#running >= this.#limit) await this.#change()
    if (this.failure) throw this.failure.error
    this.#running++
    const before = this.#last.get(name)
    const work = (async () => {
      await before
      if (!this.failure) await task()
    })()
      .catch((error: unknown) => {
        this.failure ??= { error }
      })
      .finally(() => {
        this.#running--
        if (this.#last.get(name) === work) this.#last.delete(name)
        this.#wake?.()
      })
    this.#last.set(name, work)
  }

  /** Waits for all that is under way. @throws what the first failed task threw */
  async settle(): Promise<void> {
    while (this.#running > 0) await this.#change()
    if (this.failure) throw this.failure.error
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined
        resolve()
      }
    })
  }
}

async function runPass(pass: Pass, fraction: (progress: number) => number): Promise<void> {
  const { options, tally } = pass
  const { ledger, mapping, target, signal } = options
  const read = rowReader(mapping, ledger)
  const placeFor = keyer(options, pass.organisation)
  const lanes = new Lanes(options.concurrency ?? 128)
  const report = () =>
    options.onProgress?.({
      rows: tally.rows,
      imported: tally.imported,
      repeated: tally.repeated,
      refused: tally.refused,
      fraction: fraction(ledger.progress()),
    })
  try {
    for await (const row of ledger.rows()) {
      signal?.throwIfAborted()
      tally.rows++
      const reading = read(row, target.now())
      if (!reading.ok) tally.refuse(reading.problems)
      else {
        const place = placeFor(reading.mapped)
        await lanes.run(place.stream, () => importRow(pass, place, reading.mapped))
      }
      report()
    }
  } finally {
    // What is under way is finished before anybody hears how it ended.
    await lanes.settle()
  }
  report()
}

const reportOf = (options: ImportOptions, tally: Tally, written: boolean): ImportReport => ({
  file: options.ledger.name,
  rows: tally.rows,
  imported: tally.imported,
  repeated: tally.repeated,
  refused: tally.refused,
  events: tally.events,
  errors: tally.problems.toSorted((a, b) => a.row - b.row),
  errorsOmitted: tally.omitted,
  written,
  sha256: options.ledger.sha256,
})

/**
 * Imports a ledger, or tells what that would do. In a strict import a dry run goes first; where it refuses a row, its report is
 * the answer, with `written: false`.
 * @throws LedgerError for the file as a whole (`ledger-changed` where it is not the one expected), and what the target throws: then
 * the rows acknowledged so far stand, and running again completes the file
 */
export async function importLedger(options: ImportOptions): Promise<ImportReport> {
  const { ledger, mapping, target, dryRun = false, strict = false, expectedSha256 } = options
  if (expectedSha256 !== undefined && expectedSha256 !== ledger.sha256)
    throw new LedgerError('ledger-changed', 'the file is not the one that was checked')
  // Columns are judged before the organisation is registered.
  rowReader(mapping, ledger)
  const { code, name, kind, division } = mapping.organisation
  const spec = { code, name, kind, division }
  const pass = async (write: boolean, fraction: (progress: number) => number) => {
    const { id, events } = await target.organisation(spec, write)
    const tally = new Tally()
    tally.events = events
    const overlay = write ? undefined : new Overlay()
    await runPass({ options, organisation: id, write, tally, overlay, seen: new Set() }, fraction)
    return tally
  }
  if (dryRun) return reportOf(options, await pass(false, (read) => read), false)
  if (!strict) return reportOf(options, await pass(true, (read) => read), true)
  const trial = await pass(false, (read) => read / 2)
  if (trial.refused > 0) return reportOf(options, trial, false)
  return reportOf(options, await pass(true, (read) => 0.5 + read / 2), true)
}
