/** What comes after a command and before its answer: its number, and rights that are in force. */

import type { Projections } from '../projections/runner.ts'
import { decodeEnvelope } from '../store/envelope.ts'
import type { EventStore } from '../store/port.ts'
import type { Category, CommandResult } from './execute.ts'
import type { NumberSeries } from './numbers.ts'
import type { Reading, ReadingPorts } from './reading.ts'

export interface FinishPorts {
  readonly store: Pick<EventStore, 'readStream'>
  readonly projections: Pick<Projections, 'waitFor' | 'wake'>
  readonly categories: Readonly<Record<string, Category>>
  readonly numbers: Pick<NumberSeries, 'known' | 'allocate'>
  readonly numberText: ReadingPorts['numberText']
  readonly numberOf: Reading['numberOf']
}

/** Categories whose events the directory holds: their commands answer when it knows. */
const REGISTRY = new Set(['organisation', 'office', 'worker', 'person', 'calendar', 'limits', 'scheme', 'cycle'])

/** How long a command waits for the directory to know of it before it answers; milliseconds. */
const DIRECTORY_WAIT_MS = 5_000

/** Finishes a command; null where its category has no numbers. */
export function createFinish({ store, projections, categories, numbers, numberText, numberOf }: FinishPorts) {
  return async (category: string, result: CommandResult & { ok: true }): Promise<string | null> => {
    if (REGISTRY.has(category) && result.index !== undefined)
      await projections.waitFor(result.index + 1, DIRECTORY_WAIT_MS)
    const kind = categories[category]!.numbered
    if (kind === undefined) return null
    const known = numbers.known(result.stream)
    if (known) return numberText(known.organisation, kind, known.year, known.sequence)
    const opening = decodeEnvelope((await store.readStream(result.stream, { limit: 1 })).events[0]!.bytes)
    if (opening.type === 'CaseImported') return numberOf(result.stream) ?? null
    // Also after later steps: a number that a crash left is finished by whoever comes next.
    const got = await numbers.allocate(result.stream, opening.organisation, kind, opening.recordedAt)
    projections.wake()
    return numberText(got.organisation, kind, got.year, got.sequence)
  }
}
