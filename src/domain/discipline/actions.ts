/** What a person may do with a disciplinary case. */
import { z } from 'zod'
import { openingArchived } from '../archive.ts'
import type { Clock } from '../clock.ts'
import { type AnyAction, accepted, action, type DecideContext, refused } from '../decider.ts'
import {
  type DisciplineEvent,
  type DisciplineEvents,
  type DisciplineEventType,
  disciplineEvents,
  disciplineMeasures,
} from './events.ts'
import { lawful } from './guard.ts'
import { type DisciplineState, standing } from './state.ts'

type DisciplineAction = AnyAction<DisciplineState, DisciplineEvent>
type DataOf<Type extends DisciplineEventType> = z.output<DisciplineEvents[Type]['data']>

/**
 * Clocks of a disciplinary case. No national limit is known for legal service workers, so they run only where a policy of the committee's
 * organisation sets one; the hearing's day is its own due time.
 */
export const disciplineClockKinds = {
  'discipline.decision': 'S4-4.5a',
  'discipline.hearing': 'S4-4.5a',
  'discipline.service': 'S4-4.5a',
  /** A right of the respondent. */
  'discipline.review-request': 'S4-4.5a',
  'discipline.review': 'S4-4.5a',
} as const

const limitsFixedBy: Partial<Record<DisciplineEventType, readonly (keyof typeof disciplineClockKinds)[]>> = {
  ReferredToCommittee: ['discipline.decision'],
  CommitteeDecisionMade: ['discipline.service'],
  DisciplineChanged: ['discipline.service'],
  DisciplineServed: ['discipline.review-request'],
  DisciplineReviewRequested: ['discipline.review'],
}

function eventOf<Type extends DisciplineEventType>(
  type: Type,
  data: DataOf<Type>,
  context: DecideContext,
  corrects?: { readonly event: string; readonly mode: 'annul' },
): DisciplineEvent {
  const limits: Record<string, string> = {}
  for (const kind of limitsFixedBy[type] ?? []) {
    const limit = context.limit(kind)
    if (limit !== undefined) limits[kind] = limit
  }
  const basis = Object.keys(limits).length === 0 ? {} : { basis: { policy: context.policy, limits } }
  return { type, data, ...basis, ...(corrects ? { corrects } : {}) } as DisciplineEvent
}

function records<Type extends DisciplineEventType>(type: Type): DisciplineAction {
  const { rule, data } = disciplineEvents[type]
  return action<DisciplineState, DisciplineEvent, z.ZodType<DataOf<Type>>>({
    rule,
    body: data as unknown as z.ZodType<DataOf<Type>>,
    when: (state) => lawful(state, type),
    decide: (body, _, context) => accepted(eventOf(type, body, context)),
  })
}

const referBody = disciplineEvents.ReferredToCommittee.data.omit({ subject: true })
const refer = action<DisciplineState, DisciplineEvent, typeof referBody>({
  rule: disciplineEvents.ReferredToCommittee.rule,
  creates: true,
  body: referBody,
  when: (state) => lawful(state, 'ReferredToCommittee'),
  decide: (body, _, context) =>
    accepted(eventOf('ReferredToCommittee', { ...body, subject: context.newId('subject') }, context)),
})

const reviewBody = disciplineEvents.DisciplineReviewDecided.data.extend({
  /** Of a change: what is imposed now. */
  measure: z.enum(disciplineMeasures).optional(),
  months: z.int().min(1).max(11).optional(),
})
/** A review; one that takes the decision away or changes it does so in the same append. */
const decideReview = action<DisciplineState, DisciplineEvent, typeof reviewBody>({
  rule: disciplineEvents.DisciplineReviewDecided.rule,
  body: reviewBody,
  when: (state) => lawful(state, 'DisciplineReviewDecided'),
  decide({ measure, months, ...ruling }, state, context) {
    const decided = eventOf('DisciplineReviewDecided', ruling, context)
    const target = standing(state)
    if (ruling.result === 'upheld' || !target) return accepted(decided)
    const { organ, document, text: reason } = ruling
    const corrects = { event: target.event, mode: 'annul' } as const
    if (ruling.result === 'revoked')
      return accepted(decided, eventOf('DisciplineQuashed', { organ, document, reason }, context, corrects))
    if (measure === undefined) return refused('change-without-content', 'S4-4.5a', { pointer: '/measure' })
    const content = { organ, document, reason, measure, ...(months === undefined ? {} : { months }) }
    return accepted(decided, eventOf('DisciplineChanged', content, context, corrects))
  },
})

/** Every action by name; the route is the name in kebab case. */
export const disciplineActions = {
  refer,
  convene: records('CommitteeConvened'),
  requestRecusal: records('RecusalRequested'),
  decideRecusal: records('RecusalDecided'),
  summon: records('RespondentSummoned'),
  addEvidence: records('EvidenceAdded'),
  hear: records('RespondentHeard'),
  decide: records('CommitteeDecisionMade'),
  serve: records('DisciplineServed'),
  requestReview: records('DisciplineReviewRequested'),
  decideReview,
  withdraw: records('DisciplineWithdrawn'),
  close: records('DisciplineClosed'),
  archive: records('DisciplineArchived'),
  openArchived: openingArchived<DisciplineState, DisciplineEvent>((state) => lawful(state, 'ArchivedCaseOpened')),
} as const satisfies Readonly<Record<string, DisciplineAction>>

export type DisciplineActionName = keyof typeof disciplineActions

/** Every clock of the case, ended ones too. */
export const disciplineClocks = (state: DisciplineState): Clock[] => [...state.clocks]
