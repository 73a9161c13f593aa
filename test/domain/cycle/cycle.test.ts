import t from 'tap'
import { type CycleState, cycleDecider, mayEnrol, mayOpen } from '../../../src/domain/cycle/cycle.ts'
import { decide, provisionalStep } from '../../../src/domain/decider.ts'
import type { StepOf } from '../../../src/domain/event.ts'
import type { OfficeView } from '../../../src/domain/registry/office.ts'
import { plan } from './scenario.ts'

const context = {
  now: '2026-01-01T00:00:00.000Z',
  effectiveAt: '2025-09-01',
  actor: { operator: true as const },
  organisation: 'bureau',
  newId: (path: string) => path,
  limit: () => undefined,
  policy: 'limits@1',
}
let state: CycleState = cycleDecider.initial
const act = (name: string, body: object) => {
  const decision = decide(cycleDecider, name, body, state, context)
  if (!decision.ok) return decision.refusal.code
  for (const event of decision.events)
    state = cycleDecider.evolve(state, provisionalStep(event, context, 0) as StepOf<typeof cycleDecider.events>)
  return decision.events.map(({ type }) => type).join()
}

t.test('a cycle opens, is announced, closes', (t) => {
  t.equal(act('announce', { channels: ['报纸'], document: 'D' }), 'cycle-phase')
  t.equal(act('open', { name: '2025 年度', year: 2025, plan }), 'CycleOpened')
  t.equal(act('open', { name: '2025 年度', year: 2025, plan }), 'cycle-phase')
  t.equal(act('close', {}), 'cycle-phase', 'results are announced first (S0-4.5a)')
  t.equal(act('announce', { channels: ['报纸'], document: 'D' }), 'ResultsAnnounced')
  const open = state
  t.equal(act('close', {}), 'CycleClosed')
  t.equal(act('announce', { channels: ['报纸'], document: 'D' }), 'cycle-closed')

  const office: OfficeView = {
    kind: 'legal-service-office',
    licence: 'L',
    organisation: 'bureau',
    name: '所',
    division: '341702',
    active: true,
    status: 'active',
  }
  const code = (...given: Parameters<typeof mayEnrol>) => mayEnrol(...given)?.code
  t.equal(code(office, open, plan, '2025-10-31'), undefined)
  t.equal(code(undefined, open, plan, '2025-10-31'), 'cycle-office-not-eligible')
  t.equal(
    code({ ...office, active: false, status: 'suspended' }, open, plan, '2025-10-31'),
    'cycle-office-not-eligible',
    'S0-2.1',
  )
  t.equal(code({ ...office, kind: 'law-firm' }, open, plan, '2025-10-31'), 'cycle-office-not-eligible')
  t.equal(code(office, state, plan, '2025-10-31'), 'cycle-closed')
  t.equal(code(office, open, { ...plan, maxLevel: 4 }, '2025-10-31'), 'cycle-phase', 'another plan')
  t.equal(code(office, open, plan, '2025-11-01'), 'cycle-phase', 'the inspection has begun')
  t.end()
})

t.test('S0-4.5b: the next cycle opens two years later', (t) => {
  t.equal(mayOpen(plan, 2026, '2025-09-01')?.code, 'cycle-not-due')
  t.equal(mayOpen(plan, 2027, '2025-09-01'), undefined)
  t.equal(mayOpen(plan, 2026, undefined), undefined)
  t.end()
})
