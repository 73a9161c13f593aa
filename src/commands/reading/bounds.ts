/** The two times that bound a view: what was recorded until then, what had happened until then. */
import { type EffectiveTime, instantOfMs } from '../../domain/time.ts'
import { type Bounds, resolveAsOf, resolveEffectiveAt } from '../../projections/queries/index.ts'
import { type Answer, no, type ReadingPorts } from './ports.ts'

/** The bounds of a view as a person writes them. */
export interface AskedBounds {
  readonly asOf?: string | undefined
  readonly effectiveAt?: string | undefined
}

/** The bounds as resolved: printed with every answer. `asOf` is the index of the last event the view knows; -1 for none. */
export interface ShownBounds {
  readonly asOf: number
  readonly effectiveAt: EffectiveTime
}

/** The bounds as the queries take them, as they are shown, and whether they are those of now. */
export interface ResolvedBounds {
  readonly bounds: Bounds
  readonly shown: ShownBounds
  readonly isNow: boolean
}

/** Resolves what was asked for; an index beyond the head and a time that is none are refused. */
export function boundsFrom({ log, now }: Pick<ReadingPorts, 'log' | 'now'>) {
  return (asked: AskedBounds): Answer<ResolvedBounds> => {
    const asOf = resolveAsOf(asked.asOf, log)
    if (!asOf.ok) return no(asOf.refusal)
    const effectiveAt = resolveEffectiveAt(asked.effectiveAt)
    if (!effectiveAt.ok) return no(effectiveAt.refusal)
    const isNow = asked.asOf === undefined && asked.effectiveAt === undefined
    const bounds: Bounds = {
      asOf: asOf.value,
      ...(effectiveAt.value === undefined ? {} : { effectiveAt: effectiveAt.value }),
    }
    const shown = { asOf: asOf.value - 1, effectiveAt: effectiveAt.value ?? instantOfMs(now()) }
    return { ok: true, value: { bounds, shown, isNow } }
  }
}

export type ResolveBounds = ReturnType<typeof boundsFrom>
