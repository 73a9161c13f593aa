/** Lives the days one after the other: who comes, what is due in the stories begun, what is put right, and what the supervision officer does. */
import { commandIdFor } from '../commands/ids.ts'
import { periodOf } from '../domain/bulletin.ts'
import { type ComplaintState, initialComplaint } from '../domain/complaint/state.ts'
import { defaultPractice } from '../domain/practice.ts'
import { casesToVisit, type PlanState, returnPlanStream } from '../domain/return-visit/index.ts'
import {
  type CivilDate,
  civilDate,
  DAY_MS,
  dateOf,
  dateOfMs,
  dayNumber,
  instantOfMs,
  sortKey,
  startOfDayMs,
} from '../domain/time.ts'
import type { Service } from '../service.ts'
import type { County, Person } from './county.ts'
import { reasons } from './names.ts'
import { type About, tellItem, tellPenalty, tellReturnVisit, tellStubbornItem } from './oversight.ts'
import { Random } from './random.ts'
import type { Simulation } from './simulation.ts'
import { type Complainant, inventComplainant, type Story, tellGraveStory, tellStory } from './story.ts'
import { tellVisit } from './visits.ts'

const HOUR = 3_600_000
/** Hours of a day in which something is written down, and the least seconds that it takes. */
const DESK_HOURS = 7
const LEAST_S = 20
/** Days recorded in one group: a commit waits for the disk, and a thousand of them would be most of the work. */
const FLUSH_DAYS = 7
/** Last days in which return visits are planned, the stubborn item is told, a penalty case is filed, and duties are laid down. */
const LAST = { visits: 65, stubborn: 44, penalty: 50, practice: 80 } as const

export interface PastPorts {
  readonly service: Service
  readonly simulation: Simulation
  readonly random: Random
  readonly county: County
  readonly first: CivilDate
  readonly until: CivilDate
  readonly setClock: (ms: number) => void
}

/** One running case and what comes next in its story. */
interface Running {
  readonly story: Story
  stream: string
  place: number
  /** Time of the last step as it happened. */
  lastMs: number
}

const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1)
const actorOf = ({ id, role, organisation }: Person) => ({ person: id, role, organisation })

export class Past {
  readonly #ports: PastPorts
  readonly #random: Random
  /** What is to be done on a day, given the moment; on a day off it waits. */
  readonly #agenda = new Map<number, ((recordedMs: number) => void)[]>()
  readonly #known: Complainant[] = []
  readonly #open: string[] = []
  readonly #done = new Set<string>()
  complaints = 0

  constructor(ports: PastPorts) {
    this.#ports = ports
    this.#random = ports.random
  }

  async live(date: CivilDate, opening: number): Promise<void> {
    const random = this.#random
    const { service, simulation, setClock } = this.#ports
    const day = dayNumber(date)
    const works = service.book.rules().calendars.at(date).isWorkday(day)
    if (works) await this.#oversee(date)
    const due = this.#agenda.get(day) ?? []
    this.#agenda.delete(day)
    // After the long holidays so much is waiting that a day would not hold it at the usual pace.
    const pace = Math.min(600, Math.floor((2 * DESK_HOURS * 3_600) / (opening + due.length + 4)) - LEAST_S)
    let ms = startOfDayMs(date) + 9 * HOUR
    const moment = () => (ms += random.between(LEAST_S, Math.max(LEAST_S, pace)) * 1_000)
    // Days off: the hotline and the web page go on, the office does not.
    for (let n = works ? opening : Math.min(opening, 1); n > 0; n--) this.#complain(moment())
    for (const task of due) {
      if (works) task(moment())
      else this.#on(day + random.between(1, 2), task)
    }
    if (works && random.chance(0.9))
      for (let n = random.between(1, 3); n > 0; n--)
        this.#begin(tellVisit(random, this.#ports.county, inventComplainant(random)), moment())
    if (day % FLUSH_DAYS !== 0) return
    await simulation.flush()
    setClock(startOfDayMs(date) + 18 * HOUR)
    if (random.chance(0.6)) await this.#correct()
  }

  /** A complaint of which the meeting will find all that a veto asks for. */
  beginGrave(office: string, ms: number): string {
    const story = tellGraveStory(new Random(`grave/${office}`), this.#ports.county, office)
    this.complaints++
    return this.#begin(story, ms).stream
  }

  #complain(ms: number): void {
    const random = this.#random
    const who = this.#known.length > 20 && random.chance(0.06) ? random.pick(this.#known) : inventComplainant(random)
    const running = this.#begin(tellStory(random, this.#ports.county, who), ms)
    if (!this.#complaint(running.stream).anonymous) this.#known.push(who)
    this.complaints++
    this.#open.push(running.stream)
  }

  #complaint(stream: string): ComplaintState {
    return this.#ports.simulation.state<ComplaintState>(stream) ?? initialComplaint
  }

