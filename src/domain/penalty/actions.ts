/** What a person may do with a penalty case: bodies, when, decide. Rules about the step itself stand in the guards. */
import { z } from 'zod'
import { openingArchived } from '../archive.ts'
import type { Clock } from '../clock.ts'
import { personOf } from '../complaint/evolve.ts'
import { identifier, narrative, organisationName, reference } from '../complaint/fields.ts'
import { type AnyAction, accepted, action, type DecideContext, type Decision, refused } from '../decider.ts'
import { basisFor, dueOf, isRunning, judge, judgeFrom, limitOf } from './clocks.ts'
import { type Judged, type PenaltyEvent, type PenaltyEvents, type PenaltyEventType, penaltyEvents } from './events.ts'
import { type Level, levels, limitationClasses, penaltyItems } from './fields.ts'
import { lawful } from './lawful.ts'
import { debtOf, surcharge } from './money.ts'
import { type PenaltyState, standing } from './state.ts'

type PenaltyAction = AnyAction<PenaltyState, PenaltyEvent>
type DataOf<Type extends PenaltyEventType> = z.output<PenaltyEvents[Type]['data']>
type Corrects = { readonly event: string; readonly mode: 'annul' }

/** A new event with the limits it fixes for the clocks it starts. */
function eventOf<Type extends PenaltyEventType>(
  type: Type,
  data: DataOf<Type>,
  context: DecideContext,
  corrects?: Corrects,
): PenaltyEvent {
  const basis = basisFor(type, context)
  return { type, data, ...(basis ? { basis } : {}), ...(corrects ? { corrects } : {}) } as PenaltyEvent
}

/** An action that gives one event, made from its body. */
function making<Type extends PenaltyEventType, Schema extends z.ZodType>(
  type: Type,
  body: Schema,
  make: (body: z.output<Schema>, state: PenaltyState, context: DecideContext) => DataOf<Type>,
  creates?: true,
): PenaltyAction {
  return action<PenaltyState, PenaltyEvent, Schema>({
    rule: penaltyEvents[type].rule,
    ...(creates ? { creates } : {}),
    body,
    when: (state) => lawful(state, type),
    decide: (asked, state, context) => accepted(eventOf(type, make(asked, state, context), context)),
  })
}

/** An action whose body is the fact itself. */
function records<Type extends PenaltyEventType>(type: Type): PenaltyAction {
  const body = penaltyEvents[type].data as unknown as z.ZodType<DataOf<Type>>
  return making(type, body, (asked) => asked)
}

/** The level the application layer knows of the organ that acts, where it does (`facts.level`). */
const knownLevel = (context: DecideContext): Level | undefined => levels.find((level) => level === context.facts?.level)

/** The level of a body: as said, else as known; refused where the two differ or neither is there. */
function levelOf(said: Level | undefined, context: DecideContext): Level | Decision<never> {
  const known = knownLevel(context)
  if (said !== undefined && known !== undefined && said !== known)
    return refused('level-mismatch', '行政处罚法 23', { pointer: '/level', detail: { level: said, competent: known } })
  return said ?? known ?? refused('level-missing', '行政处罚法 23', { pointer: '/level' })
}

const isLevel = (value: Level | Decision<never>): value is Level => typeof value === 'string'

/** An opening: the case's subject is made for it, and the level of the organ settled. */
function opens(type: 'PenaltyCaseFiled' | 'OnTheSpotPenaltyDecided'): PenaltyAction {
  const { subject: _, ...shape } = penaltyEvents[type].data.shape
  const body = z.strictObject({
    ...shape,
    level: z.enum(levels).optional(),
    continuing: z.boolean().default(false),
    limitation: z.enum(limitationClasses).default('ordinary'),
  })
  return action<PenaltyState, PenaltyEvent, typeof body>({
    rule: penaltyEvents[type].rule,
    creates: true,
    body,
    when: (state) => lawful(state, type),
    decide(asked, _, context) {
      const level = levelOf(asked.level, context)
      if (!isLevel(level)) return level
      const data = { ...asked, subject: context.newId('subject'), level } as DataOf<typeof type>
      return accepted(eventOf(type, data, context))
    },
  })
}

