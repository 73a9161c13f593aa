/** One case from the log: its file with the timeline, and its history with every correction and what it changed. */
import type { Clock } from '../../domain/clock.ts'
import { type ComplaintState, complaintClocks } from '../../domain/complaint/index.ts'
import type { AnyDecider } from '../../domain/decider.ts'
import { type Actor, type Basis, type Corrects, categoryOf, type Recorded, type Step } from '../../domain/event.ts'
import { correctedSteps, fold, isCorrection, type StepReplaced, stepsUntil } from '../../domain/history.ts'
import { boundMs, type EffectiveTime, sortKey } from '../../domain/time.ts'
import type { EventLog } from '../../store/port.ts'
import { readStream } from '../decoding.ts'
import type { DeciderOf } from '../projection.ts'
import type { Bounds } from './bounds.ts'
import { type Change, diff } from './diff.ts'

/** Whose ciphertexts stand in data that is shown: needed to open them. */
export type SealedBy = Step['sealedBy']

/** Who corrected a step, when, by which event. */
export interface CorrectedBy {
  readonly event: string
  readonly index?: number
  readonly recordedAt: string
  readonly actor: Actor
  /** Sealed with the case's texts. */
  readonly reason: unknown
  readonly reasonSealedBy: SealedBy
}

/** One step on the timeline, in the order of recording; a voided one stays, marked. */
export interface TimelineEntry {
  readonly index?: number
  readonly id: string
  readonly revision: number
  readonly type: string
  readonly effectiveAt: EffectiveTime
  readonly recordedAt: string
  readonly actor: Actor
  readonly organisation: string
  /** Rule ids: of the decision where it names one, else of the event type. */
  readonly rule: string
  readonly basis?: Basis
  readonly data: unknown
  readonly sealedBy: SealedBy
  /** Recorded after something that happened later. */
  readonly late: boolean
  readonly voided?: CorrectedBy
  /** Replaced: by what, and what stood there before. */
  readonly replaced?: CorrectedBy & {
    readonly was: { readonly effectiveAt: EffectiveTime; readonly data: unknown; readonly sealedBy: SealedBy }
  }
  /** Quashed by law: it did happen. */
  readonly annulledBy?: string
}

export interface CaseFile<State = unknown> {
  readonly stream: string
  /** Revision of the last event within `asOf`; what `If-Match` names when it is the head's. */
  readonly revision: number
  readonly lastIndex?: number
  readonly state: State
  /** Steps that stand and had happened. */
  readonly steps: readonly Step[]
  readonly timeline: readonly TimelineEntry[]
  readonly clocks: readonly Clock[]
}

/** One event of the history, corrections included. */
export interface HistoryEntry {
  readonly index?: number
  readonly id: string
  readonly revision: number
  readonly type: string
  readonly effectiveAt: EffectiveTime
  readonly recordedAt: string
  readonly actor: Actor
  readonly organisation: string
  readonly rule: string
  readonly basis?: Basis
  readonly corrects?: Corrects
  readonly data: unknown
  readonly sealedBy: SealedBy
  /** Recorded after something that stands and happened later; never of a correction. */
  readonly late: boolean
  /** The state before and after, and for a replacement the data before and after (`data/…`). Ciphertexts stay as they are. */
  readonly changes: readonly Change[]
}

/** Clocks of a state of any category. */
export function clocksOf(category: string, state: unknown): readonly Clock[] {
  if (category === 'complaint') return complaintClocks(state as ComplaintState)
  return (state as { clocks?: readonly Clock[] } | undefined)?.clocks ?? []
}

/** Rules of corrections, which every category has. */
const CORRECTION_RULE = 'ADR-0002'

const ruleOf = (decider: AnyDecider, event: { type: string; basis?: Basis | undefined }): string =>
  event.basis?.rule ?? decider.events[event.type]?.rule ?? CORRECTION_RULE

const place = (event: { index?: number | undefined }) => (event.index === undefined ? {} : { index: event.index })

/** The corrections that hold, by the step they correct. */
function holdingCorrections(events: readonly Recorded[]): Map<string, Recorded> {
  const undone = new Set<string>()
  const holding = new Map<string, Recorded>()
  for (const event of [...events].reverse()) {
    if (!isCorrection(event) || undone.has(event.id)) continue
    const { event: target, mode } = event.corrects!
    if (!holding.has(target)) holding.set(target, event)
    if (mode === 'void') undone.add(target)
  }
  return holding
}

const correctedBy = (correction: Recorded): CorrectedBy => ({
  event: correction.id,
  ...place(correction),
  recordedAt: correction.recordedAt,
  actor: correction.actor,
  reason: (correction.data as StepReplaced).reason,
  reasonSealedBy: { event: correction.id, path: ['reason'] },
})

