/** Whether a step of a disciplinary case can stand on a state: a mixed committee, a hearing, counted votes (S4-4.5a). */
import { personOf } from '../complaint/evolve.ts'
import { type Refusal, refusal } from '../decider.ts'
import { isEarlier } from '../time.ts'
import { type CommitteeBody, type DisciplineEventType, type DisciplineStep, disciplineEvents } from './events.ts'
import { type DisciplineState, type DisciplineStatus, sitting, standing } from './state.ts'

type StepOfType<Type extends DisciplineEventType> = Extract<DisciplineStep, { type: Type }>
type Rule<Type extends DisciplineEventType> = (
  data: StepOfType<Type>['data'],
  state: DisciplineState,
  step: StepOfType<Type>,
) => Refusal | undefined

const RULE = 'S4-4.5a'
const beforeDecision: readonly DisciplineStatus[] = ['referred', 'convened', 'summoned', 'heard']

const standsIn: Readonly<Record<DisciplineEventType, readonly DisciplineStatus[]>> = {
  ReferredToCommittee: ['none'],
  CommitteeConvened: ['referred', 'convened', 'summoned', 'heard', 'quashed'],
  RecusalRequested: ['convened', 'summoned', 'heard'],
  RecusalDecided: ['convened', 'summoned', 'heard'],
  RespondentSummoned: ['convened', 'summoned'],
  EvidenceAdded: [...beforeDecision, 'decided', 'served', 'review', 'quashed'],
  RespondentHeard: ['summoned'],
  CommitteeDecisionMade: ['heard'],
  DisciplineServed: ['decided'],
  DisciplineReviewRequested: ['served'],
  DisciplineReviewDecided: ['review'],
  DisciplineQuashed: ['served'],
  DisciplineChanged: ['served'],
  DisciplineWithdrawn: beforeDecision,
  DisciplineClosed: ['served', 'quashed', 'withdrawn'],
  DisciplineArchived: ['closed'],
  ArchivedCaseOpened: ['archived'],
}

/** What the state itself forbids, beyond the order of statuses. */
const forbids: { readonly [Type in DisciplineEventType]?: (state: DisciplineState) => Refusal | undefined } = {
  RecusalDecided: (state) => (state.recusalPending.length === 0 ? refusal('recusal-not-requested', RULE) : undefined),
  DisciplineReviewRequested: (state) => (state.reviewed ? refusal('discipline-reviewed', RULE) : undefined),
  DisciplineQuashed: (state) =>
    state.mustQuash === 'revoked' ? undefined : refusal('discipline-without-ruling', RULE),
  DisciplineChanged: (state) =>
    state.mustQuash === 'changed' ? undefined : refusal('discipline-without-ruling', RULE),
}

/** Why no step of this type can stand on this state; nothing if one can. */
export function lawful(state: DisciplineState, type: DisciplineEventType): Refusal | undefined {
  const { status } = state
  const { rule } = disciplineEvents[type]
  if (!standsIn[type].includes(status)) {
    if (status === 'none') return refusal('case-not-opened', rule)
    if (standsIn[type].includes('none')) return refusal('case-already-opened', rule)
    if (status === 'archived') return refusal('case-archived', rule)
    if (status === 'closed') return refusal('case-closed', rule)
    if (type === 'CommitteeDecisionMade') return refusal('respondent-not-heard', rule, { detail: { status } })
    return refusal('discipline-step-out-of-order', rule, { detail: { status, step: type } })
  }
  if (state.mustQuash !== undefined && type !== 'DisciplineQuashed' && type !== 'DisciplineChanged')
    return refusal('ruling-not-carried-out', rule, { detail: { ruling: state.mustQuash } })
  return forbids[type]?.(state)
}

const needed: readonly CommitteeBody[] = ['court', 'police', 'justice']

/** Court, police and justice all sit: at least one of each. */
function mixed(bodies: readonly CommitteeBody[]): Refusal | undefined {
  const missing = needed.filter((body) => !bodies.includes(body))
  return missing.length === 0
    ? undefined
    : refusal('committee-not-mixed', RULE, { pointer: '/members', detail: { missing: missing.join(', ') } })
}

const monthsAgree = (data: { readonly measure: string; readonly months?: number | undefined }): Refusal | undefined =>
  (data.measure === 'rights-suspended') === (data.months !== undefined)
    ? undefined
    : refusal('discipline-months', RULE, { pointer: '/months' })

const annuls = (step: DisciplineStep, state: DisciplineState): Refusal | undefined =>
  step.corrects?.mode === 'annul' && step.corrects.event === standing(state)?.event
    ? undefined
    : refusal('no-discipline-decision', RULE)

