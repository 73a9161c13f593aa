/**
 * Random histories of a decider: actions with bodies made up from the state, at times forward and back, with corrections in between as
 * commands judge them. Whatever was accepted must stand afterwards, and folding must never throw.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Decider, lawfulActions } from '../../src/domain/decider.ts'
import type { Actor, EventMap, NewEvent, Step, StepOf } from '../../src/domain/event.ts'
import { correctedSteps, firstBroken, isCorrection } from '../../src/domain/history.ts'
import { given, type Scenario } from './scenario.ts'

/** Picks from a list; the same seed picks the same. */
export type Pick = <T>(list: readonly T[]) => T

export interface Maker<State> {
  /** A body for an action on this state; nothing where there is none to try. */
  readonly body: (action: string, state: State, pick: Pick) => object | undefined
  readonly actors: readonly (string | Actor)[]
  readonly limits?: Readonly<Record<string, string>>
  readonly facts?: Readonly<Record<string, unknown>>
}

function pickFrom(seed: number): Pick {
  let a = seed >>> 0
  return (list) => {
    a = (Math.imul(a, 1_664_525) + 1_013_904_223) >>> 0
    return list[Math.floor((a / 4_294_967_296) * list.length)]!
  }
}

/** One history; `turns` are seeds. */
export function randomHistory<State, Events extends EventMap>(
  decider: Decider<State, Events>,
  maker: Maker<State>,
  turns: readonly number[],
): Scenario<State, Events> {
  const opening = Object.entries(decider.actions).find(([, action]) => action.creates)![0]
  let scenario = given(decider)
  for (const seed of turns) {
    const pick = pickFrom(seed)
    if (scenario.events.length > 0 && pick([true, false, false, false, false])) {
      const target = pick(scenario.events)
      const mode = isCorrection(target) ? 'void' : pick(['void', 'replace'] as const)
      const again = { version: 1, data: target.data }
      const correction: NewEvent = {
        type: mode === 'void' ? 'StepVoided' : 'StepReplaced',
        data: { reason: 'r', ...(mode === 'replace' ? again : {}) },
        effectiveAt: pick([target.effectiveAt, '2026-01-04', '2026-01-06T12:00:00+08:00']),
        corrects: { event: target.id, mode },
      }
      if (!scenario.correcting(correction)) scenario = scenario.and(correction)
      continue
    }
    const lawful = lawfulActions(decider, scenario.state)
    const action = pick([opening, ...lawful, ...lawful, ...lawful])
    const body = maker.body(action, scenario.state, pick)
    if (!body) continue
    const { limits, facts } = maker
    const by = pick(maker.actors)
    const at = pick([
      ...Array.from({ length: 20 }, () => undefined),
      '2026-01-05',
      '2026-01-05',
      '2026-01-06T20:00:00+08:00',
    ])
    const { decision } = scenario.when(action, body, {
      by,
      ...(at ? { at } : {}),
      ...(limits ? { limits } : {}),
      ...(facts ? { facts } : {}),
    })
    if (!decision.ok) continue
    const stamped = decision.events.map((event) => ({
      ...event,
      ...(event.effectiveAt ? {} : at ? { effectiveAt: at } : {}),
      by,
    }))
    scenario = scenario.and(...stamped)
  }
  return scenario
}

/** The two laws every decider keeps, over many random histories; says how far they got. */
export function checkHistories<State, Events extends EventMap>(
  decider: Decider<State, Events>,
  maker: Maker<State>,
  runs = 150,
): Map<string, number> {
  const seen = new Map<string, number>()
  fc.assert(
    fc.property(fc.noBias(fc.array(fc.nat(0xffff_ffff), { minLength: 10, maxLength: 70, size: 'max' })), (turns) => {
      const { events } = randomHistory(decider, maker, turns)
      const steps = correctedSteps(events)
      const broken = firstBroken(decider, steps)
      assert.equal(broken, undefined, `${broken?.step.type} ${JSON.stringify(broken?.refusal)}`)
      for (const { type } of steps) seen.set(type, (seen.get(type) ?? 0) + 1)
      // Total: any step on any state, in the wrong order and without the opening too.
      let state = decider.initial
      for (const step of [...steps].reverse() as Step[]) state = decider.evolve(state, step as StepOf<Events>)
      for (const step of steps as Step[]) state = decider.evolve(state, step as StepOf<Events>)
      assert.equal(JSON.stringify(state), JSON.stringify(JSON.parse(JSON.stringify(state))))
    }),
    // One fixed walk, so that what it reached can be asserted.
    { numRuns: runs, seed: 20_260_105 },
  )
  return seen
}
