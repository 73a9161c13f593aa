import t from 'tap'
import { decide, provisionalStep } from '../../src/domain/decider.ts'
import type { Recorded, Step, StepOf } from '../../src/domain/event.ts'
import { type RecordState, recordDecider } from '../../src/domain/office-record.ts'
import { FactBase } from '../../src/domain/rating/fact-base.ts'

class Record {
  state: RecordState = recordDecider.initial
  readonly steps: Step[] = []
  on(day: string, action: string, body: object): string {
    const number = this.steps.length
    const context = {
      now: '2030-01-01T00:00:00.000Z',
      effectiveAt: day,
      actor: { operator: true as const },
      organisation: 'bureau',
      newId: (path: string) => path,
      limit: () => undefined,
      policy: 'limits@1',
    }
    const parsed = recordDecider.actions[action]!.body.safeParse(body)
    if (!parsed.success) return `body ${parsed.error.issues[0]?.path.join('/')}`
    const decision = decide(recordDecider, action, parsed.data, this.state, context)
    if (!decision.ok) return [decision.refusal.code, decision.refusal.pointer].filter(Boolean).join(' ')
    for (const event of decision.events) {
      const step = { ...provisionalStep(event, context, 0), id: `e${number}`, revision: number }
      this.steps.push(step)
      this.state = recordDecider.evolve(this.state, step as StepOf<typeof recordDecider.events>)
    }
    return decision.events.map(({ type }) => type).join()
  }
  get last(): string {
    return this.steps.at(-1)!.id
  }
}
const opened = (): Record => {
  const record = new Record()
  record.on('2024-01-01', 'open', { office: 'a' })
  return record
}
const sanction = { nature: 'ADMINISTRATIVE_PENALTY', kinds: ['警告'], authority: '市司法局', document: 'D1' }

t.test('nothing is recorded before the record is opened; opening twice is already so', (t) => {
  const record = new Record()
  t.equal(record.on('2024-01-01', 'recordStudy', { attendees: 3 }), 'not-found')
  t.equal(record.on('2024-01-01', 'open', { office: 'a' }), 'RecordOpened')
  t.equal(record.on('2024-01-01', 'open', { office: 'a' }), '')
  t.end()
})

t.test('a year is graded once it is over, and once', (t) => {
  const record = opened()
  const grade = (day: string, year: number) => record.on(day, 'gradeAssessment', { year, grade: 'QUALIFIED' })
  t.equal(grade('2025-12-31', 2025), 'year-not-over /year')
  t.equal(grade('2026-01-01', 2025), 'AnnualAssessmentGraded')
  t.equal(grade('2026-05-01', 2025), 'record-repeated')
  t.equal(record.on('2026-06-01', 'quash', { of: record.last, authority: '市司法局', document: 'J' }), 'RecordQuashed')
  t.equal(grade('2026-07-01', 2025), 'AnnualAssessmentGraded', 'after it was quashed')
  t.equal(
    record.on('2026-07-01', 'gradeWorker', { year: 2025, worker: 'w1', grade: 'EXCELLENT' }),
    'WorkerAssessmentGraded',
  )
  t.equal(record.on('2026-07-01', 'gradeWorker', { year: 2025, worker: 'w1', grade: 'COMPETENT' }), 'record-repeated')
  t.equal(
    record.on('2026-07-01', 'gradeWorker', { year: 2025, worker: 'w2', grade: 'COMPETENT' }),
    'WorkerAssessmentGraded',
  )
  t.end()
})

t.test('numbers must agree with each other and with the calendar', (t) => {
  const record = opened()
  const survey = (asked: number, reached: number, answered: number, satisfied: number) =>
    record.on('2025-05-01', 'recordSurvey', { survey: 'CLIENTS', asked, reached, answered, satisfied })
  t.equal(survey(10, 11, 5, 5), 'survey-numbers-inconsistent /reached')
  t.equal(survey(10, 9, 10, 5), 'survey-numbers-inconsistent /answered')
  t.equal(survey(10, 9, 8, 9), 'survey-numbers-inconsistent /satisfied')
  t.equal(survey(10, 10, 10, 10), 'SurveyRecorded')
  const staff = (workers: number, fullTime: number, bachelors: number) =>
    record.on('2025-05-01', 'recordStaffing', { workers, fullTime, bachelors })
  t.equal(staff(3, 4, 0), 'survey-numbers-inconsistent /fullTime')
  t.equal(staff(3, 3, 4), 'survey-numbers-inconsistent /bachelors')
  t.equal(staff(3, 3, 3), 'StaffingRecorded')
  t.equal(record.on('2025-05-01', 'recordTraining', { year: 2026, worker: 'w', hours: 1 }), 'year-not-over /year')
  t.equal(record.on('2025-05-01', 'recordTraining', { year: 2025, worker: 'w', hours: 1.005 }), 'body hours')
  t.equal(
    record.on('2025-05-01', 'countSubmissions', { month: '2025-06', news: 3, typicalCases: 1 }),
    'year-not-over /month',
  )
  t.equal(
    record.on('2025-05-31', 'countSubmissions', { month: '2025-05', news: 3, typicalCases: 1 }),
    'SubmissionsCounted',
  )
  t.equal(
    record.on('2025-06-01', 'countSubmissions', { month: '2025-05', news: 3, typicalCases: 1 }),
    'record-repeated',
  )
  t.equal(record.on('2025-06-01', 'countSubmissions', { month: '2025-13', news: 3, typicalCases: 1 }), 'body month')
  t.end()
})

