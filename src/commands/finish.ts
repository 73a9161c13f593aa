/** What comes after a command and before its answer: its number, and rights that are in force. */

import type { Projections } from '../projections/runner.ts'
import { decodeEnvelope } from '../store/envelope.ts'
import type { EventStore, Position } from '../store/port.ts'
import type { Category, CommandResult } from './execute.ts'
import type { AllocatedNumber, NumberSeries } from './numbers.ts'
import type { Reading, ReadingPorts } from './reading.ts'

export interface FinishPorts {
  readonly store: Pick<EventStore, 'readStream' | 'comparePositions'>
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

/** What a command answers besides its result. */
export interface Finished {
  /** Null where the category has no numbers. */
  readonly number: string | null
  /** Up to here somebody who is to see what the command did has to read: its events, and its number. */
  readonly position?: Position
}

/** Finishes a command. */
export function createFinish({ store, projections, categories, numbers, numberText, numberOf }: FinishPorts) {
  const numbered = (result: CommandResult & { ok: true }, got: AllocatedNumber): Finished => {
    const { organisation, kind, year, sequence, position } = got
    const isLater = result.position === undefined || store.comparePositions(position, result.position) > 0
    return {
      number: numberText(organisation, kind, year, sequence),
      position: isLater ? position : result.position!,
    }
  }
  return async (category: string, result: CommandResult & { ok: true }): Promise<Finished> => {
    const own = result.position === undefined ? {} : { position: result.position }
    if (REGISTRY.has(category) && result.index !== undefined)
      await projections.waitFor(result.index + 1, DIRECTORY_WAIT_MS)
    const kind = categories[category]!.numbered
    if (kind === undefined) return { number: null, ...own }
    const known = numbers.known(result.stream)
    if (known) return numbered(result, known)
    const opening = decodeEnvelope((await store.readStream(result.stream, { limit: 1 })).events[0]!.bytes)
    if (opening.type === 'CaseImported') return { number: numberOf(result.stream) ?? null, ...own }
    // Also after later steps: a number that a crash left is finished by whoever comes next.
    const got = await numbers.allocate(result.stream, opening.organisation, kind, opening.recordedAt)
    projections.wake()
    return numbered(result, got)
  }
}
