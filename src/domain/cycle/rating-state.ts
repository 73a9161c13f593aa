/** What the steps of an office's rating stream have made: plain JSON. */
import type { Actor } from '../event.ts'
import { climb, type LadderState } from '../rating/levels.ts'
import { dateOf, type EffectiveTime } from '../time.ts'
import type { CyclePlan } from './plan.ts'
import type { RatingStep } from './rating-events.ts'

/** How far the result of the running cycle has come. The old rating stays in force until `published`. */
export const publicationStates = ['none', 'computed', 'notified', 'notice', 'cleared', 'published'] as const
export type PublicationState = (typeof publicationStates)[number]

/** A result with the run that it comes from. */
export interface Result {
  readonly level: number
  readonly categories: readonly string[]
  readonly points: number
  readonly run: {
    readonly asOf: number
    readonly effectiveAt: EffectiveTime
    readonly scheme: string
    readonly digest: string
  }
}

const resultOf = ({ level, categories, points, run }: Result): Result => ({ level, categories, points, run })

/** The office in its running cycle. */
export interface Participation {
  readonly cycle: string
  readonly plan: CyclePlan
  readonly enrolledAt: EffectiveTime
  readonly self?: { readonly at: EffectiveTime; readonly late: boolean }
  readonly visited: boolean
  readonly surveys: readonly string[]
  /** Criteria with an official score. */
  readonly scored: readonly string[]
  /** Everyone who visited, scored or assessed: none of them decides an appeal. */
  readonly involved: readonly string[]
  readonly publication: PublicationState
  /** The overall assessment as it was made, notified and shown to the public. */
  readonly result?: Result
  readonly notifiedAt?: EffectiveTime
  readonly appeal: 'none' | 'waived' | 'pending' | 'dismissed'
  readonly noticeAt?: EffectiveTime
  /** Open objections, by event id. */
  readonly objections: readonly string[]
  readonly vetoed: boolean
}

/** The rating in force. */
export interface Published {
  readonly event: string
  readonly cycle: string
  readonly plan: CyclePlan
  readonly level: number
  readonly at: EffectiveTime
  /** The authority that awarded it: it alone may take measures (S0-4.6f). */
  readonly authority: string
}

/** A special inspection of a plaque holder, or a finding between two. */
export interface Inspection {
  readonly stage: 'scheduled' | 'inspected' | 'found' | 'checked' | 'confirmed' | 'measured' | 'announced'
  readonly conforming?: boolean
}

export interface Rerating {
  readonly stage: 'proposed' | 'notified' | 'heard' | 'adopted'
  readonly award: string
  readonly proposedBy: string
  readonly notifiedAt?: EffectiveTime
  readonly result: Result
}

export interface RatingState {
  readonly office?: string
  readonly current?: Participation
  readonly published?: Published
  /** Level, warnings running and plaque, measures taken off. */
  readonly ladder: LadderState
  readonly plaque?: { readonly number: string }
  readonly commended: boolean
  readonly inspection?: Inspection
  /** Year of the last special inspection. */
  readonly inspectedYear?: number
  readonly rerating?: Rerating
  /** Measures that may be quashed, with the ladder before them. */
  readonly measures: readonly { readonly event: string; readonly before: LadderState; readonly quashed: boolean }[]
}

export const initialRating: RatingState = {
  ladder: { level: 0, streak: 0, plaque: false },
  commended: false,
  measures: [],
}

/** The organisation somebody acts for: his own, or for the operator and reactors the owner of the stream. */
export const authorityOf = (step: { readonly actor: Actor; readonly organisation: string }): string =>
  'organisation' in step.actor ? step.actor.organisation : step.organisation

const with_ = (state: RatingState, more: Partial<Participation>): RatingState =>
  state.current ? { ...state, current: { ...state.current, ...more } } : state

const inspection = (state: RatingState, stage: Inspection['stage'], more: Partial<Inspection> = {}): RatingState => ({
  ...state,
  inspection: { ...state.inspection, ...more, stage },
})

