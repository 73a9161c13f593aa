/**
 * Fills the search index: follows the log in its own loop and slices, opens sealed fields through the vault in batches, and
 * keeps with each case what rights look at. What a correction takes out or replaces is taken out or replaced here.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { categoryOf, type Recorded, type Step } from '../../domain/event.ts'
import { correctedSteps, isCorrection } from '../../domain/history.ts'
import { type Ciphertext, isCiphertext } from '../../domain/sealed.ts'
import type { EventLog } from '../../store/port.ts'
import { type Opened, type OpenRequest, type Vault, VaultUnavailable } from '../../trust/ports.ts'
import { readStream } from '../decoding.ts'
import { Follower } from '../follower.ts'
import type { DeciderOf } from '../projection.ts'
import { allocatedNumber } from '../stream-rows.ts'
import { foldAll, foldEvent, type StreamFold } from '../streams.ts'
import { type Kind, kinds, SCHEMA, TEXTS_A_CASE, type TextPlace, type TextRow, TextTables, VERSION } from './file.ts'
import { canonical, tokensOf } from './text.ts'

/** What the index must know of a category. */
export interface Searchable {
  /** What rights look at, as JSON values; ids only. */
  readonly resource: (state: unknown, id: string) => object
  /** The case's own subject: its texts are narrative, those of other subjects identity. */
  readonly subject: (state: unknown) => string | undefined
}

export interface SearchKeeperOptions {
  readonly path: string
  readonly log: EventLog
  readonly deciders: DeciderOf
  readonly searchable: Readonly<Record<string, Searchable>>
  readonly vault: Pick<Vault, 'open' | 'ready'>
  readonly onError?: (error: unknown) => void
}

/** Events in one transaction. */
const BATCH = 600
/** Texts opened and written before others get their turn. */
const SLICE = 32
/** Folds kept in memory. */
const KEPT = 5_000

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The categories an index holds are part of its version: one more, and it begins anew. */
export function versionOf(categories: Iterable<string>): number {
  let hash = VERSION
  for (const character of [...categories].sort().join(' '))
    hash = (hash * 31 + character.codePointAt(0)!) % 2_000_000_011
  return hash
}

export interface FoundText extends TextPlace {
  readonly cipher: Ciphertext
}

/** Fields that nobody searches: the digest of a file's content. */
const UNSEARCHED = new Set(['plaintextSha256'])

/** The sealed fields of some data, with their paths below that data. */
function sealedIn(
  value: unknown,
  path: readonly string[],
  found: { path: readonly string[]; cipher: Ciphertext }[],
): void {
  if (isCiphertext(value)) {
    if (!UNSEARCHED.has(path.at(-1) ?? '')) found.push({ path, cipher: value })
  } else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) sealedIn(item, [...path, key], found)
}

/** The sealed texts of steps, with where each stands. */
export function textsOf(steps: readonly Pick<Step, 'data' | 'sealedBy'>[]): FoundText[] {
  return steps.flatMap(({ data, sealedBy }) => {
    const found: { path: readonly string[]; cipher: Ciphertext }[] = []
    sealedIn(data, [], found)
    return found.map(({ path, cipher }) => ({ event: sealedBy.event, path: [...sealedBy.path, ...path], cipher }))
  })
}

/** Tells one text of a stream from another. */
export const keyOf = ({ event, path }: TextPlace): string => JSON.stringify([event, path])

const statements = (
  db: DatabaseSync,
): Record<
  'findCase' | 'addCase' | 'putCase' | 'countTexts' | 'putNumber' | 'addResource' | 'findResource',
  StatementSync
> => ({
  findCase: db.prepare('SELECT id, texts FROM streams WHERE stream = ?'),
  addCase: db.prepare('INSERT INTO streams (stream, category, changed) VALUES (?, ?, ?)'),
  putCase: db.prepare('UPDATE streams SET resource = ?, ledger = ?, changed = ? WHERE id = ?'),
  countTexts: db.prepare('UPDATE streams SET texts = ? WHERE id = ?'),
  putNumber: db.prepare('UPDATE streams SET sequence = ?, year = ?, series = ?, changed = ? WHERE id = ?'),
  addResource: db.prepare('INSERT INTO resources (json) VALUES (?) ON CONFLICT DO NOTHING'),
  findResource: db.prepare('SELECT id FROM resources WHERE json = ?'),
})

