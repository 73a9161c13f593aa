/**
 * Moving house: a whole installation from one place to another. Keys first, then evidence, then events, so that whatever an event
 * names is there before it; then everything is compared; only then the source is marked moved, and after that the target is
 * released. Every step may be broken off and is done again, or found done, by the next run.
 *
 * Nothing is written before the target was found to be empty or an equal beginning of the source.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { EVIDENCE_ADDED } from '../../domain/evidence.ts'
import { instantOfMs } from '../../domain/time.ts'
import { decodeEnvelope } from '../../store/envelope.ts'
import type { Installation } from '../../store/installation.ts'
import { type StoredEvent, StoreError } from '../../store/port.ts'
import { wrappingKey } from '../../trust/vault/crypto.ts'
import { MasterKeyRefused, readMasterKey } from '../../trust/vault/master-key.ts'
import type { SecretRow } from '../../trust/vault/rows.ts'
import { checkVaults, copyVault, VaultDiffers } from '../../trust/vault/tables.ts'
import { openKeyVault } from '../../trust/vault/vault.ts'
import { type Comparison, compareEvents, copyEvents, namedKeys } from './events.ts'
import { copyEvidence, evidencePath } from './evidence.ts'
import { type MovableVault, openPlace, type Place, type PlaceAddress } from './places.ts'
import { MigrationRefused } from './refused.ts'

export { MigrationRefused } from './refused.ts'

/** What has been done; `done` of `total` where it is counted. */
export interface MigrationStep {
  readonly name:
    | 'compared'
    | 'target-marked'
    | 'vault'
    | 'evidence'
    | 'events'
    | 'verified'
    | 'source-marked'
    | 'target-released'
  readonly done?: number
  readonly total?: number
}

export interface MigrationRequest {
  readonly from: PlaceAddress
  readonly to: PlaceAddress
  /** Goes on where files that events name are nowhere to be had. */
  readonly withoutMissingEvidence?: boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly onStep?: (step: MigrationStep) => void
  /** How long appends that were under way on a cluster when it was marked may still arrive, in milliseconds; default 10 s, their longest. */
  readonly drainMs?: number
}

export interface MigrationReport {
  /** Number of events in the source. */
  readonly events: number
  /** SHA-256 over the bytes of every envelope, each ended by a newline, of the source and of the target. */
  readonly digestFrom: string
  readonly digestTo: string
  /** Whether the target has the same events at the same indexes; where not, the source was not marked and the target not released. */
  readonly equal: boolean
  /** Index of the first event that differs; null where none does. */
  readonly differsAt: number | null
  readonly from: string
  readonly to: string
  /** Events that the target had already. */
  readonly continuedAt: number
  /** What this run has looked at besides; nothing where an earlier run had ended the move. */
  readonly moved: {
    /** Rows of the vault. */
    readonly vaultRows: number
    /** Files of evidence. */
    readonly evidence: number
    /** Addresses of files whose content is not what the address says: moved as they are. */
    readonly damagedEvidence: readonly string[]
  }
  /** Whether the key of this vault is where the target expects it, as far as this machine can tell. */
  readonly masterKey: 'in place' | 'missing' | 'another'
}

const DRAIN_MS = 10_000

/**
 * Moves an installation, or ends a move that was broken off.
 * @throws MigrationRefused, StoreError, ClusterError, VaultUnavailable, MasterKeyRefused
 */
export async function migrate(request: MigrationRequest): Promise<MigrationReport> {
  if ('clusterUrl' in request.from && 'clusterUrl' in request.to)
    throw new MigrationRefused('wrong-usage', { reason: 'from a cluster to a directory, or the other way round' })
  const from = await openPlace(request.from, 'source')
  try {
    const leaving = await from.readMark()
    if (leaving.arriving) throw new StoreError('migration-unfinished', `${from.name} is not whole`)
    const to = await openPlace(request.to, 'target')
    try {
      return await new Move(request, from, to, leaving, await to.readMark()).run()
    } finally {
      await to.close()
    }
  } finally {
    await from.close()
  }
}

