/** A penalty case as its steps have made it: plain JSON, and no sealed value in it. Money in fen. */
import type { Clock } from '../clock.ts'
import { type CivilDate, type EffectiveTime, sortKey } from '../time.ts'
import type {
  DecisionOutcome,
  LegalReviewCase,
  Level,
  LimitationClass,
  PenaltyItem,
  PenaltyLaw,
  QuashedBy,
} from './fields.ts'
import { nothingPaid, type Paid, type PausedRange, type Payment } from './money.ts'

export const penaltyStatuses = [
  'none',
  'filed',
  'investigating',
  'concluded',
  'forwarded',
  'noticed',
  'decided',
  'served',
  'under-reconsideration',
  'under-litigation',
  'quashed',
  'closed',
  'terminated',
  'archived',
] as const
/** `none`: not opened yet. Payment and execution go on under reconsideration and litigation (行政处罚法 73). */
export type PenaltyStatus = (typeof penaltyStatuses)[number]

/** A decision, first or changed. */
export interface Decision {
  /** Id of the event that recorded it: what an annulment names. */
  readonly event: string
  readonly at: EffectiveTime
  readonly outcome: DecisionOutcome
  readonly level: Level
  readonly penalties: readonly PenaltyItem[]
  readonly document: string
  readonly socialImpact: boolean
  readonly servedAt?: EffectiveTime | undefined
  /** Who made it in the place of an earlier one. */
  readonly changedBy?: QuashedBy | undefined
  /** The event that annulled it, who did that, and whether for its procedure alone. */
  readonly quashed?: { readonly event: string; readonly by: QuashedBy; readonly onProcedure: boolean } | undefined
}

/** The prior notice that stands. */
export interface Notice {
  readonly event: string
  readonly at: EffectiveTime
  readonly penalties: readonly PenaltyItem[]
  /** Whether it gives the right to a hearing. */
  readonly hearing: boolean
  readonly defenceUntil: CivilDate
  /** Whether it rests on facts that are new since the notice or decision before. */
  readonly newFacts: boolean
}

/** A reconsideration or a suit. */
export interface Remedy extends PausedRange {
  readonly kind: 'reconsideration' | 'litigation'
  /** The decision it is against. */
  readonly decision: string
  /** Where the case stood before, and stands again if the decision is upheld. */
  readonly before: PenaltyStatus
  /** What the organ or court said, once it did. */
  readonly result?: 'upheld' | 'changed' | 'revoked' | 'withdrawn' | undefined
}

