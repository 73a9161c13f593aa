/** The demonstration county: generated, recorded day by day by a simulated clock, usable at once. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { commandIdFor } from '../commands/ids.ts'
import { asOperator } from '../commands/initialise.ts'
import { roleTerms } from '../domain/catalogue/registry.ts'
import { term } from '../domain/catalogue/terms.ts'
import { type ComplaintState, initialComplaint } from '../domain/complaint/state.ts'
import {
  type CivilDate,
  civilDate,
  DAY_MS,
  dateOfMs,
  dayNumber,
  instantOfMs,
  sortKey,
  startOfDayMs,
} from '../domain/time.ts'
import { openService, type Service } from '../service.ts'
import { writeInstallation } from '../store/installation.ts'
import { type County, foundCounty, type Person } from './county.ts'
import { consultations, reasons } from './names.ts'
import { Random } from './random.ts'
import { Simulation } from './simulation.ts'
import { Stars } from './stars.ts'
import { type Complainant, inventComplainant, type Story, tellGraveStory, tellStory } from './story.ts'

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

/** One running case and what comes next in its story. */
interface Running {
  readonly story: Story
  stream: string
  place: number
  /** Time of the last step as it happened. */
  lastMs: number
}

const HOUR = 3_600_000
/** Days recorded in one group: a commit waits for the disk, and a thousand of them would be most of the work. */
const FLUSH_DAYS = 7

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
    const past = new Past(service, simulation, random, county, (ms) => {
      clock = ms
    })
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

/** Lives the days one after the other. */
class Past {
  readonly #service: Service
  readonly #simulation: Simulation
  readonly #random: Random
  readonly #county: County
  readonly #setClock: (ms: number) => void
  readonly #agenda = new Map<number, Running[]>()
  readonly #known: Complainant[] = []
  readonly #open: string[] = []
  complaints = 0

  constructor(
    service: Service,
    simulation: Simulation,
    random: Random,
    county: County,
    setClock: (ms: number) => void,
  ) {
    this.#service = service
    this.#simulation = simulation
    this.#random = random
    this.#county = county
    this.#setClock = setClock
  }

  async live(date: CivilDate, opening: number): Promise<void> {
    const random = this.#random
    const weekend = [0, 6].includes(new Date(dayNumber(date) * DAY_MS).getUTCDay())
    let ms = startOfDayMs(date) + 9 * HOUR
    const moment = () => (ms += random.between(60, 600) * 1_000)
    // Weekends: the hotline and the web page go on, the office does not.
    for (let n = weekend ? Math.min(opening, 1) : opening; n > 0; n--) this.#begin(moment())
    const due = this.#agenda.get(dayNumber(date)) ?? []
    this.#agenda.delete(dayNumber(date))
    for (const running of due) {
      if (weekend) this.#plan(running, dayNumber(date) + random.between(1, 3))
      else this.#step(running, moment())
    }
    if (!weekend && random.chance(0.9)) for (let n = random.between(1, 3); n > 0; n--) this.#visit(moment())
    if (dayNumber(date) % FLUSH_DAYS !== 0) return
    await this.#simulation.flush()
    this.#setClock(startOfDayMs(date) + 18 * HOUR)
    if (random.chance(0.6)) await this.#correct()
  }

  /** A complaint of which the meeting will find all that a veto asks for. */
  beginGrave(office: string, ms: number): string {
    const random = new Random(`grave/${office}`)
    const running: Running = { story: tellGraveStory(random, this.#county, office), stream: '', place: 0, lastMs: 0 }
    this.complaints++
    this.#step(running, ms)
    return running.stream
  }

  #begin(ms: number): void {
    const random = this.#random
    const who = this.#known.length > 20 && random.chance(0.06) ? random.pick(this.#known) : inventComplainant(random)
    const story = tellStory(random, this.#county, who)
    if (!story.anonymous) this.#known.push(who)
    const running: Running = { story, stream: '', place: 0, lastMs: 0 }
    this.complaints++
    this.#step(running, ms)
    this.#open.push(running.stream)
  }

  #step(running: Running, recordedMs: number): void {
    const random = this.#random
    const step = running.story.steps[running.place]!
    // Most is written down at once, some the days after, a little weeks late: that is what two times are for.
    const lagDays = random.weighted([
      [0, 78],
      [1, 10],
      [random.between(2, 4), 9],
      [random.between(8, 20), 3],
    ] as const)
    const effectiveMs = Math.max(
      running.lastMs + 60_000,
      recordedMs - lagDays * DAY_MS - random.between(0, 40) * 60_000,
    )
    const effective = Math.min(effectiveMs, recordedMs)
    const onlyDay = lagDays > 0 && random.chance(0.4) && dateOfMs(effective) > dateOfMs(running.lastMs)
    running.stream = this.#simulation.act({
      category: 'complaint',
      ...(running.place === 0 ? {} : { stream: running.stream }),
      action: step.action,
      body: step.body,
      actor: actorOf(step.by),
      organisation: this.#county.bureau,
      recordedMs,
      effectiveAt: onlyDay ? dateOfMs(effective) : instantOfMs(effective),
    })
    running.lastMs = onlyDay ? sortKey(dateOfMs(effective)) : effective
    running.place++
    const next = running.story.steps[running.place]
    // A few cases simply lie there: the officer's daily bread.
    if (next && !random.chance(0.004)) this.#plan(running, dayNumber(dateOfMs(recordedMs)) + Math.max(1, next.days))
  }

  #plan(running: Running, day: number): void {
    const list = this.#agenda.get(day)
    if (list) list.push(running)
    else this.#agenda.set(day, [running])
  }

  #visit(ms: number): void {
    const random = this.#random
    const by = random.pick(this.#county.people.filter((person) => person.role === 'reception'))
    this.#simulation.act({
      category: 'visit',
      action: 'register',
      body: visitBody(random, inventComplainant(random)),
      actor: actorOf(by),
      organisation: this.#county.bureau,
      recordedMs: ms,
    })
  }

  /** Something was written down wrongly and is put right: through the real command path. */
  async #correct(): Promise<void> {
    const random = this.#random
    if (this.#open.length === 0) return
    const stream = random.pick(this.#open)
    const state = this.#simulation.state<ComplaintState>(stream) ?? initialComplaint
    const loaded = await this.#service.load(stream, this.#service.categories.complaint!.decider)
    const target = loaded.events.findLast((event) =>
      ['NoteAdded', 'ComplainantNotified', 'DefenceWaived'].includes(event.type),
    )
    if (!target || target.effectiveAt.length === 10 || state.status === 'archived') return
    const director = this.#county.people.find((person) => person.role === 'centre-director')!
    const voids = random.chance(0.4)
    const data = target.type === 'NoteAdded' ? { text: '走访当事人并制作笔录，补记时间。' } : target.data
    const result = await this.#service.execute({
      category: 'complaint',
      stream,
      action: 'correct',
      body: [
        voids
          ? { mode: 'void', event: target.id, reason: random.pick(reasons) }
          : { mode: 'replace', event: target.id, reason: random.pick(reasons), data, effectiveAt: target.effectiveAt },
      ],
      commandId: commandIdFor('demo-correct', stream, target.id),
      requestMac: '',
      principal: this.#service.people.principal(director.id)!,
    })
    if (result.ok) await this.#simulation.reload(stream, 'complaint')
  }
}

