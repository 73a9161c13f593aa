/**
 * A bundle for an auditor: the exact event bytes of a scope, the schemes, the ratings computed from them, and a manifest of hashes
 * and indexes. `recompute` derives the ratings again from the bundle alone, on any machine.
 *
 * Files: `events.ndjson` (a line an event, its exact bytes), `schemes.json`, `ratings.json`, `manifest.json` (SHA-256 and size of each file, the
 * index of each line as ranges), `manifest.sha256` (the manifest's hash, and a hash of that line, so that either of the two is named where it changed).
 */
import { createHash, type Hash } from 'node:crypto'
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { z } from 'zod'
import { deciderOf } from '../domain/categories.ts'
import { type Refusal, refusal } from '../domain/decider.ts'
import { categoryOf, type Envelope, type Recorded } from '../domain/event.ts'
import { isWithin } from '../domain/organisation-tree.ts'
import { canonicalJson } from '../domain/rating/canonical.ts'
import { compareRuns } from '../domain/rating/compare.ts'
import { FactBase } from '../domain/rating/fact-base.ts'
import { type OfficeRating, type Run, rate } from '../domain/rating/rate.ts'
import { type Scheme, schemeRef, schemeSchema } from '../domain/rating/scheme-schema.ts'
import { factSources } from '../domain/rating/sources/all.ts'
import type { Directory } from '../projections/directory.ts'
import { decodeEnvelope, upcast } from '../store/envelope.ts'
import type { EventLog, StoredEvent } from '../store/port.ts'
import { digestOf, type Rating, type RunQuestion } from './rating.ts'

/** Categories that stay at home: tokens' hashes, links between subjects of personal data. */
const WITHHELD = new Set(['person', 'subjects', 'erasure'])
/** Categories every scope needs of its superiors. */
const RULES = new Set(['organisation', 'office', 'worker', 'calendar', 'limits', 'scheme'])
const FILES = ['events.ndjson', 'schemes.json', 'ratings.json'] as const
const PAGE = 5_000

const fileEntry = z.strictObject({
  name: z.enum(FILES),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})
const manifestSchema = z.strictObject({
  format: z.literal('duban-bundle@1'),
  /** Division code of the scope; absent: everything. */
  division: z.string().optional(),
  asOf: z.int().min(-1),
  events: z.int().min(0),
  /** Index of each line of events.ndjson, as [first, last] ranges in order. */
  indexes: z.array(z.tuple([z.int(), z.int()])),
  /** Categories that were left out for the protection of persons. */
  withheld: z.array(z.string()),
  files: z.array(fileEntry).length(FILES.length),
})
type Manifest = z.output<typeof manifestSchema>

export interface Exported {
  readonly events: number
  readonly ratings: number
  /** SHA-256 of the manifest: names the bundle. */
  readonly digest: string
}

export interface BundlePorts {
  readonly log: EventLog
  readonly people: Directory
  readonly rating: Rating
}

type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal }

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

/** Offices a stream's event names, as ratings read it. */
function officesNamed(stream: string, envelope: Envelope): Iterable<string> {
  const source = factSources.find((candidate) => candidate.category === categoryOf(stream))
  if (!source) return []
  const data =
    envelope.corrects && envelope.corrects.mode !== 'annul'
      ? (envelope.data as { data?: unknown })?.data
      : envelope.data
  return source.offices(stream, (data ?? null) as never)
}

/** Streams in a scope: of organisations in it; of its superiors the rules, and whatever is about its offices. */
function scopeOf(ports: BundlePorts, division: string, size: number): ReadonlySet<string> {
  const { log, people } = ports
  const offices = new Set(people.officesUnder(division).map(({ id }) => id))
  const inside = (organisation: string) => isWithin(people.divisionOf(organisation) ?? '', division)
  const above = (organisation: string) => isWithin(division, people.divisionOf(organisation) ?? '')
  const streams = new Set<string>()
  for (let from = 0; from < size; from += PAGE)
    for (const stored of log.read(from, PAGE, size)) {
      if (streams.has(stored.stream)) continue
      const envelope = decodeEnvelope(stored.bytes)
      const owner = envelope.organisation
      if (
        inside(owner) ||
        (above(owner) && RULES.has(categoryOf(stored.stream))) ||
        [...officesNamed(stored.stream, envelope)].some((office) => offices.has(office))
      )
        streams.add(stored.stream)
    }
  return streams
}

/**
 * Writes a bundle into an empty directory.
 * Refuses `data-directory-not-empty`, and what a run refuses.
 */