t.test('remedies run one at a time; what is quashed is settled; only what is contestable may be contested', (t) => {
  const record = opened()
  record.on('2025-01-01', 'recordSanction', sanction)
  const of = record.last
  t.equal(record.on('2025-02-01', 'suspendExecution', { of }), 'remedy-not-running')
  t.equal(record.on('2025-02-01', 'endRemedy', { of, result: 'UPHELD' }), 'remedy-not-running')
  t.equal(record.on('2025-02-01', 'fileRemedy', { of, remedy: 'RECONSIDERATION' }), 'RemedyFiled')
  t.equal(record.on('2025-02-02', 'fileRemedy', { of, remedy: 'LITIGATION' }), 'remedy-running')
  t.equal(record.on('2025-02-02', 'suspendExecution', { of }), 'ExecutionSuspended')
  t.equal(record.on('2025-02-03', 'suspendExecution', { of }), 'remedy-not-running', 'it is suspended already')
  t.equal(record.on('2025-03-01', 'endRemedy', { of, result: 'UPHELD' }), 'RemedyEnded')
  t.equal(record.on('2025-03-02', 'fileRemedy', { of, remedy: 'LITIGATION' }), 'RemedyFiled')
  t.equal(record.on('2025-06-01', 'quash', { of, authority: '法院', document: 'J' }), 'RecordQuashed')
  t.same(record.steps.at(-1)?.corrects, { event: of, mode: 'annul' })
  for (const [action, body] of [
    ['quash', { authority: '法院', document: 'J' }],
    ['fileRemedy', { remedy: 'LITIGATION' }],
  ] as const)
    t.equal(record.on('2025-06-02', action, { of, ...body }), 'record-target-settled /of')
  record.on('2025-07-01', 'recordStudy', { attendees: 3 })
  t.equal(
    record.on('2025-07-02', 'quash', { of: record.last, authority: '法院', document: 'J' }),
    'record-target-unknown /of',
  )
  t.equal(record.on('2025-07-02', 'confirmRectification', { of: 'nothing' }), 'record-target-unknown /of')
  t.end()
})

t.test('every kind of record becomes a fact', (t) => {
  const record = opened()
  const acts: [string, object][] = [
    ['gradeAssessment', { year: 2023, grade: 'QUALIFIED' }],
    ['gradeWorker', { year: 2023, worker: 'w', grade: 'COMPETENT' }],
    ['recordTraining', { year: 2024, worker: 'w', hours: 8.5 }],
    ['recordPublicService', { year: 2024, hours: 12.25 }],
    ['recordAidCases', { year: 2024, cases: 3 }],
    ['recordStudy', { attendees: 4 }],
    ['countSubmissions', { month: '2024-05', news: 3, typicalCases: 1 }],
    ['recordStaffing', { workers: 3, fullTime: 3, bachelors: 2 }],
    ['recordSanction', { ...sanction, worker: 'w' }],
    ['recordCriminalLiability', { intentional: true, authority: '法院', document: 'J' }],
    ['recordSurvey', { survey: 'CLIENTS', asked: 4, reached: 3, answered: 2, satisfied: 1 }],
    ['recordNotice', { form: 'RED_CARD', document: 'N' }],
  ]
  for (const [name, body] of acts) t.not(record.on('2024-06-01', name, body), '', name)
  record.on('2024-07-01', 'confirmRectification', { of: record.last })
  const base = new FactBase()
  for (const step of record.steps)
    base.add({ ...step, stream: 'record-a', index: step.revision } as unknown as Recorded)
  const facts = base.of('a').all
  t.same(
    facts.map(({ kind }) => kind),
    [
      'staffing',
      'study',
      'submissions',
      'training',
      'publicService',
      'aidCases',
      'survey',
      'assessment',
      'workerAssessment',
      'notice',
      'sanction',
      'criminal',
      'rectified',
    ],
  )
  t.match(
    facts.find(({ kind }) => kind === 'training'),
    { hours: 850, worker: 'w', year: 2024 },
  )
  t.match(
    facts.find(({ kind }) => kind === 'study'),
    { month: '2024-06' },
  )
  t.end()
})
