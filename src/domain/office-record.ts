/**
 * What the bureau records about an office and its workers outside complaints and penalty cases: assessments, training, service hours,
 * study, submissions, staffing, sanctions from elsewhere, surveys. Stream `record-<office id>`. Numbers and document references only: there is
 * no free text here, and workers stand by id.
 */
import { z } from 'zod'
import { accepted, action, type Decider, type Decision, type Refusal, refusal } from './decider.ts'
import type { EventMap, NewEventOf, StepOf } from './event.ts'
import { noticeForms, sanctionNatures } from './rating/facts.ts'
import { twoDecimals } from './rating/points.ts'
import { type CivilDate, dateOf, isCivilDate } from './time.ts'

const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/)
const document = z.string().trim().min(1).max(100)
const year = z.int().min(1980).max(2200)
const count = z.int().min(0).max(10_000_000)
const month = z.string().refine((text) => isCivilDate(`${text}-01`), { error: 'effective-time-invalid' })
const authority = z.string().trim().min(1).max(200)

/** Surveys that schemes name; schemes may name others, so the list is open. */
export const surveyKind = z.string().regex(/^[A-Z][A-Z_]{1,39}$/)

const event = <Schema extends z.ZodType>(rule: string, data: Schema) => ({ version: 1, rule, data }) as const

export const recordEvents = {
  RecordOpened: event('S0-2.1', z.strictObject({ office: id })),
  /** 年度考核 of the office. */
  AnnualAssessmentGraded: event(
    'S4-4.3a S0-5.3.5',
    z.strictObject({ year, grade: z.enum(['QUALIFIED', 'UNQUALIFIED']), document: document.optional() }),
  ),
  /** 年度考核 of one worker. */
  WorkerAssessmentGraded: event(
    '基层法律服务工作者管理办法 40',
    z.strictObject({
      year,
      worker: id,
      grade: z.enum(['EXCELLENT', 'COMPETENT', 'BASICALLY_COMPETENT', 'INCOMPETENT']),
      document: document.optional(),
    }),
  ),
  /** 继续教育学时 of one worker, counted for a year. */
  TrainingRecorded: event(
    'S4-5.1b',
    z.strictObject({ year, worker: id, hours: twoDecimals, document: document.optional() }),
  ),
  /** 公益服务 of the office, hours. */
  PublicServiceRecorded: event('S4-5.3a', z.strictObject({ year, hours: twoDecimals, document: document.optional() })),
  /** 援助案件 of the office. */
  AidCasesRecorded: event('S4-5.3a', z.strictObject({ year, cases: count, document: document.optional() })),
  /** 集中教育学习, on the day of the event. */
  StudyHeld: event('S0-5.2.2', z.strictObject({ attendees: count, document: document.optional() })),
  /** 信息 and 典型案例 of a month, counted. */
  SubmissionsCounted: event('S4-5.3b', z.strictObject({ month, news: count, typicalCases: count })),
  /** The whole staff from that day on. */
  StaffingRecorded: event('S4-3.2', z.strictObject({ workers: count, fullTime: count, bachelors: count })),
  /** 行政处分, 行业处分, or 行政处罚 by another authority; the event's time is the service of the decision (Q18). */
  SanctionRecorded: event(
    'S0-5.2.4',
    z.strictObject({
      nature: z.enum(sanctionNatures),
      kinds: z.array(z.string().trim().min(1).max(60)).min(1).max(10),
      worker: id.optional(),
      authority,
      document,
    }),
  ),
  /** Criminal liability; the event's time is the day the judgment took effect. */
  CriminalLiabilityRecorded: event(
    'S0-5.2.5',
    z.strictObject({ intentional: z.boolean(), worker: id.optional(), authority, document }),
  ),
  /** One round of a survey of a named kind: asked ≥ reached ≥ answered ≥ satisfied. */
  SurveyRecorded: event(
    'S0-4.3 S0-5.1.4',
    z.strictObject({ survey: surveyKind, asked: count, reached: count, answered: count, satisfied: count }),
  ),
  /** 通报, 黄牌 or 红牌 that was not issued through a supervision item here. */
  NoticeRecorded: event('S1-5.3e', z.strictObject({ form: z.enum(noticeForms), worker: id.optional(), document })),
  /** What a record complained of was put right and checked. */
  RectificationConfirmed: event('S0-5.2.3', z.strictObject({ of: id, document: document.optional() })),
  /** 行政复议 or 行政诉讼 (or the association's own appeal) against a record. */
  RemedyFiled: event(
    '行政处罚法 73',
    z.strictObject({ of: id, remedy: z.enum(['RECONSIDERATION', 'LITIGATION', 'ASSOCIATION_APPEAL']) }),
  ),
  /** Execution is suspended while the remedy runs. */
  ExecutionSuspended: event('行政处罚法 73', z.strictObject({ of: id, document: document.optional() })),
  /** The remedy ended and the record stands. */
  RemedyEnded: event(
    '行政处罚法 73',
    z.strictObject({ of: id, result: z.enum(['UPHELD', 'WITHDRAWN']), document: document.optional() }),
  ),
  /** Annuls the record it names in `corrects`: quashed, it counts nowhere and at no date, and stays visible. */
  RecordQuashed: event('行政复议法 64', z.strictObject({ of: id, authority, document })),
} as const satisfies EventMap
type Events = typeof recordEvents
type New = NewEventOf<Events>
type RecordStep = StepOf<Events>

