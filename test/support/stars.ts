/** The star scheme over HTTP: offices with a spotless record, a cycle from opening to plaque, inspections, each by the person whose step it is. */
import { commandIdFor } from '../../src/commands/ids.ts'
import { asOperator } from '../../src/commands/initialise.ts'
import type { Answer, TestService, Who } from './service.ts'

export class Stars {
  readonly service: TestService
  cycle = ''
  // biome-ignore lint/suspicious/noExplicitAny: the plan goes back as it came
  plan: any

  constructor(service: TestService) {
    this.service = service
  }

  /** Sets the clock to ten in the morning of a day. */
  on(day: string): this {
    this.service.clock.ms = Date.parse(`${day}T10:00:00+08:00`)
    return this
  }

  async get(url: string, who: Who = 'leading-group'): Promise<Answer['json']> {
    const answer = await this.service.call(who, 'GET', url)
    if (answer.status !== 200) throw new Error(`GET ${url}: ${answer.text}`)
    return answer.json
  }

  /** Registers further offices of the bureau. */
  async office(name: string): Promise<string> {
    const { service, county } = this.service
    const body = {
      kind: 'legal-service-office',
      name,
      division: '990121001000',
      licence: name,
      organisation: county.bureau,
      registeredOn: '2020-01-01',
      address: '青石镇中心街',
    }
    const id = await asOperator(service, 'office', 'register', body, { commandId: commandIdFor('stars', name) })
    await service.projections.catchUp()
    return id
  }

  /** A step on an existing stream, at the revision it stands at. */
  async step(who: Who, office: string, action: string, body: object = {}, path = 'ratings'): Promise<Answer> {
    const { revision } = await this.get(`/api/v1/${path}/${office}`)
    return this.service.call(who, 'POST', `/api/v1/${path}/${office}/${action}`, { body, ifMatch: revision })
  }

  /** The same, which must be accepted. */
  async must(who: Who, office: string, action: string, body: object = {}, path = 'ratings'): Promise<Answer> {
    const answer = await this.step(who, office, action, body, path)
    if (answer.status !== 200) throw new Error(`${action} by ${who}: ${answer.text}`)
    return answer
  }

