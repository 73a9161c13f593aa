import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { ComplaintStep } from '../../../src/domain/complaint/events.ts'
import { complaintDecider } from '../../../src/domain/complaint/index.ts'
import { decide } from '../../../src/domain/decider.ts'
import type { NewEvent, Recorded } from '../../../src/domain/event.ts'
import { correctedSteps, fold, isCorrection, judgeCorrections, stateOf } from '../../../src/domain/history.ts'
import { boundMs, type EffectiveTime, sortKey } from '../../../src/domain/time.ts'
import { recorded } from '../../support/scenario.ts'
import { type Choice, choice, decided, happenedAt, histories } from './histories.ts'
import * as stage from './stages.ts'

const voiding = (event: string): NewEvent => ({
  type: 'StepVoided',
  data: { reason: '登记有误' },
  corrects: { event, mode: 'void' },
})
const replacing = (event: string, data: unknown, effectiveAt: EffectiveTime): NewEvent => ({
  type: 'StepReplaced',
  data: { reason: '登记有误', version: 1, data },
  effectiveAt,
  corrects: { event, mode: 'replace' },
})
const then = (history: readonly Recorded[], ...corrections: NewEvent[]): Recorded[] => [
  ...history,
  ...corrections.map((event, place) => recorded(event, history.length + place, 'director')),
]

/** Every moment at which the state may differ, and now. */
const moments = (history: readonly Recorded[]): (EffectiveTime | undefined)[] => [
  undefined,
  '2025-12-31',
  ...new Set(history.map((event) => event.effectiveAt)),
]

function sameAtEveryMoment(left: readonly Recorded[], right: readonly Recorded[]): void {
  for (const moment of moments([...left, ...right]))
    assert.deepEqual(stateOf(complaintDecider, left, moment), stateOf(complaintDecider, right, moment), `at ${moment}`)
}

/** Other data for the step at a place, as the decider would have made it there; the same data where it makes none. */
function otherData(history: readonly Recorded[], place: number, pick: Choice): unknown {
  const target = history[place]!
  const before = stateOf(complaintDecider, history.slice(0, place))
  const names = Object.keys(complaintDecider.actions)
  for (const name of names) {
    const made = decided(before, name, pick, place).find((event) => event.type === target.type)
    if (made) return made.data
  }
  return target.data
}

/** A correction of a step or of an earlier correction, drawn by a choice. */
function drawn(history: readonly Recorded[], pick: Choice): NewEvent {
  const place = pick.action % history.length
  const target = history[place]!
  if (isCorrection(target) || pick.variant % 2 === 0) return voiding(target.id)
  return replacing(target.id, otherData(history, place, pick), happenedAt(place, pick))
}

/** The corrected steps written the slow way: a correction holds if no later one that holds takes it out. */
function byDefinition(history: readonly Recorded[]): unknown[] {
  const holds = (correction: Recorded): boolean =>
    !history.some(
      (later) =>
        later.revision > correction.revision &&
        later.corrects?.event === correction.id &&
        later.corrects.mode === 'void' &&
        holds(later),
    )
  return history
    .filter((event) => !isCorrection(event))
    .flatMap((event) => {
      const last = history
        .filter((other) => isCorrection(other) && other.corrects?.event === event.id && holds(other))
        .at(-1)
      if (!last) return [{ id: event.id, data: event.data, effectiveAt: event.effectiveAt }]
      if (last.corrects?.mode === 'void') return []
      return [{ id: event.id, data: (last.data as { data: unknown }).data, effectiveAt: last.effectiveAt }]
    })
}

const runs = { numRuns: 60 }

t.test('generated histories reach every kind of step', async (t) => {
  const seen = new Set(
    fc.sample(histories, { numRuns: 250, seed: 1 }).flatMap((history) => history.map(({ type }) => type)),
  )
  t.same(
    Object.keys(complaintDecider.events).filter((type) => !seen.has(type)),
    [],
  )
})

t.test('folding step by step is the fold of every prefix', async () => {
  fc.assert(
    fc.property(histories, (history) => {
      let live = complaintDecider.initial
      for (const [place, step] of correctedSteps(history).entries()) {
        live = complaintDecider.evolve(live, step as ComplaintStep)
        assert.deepEqual(live, stateOf(complaintDecider, history.slice(0, place + 1)))
      }
    }),
    runs,
  )
})

