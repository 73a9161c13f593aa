import { decideAccess, type Grant, type Principal, type Resource } from '../domain/access.ts'
import type { Clock } from '../domain/clock.ts'
import { type AnyDecider, type DecideContext, decide, lawfulActions, type Refusal, refusal } from '../domain/decider.ts'
import type { Actor, Envelope, NewEvent, Recorded } from '../domain/event.ts'
import { correctedSteps, fold } from '../domain/history.ts'
import { type EffectiveTime, type Instant, instantOfMs, isEffectiveTime, sortKey } from '../domain/time.ts'
import { CORRECTION_VERSION, decodeEnvelope, decodeStream } from '../store/envelope.ts'
import type { EventStore, ExpectedRevision } from '../store/port.ts'
import type { Draft, Recorder } from '../store/recorder.ts'
import type { Vault } from '../trust/ports.ts'
import { sealEvents } from '../trust/sealing.ts'
import { type CorrectionBody, checkedBodies, decideCorrections } from './corrections.ts'
import { eventIdOf, newIdOf, streamIdOf } from './ids.ts'

export type { CorrectionBody }

/** What the command path needs of the world. */
export interface CommandPorts {
  readonly store: EventStore
  readonly recorder: Recorder
  readonly vault: Vault
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** The limit valid for a clock kind at a moment. */
  readonly limitOf: (
    organisation: string,
    kind: string,
    at: EffectiveTime,
    about: { channel?: string; category?: string },
  ) => string | undefined
  /** The policy version those limits come from. */
  readonly policyOf: (organisation: string, at: EffectiveTime) => string
  /** When a clock is due by the calendars published by a moment, as its organisation knows them. */
  readonly dueOf: (
    clock: Clock,
    at: EffectiveTime,
  ) => { readonly due?: EffectiveTime; readonly calendars: readonly string[] }
  /** Who holds the duties of an organisation now, with its division and its superiors: what rights look at. */
  readonly holderOf: (organisation: string) => Pick<Resource, 'organisation' | 'division' | 'above'>
}

/** What the application layer adds to a decider: who owns it, what rights look at, what surrounds a decision. */
export interface Category<State = never> {
  readonly decider: AnyDecider
  /** What rights look at, owner apart; `id` is the stream's own. */
  readonly resource: (state: State, id: string) => Omit<Resource, 'organisation' | 'division' | 'above'>
  /** The case's own subject, under which free text outside any person's object is sealed. */
  readonly subject: (state: State) => string | undefined
  /** Kind of the number series that a new case gets its number from. */
  readonly numbered?: string
  /** Owner of a stream about to be opened, from the body and the person's grants. */
  readonly owner?: (body: unknown, principal: Principal) => string | undefined
  /** Fixes the stream of a creating command where it is not derived from the command id (one stream per year, per office). */
  readonly streamOf?: (body: unknown, organisation: string, action: string) => string
  /**
   * Rules that look beyond the stream: that named people and offices exist, that the person may do it there too. Runs after
   * rights, before `decide`; for a correction with `replace:<type>` and the data that are to stand, and with `void:<type>` and those
   * of the step it touches.
   */
  readonly check?: (request: CheckRequest<State>) => Promise<Refusal | undefined>
  /**
   * What the decision needs to know beyond the stream, by name (`DecideContext.facts`); or why it cannot be known. Runs after `check`;
   * not for corrections.
   */
  readonly facts?: (
    request: FactsRequest<State>,
  ) => Promise<Readonly<Record<string, unknown>> | { readonly refusal: Refusal }>
  /** Runs with the decided events before they are sealed: blind indexes, evidence. */
  readonly before?: (events: readonly NewEvent[], organisation: string) => Promise<void>
}

/** What a category's `check` may look at. */
export interface CheckRequest<State = never> {
  readonly action: string
  readonly body: unknown
  readonly state: State
  readonly organisation: string
  /** The stream decided on; of a creating action the one it opens. */
  readonly stream: string
  readonly actor: Actor
  /** When it happened. */
  readonly effectiveAt: EffectiveTime
  /** Whether the person may do this in that organisation too. */
  readonly mayIn: (permission: string, organisation: string) => boolean
}

