/** What reading needs of the rest of the program, and the two ways in which it answers. */
import type { Refusal } from '../../domain/decider.ts'
import type { Directory } from '../../projections/directory.ts'
import type { RuleBook } from '../../projections/rulebook.ts'
import type { ReadModels } from '../../projections/tables.ts'
import type { EventLog } from '../../store/port.ts'
import type { AccessLog, Vault } from '../../trust/ports.ts'
import type { Category, CommandPorts, Execute } from '../execute.ts'
import type { SearchReading } from '../search.ts'

export interface ReadingPorts {
  readonly log: EventLog
  readonly vault: Vault
  readonly models: ReadModels
  readonly people: Directory
  readonly book: RuleBook
  readonly categories: Readonly<Record<string, Category>>
  readonly holderOf: CommandPorts['holderOf']
  readonly nextActions: Execute['nextActions']
  readonly numberText: (organisation: string, kind: string, year: number, sequence: number) => string
  readonly accessLog: AccessLog
  readonly search: Pick<SearchReading, 'listed'>
  readonly now: () => number
}

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal }

export const no = (value: Refusal): { ok: false; refusal: Refusal } => ({ ok: false, refusal: value })

/** The id in a stream's name. */
export const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1)
