/**
 * Ledgers that were imported: what the audit trail tells of each run. The cases themselves carry what came of every row. Stream
 * `ledger-<id>`, one an organisation and source, so that the runs of one ledger stand in one place.
 */
import { z } from 'zod'
import { accepted, action, type Decider, refusal } from './decider.ts'
import type { EventMap, NewEventOf, StepOf } from './event.ts'

const count = z.int().min(0)

const imported = z.strictObject({
  /** Name of the ledger in the mapping. */
  source: z.string().min(1).max(100),
  /** SHA-256 of the mapping with its defaults, lower-case hex: a mapping holds no personal data. */
  mapping: z.string().regex(/^[0-9a-f]{64}$/),
  /** Keyed MAC over the file's SHA-256: tells whether a file is the one imported, and nothing to whom lacks the vault's key. */
  fileMac: z.string().min(1).max(100),
  rows: count,
  imported: count,
  repeated: count,
  refused: count,
  /** Events recorded for rows. */
  events: count,
  /** Whether the file was read to its end: not where the run was stopped or failed. What was imported until then stands. */
  complete: z.boolean(),
})

export const ledgerEvents = {
  LedgerImported: { version: 1, rule: 'S1-2.1', data: imported },
} as const satisfies EventMap
export type LedgerEvents = typeof ledgerEvents
type New = NewEventOf<LedgerEvents>

export interface LedgerState {
  readonly source?: string
  readonly runs: number
  readonly imported: number
  readonly lastAt?: string
}

/** The runs of one ledger. */
export const ledgerDecider: Decider<LedgerState, LedgerEvents> = {
  category: 'ledger',
  events: ledgerEvents,
  initial: { runs: 0, imported: 0 },
  evolve: (state, step: StepOf<LedgerEvents>) =>
    step.type === 'LedgerImported'
      ? {
          source: step.data.source,
          runs: state.runs + 1,
          imported: state.imported + step.data.imported,
          lastAt: step.effectiveAt,
        }
      : state,
  guard: (state, step) => {
    const { data } = step
    if (state.source !== undefined && state.source !== data.source)
      return refusal('ledger-run-inconsistent', 'S1-2.1', { pointer: '/source' })
    return data.imported + data.repeated + data.refused <= data.rows
      ? undefined
      : refusal('ledger-run-inconsistent', 'S1-2.1', { pointer: '/rows' })
  },
  actions: {
    // Opens the ledger's stream or adds to it: the stream's name is given either way.
    recordImport: action<LedgerState, New, typeof imported>({
      rule: 'S1-2.1',
      body: imported,
      // What brought nothing new is no import: running again leaves no trace, like every repeated command.
      decide: (data) => (data.imported === 0 ? accepted<New>() : accepted<New>({ type: 'LedgerImported', data })),
    }),
  },
}
