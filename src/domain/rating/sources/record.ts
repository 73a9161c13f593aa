/** Facts of an office's record. */
import type { Step, StepOf } from '../../event.ts'
import type { recordEvents } from '../../office-record.ts'
import { dateOf } from '../../time.ts'
import { disputesOf, type RemedyEffect } from '../disputes.ts'
import { annulments, type Fact, type FactSource, factOf } from '../facts.ts'
import { hundredths } from '../points.ts'

const types = [
  'RecordOpened',
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

/** What each record is about; the other types open the record, or say what became of one. */
const onlyFor = {
  AnnualAssessmentGraded: 'assessment',
  WorkerAssessmentGraded: 'workerAssessment',
  TrainingRecorded: 'training',
  PublicServiceRecorded: 'publicService',
  AidCasesRecorded: 'aidCases',
  StudyHeld: 'study',
  SubmissionsCounted: 'submissions',
  StaffingRecorded: 'staffing',
  SanctionRecorded: 'sanction',
  CriminalLiabilityRecorded: 'criminal',
  SurveyRecorded: 'survey',
  NoticeRecorded: 'notice',
  RectificationConfirmed: 'rectified',
} as const

const effects: Readonly<Record<string, RemedyEffect>> = {
  RemedyFiled: 'filed',
  ExecutionSuspended: 'suspended',
  RemedyEnded: 'ended',
  RecordQuashed: 'ended',
}
const targetOf = (step: Step) => (step.data as { of?: string }).of

export const recordSource: FactSource = {
  category: 'record',
  types: new Set(types),
  kinds: Object.values(onlyFor),
  onlyFor,
  reads: [
    ...[
      'year',
      'grade',
      'worker',
      'hours',
      'cases',
      'month',
      'news',
      'typicalCases',
      'workers',
      'fullTime',
      'bachelors',
    ],
    ...['nature', 'kinds', 'intentional', 'survey', 'asked', 'reached', 'answered', 'satisfied', 'form', 'of'],
  ],
  offices: (stream) => [stream.slice(stream.indexOf('-') + 1)],
  facts: (steps, stream) => {
    const office = stream.slice(stream.indexOf('-') + 1)
    const annulled = annulments(steps)
    const disputes = disputesOf(steps, effects, targetOf)
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
