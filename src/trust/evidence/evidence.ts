/** Takes evidence files in and gives them out: type and size checked, the original kept byte for byte, encrypted. */
import { trustTerms } from '../../domain/catalogue/trust.ts'
import { type Refusal, refusal } from '../../domain/decider.ts'
import { ToSeal } from '../../domain/sealed.ts'
import type { EvidenceStore, Opened, Vault } from '../ports.ts'
import { sha256Hex } from './directory.ts'
import { detectType, type EvidenceType } from './type.ts'

/** Largest file in bytes, where nothing else is configured. */
export const DEFAULT_MAX_BYTES = 50 * 1024 * 1024

/** Whose a file is: it opens for nobody and nothing else. */
export interface EvidenceOwner {
  /** The case's own subject: erasing it takes the file along. */
  readonly subject: string
  /** The stream of the case that the file was first given to; part of the additional data. */
  readonly stream: string
}

/** What an event records of a file. The name and the hash of the content tell of persons, so they are sealed. */
export interface AcceptedEvidence {
  /** Lower-case hex SHA-256 of the encrypted file: its address. */
  readonly address: string
  readonly type: EvidenceType
  /** Bytes of the original. */
  readonly size: number
  /** Lower-case hex SHA-256 of the original. */
  readonly contentSha256: ToSeal
  readonly name: ToSeal
}

export type Acceptance =
  | { readonly ok: true; readonly evidence: AcceptedEvidence }
  | { readonly ok: false; readonly refusal: Refusal }

export class EvidenceService {
  readonly #vault: Vault
  readonly #store: EvidenceStore
  readonly maxBytes: number

  constructor(vault: Vault, store: EvidenceStore, maxBytes = DEFAULT_MAX_BYTES) {
    this.#vault = vault
    this.#store = store
    this.maxBytes = maxBytes
  }

  /**
   * Checks, encrypts and stores a file durably. Refuses with `evidence-empty`, `evidence-too-large`,
   * `evidence-type-refused`.
   * @throws VaultUnavailable, SubjectClosed, StoreError
   */
  async accept(bytes: Uint8Array, declaredName: string, owner: EvidenceOwner): Promise<Acceptance> {
    if (bytes.length === 0) return { ok: false, refusal: refusal('evidence-empty') }
    if (bytes.length > this.maxBytes) {
      return { ok: false, refusal: refusal('evidence-too-large', undefined, { detail: { maxBytes: this.maxBytes } }) }
    }
    const type = await detectType(bytes, declaredName)
    if (!type) return { ok: false, refusal: refusal('evidence-type-refused') }
    const address = await this.#store.put(await this.#vault.sealBytes(owner.subject, owner.stream, bytes))
    const contentSha256 = new ToSeal('attachment', sha256Hex(bytes))
    const name = new ToSeal('attachment', plainName(declaredName))
    return { ok: true, evidence: { address, type, size: bytes.length, contentSha256, name } }
  }

  /**
   * The original, or why it cannot be read; nothing where no such file is stored.
   * @throws EvidenceDamaged, StoreError
   */
  async read(address: string, owner: EvidenceOwner): Promise<Uint8Array | Exclude<Opened, string> | undefined> {
    const sealed = await this.#store.get(address)
    return sealed && (await this.#vault.openBytes(owner.subject, owner.stream, sealed))
  }
}

/** In characters; the end is kept, which has the extension. */
const LONGEST_NAME = 200

/** The last part of a path, without characters that could act when the name is shown or saved. */
function plainName(declared: string): string {
  const last = declared.normalize('NFC').split(/[/\\]/).at(-1) ?? ''
  const clean = last.replace(/[\p{Cc}\p{Cf}<>:"|?*]/gu, '').replace(/^[\s.]+|[\s.]+$/g, '')
  return [...clean].slice(-LONGEST_NAME).join('') || trustTerms['evidence.unnamed']
}