const takeBody = z.strictObject({ level: z.enum(levels).optional() })
/** The organ asked takes the case over in its own name. */
const takeCase = action<PenaltyState, PenaltyEvent, typeof takeBody>({
  rule: penaltyEvents.CityCaseTaken.rule,
  body: takeBody,
  when: (state) => lawful(state, 'CityCaseTaken'),
  decide(body, state, context) {
    const level = levelOf(body.level, context)
    if (!isLevel(level)) return level
    const organisation = 'organisation' in context.actor ? context.actor.organisation : (state.forwardedTo ?? '')
    return accepted(eventOf('CityCaseTaken', { organisation, level }, context))
  },
})

const lastOf = (state: PenaltyState, ...kinds: readonly string[]): Clock | undefined =>
  state.clocks.filter(({ kind }) => kinds.includes(kind)).at(-1)

/** The last day of the running right of a kind, judged today; without a clock the right is open until now. */
const judgedClock = (clock: Clock | undefined, context: DecideContext): Judged =>
  clock ? judge(clock, context) : { due: context.effectiveAt, calendars: [] }

const requestHearing = making(
  'HearingRequested',
  penaltyEvents.HearingRequested.data.omit({ judgedBy: true }),
  (body, state, context) => ({ ...body, judgedBy: judgedClock(lastOf(state, 'penalty.hearing-request'), context) }),
)

const announceHearing = making(
  'HearingAnnounced',
  penaltyEvents.HearingAnnounced.data.omit({ judgedBy: true }),
  (body, _, context) => {
    const limit = limitOf('penalty.hearing-announcement', context) ?? '-7wd'
    return { ...body, judgedBy: judgeFrom(body.heldAt, 'penalty.hearing-announcement', limit, context) }
  },
)

const reviewBody = z.strictObject({ passed: z.boolean(), opinion: narrative, reviewer: identifier.optional() })
const reviewLegality = action<PenaltyState, PenaltyEvent, typeof reviewBody>({
  rule: penaltyEvents.LegalReviewPassed.rule,
  body: reviewBody,
  when: (state) => lawful(state, 'LegalReviewPassed'),
  decide({ passed, opinion, ...body }, _, context) {
    const reviewer = body.reviewer ?? personOf(context.actor)
    if (reviewer === undefined) return refused('not-the-reviewer', '行政处罚法 58', { pointer: '/reviewer' })
    return accepted(eventOf(passed ? 'LegalReviewPassed' : 'LegalReviewFailed', { reviewer, opinion }, context))
  },
})

const holdHearing = making(
  'HearingHeld',
  penaltyEvents.HearingHeld.data.extend({ chair: identifier.optional() }),
  (body, state, context) => ({ ...body, chair: body.chair ?? personOf(context.actor) ?? state.hearingChair ?? '' }),
)

const decideBody = penaltyEvents.PenaltyDecided.data.omit({ hearingPeriod: true }).extend({
  level: z.enum(levels).optional(),
  penalties: penaltyItems.default([]),
})
const decide = action<PenaltyState, PenaltyEvent, typeof decideBody>({
  rule: penaltyEvents.PenaltyDecided.rule,
  body: decideBody,
  when: (state) => lawful(state, 'PenaltyDecided'),
  decide(body, state, context) {
    const level = levelOf(body.level ?? knownLevel(context) ?? state.level, context)
    if (!isLevel(level)) return level
    const clock = state.hearing === 'none' ? lastOf(state, 'penalty.hearing-request') : undefined
    const waited = clock && isRunning(clock) ? { hearingPeriod: judge(clock, context) } : {}
    return accepted(eventOf('PenaltyDecided', { ...body, level, ...waited }, context))
  },
})

