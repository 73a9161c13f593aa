/** Generated histories of complaints: the decider's own actions, chosen at random among those lawful at each step. */
import fc from 'fast-check'
import { complaintDecider } from '../../../src/domain/complaint/index.ts'
import type { ComplaintState } from '../../../src/domain/complaint/state.ts'
import { decide, lawfulActions } from '../../../src/domain/decider.ts'
import type { NewEvent, Recorded } from '../../../src/domain/event.ts'
import { correctedSteps, stateOf } from '../../../src/domain/history.ts'
import { dateOf, instantOfMs } from '../../../src/domain/time.ts'
import { sampleFile } from '../../support/sample-file.ts'
import { recorded } from '../../support/scenario.ts'
import { conclusion, intake, limits, meeting } from './stages.ts'

/** One random choice: which action, which of its variants, who acts, and how long before it is recorded it happened. */
export interface Choice {
  readonly action: number
  readonly variant: number
  readonly actor: number
  readonly hoursBack: number
  /** Only the day is known. */
  readonly day: boolean
}

const staff = ['clerk', 'director', 'investigator-1', 'investigator-2', 'investigator-3', 'leader', 'deputy']

const intakes: readonly object[] = [
  intake,
  { ...intake, complainant: undefined, anonymous: true },
  { ...intake, channel: 'transferred', transferredFrom: '市信访局' },
  { ...intake, respondentOffice: undefined, respondentWorker: undefined },
]
const imports: readonly NewEvent[] = ['known', 'unknown'].map((received) => ({
  type: 'CaseImported',
  data: {
    ...{ subject: 'subject', source: 'ledger', key: 'key', row: 'row', received, latest: [], fields: {} },
    clock: { limit: '15d', starts: 'received', stops: 'closed', timeZone: 'Asia/Shanghai' },
  },
}))

const unproved = { outcome: 'unsubstantiated', throughFault: false, subjectiveFault: false, measures: [] }