t.test(
  'a view at a moment is a prefix: a step is in it if it and every step before it had happened by then',
  async () => {
    fc.assert(
      fc.property(histories, (history) => {
        for (const moment of moments(history)) {
          if (moment === undefined) continue
          const happened = ({ effectiveAt }: Recorded) => sortKey(effectiveAt) <= boundMs(moment)
          const seen = history.filter((_, place) => history.slice(0, place + 1).every(happened))
          assert.deepEqual(stateOf(complaintDecider, history, moment), fold(complaintDecider, correctedSteps(seen)))
        }
      }),
      runs,
    )
  },
)

t.test('a voided step is as if it had never been, at every moment', async () => {
  fc.assert(
    fc.property(histories, fc.nat(), (history, place) => {
      const target = history[place % history.length]!
      sameAtEveryMoment(
        then(history, voiding(target.id)),
        history.filter((event) => event !== target),
      )
    }),
    runs,
  )
})

t.test('a replaced step is as if it had been recorded right at first, at every moment', async () => {
  fc.assert(
    fc.property(histories, choice, (history, pick) => {
      const place = pick.action % history.length
      const target = history[place]!
      const data = otherData(history, place, pick)
      const effectiveAt = happenedAt(place, pick)
      const right = history.map((event) => (event === target ? { ...event, data, effectiveAt } : event))
      sameAtEveryMoment(then(history, replacing(target.id, data, effectiveAt)), right)
    }),
    runs,
  )
})

t.test('a correction that is taken back leaves the history as it was', async () => {
  fc.assert(
    fc.property(histories, choice, (history, pick) => {
      const corrected = then(history, drawn(history, pick))
      sameAtEveryMoment(then(corrected, voiding(corrected.at(-1)!.id)), history)
    }),
    runs,
  )
})

t.test('of many corrections the last that holds counts', async () => {
  fc.assert(
    fc.property(histories, fc.array(choice, { minLength: 1, maxLength: 12 }), (history, picks) => {
      let all = history
      for (const pick of picks) all = then(all, drawn(all, pick))
      const steps = correctedSteps(all).map(({ id, data, effectiveAt }) => ({ id, data, effectiveAt }))
      assert.deepEqual(steps, byDefinition(all))
      assert.deepEqual(stateOf(complaintDecider, all), fold(complaintDecider, correctedSteps(all)))
    }),
    runs,
  )
})

t.test('corrections that are accepted never leave a step that could not stand; those refused would have', async (t) => {
  let [acceptedOnes, refusedOnes] = [0, 0]
  const breaks = (history: readonly Recorded[]): boolean => {
    let state = complaintDecider.initial
    return correctedSteps(history).some((step) => {
      const no = complaintDecider.guard(state, step as ComplaintStep)
      state = complaintDecider.evolve(state, step as ComplaintStep)
      return no !== undefined
    })
  }
  fc.assert(
    fc.property(histories, fc.array(choice, { minLength: 1, maxLength: 8 }), (history, picks) => {
      assert.equal(breaks(history), false, 'what the decider made stands')
      let all = history
      for (const pick of picks) {
        const next = then(all, drawn(all, pick))
        const no = judgeCorrections(complaintDecider, all, next.slice(all.length))
        assert.equal(no?.code, breaks(next) ? 'correction-breaks-later-step' : undefined)
        if (no) refusedOnes++
        else {
          acceptedOnes++
          all = next
        }
      }
    }),
    runs,
  )
  t.ok(acceptedOnes > 20, `${acceptedOnes} accepted`)
  t.ok(refusedOnes > 20, `${refusedOnes} refused`)
})

t.test('evolve takes any steps in any order', async () => {
  const shuffled = histories.chain((history) =>
    fc.shuffledSubarray(history, { minLength: 0, maxLength: history.length }),
  )
  fc.assert(
    fc.property(shuffled, shuffled, (one, other) => {
      let state = complaintDecider.initial
      for (const step of correctedSteps([...one, ...other]))
        state = complaintDecider.evolve(state, step as ComplaintStep)
      assert.equal(JSON.stringify(JSON.parse(JSON.stringify(state))), JSON.stringify(state))
    }),
    runs,
  )
})