const fileReconsideration = making(
  'ReconsiderationFiled',
  penaltyEvents.ReconsiderationFiled.data.omit({ judgedBy: true }),
  (body, state, context) => ({ ...body, judgedBy: judgedClock(lastOf(state, 'penalty.reconsideration'), context) }),
)

const fileSuit = making(
  'LitigationFiled',
  penaltyEvents.LitigationFiled.data.omit({ judgedBy: true }),
  (body, state, context) => {
    const clock = lastOf(state, 'penalty.litigation', 'penalty.litigation-after-reconsideration')
    return { ...body, judgedBy: judgedClock(clock, context) }
  },
)

/** What a review says besides its result: what follows from it in the same append. */
const consequences = {
  /** Of a revocation: whether the organ decides anew. */
  decideAnew: z.boolean().default(false),
  onProcedure: z.boolean().optional(),
  /** Of a change: what is imposed now. */
  penalties: penaltyItems.min(1).optional(),
  organ: organisationName,
}

/** A ruling; one that takes the decision away or changes it does so in the same append. */
function rules(type: 'ReconsiderationDecided' | 'LitigationDecided'): PenaltyAction {
  const body = z.strictObject({ ...penaltyEvents[type].data.shape, ...consequences })
  return action<PenaltyState, PenaltyEvent, typeof body>({
    rule: penaltyEvents[type].rule,
    body,
    when: (state) => lawful(state, type),
    decide(asked, state, context) {
      const { decideAnew, onProcedure, penalties, organ, ...ruling } = asked
      const decided = eventOf(type, ruling as DataOf<typeof type>, context)
      const effective = (ruling as { effective?: boolean }).effective !== false
      const target = standing(state)
      if (!effective || !target || ruling.result === 'upheld' || ruling.result === 'withdrawn') return accepted(decided)
      const by = type === 'LitigationDecided' ? 'court' : 'reconsideration'
      const about = { by, organ, document: ruling.document, reason: ruling.text } as const
      const corrects = { event: target.event, mode: 'annul' } as const
      if (ruling.result === 'changed') {
        if (!penalties) return refused('change-without-content', penaltyEvents[type].rule, { pointer: '/penalties' })
        return accepted(decided, eventOf('DecisionChanged', { ...about, penalties }, context, corrects))
      }
      const more = onProcedure === undefined ? {} : { onProcedure }
      return accepted(decided, eventOf('DecisionQuashed', { ...about, decideAnew, ...more }, context, corrects))
    },
  })
}

/** Takes the decision that stands away, or changes it, by a superior or by the organ itself. */
function annuls(type: 'DecisionQuashed' | 'DecisionChanged'): PenaltyAction {
  const body = penaltyEvents[type].data as unknown as z.ZodType<DataOf<typeof type>>
  return action<PenaltyState, PenaltyEvent, typeof body>({
    rule: penaltyEvents[type].rule,
    body,
    when: (state) => lawful(state, type),
    decide(asked, state, context) {
      const target = standing(state)
      return accepted(eventOf(type, asked, context, target && { event: target.event, mode: 'annul' }))
    },
  })
}

const enforceBody = z.strictObject({ court: organisationName, document: reference })
/** Enforcement only after every remedy period ran out unused (行政强制法 53). */
const applyForEnforcement = making('EnforcementApplied', enforceBody, (body, state, context) => {
  const open = state.clocks.filter(
    (clock) => isRunning(clock) && ['penalty.reconsideration', ...suits].includes(clock.kind),
  )
  const judgments = [...open, ...[lastOf(state, 'penalty.payment')].filter((clock) => clock !== undefined)]
    .map((clock) => judge(clock, context))
    .sort((a, b) => (a.due < b.due ? 1 : -1))
  return { ...body, judgedBy: judgments[0] ?? { due: standing(state)?.servedAt ?? context.effectiveAt, calendars: [] } }
})
const suits = ['penalty.litigation', 'penalty.litigation-after-reconsideration']

