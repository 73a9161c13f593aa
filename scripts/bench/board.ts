/** The supervision board over a hundred thousand open items: its first page, and a calendar day that moves them. */
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { commandIdFor } from '../../src/commands/ids.ts'
import { asOperator } from '../../src/commands/initialise.ts'
import { demoTokens } from '../../src/demo/index.ts'
import { roleTerms } from '../../src/domain/catalogue/registry.ts'
import { term } from '../../src/domain/catalogue/terms.ts'
import { categoryOf, type Envelope } from '../../src/domain/event.ts'
import { buildApp } from '../../src/http/app.ts'
import { openService } from '../../src/service.ts'
import { EVENTS_FILE } from '../../src/store/sqlite/index.ts'
import { type Bench, measure, median, most, percentile } from './support/harness.ts'
import { copyLog, demoEnvelopes, emptyDirectory, ONCE } from './support/log.ts'

/** The day on which the complaints are registered: acceptance and notice are due fifteen days later, on the 16th. */
const REGISTERED = '2026-07-01'
const LOOKED_AT = '2026-07-13T01:00:00Z'
/** Days off, one a round: each is the day on which everything is due, and moves it to the next. */
const OFF = ['2026-07-16', '2026-07-17', '2026-07-20'] as const
/** Clocks that run from a registration: acceptance and notice; of what is anonymous nobody is notified. */
const CLOCKS = 1.9

const QUESTIONS = {
  'first page': '/api/v1/board',
  'first page of one light': '/api/v1/board?light=yellow',
  'first page of what is grey': '/api/v1/board?light=grey',
} as const

/** The county's complaints as registered, all on one day, behind its registry. */
function registrations(envelopes: readonly Envelope[]): { registry: Envelope[]; complaints: Envelope[] } {
  const complaints = envelopes
    .filter(({ type }) => type === 'ComplaintRegistered')
    .map((envelope, place): Envelope => {
      const at = `${REGISTERED}T0${1 + (place % 8)}:00:00.000Z`
      return { ...envelope, recordedAt: at, effectiveAt: at }
    })
  return {
    registry: envelopes.filter(({ stream }) => ONCE.has(categoryOf(stream))),
    complaints: complaints.sort((a, b) => (a.recordedAt < b.recordedAt ? -1 : a.recordedAt > b.recordedAt ? 1 : 0)),
  }
}

export const bench: Bench = {
  name: 'board',
  what: `\`GET /api/v1/board\` by a supervision officer over a hundred thousand open items (the demonstration county's complaints as registered,
copied under fresh ids, all on one day): fifty items with lights, days left, next lawful steps and links, and all counts, under his
rights. Inside the process: routing, token, rights, query, JSON; no network. Then an authority declares the day off on which all of them
are due: every open deadline is derived again and moves, in the background, while complaints go on being registered one after another; the
same registrations without it are the comparison.`,
  target:
    'board first page over 100,000 open items ≤ 10 ms in the server; moving one calendar day with 100,000 open deadlines ≤ 5 s in the background',
  async *run(context) {
    const wanted = context.pick(100_000, 5_000)
    const directory = join(context.directory, 'board')
    await emptyDirectory(directory)
    const { registry, complaints } = registrations(await demoEnvelopes(context))
    context.note('writes the complaints')
    copyLog({
      path: join(directory, EVENTS_FILE),
      from: [...registry, ...complaints],
      copies: Math.ceil(wanted / CLOCKS / complaints.length),
      plain: true,
    })
    const until = Date.parse(LOOKED_AT)
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
      const app = await buildApp({ service, listening: true, requestsPerMinute: 1_000_000_000, overloadedAfterMs: 0 })
      const tokenOf = (role: 'supervision-officer' | 'reception') =>
        tokens.find((each) => each.role === term(roleTerms, role))!.token
      const officer = { authorization: `Bearer ${tokenOf('supervision-officer')}` }
      const ask = async (url: string, headers = officer): Promise<number> => {
        await nextTurn()
        const before = performance.now()
        const answer = await app.inject({ url, headers })
        const took = performance.now() - before
        if (answer.statusCode !== 200) throw new Error(answer.body.slice(0, 500))
        return took
      }
      const answer = await app.inject({ url: '/api/v1/board', headers: officer })
      const all = answer.json()
      const [, second] = /<([^>]*)>; *rel="next"/.exec(String(answer.headers.link)) ?? []
      if (all.counts.open < wanted || all.items.length !== 50)
        throw new Error(`${all.counts.open} open items instead of ${wanted}, ${all.items.length} on the page`)
      const questions = {
        ...QUESTIONS,
        'first page of one office': `/api/v1/board?office=${all.items[0].office}`,
        'second page': second!,
      }
      for (const [label, url] of Object.entries(questions)) {
        const [rounds, latencies]: number[][] = [[], []]
        for (let round = 0; round < context.pick(7, 2); round++) {
          const asked: number[] = []
          for (let time = 0; time < context.pick(50, 10); time++) asked.push(await ask(url))
          rounds!.push(median(asked))
          latencies!.push(...asked)
        }
        yield measure(label, 'ms', rounds!, { limit: most(10), latencies: latencies! })
      }
      const registration = {
        channel: 'visit',
        kind: 'private-acceptance-or-fees',
        respondentOffice: service.people.offices()[0]!.id,
        matter: '测量用事项',
        complainant: { name: '测量用名' },
      }
      const register = async (): Promise<number> => {
        const sent = performance.now()
        const answer = await app.inject({
          method: 'POST',
          url: '/api/v1/complaints',
          headers: { authorization: `Bearer ${tokenOf('reception')}` },
          payload: registration,
        })
        if (answer.statusCode !== 201) throw new Error(answer.body.slice(0, 500))
        return performance.now() - sent
      }
      const [moving, alone, meanwhile]: number[][] = [[], [], []]
      for (const [round, day] of OFF.slice(0, context.pick(3, 1)).entries()) {
        await service.projections.catchUp()
        await service.board.caughtUp()
        for (let time = 0; time < context.pick(100, 10); time++) alone!.push(await register())
        await service.board.caughtUp()
        await asOperator(
          service,
          'calendar',
          'declare-local-days',
          {
            division: '990000',
            declaredOn: LOOKED_AT.slice(0, 10),
            offDays: [day],
            reason: '防汛',
            notice: `测${round}`,
          },
          { commandId: commandIdFor('bench', 'board', day) },
        )
        await service.projections.catchUp()
        const before = performance.now()
        service.board.wake()
        if (service.board.pending() < wanted) throw new Error(`only ${service.board.pending()} rows to derive again`)
        while (service.board.pending() > 0) meanwhile!.push(await register())
        moving!.push((performance.now() - before) / 1_000)
        await service.board.caughtUp()
        const { total } = service.board.moves({ person: '', grants: [], operator: true }, { limit: 1 })
        if (total < wanted * (round + 1)) throw new Error(`${total} deadlines moved instead of ${wanted * (round + 1)}`)
      }
      yield measure('one day off moves every open deadline', 's', moving!, { limit: most(5) })
      yield measure('a complaint registered meanwhile', 'ms', [percentile(meanwhile!, 0.5)], { latencies: meanwhile! })
      yield measure('a complaint registered at rest', 'ms', [percentile(alone!, 0.5)], { latencies: alone! })
      await app.close()
    } finally {
      await service.close()
    }
  },
}
