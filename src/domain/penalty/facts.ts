/**
 * What a rating needs of penalty cases: a decision counts from its service, at the office where the act happened (Q18); a quashed one
 * counts nowhere, at no date, and stays visible.
 */
import type { Step } from '../event.ts'
import { annulments, type Dispute, type Fact, type FactSource, factOf, type Overturned } from '../rating/facts.ts'
import { type EffectiveTime, sortKey } from '../time.ts'
import type { PenaltyStep } from './events.ts'
import type { DecisionOutcome, PenaltyItem } from './fields.ts'

/** One decision of a penalty case and what became of it. */
export interface PenaltyFact {
  /** The event that recorded the decision. */
  readonly event: string
  readonly outcome: DecisionOutcome
  readonly penalties: readonly PenaltyItem[]
  /** The office where the act happened, whether or not the worker is still there. */
  readonly office: string
  readonly worker?: string
  readonly decidedAt: EffectiveTime
  /** Absent while it is not served: it counts from here. */
  readonly servedAt?: EffectiveTime
  /** The event of the service. */
  readonly service?: string
  readonly quashed?: Overturned
  /** Spans in which a remedy ran against it, `suspended` where execution was. */
  readonly disputes: readonly Dispute[]
  readonly underReconsideration: boolean
  readonly underLitigation: boolean
  readonly executionSuspended: boolean
}

interface Draft {
  readonly decision: Step
  readonly outcome: DecisionOutcome
  readonly penalties: readonly PenaltyItem[]
  readonly disputes: Dispute[]
  service?: Step
  remedy?: 'reconsideration' | 'litigation' | undefined
}

/** Ends the open span at a moment; a span that would end before it begins is none. */
function closeSpan(disputes: Dispute[], to: number): void {
  const open = disputes.at(-1)
  if (!open || open.to !== undefined) return
  if (to <= open.from) disputes.pop()
  else disputes[disputes.length - 1] = { ...open, to }
}

function openSpan(disputes: Dispute[], from: number, suspended: boolean): void {
  closeSpan(disputes, from)
  disputes.push({ from, suspended })
}

const isOpen = (disputes: readonly Dispute[]): boolean => {
  const last = disputes.at(-1)
  return last !== undefined && last.to === undefined
}

interface Drafted {
  readonly drafts: readonly Draft[]
  readonly office?: string
  readonly worker?: string
}

function draft(steps: readonly Step[]): Drafted {
  const drafts: Draft[] = []
  let office: string | undefined
  let worker: string | undefined
  for (const one of steps) {
    const step = one as PenaltyStep
    const at = sortKey(step.effectiveAt)
    const last = drafts.at(-1)
    switch (step.type) {
      case 'PenaltyCaseFiled':
        office = step.data.respondentOffice
        worker = step.data.respondentWorker
        break
      case 'OnTheSpotPenaltyDecided':
        office = step.data.respondentOffice
        worker = step.data.respondentWorker
        drafts.push({
          decision: one,
          outcome: 'penalty',
          penalties: step.data.penalties,
          disputes: [],
          service: one,
        })
        break
      case 'PenaltyDecided':
        drafts.push({ decision: one, outcome: step.data.outcome, penalties: step.data.penalties, disputes: [] })
        break
      case 'DecisionChanged':
        if (last) closeSpan(last.disputes, at)
        drafts.push({ decision: one, outcome: 'penalty', penalties: step.data.penalties, disputes: [] })
        break
      case 'ServiceOfDocument':
        if (last) last.service ??= one
        break
      case 'ReconsiderationFiled':
      case 'LitigationFiled':
        if (!last) break
        last.remedy = step.type === 'LitigationFiled' ? 'litigation' : 'reconsideration'
        openSpan(last.disputes, at, false)
        break
      case 'ExecutionSuspended':
      case 'ExecutionResumed':
        if (last && isOpen(last.disputes)) openSpan(last.disputes, at, step.type === 'ExecutionSuspended')
        break
      case 'ReconsiderationDecided':
      case 'LitigationDecided':
        if (!last || (step.type === 'LitigationDecided' && !step.data.effective)) break
        last.remedy = undefined
        closeSpan(last.disputes, at)
        break
      case 'DecisionQuashed':
        if (last) closeSpan(last.disputes, at)
        break
      default:
        break
    }
  }
  return { drafts, ...(office ? { office } : {}), ...(worker ? { worker } : {}) }
}

/** The decisions of one case, quashed ones too, in order. Steps after corrections, in revision order. Pure, total. */
export function penaltyFacts(steps: readonly Step[]): PenaltyFact[] {
  const annulled = annulments(steps)
  const { drafts, office, worker } = draft(steps)
  if (office === undefined) return []
  return drafts.map(({ decision, outcome, penalties, disputes, service, remedy }) => {
    const quashed = annulled.get(decision.id)
    const running = remedy !== undefined && isOpen(disputes)
    return {
      event: decision.id,
      outcome,
      penalties,
      office,
      ...(worker ? { worker } : {}),
      decidedAt: decision.effectiveAt,
      ...(service ? { servedAt: service.effectiveAt, service: service.id } : {}),
      ...(quashed ? { quashed } : {}),
      disputes,
      underReconsideration: running && remedy === 'reconsideration',
      underLitigation: running && remedy === 'litigation',
      executionSuspended: running && disputes.at(-1)!.suspended,
    }
  })
}

const types = [
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
]

const kindName = (kind: string): string => kind.toUpperCase().replaceAll('-', '_')

/** Sanctions of statutory penalties for ratings: one fact a served decision that imposes something. */
export const penaltySource: FactSource = {
  category: 'penalty',
  types: new Set(types),
  kinds: ['sanction'],
  offices: (_stream, data) => {
    const office = (data as { respondentOffice?: unknown } | null)?.respondentOffice
    return typeof office === 'string' ? [office] : []
  },
  facts: (steps, stream) => {
    const annulled = annulments(steps)
    const byId = new Map(steps.map((step) => [step.id, step]))
    return penaltyFacts(steps).flatMap(({ outcome, penalties, service, event, office, worker, disputes }): Fact[] => {
      const step = service === undefined ? undefined : byId.get(service)
      if (!step || outcome !== 'penalty') return []
      const kinds = penalties.map(({ kind }) => kindName(kind))
      const data = { nature: 'ADMINISTRATIVE_PENALTY', kinds, case: stream, ...(worker ? { worker } : {}) } as const
      return [factOf('sanction', step, office, data, { annulled, sources: [event], disputes })]
    })
  },
}
