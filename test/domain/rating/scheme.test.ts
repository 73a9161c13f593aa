import t from 'tap'
import { type DecideContext, decide } from '../../../src/domain/decider.ts'
import type { Step, StepOf } from '../../../src/domain/event.ts'
import { chooseScheme, publishedSchemes, schemeDecider, type schemeEvents } from '../../../src/domain/rating/scheme.ts'
import { checkScheme } from '../../../src/domain/rating/scheme-check.ts'
import { diffSchemes } from '../../../src/domain/rating/scheme-diff.ts'
import { parseSchemeRef, type Scheme } from '../../../src/domain/rating/scheme-schema.ts'
import { bandsScheme, starScheme } from '../../../src/domain/rating/schemes/shipped.ts'

type Draft = { [key: string]: unknown } & {
  categories: {
    id: string
    points: number
    threshold?: number
    criteria: { id: string; points: number; evidence: Record<string, unknown> }[]
  }[]
}
const edited = (change: (draft: Draft) => void, base: Scheme = starScheme): Scheme => {
  const draft = structuredClone(base) as unknown as Draft
  change(draft)
  return draft as unknown as Scheme
}
const defects = (scheme: unknown) => {
  const checked = checkScheme(scheme)
  return checked.ok ? [] : checked.defects.map(({ code, pointer }) => `${code} ${pointer}`)
}

t.test('S0 ships whole: five categories of five criteria of 20 points, 90 earn the star', (t) => {
  t.same(defects(starScheme), [])
  t.equal(starScheme.categories.length, 5)
  for (const category of starScheme.categories) {
    t.equal(category.criteria.length, 5)
    t.equal(category.threshold, 90)
    t.ok(category.criteria.every((criterion) => criterion.points === 20))
  }
  const text = JSON.stringify(starScheme)
  for (const wrong of ['效劳', '创立', '成心', '奉献', '反响', '到达', '假设']) t.notOk(text.includes(wrong), wrong)
  t.ok(Buffer.byteLength(text) < 58_000, 'fits an event')
  t.end()
})

t.test('the bands example stands and uses 75, 80, 85, 90, 95', (t) => {
  t.same(defects(bandsScheme), [])
  t.same(bandsScheme.form === 'SINGLE_SCALE_BANDS' && bandsScheme.bands.map((band) => band.from), [75, 80, 85, 90, 95])
  t.end()
})

