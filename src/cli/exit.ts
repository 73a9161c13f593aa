/** Exit codes and the ways a command ends. */
import { ledgerErrors } from '../domain/catalogue/ledger.ts'
import type { Problem } from '../http/problem.ts'

/** 0 done; 1 refused or failed verification; 2 wrong usage or unreadable input; 70 unexpected. */
export const exitCodes = { done: 0, refused: 1, usage: 2, unexpected: 70 } as const

/** Codes that say the input could not be read or the command was worded wrongly, rather than refused by a rule. */
const usageCodes = new Set<string>([
  'wrong-usage',
  'malformed-json',
  'input-unreadable',
  'mapping-unknown',
  // A file or mapping that cannot be used; one that only changed, or whose rows are refused, was read well enough.
  ...Object.keys(ledgerErrors).filter((code) => code !== 'ledger-changed' && code !== 'import-rows-refused'),
])

/** A command that was refused, with its problem. */
export class Refused extends Error {
  readonly problem: Problem
  readonly exitCode: number
  constructor(problem: Problem, exitCode?: number) {
    super(problem.code)
    this.name = 'Refused'
    this.problem = problem
    this.exitCode = exitCode ?? (usageCodes.has(problem.code) ? exitCodes.usage : exitCodes.refused)
  }
}
