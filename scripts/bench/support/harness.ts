/**
 * What a benchmark is and how its figures are made: several rounds, arms interleaved within a round, medians; a ratio is taken within
 * each round, so that what the machine does meanwhile meets both sides.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A bound on a figure. */
export interface Limit {
  readonly at: 'least' | 'most'
  readonly value: number
  readonly holds: boolean
}

/** One arm against another. */
export interface Ratio {
  readonly of: string
  readonly to: string
  /** One a round. */
  readonly rounds: readonly number[]
  readonly median: number
  /** Absent where the ratio is only told. */
  readonly at?: Limit['at']
  readonly target?: number
  readonly holds?: boolean
}

export interface Measure {
  readonly label: string
  readonly unit: string
  /** One figure a round. */
  readonly rounds: readonly number[]
  readonly median: number
  /** Of single operations over all rounds, milliseconds. */
  readonly p50?: number
  readonly p95?: number
  readonly p99?: number
  readonly limit?: Limit
  readonly ratio?: Ratio
}

/** What a benchmark may use. */
export interface BenchContext {
  /** Smaller sizes and fewer rounds: shows that it runs, not how fast. */
  readonly quick: boolean
  readonly seed: string
  /** A private directory that is gone afterwards. */
  readonly directory: string
  /** Shared by the benchmarks of one run: what is costly to make is made once. */
  readonly shared: string
  /** The size of a full run, or of a quick one. */
  pick<Value>(full: Value, quick: Value): Value
  /** A line of progress on standard error. */
  note(text: string): void
}

export interface Bench {
  readonly name: string
  /** What is measured and against what, for the page. */
  readonly what: string
  /** What issue and page promise. */
  readonly target: string
  /** How durable the writes of this benchmark are. */
  readonly durability?: string
  /** Why it cannot run here; absent or undefined where it can. */
  missing?(): string | undefined
  run(context: BenchContext): AsyncIterable<Measure>
}

/** The value below which a part of the figures lies; 0 of none. */
export function percentile(figures: readonly number[], part: number): number {
  if (figures.length === 0) return 0
  const sorted = Float64Array.from(figures).sort()
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(part * sorted.length) - 1))]!
}

/** The middle figure, or the mean of the two in the middle. */
export function median(figures: readonly number[]): number {
  if (figures.length === 0) return 0
  const sorted = [...figures].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

const within = (at: Limit['at'], figure: number, bound: number): boolean =>
  at === 'least' ? figure >= bound : figure <= bound

/** A bound on the median. */
export const most = (value: number) => ({ at: 'most', value }) as const
export const least = (value: number) => ({ at: 'least', value }) as const

export function measure(
  label: string,
  unit: string,
  rounds: readonly number[],
  more: { limit?: Omit<Limit, 'holds'>; latencies?: readonly number[]; ratio?: Ratio } = {},
): Measure {
  const middle = median(rounds)
  const { limit, latencies, ratio } = more
  return {
    label,
    unit,
    rounds,
    median: middle,
    ...(latencies
      ? { p50: percentile(latencies, 0.5), p95: percentile(latencies, 0.95), p99: percentile(latencies, 0.99) }
      : {}),
    ...(limit ? { limit: { ...limit, holds: within(limit.at, middle, limit.value) } } : {}),
    ...(ratio ? { ratio } : {}),
  }
}

/** The ratio of two arms of the same rounds, with its bound where one is promised. */
export function ratioOf(
  of: { readonly label: string; readonly rounds: readonly number[] },
  to: { readonly label: string; readonly rounds: readonly number[] },
  bound?: Omit<Limit, 'holds'>,
): Ratio {
  const rounds = of.rounds.map((figure, round) => figure / to.rounds[round]!)
  const middle = median(rounds)
  return {
    of: of.label,
    to: to.label,
    rounds,
    median: middle,
    ...(bound ? { at: bound.at, target: bound.value, holds: within(bound.at, middle, bound.value) } : {}),
  }
}

/** Whether everything that a measure promises holds. */
export const holds = ({ limit, ratio }: Measure): boolean => limit?.holds !== false && ratio?.holds !== false

/** How long something took: by the wall clock, and of processor time of this process, milliseconds. */
export interface Spent {
  readonly ms: number
  readonly cpuMs: number
}

export async function spent(run: () => unknown): Promise<Spent> {
  const cpu = process.cpuUsage()
  const from = performance.now()
  await run()
  const ms = performance.now() - from
  const { user, system } = process.cpuUsage(cpu)
  return { ms, cpuMs: (user + system) / 1000 }
}

/** Runs every arm once a round, in turn forwards and backwards, so that a drift of the machine favours none. */
export async function interleaved<Arm extends string, Figure>(
  rounds: number,
  arms: Readonly<Record<Arm, (round: number) => Promise<Figure> | Figure>>,
): Promise<Record<Arm, Figure[]>> {
  const names = Object.keys(arms) as Arm[]
  const figures = Object.fromEntries(names.map((name) => [name, [] as Figure[]])) as Record<Arm, Figure[]>
  for (let round = 0; round < rounds; round++)
    for (const name of round % 2 === 0 ? names : [...names].reverse()) figures[name].push(await arms[name](round))
  return figures
}

/** A context with directories of its own; `close` removes them. */
export function openContext(options: { quick: boolean; seed: string; shared?: string | undefined }): {
  context: BenchContext
  close(): void
} {
  const directory = mkdtempSync(join(tmpdir(), 'duban-bench-'))
  const context: BenchContext = {
    quick: options.quick,
    seed: options.seed,
    directory,
    shared: options.shared ?? directory,
    pick: (full, quick) => (options.quick ? quick : full),
    note: (text) => process.stderr.write(`  ${text}\n`),
  }
  return { context, close: () => rmSync(directory, { recursive: true, force: true }) }
}

/** Numbers that look random and are the same for the same seed, each in [0, 1). */
export function randomFrom(seed: string): () => number {
  let state = 0x9e3779b9
  for (const character of seed) state = Math.imul(state ^ character.codePointAt(0)!, 0x85ebca6b) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
