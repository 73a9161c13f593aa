/** The board's rows are the same however the log was followed: event by event, from far behind, stopped half way, or after a failure. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { shippedCalendars } from '../../src/domain/calendar/shipped.ts'
import { defaultLights } from '../../src/domain/calendar/status.ts'
import { BoardKeeper, type BoardKeeperOptions } from '../../src/projections/board/keeper.ts'
import { BoardRows, type BoardView } from '../../src/projections/board/rows.ts'
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

/** What counts and pages are answered from, read anew from the file or as it is kept in memory. */
function known({ groups, running }: BoardView) {
  const everything = new Uint8Array(10_000).fill(1)
  const states = new Set(['open', 'dueSoon', 'overdue', 'paused', 'noDeadline'])
  return {
    running: running.take({ states, now, limit: Number.POSITIVE_INFINITY }),
    size: running.size,
    ended: [...groups.among(everything)]
      .filter(({ ended }) => Object.values(ended).some((n) => n > 0))
      .map(({ id, ended }) => [id, { ...ended }] as const)
      .sort(([a], [b]) => a - b),
  }
}
const agree = (t: Test, keeper: BoardKeeper) =>
  t.same(known(keeper.view), known(new BoardRows(keeper.follower.db).view), 'memory is what the file says')

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
      agree(t, keeper)
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
        agree(t, keeper)
        await keeper.close()
      }
    })

    t.test(
      'a slice fails after some of its rows were written: they are nowhere, in the file or in memory',
      async (t) => {
        for (const more of [small, { batch: 16 }])
          for (const failing of [2, 5, 9]) {
            let asked = 0
            let failed = 0
            const keeper: BoardKeeper = keep(log, ':memory:', {
              ...more,
              rules: () => ({
                ...rules,
                // Asked once for each owner in a slice: rows of another owner are written before.
                divisionOf: () => {
                  if (++asked === failing) throw new Error('the disk is full')
                  return undefined
                },
              }),
              onError: () => {
                failed++
                agree(t, keeper)
                setImmediate(() => keeper.wake())
              },
            })
            await keeper.follower.caughtUp()
            t.equal(failed, 1, `failed at owner ${failing}`)
            t.same(rowsOf(keeper), expected)
            agree(t, keeper)
            await keeper.close()
          }
      },
    )
  })
