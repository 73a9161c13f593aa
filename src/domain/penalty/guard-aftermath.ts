/** Rules of what follows a decision: money, publication, remedies, quashing (行政处罚法 48, 66–73; 行政复议法; 行政诉讼法). */
import { isLate } from '../calendar/deadline.ts'
import { type Refusal, refusal } from '../decider.ts'
import { dateOf } from '../time.ts'
import type { QuashedBy } from './fields.ts'
import { debtOf, overpaid, sumOf } from './money.ts'
import { isHeavier } from './powers.ts'
import type { Rules, SharedRule, StepOfType } from './rules.ts'
import { type PenaltyState, runningRemedy, standing } from './state.ts'

const debt = (state: PenaltyState) => debtOf(standing(state)?.penalties ?? [])

const newReceipt = (receipt: string, state: PenaltyState): Refusal | undefined =>
  state.receipts.includes(receipt)
    ? refusal('receipt-already-recorded', '行政处罚法 67', { pointer: '/receipt' })
    : undefined

/** In time, or admitted although late. */
const inTime: SharedRule<'ReconsiderationFiled' | 'LitigationFiled'> = (data, _, step) =>
  isLate(step.effectiveAt, data.judgedBy.due) && data.lateBecause === undefined
    ? refusal('remedy-late', step.type === 'LitigationFiled' ? '行政诉讼法 45 46' : '行政复议法 20', {
        pointer: '/effectiveAt',
        detail: { due: data.judgedBy.due },
      })
    : undefined

/** The annulment names the decision that stands, and comes from who ruled on it. */
function annuls(
  by: QuashedBy,
  state: PenaltyState,
  step: StepOfType<'DecisionQuashed' | 'DecisionChanged'>,
): Refusal | undefined {
  const rule = step.type === 'DecisionQuashed' ? '行政复议法 64' : '行政复议法 63'
  if (step.corrects?.mode !== 'annul' || step.corrects.event !== standing(state)?.event)
    return refusal('no-penalty-decision', rule)
  if (runningRemedy(state)) return refusal('remedy-pending', rule)
  const ruled = state.mustQuashBy
  if (ruled !== undefined && (by !== ruled || (state.mustQuash === 'changed') !== (step.type === 'DecisionChanged')))
    return refusal('ruling-not-carried-out', '行政复议法 77', { pointer: '/by' })
  return ruled === undefined && (by === 'reconsideration' || by === 'court')
    ? refusal('quash-without-ruling', rule, { pointer: '/by' })
    : undefined
}

export const aftermathRules: Rules = {
  PaymentReceived(data, state) {
    const used = newReceipt(data.receipt, state)
    if (used) return used
    const owed = debt(state)
    const most = data.of === 'confiscation' ? owed.confiscation : owed.fine
    const left = most - state.paid[data.of]
    return data.amount > left
      ? refusal('payment-exceeds-debt', data.of === 'surcharge' ? '行政处罚法 72' : '行政处罚法 67', {
          pointer: '/amount',
          detail: { left },
        })
      : undefined
  },
  PaymentDeferred: (data, _, step) =>
    data.until <= dateOf(step.effectiveAt)
      ? refusal('deferral-in-past', '行政处罚法 66', { pointer: '/until' })
      : undefined,
  RefundMade(data, state) {
    const used = newReceipt(data.receipt, state)
    if (used) return used
    const most = sumOf(overpaid(state.paid, debt(state)))
    return data.amount > most
      ? refusal('refund-exceeds-payment', '行政复议法 64', { pointer: '/amount', detail: { most } })
      : undefined
  },
  EnforcementApplied: (data, _, step) =>
    isLate(step.effectiveAt, data.judgedBy.due)
      ? undefined
      : refusal('remedy-period-runs', '行政强制法 53', { detail: { until: data.judgedBy.due } }),
  DecisionPublished: (data) =>
    data.redacted ? undefined : refusal('publication-not-redacted', '行政处罚法 50', { pointer: '/redacted' }),
  ReconsiderationFiled: inTime,
  LitigationFiled: inTime,
  DecisionQuashed: (data, state, step) => annuls(data.by, state, step),
  DecisionChanged(data, state, step) {
    const no = annuls(data.by, state, step)
    if (no) return no
    return isHeavier(data.penalties, standing(state)?.penalties ?? [])
      ? refusal('heavier-on-review', data.by === 'court' ? '行政诉讼法 77' : '行政复议法 63', { pointer: '/penalties' })
      : undefined
  },
  PenaltyCaseClosed(data, state) {
    const left = (data.surchargeOwed ?? 0) - state.paid.surcharge
    return left > 0 && data.surchargeRemitted === undefined
      ? refusal('surcharge-unpaid', '行政处罚法 72', { pointer: '/surchargeRemitted', detail: { fen: left } })
      : undefined
  },
}