export interface PenaltyState {
  readonly status: PenaltyStatus
  /** The case's own subject in the vault. */
  readonly subject?: string | undefined
  /** Who filed it and owns it. */
  readonly organisation: string
  /** Level of the organ that is competent now. */
  readonly level: Level
  /** Level of the organ that filed it. */
  readonly filedLevel: Level
  /** The superior organ that took it over. */
  readonly takenBy?: string | undefined
  readonly forwardedTo?: string | undefined
  readonly complaint?: string | undefined
  readonly respondent: 'office' | 'worker'
  /** The office where the act happened (Q18). */
  readonly respondentOffice?: string | undefined
  readonly respondentWorker?: string | undefined
  /** What kind of act it is. */
  readonly kind?: string | undefined
  readonly law: PenaltyLaw
  readonly actOn?: CivilDate | undefined
  readonly limitation: LimitationClass
  /** On the spot (行政处罚法 51). */
  readonly summary: boolean
  readonly summaryReported: boolean
  readonly filedBy?: string | undefined
  readonly filedAt?: EffectiveTime | undefined
  readonly investigators: readonly string[]
  /** Everyone who ever investigated: none of them reviews, chairs, discusses or decides. */
  readonly everInvestigated: readonly string[]
  readonly recused: readonly string[]
  readonly recusalPending: readonly string[]
  readonly inquiries: number
  readonly evidence: number
  /** Lists of preserved evidence that wait for their decision, with their clocks. */
  readonly preserved: readonly { readonly list: string; readonly clock: string }[]
  /** Every list there ever was. */
  readonly preservationLists: readonly string[]
  readonly correction: 'none' | 'ordered' | 'corrected' | 'not-corrected'
  /** Another organ has fined the same act. */
  readonly finedElsewhere: boolean
  readonly illegalGains: number
  readonly complexOrMajor: boolean
  readonly legalReviewCases: readonly LegalReviewCase[]
  readonly proposed?: DecisionOutcome | undefined
  readonly notice?: Notice | undefined
  readonly defence: 'none' | 'filed' | 'heard' | 'waived'
  readonly hearing: 'none' | 'requested' | 'announced' | 'held' | 'abandoned'
  readonly hearingChair?: string | undefined
  readonly hearingAt?: EffectiveTime | undefined
  readonly legalReview: 'none' | 'passed' | 'failed'
  readonly discussed: boolean
  /** All decisions, quashed ones too, in order. */
  readonly decisions: readonly Decision[]
  /** With what was refunded as negative amounts. */
  readonly payments: readonly Payment[]
  /** Refunds taken off. */
  readonly paid: Paid
  readonly receipts: readonly string[]
  readonly urgedAt?: EffectiveTime | undefined
  readonly enforcement: 'none' | 'applied' | 'enforced' | 'ended'
  readonly executed: boolean
  /** The decision that is public now. */
  readonly published?: string | undefined
  readonly remedies: readonly Remedy[]
  readonly executionSuspended: boolean
  /** A review found the decision wrong and it has not been annulled yet. */
  readonly mustQuash?: 'changed' | 'revoked' | undefined
  readonly mustQuashBy?: 'reconsideration' | 'court' | undefined
  readonly closedAt?: EffectiveTime | undefined
  /** Time of the last step of the chain: the next one cannot be certainly earlier. */
  readonly lastStepAt?: EffectiveTime | undefined
  readonly clocks: readonly Clock[]
}

export const initialPenalty: PenaltyState = {
  status: 'none',
  organisation: '',
  level: 'county',
  filedLevel: 'county',
  respondent: 'office',
  law: 'order-137',
  limitation: 'ordinary',
  summary: false,
  summaryReported: false,
  investigators: [],
  everInvestigated: [],
  recused: [],
  recusalPending: [],
  inquiries: 0,
  evidence: 0,
  preserved: [],
  preservationLists: [],
  correction: 'none',
  finedElsewhere: false,
  illegalGains: 0,
  complexOrMajor: false,
  legalReviewCases: [],
  defence: 'none',
  hearing: 'none',
  legalReview: 'none',
  discussed: false,
  decisions: [],
  payments: [],
  paid: nothingPaid,
  receipts: [],
  enforcement: 'none',
  executed: false,
  remedies: [],
  executionSuspended: false,
  clocks: [],
}

/** The decision that stands: the last one, unless it was quashed. */
export function standing(state: PenaltyState): Decision | undefined {
  const last = state.decisions.at(-1)
  return last && last.quashed === undefined ? last : undefined
}

/** The organisation that is competent for notice, hearing, review and decision. */
export const competent = (state: PenaltyState): string => state.takenBy ?? state.organisation

/** The remedy that runs, if one does. */
export const runningRemedy = (state: PenaltyState): Remedy | undefined =>
  state.remedies.find((remedy) => remedy.to === undefined)

const laterOf = (a: EffectiveTime | undefined, b: EffectiveTime): EffectiveTime =>
  a !== undefined && sortKey(a) > sortKey(b) ? a : b

/** The state with the chain one step further. */
export const moved = (
  state: PenaltyState,
  step: { readonly effectiveAt: EffectiveTime },
  status: PenaltyStatus,
): PenaltyState => ({ ...state, status, lastStepAt: laterOf(state.lastStepAt, step.effectiveAt) })

/** What a new notice, or a new start, leaves open again. */
export const unheard = {
  defence: 'none',
  hearing: 'none',
  hearingChair: undefined,
  hearingAt: undefined,
  legalReview: 'none',
  discussed: false,
} as const
