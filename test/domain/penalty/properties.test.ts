import fc from 'fast-check'
import t from 'tap'
import { shippedCalendars } from '../../../src/domain/calendar/shipped.ts'
import { decide, lawfulActions } from '../../../src/domain/decider.ts'
import type { Actor, NewEvent, Recorded } from '../../../src/domain/event.ts'
import { correctedSteps, firstBroken, fold, judgeCorrections, stateOf } from '../../../src/domain/history.ts'
import { penaltyDecider, penaltyFacts, penaltySource } from '../../../src/domain/penalty/index.ts'
import { debtOf } from '../../../src/domain/penalty/money.ts'
import { type PenaltyState, runningRemedy, standing } from '../../../src/domain/penalty/state.ts'
import { civilDate, dayNumber } from '../../../src/domain/time.ts'
import { sampleFile } from '../../support/sample-file.ts'
import { recorded } from '../../support/scenario.ts'
import * as s from './stages.ts'

const { fine } = s
interface Choice {
  readonly action: number
  readonly variant: number
  readonly days: number
}
const choice: fc.Arbitrary<Choice> = fc.record({ action: fc.nat(500), variant: fc.nat(11), days: fc.nat(9) })
const pick = <T>(list: readonly T[], place: number): T | undefined => list[place % Math.max(1, list.length)]

const rights = { ...s.rights, hearing: true }
const sets = [
  [{ kind: 'warning' }],
  [fine(900)],
  [fine(5_000), { kind: 'warning' }],
  [fine(800), { kind: 'confiscation', amount: 70_000 }],
]
const ruling = (result: string, variant: number, of: PenaltyState) => ({
  ...{
    result,
    document: `裁${variant}`,
    text: '理由',
    organ: '市政府',
    decideAnew: variant % 2 === 0,
    onProcedure: true,
  },
  penalties: standing(of)?.penalties.slice(0, 1),
})

