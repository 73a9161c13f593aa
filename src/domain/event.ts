/** The event envelope and what the domain makes of it. Formats: docs/adr/0001-event-format.md. */
import type { z } from 'zod'
import type { EffectiveTime, Instant } from './time.ts'

/** Who did it: a person in a role of an organisation, a reactor by name, or the operator at the terminal. */
export type Actor =
  | { readonly person: string; readonly role: string; readonly organisation: string }
  | { readonly reactor: string }
  | { readonly operator: true }

/** How an event corrects another of the same stream; see docs/adr/0002-two-times-and-corrections.md. */
export interface Corrects {
  readonly event: string
  readonly mode: 'void' | 'replace' | 'annul'
}

/** The rule, policy, scheme or calendar version a decision used, and the limits valid when a clock started. */
export interface Basis {
  /** Rule ids of docs and law, for example `S1-5.2a`, `信访工作条例 34`. */
  readonly rule?: string
  /** Policy version, `limits@3`. */
  readonly policy?: string
  /** Limits fixed for the clocks this event starts, by clock kind: `{ 'complaint.reply': '60d' }`. */
  readonly limits?: Readonly<Record<string, string>>
  readonly calendar?: string
  readonly scheme?: string
}

/** Everything that is in the stored bytes. Property order here is the order in the bytes. */
export interface Envelope<Type extends string = string, Data = unknown> {
  readonly id: string
  readonly stream: string
  readonly revision: number
  readonly type: Type
  readonly version: number
  /** UTC with milliseconds, by the writer's clock; never decreases in an embedded store. */
  readonly recordedAt: Instant
  readonly effectiveAt: EffectiveTime
  readonly corrects?: Corrects
  /** Id of the organisation that owns the event at this moment. */
  readonly organisation: string
  readonly actor: Actor
  readonly commandId: string
  /** Keyed MAC over the request: tells a retry from a reused key. */
  readonly requestMac: string
  readonly causationId?: string
  readonly correlationId?: string
  readonly basis?: Basis
  readonly data: Data
}

/** An event as read: its envelope lifted to the current version, and its index where the reader has one. */
export interface Recorded<Type extends string = string, Data = unknown> extends Envelope<Type, Data> {
  /** Place among all our events in commit order, from 0 without gaps; absent where a mirror does not have it yet. */
  readonly index?: number
}

/**
 * A step of a case as it stands after corrections: what `evolve` and `guard` see. `id` and `revision` are always the
 * original step's; time and data are those of the last correction, and `sealedBy` says whose ciphertext they are.
 */
export interface Step<Type extends string = string, Data = unknown> {
  readonly id: string
  readonly revision: number
  readonly index?: number
  readonly type: Type
  readonly data: Data
  readonly effectiveAt: EffectiveTime
  readonly recordedAt: Instant
  readonly actor: Actor
  readonly organisation: string
  readonly basis?: Basis
  readonly corrects?: Corrects
  /** The event whose id and path prefix stand in the additional data of this step's ciphertexts. */
  readonly sealedBy: { readonly event: string; readonly path: readonly string[] }
}

/** One event type of a category: its current schema version, the rule it records, and the schema of its data. */
export interface EventDefinition<Data = unknown> {
  readonly version: number
  /** Rule ids shown in the audit trail. */
  readonly rule: string
  readonly data: z.ZodType<Data>
  /** Upcasters: `from[1]` lifts the data of version 1 to version 2, and so on; pure. */
  readonly from?: Readonly<Record<number, (data: never) => unknown>>
}

/** The event types of one category by name. */
export type EventMap = Readonly<Record<string, EventDefinition>>

/** The union of steps a map of event definitions describes. */
export type StepOf<Map extends EventMap> = {
  [Type in keyof Map & string]: Step<Type, z.output<Map[Type]['data']>>
}[keyof Map & string]

/** The union of new events a decider may return. */
export type NewEventOf<Map extends EventMap> = {
  [Type in keyof Map & string]: {
    readonly type: Type
    readonly data: z.output<Map[Type]['data']>
    readonly effectiveAt?: EffectiveTime
    readonly basis?: Basis
    readonly corrects?: Corrects
  }
}[keyof Map & string]

/** A new event of any category. */
export interface NewEvent {
  readonly type: string
  readonly data: unknown
  /** Default: the command's. */
  readonly effectiveAt?: EffectiveTime
  readonly basis?: Basis
  readonly corrects?: Corrects
}

/** The category of a stream name `<category>-<id>`. */
export function categoryOf(stream: string): string {
  const hyphen = stream.indexOf('-')
  return hyphen < 0 ? stream : stream.slice(0, hyphen)
}