export async function exportBundle(ports: BundlePorts, out: string, question: RunQuestion): Promise<Answer<Exported>> {
  if (existsSync(out) && readdirSync(out).length > 0) return { ok: false, refusal: refusal('data-directory-not-empty') }
  const computed = await ports.rating.runLarge(question)
  if (!computed.ok) return computed
  const { run, offices } = computed.value
  const scheme = ports.rating.schemeOf(run.scheme)
  if (!scheme) return { ok: false, refusal: refusal('scheme-not-published') }
  mkdirSync(out, { recursive: true, mode: 0o700 })
  const size = run.asOf + 1
  const scope = question.division === undefined ? undefined : scopeOf(ports, question.division, size)
  const written = await writeEvents(ports.log, size, join(out, 'events.ndjson'), ({ stream }) =>
    WITHHELD.has(categoryOf(stream)) ? false : (scope?.has(stream) ?? true),
  )
  const schemes = `${canonicalJson([scheme])}\n`
  const ratings = `${canonicalJson({ run, offices })}\n`
  writeFileSync(join(out, 'schemes.json'), schemes, { mode: 0o600 })
  writeFileSync(join(out, 'ratings.json'), ratings, { mode: 0o600 })
  const manifest: Manifest = {
    format: 'duban-bundle@1',
    ...(question.division === undefined ? {} : { division: question.division }),
    asOf: run.asOf,
    events: written.events,
    indexes: written.indexes,
    withheld: [...WITHHELD],
    files: [
      { name: 'events.ndjson', bytes: written.bytes, sha256: written.sha256 },
      { name: 'schemes.json', bytes: Buffer.byteLength(schemes), sha256: sha256(schemes) },
      { name: 'ratings.json', bytes: Buffer.byteLength(ratings), sha256: sha256(ratings) },
    ],
  }
  const text = `${canonicalJson(manifest)}\n`
  const digest = sha256(text)
  writeFileSync(join(out, 'manifest.json'), text, { mode: 0o600 })
  // The name of the bundle, to be handed over by another way than the bundle itself.
  writeFileSync(join(out, 'manifest.sha256'), digestFile(digest), { mode: 0o600 })
  return { ok: true, value: { events: written.events, ratings: offices.length, digest } }
}

/** The text of `manifest.sha256`: what `sha256sum --check` reads, and as a comment the hash of that line itself. */
function digestFile(digest: string): string {
  const line = `${digest}  manifest.json\n`
  return `${line}# ${sha256(line)}\n`
}

async function writeEvents(
  log: EventLog,
  size: number,
  path: string,
  wanted: (event: StoredEvent) => boolean,
): Promise<{ events: number; indexes: [number, number][]; bytes: number; sha256: string }> {
  const file = createWriteStream(path, { mode: 0o600 })
  const hash: Hash = createHash('sha256')
  const indexes: [number, number][] = []
  let events = 0
  let bytes = 0
  for (let from = 0; from < size; from += PAGE) {
    const lines: Uint8Array[] = []
    for (const stored of log.read(from, PAGE, size)) {
      if (!wanted(stored)) continue
      lines.push(stored.bytes, NEWLINE)
      const last = indexes.at(-1)
      if (last && last[1] === stored.index! - 1) last[1] = stored.index!
      else indexes.push([stored.index!, stored.index!])
      events++
    }
    const chunk = Buffer.concat(lines)
    hash.update(chunk)
    bytes += chunk.length
    if (!file.write(chunk)) await new Promise<void>((resolve) => file.once('drain', () => resolve()))
  }
  file.end()
  await finished(file)
  return { events, indexes, bytes, sha256: hash.digest('hex') }
}
const NEWLINE = Buffer.from('\n')

export interface Difference {
  /** File of the bundle, or office. */
  readonly where: string
  readonly what: string
}
export interface Recomputed {
  readonly ratings: number
  readonly equal: boolean
  readonly differences: readonly Difference[]
}

const changed = (where: string, what: string): Recomputed => ({
  ratings: 0,
  equal: false,
  differences: [{ where, what }],
})

async function hashFile(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk as Buffer)
    bytes += (chunk as Buffer).length
  }
  return { bytes, sha256: hash.digest('hex') }
}

/**
 * Computes the ratings of a bundle again from its events and schemes, and compares. Hashes are checked before anything is parsed.
 * @throws Error with code `input-unreadable` where a file of the bundle is missing
 */
