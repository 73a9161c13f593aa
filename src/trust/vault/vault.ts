/** The vault over any engine: keys made and cached here, rows kept by a {@link VaultRows}. */
import { createSecretKey, type KeyObject } from 'node:crypto'
import type { Ciphertext, SealCategory } from '../../domain/sealed.ts'
import { instantOfMs } from '../../domain/time.ts'
import { StoreError } from '../../store/port.ts'
import type { BlindEntry, BlindMatch, FieldPlace, Opened, OpenRequest, SealRequest, Vault } from '../ports.ts'
import { SubjectClosed, VaultUnavailable } from '../ports.ts'
import { blind } from './blind.ts'
import type { DataKey, OpenFailure, Random, WrappingKey } from './crypto.ts'
import * as crypto from './crypto.ts'
import { Group, Recent } from './group.ts'
import { createMasterKey, readMasterKey } from './master-key.ts'
import type { BlindRow, FoundKeys, KeyRow, SecretRow, TombstoneRow, VaultRows } from './rows.ts'

/** Something sealed that should open and does not: an alarm. Holds no personal data. */
export interface VaultAlarm {
  /** What failed; `key-missing`: neither a key nor the record of its destruction is there. */
  readonly reason: OpenFailure | 'key-missing'
  /** Where: the field's event, stream and path, or what the sealed bytes belong to. */
  readonly place: FieldPlace | { readonly belongsTo: string }
  readonly subject: string
  readonly kid: string
}

export interface KeyVaultOptions {
  readonly rows: VaultRows
  /** File of the master key. Without one (a restored backup) reads are unavailable and sealing is refused. */
  readonly masterKeyFile?: string
  /**
   * Whether a vault without any secret is a new one and may get a master key and secrets. False where events are there
   * already: their vault is then missing, and a new one would hide that. Asked only where there is no secret. Default true.
   */
  readonly mayCreate?: boolean | (() => Promise<boolean>)
  /**
   * Opens also where the engine does not answer, and looks for it every so many milliseconds: until it is there, sealed
   * fields are unavailable and sealing is refused. Without it such a vault is not opened.
   */
  readonly retryMs?: number
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly random: Random
  readonly onTamper?: (alarm: VaultAlarm) => void
  /** How many unwrapped keys are kept in memory. Default 4096. */
  readonly cachedKeys?: number
}

interface Unlocked {
  readonly kek: WrappingKey
  readonly mac: KeyObject
  readonly blind: KeyObject
}
type Lock =
  | Unlocked
  | {
      readonly locked: string
      /** The engine was not there yet: it is looked for again. */
      readonly waiting?: true
    }

/** What the rows say of the keys of one batch of reads. */
interface ForReading {
  readonly keys: ReadonlyMap<string, KeyRow>
  readonly closed: FoundKeys['closed']
  readonly tombstones: ReadonlyMap<string, TombstoneRow>
}

const SECRETS = ['mac', 'blind'] as const
const pairName = (subject: string, category: SealCategory) => `${category} ${subject}`
const unavailable = { unavailable: true } as const

/**
 * Opens a vault over an engine and loads its secrets; makes them, and the master key, only where the vault is new.
 * @throws MasterKeyRefused, VaultUnavailable where the engine does not answer and is not waited for
 */
export async function openKeyVault(options: KeyVaultOptions): Promise<KeyVault> {
  try {
    return new KeyVault(options, await loadLock(options))
  } catch (error) {
    if (options.retryMs === undefined || !(error instanceof VaultUnavailable) || !error.passing) throw error
    return new KeyVault(options, { locked: error.message, waiting: true })
  }
}