/** What may be contested, quashed or mended. */
const contestable: ReadonlySet<string> = new Set([
  'AnnualAssessmentGraded',
  'WorkerAssessmentGraded',
  'SanctionRecorded',
  'CriminalLiabilityRecorded',
  'NoticeRecorded',
])

interface Entry {
  readonly type: string
  readonly remedy: 'none' | 'running' | 'suspended'
  readonly quashed: boolean
  /** Of entries that exist once: the year, month or worker they are about. */
  readonly key?: string
}

export interface RecordState {
  readonly office?: string
  /** By event id. */
  readonly entries: Readonly<Record<string, Entry>>
}

/** What may be recorded only once while it stands. */
function keyOf(step: RecordStep): string | undefined {
  switch (step.type) {
    case 'AnnualAssessmentGraded':
      return `assessment:${step.data.year}`
    case 'WorkerAssessmentGraded':
      return `grade:${step.data.year}:${step.data.worker}`
    case 'SubmissionsCounted':
      return `submissions:${step.data.month}`
    default:
      return undefined
  }
}

function evolve(state: RecordState, step: RecordStep): RecordState {
  const change = (target: string, more: Partial<Entry>): RecordState => {
    const entry = state.entries[target]
    return entry ? { ...state, entries: { ...state.entries, [target]: { ...entry, ...more } } } : state
  }
  switch (step.type) {
    case 'RecordOpened':
      return { ...state, office: step.data.office }
    case 'RemedyFiled':
      return change(step.data.of, { remedy: 'running' })
    case 'ExecutionSuspended':
      return change(step.data.of, { remedy: 'suspended' })
    case 'RemedyEnded':
      return change(step.data.of, { remedy: 'none' })
    case 'RecordQuashed':
      return change(step.data.of, { remedy: 'none', quashed: true })
    default: {
      const key = keyOf(step)
      if (!contestable.has(step.type) && key === undefined) return state
      const entry: Entry = { type: step.type, remedy: 'none', quashed: false, ...(key ? { key } : {}) }
      return { ...state, entries: { ...state.entries, [step.id]: entry } }
    }
  }
}

const yearOf = (date: CivilDate) => Number(date.slice(0, 4))

/** Rules of the numbers of one step. */
function inconsistent(step: RecordStep): Refusal | undefined {
  const day = dateOf(step.effectiveAt)
  switch (step.type) {
    case 'AnnualAssessmentGraded':
    case 'WorkerAssessmentGraded':
      return step.data.year >= yearOf(day) ? refusal('year-not-over', 'S4-4.3a', { pointer: '/year' }) : undefined
    case 'TrainingRecorded':
    case 'PublicServiceRecorded':
    case 'AidCasesRecorded':
      return step.data.year > yearOf(day) ? refusal('year-not-over', 'S4-5.3a', { pointer: '/year' }) : undefined
    case 'SubmissionsCounted':
      return step.data.month > day.slice(0, 7) ? refusal('year-not-over', 'S4-5.3b', { pointer: '/month' }) : undefined
    case 'StaffingRecorded': {
      const { workers, fullTime, bachelors } = step.data
      if (fullTime > workers) return refusal('survey-numbers-inconsistent', 'S4-3.2', { pointer: '/fullTime' })
      if (bachelors > workers) return refusal('survey-numbers-inconsistent', 'S4-3.2', { pointer: '/bachelors' })
      return undefined
    }
    case 'SurveyRecorded': {
      const { asked, reached, answered, satisfied } = step.data
      if (reached > asked) return refusal('survey-numbers-inconsistent', 'S0-4.3', { pointer: '/reached' })
      if (answered > reached) return refusal('survey-numbers-inconsistent', 'S0-4.3', { pointer: '/answered' })
      if (satisfied > answered) return refusal('survey-numbers-inconsistent', 'S0-4.3', { pointer: '/satisfied' })
      return undefined
    }
    default:
      return undefined
  }
}

