/** Points, exact: kept as whole hundredths everywhere inside; decimals only where people read or write them. */
import { z } from 'zod'

/** Points × 100, a whole number. 90 points are 9000; 89.99 are 8999. */
export type Hundredths = number

/** Whole hundredths of a decimal, or nothing where it has more than two decimals. */
export function hundredths(decimal: number): Hundredths | undefined {
  const scaled = Math.round(decimal * 100)
  return Number.isSafeInteger(scaled) && scaled / 100 === decimal ? scaled : undefined
}

/** The decimal people see. The quotient is the double nearest to the decimal, so it prints with at most two places. */
export const decimal = (value: Hundredths): number => value / 100

/** `20` or `19.5` or `89.99`, for sentences. */
export const pointsText = (value: Hundredths): string => String(decimal(value))

/** A number of at least 0 with at most two decimals, as points, hours and percentages are written. */
export const twoDecimals = z
  .number()
  .min(0)
  .max(1_000_000)
  .refine((value) => hundredths(value) !== undefined, { error: 'more than two decimals' })