/** Back to scoring: an appeal or an objection was upheld. */
const rescore = (state: RatingState): RatingState =>
  with_(state, { publication: 'none', appeal: 'none', result: undefined, notifiedAt: undefined, noticeAt: undefined })

/** Everyone named, and whoever recorded it. */
const involved = (current: Participation | undefined, step: RatingStep, named: readonly string[]) =>
  distinct([...(current?.involved ?? []), ...named, ...('person' in step.actor ? [step.actor.person] : [])])

const distinct = (ids: readonly string[]) => [...new Set(ids)]

function measured(
  state: RatingState,
  step: RatingStep,
  outcome: 'WARNING' | 'DOWNGRADE' | 'VETO' | 'OTHER',
): RatingState {
  const plan = state.published?.plan
  if (!plan) return state
  // Two warnings downgrade by an event of their own, so that a warning alone only adds to the streak.
  const ladder =
    outcome === 'WARNING'
      ? { ...state.ladder, streak: state.ladder.streak + 1 }
      : climb(state.ladder, outcome, step.type === 'StarDowngraded' ? { ...plan, downgradeBy: step.data.taken } : plan)
          .state
  const measures = [...state.measures, { event: step.id, before: state.ladder, quashed: false }]
  return inspection({ ...state, ladder: { ...ladder, plaque: state.ladder.plaque }, measures }, 'measured')
}

