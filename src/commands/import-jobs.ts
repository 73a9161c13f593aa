/**
 * Imports as jobs of the service: a file is received, checked, confirmed, imported, one at a time. The file lies in a private folder
 * of the data directory, only as long as its job needs it.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { v4 } from 'uuid'
import type { Principal } from '../domain/access.ts'
import { decideAccess } from '../domain/access.ts'
import { type Instant, instantOfMs } from '../domain/time.ts'
import type { ImportProgress, ImportReport } from '../ledger/import.ts'
import type { Mapping } from '../ledger/mapping.ts'
import { LedgerError } from '../ledger/problem.ts'
import { type Suggestion, suggestMapping } from '../ledger/suggest.ts'
import type { Disk } from './disk.ts'
import { type ImportPorts, ImportRefused, runImport } from './import.ts'

/** `checking` and `importing` are under way; `checked` waits for its confirmation; the others are ends. */
export type ImportState =
  | 'checking'
  | 'checked'
  | 'importing'
  | 'imported'
  | 'refused'
  | 'failed'
  | 'cancelled'
  | 'expired'

/** Ends of a job, and the rest between check and confirmation. */
const RESTS: ReadonlySet<ImportState> = new Set(['checked', 'imported', 'refused', 'failed', 'cancelled', 'expired'])

/** One import as a person sees it. */
export interface ImportJob {
  readonly id: string
  readonly state: ImportState
  /** Name of the file as it was sent. */
  readonly file: string
  readonly organisation: string
  readonly source: string
  readonly strict: boolean
  readonly submittedAt: Instant
  readonly progress: ImportProgress
  /** Of the check. */
  readonly report: ImportReport | null
  /** Of the import. */
  readonly result: ImportReport | null
  /** Why it failed. */
  readonly error: unknown
}

interface Job extends ImportJob {
  state: ImportState
  progress: ImportProgress
  report: ImportReport | null
  result: ImportReport | null
  error: unknown
  readonly person: string
  readonly path: string
  readonly mapping: Mapping
  readonly stop: AbortController
  readonly watchers: Set<() => void>
  expires: NodeJS.Timeout | undefined
  /** Resolves when nothing of it is under way. */
  work: Promise<void>
}

/** How long a checked file waits for its confirmation: it holds personal data. Milliseconds. */
const CONFIRM_WITHIN_MS = 2 * 60 * 60 * 1000
/** Checked files that wait at once; the oldest goes. */
const MOST_WAITING = 5
/** Jobs remembered after their end. */
const MOST_ENDED = 100

const NO_PROGRESS: ImportProgress = { rows: 0, imported: 0, repeated: 0, refused: 0, fraction: 0 }

/** An uploaded file. */
export interface Upload {
  readonly path: string
  readonly name: string
  readonly sha256: string
}

export interface ImportJobsOptions {
  readonly ports: ImportPorts & { readonly disk: Pick<Disk, 'refuse'> }
  /** The data directory. */
  readonly directory: string
  /** Largest file, bytes. */
  readonly limit: number
}

export class ImportJobs {
  readonly #options: ImportJobsOptions
  readonly #folder: string
  readonly #jobs = new Map<string, Job>()
  /** Whoever receives, checks or imports now. */
  #busy: symbol | undefined
  #closing = false