/** What a category's `facts` may look at. */
export interface FactsRequest<State = never> extends Omit<CheckRequest<State>, 'mayIn'> {
  readonly commandId: string
  /** Milliseconds since 1970. */
  readonly now: number
}

export interface CommandRequest {
  readonly category: string
  /** Full stream name; absent for a creating action. */
  readonly stream?: string
  readonly action: string
  /** The body, parsed by the action's schema; for corrections {@link CorrectionBody}s. */
  readonly body: unknown
  /** When it happened; default: now. */
  readonly effectiveAt?: EffectiveTime
  /** Owner of a new stream, where the person named it. */
  readonly organisation?: string
  readonly commandId: string
  readonly requestMac: string
  readonly correlationId?: string
  readonly causationId?: string
  /** The revision the person saw; absent: decided on whatever is there, again at most three times. */
  readonly ifMatch?: number
  readonly principal: Principal
  /** Acts for no person: a reactor's name; rights are not asked. */
  readonly reactor?: string
  /** Decides only: nothing is sealed or recorded, and the answer has no events. */
  readonly dryRun?: true
}

export type CommandResult =
  | {
      readonly ok: true
      readonly stream: string
      readonly revision: number
      /** Absent where nothing had to be recorded or the store does not count. */
      readonly index?: number
      readonly position?: string
      readonly organisation: string
      readonly state: unknown
      readonly events: readonly Envelope[]
      readonly repeated: boolean
    }
  | { readonly ok: false; readonly refusal: Refusal; readonly met?: MetState }

/** The state a refused command met, for a person who may read the case. */
export interface MetState {
  readonly stream: string
  readonly revision: number
  readonly organisation: string
  readonly state: unknown
}

const no = (value: Refusal, met?: MetState): CommandResult => ({
  ok: false,
  refusal: value,
  ...(met ? { met } : {}),
})

/** The refusal of a denied request: what may not be known of looks like what does not exist. */
export const deniedBecause = (why: 'unknown' | 'forbidden' | 'purpose'): Refusal =>
  why === 'unknown'
    ? refusal('not-found')
    : why === 'purpose'
      ? refusal('archive-purpose-required', 'S2-4.4.6')
      : refusal('forbidden')

const MAX_TRIES = 3

const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1)

