/** Industry discipline as ratings read it: from its service, at the office where the act happened; quashed, nowhere (Q18). */

import type { Step } from '../event.ts'
import { annulments, type Dispute, type Fact, type FactSource, factOf } from '../rating/facts.ts'
import { sortKey } from '../time.ts'
import type { DisciplineStep } from './events.ts'

interface Draft {
  readonly decision: Step
  readonly measure: string
  readonly disputes: Dispute[]
  service?: Step
}

const types = [
  'ReferredToCommittee',
  'CommitteeDecisionMade',
  'DisciplineServed',
  'DisciplineReviewRequested',
  'DisciplineReviewDecided',
  'DisciplineQuashed',
  'DisciplineChanged',
]

export const disciplineSource: FactSource = {
  category: 'discipline',
  types: new Set(types),
  kinds: ['sanction'],
  offices: (_stream, data) => {
    const office = (data as { respondentOffice?: unknown } | null)?.respondentOffice
    return typeof office === 'string' ? [office] : []
  },
  facts: (steps, stream) => {
    const annulled = annulments(steps)
    const drafts: Draft[] = []
    let office: string | undefined
    let worker: string | undefined
    for (const one of steps) {
      const step = one as DisciplineStep
      const last = drafts.at(-1)
      if (step.type === 'ReferredToCommittee') {
        office = step.data.respondentOffice
        worker = step.data.respondentWorker
      } else if (step.type === 'CommitteeDecisionMade' || step.type === 'DisciplineChanged')
        drafts.push({ decision: one, measure: step.data.measure, disputes: [] })
      else if (step.type === 'DisciplineServed') {
        if (last) last.service ??= one
      } else if (step.type === 'DisciplineReviewRequested')
        last?.disputes.push({ from: sortKey(step.effectiveAt), suspended: false })
      else if (step.type === 'DisciplineReviewDecided') {
        const span = last?.disputes.pop()
        const to = sortKey(step.effectiveAt)
        if (last && span && to > span.from) last.disputes.push({ ...span, to })
      }
    }
    if (office === undefined) return []
    const facts: Fact[] = []
    for (const { decision, measure, disputes, service } of drafts) {
      if (!service || measure === 'none') continue
      const kinds = [measure.toUpperCase().replaceAll('-', '_')]
      const data = { nature: 'INDUSTRY_DISCIPLINE', kinds, case: stream, ...(worker ? { worker } : {}) } as const
      facts.push(factOf('sanction', service, office, data, { annulled, sources: [decision.id], disputes }))
    }
    return facts
  },
}
