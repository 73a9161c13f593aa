/** A command over HTTP against a bare Fastify route that appends the same. */
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { commandIdFor } from '../../src/commands/ids.ts'
import { createDemo, demoTokens } from '../../src/demo/index.ts'
import { roleTerms } from '../../src/domain/catalogue/registry.ts'
import { term } from '../../src/domain/catalogue/terms.ts'
import { categoryOf, type Envelope } from '../../src/domain/event.ts'
import { openService } from '../../src/service.ts'
import { EVENTS_FILE } from '../../src/store/sqlite/index.ts'
import { type Bench, interleaved, least, measure, ratioOf } from './support/harness.ts'
import { loadGenerator } from './support/load.ts'
import type { LoadFigures } from './support/load-child.ts'
import { copyLog, envelopesOf, fillModels } from './support/log.ts'
import { listenOn, processorMs, type Running, serve, untilIdle } from './support/process.ts'

const CALLERS = 32

/** A data directory with many complaints of three events each (registered, accepted, investigators assigned), numbered. */
async function prepare(directory: string, cases: number) {
  const key = join(directory, 'master.key')
  await createDemo({ directory, masterKeyFile: key, complaints: 0, offices: 1, years: 0.02, until: '2026-06-30' })
  const service = await openService({ directory, masterKeyFile: key, evidenceLimit: 0 })
  let envelopes: Envelope[]
  let token: string
  try {
    const tokens = await demoTokens(service)
    token = tokens.find(({ role }) => role === term(roleTerms, 'centre-director'))!.token
    await service.projections.catchUp()
    const all = (role: string) => service.people.persons().filter(({ grants }) => grants[0]?.role === role)
    const director = service.people.principal(all('centre-director')[0]!.id)!
    let stream: string | undefined
    const act = async (action: string, sent: unknown) => {
      const { decider } = service.categories.complaint!
      const result = await service.execute({
        category: 'complaint',
        ...(stream === undefined ? {} : { stream }),
        action,
        body: decider.actions[action]!.body.parse(sent),
        commandId: commandIdFor('bench', action),
        requestMac: '',
        principal: director,
      })
      if (!result.ok) throw new Error(`${action}: ${result.refusal.code}`)
      stream = result.stream
      await service.finish('complaint', result)
    }
    await act('register', {
      channel: 'visit',
      kind: 'poor-service',
      respondentOffice: service.people.offices()[0]!.id,
      complainant: { name: '王小明', phone: '13800000000', address: '安和县青石镇' },
      matter: '反映收费后未出具票据，多次联系未果，请求查明。',
      request: '退还费用并出具票据。',
    })
    await act('accept', {})
    await act('assignInvestigators', {
      investigators: all('investigator')
        .slice(0, 2)
        .map(({ id }) => id),
    })
    envelopes = [...envelopesOf(service.log)]
  } finally {
    await service.close()
  }
  // Visits of the demo's days are no part of this; the case's numbers are.
  const own = envelopes.filter(({ stream, data }) => {
    const category = categoryOf(stream)
    if (category === 'numbers') return (data as { case: string }).case.startsWith('complaint-')
    return category !== 'visit'
  })
  for (const file of [EVENTS_FILE, 'readmodels.db', 'board.db', 'search.db'])
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(directory, file + suffix), { force: true })
  copyLog({ path: join(directory, EVENTS_FILE), from: own, copies: cases, keepsSubjects: true })
  await fillModels(directory)
  return { token }
}

/** Complaints of a log, in no particular order. */
async function streamsOf(directory: string): Promise<string[]> {
  const { DatabaseSync } = await import('node:sqlite')
  const db = new DatabaseSync(join(directory, EVENTS_FILE), { readOnly: true })
  const rows = db.prepare("SELECT name FROM streams WHERE name GLOB 'complaint-*'").all() as { name: string }[]
  db.close()
  return rows.map(({ name }) => name)
}

