/**
 * One thread of a large rating run: reads its share of the streams, hands facts about other threads' offices over, rates its own. What it answers
 * does not depend on how many threads there are.
 */
import { flushCompileCache } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import { deciderOf } from '../domain/categories.ts'
import { FactBase } from '../domain/rating/fact-base.ts'
import { type Fact, OfficeFacts } from '../domain/rating/facts.ts'
import { compileScheme, kindsOf, rateOffice } from '../domain/rating/rate.ts'
import type { Scheme } from '../domain/rating/scheme-schema.ts'
import { sourcesOf } from '../domain/rating/sources/all.ts'
import type { EffectiveTime } from '../domain/time.ts'
import { eventLifter } from '../projections/decoding.ts'
import { openPartition, shareOf } from '../store/sqlite/partition.ts'

export interface WorkerTask {
  readonly path: string
  readonly share: number
  readonly shares: number
  /** Events below this index. */
  readonly size: number
  readonly scheme: Scheme
  readonly effectiveAt: EffectiveTime
}

/** What a thread says. */
export type FromWorker =
  | { readonly kind: 'progress'; readonly events: number }
  /** Its own offices, and by share the facts about others', as JSON. */
  | { readonly kind: 'facts'; readonly offices: readonly string[]; readonly facts: readonly (Uint8Array | null)[] }
  /** The ledgers as canonical JSON texts in one buffer, one after the other. */
  | { readonly kind: 'ratings'; readonly offices: readonly RatedText[]; readonly bytes: Uint8Array }

/** Where in the buffer an office's ledger ends. */
export interface RatedText {
  readonly office: string
  readonly end: number
}

/** What it is told: which of its offices to rate, and what others know of them. */
export interface ToWorker {
  readonly offices: readonly string[]
  readonly facts: readonly Uint8Array[]
}

/** Events read at once: few enough that what is not kept of them is gone before the collector looks. */
const PAGE = 1_000
/** Events between two words on how far it is. */
const TELL = 20_000
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Rules hold for everybody, and who practises where is read by few events: every thread reads them. */
const EVERYWHERE = new Set(['calendar', 'worker'])

function main(task: WorkerTask): void {
  const { share, shares, size } = task
  const port = parentPort!
  const say = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)
  const base = new FactBase(sourcesOf(kindsOf(task.scheme)))
  const reads = base.categories.map((category) => ({
    category,
    by: EVERYWHERE.has(category) ? ('all' as const) : ('share' as const),
  }))
  const partition = openPartition({ path: task.path, share, shares, reads, types: base.types })
  const lift = eventLifter(partition.log, deciderOf)
  let told = 0
  for (let from = 0; from < size; from += PAGE) {
    const to = Math.min(size, from + PAGE)
    for (const { index, envelope } of partition.envelopes(from, to))
      if (base.reads(envelope.stream, envelope.type)) base.add(lift(envelope, index))
    if (to % TELL === 0 || to === size) say({ kind: 'progress', events: to - told })
    if (to % TELL === 0) told = to
  }
  partition.close()

  const others = Array.from({ length: shares }, (): Fact[] => [])
  for (const office of base.named()) {
    const owner = shareOf(office, shares)
    if (owner === share) continue
    // What every thread reads, the owner knows itself.
    for (const fact of base.of(office).all) if (fact.kind !== 'membership') others[owner]!.push(fact)
  }
  const handed = others.map((facts) => (facts.length === 0 ? null : encoder.encode(JSON.stringify(facts))))
  const buffers = handed.flatMap((bytes) => (bytes ? [bytes.buffer as ArrayBuffer] : []))
  const offices = base.offices().filter((office) => shareOf(office, shares) === share)
  say({ kind: 'facts', offices, facts: handed }, buffers)

  port.once('message', ({ offices: asked, facts }: ToWorker) => {
    const received = new Map<string, Fact[]>()
    for (const bytes of facts)
      for (const fact of JSON.parse(decoder.decode(bytes)) as Fact[]) {
        const list = received.get(fact.office)
        if (list) list.push(fact)
        else received.set(fact.office, [fact])
      }
    const compiled = compileScheme(task.scheme)
    const texts: string[] = []
    const rated: RatedText[] = []
    let length = 0
    for (const office of asked) {
      const more = received.get(office)
      const own = base.of(office)
      const known = more ? new OfficeFacts(office, [...own.all, ...more]) : own
      // Fields stand in canonical order already.
      const ledger = JSON.stringify(rateOffice(known, compiled, task.effectiveAt))
      texts.push(ledger)
      length += Buffer.byteLength(ledger)
      rated.push({ office, end: length })
    }
    const bytes = new Uint8Array(length)
    let at = 0
    for (const text of texts) at += encoder.encodeInto(text, bytes.subarray(at)).written
    say({ kind: 'ratings', offices: rated, bytes }, [bytes.buffer as ArrayBuffer])
  })
}

// The thread is ended once it has answered.
flushCompileCache()
main(workerData as WorkerTask)
