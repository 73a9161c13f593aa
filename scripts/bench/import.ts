/** A ledger of a city's seven years, imported whole. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'csv-stringify/sync'
import { type Bench, measure, median, most, randomFrom } from './support/harness.ts'
import type { ImportFigures } from './support/import-child.ts'
import { answerOf } from './support/process.ts'

const ROWS = 46_638
const FIRST = Date.parse('2013-01-01T06:00:00Z')
const SPAN_MS = 7 * 365 * 86_400_000

/** Rows of the shape, the share of missing values and the lengths that such a ledger has; the words are made up. */
function ledger(rows: number, seed: string): string {
  const random = randomFrom(seed)
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!
  const time = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
  const reasons = ['Street Cleaning', 'Animal Issues', 'Housing', 'Code Enforcement', 'Environmental Services']
  const types = ['Pick up Dead Animal', 'Animal Generic Request', 'Rodent Activity', 'Pest Infestation - Residential']
  const places = Array.from({ length: 24 }, (_, place) => `District ${place + 1} / Old Harbour`)
  const records = Array.from({ length: rows }, (_, row) => {
    const opened = FIRST + Math.floor((row / rows) * SPAN_MS)
    const target = random() < 0.596 ? opened + (1 + Math.floor(random() * 30)) * 86_400_000 : undefined
    const closed = random() < 0.64 ? opened + Math.floor(random() * 20 * 86_400_000) : undefined
    const late = target !== undefined && (closed ?? Number.POSITIVE_INFINITY) > target
    return [
      101_000_729_509 + row * 7,
      time(opened),
      target === undefined ? '' : time(target),
      closed === undefined ? '' : time(closed),
      late ? 'OVERDUE' : 'ONTIME',
      closed === undefined ? 'Open' : 'Closed',
      'Public Works Department',
      pick(reasons),
      pick(types),
      `PWDx_${pick(places)}`,
      'PWDx',
      pick(places),
      pick(['Constituent Call', 'Citizens Connect App', 'Self Service', 'Employee Generated']),
    ]
  })
  const header = [
    ...['case_enquiry_id', 'open_dt', 'sla_target_dt', 'closed_dt', 'on_time', 'case_status', 'subject', 'reason'],
    ...['type', 'queue', 'department', 'neighborhood', 'source'],
  ]
  return stringify([header, ...records])
}

export const bench: Bench = {
  name: 'import',
  what: `A CSV of ${ROWS.toLocaleString('en')} generated rows in the shape of a city's request ledger (thirteen columns, four times a row), by the mapping
\`examples/boston311.json\`, into an empty data directory and until the lists show it. In a process of its own: idle is its resident memory
with the service open and nothing done, peak the most that was ever resident (\`VmHWM\`), pages of mapped files included.`,
  target: 'importing a file of 46,638 rows ≤ 60 s; memory flat: peak within 150 MB of idle',
  durability: 'WAL, synchronous=FULL: one fsync a commit',
  async *run(context) {
    const rows = context.pick(ROWS, 4_000)
    const file = join(context.directory, 'ledger.csv')
    writeFileSync(file, ledger(rows, context.seed))
    const found: ImportFigures[] = []
    for (let round = 0; round < context.pick(3, 1); round++) {
      const directory = join(context.directory, `import-${round}`)
      const figures = await answerOf<ImportFigures>('./import-child.ts', directory, file, 'examples/boston311.json')
      if (figures.imported !== rows || figures.refused > 0) throw new Error(JSON.stringify(figures))
      found.push(figures)
      rmSync(directory, { recursive: true, force: true })
    }
    const all = (of: (figures: ImportFigures) => number) => found.map(of)
    yield measure(
      'import',
      's',
      all(({ ms }) => ms / 1_000),
      { limit: most(60) },
    )
    yield measure(
      'processor time',
      's',
      all(({ cpuMs }) => cpuMs / 1_000),
    )
    yield measure(
      'rows',
      'rows/s',
      all(({ ms }) => (rows / ms) * 1_000),
    )
    yield measure(
      'events',
      'events/s',
      all(({ ms, events }) => (events / ms) * 1_000),
    )
    yield measure(
      'idle',
      'MB',
      all(({ idle }) => idle / 1_024),
    )
    yield measure(
      'peak above idle',
      'MB',
      all(({ idle, peak }) => (peak - idle) / 1_024),
      { limit: most(150) },
    )
    yield measure(
      'of it no mapped file',
      'MB',
      all(({ idleAnonymous, peakAnonymous }) => (peakAnonymous - idleAnonymous) / 1_024),
    )
    context.note(`${median(all(({ events }) => events))} events`)
  },
}
