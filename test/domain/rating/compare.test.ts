import t from 'tap'
import { affectedRatings, type CauseKind, compareRuns } from '../../../src/domain/rating/compare.ts'
import { rate } from '../../../src/domain/rating/rate.ts'
import type { Scheme } from '../../../src/domain/rating/scheme-schema.ts'
import { starScheme } from '../../../src/domain/rating/schemes/shipped.ts'
import { fiveStars, published, quash, sanction } from './county.ts'
import { Log } from './helpers.ts'

const started = (): Log => {
  const log = new Log()
  fiveStars(log, 'a')
  fiveStars(log, 'b')
  return log
}
const run = (log: Log, more: { asOf?: number; effectiveAt?: string; scheme?: Scheme } = {}) =>
  rate(log.base(), { asOf: log.events.length - 1, effectiveAt: '2025-12-31', scheme: starScheme, ...more })
const causes = (list: readonly { causes: readonly { cause: CauseKind; criterion: string }[] }[]) =>
  list.map((one) => one.causes.map(({ cause, criterion }) => `${cause} ${criterion}`))

t.test('two equal runs do not differ', (t) => {
  t.same(compareRuns(run(started()), run(started())), [])
  t.end()
})

t.test('late evidence: recorded after the left run, happened before its moment', (t) => {
  const log = started()
  const left = run(log)
  const event = sanction(log, 'a', '2025-06-10')
  const found = compareRuns(left, run(log))
  t.match(found, [{ office: 'a', from: 5, to: 4, causes: [{ cause: 'late-evidence', criterion: 'S0-5.2.4', event }] }])
  t.match(found[0]?.criteria, [{ id: 'S0-5.2.4', from: 20, to: 0, lines: [{ from: null, to: { points: -20 } }] }])
  t.match(
    compareRuns(run(log), left),
    [{ from: 4, to: 5, causes: [{ cause: 'late-evidence' }] }],
    'the other way round',
  )
  t.end()
})

t.test('later in time, and lapsed in time', (t) => {
  const log = started()
  sanction(log, 'a', '2025-06-10')
  const at = (effectiveAt: string) => run(log, { effectiveAt })
  t.same(causes(compareRuns(at('2025-06-09'), at('2025-06-10'))), [['later-in-time S0-5.2.4']])
  const lapse = compareRuns(at('2028-06-09'), at('2028-06-10'))
  t.same(causes(lapse), [['lapsed-in-time S0-5.2.4']])
  t.match(lapse[0]?.criteria[0]?.lines[0], { from: { state: 'counted' }, to: { state: 'expired' } })
  t.end()
})

t.test('an overturned penalty, and one under reconsideration', (t) => {
  const log = started()
  const of = sanction(log, 'a', '2025-06-10')
  const left = run(log)
  log.add('record-a', 'RemedyFiled', '2025-07-01', { of, remedy: 'RECONSIDERATION' })
  t.same(causes(compareRuns(left, run(log))), [['disputed S0-5.2.4']])
  quash(log, 'a', '2025-09-01', of)
  t.match(compareRuns(left, run(log)), [{ from: 4, to: 5, causes: [{ cause: 'overturned', event: of }] }])
  t.same(causes(compareRuns(run(log), left)), [['reinstated S0-5.2.4']])
  t.end()
})

t.test('a correction of the record', (t) => {
  const log = started()
  const event = sanction(log, 'a', '2025-06-10')
  const left = run(log)
  log.add('record-a', 'StepVoided', '2025-12-01', {}, { corrects: { event, mode: 'void' } })
  t.same(causes(compareRuns(left, run(log))), [['corrected S0-5.2.4']])
  t.end()
})

t.test('a change of the scheme', (t) => {
  const log = started()
  sanction(log, 'a', '2024-06-10')
  const scheme = structuredClone(starScheme) as Scheme
  const { evidence } = scheme.categories[1]!.criteria[3]!
  if (evidence.kind === 'derived') evidence.parameters = { years: 1 }
  const found = compareRuns(run(log), run(log, { scheme: { ...scheme, version: 2 } }))
  t.match(found, [
    { office: 'a', from: 4, to: 5 },
    { office: 'b', from: 5, to: 5 },
  ])
  t.ok(found.every((one) => one.causes.every(({ cause }) => cause === 'scheme-change')))
  t.end()
})

const schemeOf = (ref: string) => (ref === 'star@1' ? starScheme : undefined)

t.test('a published rating is affected by later facts about its own time, until somebody settles it', (t) => {
  const log = started()
  const of = sanction(log, 'a', '2025-06-10')
  const award = published(log, 'a', 4)
  published(log, 'b', 5)
  const list = () => affectedRatings(log.base(), log.events.length - 1, schemeOf)
  t.same(list(), [])
  sanction(log, 'b', '2026-01-05')
  t.same(list(), [], 'what happened after its moment does not touch it')
  quash(log, 'a', '2026-02-01', of)
  t.match(list(), [{ office: 'a', award, from: 4, to: 5, causes: [{ cause: 'overturned', event: of }] }])
  log.add('rating-a', 'AffectedDismissed', '2026-02-02', { award, asOf: log.events.length - 1, document: 'D' })
  t.same(list(), [], 'dismissed')
  const late = sanction(log, 'a', '2025-07-01', 'D9')
  t.match(
    list(),
    [{ office: 'a', from: 4, to: 4, causes: [{ cause: 'late-evidence', event: late }] }],
    'listed again for what is new',
  )
  log.add('rating-a', 'ReratingProposed', '2026-03-01', {
    award,
    run: { asOf: log.events.length - 1 },
    level: 4,
    proposedBy: 'p',
  })
  t.same(list(), [], 'taken up in a re-rating')
  t.end()
})
