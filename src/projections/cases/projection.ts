/** The case list: one row a complaint. */
import type { Projection } from '../projection.ts'
import { peopleTable, StreamRowsBuild } from '../stream-rows.ts'
import { caseRows, casesTable } from './row.ts'

export const casesProjection: Projection = {
  name: 'cases',
  version: 2,
  tables: { cases: casesTable, people: peopleTable },
  handles: (category) => category === 'complaint' || category === 'numbers',
  open: (context) => new StreamRowsBuild(context, caseRows),
}
