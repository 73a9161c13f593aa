import fc from 'fast-check'
import t from 'tap'
import { correctedSteps, isCorrection, stateOf } from '../../../src/domain/history.ts'
import { sortKey } from '../../../src/domain/time.ts'
import { readStream } from '../../../src/projections/decoding.ts'
import { caseFile, caseHistory } from '../../../src/projections/queries/case-file.ts'
import { diff } from '../../../src/projections/queries/diff.ts'
import { History, knownDeciders } from '../history.ts'

const histories = fc.record({ seed: fc.integer({ min: 0, max: 100_000 }), events: fc.integer({ min: 10, max: 120 }) })
const decider = knownDeciders('complaint')!

t.test('the file is the fold of what stands within both bounds', async (t) => {
  await fc.assert(
    fc.asyncProperty(histories, fc.double({ min: 0, max: 1, noNaN: true }), async ({ seed, events }, part) => {
      const history = new History({ seed, corrections: 0.3 })
      await history.grow(events)
      const log = history.memory
      const asOf = 1 + Math.floor(part * (log.size() - 1))
      const effectiveAt = log.envelopes(Math.floor(part * (asOf - 1)), 1)[0]!.effectiveAt
      for (const { stream } of history.cases) {
        const known = readStream(log, knownDeciders, stream, asOf)
        const file = caseFile(log, knownDeciders, stream, { asOf, effectiveAt })
        t.equal(file === undefined, known.length === 0)
        if (!file) continue
        t.strictSame(file.state, stateOf(decider, known, effectiveAt))
        t.equal(file.revision, known.at(-1)!.revision)
        t.strictSame(
          file.timeline.filter(({ voided }) => !voided).map(({ id }) => id),
          file.steps.map(({ id }) => id),
        )
      }
    }),
    { numRuns: 25 },
  )
})

t.test('the timeline marks what was voided, what was replaced and by what, and what was entered late', async (t) => {
  let [voided, replaced, late] = [0, 0, 0]
  for (let seed = 0; seed < 12; seed++) {
    const history = new History({ seed, corrections: 0.35 })
    await history.grow(100)
    for (const { stream, events } of history.cases) {
      const steps = new Map(correctedSteps(events).map((step) => [step.id, step]))
      const { timeline } = caseFile(history.memory, knownDeciders, stream)!
      t.equal(timeline.length, events.filter((event) => !isCorrection(event)).length)
      let latest = Number.NEGATIVE_INFINITY
      for (const entry of timeline) {
        const step = steps.get(entry.id)
        const original = events.find(({ id }) => id === entry.id)!
        t.equal(entry.voided !== undefined, step === undefined)
        if (!step) {
          voided++
          t.ok(events.some(({ id, corrects }) => id === entry.voided!.event && corrects?.event === entry.id))
          continue
        }
        t.strictSame(entry.data, step.data)
        t.equal(entry.effectiveAt, step.effectiveAt)
        t.equal(entry.late, sortKey(step.effectiveAt) < latest)
        latest = Math.max(latest, sortKey(step.effectiveAt))
        if (entry.late) late++
        if (!entry.replaced) continue
        replaced++
        t.equal(entry.sealedBy.event, entry.replaced.event)
        t.match(entry.replaced.was, { effectiveAt: original.effectiveAt, sealedBy: { event: original.id } })
        t.strictSame(entry.replaced.was.data, original.data)
      }
    }
  }
  t.ok(voided > 5 && replaced > 5 && late > 5, `${voided} voided, ${replaced} replaced, ${late} late`)
})

/** Applies changes to a copy, to see that they are all there are. */
function applied(before: unknown, changes: ReturnType<typeof diff>): unknown {
  const copy = { root: structuredClone(before) } as Record<string, unknown>
  for (const { path, to } of changes) {
    const keys = path === '' ? ['root'] : ['root', ...path.split('/')]
    let at = copy as Record<string, unknown>
    for (const key of keys.slice(0, -1)) {
      const next = at[key] as Record<string, unknown> | undefined
      at[key] = next ?? {}
      at = at[key] as Record<string, unknown>
    }
    at[keys.at(-1)!] = to
  }
  return withoutEmpty(JSON.parse(JSON.stringify(copy.root ?? null)))
}