function timelineOf(
  decider: AnyDecider,
  events: readonly Recorded[],
  standing: readonly Step[],
  bound: number,
): TimelineEntry[] {
  const holding = holdingCorrections(events)
  const steps = new Map(standing.map((step) => [step.id, step]))
  const annulled = new Map(
    standing.flatMap((step) => (step.corrects?.mode === 'annul' ? [[step.corrects.event, step.id]] : [])) as [
      string,
      string,
    ][],
  )
  let latest = Number.NEGATIVE_INFINITY
  return events.flatMap((event): TimelineEntry[] => {
    if (isCorrection(event)) return []
    const step = steps.get(event.id)
    const correction = holding.get(event.id)
    const voided = correction?.corrects?.mode === 'void'
    if (!step && !(voided && sortKey(event.effectiveAt) <= bound)) return []
    const shown = step ?? event
    const key = sortKey(shown.effectiveAt)
    const late = step !== undefined && key < latest
    if (step) latest = Math.max(latest, key)
    const own: SealedBy = { event: event.id, path: [] }
    const quashing = annulled.get(event.id)
    return [
      {
        ...place(event),
        id: event.id,
        revision: event.revision,
        type: event.type,
        effectiveAt: shown.effectiveAt,
        recordedAt: event.recordedAt,
        actor: event.actor,
        organisation: event.organisation,
        rule: ruleOf(decider, shown),
        ...(shown.basis ? { basis: shown.basis } : {}),
        data: shown.data,
        sealedBy: step?.sealedBy ?? own,
        late,
        ...(correction && !step ? { voided: correctedBy(correction) } : {}),
        ...(correction && step
          ? {
              replaced: {
                ...correctedBy(correction),
                was: { effectiveAt: event.effectiveAt, data: event.data, sealedBy: own },
              },
            }
          : {}),
        ...(quashing === undefined ? {} : { annulledBy: quashing }),
      },
    ]
  })
}

interface Read {
  readonly decider: AnyDecider
  readonly events: readonly Recorded[]
}

function read(log: EventLog, deciders: DeciderOf, stream: string, asOf: number | undefined): Read | undefined {
  const events = readStream(log, deciders, stream, asOf)
  const decider = deciders(categoryOf(stream))
  return events.length === 0 || !decider ? undefined : { decider, events }
}

const boundOf = (effectiveAt: EffectiveTime | undefined): number =>
  effectiveAt === undefined ? Number.POSITIVE_INFINITY : boundMs(effectiveAt)

/**
 * The file of one case within the bounds; undefined where nothing of it was recorded by then. Where nothing stands or nothing
 * had happened, the state is the initial one.
 * @throws UnknownEvent
 */
export function caseFile(
  log: EventLog,
  deciders: DeciderOf,
  stream: string,
  bounds: Bounds = {},
): CaseFile | undefined {
  const found = read(log, deciders, stream, bounds.asOf)
  if (!found) return undefined
  const { decider, events } = found
  const steps = stepsUntil(correctedSteps(events), bounds.effectiveAt)
  const state = fold(decider, steps)
  const last = events.at(-1)!
  return {
    stream,
    revision: last.revision,
    ...(last.index === undefined ? {} : { lastIndex: last.index }),
    state,
    steps,
    timeline: timelineOf(decider, events, steps, boundOf(bounds.effectiveAt)),
    clocks: clocksOf(categoryOf(stream), state),
  }
}

/**
 * Every event of one case within the bounds, in the order of recording: who, when recorded, when effective, which rule, and
 * what it changed. A correction stands in it where it was recorded, if what it corrects had happened by `effectiveAt`.
 * @throws UnknownEvent
 */
export function caseHistory(
  log: EventLog,
  deciders: DeciderOf,
  stream: string,
  bounds: Bounds = {},
): readonly HistoryEntry[] | undefined {
  const found = read(log, deciders, stream, bounds.asOf)
  if (!found) return undefined
  const { decider, events } = found
  const bound = boundOf(bounds.effectiveAt)
  const byId = new Map(events.map((event) => [event.id, event]))
  // What had happened: the steps that stand in the prefix, and voided ones by what they said.
  const happened = new Set(stepsUntil(correctedSteps(events), bounds.effectiveAt).map(({ id }) => id))
  for (const [id, { corrects }] of holdingCorrections(events))
    if (corrects!.mode === 'void' && sortKey(byId.get(id)?.effectiveAt ?? '9999-12-31') <= bound) happened.add(id)
  const stepOf = (event: Recorded): Recorded => {
    let target = event
    for (const seen = new Set<string>(); isCorrection(target) && !seen.has(target.id); ) {
      seen.add(target.id)
      target = byId.get(target.corrects!.event) ?? target
    }
    return target
  }
  let state: unknown = decider.initial
  let data = new Map<string, unknown>()
  const standing = new Map(correctedSteps(events).map((step) => [step.id, step]))
  let latest = Number.NEGATIVE_INFINITY
  const isLate = (event: Recorded): boolean => {
    const step = standing.get(event.id)
    if (!step) return false
    const key = sortKey(step.effectiveAt)
    const late = key < latest
    latest = Math.max(latest, key)
    return late
  }
  return events.flatMap((event, at): HistoryEntry[] => {
    const late = isLate(event)
    const before = { state, data }
    if (isCorrection(event)) {
      const steps = correctedSteps(events.slice(0, at + 1))
      state = fold(decider, stepsUntil(steps, bounds.effectiveAt))
      data = new Map(steps.map((step) => [step.id, step.data]))
    } else {
      data = new Map(data).set(event.id, event.data)
      state = fold(decider, stepsUntil(correctedSteps(events.slice(0, at + 1)), bounds.effectiveAt))
    }
    const target = stepOf(event)
    if (!happened.has(target.id)) return []
    const replaced = isCorrection(event) ? diff(before.data.get(target.id), data.get(target.id), 'data') : []
    return [
      {
        ...place(event),
        id: event.id,
        revision: event.revision,
        type: event.type,
        effectiveAt: event.effectiveAt,
        recordedAt: event.recordedAt,
        actor: event.actor,
        organisation: event.organisation,
        rule: ruleOf(decider, event),
        ...(event.basis ? { basis: event.basis } : {}),
        ...(event.corrects ? { corrects: event.corrects } : {}),
        data: event.data,
        sealedBy: { event: event.id, path: [] },
        late,
        changes: [...diff(before.state, state), ...replaced],
      },
    ]
  })
}
