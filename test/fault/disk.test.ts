import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  checkRegistered,
  checkWhole,
  copyOf,
  demand,
  FULL,
  makeTemplate,
  patient,
  reopen,
  run,
  type Template,
  temporary,
  Violation,
} from './harness.ts'
import {
  canLosePower,
  hasStrace,
  loudly,
  namespace,
  onReadOnlyDisk,
  onSmallDisk,
  withInjection,
  withPowerCut,
} from './systems.ts'

patient(t)
t.beforeEach(patient)

let template: Template
t.before(async () => {
  template = await makeTemplate(t, 2)
})
const parameters = () => ({ token: template.token, bodies: template.bodies })
const noNamespace = 'mounts are not allowed here; the same writes fail by injection in fail-append.test.ts'

t.test(
  'a disk that really is full: refused whole, reading goes on, with space it goes on without a restart',
  { skip: !namespace && loudly('full disk', noNamespace) },
  async (t) => {
    const scratch = temporary(t)
    const [at, to] = [join(scratch, 'small'), join(scratch, 'after')]
    const rooms = [0, 8, 16, 32, 48, 64, 96, 160].map((kib) => kib * 1024)
    const wrapper = onSmallDisk(24 * 1024, template.directory, at, to)
    const broken = await run('fill', at, { ...parameters(), evidence: true, rooms }, { wrapper })
    t.equal(broken.ended, 0, broken.errors.slice(-800))
    const refused = broken.answers.filter(({ status }) => status === 507)
    t.ok(refused.length >= 4, `${refused.length} writes met the full disk`)
    t.same(
      [...new Set(broken.answers.flatMap(({ status }) => status ?? []))].sort(),
      [200, 201, 507],
      'taken, or refused as disk-full',
    )
    t.ok(
      broken.answers.every(({ read }) => read === undefined || read === 200),
      'reading always went on',
    )
    let freed = 0
    for (const room of rooms) {
      const from = broken.answers.findIndex((said) => said.freed === room)
      const later = broken.answers.slice(from + 1)
      const until = later.findIndex(({ read }) => read !== undefined)
      t.ok(
        later.slice(0, until).every(({ status }) => status! < 300),
        `${room} bytes of room: everything was taken once there was more`,
      )
      freed++
    }
    t.equal(freed, rooms.length)
    t.pass(await checkRegistered(to, template, broken.answers, { bodies: rooms.length * template.bodies.length }))
  },
)

const readOnly = 'a read-only file system: not opened, by a code of its own, and not changed'
t.test(readOnly, { skip: !namespace && loudly('read-only file system', noNamespace) }, async (t) => {
  const copy = copyOf(template.directory)
  t.teardown(copy.remove)
  const hash = () =>
    createHash('sha256')
      .update(readFileSync(join(copy.path, 'events.db')))
      .digest('hex')
  const before = hash()
  const broken = await run('open', copy.path, {}, { wrapper: onReadOnlyDisk(copy.path) })
  t.match(broken.answers[0], { opened: 'store-unavailable' })
  t.equal(hash(), before)
  t.pass(`refused as ${broken.answers[0]!.opened}; afterwards: ${await checkRegistered(copy.path, template, [])}`)
})

t.test(
  'a torn last page of the log: what was acknowledged is there; what a lying disk took back leaves a whole beginning',
  async (t) => {
    const copy = copyOf(template.directory)
    t.teardown(copy.remove)
    const broken = await run('append', copy.path, { ...parameters(), abrupt: true })
    t.equal(broken.ended, 'SIGKILL')
    const wal = join(copy.path, 'events.db-wal')
    const size = statSync(wal).size
    t.ok(size > 0, `${size} bytes of log were left`)

    const torn = copyOf(copy.path)
    t.teardown(torn.remove)
    // The beginning of a frame that never got its end.
    appendFileSync(join(torn.path, 'events.db-wal'), readFileSync(wal).subarray(size - 4_120, size - 2_000))
    t.pass(`half a frame at the end | ${await checkRegistered(torn.path, template, broken.answers)}`)

    const lying = copyOf(copy.path)
    t.teardown(lying.remove)
    truncateSync(join(lying.path, 'events.db-wal'), size - 1_000)
    const service = await reopen(lying.path)
    await checkWhole(service)
    const last = broken.answers.findLast(({ status }) => status === 201)!
    const left = service.log.stream(`complaint-${last.case}`).length
    await service.close()
    t.pass(
      `cut inside the last frame | the disk took back what it had confirmed; the rest is a whole beginning, the last case has ${left} events`,
    )
    const first = broken.answers.filter(({ key }) => key === 'k0')
    t.pass(await checkRegistered(lying.path, template, first))
  },
)