/** Places that lost everything below them are gone. */
const withoutEmpty = (value: Record<string, unknown>): unknown =>
  Object.fromEntries(
    Object.entries(value).filter(([, item]) => typeof item !== 'object' || Object.keys(item as object).length > 0),
  )

t.test('the differences between two values lead from one to the other', async (t) => {
  const plain = fc.dictionary(
    fc.stringMatching(/^[a-z]{1,3}$/),
    fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.array(fc.integer(), { minLength: 1 }),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,2}$/), fc.integer(), { minKeys: 1 }),
    ),
  )
  fc.assert(
    fc.property(plain, plain, (before, after) => {
      const changes = diff(before, after)
      t.strictSame(applied(before, changes), JSON.parse(JSON.stringify(after)))
      t.strictSame(diff(after, after), [])
      for (const change of changes) t.ok(change.path !== '')
    }),
    { numRuns: 60 },
  )
  t.strictSame(diff({ clocks: [] }, { clocks: [{ id: 'a', at: 1 }] }), [
    { path: 'clocks/a/id', to: 'a' },
    { path: 'clocks/a/at', to: 1 },
  ])
  t.strictSame(diff({ clocks: [{ id: 'a', at: 1 }] }, { clocks: [{ id: 'a', at: 2 }] }), [
    { path: 'clocks/a/at', from: 1, to: 2 },
  ])
  t.strictSame(diff({ a: 1 }, {}), [{ path: 'a', from: 1 }])
})

t.test('the history holds every event with who, when and which rule, and what it changed', async (t) => {
  const history = new History({ seed: 3, corrections: 0.3 })
  await history.grow(120)
  for (const { stream, events } of history.cases) {
    const entries = caseHistory(history.memory, knownDeciders, stream)!
    t.strictSame(
      entries.map(({ id, index, recordedAt, effectiveAt, actor, corrects }) => ({
        id,
        index,
        recordedAt,
        effectiveAt,
        actor,
        corrects,
      })),
      events.map(({ id, index, recordedAt, effectiveAt, actor, corrects }) => ({
        id,
        index,
        recordedAt,
        effectiveAt,
        actor,
        corrects,
      })),
    )
    for (const [place, entry] of entries.entries()) {
      const before = stateOf(decider, events.slice(0, place))
      const after = stateOf(decider, events.slice(0, place + 1))
      t.strictSame(
        entry.changes.filter(({ path }) => !path.startsWith('data')),
        diff(before, after),
      )
      t.ok(entry.rule)
      if (entry.type === 'StepVoided') continue
      t.ok(entry.changes.length > 0 || !/Registered|Imported$|Accepted|Archived/.test(entry.type), entry.type)
    }
  }
  t.equal(caseHistory(history.memory, knownDeciders, 'complaint-nonesuch'), undefined)
})

t.test('a history bounded by when things happened leaves out what had not, and its corrections', async (t) => {
  const history = new History({ seed: 5, corrections: 0.3 })
  await history.grow(120)
  const effectiveAt = history.memory.envelopes(60, 1)[0]!.recordedAt
  for (const { stream, events } of history.cases) {
    const entries = caseHistory(history.memory, knownDeciders, stream, { effectiveAt })!
    const { timeline } = caseFile(history.memory, knownDeciders, stream, { effectiveAt })!
    t.strictSame(
      entries.filter((entry) => !entry.corrects || entry.corrects.mode === 'annul').map(({ id }) => id),
      timeline.map(({ id }) => id),
    )
    const shown = new Set(entries.map(({ id }) => id))
    for (const { corrects } of entries) if (corrects) t.ok(shown.has(corrects.event))
    t.ok(entries.length <= events.length)
  }
})