/** Bodies of an action; most are lawful in most states, some are not, and the decider refuses those. */
function bodies(action: string, state: PenaltyState, today: string, revision: number): readonly object[] {
  const left = standing(state) ? debtOf(standing(state)!.penalties) : { fine: 0, confiscation: 0 }
  switch (action) {
    case 'assignOfficers':
      return [{ officers: ['officer-1', 'officer-2'] }, { officers: ['officer-2', 'officer-3'] }]
    case 'requestRecusal':
      return [{ person: 'officer-3', by: 'officer', ground: 'other', reason: '理由' }]
    case 'decideRecusal':
      return state.recusalPending.map((person) => ({ person, granted: true }))
    case 'recordInquiry':
      return [
        { form: 'inquiry', officers: state.investigators, credentialsShown: true, record: '笔录', signature: 'signed' },
      ]
    case 'addEvidence':
      return [sampleFile]
    case 'openArchived':
      return [{ purpose: 'litigation', text: '法院调卷' }]
    case 'preserveEvidence':
      return [{ list: `清单${revision}`, approvedBy: 'head', items: ['账册'] }]
    case 'decidePreservation':
      return state.preserved.map(({ list }) => ({ list, result: 'returned' }))
    case 'orderCorrection':
      return [{ due: '2028-12-31', text: '改正' }]
    case 'verifyCorrection':
      return [{ corrected: true }]
    case 'conclude':
      return [false, true].map((complexOrMajor) => ({
        ...s.conclusion,
        complexOrMajor,
        officers: state.investigators.slice(0, 2),
      }))
    case 'forwardProposal':
      return [{ to: 'city', kinds: ['fine'] }]
    case 'takeCase':
      return [{ level: 'city' }]
    case 'returnForInvestigation':
    case 'returnProposal':
    case 'withdrawPublication':
      return [{ reason: '理由' }]
    case 'serveNotice':
      return sets.map((penalties) => ({
        ...s.notice,
        penalties,
        rights,
        newFacts: '新',
        defenceUntil: later(today, 1),
      }))
    case 'fileDefence':
    case 'addNote':
      return [{ text: '文字' }]
    case 'hearDefence':
      return [{ adoption: 'not-adopted', review: '复核' }]
    case 'waiveDefence':
      return [{ express: true }]
    case 'announceHearing':
      return [{ ...s.hearingNotice, heldAt: later(today, 20) }]
    case 'holdHearing':
      return [{ record: '笔录', signature: 'signed' }]
    case 'abandonHearing':
      return [{ absent: false }]
    case 'reviewLegality':
      return [{ passed: true, opinion: '通过' }]
    case 'discussCollectively':
      return [{ meetingNumber: '1', attendees: ['head', 'deputy'], opinion: '意见' }]
    case 'decide':
      return [
        ...[0, 1, 2].map(() => ({ penalties: state.notice?.penalties ?? [], socialImpact: true })),
        { outcome: 'none-minor', penalties: [] },
      ].map((more) => ({
        ...s.decision,
        level: state.level,
        followsHearingRecord: true,
        document: `罚${revision}`,
        ...more,
      }))
    case 'serve':
      return [{ document: standing(state)?.document ?? '', method: 'direct' }]
    case 'recordPayment':
      return [
        { of: 'fine', amount: Math.max(1, left.fine), receipt: `票${revision}` },
        { of: 'fine', amount: Math.max(1, left.fine >> 1), receipt: `票${revision}` },
        { of: 'confiscation', amount: Math.max(1, left.confiscation), receipt: `票${revision}` },
        { of: 'surcharge', amount: Math.max(1, left.fine >> 2), receipt: `票${revision}` },
        { of: 'fine', amount: 1, receipt: state.receipts.at(-1) ?? '票' },
      ]
    case 'deferPayment':
      return [{ until: later(today, 30), reason: '困难' }]
    case 'refund':
      return [1, 1_000, 10_000].map((amount) => ({ amount, receipt: `票${revision}` }))
    case 'urgePayment':
      return [{ document: '催1' }]
    case 'applyForEnforcement':
      return [{ court: '法院', document: '1' }]
    case 'endEnforcement':
      return [{ enforced: true }]
    case 'publish':
      return [{ where: '网站', redacted: true }]
    case 'fileReconsideration':
      return [{ organ: '市政府', lateBecause: '理由' }]
    case 'fileSuit':
      return [{ court: '法院', lateBecause: '理由' }]
    case 'decideReconsideration':
      return ['upheld', 'changed', 'revoked', 'withdrawn'].map((result, variant) => ruling(result, variant, state))
    case 'decideSuit':
      return ['upheld', 'changed', 'revoked', 'revoked'].map((result, variant) => ({
        ...ruling(result, variant, state),
        effective: variant < 3,
      }))
    case 'suspendExecution':
      return [{ organ: '市政府', reason: '必要' }]
    case 'quash':
      return [true, false].map((decideAnew) => ({ by: 'superior', organ: '省厅', decideAnew, reason: '理由' }))
    case 'change':
      return [
        { by: 'superior', organ: '省厅', document: `变${revision}`, penalties: [{ kind: 'warning' }], reason: '理由' },
      ]
    case 'close':
      return [{ surchargeRemitted: '协议' }]
    case 'archive':
      return [{ retention: '30y' }]
    case 'terminate':
      return [{ ground: 'other', reason: '理由' }]
    case 'requestHearing':
    case 'resumeExecution':
    case 'recordExecution':
    case 'replyToReconsideration':
      return [{}]
    default:
      return []
  }
}
const later = (date: string, days: number) => civilDate(dayNumber(date) + days)

/** Who does it: the right person where the rule asks for one. */
function actorOf(action: string, state: PenaltyState): Actor {
  const organisation = action === 'takeCase' || action === 'returnProposal' ? 'city' : (state.takenBy ?? 'bureau')
  const person =
    action === 'conclude'
      ? (state.investigators[0] ?? 'x')
      : action === 'holdHearing'
        ? 'chair'
        : action === 'reviewLegality'
          ? 'reviewer'
          : 'head'
  return { person, role: 'city-decider', organisation }
}

