import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import type { Recorded } from '../../../src/domain/event.ts'
import { canonicalJson, canonicalRun } from '../../../src/domain/rating/canonical.ts'
import { FactBase } from '../../../src/domain/rating/fact-base.ts'
import { RatingKeeper } from '../../../src/domain/rating/keeper.ts'
import { hundredths } from '../../../src/domain/rating/points.ts'
import { compileScheme, kindsOf, type OfficeRating, rate, rateOffice } from '../../../src/domain/rating/rate.ts'
import { bandsScheme, starScheme } from '../../../src/domain/rating/schemes/shipped.ts'
import { sourcesOf } from '../../../src/domain/rating/sources/all.ts'
import { fiveStars, quash, sanction } from './county.ts'
import { Log } from './helpers.ts'

const OFFICES = ['a', 'b'] as const
const day = fc
  .integer({ min: 0, max: 1500 })
  .map((offset) => new Date(Date.UTC(2023, 0, 1 + offset)).toISOString().slice(0, 10))
const office = fc.constantFrom(...OFFICES)
const count = fc.integer({ min: 0, max: 12 })

/** One thing that happens to an office, each on a stream where its place among the others does not matter. */
interface Happening {
  readonly stream: string
  readonly type: string
  readonly at: string
  readonly data: object
}
const record = (type: string, data: fc.Arbitrary<object>): fc.Arbitrary<Happening> =>
  fc
    .record({ office, at: day, data })
    .map(({ office: id, at, data: body }) => ({ stream: `record-${id}`, type, at, data: body }))

const happening: fc.Arbitrary<Happening> = fc.oneof(
  record(
    'SanctionRecorded',
    fc.record({
      nature: fc.constantFrom('ADMINISTRATIVE_PENALTY', 'INDUSTRY_DISCIPLINE'),
      kinds: fc.constant(['WARNING']),
      authority: fc.constant('局'),
      document: fc.uuid(),
    }),
  ),
  record(
    'CriminalLiabilityRecorded',
    fc.record({ intentional: fc.boolean(), authority: fc.constant('法院'), document: fc.uuid() }),
  ),
  record(
    'AnnualAssessmentGraded',
    fc.record({
      year: fc.integer({ min: 2021, max: 2025 }),
      grade: fc.constantFrom('QUALIFIED', 'UNQUALIFIED'),
      document: fc.uuid(),
    }),
  ),
  record('StudyHeld', fc.record({ attendees: count, document: fc.uuid() })),
  record(
    'SurveyRecorded',
    fc.record({
      survey: fc.constantFrom('CLIENTS', 'PARTY_ORGANISATION'),
      asked: fc.constant(60),
      reached: fc.constant(50),
      answered: fc.constant(40),
      satisfied: fc.integer({ min: 0, max: 40 }),
    }),
  ),
  record(
    'TrainingRecorded',
    fc.record({
      year: fc.integer({ min: 2022, max: 2026 }),
      worker: fc.constantFrom('w1', 'w2'),
      hours: fc.integer({ min: 0, max: 4000 }).map((h) => h / 100),
      document: fc.uuid(),
    }),
  ),
  record(
    'PublicServiceRecorded',
    fc.record({
      year: fc.integer({ min: 2022, max: 2026 }),
      hours: fc.integer({ min: 0, max: 9000 }).map((h) => h / 100),
      document: fc.uuid(),
    }),
  ),
  record(
    'AidCasesRecorded',
    fc.record({ year: fc.integer({ min: 2022, max: 2026 }), cases: count, document: fc.uuid() }),
  ),
  record(
    'StaffingRecorded',
    fc.record({ workers: fc.constant(4), fullTime: fc.constant(3), bachelors: fc.integer({ min: 0, max: 4 }) }),
  ),
  record(
    'NoticeRecorded',
    fc.record({ form: fc.constantFrom('CIRCULAR', 'YELLOW_CARD', 'RED_CARD'), document: fc.uuid() }),
  ),
  record(
    'SubmissionsCounted',
    fc.record({
      month: fc.integer({ min: 1, max: 12 }).map((m) => `2025-${String(m).padStart(2, '0')}`),
      news: count,
      typicalCases: count,
    }),
  ),
)
const happenings = fc.array(happening, { maxLength: 25 })

