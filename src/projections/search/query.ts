/**
 * Questions to the search index, answered from what one reader may see and nothing else: hits, totals, ranks and pages are
 * made of the texts that his rights open. Who may open what is the caller's to say, case by case kind.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { decodeCursor, encodeCursor, type PageRequest } from '../queries/cursor.ts'
import type { SeriesNumber } from '../stream-rows.ts'
import { type Kind, kinds, rowOf, TEXTS_A_CASE, type TextRow } from './file.ts'
import { matchOf, occurrences, pairsOf, type Query, type Term } from './text.ts'

/** What of a case a reader may see: nothing, that it is there, its own texts, or the persons in it too. */
export const UNSEEN = 0
export const LISTED = 1
export const NARRATIVE = 2
export const IDENTITY = 3
export type Sight = typeof UNSEEN | typeof LISTED | typeof NARRATIVE | typeof IDENTITY

/** What rights look at, as the index keeps it: many cases share one. */
export interface StoredResource {
  /** Organisation that owned the case when it was indexed. */
  readonly owner: string
  readonly respondentOffice?: string
}

export interface SearchQuestion {
  readonly query: Query
  /** What the reader sees of the cases of a category with this resource. */
  readonly sight: (resource: StoredResource, category: string) => Sight
  /** Offices by a term: their names are plain. */
  readonly officesNamed: (phrase: string) => ReadonlySet<string>
  readonly category?: string
}

/** One case that matches. */
export interface SearchHit {
  readonly stream: string
  readonly category: string
  readonly score: number
  /** Its number in its series, and its ledger's. */
  readonly number: SeriesNumber | null
  readonly ledger: string | null
  /** The texts in it that match, best first. */
  readonly texts: readonly TextRow[]
}

export interface SearchPage {
  readonly total: number
  readonly hits: readonly SearchHit[]
  readonly next?: string
}

/** Matching texts up to which hits are ranked; beyond, the newest come first: nobody reads so many. */
export const MOST_RANKED = 2_000
/** Texts shown of a hit. */
const TEXTS_SHOWN = 3
/** BM25. */
const K1 = 1.2
const B = 0.75
/** Scores are whole millionths, so that pages join. */
const PRECISION = 1e6

interface Matches {
  /** By kind: what matches and the reader may see. */
  readonly texts: readonly (readonly number[])[]
  /** By case id, and how many cases that are. */
  readonly cases: Uint8Array
  readonly count: number
}

const minimum: Readonly<Record<Kind, Sight>> = { narrative: NARRATIVE, identity: IDENTITY }
const caseOf = (text: number): number => Math.floor(text / TEXTS_A_CASE)

interface Ranked {
  readonly id: number
  readonly score: number
}
type PlaceInHits = readonly [score: number, id: number]
interface PageOfIds {
  readonly shown: readonly Ranked[]
  readonly more: boolean
}

function pageOfRanked(ranked: readonly Ranked[], place: PlaceInHits | undefined, limit = ranked.length): PageOfIds {
  const after = place
    ? ranked.filter(({ id, score }) => score < place[0] || (score === place[0] && id < place[1]))
    : ranked
  return { shown: after.slice(0, limit), more: after.length > limit }
}

/** The same without ranks: every score is 0. */
function pageOfNewest(found: readonly number[], place: PlaceInHits | undefined, limit = found.length): PageOfIds {
  const shown: Ranked[] = []
  const before = place && place[0] <= 0 ? place[1] : Number.POSITIVE_INFINITY
  for (let i = found.length - 1; i >= 0; i--) {
    if (found[i]! >= before) continue
    if (shown.length === limit) return { shown, more: true }
    shown.push({ id: found[i]!, score: 0 })
  }
  return { shown, more: false }
}

/** Reading beside the keeper, on a connection of its own: each question is one snapshot. */
export class SearchReader {
  readonly #db: DatabaseSync
  readonly #rowids: Readonly<Record<Kind, StatementSync>>
  readonly #resources: StoredResource[] = []
  /** By case id: place of its resource (0: nothing stands), and its category. */
  #resourceOf = new Int32Array(1024)
  #categoryOf = new Uint8Array(1024)
  #cases = 0
  readonly #categories: string[] = []
  #loaded = 0

  /** @throws where the file is not there */
  constructor(path: string) {
    this.#db = new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
    this.#db.exec('PRAGMA cache_size = -65536; PRAGMA mmap_size = 1073741824; PRAGMA temp_store = MEMORY')
    const rowids = (kind: Kind) => {
      const statement = this.#db.prepare(`SELECT json_group_array(rowid) FROM ${kind} WHERE ${kind} MATCH ?`)
      statement.setReturnArrays(true)
      return statement
    }
    this.#rowids = { narrative: rowids('narrative'), identity: rowids('identity') }
  }