/** The file that an event names, where it does. */
function evidenceOf(event: StoredEvent): string | undefined {
  if (event.type !== EVIDENCE_ADDED) return undefined
  return (decodeEnvelope(event.bytes).data as { readonly sha256?: string }).sha256
}

class Move {
  readonly #request: MigrationRequest
  readonly #from: Place
  readonly #to: Place
  readonly #leaving: Installation
  readonly #coming: Installation
  /** Names this move in the marks of both places. */
  readonly #id: string
  readonly #at: string

  constructor(request: MigrationRequest, from: Place, to: Place, leaving: Installation, coming: Installation) {
    this.#request = request
    this.#from = from
    this.#to = to
    this.#leaving = leaving
    this.#coming = coming
    this.#id = leaving.moved?.move ?? coming.arriving?.move ?? randomUUID()
    this.#at = leaving.moved?.at ?? instantOfMs(request.now())
  }

  async run(): Promise<MigrationReport> {
    const { moved } = this.#leaving
    // A source that is marked already may only end the move that marked it.
    if (moved && this.#coming.arriving?.move !== moved.move) {
      const asked = await this.#ended()
      if (!asked) throw new MigrationRefused('data-directory-moved', { to: moved.to, at: moved.at })
      return asked
    }
    const before = await this.#compareBefore()
    const source = await this.#from.openVault(false)
    try {
      const secrets = await this.#secretsOf(source, before)
      const target = await this.#to.openVault(source !== undefined)
      try {
        if (source && target) await this.#checkVaults(source, target)
        return await this.#move(before, source, target, secrets)
      } finally {
        await target?.close()
      }
    } finally {
      await source?.close()
    }
  }