/** Bodies of an action; most are lawful in most states, some are not, and the decider refuses those. */
function bodies(action: string, state: ComplaintState): readonly object[] {
  const clock = state.clocks.at(-1)?.id ?? 'complaint.reply'
  const two = staff
    .slice(2, 5)
    .filter((person) => !state.recused.includes(person))
    .slice(-2)
  switch (action) {
    case 'identifyRespondent':
      return [{ respondentOffice: 'office-2' }, { respondentPerson: { name: '乙' } }]
    case 'noteRepeat':
      return [
        { case: 'case-9', exhausted: false },
        { case: 'case-8', exhausted: true, newFacts: '新的事实' },
      ]
    case 'joinRepeat':
      return [{ case: 'case-7' }]
    case 'requestSupplement':
      return [{ items: ['收据'] }, { items: ['合同'], factsChanged: '有变化' }]
    case 'decline':
      return [{ ground: 'out-of-scope', reason: '不属于' }]
    case 'transfer':
      return [{ mode: 'transfer', to: 'other', reason: '移送' }]
    case 'objectToTransfer':
    case 'returnForInvestigation':
    case 'requestReview':
    case 'requestReReview':
    case 'recordMissingHandlerReport':
      return [{ reason: '理由' }]
    case 'decideTransferObjection':
      return [{ upheld: true }, { upheld: false }]
    case 'notify':
      return ['acceptance', 'non-acceptance', 'transfer', 'termination'].map((about) => ({ about, method: 'letter' }))
    case 'assignInvestigators':
      return [{ investigators: two }, { investigators: ['investigator-1', 'investigator-2'] }]
    case 'remindHandler':
      return [{ method: 'phone' }]
    case 'fileHandlerReport':
      return [{ report: '服务过程' }, { report: '补充', worker: 'worker-2' }]
    case 'fileDefence':
    case 'addNote':
      return [{ text: '文字' }]
    case 'requestRecusal':
      return staff.slice(1).map((person) => ({ person, by: 'complainant', ground: 'other', reason: '理由' }))
    case 'decideRecusal':
      return state.recusalPending.flatMap((person) => [
        { person, granted: true },
        { person, granted: false },
      ])
    case 'suspend':
      return [{ ground: 'other', reason: '理由' }]
    case 'addEvidence':
      return [{ ...sampleFile, submittedBy: 'bureau' }]
    case 'conclude':
      return [{ ...conclusion, investigators: state.investigators }]
    case 'giveOpinion':
      return [{ opinion: '意见', proposed: 'substantiated' }]
    case 'reportToLeader':
      return [{ leader: 'leader' }, { leader: 'deputy' }]
    case 'decideAtMeeting':
      return [meeting, { ...meeting, ...unproved }, { ...meeting, basis: undefined }, { ...meeting, measures: [] }]
    case 'verifyRectification':
      return [{ rectified: true }, { rectified: false }]
    case 'openPenaltyCase':
      return [{ case: 'penalty-1' }]
    case 'proposePenalty':
      return [{ to: 'city', kinds: ['fine'] }]
    case 'referToCommittee':
      return [{ committee: 'committee', reason: '理由' }]
    case 'reply':
      return [
        { method: 'letter', text: '答复' },
        { method: 'online', text: '答复', incompleteBecause: '理由' },
      ]
    case 'submitReport':
      return [{ to: 'city' }, { to: 'city', incompleteBecause: '理由' }]
    case 'decideReview':
    case 'decideReReview':
      return ['upheld', 'revoked', 'changed'].map((result) => ({
        organ: '市局',
        result,
        outcome: 'unverifiable',
        text: '意见',
      }))
    case 'quashDecision':
      return [{ by: 'court', organ: '法院', reason: '撤销' }]
    case 'withdraw':
      return [{ inWriting: true }]
    case 'merge':
      return [{ into: 'case-5' }]
    case 'answerThroughMain':
      return [{ method: 'phone' }]
    case 'terminate':
      return [{ ground: 'other', reason: '理由' }]
    case 'close':
      return [{}, { reason: '理由' }]
    case 'archive':
      return [{ retention: '10y' }]
    case 'openArchived':
      return [{ purpose: 'audit', text: '检查' }]
    case 'reopen':
      return [
        { ground: 'new-facts', reason: '理由' },
        { ground: 'own-error', reason: '理由' },
      ]
    case 'confirmFirstContactBreach':
      return [{ person: 'clerk', kind: 'delay', serious: false, measure: 'education', facts: '事实' }]
    case 'reportDelay':
      return [{ clock, reason: '理由' }]
    case 'requestExtension':
      return [{ clock, by: '10d', reason: '理由' }]
    case 'decideExtension':
      return state.extensionsPending.flatMap(({ clock: id }) => [
        { clock: id, granted: true },
        { clock: id, granted: false },
      ])
    case 'restrictReaders':
      return [{ readers: ['director'] }, { readers: [] }]
    default:
      return [{}]
  }
}

const START = Date.parse('2026-01-05T01:00:00Z')
const at = <T>(list: readonly T[], place: number): T | undefined => list[place % list.length]

/** When a step recorded as the next one happened, by the choice. */
export function happenedAt(revision: number, { hoursBack, day }: Choice): string {
  const instant = instantOfMs(START + revision * 3_600_000 - hoursBack * 3_600_000)
  return day ? dateOf(instant) : instant
}

/** What the decider says to an action by a choice: its events, or none where it refuses. */
export function decided(state: ComplaintState, name: string, choice: Choice, revision: number): NewEvent[] {
  const body = name === 'register' ? at(intakes, choice.variant) : at(bodies(name, state), choice.variant)
  const schema = complaintDecider.actions[name]!.body
  const parsed = schema.safeParse(body)
  if (!parsed.success) return []
  const effectiveAt = happenedAt(revision, choice)
  const decision = decide(complaintDecider, name, parsed.data, state, {
    now: instantOfMs(START + revision * 3_600_000),
    effectiveAt,
    actor: { person: at(staff, choice.actor)!, role: 'investigator', organisation: 'bureau' },
    organisation: 'bureau',
    newId: (path) => `id-${revision}.${path.replaceAll('/', '.')}`,
    limit: (kind) => limits[kind],
    policy: 'limits@1',
  })
  return decision.ok ? decision.events.map((event) => ({ ...event, effectiveAt })) : []
}

