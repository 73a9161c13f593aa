/** Ports of the trust layer: keys and sealing, blind indexes, evidence files, the access log. Formats: docs/adr/0003-personal-data.md. */
import type { Ciphertext, SealCategory } from '../domain/sealed.ts'

/** Where a sealed field stands: part of its additional data, so that it opens nowhere else. */
export interface FieldPlace {
  /** Id of the event whose bytes hold the ciphertext. */
  readonly event: string
  readonly stream: string
  /** Path below `data`; joined by `/` in the additional data, `~` and `/` inside a part escaped as in RFC 6901. */
  readonly path: readonly string[]
}

export interface SealRequest extends FieldPlace {
  readonly subject: string
  readonly category: SealCategory
  readonly text: string
}

export interface OpenRequest extends FieldPlace {
  readonly cipher: Ciphertext
}

/** How a sealed field reads: its text, or why not; never an empty string. */
export type Opened =
  | string
  | { readonly erased: true; readonly at: string; readonly basis: string }
  | { readonly withheld: true }
  | { readonly unavailable: true }

/** One value to find repeats by. Normalised before the MAC: digits only for phones, upper case for identity numbers. */
export interface BlindEntry {
  readonly kind: 'phone' | 'identity-number' | 'name-office'
  readonly value: string
}

/** A subject that a blind index found, and by what. */
export interface BlindMatch {
  readonly subject: string
  readonly kind: BlindEntry['kind']
}

/**
 * Keys of subjects. Asynchronous and batched: in a cluster it is a database elsewhere. Keys are durable before `seal`
 * answers.
 * All methods throw `VaultUnavailable` when the vault is away or locked, and StoreError `disk-full`; `open` and `openBytes`
 * answer `{unavailable}` instead. Fields of a restricted subject open as `{withheld}`.
 */
export interface Vault {
  /** Seals a batch; makes and stores missing keys first. Same order as asked. @throws SubjectClosed */
  seal(requests: readonly SealRequest[]): Promise<Ciphertext[]>
  /**
   * Opens a batch, by the vault's present state. A field whose place does not match its additional data reads as
   * `{unavailable}` and is reported.
   */
  open(requests: readonly OpenRequest[]): Promise<Opened[]>
  /** Keyed MAC (HMAC-SHA-256, base64url) under the vault's MAC key, separated by purpose: `request`, `row`, `stream`. */
  mac(purpose: string, content: string | Uint8Array): string
  /** Adds blind index entries of a subject within an organisation; already there is no error. */
  remember(organisation: string, subject: string, entries: readonly BlindEntry[]): Promise<void>
  /** Active subjects of an organisation that share an entry, once for each entry that matches. */
  find(organisation: string, entries: readonly BlindEntry[]): Promise<BlindMatch[]>
  /** Encrypts bytes under a subject's `attachment` key; `aad` names what they belong to. */
  sealBytes(subject: string, aad: string, bytes: Uint8Array): Promise<Uint8Array>
  openBytes(subject: string, aad: string, bytes: Uint8Array): Promise<Uint8Array | Exclude<Opened, string>>
  /** Whether it can seal and open now. */
  ready(): Promise<{ ok: boolean; detail: string }>
  close(): Promise<void>
}

/** An evidence file at rest: encrypted, addressed by the SHA-256 of its ciphertext. */
export interface EvidenceStore {
  /** Stores encrypted bytes durably; answers their lower-case hex SHA-256. Storing the same again is no error. */
  put(ciphertext: Uint8Array): Promise<string>
  get(sha256: string): Promise<Uint8Array | undefined>
  /** Every stored address, for verification and backup. */
  list(): AsyncIterable<string>
}

/** Records who opened which subjects' fields; events of reading come with the access log in a later version. */
export interface AccessLog {
  opened(entry: {
    readonly person: string
    readonly stream: string
    readonly subjects: readonly string[]
    readonly purpose?: string
  }): void
}

/** The vault cannot be reached or has no master key: nothing was sealed. */
export class VaultUnavailable extends Error {
  readonly code = 'vault-unavailable' as const
  /** Whether nothing but waiting is needed: the engine did not answer. Anything else wants an operator. */
  readonly passing: boolean
  constructor(message: string, options: { cause?: unknown; passing?: boolean } = {}) {
    super(message, options)
    this.name = 'VaultUnavailable'
    this.passing = options.passing === true
  }
}

/** The subject's keys are destroyed or restricted: nothing more is sealed or remembered under it. */
export class SubjectClosed extends Error {
  readonly code: 'subject-restricted' | 'subject-destroyed'
  readonly subject: string
  constructor(state: 'restricted' | 'destroyed', subject: string) {
    super(`subject ${subject} is ${state}`)
    this.name = 'SubjectClosed'
    this.code = `subject-${state}`
    this.subject = subject
  }
}
