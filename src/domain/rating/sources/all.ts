/** Where facts come from, category by category. */
import { disciplineSource } from '../../discipline/facts.ts'
import { penaltySource } from '../../penalty/facts.ts'
import type { FactSource } from '../facts.ts'
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