/** What lateness has added to the fine that stands, fen, by a moment. */
export function surchargeOwed(state: PenaltyState, context: Pick<DecideContext, 'due' | 'effectiveAt'>): number {
  const clock = lastOf(state, 'penalty.payment')
  const decision = standing(state)
  if (!clock || !decision) return 0
  const parts = state.payments.filter(({ of }) => of === 'fine')
  const due = dueOf(clock, context)
  // Execution is suspended before the money was due.
  if (due === undefined) return 0
  return surcharge(debtOf(decision.penalties).fine, due, context.effectiveAt, state.remedies, parts)
}

const close = making(
  'PenaltyCaseClosed',
  penaltyEvents.PenaltyCaseClosed.data.omit({ surchargeOwed: true }),
  (body, state, context) => {
    const owed = surchargeOwed(state, context)
    return owed > 0 ? { ...body, surchargeOwed: owed } : body
  },
)

/** Every action by name; the route is the name in kebab case. */
export const penaltyActions = {
  file: opens('PenaltyCaseFiled'),
  decideOnTheSpot: opens('OnTheSpotPenaltyDecided'),
  reportOnTheSpot: records('OnTheSpotReported'),
  assignOfficers: records('OfficersAssigned'),
  requestRecusal: records('RecusalRequested'),
  decideRecusal: records('RecusalDecided'),
  recordInquiry: records('InquiryRecorded'),
  addEvidence: records('EvidenceAdded'),
  addNote: records('NoteAdded'),
  preserveEvidence: records('EvidencePreserved'),
  decidePreservation: records('EvidencePreservationDecided'),
  orderCorrection: records('CorrectionOrdered'),
  verifyCorrection: records('CorrectionVerified'),
  noteEarlierFine: records('EarlierFineFound'),
  conclude: records('PenaltyInvestigationConcluded'),
  returnForInvestigation: records('ReturnedForInvestigation'),
  forwardProposal: records('PenaltyProposalForwarded'),
  takeCase,
  returnProposal: records('ProposalReturned'),
  serveNotice: records('PriorNoticeServed'),
  fileDefence: records('DefenceFiled'),
  hearDefence: records('DefenceHeard'),
  waiveDefence: records('DefenceWaived'),
  requestHearing,
  announceHearing,
  holdHearing,
  abandonHearing: records('HearingAbandoned'),
  reviewLegality,
  discussCollectively: records('CollectiveDiscussionHeld'),
  decide,
  serve: records('ServiceOfDocument'),
  recordPayment: records('PaymentReceived'),
  deferPayment: records('PaymentDeferred'),
  refund: records('RefundMade'),
  urgePayment: records('PaymentUrged'),
  applyForEnforcement,
  endEnforcement: records('EnforcementEnded'),
  recordExecution: records('PenaltyExecuted'),
  publish: records('DecisionPublished'),
  withdrawPublication: records('PublicationWithdrawn'),
  fileReconsideration,
  replyToReconsideration: records('ReconsiderationReplied'),
  decideReconsideration: rules('ReconsiderationDecided'),
  fileSuit,
  decideSuit: rules('LitigationDecided'),
  suspendExecution: records('ExecutionSuspended'),
  resumeExecution: records('ExecutionResumed'),
  quash: annuls('DecisionQuashed'),
  change: annuls('DecisionChanged'),
  close,
  terminate: records('PenaltyCaseTerminated'),
  archive: records('PenaltyCaseArchived'),
  openArchived: openingArchived<PenaltyState, PenaltyEvent>((state) => lawful(state, 'ArchivedCaseOpened')),
} as const satisfies Readonly<Record<string, PenaltyAction>>

export type PenaltyActionName = keyof typeof penaltyActions