/** What leads on from a state, so that half of the choices go down the chain and reach its end. */
const onward: { readonly [Status in ComplaintState['status']]?: readonly string[] } = {
  received: ['accept', 'accept', 'identifyRespondent', 'requestSupplement'],
  'supplement-pending': ['receiveSupplement'],
  accepted: ['assignInvestigators'],
  investigating: ['fileHandlerReport', 'conclude', 'conclude', 'requestHandlerReport', 'remindHandler'],
  suspended: ['resume'],
  concluded: ['giveOpinion'],
  'director-opinion': ['reportToLeader'],
  'reported-to-leader': ['decideAtMeeting', 'decideAtMeeting', 'requestRecusal'],
  decided: ['reply', 'reply', 'submitReport', 'openPenaltyCase'],
  replied: ['close', 'requestReview', 'requestReReview'],
  review: ['decideReview'],
  're-review': ['decideReReview'],
  closed: ['archive', 'reopen'],
}

/** A ledger's step on an imported case, where guard lets it stand. */
function ledgerStep(state: ComplaintState, pick: Choice, revision: number): NewEvent[] {
  const milestone = at(['received', 'accepted', 'replied', 'closed'], pick.variant)
  const fields = { 备注: { kind: 'plain', value: '新' } }
  const event = {
    effectiveAt: happenedAt(revision, pick),
    ...at<{ type: string; data: unknown }>(
      [
        { type: 'ImportedMilestone', data: { milestone } },
        { type: 'ImportedFieldsAdded', data: { fields, rowMac: `row-${revision}`, dueAt: '2026-03-01' } },
        { type: 'ImportedFieldsChanged', data: { fields, rowMac: `row-${revision}` } },
      ],
      pick.actor,
    )!,
  }
  const [step] = correctedSteps([recorded(event, revision, { operator: true })])
  return complaintDecider.guard(state, step as never) ? [] : [event]
}

/** The history that the choices make: choices that the decider refuses leave no trace. */
export function played(choices: readonly Choice[]): Recorded[] {
  const history: Recorded[] = []
  for (const pick of choices) {
    const state = stateOf(complaintDecider, history)
    const revision = history.length
    const ledger = pick.action % 5 === 0
    const events: NewEvent[] = []
    if (revision === 0 && ledger) events.push({ ...at(imports, pick.variant)!, effectiveAt: happenedAt(0, pick) })
    else if (revision === 0) events.push(...decided(state, 'register', pick, 0))
    else if (ledger && state.imported) events.push(...ledgerStep(state, pick, revision))
    else {
      const lawful = lawfulActions(complaintDecider, state)
      const forward = (onward[state.status] ?? []).filter((name) => lawful.includes(name))
      const name = pick.action % 2 === 0 ? at(forward, pick.action >> 1) : undefined
      events.push(...decided(state, name ?? at(lawful, pick.action)!, pick, revision))
    }
    for (const event of events) history.push(recorded(event, history.length, at(staff, pick.actor)))
  }
  return history
}

export const choice: fc.Arbitrary<Choice> = fc.record({
  action: fc.nat(400),
  variant: fc.nat(7),
  actor: fc.nat(6),
  hoursBack: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(72)),
  day: fc.boolean(),
})

/** Histories of some dozens of steps; that they reach every event type is asserted where they are used. */
export const histories: fc.Arbitrary<Recorded[]> = fc
  .array(choice, { minLength: 5, maxLength: 50, size: 'max' })
  .map(played)
  .filter((history) => history.length > 0)
