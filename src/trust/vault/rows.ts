/**
 * What a vault engine stores: rows, and nothing it could read. All cryptography stands above this interface, so that
 * every engine has the same. Writes are durable before they answer.
 */
import type { SealCategory } from '../../domain/sealed.ts'
import type { BlindEntry, BlindMatch } from '../ports.ts'

/** One of the vault's own secrets, wrapped under the master key. */
export interface SecretRow {
  readonly name: string
  /** Which master key wrapped it; serves as the check value of the master key at opening. */
  readonly kekId: string
  readonly wrapped: Uint8Array
  readonly createdAt: string
}

/** A subject's key for one category, wrapped under the master key. */
export interface KeyRow {
  readonly kid: string
  readonly subject: string
  readonly category: SealCategory
  readonly kekId: string
  readonly wrapped: Uint8Array
  readonly createdAt: string
}

/** Keys of an active subject are used, those of a restricted one kept but not used, those of a destroyed one are gone. */
export type SubjectState = 'active' | 'restricted' | 'destroyed'

/** What is left of a destroyed key. */
export interface TombstoneRow {
  readonly kid: string
  readonly subject: string
  readonly destroyedAt: string
  /** Why: the article and decision. Never personal data. */
  readonly basis: string
}

/** Keys that were found, and those of the asked subjects that are not active. */
export interface FoundKeys {
  readonly keys: readonly KeyRow[]
  readonly closed: ReadonlyMap<string, Exclude<SubjectState, 'active'>>
}

export interface BlindRow {
  readonly hmac: Uint8Array
  readonly subject: string
  readonly kind: BlindEntry['kind']
}

export interface VaultRows {
  readSecrets(): Promise<SecretRow[]>
  /** Stores the secrets of a new vault unless some are there already; answers those that are there now. */
  initSecrets(rows: readonly SecretRow[]): Promise<SecretRow[]>
  /** The keys that subjects have now, for pairs of subject and category. */
  currentKeys(pairs: readonly Pick<KeyRow, 'subject' | 'category'>[]): Promise<FoundKeys>
  /**
   * Stores new keys in one transaction; where another writer was first, its key stays; a subject that is not active gets
   * none. Answers the keys that are there now.
   */
  addKeys(rows: readonly KeyRow[]): Promise<FoundKeys>
  keysById(kids: readonly string[]): Promise<FoundKeys & { readonly tombstones: readonly TombstoneRow[] }>
  /** Stores entries in one transaction, already there is no error; answers the subjects that got none. */
  addBlind(rows: readonly BlindRow[]): Promise<FoundKeys['closed']>
  /** Entries of active subjects with these MACs. */
  findBlind(hmacs: readonly Uint8Array[]): Promise<BlindMatch[]>
  /** Throws where the engine does not answer. */
  ping(): Promise<void>
  close(): Promise<void>
}
