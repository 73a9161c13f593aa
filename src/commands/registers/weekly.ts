/** 每周统计汇总 (S1-2.3): what came in and went out in a week, where things stand at its end, and who has read it. */

import { periodOf, type ReportState, readerRoles, reportStream } from '../../domain/bulletin.ts'
import {
  channelTerms,
  complaintStatusTerms,
  outcomeTerms,
  violationTerms,
} from '../../domain/catalogue/complaint-terms.ts'
import { readerRoleTerms } from '../../domain/catalogue/oversight.ts'
import {
  registerRules,
  registerTitles,
  registerWords,
  weeklyFigures,
  weeklyGroups,
} from '../../domain/catalogue/registers.ts'
import { type TermTable, term } from '../../domain/catalogue/terms.ts'
import { deciderOf } from '../../domain/categories.ts'
import type { Clock } from '../../domain/clock.ts'
import { correctedSteps, fold, stepsUntil } from '../../domain/history.ts'
import { type CivilDate, dateOf, dateOfMs, type EffectiveTime } from '../../domain/time.ts'
import { readStream } from '../../projections/decoding.ts'
import { scopeFor } from '../../projections/queries/index.ts'
import type { Answer } from '../reading.ts'
import { everyRow, organisationOf, type Register, type RegisterPorts, type RegisterQuestion } from './register.ts'

type Group = keyof typeof weeklyGroups

/** Figures of one unit, or of all: counts by group and item. */
export interface WeeklyUnit {
  /** Absent for all units together. */
  readonly id?: string
  readonly name: string
  readonly counts: Readonly<Record<Group, Readonly<Record<string, number>>>>
}

/** One line of the printed statistics. */
export interface WeeklyRow {
  readonly unit: string
  readonly group: string
  readonly item: string
  readonly count: number
}

export interface WeeklyRegister extends Register<WeeklyRow> {
  /** All units together first. */
  readonly units: readonly WeeklyUnit[]
}

type Counts = Record<Group, Record<string, number>>
const noCounts = (): Counts => ({
  visits: { received: 0, closed: 0, open: 0 },
  complaints: { received: 0, accepted: 0, replied: 0, closed: 0, archived: 0, open: 0 },
  state: {},
  channel: {},
  kind: {},
  outcome: {},
  clocks: { onTime: 0, late: 0, overdue: 0 },
})

/** Terms of the items of each group. */
const itemTerms: Readonly<Record<Group, TermTable>> = {
  visits: weeklyFigures,
  complaints: weeklyFigures,
  state: complaintStatusTerms,
  channel: channelTerms,
  kind: violationTerms,
  outcome: outcomeTerms,
  clocks: weeklyFigures,
}

/** Where a complaint is no longer worked on. */
const ENDED = new Set(['closed', 'archived', 'withdrawn', 'merged', 'terminated', 'not-accepted', 'transferred'])

