/** A command over HTTP against a bare Fastify route that appends the same. */
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { EVENTS_FILE } from '../../src/store/sqlite/index.ts'
import { complaintsOf, makeComplaints } from './support/cases.ts'
import { type Bench, interleaved, least, measure, ratioOf } from './support/harness.ts'
import { loadGenerator } from './support/load.ts'
import type { LoadFigures } from './support/load-child.ts'
import { listenOn, processorMs, type Running, serve, untilIdle } from './support/process.ts'

const CALLERS = 32

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
    const { token } = await makeComplaints(directory, each * (rounds + 1) * 2)
    mkdirSync(bareDirectory)
    copyFileSync(join(directory, EVENTS_FILE), join(bareDirectory, EVENTS_FILE))
    const streams = complaintsOf(directory)
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
