/**
 * The star scheme in the demonstration county: offices' records month by month, the cycles of 2023 and 2025 with what may happen in them, yearly
 * inspections, one veto, and two facts that come too late for the rating they concern.
 */
import type { Role } from '../domain/access.ts'
import { type CyclePlan, planOf } from '../domain/cycle/plan.ts'
import type { RatingState, Result } from '../domain/cycle/rating-state.ts'
import { starScheme } from '../domain/rating/schemes/shipped.ts'
import { type CivilDate, civilDate, DAY_MS, dayNumber, startOfDayMs } from '../domain/time.ts'
import type { Service } from '../service.ts'
import type { County, Person } from './county.ts'
import { Random } from './random.ts'
import type { Simulation } from './simulation.ts'

/** How an office works: a third without a fault, a third well, the others less so. */
export type Trait = 'strong' | 'good' | 'fair' | 'weak'
const traits: readonly Trait[] = ['strong', 'good', 'strong', 'good', 'fair', 'weak']
export const traitOf = (county: County, office: string): Trait =>
  traits[county.offices.indexOf(office) % traits.length] ?? 'fair'

/** Lowest score of a criterion of twenty, in half points, by trait. */
const lowest: Readonly<Record<Trait, number>> = { strong: 38, good: 36, fair: 34, weak: 29 }

/** What the stories of single offices are about, by place in the county. */
const role = { warned: 0, vetoed: 2, downgraded: 3, objected: 6, upheld: 7, late: 8, quashed: 9 } as const
type Story = keyof typeof role

const HOUR = 3_600_000
const cycleYears = [2023, 2025]

export interface StarPorts {
  readonly service: Service
  readonly simulation: Simulation
  readonly county: County
  readonly seed: string
  readonly first: CivilDate
  /** Opens a complaint whose decision will find all that a veto asks for; answers its stream. */
  readonly openGrave: (office: string, recordedMs: number) => string
}

export class Stars {
  readonly #ports: StarPorts
  readonly #random: Random
  /** What is to be done on a day; what falls on a weekend moves to Monday. */
  readonly #agenda = new Map<number, (() => void)[]>()
  #ms = 0
  #cycle: { id: string; plan: CyclePlan } | undefined
  #grave: string | undefined
  #number = 0

  constructor(ports: StarPorts) {
    this.#ports = ports
    this.#random = new Random(`${ports.seed}/stars`)
    this.#plan()
  }

  /** Does what the day brings, before the office opens. */
  async live(date: CivilDate): Promise<void> {
    const due = this.#agenda.get(dayNumber(date))
    if (!due) return
    // An assessment looks at the log as it stands that morning.
    await this.#ports.simulation.flush()
    this.#ms = startOfDayMs(date) + 8 * HOUR
    for (const task of due) task()
  }

  #on(date: CivilDate, task: () => void): void {
    let day = dayNumber(date)
    const weekday = new Date(day * DAY_MS).getUTCDay()
    if (weekday === 6) day += 2
    if (weekday === 0) day += 1
    if (day <= dayNumber(this.#ports.first)) return
    const tasks = this.#agenda.get(day)
    if (tasks) tasks.push(task)
    else this.#agenda.set(day, [task])
  }

  #person(wanted: Role): Person {
    return this.#ports.county.people.find((person) => person.role === wanted)!
  }

