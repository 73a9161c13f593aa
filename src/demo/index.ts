/** The demonstration county: generated, recorded day by day by a simulated clock, usable at once. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type CivilDate, civilDate, dayNumber, startOfDayMs } from '../domain/time.ts'
import { openService } from '../service.ts'
import { writeInstallation } from '../store/installation.ts'
import { foundCounty } from './county.ts'
import { Past } from './past.ts'
import { Random } from './random.ts'
import { Simulation } from './simulation.ts'
import { Stars } from './stars.ts'

export { type DemoToken, demoTokens, type Try, triesOf } from './tries.ts'

export const demoDefaults = { offices: 42, complaints: 3_000, years: 3, until: '2026-06-30', seed: '1' } as const

export interface DemoOptions {
  readonly directory: string
  readonly masterKeyFile: string
  /** The cluster, its vault and its evidence, where the county is to live in one. */
  readonly clusterUrl?: string | undefined
  readonly vaultUrl?: string | undefined
  readonly evidence?: string | undefined
  readonly offices?: number
  readonly complaints?: number
  readonly years?: number
  /** Last day that is recorded. */
  readonly until: CivilDate
  readonly seed?: string
  readonly onProgress?: (text: string) => void
}

export interface DemoMade {
  readonly offices: number
  readonly complaints: number
  readonly events: number
  /** Index of the last event. */
  readonly index: number
}

/** Stands in a directory while it is being filled: what a killed run left is half a county, which nobody should take for a whole one. */
const UNFINISHED = 'demo.unfinished'

/** Whether a demo was begun in the directory and never finished. */
export const isUnfinishedDemo = (directory: string): boolean => existsSync(join(directory, UNFINISHED))

/** The directory, or the cluster, to fill holds something. */
export class DemoRefused extends Error {
  readonly code: 'data-directory-not-empty' | 'cluster-not-empty'
  constructor(code: DemoRefused['code'], what: string) {
    super(what)
    this.code = code
  }
}

/**
 * Fills an empty directory, or one that an earlier run left unfinished. The same options give the same events (keys, nonces and file bytes
 * differ). On failure the directory is empty again; a cluster keeps what was recorded, for nothing deletes there.
 * @throws DemoRefused, StoreError
 */
export async function createDemo(options: DemoOptions): Promise<DemoMade> {
  const { directory } = options
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  // A vault that nodes share outlives the directory, and so must the key that it is wrapped under.
  const kept = options.vaultUrl === undefined ? undefined : resolve(options.masterKeyFile)
  const names = () => readdirSync(directory).filter((name) => resolve(directory, name) !== kept)
  const empty = () => {
    for (const name of names()) rmSync(join(directory, name), { recursive: true, force: true })
  }
  if (isUnfinishedDemo(directory)) empty()
  if (names().length > 0) throw new DemoRefused('data-directory-not-empty', directory)
  writeFileSync(join(directory, UNFINISHED), '')
  try {
    const made = await generate(options)
    rmSync(join(directory, UNFINISHED))
    return made
  } catch (error) {
    empty()
    throw error
  }
}

async function generate(options: DemoOptions): Promise<DemoMade> {
  const { offices, complaints, years, seed } = { ...demoDefaults, ...definedOf(options) }
  const first = civilDate(dayNumber(options.until) - Math.round(years * 365.25))
  let clock = startOfDayMs(first)
  const service = await openService({
    directory: options.directory,
    masterKeyFile: options.masterKeyFile,
    clusterUrl: options.clusterUrl,
    vaultUrl: options.vaultUrl,
    evidence: options.evidence,
    evidenceLimit: 0,
    now: () => clock,
    machineNow: Date.now,
  })
  try {
    if (await service.backend.hasEvents()) throw new DemoRefused('cluster-not-empty', 'the cluster holds events')
    await service.caughtUp()
    writeInstallation(options.directory, { demo: true })
    const random = new Random(seed)
    const simulation = new Simulation(service, seed, (ms) => {
      clock = ms
    })
    const county = await foundCounty(simulation, random, offices, first)
    service.projections.wake()
    await service.projections.catchUp()
    const setClock = (ms: number) => {
      clock = ms
    }
    const { until } = options
    const past = new Past({ service, simulation, random, county, first, until, setClock })
    const openGrave = (office: string, ms: number) => past.beginGrave(office, ms)
    const stars = new Stars({ service, simulation, county, seed, first, openGrave })
    const lastDay = dayNumber(options.until)
    const days = lastDay - dayNumber(first)
    for (let day = dayNumber(first) + 1; day <= lastDay; day++) {
      const done = day - dayNumber(first)
      await stars.live(civilDate(day))
      await past.live(civilDate(day), Math.round((complaints * done) / days) - past.complaints)
      if (done % 180 === 0)
        options.onProgress?.(`  ${civilDate(day)}：投诉 ${past.complaints} 件，记录 ${service.log.size()} 条`)
    }
    await simulation.flush()
    service.projections.wake()
    await service.projections.catchUp()
    const events = service.log.size()
    return { offices: county.offices.length, complaints: past.complaints, events, index: events - 1 }
  } finally {
    await service.close()
  }
}

const definedOf = (options: DemoOptions) =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as typeof options
