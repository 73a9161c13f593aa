/** What every category of cases says to the board: whether it is open, whose it is, and its clocks. */
import type { Clock } from './clock.ts'
import { complaintClocks } from './complaint/index.ts'
import type { ComplaintState } from './complaint/state.ts'
import { type VisitState, visitClocks } from './visit.ts'

export interface BoardFacts {
  readonly open: boolean
  readonly office?: string
  readonly importance?: string
  /** Owner, where the state says it. */
  readonly organisation?: string
  /** Need-to-know list. */
  readonly readers?: readonly string[]
  readonly clocks: readonly Clock[]
}

/** Statuses in which a complaint is done with: also what was refused, withdrawn or merged is open until somebody closes it (S1-5.2a). */
const complaintEnded = new Set(['none', 'closed', 'archived'])

const complaint = (state: ComplaintState): BoardFacts => ({
  open: !complaintEnded.has(state.status),
  ...(state.organisation ? { organisation: state.organisation } : {}),
  ...(state.respondentOffice ? { office: state.respondentOffice } : {}),
  ...(state.readers && state.readers.length > 0 ? { readers: state.readers } : {}),
  clocks: complaintClocks(state),
})

/** A visit without a clock was answered on the spot: it is on no board. */
const visit = (state: VisitState): BoardFacts | undefined => {
  const clocks = visitClocks(state)
  return clocks.length === 0 ? undefined : { open: state.status === 'open', organisation: state.organisation, clocks }
}

type FactsOf = (state: never) => BoardFacts | undefined

/** By category; a category that is not here has no clocks. */
export const boardFacts: Readonly<Record<string, FactsOf>> = {
  complaint: complaint as FactsOf,
  visit: visit as FactsOf,
}
