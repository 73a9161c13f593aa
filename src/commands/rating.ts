/**
 * Star levels for whoever asks: runs as of any moment under any scheme, compared, recorded, and published ratings whose
 * evidence has changed. The facts are kept in memory, filled from the log as far as it goes.
 */
import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { deciderOf } from '../domain/categories.ts'
import { type Refusal, refusal } from '../domain/decider.ts'
import { correctedSteps } from '../domain/history.ts'
import { isWithin } from '../domain/organisation-tree.ts'
import { canonicalRun } from '../domain/rating/canonical.ts'
import {
  type AffectedRating,
  affectedRatings,
  comparePublished,
  compareRuns,
  type OfficeComparison,
  publishedRatings,
} from '../domain/rating/compare.ts'
import { FactBase } from '../domain/rating/fact-base.ts'
import { type OfficeRating, type Run, rate } from '../domain/rating/rate.ts'
import type { RecordedRun } from '../domain/rating/run-record.ts'
import { chooseScheme, publishedSchemes } from '../domain/rating/scheme.ts'
import { parseSchemeRef, type Scheme, schemeRef } from '../domain/rating/scheme-schema.ts'
import { starScheme } from '../domain/rating/schemes/shipped.ts'
import { boundMs, dateOfMs, type EffectiveTime } from '../domain/time.ts'
import { eventLifter } from '../projections/decoding.ts'
import type { Directory } from '../projections/directory.ts'
import { resolveAsOf, resolveEffectiveAt } from '../projections/queries/index.ts'
import type { RuleBook } from '../projections/rulebook.ts'
import { decodeStream } from '../store/envelope.ts'
import type { EventLog } from '../store/port.ts'
import { rateInThreads } from './rating-threads.ts'

export interface RatingPorts {
  readonly log: EventLog
  readonly people: Directory
  readonly book: RuleBook
  readonly now: () => number
  /** File of the event table, where there is one: large runs read it in threads. */
  readonly file?: string
}

/** From so many events on a run is made in threads, unless the facts are already in memory. */
export const LARGE = 200_000

/** What a run is asked for. */
export interface RunQuestion {
  readonly asOf?: string | undefined
  readonly effectiveAt?: string | undefined
  /** `ID@VERSION` or `ID`; default the one in force at `effectiveAt`. */
  readonly scheme?: string | undefined
  readonly office?: string | undefined
  readonly division?: string | undefined
  /** A scheme that is not published: what if. Never written. */
  readonly draft?: Scheme
}

/** A run as answered. */
export interface RunAnswer {
  readonly run: {
    readonly asOf: number
    readonly effectiveAt: EffectiveTime
    readonly scheme: string
    readonly digest: string
  }
  readonly offices: readonly OfficeRating[]
}

/** Two sides and the offices whose ledgers differ. */
export interface Compared {
  readonly left: RunAnswer['run']
  readonly right: RunAnswer['run']
  readonly offices: readonly OfficeComparison[]
}

type DigestedRun = Run & { readonly digest: string }
const shown = ({ offices: _offices, ...run }: DigestedRun): RunAnswer['run'] => run

export type RatingAnswer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal }

const no = (value: Refusal): { ok: false; refusal: Refusal } => ({ ok: false, refusal: value })

/** How a side of a comparison is written that is what was published, and no run. */
export const PUBLISHED = 'published'

/** Digest of a run: SHA-256 over its canonical bytes, lower-case hex. */
export const digestOf = (run: Run): string => createHash('sha256').update(canonicalRun(run)).digest('hex')

/** Events read at once: few enough that what is not kept of them is gone before the collector looks. */
const PAGE = 1_000

/** Fills a fact base with the events of a log in [from, to); bytes that ratings do not read are not parsed. */
export function fillFacts(base: FactBase, log: EventLog, from: number, to: number): void {
  const lift = eventLifter(log, deciderOf)
  for (let at = from; at < to; at += PAGE)
    for (const { index, envelope } of log.envelopesOf(base.types, at, Math.min(to, at + PAGE)))
      if (base.reads(envelope.stream, envelope.type)) base.add(lift(envelope, index))
}