export async function recomputeBundle(directory: string): Promise<Recomputed> {
  const path = (name: string) => join(directory, name)
  for (const name of [...FILES, 'manifest.json', 'manifest.sha256'])
    if (!existsSync(path(name))) throw Object.assign(new Error(`${name} is missing`), { code: 'input-unreadable' })
  const text = readFileSync(path('manifest.json'))
  const named = readFileSync(path('manifest.sha256'), 'latin1')
  const [digest = ''] = named.split(' ', 1)
  if (named !== digestFile(digest)) return changed('manifest.sha256', 'it is not as it was written')
  if (sha256(text) !== digest) return changed('manifest.json', `sha256 ${sha256(text)}; expected ${digest}`)
  const parsed = manifestSchema.safeParse(JSON.parse(text.toString('utf8')))
  if (!parsed.success) return changed('manifest.json', parsed.error.issues[0]!.message)
  const manifest = parsed.data
  const differences: Difference[] = []
  for (const entry of manifest.files) {
    const found = await hashFile(path(entry.name))
    if (found.sha256 !== entry.sha256)
      differences.push({
        where: entry.name,
        what: `sha256 ${found.sha256}, ${found.bytes} bytes; expected ${entry.sha256}, ${entry.bytes} bytes`,
      })
  }
  if (differences.length > 0) return { ratings: 0, equal: false, differences }

  const schemes = z.array(schemeSchema).parse(JSON.parse(readFileSync(path('schemes.json'), 'utf8')))
  const claimed = JSON.parse(readFileSync(path('ratings.json'), 'utf8')) as {
    run: { asOf: number; effectiveAt: string; scheme: string; digest: string }
    offices: OfficeRating[]
  }
  const scheme = schemes.find((candidate: Scheme) => schemeRef(candidate) === claimed.run.scheme)
  if (!scheme) return changed('schemes.json', `${claimed.run.scheme} is not in it`)
  const base = new FactBase()
  const broken = await readEvents(path('events.ndjson'), manifest, base, scheme)
  if (broken) return { ratings: 0, equal: false, differences: [broken] }
  const { asOf, effectiveAt } = claimed.run
  const run: Run = rate(base, { asOf, effectiveAt, scheme, offices: claimed.offices.map(({ office }) => office) })
  const stated: Run = { asOf, effectiveAt, scheme: claimed.run.scheme, offices: claimed.offices }
  for (const comparison of compareRuns(stated, run))
    differences.push({
      where: comparison.office,
      what: `stated level ${comparison.from}, recomputed ${comparison.to}; points ${comparison.pointsFrom} and ${comparison.pointsTo}`,
    })
  const computed = digestOf(run)
  if (computed !== claimed.run.digest && differences.length === 0)
    differences.push({ where: 'ratings.json', what: `digest ${claimed.run.digest}, recomputed ${computed}` })
  return { ratings: run.offices.length, equal: differences.length === 0, differences }
}

/** Fills the facts; the published scheme in the events must be the one that the bundle rates by. */
async function readEvents(
  path: string,
  manifest: Manifest,
  base: FactBase,
  scheme: Scheme,
): Promise<Difference | undefined> {
  const ranges = manifest.indexes.values()
  let range = ranges.next().value
  let index = range?.[0] ?? 0
  let count = 0
  const types = new Map<string, Map<string, string>>()
  let published: unknown
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (!range) return { where: 'events.ndjson', what: `more lines than the manifest's ${manifest.events}` }
    const envelope = JSON.parse(line) as Envelope
    count++
    if (base.reads(envelope.stream, envelope.type) || envelope.type === 'SchemePublished') {
      const known = types.get(envelope.stream) ?? new Map<string, string>()
      types.set(envelope.stream, known)
      known.set(envelope.id, envelope.type)
      const decider = deciderOf(categoryOf(envelope.stream))
      if (decider) {
        const event: Recorded = upcast(envelope, index, decider.events, (id) => known.get(id))
        if (event.type === 'SchemePublished') {
          const found = (event.data as { scheme: Scheme }).scheme
          if (schemeRef(found) === schemeRef(scheme)) published = found
        } else base.add(event)
      }
    }
    if (index === range[1]) {
      range = ranges.next().value
      index = range?.[0] ?? 0
    } else index++
  }
  if (count !== manifest.events) return { where: 'events.ndjson', what: `${count} lines, manifest ${manifest.events}` }
  // Its end may have been set by a later event; everything else of a published version never changes.
  const withoutEnd = (value: unknown) => canonicalJson({ ...(value as Scheme), validUntil: undefined })
  if (published !== undefined && withoutEnd(published) !== withoutEnd(scheme))
    return { where: 'schemes.json', what: `${schemeRef(scheme)} is not as it was published in the events` }
  return undefined
}
