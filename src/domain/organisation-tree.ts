/** Administrative division codes (GB/T 2260): a superior's significant digits are a prefix of its subordinates'. */

/** The significant part of a division code: `340000` → `34`, `341700` → `3417`, `341702` and longer as they are. */
export function significantDivision(code: string): string {
  const six = code.slice(0, 6)
  if (code.length > 6) {
    const rest = code.slice(6).replace(/(000)+$/, '')
    if (rest !== '') return six + rest
  }
  if (six.endsWith('0000')) return six.slice(0, 2)
  return six.endsWith('00') ? six.slice(0, 4) : six
}

/** Whether `superior` is the same division as `code` or above it. */
export const isWithin = (code: string, superior: string): boolean =>
  significantDivision(code).startsWith(significantDivision(superior))

/** Whether `superior` is above `code`: the same division is not. */
export const isAbove = (superior: string, code: string): boolean =>
  isWithin(code, superior) && significantDivision(code) !== significantDivision(superior)

/** Whether the text can be a division code: six, nine or twelve digits. */
export const isDivisionCode = (code: string): boolean => /^\d{6}(\d{3}){0,2}$/.test(code)

/** Levels of the administration, from the province down. */
export type DivisionLevel = 'province' | 'city' | 'county' | 'township' | 'village'

/** The level a division code stands for, by the length of its significant part. */
export function divisionLevel(code: string): DivisionLevel {
  const digits = significantDivision(code).length
  if (digits <= 2) return 'province'
  if (digits <= 4) return 'city'
  if (digits <= 6) return 'county'
  return digits <= 9 ? 'township' : 'village'
}
