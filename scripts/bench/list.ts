/** The case list over a hundred thousand cases, as the service answers it. */
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { demoTokens } from '../../src/demo/index.ts'
import { roleTerms } from '../../src/domain/catalogue/registry.ts'
import { term } from '../../src/domain/catalogue/terms.ts'
import { categoryOf } from '../../src/domain/event.ts'
import { buildApp } from '../../src/http/app.ts'
import { openService } from '../../src/service.ts'
import { EVENTS_FILE } from '../../src/store/sqlite/index.ts'
import { type Bench, measure, median, most } from './support/harness.ts'
import { copyLog, demoEnvelopes, emptyDirectory } from './support/log.ts'

/** First events of each complaint that are copied: registered, and what follows. */
const STEPS = 3

const QUESTIONS = {
  'first page': '/api/v1/complaints',
  'first page of one status': '/api/v1/complaints?status=accepted,investigating',
  'first page of one channel (no index)': '/api/v1/complaints?channel=letter',
} as const

export const bench: Bench = {
  name: 'list',
  what: `\`GET /api/v1/complaints\` by a centre director over a hundred thousand cases (the demonstration county's complaints with their first
${STEPS} events, copied under fresh ids): fifty rows and the total, counted under his rights. Inside the process: routing, token, rights, query,
JSON; no network. The first time after a change counts anew; after that the total of the same question is known until the next change.`,
  target: 'list first page over 100,000 cases ≤ 10 ms in the server',
  async *run(context) {
    const cases = context.pick(100_000, 5_000)
    const directory = join(context.directory, 'list')
    await emptyDirectory(directory)
    const from = (await demoEnvelopes(context)).filter(
      ({ stream, revision }) =>
        !/^(numbers|visit)-/.test(stream) && (categoryOf(stream) !== 'complaint' || revision < STEPS),
    )
    const complaints = from.filter(({ type }) => type === 'ComplaintRegistered').length
    copyLog({ path: join(directory, EVENTS_FILE), from, copies: Math.ceil(cases / complaints) })
    const service = await openService({ directory, masterKeyFile: join(directory, 'master.key'), evidenceLimit: 0 })
    try {
      context.note('builds the read models')
      await service.projections.catchUp()
      const tokens = await demoTokens(service)
      await service.projections.catchUp()
      const app = await buildApp({ service, listening: false })
      const token = tokens.find(({ role }) => role === term(roleTerms, 'centre-director'))!.token
      const ask = async (url: string): Promise<number> => {
        await nextTurn()
        const before = performance.now()
        const answer = await app.inject({ url, headers: { authorization: `Bearer ${token}` } })
        const took = performance.now() - before
        if (answer.statusCode !== 200 || answer.json().items.length !== 50) throw new Error(answer.body.slice(0, 500))
        return took
      }
      const all = (
        await app.inject({ url: '/api/v1/complaints', headers: { authorization: `Bearer ${token}` } })
      ).json()
      if (all.total < cases) throw new Error(`${all.total} cases instead of ${cases}`)
      for (const [label, url] of Object.entries(QUESTIONS)) {
        const [rounds, first, latencies]: number[][] = [[], [], []]
        for (let round = 0; round < context.pick(7, 2); round++) {
          // Something recorded elsewhere: what was counted is out of date.
          await demoTokens(service)
          await service.projections.catchUp()
          first!.push(await ask(url))
          const asked: number[] = []
          for (let time = 0; time < context.pick(100, 20); time++) asked.push(await ask(url))
          rounds!.push(median(asked))
          latencies!.push(...asked)
        }
        yield measure(label, 'ms', rounds!, { limit: most(10), latencies: latencies! })
        yield measure(`${label}, counted anew`, 'ms', first!)
      }
      await app.close()
    } finally {
      await service.close()
    }
  },
}
