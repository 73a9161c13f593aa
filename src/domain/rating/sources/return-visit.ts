/** Facts of return visits: each recorded visit is one asked, by the four numbers of the visit (S1-7.2). Unreachable is never satisfied. */

import { visitFigures } from '../../return-visit/satisfaction.ts'
import { evolve, initialReturnVisit, type ReturnVisitStep } from '../../return-visit/visit.ts'
import { annulments, type Fact, type FactSource, factOf } from '../facts.ts'

export const returnVisitSource: FactSource = {
  category: 'returnvisit',
  types: new Set(['ReturnVisitAssigned', 'VisitAttempted', 'ReturnVisitRecorded']),
  offices: (_stream, data) => {
    const office = (data as { office?: unknown } | null)?.office
    return typeof office === 'string' ? [office] : []
  },
  facts: (steps) => {
    const annulled = annulments(steps)
    const facts: Fact[] = []
    let state = initialReturnVisit
    for (const step of steps) {
      state = evolve(state, step as ReturnVisitStep)
      if (step.type !== 'ReturnVisitRecorded' || state.office === undefined) continue
      const figures = visitFigures(state)
      if (figures.asked > 0)
        facts.push(factOf('survey', step, state.office, { survey: 'RETURN_VISITS', ...figures }, { annulled }))
    }
    return facts
  },
}