const bad: [words: string, scheme: unknown, defect: string][] = [
  ['a shape that is no scheme', { ...starScheme, form: 'OTHER' }, 'scheme-invalid /form'],
  ['an unknown field', { ...starScheme, extra: 1 }, 'scheme-invalid '],
  [
    'a criterion id used twice',
    edited((s) => {
      s.categories[1]!.criteria[2]!.id = 'S0-5.1.1'
    }),
    'scheme-duplicate-id /categories/1/criteria/2/id',
  ],
  [
    'a category id used twice',
    edited((s) => {
      s.categories[4]!.id = 'excellence'
    }),
    'scheme-duplicate-id /categories/4/id',
  ],
  [
    'criteria that do not sum to the category',
    edited((s) => {
      s.categories[2]!.criteria[0]!.points = 19.99
    }),
    'scheme-points-do-not-sum /categories/2/points',
  ],
  ['categories that do not sum to the scale', { ...bandsScheme, scale: 100.01 }, 'scheme-points-do-not-sum /scale'],
  [
    'a threshold above the category',
    edited((s) => {
      s.categories[0]!.threshold = 100.01
    }),
    'scheme-threshold-invalid /categories/0/threshold',
  ],
  [
    'a threshold of nothing',
    edited((s) => {
      s.categories[0]!.threshold = 0
    }),
    'scheme-threshold-invalid /categories/0/threshold',
  ],
  [
    'a category without threshold',
    edited((s) => {
      delete s.categories[3]!.threshold
    }),
    'scheme-threshold-invalid /categories/3/threshold',
  ],
  [
    'a threshold in a scheme of bands',
    edited((s) => {
      s.categories[0]!.threshold = 10
    }, bandsScheme),
    'scheme-threshold-invalid /categories/0/threshold',
  ],
  [
    'bands that do not rise',
    edited((s) => {
      ;(s.bands as { from: number }[])[2]!.from = 80
    }, bandsScheme),
    'scheme-bands-invalid /bands/2',
  ],
  [
    'bands that skip a level',
    edited((s) => {
      ;(s.bands as { level: number }[])[1]!.level = 3
    }, bandsScheme),
    'scheme-bands-invalid /bands/1',
  ],
  [
    'a band above the scale',
    edited((s) => {
      ;(s.bands as { from: number }[])[4]!.from = 100.5
    }, bandsScheme),
    'scheme-bands-invalid /bands/4',
  ],
  ['fewer bands than levels', { ...bandsScheme, maxLevel: 6 }, 'scheme-bands-invalid /bands'],
  ['more levels than stars', { ...starScheme, maxLevel: 6 }, 'scheme-level-invalid /maxLevel'],
  [
    'commendation above the highest level',
    { ...starScheme, measures: { ...starScheme.measures, commendationFrom: 6 } },
    'scheme-level-invalid /measures/commendationFrom',
  ],
  [
    'an unknown rule',
    edited((s) => {
      s.categories[1]!.criteria[3]!.evidence.rule = 'no-such-rule'
    }),
    'scheme-rule-unknown /categories/1/criteria/3/evidence/rule',
  ],
  [
    'an unknown rule in a check',
    edited((s) => {
      ;(s.categories[0]!.criteria[3]!.evidence.checks as { rule: string }[])[0]!.rule = 'nope'
    }),
    'scheme-rule-unknown /categories/0/criteria/3/evidence/checks/0/rule',
  ],
  [
    'a parameter out of range',
    edited((s) => {
      s.categories[1]!.criteria[3]!.evidence.parameters = { years: 0 }
    }),
    'scheme-parameters-invalid /categories/1/criteria/3/evidence/parameters/years',
  ],
  [
    'a parameter nobody knows',
    edited((s) => {
      s.categories[1]!.criteria[3]!.evidence.parameters = { years: 3, month: 1 }
    }),
    'scheme-parameters-invalid /categories/1/criteria/3/evidence/parameters',
  ],
  [
    'points with three decimals',
    edited((s) => {
      s.categories[0]!.criteria[0]!.points = 20.001
    }),
    'scheme-invalid /categories/0/criteria/0/points',
  ],
  ['an end before the beginning', { ...starScheme, validUntil: '2023-01-01' }, 'scheme-validity-invalid /validUntil'],
  ['an impossible date', { ...starScheme, validFrom: '2023-02-30' }, 'scheme-invalid /validFrom'],
  ['itself as successor', { ...starScheme, successor: 'star' }, 'scheme-successor-invalid /successor'],
  [
    'a self-assessment that ends before it begins',
    { ...starScheme, calendar: { ...starScheme.calendar, selfAssessmentBefore: '10-01' } },
    'scheme-validity-invalid /calendar/selfAssessmentBefore',
  ],
]
for (const [words, scheme, defect] of bad)
  t.test(`a scheme with ${words} is refused with its path`, (t) => {
    t.ok(defects(scheme).includes(defect), defects(scheme).join(', '))
    t.end()
  })

t.test('all defects are named at once', (t) => {
  const scheme = edited((s) => {
    s.categories[0]!.id = 'integrity'
    s.categories[2]!.criteria[0]!.points = 10
  })
  t.same(defects(scheme), ['scheme-duplicate-id /categories/1/id', 'scheme-points-do-not-sum /categories/2/points'])
  t.end()
})

const context: DecideContext = {
  now: '2026-01-01T00:00:00.000Z',
  effectiveAt: '2026-01-01',
  actor: { operator: true },
  organisation: 'org',
  newId: (path) => path,
  limit: () => undefined,
  policy: 'limits@1',
}
const step = (scheme: Scheme, at = '2023-01-01', number = 0): Step =>
  ({
    id: `s${number}`,
    revision: number,
    type: 'SchemePublished',
    data: { scheme },
    effectiveAt: at,
    recordedAt: '2026-01-01T00:00:00.000Z',
    actor: { operator: true },
    organisation: 'org',
    sealedBy: { event: '', path: [] },
  }) as Step
const after = (...schemes: Scheme[]) =>
  schemes.reduce(
    (state, scheme, place) =>
      schemeDecider.evolve(state, step(scheme, '2023-01-01', place) as StepOf<typeof schemeEvents>),
    schemeDecider.initial,
  )
const publish = (scheme: Scheme, ...before: Scheme[]) => {
  const decision = decide(schemeDecider, 'publish', { scheme }, after(...before), context)
  return decision.ok
    ? decision.events.map((event) => event.type).join()
    : `${decision.refusal.code} ${decision.refusal.pointer ?? ''}`
}
const version = (number: number, validFrom: string, validUntil?: string): Scheme => ({
  ...starScheme,
  version: number,
  validFrom,
  ...(validUntil ? { validUntil } : {}),
})

