/** One deadline with its receipt. */
import { computeDeadline, type DeadlineQuestion } from '../../src/domain/calendar/compute.ts'
import { shippedCalendars } from '../../src/domain/calendar/shipped.ts'
import { civilDate, dayNumber } from '../../src/domain/time.ts'
import { type Bench, measure, most, randomFrom, spent } from './support/harness.ts'

/** Units as the policies have them, each as often as the others. */
const LIMITS = ['3wd', '5wd', '10wd', '15wd', '15d', '30d', '60d', '2mo', '6mo', '24h'] as const
const FIRST = dayNumber('2015-01-01')
const DAYS = dayNumber('2026-10-01') - FIRST

export const bench: Bench = {
  name: 'deadline',
  what: `One deadline from plain texts, as the command and the page compute it: parsed, counted by the calendar of its day, receipt with a line
a day and its reason. Limits ${LIMITS.join(', ')} from days between 2015 and 2026 by the shipped calendars; one in ten has a pause.`,
  target: 'a deadline with receipt ≤ 20 µs',
  async *run(context) {
    const random = randomFrom(context.seed)
    const questions = Array.from({ length: 10_000 }, (_, place): DeadlineQuestion => {
      const limit = LIMITS[place % LIMITS.length]!
      const day = FIRST + Math.floor(random() * DAYS)
      const from = limit.endsWith('h') ? `${civilDate(day)}T10:00:00+08:00` : civilDate(day)
      const pauses = place % 10 === 5 ? [`${civilDate(day + 1)}/${civilDate(day + 6)}`] : []
      return { from, limit, pauses }
    })
    const times = context.pick(10, 1)
    let lines = 0
    const compute = () => {
      for (let time = 0; time < times; time++)
        for (const question of questions) {
          const computed = computeDeadline(question, shippedCalendars)
          if (!computed.ok) throw new Error(`${JSON.stringify(question)}: ${computed.refusal.code}`)
          lines += computed.value.receipt.length
        }
    }
    compute()
    lines = 0
    const rounds = context.pick(15, 3)
    const count = times * questions.length
    const [wall, processor]: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round++) {
      const { ms, cpuMs } = await spent(compute)
      wall.push((ms * 1_000) / count)
      processor.push((cpuMs * 1_000) / count)
    }
    yield measure('deadline with receipt', 'µs', wall, { limit: most(20) })
    yield measure('processor time of one', 'µs', processor)
    yield measure('lines of a receipt', 'lines', [lines / (count * rounds)])
  },
}