export function createRating(ports: RatingPorts) {
  const { log, people, book } = ports
  let base = new FactBase()
  let filled = 0
  const watchers = new Set<(done: number, size: number) => void>()

  /** The facts up to the head. */
  function facts(): FactBase {
    const size = log.size()
    if (filled > size) {
      base = new FactBase()
      filled = 0
    }
    fillFacts(base, log, filled, size)
    filled = size
    return base
  }

  /** Every version published by a bound, as recorded below a log size; the shipped star scheme where its id was never published. */
  function schemes(size?: number, bound?: number): Scheme[] {
    const published = publishedSchemes(book.schemeSteps(size), bound)
    return published.some((scheme) => scheme.id === starScheme.id) ? published : [...published, starScheme]
  }

  function schemeOf(ref: string): Scheme | undefined {
    return schemes().find((scheme) => schemeRef(scheme) === ref)
  }

  function resolve(question: RunQuestion): RatingAnswer<{ size: number; effectiveAt: EffectiveTime; scheme: Scheme }> {
    const asOf = resolveAsOf(question.asOf, log)
    if (!asOf.ok) return asOf
    const bound = resolveEffectiveAt(question.effectiveAt)
    if (!bound.ok) return bound
    const effectiveAt = bound.value ?? dateOfMs(ports.now())
    if (question.draft) return { ok: true, value: { size: asOf.value, effectiveAt, scheme: question.draft } }
    const wanted = question.scheme === undefined ? {} : parseSchemeRef(question.scheme)
    if (!wanted) return no(refusal('scheme-reference-invalid', undefined, { pointer: '/scheme' }))
    const chosen = chooseScheme(schemes(asOf.value, boundMs(effectiveAt)), effectiveAt, wanted, starScheme.id)
    return chosen.ok
      ? { ok: true, value: { size: asOf.value, effectiveAt, scheme: chosen.scheme } }
      : no(chosen.refusal)
  }

  /** The offices a question is about; undefined: all there are. */
  function officesOf(question: RunQuestion, base: FactBase, asOf: number): RatingAnswer<readonly string[]> {
    const all = base.offices(asOf)
    if (question.office !== undefined)
      return all.includes(question.office) ? { ok: true, value: [question.office] } : no(refusal('not-found'))
    const { division } = question
    if (division === undefined) return { ok: true, value: all }
    return {
      ok: true,
      value: all.filter((id) => {
        const office = people.office(id)
        return office !== undefined && isWithin(office.division, division)
      }),
    }
  }

  function run(question: RunQuestion, may: (office: string) => boolean = () => true): RatingAnswer<RunAnswer> {
    const computed = compute(question, may)
    if (!computed.ok) return computed
    const { value } = computed
    const { asOf, effectiveAt, scheme, offices } = value
    return { ok: true, value: { run: { asOf, effectiveAt, scheme, digest: digestOf(value) }, offices } }
  }

  /** How many threads a question is worth: none where one is enough, or the facts are in memory already. */
  function threadsFor(question: RunQuestion, workers: number | undefined, size: number): number {
    if (ports.file === undefined || question.office !== undefined) return 0
    if (workers !== undefined) return workers
    return size - filled > LARGE ? Math.max(2, Math.min(4, availableParallelism())) : 0
  }

  /** A run in threads; the same bytes as {@link compute} gives. */
  async function inThreads(
    question: RunQuestion,
    may: (office: string) => boolean,
    workers?: number,
  ): Promise<RatingAnswer<DigestedRun>> {
    const resolved = resolve(question)
    if (!resolved.ok) return resolved
    const { size, effectiveAt, scheme } = resolved.value
    const threads = threadsFor(question, workers, size)
    if (threads === 0) {
      const computed = compute(question, may)
      return computed.ok ? { ok: true, value: { ...computed.value, digest: digestOf(computed.value) } } : computed
    }
    const { division } = question
    const inside = (id: string) => division === undefined || isWithin(people.office(id)?.division ?? '', division)
    const result = await rateInThreads({
      ...{ path: ports.file!, workers: threads, size, scheme, effectiveAt },
      wanted: (id) => inside(id) && may(id),
      onProgress: (done) => {
        for (const watcher of watchers) watcher(done, size)
      },
    })
    const run = { asOf: size - 1, effectiveAt, scheme: schemeRef(scheme), offices: result.ledgers() }
    return { ok: true, value: { ...run, digest: result.digest } }
  }

  function compute(question: RunQuestion, may: (office: string) => boolean): RatingAnswer<Run> {
    const resolved = resolve(question)
    if (!resolved.ok) return resolved
    const { size, effectiveAt, scheme } = resolved.value
    const base = facts()
    const asOf = size - 1
    const offices = officesOf(question, base, asOf)
    if (!offices.ok) return offices
    return { ok: true, value: rate(base, { asOf, effectiveAt, scheme, offices: offices.value.filter(may) }) }
  }

  /** A recorded run by its id: the question that gives it again. */
  function recorded(id: string): (RunQuestion & { digest: string }) | undefined {
    const decider = deciderOf('ratingrun')!
    const [step] = correctedSteps(decodeStream(log.stream(`ratingrun-${id}`), decider.events))
    if (!step) return undefined
    const { asOf, effectiveAt, scheme, scope, digest } = step.data as RecordedRun
    return { asOf: String(asOf), effectiveAt, scheme, ...scope, digest }
  }

  /** `asOf=…,effectiveAt=…,scheme=…`, or the id of a recorded run. */
  function parseSide(text: string): RunQuestion | undefined {
    if (!text.includes('=')) return recorded(text)
    const parts = new Map(text.split(',').map((part) => part.split('=', 2) as [string, string]))
    for (const key of parts.keys())
      if (!['asOf', 'effectiveAt', 'scheme', 'office', 'division'].includes(key)) return undefined
    return Object.fromEntries(parts)
  }

  return {
    facts,
    schemes,
    schemeOf,
    resolve,
    run,
    recorded,

    /** The same as {@link run}, in threads where the log is large. */
    async runLarge(
      question: RunQuestion,
      may: (office: string) => boolean = () => true,
      workers?: number,
    ): Promise<RatingAnswer<RunAnswer>> {
      const computed = await inThreads(question, may, workers)
      if (!computed.ok) return computed
      const { digest, offices, ...run } = computed.value
      return { ok: true, value: { run: { ...run, digest }, offices } }
    },

    /** Told how far a run in threads has come, in events; answers how to stop. */
    watch(watcher: (done: number, size: number) => void): () => void {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },

    /** Two runs, or a run and what was published: level by level, criterion by criterion, line by line, with causes. */
    async compare(
      left: string | RunQuestion,
      right: string | RunQuestion,
      may: (office: string) => boolean = () => true,
      workers?: number,
    ): Promise<RatingAnswer<Compared>> {
      const runs: (DigestedRun | undefined)[] = []
      for (const [place, side] of [left, right].entries()) {
        if (side === PUBLISHED) {
          runs.push(undefined)
          continue
        }
        const question = typeof side === 'string' ? parseSide(side) : side
        if (!question) return no(refusal('run-unknown', undefined, { pointer: place === 0 ? '/left' : '/right' }))
        const computed = await inThreads(question, may, workers)
        if (!computed.ok) return computed
        runs.push(computed.value)
      }
      const [a, b] = runs
      if (a && b) return { ok: true, value: { left: shown(a), right: shown(b), offices: compareRuns(a, b) } }
      const run = a ?? b
      // What was published stands against a run: by itself it has no moment.
      if (!run) return no(refusal('run-unknown', undefined, { pointer: '/right' }))
      const { asOf, effectiveAt } = run
      const offices = run.offices.map(({ office }) => office)
      const published = publishedRatings(facts(), asOf, effectiveAt, schemeOf, offices)
      const side = { asOf, effectiveAt, scheme: PUBLISHED, offices: published.map(({ rating }) => rating) }
      const standing = shown({ ...side, digest: digestOf(side) })
      return {
        ok: true,
        value: a
          ? { left: shown(a), right: standing, offices: comparePublished(published, run, 'right') }
          : { left: standing, right: shown(run), offices: comparePublished(published, run, 'left') },
      }
    },

    /** Published ratings whose evidence has changed since. */
    affected(
      asked: { asOf?: string | undefined },
      may: (office: string) => boolean = () => true,
    ): RatingAnswer<AffectedRating[]> {
      const asOf = resolveAsOf(asked.asOf, log)
      if (!asOf.ok) return asOf
      const base = facts()
      const index = asOf.value - 1
      return { ok: true, value: affectedRatings(base, index, schemeOf, base.offices(index).filter(may)) }
    },
  }
}

export type Rating = ReturnType<typeof createRating>
