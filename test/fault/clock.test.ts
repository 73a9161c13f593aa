import t from 'tap'
import { digestEvents } from '../../src/store/digest.ts'
import { registration } from '../support/chain.ts'
import { startService } from '../support/service.ts'
import { checkWhole, patient } from './harness.ts'

patient(t)
t.beforeEach(patient)

const HOUR = 3_600_000

t.test(
  'a clock stepped back and forward: small steps are clamped, large ones refuse writes until confirmed; nothing is lost or doubled',
  async (t) => {
    const running = await startService(t)
    const { clock, call } = running
    const acknowledged = new Set<string>()
    let keys = 0
    /** Registers under a new key, or under one that was refused. */
    const register = async (key = `k${keys++}`) => {
      const answer = await call('reception', 'POST', '/api/v1/complaints', { body: registration(running), key })
      if (answer.status === 201) acknowledged.add(answer.json.case)
      return { key, ...answer }
    }
    t.equal((await register()).status, 201)

    clock.ms -= 4_000
    t.equal((await register()).status, 201, 'three seconds back: stamped as the last record')

    clock.ms -= HOUR
    const refused = await register()
    t.match(refused, { status: 503, json: { code: 'clock-skew' } })
    t.equal((await call('centre-director', 'GET', '/api/v1/complaints')).status, 200, 'reading goes on')
    const ready = await call(undefined, 'GET', '/readyz')
    t.equal(ready.status, 503)
    t.match(ready.json.checks.find(({ name }: { name: string }) => name === 'clock').ok, false)
    t.equal((await call('reception', 'POST', '/api/v1/clock/confirm', { body: {} })).status, 403)
    t.equal((await call('administrator', 'POST', '/api/v1/clock/confirm', { body: {} })).status, 200)
    t.equal((await register(refused.key)).status, 201, 'the refused request, repeated under its key')
    t.equal((await register()).status, 201)

    clock.ms += 365 * 24 * HOUR
    t.equal((await register()).status, 201, 'a year forward is taken: the clock may have been slow')
    clock.ms -= 365 * 24 * HOUR
    const back = await register()
    t.equal(back.json.code, 'clock-skew', 'and back again is not')
    await running.restart()
    t.equal((await register(back.key)).json.code, 'clock-skew', 'a restart does not forget what was recorded')
    t.equal((await call('administrator', 'POST', '/api/v1/clock/confirm', { body: {} })).status, 200)
    t.equal((await register(back.key)).status, 201)

    const { log } = running.service
    const before = await digestEvents(log)
    const all = log.read(0, 1e9)
    const registered = all
      .filter(({ type }) => type === 'ComplaintRegistered')
      .map(({ stream }) => stream.slice('complaint-'.length))
    t.same(new Set(registered), acknowledged)
    t.equal(registered.length, acknowledged.size, `${acknowledged.size} acknowledged, all there once`)
    await checkWhole(running.service)
    t.equal((await digestEvents(log)).digest, before.digest)
  },
)
