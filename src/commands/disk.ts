/**
 * The disk the data is on: how much is free, whether it can be written, and the refusal of writes before it is full. The reserve is
 * what lets everything that was begun be finished, checkpoints and read models included.
 */
import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type EventStore, StoreError } from '../store/port.ts'
import { Recorder, type RecordingClock } from '../store/recorder.ts'
import type { Vault } from '../trust/ports.ts'

/** How long an answer of the file system is used again, in milliseconds. */
const FRESH_MS = 1_000

export interface DiskOptions {
  readonly directory: string
  /** Bytes that must stay free; 0: never refused. */
  readonly reserve: number
  /** Bytes free to this account; default: asked of the file system. */
  readonly freeBytes?: () => number
  /** Milliseconds that only ever grow; default `performance.now`. */
  readonly elapsed?: () => number
  /** Called when writes begin to be refused, and when they are taken again. */
  readonly onChange?: (state: { readonly refusing: boolean; readonly free: number; readonly reserve: number }) => void
}

export class Disk {
  readonly reserve: number
  readonly #options: DiskOptions
  readonly #elapsed: () => number
  #asked = Number.NEGATIVE_INFINITY
  #free = Number.POSITIVE_INFINITY
  #refusing = false
  #probed = Number.NEGATIVE_INFINITY
  #probe: string | undefined

  constructor(options: DiskOptions) {
    this.#options = options
    this.reserve = options.reserve
    this.#elapsed = options.elapsed ?? (() => performance.now())
  }

  /** Bytes free to this account, at most a second old; infinite where the file system does not tell. */
  free(): number {
    const now = this.#elapsed()
    if (now - this.#asked >= FRESH_MS) {
      this.#asked = now
      try {
        this.#free = (this.#options.freeBytes ?? (() => freeBytesOf(this.#options.directory)))()
      } catch {
        // A file system that does not tell must not stop the service: a full one refuses by itself.
        this.#free = Number.POSITIVE_INFINITY
      }
      const refusing = this.#free < this.reserve
      if (refusing !== this.#refusing) {
        this.#refusing = refusing
        this.#options.onChange?.({ refusing, free: this.#free, reserve: this.reserve })
      }
    }
    return this.#free
  }

  /** Whether there is room for more. */
  get hasRoom(): boolean {
    return this.free() >= this.reserve
  }

  /**
   * Stands before everything that writes, so that nothing is half written.
   * @throws StoreError `disk-full` below the reserve; by itself no more once there is room again
   */
  refuse(): void {
    if (!this.hasRoom)
      throw new StoreError('disk-full', `${this.#free} bytes free, ${this.reserve} are kept in reserve`)
  }

  /** Writes, syncs and removes a small file of its own. @returns why that failed, if it did; at most a second old */
  writable(): string | undefined {
    const now = this.#elapsed()
    if (now - this.#probed >= FRESH_MS) {
      this.#probed = now
      this.#probe = probeWritable(this.#options.directory)
    }
    return this.#probe
  }
}

/** A vault that makes no keys and index entries while the disk has no room; reading goes on. */
export function guardedVault(vault: Vault, refuse: () => void): Vault {
  const guarded =
    <Arguments extends unknown[], Answer>(write: (...given: Arguments) => Promise<Answer>) =>
    async (...given: Arguments): Promise<Answer> => {
      refuse()
      return write(...given)
    }
  return {
    seal: guarded((requests) => vault.seal(requests)),
    sealBytes: guarded((subject, aad, bytes) => vault.sealBytes(subject, aad, bytes)),
    remember: guarded((organisation, subject, entries) => vault.remember(organisation, subject, entries)),
    open: (requests) => vault.open(requests),
    openBytes: (subject, aad, bytes) => vault.openBytes(subject, aad, bytes),
    mac: (purpose, content) => vault.mac(purpose, content),
    find: (organisation, entries) => vault.find(organisation, entries),
    ready: () => vault.ready(),
    close: () => vault.close(),
  }
}

/** A recorder that refuses before it stamps. For who appends without the command path: imports. */
export class GuardedRecorder extends Recorder {
  readonly #refuse: () => void
  constructor(store: EventStore, clock: RecordingClock, refuse: () => void) {
    super(store, clock)
    this.#refuse = refuse
  }

  override async record(...given: Parameters<Recorder['record']>): ReturnType<Recorder['record']> {
    this.#refuse()
    return super.record(...given)
  }
}

const freeBytesOf = (directory: string): number => {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}

function probeWritable(directory: string): string | undefined {
  const path = join(directory, `.probe-${randomUUID()}`)
  try {
    const handle = openSync(path, 'wx', 0o600)
    try {
      writeSync(handle, 'ok')
      fsyncSync(handle)
    } finally {
      closeSync(handle)
      rmSync(path, { force: true })
    }
    return undefined
  } catch (error) {
    return `the data directory cannot be written: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`
  }
}