export const bench: Bench = {
  name: 'http',
  what: `\`POST\` of one command to a complaint of three events, each request to a case of its own: \`requestHandlerReport\`, whose event seals
nothing, and \`addNote\`, which seals its text. ${CALLERS} callers over kept connections from a process of their own against \`duban serve\` with
rights, revision check, idempotency, rules, read models, board, rate limit and headers. Bare is a Fastify route in the same kind of process
that takes the same JSON and the same \`If-Match\`, appends one event of the same size to the same streams through the same store, and answers:
no person, no rule, nothing read. Requests are not logged on either side. Processor time is that of the server until it is idle again, read
models, board and search index included.`,
  target:
    'command over HTTP (stream of three events, nothing sealed) ≥ 0.6 × a bare Fastify route doing the same append',
  durability: 'WAL, synchronous=FULL: one fsync a commit, commits shared by waiting callers',
  async *run(context) {
    const each = context.pick(3_000, 300)
    const rounds = context.pick(7, 2)
    const directory = join(context.directory, 'service')
    const bareDirectory = join(context.directory, 'bare')
    // A warm-up round, and two commands a round.
    const { token } = await prepare(directory, each * (rounds + 1) * 2)
    mkdirSync(bareDirectory)
    copyFileSync(join(directory, EVENTS_FILE), join(bareDirectory, EVENTS_FILE))
    const streams = await streamsOf(directory)
    const generator = loadGenerator()
    let [service, bare]: (Running | undefined)[] = []
    try {
      service = await serve(directory)
      bare = await listenOn('./bare-server.ts', bareDirectory)
      const load = async (
        target: Running,
        place: number,
        path: (stream: string) => string,
        body: object,
      ): Promise<LoadFigures & { cpuMs: number }> => {
        await untilIdle(target.pid)
        const before = processorMs(target.pid)
        const figures = await generator.run({
          url: target.url,
          paths: streams.slice(place * each, (place + 1) * each).map(path),
          headers: { authorization: `Bearer ${token}`, 'if-match': '"2"' },
          body: JSON.stringify(body),
          callers: CALLERS,
          status: 200,
        })
        await untilIdle(target.pid)
        return { ...figures, cpuMs: processorMs(target.pid) - before }
      }
      const id = (stream: string) => stream.slice(stream.indexOf('-') + 1)
      const plain = (place: number) =>
        load(service!, place, (stream) => `/api/v1/complaints/${id(stream)}/request-handler-report`, {})
      const note = { text: '走访当事人并制作笔录，核对票据存根，约定一周内补交材料。' }
      const sealed = (place: number) =>
        load(service!, place, (stream) => `/api/v1/complaints/${id(stream)}/add-note`, note)
      const append = (place: number) => load(bare!, place, (stream) => `/streams/${stream}/events`, {})
      await append(0)
      await plain(0)
      await sealed(1)
      const found = await interleaved(rounds, {
        bare: (round) => append(2 * round + 2),
        plain: (round) => plain(2 * round + 2),
        sealed: (round) => sealed(2 * round + 3),
      })
      const rate = (figures: readonly LoadFigures[]) => figures.map(({ ms }) => (each / ms) * 1_000)
      const latencies = (figures: readonly LoadFigures[]) => figures.flatMap((one) => one.latencies)
      const cost = (figures: readonly { cpuMs: number }[]) => figures.map(({ cpuMs }) => (cpuMs / each) * 1_000)
      const base = { label: 'bare route', rounds: rate(found.bare) }
      yield measure(base.label, 'requests/s', base.rounds, { latencies: latencies(found.bare) })
      yield measure('command, nothing sealed', 'requests/s', rate(found.plain), {
        latencies: latencies(found.plain),
        ratio: ratioOf({ label: 'command', rounds: rate(found.plain) }, base, least(0.6)),
      })
      yield measure('command with a sealed field', 'requests/s', rate(found.sealed), {
        latencies: latencies(found.sealed),
        ratio: ratioOf({ label: 'sealed', rounds: rate(found.sealed) }, base),
      })
      const baseCost = { label: 'bare route', rounds: cost(found.bare) }
      yield measure('processor time, bare route', 'µs', baseCost.rounds)
      yield measure('processor time, nothing sealed', 'µs', cost(found.plain), {
        ratio: ratioOf({ label: 'command', rounds: cost(found.plain) }, baseCost),
      })
      yield measure('processor time, sealed', 'µs', cost(found.sealed), {
        ratio: ratioOf({ label: 'sealed', rounds: cost(found.sealed) }, baseCost),
      })
    } finally {
      await generator.close()
      await service?.stop()
      await bare?.stop()
    }
  },
}
