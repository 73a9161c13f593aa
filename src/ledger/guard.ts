/**
 * Formulas hidden in text (OWASP, "CSV injection"): a spreadsheet takes a cell that begins with one of these for a formula.
 * Writing puts an apostrophe before such a text and before one that already has apostrophes there; reading takes exactly one
 * away, so that what was exported imports again without a difference.
 */
const DANGEROUS = /^'*[=+\-@\t\r\n＝＋－＠]/
const PREFIXED = /^'(?='*[=+\-@\t\r\n＝＋－＠])/

/** The text as it may stand in a CSV. */
export const guard = (text: string): string => (DANGEROUS.test(text) ? `'${text}` : text)

/** The inverse of {@link guard}. */
export const unguard = (text: string): string => text.replace(PREFIXED, '')
