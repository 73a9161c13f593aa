import fc from 'fast-check'
import t from 'tap'
import { ClampedClock } from '../../src/store/clock.ts'
import { StoreError } from '../../src/store/port.ts'

const NOON = Date.parse('2026-05-04T04:00:00Z')

function clockAt(start: number, last?: number) {
  const time = { now: start }
  return { time, clock: new ClampedClock(() => time.now, last) }
}

const skew = (message: RegExp) => ({ name: 'StoreError', code: 'clock-skew', message })

t.test('the clock stamps the time, in whole milliseconds', async (t) => {
  const { time, clock } = clockAt(NOON)
  t.equal(clock.stamp(), NOON)
  time.now += 0.7
  t.equal(clock.stamp(), NOON)
  time.now = NOON + 1_500
  t.equal(clock.stamp(), NOON + 1_500)
})

t.test('a step back of up to 5 s is clamped to the last stamp', async (t) => {
  const { time, clock } = clockAt(NOON)
  clock.stamp()
  time.now = NOON - 5_000
  t.equal(clock.stamp(), NOON)
  t.same(clock.state, { behindMs: 5_000, refusing: false })
  time.now = NOON + 1
  t.equal(clock.stamp(), NOON + 1)
  t.same(clock.state, { behindMs: 0, refusing: false })
})

t.test('small steps back do not add up unseen', async (t) => {
  const { time, clock } = clockAt(NOON)
  clock.stamp()
  time.now = NOON - 3_000
  t.equal(clock.stamp(), NOON)
  time.now = NOON - 6_000
  t.throws(() => clock.stamp(), skew(/6000 ms/))
})

t.test('a larger step back refuses until an operator confirms, then clamps until time catches up', async (t) => {
  const { time, clock } = clockAt(NOON)
  clock.stamp()
  time.now = NOON - 5_001
  t.throws(() => clock.stamp(), skew(/2026-05-04T03:59:54.999Z/))
  t.throws(() => clock.stamp(), skew(/./), 'and goes on refusing')
  t.same(clock.state, { behindMs: 5_001, refusing: true })
  clock.confirm()
  t.same(clock.state, { behindMs: 5_001, refusing: false })
  t.equal(clock.stamp(), NOON)
  time.now = NOON - 1
  t.equal(clock.stamp(), NOON)
  time.now = NOON + 2
  t.equal(clock.stamp(), NOON + 2)
})

t.test('it goes on by itself when the clock is put right again', async (t) => {
  const { time, clock } = clockAt(NOON)
  clock.stamp()
  time.now = NOON - 3_600_000
  t.throws(() => clock.stamp(), skew(/./))
  time.now = NOON + 10
  t.equal(clock.stamp(), NOON + 10)
})

t.test('after a confirmation another large step back has to be confirmed again', async (t) => {
  const { time, clock } = clockAt(NOON)
  clock.stamp()
  time.now = NOON - 3_600_000
  clock.confirm()
  t.equal(clock.stamp(), NOON)
  time.now -= 5_001
  t.throws(() => clock.stamp(), skew(/./))
})

t.test('it starts from the last recordedAt of the log', async (t) => {
  t.equal(clockAt(NOON, NOON + 4_000).clock.stamp(), NOON + 4_000)
  t.throws(() => clockAt(NOON, NOON + 5_001).clock.stamp(), skew(/./))
  t.equal(clockAt(NOON, NOON - 1e9).clock.stamp(), NOON)
})

t.test(
  'whatever the clock does, stamps never decrease, and never run ahead of what the clock or the log showed',
  async () => {
    const step = fc.oneof(fc.integer({ min: -20_000, max: 20_000 }), fc.constant('confirm' as const))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { time, clock } = clockAt(NOON, NOON)
        let [last, highest] = [NOON, NOON]
        for (const move of steps) {
          if (move === 'confirm') {
            clock.confirm()
            continue
          }
          time.now += move
          highest = Math.max(highest, time.now)
          const { refusing } = clock.state
          try {
            const stamp = clock.stamp()
            if (refusing || stamp < last || stamp > highest || stamp < time.now) return false
            last = stamp
          } catch (error) {
            if (!refusing || !(error instanceof StoreError)) return false
          }
        }
        return true
      }),
    )
  },
)
