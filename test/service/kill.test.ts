/** The service killed under load, again and again: what was acknowledged is there, once, and numbers have no gaps. */
import t from 'tap'
import { verify } from '../../src/commands/verify.ts'
import { openService } from '../../src/service.ts'
import { decodeEnvelope } from '../../src/store/envelope.ts'
import { registration } from '../support/chain.ts'
import { type Served, serve } from '../support/served.ts'
import { startService } from '../support/service.ts'

t.setTimeout(300_000)

const ROUNDS = 20
const WRITERS = 6

interface Acknowledged {
  readonly case: string
  readonly number: string
  readonly index: number
}

/** A directory with a founded county that nobody has open, and who registers there. */
async function founded(t: Parameters<typeof startService>[0]) {
  const service = await startService(t)
  const body = JSON.stringify(registration(service))
  const token = service.people.reception.token
  await service.close()
  return { directory: service.directory, body, token }
}

/** Registers under a key. @returns what was acknowledged; undefined where the outcome is unknown */
async function register(served: Served, token: string, body: string, key: string): Promise<Acknowledged | undefined> {
  try {
    const response = await fetch(`${served.url}/api/v1/complaints`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key },
      body,
    })
    const json = await response.json()
    return response.status === 201 ? (json as Acknowledged) : undefined
  } catch {
    return undefined
  }
}

/** What the directory holds, read after everything that was left is finished. */
async function inspect(directory: string) {
  const service = await openService({
    directory,
    masterKeyFile: `${directory}/master.key`,
    evidenceLimit: 0,
  })
  await service.projections.catchUp()
  await service.numberReactor.run()
  const events = service.log.read(0, 1_000_000).map((event) => ({ ...decodeEnvelope(event.bytes), index: event.index }))
  const { log, vault, evidence } = service
  const verified = await verify({ log, vault, evidence, rebuild: () => service.projections.rebuild() })
  await service.close()
  return { events, verified }
}

t.test(`killed ${ROUNDS} times under load, it has every acknowledged case once, with its number`, async (t) => {
  const { directory, body, token } = await founded(t)
  const acknowledged = new Map<string, Acknowledged>()
  const asked: string[] = []
  let unknown: string[] = []
  // Different moments of the work, the same on every run: requests answered before the kill.
  const killAfter = Array.from({ length: ROUNDS }, (_, round) => 1 + ((round * 7) % 23))
  for (const [round, most] of killAfter.entries()) {
    const served = await serve(directory)
    let answered = 0
    let stopping: Promise<unknown> | undefined
    const left: string[] = []
    const retries = [...unknown]
    const writer = async (writer: number) => {
      for (let i = 0; !stopping; i++) {
        const key = retries.pop() ?? `${round}-${writer}-${i}`
        if (!asked.includes(key)) asked.push(key)
        const answer = await register(served, token, body, key)
        if (!answer) {
          left.push(key)
          return
        }
        const before = acknowledged.get(key)
        if (before) t.same(answer, before)
        acknowledged.set(key, answer)
        if (++answered >= most) stopping ??= served.stop('SIGKILL')
      }
    }
    await Promise.all(Array.from({ length: WRITERS }, (_, i) => writer(i)))
    await (stopping ?? served.stop('SIGKILL'))
    unknown = [...new Set([...left, ...retries])]
  }
  t.ok(acknowledged.size > ROUNDS * 3, `${acknowledged.size} acknowledged of ${asked.length} asked`)

  const last = await serve(directory)
  for (const key of unknown) acknowledged.set(key, (await register(last, token, body, key))!)
  for (const [key, first] of acknowledged) t.same(await register(last, token, body, key), first, `${key} again`)
  t.equal(await last.stop('SIGTERM'), 0)

  const { events, verified } = await inspect(directory)
  t.same(
    verified.checks.filter((check) => !check.ok),
    [],
  )
  const opened = events.filter((event) => event.type === 'ComplaintRegistered')
  t.equal(new Set(opened.map(({ commandId }) => commandId)).size, opened.length, 'one event a command')
  t.equal(opened.length, acknowledged.size, 'every key exactly once')
  for (const { case: id, index } of acknowledged.values())
    t.equal(opened.find((event) => event.stream === `complaint-${id}`)?.index, index)
  const numbers = events.filter((event) => event.type === 'NumberAllocated')
  t.same(
    numbers.map(({ revision }) => revision),
    numbers.map((_, i) => i),
    'numbers without gaps',
  )
  t.equal(new Set(numbers.map(({ data }) => (data as { case: string }).case)).size, opened.length, 'each case has one')
  const texts = [...acknowledged.values()].map(({ number }) => number)
  t.equal(new Set(texts).size, texts.length)
})

t.test(
  'Ctrl-C lets what is in flight finish: every answer that was given holds, and the process ends by itself',
  async (t) => {
    const { directory, body, token } = await founded(t)
    const served = await serve(directory)
    const acknowledged: Acknowledged[] = []
    let stopping: Promise<number | null> | undefined
    let failed = 0
    const writer = async (writer: number) => {
      for (let i = 0; failed < WRITERS; i++) {
        const answer = await register(served, token, body, `${writer}-${i}`)
        if (answer) acknowledged.push(answer)
        else {
          failed++
          return
        }
        if (acknowledged.length === 20) stopping ??= served.stop('SIGINT')
      }
    }
    await Promise.all(Array.from({ length: WRITERS }, (_, i) => writer(i)))
    t.equal(await stopping, 0)
    const { events, verified } = await inspect(directory)
    t.same(
      verified.checks.filter((check) => !check.ok),
      [],
    )
    const opened = new Map(
      events.filter((event) => event.type === 'ComplaintRegistered').map((event) => [event.stream, event.index]),
    )
    for (const { case: id, index } of acknowledged) t.equal(opened.get(`complaint-${id}`), index)
    t.ok(acknowledged.length >= 20)
  },
)
