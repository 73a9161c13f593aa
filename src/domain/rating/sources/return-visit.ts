/** Facts of quality cards (S1-7.1) and of return visits: each recorded visit is one asked, by the four numbers of the visit (S1-7.2). Unreachable is never satisfied. */

import { visitFigures } from '../../return-visit/satisfaction.ts'
import { evolve, initialReturnVisit, type ReturnVisitStep } from '../../return-visit/visit.ts'
import { annulments, type Fact, type FactSource, factOf } from '../facts.ts'

export const returnVisitSource: FactSource = {
  category: 'returnvisit',
  types: new Set(['ReturnVisitAssigned', 'VisitAttempted', 'ReturnVisitRecorded']),
  kinds: ['survey'],
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

/** Each card that came back is one asked, reached and answered; one still out tells nothing yet. */
export const qualityCardSource: FactSource = {
  category: 'qualitycard',
  types: new Set(['QualityCardIssued', 'QualityCardReturned']),
  kinds: ['survey'],
  offices: (_stream, data) => {
    const office = (data as { office?: unknown } | null)?.office
    return typeof office === 'string' ? [office] : []
  },
  facts: (steps) => {
    const annulled = annulments(steps)
    let office: string | undefined
    const facts: Fact[] = []
    for (const step of steps)
      if (step.type === 'QualityCardIssued') office = (step.data as { office?: string }).office
      else if (office !== undefined) {
        const satisfied = (step.data as { satisfied: boolean }).satisfied ? 1 : 0
        const figures = { survey: 'QUALITY_CARDS', asked: 1, reached: 1, answered: 1, satisfied }
        facts.push(factOf('survey', step, office, figures, { annulled }))
      }
    return facts
  },
}