export function createExecute(ports: CommandPorts, categories: Readonly<Record<string, Category>>) {
  /** Loads a stream: events lifted, corrections applied, folded. */
  async function load(stream: string, decider: AnyDecider) {
    const slice = await ports.store.readStream(stream)
    const events = decodeStream(slice.events, decider.events)
    const steps = correctedSteps(events)
    return {
      exists: slice.exists,
      revision: slice.lastRevision,
      stored: slice.events,
      events,
      state: fold(decider, steps),
    }
  }

  async function execute(request: CommandRequest): Promise<CommandResult> {
    const category = categories[request.category]
    if (!category) return no(refusal('not-found'))
    const now = ports.now()
    if (request.effectiveAt !== undefined) {
      if (!isEffectiveTime(request.effectiveAt))
        return no(refusal('effective-time-invalid', undefined, { pointer: '/effectiveAt' }))
      if (sortKey(request.effectiveAt) > now)
        return no(refusal('effective-in-future', undefined, { pointer: '/effectiveAt' }))
    }
    for (let attempt = 1; ; attempt++) {
      const outcome = await attemptOnce(category, request, now)
      if (outcome !== 'conflict') return outcome
      if (attempt === MAX_TRIES) return no(refusal('concurrent-change'))
    }
  }

  async function attemptOnce(
    category: Category,
    request: CommandRequest,
    now: number,
  ): Promise<CommandResult | 'conflict'> {
    const { decider } = category
    const creates = request.stream === undefined
    const owner = creates ? (request.organisation ?? category.owner?.(request.body, request.principal)) : undefined
    if (creates && owner === undefined) return no(refusal('forbidden'))
    const stream =
      request.stream ??
      category.streamOf?.(request.body, owner!, request.action) ??
      `${decider.category}-${streamIdOf(request.commandId)}`
    const loaded = await load(stream, decider)
    if (!creates && !loaded.exists) return no(refusal('not-found'))
    const organisation = loaded.events.at(-1)?.organisation ?? owner!
    const met = ({ revision, state }: { revision: number; state: unknown }): MetState => ({
      stream,
      revision,
      organisation,
      state,
    })
    const holder = ports.holderOf(organisation)
    const resource: Resource = loaded.exists
      ? { ...category.resource(loaded.state as never, idOf(stream)), ...holder }
      : holder
    const may = (permission: string) =>
      request.reactor === undefined
        ? decideAccess(request.principal, { permission: `${decider.category}.${permission}`, resource })
        : ({ allow: true, grant: undefined, seal: 'withheld' } as const)

    if (!creates) {
      const read = may('read')
      // A person who may act without reading (an office filing its report) is let through to the right of the action.
      // No purpose opens an archived case for an action that is not his.
      if (!read.allow && !may(request.action).allow)
        return no(deniedBecause(read.why === 'purpose' ? 'forbidden' : read.why))
    }

    const mine = loaded.events.filter((event) => event.commandId === request.commandId)
    if (mine.length > 0) return repeatedAnswer(request, stream, organisation, loaded, mine)

    if (request.ifMatch !== undefined && request.ifMatch !== loaded.revision)
      return no(refusal('precondition-failed', undefined, { detail: { revision: loaded.revision } }), met(loaded))

    const access = may(request.action)
    if (!access.allow) return no(deniedBecause(access.why))

    const context = contextOf(request, stream, organisation, now, access.grant, loaded.state)
    const mayIn = (permission: string, there: string) =>
      request.reactor !== undefined ||
      decideAccess(request.principal, { permission, resource: { ...resource, ...ports.holderOf(there) } }).allow
    for (const { action, body } of checkedBodies(request, loaded.events)) {
      const { actor, effectiveAt } = context
      const asked = { action, body, state: loaded.state as never, organisation, stream, actor, effectiveAt, mayIn }
      const checked = await category.check?.(asked)
      if (checked) return no(checked)
    }

    const facts =
      request.action === 'correct'
        ? undefined
        : await category.facts?.({
            action: request.action,
            body: request.body,
            state: loaded.state as never,
            organisation,
            stream,
            actor: context.actor,
            effectiveAt: context.effectiveAt,
            commandId: request.commandId,
            now,
          })
    if (facts && 'refusal' in facts) return no(facts.refusal as Refusal)
    const decision =
      request.action === 'correct'
        ? decideCorrections(
            decider,
            category.subject(loaded.state as never) !== undefined,
            loaded.events,
            request,
            context,
          )
        : decide(decider, request.action, request.body, loaded.state, facts ? { ...context, facts } : context)
    if (!decision.ok) return no(decision.refusal, loaded.exists ? met(loaded) : undefined)
    if (decision.events.length === 0 || request.dryRun)
      return {
        ok: true,
        stream,
        revision: loaded.revision,
        organisation,
        state: loaded.state,
        events: [],
        repeated: decision.events.length === 0,
        ...(loaded.stored.at(-1)?.index === undefined ? {} : { index: loaded.stored.at(-1)!.index! }),
        ...(loaded.stored.at(-1) ? { position: loaded.stored.at(-1)!.position } : {}),
      }

    await category.before?.(decision.events, organisation)
    const ids = decision.events.map((_, place) => eventIdOf(request.commandId, stream, request.requestMac, place))
    const sealed = await sealEvents(ports.vault, stream, decision.events, ids, category.subject(loaded.state as never))
    const drafts = sealed.map((event, place): Draft => {
      const effectiveAt = event.effectiveAt ?? request.effectiveAt
      return {
        id: ids[place]!,
        type: event.type,
        version:
          event.corrects && event.corrects.mode !== 'annul' ? CORRECTION_VERSION : decider.events[event.type]!.version,
        data: event.data,
        ...(effectiveAt === undefined ? {} : { effectiveAt }),
        ...(event.corrects ? { corrects: event.corrects } : {}),
        ...(event.basis ? { basis: event.basis } : {}),
      }
    })
    const expected: ExpectedRevision = loaded.exists ? loaded.revision : 'no_stream'
    const { result, envelopes } = await ports.recorder.record(stream, expected, drafts, {
      organisation,
      actor: context.actor,
      commandId: request.commandId,
      requestMac: request.requestMac,
      ...(request.causationId ? { causationId: request.causationId } : {}),
      ...(request.correlationId ? { correlationId: request.correlationId } : {}),
    })
    if (!result.ok) {
      if (request.ifMatch === undefined || creates) return 'conflict'
      const current = await load(stream, decider)
      // The conflicting append may be this very command, sent twice at the same moment.
      const twin = current.events.filter((event) => event.commandId === request.commandId)
      if (twin.length > 0) return repeatedAnswer(request, stream, organisation, current, twin)
      return no(refusal('precondition-failed', undefined, { detail: { revision: current.revision } }), met(current))
    }
    if (result.repeated) {
      // The same command from elsewhere was first: its answer is the answer.
      const current = await load(stream, decider)
      const twin = current.events.filter((event) => event.commandId === request.commandId)
      if (twin.length > 0) return repeatedAnswer(request, stream, organisation, current, twin)
    }
    const after = fold(decider, correctedSteps([...loaded.events, ...envelopes]))
    return {
      ok: true,
      stream,
      revision: result.revision,
      organisation,
      position: result.position,
      ...(result.index === undefined ? {} : { index: result.index }),
      state: after,
      events: envelopes,
      repeated: false,
    }
  }

  function repeatedAnswer(
    request: CommandRequest,
    stream: string,
    organisation: string,
    loaded: Awaited<ReturnType<typeof load>>,
    mine: readonly Recorded[],
  ): CommandResult {
    if (mine[0]!.requestMac !== request.requestMac) return no(refusal('idempotency-key-reused'))
    const last = mine.at(-1)!
    const stored = loaded.stored.find((event) => event.id === last.id)!
    const then = loaded.events.filter((event) => event.revision <= last.revision)
    const { decider } = categories[request.category]!
    return {
      ok: true,
      stream,
      revision: last.revision,
      organisation,
      position: stored.position,
      ...(stored.index === undefined ? {} : { index: stored.index }),
      state: fold(decider, correctedSteps(then)),
      events: loaded.stored
        .filter((event) => mine.some((own) => own.id === event.id))
        .map((event) => decodeEnvelope(event.bytes)),
      repeated: true,
    }
  }

  function contextOf(
    request: CommandRequest,
    stream: string,
    organisation: string,
    now: number,
    grant: Grant | undefined,
    state: unknown,
  ): DecideContext {
    const instant: Instant = instantOfMs(now)
    const at = request.effectiveAt ?? instant
    const about = state as { channel?: string; kind?: string } | null
    const actor: Actor =
      request.reactor !== undefined
        ? { reactor: request.reactor }
        : request.principal.operator
          ? { operator: true }
          : {
              person: request.principal.person,
              role: grant?.role ?? request.principal.grants[0]?.role ?? '',
              organisation: grant?.organisation ?? organisation,
            }
    return {
      now: instant,
      effectiveAt: at,
      actor,
      organisation,
      stream,
      newId: (path) => newIdOf(request.commandId, `${stream}/${path}`),
      limit: (kind) =>
        ports.limitOf(organisation, kind, at, {
          ...(about?.channel ? { channel: about.channel } : {}),
          ...(about?.kind ? { category: about.kind } : {}),
        }),
      policy: ports.policyOf(organisation, at),
      due: (clock) => ports.dueOf(clock, at),
    }
  }

  /** Which actions come next for this person in this state: lawful, and his to do. */
  function nextActions(
    categoryName: string,
    id: string,
    state: unknown,
    organisation: string,
    principal: Principal,
  ): string[] {
    const category = categories[categoryName]!
    const resource: Resource = { ...category.resource(state as never, id), ...ports.holderOf(organisation) }
    return lawfulActions(category.decider, state).filter(
      (name) => decideAccess(principal, { permission: `${category.decider.category}.${name}`, resource }).allow,
    )
  }

  return { execute, load, nextActions }
}

export type Execute = ReturnType<typeof createExecute>
