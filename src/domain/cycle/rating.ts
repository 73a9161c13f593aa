/** The decider of an office's rating: enrolment to plaque, special inspections and measures, official re-rating (S0-4). */
import { z } from 'zod'
import { accepted, action, type DecideContext, type Decider, type Refusal, refusal } from '../decider.ts'
import { climb } from '../rating/levels.ts'
import { dateOf } from '../time.ts'
import { judge } from './plan.ts'
import { type RatingEvent, type RatingEvents, ratingEvents } from './rating-events.ts'
import { guardRating } from './rating-guard.ts'
import { evolveRating, initialRating, type RatingState } from './rating-state.ts'

type Type = keyof RatingEvents & string

const needs = (condition: boolean, code: Refusal['code'], rule: string) => (condition ? undefined : refusal(code, rule))

/** An action that records its body as one event; the guard judges the rest. */
const records = <Name extends Type>(type: Name, when?: (state: RatingState) => Refusal | undefined) =>
  action<RatingState, RatingEvent, z.ZodType>({
    rule: ratingEvents[type].rule,
    body: ratingEvents[type].data,
    ...(when ? { when } : {}),
    decide: (body) => accepted({ type, data: body } as unknown as RatingEvent),
  })

const rules = (type: Type) => ratingEvents[type].rule
const inPhase =
  (type: Type, ...phases: string[]) =>
  ({ current }: RatingState) =>
    needs(current !== undefined && phases.includes(current.publication), 'cycle-phase', rules(type))
const atStage =
  (type: Type, ...stages: string[]) =>
  ({ inspection }: RatingState) =>
    needs(inspection !== undefined && stages.includes(inspection.stage), 'inspection-step-missing', rules(type))
const rerating =
  (type: Type, ...stages: string[]) =>
  ({ rerating: open }: RatingState) =>
    needs(open !== undefined && stages.includes(open.stage), 'rerating-step', rules(type))
const published = (type: Type) => (state: RatingState) =>
  needs(state.published !== undefined, 'rating-not-published', rules(type))

/** The appeal window, as far as it has to be waited for. */
const appealWindow = (state: RatingState, context: DecideContext) => {
  const { current } = state
  return current?.notifiedAt && judge(current.notifiedAt, current.plan.appeal, current.plan.roll, context)
}
const noticePeriod = (state: RatingState, context: DecideContext) => {
  const { current } = state
  return current?.noticeAt && judge(current.noticeAt, current.plan.notice, current.plan.roll, context)
}
const notNow = (type: Type) => ({ ok: false as const, refusal: refusal('cycle-phase', rules(type)) })

// Bodies are the events' data without what the decision itself finds: dates judged, lateness, levels taken.
const warningBody = ratingEvents.StarWarningIssued.data
const downgradeBody = ratingEvents.StarDowngraded.data.omit({ cause: true, taken: true })
const selfBody = ratingEvents.SelfAssessmentSubmitted.data.omit({ late: true })
const appealBody = ratingEvents.AppealFiled.data.omit({ judged: true })
const noticeBody = ratingEvents.PublicNoticeStarted.data.omit({ judged: true })
const objectionBody = ratingEvents.ObjectionRaised.data.omit({ judged: true })
const reratingBody = ratingEvents.ReratingDecided.data.omit({ judged: true })

