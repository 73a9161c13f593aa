/** The supervision board over a hundred thousand open items: its first page, and a calendar day that moves them. */
import { join } from 'node:path'
import { commandIdFor } from '../../src/commands/ids.ts'
import { asOperator } from '../../src/commands/initialise.ts'
import { demoTokens } from '../../src/demo/index.ts'
import { roleTerms } from '../../src/domain/catalogue/registry.ts'
import { term } from '../../src/domain/catalogue/terms.ts'
import { categoryOf } from '../../src/domain/event.ts'
import { buildApp } from '../../src/http/app.ts'
import { openService } from '../../src/service.ts'
import { EVENTS_FILE } from '../../src/store/sqlite/index.ts'
import { type Bench, measure, median, most, percentile } from './support/harness.ts'
import { copyLog, demoEnvelopes, emptyDirectory } from './support/log.ts'

/** First events of each complaint that are copied: registered, so that its clocks run. */
const STEPS = 1

const QUESTIONS = {
  'first page': '/api/v1/board',
  'first page of one light': '/api/v1/board?light=red',
} as const

export const bench: Bench = {
  name: 'board',
  what: `\`GET /api/v1/board\` by a supervision officer over a hundred thousand open items (the demonstration county's complaints as registered,
copied under fresh ids): fifty items with lights, days left, next lawful steps and links, and all counts, under his rights. Inside the process:
routing, token, rights, query, JSON; no network. Then a local authority declares a day off: every open deadline is derived again in the
background while complaints go on being registered.`,
  target:
    'board first page over 100,000 open items ≤ 10 ms in the server; moving one calendar day with 100,000 open deadlines ≤ 5 s in the background',
  async *run(context) {
    const wanted = context.pick(100_000, 5_000)
    const directory = join(context.directory, 'board')
    await emptyDirectory(directory)
    const from = (await demoEnvelopes(context)).filter(
      ({ stream, revision }) =>
        !/^(numbers|visit|supervision|returnvisit|penalty|obligation)-/.test(stream) &&
        (categoryOf(stream) !== 'complaint' || revision < STEPS),
    )
    // Acceptance and notice run from the registration.
    const complaints = from.filter(({ type }) => type === 'ComplaintRegistered').length
    copyLog({ path: join(directory, EVENTS_FILE), from, copies: Math.ceil(wanted / 2 / complaints) })
    const until = Date.parse('2026-07-01T01:00:00Z')
    const began = performance.now()
    const now = () => until + Math.floor(performance.now() - began)
    const service = await openService({
      directory,
      masterKeyFile: join(directory, 'master.key'),
      evidenceLimit: 0,
      now,
    })
    try {
      context.note('builds the read models and the board')
      await service.projections.catchUp()
      const tokens = await demoTokens(service)
      await service.projections.catchUp()
      await service.board.caughtUp()
      const app = await buildApp({ service, listening: true, requestsPerMinute: 1_000_000_000 })
      const tokenOf = (role: 'supervision-officer' | 'reception') =>
        tokens.find((each) => each.role === term(roleTerms, role))!.token
      const ask = async (url: string): Promise<number> => {
        const before = performance.now()
        const answer = await app.inject({ url, headers: { authorization: `Bearer ${tokenOf('supervision-officer')}` } })
        const took = performance.now() - before
        if (answer.statusCode !== 200 || answer.json().items.length !== 50) throw new Error(answer.body.slice(0, 500))
        return took
      }
      const all = await app.inject({
        url: '/api/v1/board',
        headers: { authorization: `Bearer ${tokenOf('supervision-officer')}` },
      })
      if (all.json().counts.open < wanted) throw new Error(`${all.json().counts.open} open items instead of ${wanted}`)
      for (const [label, url] of Object.entries(QUESTIONS)) {
        const [rounds, latencies]: number[][] = [[], []]
        for (let round = 0; round < context.pick(7, 2); round++) {
          const asked: number[] = []
          for (let time = 0; time < context.pick(50, 10); time++) asked.push(await ask(url))
          rounds!.push(median(asked))
          latencies!.push(...asked)
        }
        yield measure(label, 'ms', rounds!, { limit: most(10), latencies: latencies! })
      }
      const [moving, commands]: number[][] = [[], []]
      const registration = {
        channel: 'visit',
        kind: 'private-acceptance-or-fees',
        respondentOffice: service.people.offices()[0]!.id,
        matter: '测量用事项',
        complainant: { name: '测量用名' },
      }
      for (let round = 0; round < context.pick(3, 1); round++) {
        const day = `2026-07-0${6 + round}`
        await asOperator(
          service,
          'calendar',
          'declare-local-days',
          { division: '990000', declaredOn: '2026-07-01', offDays: [day], reason: '防汛', notice: `测${round}` },
          { commandId: commandIdFor('bench', 'board', day) },
        )
        await service.projections.catchUp()
        const before = performance.now()
        service.board.wake()
        while (service.board.pending() > 0) {
          const sent = performance.now()
          const answer = await app.inject({
            method: 'POST',
            url: '/api/v1/complaints',
            headers: { authorization: `Bearer ${tokenOf('reception')}` },
            payload: registration,
          })
          // A service that is overloaded says so; anything else is a failure.
          if (answer.statusCode === 201) commands!.push(performance.now() - sent)
          else if (answer.statusCode !== 503) throw new Error(answer.body.slice(0, 500))
        }
        moving!.push((performance.now() - before) / 1_000)
        await service.board.caughtUp()
      }
      yield measure('one day off moves every open deadline', 's', moving!, { limit: most(5) })
      yield measure('a complaint registered meanwhile', 'ms', [percentile(commands!, 0.5)], { latencies: commands! })
      await app.close()
    } finally {
      await service.close()
    }
  },
}
