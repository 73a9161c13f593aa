/** given events / when action / then events or refusal, for an office's rating stream. */

import { planOf } from '../../../src/domain/cycle/plan.ts'
import { ratingDecider } from '../../../src/domain/cycle/rating.ts'
import type { RatingEvent, RatingStep } from '../../../src/domain/cycle/rating-events.ts'
import type { RatingState } from '../../../src/domain/cycle/rating-state.ts'
import { type DecideContext, type Decision, decide, provisionalStep } from '../../../src/domain/decider.ts'
import type { Actor } from '../../../src/domain/event.ts'
import { starScheme } from '../../../src/domain/rating/schemes/shipped.ts'

export const plan = planOf(starScheme, 2025)
export const run = { asOf: 100, effectiveAt: '2025-11-20', scheme: 'star@1', digest: 'a'.repeat(64) }
export const scores = (points = 20) => plan.inspected.map(({ id }) => ({ criterion: id, points }))

const bureau: Actor = { person: 'p9', role: 'leading-group', organisation: 'bureau' }

/** The story of one office: each step is an action on a day, refused or recorded. */
export class Story {
  state: RatingState = ratingDecider.initial
  readonly steps: RatingStep[] = []
  #number = 0

  /** Tries an action; records what it decides. */
  on(day: string, action: string, body: object = {}, actor: Actor = bureau): string {
    const context: DecideContext = {
      now: '2030-01-01T00:00:00.000Z',
      effectiveAt: day,
      actor,
      organisation: 'bureau',
      newId: (path) => `${path}/${this.#number}`,
      limit: () => undefined,
      policy: 'limits@1',
    }
    const parsed = ratingDecider.actions[action]!.body.safeParse(body)
    if (!parsed.success) return `body ${parsed.error.issues[0]?.path.join('/')}`
    const decision: Decision<RatingEvent> = decide(ratingDecider, action, parsed.data, this.state, context)
    if (!decision.ok) return [decision.refusal.code, decision.refusal.pointer].filter(Boolean).join(' ')
    for (const event of decision.events) {
      const step = { ...provisionalStep(event, context, 0), id: `e${this.#number++}` } as RatingStep
      this.steps.push(step)
      this.state = ratingDecider.evolve(this.state, step)
    }
    return decision.events.map(({ type }) => type).join(' ')
  }

  /** Id of the last step of a type. */
  last(type: string): string {
    return this.steps.findLast((step) => step.type === type)!.id
  }

  enrol(day = '2025-09-20', more: object = {}): string {
    return this.on(day, 'enrol', { office: 'a', cycle: 'c2025', plan, ...more })
  }

  /** Enrolled, self-assessed, visited, surveyed, scored and assessed at a level. */
  assessed(level = 4): this {
    this.enrol()
    this.on('2025-10-10', 'submitSelfAssessment', { scores: scores() })
    this.on('2025-11-05', 'recordVisit', { inspectors: ['p1', 'p2'] })
    for (const survey of ['PUBLIC', 'CLIENTS'])
      this.on('2025-11-05', 'recordSurvey', { survey, asked: 9, reached: 8, answered: 7, satisfied: 7 })
    this.on('2025-11-10', 'recordScores', { scores: scores(), scorers: ['p1', 'p3'] })
    this.on('2025-11-20', 'assess', { level, categories: [], points: 480, run, assessors: ['p4'] })
    return this
  }

  /** Under public notice since 25 November; its last day is 10 December 2025. */
  noticed(level = 4): this {
    this.assessed(level)
    this.on('2025-11-21', 'notifyResult', {})
    this.on('2025-11-24', 'waiveAppeal', { document: 'A1' })
    this.on('2025-11-25', 'startNotice', { channels: ['网站'] })
    return this
  }

  /** Published on 11 December 2025, with its plaque. */
  awarded(level = 4): this {
    this.noticed(level)
    this.on('2025-12-11', 'closeNotice', {})
    this.on('2025-12-11', 'publish', { cycle: 'c2025', level, categories: [], points: 480, run })
    this.on('2025-12-12', 'issuePlaque', { number: 'P1' })
    return this
  }

  /** A special inspection of a year that ends in a confirmed finding. */
  found(year: number): this {
    this.on(`${year}-06-01`, 'scheduleInspection', { year })
    this.on(`${year}-06-02`, 'completeInspection', { inspectors: ['p1'], conforming: false })
    this.on(`${year}-06-03`, 'findNonconformity', { category: 'service', document: 'F' })
    this.on(`${year}-06-04`, 'checkFinding', { checkedBy: 'p5' })
    this.on(`${year}-06-05`, 'confirmFinding', { confirmed: true, document: 'C' })
    return this
  }

  /** The measure announced and the inspection closed. */
  announced(year: number): this {
    this.on(`${year}-06-20`, 'announceMeasure', { channels: ['全区通报'], document: 'T' })
    this.on(`${year}-06-21`, 'closeInspection', {})
    return this
  }
}