  #act(
    category: string,
    who: Role,
    action: string,
    body: object,
    more: { stream?: string; effectiveAt?: string } = {},
  ): string {
    const { simulation, county } = this.#ports
    const by = this.#person(who)
    this.#ms += 1_000
    return simulation.act({
      category,
      action,
      body,
      actor: { person: by.id, role: by.role, organisation: by.organisation },
      organisation: county.bureau,
      recordedMs: this.#ms,
      ...more,
    })
  }

  #rating(office: string, who: Role, action: string, body: object = {}): void {
    this.#act('rating', who, action, body, { stream: `rating-${office}` })
  }

  #record(office: string, action: string, body: object, effectiveAt?: string): void {
    const when = effectiveAt === undefined ? {} : { effectiveAt }
    this.#act('record', 'grassroots-section', action, body, { stream: `record-${office}`, ...when })
  }

  #state(office: string): RatingState | undefined {
    return this.#ports.simulation.state<RatingState>(`rating-${office}`)
  }

  #document(kind: string): string {
    return `${kind}〔${++this.#number}〕`
  }

  #plan(): void {
    const { first } = this.#ports
    const start = Number(first.slice(0, 4))
    const lastYear = start + 40
    this.#on(civilDate(dayNumber(first) + 1), () => this.#begin())
    for (let year = start; year <= lastYear; year++) {
      for (let month = 1; month <= 12; month++) {
        const text = `${year}-${String(month).padStart(2, '0')}`
        this.#on(`${text}-18`, () => this.#month())
      }
      this.#on(`${year}-05-20`, () => this.#assessments(year - 1))
      this.#on(`${year}-06-12`, () => this.#surveys())
      this.#on(`${year}-05-08`, () => this.#inspections(year))
    }
    for (const year of cycleYears) this.#planCycle(year)
    this.#on('2025-06-20', () => this.#sanction('quashed', '2025-06-18'))
    // Written down nine months after it was served, and three after the stars were published.
    this.#on('2026-03-10', () => this.#sanction('late', '2025-06-15'))
    this.#on('2026-04-15', () => this.#quash('quashed'))
    this.#on('2024-05-06', () => {
      this.#grave = this.#ports.openGrave(this.#office('vetoed'), this.#ms)
    })
    this.#on('2024-10-21', () => this.#veto())
  }

  #office(story: Story): string {
    const { offices } = this.#ports.county
    return offices[role[story] % offices.length]!
  }

  /** Whether the county is large enough for the office of a story to be one of its own. */
  #has(story: Story): boolean {
    return role[story] < this.#ports.county.offices.length
  }

  #begin(): void {
    const { county, first } = this.#ports
    const start = Number(first.slice(0, 4))
    this.#act('scheme', 'leading-group', 'publish', { scheme: starScheme }, { effectiveAt: first })
    for (const office of county.offices) {
      const workers = county.workers.get(office)?.length ?? 3
      this.#record(office, 'open', { office })
      this.#record(office, 'recordStaffing', { workers, fullTime: workers - 1, bachelors: Math.ceil(workers / 2) })
      for (const year of [start - 3, start - 2, start - 1])
        if (`${year + 1}-05-20` <= first)
          this.#record(office, 'gradeAssessment', { year, grade: 'QUALIFIED' }, `${year + 1}-05-20`)
      // What the paper books of the last year hold.
      for (let back = 12; back >= 1; back--) {
        const day = civilDate(dayNumber(first) - back * 30)
        this.#record(office, 'recordStudy', { attendees: workers }, day)
      }
      this.#record(office, 'recordSurvey', this.#survey(office, 'PARTY_ORGANISATION'), first)
    }
  }

  #survey(office: string, survey: string) {
    const random = this.#random
    const asked = random.between(24, 40)
    const reached = asked - random.between(0, 3)
    const answered = reached - random.between(0, 3)
    const content = traitOf(this.#ports.county, office) === 'weak' ? random.between(70, 88) : random.between(88, 99)
    return { survey, asked, reached, answered, satisfied: Math.round((answered * content) / 100) }
  }

  #month(): void {
    const { county } = this.#ports
    for (const office of county.offices) {
      const skips = { strong: 0, good: 0, fair: 0.03, weak: 0.12 }[traitOf(county, office)]
      const attendees = county.workers.get(office)?.length ?? 3
      if (!this.#random.chance(skips)) this.#record(office, 'recordStudy', { attendees })
    }
  }

  #assessments(year: number): void {
    const { county } = this.#ports
    for (const office of county.offices) {
      if (this.#ports.simulation.state(`record-${office}`) === undefined) continue
      const fails = traitOf(county, office) === 'weak' && this.#random.chance(0.15)
      this.#record(office, 'gradeAssessment', { year, grade: fails ? 'UNQUALIFIED' : 'QUALIFIED' })
      this.#record(office, 'recordPublicService', { year, hours: this.#random.between(30, 160) })
      this.#record(office, 'recordAidCases', { year, cases: this.#random.between(2, 24) })
    }
  }

  #surveys(): void {
    for (const office of this.#ports.county.offices)
      this.#record(office, 'recordSurvey', this.#survey(office, 'PARTY_ORGANISATION'))
  }

  #sanction(story: Story, served: CivilDate): void {
    if (!this.#has(story)) return
    const office = this.#office(story)
    const [worker] = this.#ports.county.workers.get(office) ?? []
    this.#record(
      office,
      'recordSanction',
      {
        nature: 'INDUSTRY_DISCIPLINE',
        kinds: ['警告'],
        ...(worker === undefined ? {} : { worker }),
        authority: '清源市基层法律服务工作者协会',
        document: this.#document('清法协处'),
      },
      served,
    )
  }

  #quash(story: Story): void {
    if (!this.#has(story)) return
    const office = this.#office(story)
    const { entries } = this.#ports.simulation.state<{ entries: Record<string, { type: string }> }>(`record-${office}`)
    const of = Object.keys(entries).find((id) => entries[id]!.type === 'SanctionRecorded')
    if (of !== undefined)
      this.#record(office, 'quash', { of, authority: '清源市司法局', document: this.#document('清司复') })
  }

  #planCycle(year: number): void {
    // A county that begins in the middle of a cycle has no part in it.
    if (`${year}-09-11` <= this.#ports.first) return
    const { offices } = this.#ports.county
    const each = (task: (office: string) => void) => () => {
      for (const office of offices) task(office)
    }
    this.#on(`${year}-09-11`, () => {
      const plan = planOf(starScheme, year)
      const stream = this.#act('cycle', 'leading-group', 'open', { name: `${year}年度星级评定`, year, plan })
      this.#cycle = { id: stream.slice(stream.indexOf('-') + 1), plan }
      for (const office of offices) {
        const body = { office, cycle: this.#cycle.id, plan }
        this.#act('rating', 'grassroots-section', 'enrol', body, { stream: `rating-${office}` })
      }
    })
    for (const [place, day] of [`${year}-10-12`, `${year}-10-18`, `${year}-10-24`].entries())
      this.#on(day, () => {
        for (const [n, office] of offices.entries()) {
          const when = traitOf(this.#ports.county, office) === 'weak' ? 2 : n % 2
          if (when === place)
            this.#rating(office, 'grassroots-section', 'submitSelfAssessment', { scores: this.#scores(office, 2) })
        }
      })
    this.#on(
      `${year}-11-06`,
      each((office) => this.#visit(office)),
    )
    this.#on(
      `${year}-11-20`,
      each((office) => this.#assess(office)),
    )
    this.#on(
      `${year}-11-25`,
      each((office) => this.#startNotice(office)),
    )
    if (year === cycleYears.at(-1)) this.#planObjections(year)
    this.#on(
      `${year}-12-15`,
      each((office) => this.#publish(office)),
    )
    this.#on(
      `${year}-12-22`,
      () =>
        void this.#act(
          'cycle',
          'leading-group',
          'announce',
          { channels: ['安和县司法局网站', '县融媒体中心'], document: this.#document('安司通') },
          { stream: `cycle-${this.#cycle!.id}` },
        ),
    )
  }

  /** One objection comes to nothing; one sends its office back to scoring while all others proceed (S0-4.4b). */
  #planObjections(year: number): void {
    const resolve = (office: string, upheld: boolean) => {
      const [of] = this.#state(office)?.current?.objections ?? []
      if (of === undefined) return
      const document = this.#document('复核')
      this.#rating(office, 'leading-group', 'resolveObjection', { of, upheld, notice: 'CONTINUES', document })
    }
    for (const story of ['objected', 'upheld'] as const) {
      if (!this.#has(story)) continue
      const office = this.#office(story)
      this.#on(`${year}-12-04`, () => {
        if (this.#state(office)?.current?.publication === 'notice')
          this.#rating(office, 'reception', 'raiseObjection', { document: this.#document('异议') })
      })
      this.#on(`${year}-12-09`, () => resolve(office, story === 'upheld'))
    }
    if (!this.#has('upheld')) return
    const office = this.#office('upheld')
    this.#on(`${year}-12-15`, () => this.#score(office, 34))
    this.#on(`${year}-12-16`, () => this.#assess(office))
    this.#on(`${year}-12-18`, () => this.#startNotice(office))
    this.#on(`${year + 1}-01-12`, () => this.#publish(office))
  }

  /** Half points from the office's lowest to full; offices give themselves a little more. */
  #scores(office: string, more = 0, least = lowest[traitOf(this.#ports.county, office)]) {
    return this.#cycle!.plan.inspected.map(({ id, max }) => ({
      criterion: id,
      points: Math.min(max, this.#random.between(Math.min(least + more, 40), 40) / 2),
    }))
  }

  #score(office: string, least?: number): void {
    const scorers = this.#ports.county.people
      .filter((person) => person.role === 'grassroots-section')
      .map(({ id }) => id)
    const scores = least === undefined ? this.#scores(office) : this.#scores(office, 0, least)
    this.#rating(office, 'grassroots-section', 'recordScores', { scores, scorers })
  }

  #visit(office: string): void {
    const { current } = this.#state(office) ?? {}
    if (!current || current.vetoed) return
    const inspectors = [this.#person('grassroots-section').id, this.#person('leading-group').id]
    this.#rating(office, 'grassroots-section', 'recordVisit', { inspectors, document: this.#document('考察') })
    for (const survey of ['PUBLIC', 'CLIENTS'])
      this.#rating(office, 'grassroots-section', 'recordSurvey', this.#survey(office, survey))
    this.#score(office)
  }

  /** The overall assessment is what the evidence says: computed from the log as it stands that morning. */
  #assess(office: string): void {
    if (this.#state(office)?.current?.publication !== 'none') return
    const { service } = this.#ports
    const effectiveAt = civilDate(Math.floor((this.#ms + 8 * HOUR) / DAY_MS))
    const found = service.rating.run({ office, effectiveAt, scheme: this.#cycle!.plan.scheme })
    if (!found.ok) throw new Error(`a rating was refused: ${found.refusal.code}`)
    const { run, offices } = found.value
    const ledger = offices[0]!
    const result: Result = {
      level: ledger.computedLevel,
      categories: ledger.categories.filter(({ earned }) => earned).map(({ id }) => id),
      points: ledger.points,
      run,
    }
    this.#rating(office, 'leading-group', 'assess', { ...result, assessors: [this.#person('leading-group').id] })
    this.#rating(office, 'grassroots-section', 'notifyResult', { document: this.#document('告知') })
    this.#rating(office, 'grassroots-section', 'waiveAppeal', { document: this.#document('放弃申诉') })
  }

  #startNotice(office: string): void {
    if (this.#state(office)?.current?.publication === 'notified')
      this.#rating(office, 'leading-group', 'startNotice', { channels: ['安和县司法局网站', '公示栏'] })
  }

  #publish(office: string): void {
    const { current } = this.#state(office) ?? {}
    if (current?.publication !== 'notice' || current.objections.length > 0) return
    this.#rating(office, 'leading-group', 'closeNotice')
    this.#rating(office, 'leading-group', 'publish', { cycle: current.cycle, ...current.result })
    const { level } = current.result!
    if (level >= current.plan.plaqueFrom)
      this.#rating(office, 'leading-group', 'issuePlaque', { number: this.#document('安司星') })
    if (level >= current.plan.commendationFrom)
      this.#rating(office, 'leading-group', 'commend', { document: this.#document('安司奖') })
  }

  /** Once a year everybody with a plaque is looked at (S0-4.6a). */
  #inspections(year: number): void {
    for (const office of this.#ports.county.offices) {
      const state = this.#state(office)
      if (!state?.plaque || state.inspection) continue
      const inspectors = [this.#person('grassroots-section').id]
      const warned = office === this.#office('warned') && year < 2026
      const downgraded = office === this.#office('downgraded') && year === 2026
      const conforming = !warned && !downgraded
      this.#rating(office, 'grassroots-section', 'scheduleInspection', { year })
      this.#rating(office, 'grassroots-section', 'completeInspection', { inspectors, conforming })
      if (!conforming) {
        const document = this.#document('检查')
        this.#rating(office, 'grassroots-section', 'findNonconformity', { category: 'service', document })
        const [checkedBy] = inspectors
        this.#rating(office, 'grassroots-section', 'checkFinding', { checkedBy })
        this.#rating(office, 'leading-group', 'confirmFinding', { confirmed: true, document })
        const measure = this.#document('安司星处')
        if (warned) this.#rating(office, 'leading-group', 'issueWarning', { document: measure })
        else this.#rating(office, 'leading-group', 'downgrade', { category: 'service', document: measure })
        this.#rating(office, 'leading-group', 'announceMeasure', { channels: ['全县通报'], document: measure })
      }
      this.#rating(office, 'grassroots-section', 'closeInspection')
    }
  }

  /** The one-vote veto, with its complaint (S0-4.6e). */
  #veto(): void {
    const office = this.#office('vetoed')
    if (!this.#grave || !this.#state(office)?.plaque) return
    const { decision } = this.#ports.simulation.state<{ decision?: { meetingNumber: string } }>(this.#grave)
    if (!decision) return
    const paper = [decision.meetingNumber]
    this.#rating(office, 'leading-group', 'veto', {
      complaint: this.#grave.slice(this.#grave.indexOf('-') + 1),
      facts: { subjectiveFault: paper, substantiatedComplaint: paper, notActivelyHandled: paper, graveLoss: paper },
      document: this.#document('安司星否'),
    })
    this.#rating(office, 'leading-group', 'announceMeasure', {
      channels: ['全县通报'],
      document: this.#document('安司通'),
    })
    this.#rating(office, 'leading-group', 'closeInspection')
  }
}