interface CaseRow {
  readonly id: number
  texts: number
}

/** A text to be opened and put into the index. */
interface Task extends Omit<TextRow, 'canon'> {
  readonly request: OpenRequest
}

export class SearchKeeper {
  readonly follower: Follower
  readonly #options: SearchKeeperOptions
  readonly #texts: TextTables
  readonly #folds = new Map<string, StreamFold>()
  readonly #sql: ReturnType<typeof statements>

  constructor(options: SearchKeeperOptions) {
    this.#options = options
    this.follower = new Follower({
      path: options.path,
      version: versionOf(Object.keys(options.searchable)),
      schema: SCHEMA,
      log: options.log,
      deciders: options.deciders,
      batch: BATCH,
      overwrites: true,
      ready: async () => (await options.vault.ready()).ok,
      take: (_db, events) => this.#take(events),
      onError: (error) => {
        // What was folded for a slice that is taken back is folded again.
        this.#folds.clear()
        options.onError?.(error)
      },
    })
    this.#texts = new TextTables(this.follower.db)
    this.#sql = statements(this.follower.db)
  }

  wake(): void {
    this.follower.wake()
  }

  close(): Promise<void> {
    return this.follower.close()
  }

  /**
   * Takes every text of these subjects out of the file, to the last byte, and answers how many there were. For erasure and
   * restriction, after the vault has closed the subject: what is recorded later does not open any more.
   */
  forget(subjects: Iterable<string>): Promise<number> {
    return this.follower.exclusive(async (db) => {
      const rows = [...new Set(subjects)].flatMap((subject) => this.#texts.ofSubject(subject))
      const readable = rows.filter(({ canon }) => canon !== null)
      for (let i = 0; i < readable.length; i += SLICE) {
        db.exec('BEGIN IMMEDIATE')
        for (const row of readable.slice(i, i + SLICE)) this.#texts.empty(row)
        db.exec('COMMIT')
        await turn()
      }
      for (const kind of kinds) {
        const words = new Set<string>()
        for (const row of readable)
          if (row.kind === kind) for (const word of tokensOf(row.canon!).split(' ')) if (word !== '') words.add(word)
        for (const _slice of this.#texts.scrub(kind, words)) await turn()
      }
      // Earlier pages stand in the write-ahead log until it is written back and cut.
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      return readable.length
    })
  }

  /** Opens again what was left out of these subjects: after a restriction is lifted. */
  refresh(subjects: Iterable<string>): Promise<number> {
    return this.follower.exclusive(async (db) => {
      const rows = [...new Set(subjects)].flatMap((subject) => this.#texts.ofSubject(subject))
      const left = rows.filter(({ canon }) => canon === null)
      const streamOf = db.prepare('SELECT stream FROM streams WHERE id = ?')
      const tasks = left.flatMap((row): Task[] => {
        const { stream } = streamOf.get(Math.floor(row.id / TEXTS_A_CASE)) as { stream: string }
        const { log, deciders } = this.#options
        const found = textsOf(correctedSteps(readStream(log, deciders, stream))).find(
          (text) => keyOf(text) === keyOf(row),
        )
        return found ? [{ ...row, request: { ...row, stream, cipher: found.cipher } }] : []
      })
      const opened = await this.#open(tasks.map(({ request }) => request))
      db.exec('BEGIN IMMEDIATE')
      let filled = 0
      for (const [place, task] of tasks.entries()) {
        const text = opened[place]
        if (typeof text !== 'string') continue
        this.#texts.fill({ ...task, canon: null }, canonical(text))
        filled++
      }
      db.exec('COMMIT')
      return filled
    })
  }

  async #take(events: readonly Recorded[]): Promise<void> {
    const { log, deciders, searchable } = this.#options
    const touched = new Map<string, { fold: StreamFold; fresh: Recorded[]; again: boolean }>()
    const numbers: NonNullable<ReturnType<typeof allocatedNumber>>[] = []
    for (const event of events) {
      const allocated = allocatedNumber(event)
      if (allocated) numbers.push(allocated)
      const category = categoryOf(event.stream)
      if (!Object.hasOwn(searchable, category)) continue
      const decider = deciders(category)!
      const all = () => readStream(log, deciders, event.stream, event.index! + 1)
      const before = touched.get(event.stream)
      const kept = before?.fold ?? this.#folds.get(event.stream)
      const fold =
        kept === undefined && event.revision > 0 ? foldAll(decider, all())! : foldEvent(decider, kept, event, all)
      const again = isCorrection(event) || (before?.again ?? false)
      touched.set(event.stream, { fold, fresh: [...(before?.fresh ?? []), event], again })
    }
    const changed = events.at(-1)!.index! + 1
    const tasks: Task[] = []
    let done = 0
    for (const [stream, { fold, fresh, again }] of touched) {
      this.#keep(stream, fold)
      const category = categoryOf(stream)
      const row = this.#caseRow(stream, category, changed)
      const { resource, subject } = searchable[category]!
      const stands = fold.steps > 0
      this.#putCase(row.id, stands ? resource(fold.state, stream.slice(category.length + 1)) : undefined, fold, changed)
      const own = subject(fold.state)
      const last = fresh.at(-1)!.index! + 1
      const steps = correctedSteps(again ? readStream(log, deciders, stream, last) : fresh)
      const wanted = textsOf(stands ? steps : [])
      const there = again
        ? new Map(this.#texts.ofCase(row.id).map((text) => [keyOf(text), text]))
        : new Map<string, TextRow>()
      for (const text of wanted) {
        if (there.delete(keyOf(text)) || row.texts >= TEXTS_A_CASE) continue
        const { event, path, cipher } = text
        const kind: Kind = own !== undefined && cipher.sub === own ? 'narrative' : 'identity'
        const id = row.id * TEXTS_A_CASE + row.texts++
        tasks.push({ id, kind, subject: cipher.sub, event, path, request: { event, path, stream, cipher } })
      }
      for (const text of there.values()) this.#texts.remove(text)
      this.#sql.countTexts.run(row.texts, row.id)
      if (++done % SLICE === 0) await turn()
    }
    for (const { stream, number } of numbers) {
      const row = this.#caseRow(stream, categoryOf(stream), changed)
      this.#sql.putNumber.run(number.sequence, number.year, JSON.stringify(number), changed, row.id)
    }
    tasks.sort((a, b) => a.id - b.id)
    for (let i = 0; i < tasks.length; i += SLICE) {
      const slice = tasks.slice(i, i + SLICE)
      const opened = await this.#open(slice.map(({ request }) => request))
      for (const [place, task] of slice.entries()) {
        const text = opened[place]
        this.#texts.add({ ...task, canon: typeof text === 'string' ? canonical(text) : null })
      }
      await turn()
    }
  }

  /** @throws VaultUnavailable where nothing opens now: the slice is taken again later */
  async #open(requests: readonly OpenRequest[]): Promise<readonly Opened[]> {
    if (requests.length === 0) return []
    const opened = await this.#options.vault.open(requests)
    const away = opened.some((each) => typeof each === 'object' && 'unavailable' in each)
    if (away && !(await this.#options.vault.ready()).ok) throw new VaultUnavailable('texts cannot be opened now')
    return opened
  }

  #keep(stream: string, fold: StreamFold): void {
    this.#folds.delete(stream)
    this.#folds.set(stream, fold)
    if (this.#folds.size > KEPT) this.#folds.delete(this.#folds.keys().next().value!)
  }

  #caseRow(stream: string, category: string, changed: number): CaseRow {
    const found = this.#sql.findCase.get(stream) as CaseRow | undefined
    if (found) return { ...found }
    const added = this.#sql.addCase.run(stream, category, changed)
    return { id: Number(added.lastInsertRowid), texts: 0 }
  }

  #putCase(id: number, resource: object | undefined, fold: StreamFold, changed: number): void {
    const imported = (fold.state as { imported?: { ledgerNumber?: string } }).imported
    let place: number | null = null
    if (resource) {
      const json = JSON.stringify({ owner: fold.organisation, ...resource })
      this.#sql.addResource.run(json)
      place = (this.#sql.findResource.get(json) as { id: number }).id
    }
    this.#sql.putCase.run(place, imported?.ledgerNumber ?? null, changed, id)
  }
}