const noStrace = 'strace cannot inject here; statements fail by injection in fail-append.test.ts'
const skipCalls = !hasStrace && loudly('system calls', noStrace)
t.test('system calls that fail or kill inside a commit', { skip: skipCalls }, async (t) => {
  const all = [
    ['killed in the middle of writing a commit', 'pwrite64:signal=SIGKILL:when=2'],
    ['killed in the middle of writing a later commit', 'pwrite64:signal=SIGKILL:when=9'],
    ['killed at the sync of a commit', 'fsync:signal=SIGKILL:when=2'],
    ['no space for a page of the log', 'pwrite64:error=ENOSPC:when=5'],
    ['a page of the log fails', 'pwrite64:error=EIO:when=5'],
    ['the sync of a commit fails', 'fsync:error=EIO:when=2'],
  ] as const
  const cases = FULL ? all : all.filter((_, place) => place % 2 === 1 || place === 2)
  let happened = 0
  for (const [name, inject] of cases) {
    const copy = copyOf(template.directory)
    try {
      const log = join(copy.path, '..', 'strace')
      const wrapper = withInjection(join(copy.path, 'events.db-wal'), inject, log)
      const broken = await run('append', copy.path, parameters(), { wrapper })
      const injected = existsSync(log) && /INJECTED/.test(readFileSync(log, 'utf8'))
      if (injected || broken.ended === 'SIGKILL') happened++
      else t.fail(`${name} | never happened: ${broken.errors.slice(-300)}`)
      const failed = broken.answers.filter(({ status }) => status! >= 400)
      if (inject.includes('fsync:error')) {
        const from = broken.answers.findIndex(({ status }) => status! >= 500)
        const later = broken.answers.slice(from).filter(({ key }) => key !== undefined)
        t.ok(from >= 0 && later.every(({ status }) => status === 503), 'after a failed sync nothing more is written')
      }
      const said =
        failed.length === 0 ? '' : `${failed.length} refused (${[...new Set(failed.map(({ code }) => code))]}); `
      t.pass(`${name} | ${said}${await checkRegistered(copy.path, template, broken.answers)}`)
    } catch (error) {
      t.fail(`${name} | ${(error as Error).message}`)
    } finally {
      copy.remove()
    }
  }
  t.equal(happened, cases.length, `${cases.length} cases, in ${happened} the fault happened`)
})

const powerCut = 'a power cut: nothing acknowledged is lost; with syncing turned off it is, and that is found'
const skipPower = !canLosePower && loudly('power cut', 'needs root, a loop device, mkfs.ext4 and python3')
t.test(powerCut, { skip: skipPower }, async (t) => {
  for (const defect of [undefined, 'synchronous-off']) {
    const scratch = temporary(t)
    const [at, to] = [join(scratch, 'disk'), join(scratch, 'after')]
    mkdirSync(at)
    const wrapper = withPowerCut(template.directory, at, to)
    const more = { ...parameters(), evidence: true, abrupt: true }
    const broken = await run('append', at, more, { wrapper, ...(defect ? { defect } : {}) })
    t.equal(broken.ended, 0, broken.errors.slice(-500))
    demand(
      broken.answers.filter(({ status }) => status === 201).length === template.bodies.length,
      'the work was not done',
    )
    const outcome = await checkRegistered(to, template, broken.answers).catch((error: unknown) => {
      if (error instanceof Violation) return `FOUND: ${error.message}`
      throw error
    })
    if (defect) t.match(outcome, /FOUND: .*acknowledged and is not there/, `${defect} | ${outcome}`)
    else t.notMatch(outcome, /FOUND/, `power cut | ${outcome}`)
  }
})
