/** Sweeper and reactors killed between two of their commands: the next run records what is left, and nothing twice. */
import t from 'tap'
import { openService } from '../../src/service.ts'
import { decodeEnvelope } from '../../src/store/envelope.ts'
import { START } from '../support/service.ts'
import { checkWhole, copyOf, makeTemplate, patient, pointsOf, run } from './harness.ts'

patient(t)
t.beforeEach(patient)

const DAY_MS = 86_400_000
/** Acceptance and notice of what was registered at the start are over, the duties of the month begun. */
const LATER = START + 40 * DAY_MS
const COMMIT = 'sqlite events.db COMMIT'
/** What goes on by itself, from its first commit to its last. */
const COMMITS = [1, 2, 4] as const

interface Recorded {
  readonly missed: { readonly clock: string; readonly due: string; readonly at: string; readonly calendar: string }[]
  /** Everything that reactors recorded, by stream, without times and ids. */
  readonly all: string[]
}

/** What reactors recorded in a directory. */
async function recordedIn(directory: string): Promise<Recorded> {
  const service = await openService({
    directory,
    masterKeyFile: `${directory}/master.key`,
    evidenceLimit: 0,
    now: () => LATER + DAY_MS,
  })
  try {
    await checkWhole(service)
    const events = service.log.read(0, Number.MAX_SAFE_INTEGER).map(({ bytes }) => decodeEnvelope(bytes))
    const own = events.filter(({ actor }) => 'reactor' in actor)
    const missed = own
      .filter(({ type }) => type === 'DeadlineMissed')
      .map(({ stream, effectiveAt, data }) => {
        const { clock, due, calendarBound } = data as { clock: string; due: string; calendarBound: string }
        return { clock: `${stream} ${clock}`, due, at: effectiveAt, calendar: calendarBound }
      })
    return { missed, all: own.map(({ stream, type }) => `${stream} ${type}`).sort() }
  } finally {
    await service.close()
  }
}

t.test('kill -9 between two misses, or two duties, then again: each once, dated at the legal moment', async (t) => {
  const template = await makeTemplate(t, 2)
  const prepared = await run('append', template.directory, { token: template.token, bodies: template.bodies })
  t.equal(prepared.answers.at(-1)?.done, true, prepared.errors)
  const points = await pointsOf('sweep', template.directory, { now: LATER })
  t.ok(points[COMMIT]! >= Math.max(...COMMITS), `${points[COMMIT]} commits`)

  const whole = copyOf(template.directory)
  t.teardown(whole.remove)
  const unbroken = await run('sweep', whole.path, { now: LATER })
  t.equal(unbroken.answers[0]?.missed, 4, 'acceptance and notice of two complaints')
  const expected = await recordedIn(whole.path)
  t.equal(expected.missed.length, 4)
  for (const { clock, due, at, calendar } of expected.missed) {
    t.equal(Date.parse(at), Date.parse(`${due}T00:00:00+08:00`) + DAY_MS, `${clock}: from 24:00 of ${due}`)
    t.ok(calendar >= due, 'judged by the calendar of that day, not of the day it was found')
    t.ok(calendar <= new Date(Date.parse(due) + DAY_MS).toISOString().slice(0, 10))
  }
  // The duties that were opened are late already: they are the next round's, and then nothing is left.
  const next = await run('sweep', whole.path, { now: LATER + 7_200_000 })
  const last = await run('sweep', whole.path, { now: LATER + 7_200_000 })
  t.match(last.answers, [{ missed: 0 }, { acted: 0 }, { done: true }], 'nothing is left')

  for (const nth of COMMITS)
    for (const phase of ['before', 'after'] as const) {
      const copy = copyOf(template.directory)
      try {
        const rules = [{ point: COMMIT, nth, phase, action: 'kill' }] as const
        const broken = await run('sweep', copy.path, { now: LATER }, { rules })
        t.equal(broken.ended, 'SIGKILL', `killed ${phase} commit ${nth}`)
        // Found an hour later by the next process: dated as if nothing had happened.
        const again = await run('sweep', copy.path, { now: LATER + 3_600_000 })
        t.equal(again.answers.at(-1)?.done, true, again.errors)
        const found = await recordedIn(copy.path)
        const byClock = (a: { clock: string }, b: { clock: string }) => (a.clock < b.clock ? -1 : 1)
        t.same(
          found.missed.map(({ due, at, calendar }) => [due, at, calendar]).sort(),
          expected.missed.map(({ due, at, calendar }) => [due, at, calendar]).sort(),
          'each miss at its legal moment',
        )
        t.same([...found.missed].sort(byClock), [...expected.missed].sort(byClock), 'once')
        t.same(found.all, expected.all, 'everything else once too')
        const third = await run('sweep', copy.path, { now: LATER + 7_200_000 })
        t.same(third.answers, next.answers, 'then as if nothing had happened')
      } finally {
        copy.remove()
      }
    }
})
