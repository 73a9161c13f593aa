/** Every projection of this program. */
import { auditProjection } from './audit.ts'
import { casesProjection } from './cases/projection.ts'
import type { Projection } from './projection.ts'
import { visitsProjection } from './visits/projection.ts'

export const projections: readonly Projection[] = [casesProjection, visitsProjection, auditProjection]
