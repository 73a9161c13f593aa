/** What can be wrong with a ledger: a file that is refused whole, and single rows that are refused. */
import { type LedgerErrorCode, type RowProblemCode, rowReason } from '../domain/catalogue/ledger.ts'

/** A place in the file or mapping that a refusal of the whole file names. */
export interface LedgerFault {
  readonly row?: number
  readonly column?: string
  /** JSON pointer into the mapping. */
  readonly pointer?: string
  readonly message: string
}

/** The file, workbook or mapping as a whole is refused; `code` stands in docs/errors.md. */
export class LedgerError extends Error {
  readonly code: LedgerErrorCode
  readonly faults: readonly LedgerFault[]
  constructor(
    code: LedgerErrorCode,
    message: string,
    faults: readonly LedgerFault[] = [],
    options?: { cause?: unknown },
  ) {
    super(message, options)
    this.name = 'LedgerError'
    this.code = code
    this.faults = faults
  }
}

/** One refused cell or row, as reported. */
export interface RowProblem {
  /** Row as a person sees it in the sheet: the first row of the file is 1. */
  readonly row: number
  /** Header of the column; null where the row as a whole is refused. */
  readonly column: string | null
  readonly code: RowProblemCode
  /** Chinese sentence; never the cell's content. */
  readonly reason: string
}

export const problem = (
  row: number,
  column: string | null,
  code: RowProblemCode,
  detail?: Readonly<Record<string, string | number>>,
): RowProblem => ({ row, column, code, reason: rowReason(code, detail) })
