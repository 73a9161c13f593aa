/** What ends a move, with its stable code. */
import type { operationsErrors } from '../../domain/catalogue/operations.ts'

type OfMoves = Extract<keyof typeof operationsErrors, `migrate-${string}`>

export class MigrationRefused extends Error {
  readonly code: OfMoves | 'data-directory-moved' | 'wrong-usage'
  /** What the code alone does not say: an index, a count, an address; never personal data. */
  readonly parameters: Readonly<Record<string, string | number>>
  constructor(
    code: MigrationRefused['code'],
    parameters: MigrationRefused['parameters'],
    options?: { cause?: unknown },
  ) {
    super(
      Object.entries(parameters)
        .map(([name, value]) => `${name}: ${value}`)
        .join('; ') || code,
      options,
    )
    this.name = 'MigrationRefused'
    this.code = code
    this.parameters = parameters
  }
}
