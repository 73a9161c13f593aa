/** What each category besides complaints and visits puts in its list row. No readable personal text. */
import type { ReportState } from '../../domain/bulletin.ts'
import type { DisciplineState } from '../../domain/discipline/index.ts'
import type { ObligationState } from '../../domain/obligation.ts'
import type { PenaltyState } from '../../domain/penalty/index.ts'
import type { PracticeState } from '../../domain/practice.ts'
import type { CardState, PlanState, ReturnVisitState } from '../../domain/return-visit/index.ts'
import { chargedUnits, type SupervisionState } from '../../domain/supervision/index.ts'
import type { EffectiveTime } from '../../domain/time.ts'

export interface MatterFacts {
  readonly status: string
  /** What kind of thing it is within its category: source, ground, report kind, duty. */
  readonly kind?: string | undefined
  readonly office?: string | undefined
  readonly worker?: string | undefined
  readonly importance?: string | undefined
  /** The case it is about, as a stream. */
  readonly about?: string | undefined
  /** Period it is for. */
  readonly from?: string | undefined
  readonly until?: string | undefined
  readonly openedAt?: EffectiveTime | undefined
  readonly closedAt?: EffectiveTime | undefined
  /** What it is found by from outside: the hash of a card's link. */
  readonly key?: string | undefined
  readonly works?: readonly string[]
  readonly registeredBy?: string | undefined
  readonly readers?: readonly string[] | undefined
  readonly charged?: readonly string[] | undefined
  readonly recused?: readonly string[] | undefined
}

const streamOf = (category: string | undefined, id: string | undefined): string | undefined =>
  category === undefined || id === undefined ? undefined : `${category}-${id}`
const some = (list: readonly string[] | undefined) => (list && list.length > 0 ? list : undefined)
const isText = (value: string | undefined): value is string => value !== undefined

const supervision = (state: SupervisionState): MatterFacts => ({
  status: state.status,
  kind: state.source,
  importance: state.importance,
  about: streamOf(state.about?.category, state.about?.case),
  openedAt: state.openedAt,
  closedAt: state.closedAt,
  works: [...new Set([...state.tasks.map(({ handler }) => handler), state.officer].filter(isText))],
  registeredBy: state.openedBy,
  readers: some(state.readers),
  charged: some(chargedUnits(state)),
})
const returnvisit = (state: ReturnVisitState): MatterFacts => ({
  status: state.status,
  kind: state.ground,
  office: state.office,
  about: streamOf(state.category, state.case),
  openedAt: state.assignedAt,
  closedAt: state.status === 'closed' ? state.lastStepAt : undefined,
  works: [state.visitor].filter(isText),
})
const returnplan = (state: PlanState): MatterFacts => ({
  status: state.month === undefined ? 'none' : 'planned',
  from: state.month === undefined ? undefined : `${state.month}-01`,
  openedAt: state.plannedAt,
})
const qualitycard = (state: CardState): MatterFacts => ({
  status: state.status,
  kind: state.form,
  office: state.office,
  about: streamOf(state.category, state.case),
  openedAt: state.issuedAt,
  closedAt: state.returnedAt,
  key: state.tokenHash,
})
const report = (state: ReportState): MatterFacts => ({
  status: state.status,
  kind: state.kind,
  from: state.from,
  until: state.until,
  openedAt: state.issuedAt,
})
const obligation = (state: ObligationState): MatterFacts => ({
  status: state.status,
  kind: state.duty,
  office: state.about,
  from: state.from,
  until: state.until,
  openedAt: state.from,
  closedAt: state.endedAt,
})
const practice = (state: PracticeState): MatterFacts => ({
  status: state.versions.length === 0 ? 'none' : 'published',
  from: state.versions.at(-1)?.validFrom,
})
const penalty = (state: PenaltyState): MatterFacts => ({
  status: state.status,
  kind: state.kind,
  office: state.respondentOffice,
  worker: state.respondentWorker,
  about: streamOf('complaint', state.complaint),
  openedAt: state.filedAt,
  closedAt: state.closedAt,
  works: state.investigators,
  registeredBy: state.filedBy,
  recused: some(state.recused),
})
const discipline = (state: DisciplineState): MatterFacts => ({
  status: state.status,
  kind: state.kind,
  office: state.respondentOffice,
  worker: state.respondentWorker,
  openedAt: state.clocks[0]?.startedAt,
  closedAt: state.closedAt,
  registeredBy: state.referredBy,
  recused: some(state.recused),
})

type FactsOf = (state: never) => MatterFacts

/** By category; a category that is not here has no list of this kind. */
export const matterFacts: Readonly<Record<string, FactsOf>> = {
  supervision: supervision as FactsOf,
  returnvisit: returnvisit as FactsOf,
  returnplan: returnplan as FactsOf,
  qualitycard: qualitycard as FactsOf,
  report: report as FactsOf,
  obligation: obligation as FactsOf,
  practice: practice as FactsOf,
  penalty: penalty as FactsOf,
  discipline: discipline as FactsOf,
}

export const matterCategories: ReadonlySet<string> = new Set(Object.keys(matterFacts))