export function evolveRating(state: RatingState, step: RatingStep): RatingState {
  const { current } = state
  switch (step.type) {
    case 'OfficeEnrolled':
      return {
        ...state,
        office: step.data.office,
        current: {
          cycle: step.data.cycle,
          plan: step.data.plan,
          enrolledAt: step.effectiveAt,
          visited: false,
          surveys: [],
          scored: [],
          involved: [],
          publication: 'none',
          appeal: 'none',
          objections: [],
          vetoed: false,
        },
      }
    case 'SelfAssessmentSubmitted':
      return with_(state, { self: { at: step.effectiveAt, late: step.data.late } })
    case 'OnSiteVisitRecorded':
      return with_(state, {
        visited: true,
        involved: involved(current, step, step.data.inspectors),
      })
    case 'SatisfactionSurveyed':
      return with_(state, { surveys: distinct([...(current?.surveys ?? []), step.data.survey]) })
    case 'OfficialScoresRecorded':
      return with_(state, {
        scored: distinct([...(current?.scored ?? []), ...step.data.scores.map(({ criterion }) => criterion)]),
        involved: involved(current, step, step.data.scorers),
      })
    case 'OverallAssessmentMade':
      return with_(state, {
        publication: 'computed',
        result: resultOf(step.data),
        involved: involved(current, step, step.data.assessors),
      })
    case 'ResultNotified':
      return with_(state, { publication: 'notified', notifiedAt: step.effectiveAt })
    case 'AppealFiled':
      return with_(state, { appeal: 'pending' })
    case 'AppealWaived':
      return with_(state, { appeal: 'waived' })
    case 'AppealDecided':
      return step.data.upheld ? rescore(state) : with_(state, { appeal: 'dismissed' })
    case 'PublicNoticeStarted':
      return with_(state, { publication: 'notice', noticeAt: step.effectiveAt })
    case 'ObjectionRaised':
      return with_(state, { objections: [...(current?.objections ?? []), step.id] })
    case 'ObjectionResolved': {
      const objections = (current?.objections ?? []).filter((open) => open !== step.data.of)
      const resolved = with_(state, { objections })
      if (step.data.upheld) return rescore(resolved)
      return step.data.notice === 'RESTARTS' ? with_(resolved, { noticeAt: step.effectiveAt }) : resolved
    }
    case 'PublicNoticeClosed':
      return with_(state, { publication: 'cleared' })
    case 'RatingPublished':
      if (!current) return state
      return {
        ...with_(state, { publication: 'published' }),
        published: {
          event: step.id,
          cycle: step.data.cycle,
          plan: current.plan,
          level: step.data.level,
          at: step.effectiveAt,
          authority: authorityOf(step),
        },
        // A new award starts a new ladder, and its plaque is issued anew.
        ladder: { level: step.data.level, streak: 0, plaque: false },
        plaque: undefined,
        commended: false,
        inspection: undefined,
        measures: [],
      }
    case 'PlaqueIssued':
      return {
        ...state,
        plaque: { number: step.data.number },
        ladder: { ...state.ladder, plaque: true },
      }
    case 'OfficeCommended':
      return { ...state, commended: true }
    case 'SpecialInspectionScheduled':
      return inspection({ ...state, inspectedYear: step.data.year }, 'scheduled', { conforming: undefined })
    case 'SpecialInspectionCompleted': {
      const ladder = step.data.conforming ? climb(state.ladder, 'OK').state : state.ladder
      return inspection({ ...state, ladder }, 'inspected', { conforming: step.data.conforming })
    }
    case 'NonconformityFound':
      return inspection(state, 'found', { conforming: false })
    case 'PreliminaryCheckDone':
      return inspection(state, 'checked')
    case 'FindingConfirmed':
      return step.data.confirmed
        ? inspection(state, 'confirmed')
        : inspection({ ...state, ladder: climb(state.ladder, 'OK').state }, 'announced', { conforming: true })
    case 'StarWarningIssued':
      return measured(state, step, 'WARNING')
    case 'StarDowngraded':
      return measured(state, step, 'DOWNGRADE')
    case 'OneVoteVetoApplied':
      return with_(measured(state, step, 'VETO'), { vetoed: true })
    case 'OtherMeasureTaken':
      return measured(state, step, 'OTHER')
    case 'PlaqueWithdrawn':
      return { ...state, plaque: undefined, ladder: { ...state.ladder, plaque: false } }
    case 'MeasureAnnounced':
      return inspection(state, 'announced')
    case 'SpecialInspectionClosed':
      return { ...state, inspection: undefined }
    case 'MeasureQuashed': {
      const place = state.measures.findIndex(({ event }) => event === step.data.of)
      const quashed = state.measures[place]
      if (!quashed) return state
      const measures = state.measures.map((one) => (one === quashed ? { ...one, quashed: true } : one))
      // What the measure took comes back; what later measures took stays taken.
      const after = state.measures[place + 1]?.before ?? state.ladder
      const level = state.ladder.level + (quashed.before.level - after.level)
      const streak = Math.max(0, state.ladder.streak - Math.max(0, after.streak - quashed.before.streak))
      return { ...state, measures, ladder: { ...state.ladder, level, streak } }
    }
    case 'AffectedConfirmed':
    case 'AffectedDismissed':
    case 'StatementRecorded':
      return state
    case 'ReratingProposed':
      return {
        ...state,
        rerating: {
          stage: 'proposed',
          award: step.data.award,
          proposedBy: step.data.proposedBy,
          result: resultOf(step.data),
        },
      }
    case 'ReratingNotified':
      return state.rerating
        ? { ...state, rerating: { ...state.rerating, stage: 'notified', notifiedAt: step.effectiveAt } }
        : state
    case 'ReratingReplyRecorded':
    case 'ReratingReplyWaived':
      return state.rerating ? { ...state, rerating: { ...state.rerating, stage: 'heard' } } : state
    case 'ReratingDecided':
      if (!state.rerating) return state
      return { ...state, rerating: step.data.adopted ? { ...state.rerating, stage: 'adopted' } : undefined }
    case 'RatingSuperseded':
      if (!state.published) return state
      return {
        ...state,
        rerating: undefined,
        published: { ...state.published, event: step.id, level: step.data.level, at: step.effectiveAt },
        ladder: { ...state.ladder, level: step.data.level },
        measures: [],
      }
  }
}

/** The calendar year of a time. */
export const yearOf = (at: EffectiveTime): number => Number(dateOf(at).slice(0, 4))
