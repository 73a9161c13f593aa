/**
 * A complaint as its steps have made it: plain JSON, and no sealed value in it (a ciphertext opens only at its place in
 * its event; read models find it by the ids kept here).
 */
import type { Clock, Limit } from '../clock.ts'
import type { EffectiveTime } from '../time.ts'
import type {
  Channel,
  MeasureKind,
  Milestone,
  Nature,
  NoticeSubject,
  Outcome,
  Procedure,
  ReportPart,
  ReviewOutcome,
  ViolationKind,
} from './fields.ts'

export const complaintStatuses = [
  'none',
  'received',
  'supplement-pending',
  'accepted',
  'not-accepted',
  'transferred',
  'investigating',
  'suspended',
  'concluded',
  'director-opinion',
  'reported-to-leader',
  'decided',
  'replied',
  'review',
  're-review',
  'closed',
  'archived',
  'withdrawn',
  'merged',
  'terminated',
] as const
/** `none`: not opened yet. */
export type ComplaintStatus = (typeof complaintStatuses)[number]

export interface Cooperation {
  readonly reportInTime: boolean
  readonly materialsHandedOver: boolean
  readonly rectified: boolean
  readonly activelyHandled: boolean
}

/** The decision of the office meeting, with the facts that ratings and the veto (S0-4.6e) ask for. */
export interface MeetingDecision {
  /** Id of the event that recorded it: what an annulment names. */
  readonly event: string
  readonly at: EffectiveTime
  readonly meetingNumber: string
  readonly attendees: readonly string[]
  readonly outcome: Outcome
  readonly throughFault: boolean
  readonly subjectiveFault: boolean
  readonly graveSocialImpact: boolean
  readonly graveLoss: boolean
  readonly cooperation: Cooperation
  readonly measures: readonly { readonly kind: MeasureKind; readonly due?: string | undefined }[]
  /** Annulled by a review, a reconsideration or a court. */
  readonly quashed: boolean
}

export interface ImportedCase {
  readonly source: string
  readonly ledgerNumber?: string | undefined
  readonly key: string
  /** MAC of the row as last imported. */
  readonly row: string
  readonly received: 'known' | 'unknown'
  readonly clock?:
    | {
        readonly dueAt?: EffectiveTime | undefined
        readonly limit?: Limit | undefined
        readonly starts: Milestone
        readonly stops: Milestone
        readonly timeZone: string
      }
    | undefined
  /** Plain cells by field name. */
  readonly plain: Readonly<Record<string, string>>
  /** Names of the sealed cells. */
  readonly sealed: readonly string[]
  readonly latest: readonly string[]
  readonly status?: string | undefined
}

export interface ComplaintState {
  readonly status: ComplaintStatus
  /** Where `resume` leads back to. */
  readonly suspendedFrom?: ComplaintStatus | undefined
  /** The case's own subject in the vault. */
  readonly subject?: string | undefined
  /** Subject of the person who complained; absent for a clue. */
  readonly complainant?: string | undefined
  readonly organisation: string
  readonly channel?: Channel | undefined
  readonly nature?: Nature | undefined
  readonly procedure?: Procedure | undefined
  readonly kind?: ViolationKind | undefined
  readonly anonymous: boolean
  readonly respondentOffice?: string | undefined
  readonly respondentWorker?: string | undefined
  /** Subject of a respondent who is not in the registry. */
  readonly respondentPerson?: string | undefined
  readonly firstContact?: string | undefined
  readonly registeredBy?: string | undefined
  readonly investigators: readonly string[]
  /** Everyone who ever investigated: none of them votes. */
  readonly everInvestigated: readonly string[]
  readonly director?: string | undefined
  readonly leader?: string | undefined
  readonly recused: readonly string[]
  readonly recusalPending: readonly string[]
  readonly readers?: readonly string[] | undefined
  readonly receivedAt?: EffectiveTime | undefined
  readonly acceptedAt?: EffectiveTime | undefined
  readonly decidedAt?: EffectiveTime | undefined
  readonly repliedAt?: EffectiveTime | undefined
  readonly closedAt?: EffectiveTime | undefined
  readonly archivedAt?: EffectiveTime | undefined
  /** Time of the last step of the chain: the next one cannot be certainly earlier. */
  readonly lastStepAt?: EffectiveTime | undefined
  readonly notified: readonly NoticeSubject[]
  readonly supplementRequests: number
  /** An objection to a transfer is open. */
  readonly transferObjected: boolean
  readonly handlerReport: 'none' | 'requested' | 'reminded' | 'submitted' | 'absent'
  readonly defence: 'none' | 'submitted' | 'waived'
  readonly evidence: number
  readonly reportParts: readonly ReportPart[]
  readonly decision?: MeetingDecision | undefined
  readonly outcome?: Outcome | undefined
  readonly throughFault?: boolean | undefined
  /** Whether an ordered rectification was found done, once it was checked. */
  readonly rectified?: boolean | undefined
  readonly review?: ReviewOutcome | 'pending' | undefined
  readonly reReview?: ReviewOutcome | 'pending' | undefined
  /** Review and re-review are done: the same facts are not taken up again. */
  readonly exhausted: boolean
  readonly mergedInto?: string | undefined
  /** The case whose matter this one repeats. */
  readonly repeats?: string | undefined
  readonly repeatsExhausted: boolean
  /** Cases joined to this one. */
  readonly joined: readonly string[]
  readonly penaltyCases: readonly string[]
  readonly penaltyProposedTo?: string | undefined
  readonly committee?: string | undefined
  readonly reportSubmissions: readonly { readonly at: EffectiveTime; readonly complete: boolean }[]
  readonly reopened: number
  readonly archiveOpenings: number
  readonly firstContactBreaches: number
  /** Extension asked for and not decided, by clock id. */
  readonly extensionsPending: readonly {
    readonly clock: string
    readonly by: Limit
    readonly asker?: string | undefined
  }[]
  /** Clocks of the live chain, in the order of their starts; {@link clocks} adds the ledger's own. */
  readonly clocks: readonly Clock[]
  readonly imported?: ImportedCase | undefined
}

export const initialComplaint: ComplaintState = {
  status: 'none',
  organisation: '',
  anonymous: false,
  investigators: [],
  everInvestigated: [],
  recused: [],
  recusalPending: [],
  notified: [],
  supplementRequests: 0,
  transferObjected: false,
  handlerReport: 'none',
  defence: 'none',
  evidence: 0,
  reportParts: [],
  exhausted: false,
  repeatsExhausted: false,
  joined: [],
  penaltyCases: [],
  reportSubmissions: [],
  reopened: 0,
  archiveOpenings: 0,
  firstContactBreaches: 0,
  extensionsPending: [],
  clocks: [],
}
