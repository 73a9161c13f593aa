/** Steps that no action would make, as an import or a correction could bring them: the guards hold without the actions. */
import t from 'tap'
import { reportDecider } from '../../../src/domain/bulletin.ts'
import type { Decider } from '../../../src/domain/decider.ts'
import type { EventMap, StepOf } from '../../../src/domain/event.ts'
import { correctedSteps } from '../../../src/domain/history.ts'
import { obligationDecider } from '../../../src/domain/obligation.ts'
import { given, recorded } from '../../support/scenario.ts'
import * as stage from './stages.ts'

function judged<State, Events extends EventMap>(
  decider: Decider<State, Events>,
  state: State,
  type: string,
  data: unknown,
) {
  const [step] = correctedSteps([recorded({ type, data }, 90)])
  return decider.guard(state, step as unknown as StepOf<Events>)?.code
}

t.test('a task and a card are told apart by their ids', async (t) => {
  const item = stage.signed()
  const { decider } = item
  t.equal(
    judged(decider, item.state, 'SupervisionTaskAssigned', { task: stage.lead, unit: 'unit-3', role: 'co-handling' }),
    'supervision-task-known',
  )
  const card = { task: stage.second, level: 'notice', responsible: 'p', reason: 'r' }
  const carded = item.did('issueCard', { ...card, task: stage.lead })
  t.equal(judged(decider, carded.state, 'CardIssued', { ...card, card: 'id-4.card' }), 'card-known')
  t.equal(judged(decider, carded.state, 'CardIssued', { ...card, card: 'another' }), undefined)
})

t.test('a report covers a whole period, and a duty opens once', async (t) => {
  const report = { asOf: 1, computedAt: '2026-01-05', method: 'board@1', rows: [{ counts: {} }], subject: 's' }
  const issued = (from: string, until: string) =>
    judged(reportDecider, reportDecider.initial, 'BulletinIssued', { ...report, from, until })
  t.equal(issued('2026-01-02', '2026-01-31'), 'report-period-wrong')
  t.equal(issued('2026-01-01', '2026-01-30'), 'report-period-wrong')
  t.equal(issued('2026-01-01', '2026-01-31'), undefined)
  const due = {
    ...{ duty: 'duty.x', from: '2026-01-05', until: '2026-01-11', roll: true, citation: 'S1-2.3', policy: 'limits@0' },
  }
  const opened = given(obligationDecider).did('open', due)
  t.equal(judged(obligationDecider, opened.state, 'ObligationDue', due), 'obligation-already-due')
})
