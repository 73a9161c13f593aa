/**
 * One thread of a large rating run: reads its share of the streams, hands facts about other threads' offices over, rates its own. What it answers
 * does not depend on how many threads there are.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { deciderOf } from '../domain/categories.ts'
import { canonicalJson } from '../domain/rating/canonical.ts'
import { FactBase } from '../domain/rating/fact-base.ts'
import { type Fact, OfficeFacts } from '../domain/rating/facts.ts'
import { compileScheme, rateOffice } from '../domain/rating/rate.ts'
import type { Scheme } from '../domain/rating/scheme-schema.ts'
import { factSources } from '../domain/rating/sources/all.ts'
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
  /** The ledgers as JSON texts, each with its canonical form, in one buffer each; `ends` after each. */
  | { readonly kind: 'ratings'; readonly offices: readonly RatedText[]; readonly bytes: Uint8Array }

/** Where in the buffer an office's ledger and its canonical form end. */
export interface RatedText {
  readonly office: string
  readonly ledgerEnd: number
  readonly canonicalEnd: number
}

/** What it is told: which of its offices to rate, and what others know of them. */
export interface ToWorker {
  readonly offices: readonly string[]
  readonly facts: readonly Uint8Array[]
}

const PAGE = 20_000
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Rules hold for everybody, and who practises where is read by few events: every thread reads them. */
const EVERYWHERE = new Set(['calendar', 'worker'])

function main(task: WorkerTask): void {
  const { share, shares, size } = task
  const port = parentPort!
  const say = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)
  const categories = new Set(factSources.map(({ category }) => category))
  const reads = (category: string) => (EVERYWHERE.has(category) ? 'all' : categories.has(category) ? 'share' : 'none')
  const types = [
    ...factSources.flatMap((source) => [...source.types]),
    ...calendarTypes(),
    'StepVoided',
    'StepReplaced',
  ]
  const partition = openPartition({ path: task.path, share, shares, reads, types })
  const base = new FactBase()
  const lift = eventLifter(partition.log, deciderOf)
  for (let from = 0; from < size; from += PAGE) {
    const to = Math.min(size, from + PAGE)
    for (const { index, envelope } of partition.envelopes(from, to))
      if (base.reads(envelope.stream, envelope.type)) base.add(lift(envelope, index))
    say({ kind: 'progress', events: to - from })
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
      const rating = rateOffice(known, compiled, task.effectiveAt)
      const ledger = JSON.stringify(rating)
      const canonical = canonicalJson(rating)
      texts.push(ledger, canonical)
      const ledgerEnd = length + Buffer.byteLength(ledger)
      length = ledgerEnd + Buffer.byteLength(canonical)
      rated.push({ office, ledgerEnd, canonicalEnd: length })
    }
    const bytes = new Uint8Array(length)
    let at = 0
    for (const text of texts) at += encoder.encodeInto(text, bytes.subarray(at)).written
    say({ kind: 'ratings', offices: rated, bytes }, [bytes.buffer as ArrayBuffer])
  })
}

const calendarTypes = () => Object.keys(deciderOf('calendar')!.events)

main(workerData as WorkerTask)