t.test('publication', (t) => {
  t.equal(publish(starScheme), 'SchemePublished')
  t.equal(
    publish(version(2, '2026-01-01'), starScheme),
    'SchemePublished',
    'an open version ends where the next begins',
  )
  t.equal(publish(version(1, '2026-01-01'), starScheme), 'scheme-version-taken /scheme/version')
  t.equal(publish(version(3, '2026-01-01'), starScheme), 'scheme-version-gap /scheme/version')
  t.equal(publish({ ...version(2, '2026-01-01'), id: 'other' }, starScheme), 'scheme-id-mismatch /scheme/id')
  t.equal(publish(version(2, '2023-01-01'), starScheme), 'scheme-validity-overlaps /scheme/validFrom', 'same first day')
  t.equal(
    publish(version(2, '2024-06-30'), version(1, '2023-01-01', '2024-07-01')),
    'scheme-validity-overlaps /scheme/validFrom',
  )
  t.equal(
    publish(version(2, '2024-07-01'), version(1, '2023-01-01', '2024-07-01')),
    'SchemePublished',
    'the end is exclusive',
  )
  t.equal(
    publish(version(2, '2022-01-01', '2023-01-01'), starScheme),
    'SchemePublished',
    'an earlier span may be added later',
  )
  t.equal(publish({ ...starScheme, maxLevel: 4 }), 'scheme-level-invalid /scheme/maxLevel')
  t.end()
})

t.test('the scheme in force at a day', (t) => {
  const versions = publishedSchemes([[step(starScheme), step(version(2, '2026-01-01'), '2025-12-01', 1)]])
  const at = (day: string, wanted?: { id?: string; version?: number }) => {
    const chosen = chooseScheme(versions, day, wanted)
    return chosen.ok ? `${chosen.scheme.id}@${chosen.scheme.version}` : chosen.refusal.code
  }
  t.equal(at('2025-12-31'), 'star@1')
  t.equal(at('2025-12-31T16:00:00Z'), 'star@2', 'the Shanghai day decides')
  t.equal(at('2026-01-01'), 'star@2')
  t.equal(at('2022-12-31'), 'scheme-not-in-force')
  t.equal(at('2026-01-01', { id: 'star', version: 1 }), 'star@1', 'any published version may be asked for')
  t.equal(at('2026-01-01', { id: 'star', version: 9 }), 'scheme-not-published')
  t.same(publishedSchemes([[step(version(2, '2026-01-01'), '2025-12-01', 1)]], 0), [], 'unknown before its publication')
  const both = chooseScheme([starScheme, bandsScheme], '2026-01-01')
  t.equal(!both.ok && both.refusal.code, 'scheme-ambiguous')
  const preferred = chooseScheme([starScheme, bandsScheme], '2026-01-01', {}, 'star')
  t.equal(preferred.ok && preferred.scheme.id, 'star')
  t.end()
})

t.test('references read ID@VERSION', (t) => {
  t.same(parseSchemeRef('star@12'), { id: 'star', version: 12 })
  t.same(parseSchemeRef('star'), { id: 'star' })
  t.equal(parseSchemeRef('star@0'), undefined)
  t.equal(parseSchemeRef('Star@1'), undefined)
  t.end()
})

t.test('two versions compared', (t) => {
  t.same(diffSchemes(starScheme, starScheme), [])
  const next = edited((s) => {
    s.version = 2
    s.categories[1]!.threshold = 85
    s.categories[1]!.criteria[3]!.evidence.parameters = {
      ...(s.categories[1]!.criteria[3]!.evidence.parameters as object),
      years: 2,
    }
    s.categories[4]!.criteria.pop()
    s.categories[0]!.criteria.reverse()
  })
  const changes = diffSchemes(starScheme, next)
  t.same(
    changes.map(({ kind, path }) => `${kind} ${path}`).sort(),
    [
      'changed version',
      'moved categories/excellence/criteria',
      'changed categories/integrity/threshold',
      'changed categories/integrity/criteria/S0-5.2.4/evidence/parameters/years',
      'removed categories/innovation/criteria/S0-5.5.5',
    ].sort(),
  )
  t.match(
    changes.find((change) => change.path.endsWith('/years')),
    { from: 3, to: 2 },
  )
  t.end()
})