/** Where a case usually goes next, so that random ones get far. */
const onward: { readonly [Status in PenaltyState['status']]?: readonly string[] } = {
  filed: ['assignOfficers'],
  investigating: ['conclude', 'orderCorrection'],
  concluded: ['orderCorrection', 'forwardProposal', 'serveNotice', 'serveNotice'],
  forwarded: ['takeCase'],
  noticed: [
    'waiveDefence',
    'abandonHearing',
    'discussCollectively',
    'decide',
    'decide',
    'decide',
    'requestHearing',
    'announceHearing',
    'holdHearing',
    'reviewLegality',
  ],
  decided: ['serve'],
  served: ['recordPayment', 'recordPayment', 'fileReconsideration', 'fileSuit', 'close', 'publish'],
  'under-reconsideration': ['decideReconsideration', 'suspendExecution', 'recordPayment'],
  'under-litigation': ['decideSuit', 'recordPayment'],
  quashed: ['refund', 'close', 'withdrawPublication'],
}

/** The history that the choices make: choices that the decider refuses leave no trace. */
function played(choices: readonly Choice[]): Recorded[] {
  const history: Recorded[] = [...s.filed().events]
  let today = '2026-01-05'
  for (const { action, variant, days } of choices) {
    const state = stateOf(penaltyDecider, history)
    const revision = history.length
    today = later(today, days)
    const lawful = lawfulActions(penaltyDecider, state)
    const forward = (onward[state.status] ?? []).filter((name) => lawful.includes(name))
    const name = (action % 4 === 0 ? undefined : pick(forward, action >> 2)) ?? pick(lawful, action)
    if (name === 'holdHearing' && state.hearingAt !== undefined && state.hearingAt > today) today = state.hearingAt
    const raw = name && pick(bodies(name, state, today, revision), variant)
    if (!name || !raw) continue
    const by = actorOf(name, state)
    const parsed = penaltyDecider.actions[name]!.body.safeParse(raw)
    if (!parsed.success) continue
    const decision = decide(penaltyDecider, name, parsed.data, state, {
      ...{ now: '2030-01-01T00:00:00Z', effectiveAt: today, actor: by, organisation: 'bureau', policy: 'limits@1' },
      newId: (path) => `event-${revision + Number(path.split('/').at(-1) ?? 0)}`,
      limit: () => undefined,
    })
    if (!decision.ok) continue
    for (const event of decision.events as readonly NewEvent[])
      history.push(recorded({ effectiveAt: today, ...event }, history.length, by))
  }
  return history
}
const histories = fc.array(choice, { minLength: 10, maxLength: 60, size: 'max' }).map(played)
const run = { numRuns: 150 }

t.test('the generator gets far: one that does not would prove nothing', async (t) => {
  const types = new Set(
    fc.sample(histories, { seed: 2026, numRuns: 200 }).flatMap((history) => history.map(({ type }) => type)),
  )
  for (const type of [
    'HearingHeld',
    'PenaltyDecided',
    'PaymentReceived',
    'DecisionQuashed',
    'DecisionChanged',
    'CityCaseTaken',
    'LitigationDecided',
    'ExecutionSuspended',
    'RefundMade',
    'PenaltyCaseClosed',
  ])
    t.ok(types.has(type), `${type} is reached`)
})

t.test('property: whatever is played stands, and what is counted is the decision in force, once', async () => {
  fc.assert(
    fc.property(histories, (history) => {
      const steps = correctedSteps(history)
      const broken = firstBroken(penaltyDecider, steps)
      if (broken) throw new Error(`${broken.step.type} ${broken.refusal.code}`)
      const state = fold(penaltyDecider, steps)
      const inForce = standing(state)
      const counted = penaltySource.facts(steps, 'penalty-1', shippedCalendars).filter(({ overturned }) => !overturned)
      const should = inForce?.outcome === 'penalty' && inForce.servedAt !== undefined
      if (counted.length !== (should ? 1 : 0)) throw new Error('counted facts')
      const facts = penaltyFacts(steps)
      for (const [place, decision] of state.decisions.entries()) {
        const fact = facts[place]!
        if (fact.event !== decision.event || (fact.quashed !== undefined) !== (decision.quashed !== undefined))
          throw new Error('quashed')
        if (fact.servedAt !== decision.servedAt) throw new Error('served')
      }
      const running = runningRemedy(state)?.kind
      const last = facts.at(-1)
      if (last && last.underReconsideration !== (running === 'reconsideration')) throw new Error('reconsideration')
      if (last && last.underLitigation !== (running === 'litigation')) throw new Error('litigation')
      if (last && last.executionSuspended !== state.executionSuspended) throw new Error('suspended')
      return true
    }),
    run,
  )
})

