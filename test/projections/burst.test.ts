/** Work behind commands is gathered while very many come, and never where somebody waits. */
import t from 'tap'
import { Burst } from '../../src/projections/burst.ts'

const HOUR_MS = 3_600_000
/** Whether a wait is over within a turn of the event loop. */
const isOver = async (wait: Promise<void>): Promise<boolean> => {
  let over = false
  void wait.then(() => {
    over = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  return over
}

t.test('a few events, as one person makes them, never wait', async (t) => {
  const burst = new Burst(HOUR_MS)
  t.equal(await isOver(burst.gather(() => true)), true, 'the first')
  burst.worked(3)
  t.equal(await isOver(burst.gather(() => true)), true, 'and those that follow')
})

t.test('many at once wait for more, until somebody is in a hurry', async (t) => {
  const burst = new Burst(HOUR_MS)
  burst.worked(1_000)
  const wait = burst.gather(() => true)
  t.equal(await isOver(wait), false)
  burst.hurry()
  await wait
  t.equal(await isOver(burst.gather(() => false)), true, 'who may not wait does not')
})