function guard(state: RecordState, step: RecordStep): Refusal | undefined {
  if (step.type === 'RecordOpened') return state.office ? refusal('record-repeated', 'S0-2.1') : undefined
  if (!state.office) return refusal('not-found')
  const wrong = inconsistent(step)
  if (wrong) return wrong
  const key = keyOf(step)
  if (key !== undefined && Object.values(state.entries).some((entry) => entry.key === key && !entry.quashed))
    return refusal('record-repeated', recordEvents[step.type].rule, { detail: { key } })
  if (!('of' in step.data)) return undefined
  const rule = recordEvents[step.type].rule
  const target = state.entries[step.data.of]
  if (!target || !contestable.has(target.type)) return refusal('record-target-unknown', rule, { pointer: '/of' })
  if (target.quashed) return refusal('record-target-settled', rule, { pointer: '/of' })
  switch (step.type) {
    case 'RemedyFiled':
      return target.remedy === 'none' ? undefined : refusal('remedy-running', rule)
    case 'ExecutionSuspended':
      return target.remedy === 'running' ? undefined : refusal('remedy-not-running', rule)
    case 'RemedyEnded':
      return target.remedy === 'none' ? refusal('remedy-not-running', rule) : undefined
    default:
      return undefined
  }
}

const record = <Type extends Exclude<keyof Events & string, 'RecordOpened' | 'RecordQuashed'>>(type: Type) =>
  action<RecordState, New, z.ZodType>({
    rule: recordEvents[type].rule,
    body: recordEvents[type].data,
    when: (state) => (state.office ? undefined : refusal('not-found')),
    decide: (body): Decision<New> => accepted({ type, data: body } as unknown as New),
  })

export const recordDecider: Decider<RecordState, Events> = {
  category: 'record',
  events: recordEvents,
  initial: { entries: {} },
  evolve,
  guard,
  actions: {
    open: action<RecordState, New, typeof recordEvents.RecordOpened.data>({
      rule: 'S0-2.1',
      creates: true,
      body: recordEvents.RecordOpened.data,
      decide: (body, state) =>
        state.office === body.office ? accepted() : accepted({ type: 'RecordOpened', data: body }),
    }),
    gradeAssessment: record('AnnualAssessmentGraded'),
    gradeWorker: record('WorkerAssessmentGraded'),
    recordTraining: record('TrainingRecorded'),
    recordPublicService: record('PublicServiceRecorded'),
    recordAidCases: record('AidCasesRecorded'),
    recordStudy: record('StudyHeld'),
    countSubmissions: record('SubmissionsCounted'),
    recordStaffing: record('StaffingRecorded'),
    recordSanction: record('SanctionRecorded'),
    recordCriminalLiability: record('CriminalLiabilityRecorded'),
    recordSurvey: record('SurveyRecorded'),
    recordNotice: record('NoticeRecorded'),
    confirmRectification: record('RectificationConfirmed'),
    fileRemedy: record('RemedyFiled'),
    suspendExecution: record('ExecutionSuspended'),
    endRemedy: record('RemedyEnded'),
    quash: action<RecordState, New, typeof recordEvents.RecordQuashed.data>({
      rule: '行政复议法 64',
      body: recordEvents.RecordQuashed.data,
      when: (state) => (state.office ? undefined : refusal('not-found')),
      decide: (body) => accepted({ type: 'RecordQuashed', data: body, corrects: { event: body.of, mode: 'annul' } }),
    }),
  },
}
