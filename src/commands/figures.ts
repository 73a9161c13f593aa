/**
 * Figures of bulletins, inspection reports and weekly statistics: computed from the log alone, as known at an index and as it had happened
 * by a moment, so that anybody gets the same again.
 */
import type { FigureRow, ReportFigures } from '../domain/bulletin.ts'
import { deciderOf } from '../domain/categories.ts'
import { categoryOf } from '../domain/event.ts'
import { correctedSteps, fold, stepsUntil } from '../domain/history.ts'
import {
  type CardState,
  cardFigures,
  type ReturnVisitState,
  type SatisfactionFigures,
  sumFigures,
  visitFigures,
} from '../domain/return-visit/index.ts'
import { type CivilDate, dateOf, type EffectiveTime } from '../domain/time.ts'
import { type BoardRules, isOpen } from '../projections/board/items.ts'
import { boardAt, type PastItem } from '../projections/board/past.ts'
import { readStream } from '../projections/decoding.ts'
import type { Directory } from '../projections/directory.ts'
import type { EventLog } from '../store/port.ts'
import type { FigureQuestion } from './facts.ts'

/** Raised with every change of how figures are counted: what an older program counted is then not claimed to be equal or not. */
export const FIGURES_METHOD = 'board@1'

/** Most rows of a report: all, units, then persons. */
const MOST_ROWS = 400

/** Categories of which registrations are counted. */
const REGISTERED = new Set(['complaint', 'visit', 'supervision', 'returnvisit', 'penalty', 'discipline'])
/** The clock of one holder of a task; every other clock is a total one. */
const HOLDER = 'supervision.holding'

const PAGE = 2_000

export interface FigurePorts {
  readonly log: EventLog
  readonly people: Directory
  /** The rules known below a log size. */
  readonly rules: (size: number) => BoardRules
}

type Counts = Record<string, number>
const add = (counts: Counts, name: string, n = 1): void => {
  counts[name] = (counts[name] ?? 0) + n
}

/** Counts one item: open ones as they stand, ended ones where they ended in the period. */
function countItem(counts: Counts, item: PastItem, from: CivilDate, until: CivilDate): void {
  const prefix = item.kind === HOLDER ? 'holder.' : ''
  if (isOpen(item.state)) {
    add(counts, `${prefix}open`)
    if (item.state !== 'open') add(counts, `${prefix}${item.state}`)
    return
  }
  if (item.stoppedAt === undefined) return
  const day = dateOf(item.stoppedAt)
  if (day >= from && day <= until) add(counts, `${prefix}${item.state}`)
}

/** Organisations whose cases the report is about: the organisation's own and those below it. */
function reportedOf(people: Directory, organisation: string): ReadonlySet<string> {
  const below = people.organisations().filter(({ id }) => people.above(id).includes(organisation))
  const own = (people.current(organisation) ?? people.organisation(organisation))?.id ?? organisation
  return new Set([organisation, own, ...below.map(({ id }) => id)])
}

/**
 * Counts the figures again.
 * @throws UnknownEvent
 */
export async function figuresOf(ports: FigurePorts, question: FigureQuestion): Promise<ReportFigures> {
  const { log, people } = ports
  const { organisation, from, until, asOf, computedAt } = question
  const size = asOf + 1
  const reported = reportedOf(people, organisation)
  const all: Counts = {}
  const units = new Map<string, Counts>()
  const persons = new Map<string, Counts>()
  const of = (rows: Map<string, Counts>, key: string): Counts => {
    const counts = rows.get(key) ?? {}
    rows.set(key, counts)
    return counts
  }
  for (const item of await boardAt(log, deciderOf, size, computedAt, ports.rules(size))) {
    if (!reported.has(item.owner)) continue
    countItem(all, item, from, until)
    countItem(of(units, item.organisation), item, from, until)
    if (item.person !== undefined) countItem(of(persons, item.person), item, from, until)
  }
  const registered = await registeredIn(log, size, reported, from, until, computedAt)
  for (const [name, n] of Object.entries(registered)) add(all, name, n)
  const keyed = (rows: Map<string, Counts>, key: 'unit' | 'person') =>
    [...rows]
      .filter(([id, counts]) => id !== '' && Object.keys(counts).length > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, counts]): FigureRow => ({ [key]: id, counts: sorted(counts) }))
  const rows = [{ counts: sorted(all) }, ...keyed(units, 'unit'), ...keyed(persons, 'person')]
  return { asOf, computedAt, method: FIGURES_METHOD, rows: rows.slice(0, MOST_ROWS) }
}

const sorted = (counts: Counts): Counts =>
  Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))

/** Cases that began in the period, by category, and what return visits and quality cards of the period said. */
async function registeredIn(
  log: EventLog,
  size: number,
  reported: ReadonlySet<string>,
  from: CivilDate,
  until: CivilDate,
  computedAt: EffectiveTime,
): Promise<Counts> {
  const counts: Counts = {}
  const satisfaction: SatisfactionFigures[] = []
  const asked = new Set<string>()
  const inPeriod = (at: EffectiveTime | undefined): boolean =>
    at !== undefined && dateOf(at) >= from && dateOf(at) <= until
  for (let at = 0; at < size; at += PAGE) {
    for (const { stream, recordedAt, organisation } of log.envelopes(at, PAGE, size)) {
      const category = categoryOf(stream)
      // Nothing is recorded before it happens: what began in the period was recorded in it or later.
      const counted = REGISTERED.has(category) || category === 'qualitycard'
      if (!counted || !reported.has(organisation) || dateOf(recordedAt) < from || asked.has(stream)) continue
      asked.add(stream)
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  for (const stream of asked) {
    const category = categoryOf(stream)
    const decider = deciderOf(category)!
    const steps = stepsUntil(correctedSteps(readStream(log, deciderOf, stream, size)), computedAt)
    if (steps.length === 0) continue
    if (REGISTERED.has(category) && inPeriod(steps[0]!.effectiveAt)) add(counts, `registered.${category}`)
    if (category === 'returnvisit') {
      const state = fold(decider, steps) as ReturnVisitState
      if (inPeriod(state.recordedAt)) satisfaction.push(visitFigures(state))
    } else if (category === 'qualitycard') {
      const state = fold(decider, steps) as CardState
      if (inPeriod(state.issuedAt) || inPeriod(state.returnedAt)) satisfaction.push(cardFigures(state))
    }
  }
  const { asked: n, reached, answered, satisfied } = sumFigures(satisfaction)
  if (n > 0) {
    add(counts, 'satisfaction.asked', n)
    add(counts, 'satisfaction.reached', reached)
    add(counts, 'satisfaction.answered', answered)
    add(counts, 'satisfaction.satisfied', satisfied)
  }
  return counts
}

/** Closed on time ÷ (closed with a deadline + overdue); null where nothing has been due. */
export function rateOfCounts(counts: Readonly<Record<string, number>>, prefix = ''): number | null {
  const of = (name: string) => counts[`${prefix}${name}`] ?? 0
  const due = of('closedOnTime') + of('closedLate') + of('overdue')
  return due === 0 ? null : of('closedOnTime') / due
}