export const ratingDecider: Decider<RatingState, RatingEvents> = {
  category: 'rating',
  events: ratingEvents,
  initial: initialRating,
  evolve: evolveRating,
  guard: guardRating,
  actions: {
    enrol: action<RatingState, RatingEvent, typeof ratingEvents.OfficeEnrolled.data>({
      rule: 'S0-2.1',
      creates: true,
      body: ratingEvents.OfficeEnrolled.data,
      decide: (body) => accepted({ type: 'OfficeEnrolled', data: body, basis: { scheme: body.plan.scheme } }),
    }),
    submitSelfAssessment: action<RatingState, RatingEvent, typeof selfBody>({
      rule: 'S0-4.2b',
      body: selfBody,
      when: inPhase('SelfAssessmentSubmitted', 'none'),
      decide: (body, state, { effectiveAt }) => {
        const late = state.current !== undefined && dateOf(effectiveAt) > state.current.plan.selfAssessmentDue
        return accepted({ type: 'SelfAssessmentSubmitted', data: { ...body, late } })
      },
    }),
    recordVisit: records('OnSiteVisitRecorded', inPhase('OnSiteVisitRecorded', 'none')),
    recordSurvey: records('SatisfactionSurveyed', inPhase('SatisfactionSurveyed', 'none')),
    recordScores: records('OfficialScoresRecorded', inPhase('OfficialScoresRecorded', 'none')),
    assess: records('OverallAssessmentMade', inPhase('OverallAssessmentMade', 'none')),
    notifyResult: records('ResultNotified', inPhase('ResultNotified', 'computed')),
    recordStatement: records('StatementRecorded', inPhase('StatementRecorded', 'computed', 'notified', 'notice')),
    appeal: action<RatingState, RatingEvent, typeof appealBody>({
      rule: 'S0-4.3',
      body: appealBody,
      when: inPhase('AppealFiled', 'notified'),
      decide: (body, state, context) => {
        const judged = appealWindow(state, context)
        return judged ? accepted({ type: 'AppealFiled', data: { ...body, judged } }) : notNow('AppealFiled')
      },
    }),
    waiveAppeal: records('AppealWaived', inPhase('AppealWaived', 'notified')),
    decideAppeal: records('AppealDecided', (state) =>
      needs(state.current?.appeal === 'pending', 'appeal-none', 'S0-4.3'),
    ),
    startNotice: action<RatingState, RatingEvent, typeof noticeBody>({
      rule: 'S0-4.4a',
      body: noticeBody,
      when: inPhase('PublicNoticeStarted', 'notified'),
      decide: (body, state, context) => {
        const judged = state.current?.appeal === 'none' ? appealWindow(state, context) : undefined
        return accepted({
          type: 'PublicNoticeStarted',
          data: { ...body, ...(judged ? { judged } : {}) },
          basis: { rule: 'S0-4.4a', limits: { 'star.notice': state.current?.plan.notice ?? '' } },
        })
      },
    }),
    raiseObjection: action<RatingState, RatingEvent, typeof objectionBody>({
      rule: 'S0-4.4b',
      body: objectionBody,
      when: (state) =>
        state.current?.publication === 'cleared'
          ? refusal('notice-over', 'S0-4.4b')
          : needs(state.current?.publication === 'notice', 'notice-not-started', 'S0-4.4b'),
      decide: (body, state, context) => {
        const judged = noticePeriod(state, context)
        return judged ? accepted({ type: 'ObjectionRaised', data: { ...body, judged } }) : notNow('ObjectionRaised')
      },
    }),
    resolveObjection: records('ObjectionResolved', (state) =>
      needs((state.current?.objections.length ?? 0) > 0, 'objection-unknown', 'S0-4.4b'),
    ),
    closeNotice: action<RatingState, RatingEvent, z.ZodObject<Record<never, never>>>({
      rule: 'S0-4.4b',
      body: z.strictObject({}),
      when: (state) =>
        inPhase('PublicNoticeClosed', 'notice')(state) ??
        needs(state.current?.objections.length === 0, 'objection-open', 'S0-4.4b'),
      decide: (_body, state, context) => {
        const judged = noticePeriod(state, context)
        return judged ? accepted({ type: 'PublicNoticeClosed', data: { judged } }) : notNow('PublicNoticeClosed')
      },
    }),
    publish: records('RatingPublished', (state) =>
      state.current?.publication === 'notice'
        ? refusal('notice-running', 'S0-4.4b')
        : inPhase('RatingPublished', 'cleared')(state),
    ),
    issuePlaque: records('PlaqueIssued', published('PlaqueIssued')),
    commend: records('OfficeCommended', published('OfficeCommended')),

    scheduleInspection: records('SpecialInspectionScheduled', published('SpecialInspectionScheduled')),
    completeInspection: records('SpecialInspectionCompleted', atStage('SpecialInspectionCompleted', 'scheduled')),
    findNonconformity: records('NonconformityFound', published('NonconformityFound')),
    checkFinding: records('PreliminaryCheckDone', atStage('PreliminaryCheckDone', 'found')),
    confirmFinding: records('FindingConfirmed', atStage('FindingConfirmed', 'checked')),
    issueWarning: action<RatingState, RatingEvent, typeof warningBody>({
      rule: 'S0-4.6b S0-4.6d',
      body: warningBody,
      when: atStage('StarWarningIssued', 'confirmed'),
      decide: (body, state) => {
        const { document } = body
        const events: RatingEvent[] = [{ type: 'StarWarningIssued', data: { document } }]
        const plan = state.published?.plan
        if (!plan) return accepted(...events)
        const { consequence, state: after } = climb(state.ladder, 'WARNING', plan)
        if (consequence === 'downgraded-for-warnings' && state.ladder.level > 0) {
          const taken = Math.max(1, state.ladder.level - after.level)
          events.push({ type: 'StarDowngraded', data: { cause: 'TWO_WARNINGS', taken, document } })
          if (state.plaque && after.level < plan.plaqueFrom)
            events.push({ type: 'PlaqueWithdrawn', data: { number: state.plaque.number, document } })
        }
        return accepted(...events)
      },
    }),
    downgrade: action<RatingState, RatingEvent, typeof downgradeBody>({
      rule: 'S0-4.6b',
      body: downgradeBody,
      when: atStage('StarDowngraded', 'confirmed'),
      decide: (body, state) => {
        const { category, document } = body
        const plan = state.published?.plan
        if (!plan || state.ladder.level === 0) return { ok: false, refusal: refusal('measure-not-allowed', 'S0-4.6b') }
        const after = climb(state.ladder, 'DOWNGRADE', plan).state
        const data = {
          cause: 'FINDING' as const,
          taken: state.ladder.level - after.level,
          ...(category ? { category } : {}),
          document,
        }
        const events: RatingEvent[] = [{ type: 'StarDowngraded', data }]
        if (state.plaque && after.level < plan.plaqueFrom)
          events.push({ type: 'PlaqueWithdrawn', data: { number: state.plaque.number, document } })
        return accepted(...events)
      },
    }),
    veto: action<RatingState, RatingEvent, typeof ratingEvents.OneVoteVetoApplied.data>({
      rule: 'S0-4.6e',
      body: ratingEvents.OneVoteVetoApplied.data,
      when: (state) => needs(state.plaque !== undefined, 'plaque-not-held', 'S0-4.6e'),
      decide: (body, state) => {
        const events: RatingEvent[] = [{ type: 'OneVoteVetoApplied', data: body }]
        if (state.plaque)
          events.push({ type: 'PlaqueWithdrawn', data: { number: state.plaque.number, document: body.document } })
        return accepted(...events)
      },
    }),
    takeMeasure: records('OtherMeasureTaken', atStage('OtherMeasureTaken', 'confirmed')),
    announceMeasure: records('MeasureAnnounced', atStage('MeasureAnnounced', 'measured')),
    closeInspection: records('SpecialInspectionClosed', (state) =>
      needs(state.inspection !== undefined, 'inspection-none', 'S0-4.6a'),
    ),
    quashMeasure: action<RatingState, RatingEvent, typeof ratingEvents.MeasureQuashed.data>({
      rule: '行政复议法 64',
      body: ratingEvents.MeasureQuashed.data,
      when: (state) => needs(state.measures.length > 0, 'record-target-unknown', '行政复议法 64'),
      decide: (body) => accepted({ type: 'MeasureQuashed', data: body, corrects: { event: body.of, mode: 'annul' } }),
    }),

    confirmAffected: records('AffectedConfirmed', published('AffectedConfirmed')),
    dismissAffected: records('AffectedDismissed', published('AffectedDismissed')),
    proposeRerating: records('ReratingProposed', published('ReratingProposed')),
    notifyRerating: records('ReratingNotified', rerating('ReratingNotified', 'proposed')),
    recordReratingReply: records('ReratingReplyRecorded', rerating('ReratingReplyRecorded', 'notified')),
    waiveReratingReply: records('ReratingReplyWaived', rerating('ReratingReplyWaived', 'notified')),
    decideRerating: action<RatingState, RatingEvent, typeof reratingBody>({
      rule: 'S0-4.6b',
      body: reratingBody,
      when: rerating('ReratingDecided', 'notified', 'heard'),
      decide: (body, state, context) => {
        const { rerating: open, published: award } = state
        const waits = open?.stage === 'notified' && open.notifiedAt !== undefined && award !== undefined
        const judged = waits ? judge(open.notifiedAt!, award.plan.appeal, award.plan.roll, context) : undefined
        return accepted({ type: 'ReratingDecided', data: { ...body, ...(judged ? { judged } : {}) } })
      },
    }),
    supersede: records('RatingSuperseded', rerating('RatingSuperseded', 'adopted')),
  },
}
