/**
 * Folds one stream event by event, as a read model meets it: corrections start it over, a step that cannot be folded parks
 * it until a correction mends it. Live rows, rebuilt rows and past lists all come from here, so that they are equal.
 */
import type { AnyDecider } from '../domain/decider.ts'
import type { Recorded } from '../domain/event.ts'
import { correctedSteps, fold, isCorrection, stepsUntil } from '../domain/history.ts'
import { type EffectiveTime, sortKey } from '../domain/time.ts'

/** Where a stream stands after some of its events. */
export interface StreamFold {
  readonly state: unknown
  /** Steps that stand; 0 where everything recorded was voided. */
  readonly steps: number
  /** Of the last event, corrections included. */
  readonly revision: number
  readonly lastIndex: number
  readonly recordedAt: string
  /** Owner named by the last event. */
  readonly organisation: string
}

/** The fold of one more event; `events` gives all events of the stream up to and including it, for a correction. */
export function foldEvent(
  decider: AnyDecider,
  before: StreamFold | undefined,
  event: Recorded,
  events: () => readonly Recorded[],
): StreamFold {
  const last = {
    revision: event.revision,
    lastIndex: event.index!,
    recordedAt: event.recordedAt,
    organisation: event.organisation,
  }
  if (!isCorrection(event)) {
    const [step] = correctedSteps([event])
    return {
      state: decider.evolve(before?.state ?? decider.initial, step as never),
      steps: (before?.steps ?? 0) + 1,
      ...last,
    }
  }
  const steps = correctedSteps(events())
  return { state: fold(decider, steps), steps: steps.length, ...last }
}

/** The fold of a whole stream, bounded by an effective time where given. */
export function foldAll(
  decider: AnyDecider,
  events: readonly Recorded[],
  effectiveAt?: EffectiveTime,
): StreamFold | undefined {
  const event = events.at(-1)
  if (!event) return undefined
  const steps = stepsUntil(correctedSteps(events), effectiveAt)
  return {
    state: fold(decider, steps),
    steps: steps.length,
    revision: event.revision,
    lastIndex: event.index!,
    recordedAt: event.recordedAt,
    organisation: event.organisation,
  }
}

/** What a stream gives as far as it can be folded and shown, and the event that parked it. */
export interface Outcome<Shown> {
  readonly fold: StreamFold
  readonly shown: Shown
}

/**
 * Folds and shows a stream whose events cannot all be taken: each event in turn, an event that fails parks the rest until a
 * correction succeeds. The same as what a runner leaves that met them one by one.
 */
export function foldWithParking<Shown>(
  decider: AnyDecider,
  events: readonly Recorded[],
  show: (fold: StreamFold) => Shown,
  effectiveAt?: EffectiveTime,
): { outcome?: Outcome<Shown>; parked?: { index: number; error: unknown } } {
  let outcome: Outcome<Shown> | undefined
  let parked: { index: number; error: unknown } | undefined
  for (const [place, event] of events.entries()) {
    if (parked && !isCorrection(event)) continue
    try {
      const fold = foldAll(decider, events.slice(0, place + 1), effectiveAt)!
      outcome = { fold, shown: show(fold) }
      parked = undefined
    } catch (error) {
      parked ??= { index: event.index!, error }
    }
  }
  return { ...(outcome ? { outcome } : {}), ...(parked ? { parked } : {}) }
}

/** The fold of a whole stream, or of what comes before an event of it that cannot be folded. */
export function foldStream(
  decider: AnyDecider,
  events: readonly Recorded[],
  effectiveAt?: EffectiveTime,
): StreamFold | undefined {
  try {
    return foldAll(decider, events, effectiveAt)
  } catch {
    return foldWithParking(decider, events, () => undefined, effectiveAt).outcome?.fold
  }
}

/** Whether a step's own time is within a bound in milliseconds. */
export const happenedBy = (effectiveAt: EffectiveTime, bound: number): boolean => sortKey(effectiveAt) <= bound
