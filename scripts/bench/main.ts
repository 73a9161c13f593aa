/**
 * `npm run bench -- <name>|all [--quick] [--write] [--strict] [--seed <text>]`. Every file beside this one is a benchmark; each of `all`
 * runs in a process of its own, so that none inherits another's memory or compiled code.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { type Bench, holds, type Measure, openContext } from './support/harness.ts'
import { HEADINGS, PAGE, rowsOf, section, settingOf, verdict, writeSection } from './support/page.ts'

/** Where a run keeps what several benchmarks use. */
const SHARED = 'DUBAN_BENCH_SHARED'
/** How a run was asked for, where it is part of `all`. */
const COMMAND = 'DUBAN_BENCH_COMMAND'

const here = fileURLToPath(new URL('.', import.meta.url))

async function findBenches(): Promise<Bench[]> {
  const files = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isFile() && entry.name !== 'main.ts')
  const modules = await Promise.all(files.map(({ name }) => import(new URL(name, import.meta.url).href)))
  return modules.map((module) => module.bench as Bench).sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** A row while it runs, so that a long run shows that it lives. */
function show(each: Measure): void {
  const [label, middle, , percentiles, ratio] = rowsOf([each])[0]!
  process.stderr.write(`  ${[label, middle, percentiles, ratio, verdict(each)].filter(Boolean).join('   ')}\n`)
}

const benches = await findBenches()
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
  },
})
const flags = Object.entries(values).flatMap(([name, value]) =>
  value === true ? [`--${name}`] : name === 'seed' && value !== '1' ? [`--seed=${value}`] : [],
)
const [name] = positionals
const chosen = benches.find((bench) => bench.name === name)

if (name === undefined) {
  for (const bench of benches) console.log(`${bench.name.padEnd(10)} ${bench.target}`)
} else if (name === 'all') {
  const shared = mkdtempSync(join(tmpdir(), 'duban-bench-'))
  const failed: string[] = []
  const skipped: string[] = []
  try {
    for (const bench of benches) {
      const missing = bench.missing?.()
      if (missing !== undefined) {
        skipped.push(bench.name)
        console.error(`SKIPPED ${bench.name}: ${missing}`)
        continue
      }
      const { status } = spawnSync(process.execPath, [join(here, 'main.ts'), bench.name, ...flags], {
        stdio: 'inherit',
        env: { ...process.env, [SHARED]: shared, [COMMAND]: ['npm run bench -- all', ...flags].join(' ') },
      })
      if (status !== 0) failed.push(bench.name)
    }
  } finally {
    rmSync(shared, { recursive: true, force: true })
  }
  if (skipped.length > 0) console.error(`SKIPPED: ${skipped.join(', ')}`)
  if (failed.length > 0) console.error(`failed or missed: ${failed.join(', ')}`)
  process.exitCode = failed.length > 0 ? 1 : 0
} else if (!chosen) {
  console.error(`no benchmark ${name}; there are: ${benches.map((bench) => bench.name).join(', ')}`)
  process.exitCode = 2
} else if (chosen.missing?.() !== undefined) {
  console.error(`${chosen.name} cannot run here: ${chosen.missing()}`)
  process.exitCode = 2
} else {
  const command = process.env[COMMAND] ?? ['npm run bench --', name, ...flags].join(' ')
  const setting = settingOf(command, values.seed, values.quick)
  const { context, close } = openContext({ quick: values.quick, seed: values.seed, shared: process.env[SHARED] })
  const measures: Measure[] = []
  process.stderr.write(`${chosen.name}: ${chosen.target}\n`)
  try {
    for await (const each of chosen.run(context)) {
      measures.push(each)
      show(each)
    }
  } finally {
    close()
  }
  const table = new Table({ head: HEADINGS, style: { head: [], border: [] } })
  table.push(...rowsOf(measures))
  console.log(`${chosen.name}, load at the start ${setting.load.map((each) => each.toFixed(2)).join(' ')}`)
  console.log(table.toString())
  if (values.write) {
    const names = benches.map((bench) => bench.name)
    writeSection(chosen.name, section(chosen, measures, setting), names)
    console.log(`written to ${PAGE}`)
  }
  const missed = measures.filter((each) => !holds(each))
  if (missed.length > 0) console.log(`missed: ${missed.map(({ label }) => label).join('; ')}`)
  process.exitCode = missed.length > 0 && values.strict ? 1 : 0
}