/** The vault's own secrets, or why there are none. @throws MasterKeyRefused, VaultUnavailable */
async function loadLock(options: KeyVaultOptions): Promise<Lock> {
  const { rows, masterKeyFile, random, mayCreate = true } = options
  let secrets = await rows.readSecrets()
  let master = masterKeyFile === undefined ? undefined : readMasterKey(masterKeyFile)
  if (secrets.length === 0) {
    const may = typeof mayCreate === 'boolean' ? mayCreate : await mayCreate()
    if (!may) return { locked: 'the vault of these events is missing' }
    if (masterKeyFile === undefined) return { locked: 'no master key file is named' }
    master ??= createMasterKey(masterKeyFile, random)
    const kek = crypto.wrappingKey(master)
    const createdAt = instantOfMs(options.now())
    secrets = await rows.initSecrets(
      SECRETS.map((name): SecretRow => {
        const wrapped = crypto.wrapKey(kek, crypto.secretName(name), random(crypto.KEY_BYTES), random)
        return { name, kekId: kek.id, wrapped, createdAt }
      }),
    )
  }
  return unlock(secrets, master, masterKeyFile)
}

function unlock(secrets: readonly SecretRow[], master: Uint8Array | undefined, file: string | undefined): Lock {
  if (master === undefined) return { locked: file ? `no master key at ${file}` : 'no master key file is named' }
  const kek = crypto.wrappingKey(master)
  const opened: Record<string, KeyObject> = {}
  for (const { name, kekId, wrapped } of secrets) {
    if (kekId !== kek.id) return { locked: `the master key at ${file} is not this vault's` }
    try {
      opened[name] = createSecretKey(crypto.unwrapKey(kek, crypto.secretName(name), wrapped))
    } catch (error) {
      if (!(error instanceof crypto.DoesNotOpen)) throw error
      return { locked: `the vault's secret "${name}" is damaged: ${error.reason}` }
    }
  }
  const { mac, blind: blindKey } = opened
  if (!mac || !blindKey) return { locked: 'the vault lacks one of its own secrets' }
  return { kek, mac, blind: blindKey }
}

export class KeyVault implements Vault {
  readonly #options: KeyVaultOptions
  readonly #rows: VaultRows
  #lock: Lock
  #timer: NodeJS.Timeout | undefined
  readonly #cache: Recent<DataKey>
  readonly #macKeys = new Map<string, KeyObject>()
  readonly #keyGroup: Group<{ subject: string; category: SealCategory }, FoundKeys>
  readonly #blindGroup: Group<BlindRow, FoundKeys['closed']>
  #alarms = 0
  #closed = false

  constructor(options: KeyVaultOptions, lock: Lock) {
    this.#options = options
    this.#rows = options.rows
    this.#lock = lock
    this.#cache = new Recent(options.cachedKeys ?? 4096)
    this.#keyGroup = new Group((pairs) => this.#findOrMake(pairs))
    this.#blindGroup = new Group((rows) => this.#rows.addBlind(rows))
    this.#lookAgain()
  }

