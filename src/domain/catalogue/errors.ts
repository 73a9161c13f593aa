/**
 * The one table of errors: code → HTTP status → Chinese title and help. Each subject keeps its rows in its own file;
 * docs/errors.md is generated from this table and checked against it.
 */
import { calendarErrors } from './calendar.ts'
import { clusterErrors } from './cluster.ts'
import { commonErrors } from './common.ts'
import { complaintErrors } from './complaint.ts'
import { importErrors } from './imports.ts'
import { ledgerErrors } from './ledger.ts'
import { operationsErrors } from './operations.ts'
import { oversightErrors } from './oversight.ts'
import { penaltyErrors } from './penalty.ts'
import { ratingErrors } from './rating.ts'
import { registryErrors } from './registry.ts'
import { returnVisitErrors } from './return-visit.ts'
import { searchErrors } from './search.ts'
import { supervisionErrors } from './supervision.ts'
import { trustErrors } from './trust.ts'

export interface ErrorRow {
  readonly status: number
  /** One Chinese sentence: what was refused. */
  readonly title: string
  /** One Chinese sentence: what the person can do. */
  readonly help: string
}
export type ErrorTable = Readonly<Record<string, ErrorRow>>

export const errors = {
  ...commonErrors,
  ...complaintErrors,
  ...calendarErrors,
  ...clusterErrors,
  ...importErrors,
  ...ledgerErrors,
  ...penaltyErrors,
  ...registryErrors,
  ...operationsErrors,
  ...oversightErrors,
  ...ratingErrors,
  ...returnVisitErrors,
  ...searchErrors,
  ...supervisionErrors,
  ...trustErrors,
} as const satisfies ErrorTable

export type ErrorCode = keyof typeof errors
