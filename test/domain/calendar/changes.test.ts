import t from 'tap'
import { judgeExtension, movedBy, pauseClock, resumeClock } from '../../../src/domain/calendar/changes.ts'
import { shippedCalendars } from '../../../src/domain/calendar/shipped.ts'
import type { Clock } from '../../../src/domain/clock.ts'

const view = shippedCalendars.at('2026-11-22')
const clock: Clock = {
  id: 'reply',
  kind: 'complaint.reply',
  startedAt: '2026-03-02',
  limit: '10wd',
  pauses: [],
  extensions: [],
  rule: '信访工作条例 34',
  organisation: 'o1',
}
const code = (result: { ok: boolean; refusal?: { code: string } }) => (result.ok ? 'accepted' : result.refusal?.code)
const changed = (result: ReturnType<typeof pauseClock>) => {
  if (!result.ok) throw new Error(result.refusal.code)
  return result.clock
}

t.test('a clock stops and runs on, each once', async (t) => {
  const paused = changed(pauseClock(clock, '2026-03-04', 'hearing'))
  t.equal(code(pauseClock(paused, '2026-03-05', 'hearing')), 'clock-already-paused')
  t.equal(code(resumeClock(clock, '2026-03-05')), 'clock-not-paused')
  t.equal(code(resumeClock(paused, '2026-03-03')), 'pause-invalid')
  const resumed = changed(resumeClock(paused, '2026-03-06'))
  t.same(resumed.pauses, [{ from: '2026-03-04', to: '2026-03-06', reason: 'hearing' }])
  t.equal(code(resumeClock(resumed, '2026-03-07')), 'clock-not-paused')
  t.equal(code(pauseClock(resumed, '2026-03-05', 'review')), 'pauses-overlap')
  t.equal(code(pauseClock(clock, '2026-03-01', 'review')), 'pauses-overlap', 'before the start')
  t.equal(changed(pauseClock(resumed, '2026-03-06', 'review')).pauses.length, 2)
  for (const ended of [{ stoppedAt: '2026-03-05' }, { cancelledAt: '2026-03-05' }]) {
    t.equal(code(pauseClock({ ...clock, ...ended }, '2026-03-06', 'review')), 'clock-stopped')
    t.equal(code(resumeClock({ ...paused, ...ended }, '2026-03-06')), 'clock-stopped')
  }
})

t.test('an extension is asked for before expiry, provided for, and within the cap', async (t) => {
  const judge = (asked: string, at: string, cap: string | undefined, from: Clock = clock) =>
    judgeExtension(from, asked, at, cap, view)?.code
  t.equal(judge('5wd', '2026-03-16', '30d'), undefined, 'on the last day')
  t.equal(judge('5wd', '2026-03-17', '30d'), 'extension-after-expiry')
  t.equal(judge('5wd', '2026-03-10', undefined), 'extension-not-provided')
  t.equal(judge('31d', '2026-03-10', '30d'), 'extension-over-cap')
  t.equal(judge('30d', '2026-03-10', '30d'), undefined)
  t.equal(judge('11d', '2026-03-10', '30d', { ...clock, extensions: ['20d'] }), 'extension-over-cap')
  t.equal(judge('10d', '2026-03-10', '30d', { ...clock, extensions: ['20d'] }), undefined)
  t.equal(judge('-5d', '2026-03-10', '30d'), 'limit-invalid')
  t.equal(judge('0d', '2026-03-10', '30d'), 'limit-invalid')
  t.equal(judge('soon', '2026-03-10', '30d'), 'limit-invalid')
  t.equal(judge('5wd', '2026-03-10', '30d', { ...clock, stoppedAt: '2026-03-09' }), 'clock-stopped')
  t.equal(judge('5wd', '2027-03-10', '30d', { ...clock, pauses: [{ from: '2026-03-05', reason: 'x' }] }), undefined)
})

t.test('an amended calendar moves an open deadline, and says by which notice', async (t) => {
  const running = { ...clock, startedAt: '2020-01-13' }
  const move = movedBy(running, shippedCalendars.at('2020-01-26'), shippedCalendars.at('2020-01-27'))
  t.same(move, { from: '2020-01-31', to: '2020-02-03', settled: false, because: ['cn-2020@2020-01-27'] })
  t.equal(movedBy(clock, shippedCalendars.at('2026-01-01'), view), undefined)
  const provisional = { ...clock, startedAt: '2026-03-02' }
  t.match(movedBy(provisional, shippedCalendars.at('2025-11-03'), view), {
    settled: true,
    from: '2026-03-16',
    to: '2026-03-16',
  })
  const paused = { ...clock, startedAt: '2020-01-13', pauses: [{ from: '2020-01-14', reason: 'hearing' }] }
  t.equal(movedBy(paused, shippedCalendars.at('2020-01-26'), shippedCalendars.at('2020-01-27')), undefined)
})
