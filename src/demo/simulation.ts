/**
 * Records a simulated past through the same deciders, sealing and recorder as real commands, but some days at a time: states stay in
 * memory, the days' fields are sealed in one batch and their events committed in one group.
 */
import { commandIdFor, eventIdOf, newIdOf, streamIdOf } from '../commands/ids.ts'
import { allocation } from '../commands/numbers.ts'
import { type DecideContext, decide, provisionalStep } from '../domain/decider.ts'
import type { Actor, NewEvent } from '../domain/event.ts'
import { numbersStream } from '../domain/registry/numbers.ts'
import { dateOfMs, type EffectiveTime, instantOfMs, sortKey } from '../domain/time.ts'
import type { Service } from '../service.ts'
import { StoreError } from '../store/port.ts'
import type { Recorder } from '../store/recorder.ts'
import { sealEvents } from '../trust/sealing.ts'

/** One act of the past: who did what to which stream, when it happened and when it was written down. */
export interface Act {
  readonly category: string
  /** Absent where the act opens a stream. */
  readonly stream?: string
  readonly action: string
  readonly body: unknown
  readonly actor: Actor
  /** Owner; empty where the new stream is an organisation that owns itself. */
  readonly organisation: string
  readonly recordedMs: number
  /** Default: the moment of recording. */
  readonly effectiveAt?: EffectiveTime
  /** What the decision needs to know beyond the stream. */
  readonly facts?: Readonly<Record<string, unknown>>
}

interface Held {
  state: unknown
  revision: number
}

interface Waiting {
  readonly stream: string
  readonly category: string
  readonly expected: number
  readonly events: readonly NewEvent[]
  readonly ids: readonly string[]
  readonly commandId: string
  readonly act: Act
  readonly subject: string | undefined
  /** Bodies are parsed in the order of the acts, so the opening event comes first. */
  readonly opens: boolean
}

/** Stamps and appends; `again` with whatever the clock shows by then, for it never runs backward. */
type Recording = (again: boolean) => ReturnType<Recorder['record']>

/** Appends under way at once: enough for one commit to serve many, few enough for a cluster to take in time. */
const AT_ONCE = 256
/** How often a store that is away is asked. */
const TRIES = 6

export class Simulation {
  readonly #service: Service
  readonly #seed: string
  readonly #setClock: (ms: number) => void
  readonly #held = new Map<string, Held>()
  /** Last revision of each number series. */
  readonly #series = new Map<string, number>()
  #waiting: Waiting[] = []
  #acts = 0
  events = 0

  /** @param setClock sets the service's injected clock, milliseconds since 1970 */
  constructor(service: Service, seed: string, setClock: (ms: number) => void) {
    this.#service = service
    this.#seed = seed
    this.#setClock = setClock
  }

  /** State of a stream as the acts so far have made it. */
  state<State>(stream: string): State {
    return this.#held.get(stream)?.state as State
  }

