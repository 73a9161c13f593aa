/** Where facts come from, category by category. */
import { disciplineSource } from '../../discipline/facts.ts'
import { penaltySource } from '../../penalty/facts.ts'
import type { FactKind, FactSource } from '../facts.ts'
import { complaintSource } from './complaint.ts'
import { ratingSource } from './rating.ts'
import { recordSource } from './record.ts'
import { officeSource, workerSource } from './registry.ts'
import { qualityCardSource, returnVisitSource } from './return-visit.ts'
import { supervisionSource } from './supervision.ts'

export const factSources: readonly FactSource[] = [
  complaintSource,
  penaltySource,
  disciplineSource,
  supervisionSource,
  returnVisitSource,
  qualityCardSource,
  officeSource,
  workerSource,
  recordSource,
  ratingSource,
]

/** Streams that say that there is an office to rate, whatever is looked at of it. */
const OFFICES: ReadonlySet<string> = new Set(['office', 'record', 'rating'])

/** The sources as far as facts of these kinds need them: fewer types, or none. The facts of these kinds are the same. */
export const sourcesOf = (kinds: ReadonlySet<FactKind>): FactSource[] =>
  factSources
    .filter((source) => OFFICES.has(source.category) || source.kinds.some((kind) => kinds.has(kind)))
    .map((source) => {
      const { onlyFor } = source
      if (!onlyFor) return source
      const types = [...source.types].filter((type) => onlyFor[type] === undefined || kinds.has(onlyFor[type]))
      return { ...source, types: new Set(types) }
    })