const rules: { readonly [Type in DisciplineEventType]?: Rule<Type> } = {
  ReferredToCommittee: (data) =>
    data.respondent === 'worker' && data.respondentWorker === undefined
      ? refusal('respondent-worker-missing', RULE, { pointer: '/respondentWorker' })
      : undefined,
  CommitteeConvened(data, state) {
    const persons = data.members.map(({ person }) => person)
    if (new Set(persons).size !== persons.length) return refusal('member-twice', RULE, { pointer: '/members' })
    const recused = persons.findIndex((person) => state.recused.includes(person))
    if (recused >= 0) return refusal('recused-person-assigned', RULE, { pointer: `/members/${recused}/person` })
    const referrer = state.referredBy === undefined ? -1 : persons.indexOf(state.referredBy)
    if (referrer >= 0) return refusal('referrer-judges', RULE, { pointer: `/members/${referrer}/person` })
    if (!persons.includes(data.chair)) return refusal('chair-not-a-member', RULE, { pointer: '/chair' })
    if (data.quorum * 2 <= persons.length || data.quorum > persons.length)
      return refusal('quorum-too-low', RULE, { pointer: '/quorum', detail: { members: persons.length } })
    return mixed(data.members.map(({ body }) => body))
  },
  RecusalRequested(data, state) {
    if (state.recused.includes(data.person)) return refusal('already-recused', RULE, { pointer: '/person' })
    if (!state.members.some(({ person }) => person === data.person))
      return refusal('not-a-member', RULE, { pointer: '/person' })
    return state.recusalPending.includes(data.person)
      ? refusal('recusal-already-requested', RULE, { pointer: '/person' })
      : undefined
  },
  RecusalDecided(data, state, step) {
    if (!state.recusalPending.includes(data.person))
      return refusal('recusal-not-requested', RULE, { pointer: '/person' })
    return personOf(step.actor) === data.person ? refusal('recusal-decided-by-himself', RULE) : undefined
  },
  RespondentHeard(data, state, step) {
    if (data.appeared && data.record === undefined)
      return refusal('hearing-without-record', RULE, { pointer: '/record' })
    return state.hearingAt !== undefined && isEarlier(step.effectiveAt, state.hearingAt)
      ? refusal('hearing-before-its-day', RULE, { pointer: '/effectiveAt', detail: { announced: state.hearingAt } })
      : undefined
  },
  CommitteeDecisionMade(data, state) {
    if (state.recusalPending.length > 0)
      return refusal('recusal-undecided', RULE, { detail: { count: state.recusalPending.length } })
    const seats = sitting(state)
    for (const [place, person] of data.present.entries()) {
      const pointer = `/present/${place}`
      if (state.recused.includes(person)) return refusal('recused-person-votes', RULE, { pointer })
      if (!seats.some((seat) => seat.person === person)) return refusal('not-a-member', RULE, { pointer })
    }
    const present = data.present.length
    if (present < state.quorum)
      return refusal('no-quorum', RULE, { pointer: '/present', detail: { present, quorum: state.quorum } })
    const bodies = seats.filter(({ person }) => data.present.includes(person)).map(({ body }) => body)
    const unmixed = mixed(bodies)
    if (unmixed) return { ...unmixed, pointer: '/present' }
    const { votes } = data
    const cast = votes.for + votes.against + votes.abstained
    if (cast !== present) return refusal('votes-do-not-add-up', RULE, { pointer: '/votes', detail: { cast, present } })
    // More than half of those present carry a decision; an abstention is no vote for it.
    if (votes.for * 2 <= present)
      return refusal('no-majority', RULE, { pointer: '/votes/for', detail: { for: votes.for, present } })
    return monthsAgree(data)
  },
  DisciplineServed(data, state) {
    if (data.document !== standing(state)?.document) return refusal('document-unknown', RULE, { pointer: '/document' })
    return (data.method === 'fax' || data.method === 'email') && data.consent !== true
      ? refusal('service-without-consent', RULE, { pointer: '/consent' })
      : undefined
  },
  DisciplineQuashed: (_, state, step) => annuls(step, state),
  DisciplineChanged: (data, state, step) => annuls(step, state) ?? monthsAgree(data),
}

/** Recording that something came in or was looked at has no time of its own in the chain. */
const unordered: ReadonlySet<DisciplineEventType> = new Set<DisciplineEventType>([
  'RecusalRequested',
  'RecusalDecided',
  'EvidenceAdded',
  'ArchivedCaseOpened',
])

/** Whether the step can stand on the state; the refusal with its rule if not. */
export function guard(state: DisciplineState, step: DisciplineStep): Refusal | undefined {
  const actor = personOf(step.actor)
  if (actor !== undefined && state.recused.includes(actor)) return refusal('recused-person-acts', RULE)
  const not = lawful(state, step.type)
  if (not) return not
  if (!unordered.has(step.type) && state.lastStepAt !== undefined && isEarlier(step.effectiveAt, state.lastStepAt))
    return refusal('step-before-its-predecessor', RULE, {
      pointer: '/effectiveAt',
      detail: { effectiveAt: step.effectiveAt, predecessor: state.lastStepAt },
    })
  const rule = rules[step.type] as Rule<DisciplineEventType> | undefined
  return rule?.(step.data as never, state, step as never)
}