t.test('deciding twice from one history gives one answer', async () => {
  fc.assert(
    fc.property(histories, choice, (history, pick) => {
      const state = Object.freeze(stateOf(complaintDecider, history))
      for (const name of Object.keys(complaintDecider.actions)) {
        const shape = () => decided(state, name, pick, history.length).map((event) => event.type)
        assert.deepEqual(shape(), shape())
      }
    }),
    { numRuns: 10 },
  )
})

t.test(
  'a correction after which a later step could not stand is refused, unless it corrects that step too',
  async (t) => {
    const accepted = stage.investigating()
    const [acceptance, assignment] = accepted.events.slice(-2)
    t.match(accepted.correcting(voiding(acceptance!.id)), {
      code: 'correction-breaks-later-step',
      detail: { type: 'InvestigatorsAssigned', because: 'complaint-step-out-of-order' },
    })
    t.equal(accepted.correcting(voiding(acceptance!.id), voiding(assignment!.id)), undefined)
    t.equal(accepted.correcting(voiding(assignment!.id)), undefined)
  },
)

t.test('rules on persons hold for corrected steps too', async (t) => {
  const decidedCase = stage.decided()
  const decision = decidedCase.events.at(-1)!
  const attendees = ['leader', 'investigator-1']
  t.match(
    decidedCase.correcting(replacing(decision.id, { ...(decision.data as object), attendees }, decision.effectiveAt)),
    {
      code: 'correction-breaks-later-step',
      detail: { because: 'investigator-votes' },
    },
  )
  const assignment = decidedCase.events.find(({ type }) => type === 'InvestigatorsAssigned')!
  const others = { investigators: ['investigator-1', 'deputy'] }
  t.match(decidedCase.correcting(replacing(assignment.id, others, assignment.effectiveAt)), {
    detail: { type: 'InvestigationConcluded', because: 'not-an-investigator' },
  })
  const recused = stage
    .investigating()
    .did('requestRecusal', { person: 'investigator-2', by: 'complainant', ground: 'other', reason: '其他' })
    .did('decideRecusal', { person: 'investigator-2', granted: true }, { by: 'leader' })
  const undone = then(recused.events, voiding(recused.events.at(-1)!.id))
  t.same(stateOf(complaintDecider, undone).recused, [], 'a recusal recorded by mistake never was')
})

t.test('a step is not moved before its predecessor', async (t) => {
  const accepted = stage.accepted()
  const acceptance = accepted.events.at(-1)!
  t.match(accepted.correcting(replacing(acceptance.id, {}, '2025-12-31')), {
    detail: { because: 'step-before-its-predecessor' },
  })
})

t.test('corrections name an event of the case, and a correction can only be taken back', async (t) => {
  const accepted = stage.accepted()
  t.match(accepted.correcting(voiding('elsewhere')), { code: 'correction-target-unknown' })
  const corrected = accepted.and(voiding(accepted.events.at(-1)!.id))
  t.match(corrected.correcting(replacing(corrected.events.at(-1)!.id, {}, '2026-01-05')), {
    code: 'correction-target-invalid',
  })
  t.equal(corrected.correcting(voiding(corrected.events.at(-1)!.id)), undefined)
})

t.test('an annulment is a step of its own: the decision was made, and was quashed', async (t) => {
  const replied = stage.replied()
  const quashed = replied.did('quashDecision', { by: 'court', organ: '区人民法院', reason: '撤销' })
  t.equal(correctedSteps(quashed.events).length, quashed.events.length)
  const before = replied.events.at(-1)!.effectiveAt
  t.match(stateOf(complaintDecider, quashed.events, before), { status: 'replied', decision: { quashed: false } })
  t.match(quashed.state, { status: 'investigating', decision: { quashed: true } })
  const decision = decide(complaintDecider, 'reply', { method: 'letter', text: '答复' }, quashed.state, {} as never)
  t.match(decision, { ok: false, refusal: { code: 'complaint-step-out-of-order' } })
})
