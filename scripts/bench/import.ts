/** A ledger of a city's seven years, imported whole. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'csv-stringify/sync'
import type { ImportReport } from '../../src/ledger/import.ts'
import { type Bench, interleaved, measure, most, randomFrom } from './support/harness.ts'
import { type CommandFigures, commandOf } from './support/process.ts'

type Report = Pick<ImportReport, 'imported' | 'refused' | 'events'>

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
  what: `\`duban import\` of a CSV of ${ROWS.toLocaleString('en')} generated rows in the shape of a city's request ledger (thirteen columns, four times a row), by
the mapping \`examples/boston311.json\`, into an empty data directory, from the start of the process to its end. Peak is the most memory that
was ever resident (\`VmHWM\`), pages of mapped files included; idle is that of the same command with one row.`,
  target: 'importing a file of 46,638 rows ≤ 60 s; memory flat: peak within 150 MB of idle',
  durability: 'WAL, synchronous=FULL: one fsync a commit',
  async *run(context) {
    let imports = 0
    const importRows = async (rows: number) => {
      const directory = join(context.directory, `import-${imports++}`)
      const file = join(context.directory, `ledger-${rows}.csv`)
      writeFileSync(file, ledger(rows, context.seed))
      const figures = await commandOf<Report>('import', file, '--map', 'examples/boston311.json', '--data', directory)
      const { imported, refused } = figures.result
      if (imported !== rows || refused > 0) throw new Error(JSON.stringify(figures.result).slice(0, 500))
      rmSync(directory, { recursive: true, force: true })
      return figures
    }
    const rows = context.pick(ROWS, 4_000)
    await importRows(1)
    const found = await interleaved(context.pick(3, 1), { idle: () => importRows(1), full: () => importRows(rows) })
    const of = (take: (figures: CommandFigures<Report>, round: number) => number) => found.full.map(take)
    const seconds = of(({ ms }) => ms / 1_000)
    const events = of(({ ms, result }) => (result.events / ms) * 1_000)
    const idle = found.idle.map(({ peak }) => peak / 1_024)
    const above = of(({ peak }, round) => peak / 1_024 - idle[round]!)
    const anonymous = of(({ peakAnonymous }, round) => (peakAnonymous - found.idle[round]!.peakAnonymous) / 1_024)
    const processor = of(({ cpuMs }) => cpuMs / 1_000)
    yield measure('import', 's', seconds, { limit: most(60) })
    yield measure('processor time', 's', processor)
    yield measure('events', 'events/s', events)
    yield measure('idle', 'MB', idle)
    yield measure('peak above idle', 'MB', above, { limit: most(150) })
    yield measure('of it no mapped file', 'MB', anonymous)
  },
}
