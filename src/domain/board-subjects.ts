/** What every category of cases says to the board: whether it is open, whose it is, and its clocks. */
import type { ReportState } from './bulletin.ts'
import type { Clock } from './clock.ts'
import { complaintClocks } from './complaint/index.ts'
import type { ComplaintState } from './complaint/state.ts'
import { type DisciplineState, type disciplineClockKinds, disciplineClocks } from './discipline/index.ts'
import type { ObligationState } from './obligation.ts'
import { type PenaltyState, penaltyClocks, penaltyRightClocks } from './penalty/index.ts'
import type { ReturnVisitState } from './return-visit/index.ts'
import { chargedUnits, type SupervisionState } from './supervision/index.ts'
import { type VisitState, visitClocks } from './visit.ts'

export interface BoardFacts {
  readonly open: boolean
  readonly office?: string
  readonly importance?: string
  /** Owner, where the state says it. */
  readonly organisation?: string
  /** Organisations and offices charged with a task of it besides. */
  readonly charged?: readonly string[]
  /** Need-to-know list. */
  readonly readers?: readonly string[]
  /** Persons who stepped aside: they do not see it. */
  readonly recused?: readonly string[]
  readonly clocks: readonly Clock[]
}

const officeOf = (office: string | undefined) => (office ? { office } : {})
const listed = (readers: readonly string[] | undefined) => (readers && readers.length > 0 ? { readers } : {})
const aside = (recused: readonly string[]) => (recused.length > 0 ? { recused } : {})

/** Statuses in which a complaint is done with: also what was refused, withdrawn or merged is open until somebody closes it (S1-5.2a). */
const complaintEnded = new Set(['none', 'closed', 'archived'])

const complaint = (state: ComplaintState): BoardFacts => ({
  open: !complaintEnded.has(state.status),
  ...(state.organisation ? { organisation: state.organisation } : {}),
  ...officeOf(state.respondentOffice),
  ...listed(state.readers),
  ...aside(state.recused),
  clocks: complaintClocks(state),
})

/** A visit without a clock was answered on the spot: it is on no board. */
const visit = (state: VisitState): BoardFacts | undefined => {
  const clocks = visitClocks(state)
  return clocks.length === 0 ? undefined : { open: state.status === 'open', organisation: state.organisation, clocks }
}

const supervision = (state: SupervisionState): BoardFacts => {
  const charged = chargedUnits(state)
  return {
    open: state.status !== 'closed' && state.status !== 'withdrawn',
    organisation: state.organisation,
    importance: state.importance,
    ...(charged.length > 0 ? { charged } : {}),
    ...listed(state.readers),
    clocks: state.clocks,
  }
}

const returnVisit = (state: ReturnVisitState): BoardFacts => ({
  open: state.status !== 'closed',
  organisation: state.organisation,
  ...officeOf(state.office),
  clocks: state.clocks,
})

const obligation = (state: ObligationState): BoardFacts => ({
  open: state.status === 'due',
  organisation: state.organisation,
  ...officeOf(state.about),
  clocks: state.clocks,
})

/** Only a report that waits for its readers has a clock. */
const report = (state: ReportState): BoardFacts | undefined =>
  state.clocks.length === 0
    ? undefined
    : { open: state.status === 'issued', organisation: state.organisation, clocks: state.clocks }

const caseEnded = new Set(['none', 'closed', 'terminated', 'withdrawn', 'archived'])

/** Periods of the respondent's rights stand in the file: that they run out is nobody's miss. */
const penalty = (state: PenaltyState): BoardFacts => ({
  open: !caseEnded.has(state.status),
  organisation: state.organisation,
  ...officeOf(state.respondentOffice),
  ...aside(state.recused),
  clocks: penaltyClocks(state).filter(({ kind }) => !penaltyRightClocks.has(kind)),
})

const reviewRequest: keyof typeof disciplineClockKinds = 'discipline.review-request'
const discipline = (state: DisciplineState): BoardFacts => ({
  open: !caseEnded.has(state.status),
  organisation: state.organisation,
  ...officeOf(state.respondentOffice),
  ...aside(state.recused),
  clocks: disciplineClocks(state).filter(({ kind }) => kind !== reviewRequest),
})

type FactsOf = (state: never) => BoardFacts | undefined

/** By category; a category that is not here has no clocks. */
export const boardFacts: Readonly<Record<string, FactsOf>> = {
  complaint: complaint as FactsOf,
  visit: visit as FactsOf,
  supervision: supervision as FactsOf,
  returnvisit: returnVisit as FactsOf,
  obligation: obligation as FactsOf,
  report: report as FactsOf,
  penalty: penalty as FactsOf,
  discipline: discipline as FactsOf,
}
