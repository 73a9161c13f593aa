/**
 * Checks what is stored, layer by layer, each reported by itself: index and revision without gaps, the table's columns against the
 * bytes, order of recording, known types, one number per case, read models against a rebuild, evidence against its address and against
 * the events that name it.
 */
import { createHash } from 'node:crypto'
import { deciderOf } from '../domain/categories.ts'
import { categoryOf } from '../domain/event.ts'
import { EVIDENCE_ADDED } from '../domain/evidence.ts'
import { decodeEnvelope, upcast } from '../store/envelope.ts'
import type { EventLog } from '../store/port.ts'
import { EvidenceDamaged } from '../trust/evidence/directory.ts'
import type { EvidenceStore, Vault } from '../trust/ports.ts'

export interface Check {
  readonly name: string
  readonly ok: boolean
  /** What was checked, or the first thing that is wrong: index, stream, expected and found. */
  readonly detail: string
}
export interface Verified {
  readonly ok: boolean
  readonly checks: readonly Check[]
}

export interface VerifyPorts {
  readonly log: EventLog
  readonly vault: Vault
  readonly evidence: EvidenceStore
  /** Builds the read models anew beside the live ones and compares row by row; absent where this process may not write them. */
  readonly rebuild?: () => Promise<readonly { readonly name: string; readonly equal: boolean }[]>
}

const PAGE = 5_000

/** Findings of one check: how many, and the first. */
class Findings {
  readonly name: string
  #wrong = 0
  #first = ''
  constructor(name: string) {
    this.name = name
  }
  found(what: string): void {
    if (this.#wrong++ === 0) this.#first = what
  }
  check(all: string): Check {
    const ok = this.#wrong === 0
    return { name: this.name, ok, detail: ok ? all : `${this.#wrong}: ${this.#first}` }
  }
}

/** Runs every check; the log is read once. */
export async function verify(ports: VerifyPorts): Promise<Verified> {
  const { log } = ports
  const size = log.size()
  const indexes = new Findings('index without gaps')
  const revisions = new Findings('revisions without gaps')
  const columns = new Findings('columns as in the bytes')
  const order = new Findings('recordedAt never decreases')
  const types = new Findings('types and versions known')
  const corrections = new Findings('corrections name events of their stream')
  const numbers = new Findings('one number a case')
  const next = new Map<string, number>()
  const targets = new Map<string, Map<string, string>>()
  const numbered = new Map<string, string>()
  /** Addresses of evidence files, and the first event that names each. */
  const evidence = new Map<string, string>()
  let expected = 0
  let last = Number.NEGATIVE_INFINITY

  for (let from = 0; from < size; from += PAGE) {
    for (const stored of log.read(from, PAGE, size)) {
      const at = `index ${stored.index} ${stored.stream}@${stored.revision}`
      if (stored.index !== expected) indexes.found(`expected ${expected}, found ${at}`)
      expected = (stored.index ?? expected) + 1
      const revision = next.get(stored.stream) ?? 0
      if (stored.revision !== revision) revisions.found(`expected ${stored.stream}@${revision}, found ${at}`)
      next.set(stored.stream, stored.revision + 1)
      let envelope: ReturnType<typeof decodeEnvelope>
      try {
        envelope = decodeEnvelope(stored.bytes)
      } catch {
        columns.found(`${at}: bytes are no JSON`)
        continue
      }
      if (
        envelope.id !== stored.id ||
        envelope.stream !== stored.stream ||
        envelope.revision !== stored.revision ||
        envelope.type !== stored.type
      )
        columns.found(at)
      const recorded = Date.parse(envelope.recordedAt)
      if (!(recorded >= last)) order.found(at)
      last = Math.max(last, recorded)
      const known = targets.get(stored.stream) ?? new Map<string, string>()
      targets.set(stored.stream, known)
      if (envelope.corrects && !known.has(envelope.corrects.event)) corrections.found(at)
      known.set(envelope.id, envelope.type)
      try {
        upcast(envelope, stored.index, deciderOf(categoryOf(stored.stream))?.events ?? {}, (id) => known.get(id))
      } catch {
        types.found(`${at} ${stored.type}`)
      }
      if (stored.type === EVIDENCE_ADDED) {
        const { sha256 } = envelope.data as { sha256: string }
        if (!evidence.has(sha256)) evidence.set(sha256, at)
      }
      if (stored.type === 'NumberAllocated') {
        const owner = (envelope.data as { case: string }).case
        const before = numbered.get(owner)
        if (before !== undefined) numbers.found(`${owner} in ${before} and ${at}`)
        numbered.set(owner, at)
      }
    }
    // A long log must not stop the service that runs beside the check.
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (expected !== size) indexes.found(`${expected} rows, size ${size}`)

  const checks = [
    indexes.check(`${size} events`),
    revisions.check(`${next.size} streams`),
    columns.check(`${size} events`),
    order.check(`${size} events`),
    types.check(`${size} events`),
    corrections.check(`${size} events`),
    numbers.check(`${numbered.size} numbers`),
    await verifyEvidence(ports.evidence, evidence),
    await verifyVault(ports.vault),
  ]
  if (ports.rebuild) {
    for (const report of await ports.rebuild())
      checks.push({
        name: `read model ${report.name}`,
        ok: report.equal,
        detail: report.equal ? 'as rebuilt' : 'differs from a rebuild',
      })
  }
  return { ok: checks.every((check) => check.ok), checks }
}

/** Every file is what its address says, and every file that an event names is there. */
async function verifyEvidence(evidence: EvidenceStore, named: ReadonlyMap<string, string>): Promise<Check> {
  const findings = new Findings('evidence as addressed')
  let files = 0
  const missing = new Map(named)
  for await (const address of evidence.list()) {
    files++
    missing.delete(address)
    try {
      const bytes = await evidence.get(address)
      if (!bytes || createHash('sha256').update(bytes).digest('hex') !== address) findings.found(address)
    } catch (error) {
      // The store itself refuses to give out what is not what its address says.
      if (!(error instanceof EvidenceDamaged)) throw error
      findings.found(address)
    }
  }
  for (const [address, at] of missing) findings.found(`${address} of ${at} is missing`)
  return findings.check(`${files} files`)
}

/** A vault without its master key is no fault of the events: verification stays ok and says so. */
async function verifyVault(vault: Vault): Promise<Check> {
  const ready = await vault.ready()
  return { name: 'vault', ok: true, detail: ready.ok ? ready.detail : `sealed fields unavailable: ${ready.detail}` }
}
