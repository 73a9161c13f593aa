import t from 'tap'
import { climb, type InspectionOutcome, type LadderState } from '../../../src/domain/rating/levels.ts'

const walk = (level: number, ...outcomes: InspectionOutcome[]): LadderState =>
  outcomes.reduce((state, outcome) => climb(state, outcome).state, { level, streak: 0, plaque: true } as LadderState)

t.test('S0-4.6d: two successive warnings downgrade by one', (t) => {
  t.same(walk(4, 'WARNING'), { level: 4, streak: 1, plaque: true })
  t.same(walk(4, 'WARNING', 'WARNING'), { level: 3, streak: 0, plaque: true })
  t.equal(climb({ level: 4, streak: 1, plaque: true }, 'WARNING').consequence, 'downgraded-for-warnings')
  t.end()
})

t.test('Q2: a clean inspection between two warnings resets', (t) => {
  t.same(walk(4, 'WARNING', 'OK', 'WARNING'), { level: 4, streak: 1, plaque: true })
  t.same(walk(4, 'WARNING', 'OK', 'WARNING', 'WARNING'), { level: 3, streak: 0, plaque: true })
  t.end()
})

t.test('a downgrade starts the count anew: four warnings are two downgrades', (t) => {
  t.same(walk(5, 'WARNING', 'WARNING', 'WARNING'), { level: 4, streak: 1, plaque: true })
  t.same(walk(5, 'WARNING', 'WARNING', 'WARNING', 'WARNING'), { level: 3, streak: 0, plaque: true })
  t.same(walk(5, 'WARNING', 'DOWNGRADE', 'WARNING'), { level: 4, streak: 1, plaque: true })
  t.end()
})

t.test('level 0 and a veto take the plaque', (t) => {
  t.same(walk(1, 'DOWNGRADE'), { level: 0, streak: 0, plaque: false })
  t.same(walk(5, 'WARNING', 'VETO'), { level: 0, streak: 0, plaque: false })
  t.same(walk(2, 'DOWNGRADE'), { level: 1, streak: 0, plaque: true }, 'one star still has its plaque')
  t.same(walk(0, 'DOWNGRADE'), { level: 0, streak: 0, plaque: false }, 'never below nothing')
  t.end()
})

t.test('another measure touches neither level nor streak', (t) => {
  t.same(walk(4, 'WARNING', 'OTHER', 'WARNING'), { level: 3, streak: 0, plaque: true })
  t.end()
})

t.test('the ladder is data: three warnings, two levels, plaques from two stars', (t) => {
  const rules = { warningsToDowngrade: 3, downgradeBy: 2, plaqueFrom: 2 }
  let state: LadderState = { level: 3, streak: 0, plaque: true }
  for (const outcome of ['WARNING', 'WARNING'] as const) state = climb(state, outcome, rules).state
  t.equal(state.level, 3)
  t.same(climb(state, 'WARNING', rules).state, { level: 1, streak: 0, plaque: false })
  t.end()
})
