/** Runs the contract of docs/contract.md on a store. */
import t, { type Test } from 'tap'
import { appendCases } from './append-cases.ts'
import type { Harness, LogHarness } from './harness.ts'
import { logCases } from './log-cases.ts'
import { readCases } from './read-cases.ts'
import { subscribeCases } from './subscribe-cases.ts'

/** One sentence of the contract and its test, which gives a text saying why it does not concern this store, where it does not. */
export interface Case<H> {
  readonly sentence: string
  readonly test: (t: Test, harness: H) => Promise<unknown>
}

export const storeCases: readonly Case<Harness>[] = [...appendCases, ...readCases, ...subscribeCases]
export { logCases }

/** The contract of `EventStore` on the stores a function makes. */
export function contractSuite(name: string, makeStore: () => Promise<Harness>): void {
  for (const { sentence, test } of storeCases) run(`${name}: ${sentence}`, makeStore, test)
}

/** The contract of `EventLog` on the stores a function makes. */
export function logSuite(name: string, makeLog: () => Promise<LogHarness>): void {
  for (const { sentence, test } of logCases) run(`${name}: ${sentence}`, makeLog, test)
}

function run<H extends { dispose(): Promise<void> }>(
  name: string,
  make: () => Promise<H>,
  test: Case<H>['test'],
): void {
  t.test(name, async (t) => {
    const harness = await make()
    try {
      const skipped = await test(t, harness)
      if (typeof skipped === 'string') t.pass('not for this store', { skip: skipped })
    } finally {
      await harness.dispose()
    }
  })
}
