/** Facts of an office's record. */
import type { Step, StepOf } from '../../event.ts'
import type { recordEvents } from '../../office-record.ts'
import { dateOf, sortKey } from '../../time.ts'
import { annulments, type Dispute, type Fact, type FactSource, factOf } from '../facts.ts'
import { hundredths } from '../points.ts'

const types = [
  'AnnualAssessmentGraded',
  'WorkerAssessmentGraded',
  'TrainingRecorded',
  'PublicServiceRecorded',
  'AidCasesRecorded',
  'StudyHeld',
  'SubmissionsCounted',
  'StaffingRecorded',
  'SanctionRecorded',
  'CriminalLiabilityRecorded',
  'SurveyRecorded',
  'NoticeRecorded',
  'RectificationConfirmed',
  'RemedyFiled',
  'ExecutionSuspended',
  'RemedyEnded',
  'RecordQuashed',
]

/**
 * The spans in which remedies against each record ran, by the remedy steps' own times: a remedy opens a span, suspension of execution
 * turns it into a suspended one, its end or the quashing closes it.
 */
export function disputesOf(
  steps: readonly Step[],
  kinds: { filed: readonly string[]; suspended: readonly string[]; ended: readonly string[] },
  targetOf: (step: Step) => string | undefined,
): ReadonlyMap<string, readonly Dispute[]> {
  const found = new Map<string, Dispute[]>()
  const relevant = steps.filter(({ type }) => [...kinds.filed, ...kinds.suspended, ...kinds.ended].includes(type))
  if (relevant.length === 0) return found
  const rank = ({ type }: Step) => (kinds.filed.includes(type) ? 0 : kinds.suspended.includes(type) ? 1 : 2)
  const inTime = (a: Step, b: Step) =>
    sortKey(a.effectiveAt) - sortKey(b.effectiveAt) || rank(a) - rank(b) || (a.id < b.id ? -1 : 1)
  for (const step of relevant.sort(inTime)) {
    const target = targetOf(step)
    if (target === undefined) continue
    const at = sortKey(step.effectiveAt)
    const spans = found.get(target) ?? []
    found.set(target, spans)
    const last = spans.at(-1)
    const open = last && last.to === undefined ? last : undefined
    if (open) spans[spans.length - 1] = { ...open, to: at }
    if (kinds.filed.includes(step.type)) spans.push({ from: at, suspended: false })
    else if (kinds.suspended.includes(step.type)) spans.push({ from: at, suspended: true })
  }
  return found
}

const targetOf = (step: Step) => (step.data as { of?: string }).of

export const recordSource: FactSource = {
  category: 'record',
  types: new Set(types),
  offices: (stream) => [stream.slice(stream.indexOf('-') + 1)],
  facts: (steps, stream) => {
    const office = stream.slice(stream.indexOf('-') + 1)
    const annulled = annulments(steps)
    const kinds = {
      filed: ['RemedyFiled'],
      suspended: ['ExecutionSuspended'],
      ended: ['RemedyEnded', 'RecordQuashed'],
    }
    const disputes = disputesOf(steps, kinds, targetOf)
    const facts: Fact[] = []
    for (const one of steps) {
      const step = one as StepOf<typeof recordEvents>
      const more = { annulled, disputes: disputes.get(step.id) ?? [] }
      switch (step.type) {
        case 'AnnualAssessmentGraded': {
          const { year, grade } = step.data
          facts.push(factOf('assessment', step, office, { year, grade }, more))
          break
        }
        case 'WorkerAssessmentGraded': {
          const { year, worker, grade } = step.data
          facts.push(factOf('workerAssessment', step, office, { year, worker, grade }, more))
          break
        }
        case 'TrainingRecorded': {
          const { year, worker, hours } = step.data
          facts.push(factOf('training', step, office, { year, worker, hours: hundredths(hours)! }, more))
          break
        }
        case 'PublicServiceRecorded': {
          const { year, hours } = step.data
          facts.push(factOf('publicService', step, office, { year, hours: hundredths(hours)! }, more))
          break
        }
        case 'AidCasesRecorded': {
          const { year, cases } = step.data
          facts.push(factOf('aidCases', step, office, { year, cases }, more))
          break
        }
        case 'StudyHeld':
          facts.push(factOf('study', step, office, { month: dateOf(step.effectiveAt).slice(0, 7) }, more))
          break
        case 'SubmissionsCounted': {
          const { month, news, typicalCases } = step.data
          facts.push(factOf('submissions', step, office, { month, news, typicalCases }, more))
          break
        }
        case 'StaffingRecorded': {
          const { workers, fullTime, bachelors } = step.data
          facts.push(factOf('staffing', step, office, { workers, fullTime, bachelors }, more))
          break
        }
        case 'SanctionRecorded': {
          const { nature, kinds: imposed, worker } = step.data
          const data = { nature, kinds: imposed, case: stream, ...(worker ? { worker } : {}) }
          facts.push(factOf('sanction', step, office, data, more))
          break
        }
        case 'CriminalLiabilityRecorded': {
          const { intentional, worker } = step.data
          facts.push(factOf('criminal', step, office, { intentional, ...(worker ? { worker } : {}) }, more))
          break
        }
        case 'SurveyRecorded': {
          const { survey, asked, reached, answered, satisfied } = step.data
          facts.push(factOf('survey', step, office, { survey, asked, reached, answered, satisfied }, more))
          break
        }
        case 'NoticeRecorded': {
          const { form, worker } = step.data
          facts.push(factOf('notice', step, office, { form, ...(worker ? { worker } : {}) }, more))
          break
        }
        case 'RectificationConfirmed':
          facts.push(factOf('rectified', step, office, { of: step.data.of }, more))
          break
        default:
          break
      }
    }
    return facts
  },
}
