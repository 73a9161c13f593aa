/** The port between the import and the rest: directory, events, vault. The composition root implements it over the store. */
import type { NewEvent } from '../domain/event.ts'
import type { OrganisationKind } from '../domain/registry/organisation.ts'
import type { Identities, ImportedEvent } from './plan.ts'

/** The organisation a mapping names. */
export interface OrganisationSpec {
  readonly code: string
  readonly name: string
  readonly kind: OrganisationKind
  readonly division: string
}

/** A case's events of the import kind, corrections aside, and where its stream stands. */
export interface StoredCase {
  /** Revision of the last event of any kind. */
  readonly revision: number
  readonly events: readonly ImportedEvent[]
}

/** One append: all of it or nothing. */
export interface RowWrite {
  readonly row: number
  readonly stream: string
  readonly expected: 'no_stream' | number
  readonly organisation: string
  readonly commandId: string
  readonly requestMac: string
  /** The case's own subject: whose key seals its narrative. */
  readonly subject: string
  /** Fields to be sealed are still `ToSeal`; events without `effectiveAt` happen at the import's instant. */
  readonly events: readonly NewEvent[]
  /** For the blind index. */
  readonly person?:
    | { readonly subject: string; readonly phone?: string; readonly identityNumber?: string; readonly name?: string }
    | undefined
  readonly office?: string | undefined
}

export type RowWritten =
  | { readonly ok: true }
  /** Somebody else wrote to the stream: it is read and decided again. */
  | { readonly ok: false; readonly reason: 'conflict' }
  /** The case refuses the events; `code` of docs/errors.md. */
  | { readonly ok: false; readonly reason: 'refused'; readonly code: string }

export interface ImportTarget extends Identities {
  /** Milliseconds since 1970. */
  now(): number
  /**
   * The organisation's id, registering it if the directory has none and `write` is set; `events` counts what that records, also
   * where it is not written.
   */
  organisation(spec: OrganisationSpec, write: boolean): Promise<{ id: string; events: number }>
  /** Id of an office by licence number or name, as the organisation's directory knows it. */
  office(organisation: string, text: string): Promise<string | undefined>
  /** Whether a row is a case of this very log that came back with an exported list: its truth is here. */
  isOwn?(source: string, key: readonly string[]): Promise<boolean>
  /** What is stored for a case; undefined where the stream does not exist. */
  load(stream: string): Promise<StoredCase | undefined>
  /** Seals and appends. Many are under way at once, never two for one stream. @throws what the store throws */
  append(write: RowWrite): Promise<RowWritten>
}
