/** Where facts come from, category by category. */
import type { FactSource } from '../facts.ts'
import { complaintSource } from './complaint.ts'
import { ratingSource } from './rating.ts'
import { recordSource } from './record.ts'
import { officeSource, workerSource } from './registry.ts'

export const factSources: readonly FactSource[] = [
  complaintSource,
  officeSource,
  workerSource,
  recordSource,
  ratingSource,
]
