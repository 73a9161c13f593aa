/** The board's rows are the same however the log was followed: event by event, from far behind, stopped half way, or after a failure. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { shippedCalendars } from '../../src/domain/calendar/shipped.ts'
import { defaultLights } from '../../src/domain/calendar/status.ts'
import { BoardKeeper, type BoardKeeperOptions } from '../../src/projections/board/keeper.ts'
import type { EventLog } from '../../src/store/port.ts'
import { History, knownDeciders } from './history.ts'
import { limitedLog } from './support.ts'

const rules = {
  calendars: shippedCalendars,
  lights: () => defaultLights,
  divisionOf: () => undefined,
  ids: [],
  places: '',
  latest: '',
}
const now = Date.parse('2026-06-01T00:00:00Z')
/** Rows wait from so few events on, and slices are small. */
const small = { far: 20, batch: 16 }

const keep = (log: EventLog, path = ':memory:', more: Partial<BoardKeeperOptions> = {}) =>
  new BoardKeeper({ path, log, deciders: knownDeciders, rules: () => rules, now: () => now, ...more })

/** Every row with all it holds but its number, and what its group says. */
const rowsOf = (keeper: BoardKeeper): unknown[] =>
  keeper.follower.db
    .prepare('SELECT items.*, traits FROM items JOIN groups ON groups.id = grp ORDER BY stream, clock')
    .all()
    .map(({ id: _id, grp: _grp, ...row }) => ({ ...row }))

async function grown(seed: number): Promise<EventLog> {
  const history = new History({ seed })
  await history.grow(400)
  return history.memory
}

/** The rows when each event is followed as it comes. */
async function oneByOne(log: EventLog): Promise<unknown[]> {
  const limited = limitedLog(log)
  limited.limit = 0
  const keeper = keep(limited)
  while (limited.limit < log.size()) {
    limited.limit += 1
    await keeper.follower.caughtUp()
  }
  const rows = rowsOf(keeper)
  await keeper.close()
  return rows
}

function temporaryFile(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'duban-board-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return join(directory, 'board.db')
}

for (const seed of [1, 2, 3])
  t.test(`rows of history ${seed}, corrections included`, async (t) => {
    const log = await grown(seed)
    const expected = await oneByOne(log)
    t.ok(expected.length > 50, `${expected.length} rows`)

    t.test('followed from far behind', async (t) => {
      const keeper = keep(log, ':memory:', small)
      await keeper.follower.caughtUp()
      t.same(rowsOf(keeper), expected)
      await keeper.close()
    })

    t.test('stopped while rows wait, and taken up again', async (t) => {
      const path = temporaryFile(t)
      const first = keep(log, path, small)
      while (first.follower.size < 200) await nextTurn()
      await first.close()
      const second = keep(log, path, small)
      t.equal(second.follower.size, 0, 'the file never says more than its rows hold')
      await second.follower.caughtUp()
      t.same(rowsOf(second), expected)
      await second.close()
    })

    t.test('a slice fails and is taken again', async (t) => {
      for (const more of [small, { batch: 16 }]) {
        let asked = 0
        const failures: unknown[] = []
        const keeper: BoardKeeper = keep(log, ':memory:', {
          ...more,
          rules: () => {
            if (++asked === 21) throw new Error('the disk is full')
            return rules
          },
          onError: (error) => {
            failures.push(error)
            setImmediate(() => keeper.wake())
          },
        })
        await keeper.follower.caughtUp()
        t.equal(failures.length, 1)
        t.same(rowsOf(keeper), expected)
        await keeper.close()
      }
    })
  })
