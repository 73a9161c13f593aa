/**
 * Reading, decided before anything is opened: who may see which rows and cases, then the sealed fields he may read. Past data are
 * read under today's rights.
 */
import { deciderOf } from '../domain/categories.ts'
import { CaseQueries } from '../projections/queries/index.ts'
import { boundsFrom } from './reading/bounds.ts'
import { createCaseFileReading } from './reading/case-file.ts'
import { clocksFrom } from './reading/clocks.ts'
import { createListReading } from './reading/lists.ts'
import type { ReadingPorts } from './reading/ports.ts'
import { createRights } from './reading/rights.ts'

export type { AskedBounds, ShownBounds } from './reading/bounds.ts'
export type { ShownClock } from './reading/clocks.ts'
export type { Answer, ReadingPorts } from './reading/ports.ts'

export function createReading(ports: ReadingPorts) {
  const queries = new CaseQueries({
    models: ports.models,
    log: ports.log,
    deciders: deciderOf,
    directory: ports.people,
    numberText: ports.numberText,
  })
  const resolveBounds = boundsFrom(ports)
  const showClocks = clocksFrom(ports)
  const rights = createRights(ports)

  const numberOf = (stream: string, asOf?: number): string | undefined => queries.numbersOf([stream], asOf).get(stream)

  return {
    queries,
    resolveBounds,
    showClocks,
    /** Number of a case as people write it. */
    numberOf,
    ...createListReading(ports, queries, resolveBounds),
    ...createCaseFileReading(ports, { queries, resolveBounds, showClocks, numberOf, rights }),
    evidenceOf: rights.evidenceOf,
    mayAct: rights.mayAct,
  }
}

export type Reading = ReturnType<typeof createReading>
