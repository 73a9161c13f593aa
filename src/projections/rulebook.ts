/**
 * The rule book: holiday notices, local days, limit policies, rating schemes and recorded runs as their events say, in memory. Few events, read by every clock;
 * kept with their index, so that a view as of any moment uses what was known then.
 */

import { calendarDecider, calendarsOf } from '../domain/calendar/calendar.ts'
import { shippedNotices } from '../domain/calendar/shipped.ts'
import { type CalendarSource, calendarSource } from '../domain/calendar/source.ts'
import { type CycleState, cycleDecider } from '../domain/cycle/cycle.ts'
import { categoryOf, type Recorded, type Step } from '../domain/event.ts'
import { correctedSteps, fold } from '../domain/history.ts'
import { type LimitPolicy, type LimitPolicyPublished, policyDecider, policyOf } from '../domain/policy.ts'
import { type PracticePublished, practiceDecider } from '../domain/practice.ts'
import { type RecordedRun, runRecordDecider } from '../domain/rating/run-record.ts'
import { schemeDecider } from '../domain/rating/scheme.ts'
import { type CivilDate, dateOf, sortKey } from '../domain/time.ts'
import type { DirectoryModel } from './projection.ts'

/** Facts are ordered by their own time, then type, then id: the order of recording cannot change a result. */
const byOwnTime = (a: Step, b: Step): number =>
  sortKey(a.effectiveAt) - sortKey(b.effectiveAt) || compare(a.type, b.type) || compare(a.id, b.id)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const CATEGORIES = new Set([
  calendarDecider.category,
  policyDecider.category,
  schemeDecider.category,
  cycleDecider.category,
  practiceDecider.category,
  runRecordDecider.category,
])

/** Everything the rules say, as far as one log prefix goes. */
export interface Rules {
  readonly calendars: CalendarSource
  readonly policies: readonly LimitPolicy[]
  /** How organisations supervise and visit again. */
  readonly practices: readonly PracticePublished[]
}

/** An evaluation cycle as its stream has made it. */
export interface KnownCycle {
  readonly id: string
  readonly organisation: string
  readonly openedOn: CivilDate
  readonly state: CycleState
}

/** A recorded rating run, with the event that recorded it. */
export interface KnownRun {
  readonly id: string
  readonly run: RecordedRun
  readonly recorded: Step
}

export class RuleBook implements DirectoryModel {
  readonly version = 5
  #streams = new Map<string, Recorded[]>()
  #head: Rules | undefined

  readonly handles = (category: string): boolean => CATEGORIES.has(category)

  applyEvent(event: Recorded): void {
    if (!this.handles(categoryOf(event.stream))) return
    const events = this.#streams.get(event.stream) ?? []
    if (event.revision < events.length) return
    this.#streams.set(event.stream, [...events, event])
    this.#head = undefined
  }

  snapshot(): unknown {
    return [...this.#streams]
  }

  restore(snapshot: unknown): void {
    this.#streams = new Map((snapshot ?? []) as [string, Recorded[]][])
    this.#head = undefined
  }

  /** The rules as recorded below an index (default: all). */
  rules(size?: number): Rules {
    if (size !== undefined) return this.#fold(size)
    this.#head ??= this.#fold(Number.POSITIVE_INFINITY)
    return this.#head
  }

  /** Corrected steps of every scheme stream, as recorded below an index (default: all). */
  schemeSteps(size = Number.POSITIVE_INFINITY): Step[][] {
    const prefix = `${schemeDecider.category}-`
    return [...this.#streams]
      .filter(([stream]) => stream.startsWith(prefix))
      .map(([, events]) => correctedSteps(events.filter((event) => (event.index ?? 0) < size)))
  }

  /** Evaluation cycles as recorded below an index (default: all), oldest first. */
  cycles(size = Number.POSITIVE_INFINITY): KnownCycle[] {
    const prefix = `${cycleDecider.category}-`
    const found: KnownCycle[] = []
    for (const [stream, events] of this.#streams) {
      if (!stream.startsWith(prefix)) continue
      const steps = correctedSteps(events.filter((event) => (event.index ?? 0) < size))
      const opened = steps.find(({ type }) => type === 'CycleOpened')
      if (!opened) continue
      const { organisation, effectiveAt } = opened
      const openedOn = dateOf(effectiveAt)
      found.push({ id: stream.slice(prefix.length), organisation, openedOn, state: fold(cycleDecider, steps) })
    }
    return found.sort((a, b) => compare(a.openedOn, b.openedOn) || compare(a.id, b.id))
  }

  /** Recorded rating runs, the latest first. */
  runs(): KnownRun[] {
    const prefix = `${runRecordDecider.category}-`
    return [...this.#streams]
      .filter(([stream]) => stream.startsWith(prefix))
      .flatMap(([stream, events]) =>
        correctedSteps(events).map((recorded) => ({
          id: stream.slice(prefix.length),
          run: recorded.data as RecordedRun,
          recorded,
        })),
      )
      .sort((a, b) => (b.recorded.index ?? 0) - (a.recorded.index ?? 0))
  }

  #fold(size: number): Rules {
    const steps = [...this.#streams.values()]
      .flatMap((events) => correctedSteps(events.filter((event) => (event.index ?? 0) < size)))
      .sort(byOwnTime)
    const { notices, local } = calendarsOf(steps)
    const policies = steps
      .filter((step) => step.type === 'LimitPolicyPublished')
      .map((step) => policyOf(step.data as LimitPolicyPublished))
    const practices = steps
      .filter((step) => step.type === 'PracticePublished')
      .map((step) => step.data as PracticePublished)
    return { calendars: calendarSource([...shippedNotices, ...notices], local), policies, practices }
  }
}

/** Several in-memory models kept as one: one snapshot, one checkpoint. */
export class Models implements DirectoryModel {
  readonly version: number
  readonly #parts: readonly DirectoryModel[]

  constructor(...parts: DirectoryModel[]) {
    this.#parts = parts
    this.version = parts.reduce((sum, part) => sum * 100 + part.version, 0)
  }

  readonly handles = (category: string): boolean => this.#parts.some((part) => part.handles(category))

  applyEvent(event: Recorded): void {
    for (const part of this.#parts) part.applyEvent(event)
  }

  snapshot(): unknown {
    return this.#parts.map((part) => part.snapshot())
  }

  restore(snapshot: unknown): void {
    const parts = (snapshot ?? []) as unknown[]
    for (const [place, part] of this.#parts.entries()) part.restore(parts[place])
  }
}
