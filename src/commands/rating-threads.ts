/** Runs over many offices in worker threads: the same bytes whatever their number. */
import { createHash } from 'node:crypto'
import { getCompileCacheDir } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { OfficeRating } from '../domain/rating/rate.ts'
import { type Scheme, schemeRef } from '../domain/rating/scheme-schema.ts'
import type { EffectiveTime } from '../domain/time.ts'
import type { FromWorker, RatedText, ToWorker, WorkerTask } from './rating-worker.ts'

export interface ThreadedRun {
  /** File of the events. */
  readonly path: string
  readonly workers: number
  /** Events below this index. */
  readonly size: number
  readonly scheme: Scheme
  readonly effectiveAt: EffectiveTime
  /** Which of the offices there are to rate. */
  readonly wanted: (office: string) => boolean
  /** Told how many of `size` events have been looked at. */
  readonly onProgress?: ((done: number, size: number) => void) | undefined
}

export interface ThreadedResult {
  readonly digest: string
  /** Ids of the offices rated, in order. */
  readonly offices: readonly string[]
  /** The ledgers, parsed when asked for. */
  readonly ledgers: () => OfficeRating[]
}

/** Room for what is soon gone, megabytes a thread: most of what a run makes is, and collecting it often would cost more than the run. */
const YOUNG_MB = 192

interface Rated extends RatedText {
  readonly bytes: Uint8Array
  readonly start: number
}

/** @throws whatever a thread throws */
export async function rateInThreads(run: ThreadedRun): Promise<ThreadedResult> {
  const { path, size, scheme, effectiveAt } = run
  const shares = Math.max(1, Math.trunc(run.workers))
  const compiled = getCompileCacheDir()
  let done = 0
  const threads = Array.from({ length: shares }, (_, share) => {
    const task: WorkerTask = { path, share, shares, size, scheme, effectiveAt }
    return new Worker(new URL('./rating-worker.ts', import.meta.url), {
      workerData: task,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      // A thread compiles for itself: it is told where the program keeps what is compiled.
      ...(compiled === undefined ? {} : { env: { ...process.env, NODE_COMPILE_CACHE: compiled } }),
    })
  })
  try {
    const answers = threads.map((thread) =>
      answersOf(thread, (events) => {
        done += events / shares
        run.onProgress?.(Math.round(done), size)
      }),
    )
    const facts = await Promise.all(answers.map(({ facts }) => facts))
    for (const [share, thread] of threads.entries()) {
      const received = facts.flatMap((from) => from.facts[share] ?? [])
      const message: ToWorker = { offices: facts[share]!.offices.filter(run.wanted), facts: received }
      thread.postMessage(
        message,
        received.map((bytes) => bytes.buffer as ArrayBuffer),
      )
    }
    const ratings = await Promise.all(answers.map(({ ratings }) => ratings))
    const rated: Rated[] = ratings.flatMap(({ offices, bytes }) =>
      offices.map((each, place) => ({ ...each, bytes, start: place === 0 ? 0 : offices[place - 1]!.end })),
    )
    rated.sort((a, b) => (a.office < b.office ? -1 : 1))
    return {
      digest: digestOfTexts(size - 1, effectiveAt, schemeRef(scheme), rated),
      offices: rated.map(({ office }) => office),
      ledgers: () => {
        const decoder = new TextDecoder()
        return rated.map(({ bytes, start, end }) => JSON.parse(decoder.decode(bytes.subarray(start, end))))
      },
    }
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()))
  }
}

/** The digest of a run over the canonical forms of its ledgers, put together as `canonicalRun` does. */
function digestOfTexts(asOf: number, effectiveAt: EffectiveTime, scheme: string, rated: readonly Rated[]): string {
  const hash = createHash('sha256')
  hash.update(`{"asOf":${JSON.stringify(asOf)},"effectiveAt":${JSON.stringify(effectiveAt)},"offices":[`)
  for (const [place, { bytes, start, end }] of rated.entries()) {
    if (place > 0) hash.update(',')
    hash.update(bytes.subarray(start, end))
  }
  return hash.update(`],"scheme":${JSON.stringify(scheme)}}`).digest('hex')
}

/** The two answers of a thread; both fail where it fails or ends without them. */
function answersOf(thread: Worker, onProgress: (events: number) => void) {
  const facts = Promise.withResolvers<FromWorker & { kind: 'facts' }>()
  const ratings = Promise.withResolvers<FromWorker & { kind: 'ratings' }>()
  const fail = (error: unknown) => {
    facts.reject(error)
    ratings.reject(error)
  }
  // Whoever waits for the first is told of a failure; the second is not waited for then.
  ratings.promise.catch(() => undefined)
  thread.on('message', (message: FromWorker) => {
    if (message.kind === 'progress') onProgress(message.events)
    else if (message.kind === 'facts') facts.resolve(message)
    else ratings.resolve(message)
  })
  thread.on('error', fail)
  thread.on('exit', (code) => fail(new Error(`a rating thread ended with ${code}`)))
  return { facts: facts.promise, ratings: ratings.promise }
}
