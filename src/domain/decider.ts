/** What a decider is: events, state, evolve, guard, actions. Deciders are plain values; there is no class to extend. */
import type { z } from 'zod'
import type { ErrorCode } from './catalogue/errors.ts'
import type { Clock } from './clock.ts'
import type { Actor, EventMap, NewEvent, NewEventOf, Step, StepOf } from './event.ts'
import type { EffectiveTime, Instant } from './time.ts'

/** A lawful "no": a value, never an exception. */
export interface Refusal {
  /** Stable code, listed in docs/errors.md. */
  readonly code: ErrorCode
  /** The rule that refuses: `S1-5.2a`, `行政处罚法 36`. */
  readonly rule?: string
  /** JSON pointer to the field at fault, where there is one. */
  readonly pointer?: string
  /** Plain values for the Chinese sentence: states, counts, ids; never personal data. */
  readonly detail?: Readonly<Record<string, string | number>>
}

/** What a decision yields. No events means: already so, nothing to record. */
export type Decision<Event extends NewEvent = NewEvent> =
  | { readonly ok: true; readonly events: readonly Event[] }
  | { readonly ok: false; readonly refusal: Refusal }

/** What `decide` may know besides the command and the state; everything is given, nothing is fetched. */
export interface DecideContext {
  /** The instant of the command by the service's clock. */
  readonly now: Instant
  /** When the thing decided happened; not after `now`. */
  readonly effectiveAt: EffectiveTime
  readonly actor: Actor
  /** The organisation that owns the case, or will own it. */
  readonly organisation: string
  /** The stream decided on, where the command path gives it: an act on one's own record is known by it. */
  readonly stream?: string
  /** Deterministic new id for a field path: UUIDv5(command id, path). */
  readonly newId: (path: string) => string
  /** The limit valid now for a clock kind, as text such as `60d` or `15wd`, by the organisation's policy. */
  readonly limit: (kind: string) => string | undefined
  /** The policy version those limits come from. */
  readonly policy: string
  /** When a clock is due by the calendars in force at `effectiveAt`; where absent, deciders use the shipped calendars. */
  readonly due?: (clock: Clock) => { readonly due?: EffectiveTime; readonly calendars: readonly string[] }
  /** What the application layer looked up beyond the stream, by name: who handled a case, candidates of a sample. Each action says what it asks for. */
  readonly facts?: Readonly<Record<string, unknown>>
}

/** One thing a person may do with a stream. */
export interface Action<State, Body, Event extends NewEvent> {
  /** Rule ids. */
  readonly rule: string
  /** Whether this action opens a new stream. */
  readonly creates?: true
  /** Schema of the request body; gives the OpenAPI page and the form's rules too. */
  readonly body: z.ZodType<Body>
  /** Why the action is not lawful in this state, whatever the body; nothing if it is. Gives "what comes next". */
  readonly when?: (state: State) => Refusal | undefined
  readonly decide: (body: Body, state: State, context: DecideContext) => Decision<Event>
}

/** An action whose body type is not known at this place. */
export type AnyAction<State, Event extends NewEvent> = Action<State, never, Event>

/** Everything one category of streams can be and do. */
export interface Decider<State, Events extends EventMap> {
  readonly category: string
  readonly events: Events
  readonly initial: State
  /** Folds one step; pure, total, never throws. */
  readonly evolve: (state: State, step: StepOf<Events>) => State
  /**
   * Whether the step could stand on this state: the rules of the live chain, on the event itself, so that they judge
   * new events and the steps after a correction alike.
   */
  readonly guard: (state: State, step: StepOf<Events>) => Refusal | undefined
  readonly actions: Readonly<Record<string, AnyAction<State, NewEventOf<Events>>>>
}

/** A decider of unknown state and events, as the registry of categories holds it. */
// biome-ignore lint/suspicious/noExplicitAny: the one place where deciders of different types meet; `decide` narrows.
export type AnyDecider = Decider<any, any>

/** Declares an action with its body type inferred from the schema. */
export function action<State, Event extends NewEvent, Schema extends z.ZodType>(definition: {
  rule: string
  creates?: true
  body: Schema
  when?: (state: State) => Refusal | undefined
  decide: (body: z.output<Schema>, state: State, context: DecideContext) => Decision<Event>
}): AnyAction<State, Event> {
  return definition as unknown as AnyAction<State, Event>
}

export const accepted = <Event extends NewEvent>(...events: Event[]): Decision<Event> => ({ ok: true, events })

export const refusal = (
  code: ErrorCode,
  rule?: string,
  more: { pointer?: string; detail?: Refusal['detail'] } = {},
): Refusal => ({ code, ...(rule ? { rule } : {}), ...more })

export const refused = (
  code: ErrorCode,
  rule?: string,
  more: { pointer?: string; detail?: Refusal['detail'] } = {},
): Decision<never> => ({ ok: false, refusal: refusal(code, rule, more) })

/** The step a new event will be once recorded, as `guard` and `evolve` need it before it is. */
export function provisionalStep(event: NewEvent, context: DecideContext, place: number): Step {
  return {
    id: context.newId(`event/${place}`),
    revision: -1,
    type: event.type,
    data: event.data,
    effectiveAt: event.effectiveAt ?? context.effectiveAt,
    recordedAt: context.now,
    actor: context.actor,
    organisation: context.organisation,
    ...(event.basis ? { basis: event.basis } : {}),
    ...(event.corrects ? { corrects: event.corrects } : {}),
    sealedBy: { event: '', path: [] },
  }
}

/**
 * Decides one action: lawful in this state, the action's own decision, then every event judged by `guard` on the
 * state that the events before it have made.
 */
export function decide<State, Events extends EventMap>(
  decider: Decider<State, Events>,
  name: string,
  body: unknown,
  state: State,
  context: DecideContext,
): Decision<NewEventOf<Events>> {
  const found = decider.actions[name]
  if (!found) return refused('action-unknown', undefined, { detail: { action: name } })
  const notNow = found.when?.(state)
  if (notNow) return { ok: false, refusal: notNow }
  const decision = found.decide(body as never, state, context)
  if (!decision.ok) return decision
  let current = state
  for (const [place, event] of decision.events.entries()) {
    const step = provisionalStep(event, context, place) as StepOf<Events>
    const no = decider.guard(current, step)
    if (no) return { ok: false, refusal: no }
    current = decider.evolve(current, step)
  }
  return decision
}

/** The actions that are lawful in this state, by name, rights apart. */
export function lawfulActions<State, Events extends EventMap>(decider: Decider<State, Events>, state: State): string[] {
  return Object.entries(decider.actions)
    .filter(([, candidate]) => !candidate.creates && !candidate.when?.(state))
    .map(([name]) => name)
}