  /**
   * Decides one act now; it is recorded with the day.
   * @returns the stream
   * @throws Error where a rule refuses: the story is wrong then, not the rule
   */
  act(asked: Act): string {
    const category = this.#service.categories[asked.category]!
    const { decider } = category
    const commandId = commandIdFor('demo', this.#seed, String(this.#acts++))
    const named = asked.stream ?? category.streamOf?.(asked.body, asked.organisation, asked.action)
    const act = asked.organisation === '' ? { ...asked, organisation: named!.slice(named!.indexOf('-') + 1) } : asked
    const stream = named ?? `${decider.category}-${streamIdOf(commandId)}`
    const held = this.#held.get(stream) ?? { state: decider.initial, revision: -1 }
    this.#held.set(stream, held)
    const recordedAt = instantOfMs(act.recordedMs)
    const effectiveAt = act.effectiveAt ?? recordedAt
    if (sortKey(effectiveAt) > act.recordedMs) throw new Error(`${act.action}: effective after it was recorded`)
    const about = held.state as { channel?: string; kind?: string }
    const context: DecideContext = {
      now: recordedAt,
      effectiveAt,
      actor: act.actor,
      organisation: act.organisation,
      stream,
      newId: (path) => newIdOf(commandId, `${stream}/${path}`),
      limit: (kind) =>
        this.#service.limits.limitOf(act.organisation, kind, effectiveAt, {
          ...(about.channel ? { channel: about.channel } : {}),
          ...(about.kind ? { category: about.kind } : {}),
        }),
      policy: this.#service.limits.policyOf(act.organisation, effectiveAt),
      ...(act.facts ? { facts: act.facts } : {}),
    }
    const body = decider.actions[act.action]?.body.parse(act.body)
    const decision = decide(decider, act.action, body, held.state, context)
    if (!decision.ok) {
      const { code, rule, detail } = decision.refusal
      throw new Error(`${act.category}.${act.action} refused: ${code} ${rule ?? ''} ${JSON.stringify(detail ?? {})}`)
    }
    if (decision.events.length === 0) return stream
    const subject = category.subject(held.state as never)
    const ids = decision.events.map((_, place) => eventIdOf(commandId, stream, '', place))
    this.#waiting.push({
      stream,
      category: act.category,
      expected: held.revision,
      events: decision.events,
      ids,
      commandId,
      act: { ...act, effectiveAt },
      subject,
      opens: held.revision < 0,
    })
    for (const [place, event] of decision.events.entries()) {
      const step = { ...provisionalStep(event, context, place), id: ids[place]!, revision: held.revision + 1 }
      held.state = decider.evolve(held.state, step)
      held.revision++
    }
    return stream
  }

  /** Seals and records everything decided since the last time, in the order of recording, each new case with its number. */
  async flush(): Promise<void> {
    const day = this.#waiting
    this.#waiting = []
    if (day.length === 0) return
    day.sort((a, b) => a.act.recordedMs - b.act.recordedMs)
    const { vault, recorder, categories } = this.#service
    await Promise.all(day.map((each) => categories[each.category]!.before?.(each.events, each.act.organisation)))
    const sealed = await Promise.all(
      day.map((each) => sealEvents(vault, each.stream, each.events, each.ids, each.subject)),
    )
    const records: Recording[] = []
    for (const [i, each] of day.entries()) {
      const { decider, numbered } = categories[each.category]!
      const { act } = each
      const drafts = sealed[i]!.map((event, place) => ({
        id: each.ids[place]!,
        type: event.type,
        version: decider.events[event.type]!.version,
        data: event.data,
        effectiveAt: event.effectiveAt ?? act.effectiveAt!,
        ...(event.basis ? { basis: event.basis } : {}),
        ...(event.corrects ? { corrects: event.corrects } : {}),
      }))
      records.push((again) => {
        if (!again) this.#setClock(act.recordedMs)
        return recorder.record(each.stream, each.expected < 0 ? 'no_stream' : each.expected, drafts, {
          organisation: act.organisation,
          actor: act.actor,
          commandId: each.commandId,
          requestMac: '',
        })
      })
      if (each.opens && numbered !== undefined) records.push(this.#number(each.stream, act, numbered))
    }
    for (let at = 0; at < records.length; at += AT_ONCE) await this.#record(records.slice(at, at + AT_ONCE))
  }

  /** Records in order, all under way at once: stamps and places follow the order of the days. A store that is away is asked again. */
  async #record(records: readonly Recording[]): Promise<void> {
    for (let tries = 1; ; tries++) {
      const outcomes = await Promise.allSettled(records.map((record) => record(tries > 1)))
      const failure = outcomes.find((each) => each.status === 'rejected')?.reason as unknown
      if (failure === undefined) {
        for (const outcome of outcomes) {
          if (outcome.status !== 'fulfilled' || !outcome.value.result.ok)
            throw new Error('a simulated append met another writer')
          this.events += outcome.value.envelopes.length
        }
        return
      }
      // The same ids at the same revisions: what is there already is answered again.
      const isAway = failure instanceof StoreError && failure.code === 'store-unavailable'
      if (!isAway || tries === TRIES) throw failure
    }
  }

  #number(stream: string, { organisation, recordedMs }: Act, kind: string): Recording {
    const name = numbersStream(organisation, kind, Number(dateOfMs(recordedMs).slice(0, 4)))
    const revision = this.#series.get(name) ?? -1
    this.#series.set(name, revision + 1)
    const { draft, provenance } = allocation(name, stream, organisation, kind)
    return () => this.#service.recorder.record(name, revision < 0 ? 'no_stream' : revision, [draft], provenance)
  }

  /** Drops what is known of a stream and folds it anew: after a real command has changed it. */
  async reload(stream: string, category: string): Promise<void> {
    const loaded = await this.#service.load(stream, this.#service.categories[category]!.decider)
    this.#held.set(stream, { state: loaded.state, revision: loaded.revision })
  }
}