  #begin(story: Story, ms: number): Running {
    const running: Running = { story, stream: '', place: 0, lastMs: 0 }
    this.#step(running, ms)
    return running
  }

  #on(day: number, task: (recordedMs: number) => void): void {
    const tasks = this.#agenda.get(day)
    if (tasks) tasks.push(task)
    else this.#agenda.set(day, [task])
  }

  #step(running: Running, recordedMs: number): void {
    const random = this.#random
    const { simulation, county } = this.#ports
    const { story, place } = running
    const { action, by, body } = story.steps[place]!
    const { effectiveAt, effectiveMs } = this.#happened(running, recordedMs)
    running.stream = simulation.act({
      category: story.category,
      ...(place === 0 ? {} : { stream: running.stream }),
      action,
      body: typeof body === 'function' ? body(simulation.state(running.stream) as never, recordedMs) : body,
      actor: actorOf(by),
      organisation: county.bureau,
      recordedMs,
      effectiveAt,
      ...(place === 0 && story.facts ? { facts: story.facts } : {}),
    })
    running.lastMs = effectiveMs
    running.place++
    if (story.category === 'complaint' && action === 'decideAtMeeting') this.#penalise(running.stream, by, recordedMs)
    const next = story.steps[running.place]
    if (!next) return
    const day = dayNumber(dateOfMs(recordedMs))
    const soon = recordedMs + random.between(8, 40) * 60_000
    const later = (ms: number) => this.#step(running, ms)
    if (next.days === 0 && soon < startOfDayMs(dateOfMs(recordedMs)) + 17 * HOUR) later(soon)
    // A few cases lie there for weeks, and some of them the officer takes up: his daily bread.
    else if (story.category === 'complaint' && random.chance(0.006)) {
      this.#on(day + next.days + random.between(15, 40), later)
      const about = { source: 'complaint', category: 'complaint', case: idOf(running.stream) }
      if (random.chance(0.4)) this.#on(day + next.days + 8, (ms) => this.#supervise(about, ms))
    } else this.#on(day + Math.max(1, next.days), later)
  }

  /** Most is written down at once, some the days after, a little weeks late: that is what two times are for. */
  #happened({ story, lastMs }: Running, recordedMs: number): { effectiveAt: string; effectiveMs: number } {
    if (story.category !== 'complaint') return { effectiveAt: instantOfMs(recordedMs), effectiveMs: recordedMs }
    const random = this.#random
    const lagDays = random.weighted([
      [0, 78],
      [1, 10],
      [random.between(2, 4), 9],
      [random.between(8, 20), 3],
    ] as const)
    const happened = Math.max(lastMs + 60_000, recordedMs - lagDays * DAY_MS - random.between(0, 40) * 60_000)
    const effectiveMs = Math.min(happened, recordedMs)
    const date = dateOfMs(effectiveMs)
    const onlyDay = lagDays > 0 && random.chance(0.4) && date > dateOfMs(lastMs)
    return onlyDay
      ? { effectiveAt: date, effectiveMs: sortKey(date) }
      : { effectiveAt: instantOfMs(effectiveMs), effectiveMs }
  }

  /** Opens an item; answers its id. */
  #supervise(about: (About & { source: string }) | undefined, ms: number, tell = tellItem): string {
    const { service, county } = this.#ports
    const facts = { practice: service.facts.practice(county.bureau, instantOfMs(ms)) }
    return idOf(this.#begin({ ...tell(this.#random, county, about), facts }, ms).stream)
  }

  /** Of the last decisions that find fault one becomes a penalty case. */
  #penalise(stream: string, leader: Person, ms: number): void {
    const { outcome, throughFault, respondentOffice: office, kind, receivedAt } = this.#complaint(stream)
    if (outcome !== 'substantiated' || !throughFault || !office || !kind || receivedAt === undefined) return
    if (!this.#isTime('penalty', dateOfMs(ms))) return
    const { simulation, county } = this.#ports
    const from = { complaint: idOf(stream), office, kind, actOn: civilDate(dayNumber(dateOf(receivedAt)) - 20) }
    const penalty = this.#begin(tellPenalty(this.#random, county, from), ms + 60_000)
    simulation.act({
      category: 'complaint',
      stream,
      action: 'openPenaltyCase',
      body: { case: idOf(penalty.stream) },
      actor: actorOf(leader),
      organisation: county.bureau,
      recordedMs: ms + 120_000,
    })
  }

  /** Whether the last days have come in which something is done once, and it is not done yet; it counts as done then. */
  #isTime(what: keyof typeof LAST, date: CivilDate): boolean {
    const { until, first } = this.#ports
    const from = dayNumber(until) - LAST[what]
    if (dayNumber(date) < from || from < dayNumber(first) || this.#done.has(what)) return false
    this.#done.add(what)
    return true
  }

  /** The officer's morning. */
  async #oversee(date: CivilDate): Promise<void> {
    const random = this.#random
    const { until } = this.#ports
    const ms = startOfDayMs(date) + 8.5 * HOUR
    if (this.#isTime('practice', date)) await this.#layDown(date)
    const month = date.slice(0, 7)
    const isFirst = !this.#done.has(month)
    this.#done.add(month)
    if (isFirst && dayNumber(date) > dayNumber(until) - LAST.visits) await this.#planVisits(date)
    if (random.chance(0.1)) this.#supervise(undefined, ms)
    if (this.#isTime('stubborn', date)) this.#supervise(undefined, ms + 60_000, tellStubbornItem)
  }

  /** A real command, with all its checks, by one person of a role. */
  async #command(role: Person['role'], category: string, action: string, body: unknown, stream?: string) {
    const { service, county } = this.#ports
    const person = county.people.find((each) => each.role === role)!
    const result = await service.execute({
      ...{ category, action, body, requestMac: '' },
      ...(stream === undefined ? {} : { stream }),
      commandId: commandIdFor('demo', category, action, JSON.stringify(body)),
      principal: service.people.principal(person.id)!,
    })
    service.projections.wake()
    return result
  }

  /** Everything recorded until now is in the read models, and the clock stands at the morning of the day. */
  async #morning(date: CivilDate): Promise<void> {
    const { service, simulation, setClock } = this.#ports
    await simulation.flush()
    service.projections.wake()
    await service.projections.catchUp()
    setClock(startOfDayMs(date) + 8.25 * HOUR)
  }

  /** The duties that are kept from now on: what was before the service was used nobody owes it. */
  async #layDown(date: CivilDate): Promise<void> {
    const { until } = this.#ports
    await this.#morning(date)
    const result = await this.#command('bureau-leader', 'practice', 'publish', {
      ...defaultPractice,
      validFrom: date,
      duties: [
        { duty: 'duty.weekly-statistics', from: periodOf('weekly', until).from },
        { duty: 'duty.return-visits', from: periodOf('monthly', until).from },
        { duty: 'duty.monthly-bulletin', from: periodOf('monthly', until).from },
        { duty: 'duty.quarterly-inspection', from: periodOf('quarterly', until).from },
      ],
      legalBasis: '安司发〔督查督办工作办法〕',
    })
    if (!result.ok) throw new Error(`a practice was refused: ${result.refusal.code}`)
    await this.#ports.service.projections.catchUp()
  }

  /** The return visits of the month before, drawn by the service and given out over three weeks. */
  async #planVisits(date: CivilDate): Promise<void> {
    const random = this.#random
    const { service, simulation, county } = this.#ports
    await this.#morning(date)
    const month = civilDate(dayNumber(`${date.slice(0, 7)}-01`) - 1).slice(0, 7)
    const planned = await this.#command('supervision-officer', 'returnplan', 'plan', { month })
    if (!planned.ok) throw new Error(`a plan was refused: ${planned.refusal.code}`)
    const stream = returnPlanStream(county.bureau, month)
    await simulation.reload(stream, 'returnplan')
    const practice = service.facts.practice(county.bureau, date)
    for (const { case: id, ground } of casesToVisit(simulation.state<PlanState>(stream))) {
      const complaint = this.#complaint(`complaint-${id}`)
      const handlers = service.facts.handlers('complaint', id)
      if (complaint.anonymous || !Array.isArray(handlers)) continue
      const visited = { case: id, office: complaint.respondentOffice, ground, plan: stream }
      this.#on(dayNumber(date) + random.between(0, 20), (ms) => {
        const followUp = (at: number) =>
          this.#supervise({ source: 'return-visit', category: 'complaint', case: id }, at)
        const story = tellReturnVisit(random, county, visited, { handlers, practice }, followUp)
        if (story) this.#begin(story, ms)
      })
    }
  }

  /** Something was written down wrongly and is put right: through the real command path. */
  async #correct(): Promise<void> {
    const random = this.#random
    const { service, simulation } = this.#ports
    if (this.#open.length === 0) return
    const stream = random.pick(this.#open)
    const { status } = this.#complaint(stream)
    const loaded = await service.load(stream, service.categories.complaint!.decider)
    const target = loaded.events.findLast((event) =>
      ['NoteAdded', 'ComplainantNotified', 'DefenceWaived'].includes(event.type),
    )
    if (!target || target.effectiveAt.length === 10 || status === 'archived') return
    // A notice or a waiver that never was would leave the case waiting for one.
    const voids = random.chance(0.4) && target.type === 'NoteAdded'
    const data = target.type === 'NoteAdded' ? { text: '走访当事人并制作笔录，补记时间。' } : target.data
    const body = [
      voids
        ? { mode: 'void', event: target.id, reason: random.pick(reasons) }
        : { mode: 'replace', event: target.id, reason: random.pick(reasons), data, effectiveAt: target.effectiveAt },
    ]
    const result = await this.#command('centre-director', 'complaint', 'correct', body, stream)
    if (result.ok) await simulation.reload(stream, 'complaint')
  }
}