  #step(name: MigrationStep['name'], done?: number, total?: number): void {
    this.#request.onStep?.({
      name,
      ...(done === undefined ? {} : { done }),
      ...(total === undefined ? {} : { total }),
    })
  }

  /** Reads both sides once, refusing what cannot be moved before anything is written. */
  async #compareBefore(): Promise<Comparison> {
    const [from, to] = [this.#from.evidence, this.#to.evidence]
    const revisions = new Map<string, number>()
    let missing = 0
    const compared = await compareEvents(this.#from.store, this.#to.store, (event, index) => {
      const expected = revisions.get(event.stream) ?? 0
      if (event.revision !== expected)
        throw new MigrationRefused('migrate-source-incomplete', { stream: event.stream, revision: expected, index })
      revisions.set(event.stream, expected + 1)
      const address = evidenceOf(event)
      if (address && !existsSync(evidencePath(from, address)) && !existsSync(evidencePath(to, address))) missing++
    })
    if (compared.differsAt !== undefined)
      throw new MigrationRefused('migrate-target-differs', { index: compared.differsAt })
    if (missing > 0 && !this.#request.withoutMissingEvidence)
      throw new MigrationRefused('migrate-source-incomplete', { missingEvidence: missing, directory: from })
    this.#step('compared', compared.common, compared.events)
    return compared
  }

  /** The secrets of the source's vault, which its master key opens. */
  async #secretsOf(vault: MovableVault | undefined, { events }: Comparison): Promise<readonly SecretRow[]> {
    const secrets = (await vault?.readSecrets()) ?? []
    if (!vault || secrets.length === 0) {
      if (events > 0) throw new MigrationRefused('migrate-source-incomplete', { vault: 'none' })
      return []
    }
    const { masterKeyFile } = this.#from
    const { now } = this.#request
    const opened = await openKeyVault({ rows: vault, masterKeyFile, mayCreate: false, now, random: randomBytes })
    const { ok, detail } = await opened.ready()
    if (!ok) throw new MigrationRefused('migrate-master-key', { reason: detail })
    return secrets
  }

  async #checkVaults(source: MovableVault, target: MovableVault): Promise<void> {
    try {
      await checkVaults(source.tables(), target.tables(), {
        destroyed: async (kids) => new Set((await source.keysById(kids)).tombstones.map(({ kid }) => kid)),
        named: (kids) => namedKeys(this.#to.store, kids),
      })
    } catch (error) {
      if (!(error instanceof VaultDiffers)) throw error
      throw new MigrationRefused('migrate-vault-differs', { reason: error.message }, { cause: error })
    }
  }

  async #move(
    before: Comparison,
    source: MovableVault | undefined,
    target: MovableVault | undefined,
    secrets: readonly SecretRow[],
  ): Promise<MigrationReport> {
    const [from, to] = [this.#from, this.#to]
    const demo = this.#leaving.demo ? { demo: true as const } : {}
    const origin = { from: from.name, at: this.#at, move: this.#id }
    const { arrived } = this.#coming
    await to.writeMark({ ...demo, ...(arrived ? { arrived } : {}), arriving: origin })
    this.#step('target-marked')
    let marked = this.#leaving.moved !== undefined
    let compared = before
    for (;;) {
      const vaultRows = source && target ? await this.#copyVault(source, target) : 0
      const { files, damaged } = await copyEvidence(from.evidence, to.evidence, (done) => this.#step('evidence', done))
      const total = compared.events - compared.common
      await copyEvents(from.store, to.store, compared.commonPosition, to.together, (done) =>
        this.#step('events', done, total),
      )
      compared = await compareEvents(from.store, to.store)
      this.#step('verified', compared.common, compared.events)
      const report = this.#report(compared, {
        continuedAt: before.common,
        moved: { vaultRows, evidence: files, damagedEvidence: damaged },
        masterKey: this.#masterKeyAtTarget(secrets),
      })
      if (!compared.equal) return report
      if (!marked) {
        const { arriving: _, ...kept } = this.#leaving
        await from.writeMark({ ...kept, moved: { to: to.name, at: this.#at, move: this.#id } })
        marked = true
        this.#step('source-marked')
        if (await this.#grewAfter(compared)) continue
      }
      to.removeDerived()
      await to.writeMark({ ...demo, arrived: origin })
      this.#step('target-released')
      return report
    }
  }

  /** The report of a move that ended in an earlier run, as long as nothing has been recorded since; undefined for any other. */
  async #ended(): Promise<MigrationReport | undefined> {
    const { arrived, moved } = this.#coming
    if (arrived?.move !== this.#id || moved) return undefined
    const compared = await compareEvents(this.#from.store, this.#to.store)
    const nothing = { vaultRows: 0, evidence: 0, damagedEvidence: [] }
    const vault = await this.#from.openVault(false)
    try {
      const masterKey = this.#masterKeyAtTarget((await vault?.readSecrets()) ?? [])
      return compared.equal
        ? this.#report(compared, { continuedAt: compared.events, moved: nothing, masterKey })
        : undefined
    } finally {
      await vault?.close()
    }
  }

  #report(compared: Comparison, rest: Pick<MigrationReport, 'continuedAt' | 'moved' | 'masterKey'>): MigrationReport {
    const { events, digestFrom, digestTo, equal, differsAt } = compared
    const places = { from: this.#from.name, to: this.#to.name }
    return { events, digestFrom, digestTo, equal, differsAt: differsAt ?? null, ...places, ...rest }
  }

  /**
   * Whether more was appended to the source. Nobody but this process can append to a directory; a cluster's node that was not
   * seen may have had an append under way when the mark was written.
   */
  async #grewAfter({ lastPosition }: Comparison): Promise<boolean> {
    if (this.#from.kind === 'directory') return false
    await sleep(this.#request.drainMs ?? DRAIN_MS)
    return (await this.#from.store.readAll(lastPosition, 1)).events.length > 0
  }

  async #copyVault(source: MovableVault, target: MovableVault): Promise<number> {
    try {
      return await copyVault(source.tables(), target.tables(), (rows) => this.#step('vault', rows))
    } catch (error) {
      if (!(error instanceof VaultDiffers)) throw error
      throw new MigrationRefused('migrate-target-changed', { vault: error.message }, { cause: error })
    }
  }

  #masterKeyAtTarget(secrets: readonly SecretRow[]): MigrationReport['masterKey'] {
    try {
      const key = readMasterKey(this.#to.masterKeyFile)
      if (!key) return 'missing'
      return secrets.every(({ kekId }) => kekId === wrappingKey(key).id) ? 'in place' : 'another'
    } catch (error) {
      if (error instanceof MasterKeyRefused) return 'another'
      throw error
    }
  }
}
