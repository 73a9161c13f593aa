/** The board over a real ledger with a city's own verdicts, read where it lies; skipped, loudly, where it is absent. */
import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import t from 'tap'
import { commandIdFor } from '../../src/commands/ids.ts'
import { runImport } from '../../src/commands/import.ts'
import { asOperator } from '../../src/commands/initialise.ts'
import { readMapping } from '../../src/ledger/mapping.ts'
import type { BoardItem } from '../../src/projections/board/items.ts'
import { startService } from '../support/service.ts'

const boston = '../shared/data/boston-311-sla/boston311_animal_2013-2019_redacted.csv'
const skip = existsSync(boston) ? false : `real data not found: ${boston}`
if (skip) console.error(`SKIPPED: test/http/board-ledger.test.ts: ${skip}`)
t.setTimeout(600_000)

type Row = Record<'open_dt' | 'sla_target_dt' | 'closed_dt' | 'on_time', string>

/** Moments as the city writes them, with the offset there on that day. The last is when the file was taken. */
const MOMENTS = [
  ['2014-03-12 12:00:00', '-04:00'],
  ['2016-07-01 09:30:00', '-04:00'],
  ['2018-12-31 23:59:59', '-05:00'],
  ['2022-10-01 00:00:00', '-04:00'],
] as const

/** How a row stands at a moment by the columns of the file alone; the verdict on what was closed is the city's. */
function verdictOf(row: Row, moment: string): string | undefined {
  if (row.open_dt > moment) return undefined
  const { sla_target_dt: target, closed_dt: closed, on_time: verdict } = row
  if (closed !== '' && closed <= moment) {
    if (target === '') return 'closedNoDeadline'
    return verdict === 'OVERDUE' ? 'closedLate' : 'closedOnTime'
  }
  if (target === '') return 'noDeadline'
  return target < moment ? 'overdue' : 'running'
}

/** A row of the file by its times, which is all that a verdict depends on. */
const keyOf = (open: string, target: string, closed: string, state: string): string =>
  [open, target, closed, state].map((text) => text.slice(0, 19).replace('T', ' ')).join(' | ')

const tally = (keys: Iterable<string>): Map<string, number> => {
  const found = new Map<string, number>()
  for (const key of keys) found.set(key, (found.get(key) ?? 0) + 1)
  return found
}

t.test(
  '46,628 requests of a city: the board is the city’s own verdict, row by row, at any date',
  { skip },
  async (t) => {
    const service = await startService(t)
    const { service: running } = service
    const report = await runImport(
      { ...running, wake: () => running.projections.wake() },
      { file: boston, mapping: await readMapping('examples/boston311.json'), dryRun: false, strict: false },
    )
    t.match(report, { rows: 46_638, imported: 46_628, refused: 10 })
    await running.projections.catchUp()
    const { id: organisation } = running.people.organisationByCode('boston-311')!
    const stream = `person-${service.people.nobody.id}`
    const grant = { role: 'supervision-officer', organisation }
    await asOperator(running, 'person', 'grantRole', grant, { stream, commandId: commandIdFor('test', 'ledger') })
    await running.projections.catchUp()

    const ask = async (query: string) => {
      const answer = await service.call('nobody', 'GET', `/api/v1/board?${query}`)
      t.equal(answer.status, 200, answer.status === 200 ? query : answer.text)
      return answer
    }
    const known = {
      open: 17_020,
      overdue: 3_316,
      noDeadline: 13_704,
      closedLate: 1_056,
      closedOnTime: 23_431,
      closedNoDeadline: 5_121,
    }
    const past = (await ask('effectiveAt=2022-10-01')).json
    t.match(past.counts, known)
    t.equal(past.onTimeRate.toFixed(4), '0.8428')

    t.comment('the live board says the same of a file whose last target is long past')
    await running.board.caughtUp()
    const live = (await ask('')).json
    t.match(live.counts, known)
    t.equal(live.onTimeRate.toFixed(4), '0.8428')
    let seen = 0
    for (let url: string | undefined = '/api/v1/board?light=red&limit=200'; url !== undefined; ) {
      const page = await service.call('nobody', 'GET', url)
      seen += page.json.items.length
      url = /<([^>]*)>; *rel="next"/.exec(page.headers.link ?? '')?.[1]
    }
    t.equal(seen, known.overdue, 'the list is as long as it is counted')

    const rows = (parse(readFileSync(boston), { columns: true, bom: true }) as Row[]).filter(
      // An import refuses the ten that close before they open.
      ({ open_dt, closed_dt }) => closed_dt === '' || closed_dt >= open_dt,
    )
    const principal = running.people.principal(service.people.nobody.id)!
    for (const [moment, offset] of MOMENTS) {
      const bound = `${moment.replace(' ', 'T')}${offset}`
      const expected = tally(
        rows.flatMap((row) => {
          const state = verdictOf(row, moment)
          const closed = state?.startsWith('closed') ? row.closed_dt : ''
          return state === undefined ? [] : [keyOf(row.open_dt, row.sla_target_dt, closed, state)]
        }),
      )
      const found: BoardItem[] = []
      for (const state of [
        'open',
        'dueSoon',
        'overdue',
        'noDeadline',
        'closedOnTime',
        'closedLate',
        'closedNoDeadline',
      ] as const) {
        const answer = await running.board.board(principal, { state }, { limit: 100_000 }, { effectiveAt: bound })
        if (!answer.ok) throw new Error(answer.refusal.code)
        found.push(...(answer.value.items as unknown as BoardItem[]))
      }
      const shown = tally(
        found.map(({ state, startedAt = '', due = '', stoppedAt = '' }) =>
          keyOf(startedAt, due, stoppedAt, state === 'open' || state === 'dueSoon' ? 'running' : state),
        ),
      )
      const differing = [...new Set([...expected.keys(), ...shown.keys()])].filter(
        (key) => expected.get(key) !== shown.get(key),
      )
      t.same(differing.slice(0, 5), [], `${differing.length} of ${found.length} rows differ at ${bound}`)
      t.ok(found.length > 1_000, `${found.length} rows at ${bound}`)
    }
  },
)
