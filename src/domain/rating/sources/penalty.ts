/** Facts of statutory penalties and of industry discipline: each sanction from the service of its decision (Q18). */
import type { DisciplineStep } from '../../discipline/events.ts'
import type { Step } from '../../event.ts'
import type { PenaltyStep } from '../../penalty/events.ts'
import { disputesOf, type RemedyEffect } from '../disputes.ts'
import { annulments, type Fact, type FactSource, factOf, type SanctionNature } from '../facts.ts'

/** A decision that sanctions, and its document, by which its service is known. */
interface Decision {
  readonly step: Step
  readonly document: string
  readonly kinds: readonly string[]
  /** Handed over at once. */
  readonly served: boolean
}

interface Reading {
  readonly nature: SanctionNature
  /** The decision a step makes; none where it sanctions nobody. */
  readonly decision: (step: Step) => Decision | undefined
  /** The document a step serves. */
  readonly serves: (step: Step) => string | undefined
  readonly effects: Readonly<Record<string, RemedyEffect>>
  /** Whether a step of those types really has the effect. */
  readonly effective?: (step: Step) => boolean
}

const officeIn = (data: unknown) => (data as { respondentOffice?: unknown } | null)?.respondentOffice

function read(steps: readonly Step[], stream: string, reading: Reading): Fact[] {
  const annulled = annulments(steps)
  const decisions: Decision[] = []
  /** The decision that a remedy is about: the last before it. */
  const about = new Map<string, string>()
  let office: string | undefined
  let worker: string | undefined
  for (const step of steps) {
    const named = step.data as { respondentOffice?: string; respondentWorker?: string }
    if (named.respondentOffice !== undefined) {
      office = named.respondentOffice
      worker = named.respondentWorker
    }
    // A step that annuls one decision and puts another in its place ends the remedies against the first.
    const current = decisions.at(-1)
    if (reading.effects[step.type] !== undefined && current) about.set(step.id, current.step.id)
    const decision = reading.decision(step)
    if (decision) decisions.push(decision)
  }
  if (office === undefined) return []
  const at = office
  const disputes = disputesOf(reading.effective ? steps.filter(reading.effective) : steps, reading.effects, (step) =>
    about.get(step.id),
  )
  return decisions.flatMap((decision) => {
    const { step, document, kinds, served } = decision
    const service = served ? step : steps.find((one) => reading.serves(one) === document)
    if (!service) return []
    const data = { nature: reading.nature, kinds, case: stream, ...(worker ? { worker } : {}) }
    const more = { annulled, sources: [step.id], disputes: disputes.get(step.id) ?? [] }
    return [factOf('sanction', service, at, data, more)]
  })
}

const source = (category: string, types: readonly string[], reading: Reading): FactSource => ({
  category,
  types: new Set(types),
  offices: (_stream, data) => {
    const office = officeIn(data)
    return typeof office === 'string' ? [office] : []
  },
  facts: (steps, stream) => read(steps, stream, reading),
})

export const penaltySource = source(
  'penalty',
  [
    'PenaltyCaseFiled',
    'OnTheSpotPenaltyDecided',
    'PenaltyDecided',
    'ServiceOfDocument',
    'ReconsiderationFiled',
    'ReconsiderationDecided',
    'LitigationFiled',
    'LitigationDecided',
    'ExecutionSuspended',
    'ExecutionResumed',
    'DecisionQuashed',
    'DecisionChanged',
  ],
  {
    nature: 'ADMINISTRATIVE_PENALTY',
    decision: (one) => {
      const step = one as PenaltyStep
      switch (step.type) {
        case 'OnTheSpotPenaltyDecided':
        case 'DecisionChanged':
        case 'PenaltyDecided': {
          const { document, penalties } = step.data
          if (penalties.length === 0 || ('outcome' in step.data && step.data.outcome !== 'penalty')) return undefined
          const served = step.type === 'OnTheSpotPenaltyDecided'
          return { step, document, kinds: penalties.map(({ kind }) => kind), served }
        }
        default:
          return undefined
      }
    },
    serves: (one) => {
      const step = one as PenaltyStep
      return step.type === 'ServiceOfDocument' ? step.data.document : undefined
    },
    effects: {
      ReconsiderationFiled: 'filed',
      LitigationFiled: 'filed',
      ReconsiderationDecided: 'ended',
      LitigationDecided: 'ended',
      ExecutionSuspended: 'suspended',
      ExecutionResumed: 'resumed',
      DecisionQuashed: 'ended',
      DecisionChanged: 'ended',
    },
    // A judgment that is not yet effective ends nothing.
    effective: (one) => {
      const step = one as PenaltyStep
      return step.type !== 'LitigationDecided' || step.data.effective
    },
  },
)

export const disciplineSource = source(
  'discipline',
  [
    'ReferredToCommittee',
    'CommitteeDecisionMade',
    'DisciplineServed',
    'DisciplineReviewRequested',
    'DisciplineReviewDecided',
    'DisciplineQuashed',
    'DisciplineChanged',
  ],
  {
    nature: 'INDUSTRY_DISCIPLINE',
    decision: (one) => {
      const step = one as DisciplineStep
      if (step.type !== 'CommitteeDecisionMade' && step.type !== 'DisciplineChanged') return undefined
      const { document, measure } = step.data
      return measure === 'none' ? undefined : { step, document, kinds: [measure], served: false }
    },
    serves: (one) => {
      const step = one as DisciplineStep
      return step.type === 'DisciplineServed' ? step.data.document : undefined
    },
    effects: {
      DisciplineReviewRequested: 'filed',
      DisciplineReviewDecided: 'ended',
      DisciplineQuashed: 'ended',
      DisciplineChanged: 'ended',
    },
  },
)