  /** What an earlier process left of uploads is removed. */
  constructor(options: ImportJobsOptions) {
    this.#options = options
    this.#folder = join(options.directory, 'incoming')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Whether a person may import anywhere: asked before a file is received. @throws ImportRefused */
  demandRight(principal: Principal): void {
    const { holderOf } = this.#options.ports
    const allowed =
      principal.operator ||
      principal.grants.some(
        ({ organisation }) =>
          decideAccess(principal, { permission: 'import.run', resource: holderOf(organisation) }).allow,
      )
    if (!allowed) throw new ImportRefused('forbidden')
  }

  /** Takes the one place for work on a file. @throws ImportRefused `import-running`; StoreError `disk-full` */
  reserve(): symbol {
    // An upload lies on the disk of the data: a file that only looks like a question must not use up the reserve.
    this.#options.ports.disk.refuse()
    if (this.#closing) throw new ImportRefused('shutting-down')
    if (this.#busy) throw new ImportRefused('import-running')
    this.#busy = Symbol('import')
    return this.#busy
  }

  /** Gives the place back; harmless for one that is not held. */
  release(place: symbol): void {
    if (this.#busy === place) this.#busy = undefined
  }

  /**
   * Receives a file whole into the private folder.
   * @throws LedgerError `ledger-cut-off`, `ledger-too-large`; errors of the file system
   */
  async receive(content: Readable, name: string): Promise<Upload> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const path = join(this.#folder, v4())
    const hash = createHash('sha256')
    try {
      const file = await open(path, 'wx', 0o600)
      try {
        for await (const chunk of content as AsyncIterable<Buffer>) {
          hash.update(chunk)
          await file.write(chunk)
        }
      } finally {
        await file.close()
      }
    } catch (error) {
      this.discard(path)
      const code = (error as { code?: unknown }).code
      if (code === 'FST_REQ_FILE_TOO_LARGE') throw tooLarge(this.#options.limit)
      if (code === 'ENOSPC' || code === 'EDQUOT') throw new ImportRefused('disk-full')
      throw new LedgerError('ledger-cut-off', 'the upload ended before the file did', [], { cause: error })
    }
    if ((content as { truncated?: boolean }).truncated) {
      this.discard(path)
      throw tooLarge(this.#options.limit)
    }
    return { path, name: name.replace(/^.*[\\/]/, '').slice(0, 200) || 'file', sha256: hash.digest('hex') }
  }

  /** Removes a received file. */
  discard(path: string): void {
    rmSync(path, { force: true })
  }

  /** Proposes a mapping for a received file, and removes it. @throws LedgerError */
  async suggest(upload: Upload): Promise<Suggestion> {
    try {
      return { ...(await suggestMapping(upload.path)), file: upload.name }
    } finally {
      this.discard(upload.path)
    }
  }

  /**
   * Begins the check of a received file in a reserved place. Returns when the file as a whole is judged; its rows are checked
   * afterwards.
   * @throws LedgerError, ImportRefused: then the file is gone and there is no job
   */
  async check(
    principal: Principal,
    place: symbol,
    upload: Upload,
    mapping: Mapping,
    strict: boolean,
  ): Promise<ImportJob> {
    const job: Job = {
      id: v4(),
      state: 'checking',
      file: upload.name,
      organisation: mapping.organisation.code,
      source: mapping.source,
      strict,
      submittedAt: instantOfMs(this.#options.ports.now()),
      progress: NO_PROGRESS,
      report: null,
      result: null,
      error: null,
      person: principal.person,
      path: upload.path,
      mapping,
      stop: new AbortController(),
      watchers: new Set(),
      expires: undefined,
      work: Promise.resolve(),
    }
    try {
      await this.#launch(job, principal, place, { dryRun: true })
    } catch (error) {
      this.discard(job.path)
      throw error
    }
    this.#jobs.set(job.id, job)
    this.#forgetOld()
    return view(job)
  }

  /** A person's own job; undefined for anybody else's. */
  find(principal: Principal, id: string): ImportJob | undefined {
    const job = this.#own(principal, id)
    return job && view(job)
  }

  /**
   * Imports a checked file, if it is still the one that was checked.
   * @throws ImportRefused, LedgerError `ledger-changed`
   */
  async confirm(principal: Principal, id: string, expectedSha256: string): Promise<ImportJob> {
    const job = this.#own(principal, id)
    if (!job) throw new ImportRefused('not-found')
    if (job.state !== 'checked' || !job.report) throw new ImportRefused('import-not-checked')
    if (job.report.sha256 !== expectedSha256) throw new LedgerError('ledger-changed', 'another file was checked')
    if (job.strict && job.report.refused > 0) throw new ImportRefused('import-rows-refused')
    const place = this.reserve()
    clearTimeout(job.expires)
    job.state = 'importing'
    job.progress = NO_PROGRESS
    tell(job)
    await this.#launch(job, principal, place, { dryRun: false, expectedSha256 })
    return view(job)
  }

  /**
   * Stops a job and removes its file. What an import has recorded until then stands; running it again completes it.
   * @throws ImportRefused `not-found`, `import-finished`
   */
  async cancel(principal: Principal, id: string): Promise<ImportJob> {
    const job = this.#own(principal, id)
    if (!job) throw new ImportRefused('not-found')
    if (RESTS.has(job.state) && job.state !== 'checked') throw new ImportRefused('import-finished')
    if (job.state === 'checked') this.#end(job, 'cancelled')
    else {
      job.stop.abort()
      await job.work
    }
    return view(job)
  }

  /** Every change of a job until it rests: at most a few a second, the last one always. */
  async *watch(principal: Principal, id: string, gone: AbortSignal): AsyncGenerator<ImportJob> {
    const job = this.#own(principal, id)
    if (!job) return
    let woken = () => {}
    const wake = () => woken()
    job.watchers.add(wake)
    gone.addEventListener('abort', wake, { once: true })
    try {
      while (!gone.aborted) {
        const changed = new Promise<void>((resolve) => {
          woken = resolve
        })
        const seen = view(job)
        yield seen
        if (RESTS.has(seen.state)) return
        await changed
      }
    } finally {
      job.watchers.delete(wake)
    }
  }

  /** Stops what is under way and removes every file. */
  async close(): Promise<void> {
    this.#closing = true
    for (const job of this.#jobs.values()) {
      clearTimeout(job.expires)
      job.stop.abort()
    }
    await Promise.all([...this.#jobs.values()].map((job) => job.work))
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #own(principal: Principal, id: string): Job | undefined {
    const job = this.#jobs.get(id)
    return job && job.person === principal.person ? job : undefined
  }

  /** Starts a run and returns when the file as a whole is judged; the run goes on. */
  async #launch(
    job: Job,
    principal: Principal,
    place: symbol,
    how: { readonly dryRun: boolean; readonly expectedSha256?: string },
  ): Promise<void> {
    let opened = () => {}
    const isOpen = new Promise<void>((resolve) => {
      opened = resolve
    })
    let told = 0
    const run = runImport(this.#options.ports, {
      file: job.path,
      mapping: job.mapping,
      strict: job.strict,
      principal,
      signal: job.stop.signal,
      onOpened: opened,
      onProgress: (progress) => {
        job.progress = progress
        const now = performance.now()
        if (now - told < 200) return
        told = now
        tell(job)
      },
      ...how,
    })
    job.work = run.then(
      (report) => this.#finish(job, place, how.dryRun, { ...report, file: job.file }),
      (error: unknown) => {
        this.release(place)
        job.error = error
        this.#end(job, job.stop.signal.aborted ? 'cancelled' : 'failed')
      },
    )
    await Promise.race([isOpen, run])
  }

  #finish(job: Job, place: symbol, dryRun: boolean, report: ImportReport): void {
    this.release(place)
    if (!dryRun) {
      job.result = report
      this.#end(job, report.written ? 'imported' : 'refused')
      return
    }
    job.report = report
    job.state = 'checked'
    job.expires = setTimeout(() => this.#end(job, 'expired'), CONFIRM_WITHIN_MS)
    job.expires.unref()
    tell(job)
    const waiting = [...this.#jobs.values()].filter(({ state }) => state === 'checked')
    for (const old of waiting.slice(0, Math.max(0, waiting.length - MOST_WAITING))) this.#end(old, 'expired')
  }

  #end(job: Job, state: ImportState): void {
    clearTimeout(job.expires)
    job.state = state
    this.discard(job.path)
    tell(job)
  }

  #forgetOld(): void {
    const ended = [...this.#jobs.values()].filter(({ state }) => RESTS.has(state) && state !== 'checked')
    for (const { id } of ended.slice(0, Math.max(0, ended.length - MOST_ENDED))) this.#jobs.delete(id)
  }
}

const tooLarge = (limit: number): LedgerError => new LedgerError('ledger-too-large', `more than ${limit} bytes`)

const tell = (job: Job): void => {
  for (const watcher of job.watchers) watcher()
}

const view = ({
  id,
  state,
  file,
  organisation,
  source,
  strict,
  submittedAt,
  progress,
  report,
  result,
  error,
}: Job): ImportJob => ({
  id,
  state,
  file,
  organisation,
  source,
  strict,
  submittedAt,
  progress,
  report,
  result,
  error,
})
