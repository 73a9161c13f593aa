/**
 * Two times and corrections (docs/adr/0002-two-times-and-corrections.md): which steps of a stream stand as of an index, and
 * which of them had happened by a moment.
 */
import type { Decider, Refusal } from './decider.ts'
import { refusal } from './decider.ts'
import type { EventMap, Recorded, Step, StepOf } from './event.ts'
import { boundMs, type EffectiveTime, sortKey } from './time.ts'

/** Data of `StepVoided`: a step recorded by mistake; the reason is sealed with the case's texts. */
export interface StepVoided {
  readonly reason: unknown
}
/** Data of `StepReplaced`: what takes the step's place, of the same type. */
export interface StepReplaced {
  readonly reason: unknown
  /** Schema version of `data`. */
  readonly version: number
  readonly data: unknown
}

/** Whether an event is a correction, and so no step itself. An annulling event is a step like any other. */
export const isCorrection = (event: { corrects?: { mode: string } | undefined }): boolean =>
  event.corrects !== undefined && event.corrects.mode !== 'annul'

const asStep = (event: Recorded): Step => ({
  id: event.id,
  revision: event.revision,
  ...(event.index === undefined ? {} : { index: event.index }),
  type: event.type,
  data: event.data,
  effectiveAt: event.effectiveAt,
  recordedAt: event.recordedAt,
  actor: event.actor,
  organisation: event.organisation,
  ...(event.basis ? { basis: event.basis } : {}),
  ...(event.corrects ? { corrects: event.corrects } : {}),
  sealedBy: { event: event.id, path: [] },
})

/**
 * The steps of a stream after corrections, in revision order. `events` are all events of one stream within `asOf`,
 * upcast, in revision order.
 */
export function correctedSteps(events: readonly Recorded[]): Step[] {
  let corrections = 0
  for (const event of events) if (isCorrection(event)) corrections++
  if (corrections === 0) return events.map(asStep)
  // From the last to the first: a correction holds unless a later one that holds takes it out.
  const undone = new Set<string>()
  const holding = new Map<string, Recorded>()
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i]!
    if (!isCorrection(event) || undone.has(event.id)) continue
    const target = event.corrects!.event
    if (!holding.has(target)) holding.set(target, event)
    if (event.corrects!.mode === 'void') undone.add(target)
  }
  const steps: Step[] = []
  for (const event of events) {
    if (isCorrection(event)) continue
    const correction = holding.get(event.id)
    if (!correction) steps.push(asStep(event))
    else if (correction.corrects!.mode === 'replace')
      steps.push({
        ...asStep(event),
        data: (correction.data as StepReplaced).data,
        effectiveAt: correction.effectiveAt,
        ...(correction.basis ? { basis: correction.basis } : {}),
        sealedBy: { event: correction.id, path: ['data'] },
      })
  }
  return steps
}

/** Each step's key: the later of its own effective time and its predecessor's key, in milliseconds. */
export function stepKeys(steps: readonly Step[]): number[] {
  let key = Number.NEGATIVE_INFINITY
  return steps.map((step) => {
    key = Math.max(key, sortKey(step.effectiveAt))
    return key
  })
}

/** The prefix of steps that had happened by the bound (a date includes its whole day). */
export function stepsUntil(steps: readonly Step[], effectiveAt?: EffectiveTime): readonly Step[] {
  if (effectiveAt === undefined) return steps
  const bound = boundMs(effectiveAt)
  let count = 0
  for (const step of steps) {
    if (sortKey(step.effectiveAt) > bound) break
    count++
  }
  return count === steps.length ? steps : steps.slice(0, count)
}

/** Folds the steps of one stream. */
export function fold<State, Events extends EventMap>(decider: Decider<State, Events>, steps: readonly Step[]): State {
  let state = decider.initial
  for (const step of steps) state = decider.evolve(state, step as StepOf<Events>)
  return state
}

/** The state of a stream from its recorded events, corrections applied, bounded by `effectiveAt` if given. */
export function stateOf<State, Events extends EventMap>(
  decider: Decider<State, Events>,
  events: readonly Recorded[],
  effectiveAt?: EffectiveTime,
): State {
  return fold(decider, stepsUntil(correctedSteps(events), effectiveAt))
}

/** The first step that could not stand where it is, if any. */
export function firstBroken<State, Events extends EventMap>(
  decider: Decider<State, Events>,
  steps: readonly Step[],
): { step: Step; refusal: Refusal } | undefined {
  let state = decider.initial
  for (const step of steps) {
    const no = decider.guard(state, step as StepOf<Events>)
    if (no) return { step, refusal: no }
    state = decider.evolve(state, step as StepOf<Events>)
  }
  return undefined
}

/**
 * Judges corrections before they are appended: every target exists in this stream and may be corrected so, and afterwards
 * every step still stands.
 * @param before all events of the stream
 * @param corrections the corrections of one append, as they will be recorded
 */
export function judgeCorrections<State, Events extends EventMap>(
  decider: Decider<State, Events>,
  before: readonly Recorded[],
  corrections: readonly Recorded[],
): Refusal | undefined {
  const known = new Map(before.map((event) => [event.id, event]))
  for (const correction of corrections) {
    const target = known.get(correction.corrects!.event)
    if (!target)
      return refusal('correction-target-unknown', undefined, { detail: { event: correction.corrects!.event } })
    if (correction.corrects!.mode === 'replace' && isCorrection(target))
      return refusal('correction-target-invalid', undefined, { detail: { event: target.id } })
    known.set(correction.id, correction)
  }
  const broken = firstBroken(decider, correctedSteps([...before, ...corrections]))
  if (!broken) return undefined
  return refusal('correction-breaks-later-step', broken.refusal.rule, {
    detail: { type: broken.step.type, revision: broken.step.revision, because: broken.refusal.code },
  })
}
