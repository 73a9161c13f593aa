/** Money of a penalty in fen, exact: what is owed, paid and overpaid, and what lateness adds (行政处罚法 72, 73). */
import { dateOf, dayNumber, type EffectiveTime } from '../time.ts'
import type { PaymentTarget, PenaltyItem } from './fields.ts'
import { amountOf } from './powers.ts'

/** [from, to) while a reconsideration or a suit runs: those days add nothing. */
export interface PausedRange {
  readonly from: EffectiveTime
  /** Absent while it runs. */
  readonly to?: EffectiveTime | undefined
}

export interface Payment {
  readonly of: PaymentTarget
  readonly amount: number
  readonly receipt: string
  readonly at: EffectiveTime
}

/** What a decision demands. */
export interface Debt {
  readonly fine: number
  readonly confiscation: number
}

export const debtOf = (penalties: readonly PenaltyItem[]): Debt => ({
  fine: amountOf(penalties, 'fine'),
  confiscation: amountOf(penalties, 'confiscation'),
})

const PER_CENT_A_DAY = 3

const isPaused = (day: number, ranges: readonly PausedRange[]): boolean =>
  ranges.some(({ from, to }) => dayNumber(dateOf(from)) <= day && (to === undefined || day < dayNumber(dateOf(to))))

/**
 * What late payment has added by a day: 3 % of the unpaid fine for each day after the due date, the day of payment included, days of
 * a reconsideration or suit left out, and never more than the fine (行政处罚法 72, 73). Whole fen, rounded down once at the end.
 * @param fine fen
 * @param dueDate last day in time
 * @param paidOn day of payment, or the day on which it is asked
 * @param parts parts of the fine paid before, fen, with their days
 */
export function surcharge(
  fine: number,
  dueDate: EffectiveTime,
  paidOn: EffectiveTime,
  pausedRanges: readonly PausedRange[] = [],
  parts: readonly { readonly amount: number; readonly at: EffectiveTime }[] = [],
): number {
  if (fine <= 0) return 0
  const last = dayNumber(dateOf(paidOn))
  const paidIn = parts.map(({ amount, at }) => ({ amount, day: dayNumber(dateOf(at)) }))
  let hundredths = 0
  for (let day = dayNumber(dateOf(dueDate)) + 1; day <= last && hundredths < fine * 100; day++) {
    if (isPaused(day, pausedRanges)) continue
    const unpaid = paidIn.reduce((left, part) => (part.day < day ? left - part.amount : left), fine)
    // Nothing left to pay, and no later day can change that.
    if (unpaid <= 0) break
    hundredths += unpaid * PER_CENT_A_DAY
  }
  return Math.min(fine, Math.floor(hundredths / 100))
}

/** What was paid on each account, fen, refunds taken off. */
export type Paid = Readonly<Record<PaymentTarget, number>>

export const nothingPaid: Paid = { fine: 0, confiscation: 0, surcharge: 0 }

export const withPayment = (paid: Paid, of: PaymentTarget, amount: number): Paid => ({
  ...paid,
  [of]: paid[of] + amount,
})

/** What was paid and is not owed any more, by account: all of it once the decision is quashed. */
export const overpaid = (paid: Paid, debt: Debt): Paid => ({
  fine: Math.max(0, paid.fine - debt.fine),
  confiscation: Math.max(0, paid.confiscation - debt.confiscation),
  // A surcharge stands only beside a fine, and never exceeds it.
  surcharge: Math.max(0, paid.surcharge - debt.fine),
})

export const sumOf = (paid: Paid): number => paid.fine + paid.confiscation + paid.surcharge

/** Takes a refund off what was overpaid, the surcharge first. */
export function withRefund(paid: Paid, debt: Debt, amount: number): Paid {
  const over = overpaid(paid, debt)
  let left = amount
  const next: Record<PaymentTarget, number> = { ...paid }
  for (const account of ['surcharge', 'fine', 'confiscation'] as const) {
    const back = Math.min(left, over[account])
    next[account] -= back
    left -= back
  }
  return next
}

/** What is still owed, fen; surcharges apart. */
export const unpaid = (paid: Paid, debt: Debt): number =>
  Math.max(0, debt.fine - paid.fine) + Math.max(0, debt.confiscation - paid.confiscation)
