/** `given(decider, …events).when(action, body, context).then(events or refusal)`: how deciders are tested, and nothing else. */
import assert from 'node:assert/strict'
import { type Decider, decide, type Refusal } from '../../src/domain/decider.ts'
import type { Actor, EventMap, NewEvent, Recorded } from '../../src/domain/event.ts'
import { judgeCorrections, stateOf } from '../../src/domain/history.ts'
import { ToSeal } from '../../src/domain/sealed.ts'
import { type EffectiveTime, instantOfMs } from '../../src/domain/time.ts'

/** Who does it, when it happened (default: an hour after the step before), and which limits hold. */
export interface Circumstances {
  readonly by?: string | Actor
  readonly at?: EffectiveTime
  readonly limits?: Readonly<Record<string, string>>
  /** What the application layer looked up. */
  readonly facts?: Readonly<Record<string, unknown>>
}
/** An event as it is expected: what is named must agree; a sealed field is compared with its text. */
export type Expected = readonly { readonly type: string; readonly data?: unknown; readonly [more: string]: unknown }[]

const START = Date.parse('2026-01-05T01:00:00Z')
const actorOf = (by: string | Actor): Actor =>
  typeof by === 'string' ? { person: by, role: 'reception', organisation: 'bureau' } : by

/** Records a new event as the next of a stream. */
export function recorded(event: NewEvent, revision: number, by: string | Actor = 'clerk'): Recorded {
  const recordedAt = instantOfMs(START + revision * 3_600_000)
  const { type, data, effectiveAt = recordedAt, basis, corrects } = event
  const envelope = { commandId: `command-${revision}`, requestMac: '', organisation: 'bureau', actor: actorOf(by) }
  return {
    id: `event-${revision}`,
    stream: 'case-1',
    revision,
    type,
    version: 1,
    recordedAt,
    effectiveAt,
    ...envelope,
    basis,
    corrects,
    data,
  }
}

function agrees(actual: unknown, expected: unknown, path: string): void {
  if (actual === expected) return
  if (actual instanceof ToSeal) assert.equal(ToSeal.reveal(actual), expected, path)
  else if (typeof expected !== 'object' || expected === null) assert.equal(actual, expected, path)
  else
    for (const [key, value] of Object.entries(expected))
      agrees((actual as Record<string, unknown> | undefined)?.[key], value, `${path}/${key}`)
}

export class Scenario<State, Events extends EventMap> {
  readonly decider: Decider<State, Events>
  readonly events: readonly Recorded[]
  constructor(decider: Decider<State, Events>, events: readonly Recorded[]) {
    this.decider = decider
    this.events = events
  }
  get state(): State {
    return stateOf(this.decider, this.events)
  }
  when(action: string, body: unknown = {}, { by = 'clerk', at, limits = {}, facts }: Circumstances = {}) {
    const revision = this.events.length
    const now = instantOfMs(START + revision * 3_600_000)
    const newId = (path: string) => `id-${revision}.${path.replaceAll('/', '.')}`
    const limit = (kind: string) => limits[kind]
    const found = this.decider.actions[action]
    assert.ok(found, `no action ${action}`)
    const decision = decide(this.decider, action, found.body.parse(body), this.state, {
      ...{ now, effectiveAt: at ?? now, actor: actorOf(by), organisation: 'bureau', newId, limit, policy: 'limits@1' },
      ...(facts ? { facts } : {}),
    })
    const then = (expected: Expected | string | Partial<Refusal>): Scenario<State, Events> => {
      if (!Array.isArray(expected)) {
        const refusal = decision.ok ? { accepted: decision.events.map((event) => event.type) } : decision.refusal
        agrees(refusal, typeof expected === 'string' ? { code: expected } : expected, action)
        return this
      }
      assert.ok(decision.ok, decision.ok ? '' : `${action} refused: ${JSON.stringify(decision.refusal)}`)
      assert.deepEqual(
        decision.events.map((event) => event.type),
        expected.map((event) => event.type),
      )
      agrees(decision.events, expected, action)
      return this.and(
        ...decision.events.map((event) => ({ ...event, effectiveAt: event.effectiveAt ?? at ?? now, by })),
      )
    }
    return { decision, then }
  }
  /** Does it, which must be lawful. */
  did(action: string, body: unknown = {}, circumstances: Circumstances = {}): Scenario<State, Events> {
    const { decision, then } = this.when(action, body, circumstances)
    return then(decision.ok ? decision.events : [])
  }
  /** More events, as they stand. */
  and(...events: (NewEvent & { by?: string | Actor })[]): Scenario<State, Events> {
    const more = events.map(({ by, ...event }, place) => recorded(event, this.events.length + place, by))
    return new Scenario(this.decider, [...this.events, ...more])
  }
  /** Corrections as they would be appended, judged. */
  correcting(...corrections: NewEvent[]): Refusal | undefined {
    const more = corrections.map((event, place) => recorded(event, this.events.length + place))
    return judgeCorrections(this.decider, this.events, more)
  }
}

export const given = <State, Events extends EventMap>(
  decider: Decider<State, Events>,
  ...events: (NewEvent & { by?: string | Actor })[]
): Scenario<State, Events> => new Scenario(decider, []).and(...events)
