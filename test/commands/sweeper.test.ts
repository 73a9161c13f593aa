/** Missed deadlines are recorded once, at the legal moment, on however many nodes and wherever one of them is killed. */
import t from 'tap'
import type { CommandRequest } from '../../src/commands/execute.ts'
import { createSweeper } from '../../src/commands/sweeper.ts'
import type { DeadlineMissedData } from '../../src/domain/deadline-missed.ts'
import { register } from '../support/chain.ts'
import { startService, type TestService } from '../support/service.ts'

const DAY_MS = 86_400_000

/** Every miss in the log: when it was, of which clock, and by which notices it was judged. */
function misses({ service }: TestService) {
  return service.log
    .envelopes(0, service.log.size())
    .filter(({ type }) => type === 'DeadlineMissed')
    .map(({ stream, effectiveAt, actor, data }) => ({ stream, effectiveAt, actor, ...(data as DeadlineMissedData) }))
}

/** A node's sweeper over the shared log, with its own memory of what it has seen. */
const node = (test: TestService, execute: TestService['service']['execute'] = test.service.execute) =>
  createSweeper({
    overdue: test.service.board.overdue,
    rules: test.service.board.rules,
    categories: test.service.categories,
    execute,
    now: test.service.now,
  })

/** Two complaints, forty days ago, that nobody has looked at since. */
async function neglected(t: Parameters<typeof startService>[0]): Promise<TestService> {
  const test = await startService(t)
  for (const key of ['a', 'b']) await register(test, {}, key)
  test.clock.ms += 40 * DAY_MS
  await test.service.board.caughtUp()
  return test
}

t.test('two nodes that look at once record each miss once, dated at the legal moment', async (t) => {
  const test = await neglected(t)
  const counts = await Promise.all([node(test).sweep(), node(test).sweep()])
  const found = misses(test)
  t.equal(counts[0]! + counts[1]!, found.length)
  t.equal(new Set(found.map(({ stream, clock }) => `${stream} ${clock}`)).size, found.length, 'each once')
  const acceptance = found.filter(({ kind }) => kind === 'complaint.acceptance')
  t.equal(acceptance.length, 2)
  // Fifteen days from Monday 2 March end on the 17th at 24:00 in Shanghai.
  for (const miss of acceptance)
    t.match(miss, {
      due: '2026-03-17',
      effectiveAt: '2026-03-17T16:00:00.000Z',
      organisation: test.county.bureau,
      calendars: [/^cn-2026@/],
      actor: { reactor: 'deadline-sweeper' },
    })
  await test.restart()
  await test.service.board.caughtUp()
  t.equal(await test.service.sweeper.sweep(), 0, 'a node that starts anew records nothing again')
  t.equal(misses(test).length, found.length)
})

t.test('killed before, between or after its records, the next look leaves none out and none twice', async (t) => {
  const whole = misses(await swept(t)).length
  t.ok(whole >= 4, `${whole} misses`)
  for (const place of [0, whole - 1])
    for (const moment of ['before', 'after'] as const) {
      const test = await neglected(t)
      let done = 0
      const dying = async (request: CommandRequest) => {
        if (done++ < place) return test.service.execute(request)
        if (moment === 'after' && done === place + 1) await test.service.execute(request)
        throw new Error('killed')
      }
      await node(test, dying).sweep()
      t.equal(misses(test).length, place + (moment === 'after' ? 1 : 0), `killed ${moment} record ${place}`)
      await node(test).sweep()
      const found = misses(test)
      t.equal(found.length, whole)
      t.equal(new Set(found.map(({ stream, clock }) => `${stream} ${clock}`)).size, whole, 'each once')
      await test.close()
    }
})

async function swept(t: Parameters<typeof startService>[0]): Promise<TestService> {
  const test = await neglected(t)
  await node(test).sweep()
  return test
}

t.test('what came in time, although it was told late, is no miss', async (t) => {
  const test = await startService(t)
  const { json } = await register(test)
  test.clock.ms += 40 * DAY_MS
  const accepted = await test.call('centre-director', 'POST', `/api/v1/complaints/${json.case}/accept`, {
    body: { effectiveAt: '2026-03-10' },
    ifMatch: 0,
  })
  t.equal(accepted.status, 200, accepted.text)
  await test.service.board.caughtUp()
  await test.service.sweeper.sweep()
  t.notOk(misses(test).some(({ kind }) => kind === 'complaint.acceptance'))
})