  /** Looks for an engine that was not there, until it is. */
  #lookAgain(): void {
    if (this.#closed || !('waiting' in this.#lock)) return
    this.#timer = setTimeout(async () => {
      try {
        this.#lock = await loadLock(this.#options)
      } catch (error) {
        this.#lock = { locked: (error as Error).message, waiting: true }
      }
      this.#lookAgain()
    }, this.#options.retryMs).unref()
  }

  /** How many sealed values did not open although a key should have been there. */
  get alarms(): number {
    return this.#alarms
  }

  #unlocked(): Unlocked {
    if (this.#closed) throw new VaultUnavailable('the vault is closed')
    if ('locked' in this.#lock) throw new VaultUnavailable(this.#lock.locked)
    return this.#lock
  }

  async seal(requests: readonly SealRequest[]): Promise<Ciphertext[]> {
    const keys = await this.#keysFor(requests)
    return requests.map((request) => {
      const key = keys.get(pairName(request.subject, request.category))!
      return crypto.sealField(key, request, request.text, this.#options.random)
    })
  }

  async sealBytes(subject: string, aad: string, bytes: Uint8Array): Promise<Uint8Array> {
    const keys = await this.#keysFor([{ subject, category: 'attachment' }])
    return crypto.sealBytes(keys.get(pairName(subject, 'attachment'))!, aad, bytes, this.#options.random)
  }

  /** The keys of pairs, stored durably where they were missing. @throws VaultUnavailable, SubjectClosed, StoreError */
  async #keysFor(pairs: readonly { subject: string; category: SealCategory }[]): Promise<Map<string, DataKey>> {
    const { kek } = this.#unlocked()
    if (pairs.length === 0) return new Map()
    const found = await this.#engine(this.#keyGroup.submit(pairs))
    const keys = new Map<string, DataKey>()
    const wanted = new Set(pairs.map(({ subject, category }) => pairName(subject, category)))
    for (const row of found.keys) {
      const name = pairName(row.subject, row.category)
      if (!wanted.has(name)) continue
      try {
        keys.set(name, this.#unwrap(kek, row))
      } catch (error) {
        if (error instanceof crypto.DoesNotOpen)
          throw new VaultUnavailable(`key ${row.kid} is damaged`, { cause: error })
        throw error
      }
    }
    for (const { subject, category } of pairs) {
      const state = found.closed.get(subject)
      if (state) throw new SubjectClosed(state, subject)
      if (!keys.has(pairName(subject, category))) throw new VaultUnavailable('the engine kept no key')
    }
    return keys
  }

  /** One batch: reads the keys that are there, makes the missing ones, stores them in one transaction. */
  async #findOrMake(pairs: readonly { subject: string; category: SealCategory }[]): Promise<FoundKeys> {
    if ('locked' in this.#lock) throw new VaultUnavailable(this.#lock.locked)
    const { kek } = this.#lock
    const { random, now } = this.#options
    const wanted = new Map(pairs.map((pair) => [pairName(pair.subject, pair.category), pair]))
    const there = await this.#rows.currentKeys([...wanted.values()])
    for (const { subject, category } of there.keys) wanted.delete(pairName(subject, category))
    const createdAt = instantOfMs(now())
    const fresh: KeyRow[] = []
    for (const { subject, category } of wanted.values()) {
      if (there.closed.has(subject)) continue
      const kid = crypto.randomUuid(random)
      const raw = random(crypto.KEY_BYTES)
      const wrapped = crypto.wrapKey(kek, crypto.keyName(kid, subject, category), raw, random)
      fresh.push({ kid, subject, category, kekId: kek.id, wrapped, createdAt })
      this.#cache.set(kid, crypto.dataKey(kid, subject, category, raw))
    }
    if (fresh.length === 0) return there
    const added = await this.#rows.addKeys(fresh)
    return { keys: [...there.keys, ...added.keys], closed: new Map([...there.closed, ...added.closed]) }
  }

  #unwrap(kek: WrappingKey, row: KeyRow): DataKey {
    const cached = this.#cache.get(row.kid)
    if (cached && cached.subject === row.subject && cached.category === row.category) return cached
    const raw = crypto.unwrapKey(kek, crypto.keyName(row.kid, row.subject, row.category), row.wrapped)
    const key = crypto.dataKey(row.kid, row.subject, row.category, raw)
    this.#cache.set(row.kid, key)
    return key
  }

  async open(requests: readonly OpenRequest[]): Promise<Opened[]> {
    if (requests.length === 0) return []
    const found = await this.#findForReading(requests.map(({ cipher }) => cipher.kid))
    return requests.map((request) => {
      const { cipher } = request
      return this.#openOne(found, cipher.kid, cipher.sub, request, (key) => crypto.openField(key, request, cipher))
    })
  }

  async openBytes(subject: string, aad: string, bytes: Uint8Array): Promise<Uint8Array | Exclude<Opened, string>> {
    const place = { belongsTo: aad }
    let kid: string
    try {
      kid = crypto.kidOfBytes(bytes)
    } catch (error) {
      if (!(error instanceof crypto.DoesNotOpen)) throw error
      return this.#alarm({ reason: error.reason, place, subject, kid: '' })
    }
    const found = await this.#findForReading([kid])
    return this.#openOne(found, kid, subject, place, (key) => crypto.openBytes(key, subject, aad, bytes))
  }

  /**
   * The rows decide, not the cache: what another process destroyed or restricted is not read here either. Tombstones are
   * answered without a master key too. Nothing where the engine does not answer.
   */
  async #findForReading(kids: readonly string[]): Promise<ForReading | undefined> {
    if (this.#closed) return undefined
    try {
      const { keys, closed, tombstones } = await this.#rows.keysById([...new Set(kids)])
      return {
        keys: new Map(keys.map((row) => [row.kid, row])),
        closed,
        tombstones: new Map(tombstones.map((row) => [row.kid, row])),
      }
    } catch {
      return undefined
    }
  }

  #openOne<Plain>(
    found: ForReading | undefined,
    kid: string,
    subject: string,
    place: VaultAlarm['place'],
    decrypt: (key: DataKey) => Plain,
  ): Plain | Exclude<Opened, string> {
    if (!found) return unavailable
    const tombstone = found.tombstones.get(kid)
    if (tombstone && tombstone.subject === subject)
      return { erased: true, at: tombstone.destroyedAt, basis: tombstone.basis }
    const row = found.keys.get(kid)
    if (!row) return this.#alarm({ reason: 'key-missing', place, subject, kid })
    if (found.closed.has(row.subject)) return { withheld: true }
    if ('locked' in this.#lock) return unavailable
    try {
      return decrypt(this.#unwrap(this.#lock.kek, row))
    } catch (error) {
      if (!(error instanceof crypto.DoesNotOpen)) throw error
      return this.#alarm({ reason: error.reason, place, subject, kid })
    }
  }

  #alarm(alarm: VaultAlarm): typeof unavailable {
    // Without its vault or master key nothing opens; that is no tampering.
    if ('locked' in this.#lock) return unavailable
    this.#alarms++
    const { place } = alarm
    const { onTamper } = this.#options
    onTamper?.(
      'event' in place ? { ...alarm, place: { event: place.event, stream: place.stream, path: place.path } } : alarm,
    )
    return unavailable
  }

  mac(purpose: string, content: string | Uint8Array): string {
    const { mac } = this.#unlocked()
    let key = this.#macKeys.get(purpose)
    if (!key) {
      key = crypto.deriveKey(mac, `mac:${purpose}`)
      this.#macKeys.set(purpose, key)
    }
    return crypto.hmac(key, content).toString('base64url')
  }

  async remember(organisation: string, subject: string, entries: readonly BlindEntry[]): Promise<void> {
    const rows = this.#blind(organisation, entries).map((row) => ({ ...row, subject }))
    if (rows.length === 0) return
    const closed = await this.#engine(this.#blindGroup.submit(rows))
    const state = closed.get(subject)
    if (state) throw new SubjectClosed(state, subject)
  }

  async find(organisation: string, entries: readonly BlindEntry[]): Promise<BlindMatch[]> {
    const wanted = this.#blind(organisation, entries)
    if (wanted.length === 0) return []
    return await this.#engine(this.#rows.findBlind(wanted.map((row) => row.hmac)))
  }

  #blind(organisation: string, entries: readonly BlindEntry[]): Omit<BlindRow, 'subject'>[] {
    const unlocked = this.#unlocked()
    return entries.flatMap((entry) => {
      const hmac = blind(unlocked.blind, organisation, entry)
      return hmac ? [{ hmac, kind: entry.kind }] : []
    })
  }

  async ready(): Promise<{ ok: boolean; detail: string }> {
    try {
      this.#unlocked()
      await this.#rows.ping()
      return { ok: true, detail: 'ready' }
    } catch (error) {
      return { ok: false, detail: (error as Error).message }
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#timer)
    await Promise.all([this.#keyGroup.idle(), this.#blindGroup.idle()])
    await this.#rows.close()
  }

  /** An engine's failure, as those who call the vault know it. */
  async #engine<Answer>(answer: Promise<Answer>): Promise<Answer> {
    try {
      return await answer
    } catch (error) {
      if (error instanceof VaultUnavailable || error instanceof StoreError) throw error
      throw new VaultUnavailable(`the vault does not answer: ${(error as Error).message}`, { cause: error })
    }
  }
}
