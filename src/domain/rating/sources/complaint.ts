/** Facts of complaints: what the office meeting decided about an office, and what came of it. */
import type { Step } from '../../event.ts'
import { sortKey } from '../../time.ts'
import { annulments, type Dispute, type Fact, type FactData, type FactSource, factOf } from '../facts.ts'

type Outcome = FactData['complaint']['outcome']

interface Decision {
  readonly step: Step
  readonly data: FactData['complaint']
  readonly disputes: Dispute[]
  replacedFrom?: number
}

const types = [
  'ComplaintRegistered',
  'RespondentIdentified',
  'OfficeMeetingDecided',
  'RectificationVerified',
  'ReviewRequested',
  'ReviewDecided',
  'ReReviewRequested',
  'ReReviewDecided',
  'DecisionQuashed',
]

function close(decision: Decision, at: number): void {
  const open = decision.disputes.at(-1)
  if (open && open.to === undefined) decision.disputes[decision.disputes.length - 1] = { ...open, to: at }
}

/** What a review changes holds from its decision on: the earlier decision is replaced, not annulled. */
function reviewed(decision: Decision, step: Step): Decision {
  const { result, outcome, throughFault } = step.data as {
    result: string
    outcome?: Outcome
    throughFault?: boolean
  }
  const at = sortKey(step.effectiveAt)
  close(decision, at)
  if (result === 'upheld') return decision
  decision.replacedFrom = at
  return {
    step,
    data: {
      ...decision.data,
      outcome: result === 'revoked' ? 'unverifiable' : (outcome ?? decision.data.outcome),
      throughFault: result === 'revoked' ? false : (throughFault ?? decision.data.throughFault),
    },
    disputes: [],
  }
}

export const complaintSource: FactSource = {
  category: 'complaint',
  types: new Set(types),
  offices: (_stream, data) => {
    const office = (data as { respondentOffice?: unknown } | null)?.respondentOffice
    return typeof office === 'string' ? [office] : []
  },
  facts: (steps, stream) => {
    const annulled = annulments(steps)
    const decisions: Decision[] = []
    const mended: Step[] = []
    let office: string | undefined
    let worker: string | undefined
    for (const step of steps) {
      const current = decisions.at(-1)
      switch (step.type) {
        case 'ComplaintRegistered':
        case 'RespondentIdentified': {
          const data = step.data as { respondentOffice?: string; respondentWorker?: string }
          office = data.respondentOffice ?? office
          worker = data.respondentWorker ?? worker
          break
        }
        case 'OfficeMeetingDecided': {
          const { outcome, throughFault, cooperation } = step.data as {
            outcome: Outcome
            throughFault: boolean
            cooperation: { reportInTime: boolean; materialsHandedOver: boolean; rectified: boolean }
          }
          const { reportInTime, materialsHandedOver, rectified } = cooperation
          // A second decision of one case, after it was reopened, stands in the place of the first.
          if (current) current.replacedFrom ??= sortKey(step.effectiveAt)
          decisions.push({
            step,
            data: {
              case: stream,
              outcome,
              throughFault,
              reportInTime,
              materialsHandedOver,
              rectified,
              ...(worker ? { worker } : {}),
            },
            disputes: [],
          })
          break
        }
        case 'RectificationVerified':
          if ((step.data as { rectified: boolean }).rectified) mended.push(step)
          break
        case 'ReviewRequested':
        case 'ReReviewRequested':
          if (current && current.disputes.at(-1)?.to === undefined && current.disputes.length > 0) break
          current?.disputes.push({ from: sortKey(step.effectiveAt), suspended: false })
          break
        case 'ReviewDecided':
        case 'ReReviewDecided':
          if (current) {
            const next = reviewed(current, step)
            if (next !== current) decisions.push(next)
          }
          break
        case 'DecisionQuashed':
          if (current) close(current, sortKey(step.effectiveAt))
          break
      }
    }
    if (office === undefined) return []
    const facts: Fact[] = []
    let source: string | undefined
    for (const { step, data, disputes, replacedFrom } of decisions) {
      if (step.type === 'OfficeMeetingDecided') source = step.id
      const more = { annulled, sources: source ? [source] : [], disputes, replacedFrom }
      facts.push(factOf('complaint', step, office, data, more))
      for (const mend of mended) facts.push(factOf('rectified', mend, office, { of: step.id }, { annulled }))
    }
    return facts
  },
}