/** The happenings after a five-star beginning; ids by what happened, so that order of recording leaves no other trace. */
const logOf = (list: readonly Happening[]): Log => {
  const log = new Log()
  for (const id of OFFICES) fiveStars(log, id)
  for (const one of list) {
    const id = createHash('sha256').update(JSON.stringify(one)).digest('hex').slice(0, 16)
    log.add(one.stream, one.type, one.at, one.data, { id })
  }
  return log
}
const base = (events: readonly Recorded[]) => {
  const facts = new FactBase()
  for (const event of events) facts.add(event)
  return facts
}
const schemes = [starScheme, bandsScheme].map(compileScheme)
/** Without indexes, which say when something was recorded. */
const bare = (rating: OfficeRating) => canonicalJson(rating).replaceAll(/"index":\d+/g, '"index":0')
const rated = (log: Log, at: string) =>
  OFFICES.flatMap((id) => schemes.map((scheme) => bare(rateOffice(log.base().of(id), scheme, at)))).join('\n')
const unique = (list: readonly Happening[]) => {
  const seen = new Set<string>()
  return list.filter((one) => {
    const key = JSON.stringify(one)
    return !seen.has(key) && seen.add(key)
  })
}

t.test('the order of late events with the same effective dates does not change the result', (t) => {
  const shuffled = happenings
    .map(unique)
    .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })))
  fc.assert(
    fc.property(shuffled, day, ([list, other], at) => rated(logOf(list), at) === rated(logOf(other), at)),
    { numRuns: 60 },
  )
  t.pass()
  t.end()
})

t.test('adding a penalty and its quashing is the identity on points and levels; its line stays, overturned', (t) => {
  fc.assert(
    fc.property(happenings, day, day, day, (list, served, quashed, at) => {
      const plain = logOf(list)
      const more = logOf(list)
      const event = sanction(more, 'a', served, 'NEW')
      quash(more, 'a', quashed, event)
      for (const scheme of schemes) {
        const [before, after] = [plain, more].map((log) => rateOffice(log.base().of('a'), scheme, at))
        const points = (rating: OfficeRating) =>
          rating.categories.map((category) => [
            category.points,
            ...category.criteria.map((criterion) => criterion.points),
          ])
        if (
          canonicalJson([before!.computedLevel, points(before!), before!.nextChange]) !==
          canonicalJson([after!.computedLevel, points(after!), after!.nextChange])
        )
          return false
        const line = after!.categories
          .flatMap((category) => category.criteria.flatMap(({ lines }) => lines))
          .find((one) => one.event === event)
        if (served <= at && (line?.state !== 'overturned' || line.points !== 0)) return false
      }
      return true
    }),
    { numRuns: 60 },
  )
  t.pass()
  t.end()
})

t.test('a rating kept up event by event equals one computed from scratch, at every prefix', (t) => {
  const correction = fc.option(
    fc.record({ of: fc.nat(), mode: fc.constantFrom('void' as const, 'annul' as const, 'replace' as const), at: day }),
    { nil: undefined },
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(happening, correction), { maxLength: 12 }), day, (list, at) => {
      const log = logOf([])
      for (const [one, corrects] of list) {
        log.add(one.stream, one.type, one.at, one.data)
        const own = log.events.filter(
          (event) => event.stream === one.stream && !event.corrects && event.type !== 'RecordOpened',
        )
        const target = corrects && own[corrects.of % own.length]
        if (!corrects || !target) continue
        const type = { void: 'StepVoided', annul: 'RecordQuashed', replace: 'StepReplaced' }[corrects.mode]
        log.add(
          one.stream,
          type,
          corrects.at,
          { of: target.id, version: 1, data: target.data },
          { corrects: { event: target.id, mode: corrects.mode } },
        )
      }
      const keeper = new RatingKeeper(starScheme, at)
      const whole = log.base()
      for (const [place, event] of log.events.entries()) {
        keeper.add(event)
        const kept = keeper.ratings()
        const scratch = base(log.events.slice(0, place + 1))
        for (const [id, rating] of kept) {
          const fresh = canonicalJson(rateOffice(scratch.of(id), schemes[0]!, at))
          if (fresh !== canonicalJson(rating)) return false
          // The whole log looked at as of that index says the same.
          if (fresh !== canonicalJson(rateOffice(whole.of(id, place), schemes[0]!, at))) return false
        }
      }
      return true
    }),
    { numRuns: 8 },
  )
  t.pass()
  t.end()
})