t.test('property: nothing is paid twice, and money is neither made nor lost', async () => {
  fc.assert(
    fc.property(histories, (history) => {
      let state = penaltyDecider.initial
      let received = 0
      let refunded = 0
      const receipts: string[] = []
      for (const step of correctedSteps(history)) {
        state = penaltyDecider.evolve(state, step as never)
        const { amount, receipt } = step.data as { amount: number; receipt: string }
        if (step.type === 'PaymentReceived') {
          received += amount
          // The account paid into; another may be overpaid since the decision was changed, and is refunded.
          const { of } = step.data as { of: 'fine' | 'confiscation' | 'surcharge' }
          const owed = debtOf(standing(state)!.penalties)
          if (state.paid[of] > (of === 'confiscation' ? owed.confiscation : owed.fine)) return false
        }
        if (step.type === 'RefundMade') refunded += amount
        if (step.type === 'PaymentReceived' || step.type === 'RefundMade') receipts.push(receipt)
        const { paid } = state
        if (paid.fine + paid.confiscation + paid.surcharge !== received - refunded) return false
        if (Math.min(paid.fine, paid.confiscation, paid.surcharge) < 0) return false
        if (state.payments.reduce((sum, payment) => sum + payment.amount, 0) !== received - refunded) return false
      }
      return new Set(receipts).size === receipts.length
    }),
    run,
  )
})

t.test('property: no correction leaves an unlawful history', async () => {
  fc.assert(
    fc.property(
      histories,
      fc.nat(60),
      fc.boolean(),
      fc.integer({ min: -40, max: 40 }),
      (history, place, voids, days) => {
        const target = history[place % history.length]!
        const moved = later(target.effectiveAt.slice(0, 10), days)
        const correction = voids
          ? { type: 'StepVoided', data: { reason: '误录' }, corrects: { event: target.id, mode: 'void' as const } }
          : {
              ...{ type: 'StepReplaced', corrects: { event: target.id, mode: 'replace' as const }, effectiveAt: moved },
              data: { reason: '误录', version: 1, data: target.data },
            }
        const more = [recorded(correction, history.length)]
        const after = correctedSteps([...history, ...more])
        // Judged or not, folding never throws; accepted, every step still stands, and an annulled decision still counts nowhere.
        const state = fold(penaltyDecider, after)
        if (judgeCorrections(penaltyDecider, history, more)) return true
        const quashed = new Set(state.decisions.filter((decision) => decision.quashed).map(({ event }) => event))
        return (
          firstBroken(penaltyDecider, after) === undefined &&
          penaltyFacts(after).every((fact) => quashed.has(fact.event) === (fact.quashed !== undefined))
        )
      },
    ),
    run,
  )
})

t.test('property: adding a decision and annulling it leaves no counted fact, at any date', async () => {
  const annulment = { by: 'own-correction', organ: '市司法局', decideAnew: false, reason: '有误' }
  fc.assert(
    fc.property(fc.constantFrom(...sets.slice(1)), fc.nat(200), (penalties, days) => {
      const given = s
        .cityNoticed({ penalties, rights })
        .did('waiveDefence', { express: true }, s.at('2026-01-08'))
        .did('decide', { ...s.cityDecision, penalties }, s.at('2026-01-15', s.city('city-head')))
        .did('serve', { document: s.document.document, method: 'direct' }, s.at('2026-01-16', s.city('clerk')))
      const counted = (one: typeof given) =>
        penaltySource
          .facts(correctedSteps(one.events), 'penalty-1', shippedCalendars)
          .filter(({ overturned }) => !overturned).length
      const annulled = given.did('quash', annulment, s.at(later('2026-01-16', days), s.city('city-head')))
      return counted(given) === 1 && counted(annulled) === 0
    }),
    { numRuns: 30 },
  )
})

t.test('property: evolve stands any step on any state', async () => {
  fc.assert(
    fc.property(histories, histories, (one, other) => {
      let state = fold(penaltyDecider, correctedSteps(one))
      for (const step of correctedSteps(other)) {
        state = penaltyDecider.evolve(state, step as never)
        penaltyDecider.guard(state, step as never)
      }
      return state.status !== 'none'
    }),
    { numRuns: 40 },
  )
})
