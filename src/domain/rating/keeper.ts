/** Ratings kept up event by event: only the offices that an event touches are rated again. */
import type { Recorded } from '../event.ts'
import type { EffectiveTime } from '../time.ts'
import { FactBase } from './fact-base.ts'
import { type CompiledScheme, compileScheme, type OfficeRating, rateOffice } from './rate.ts'
import type { Scheme } from './scheme-schema.ts'

export class RatingKeeper {
  readonly base: FactBase
  readonly #scheme: CompiledScheme
  readonly #effectiveAt: EffectiveTime
  readonly #ratings = new Map<string, OfficeRating>()

  constructor(scheme: Scheme, effectiveAt: EffectiveTime, base: FactBase = new FactBase()) {
    this.base = base
    this.#scheme = compileScheme(scheme)
    this.#effectiveAt = effectiveAt
  }

  /** Takes an event in. */
  add(event: Recorded): void {
    this.base.add(event)
  }

  /** Rates what has been touched since and gives all ratings, by office. */
  ratings(): ReadonlyMap<string, OfficeRating> {
    for (const office of this.base.takeTouched())
      this.#ratings.set(office, rateOffice(this.base.of(office), this.#scheme, this.#effectiveAt))
    return this.#ratings
  }
}