t.test('facts of the kinds that a scheme looks at alone give the same ledgers', (t) => {
  fc.assert(
    fc.property(happenings, day, (list, at) => {
      const log = logOf(list)
      for (const scheme of schemes) {
        const narrow = new FactBase(sourcesOf(kindsOf(scheme.scheme)))
        for (const event of log.events) narrow.add(event)
        if (narrow.offices().join() !== log.base().offices().join()) return false
        for (const id of OFFICES)
          if (
            canonicalJson(rateOffice(narrow.of(id), scheme, at)) !==
            canonicalJson(rateOffice(log.base().of(id), scheme, at))
          )
            return false
      }
      return true
    }),
    { numRuns: 40 },
  )
  t.notOk(new FactBase(sourcesOf(kindsOf(starScheme))).types.includes('HandlerReportRequested'), 'there is less of it')
  t.end()
})

t.test(
  'the lines sum to the criterion, criteria to the category, categories to the points, stars to the level',
  (t) => {
    fc.assert(
      fc.property(happenings, day, (list, at) => {
        const facts = logOf(list).base()
        const exact = (value: number) => hundredths(value)!
        for (const scheme of schemes)
          for (const id of OFFICES) {
            const rating = rateOffice(facts.of(id), scheme, at)
            let points = 0
            for (const category of rating.categories) {
              let sum = 0
              for (const criterion of category.criteria) {
                const lines = criterion.lines.reduce((total, line) => total + exact(line.points), 0)
                if (lines !== exact(criterion.points) || lines < 0 || lines > exact(criterion.max)) return false
                sum += lines
              }
              if (sum !== exact(category.points)) return false
              points += sum
            }
            if (points !== exact(rating.points)) return false
            const stars = rating.categories.filter((category) => category.points >= 90).length
            if (scheme.scheme.form === 'PER_CATEGORY_THRESHOLD' && stars !== rating.computedLevel) return false
          }
        return true
      }),
      { numRuns: 60 },
    )
    t.pass()
    t.end()
  },
)

t.test('the announced next change comes true, and nothing changes the level before it', (t) => {
  fc.assert(
    fc.property(
      fc.array(
        record(
          'SanctionRecorded',
          fc.record({
            nature: fc.constant('ADMINISTRATIVE_PENALTY'),
            kinds: fc.constant(['FINE']),
            authority: fc.constant('局'),
            document: fc.uuid(),
          }),
        ),
        { maxLength: 4 },
      ),
      fc.constantFrom('2025-12-31', '2026-02-15'),
      (list, at) => {
        // A scheme of one rule, so that nothing else can move with time.
        const scheme = {
          ...structuredClone(starScheme),
          maxLevel: 1,
          categories: [
            { id: 'only', name: '唯一', points: 20, threshold: 20, criteria: [starScheme.categories[1]!.criteria[3]!] },
          ],
        } as typeof starScheme
        const compiled = compileScheme(scheme)
        const log = logOf(list.filter((one) => one.at <= at))
        const facts = log.base().of('a')
        const now = rateOffice(facts, compiled, at)
        const level = (date: string) => rateOffice(facts, compiled, date).computedLevel
        if (!now.nextChange) return level('2035-01-01') === now.computedLevel
        const eve = new Date(Date.parse(now.nextChange.date) - 86_400_000).toISOString().slice(0, 10)
        return level(eve) === now.computedLevel && level(now.nextChange.date) === now.nextChange.level
      },
    ),
    { numRuns: 60 },
  )
  t.pass()
  t.end()
})

t.test('a run is byte-identical for events added in any order of their streams', (t) => {
  fc.assert(
    fc.property(happenings, fc.infiniteStream(fc.nat()), day, (list, choices, at) => {
      const log = logOf(list)
      const run = (facts: FactBase) =>
        Buffer.from(
          canonicalRun(rate(facts, { asOf: log.events.length - 1, effectiveAt: at, scheme: starScheme })),
        ).toString('hex')
      const streams = new Map<string, Recorded[]>()
      for (const event of log.events) streams.set(event.stream, [...(streams.get(event.stream) ?? []), event])
      const queues = [...streams.values()]
      const interleaved: Recorded[] = []
      while (queues.length > 0) {
        const place = choices.next().value % queues.length
        interleaved.push(queues[place]!.shift()!)
        if (queues[place]!.length === 0) queues.splice(place, 1)
      }
      return run(log.base()) === run(base(interleaved))
    }),
    { numRuns: 30 },
  )
  t.pass()
  t.end()
})
