/** Every projection of this program. */
import { auditProjection } from './audit.ts'
import { casesProjection } from './cases/projection.ts'
import { mattersProjection } from './matters/projection.ts'
import type { Projection } from './projection.ts'
import { visitsProjection } from './visits/projection.ts'

export const projections: readonly Projection[] = [
  casesProjection,
  visitsProjection,
  mattersProjection,
  auditProjection,
]