  /** Version of the file, and how many events it has taken. */
  state(): { version: number; size: number } {
    const { user_version: version } = this.#db.prepare('PRAGMA user_version').get() as { user_version: number }
    const row = this.#db.prepare('SELECT size FROM followed').get() as { size: number }
    return { version, size: row.size }
  }

  /**
   * A page of hits, best first; among equals the case that was opened later.
   * @throws CursorInvalid
   */
  page(question: SearchQuestion, { limit, cursor }: PageRequest): SearchPage {
    const place = cursor === undefined ? undefined : (decodeCursor(cursor, ['number', 'number']) as [number, number])
    return this.#snapshot(() => {
      const sights = this.#sights(question)
      const { found, terms } = this.#find(question, sights)
      const ranked = this.#rank(found, terms, question.query.all, sights)
      const { shown, more } = ranked ? pageOfRanked(ranked, place, limit) : pageOfNewest(found, place, limit)
      const last = shown.at(-1)
      const texts = this.#bestTexts(new Set(shown.map(({ id }) => id)), terms, question.query.all)
      return {
        total: found.length,
        hits: shown.map(({ id, score }) => ({
          ...this.#caseNamed(id),
          score: score / PRECISION,
          texts: texts.get(id) ?? [],
        })),
        ...(last && more ? { next: encodeCursor([last.score, last.id]) } : {}),
      }
    })
  }

  /** Every case that matches, in no order. */
  streams(question: SearchQuestion): string[] {
    return this.#snapshot(() => {
      const { found } = this.#find(question, this.#sights(question))
      const rows = this.#db
        .prepare('SELECT stream FROM streams WHERE id IN (SELECT value FROM json_each(?))')
        .all(JSON.stringify(found))
      return rows.map((row) => (row as { stream: string }).stream)
    })
  }

  /** The cases in which subjects are named. */
  streamsOfSubjects(subjects: readonly string[]): { stream: string; category: string; subject: string }[] {
    const rows = this.#db
      .prepare(
        `SELECT DISTINCT stream, category, subject FROM texts JOIN streams ON streams.id = texts.id / ${TEXTS_A_CASE}
         WHERE subject IN (SELECT value FROM json_each(?)) ORDER BY streams.id DESC`,
      )
      .all(JSON.stringify(subjects))
    return rows as unknown as { stream: string; category: string; subject: string }[]
  }

  /**
   * Cases whose own texts are most like a text: by the share of its pairs that they have in common.
   * @param limit how many
   */
  similar(
    canon: string,
    { sight, category }: Pick<SearchQuestion, 'sight' | 'category'>,
    limit: number,
  ): { stream: string; likeness: number }[] {
    return this.#snapshot(() => {
      const sights = this.#sights({ sight, ...(category === undefined ? {} : { category }) })
      const pairs = pairsOf(canon)
      const weights = new Map<number, number>()
      // Rare pairs tell most; those in every other text tell nothing and cost most.
      const count = this.#db.prepare(
        'SELECT count(*) AS n FROM (SELECT 1 FROM narrative WHERE narrative MATCH ? LIMIT ?)',
      )
      const rare = [...pairs]
        .map((pair) => ({ pair, n: (count.get(matchOf(pair), PAIR_TOO_COMMON) as { n: number }).n }))
        .filter(({ n }) => n > 0 && n < PAIR_TOO_COMMON)
        .sort((a, b) => a.n - b.n)
        .slice(0, PAIRS_ASKED)
      const seen = rare.map(({ pair }) => this.#texts('narrative', pair, sights))
      for (const texts of seen)
        for (const text of texts) weights.set(text, (weights.get(text) ?? 0) + 1 / Math.log(2 + texts.length))
      const best = [...weights].sort(([a, x], [b, y]) => y - x || b - a).slice(0, TEXTS_COMPARED)
      const likeness = new Map<number, number>()
      for (const row of this.#rows(best.map(([id]) => id))) {
        if (row.canon === null) continue
        const there = pairsOf(row.canon)
        let common = 0
        for (const pair of pairs) if (there.has(pair)) common++
        const share = common / Math.max(1, Math.min(pairs.size, there.size))
        // A text of a few words is like everything.
        const weight = Math.min(1, Math.min(pairs.size, there.size) / PAIRS_TO_TRUST)
        const id = caseOf(row.id)
        likeness.set(id, Math.max(likeness.get(id) ?? 0, share * weight))
      }
      return [...likeness]
        .sort(([a, x], [b, y]) => y - x || b - a)
        .slice(0, limit)
        .map(([id, value]) => ({ stream: this.#caseNamed(id).stream, likeness: value }))
    })
  }

  close(): void {
    this.#db.close()
  }

  #snapshot<T>(run: () => T): T {
    this.#db.exec('BEGIN')
    try {
      this.#load()
      return run()
    } finally {
      this.#db.exec('COMMIT')
    }
  }

  /** Takes over what is new since the last question. */
  #load(): void {
    const { size } = this.#db.prepare('SELECT size FROM followed').get() as { size: number }
    if (size === this.#loaded) return
    const resources = this.#db.prepare('SELECT id, json FROM resources WHERE id > ? ORDER BY id')
    for (const row of resources.all(this.#resources.length) as unknown as { id: number; json: string }[])
      this.#resources[row.id - 1] = JSON.parse(row.json) as StoredResource
    const cases = this.#db.prepare('SELECT id, category, resource FROM streams WHERE changed > ?')
    cases.setReturnArrays(true)
    for (const [id, category, resource] of cases.all(this.#loaded) as unknown as [number, string, number | null][]) {
      if (id >= this.#resourceOf.length) this.#grow(id)
      let place = this.#categories.indexOf(category)
      if (place < 0) place = this.#categories.push(category) - 1
      this.#resourceOf[id] = resource ?? 0
      this.#categoryOf[id] = place
      this.#cases = Math.max(this.#cases, id)
    }
    this.#loaded = size
  }

  #grow(id: number): void {
    const resourceOf = new Int32Array(id * 2)
    const categoryOf = new Uint8Array(id * 2)
    resourceOf.set(this.#resourceOf)
    categoryOf.set(this.#categoryOf)
    this.#resourceOf = resourceOf
    this.#categoryOf = categoryOf
  }

  /** What the reader sees of each case, by its id. Asked once for each resource. */
  #sights({ sight, category }: Pick<SearchQuestion, 'sight' | 'category'>): Uint8Array {
    const sights = new Uint8Array(this.#cases + 1)
    const decided = this.#categories.map(() => new Uint8Array(this.#resources.length + 1).fill(255))
    for (let id = 1; id <= this.#cases; id++) {
      const resource = this.#resourceOf[id]!
      const place = this.#categoryOf[id]!
      if (resource === 0 || (category !== undefined && this.#categories[place] !== category)) continue
      let known = decided[place]![resource]!
      if (known === 255) {
        known = sight(this.#resources[resource - 1]!, this.#categories[place]!)
        decided[place]![resource] = known
      }
      sights[id] = known
    }
    return sights
  }

  /** Texts of a kind that match and that the reader may see, oldest first. */
  #texts(kind: Kind, phrase: string, sights: Uint8Array): number[] {
    const [json] = this.#rowids[kind].get(matchOf(phrase)) as unknown as [string]
    const needed = minimum[kind]
    const texts = JSON.parse(json) as number[]
    let kept = 0
    for (const text of texts) if (sights[caseOf(text)]! >= needed) texts[kept++] = text
    texts.length = kept
    return texts
  }

  #matches(term: Term, { officesNamed }: Pick<SearchQuestion, 'officesNamed'>, sights: Uint8Array): Matches {
    const cases = new Uint8Array(sights.length)
    let count = 0
    const mark = (id: number) => {
      if (cases[id] === 1 || sights[id] === UNSEEN) return
      cases[id] = 1
      count++
    }
    const texts = kinds.map((kind) => this.#texts(kind, term.phrase, sights))
    for (const each of texts) for (const text of each) mark(caseOf(text))
    const offices = officesNamed(term.phrase)
    if (offices.size > 0) {
      const named = this.#resources.map(
        ({ respondentOffice }) => respondentOffice !== undefined && offices.has(respondentOffice),
      )
      for (let id = 1; id < sights.length; id++) if (named[this.#resourceOf[id]! - 1]) mark(id)
    }
    for (const id of this.#numbered(term.written)) mark(id)
    return { texts, cases, count }
  }

  /** Cases by their number, read as people write it, or by a part of their ledger's. */
  #numbered(text: string): number[] {
    const ids: number[] = []
    const add = (sql: string, ...values: (string | number)[]) => {
      for (const row of this.#db.prepare(`SELECT id FROM streams WHERE ${sql}`).all(...values))
        ids.push((row as { id: number }).id)
    }
    const written = /(?:〔|\[|［)?(\d{4})(?:〕|\]|］|-)\D*0*(\d{1,9})\D*$/.exec(text)
    if (written) add('sequence = ? AND year = ?', Number(written[2]), Number(written[1]))
    else if (/^\d{1,9}$/.test(text)) add('sequence = ?', Number(text))
    add('ledger IS NOT NULL AND instr(ledger, ?) > 0', text)
    return ids
  }

  #find(question: SearchQuestion, sights: Uint8Array): { found: number[]; terms: Matches[] } {
    const { query } = question
    const terms = query.all.map((term) => this.#matches(term, question, sights))
    const without = query.none.map((term) => this.#matches(term, question, sights))
    const [first] = terms as [Matches]
    const still = Uint8Array.from(first.cases)
    for (const { cases } of terms) for (let id = 1; id < still.length; id++) still[id]! &= cases[id]!
    for (const { cases } of without) for (let id = 1; id < still.length; id++) if (cases[id] === 1) still[id] = 0
    const found: number[] = []
    for (let id = 1; id < still.length; id++) if (still[id] === 1) found.push(id)
    return { found, terms }
  }

  /** BM25 over what the reader sees: a term weighs by the cases in which he finds it. Undefined where nothing is ranked. */
  #rank(
    found: readonly number[],
    terms: readonly Matches[],
    asked: readonly Term[],
    sights: Uint8Array,
  ): Ranked[] | undefined {
    const candidates = new Uint8Array(sights.length)
    for (const id of found) candidates[id] = 1
    const wanted = new Set<number>()
    for (const { texts } of terms)
      for (const each of texts)
        for (const text of each) {
          if (candidates[caseOf(text)] === 0) continue
          wanted.add(text)
          if (wanted.size > MOST_RANKED) return undefined
        }
    const rows = this.#db
      .prepare('SELECT id, canon FROM texts WHERE id IN (SELECT value FROM json_each(?))')
      .all(JSON.stringify([...wanted])) as unknown as Pick<TextRow, 'id' | 'canon'>[]
    if (rows.length === 0) return undefined
    const average = rows.reduce((sum, { canon }) => sum + (canon?.length ?? 0), 0) / rows.length
    let seen = 0
    for (const sight of sights) if (sight >= NARRATIVE) seen++
    const weights = terms.map(({ count }) => Math.log(1 + (seen - count + 0.5) / (count + 0.5)))
    const best = new Map<number, number[]>()
    for (const { id, canon } of rows) {
      if (canon === null) continue
      const scores = best.get(caseOf(id)) ?? asked.map(() => 0)
      best.set(caseOf(id), scores)
      for (const [i, { phrase }] of asked.entries()) {
        const count = occurrences(canon, phrase).length
        if (count === 0) continue
        const score = (count * (K1 + 1)) / (count + K1 * (1 - B + (B * canon.length) / average))
        scores[i] = Math.max(scores[i]!, weights[i]! * score)
      }
    }
    return found
      .map((id) => {
        const sum = best.get(id)?.reduce((a, b) => a + b, 0) ?? 0
        return { id, score: Math.round(sum * PRECISION) }
      })
      .sort((a, b) => b.score - a.score || b.id - a.id)
  }

  /** The texts of each of these cases that show most of what was asked. */
  #bestTexts(ids: ReadonlySet<number>, terms: readonly Matches[], asked: readonly Term[]): Map<number, TextRow[]> {
    const own = new Set<number>()
    for (const { texts } of terms)
      for (const each of texts) for (const text of each) if (ids.has(caseOf(text))) own.add(text)
    const found = new Map<number, { row: TextRow; terms: number }[]>()
    for (const row of this.#rows([...own])) {
      const shown = asked.filter(({ phrase }) => row.canon !== null && occurrences(row.canon, phrase).length > 0).length
      const others = found.get(caseOf(row.id)) ?? []
      found.set(caseOf(row.id), [...others, { row, terms: shown }])
    }
    const best = (rows: { row: TextRow; terms: number }[]) =>
      rows
        .sort((a, b) => b.terms - a.terms || a.row.id - b.row.id)
        .slice(0, TEXTS_SHOWN)
        .map(({ row }) => row)
    return new Map([...found].map(([id, rows]) => [id, best(rows)]))
  }

  #rows(ids: readonly number[]): TextRow[] {
    const rows = this.#db
      .prepare('SELECT * FROM texts WHERE id IN (SELECT value FROM json_each(?))')
      .all(JSON.stringify(ids))
    return rows.map((row) => rowOf(row as unknown as Parameters<typeof rowOf>[0]))
  }

  #caseNamed(id: number): Pick<SearchHit, 'stream' | 'category' | 'number' | 'ledger'> {
    const row = this.#db.prepare('SELECT stream, category, series, ledger FROM streams WHERE id = ?').get(id)
    const { series, ...named } = row as unknown as {
      stream: string
      category: string
      series: string | null
      ledger: string | null
    }
    return { ...named, number: series === null ? null : (JSON.parse(series) as SeriesNumber) }
  }
}

/** A pair in so many texts says nothing about likeness. */
const PAIR_TOO_COMMON = 5_000
/** Of a matter's pairs, how many are asked for, how many texts are then compared, and from how many pairs likeness is trusted. */
const PAIRS_ASKED = 24
const TEXTS_COMPARED = 200
const PAIRS_TO_TRUST = 12
