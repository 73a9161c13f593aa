/** What the machine does to the service: a full disk, a clock that jumps, stopping; nothing acknowledged is lost and reading goes on. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { NumberReactor } from '../../src/commands/reactors.ts'
import { decodeEnvelope } from '../../src/store/envelope.ts'
import { register, runChain } from '../support/chain.ts'
import { startService, type TestService, temporaryDirectory } from '../support/service.ts'

/** Why no small file system can be mounted here, where none can. */
function whyNoDisk(): string | false {
  const place = mkdtempSync(join(tmpdir(), 'duban-mount-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place]).status === 0
  if (mounted) spawnSync('umount', [place])
  rmSync(place, { recursive: true, force: true })
  return mounted ? false : 'full disk: no right to mount a small file system here'
}

const fullDisk =
  'a full disk refuses writing with 507 while reading goes on; with space writing goes on without a restart'
t.setTimeout(120_000)

t.test(fullDisk, { skip: whyNoDisk() }, async (t) => {
  const mountPoint = join(temporaryDirectory(t), 'disk')
  mkdirSync(mountPoint)
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', mountPoint])
  t.teardown(() => spawnSync('umount', ['-l', mountPoint]))
  const directory = join(mountPoint, 'data')
  mkdirSync(directory)
  const service = await startService(t, { directory })
  const before = await register(service)
  t.equal(before.status, 201)
  const filler = join(mountPoint, 'filler')
  const { bavail, bsize } = statfsSync(mountPoint)
  writeFileSync(filler, Buffer.alloc(bavail * bsize))
  const refused = []
  for (let i = 0; i < 40; i++) {
    const answer = await register(service, { matter: '字'.repeat(4_000) }, `full-${i}`)
    if (answer.status !== 201) refused.push(answer)
    if (refused.length === 3) break
  }
  t.same(
    refused.map(({ status, json }) => [status, json.code]),
    [
      [507, 'disk-full'],
      [507, 'disk-full'],
      [507, 'disk-full'],
    ],
  )
  const read = await service.call('centre-director', 'GET', `/api/v1/complaints/${before.json.case}`)
  t.equal(read.status, 200, 'reading goes on')
  rmSync(filler)
  const after = await register(service, {}, 'after')
  t.equal(after.status, 201, after.text)
  await service.service.projections.catchUp()
  const verified = await service.call('administrator', 'POST', '/api/v1/verify', { body: {} })
  t.same(
    verified.json.checks.filter((check: { ok: boolean }) => !check.ok),
    [],
  )
  await service.close()
})

t.test(
  'a clock that jumps back stops writing until somebody who may confirms it; time then never runs backward',
  async (t) => {
    const service = await startService(t)
    const { id, revision } = await runChain(service, 'accept')
    service.clock.ms -= 3_600_000
    const notify = (who: 'centre-director', ifMatch: number) =>
      service.call(who, 'POST', `/api/v1/complaints/${id}/notify`, {
        body: { about: 'acceptance', method: 'letter' },
        ifMatch,
      })
    t.match(await notify('centre-director', revision), { status: 503, json: { code: 'clock-skew' } })
    t.match(await service.call(undefined, 'GET', '/readyz'), { status: 503 })
    t.equal((await service.call('centre-director', 'GET', `/api/v1/complaints/${id}`)).status, 200, 'reading goes on')
    t.match(await service.call('centre-director', 'POST', '/api/v1/clock/confirm', { body: {} }), { status: 403 })
    const confirmed = await service.call('administrator', 'POST', '/api/v1/clock/confirm', { body: {} })
    t.match(confirmed, { status: 200, json: { refusing: false } })
    t.ok(confirmed.json.behindMs > 3_500_000)
    t.equal((await service.call(undefined, 'GET', '/readyz')).status, 200)
    const written = await notify('centre-director', revision)
    t.equal(written.status, 200, written.text)
    const assigned = await service.call('centre-director', 'POST', `/api/v1/complaints/${id}/assign-investigators`, {
      body: { investigators: [service.people.investigator.id, service.people.investigator2.id] },
      ifMatch: revision + 1,
    })
    t.equal(assigned.status, 200, `a step of the chain is not before the last one: ${assigned.text}`)
    const { log } = service.service
    const times = log.read(0, 10_000).map((event) => Date.parse(decodeEnvelope(event.bytes).recordedAt))
    t.ok(
      times.every((time, i) => i === 0 || time >= times[i - 1]!),
      'recordedAt never decreases',
    )
  },
)

t.test('a small step back is taken without a word', async (t) => {
  const service = await startService(t)
  await register(service)
  service.clock.ms -= 4_500
  t.equal((await register(service)).status, 201)
})

/** Cases whose number a crash left: appended as the command does, without what follows. */
async function registerWithoutNumber(t: Test, service: TestService): Promise<string> {
  const { numbers } = service.service
  const allocate = numbers.allocate.bind(numbers)
  numbers.allocate = async () => {
    throw Object.assign(new Error('killed'), { code: 'store-unavailable' })
  }
  const answer = await register(service)
  t.match(answer, { status: 503 })
  numbers.allocate = allocate
  const last = service.service.log.read(service.service.log.size() - 1, 1)[0]!
  return last.stream
}

t.test('numbers that a crash left are finished, once, in order and without gaps, by whoever comes first', async (t) => {
  const service = await startService(t)
  await register(service)
  const first = await registerWithoutNumber(t, service)
  const second = await registerWithoutNumber(t, service)
  await register(service)
  const { log, categories, numbers } = service.service
  const another = new NumberReactor({ log, categories, numbers })
  const finished = await Promise.all([
    service.service.numberReactor.run(),
    another.run(),
    service.service.numberReactor.run(),
  ])
  t.same(finished, [2, 2, 2], 'two nodes and a repeated run all find the same two')
  t.equal(await service.service.numberReactor.run(), 0)
  await service.service.projections.catchUp()
  t.equal(service.service.reading.numberOf(first), 'A〔2026〕投字第00003号')
  t.equal(service.service.reading.numberOf(second), 'A〔2026〕投字第00004号')
  const allocated = log.read(0, 10_000).filter((event) => event.type === 'NumberAllocated')
  t.equal(allocated.length, 4)
  t.same(
    allocated.map(({ revision }) => revision),
    [0, 1, 2, 3],
  )

  const third = await registerWithoutNumber(t, service)
  const next = await service.call('centre-director', 'POST', `/api/v1/complaints/${third.slice(10)}/accept`, {
    body: {},
    ifMatch: 0,
  })
  t.match(
    next,
    { status: 200, json: { number: 'A〔2026〕投字第00005号' } },
    'the next command on the case finishes it too',
  )
})