  /** A line of an office's record: set-up, so past the route. */
  async #record(office: string, action: string, body: object, effectiveAt?: string): Promise<void> {
    const { service, people, clock } = this.service
    clock.ms += 1_000
    const result = await service.execute({
      category: 'record',
      ...(action === 'open' ? {} : { stream: `record-${office}` }),
      action,
      body,
      commandId: commandIdFor('stars', office, action, JSON.stringify(body), effectiveAt ?? ''),
      requestMac: '',
      principal: service.people.principal(people['grassroots-section'].id)!,
      ...(effectiveAt === undefined ? {} : { effectiveAt }),
    })
    if (!result.ok) throw new Error(`${action}: ${result.refusal.code}`)
  }

  /** A record in which nothing is wrong: assessments passed, study every month of a year. */
  async spotless(office: string, years: readonly number[], month: string): Promise<void> {
    await this.#record(office, 'open', { office })
    for (const year of years) await this.#record(office, 'gradeAssessment', { year, grade: 'QUALIFIED' })
    await this.study(office, month)
    const survey = { survey: 'PARTY_ORGANISATION', asked: 30, reached: 28, answered: 25, satisfied: 24 }
    await this.#record(office, 'recordSurvey', survey)
  }

  /** A study held in each of the twelve months before one. */
  async study(office: string, month: string): Promise<void> {
    const [year, last] = month.split('-').map(Number) as [number, number]
    for (let back = 12; back >= 1; back--) {
      const then = new Date(Date.UTC(year, last - 1 - back, 8)).toISOString().slice(0, 10)
      await this.#record(office, 'recordStudy', { attendees: 5 }, then)
    }
  }

  /** Opens the cycle of a year and enrols. */
  async open(year: number, offices: readonly string[]): Promise<void> {
    this.plan = await this.get(`/api/v1/cycles/plan?scheme=star@1&year=${year}`)
    const name = `${year}年度星级评定`
    const opened = await this.service.call('leading-group', 'POST', '/api/v1/cycles', {
      body: { name, year, plan: this.plan },
    })
    if (opened.status !== 201) throw new Error(opened.text)
    this.cycle = opened.json.case
    for (const office of offices) {
      const body = { office, cycle: this.cycle, plan: this.plan }
      const enrolled = await this.service.call('grassroots-section', 'POST', '/api/v1/ratings', { body })
      if (enrolled.status !== 201) throw new Error(enrolled.text)
    }
  }

  scores(points = 20): { criterion: string; points: number }[] {
    return this.plan.inspected.map(({ id }: { id: string }) => ({ criterion: id, points }))
  }

  /** Visited, surveyed and scored in November. */
  async inspected(office: string, points = 20): Promise<void> {
    const inspectors = [this.service.people['grassroots-section'].id]
    await this.must('grassroots-section', office, 'record-visit', { inspectors })
    for (const survey of ['PUBLIC', 'CLIENTS'])
      await this.must('grassroots-section', office, 'record-survey', {
        ...{ survey, asked: 20, reached: 18, answered: 16, satisfied: 15 },
      })
    await this.rescored(office, points)
  }

  async rescored(office: string, points: number): Promise<void> {
    const scorers = [this.service.people['grassroots-section'].id]
    await this.must('grassroots-section', office, 'record-scores', { scores: this.scores(points), scorers })
  }

  /** What the evidence says now: the result to be filled in. */
  async result(office: string, more = '') {
    const { run, offices } = await this.get(`/api/v1/ratings?office=${office}&scheme=star@1${more}`)
    const [ledger] = offices
    const categories = ledger.categories
      .filter((each: { earned: boolean }) => each.earned)
      .map((each: { id: string }) => each.id)
    return {
      level: ledger.computedLevel as number,
      points: ledger.points as number,
      categories: categories as string[],
      run,
    }
  }

  async assessed(office: string) {
    const result = await this.result(office)
    await this.must('leading-group', office, 'assess', {
      ...result,
      assessors: [this.service.people['leading-group'].id],
    })
    await this.must('grassroots-section', office, 'notify-result')
    return result
  }

  /** From the assessment to the public notice, the right of appeal waived. */
  async noticed(office: string) {
    const result = await this.assessed(office)
    await this.must('grassroots-section', office, 'waive-appeal', { document: '放弃申诉书' })
    await this.must('leading-group', office, 'start-notice', { channels: ['局网站'] })
    return result
  }

  /** Ends the notice and publishes what it showed. */
  async published(office: string): Promise<string> {
    await this.must('leading-group', office, 'close-notice')
    const { current } = await this.get(`/api/v1/ratings/${office}`)
    const answer = await this.must('leading-group', office, 'publish', { cycle: this.cycle, ...current.result })
    return answer.json.case
  }

  /** A yearly inspection that ends in a confirmed finding. */
  async found(office: string, year: number, document: string): Promise<void> {
    const { people } = this.service
    await this.must('grassroots-section', office, 'schedule-inspection', { year })
    await this.must('grassroots-section', office, 'complete-inspection', {
      ...{ inspectors: [people['grassroots-section'].id], conforming: false },
    })
    await this.must('grassroots-section', office, 'find-nonconformity', { category: 'service', document })
    await this.must('grassroots-section', office, 'check-finding', { checkedBy: people['grassroots-section'].id })
    await this.must('leading-group', office, 'confirm-finding', { confirmed: true, document })
  }

  async announced(office: string): Promise<void> {
    await this.must('leading-group', office, 'announce-measure', { channels: ['全县通报'], document: '通报' })
    await this.must('leading-group', office, 'close-inspection')
  }

  formal = async (office: string, more = ''): Promise<number | null> =>
    (await this.get(`/api/v1/ratings/${office}${more}`)).formalLevel
}