/** The weekly statistics; without a bound on what had happened, as of the end of the week. */
export async function weeklyRegister(
  ports: RegisterPorts,
  question: RegisterQuestion,
): Promise<Answer<WeeklyRegister>> {
  const { reading, people } = ports
  const { principal, asOf, organisation } = question
  const today = dateOfMs(ports.now())
  const { from, until } = periodOf('weekly', question.date ?? today)
  const asked = { asOf, effectiveAt: question.effectiveAt ?? (until < today ? until : undefined) }
  const resolved = reading.resolveBounds(asked)
  if (!resolved.ok) return resolved
  const { bounds, shown, isNow } = resolved.value
  const all = noCounts()
  const units = new Map<string, Counts>()
  const within = (at: EffectiveTime | null | undefined): boolean => {
    if (at === null || at === undefined) return false
    const day = dateOf(at)
    return day >= from && day <= until
  }
  const counter = (owner: string) => {
    const own = units.get(owner) ?? noCounts()
    units.set(owner, own)
    return (group: Group, item: string) => {
      for (const counts of [all, own]) counts[group][item] = (counts[group][item] ?? 0) + 1
    }
  }
  let overdueItems = 0
  const countClocks = (clocks: readonly Clock[], add: ReturnType<typeof counter>) => {
    let isOverdue = false
    const ends = new Map(clocks.map((clock) => [clock.id, clock.stoppedAt]))
    for (const { id, state } of reading.showClocks(clocks, shown.effectiveAt, bounds.asOf)) {
      if (state === 'overdue') {
        isOverdue = true
        add('clocks', 'overdue')
      } else if (!within(ends.get(id))) continue
      else if (state === 'closedOnTime') add('clocks', 'onTime')
      else if (state === 'closedLate') add('clocks', 'late')
    }
    if (isOverdue) overdueItems++
  }
  const filter = organisation === undefined ? {} : { organisations: [organisation] }
  const { queries } = reading
  const visitScope = scopeFor(principal, 'visit', people)
  for await (const visit of everyRow(async (page) =>
    isNow ? queries.listVisits(filter, page, visitScope) : queries.listVisitsAsOf(filter, page, bounds, visitScope),
  )) {
    const add = counter(visit.organisation)
    if (within(visit.registeredAt)) add('visits', 'received')
    if (within(visit.closedAt)) add('visits', 'closed')
    if (visit.status === 'open') add('visits', 'open')
    countClocks(visit.clocks, add)
  }
  const caseScope = scopeFor(principal, 'complaint', people)
  for await (const item of everyRow(async (page) =>
    isNow ? queries.listCases(filter, page, caseScope) : queries.listCasesAsOf(filter, page, bounds, caseScope),
  )) {
    const add = counter(item.organisation)
    if (within(item.receivedAt)) {
      add('complaints', 'received')
      if (item.channel !== null) add('channel', item.channel)
      if (item.kind !== null) add('kind', item.kind)
    }
    if (within(item.acceptedAt)) add('complaints', 'accepted')
    if (within(item.repliedAt)) add('complaints', 'replied')
    if (within(item.closedAt)) add('complaints', 'closed')
    if (within(item.archivedAt)) add('complaints', 'archived')
    if (within(item.decidedAt) && item.outcome !== null) add('outcome', item.outcome)
    if (!ENDED.has(item.status)) {
      add('complaints', 'open')
      add('state', item.status)
    }
    countClocks(item.clocks, add)
  }
  const nameOf = (id: string) => people.organisation(id)?.name ?? id
  const listed: WeeklyUnit[] = [
    { name: registerWords.total, counts: all },
    ...[...units].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, counts]) => ({ id, name: nameOf(id), counts })),
  ]
  const rows = listed.flatMap(({ name, counts }) => rowsOf(name, counts))
  const about = organisation ?? principal.grants[0]?.organisation
  return {
    ok: true,
    value: {
      register: 'weekly',
      title: registerTitles.weekly,
      rule: registerRules.weekly,
      from,
      until,
      ...shown,
      organisation: organisationOf(ports, organisation),
      total: all.visits.received! + all.complaints.received!,
      summary: [
        { key: 'received', title: weeklyFigures.received, count: all.visits.received! + all.complaints.received! },
        { key: 'closed', title: weeklyFigures.closed, count: all.visits.closed! + all.complaints.closed! },
        { key: 'open', title: weeklyFigures.open, count: all.visits.open! + all.complaints.open! },
        { key: 'overdue', title: weeklyFigures.overdueItems, count: overdueItems },
      ],
      readers: readersOf(ports, about, from, bounds),
      units: listed,
      rows,
    },
  }
}

/** A unit's figures as lines, each group's items in the order of its terms. */
function rowsOf(unit: string, counts: Counts | WeeklyUnit['counts']): WeeklyRow[] {
  return (Object.keys(weeklyGroups) as Group[]).flatMap((group) => {
    const terms = itemTerms[group]
    const order = Object.keys(terms)
    return Object.entries(counts[group])
      .sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
      .map(([item, count]) => ({ unit, group: weeklyGroups[group], item: term(terms, item), count }))
  })
}

/** The two readers of the submitted report of that week, where it was submitted. */
function readersOf(
  { log }: RegisterPorts,
  organisation: string | undefined,
  from: CivilDate,
  bounds: { readonly asOf?: number; readonly effectiveAt?: EffectiveTime },
) {
  const decider = deciderOf('report')
  const steps =
    decider && organisation !== undefined
      ? stepsUntil(
          correctedSteps(readStream(log, deciderOf, reportStream('weekly', organisation, from), bounds.asOf)),
          bounds.effectiveAt,
        )
      : []
  const reviews = decider && steps.length > 0 ? (fold(decider, steps) as ReportState).reviews : []
  return readerRoles.map((as) => ({
    as,
    title: term(readerRoleTerms, as),
    reviewedAt: reviews.find((review) => review.as === as)?.at ?? null,
  }))
}
