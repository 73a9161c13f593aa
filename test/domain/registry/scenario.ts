/** Given events, when an action, then events or a refusal: for the registry's deciders. */
import { type AnyDecider, type DecideContext, decide } from '../../../src/domain/decider.ts'
import type { Actor, NewEvent, Recorded } from '../../../src/domain/event.ts'
import { stateOf } from '../../../src/domain/history.ts'
import type { EffectiveTime } from '../../../src/domain/time.ts'

export const NOW = '2026-06-30T02:00:00.000Z'

export interface Given {
  readonly type: string
  readonly data: unknown
  readonly at?: EffectiveTime
  readonly corrects?: Recorded['corrects']
}

/** Recorded events of one stream, revision by revision; ids are `e0`, `e1`, … */
export function recorded(stream: string, given: readonly Given[]): Recorded[] {
  return given.map(({ type, data, at, corrects }, revision) => ({
    id: `e${revision}`,
    stream,
    revision,
    index: revision,
    type,
    version: 1,
    recordedAt: NOW,
    effectiveAt: at ?? '2026-01-01',
    ...(corrects ? { corrects } : {}),
    organisation: 'bureau',
    actor: { operator: true },
    commandId: `c${revision}`,
    requestMac: '',
    data,
  }))
}

/** What an action decides after the given events: the new events' type, data and own time, or the refusal's code. */
export function when(
  decider: AnyDecider,
  given: readonly Given[],
  name: string,
  body: unknown,
  more: { at?: EffectiveTime; actor?: Actor; stream?: string } = {},
): readonly Omit<NewEvent, 'basis' | 'corrects'>[] | string {
  const action = decider.actions[name]
  if (!action) throw new Error(`no action ${name}`)
  const parsed = action.body.safeParse(body)
  if (!parsed.success) return `invalid: ${parsed.error.issues[0]!.path.join('/')}`
  const context: DecideContext = {
    now: NOW,
    effectiveAt: more.at ?? NOW,
    actor: more.actor ?? { operator: true },
    organisation: 'bureau',
    newId: (path) => `new/${path}`,
    limit: () => undefined,
    policy: 'limits@1',
    ...(more.stream === undefined ? {} : { stream: more.stream }),
  }
  const decision = decide(decider, name, parsed.data, stateOf(decider, recorded('x-1', given)), context)
  return decision.ok ? decision.events : decision.refusal.code
}

/** Every order of a few things. */
export function orders<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]]
  return items.flatMap((item, i) =>
    orders([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  )
}
