/** Problems of ledger files and mappings: where in the file or mapping each fault stands. */
import { errors } from '../domain/catalogue/errors.ts'
import type { ImportReport } from '../ledger/import.ts'
import { LedgerError, type LedgerFault } from '../ledger/problem.ts'
import { type FieldError, isErrorCode, type Problem, problemOf } from './problem.ts'

const pointerOf = ({ pointer, row, column }: LedgerFault): string => {
  if (pointer !== undefined) return pointer
  if (row === undefined) return column === undefined ? '#file' : `#column/${column}`
  return column === undefined ? `#row/${row}` : `#row/${row}/${column}`
}

/** The problem of a file or mapping that is refused as a whole. */
export function problemOfLedger(error: LedgerError): Problem {
  const faults = error.faults.map((fault): FieldError => ({ pointer: pointerOf(fault), detail: fault.message }))
  return problemOf(error.code, faults.length === 0 ? {} : { errors: faults })
}

/** The problem of whatever ended an import: one of our codes, or `internal`. */
export function problemOfImportError(error: unknown): Problem {
  if (error instanceof LedgerError) return problemOfLedger(error)
  const { code } = error as { code?: unknown }
  return problemOf(isErrorCode(code) && code in errors ? code : 'internal')
}

/** A strict import that met refused rows: the report, as problem details that name each row. */
export function problemOfRefusedRows(report: ImportReport): Problem & Omit<ImportReport, 'errors'> {
  const { errors: rows, ...counts } = report
  return {
    ...counts,
    ...problemOf('import-rows-refused'),
    errors: rows.map((row) => ({
      ...row,
      pointer: row.column === null ? `#row/${row.row}` : `#row/${row.row}/${row.column}`,
      detail: row.reason,
    })),
  }
}