const actorOf = (person: Person) => ({ person: person.id, role: person.role, organisation: person.organisation })

const visitBody = (random: Random, who: Complainant) => ({
  channel: random.pick(['visit', 'call'] as const),
  item: random.pick(['legal-consultation', 'legal-aid-application', 'complaints-and-suggestions'] as const),
  visitor: { name: who.name, phone: who.phone },
  matter: random.pick(consultations),
})

export interface DemoToken {
  readonly role: string
  readonly name: string
  readonly token: string
}

/** A fresh token for one person of each role; a demo's only. */
export async function demoTokens(service: Service): Promise<DemoToken[]> {
  const tokens: DemoToken[] = []
  const seen = new Set<string>()
  for (const person of service.people.persons()) {
    const role = person.grants[0]?.role
    if (role === undefined || seen.has(role)) continue
    seen.add(role)
    const made = service.newToken(person.id)
    await asOperator(
      service,
      'person',
      'issueToken',
      { token: made.token, hash: made.hash },
      {
        stream: `person-${person.id}`,
        commandId: commandIdFor('demo-token', made.token),
      },
    )
    tokens.push({ role: term(roleTerms, role), name: person.name, token: made.text })
  }
  return tokens
}

/** Something worth trying: what it shows, and what to type. */
export interface Try {
  readonly shows: string
  /** Lines for a shell, to be pasted as they are. */
  readonly lines: readonly string[]
}

/** Things worth trying, with an address and a token that work: from one star back to the event that cost it. */
export function triesOf(service: Service, address: string, tokens: readonly DemoToken[]): Try[] {
  const token = (role: string) => tokens.find((each) => each.role === term(roleTerms, role))?.token ?? ''
  const start: Try = {
    shows: '在另一个终端、同一目录，先执行这两行（以审计员的身份）',
    lines: [`export DUBAN_TOKEN=${token('auditor')}`, `duban() { npm run -s duban -- --url ${address} "$@"; }`],
  }
  const general: Try[] = [
    start,
    { shows: '星级排名', lines: ['duban rate --rank'] },
    { shows: '督办看板上最急的', lines: ['duban board --light red'] },
  ]
  const browse: Try = { shows: `在浏览器打开 ${address}/docs，点 Authorize，粘贴任一令牌，试用全部接口`, lines: [] }
  const affected = service.rating.affected({})
  const lost = affected.ok
    ? affected.value.find(({ from, to, causes }) => to < from && causes.some(({ cause }) => cause === 'late-evidence'))
    : undefined
  const cause = lost?.causes.find((each) => each.cause === 'late-evidence')
  if (!lost || !cause || cause.index === null) return [...general, browse]
  const { office, effectiveAt } = lost
  const name = service.people.office(office)?.name ?? office
  const [before, after] = [cause.index - 1, cause.index]
  return [
    ...general,
    { shows: '哪些已公布的星级后来站不住了，因为哪条记录', lines: ['duban affected'] },
    {
      shows: `${name}少了哪颗星、凭哪条记录：未获得的星在最前`,
      lines: [`duban rate --office ${office} --effective-at ${effectiveAt}`],
    },
    {
      shows: `那条记录（序号 ${after}）是谁登记的：发生在前，登记在后，标有“补录”`,
      lines: [`duban history ${office} --category record`],
    },
    {
      shows: '登记之前与之后各是几星',
      lines: [`duban compare asOf=${before},effectiveAt=${effectiveAt} asOf=${after},effectiveAt=${effectiveAt}`],
    },
    {
      shows: '该所的档案在这两个时点的差别',
      lines: [`duban diff ${office} asOf=${before} asOf=${after} --category record`],
    },
    browse,
  ]
}
